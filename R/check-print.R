#' @export
print.rl_check <- function(x, ...) {
  fit <- x$fit
  replicates <- switch(x$type,
    one_step = paste(plural(x$nsim, "replicate"), "one step ahead"),
    generative = plural(x$nsim, "generative replicate")
  )
  cat(
    clip(paste0("<rl_check> ", model_title(fit$model))),
    clip(paste0("  ", check_method_label(fit$method), ", ", plural(sum(is_fitted(fit)), "subject"),
      ", ", replicates)),
    "",
    clip(table_lines(check_rows_shown(x), left = c("statistic", "furthest off"))),
    "",
    verdict_lines(x),
    problem_lines(x$problems),
    recovery_lines(x$recovery),
    paste0("Next: plot(check), check$statistics",
      if (is.null(x$recovery) && nrow(x$problems) > 0L) ", rl_check(fit, recovery = TRUE)"),
    sep = "\n"
  )
  invisible(x)
}

check_method_label <- function(method) {
  if (method %in% c("em", "nuts")) group_method_label(method) else method_label(method)
}

# A row for each statistic, with the level that is furthest off.
check_rows_shown <- function(x) {
  tests <- x$tests
  worst <- vapply(tests$statistic, \(name) {
    own <- x$statistics[x$statistics$statistic == name, ]
    own <- own[which.max(pmax(own$lower - own$observed, own$observed - own$upper)), ]
    number <- \(v) format_signif(v, 2L)
    paste0(if (own$level != name) paste0(own$level, ": "), number(own$observed), " (",
      number(own$lower), " to ", number(own$upper), ")",
      if (own$condition != "all") paste0(", ", own$condition))
  }, "")
  data.frame(
    statistic = statistic_label(tests$statistic),
    outside = paste(tests$outside, "of", tests$levels), p = format_p(tests$p, x$nsim),
    "furthest off" = paste0(ifelse(tests$missed, "* ", "  "), worst),
    check.names = FALSE
  )
}

format_p <- function(p, nsim) {
  smallest <- 1 / (nsim + 1)
  text <- \(x) formatC(x, digits = 3, format = "f")
  ifelse(p <= smallest * 1.001, paste0("<", text(ceiling(1000 * smallest) / 1000)), text(p))
}

verdict_lines <- function(x) {
  missed <- statistic_label(x$tests$statistic[x$tests$missed])
  text <- if (length(missed) > 0L) {
    paste0("* The model misses: ", paste(missed, collapse = "; "), ".")
  } else {
    "The simulated data look like the real ones in all of these."
  }
  strwrap(text, 78L, indent = 2L, exdent = 4L)
}

problem_lines <- function(problems, most = 6L) {
  if (nrow(problems) == 0L) return("  No problems with the estimates.")
  shown <- problems[order(-problems$share), ]
  text <- unlist(lapply(seq_len(min(nrow(shown), most)), \(i) {
    strwrap(problem_text(shown[i, ]), 78L, indent = 2L, exdent = 4L)
  }))
  more <- nrow(shown) - most
  c(text, if (more > 0L) paste0("  ... and ", more, " more in check$problems"))
}

problem_text <- function(row) {
  subjects <- row$subjects[[1L]]
  head <- switch(row$problem, convergence = "not converged", bound = "at a bound", flat = "flat", correlated = "correlated",
    unidentified = "not identified")
  who <- if (length(subjects) > 0L) {
    paste0(" in ", plural(row$n, "subject"), " (", name_some(subjects, 3L), ")")
  }
  paste0("! ", row$parameters, if (nzchar(row$parameters)) " ", head, who, ": ", row$detail, ".")
}

recovery_lines <- function(recovery) {
  if (is.null(recovery)) return(NULL)
  names <- unique(recovery$parameter)
  found <- sub("rank r", "", recovery_correlations(recovery, names))
  text <- paste0("Data simulated with these estimates and refitted give them back with rank ",
    "correlations ", paste0(names, found, collapse = ", "), ".")
  strwrap(text, 78L, indent = 2L, exdent = 4L)
}

#' @export
print.rl_problems <- function(x, ...) {
  cat("<problems of estimates>", problem_lines(x, Inf), sep = "\n")
  invisible(x)
}
