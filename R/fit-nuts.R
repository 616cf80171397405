# Full Bayes: draws from the joint posterior of group and subjects.

fit_nuts <- function(model, data, design, prior, seed, starts, settings, threads, checkpoint, call) {
  engine <- group_engine(model, data, design, resolve_threads(threads), call)
  priors <- resolve_group_prior(prior, model, design, call)
  # The empirical Bayes fit says where the posterior is, and how wide.
  state <- em_run(engine, em_start(engine, model, data, seed, starts, call), function(...) NULL, call,
    limit = 60L)
  size <- nrow(design$effects)
  centred <- resolve_centred(settings$centred, design, call)
  target <- group_target(engine, priors, centred, state)
  warm <- warm_start(engine, target, state, em_errors(engine, state), settings$chains, seed)
  settings$keep <- resolve_keep(settings, nrow(engine$design$weights) * length(design$parameters))
  run <- list(core = target$core, starts = warm$starts, variance = warm$variance,
    centre = warm$centre, settings = c(settings, list(trust = 5, rotate = is.null(centred))),
    seed = seed)
  found <- if (is.null(checkpoint) && runs_in_turn(settings$chains)) {
    bar <- chain_progress(settings, model$name)
    chains <- sample_chains(engine, run, bar$tick)
    bar$done()
    chains
  } else {
    chains_as_jobs(model, data, design, run, priors, threads, checkpoint, call)
  }
  chains <- usable_chains(found, settings, call)
  new_nuts_fit(engine, data, target, priors, chains, settings, seed, call)
}

# All chains of `run`, or only number `chain`. What a chain does depends on its seed, its start and
# its number, which is its column among the starts: chains before it, without a density where they
# start, end at once.
sample_chains <- function(engine, run, tick = function(...) NULL, chain = NULL) {
  starts <- run$starts
  if (!is.null(chain)) {
    starts <- starts[, seq_len(chain), drop = FALSE]
    starts[, -chain] <- NaN
  }
  cpp_nuts(engine$kernels, engine$packed, engine$bound, engine$every, engine$free, run$core, starts,
    run$variance, run$centre, run$settings, run$seed, engine$threads, tick)
}

# Each chain as a job, which a checkpoint keeps when it has come to its end.
chains_as_jobs <- function(model, data, design, run, priors, threads, checkpoint, call) {
  data$cache <- new.env(parent = emptyenv())
  design <- design[c("unit", "parameters", "weights", "effects", "unit_subject")]
  jobs <- lapply(seq_len(run$settings$chains), \(k) list(name = k, chain = k))
  key <- if (!is.null(checkpoint)) list("chains", model$program, model$parameters,
    data[c("data", "roles", "extra", "order", "actions", "responses", "forced")], design,
    run$core[c("coefficient_effect", "means", "shared_parameter", "shared_design", "block")], priors,
    run$settings, run$seed, active_level(), active_backend())
  chains <- run_jobs(jobs, run_one_chain, list(model = model, data = data, design = design, run = run,
    threads = threads, backend = active_backend()), label = "chains", checkpoint = checkpoint, key = key,
    call = call)
  list(chains = chains, complete = TRUE)
}

run_one_chain <- function(job, shared) {
  call <- rlang::current_env()
  local_backend(shared$backend)
  engine <- group_engine(shared$model, shared$data, shared$design, resolve_threads(shared$threads),
    call)
  found <- sample_chains(engine, shared$run, chain = job$chain)
  stop_if_interrupted(found$complete, call)
  found$chains[[job$chain]]
}

