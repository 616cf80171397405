# Models, subjects and the group at once: hierarchical Bayesian inference.

#' Hierarchical Bayesian inference over models and subjects
#'
#' Fits one or several models to all subjects together. What a subject's data say about the group is
#' weighted by the probability that the model is that subject's: each model's group distribution is
#' learned from the subjects it describes, and the frequencies of models are inferred with it.
#'
#' @details
#' On the unconstrained scale of each parameter's link (logit, log, identity; see
#' [parameter_kinds]) the D parameters of model k vary between subjects as
#' \eqn{h_n \sim N(\mu_k, \mathrm{diag}(\tau_k)^{-1})}, with normal-gamma priors
#' \eqn{\mu_{ki} \mid \tau_{ki} \sim N(0, (b\,\tau_{ki})^{-1})},
#' \eqn{\tau_{ki} \sim \mathrm{Gamma}(v, s)}, where b = 1, v = 0.5, s = 0.01. Which model is a
#' subject's is drawn by frequencies with the prior Dirichlet(1, ..., 1). The posterior is
#' approximated by independent parts for the group and for the subjects, updated in turn (Piray et
#' al. 2019):
#'
#' 1. with \eqn{N_k = \sum_n r_{nk}} from the responsibilities, and the subjects' weighted mean
#'    \eqn{\bar\theta_k} and variance \eqn{S_k} (spread of modes and mean posterior variance),
#'    \eqn{a_k = N_k \bar\theta_k / \beta_k}, \eqn{\beta_k = b + N_k}, \eqn{\nu_k = v + N_k / 2},
#'    \eqn{\sigma_k = s + \frac12 (N_k S_k + \frac{b N_k}{\beta_k} \bar\theta_k^2)} and
#'    \eqn{\alpha_k = 1 + N_k};
#' 2. each subject's posterior under each model is approximated at its mode (Laplace) with the prior
#'    \eqn{N(a_k, \mathrm{diag}(\sigma_k / \nu_k))}, which gives a log evidence \eqn{\log f_{nk}};
#' 3. \eqn{r_{nk} \propto \exp\{\log f_{nk} + \frac{D}{2}(\psi(\nu_k) - \log \nu_k - 1/\beta_k) +
#'    \psi(\alpha_k)\}}.
#'
#' It begins with \eqn{r_{nk} = 1} and the prior N(0, 6.25) for every parameter, and ends when the
#' standardised group means \eqn{\bar\theta / \sqrt S} change by less than `tolerance` (root mean
#' square) and the frequencies likewise. Modes are sought from the last one and from the group mean,
#' and, before it ends, from `starts` other points once more.
#'
#' Where models predict much the same, as nested ones may, one tends to take all subjects with false
#' certainty: compare [rl_bms()], and the `bound` of inferences with each model alone.
#'
#' The *protected* exceedance probability allows for the null hypothesis that all K models are
#' equally frequent: \eqn{(1-w)\,\varphi_k + w/K}, \eqn{w = 1/(1+e^{L-L_0})}, with the lower bounds
#' L of the inference above and \eqn{L_0} of the null model. With `null = "responsibilities"` this
#' gives every model the responsibility 1/K for every subject, whatever the data say, as Piray et
#' al. (2019) do; its bound is loose, so that it protects little. With `null = "frequencies"` only
#' the frequencies are 1/K and subjects are told apart, as in Rigoux et al. (2014) and [rl_bms()].
#'
#' A group mean differs from m if \eqn{(a - m)/e}, e being the hierarchical error
#' \eqn{\sqrt{\sigma/(\beta\nu)}}, is extreme for a t distribution with `df` degrees of freedom.
#' @param models Models from [rl_model()] or names of models in the catalogue, in a list or vector;
#'   names name them. One model makes a hierarchical fit without comparison.
#' @param data Data from [rl_data()], or a data frame as it takes it.
#' @param null The null model of protected exceedance probabilities: what is held equal over models,
#'   `"responsibilities"` or `"frequencies"`; `"none"` goes without and takes half the time.
#' @param starts Number of starting points for each subject and model.
#' @param tolerance Change at which the group counts as settled.
#' @param iterations At most so many iterations.
#' @param seed A whole number for the starting points; if `NULL`, R's generator provides one.
#' @param threads Number of threads.
#' @param x An object of class `rl_hbi`.
#' @param digits Number of significant digits.
#' @param row.names,optional,... Not used; part of the generic.
#' @return An object of class `rl_hbi`, a list:
#' * `models`: a data frame with a row for each model: `model`, `frequency` (mean responsibility),
#'   `exceedance` (the probability that the model is the most frequent one), `protected_exceedance`
#'   (`NA` without the null model), `n_responsible` (subjects for whom it is the most probable one),
#'   `alpha` (posterior Dirichlet count). `as.data.frame()` returns it.
#' * `group`: a data frame with a row for each parameter of each model: `model`, `parameter`,
#'   `mean_raw` (a), `hierarchical_error`, `df` (\eqn{2\nu}), `sd_raw` (\eqn{\sqrt{\sigma/\nu}},
#'   between subjects), all on the unconstrained scale, and `median` (the group mean in natural
#'   units, the median of the group's distribution there).
#' * `responsibilities`, `log_evidence`: subjects x models matrices.
#' * `parameters`: a list by model of subjects x parameters matrices, estimates in natural units.
#' * `bound`: the lower bound by iteration; `bound_null`: that of the null model; `bor`: w.
#' * `converged`, `iterations`, `n_subjects`, `data`, `seed`.
#' @section Errors: Subjects with data impossible under all models give a `rescorla_error_data`.
#' @references
#' Piray, P., Dezfouli, A., Heskes, T., Frank, M. J. & Daw, N. D. (2019). Hierarchical Bayesian
#' inference for concurrent model fitting and comparison for group studies. *PLoS Computational
#' Biology*, 15(6), e1007043.
#'
#' Rigoux, L., Stephan, K. E., Friston, K. J. & Daunizeau, J. (2014). Bayesian model selection for
#' group studies - revisited. *NeuroImage*, 84, 971-985.
#' @seealso [rl_bms()] for evidences from separate fits.
#' @examples
#' both <- rl_hbi(c("rw_asymmetric", "kalman"), bandit_example, starts = 5, seed = 1)
#' both
#' both$group
#' head(both$responsibilities)
#' @export
rl_hbi <- function(models, data, null = c("responsibilities", "frequencies", "none"), starts = 10,
                   tolerance = 1e-3, iterations = 200, seed = NULL, threads = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  data <- as_rl_data(data, call)
  models <- hbi_models(models, data, call)
  null <- check_choice(null, c("responsibilities", "frequencies", "none"))
  how <- list(starts = check_count(starts), tolerance = check_number(tolerance, lower = 0),
    iterations = check_count(iterations))
  threads <- resolve_threads(threads)
  seed <- resolve_seed(seed, call)
  states <- lapply(models, hbi_begin, data = data, starts = how$starts, seed = seed,
    threads = threads, call = call)
  check_possible(states, data, call)
  found <- hbi_iterate(states, how)
  found_null <- if (null != "none" && length(models) > 1L) hbi_iterate(states, how, null)
  warn_hbi(found, found_null, call)
  new_hbi(found, found_null, data, seed)
}

