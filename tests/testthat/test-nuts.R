# The sampler on densities written in R whose moments are known. Draws are deterministic given the
# seed; limits are wide enough that another processor's last bits do not matter.

sampler_settings_of <- function(...) {
  utils::modifyList(list(warmup = 500L, draws = 1000L, max_depth = 10L, adapt_delta = 0.8,
    trust = 5, rotate = TRUE, thin = 1L, keep = TRUE), list(...))
}

one_chain <- function(density, size, stream = 0L, start = NULL, variance = rep(1, size),
                      centre = numeric(), seed = 1, ...) {
  start <- start %||% withr::with_seed(seed + stream, rnorm(size))
  rescorla:::cpp_nuts_function(density, start, variance, centre, sampler_settings_of(...), seed,
    stream)
}

# list(draws = draws x chains x coordinates, reports = by chain)
some_chains <- function(density, size, chains = 2L, ...) {
  made <- lapply(seq_len(chains) - 1L, \(stream) one_chain(density, size, stream, ...))
  draws <- vapply(made, \(chain) t(chain$draws), t(made[[1]]$draws))
  list(draws = aperm(draws, c(1, 3, 2)), reports = lapply(made, `[[`, "reports"))
}

# Deviations of means and standard deviations from the truth in Monte-Carlo standard errors.
expect_moments <- function(draws, mean, sd, most = 4.5) {
  found <- suppressWarnings(posterior::summarise_draws(posterior::as_draws_array(draws), "mean",
    "sd", mcse_mean = posterior::mcse_mean, mcse_sd = posterior::mcse_sd))
  of_mean <- (found$mean - mean) / found$mcse_mean
  of_sd <- (found$sd - sd) / found$mcse_sd
  expect_lt(max(abs(of_mean)), most)
  expect_lt(max(abs(of_sd)), most)
  some <- seq_len(min(10L, dim(draws)[3]))
  expect_lt(max(vapply(some, \(k) posterior::rhat(draws[, , k]), 0)), 1.05)
  invisible(list(mean = of_mean, sd = of_sd))
}

standard_normal <- function(q) list(-sum(q^2) / 2, -q)

normal_density <- function(mean, covariance) {
  precision <- solve(covariance)
  function(q) {
    pull <- drop(precision %*% (q - mean))
    list(-sum((q - mean) * pull) / 2, -pull)
  }
}

test_that("draws from a standard normal density have its moments", {
  skip_if_not_installed("posterior")
  for (rotate in c(TRUE, FALSE)) {
    few <- some_chains(standard_normal, 10, chains = 4L, rotate = rotate)
    expect_moments(few$draws, 0, 1)
    many <- some_chains(standard_normal, 1000, draws = 300L, warmup = 150L, rotate = rotate)
    z <- expect_moments(many$draws, 0, 1, most = 5)
    # 1,000 deviations tell whether they are as large as they should be, and no larger.
    expect_equal(sd(z$mean), 1, tolerance = 0.15)
    expect_equal(sd(z$sd), 1, tolerance = 0.2)
    # Tails too: the third and fourth moments.
    expect_equal(mean(few$draws^3), 0, tolerance = 0.1)
    expect_equal(mean(few$draws^4), 3, tolerance = 0.1)
  }
})

test_that("30,000 dimensions go in a few steps when mean and variance are known", {
  n <- 30000
  exact <- one_chain(standard_normal, n, centre = rep(0, n), trust = 1e12, warmup = 20L,
    draws = 10L)
  # A rotation is the exact flow here: nothing is ever rejected.
  expect_equal(exact$reports$accept_stat__, rep(1, 10), tolerance = 1e-6)
  expect_lt(max(exact$reports$n_leapfrog__), 8)
  steps <- one_chain(standard_normal, n, trust = 1e12, rotate = FALSE, warmup = 60L, draws = 10L)
  for (chain in list(exact, steps)) {
    expect_identical(dim(chain$draws), c(30000L, 10L))
    # -lp is half a chi-square with n degrees of freedom.
    expect_true(all(abs(chain$reports$lp__ + n / 2) < 5 * sqrt(n / 2)))
    expect_equal(mean(chain$draws), 0, tolerance = 5 / sqrt(10 * n))
    expect_lt(abs(mean(chain$draws[, 1] * chain$draws[, 10])), 0.1)
  }
})

