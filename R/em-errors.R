# How sure an empirical Bayes fit is: standard errors of the group's parameters, and the marginal
# likelihood by importance sampling.

# Scores of subjects, d log p(y_s | theta) / d theta by Fisher's identity: the posterior means of
# the complete data's scores. theta: coefficients, shared, log standard deviations, correlations.
em_scores <- function(engine, state) {
  design <- engine$design
  found <- state$step
  usable <- is.finite(found$loglik)
  found$mode[!usable, ] <- 0
  size <- nrow(design$effects)
  shared <- if (length(state$shared)) {
    gradient <- 0
    points <- if (size) cubature_points(found, size, usable) else list(found$mode)
    for (point in points) {
      at <- evaluate_units(engine, unit_parameters(engine, point, state$shared), 1L)
      gradient <- gradient + at$gradient / length(points)
    }
    shared_score(design, gradient)
  }
  if (size == 0) return(shared)
  precision <- solve_symmetric(state$covariance)
  residual <- found$mode - effect_means(design, state$coefficients)
  pull <- residual %*% precision
  coefficients <- design$means * pull[, design$coefficients$effect, drop = FALSE]
  # G = P ((V + r r') - Sigma) P / 2, packed
  sd <- sqrt(diag(state$covariance))
  pairs <- correlated_pairs(design$blocks)
  own <- matrix(0, nrow(residual), size)
  both <- matrix(0, nrow(residual), nrow(pairs))
  for (s in which(usable)) {
    second <- unpack_row(found$covariance[s, ], size) + tcrossprod(residual[s, ]) - state$covariance
    g <- precision %*% second %*% precision / 2
    own[s, ] <- 2 * rowSums(g * state$covariance)
    both[s, ] <- 2 * g[pairs] * sd[pairs[, 1]] * sd[pairs[, 2]]
  }
  scores <- cbind(coefficients, shared, own, both)
  scores[!usable, ] <- 0
  scores
}

# Row and column numbers of correlations that are estimated, by row.
correlated_pairs <- function(blocks) {
  size <- length(blocks)
  pairs <- which(outer(blocks, blocks, `==`) & lower.tri(diag(size)), arr.ind = TRUE)
  pairs <- pairs[order(pairs[, 1], pairs[, 2]), , drop = FALSE]
  dimnames(pairs) <- NULL
  pairs
}

# The empirical information is the sum of the scores' squares (Meilijson 1989). With fewer than two
# subjects for each element of theta it is too poor to be inverted: then it is the expected one.
em_errors <- function(engine, state) {
  design <- engine$design
  scores <- em_scores(engine, state)
  fixed <- nrow(design$coefficients) + nrow(design$shared)
  size <- nrow(design$effects)
  n <- nrow(scores)
  information <- crossprod(scores)
  kind <- if (n >= 2 * ncol(scores)) "empirical" else "expected"
  covariance <- if (kind == "empirical") tryCatch(solve_symmetric(information), error = \(e) NULL)
  if (is.null(covariance)) {
    kind <- "expected"
    covariance <- expected_covariance(engine, state, information, fixed)
  }
  list(vcov = covariance[seq_len(fixed), seq_len(fixed), drop = FALSE],
    spread_error = sqrt(pmax(diag(covariance)[fixed + seq_len(size)], 0)), kind = kind)
}

# Of the means: the subjects' estimates are N(X beta, Sigma + Q^-1), Q the likelihood's curvature.
# The spread of n values is known to 1 / sqrt(2 n) of itself, the more the less they shrink.
expected_covariance <- function(engine, state, information, fixed) {
  design <- engine$design
  size <- nrow(design$effects)
  k <- nrow(design$coefficients)
  total <- diag(1e-10, nrow(information))
  precision <- if (size) solve_symmetric(state$covariance)
  found <- state$step
  shrinkage <- numeric(size)
  usable <- which(is.finite(found$loglik))
  for (s in if (size) usable) {
    # (Sigma + Q^-1)^-1 = P - P V P
    v <- unpack_row(found$covariance[s, ], size)
    left <- precision - precision %*% v %*% precision
    effect <- design$coefficients$effect
    x <- design$means[s, ]
    total[seq_len(k), seq_len(k)] <- total[seq_len(k), seq_len(k)] +
      outer(x, x) * left[effect, effect]
    shrinkage <- shrinkage + diag(v) / diag(state$covariance) / length(usable)
  }
  if (fixed > k) {
    own <- k + seq_len(fixed - k)
    total[own, own] <- information[own, own] + diag(1e-10, length(own))
  }
  rest <- setdiff(seq_len(nrow(total)), seq_len(fixed))
  spread <- 2 * length(usable) * pmax(1 - shrinkage, 0.02)^2
  diag(total)[rest] <- c(spread, rep(length(usable), length(rest) - size))
  solve(total)
}

