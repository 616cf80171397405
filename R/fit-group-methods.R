# What a hierarchical fit says about itself.

#' Methods for hierarchical fits
#'
#' What `rl_fit(method = "em")` and `rl_fit(method = "nuts")` have beyond fits by subject.
#'
#' @param object,x A hierarchical fit from [rl_fit()].
#' @param sigma Not used; part of the generic.
#' @param digits Number of significant digits.
#' @param parm Names of coefficients, as in `fixef()`, or their numbers; all by default.
#' @param level Of the interval.
#' @param ... Not used.
#' @return
#' * `coef()`: a data frame of subjects' values in natural units, `subject` (and `block`, where
#'   covariates vary over blocks), then the parameters. For `"em"` posterior modes, for `"nuts"`
#'   posterior means.
#' * `fixef()`: coefficients on the unconstrained scale by name, such as `"alpha:(Intercept)"` and
#'   `"alpha:groupB"`.
#' * `vcov()`: the covariance matrix of their errors (for `"nuts"` of their posterior);
#'   `confint()`: intervals, a matrix; for `"em"` normal ones, for `"nuts"` quantiles.
#' * `ranef()`: subjects' deviations from the group on the unconstrained scale: a data frame,
#'   `subject` and a column for each random effect.
#' * `VarCorr()`: standard deviations and correlations of the random effects, an object that prints
#'   so; as a matrix it is their covariance.
#' * `logLik()`: for `"em"` the log marginal likelihood, whose `df` counts the group's parameters and
#'   whose BIC is the integrated BIC; for `"nuts"` the log-likelihood at the subjects' posterior
#'   means, without a `df`.
#' * `summary()`: a list with
#'   - `group`: a data frame with `parameter`, `median`, `mean`, `sd`, `q5`, `q95`, `rhat`,
#'     `ess_bulk`, `ess_tail`: first the group's value of each parameter in natural units (the link of
#'     the group's centre, its *median*), one row for each combination of a formula's factors at the
#'     mean of its numeric covariates, named as in `alpha[B]`; then the coefficients (where there are
#'     covariates), and standard deviations `sd_*` and correlations `cor_*` of the random effects, all
#'     on the unconstrained scale. For `"em"` they describe the sampling distribution of the
#'     estimates, `median` being the estimate;
#'   - `population`: for each group-level value its `median` and its `mean` over the group's
#'     distribution, which differ where the link bends, with 90% intervals;
#'   - `subjects`: a row for each subject: `n`, `loglik`, `status`, and `log_evidence` for `"em"`;
#'   - `shrinkage`: for `"em"`, by random effect, the mean share of the group's variance that is left
#'     in subjects' posteriors: 0 where data decide, 1 where the group does.
#' @section Parts of `fit$group`: `coefficients`, `shared`, `vcov`, `errors` (how they were found),
#'   `covariance`, `sd`, `design`, `subjects`; for `"em"` `effects` (modes), `shrinkage`,
#'   `log_evidence` by subject, `evidence` (by importance sampling), `iterations`, `converged`; for
#'   `"nuts"` `draws` (iteration x chain x variable), `subject_draws`, `settings`, `centred`.
#' @references
#' Piray, P., Dezfouli, A., Heskes, T., Frank, M. J. & Daw, N. D. (2019). Hierarchical Bayesian
#' inference for concurrent model fitting and comparison for group studies. *PLoS Computational
#' Biology*, 15(6), e1007043.
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), method = "em", seed = 1)
#' fixef(fit)
#' VarCorr(fit)
#' head(ranef(fit))
#' summary(fit)$population
#' @name rl_group_methods
NULL

#' @rdname rl_group_methods
#' @export
coef.rl_fit_group <- function(object, ...) {
  data.frame(unit_ids(object), unname_rows(object$estimates), check.names = FALSE)
}

