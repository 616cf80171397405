# Which model describes the data best.

#' Compare fits
#'
#' Which of several fits to the same data to prefer: by subject by information criteria and
#' evidence, of hierarchical fits by the marginal likelihood (`"em"`) or leave-one-out
#' cross-validation (`"nuts"`).
#'
#' @details
#' **By subject** (`"mle"`, `"map"`). For a subject with log-likelihood \eqn{\ell}, k
#' parameters and n scored responses, AIC is \eqn{2k - 2\ell} and BIC is \eqn{k \log n - 2\ell};
#' lower is better. Totals are sums over subjects, so that every subject's parameters are counted
#' against that subject's responses. (`BIC(fit)` sees one model of all subjects instead, and takes
#' the logarithm of the total number of responses.) Differences are to the best fit. Weights,
#' \eqn{\exp(-\Delta/2)} over their sum (Burnham & Anderson 2002), are the relative support for each
#' model; by subject they say how clear a subject is. Fits by `rl_fit(method = "map")` enter with
#' their log-likelihood at the posterior mode, which is below its maximum; where all fits are such,
#' their log evidences are compared too, in total and by [rl_bms()].
#'
#' Fits by `"mle"` with parameters that subjects share (a `formula`) have no criteria by subject:
#' with one among them all fits by `"mle"` and `"map"` are compared by AIC and BIC of the whole.
#'
#' **Empirical Bayes** (`"em"`). With the log marginal likelihood \eqn{L = \sum_s \log \int p(y_s
#' \mid z)\,p(z \mid \hat\theta)\,dz}, h parameters of the group \eqn{\theta} and N scored responses
#' of all subjects, AIC is \eqn{2h - 2L} and the integrated BIC is \eqn{h \log N - 2L} (Huys et al.
#' 2011). The terms of L are subjects' log evidences, which go into [rl_bms()]. These are at the
#' fitted group, so that nothing in them counts its parameters: of models whose groups differ much
#' in size, believe the iBIC first.
#'
#' **Full Bayes** (`"nuts"`). The expected log predictive density of observations left out,
#' \eqn{\mathrm{elpd} = \sum_i \log p(y_i \mid y_{-i})}, by Pareto smoothed importance sampling
#' (Vehtari et al. 2017): higher is better. An observation is what `unit` says; see
#' [loo()][draws_of_fits] for how subjects' parameters are dealt with. A difference of a few of its
#' standard errors or less is no difference. Estimates with a Pareto k above 0.7 are not reliable;
#' they are counted and warned of. Such fits have no log evidence and no [rl_bms()].
#'
#' Subjects that some fit could not do are left out of the totals of all.
#' @param ... Fits from [rl_fit()], or one list of them. The names of the arguments, or else the
#'   expressions, name the models. All are by `"mle"` or `"map"`, or all by `"em"`, or all by
#'   `"nuts"`.
#' @param unit For fits by `"nuts"`: what is left out, a `"subject"`, a `"trial"` or a `"block"`.
#' @param families For fits with log evidences (`"map"`, `"em"`): families of models, as in
#'   [rl_bms()].
#' @param x An object of class `rl_compare`.
#' @param digits Digits after the decimal point.
#' @param row.names,optional Not used; part of the generic.
#' @return An object of class `rl_compare`, a list:
#' * `models`: a data frame with a row for each fit, which `as.data.frame()` returns.
#'   - By subject: `model`, `parameters` (for each subject), `df` (over all subjects), `loglik`,
#'     `aic`, `bic`, `delta_aic`, `delta_bic`, `weight_aic`, `weight_bic`, `best_aic`, `best_bic`
#'     (how many subjects it describes best; ties go to the fit given first), and if all are by
#'     `"map"` `log_evidence`. With shared parameters without `parameters` and `best_*`.
#'   - `"em"`: `model`, `df`, `loglik` (the log marginal likelihood), `aic`, `ibic`, `log_evidence`
#'     (the sum over subjects, which is `loglik`), `delta_ibic`, `weight` (by iBIC).
#'   - `"nuts"`: `model`, `elpd_loo`, `se`, `p_loo` (effective number of parameters), `looic`,
#'     `delta_elpd` (to the best, 0 or below), `delta_se`, `waic`, `k_high` (observations with a
#'     Pareto k above 0.7).
#' * `subjects`: a row for each subject and fit. By subject: `subject`, `model`, `n` (scored
#'   responses), `loglik`, `aic`, `bic`, their differences and weights, and `log_evidence`; for
#'   `"em"` `subject`, `model`, `n`, `log_evidence`, `weight` (the evidence over the sum of the
#'   models').
#' * `bms`: where there are log evidences, what [rl_bms()] makes of them; `no_evidence`: subjects
#'   not in it.
#' * For `"nuts"`: `units`, a data frame of `unit`, `model`, `elpd_loo`, `pareto_k`; `pareto_k`, a
#'   matrix that counts these by interval; `loo`, the objects of the loo package by model; `unit`.
#' * `type` (`"subject"`, `"total"`, `"em"`, `"nuts"`), `n_subjects`, `left_out` (subjects not in
#'   the totals), `nobs`, `methods`.
#' @section Errors: Fits to different data give a condition of class `rescorla_error_input` that
#'   says what differs first: the subjects, their responses or outcomes, or which rows are scored.
#'   Data with other blocks or other further columns count as the same (for `unit = "block"` blocks
#'   must agree). So do fits whose methods cannot be compared.
#' @references
#' Burnham, K. P. & Anderson, D. R. (2002). *Model selection and multimodel inference* (2nd ed.).
#' Springer.
#'
#' Huys, Q. J. M., Cools, R., Goelzer, M., Friedel, E., Heinz, A., Dolan, R. J. & Dayan, P. (2011).
#' Disentangling the roles of approach, activation and valence in instrumental and Pavlovian
#' responding. *PLoS Computational Biology*, 7(4), e1002028.
#'
#' Vehtari, A., Gelman, A. & Gabry, J. (2017). Practical Bayesian model evaluation using
#' leave-one-out cross-validation and WAIC. *Statistics and Computing*, 27, 1413-1432.
#' @examples
#' data <- rl_data(bandit_example)
#' comparison <- rl_compare(
#'   rw = rl_fit("rw", data, starts = 5, seed = 1),
#'   asymmetric = rl_fit("rw_asymmetric", data, starts = 5, seed = 1)
#' )
#' comparison
#' head(comparison$subjects)
#'
#' # Hierarchical fits, by integrated BIC and random-effects model selection
#' rl_compare(
#'   rw = rl_fit("rw", data, method = "em", seed = 1),
#'   asymmetric = rl_fit("rw_asymmetric", data, method = "em", seed = 1)
#' )
#' @export
rl_compare <- function(..., unit = c("subject", "trial", "block"), families = NULL) {
  call <- rlang::current_env()
  fits <- named_fits(rlang::list2(...), as.list(substitute(list(...)))[-1L], call)
  type <- compare_type(fits, call)
  given <- c(unit = !missing(unit), families = !is.null(families))
  check_arguments_of_type(given, type, fits, call)
  unit <- check_choice(unit, c("subject", "trial", "block"))
  families <- check_families(families, names(fits), call)
  check_same_data(fits, call)
  switch(type,
    subject = compare_by_subject(fits, families),
    total = compare_totals(fits),
    em = compare_em(fits, families),
    nuts = compare_nuts(fits, unit, call)
  )
}

