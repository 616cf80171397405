# The hierarchical posterior as a sampler sees it: a density over a vector of unknowns on the real
# line, and what its elements are.

# `centred`: by random effect, whether subjects' effects themselves are sampled (TRUE) or the
# standard normal numbers they are made of. NULL: in between, by what the empirical Bayes fit in
# `state` says about each subject (inst/include/rescorla/inference/fitted_effects.hpp).
group_target <- function(engine, prior, centred, state) {
  design <- engine$design
  pairs <- correlated_pairs(design$blocks)
  fitted <- if (is.null(centred) && nrow(design$effects) > 0) fitted_likelihoods(engine, state)
  list(
    core = c(list(
      layout = engine$layout,
      coefficient_effect = as.integer(design$coefficients$effect - 1L),
      means = as.vector(t(design$means)),
      shared_parameter = as.integer(design$shared$parameter - 1L),
      shared_design = as.vector(t(design$shared_design)),
      block = as.integer(design$blocks),
      centred = as.integer(centred %||% logical(nrow(design$effects))),
      curvature = by_rows(fitted$curvature), pull = by_rows(fitted$pull)
    ), prior$core),
    centred = centred, fitted = fitted, pairs = pairs,
    sizes = c(coefficients = nrow(design$coefficients), shared = nrow(design$shared),
      spread = nrow(design$effects), pairs = nrow(pairs),
      effects = engine$layout$subjects * nrow(design$effects))
  )
}

# Each subject's log-likelihood near its posterior mode as h'a - a'Qa / 2: Q its curvature, as far
# as it is positive; h such that the slope at the mode is right.
fitted_likelihoods <- function(engine, state) {
  found <- state$step
  size <- nrow(engine$design$effects)
  precision <- solve_symmetric(state$covariance)
  mean <- effect_means(engine$design, state$coefficients)
  curvature <- found$curvature * 0
  pull <- found$mode * 0
  for (s in which(is.finite(found$loglik))) {
    q <- unpack_row(found$curvature[s, ], size) - precision
    parts <- eigen(q, symmetric = TRUE)
    if (min(parts$values) < 0) {
      q <- parts$vectors %*% (pmax(parts$values, 0) * t(parts$vectors))
    }
    curvature[s, ] <- q[upper.tri(q, diag = TRUE)]
    pull[s, ] <- q %*% found$mode[s, ] + precision %*% (found$mode[s, ] - mean[s, ])
  }
  curvature[is.na(curvature)] <- 0
  pull[is.na(pull)] <- 0
  list(curvature = curvature, pull = pull)
}

by_rows <- function(m) if (is.null(m)) numeric() else as.double(t(m))

target_density <- function(engine, target, position, call = rlang::caller_env()) {
  found <- cpp_group_density(engine$kernels, engine$packed, engine$bound, engine$every, engine$free,
    target$core, position, engine$threads)
  stop_if_interrupted(found$complete, call)
  found
}

# The position that means these quantities: the map of group_density.hpp, backwards.
target_position <- function(engine, target, coefficients, shared, sd, correlation, effects) {
  design <- engine$design
  size <- length(sd)
  factor <- if (size) t(chol(correlation)) else matrix(0, 0, 0)
  deviation <- effects - effect_means(design, coefficients)
  standard <- if (size) t(forwardsolve(factor, t(deviation) / sd)) else deviation
  own <- effects
  own[, !target$centred] <- standard[, !target$centred]
  c(coefficients, shared, log(sd), atanh(partial_correlations(factor, target$pairs)),
    as.vector(t(own)))
}

# Canonical partial correlations from the Cholesky factor of a correlation matrix.
partial_correlations <- function(factor, pairs) {
  if (nrow(pairs) == 0) return(numeric())
  apply(pairs, 1, function(p) {
    before <- seq_len(p[2] - 1L)
    factor[p[1], p[2]] / sqrt(1 - sum(factor[p[1], before]^2))
  })
}