# Whom a row of estimates belongs to.
unit_ids <- function(fit) {
  design <- fit$group$design
  ids <- data.frame(subject = fit$group$subjects[design$unit_subject])
  if (design$unit == "episode") {
    ids$block <- rl_data_column(fit$data, fit$data$roles$block)[design$unit_first]
  }
  ids
}

#' @rdname rl_group_methods
#' @export
#' @rawNamespace S3method(nlme::fixef,rl_fit_group)
fixef.rl_fit_group <- function(object, ...) c(object$group$coefficients, object$group$shared)

#' @rdname rl_group_methods
#' @export
vcov.rl_fit_group <- function(object, ...) {
  names <- names(fixef(object))
  matrix(object$group$vcov, length(names), dimnames = list(names, names))
}

#' @rdname rl_group_methods
#' @export
#' @rawNamespace S3method(nlme::ranef,rl_fit_group)
ranef.rl_fit_group <- function(object, ...) {
  check_random(object, "ranef")
  group <- object$group
  design <- group$design
  effects <- group$effects %||% effect_draws_mean(object)
  deviation <- effects - effect_means(design, group$coefficients)
  colnames(deviation) <- design$effects$name
  data.frame(subject = group$subjects, deviation, check.names = FALSE)
}

# Random effects from the posterior means of units' parameters on the real line, which they make up
# linearly: by least squares over the units of a subject.
effect_draws_mean <- function(fit) {
  design <- fit$group$design
  engine <- list(design = design)
  z <- fit$group$real_mean - unit_offset(engine, fit$group$shared)
  effects <- matrix(0, length(fit$group$subjects), nrow(design$effects))
  for (p in unique(design$effects$parameter)) {
    own <- which(design$effects$parameter == p)
    for (s in seq_len(nrow(effects))) {
      units <- which(design$unit_subject == s)
      w <- design$weights[units, own, drop = FALSE]
      found <- qr.coef(qr(w), z[units, p])
      effects[s, own] <- ifelse(is.na(found), 0, found)
    }
  }
  effects
}

#' @rdname rl_group_methods
#' @export
#' @rawNamespace S3method(nlme::VarCorr,rl_fit_group)
VarCorr.rl_fit_group <- function(x, sigma = 1, ...) {
  check_random(x, "VarCorr")
  structure(x$group$covariance, class = c("rl_varcorr", "matrix"))
}

check_random <- function(fit, what) {
  if (is.null(fit$group$covariance) || nrow(fit$group$covariance) == 0) {
    rescorla_abort(c("`{what}()` needs random effects, and this fit has no distribution of them.",
      i = "`rl_fit(method = \"em\")` has."), "input", call = NULL)
  }
}

#' @export
print.rl_varcorr <- function(x, digits = 3L, ...) {
  x <- unclass(x)
  sd <- sqrt(diag(x))
  shown <- data.frame(effect = rownames(x), sd = format_signif(sd, digits))
  correlation <- stats::cov2cor(x)
  for (j in seq_len(ncol(x) - 1L)) {
    cells <- formatC(correlation[, j], digits = 2, format = "f")
    cells[seq_len(j)] <- ""
    shown[[if (j == 1) "correlation" else strrep(" ", j)]] <- cells
  }
  cat("Random effects of subjects, unconstrained scale\n")
  cat(table_lines(shown, left = "effect"), sep = "\n")
  invisible(x)
}

#' @rdname rl_group_methods
#' @export
logLik.rl_fit_group <- function(object, ...) {
  group <- object$group
  value <- if (object$method == "em") sum(group$log_evidence, na.rm = TRUE) else
    sum(object$loglik, na.rm = TRUE)
  structure(value, df = if (object$method == "nuts") NA_integer_ else group$df,
    nobs = stats::nobs(object), class = "logLik")
}

