#' Fit a model
#'
#' Subject by subject, by maximum likelihood or maximum a posteriori; or all subjects together in a
#' hierarchical model, by empirical Bayes or full Bayes. All methods use the same likelihood with
#' exact gradients, all subjects at once.
#'
#' @inheritParams rl_loglik
#' @param data Task data from [rl_data()], or a data frame it accepts without further arguments; or
#'   data in chunks ([data_chunks]), which are fitted chunk by chunk.
#' @param method `"mle"`: maximum likelihood of each subject within the parameters' closed ranges.
#'   `"map"`: maximum a posteriori of each on the unconstrained scale, with the Laplace approximation
#'   to the log evidence. `"em"`: a hierarchical model by empirical Bayes (Laplace EM). `"nuts"`: the
#'   same model by full Bayes, with draws from the posterior by the no-U-turn sampler.
#' @param formula A formula, or a list of them, with a parameter on the left:
#'   `list(alpha ~ group + age, beta ~ condition + (1 | subject))`. On the right stand covariates,
#'   columns of the data that are constant within subjects or within blocks, and random effects by
#'   subject. See the section below.
#' @param covariance Of the random effects: `"full"` (all correlated), `"diagonal"` (none), or a list
#'   of character vectors of parameters that are correlated among themselves.
#' @param starts Number of starting points for each subject. The best end is kept; how many starts
#'   reached it is reported. For hierarchical fits it concerns the search for where to begin.
#' @param prior Priors. For `"map"` a named list that replaces defaults, such as
#'   `list(alpha = prior_beta(2, 2))`; see [rl_prior] and the `prior` column of [rl_parameters()]. For
#'   `"nuts"` see [group_priors].
#' @param marginal For `"em"`: `"laplace"`, or `"is"` to refine the marginal likelihood by importance
#'   sampling, which also tells for which subjects the Laplace approximation is off.
#' @param chains,warmup,draws For `"nuts"`: number of chains, and of iterations of each that adapt the
#'   sampler and that are kept.
#' @param thin For `"nuts"`: every how many draws of subjects' parameters to keep. Group-level draws
#'   are all kept.
#' @param keep For `"nuts"`: `"all"`, or `"group"` to keep of subjects only means and standard
#'   deviations. `NULL`: all, unless they would take more than 400 MB.
#' @param centred For `"nuts"`: which parameters of subjects are sampled as they are (`TRUE`, or their
#'   names) rather than as standard normal deviations from the group (`FALSE`). `"auto"`: in between,
#'   for each subject as far as its data tell in the empirical Bayes fit. It changes how fast chains
#'   mix, not what they tell. `NULL` is `"auto"`, but `FALSE` with [hbayesdm_priors()].
#' @param adapt_delta,max_depth For `"nuts"`: the acceptance rate that the step size aims at, and the
#'   largest depth of the trajectory's tree.
#' @param seed A whole number for starting points and draws; if `NULL`, R's generator provides one.
#' @param threads Number of threads; results are identical for any.
#' @param checkpoint For fits by subject and for `"nuts"`: a folder that keeps what is finished (parts
#'   of the data, chunks, chains). The same call takes up from there after an interrupt or a kill, and
#'   gives what an uninterrupted one gives, bit for bit.
#' @param backend Where to compute, as in [rl_loglik()]. Fits by subject stay on the GPU from their
#'   starts to the curvature at the maximum; the hierarchical methods have likelihoods and gradients
#'   computed there. A `checkpoint` goes on only on the backend that it was begun on.
#' @param ... Not used.
#' @return An object of class `rl_fit`, with methods for `coef`, `vcov`, `confint`, `logLik`, `AIC`,
#'   `BIC`, `nobs`, `fitted`, `residuals`, `predict`, `simulate`, `update`, `summary`, `plot` and for
#'   `tidy`, `glance`, `augment`; hierarchical fits have those of [rl_group_methods] too. Its
#'   documented parts, for S subjects and P free parameters:
#'   * `model`, `data`, `method`, `call`, `prior`, `seed`, for fits by subject `starts`; `arguments`, the
#'     values of the further arguments given; `backend`, where it was computed;
#'   * `estimates`, `std_error`: S x P matrices in natural units. By subject, standard errors come from
#'     the curvature at the maximum (for `"map"` that of the log posterior on the unconstrained scale,
#'     moved to natural units) and are `NA` at a bound or where the data do not identify a parameter.
#'     For `"em"` they are modes and standard deviations of the subjects' posteriors given the group,
#'     for `"nuts"` means and standard deviations;
#'   * `vcov`: a list by subject of P x P matrices;
#'   * `loglik`, `nobs`: by subject; `log_posterior`, `log_evidence`: for `"map"`;
#'   * `converged`, `status`, `message` by subject; `at_bound`, `flat` (S x P); for fits by subject also
#'     `gradient`, `scaled_gradient`, `iterations`, `starts_agree`;
#'   * `group`: for hierarchical fits, see [rl_group_methods]; `sampler` and `diagnostics` for `"nuts"`.
#'
#'   Where a covariate changes from block to block, every block has its parameters, and "subject" is
#'   a block of a subject (`subject:block`) in all of these.
#' @section Hierarchical models:
#' The unconstrained parameters of subject s (logit, log or identity, by the parameter's link) are
#' \deqn{z_{sp} = x_{sp}'\beta_p + w_{sp}'b_s, \qquad b_s \sim N(0, \Sigma)}{z = x'beta + w'b, b ~ N(0, Sigma)}
#' with x the covariates of the parameter's formula as [stats::model.matrix()] codes them, and w its
#' random effects. Without a formula a parameter has `~ 1 + (1 | subject)`: a value for the group
#' and a deviation for every subject. `alpha ~ group` keeps the deviations. `beta ~ 1`, and nothing
#' else, makes one value for all; so do, of whatever is on the right, `~ 0 + ...` and
#' `... + (0 | subject)`. Random slopes need a covariate that varies over a subject's blocks, as in
#' `beta ~ condition + (1 + condition | subject)`, and `||` in place of `|` keeps effects uncorrelated.
#' With `method = "mle"` there is no distribution over subjects: a formula makes a parameter shared
#' (`beta ~ 1`, `alpha ~ 0 + group`), the others are every subject's own.
#'
#' `"em"` alternates between each subject's posterior, approximated by a normal distribution at its
#' mode, and the group that fits those best (Huys et al. 2011), accelerated (Varadhan & Roland 2008),
#' until the marginal likelihood settles. Curvatures are central differences of the exact gradient.
#' Standard errors of the group's parameters come from the empirical information, the sum over
#' subjects of squared scores, or with fewer than two subjects for each group parameter from the
#' expected one. `logLik()` of such a fit is the log marginal likelihood, and its `BIC()` the
#' integrated BIC.
#'
#' `"nuts"` draws from the joint posterior (Hoffman & Gelman 2014; Betancourt 2017), chains starting
#' from the empirical Bayes fit, which also gives the first metric. Memory for draws is 8 bytes x
#' subjects x parameters x chains x draws / thin.
#' @section Convergence of fits by subject:
#' A fit has converged when its scaled gradient is below 1e-6: the largest \eqn{|g_j| s_j} over the
#' parameters not held at a bound, \eqn{s_j} the standard deviation that the curvature implies.
#' A maximum at an edge of the range (or of the search: 100 for positive parameters without an upper
#' bound, 1000 in size for real ones) is flagged, and so are parameters the likelihood does not depend
#' on. A subject that fails does not stop the rest. Ctrl-C returns what is finished; a GPU
#' first ends the subjects that it is at.
#'
#' A prior on the unconstrained scale moves to natural units by the link, and a MAP fit is the mode
#' on that scale; the log evidence is
#' \eqn{\log p(y, \hat z) + \frac{P}{2}\log 2\pi - \frac12 \log |H|} (Laplace).
#' @references
#' Daw, N. D. (2011). Trial-by-trial data analysis using computational models. In *Decision Making,
#' Affect, and Learning*. Oxford University Press.
#'
#' Huys, Q. J. M., Cools, R., Goelzer, M., Friedel, E., Heinz, A., Dolan, R. J. & Dayan, P. (2011).
#' Disentangling the roles of approach, activation and valence in instrumental and Pavlovian
#' responding. *PLoS Computational Biology*, 7(4), e1002028.
#'
#' Varadhan, R. & Roland, C. (2008). Simple and globally convergent methods for accelerating the
#' convergence of any EM algorithm. *Scandinavian Journal of Statistics*, 35, 335-353.
#'
#' Hoffman, M. D. & Gelman, A. (2014). The no-U-turn sampler. *Journal of Machine Learning Research*,
#' 15, 1593-1623.
#'
#' Betancourt, M. (2017). A conceptual introduction to Hamiltonian Monte Carlo. arXiv:1701.02434.
#' @examples
#' data <- rl_data(bandit_example)
#' fit <- rl_fit("rw", data, starts = 5, seed = 1)
#' fit
#' head(coef(fit))
#'
#' # A hierarchical model, by empirical Bayes
#' group <- rl_fit("rw", data, method = "em", seed = 1)
#' group
#' summary(group)$group
#' @export
rl_fit <- function(model, data, method = c("mle", "map", "em", "nuts"), formula = NULL,
                   covariance = "full", starts = 10, prior = NULL,
                   marginal = c("laplace", "is"), chains = 4, warmup = 1000, draws = 1000, thin = 1,
                   keep = NULL, centred = NULL, adapt_delta = 0.8, max_depth = 10, seed = NULL,
                   threads = NULL, checkpoint = NULL, backend = NULL, ...) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  data <- as_fit_data(data, call)
  model <- model_for_data(model, data, call)
  method <- check_choice(method, c("mle", "map", "em", "nuts"))
  check_arguments_of_method(method, names(match.call()), call)
  given <- setdiff(names(match.call())[-1L], c("model", "data", "method", "seed", "threads",
    "checkpoint", "backend"))
  arguments <- mget(intersect(given, names(formals())))
  arguments$formula <- without_surroundings(arguments$formula)
  starts <- check_count(starts)
  check_dots_empty(...)
  check_has_response(model, call)
  # Jobs that run elsewhere have as many as there are there, unless the user has said.
  given_threads <- threads
  threads <- resolve_threads(threads)
  seed <- resolve_seed(seed, call)
  if (length(free_parameters(model)) == 0) {
    rescorla_abort(c("Model {.val {model$name}} has no free parameter to estimate.",
      i = "`rl_loglik()` evaluates it."), "model", call = call)
  }
  backend <- choose_backend(backend, fit_size(data, method, starts), call)
  local_backend(backend)
  began <- proc.time()[["elapsed"]]
  if (method %in% c("mle", "map") && is.null(formula)) {
    prior <- resolve_prior(prior, model, method, call)
    fit <- fit_subjects(model, data, method, starts, prior, seed, given_threads, checkpoint,
      call)
  } else {
    check_group_data(data, method, checkpoint, call)
    group <- group_request(model, data, formula, covariance, prior, centred, call)
    fit <- switch(method,
      mle = fit_shared(group$model, data, group$design, seed, starts, threads, call),
      em = fit_em(group$model, data, group$design, seed, starts,
        check_choice(marginal, c("laplace", "is")), threads, call),
      nuts = fit_nuts(group$model, data, group$design, prior, seed, starts,
        sampler_settings(chains, warmup, draws, thin, keep, group$centred, adapt_delta, max_depth,
          call), given_threads, checkpoint, call)
    )
  }
  fit$backend <- backend
  fit$elapsed <- proc.time()[["elapsed"]] - began
  fit$call <- match.call()
  fit$arguments <- arguments
  fit
}

