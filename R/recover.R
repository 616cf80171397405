#' Parameter recovery
#'
#' Simulates subjects whose parameters are known, fits them, and compares: how far can estimates
#' from this task, with this many trials, be trusted?
#'
#' @param model A model, or the name of one in the catalogue.
#' @param task A task such as [task_bandit()]. A list of tasks (named, as
#'   `list("100 trials" = ..., "400 trials" = ...)`) is a study of designs: results are by task. A
#'   function of the number of the replicate gives each replicate a task of its own.
#' @param subjects Number of subjects in a replicate. With a data frame of `parameters` it is the
#'   number of its rows.
#' @param parameters Where true values come from, in natural units. A named list with for each
#'   parameter a range (two numbers; uniform), a number, a function of n that gives n values (drawn
#'   by R's generator), or a prior (see [rl_prior]; `prior_normal()` is on the unconstrained scale).
#'   A data frame with a row for each subject has the values themselves. What is left out, or all
#'   with `NULL`, comes from the prior that the parameter has in the model, if any, else by kind:
#'   from the middle 80% of an interval, evenly; from 0.5 to 10, evenly on the logarithm, for
#'   positive parameters; from -2 to 2 for real ones.
#' @param method A method of [rl_fit()].
#' @param nsim Number of replicates. Each draws its subjects anew (unless `parameters` is a data
#'   frame) and their data.
#' @param level Of the intervals.
#' @param interval For `method = "mle"` and `"map"`: as `method` of [confint.rl_fit()]. `NULL` is
#'   its default: profile intervals for `"mle"`, from the curvature for `"map"`.
#' @param seed A whole number; if `NULL`, R's own generator provides one.
#' @param checkpoint A folder for finished parts, which needs a `seed`; see the section below.
#' @param threads Number of threads. In workers of a parallel plan the default is one.
#' @param ... Further arguments of [rl_fit()], such as `formula`, `prior` or `starts`.
#' @return An object of class `rl_recovery`, a list with
#'   * `subjects`: a data frame with a row for each subject and parameter: `task` (where there are
#'     several), `replicate`, `subject`, `parameter`, `true`, `estimate`, `lower`, `upper`,
#'     `at_bound`, and `status`, that of the subject's fit (see [rl_fit()]);
#'   * `summary`: by parameter (and task): `n`, the estimates that count; `r` and `rank`, the
#'     correlations of true values and estimates by Pearson and by Spearman; `bias`, the mean of
#'     estimate less true value; `rmse`, the root of the mean square of that; `coverage`, the share
#'     of intervals that hold the true value; `at_bound`, the share of estimates at a bound;
#'     `failed`, the number of subjects without an estimate;
#'   * `correlation`: a list of matrices between parameters: `estimates`, `true`, and their
#'     `difference`; where there are several tasks a list of such lists;
#'   * `group`: for hierarchical fits, by replicate: `quantity`, `true`, `estimate`, `lower`,
#'     `upper`, `covered`. Else `NULL`;
#'   * `model`, `method`, `level`, `seed`, `sources` (where true values came from, in words),
#'     `call`.
#'
#'   `as.data.frame()` gives `subjects`, `tidy()` and `summary()` give `summary`.
#' @details
#' Estimates at the far end of the search, which is no end of the parameter's range (100 for
#' positive parameters without an upper bound), say only that the likelihood still rose there. They
#' count in `at_bound` and `coverage`, and in `rank`, but not in `r`, `bias` and `rmse`, whose `n`
#' is without them.
#'
#' Intervals of hierarchical fits are on the unconstrained scale and moved to natural units for
#' `"em"` (given the group), and quantiles of the draws for `"nuts"`. What a group-level quantity
#' truly is follows from `parameters`: the mean and the standard deviation of the unconstrained
#' values over the distribution that subjects are drawn from (not of those that were drawn), with
#' correlations of zero; with a data frame those of its rows. Group-level values are in natural
#' units, the link of that mean.
#'
#' With `formula` parameters may be shared, as `beta ~ 1`. Data have no columns but those of the
#' task.
#' @section Large and long studies:
#' Subjects are fitted in jobs of at most 1,000; with hierarchical methods a job is a replicate.
#' Jobs run through the future package: `future::plan("multisession")` before the call uses the
#' cores of this machine, and other plans clusters; results are the same with any plan, since each
#' job has a seed of its own, a hash (MurmurHash3's finaliser) of the study's seed and its number.
#' See `vignette("laptop-to-cluster")`. With `checkpoint = "folder"` each finished job is written
#' there; after an interruption the same call takes up where it was and gives the same result, and
#' the same folder in a different call is an error.
#' @references
#' Wilson, R. C. & Collins, A. G. E. (2019). Ten simple rules for the computational modeling of
#' behavioral data. *eLife*, 8, e49547.
#' @seealso [plot.rl_recovery()], [rl_calibrate()] for full Bayes, [rl_power()].
#' @examples
#' recovery <- rl_recover("rw", task_bandit(c(0.2, 0.8), trials = 100), subjects = 50,
#'   parameters = list(alpha = c(0.1, 0.9), beta = c(1, 10)), seed = 1)
#' recovery
#' head(recovery$subjects)
#'
#' # How many trials?
#' tasks <- list("50 trials" = task_bandit(c(0.2, 0.8), trials = 50),
#'   "200 trials" = task_bandit(c(0.2, 0.8), trials = 200))
#' rl_recover("rw", tasks, subjects = 50, seed = 1)$summary
#' @export
rl_recover <- function(model, task, subjects = 100, parameters = NULL,
                       method = c("mle", "map", "em", "nuts"), nsim = 1, level = 0.95,
                       interval = NULL, seed = NULL, checkpoint = NULL, threads = NULL, ...) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  check_has_response(model, call)
  method <- check_choice(method, c("mle", "map", "em", "nuts"))
  nsim <- check_count(nsim)
  check_level(level)
  if (missing(subjects) && is.data.frame(parameters)) subjects <- nrow(parameters)
  subjects <- check_count(subjects)
  if (!is.null(threads)) check_count(threads)
  arguments <- study_fit_arguments(list(...), method, call)
  grouped <- method %in% c("em", "nuts") || !is.null(arguments$formula)
  interval <- check_interval(interval, method, grouped, call)
  if (inherits(arguments$prior, "rl_prior_set")) {
    model <- prior_set_model(arguments$prior, model)
  }
  seed <- study_seed(seed, checkpoint, call)
  tasks <- study_tasks(if (missing(task)) NULL else task, list(model), call)
  truth <- true_values(parameters, model, subjects, nsim, seed, call)
  jobs <- recovery_jobs(tasks, truth, subjects, nsim, grouped, seed, call)
  shared <- list(model = model, method = method, level = level, interval = interval,
    grouped = grouped, arguments = arguments, threads = threads)
  found <- run_jobs(jobs, recover_cell, shared, "parts of the study", checkpoint,
    study_key("rl_recover", model, method, arguments, level, interval), call)
  new_recovery(found, model, method, level, interval, grouped, seed, tasks, truth, subjects, nsim,
    match.call())
}