test_that("a correlated normal density has its moments, however it is integrated", {
  skip_if_not_installed("posterior")
  size <- 5
  sd <- 10^seq(-1, 1, length.out = size)
  mean <- 3 * sd * (-1)^seq_len(size)
  correlation <- 0.7^abs(outer(seq_len(size), seq_len(size), `-`))
  density <- normal_density(mean, correlation * outer(sd, sd))
  variants <- list(
    list(rotate = TRUE), list(rotate = FALSE), list(rotate = TRUE, adapt_delta = 0.95),
    # Warm starts: right, and wrong by a standard deviation and a factor of 9 in the variance.
    list(centre = mean, variance = sd^2), list(centre = mean + sd, variance = 9 * sd^2)
  )
  for (variant in variants) {
    made <- do.call(some_chains, c(list(density, size, start = rep(0, size)), variant))
    expect_moments(made$draws, mean, sd)
    flat <- matrix(made$draws, ncol = size)
    expect_equal(cor(flat), correlation, tolerance = 0.1)
    reports <- do.call(rbind, made$reports)
    expect_false(any(reports$divergent__))
    # Adaptation aims at the acceptance, unless steps are as long as rotations may be.
    aim <- variant$adapt_delta %||% 0.8
    expect_gt(mean(reports$accept_stat__), aim - 0.07)
  }
})

test_that("a heavy tail and a bounded density come out right", {
  skip_if_not_installed("posterior")
  # Student's t with 5 degrees of freedom; and an exponential density on the log scale.
  density <- function(q) {
    list(-3 * log1p(q[1]^2 / 5) + q[2] - exp(q[2]), c(-6 * q[1] / (5 + q[1]^2), 1 - exp(q[2])))
  }
  for (rotate in c(TRUE, FALSE)) {
    made <- some_chains(density, 2, chains = 4L, draws = 2000L, rotate = rotate)
    made$draws[, , 2] <- exp(made$draws[, , 2])
    expect_moments(made$draws, c(0, 1), c(sqrt(5 / 3), 1))
    p <- pt(quantile(made$draws[, , 1], c(0.01, 0.05, 0.5, 0.95, 0.99)), 5)
    expect_equal(unname(p), c(0.01, 0.05, 0.5, 0.95, 0.99), tolerance = 0.02)
  }
  # Where the density vanishes nothing is ever drawn.
  half <- function(q) if (q[1] < 0) list(-Inf, 0) else list(-sum(q^2) / 2, -q)
  made <- some_chains(half, 1, chains = 4L, start = 1, draws = 2000L, rotate = FALSE)
  expect_true(all(made$draws >= 0))
  expect_equal(mean(made$draws), sqrt(2 / pi), tolerance = 0.1)
  expect_error(one_chain(half, 1, start = -1), "vanishes", class = "rescorla_error_input")
})

test_that("Neal's funnel comes out right when it is not centred, and objects when it is", {
  skip_if_not_installed("posterior")
  # v ~ N(0, 3^2), x_i ~ N(0, exp(v / 2)^2), i = 1, ..., 9
  apart <- function(q) list(-q[1]^2 / 18 - sum(q[-1]^2) / 2, c(-q[1] / 9, -q[-1]))
  made <- some_chains(apart, 10, chains = 4L)
  v <- made$draws[, , 1]
  expect_moments(made$draws, 0, c(3, rep(1, 9)))
  # log |x| = v / 2 + log |eta|, of mean -(log 2 + Euler's constant) / 2 and variance 9/4 + pi^2 / 8
  log_x <- made$draws[, , -1]
  for (i in 1:9) log_x[, , i] <- v / 2 + log(abs(log_x[, , i]))
  expect_moments(log_x, -(log(2) - digamma(1)) / 2, sqrt(9 / 4 + pi^2 / 8))

  together <- function(q) {
    v <- q[1]
    s <- sum(q[-1]^2) * exp(-v) / 2
    list(-v^2 / 18 - 9 * v / 2 - s, c(-v / 9 - 9 / 2 + s, -q[-1] * exp(-v)))
  }
  centred <- some_chains(together, 10, chains = 4L, rotate = FALSE)
  expect_gt(sum(vapply(centred$reports, \(r) sum(r$divergent__), 0)), 0)
})

# posteriordb's eight schools, not centred: (mu, log tau, eta).
eight_schools <- function(q) {
  y <- c(28, 8, -3, 7, -1, 1, 18, 12)
  sigma <- c(15, 10, 16, 11, 9, 11, 10, 18)
  mu <- q[1]
  tau <- exp(q[2])
  eta <- q[-(1:2)]
  residual <- (y - mu - tau * eta) / sigma^2
  value <- -sum((y - mu - tau * eta)^2 / sigma^2) / 2 - sum(eta^2) / 2 - mu^2 / 50 -
    log1p(tau^2 / 25) + q[2]
  list(value, c(sum(residual) - mu / 25,
    sum(residual * eta) * tau - 2 * tau^2 / (25 + tau^2) + 1, residual * tau - eta))
}