# What "auto" weighs: a fit by subject has several starts for the device to work on at a time.
fit_size <- function(data, method, starts) {
  rows <- if (inherits(data, "rl_data_chunks")) max(data$chunks$trials) else length(data$order)
  # Integers end at 2^31.
  as.double(rows) * if (method %in% c("mle", "map")) starts else 1
}

# What fits of other kinds do not do with chunks and checkpoints.
check_group_data <- function(data, method, checkpoint, call) {
  if (!is.null(checkpoint) && method == "mle") {
    rescorla_abort(c("`checkpoint` is not used with `formula` and `method = \"mle\"`.",
      i = "All subjects are fitted together, in one go."), "input", arg = "checkpoint", call = call)
  }
  if (!inherits(data, "rl_data_chunks") || method == "em") return(invisible())
  rescorla_abort(c(
    if (method == "nuts") "`method = \"nuts\"` needs all data in memory, and these are in chunks." else
      "Parameters shared by subjects need all data in memory, and these are in chunks.",
    i = "Chunk by chunk go fits by subject (`\"mle\"` and `\"map\"`, without `formula`) and empirical
         Bayes (`\"em\"`).",
    i = if (method == "nuts") "`rl_data()` of a data frame with some of the subjects samples these."
  ), "data", call = call)
}