check_interval <- function(interval, method, grouped, call) {
  if (grouped && !is.null(interval)) {
    rescorla_abort(c("`interval` is for fits by subject.",
      i = "Hierarchical fits have one kind of interval: drop it."), "input", call = call)
  }
  if (grouped) return(NULL)
  if (is.null(interval)) return(if (method == "map") "curvature" else "profile")
  check_choice(interval, c("profile", "curvature"), arg = "interval", call = call)
}

# list(values(replicate): a matrix subjects x parameters; sources; moments: what a group's mean and
# standard deviation are on the real line, a matrix 3 x parameters; correlation).
true_values <- function(parameters, model, subjects, nsim, seed, call) {
  if (!is.data.frame(parameters)) {
    sources <- parameter_sources(parameters, model, call)
    drawn <- lapply(seq_len(nsim), \(r) draw_sources(sources, model, subjects,
      job_seed(seed, r, stream = 1), call))
    return(list(values = \(r) drawn[[r]], sources = vapply(sources, describe_source, ""),
      moments = \() vapply(names(sources), \(name) source_moments(sources[[name]],
        model$kinds[[name]], name, call), numeric(3)),
      correlation = diag(1, length(sources))))
  }
  values <- given_values(parameters, model, call)
  if (!nrow(values) %in% c(1L, subjects)) {
    rescorla_abort(c("`parameters` must have a row for each of the {subjects} subject{?s}, or one.",
      x = "It has {nrow(values)}."), "input", call = call)
  }
  values <- values[rep_len(seq_len(nrow(values)), subjects), , drop = FALSE]
  maps <- parameter_maps(model$kinds[colnames(values)])
  z <- values
  for (p in seq_len(ncol(z))) z[, p] <- to_real(z[, p], maps, p)
  list(values = \(r) values,
    sources = stats::setNames(rep("given", ncol(values)), colnames(values)),
    moments = \() apply(z, 2, \(x) c(mean = mean(x), sd = stats::sd(x), median = stats::median(x))),
    correlation = suppressWarnings(stats::cor(z)))
}

