# Two groups of subjects: 10 learn alike from good and bad news, 14 hardly from bad news. The models
# are not nested, so that both can be told by their data.
hbi_two <- function() {
  list(alike = rl_model("rw"), unlike = rl_model("rw_asymmetric", alpha_neg = 0.02))
}

hbi_data <- function() {
  once("hbi data", {
    task <- task_bandit(c(0.25, 0.75), trials = 60, blocks = 3)
    set.seed(1)
    draw <- \(n, mean, sd) stats::plogis(rnorm(n, stats::qlogis(mean), sd))
    alike <- data.frame(subject = paste0("a", 1:10), alpha = draw(10, 0.4, 0.3),
      beta = exp(rnorm(10, log(4), 0.2)))
    unlike <- data.frame(subject = paste0("u", 1:14), alpha_pos = draw(14, 0.5, 0.3),
      beta = exp(rnorm(14, log(4), 0.2)))
    frame <- rbind(
      simulate(hbi_two()$alike, seed = 1, parameters = alike, task = task),
      simulate(hbi_two()$unlike, seed = 2, parameters = unlike, task = task)
    )
    rl_data(as.data.frame(frame), block = "block")
  })
}

hbi_pair <- function() {
  once("hbi pair", rl_hbi(hbi_two(), hbi_data(), seed = 1))
}

real_value <- list(alpha = stats::qlogis, alpha_pos = stats::qlogis, alpha_neg = stats::qlogis,
  beta = log)

# The algorithm for one model, in loops over separate fits.
slow_hbi <- function(model, data, rounds) {
  names <- rl_parameters(model)$name[is.na(rl_parameters(model)$fixed)]
  mean <- rep(0, length(names))
  sd <- rep(2.5, length(names))
  n <- length(data$subjects)
  for (round in seq_len(rounds)) {
    prior <- stats::setNames(Map(prior_normal, mean, sd), names)
    fit <- suppressWarnings(rl_fit(model, data, "map", prior = prior, seed = 1))
    for (j in seq_along(names)) {
      theta <- real_value[[names[j]]](fit$estimates[, j])
      variance <- vapply(seq_len(n), \(s) {
        solve(matrix(fit$hessian_real[s, ], length(names)))[j, j]
      }, 0)
      s_bar <- mean(theta^2 + variance) - mean(theta)^2
      sigma <- 0.01 + 0.5 * (n * s_bar + n / (n + 1) * mean(theta)^2)
      mean[j] <- n * mean(theta) / (n + 1)
      sd[j] <- sqrt(sigma / (0.5 + n / 2))
    }
  }
  prior <- stats::setNames(Map(prior_normal, mean, sd), names)
  list(mean = mean, sd = sd,
    fit = suppressWarnings(rl_fit(model, data, "map", prior = prior, seed = 1)))
}

test_that("responsibilities and frequencies recover the models that made the data", {
  x <- hbi_pair()
  made <- rep(1:2, c(10, 14))
  expect_true(x$converged)
  expect_equal(dim(x$responsibilities), c(24, 2))
  expect_identical(dimnames(x$responsibilities)[[2]], c("alike", "unlike"))
  expect_equal(unname(rowSums(x$responsibilities)), rep(1, 24))
  expect_gt(mean(max.col(x$responsibilities) == made), 0.9)
  expect_equal(sum(x$models$frequency), 1)
  expect_equal(x$models$frequency, unname(colMeans(x$responsibilities)), tolerance = 0.01)
  expect_equal(x$models$frequency, c(10, 14) / 24, tolerance = 0.2)
  expect_equal(x$models$alpha, 1 + 24 * x$models$frequency)
  expect_equal(x$models$exceedance, dirichlet_exceedance(x$models$alpha))
  expect_equal(sum(x$models$n_responsible), 24)
  expect_identical(as.data.frame(x), x$models)
})

test_that("group means recover, and estimates are drawn to them", {
  x <- hbi_pair()
  g <- x$group
  expect_identical(g$model, rep(c("alike", "unlike"), each = 2))
  expect_identical(g$parameter, c("alpha", "beta", "alpha_pos", "beta"))
  truth <- c(qlogis(0.4), log(4), qlogis(0.5), log(4))
  expect_true(all(abs(g$mean_raw - truth) < 3 * g$hierarchical_error))
  expect_true(all(g$hierarchical_error < 0.4))
  expect_equal(g$median[c(1, 3)], plogis(g$mean_raw[c(1, 3)]))
  expect_equal(g$median[c(2, 4)], exp(g$mean_raw[c(2, 4)]))
  # beta = 1 + N, 2 nu = 1 + N.
  expect_equal(g$df, rep(x$models$alpha, each = 2))
  expect_equal(g$hierarchical_error, g$sd_raw / sqrt(g$df))
  separate <- suppressWarnings(rl_fit("rw", hbi_data(), "map", seed = 1,
    prior = list(alpha = prior_normal(0, 2.5), beta = prior_normal(0, 2.5))))
  mine <- startsWith(rownames(separate$estimates), "a")
  spread <- \(estimates) sd(qlogis(estimates[mine, "alpha"]))
  expect_identical(dimnames(x$parameters$alike), dimnames(separate$estimates))
  expect_lt(spread(x$parameters$alike), spread(separate$estimates))
})

