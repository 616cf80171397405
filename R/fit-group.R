# What empirical Bayes and full Bayes fits have in common: their parts as a fit.

# Natural values of subjects (units) with standard errors, from modes and covariances of the random
# effects; the shared part counts as known.
unit_estimates <- function(engine, effects, covariance, shared) {
  design <- engine$design
  maps <- engine$maps
  z <- unit_parameters(engine, effects, shared)
  size <- nrow(design$effects)
  parameters <- design$parameters
  slope <- z
  for (p in seq_along(parameters)) slope[, p] <- natural_slope(z[, p], maps, p)
  vcov <- lapply(seq_len(nrow(z)), function(u) {
    s <- design$unit_subject[u]
    v <- matrix(0, length(parameters), length(parameters), dimnames = list(parameters, parameters))
    if (size == 0) return(v)
    # W V W', then to natural units
    w <- matrix(0, length(parameters), size)
    w[cbind(design$effects$parameter, seq_len(size))] <- design$weights[u, ]
    w <- w * slope[u, ]
    v[] <- w %*% unpack_row(covariance[s, ], size) %*% t(w)
    v
  })
  list(z = z, natural = natural_matrix(z, maps), vcov = vcov)
}

new_group_fit <- function(engine, data, method, seed, estimates, loglik, group, extra, class) {
  design <- engine$design
  ids <- as.character(engine$data$subjects)
  free <- design$parameters
  named <- function(m) {
    dimnames(m) <- list(ids, free)
    m
  }
  by_unit <- function(x) stats::setNames(as.vector(x), ids)
  n <- length(ids)
  error <- vapply(estimates$vcov, \(v) sqrt(diag(v)), numeric(length(free)))
  none <- named(matrix(FALSE, n, length(free)))
  group$design <- design
  group$maps <- engine$maps
  group$subjects <- data$subjects
  structure(c(list(
    model = engine$model, data = engine$data, method = method, call = NULL, prior = NULL,
    seed = seed, parameters = free,
    estimates = named(estimates$natural),
    std_error = named(matrix(error, ncol = length(free), byrow = TRUE)),
    vcov = stats::setNames(estimates$vcov, ids),
    loglik = by_unit(loglik),
    nobs = by_unit(engine$scored %||% engine$pieces$scored),
    at_bound = none, flat = none,
    group = group
  ), extra), class = c(class, "rl_fit_group", "rl_fit"))
}

new_em_fit <- function(engine, data, state, inference, evidence, seed, marginal, call) {
  design <- engine$design
  found <- state$step
  usable <- is.finite(found$loglik)
  mean <- effect_means(design, state$coefficients)
  found$mode[!usable, ] <- NA
  estimates <- unit_estimates(engine, found$mode, found$covariance, state$shared)
  loglik <- rep(NA_real_, nrow(estimates$z))
  known <- which(usable[design$unit_subject])
  at <- evaluate_units(engine, replace(estimates$z, is.na(estimates$z), 0), 0L, call)
  loglik[known] <- at$value[known]
  names <- design$effects$name
  covariance <- state$covariance
  dimnames(covariance) <- list(names, names)
  sd <- sqrt(diag(covariance))
  log_evidence <- found$log_evidence
  if (!is.null(evidence)) log_evidence <- evidence$log_evidence
  group <- list(
    coefficients = stats::setNames(state$coefficients, design$coefficients$name),
    shared = stats::setNames(state$shared, design$shared$name),
    vcov = inference$vcov, errors = inference$kind, covariance = covariance, sd = sd,
    spread_error = stats::setNames(inference$spread_error, names),
    effects = found$mode, effect_covariance = found$covariance, means = mean,
    shrinkage = stats::setNames(colMeans(
      packed_diagonal(found$covariance, length(names)), na.rm = TRUE) / sd^2, names),
    log_evidence = stats::setNames(log_evidence, as.character(data$subjects)),
    laplace = stats::setNames(found$log_evidence, as.character(data$subjects)),
    evidence = evidence, marginal = marginal,
    df = hyper_count(design), iterations = state$iterations, converged = state$converged
  )
  status <- ifelse(!usable, "failed", ifelse(found$status == 1, "not converged", "converged"))
  message <- c("converged", "the search for the posterior mode did not come to an end",
    "the log-likelihood was not finite at any starting point",
    "converged, but not a clear maximum: the expected curvature was used",
    "interrupted")[found$status + 1L]
  unit <- design$unit_subject
  ids <- as.character(engine$data$subjects)
  by_unit <- function(x) stats::setNames(x[unit], ids)
  fit <- new_group_fit(engine, data, "em", seed, estimates, loglik, group, list(
    converged = by_unit(status == "converged"), status = by_unit(status),
    message = by_unit(message)
  ), "rl_fit_em")
  warn_em(fit, state, call)
  fit
}

# Group parameters estimated: coefficients, shared, standard deviations and correlations.
hyper_count <- function(design) {
  nrow(design$coefficients) + nrow(design$shared) + length(design$blocks) +
    nrow(correlated_pairs(design$blocks))
}

warn_em <- function(fit, state, call) {
  failed <- names(fit$status)[fit$status == "failed"]
  if (length(failed)) {
    rescorla_warn(c("{length(failed)} subject{?s} have no finite likelihood and do not count:
                    {name_some(failed)}.",
      i = "`rl_loglik()` says where it is lost."), "convergence", call = call, subjects = failed)
  }
  if (!state$converged) {
    rescorla_warn(c("The group did not settle in {state$iterations} iterations.",
      i = "A simpler group may: `covariance = \"diagonal\"`, fewer covariates."), "convergence",
      call = call)
  }
  warn_edge(fit, call)
  flat <- names(fit$group$sd)[fit$group$sd < 0.01]
  if (length(flat)) {
    rescorla_warn(c("The spread of {.code {flat}} over subjects is zero for all these data tell.",
      i = "Share {cli::qty(flat)}{?it/them} by all: `{sub(':.*', '', flat[1])} ~ 1`."), "boundary",
      call = call)
  }
  off <- untrusted_subjects(fit$group$evidence)
  if (length(off)) {
    ids <- as.character(fit$group$subjects)[off]
    rescorla_warn(c("The Laplace approximation is off by more than 0.5 for
                    {length(off)} subject{?s}: {name_some(ids)}.",
      i = "The log evidence by importance sampling is used; `method = \"nuts\"` needs no such
           approximation."), "convergence", call = call, subjects = ids)
  }
}

# Shared values that ran as far as they were let.
warn_edge <- function(fit, call) {
  design <- fit$group$design
  edge <- 0.4 * real_line_edge[fit$group$maps$link[design$shared$parameter]]
  at <- names(fit$group$shared)[abs(fit$group$shared) > 0.99 * edge]
  if (length(at)) {
    rescorla_warn(c("The data do not hold {.code {at}}: the likelihood rises, or is flat, as far as it
                     was searched.",
      i = "Its standard error means nothing."), "boundary", call = call)
  }
}

untrusted_subjects <- function(evidence) {
  if (is.null(evidence)) return(integer())
  gap <- abs(evidence$log_evidence - evidence$laplace)
  which(gap > 0.5 & evidence$error < 0.25 * gap)
}
