#' Simulation-based calibration
#'
#' Checks full Bayes itself, for this model and task: groups are drawn from the priors, subjects
#' from the groups and data from the subjects; fitted, the true values must be spread evenly over
#' the posteriors. Where they are not, the sampler, the likelihood or a prior is not what it should
#' be.
#'
#' @inheritParams rl_recover
#' @param task A task such as [task_bandit()], or a function of the number of the data set that
#'   gives one.
#' @param subjects Number of subjects in a data set.
#' @param method `"nuts"`. Other methods give no draws: see Details.
#' @param nsim Number of data sets. A hundred show what is grossly wrong, a thousand what is
#'   slightly.
#' @param prior Priors, as in [group_priors]; data are simulated from them and fitted with them.
#' @param ranks Number of draws, evenly spaced over the chains, among which true values are ranked.
#' @param level Of the simultaneous bands.
#' @param chains,warmup,draws,... As in [rl_fit()]. `formula` and `covariance` cannot be given: the
#'   model is `~ 1 + (1 | subject)` for every parameter, with correlations.
#' @return An object of class `rl_calibration`, a list with
#'   * `ranks`: a data frame with a row for each data set and quantity: `simulation`, `quantity`,
#'     `true`, `rank` (from 0 to `n_ranks`, the number of draws below the true value; ties are
#'     broken at random);
#'   * `summary`: by quantity `n`, `mean` (of the normalised ranks (rank + 0.5) / (`n_ranks` + 1),
#'     which should be 0.5), `spread` (their variance over that of a uniform distribution, which
#'     should be 1), `difference` (the largest between the ranks' ECDF and the uniform one), `p` and
#'     `inside`, whether the ECDF is within its simultaneous band (`p` at least 1 - `level`);
#'   * `simulations`: for each data set `divergent` (of `transitions`) and `rhat`, the largest;
#'   * `n_ranks`, `level`, `model`, `subjects`, `nsim`, `seed`, `call`.
#'
#'   Quantities are the group's values, standard deviations and correlations, the parameters of the
#'   first subject, and `log_lik`, the log-likelihood of all data at the subjects' parameters, which
#'   tells errors that none of the others does (Modrák et al. 2023).
#' @details
#' With ranks r among L draws, P(r < j) = j / (L + 1) for j = 1, ..., L exactly. The band is where
#' N such ranks stay with probability `level` at all these j at once: between the quantiles
#' gamma / 2 and 1 - gamma / 2 of the binomial distributions of the counts, with the gamma that
#' gives the probability `level`. It is computed exactly, by summing over the paths of the counts, a
#' Markov chain (Säilynoja et al. 2022); `p` is the probability of an ECDF somewhere as far out as
#' this one.
#'
#' Fits by `"mle"`, `"map"` and `"em"` have no posterior that could be calibrated over the prior;
#' how often their intervals hold the true value is the `coverage` of [rl_recover()].
#' @inheritSection rl_recover Large and long studies
#' @references
#' Talts, S., Betancourt, M., Simpson, D., Vehtari, A. & Gelman, A. (2018). Validating Bayesian
#' inference algorithms with simulation-based calibration. arXiv:1804.06788.
#'
#' Säilynoja, T., Bürkner, P.-C. & Vehtari, A. (2022). Graphical test for discrete uniformity and
#' its applications in goodness-of-fit evaluation and multiple sample comparison. *Statistics and
#' Computing*, 32, 32.
#'
#' Modrák, M., Moon, A. H., Kim, S., Bürkner, P., Huurre, N., Faltejsková, K., Gelman, A. &
#' Vehtari, A. (2023). Simulation-based calibration checking for Bayesian computation: the choice of
#' test quantities shapes sensitivity. *Bayesian Analysis*.
#' @examples
#' # Far too small, but fast
#' calibration <- rl_calibrate("rw", task_bandit(c(0.2, 0.8), trials = 20), subjects = 4, nsim = 5,
#'   ranks = 19, warmup = 150, draws = 190, seed = 1)
#' calibration
#' @export
rl_calibrate <- function(model, task, subjects = 20, method = "nuts", nsim = 100, prior = NULL,
                         ranks = 99, level = 0.95, chains = 1, warmup = 500, draws = 1000,
                         seed = NULL, checkpoint = NULL, threads = NULL, ...) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  check_has_response(model, call)
  check_calibrated_method(method, call)
  subjects <- check_count(subjects)
  nsim <- check_count(nsim)
  ranks <- check_count(ranks, min = 9)
  check_level(level)
  if (!is.null(threads)) check_count(threads)
  arguments <- c(list(chains = check_count(chains), warmup = check_count(warmup),
    draws = check_count(draws)), study_fit_arguments(list(...), "nuts", call,
      taken = c("formula", "covariance", "marginal", "thin", "keep", "prior")))
  if (ranks > chains * draws) {
    rescorla_abort(c("`ranks` must be at most the number of draws, {chains * draws}.",
      x = "It is {ranks}."), "input", call = call)
  }
  check_prior_request(prior %||% TRUE, TRUE, "data", call)
  resolve_group_prior(prior, model, intercepts_design(prior_set_model(prior, model)), call)
  tasks <- study_tasks(if (missing(task)) NULL else task, list(model), call)
  if (length(tasks$label) > 1) {
    rescorla_abort("`task` must be one task, or a function that gives one.", "input", call = call)
  }
  seed <- study_seed(seed, checkpoint, call)
  jobs <- lapply(seq_len(nsim), \(i) list(simulation = i, task = tasks$get(1L, i),
    seed = job_seed(seed, i)))
  shared <- list(model = model, prior = prior, subjects = subjects, ranks = ranks,
    threads = threads, arguments = arguments)
  found <- run_jobs(jobs, calibrate_once, shared, "simulations", checkpoint,
    study_key("rl_calibrate", model, "nuts", arguments, prior, subjects, ranks), call)
  new_calibration(found, model, subjects, level, seed, match.call())
}