hbi_hyper <- list(b = 1, v = 0.5, s = 0.01, alpha = 1, first_variance = 6.25)

# --- the iteration ----------------------------------------------------------------------------

# The null model holds `equal` responsibilities or frequencies. The first round takes every model to
# be everyone's.
hbi_iterate <- function(states, how, equal = "none") {
  k <- length(states)
  r <- matrix(1, nrow(states[[1L]]$mode), k)
  bound <- numeric()
  before <- NULL
  settled <- FALSE
  bar <- progress_bar(how$iterations, "Hierarchical inference")
  for (i in seq_len(how$iterations)) {
    groups <- Map(hbi_group, states, lapply(seq_len(k), \(j) r[, j]))
    counts <- vapply(groups, `[[`, 0, "count")
    now <- hbi_summary(groups, counts)
    change <- if (is.null(before)) Inf else sqrt(colMeans((now - before)^2))
    before <- now
    # Two quiet rounds, the second of which has looked elsewhere for better modes.
    quiet <- all(change < how$tolerance)
    converged <- quiet && settled
    if (converged) break
    settled <- quiet
    states <- Map(\(state, group) hbi_e_step(state, group$mean, group$precision, settled),
      states, groups)
    step <- hbi_responsibilities(states, groups, hbi_hyper$alpha + counts, equal)
    r <- step$r
    bound[i] <- step$bound
    bar$tick(i)
  }
  bar$done()
  list(states = states, groups = groups, r = r, bound = bound, converged = converged)
}

