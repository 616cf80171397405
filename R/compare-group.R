# Comparisons of hierarchical fits: marginal likelihoods of empirical Bayes, leave-one-out
# cross-validation of full Bayes, and likelihoods with parameters that subjects share.

# --- empirical Bayes ----------------------------------------------------------------------------

compare_em <- function(fits, families) {
  ids <- fits[[1L]]$group$subjects
  evidence <- evidence_table(lapply(fits, \(fit) fit$group$log_evidence), ids)
  usable <- !is.na(rowSums(evidence))
  n <- sum_by_subject(fits[[1L]], fits[[1L]]$nobs)
  df <- vapply(fits, \(fit) fit$group$df, 0)
  log_lik <- complete_sums(evidence)
  ibic <- criterion_total(log_lik, df, log(sum(n[usable])))
  weight <- matrix(NA_real_, nrow(evidence), ncol(evidence))
  weight[usable, ] <- row_softmax(evidence[usable, , drop = FALSE])
  found <- list(
    models = data.frame(
      model = names(fits), df = unname(df), loglik = log_lik,
      aic = criterion_total(log_lik, df, 2), ibic = ibic, log_evidence = log_lik,
      delta_ibic = ibic - min(ibic), weight = as.vector(criterion_weight(t(ibic)))
    ),
    subjects = data.frame(
      subject = rep(ids, each = length(fits)), model = rep(names(fits), length(ids)),
      n = rep(n, each = length(fits)), log_evidence = as.vector(t(evidence)),
      weight = as.vector(t(weight))
    ),
    n_subjects = sum(usable), left_out = ids[!usable], nobs = sum(n[usable]),
    methods = vapply(fits, `[[`, "", "method"), type = "em", evidence = "laplace"
  )
  add_bms(found, evidence, families)
}

criterion_total <- function(log_lik, df, penalty) unname(penalty * df - 2 * log_lik)

# --- maximum likelihood with shared parameters --------------------------------------------------

# Criteria of all subjects together, as AIC() and BIC() of a fit: what subjects share belongs to
# none of them.
compare_totals <- function(fits) {
  ids <- fit_by_subject(fits[[1L]])$data$subjects
  n <- unname(fit_by_subject(fits[[1L]])$nobs)
  log_lik <- evidence_table(lapply(fits, subject_log_lik), ids)
  usable <- !is.na(rowSums(log_lik))
  count <- sum(usable)
  df <- vapply(fits, \(fit) {
    if (!inherits(fit, "rl_fit_shared")) return(length(fit$parameters) * count)
    nrow(fit$group$design$effects) * count + nrow(fit$group$design$shared)
  }, 0)
  total <- complete_sums(log_lik)
  aic <- criterion_total(total, df, 2)
  bic <- criterion_total(total, df, log(sum(n[usable])))
  list(
    models = data.frame(
      model = names(fits), df = unname(df), loglik = total, aic = aic, bic = bic,
      delta_aic = aic - min(aic), delta_bic = bic - min(bic),
      weight_aic = as.vector(criterion_weight(t(aic))),
      weight_bic = as.vector(criterion_weight(t(bic)))
    ),
    subjects = data.frame(
      subject = rep(ids, each = length(fits)), model = rep(names(fits), length(ids)),
      n = rep(n, each = length(fits)), loglik = as.vector(t(log_lik))
    ),
    n_subjects = count, left_out = ids[!usable], nobs = sum(n[usable]),
    methods = vapply(fits, `[[`, "", "method"), type = "total"
  )
}

subject_log_lik <- function(fit) {
  own <- ifelse(is_fitted(fit), unname(fit$loglik), NA_real_)
  if (inherits(fit, "rl_fit_group")) sum_by_subject(fit, own) else own
}

# --- full Bayes ---------------------------------------------------------------------------------

compare_nuts <- function(fits, unit, call) {
  need_package("loo", "to compare fits by `method = \"nuts\"`", call)
  values <- lapply(fits, left_out_log_lik, unit = unit)
  check_same_units(values, unit, call)
  # Their warnings name no model; ours does.
  loos <- suppressWarnings(lapply(values, loo_of))
  waics <- suppressWarnings(lapply(values, \(x) loo::waic(x)))
  high <- vapply(loos, \(x) sum(loo::pareto_k_values(x) > 0.7), 0L)
  warn_pareto(high, nrow(loos[[1L]]$pointwise), unit, call)
  ids <- fits[[1L]]$group$subjects
  owner <- unit_owner(fits[[1L]], unit, colnames(values[[1L]]))
  units <- do.call(rbind, unname(Map(loo_units, names(fits), loos, waics, MoreArgs = list(
    unit = colnames(values[[1L]]), subject = ids[owner]))))
  list(
    models = loo_models(loos, waics, high),
    subjects = loo_subjects(units, owner, ids, names(fits)), units = units,
    pareto_k = t(vapply(loos, \(x) loo::pareto_k_table(x)[, "Count"], numeric(4L))),
    loo = loos, unit = unit,
    n_subjects = length(ids), left_out = ids[0L],
    nobs = sum(fits[[1L]]$nobs), methods = vapply(fits, `[[`, "", "method"), type = "nuts"
  )
}

