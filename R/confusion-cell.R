# One part of a model recovery study: data simulated from one model, and what every model makes of
# them.

# list(scores: units x models, higher is better, NA where a model could not be fitted; subject;
# unsettled).
confusion_cell <- function(job, shared) {
  values <- data.frame(subject = job$rows, job$values, check.names = FALSE)
  frame <- stats::simulate(shared$models[[job$simulated]], seed = job$seed, parameters = values,
    task = job$task, threads = shared$threads)
  data <- withCallingHandlers(rl_data(frame),
    rescorla_warning = \(w) rlang::cnd_muffle(w), rescorla_message = \(m) rlang::cnd_muffle(m))
  rule <- shared$rule
  if (rule$criterion == "heldout") {
    found <- heldout_scores(data, job$seed, shared)
  } else {
    fits <- lapply(shared$models, study_fit, data = data, method = shared$method, seed = job$seed,
      threads = shared$threads, arguments = shared$arguments)
    found <- list(scores = fit_scores(fits, rule),
      unsettled = sum(vapply(fits, \(fit) sum(!(fit$converged %||% TRUE)), 0L)))
  }
  scores <- found$scores
  scores[!is.finite(scores)] <- NA
  if (rule$by == "group" && nrow(scores) > 1L) scores <- group_scores(scores)
  list(scores = unname(scores), unsettled = found$unsettled,
    subject = if (rule$by == "group") NA_integer_ else job$rows)
}

heldout_scores <- function(data, seed, shared) {
  requests <- lapply(shared$models, \(model) {
    list(model = model_for_data(model, data), data = data, method = shared$method,
      arguments = c(shared$arguments, list(seed = seed)))
  })
  unit <- shared$rule$unit %||% if (default_unit(data) == "block") "block" else "trial"
  found <- heldout_of(requests, unit, shared$rule$folds, NULL, NULL, within = TRUE)
  scores <- vapply(found, \(x) x$subjects$heldout, numeric(length(data$subjects)))
  list(scores = matrix(scores, ncol = length(found)),
    unsettled = sum(vapply(found, `[[`, 0L, "unsettled")))
}

# By subject, or one row where the criterion is one of the whole.
fit_scores <- function(fits, rule) {
  if (inherits(fits[[1L]], "rl_fit_nuts")) {
    compared <- suppressWarnings(compare_nuts(fits, rule$unit %||% "subject", NULL))
    return(subjects_wide(compared, subject_criteria[[rule$criterion]][1L]))
  }
  em <- inherits(fits[[1L]], "rl_fit_em")
  compared <- if (em) {
    compare_em(fits, NULL)
  } else if (inherits(fits[[1L]], "rl_fit_shared")) {
    compare_totals(fits)
  } else {
    compare_by_subject(fits, NULL, if (all_map(fits)) "laplace" else "bic")
  }
  total <- \(name) t(-compared$models[[name]])
  switch(rule$criterion,
    evidence = subjects_wide(compared, "log_evidence"),
    bms = t(if (is.null(compared$bms)) rep(NA_real_, length(fits)) else
      compared$bms$models$exceedance),
    bic = if (em) total("ibic") else if (compared$type == "total") total("bic") else
      -subjects_wide(compared, "bic"),
    aic = if (em || compared$type == "total") total("aic") else -subjects_wide(compared, "aic")
  )
}

# Sums over the subjects that all models could do.
group_scores <- function(scores) {
  complete <- !is.na(rowSums(scores))
  if (!any(complete)) return(matrix(NA_real_, 1L, ncol(scores)))
  t(colSums(scores[complete, , drop = FALSE]))
}