# What has to settle: standardised means, and shares of subjects (one column each, recycled).
hbi_summary <- function(groups, counts) {
  means <- unlist(lapply(groups, \(g) g$theta / sqrt(pmax(g$spread, 1e-12))))
  cbind(means, rep_len(counts / sum(counts), length(means)))
}

# Normal-gamma posterior of the group's means and precisions: vectors by parameter.
hbi_group <- function(state, r) {
  h <- hbi_hyper
  n <- sum(r)
  # A model that is nobody's learns nothing.
  w <- if (n > 0) r / n else r
  theta <- colSums(w * state$mode)
  spread <- colSums(w * (sweep(state$mode, 2L, theta)^2 + state$variance))
  beta <- h$b + n
  nu <- h$v + n / 2
  sigma <- h$s + (n * spread + h$b * n / beta * theta^2) / 2
  list(count = n, theta = theta, spread = spread, mean = n * theta / beta, beta = beta, nu = nu,
    sigma = sigma, precision = nu / sigma)
}

# Responsibilities, and the lower bound of the log evidence of all data.
hbi_responsibilities <- function(states, groups, alpha, equal) {
  k <- length(states)
  free <- equal == "none"
  log_f <- vapply(states, `[[`, states[[1L]]$log_evidence, "log_evidence")
  # What the group's uncertainty takes from the evidence at its mean.
  lambda <- vapply(groups, \(g) {
    length(g$mean) / 2 * (digamma(g$nu) - log(g$nu) - 1 / g$beta)
  }, 0)
  log_m <- if (free) digamma(alpha) - digamma(sum(alpha)) else rep(-log(k), k)
  log_rho <- sweep(matrix(log_f, ncol = k), 2L, lambda + log_m, `+`)
  r <- row_softmax(log_rho)
  if (equal == "responsibilities") r[] <- 1 / k
  gain <- (r * (log_rho - log(r)))[r > 0]
  divergence <- sum(vapply(groups, hbi_group_divergence, 0)) +
    if (free) dirichlet_divergence(alpha, rep(hbi_hyper$alpha, k)) else 0
  list(r = r, bound = sum(gain) - divergence)
}

# Kullback-Leibler divergence of the group's normal-gamma posterior from its prior.
hbi_group_divergence <- function(g) {
  h <- hbi_hyper
  log_norm <- \(nu, sigma) nu * log(sigma) - lgamma(nu)
  of_mean <- (log(g$beta / h$b) + h$b * g$precision * g$mean^2 + h$b / g$beta - 1) / 2
  of_precision <- (g$nu - h$v) * (digamma(g$nu) - log(g$sigma)) -
    (g$sigma - h$s) * g$precision + log_norm(g$nu, g$sigma) - log_norm(h$v, h$s)
  sum(of_mean + of_precision)
}

# --- subjects ---------------------------------------------------------------------------------

# A model with all it takes to fit it, and its subjects' posteriors under the first prior.
hbi_begin <- function(model, data, starts, seed, threads, call) {
  free <- free_parameters(model)
  size <- length(free)
  mode <- matrix(0, length(data$subjects), size,
    dimnames = list(as.character(data$subjects), free))
  state <- list(
    model = model, kinds = model$kinds[free], threads = threads, mode = mode,
    near = bind_for_fit(model, data, 2L, call),
    wide = bind_for_fit(model, data, starts + 2L, call),
    points = matrix(starting_points(model, starts, seed, fit_problem(model, NULL, starts)), size)
  )
  hbi_e_step(state, rep(0, size), rep(1 / hbi_hyper$first_variance, size), thorough = TRUE)
}

