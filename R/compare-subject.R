# Comparisons of fits by subject: information criteria and evidences of each, and their sums.

compare_by_subject <- function(fits, families, evidence) {
  log_lik <- vapply(fits, \(fit) ifelse(is_fitted(fit), unname(fit$loglik), NA_real_),
    numeric(length(fits[[1L]]$loglik)))
  log_lik <- matrix(log_lik, ncol = length(fits), dimnames = list(NULL, names(fits)))
  size <- vapply(fits, \(fit) length(fit$parameters), 0L)
  n <- unname(fits[[1L]]$nobs)
  usable <- !is.na(rowSums(log_lik))
  subjects <- compare_subjects(fits[[1L]]$data$subjects, log_lik, size, n)
  found <- list(
    models = compare_models(subjects, names(fits), size, usable),
    subjects = subjects,
    n_subjects = sum(usable),
    left_out = fits[[1L]]$data$subjects[!usable],
    nobs = sum(n[usable]),
    methods = vapply(fits, `[[`, "", "method"),
    type = "subject", evidence = evidence
  )
  if (all_map(fits)) found <- add_map_evidence(found, fits, usable)
  log_evidence <- if (evidence == "laplace") subjects_wide(found, "log_evidence") else
    -subjects_wide(found, "bic") / 2
  add_bms(found, log_evidence, families)
}

add_map_evidence <- function(found, fits, usable) {
  evidence <- evidence_table(lapply(fits, `[[`, "log_evidence"), fits[[1L]]$data$subjects)
  evidence[!usable, ] <- NA
  found$models$log_evidence <- complete_sums(evidence)
  found$subjects$log_evidence <- as.vector(t(evidence))
  found
}

# A column of `subjects`, subjects x models, as it was given.
subjects_wide <- function(found, column) {
  models <- found$models$model
  matrix(found$subjects[[column]], ncol = length(models), byrow = TRUE,
    dimnames = list(as.character(unique(found$subjects$subject)), models))
}

# Subjects x models; what is not finite counts as missing.
evidence_table <- function(columns, ids) {
  evidence <- matrix(unlist(columns, use.names = FALSE), ncol = length(columns),
    dimnames = list(as.character(ids), names(columns)))
  evidence[!is.finite(evidence)] <- NA
  evidence
}

complete_sums <- function(evidence) {
  unname(colSums(evidence[!is.na(rowSums(evidence)), , drop = FALSE]))
}

add_bms <- function(found, evidence, families) {
  complete <- !is.na(rowSums(evidence))
  found$no_evidence <- rownames(evidence)[!complete]
  if (any(complete)) found$bms <- rl_bms(evidence[complete, , drop = FALSE], families)
  found
}

# One row for each subject and fit, those of a subject together.
compare_subjects <- function(ids, log_lik, size, n) {
  models <- colnames(log_lik)
  penalty_bic <- outer(log(n), size)
  aic <- sweep(-2 * log_lik, 2L, 2 * size, `+`)
  bic <- -2 * log_lik + penalty_bic
  long <- \(x) as.vector(t(x))
  data.frame(
    subject = rep(ids, each = length(models)),
    model = rep(models, length(ids)),
    n = rep(n, each = length(models)),
    loglik = long(log_lik), aic = long(aic), bic = long(bic),
    delta_aic = long(criterion_delta(aic)), delta_bic = long(criterion_delta(bic)),
    weight_aic = long(criterion_weight(aic)), weight_bic = long(criterion_weight(bic))
  )
}

# Both by row: a row is a subject (or the total), a column a model.
criterion_delta <- function(x) x - do.call(pmin, lapply(seq_len(ncol(x)), \(j) x[, j]))

criterion_weight <- function(x) {
  w <- exp(-criterion_delta(x) / 2)
  w / rowSums(w)
}

compare_models <- function(subjects, models, size, usable) {
  wide <- \(name) {
    matrix(subjects[[name]], ncol = length(models), byrow = TRUE)[usable, , drop = FALSE]
  }
  total <- \(name) colSums(wide(name))
  best <- \(name) tabulate(apply(wide(name), 1L, which.min), length(models))
  criterion <- \(f, name) as.vector(f(t(total(name))))
  data.frame(
    model = models, parameters = unname(size), df = unname(size) * sum(usable),
    loglik = total("loglik"), aic = total("aic"), bic = total("bic"),
    delta_aic = criterion(criterion_delta, "aic"), delta_bic = criterion(criterion_delta, "bic"),
    weight_aic = criterion(criterion_weight, "aic"),
    weight_bic = criterion(criterion_weight, "bic"),
    best_aic = best("aic"), best_bic = best("bic")
  )
}
