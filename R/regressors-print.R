# How regressors look, and how strongly they go together.

# --- collinearity --------------------------------------------------------------------------------

# Correlations of each subject, over trials on which all regressors have a value:
# subjects x pairs. A regressor that does not vary goes with nothing.
subject_correlations <- function(values, subject) {
  size <- ncol(values)
  pairs <- if (size > 1L) t(utils::combn(size, 2L)) else matrix(0L, 0L, 2L)
  groups <- split(seq_len(nrow(values)), match(subject, unique(subject)))
  each <- lapply(groups, \(rows) {
    x <- values[rows, , drop = FALSE]
    x <- x[stats::complete.cases(x), , drop = FALSE]
    if (nrow(x) < 3L) matrix(NA_real_, size, size) else suppressWarnings(stats::cor(x))
  })
  list(pairs = pairs, matrices = each, subjects = unique(subject))
}

pair_correlations <- function(values, subject) {
  found <- subject_correlations(values, subject)
  names <- colnames(values)
  rows <- lapply(seq_len(nrow(found$pairs)), \(k) {
    r <- vapply(found$matrices, \(m) m[found$pairs[k, 1L], found$pairs[k, 2L]], 0)
    worst <- if (all(is.na(r))) NA_integer_ else which.max(abs(r))
    data.frame(first = names[found$pairs[k, 1L]], second = names[found$pairs[k, 2L]],
      median = stats::median(r, na.rm = TRUE), worst = unname(r[worst]),
      subject = as.character(found$subjects)[worst], high = sum(abs(r) > 0.9, na.rm = TRUE))
  })
  if (length(rows) > 0L) return(do.call(rbind, rows))
  data.frame(first = character(), second = character(), median = numeric(), worst = numeric(),
    subject = character(), high = integer())
}

inflation_factors <- function(values, subject) {
  found <- subject_correlations(values, subject)
  each <- vapply(found$matrices, \(r) {
    varies <- !is.na(diag(r))
    out <- rep(NA_real_, length(varies))
    # Regressors that add up to another leave nothing of it.
    out[varies] <- tryCatch(diag(solve(r[varies, varies, drop = FALSE])), error = \(e) Inf)
    out
  }, numeric(ncol(values)))
  each <- matrix(each, nrow = ncol(values))
  known <- \(f) apply(each, 1L, \(x) if (all(is.na(x))) NA_real_ else f(x, na.rm = TRUE))
  worst <- apply(each, 1L, \(x) if (all(is.na(x))) NA_integer_ else which.max(x))
  data.frame(regressor = colnames(values), median = known(stats::median), worst = known(max),
    subject = as.character(found$subjects)[worst])
}

warn_collinear <- function(x, call) {
  high <- x$collinearity[x$collinearity$high > 0L, ]
  if (nrow(high) == 0L) return(invisible())
  worst <- high[which.max(abs(high$worst)), ]
  total <- length(unique(x$regressors$subject))
  rescorla_warn(c(
    "{.val {worst$first}} and {.val {worst$second}} go together: their correlation exceeds 0.9 in
     size in {worst$high} of {total} subject{?s}.",
    x = "It is {format_signif(worst$worst, 2)} in subject {worst$subject}.",
    i = "In one model of the signal their effects cannot be told apart; {.field collinearity} and
         {.field vif} of the result show all."
  ), "collinearity", call = call, pairs = high)
}

# --- printing ------------------------------------------------------------------------------------

#' @rdname rl_regressors
#' @export
print.rl_regressors <- function(x, ...) {
  frame <- x$regressors
  main <- unique(x$what$regressor)
  rows <- if (!is.null(x$entities)) "event" else "trial"
  header <- c(
    paste0("<rl_regressors> ", x$model),
    paste0("  ", x$method, ", ", plural(length(unique(frame$subject)), "subject"), ", ",
      plural(nrow(frame), rows), if (x$draws > 0L) paste0(", means over ", x$draws, " draws"))
  )
  shown <- data.frame(regressor = main)
  numbers <- vapply(main, \(name) {
    v <- frame[[name]]
    v <- v[!is.na(v)]
    if (length(v) == 0L) return(rep(NA_real_, 4L))
    c(mean(v), stats::sd(v), range(v))
  }, numeric(4L))
  for (i in 1:4) shown[[c("mean", "sd", "min", "max")[i]]] <- format_signif(numbers[i, ])
  shown[["n/a"]] <- vapply(main, \(name) format_count(sum(is.na(frame[[name]]))), "")
  if (x$draws > 0L) {
    shown[["sd of draws"]] <- format_signif(vapply(main, \(name) {
      mean(frame[[paste0(name, "_sd")]], na.rm = TRUE)
    }, 0))
  }
  inflation <- x$vif[match(main, x$vif$regressor), ]
  shown[["VIF"]] <- format_signif(inflation$median)
  cat(clip(header), "", clip(table_lines(shown, left = "regressor")), sep = "\n")
  pairs <- x$collinearity
  if (nrow(pairs) > 0L) {
    pairs <- utils::head(pairs[order(-abs(pairs$worst)), ], 6L)
    cat("", "Correlations within subjects", clip(table_lines(data.frame(
      pair = paste(pairs$first, "-", pairs$second),
      median = formatC(pairs$median, digits = 2, format = "f"),
      worst = formatC(pairs$worst, digits = 2, format = "f"),
      `in subject` = pairs$subject, check.names = FALSE
    ), left = "pair")), sep = "\n")
  }
  cat(if (!is.null(x$entities)) "Next: write_bids(x, dir, task), as.data.frame(x)\n" else
    "Next: as.data.frame(x); with `events`, write_bids(x, dir, task)\n")
  invisible(x)
}