#' @rdname rl_group_methods
#' @export
confint.rl_fit_group <- function(object, parm, level = 0.95, ...) {
  check_number(level, lower = 0, upper = 1)
  values <- fixef(object)
  parm <- if (missing(parm)) names(values) else if (is.numeric(parm)) names(values)[parm] else parm
  unknown <- setdiff(parm, names(values))
  if (length(unknown) || anyNA(parm)) {
    rescorla_abort(c("`parm` names {.code {unknown}}, which is not a coefficient of the fit.",
      i = "They are {.code {names(values)}}."), "input")
  }
  tail <- (1 - level) / 2
  ends <- if (!is.null(object$group$draws)) {
    t(vapply(parm, \(name) stats::quantile(object$group$draws[, , name], c(tail, 1 - tail),
      names = FALSE), numeric(2)))
  } else {
    error <- sqrt(diag(stats::vcov(object)))[parm]
    values[parm] + outer(error, stats::qnorm(c(tail, 1 - tail)))
  }
  dimnames(ends) <- list(parm, paste(format(100 * c(tail, 1 - tail), trim = TRUE), "%"))
  ends
}

#' @rdname rl_group_methods
#' @export
summary.rl_fit_group <- function(object, ...) {
  structure(list(
    model = model_title(object$model), method = object$method, totals = fit_totals(object),
    group = group_table(object),
    population = if (object$method != "mle") population_summary(object),
    subjects = group_subjects(object), shrinkage = object$group$shrinkage,
    diagnostics = object$diagnostics, settings = object$group$settings, call = object$call,
    errors = object$group$errors
  ), class = c("summary.rl_fit_group", "summary.rl_fit"))
}

group_table <- function(fit) {
  switch(fit$method, nuts = summarise_group(fit), em = summarise_em(fit), mle = summarise_shared(fit))
}

# Shared coefficients only.
summarise_shared <- function(fit) {
  values <- fixef(fit)
  error <- sqrt(pmax(diag(stats::vcov(fit)), 0))
  data.frame(parameter = names(values), median = unname(values), mean = unname(values), sd = error,
    q5 = unname(values) + stats::qnorm(0.05) * error, q95 = unname(values) + stats::qnorm(0.95) * error,
    rhat = NA_real_, ess_bulk = NA_real_, ess_tail = NA_real_, row.names = NULL)
}

group_subjects <- function(fit) {
  rows <- data.frame(unit_ids(fit), n = unname(fit$nobs), loglik = unname(fit$loglik),
    status = unname(fit$status), message = unname(fit$message))
  # The evidence is a subject's, all blocks together.
  if (fit$method == "em") {
    rows$log_evidence <- unname(fit$group$log_evidence)[fit$group$design$unit_subject]
  }
  rows
}

#' @rdname rl_group_methods
#' @export
print.rl_fit_group <- function(x, ..., digits = 3L) {
  cat(clip(paste0("<rl_fit> ", model_title(x$model))), group_lines(x), "", sep = "\n")
  cat(clip(table_lines(group_print_table(x, digits), left = c("parameter", "label"))), "", sep = "\n")
  cat(strwrap(group_status(x), 78L, indent = 2L, exdent = 4L), sep = "\n")
  cat("Next: summary(fit), coef(fit), fixef(fit)",
    switch(x$method, nuts = ", as_draws_df(fit), loo(fit)", em = ", VarCorr(fit), rl_compare(fit, other)",
      ""), "\n", sep = "")
  invisible(x)
}

group_print_table <- function(fit, digits, rows = 12L) {
  table <- group_table(fit)
  model <- fit$model$parameters
  name <- sub("\\[.*", "", table$parameter)
  shown <- data.frame(
    parameter = table$parameter, median = format_signif(table$median, digits),
    sd = format_signif(table$sd, digits),
    "90%" = ifelse(is.na(table$q5), "", paste(format_signif(table$q5, digits), "to",
      format_signif(table$q95, digits))), check.names = FALSE
  )
  if (fit$method == "nuts") {
    shown$rhat <- formatC(table$rhat, digits = 3, format = "f")
    shown$ess <- formatC(pmin(table$ess_bulk, table$ess_tail), digits = 0, format = "f")
  }
  shown$label <- ifelse(name %in% model$name, model$label[match(name, model$name)], "")
  if (nrow(shown) > rows) shown <- shown[seq_len(rows), ]
  shown
}

