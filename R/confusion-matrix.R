# From the criteria of all models to who was chosen how often, and what that says.

new_confusion <- function(found, jobs, models, method, rule, model_prior, subjects, nsim, level,
                          seed, truth, call) {
  names <- names(models)
  scores <- do.call(rbind, lapply(found, `[[`, "scores"))
  dimnames(scores) <- list(NULL, names)
  rows <- vapply(found, \(x) nrow(x$scores), 0L)
  field <- \(name) rep(vapply(jobs, `[[`, 0L, name), rows)
  simulated <- factor(names[field("simulated")], names)
  choice <- choose_models(scores)
  counted <- confusion_counts(simulated, choice$share)
  x <- list(
    confusion = confusion_matrix(counted$counts, counted$runs),
    counts = counted$counts, runs = counted$runs,
    units = data.frame(simulated = simulated, replicate = field("replicate"),
      subject = unlist(lapply(found, `[[`, "subject")), fitted = factor(choice$first, names),
      tied = choice$tied, margin = choice$margin),
    scores = scores,
    ties = by_simulated(choice$tied > 1L, simulated), failed = by_simulated(is.na(choice$tied),
      simulated),
    unsettled = sum(vapply(found, `[[`, 0L, "unsettled")),
    models = models, method = method, criterion = rule$criterion, by = rule$by,
    model_prior = model_prior, n_subjects = subjects, nsim = nsim, level = level, seed = seed,
    sources = lapply(truth, `[[`, "sources"), call = call
  )
  x$inversion <- invert_confusion(x$confusion, model_prior)
  x$cells <- confusion_cells(x)
  structure(x[c("confusion", "inversion", setdiff(names(x), c("confusion", "inversion")))],
    class = "rl_confusion")
}

# By row of scores: the first of the best (a name), how many are best, and by how much. `share`:
# what each gets of the choice, NA where a model is missing.
choose_models <- function(scores, tolerance = 1e-6) {
  top <- apply(scores, 1L, max)
  best <- scores >= top - tolerance
  tied <- rowSums(best)
  list(
    share = best / tied,
    first = colnames(scores)[apply(best, 1L, \(x) if (anyNA(x)) NA_integer_ else which(x)[1L])],
    tied = as.integer(tied),
    margin = top - apply(scores, 1L, \(x) sort(x, decreasing = TRUE, na.last = TRUE)[2L])
  )
}

by_simulated <- function(marked, simulated) {
  found <- tapply(marked, simulated, sum, na.rm = TRUE, default = 0L)
  stats::setNames(as.integer(found), levels(simulated))
}

confusion_counts <- function(simulated, share) {
  usable <- !is.na(rowSums(share))
  names <- levels(simulated)
  counts <- vapply(names, \(name) {
    colSums(share[usable & simulated == name, , drop = FALSE])
  }, numeric(length(names)))
  counts <- matrix(counts, length(names), byrow = TRUE,
    dimnames = list(simulated = names, fitted = names))
  list(counts = counts, runs = by_simulated(usable, simulated))
}

# p(fitted | simulated); NaN where nothing counts.
confusion_matrix <- function(counts, runs) {
  found <- counts / runs
  found[is.nan(found)] <- NA
  found
}

# p(simulated | fitted): Bayes' rule by column.
invert_confusion <- function(confusion, prior) {
  joint <- confusion * prior
  found <- sweep(joint, 2L, colSums(joint), `/`)
  found[is.nan(found)] <- NA
  found
}

confusion_cells <- function(x) {
  names <- names(x$models)
  runs <- x$runs[rep(names, length(names))]
  n <- as.vector(x$counts)
  limits <- wilson_interval(n, unname(runs), x$level)
  inverse <- inversion_limits(x)
  data.frame(
    simulated = factor(rep(names, length(names)), names),
    fitted = factor(rep(names, each = length(names)), names),
    n = n, runs = unname(runs),
    confusion = as.vector(x$confusion), confusion_low = limits[, 1L], confusion_high = limits[, 2L],
    inversion = as.vector(x$inversion), inversion_low = inverse$low, inversion_high = inverse$high
  )
}