# Draws x units. Trials come by row of the fit's own data frame, and the same data may lie in
# another order there: the order of the model's run is common to all fits.
left_out_log_lik <- function(fit, unit) {
  values <- log_lik.rl_fit_nuts(fit, unit)
  if (unit == "trial") {
    position <- match(as.integer(colnames(values)), fit$data$order)
    chain <- attr(values, "chain")
    values <- structure(values[, order(position), drop = FALSE], chain = chain)
    colnames(values) <- sort(position)
  }
  values
}

check_same_units <- function(values, unit, call) {
  for (i in seq_along(values)[-1L]) {
    if (identical(colnames(values[[1L]]), colnames(values[[i]]))) next
    rescorla_abort(c(
      "The fits {.val {names(values)[1L]}} and {.val {names(values)[i]}} are not about the same
       {unit}s.",
      x = "The first has {ncol(values[[1L]])}, the second {ncol(values[[i]])}, or they are called
           otherwise.",
      i = "Compare by {.code unit = \"subject\"}, or fit both to one and the same {.fn rl_data}."
    ), "input", call = call, models = names(values)[c(1L, i)])
  }
}

# The subject, by number, whose observation a unit is.
unit_owner <- function(fit, unit, names) {
  data <- fit$data
  subject <- fit$group$design$unit_subject[data$row_subject]
  switch(unit,
    subject = match(names, as.character(fit$group$subjects)),
    block = subject[which(data$block_start)][match(names, block_names(fit))],
    trial = subject[as.integer(names)]
  )
}

loo_models <- function(loos, waics, high) {
  estimate <- \(found, row, column = "Estimate") {
    vapply(found, \(x) x$estimates[row, column], 0, USE.NAMES = FALSE)
  }
  elpd <- difference_to_best(vapply(loos, \(x) x$pointwise[, "elpd_loo"],
    numeric(nrow(loos[[1L]]$pointwise))), names(loos))
  elpd_waic <- difference_to_best(vapply(waics, \(x) x$pointwise[, "elpd_waic"],
    numeric(nrow(waics[[1L]]$pointwise))), names(loos))
  data.frame(
    model = names(loos), elpd_loo = estimate(loos, "elpd_loo"),
    se = estimate(loos, "elpd_loo", "SE"), p_loo = estimate(loos, "p_loo"),
    looic = estimate(loos, "looic"), delta_elpd = elpd$delta, delta_se = elpd$se,
    waic = estimate(waics, "waic"), p_waic = estimate(waics, "p_waic"),
    delta_waic = elpd_waic$delta, delta_waic_se = elpd_waic$se, k_high = unname(high)
  )
}

# Sums of a units x models matrix as differences to the best, with the standard errors of these.
difference_to_best <- function(pointwise, names) {
  pointwise <- matrix(pointwise, ncol = length(names))
  total <- colSums(pointwise)
  apart <- pointwise - pointwise[, which.max(total)]
  list(delta = total - max(total), se = apply(apart, 2L, sum_error))
}

loo_units <- function(model, loo, waic, unit, subject) {
  data.frame(unit = unit, subject = subject, model = model,
    elpd_loo = unname(loo$pointwise[, "elpd_loo"]),
    elpd_waic = unname(waic$pointwise[, "elpd_waic"]), pareto_k = unname(loo::pareto_k_values(loo)))
}

# A row for each subject and model, those of a subject together; sums over the subject's units.
loo_subjects <- function(units, owner, ids, models) {
  own <- factor(owner, seq_along(ids))
  sums <- \(name) {
    by_model <- vapply(models, \(m) {
      as.vector(tapply(units[[name]][units$model == m], own, sum))
    }, numeric(length(ids)))
    as.vector(t(matrix(by_model, length(ids))))
  }
  data.frame(subject = rep(ids, each = length(models)), model = rep(models, length(ids)),
    n = rep(tabulate(owner, length(ids)), each = length(models)), elpd_loo = sums("elpd_loo"),
    elpd_waic = sums("elpd_waic"))
}

warn_pareto <- function(high, n, unit, call) {
  bad <- high[high > 0]
  if (length(bad) == 0L) {
    return(invisible())
  }
  counts <- paste0(bad, " of ", n, " in ", names(bad))
  rescorla_warn(c(
    "Leave-one-out estimates of some {unit}s are not reliable (Pareto k above 0.7): {counts}.",
    i = if (unit != "subject") "`unit = \"subject\"` integrates subjects' parameters out.",
    i = "{.code x$units} shows which."
  ), "convergence", call = call, high = high)
}
