# Profile limits against profiles climbed in plain R.

profile_limits <- function(...) rescorla:::profile_limits(..., threads = 1)

# max over the other parameter of `f`, a function of vectors (alpha, beta), with parameter j at t:
# a grid, then ever finer ones beside its best point.
profile_of <- function(f, j, t) {
  value <- function(u) if (j == 1) f(rep(t, length(u)), u) else f(u, rep(t, length(u)))
  at <- if (j == 1) exp(seq(log(0.02), log(100), length.out = 200)) else seq(0, 1, length.out = 200)
  for (zoom in 1:4) {
    seen <- value(at)
    k <- which.max(seen)
    at <- seq(at[max(k - 1, 1)], at[min(k + 1, length(at))], length.out = 100)
  }
  max(seen)
}

# At a limit the profile has fallen by `drop`; at the end of a range it has not fallen as far.
expect_limit <- function(f, j, limit, at_bound, top, drop, end) {
  fallen <- top - profile_of(f, j, limit)
  expect_identical(at_bound, limit == end)
  if (at_bound) expect_lt(fallen, drop + 1e-6) else expect_equal(fallen, drop, tolerance = 1e-5)
}

test_that("limits are where the profile has fallen far enough", {
  sim <- simulate(rl_model("rw"), seed = 81, task = task_bandit(reversal(80), trials = 80),
    parameters = data.frame(alpha = c(0.4, 0.6), beta = c(3, 4)))
  fit <- quiet_fit("rw", sim, seed = 1)
  for (level in c(0.95, 0.6)) {
    limits <- profile_limits(fit, c("alpha", "beta"), 1:2, level)
    expect_identical(names(limits)[1:4], c("subject", "parameter", "lower", "upper"))
    expect_identical(limits$subject, c(1L, 1L, 2L, 2L))
    expect_identical(limits$parameter, rep(c("alpha", "beta"), 2))
    for (i in seq_len(nrow(limits))) {
      s <- limits$subject[i]
      own <- sim[sim$subject == s, ]
      one <- reference_one(own$choice, own$outcome, 2)
      f <- function(alpha, beta) grid_loglik(one, alpha, alpha, beta)
      j <- match(limits$parameter[i], fit$parameters)
      row <- limits[i, ]
      drop <- qchisq(level, 1) / 2
      expect_limit(f, j, row$lower, row$lower_at_bound, fit$loglik[[s]], drop, 0)
      expect_limit(f, j, row$upper, row$upper_at_bound, fit$loglik[[s]], drop, c(1, 100)[j])
      expect_lt(row$lower, fit$estimates[s, j])
      expect_gt(row$upper, fit$estimates[s, j])
    }
  }
})

test_that("limits at the edge of a range are flagged", {
  frame <- rbind(
    data.frame(subject = "certain", choice = c(1, rep(2, 30)), outcome = c(0, rep(1, 30))),
    data.frame(subject = "any", choice = rep(c(1, 2, 2), 10), outcome = rep(c(1, 0, 0), 10)),
    data.frame(subject = "one", choice = 1, outcome = 1)
  )
  fit <- quiet_fit("rw", suppressWarnings(rl_data(frame)), seed = 1)
  limits <- profile_limits(fit, fit$parameters, names(fit$loglik), 0.95)
  certain <- limits[limits$subject == "certain", ]
  expect_identical(certain$upper, c(1, 100))
  expect_true(all(certain$upper_at_bound))
  expect_false(any(certain$lower_at_bound))
  expect_true(all(certain$lower > 0))
  # Nothing is known: the whole range.
  one <- limits[limits$subject == "one", ]
  expect_identical(one$lower, c(0, 0))
  expect_identical(one$upper, c(1, 100))
  expect_true(all(one$lower_at_bound & one$upper_at_bound))
  expect_true(all(limits$lower <= fit$estimates[cbind(limits$subject, limits$parameter)]))
  expect_true(all(limits$upper >= fit$estimates[cbind(limits$subject, limits$parameter)]))
})

test_that("limits of a MAP fit go by the log posterior", {
  sim <- simulate(rl_model("rw"), seed = 82, task = task_bandit(reversal(60), trials = 60),
    parameters = data.frame(alpha = c(0.4, 0.6), beta = c(3, 4)))
  prior <- list(alpha = prior_normal(0, 1), beta = prior_gamma(2, 0.5))
  fit <- rl_fit("rw", sim, method = "map", prior = prior, seed = 1)
  limits <- profile_limits(fit, c("alpha", "beta"), 1:2, 0.95)
  expect_false(any(limits$lower_at_bound | limits$upper_at_bound))
  for (i in seq_len(nrow(limits))) {
    s <- limits$subject[i]
    own <- sim[sim$subject == s, ]
    one <- reference_one(own$choice, own$outcome, 2)
    # The density on the unconstrained scale.
    f <- function(alpha, beta) {
      grid_loglik(one, alpha, alpha, beta) + dnorm(qlogis(alpha), log = TRUE) +
        dgamma(beta, 2, 0.5, log = TRUE) + log(beta)
    }
    j <- match(limits$parameter[i], fit$parameters)
    for (end in c("lower", "upper")) {
      expect_limit(f, j, limits[[end]][i], FALSE, fit$log_posterior[[s]], qchisq(0.95, 1) / 2, -1)
    }
  }
})

test_that("only the subjects and parameters asked for are profiled, with the same limits", {
  sim <- simulated_subjects_of("rw_asymmetric", 7, trials = 100, seed = 83)
  fit <- quiet_fit("rw_asymmetric", sim, seed = 1)
  all <- profile_limits(fit, fit$parameters, 1:7, 0.95)
  some <- profile_limits(fit, c("beta", "alpha_pos"), c(6, 2), 0.95)
  expect_identical(some$parameter, rep(c("beta", "alpha_pos"), 2))
  expect_identical(some$subject, c(2L, 2L, 6L, 6L))
  key <- function(x) paste(x$subject, x$parameter)
  expect_equal(some$lower, all$lower[match(key(some), key(all))], tolerance = 1e-7)
  expect_equal(some$upper, all$upper[match(key(some), key(all))], tolerance = 1e-7)
  expect_identical(rescorla:::profile_limits(fit, fit$parameters, 1:7, 0.95, threads = 2), all)
  # Narrower at a lower level, and around the estimate.
  narrow <- profile_limits(fit, fit$parameters, 1:7, 0.5)
  expect_true(all(narrow$lower >= all$lower - 1e-9 & narrow$upper <= all$upper + 1e-9))
})

test_that("a subject without a fit has no limits", {
  fit <- quiet_fit("rw", simulated_subjects_of("rw", 3, seed = 84), seed = 1)
  fit$estimates[2, ] <- NA
  fit$loglik[2] <- NA
  limits <- profile_limits(fit, fit$parameters, 1:3, 0.95)
  expect_identical(limits$subject, c(1L, 1L, 3L, 3L))
})
