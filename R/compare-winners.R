# Which model is best for each subject, and by how much.

# The criteria a comparison has by subject: their columns in `subjects`, and whether higher is
# better.
subject_criteria <- list(
  bic = c("bic", -1), aic = c("aic", -1), evidence = c("log_evidence", 1), loo = c("elpd_loo", 1),
  waic = c("elpd_waic", 1), heldout = c("heldout", 1)
)

# Subjects x models, higher is better; rows of subjects that are in the totals.
subject_scores <- function(x, criterion) {
  column <- subject_criteria[[criterion]]
  scores <- as.numeric(column[2L]) * subjects_wide(x, column[1L])
  scores[!rownames(scores) %in% as.character(x$left_out) & !is.na(rowSums(scores)), , drop = FALSE]
}

available_criteria <- function(x) {
  Filter(\(name) subject_criteria[[name]][1L] %in% names(x$subjects), names(subject_criteria))
}

add_winners <- function(x) {
  criteria <- available_criteria(x)
  criteria <- criteria[order(criteria != x$criterion)]
  if (length(criteria) > 0L) {
    x$winners <- do.call(rbind, lapply(criteria, \(name) winner_rows(x, name)))
    x$counts <- do.call(rbind, lapply(criteria, \(name) winner_counts(x, name)))
  }
  x
}

winner_rows <- function(x, criterion) {
  scores <- subject_scores(x, criterion)
  models <- colnames(scores)
  ranked <- t(apply(scores, 1L, order, decreasing = TRUE))
  pick <- \(place) scores[cbind(seq_len(nrow(scores)), ranked[, place])]
  ids <- unique(x$subjects$subject)
  data.frame(
    subject = ids[match(rownames(scores), as.character(ids))],
    criterion = rep(criterion, nrow(scores)),
    winner = models[ranked[, 1L]], second = models[ranked[, 2L]], margin = pick(1L) - pick(2L)
  )
}

winner_counts <- function(x, criterion) {
  own <- x$winners[x$winners$criterion == criterion, ]
  models <- x$models$model
  count <- tabulate(match(own$winner, models), length(models))
  margin <- vapply(models, \(m) stats::median(own$margin[own$winner == m]), 0, USE.NAMES = FALSE)
  data.frame(criterion = rep(criterion, length(models)), model = models, subjects = count,
    share = count / max(1L, nrow(own)), median_margin = margin)
}

criterion_labels <- c(bic = "BIC", aic = "AIC", ibic = "iBIC", evidence = "log evidence",
  loo = "elpd (LOO)", waic = "elpd (WAIC)", heldout = "held-out log-likelihood")

# The criterion by subject that goes with the leading one.
subject_criterion <- function(x, criterion = x$criterion) {
  known <- available_criteria(x)
  if (criterion %in% known) criterion else known[1L]
}

#' @rdname rl_compare
#' @export
summary.rl_compare <- function(object, ...) {
  check_dots_empty(...)
  if (is.null(object$winners)) {
    rescorla_abort(c(
      "This comparison has no criterion by subject.",
      i = "What subjects share belongs to none of them; {.code x$models} has the totals."
    ), "input")
  }
  criterion <- subject_criterion(object)
  own <- \(table) {
    table <- table[table$criterion == criterion, names(table) != "criterion"]
    row.names(table) <- NULL
    table
  }
  structure(
    list(criterion = criterion, counts = own(object$counts), winners = own(object$winners),
      all = object$counts),
    class = "summary.rl_compare"
  )
}

#' @rdname rl_compare
#' @export
print.summary.rl_compare <- function(x, ..., n = 10L, digits = 1L) {
  label <- criterion_labels[[x$criterion]]
  counts <- x$counts
  shown <- data.frame(
    model = short_names(counts$model), subjects = counts$subjects,
    share = formatC(counts$share, digits = 2L, format = "f"),
    "median margin" = print_number(counts$median_margin, digits), check.names = FALSE
  )
  shown[["median margin"]][is.na(counts$median_margin)] <- "-"
  close <- utils::head(x$winners[order(x$winners$margin), ], n)
  calls <- data.frame(subject = as.character(close$subject), best = short_names(close$winner),
    "second best" = short_names(close$second), margin = print_number(close$margin, digits),
    check.names = FALSE)
  cat(
    clip(paste0("Best model of each subject by ", label, ", ",
      plural(nrow(x$winners), "subject"))),
    clip(table_lines(shown, left = "model")),
    "",
    if (nrow(close) < nrow(x$winners)) paste0("The ", nrow(close), " closest calls") else
      "The closest calls first",
    clip(table_lines(calls, left = c("subject", "best", "second best"))),
    "Next: x$winners (all subjects and criteria), plot(x, \"winners\") of the comparison",
    sep = "\n"
  )
  invisible(x)
}