check_calibrated_method <- function(method, call) {
  if (identical(method, "nuts")) return(invisible())
  check_choice(method, c("mle", "map", "em", "nuts"), arg = "method", call = call)
  rescorla_abort(c(
    "Calibration ranks true values among draws from a posterior, and
     {.code method = \"{method}\"} has none.",
    i = "`method = \"nuts\"` has.",
    i = "`rl_recover(method = \"{method}\")$summary` tells how often intervals hold the true value."
  ), "input", call = call)
}

# --- one data set ---------------------------------------------------------------------------------

calibrate_once <- function(job, shared) {
  model <- shared$model
  data <- stats::simulate(model, seed = job$seed, prior = shared$prior %||% TRUE, task = job$task,
    subjects = shared$subjects, threads = shared$threads)
  checked <- suppressWarnings(rl_data(data), classes = "rescorla_warning")
  fit <- study_fit(model, checked, "nuts", job$seed, shared$threads,
    c(shared$arguments, list(prior = shared$prior, keep = "all")))
  own <- as.matrix(attr(data, "parameters")[free_parameters(model)])
  drawn <- fit$group$draws
  group <- group_truth(data)
  group <- group[names(group) %in% dimnames(drawn)[[3]]]
  chosen <- choose_draws(dim(drawn), shared$ranks, shared$ranks, rlang::current_env())
  draws <- lapply(seq_along(chosen$draw), function(d) {
    at <- list(chosen$draw[d], chosen$chain[d])
    subjects <- fit$group$subject_draws[at[[1]], at[[2]], , ]
    subjects <- matrix(subjects, ncol = ncol(own), dimnames = list(NULL, colnames(own)))
    c(drawn[at[[1]], at[[2]], names(group)], subjects[1, ],
      total_loglik(model, checked, subjects, shared$threads))
  })
  draws <- do.call(rbind, draws)
  truth <- c(group, own[1, ], total_loglik(model, checked, own, shared$threads))
  names <- c(names(group), paste0(colnames(own), "_subject[1]"), "log_lik")
  below <- colSums(draws < rep(truth, each = nrow(draws)))
  ties <- colSums(draws == rep(truth, each = nrow(draws)))
  chance <- with_seed(job$seed, stats::runif(length(ties)))
  list(
    ranks = data.frame(simulation = job$simulation, quantity = names, true = unname(truth),
      rank = unname(below + floor(chance * (ties + 1))), draws = nrow(draws)),
    troubles = fit_troubles(fit)
  )
}

total_loglik <- function(model, data, values, threads) {
  each <- suppressWarnings(rl_loglik(model, data, as.data.frame(values), threads = threads),
    classes = "rescorla_warning")
  sum(each)
}

# The group's true values, standard deviations and correlations, by name as draws have them.
group_truth <- function(data) {
  group <- attr(data, "group")
  correlation <- attr(data, "correlation")[[1]]
  free <- group$parameter
  pairs <- correlated_pairs(rep(1L, length(free)))
  c(stats::setNames(group$median, free), stats::setNames(group$sd, paste0("sd_", free)),
    stats::setNames(correlation[pairs],
      paste0("cor_", free[pairs[, 2]], "_", free[pairs[, 1]], recycle0 = TRUE)))
}