test_that("one model agrees with loops over separate fits", {
  data <- rl_data(fit_frame(), block = "block")
  x <- suppressWarnings(rl_hbi("rw", data, tolerance = 0, iterations = 12, seed = 1))
  slow <- slow_hbi("rw", data, 12)
  expect_equal(x$group$mean_raw, slow$mean, tolerance = 1e-6)
  expect_equal(x$group$sd_raw, slow$sd, tolerance = 1e-6)
  expect_equal(x$parameters$rw, slow$fit$estimates, tolerance = 1e-6)
  expect_equal(x$log_evidence[, "rw"], slow$fit$log_evidence, tolerance = 1e-6)
  expect_equal(x$models$frequency, 1)
  expect_equal(x$models$protected_exceedance, 1)
  expect_equal(x$models$n_responsible, 6)
  expect_null(x$bound_null)
})

test_that("the approximation of a subject is that of a MAP fit", {
  data <- hbi_data()
  state <- hbi_begin(rl_model("rw_asymmetric"), data, 5, 1, 1, NULL)
  prior <- list(alpha_pos = prior_normal(0.3, 0.8), alpha_neg = prior_normal(-1, 1.2),
    beta = prior_normal(1, 0.5))
  fit <- suppressWarnings(rl_fit("rw_asymmetric", data, "map", prior = prior, seed = 1))
  for (thorough in c(FALSE, TRUE)) {
    step <- hbi_e_step(state, c(0.3, -1, 1), 1 / c(0.8, 1.2, 0.5)^2, thorough)
    expect_equal(step$log_evidence, unname(fit$log_evidence), tolerance = 1e-6)
    expect_equal(exp(step$mode[, "beta"]), fit$estimates[, "beta"], tolerance = 1e-5)
    expect_equal(sqrt(step$variance[, "beta"]) * exp(step$mode[, "beta"]), fit$std_error[, "beta"],
      tolerance = 1e-4)
  }
})

test_that("the lower bound rises until it is at rest", {
  x <- hbi_pair()
  expect_length(x$bound, x$iterations)
  # The Laplace approximation is no bound: near the end it may fall a little.
  expect_true(all(diff(x$bound) > -0.02))
  expect_gt(diff(range(x$bound)), 1)
})

test_that("divergences of the group's posterior are right", {
  # The prior itself, and then E_q (log q - log p) by drawing from q.
  h <- hbi_hyper
  own <- list(mean = 0, beta = h$b, nu = h$v, sigma = h$s, precision = h$v / h$s)
  expect_equal(hbi_group_divergence(own), 0)
  q <- list(mean = c(0.7, -1.2), beta = 9, nu = 4.5, sigma = c(2, 0.6), precision = 4.5 / c(2, 0.6))
  log_density <- \(mu, tau, m, b, v, s) {
    dnorm(mu, m, 1 / sqrt(b * tau), log = TRUE) + dgamma(tau, v, s, log = TRUE)
  }
  set.seed(5)
  drawn <- vapply(1:2, \(j) {
    tau <- rgamma(2e5, q$nu, q$sigma[j])
    mu <- rnorm(2e5, q$mean[j], 1 / sqrt(q$beta * tau))
    mean(log_density(mu, tau, q$mean[j], q$beta, q$nu, q$sigma[j]) -
      log_density(mu, tau, 0, h$b, h$v, h$s))
  }, 0)
  expect_equal(hbi_group_divergence(q), sum(drawn), tolerance = 0.005)
  expect_equal(dirichlet_divergence(c(1, 1, 1), c(1, 1, 1)), 0)
  a <- c(3, 5, 1.5)
  x <- matrix(rgamma(6e5, rep(a, each = 2e5)), ncol = 3)
  log_x <- log(x / rowSums(x))
  log_ratio <- lgamma(sum(a)) - sum(lgamma(a)) - lgamma(3) + log_x %*% (a - 1)
  expect_equal(dirichlet_divergence(a, c(1, 1, 1)), mean(log_ratio), tolerance = 0.01)
})

test_that("equal models share, and the null model says so", {
  data <- rl_data(fit_frame(), block = "block")
  for (null in c("responsibilities", "frequencies")) {
    x <- rl_hbi(list(one = "rw", two = "rw", three = "rw"), data, null = null, seed = 1)
    expect_equal(x$models$frequency, rep(1 / 3, 3), tolerance = 1e-6)
    expect_equal(x$models$protected_exceedance, rep(1 / 3, 3), tolerance = 1e-6)
    expect_gt(x$bor, 0.5)
  }
})