# How many subjects are fitted together does not depend on who does it: estimates would differ in
# their last bits.
cell_size <- 1000L

recovery_jobs <- function(tasks, truth, subjects, nsim, grouped, seed, call) {
  jobs <- list()
  for (design in seq_along(tasks$label)) for (replicate in seq_len(nsim)) {
    task <- tasks$get(design, replicate)
    values <- truth$values(replicate)
    cells <- if (grouped) list(seq_len(subjects)) else
      split(seq_len(subjects), (seq_len(subjects) - 1L) %/% cell_size)
    for (rows in unname(cells)) {
      number <- length(jobs) + 1L
      jobs[[number]] <- list(
        name = paste0(if (!is.na(tasks$label[design])) paste0(tasks$label[design], ", "),
          "replicate ", replicate, ", subjects ", rows[1], " to ", rows[length(rows)]),
        design = design, replicate = replicate, rows = rows, values = values[rows, , drop = FALSE],
        task = task_of_rows(task, rows, call), seed = job_seed(seed, number)
      )
    }
  }
  jobs
}

# --- one job --------------------------------------------------------------------------------------

recover_cell <- function(job, shared) {
  model <- shared$model
  values <- data.frame(subject = job$rows, job$values, check.names = FALSE)
  data <- stats::simulate(model, seed = job$seed, parameters = values, task = job$task,
    threads = shared$threads)
  fit <- study_fit(model, data, shared$method, job$seed, shared$threads, shared$arguments)
  if (nrow(fit$estimates) != length(job$rows)) {
    rescorla_abort(c("With this formula parameters change from block to block.",
      i = "A recovery study has one value of each parameter for a subject."), "input", call = NULL)
  }
  free <- colnames(job$values)
  group <- if (shared$grouped) recovered_group(fit, shared$level)
  limits <- recovered_limits(fit, shared, group)
  list(
    subjects = data.frame(
      design = job$design, replicate = job$replicate,
      subject = rep(job$rows, each = length(free)), parameter = rep(free, length(job$rows)),
      true = as.vector(t(job$values)), estimate = as.vector(t(fit$estimates)),
      lower = limits$lower, upper = limits$upper, at_bound = as.vector(t(fit$at_bound)),
      status = rep(unname(fit$status), each = length(free))
    ),
    group = if (shared$grouped) cbind(design = job$design, replicate = job$replicate, group),
    troubles = fit_troubles(fit)
  )
}

