# Hierarchical fits and their summaries in words.

#' @rdname rl_group_methods
#' @export
print.rl_fit_group <- function(x, ..., digits = 3L) {
  cat(clip(paste0("<rl_fit> ", model_title(x$model))), group_lines(x), "", sep = "\n")
  table <- group_table(x)
  cat(group_table_lines(table, x$method, digits, x$model$parameters, 12L), sep = "\n")
  if (nrow(table) > 12L) cat("  ... and ", nrow(table) - 12L, " more in summary(fit)\n", sep = "")
  cat("", strwrap(group_status(x), 78L, indent = 2L, exdent = 4L), sep = "\n")
  cat("Next: summary(fit), coef(fit), fixef(fit)",
    switch(x$method, nuts = ", as_draws_df(fit), loo(fit)",
      em = ", VarCorr(fit), rl_compare(fit, other)", ""), "\n", sep = "")
  invisible(x)
}

# As many columns as a screen has room for.
group_table_lines <- function(table, method, digits, labels = NULL, rows = Inf) {
  shown <- data.frame(
    parameter = table$parameter, median = format_signif(table$median, digits),
    mean = format_signif(table$mean, digits), sd = format_signif(table$sd, digits),
    "90%" = ifelse(is.na(table$q5), "", paste(format_signif(table$q5, digits), "to",
      format_signif(table$q95, digits))), check.names = FALSE
  )
  if (method == "nuts") {
    shown$rhat <- formatC(table$rhat, digits = 3, format = "f")
    shown$ess <- formatC(pmin(table$ess_bulk, table$ess_tail), digits = 0, format = "f")
  }
  if (!is.null(labels)) {
    label <- labels$label[match(sub("\\[.*", "", table$parameter), labels$name)]
    shown$label <- ifelse(is.na(label), "", label)
    # What a fit prints is the estimate.
    shown$mean <- NULL
  }
  shown <- utils::head(shown, rows)
  for (drop in c("", "label", "mean", "sd")) {
    shown[[drop]] <- NULL
    lines <- table_lines(shown, left = c("parameter", "label"))
    if (max(nchar(lines, "width")) <= getOption("width", 80L)) break
  }
  clip(lines)
}

group_lines <- function(fit) {
  group <- fit$group
  totals <- fit_totals(fit)
  log_lik <- stats::logLik(fit)
  criteria <- \(bic) paste0(" (df = ", format_count(group$df), "), AIC ",
    format_criterion(stats::AIC(log_lik)), ", ", bic, " ", format_criterion(stats::BIC(log_lik)))
  clip(c(
    paste0("  ", group_method_label(fit$method), ", ", plural(length(group$subjects), "subject"),
      ", ", plural(totals$nobs, "response"), " scored"),
    switch(fit$method,
      em = paste0("  log marginal likelihood ", format_criterion(log_lik), criteria("iBIC")),
      nuts = paste0("  ", dim(group$draws)[2], " chains x ", format_count(dim(group$draws)[1]),
        " draws after ", format_count(group$settings$warmup), " of warm-up"),
      mle = paste0("  log-likelihood ", format_criterion(log_lik), criteria("BIC"))
    ),
    if (identical(fit$backend, "cuda")) "  likelihoods computed on a GPU"
  ))
}

group_method_label <- function(method) {
  switch(method, em = "empirical Bayes (Laplace EM)", nuts = "full Bayes (NUTS)",
    mle = "maximum likelihood with shared parameters")
}

group_status <- function(fit) {
  scales <- "Values of the group are medians in natural units; sd_* and cor_* (and coefficients, with
    a colon) are on the unconstrained scale."
  if (fit$method == "nuts") {
    found <- fit$diagnostics
    mixing <- if (isFALSE(is.na(found$rhat))) {
      paste0("R-hat up to ", formatC(found$rhat, digits = 3, format = "f"), ", worth ",
        format_count(round(found$ess)), " independent draws or more; ")
    }
    return(paste0(mixing, found$divergent, " divergent, ", found$at_max_depth,
      " at the largest tree depth. ", scales))
  }
  bad <- fit$status != "converged"
  paste0(if (fit$group$converged) "Settled after " else "Did not settle in ",
    fit$group$iterations, " iterations. ",
    if (any(bad)) paste0(sum(bad), " not converged or failed: ", name_some(names(bad)[bad]), ". "),
    scales, " Standard errors from the ", fit$group$errors, " information.")
}

#' @export
print.summary.rl_fit_group <- function(x, ..., digits = 3L) {
  cat(clip(paste0("Fit of ", x$model)), paste0("  ", group_method_label(x$method)), "", "Group",
    group_table_lines(x$group, x$method, digits, rows = 20L), sep = "\n")
  population <- x$population
  if (!is.null(population)) {
    limits <- \(name) paste(format_signif(population[[paste0(name, "_q5")]], digits), "to",
      format_signif(population[[paste0(name, "_q95")]], digits))
    shown <- data.frame(parameter = population$parameter, cell = population$cell,
      median = format_signif(population$median, digits), "90%" = limits("median"),
      mean = format_signif(population$mean, digits), "90% " = limits("mean"), check.names = FALSE)
    if (!any(nzchar(shown$cell))) shown$cell <- NULL
    cat("", "Median and mean over the group, in natural units",
      clip(table_lines(shown, left = c("parameter", "cell"))), sep = "\n")
  }
  if (length(x$shrinkage) > 0) {
    cat("", strwrap(paste0("Shrinkage: ", paste(names(x$shrinkage), formatC(x$shrinkage, digits = 2,
      format = "f"), collapse = ", ")), 78L), sep = "\n")
  }
  cat("Next: summary(fit)$subjects, coef(fit), confint(fit)\n")
  invisible(x)
}