resolve_centred <- function(centred, design, call) {
  names <- design$effects$name
  if (is.null(centred) || identical(centred, "auto")) return(NULL)
  parameters <- design$parameters[design$effects$parameter]
  if (rlang::is_bool(centred)) return(stats::setNames(rep(centred, length(names)), names))
  if (!is.character(centred) || !all(centred %in% c(design$parameters, names))) {
    rescorla_abort(c(
      "`centred` must be `\"auto\"`, `TRUE`, `FALSE` or names of parameters.",
      x = "It is {describe_value(centred)}.",
      i = "`\"auto\"` goes by what each subject's data tell. The parameters are
           {.code {design$parameters}}."
    ), "input", call = call)
  }
  stats::setNames(parameters %in% centred | names %in% centred, names)
}

# Draws of subjects are kept unless they would take more than 400 MB.
resolve_keep <- function(settings, cells) {
  bytes <- 8 * cells * settings$chains * ceiling(settings$draws / settings$thin)
  if (!is.null(settings$keep)) return(settings$keep == "all")
  if (bytes <= 4e8) return(TRUE)
  rescorla_inform(c(
    "Draws of subjects are not kept: they would take {round(bytes / 1e9, 1)} GB.",
    i = "Their means and standard deviations are; `thin` makes fewer, `keep = \"all\"` keeps all."
  ))
  FALSE
}

chain_progress <- function(settings, name) {
  total <- settings$chains * (settings$warmup + settings$draws)
  shown <- ""
  bar <- progress_bar(total, "Sampling {.val {name}}: {settings$chains} chains",
    text = function() shown)
  list(done = bar$done, tick = function(done) {
    shown <<- paste0(round(100 * done / (settings$warmup + settings$draws)), "%", collapse = " ")
    bar$tick(sum(done))
  })
}

# After an interrupt chains have made different numbers of draws: those that have any are cut to
# the shortest. A chain that could not begin is an error.
usable_chains <- function(found, settings, call) {
  chains <- found$chains
  began <- vapply(chains, `[[`, NA, "began")
  if (!all(began)) {
    rescorla_abort(c("Chain{?s} {which(!began)} could not begin: the posterior density vanishes at
                      the starting point.",
      i = "`rl_log_density()` shows it; another `seed` starts elsewhere."), "input", call = call)
  }
  count <- vapply(chains, `[[`, 0L, "draws")
  if (found$complete) return(list(chains = chains, draws = settings$draws, complete = TRUE))
  if (max(count) == 0) rlang::interrupt()
  used <- which(count > 0)
  rescorla_warn(c("Interrupted: {min(count[used])} of {settings$draws} draws were made in
                   {length(used)} of {settings$chains} chains.",
    i = "They are returned as a fit."), "convergence", call = call)
  list(chains = chains[used], draws = min(count[used]), complete = FALSE)
}

new_nuts_fit <- function(engine, data, target, priors, chains, settings, seed, call) {
  design <- engine$design
  n <- chains$draws
  draws <- group_draws(engine, target, chains)
  units <- nrow(design$weights)
  parameters <- design$parameters
  moment <- function(field, squares) pooled_moments(chains$chains, field, squares, units)
  natural <- moment("mean", "squares")
  real <- moment("mean_z", "squares_z")
  kept <- if (settings$keep) subject_draws(engine, chains, settings$thin)
  estimates <- list(z = real$mean, natural = natural$mean,
    vcov = subject_covariances(natural, kept, parameters))
  loglik <- evaluate_units(engine, real$mean, 0L, call)$value
  effects <- design$effects$name
  means <- \(name) mean(draws[, , name])
  covariance <- draws_covariance(draws, design)
  coefficients <- c(design$coefficients$name, design$shared$name)
  vcov <- stats::cov(matrix(draws[, , coefficients], ncol = length(coefficients)))
  group <- list(
    coefficients = vapply(design$coefficients$name, means, 0),
    shared = vapply(design$shared$name, means, 0),
    vcov = vcov, errors = "posterior", covariance = covariance, sd = sqrt(diag(covariance)),
    draws = draws, subject_draws = kept, real_mean = real$mean, real_sd = real$sd,
    centred = target$centred, prior = priors, settings = settings, complete = chains$complete,
    df = hyper_count(design)
  )
  reports <- lapply(chains$chains, \(chain) chain$reports[seq_len(n), ])
  fit <- new_group_fit(engine, data, "nuts", seed, estimates, loglik, group, list(
    sampler = reports
  ), "rl_fit_nuts")
  fit$prior <- priors
  fit$std_error[] <- natural$sd
  fit <- note_diagnostics(fit)
  warn_nuts(fit, call)
  fit
}