# Limits by subject and parameter, in that order.
recovered_limits <- function(fit, shared, group) {
  if (!shared$grouped) {
    return(stats::confint(fit, level = shared$level, method = shared$interval,
      threads = shared$threads)[c("lower", "upper")])
  }
  tail <- (1 - shared$level) / 2
  if (!is.null(fit$group$subject_draws)) {
    ends <- apply(fit$group$subject_draws, 3:4, stats::quantile, c(tail, 1 - tail))
    return(list(lower = as.vector(t(ends[1, , ])), upper = as.vector(t(ends[2, , ]))))
  }
  maps <- fit$group$maps
  lower <- upper <- fit$estimates
  for (p in seq_along(fit$parameters)) {
    z <- to_real(fit$estimates[, p], maps, p)
    half <- stats::qnorm(1 - tail) * fit$std_error[, p] / natural_slope(z, maps, p)
    lower[, p] <- to_natural(z - half, maps, p)
    upper[, p] <- to_natural(z + half, maps, p)
    # Shared by all, it counts as known in a subject's error: the group has its interval.
    if (!p %in% fit$group$design$effects$parameter) {
      own <- match(fit$parameters[p], group$quantity)
      lower[, p] <- group$lower[own]
      upper[, p] <- group$upper[own]
    }
  }
  list(lower = as.vector(t(lower)), upper = as.vector(t(upper)))
}

# The group's values (in natural units), standard deviations and correlations, with limits; what
# they truly are the study fills in.
recovered_group <- function(fit, level) {
  design <- fit$group$design
  plain <- paste0(design$parameters, ":(Intercept)")
  fixed <- c(fit$group$coefficients, fit$group$shared)
  values <- which(plain %in% names(fixed))
  spreads <- which(design$effects$term == "(Intercept)")
  pairs <- correlated_pairs(design$blocks)
  if (fit$method == "mle") {
    # Subjects' own values have no distribution there.
    spreads <- integer()
    pairs <- pairs[integer(), , drop = FALSE]
  }
  effect <- design$effects$name
  names <- c(design$parameters[values], paste0("sd_", effect[spreads], recycle0 = TRUE),
    paste0("cor_", effect[pairs[, 2]], "_", effect[pairs[, 1]], recycle0 = TRUE))
  tail <- (1 - level) / 2
  if (!is.null(fit$group$draws)) {
    names <- intersect(names, dimnames(fit$group$draws)[[3]])
    rows <- lapply(names, \(name) {
      stats::quantile(fit$group$draws[, , name], c(0.5, tail, 1 - tail), names = FALSE)
    })
  } else {
    steps <- c(0, -1, 1) * stats::qnorm(1 - tail)
    error <- stats::setNames(sqrt(diag(as.matrix(fit$group$vcov))), names(fixed))
    correlation <- if (nrow(pairs)) stats::cov2cor(fit$group$covariance)
    rows <- c(
      lapply(values, \(p) {
        to_natural(fixed[[plain[p]]] + steps * error[[plain[p]]], fit$group$maps, p)
      }),
      lapply(spreads, \(r) fit$group$sd[[r]] * exp(steps * min(fit$group$spread_error[[r]], 3))),
      lapply(seq_len(nrow(pairs)), \(k) c(correlation[pairs[k, 1], pairs[k, 2]], NA, NA))
    )
  }
  rows <- matrix(unlist(rows), ncol = 3, byrow = TRUE)
  data.frame(quantity = names, estimate = rows[, 1], lower = rows[, 2], upper = rows[, 3])
}

# What a study counts of the fits' troubles besides those by subject.
fit_troubles <- function(fit) {
  list(
    settled = if (fit$method == "em") isTRUE(fit$group$converged) else TRUE,
    divergent = fit$diagnostics$divergent %||% 0L,
    transitions = if (is.null(fit$group$draws)) 0 else prod(dim(fit$group$draws)[1:2]),
    rhat = fit$diagnostics$rhat %||% NA_real_
  )
}