# Given tau the posterior of mu is normal: sums over a grid of log tau.
eight_schools_exact <- function() {
  y <- c(28, 8, -3, 7, -1, 1, 18, 12)
  log_tau <- seq(-12, 6, length.out = 5001)
  tau <- exp(log_tau)
  variance <- outer(tau^2, c(15, 10, 16, 11, 9, 11, 10, 18)^2, `+`)
  precision <- rowSums(1 / variance) + 1 / 25
  mu <- drop((1 / variance) %*% y) / precision
  log_p <- -0.5 * (rowSums(log(variance)) + drop((1 / variance) %*% y^2) - precision * mu^2 +
    log(precision)) - log1p(tau^2 / 25) + log_tau
  p <- exp(log_p - max(log_p)) / sum(exp(log_p - max(log_p)))
  mean <- c(sum(p * mu), sum(p * tau))
  list(mean = mean, sd = sqrt(c(sum(p * (1 / precision + mu^2)), sum(p * tau^2)) - mean^2))
}

test_that("eight schools agree with the reference posterior", {
  skip_if_not_installed("posterior")
  exact <- eight_schools_exact()
  # posteriordb's means and standard deviations.
  expect_equal(exact$mean, c(4.41, 3.60), tolerance = 0.005)
  expect_equal(exact$sd, c(3.31, 3.20), tolerance = 0.01)
  for (rotate in c(TRUE, FALSE)) {
    made <- some_chains(eight_schools, 10, chains = 4L, draws = 2000L, rotate = rotate,
      adapt_delta = 0.9)
    made$draws[, , 2] <- exp(made$draws[, , 2])
    expect_moments(made$draws[, , 1:2], exact$mean, exact$sd, most = 4)
    reports <- do.call(rbind, made$reports)
    expect_lt(mean(reports$divergent__), 0.005)
  }
})

test_that("what a chain draws follows from its seed and number alone", {
  draws <- \(...) one_chain(standard_normal, 3, start = c(1, 2, 3), warmup = 100L, draws = 20L,
    ...)$draws
  expect_identical(draws(seed = 5), draws(seed = 5))
  expect_false(identical(draws(seed = 5), draws(seed = 6)))
  expect_false(identical(draws(seed = 5), draws(seed = 5, stream = 1L)))
  # Seeds beyond 32 bits count.
  expect_false(identical(draws(seed = 5), draws(seed = 5 + 2^32)))
  # More draws go on where fewer end.
  expect_identical(one_chain(standard_normal, 3, start = 1:3, warmup = 100L, draws = 30L,
    seed = 5)$draws[, 1:20], draws(seed = 5))
  # R's own generator is left alone.
  set.seed(1)
  before <- .Random.seed
  draws(seed = 5)
  expect_identical(.Random.seed, before)
})

test_that("reports say what a transition did", {
  made <- one_chain(eight_schools, 10, draws = 200L, rotate = FALSE)
  r <- made$reports
  expect_identical(names(r), c("lp__", "accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__",
    "divergent__", "energy__"))
  expect_identical(nrow(r), 200L)
  value <- apply(made$draws, 2, \(q) eight_schools(q)[[1]])
  expect_equal(r$lp__, value)
  # Kinetic energy is positive, and half a chi-square with as many degrees of freedom as unknowns.
  kinetic <- r$energy__ + r$lp__
  expect_true(all(kinetic > 0))
  expect_equal(mean(kinetic), 5, tolerance = 0.2)
  expect_length(unique(r$stepsize__), 1)
  expect_true(all(r$n_leapfrog__ < 2^(r$treedepth__ + 1)))
  expect_true(all(r$n_leapfrog__ >= 2^r$treedepth__ - 1))
  expect_true(all(r$accept_stat__ >= 0 & r$accept_stat__ <= 1))
  expect_length(made$variance, 10)
  shallow <- one_chain(eight_schools, 10, max_depth = 2L, warmup = 100L, draws = 100L)
  expect_lte(max(shallow$reports$treedepth__), 2)
  expect_lte(max(shallow$reports$n_leapfrog__), 3)
})

test_that("short warm-ups and none at all are allowed", {
  for (warmup in c(0L, 1L, 5L, 75L, 151L)) {
    for (rotate in c(TRUE, FALSE)) {
      made <- one_chain(standard_normal, 4, warmup = warmup, draws = 300L, rotate = rotate)
      expect_false(anyNA(made$draws))
      expect_true(all(made$variance > 0))
      expect_lt(max(abs(rowMeans(made$draws))), 0.6)
      expect_true(all(made$reports$stepsize__ > 0))
    }
  }
  # The metric learns scales, from a guess that is wrong by orders of magnitude.
  scales <- c(0.01, 1, 100)
  density <- function(q) list(-sum((q / scales)^2) / 2, -q / scales^2)
  for (rotate in c(TRUE, FALSE)) {
    made <- one_chain(density, 3, start = scales, trust = 1e-3, draws = 100L, rotate = rotate)
    expect_equal(log10(sqrt(made$variance)), log10(scales), tolerance = 0.1)
    expect_lt(median(made$reports$n_leapfrog__), 16)
  }
})
