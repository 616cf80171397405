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
  if (design$unit == "episode") ids$block <- fit$data$blocks
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
  if ("method" %in% names(list(...))) {
    rescorla_abort(c("{.arg method} is for fits by subject.",
      i = "Hierarchical fits have one kind of interval: drop it."), "input", arg = "method",
      call = rlang::current_env())
  }
  check_dots_empty(...)
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

group_table <- function(fit) if (fit$method == "nuts") summarise_group(fit) else summarise_em(fit)

group_subjects <- function(fit) {
  rows <- data.frame(unit_ids(fit), n = unname(fit$nobs), loglik = unname(fit$loglik),
    status = unname(fit$status), message = unname(fit$message))
  # The evidence is a subject's, all blocks together.
  if (fit$method == "em") {
    rows$log_evidence <- unname(fit$group$log_evidence)[fit$group$design$unit_subject]
  }
  rows
}