target_names <- function(engine, target) {
  design <- engine$design
  effect <- design$effects$name
  pair <- target$pairs
  subjects <- seq_len(engine$layout$subjects)
  own <- paste0(effect_prefix(target), effect, recycle0 = TRUE)
  c(design$coefficients$name, design$shared$name, paste0("log_sd_", effect, recycle0 = TRUE),
    paste0("cpc_", effect[pair[, 1]], "_", effect[pair[, 2]], recycle0 = TRUE),
    paste0(rep(own, length(subjects)), "[", rep(subjects, each = length(own)), "]",
      recycle0 = TRUE))
}

effect_prefix <- function(target) {
  if (is.null(target$centred)) rep("xi_", target$sizes[["spread"]]) else
    ifelse(target$centred, "effect_", "z_")
}

# --- where chains begin -----------------------------------------------------------------------

# Draws from the Laplace approximation around the empirical Bayes fit, one for each chain, and the
# variances it implies for every coordinate.
warm_start <- function(engine, target, state, errors, chains, seed) {
  design <- engine$design
  size <- nrow(design$effects)
  n <- engine$layout$subjects
  fixed <- c(state$coefficients, state$shared)
  covariance <- errors$vcov
  fixed_root <- tryCatch(t(chol(covariance)), error = \(e) diag(sqrt(pmax(diag(covariance), 1e-4)),
    length(fixed)))
  sd <- pmax(sqrt(diag(state$covariance)), 0.05)
  sd_error <- pmin(pmax(errors$spread_error, 0.05), 0.4)
  correlation <- if (size) stats::cov2cor(state$covariance) else matrix(0, 0, 0)
  cpc <- if (size) partial_correlations(t(chol(0.9 * correlation + diag(0.1, size))), target$pairs) else
    numeric()
  cpc_error <- rep(min(0.3, 1.5 / sqrt(n)), length(cpc))
  found <- state$step
  lost <- !is.finite(found$loglik)
  found$mode[lost, ] <- effect_means(design, state$coefficients)[lost, ]
  found$covariance[lost, ] <- 0
  root <- cholesky_rows(found$covariance, size)
  k <- seq_along(state$coefficients)
  starts <- with_seed(seed, vapply(seq_len(chains), function(chain) {
    own <- fixed + drop(fixed_root %*% stats::rnorm(length(fixed)))
    noise <- matrix(stats::rnorm(n * size), n, size)
    if (is.null(target$centred)) {
      return(c(own, log(sd) + sd_error * stats::rnorm(size),
        atanh(cpc) + cpc_error * stats::rnorm(length(cpc)), noise))
    }
    effects <- found$mode
    for (i in seq_len(size)) for (j in seq_len(i)) {
      effects[, i] <- effects[, i] + root[, packed_index(j, i)] * noise[, j]
    }
    y <- atanh(cpc) + cpc_error * stats::rnorm(length(cpc))
    target_position(engine, target, own[k], own[-k], sd * exp(sd_error * stats::rnorm(size)),
      correlation_from(tanh(y), target$pairs, size), effects)
  }, numeric(sum(target$sizes))))
  hyper <- c(pmax(diag(covariance), 1e-6), sd_error^2, cpc_error^2)
  starts <- matrix(starts, ncol = chains)
  if (is.null(target$centred)) {
    return(list(starts = starts, variance = c(hyper, rep(1, n * size)),
      # Spreads have one long tail: about a centre they would be thrown.
      centre = c(fixed, rep(NaN, size + length(cpc)), rep(0, n * size))))
  }
  variance <- packed_diagonal(found$covariance, size)
  standard <- sweep(variance, 2, sd^2, `/`)
  for (r in seq_len(size)) {
    variance[, r] <- if (target$centred[r]) pmax(variance[, r], 1e-6) else
      pmin(pmax(standard[, r], 1e-4), 1)
    variance[lost, r] <- if (target$centred[r]) sd[r]^2 else 1
  }
  list(starts = starts, variance = c(hyper, as.vector(t(variance))), centre = numeric())
}

# The correlation matrix of canonical partial correlations.
correlation_from <- function(cpc, pairs, size) {
  factor <- diag(1, size)
  left <- rep(1, size)
  for (k in seq_len(nrow(pairs))) {
    i <- pairs[k, 1]
    factor[i, pairs[k, 2]] <- cpc[k] * left[i]
    left[i] <- left[i] * sqrt(1 - cpc[k]^2)
  }
  diag(factor) <- left
  tcrossprod(factor)
}