# Laplace approximation for every subject under a normal prior on the unconstrained scale, its mean
# and precision by parameter: sets `mode` and `variance` (subjects x parameters, that scale) and
# `log_evidence`. Climbs start at the prior mean and the last mode, a `thorough` step elsewhere too.
hbi_e_step <- function(state, mean, precision, thorough = FALSE) {
  prior <- Map(\(m, p) prior_normal(m, 1 / sqrt(p)), mean, precision)
  points <- hbi_points(state, mean, thorough)
  problem <- fit_problem(state$model, prior, dim(points)[2L])
  bound <- if (thorough) state$wide else state$near
  result <- cpp_fit(bound$kernels, bound$packed, bound$bound, needs_every(state$model), problem,
    points, fit_options(), colnames(state$mode), state$threads, \(finished) NULL)
  if (!result$complete) rlang::interrupt()
  hbi_posterior(state, result, mean, precision)
}

# [parameter, start, subject], natural units.
hbi_points <- function(state, mean, thorough) {
  others <- if (thorough) state$points
  points <- array(0, c(length(mean), 2L + NCOL(others) * thorough, nrow(state$mode)))
  points[, 1L, ] <- link_natural(mean, state$kinds)
  points[, 2L, ] <- link_natural(t(state$mode), state$kinds)
  if (thorough) points[, -(1:2), ] <- others
  points
}

hbi_posterior <- function(state, result, mean, precision) {
  size <- length(mean)
  state$mode[] <- t(link_real(t(result$estimate), state$kinds))
  state$variance <- state$mode
  state$log_evidence <- result$log_evidence
  for (s in seq_len(nrow(state$mode))) {
    if (!is.finite(result$log_posterior[s])) {
      # Impossible under this model: no evidence, and nothing but the prior.
      state$log_evidence[s] <- -Inf
      state$mode[s, ] <- mean
      state$variance[s, ] <- 1 / precision
    } else if (is.finite(result$log_evidence[s])) {
      state$variance[s, ] <- diag(solve(matrix(result$hessian_real[s, ], size)))
    } else {
      # Not a maximum in all directions: the prior's curvature stands in.
      state$log_evidence[s] <- result$log_posterior[s] + sum(log(2 * pi / precision)) / 2
      state$variance[s, ] <- 1 / precision
    }
  }
  state
}

# Natural units from the unconstrained scale and back, a row for each parameter.
link_natural <- function(z, kinds) {
  t(natural_matrix(t(matrix(z, length(kinds))), parameter_maps(kinds)))
}

# An estimate at the very edge of the search is kept within what the optimiser can tell apart.
link_real <- function(x, kinds) {
  maps <- parameter_maps(kinds)
  rows <- matrix(x, length(kinds))
  for (p in seq_along(kinds)) {
    edge <- real_line_edge[[maps$link[p]]]
    rows[p, ] <- pmin(pmax(to_real(rows[p, ], maps, p), -edge), edge)
  }
  rows
}

# --- arguments and result ---------------------------------------------------------------------

hbi_models <- function(models, data, call) {
  if (inherits(models, "rl_model")) models <- list(models)
  if (!(is.list(models) || is.character(models)) || length(models) == 0L) {
    abort_argument(models, "models, or names of models in the catalogue", FALSE, "models", call)
  }
  made <- name_models(lapply(models, \(m) model_for_data(as_model(m, call, "models"), data, call)))
  check_comparable_models(made, call)
  made
}

# By what they were given as, or their own names.
name_models <- function(models) {
  names <- rlang::names2(models)
  for (i in which(!nzchar(names))) names[i] <- models[[i]]$id %||% models[[i]]$name
  stats::setNames(models, make.unique(names, sep = "_"))
}

# Each has something to estimate, and all explain the same responses.
check_comparable_models <- function(made, call) {
  responses <- lapply(made, \(m) sort(vapply(m$program$responses, `[[`, "", "name")))
  for (name in names(made)) {
    check_has_response(made[[name]], call)
    if (length(free_parameters(made[[name]])) == 0L) {
      rescorla_abort("Model {.val {name}} has no free parameter.", "model", call = call)
    }
    if (!identical(responses[[name]], responses[[1L]])) {
      rescorla_abort(c(
        "The models {.val {names(made)[1L]}} and {.val {name}} do not explain the same data.",
        x = "The first models {.code {responses[[1L]]}}, the second {.code {responses[[name]]}}."
      ), "model", call = call)
    }
  }
}

