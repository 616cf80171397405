# Fits without a fold, and how likely that fold is under them.

# Held-out likelihoods of several models for the same data: folds and models are jobs of one run.
# `within` a job of a larger study they are done in turn.
heldout_of <- function(requests, unit, folds, checkpoint, call, within = FALSE) {
  fold <- assign_folds(requests[[1L]]$data, unit, folds, call)
  for (request in requests) check_can_hold_out(request, unit, call)
  shared <- heldout_shared(requests, unit, fold)
  count <- max(fold, na.rm = TRUE)
  jobs <- unlist(lapply(seq_along(requests), \(i) {
    lapply(heldout_folds(requests[[i]], unit, count), \(k) {
      list(model = i, fold = k, name = paste0(names(requests)[i], if (length(k) == 1L) ", fold ",
        if (length(k) == 1L) k))
    })
  }), recursive = FALSE)
  found <- if (within) {
    lapply(jobs, heldout_fold, shared)
  } else {
    run_jobs(jobs, heldout_fold, shared, label = "folds", checkpoint = checkpoint,
      key = heldout_key(shared), call = call)
  }
  heldout_collect(requests, jobs, found, unit, fold, count)
}

# What decides the results, for a checkpoint's sake.
heldout_key <- function(shared) {
  requests <- lapply(unname(shared$requests), \(request) {
    study_key("rl_heldout", request$model, request$method, request$arguments,
      request$data[c("data", "roles", "extra", "actions")])
  })
  list(requests, shared$unit, shared$fold)
}

# Only what the fits need goes to the workers.
heldout_shared <- function(requests, unit, fold) {
  list(requests = lapply(requests, `[`, c("model", "data", "method", "arguments")), unit = unit,
    fold = fold)
}

# Subjects fitted one by one are fitted once, whichever of them is left out.
heldout_folds <- function(request, unit, count) {
  if (unit == "subject" && fits_by_subject(request)) list(seq_len(count)) else
    as.list(seq_len(count))
}

fits_by_subject <- function(request) {
  request$method %in% c("mle", "map") && is.null(request$arguments$formula)
}

# list(values: subjects x folds of the job; unsettled: fits that did not converge).
heldout_fold <- function(job, shared) {
  request <- shared$requests[[job$model]]
  once <- length(job$fold) > 1L
  held <- !is.na(shared$fold) & shared$fold %in% job$fold
  training <- if (once) request$data else hold_out(request$data, request$model, held)
  own <- request$arguments
  fit <- study_fit(request$model, training, request$method, own$seed, shared$threads,
    own[names(own) != "seed"])
  fold <- ifelse(held, shared$fold, NA)
  values <- if (shared$unit == "subject") {
    new_subject_log_lik(fit, request$data, fold, job$fold)
  } else {
    known_subject_log_lik(fit, request$data, held)
  }
  list(values = matrix(values, ncol = length(job$fold)),
    unsettled = sum(!(fit$converged %||% TRUE)))
}

heldout_collect <- function(requests, jobs, found, unit, fold, count) {
  lapply(seq_along(requests), \(i) {
    request <- requests[[i]]
    mine <- which(vapply(jobs, `[[`, 0L, "model") == i)
    values <- do.call(cbind, lapply(found[mine], `[[`, "values"))
    new_heldout(request, names(requests)[i], values, fold_counts(request, fold, count),
      sum(vapply(found[mine], `[[`, 0L, "unsettled")), fold, unit)
  })
}

# Scored responses by subject and fold.
fold_counts <- function(request, fold, count) {
  data <- request$data
  used <- scored_rows(request$model, data) & !is.na(fold)
  n <- length(data$subjects)
  matrix(tabulate((fold[used] - 1L) * n + data$row_subject[used], n * count), n, count)
}