# Group-level draws: draws x chains x quantities. Natural values of the group (`alpha`, or
# `alpha[cell]` where covariates make several), coefficients, standard deviations, correlations.
group_draws <- function(engine, target, chains) {
  design <- engine$design
  n <- chains$draws
  width <- sum(target$sizes[c("coefficients", "shared", "spread", "pairs")])
  effect <- design$effects$name
  pairs <- target$pairs
  names <- c(design$coefficients$name, design$shared$name,
    paste0("sd_", effect, recycle0 = TRUE),
    paste0("cor_", effect[pairs[, 2]], "_", effect[pairs[, 1]], recycle0 = TRUE))
  raw <- vapply(chains$chains, function(chain) {
    matrix(chain$values, ncol = width, byrow = TRUE)[seq_len(n), , drop = FALSE]
  }, matrix(0, n, width))
  raw <- aperm(raw, c(1, 3, 2))
  dimnames(raw) <- list(NULL, NULL, names)
  values <- lapply(group_cells(design), function(cell) {
    z <- cell_value(raw, cell, design)
    to_natural(z, engine$maps, cell$parameter)
  })
  natural <- array(unlist(values), c(n, length(chains$chains), length(values)),
    list(NULL, NULL, names(values)))
  out <- array(c(natural, raw), c(n, length(chains$chains), length(values) + width))
  dimnames(out) <- list(iteration = NULL, chain = NULL, variable = c(names(values), names))
  out
}

# The cells of all parameters' reference grids, named as their draws are.
group_cells <- function(design) {
  cells <- list()
  for (p in seq_along(design$parameters)) {
    rows <- design$group_rows[[p]]
    for (i in seq_len(nrow(rows$means))) {
      label <- rows$label[i]
      name <- design$parameters[p]
      if (nzchar(label)) name <- paste0(name, "[", label, "]")
      cells[[name]] <- list(parameter = p, label = label, means = rows$means[i, ],
        shared = rows$shared[i, ], weights = rows$weights[i, ])
    }
  }
  cells
}

# The group's value at a cell on the real line, for draws (an array over their last dimension) or
# one vector of coefficients and shared values by name.
cell_value <- function(draws, cell, design) {
  get <- if (length(dim(draws)) == 3) \(name) draws[, , name] else \(name) draws[[name]]
  z <- 0
  for (k in which(cell$means != 0)) z <- z + cell$means[k] * get(design$coefficients$name[k])
  for (g in which(cell$shared != 0)) z <- z + cell$shared[g] * get(design$shared$name[g])
  if (length(dim(draws)) == 3) array(z, dim(draws)[1:2]) else z
}

pooled_moments <- function(chains, mean, squares, units) {
  count <- vapply(chains, `[[`, 0L, "draws")
  all <- matrix(vapply(chains, `[[`, numeric(length(chains[[1]][[mean]])), mean),
    ncol = length(chains))
  within <- rowSums(matrix(vapply(chains, `[[`, numeric(nrow(all)), squares),
    ncol = length(chains)))
  centre <- drop(all %*% count) / sum(count)
  between <- drop((all - centre)^2 %*% count)
  sd <- sqrt((within + between) / max(1, sum(count) - 1))
  list(mean = matrix(centre, units, byrow = TRUE), sd = matrix(sd, units, byrow = TRUE))
}