# What a hierarchical model is asked to be: a set of priors brings links and a form of its own.
group_request <- function(model, data, formula, covariance, prior, centred, call) {
  if (inherits(prior, "rl_prior_set")) {
    model <- prior_set_model(prior, model)
    covariance <- "diagonal"
    if (is.null(centred)) centred <- FALSE
  }
  design <- if (inherits(data, "rl_data_chunks")) {
    chunked_design(formula, covariance, model, data, call)
  } else {
    hierarchy_design(formula, covariance, model, data, call)
  }
  check_units(model, design, call)
  list(model = model, design = design, centred = centred)
}

# Arguments that say nothing to the method are mistakes.
check_arguments_of_method <- function(method, given, call) {
  own <- list(
    formula = c("mle", "em", "nuts"), covariance = c("em", "nuts"), prior = c("map", "nuts"),
    marginal = "em", chains = "nuts", warmup = "nuts", draws = "nuts", thin = "nuts",
    keep = "nuts", centred = "nuts", adapt_delta = "nuts", max_depth = "nuts",
    checkpoint = c("mle", "map", "nuts")
  )
  wrong <- Filter(\(name) !method %in% own[[name]], intersect(names(own), given))
  if (length(wrong)) {
    methods <- paste0("method = \"", own[[wrong[1]]], "\"")
    rescorla_abort(c(
      "`{wrong[1]}` is not used by `method = \"{method}\"`.",
      i = "It is an argument of {.or {.code {methods}}}."
    ), "input", call = call)
  }
}