# --- importance sampling ----------------------------------------------------------------------

# log p(y_s) by draws from a wider version of the Laplace approximation: a multivariate t with 5
# degrees of freedom, the same standard numbers for all subjects. What these numbers make of the
# approximation itself, whose integral is known, is divided out: the estimate is exact where the
# posterior is normal, and its error does not add up over subjects.
importance_evidence <- function(engine, state, seed, call, samples = 500L) {
  if (nrow(engine$design$effects) == 0) return(NULL)
  draws <- importance_draws(engine, state, seed, samples, call)
  mean <- effect_means(engine$design, state$coefficients)
  log_weight <- draws$log_lik + group_log_density(draws$effects, mean, state$covariance) -
    draws$log_proposal
  top <- apply(log_weight, 1, max)
  weight <- exp(log_weight - top)
  average <- rowMeans(weight)
  difference <- weight / average - rep(draws$control / mean(draws$control), each = nrow(weight))
  data.frame(
    log_evidence = top + log(average) - log(mean(draws$control)),
    laplace = state$step$log_evidence,
    error = sqrt(rowMeans(difference^2) / samples),
    effective = rowSums(weight)^2 / rowSums(weight^2)
  )
}

# list(effects S x R x M, log_lik S x M, log_proposal S x M, control M: the normal approximation over
# the proposal).
importance_draws <- function(engine, state, seed, samples, call) {
  found <- state$step
  size <- ncol(found$mode)
  n <- nrow(found$mode)
  factor <- cholesky_rows(found$covariance, size)
  degrees <- 5
  standard <- with_seed(seed, {
    z <- matrix(stats::rnorm(samples * size), samples, size)
    z / sqrt(stats::rchisq(samples, degrees) / degrees)
  })
  distance <- rowSums(standard^2)
  half <- rowSums(log(factor[, packed_index(seq_len(size), seq_len(size)), drop = FALSE]))
  constant <- lgamma((degrees + size) / 2) - lgamma(degrees / 2) - size / 2 * log(degrees * pi)
  log_proposal <- outer(-half, constant - (degrees + size) / 2 * log1p(distance / degrees), `+`)
  effects <- array(0, c(n, size, samples))
  log_lik <- matrix(0, n, samples)
  for (m in seq_len(samples)) {
    a <- found$mode
    for (i in seq_len(size)) for (j in seq_len(i)) {
      a[, i] <- a[, i] + factor[, packed_index(j, i)] * standard[m, j]
    }
    effects[, , m] <- a
    at <- evaluate_units(engine, unit_parameters(engine, a, state$shared), 0L, call)
    log_lik[, m] <- rowsum(at$value, engine$design$unit_subject)[, 1]
  }
  normal <- -distance / 2 - size / 2 * log(2 * pi)
  list(effects = effects, log_lik = log_lik, log_proposal = log_proposal,
    control = exp(normal - constant + (degrees + size) / 2 * log1p(distance / degrees)))
}

# log N(a_sm; mean_s, covariance): S x M for effects S x R x M.
group_log_density <- function(effects, mean, covariance) {
  size <- ncol(mean)
  factor <- chol(covariance)
  flat <- matrix(aperm(effects, c(1, 3, 2)), ncol = size)
  deviation <- flat - mean[rep(seq_len(nrow(mean)), dim(effects)[3]), , drop = FALSE]
  standard <- backsolve(factor, t(deviation), transpose = TRUE)
  matrix(-0.5 * colSums(standard^2) - sum(log(diag(factor))) - size / 2 * log(2 * pi), nrow(mean))
}

# R's generator, put back afterwards.
with_seed <- function(seed, code) {
  old <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit(if (is.null(old)) {
    suppressWarnings(rm(".Random.seed", envir = globalenv()))
  } else {
    assign(".Random.seed", old, globalenv())
  })
  set.seed(seed %% 2147483647, kind = "Mersenne-Twister", normal.kind = "Inversion",
    sample.kind = "Rejection")
  code
}