# In the order of the model's run. It does not depend on the parameters' values: any will do.
scored_rows <- function(model, data) {
  table <- model$parameters
  value <- ifelse(is.na(table$fixed), pmin(pmax(0.5, table$lower), table$upper), table$fixed)
  values <- matrix(value, length(data$subjects), nrow(table), byrow = TRUE,
    dimnames = list(as.character(data$subjects), table$name))
  !is.na(pointwise_loglik(model, data, values, resolve_threads(NULL), NULL)[data$order])
}

# --- subjects the fit knows -------------------------------------------------------------------

known_subject_log_lik <- function(fit, data, held) {
  view <- if (has_episodes(fit)) episode_data(data) else data
  of_rows <- \(values) {
    pointwise_loglik(fit$model, view, values, resolve_threads(NULL), NULL)[data$order]
  }
  sums <- \(x) rowsum(ifelse(held & !is.na(x), x, 0), data$row_subject)[, 1L]
  if (fit$method != "nuts") {
    given <- fit_values(fit, view$subjects)
    total <- sums(of_rows(given$values))
    failed <- unique(data$row_subject[given$unfitted[view$row_subject]])
    return(replace(total, failed, NA))
  }
  kept <- subject_draws_of(fit, NULL)
  chosen <- choose_draws(dim(kept), NULL, 1000L, NULL)
  draws <- vapply(seq_along(chosen$chain), \(d) {
    sums(of_rows(draw_values(fit, kept[chosen$draw[d], chosen$chain[d], , ])))
  }, numeric(length(data$subjects)))
  log_mean_exp(matrix(draws, nrow = length(data$subjects)))
}

# By row.
log_mean_exp <- function(x) row_log_sum(x) - log(ncol(x))

# --- subjects it has not seen -----------------------------------------------------------------

# Subjects x folds; subjects that are not in a fold have a value without meaning.
new_subject_log_lik <- function(fit, data, fold, folds) {
  if (inherits(fit, c("rl_fit_em", "rl_fit_shared"))) return(group_log_lik(fit, data))
  if (inherits(fit, "rl_fit_nuts")) {
    fit$data <- unit_data(data, fit$group$design)
    chosen <- choose_draws(dim(fit$group$draws), NULL, 1000L, NULL)
    return(log_mean_exp(t(integrated_log_lik(fit, chosen, NULL))))
  }
  own <- fold[data$first]
  each <- estimate_log_liks(fit, data)
  known <- colSums(is.na(each)) == 0L
  vapply(folds, \(k) {
    others <- known & !(own %in% k)
    if (!any(others)) rep(NA_real_, nrow(each)) else log_mean_exp(each[, others, drop = FALSE])
  }, numeric(nrow(each)))
}

# log p(y_s | group) at the group's estimate.
group_log_lik <- function(fit, data) {
  group <- fit$group
  design <- group$design
  engine <- group_engine(fit$model, data, design, resolve_threads(NULL), NULL)
  if (nrow(design$effects) == 0L) {
    value <- evaluate_units(engine, unit_offset(engine, group$shared), 0L)$value
    return(rowsum(value, design$unit_subject)[, 1L])
  }
  mean <- effect_means(design, group$coefficients)
  state <- group[c("coefficients", "shared", "covariance")]
  state$step <- laplace_step(engine, mean, group$covariance, group$shared, list(mean))
  sampled <- importance_evidence(engine, state, fit$seed, NULL, samples = 200L)
  ifelse(is.finite(sampled$log_evidence), sampled$log_evidence, sampled$laplace)
}

# The likelihood of every subject (rows) at the estimates of every subject (columns).
estimate_log_liks <- function(fit, data) {
  given <- fit_values(fit, data$subjects)
  bound <- bind_model(fit$model, data, active_level())
  n <- length(data$subjects)
  each <- vapply(seq_len(n), \(j) {
    values <- matrix(given$values[j, ], n, ncol(given$values), byrow = TRUE,
      dimnames = dimnames(given$values))
    cpp_evaluate(bound$kernels, bound$packed, bound$bound, values, 0L, FALSE,
      resolve_threads(NULL))$value
  }, numeric(n))
  each[, given$unfitted] <- NA
  matrix(each, n)
}