group_lines <- function(fit) {
  group <- fit$group
  totals <- fit_totals(fit)
  head <- paste0("  ", group_method_label(fit$method), ", ",
    plural(length(group$subjects), "subject"), ", ", plural(totals$trials, "trial"), ", ",
    plural(totals$nobs, "response"), " scored")
  log_lik <- stats::logLik(fit)
  second <- switch(fit$method,
    em = paste0("  log marginal likelihood ", format_criterion(log_lik), " (df = ", group$df,
      "), AIC ", format_criterion(stats::AIC(log_lik)), ", iBIC ",
      format_criterion(stats::BIC(log_lik))),
    nuts = paste0("  ", dim(group$draws)[2], " chains x ", format_count(dim(group$draws)[1]),
      " draws after ", format_count(group$settings$warmup), " of warm-up"),
    mle = paste0("  log-likelihood ", format_criterion(log_lik), " (df = ", format_count(group$df),
      "), AIC ", format_criterion(stats::AIC(log_lik)), ", BIC ",
      format_criterion(stats::BIC(log_lik)))
  )
  clip(c(head, second))
}

group_method_label <- function(method) {
  switch(method, em = "empirical Bayes (Laplace EM)", nuts = "full Bayes (NUTS)",
    mle = "maximum likelihood with shared parameters")
}

group_status <- function(fit) {
  if (fit$method == "nuts") {
    found <- fit$diagnostics
    return(paste0(
      if (!is.null(found$rhat)) paste0("R-hat up to ", formatC(found$rhat, digits = 3, format = "f"),
        ", effective draws from ", format_count(round(found$ess)), "; "),
      found$divergent, " divergent, ", found$at_max_depth, " at the largest tree depth. ",
      "Medians are the group's, in natural units; sd_* and cor_* are on the unconstrained scale."))
  }
  bad <- fit$status != "converged"
  paste0(
    if (fit$method == "em") paste0("Settled after ", fit$group$iterations, " iterations. "),
    if (any(bad)) paste0(sum(bad), " not converged or failed: ", name_some(names(bad)[bad]), ". "),
    if (fit$method == "em") paste0("Medians are the group's, in natural units; sd_* and cor_* are on ",
      "the unconstrained scale. Standard errors: ", fit$group$errors, " information.")
  )
}

#' @export
print.summary.rl_fit_group <- function(x, ..., digits = 3L) {
  cat(clip(paste0("Fit of ", x$model)), paste0("  ", group_method_label(x$method)), "", "Group",
    sep = "\n")
  table <- x$group
  numbers <- vapply(table, is.numeric, NA)
  table[numbers] <- lapply(table[numbers], format_signif, digits)
  if (x$method != "nuts") table <- table[setdiff(names(table), c("rhat", "ess_bulk", "ess_tail"))]
  cat(clip(table_lines(utils::head(table, 20L), left = "parameter")), sep = "\n")
  if (!is.null(x$population)) {
    population <- x$population
    numbers <- vapply(population, is.numeric, NA)
    population[numbers] <- lapply(population[numbers], format_signif, digits)
    if (!any(nzchar(population$cell))) population$cell <- NULL
    cat("", "Group median and mean in natural units, with 90% limits",
      clip(table_lines(population, left = c("parameter", "cell"))), sep = "\n")
  }
  if (!is.null(x$shrinkage)) {
    cat("", paste0("Shrinkage: ", paste(names(x$shrinkage), formatC(x$shrinkage, digits = 2,
      format = "f"), collapse = ", ")), sep = "\n")
  }
  cat("Next: summary(fit)$subjects, coef(fit), confint(fit)\n")
  invisible(x)
}