# draws x chains x units x parameters, in natural units.
subject_draws <- function(engine, chains, thin) {
  units <- nrow(engine$design$weights)
  parameters <- engine$design$parameters
  kept <- ceiling(chains$draws / thin)
  all <- vapply(chains$chains, function(chain) {
    chain$parameters[seq_len(kept * units * length(parameters))]
  }, numeric(kept * units * length(parameters)))
  out <- array(all, c(length(parameters), units, kept, length(chains$chains)))
  out <- aperm(out, c(3, 4, 2, 1))
  dimnames(out) <- list(NULL, NULL, as.character(engine$data$subjects), parameters)
  out
}

subject_covariances <- function(natural, kept, parameters) {
  lapply(seq_len(nrow(natural$mean)), function(u) {
    v <- if (is.null(kept)) diag(natural$sd[u, ]^2, length(parameters)) else
      stats::cov(matrix(kept[, , u, ], ncol = length(parameters)))
    dimnames(v) <- list(parameters, parameters)
    v
  })
}

# The posterior mean of the covariance matrix.
draws_covariance <- function(draws, design) {
  effect <- design$effects$name
  size <- length(effect)
  sd <- lapply(paste0("sd_", effect, recycle0 = TRUE), \(name) draws[, , name])
  covariance <- matrix(0, size, size, dimnames = list(effect, effect))
  for (r in seq_len(size)) covariance[r, r] <- mean(sd[[r]]^2)
  pairs <- correlated_pairs(design$blocks)
  for (k in seq_len(nrow(pairs))) {
    i <- pairs[k, 1]
    j <- pairs[k, 2]
    rho <- draws[, , paste0("cor_", effect[j], "_", effect[i])]
    covariance[i, j] <- covariance[j, i] <- mean(rho * sd[[i]] * sd[[j]])
  }
  covariance
}

# Chains that never moved have no number.
worst_of <- function(x, of) if (all(is.na(x))) NA_real_ else of(x, na.rm = TRUE)

# R-hat and effective sample sizes need posterior; what else went wrong is known without.
note_diagnostics <- function(fit) {
  reports <- fit$sampler
  all <- do.call(rbind, reports)
  energy <- vapply(reports, \(r) sum(diff(r$energy__)^2) / sum((r$energy__ - mean(r$energy__))^2), 0)
  fit$diagnostics <- list(
    divergent = sum(all$divergent__),
    at_max_depth = sum(all$treedepth__ >= fit$group$settings$max_depth),
    ebfmi = energy
  )
  n <- length(fit$data$subjects)
  ids <- as.character(fit$data$subjects)
  fit$converged <- stats::setNames(rep(TRUE, n), ids)
  fit$status <- stats::setNames(rep("converged", n), ids)
  fit$message <- stats::setNames(rep("sampled", n), ids)
  if (rlang::is_installed("posterior") && dim(fit$group$draws)[1] >= 4) {
    table <- summarise_group(fit)
    fit$diagnostics$rhat <- worst_of(table$rhat, max)
    fit$diagnostics$ess <- worst_of(c(table$ess_bulk, table$ess_tail), min)
  }
  fit
}

warn_nuts <- function(fit, call) {
  found <- fit$diagnostics
  total <- prod(dim(fit$group$draws)[1:2])
  if (found$divergent > 0) {
    rescorla_warn(c("{found$divergent} of {total} transitions diverged.",
      i = "A larger `adapt_delta` (such as 0.95) takes smaller steps; `centred = FALSE` may suit
           few data better."), "convergence", call = call)
  }
  if (found$at_max_depth > 0) {
    rescorla_warn(c("{found$at_max_depth} of {total} transitions reached the largest tree depth.",
      i = "Draws are valid but slow to mix; raise `max_depth`."), "convergence", call = call)
  }
  if (isTRUE(found$rhat > 1.01)) {
    rescorla_warn(c("The chains have not mixed: R-hat is {round(found$rhat, 3)}.",
      i = "More `warmup` and `draws` help; `summary(fit)$group` shows which quantities."),
      "convergence", call = call)
  }
}