sampler_settings <- function(chains, warmup, draws, thin, keep, centred, adapt_delta, max_depth,
                             call) {
  if (!is.null(keep)) keep <- check_choice(keep, c("all", "group"), call = call)
  list(
    chains = check_count(chains, call = call), warmup = check_count(warmup, min = 0, call = call),
    draws = check_count(draws, call = call), thin = check_count(thin, call = call),
    keep = keep, centred = centred,
    adapt_delta = check_number(adapt_delta, lower = 0.01, upper = 0.999, call = call),
    max_depth = check_count(max_depth, call = call)
  )
}

# Named priors for every free parameter, or NULL for maximum likelihood.
resolve_prior <- function(prior, model, method, call) {
  if (method == "mle") {
    if (!is.null(prior)) {
      rescorla_abort(c("`prior` is used by `method = \"map\"` and `method = \"nuts\"` only.",
        i = "Drop it, or choose one of them."), "input", call = call)
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
    if (!chosen$kind %in% names(prior_codes)) {
      rescorla_abort(c("The prior {.code {chosen$text}} is not one of a parameter.",
        i = "It is for `method = \"nuts\"`; see `?rl_prior`."), "input", call = call)
    }
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

# Formulas without the environment they were written in, which a saved fit would keep whole.
without_surroundings <- function(formula) {
  if (is.list(formula)) return(lapply(formula, without_surroundings))
  if (inherits(formula, "formula")) environment(formula) <- globalenv()
  formula
}