check_possible <- function(states, data, call) {
  possible <- vapply(states, \(s) s$log_evidence > -Inf, logical(length(data$subjects)))
  bad <- rowSums(matrix(possible, ncol = length(states))) == 0
  if (any(bad)) {
    rescorla_abort(c(
      "{sum(bad)} subject{?s} {?has/have} data that are impossible under every model:
       {name_some(data$subjects[bad])}.",
      i = "Leave them out, or check them: {.fn rl_loglik} names the trial."
    ), "data", call = call, subjects = data$subjects[bad])
  }
}

warn_hbi <- function(found, found_null, call) {
  open <- !c(found$converged, found_null$converged %||% TRUE)
  if (any(open)) {
    rescorla_warn(c(
      "The inference{if (!open[1L]) \" of the null model\"} has not settled.",
      i = "Raise {.arg iterations} or {.arg tolerance}; {.code x$bound} shows its course."
    ), "convergence", call = call)
  }
}

new_hbi <- function(found, found_null, data, seed) {
  k <- length(found$states)
  models <- names(found$states)
  labels <- list(as.character(data$subjects), models)
  counts <- vapply(found$groups, `[[`, 0, "count")
  alpha <- unname(hbi_hyper$alpha + counts)
  exceedance <- dirichlet_exceedance(alpha)
  last <- \(run) utils::tail(run$bound, 1L)
  bor <- if (k == 1L) 0 else if (is.null(found_null)) NA_real_ else
    stats::plogis(last(found_null) - last(found))
  structure(
    list(
      models = data.frame(
        model = models, frequency = unname(counts) / sum(counts), exceedance = exceedance,
        protected_exceedance = (1 - bor) * exceedance + bor / k,
        n_responsible = tabulate(max.col(found$r, "first"), k), alpha = alpha
      ),
      group = do.call(rbind, unname(Map(hbi_group_table, models, found$states, found$groups))),
      responsibilities = structure(found$r, dimnames = labels),
      log_evidence = matrix(vapply(found$states, `[[`, found$r[, 1L], "log_evidence"), ncol = k,
        dimnames = labels),
      parameters = lapply(found$states, \(s) {
        structure(t(link_natural(t(s$mode), s$kinds)), dimnames = dimnames(s$mode))
      }),
      bound = found$bound, bound_null = if (!is.null(found_null)) last(found_null), bor = bor,
      converged = found$converged, iterations = length(found$bound),
      n_subjects = length(data$subjects), data = data, seed = seed
    ),
    class = "rl_hbi"
  )
}

hbi_group_table <- function(name, state, g) {
  data.frame(
    model = name, parameter = names(state$kinds), mean_raw = g$mean,
    hierarchical_error = sqrt(g$sigma / (g$beta * g$nu)), df = 2 * g$nu,
    sd_raw = sqrt(g$sigma / g$nu), median = link_natural(g$mean, state$kinds)[, 1L],
    row.names = NULL
  )
}

#' @rdname rl_hbi
#' @export
print.rl_hbi <- function(x, ..., digits = 3L) {
  g <- x$group
  shown <- data.frame(model = g$model, parameter = g$parameter,
    median = format_signif(g$median, digits), mean = format_signif(g$mean_raw, digits),
    error = format_signif(g$hierarchical_error, digits), sd = format_signif(g$sd_raw, digits))
  frequencies <- cbind(frequency_table(x$models, 3L), subjects = x$models$n_responsible)
  most <- 14L
  cat(
    clip(paste0("<rl_hbi> ", plural(nrow(x$models), "model"), ", ",
      plural(x$n_subjects, "subject"), ", ", if (x$converged) "settled" else "NOT settled",
      " after ", plural(x$iterations, "iteration"))),
    if (nrow(x$models) > 1L) {
      c("Model frequencies, and the probability that a model is the most frequent one",
        clip(table_lines(utils::head(frequencies, 10L), left = "model")))
    },
    "",
    "Group: median in natural units; mean, its error and sd on the unconstrained scale",
    clip(table_lines(utils::head(shown, most), left = c("model", "parameter"))),
    if (nrow(shown) > most) paste0("  ... and ", nrow(shown) - most, " more"),
    "Next: x$group, x$parameters (by model and subject), x$responsibilities",
    sep = "\n"
  )
  invisible(x)
}

#' @rdname rl_hbi
#' @export
as.data.frame.rl_hbi <- function(x, row.names = NULL, optional = FALSE, ...) x$models
