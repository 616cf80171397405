#' Fit a model to every subject
#'
#' Finds each subject's parameters by maximum likelihood or maximum a posteriori, all subjects at
#' once: many starts for each, exact gradients, and Fisher scoring followed by Newton steps.
#'
#' @inheritParams rl_loglik
#' @param method `"mle"`: maximum likelihood within the parameters' closed ranges. `"map"`: maximum a
#'   posteriori on the unconstrained scale, with the Laplace approximation to the log evidence.
#' @param starts Number of starting points for each subject. The best end is kept; how many starts
#'   reached it is reported.
#' @param prior For `method = "map"`: a named list of priors that replace the defaults, such as
#'   `list(alpha = prior_beta(2, 2))`; see [rl_prior] and the `prior` column of [rl_parameters()].
#' @param seed A whole number for the starting points; if `NULL`, R's generator provides one.
#' @param threads Number of threads; results are identical for any.
#' @param ... Not used.
#' @return An object of class `rl_fit`, with methods for `coef`, `vcov`, `confint`, `logLik`, `AIC`,
#'   `BIC`, `nobs`, `fitted`, `residuals`, `predict`, `simulate`, `update`, `summary`, `plot` and for
#'   `tidy`, `glance`, `augment`. Its documented parts, for S subjects and P free parameters:
#'   * `model`, `data`, `method`, `call`, `prior`, `seed`;
#'   * `estimates`, `std_error`: S x P matrices in natural units; standard errors come from the
#'     curvature at the maximum (for `"map"` that of the log posterior on the unconstrained scale,
#'     moved to natural units) and are `NA` at a bound or where the data do not identify a parameter;
#'   * `vcov`: a list by subject of P x P matrices;
#'   * `loglik`, `nobs`: by subject; `log_posterior`, `log_evidence`: for `"map"`;
#'   * `converged`, `at_bound` (S x P), `flat` (S x P), `gradient` (S x P), `scaled_gradient`,
#'     `iterations`, `starts_agree`, `status`, `message`.
#' @details
#' A fit has converged when its scaled gradient is below 1e-6: the largest \eqn{|g_j| s_j} over the
#' parameters not held at a bound, \eqn{s_j} the standard deviation that the curvature implies.
#' A maximum at an edge of the range (or of the search: 100 for positive parameters without an upper
#' bound, 1000 in size for real ones) is flagged, and so are parameters the likelihood does not depend
#' on. A subject that fails does not stop the rest. Ctrl-C returns what is finished.
#'
#' A prior on the unconstrained scale moves to natural units by the link, and a MAP fit is the mode
#' on that scale; the log evidence is
#' \eqn{\log p(y, \hat z) + \frac{P}{2}\log 2\pi - \frac12 \log |H|} (Laplace).
#' @references
#' Daw, N. D. (2011). Trial-by-trial data analysis using computational models. In *Decision Making,
#' Affect, and Learning*. Oxford University Press.
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' fit
#' head(coef(fit))
#' @export
rl_fit <- function(model, data, method = c("mle", "map"), starts = 10, prior = NULL, seed = NULL,
                   threads = NULL, ...) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  data <- as_rl_data(data, call)
  model <- model_for_data(model, data, call)
  method <- check_choice(method, c("mle", "map"))
  starts <- check_count(starts)
  check_dots_empty(...)
  check_has_response(model, call)
  threads <- resolve_threads(threads)
  seed <- resolve_seed(seed, call)
  prior <- resolve_prior(prior, model, method, call)
  if (length(free_parameters(model)) == 0) {
    rescorla_abort(c("Model {.val {model$name}} has no free parameter to estimate.",
      i = "`rl_loglik()` evaluates it."), "model", call = call)
  }
  began <- proc.time()[["elapsed"]]
  fit <- fit_subjects(model, data, method, starts, prior, seed, threads, call)
  fit$elapsed <- proc.time()[["elapsed"]] - began
  fit$call <- match.call()
  fit
}

# Named priors for every free parameter, or NULL for maximum likelihood.
resolve_prior <- function(prior, model, method, call) {
  if (method == "mle") {
    if (!is.null(prior)) {
      rescorla_abort(c("`prior` is used by `method = \"map\"` only.",
        i = "Drop it, or choose `method = \"map\"`."), "input", call = call)
    }
    return(NULL)
  }
  free <- free_parameters(model)
  if (!is.null(prior) && (!is.list(prior) || inherits(prior, "rl_prior"))) {
    rescorla_abort(c("`prior` must be a named list of priors.",
      i = "For example `prior = list({free[1]} = prior_normal(0, 1))`."), "input", call = call)
  }
  unknown <- setdiff(rlang::names2(prior), free)
  if (length(unknown)) {
    nearest <- nearest_name(unknown[1], free)
    rescorla_abort(c(
      "`prior` names {.code {unknown[1]}}, which is not a free parameter of the model.",
      i = if (!is.null(nearest)) "Did you mean {.code {nearest}}?",
      i = "The free parameters are {.code {free}}."
    ), "input", call = call)
  }
  stats::setNames(lapply(free, function(name) {
    kind <- model$kinds[[name]]
    chosen <- prior[[name]] %||% kind$prior %||% default_prior(kind)
    check_class(chosen, "rl_prior", "a prior, such as `prior_normal(0, 1)`",
      arg = paste0("prior$", name), call = call)
    check_prior_range(chosen, kind, name, call)
    chosen
  }), free)
}

check_prior_range <- function(prior, kind, name, call) {
  finite <- is.finite(kind$lower) && is.finite(kind$upper)
  bad <- (prior$kind %in% c("beta", "uniform") && !finite) || (prior$kind == "gamma" && !is.finite(kind$lower))
  if (bad) {
    rescorla_abort(c(
      "The prior {.code {prior$text}} does not fit parameter {.code {name}}.",
      x = "Its range is [{format_bound(kind$lower)}, {format_bound(kind$upper)}].",
      i = "Beta and uniform priors need a finite interval, a gamma prior a finite lower bound."
    ), "input", call = call)
  }
}