test_that("null models are ordered, and may be left out", {
  x <- hbi_pair()
  told_apart <- rl_hbi(hbi_two(), hbi_data(), null = "frequencies", seed = 1)
  expect_equal(told_apart$models[c("frequency", "exceedance")],
    x$models[c("frequency", "exceedance")])
  expect_gt(told_apart$bound_null, x$bound_null)
  expect_equal(x$bor, plogis(x$bound_null - x$bound[x$iterations]))
  expect_equal(told_apart$models$protected_exceedance,
    (1 - told_apart$bor) * x$models$exceedance + told_apart$bor / 2)
  without <- rl_hbi(hbi_two(), hbi_data(), null = "none", seed = 1)
  expect_equal(without$bound, x$bound)
  expect_true(all(is.na(without$models$protected_exceedance)))
})

test_that("subjects and models that fail fall back on the prior", {
  state <- list(mode = matrix(0, 3, 2, dimnames = list(1:3, c("alpha", "beta"))),
    kinds = list(alpha = unit_interval(), beta = positive()))
  result <- list(
    estimate = matrix(c(0.5, NaN, 0.5, 1, NaN, 1), 3), log_posterior = c(-40, NaN, -50),
    log_evidence = c(-41, NaN, NaN),
    hessian_real = rbind(c(4, 0, 0, 2), NaN, c(1, 2, 2, 1))
  )
  found <- hbi_posterior(state, result, c(-1, 2), c(0.5, 4))
  expect_equal(found$log_evidence, c(-41, -Inf, -50 + log(2 * pi) - log(2) / 2))
  expect_equal(unname(found$mode), rbind(c(0, 0), c(-1, 2), c(0, 0)))
  expect_equal(unname(found$variance), rbind(c(0.25, 0.5), c(2, 0.25), c(2, 0.25)))
  # A model without a chance has no share; one that is nobody's has the prior for a group.
  found$log_evidence[2] <- -5
  other <- replace(found, "log_evidence", list(rep(-Inf, 3)))
  groups <- list(hbi_group(found, rep(1, 3)), hbi_group(other, rep(0, 3)))
  step <- hbi_responsibilities(list(found, other), groups, c(4, 1), "none")
  expect_equal(step$r, cbind(rep(1, 3), 0))
  expect_true(is.finite(step$bound))
  expect_equal(groups[[2]]$mean, c(0, 0), ignore_attr = TRUE)
  expect_equal(groups[[2]]$precision, c(50, 50), ignore_attr = TRUE)
  data <- list(subjects = c("x", "y", "z"))
  expect_snapshot(error = TRUE, check_possible(list(other, other), data, NULL))
  expect_error(check_possible(list(other), data, NULL), class = "rescorla_error_data")
  expect_no_error(check_possible(list(other, found), data, NULL))
})

test_that("links lead to natural units and back", {
  kinds <- list(unit_interval(), positive(), real(), bounded(2, 6), unit_interval(link = "probit"))
  z <- matrix(c(-2, 0.5, -7, 1, 0.3, 40, -50, 3, -40, 9), 5)
  natural <- link_natural(z, kinds)
  expect_equal(natural[, 1], c(plogis(-2), exp(0.5), -7, 2 + 4 * plogis(1), pnorm(0.3)))
  expect_equal(link_real(natural, kinds)[, 1], z[, 1])
  expect_equal(link_real(c(1, 0, 3, 2, 1), kinds)[, 1], c(30, -30, 3, -30, 7.5))
})

test_that("results depend neither on the threads nor on how data and models are given", {
  x <- hbi_pair()
  again <- rl_hbi(replace(hbi_two(), "alike", "rw"), hbi_data(), seed = 1, threads = 1)
  expect_identical(again$group, x$group)
  one <- rl_data(subset(fit_frame(), subject == "s2"), block = "block")
  alone <- rl_hbi(c("rw", "rw"), one, seed = 1)
  expect_identical(alone$models$model, c("rw", "rw_1"))
  expect_equal(dim(alone$responsibilities), c(1, 2))
})

test_that("hierarchical inference prints on one screen", {
  expect_snapshot(hbi_pair())
  expect_snapshot(rl_hbi("rw", rl_data(fit_frame(), block = "block"), seed = 1))
})

test_that("arguments that will not do are rejected", {
  data <- hbi_data()
  expect_snapshot(error = TRUE, {
    rl_hbi(1, data)
    rl_hbi(list(), data)
    rl_hbi("rw_asymetric", data)
    rl_hbi("rw", "data")
    rl_hbi("rw", data, null = "all")
    rl_hbi("rw", data, tolerance = -1)
    rl_hbi("rw", data, stats = 3)
    rl_hbi(list(rl_model("rw", alpha = 0.1, beta = 2)), data)
  })
  expect_warning(rl_hbi("rw", data, iterations = 2, seed = 1),
    class = "rescorla_warning_convergence")
})