# Cells of a column come from different simulations: their posteriors are independent.
inversion_limits <- function(x, draws = 4000L) {
  tail <- (1 - x$level) / 2
  size <- length(x$models)
  if (any(x$runs == 0L)) {
    return(list(low = rep(NA_real_, size^2), high = rep(NA_real_, size^2)))
  }
  ends <- with_seed(job_seed(x$seed, 0, stream = 3), lapply(seq_len(size), \(j) {
    joint <- vapply(seq_len(size), \(i) {
      n <- x$counts[i, j]
      x$model_prior[[i]] * stats::rbeta(draws, n + 0.5, x$runs[[i]] - n + 0.5)
    }, numeric(draws))
    apply(joint / rowSums(joint), 2L, stats::quantile, c(tail, 1 - tail), names = FALSE)
  }))
  ends <- do.call(cbind, ends)
  # Intervals from the middle of a posterior leave out an estimate of 0 or 1.
  list(low = pmin(ends[1L, ], as.vector(x$inversion), na.rm = TRUE),
    high = pmax(ends[2L, ], as.vector(x$inversion), na.rm = TRUE))
}

# --- text -------------------------------------------------------------------------------------

#' @rdname rl_confusion
#' @export
print.rl_confusion <- function(x, ..., digits = 2L) {
  size <- length(x$models)
  chosen <- x$cells[as.character(x$cells$simulated) == as.character(x$cells$fitted), ]
  number <- \(v) formatC(v, digits = digits, format = "f")
  own <- paste0(chosen$simulated, " ", number(chosen$confusion), " (", number(chosen$confusion_low),
    " to ", number(chosen$confusion_high), ")")
  uniform <- all(abs(x$model_prior - 1 / size) < 1e-12)
  cat(
    clip(paste0("<rl_confusion> ", plural(size, "model"), ", ", confusion_units(x))),
    clip(paste0("  best by ", confusion_criterion(x))),
    "",
    "p(fitted | simulated): rows add up to 1",
    matrix_lines(x$confusion, digits),
    strwrap(paste0("Right: ", paste(own, collapse = ", "), "; by chance ", number(1 / size)), 78L,
      indent = 2L, exdent = 4L),
    "",
    paste0("p(simulated | fitted): columns add up to 1; ", if (uniform) {
      "all models as likely beforehand"
    } else {
      paste0("beforehand ", paste(number(x$model_prior), collapse = ", "))
    }),
    matrix_lines(x$inversion, digits),
    "",
    trouble_line(x),
    "Next: plot(x), plot(x, \"inversion\"), as.data.frame(x) (with intervals)",
    sep = "\n"
  )
  invisible(x)
}

confusion_units <- function(x) {
  each <- if (x$by == "subject") plural(x$n_subjects * x$nsim, "subject") else
    paste0(plural(x$nsim, "group"), " of ", plural(x$n_subjects, "subject"))
  paste(each, "each")
}

confusion_criterion <- function(x) {
  label <- c(criterion_labels, bms = "exceedance probability")[[x$criterion]]
  if (x$method == "em" && x$criterion == "bic") label <- "integrated BIC"
  paste0(label, ", ", study_method(x$method))
}

trouble_line <- function(x) {
  count <- \(what, n) paste0(what, " ", format_count(sum(n)), if (any(n > 0L)) {
    paste0(" (", name_some(paste(names(n)[n > 0L], n[n > 0L])), ")")
  })
  clip(paste0(count("Ties", x$ties), ", ", count("failed", x$failed), ", fits not converged ",
    format_count(x$unsettled)))
}

# A matrix with its dimnames; where names do not fit, columns are numbered.
matrix_lines <- function(x, digits) {
  names <- short_names(rownames(x), 16L)
  cells <- formatC(x, digits = digits, format = "f")
  cells[is.na(x)] <- "NA"
  wide <- 2L + max(nchar(names)) + sum(pmax(nchar(names), digits + 2L) + 2L)
  if (wide > 80L) {
    names <- paste0(seq_along(names), " ", names)
    heads <- as.character(seq_along(names))
  } else {
    heads <- names
  }
  shown <- data.frame(names, cells)
  names(shown) <- c("simulated", heads)
  lines <- table_lines(shown, left = "simulated")
  at <- max(nchar(c("simulated", names))) + 4L
  clip(c(paste0(strrep(" ", at), "fitted"), lines))
}

#' @rdname rl_confusion
#' @export
as.data.frame.rl_confusion <- function(x, row.names = NULL, optional = FALSE, ...) x$cells

#' @rdname rl_confusion
#' @export
tidy.rl_confusion <- function(x, matrix = c("confusion", "inversion"), ...) {
  matrix <- check_choice(matrix, c("confusion", "inversion"))
  data.frame(x$cells[c("simulated", "fitted")], estimate = x$cells[[matrix]],
    conf.low = x$cells[[paste0(matrix, "_low")]], conf.high = x$cells[[paste0(matrix, "_high")]])
}