# --- what can be compared with what ------------------------------------------------------------

# Likelihoods that are maximised, marginal or left out for prediction are not on one scale.
compare_type <- function(fits, call) {
  method <- vapply(fits, `[[`, "", "method")
  scale <- ifelse(method %in% c("mle", "map"), "subject", method)
  if (length(unique(scale)) > 1L) {
    pair <- c(1L, which(scale != scale[1L])[1L])
    rescorla_abort(c(
      "The fits {.val {names(fits)[pair[1L]]}} and {.val {names(fits)[pair[2L]]}} cannot be
       compared.",
      x = "The first is by {.code method = \"{method[pair[1L]]}\"}, the second by
           {.code method = \"{method[pair[2L]]}\"}, and their criteria are of different things.",
      i = "Fits by {.val mle} and {.val map} compare with each other, those by {.val em} with
           {.val em} and those by {.val nuts} with {.val nuts}.",
      i = "{.code update(fit, method = )} fits again."
    ), "input", call = call, models = names(fits)[pair])
  }
  shared <- vapply(fits, inherits, NA, "rl_fit_shared")
  if (any(shared)) "total" else scale[[1L]]
}

# Arguments that say nothing about these fits are mistakes.
check_arguments_of_type <- function(given, type, fits, call) {
  if (given[["unit"]] && type != "nuts") {
    rescorla_abort(c(
      "{.arg unit} is about fits by {.code method = \"nuts\"}, and these are by
       {.or {.val {unique(vapply(fits, `[[`, '', 'method'))}}}.",
      i = "Leave it out."
    ), "input", call = call)
  }
  if (given[["families"]] && !has_evidence(fits, type)) {
    rescorla_abort(c(
      "{.arg families} needs log evidences, and these fits have none.",
      i = "Fits by {.code method = \"map\"} (all of them) and {.code method = \"em\"} have; others
           may go to {.fn rl_bms} as -BIC/2 by subject."
    ), "input", call = call)
  }
}

has_evidence <- function(fits, type) {
  type == "em" || type == "subject" && all(vapply(fits, `[[`, "", "method") == "map")
}

named_fits <- function(fits, expressions, call) {
  if (length(fits) == 1L && is.list(fits[[1L]]) && !inherits(fits[[1L]], "rl_fit")) {
    fits <- fits[[1L]]
    expressions <- list()
  }
  fit <- vapply(fits, inherits, NA, "rl_fit")
  if (!all(fit)) {
    rescorla_abort(c(
      "{.fn rl_compare} takes fits from {.fn rl_fit}.",
      x = "Argument {which(!fit)[1L]} is {describe_value(fits[[which(!fit)[1L]]])}."
    ), "input", call = call)
  }
  if (length(fits) < 2L) {
    rescorla_abort(c(
      "{.fn rl_compare} needs two fits or more, not {length(fits)}.",
      i = "For example {.code rl_compare(rw = fit1, asymmetric = fit2)}."
    ), "input", call = call)
  }
  names <- rlang::names2(fits)
  for (i in which(!nzchar(names))) {
    model <- fits[[i]]$model
    symbol <- length(expressions) == length(fits) && is.symbol(expressions[[i]])
    names[i] <- if (symbol) as.character(expressions[[i]]) else model$id %||% model$name
  }
  stats::setNames(fits, make.unique(names, sep = "_"))
}

# --- by subject ---------------------------------------------------------------------------------

compare_by_subject <- function(fits, families) {
  log_lik <- vapply(fits, \(fit) ifelse(is_fitted(fit), unname(fit$loglik), NA_real_),
    numeric(length(fits[[1L]]$loglik)))
  log_lik <- matrix(log_lik, ncol = length(fits), dimnames = list(NULL, names(fits)))
  size <- vapply(fits, \(fit) length(fit$parameters), 0L)
  n <- unname(fits[[1L]]$nobs)
  usable <- !is.na(rowSums(log_lik))
  subjects <- compare_subjects(fits[[1L]]$data$subjects, log_lik, size, n)
  found <- structure(
    list(
      models = compare_models(subjects, names(fits), size, usable),
      subjects = subjects,
      n_subjects = sum(usable),
      left_out = fits[[1L]]$data$subjects[!usable],
      nobs = sum(n[usable]),
      methods = vapply(fits, `[[`, "", "method"),
      type = "subject"
    ),
    class = "rl_compare"
  )
  if (has_evidence(fits, "subject")) add_map_evidence(found, fits, families, usable) else found
}

add_map_evidence <- function(found, fits, families, usable) {
  evidence <- evidence_table(lapply(fits, `[[`, "log_evidence"), fits[[1L]]$data$subjects)
  evidence[!usable, ] <- NA
  found$models$log_evidence <- complete_sums(evidence)
  found$subjects$log_evidence <- as.vector(t(evidence))
  add_bms(found, evidence, families)
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
