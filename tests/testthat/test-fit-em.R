# Empirical Bayes against a slow version of itself in plain R, against marginal likelihoods by brute
# force, and on data that are awkward.

# --- EM by hand -----------------------------------------------------------------------------------

# Value, gradient and Hessian of the log posterior by central differences of `loglik`.
log_posterior_at <- function(one, z, mean, precision, h = 1e-3) {
  steps <- as.matrix(expand.grid(-1:1, -1:1)) * h
  f <- matrix(loglik_rows(one, sweep(steps, 2, z, `+`)), 3, 3)
  gradient <- c(f[3, 2] - f[1, 2], f[2, 3] - f[2, 1]) / (2 * h)
  cross <- (f[3, 3] - f[3, 1] - f[1, 3] + f[1, 1]) / (4 * h^2)
  hessian <- matrix(c(f[3, 2] - 2 * f[2, 2] + f[1, 2], cross * h^2, cross * h^2,
    f[2, 3] - 2 * f[2, 2] + f[2, 1]), 2) / h^2
  pull <- drop(precision %*% (z - mean))
  list(value = f[2, 2] - sum((z - mean) * pull) / 2, gradient = gradient - pull,
    hessian = hessian - precision)
}

slow_em <- function(subjects, rounds = 400) {
  size <- 2
  mean <- c(0, 1)
  covariance <- diag(size)
  modes <- matrix(mean, length(subjects), size, byrow = TRUE)
  for (round in seq_len(rounds)) {
    precision <- solve(covariance)
    left <- 0
    for (s in seq_along(subjects)) {
      for (k in 1:20) {
        at <- log_posterior_at(subjects[[s]], modes[s, ], mean, precision)
        curvature <- -at$hessian
        if (min(eigen(curvature)$values) < 0.1) curvature <- precision
        move <- solve(curvature, at$gradient)
        modes[s, ] <- modes[s, ] + move / max(1, max(abs(move)))
        if (max(abs(move)) < 1e-5) break
      }
      left <- left + solve(-at$hessian) / length(subjects)
    }
    before <- c(mean, covariance)
    mean <- colMeans(modes)
    covariance <- crossprod(sweep(modes, 2, mean)) / nrow(modes) + left
    if (max(abs(c(mean, covariance) - before)) < 1e-6) break
  }
  list(mean = mean, covariance = covariance, modes = modes)
}

test_that("the fit is the fixed point of EM by hand", {
  skip_on_cran()
  fit <- em_fit()
  slow <- slow_em(reference_split(em_frame()))
  expect_true(fit$group$converged)
  expect_equal(unname(fixef(fit)), slow$mean, tolerance = 1e-3)
  expect_equal(unname(unclass(VarCorr(fit))), slow$covariance, tolerance = 2e-3, ignore_attr = TRUE)
  expect_equal(qlogis(fit$estimates[, "alpha"]), slow$modes[, 1], tolerance = 1e-3,
    ignore_attr = TRUE)
  expect_equal(log(fit$estimates[, "beta"]), slow$modes[, 2], tolerance = 1e-3, ignore_attr = TRUE)
})

test_that("subjects are at their posterior modes, and evidences are Laplace's", {
  skip_if_not_installed("numDeriv")
  fit <- em_fit()
  mean <- fixef(fit)
  covariance <- matrix(VarCorr(fit), 2)
  subjects <- reference_split(em_frame())
  for (id in c("s09", "s05", "s01")) {
    log_posterior <- function(z) {
      reference_loglik("rw", list(alpha = plogis(z[1]), beta = exp(z[2])), subjects[[id]]) -
        log(2 * pi) - log(det(covariance)) / 2 -
        sum((z - mean) * solve(covariance, z - mean)) / 2
    }
    found <- optim(mean, \(z) -log_posterior(z), method = "BFGS", control = list(reltol = 1e-12))
    hessian <- numDeriv::hessian(log_posterior, found$par)
    z <- c(qlogis(fit$estimates[id, "alpha"]), log(fit$estimates[id, "beta"]))
    expect_equal(z, found$par, tolerance = 1e-3, ignore_attr = TRUE)
    expect_equal(fit$group$log_evidence[[id]],
      -found$value + log(2 * pi) - log(det(-hessian)) / 2, tolerance = 1e-5)
    left <- solve(-hessian)
    slope <- c(fit$estimates[id, 1] * (1 - fit$estimates[id, 1]), fit$estimates[id, 2])
    expect_equal(unname(fit$std_error[id, ]), sqrt(diag(left)) * slope, tolerance = 1e-3)
    expect_equal(unname(fit$vcov[[id]]), left * outer(slope, slope), tolerance = 1e-3,
      ignore_attr = TRUE)
    expect_equal(fit$loglik[[id]], reference_loglik("rw", list(alpha = fit$estimates[id, 1],
      beta = fit$estimates[id, 2]), subjects[[id]])[[1]])
  }
  expect_equal(as.numeric(logLik(fit)), sum(fit$group$log_evidence))
  # Two means, two standard deviations, a correlation.
  expect_identical(attr(logLik(fit), "df"), 5L)
  expect_equal(BIC(fit), -2 * sum(fit$group$log_evidence) + 5 * log(sum(fit$nobs)))
})

# --- marginal likelihoods -------------------------------------------------------------------------

# One random parameter: log p(y_s | mu, sd) by quadrature.
quadrature <- function(one, mu, sd, beta, at = seq(-8, 8, length.out = 801)) {
  z <- mu + sd * at
  loglik <- grid_loglik(one, plogis(z), plogis(z), rep(beta, length(z)))
  top <- max(loglik)
  top + log(sum(exp(loglik - top) * dnorm(at)) * (at[2] - at[1]))
}

test_that("Laplace and importance sampling agree with quadrature", {
  fit <- rl_fit(rl_model("rw", beta = 3), em_data(), method = "em", marginal = "is", seed = 1)
  subjects <- reference_split(em_frame())
  exact <- vapply(subjects, quadrature, 0, mu = fixef(fit)[[1]], sd = fit$group$sd[[1]], beta = 3)
  evidence <- fit$group$evidence
  expect_identical(names(evidence), c("log_evidence", "laplace", "error", "effective"))
  expect_true(all(abs(evidence$log_evidence - exact) < 4 * evidence$error + 1e-3))
  expect_lt(max(evidence$error), 0.06)
  expect_lt(abs(sum(evidence$log_evidence - exact)), 4 * sqrt(sum(evidence$error^2)) + 0.01)
  expect_true(all(abs(fit$group$laplace - exact) < 0.25))
  expect_lt(mean(abs(evidence$log_evidence - exact)), mean(abs(fit$group$laplace - exact)) + 0.02)
  expect_equal(as.numeric(logLik(fit)), sum(evidence$log_evidence))
  # R's generator is as it was, and the seed decides.
  set.seed(4)
  before <- .Random.seed
  again <- rl_fit(rl_model("rw", beta = 3), em_data(), method = "em", marginal = "is", seed = 1)
  expect_identical(.Random.seed, before)
  expect_identical(again$group$evidence, evidence)
})

test_that("what is shared maximises the marginal likelihood", {
  skip_on_cran()
  fit <- rl_fit("rw", em_data(), method = "em", formula = beta ~ 1, seed = 1)
  expect_true(fit$group$converged)
  subjects <- reference_split(em_frame())
  exact <- function(theta) {
    -sum(vapply(subjects, quadrature, 0, mu = theta[1], sd = exp(theta[2]), beta = exp(theta[3]),
      at = seq(-6, 6, length.out = 121)))
  }
  start <- c(fixef(fit)[[1]], log(fit$group$sd[[1]]), fixef(fit)[[2]])
  best <- optim(start, exact, method = "BFGS", control = list(reltol = 1e-8))
  # Laplace's approximation moves the maximum, by less than its standard error.
  errors <- c(sqrt(vcov(fit)[1, 1]), fit$group$spread_error[[1]], sqrt(vcov(fit)[2, 2]))
  expect_true(all(abs(best$par - start) < 0.6 * errors))
  expect_lt(exact(start) - best$value, 0.3)
  expect_equal(as.numeric(logLik(fit)), -exact(start), tolerance = 0.003)
  expect_identical(names(fixef(fit)), c("alpha:(Intercept)", "beta:(Intercept)"))
  expect_identical(length(unique(coef(fit)$beta)), 1L)
  expect_equal(coef(fit)$beta[1], exp(fixef(fit)[[2]]))
  expect_identical(names(ranef(fit)), c("subject", "alpha"))
  expect_identical(attr(logLik(fit), "df"), 3L)
})

# --- recovery -------------------------------------------------------------------------------------

test_that("a covariate is recovered within its standard errors", {
  skip_on_cran()
  truth <- c(-0.8, 0.9, 1.1)
  sets <- vapply(1:20, function(set) {
    frame <- withr::with_seed(100 + set, {
      group <- rep(c("A", "B"), each = 14)
      own <- data.frame(subject = seq_along(group),
        alpha = plogis(rnorm(28, ifelse(group == "A", -0.8, 0.1), 0.6)),
        beta = exp(rnorm(28, 1.1, 0.3)))
      cbind(as.data.frame(simulate(rl_model("rw"), seed = 100 + set, parameters = own,
        task = task_bandit(reversal(150), trials = 150))), group = rep(group, each = 150))
    })
    fit <- quiet_fit("rw", rl_data(frame), method = "em", formula = alpha ~ group, starts = 3,
      covariance = "diagonal", seed = 1)
    errors <- sqrt(diag(vcov(fit)))
    c((fixef(fit) - truth) / errors, errors, fit$group$sd)
  }, numeric(8))
  z <- sets[1:3, ]
  # 60 intervals of 95%: fewer than 51 that hold the truth would be a chance of 1 in 1,000.
  expect_gte(sum(abs(z) < qnorm(0.975)), 51)
  # Of few trials the approximation makes an estimate a little off.
  expect_lt(max(abs(rowMeans(z))), 1)
  expect_true(all(apply(z, 1, sd) > 0.6 & apply(z, 1, sd) < 1.5))
  # The effect of the group can be told from none.
  expect_gt(mean(0.9 / sets[5, ] > 2), 0.8)
  expect_equal(rowMeans(sets[7:8, ]), c(0.6, 0.3), tolerance = 0.15, ignore_attr = TRUE)
})

# --- awkward data ---------------------------------------------------------------------------------

test_that("subjects with hardly any data are drawn to the group", {
  frame <- em_frame()
  one <- data.frame(subject = "once", block = 1, trial = 1, choice = 2, outcome = 1)
  sure <- data.frame(subject = "sure", block = 1, trial = 1:40, choice = 2, outcome = 1)
  none <- data.frame(subject = "none", block = 1, trial = 1:3, choice = c(NA, NA, 1), outcome = NA)
  more <- rbind(frame[names(one)], one, sure, none)
  fit <- quiet_em("rw", em_data(more))
  expect_true(all(is.finite(fit$estimates)))
  expect_true(all(fit$converged))
  expect_true(fit$group$converged)
  # The first choice is made before anything is learned: it says nothing.
  centre <- fixef(fit)
  for (id in c("once", "none")) {
    expect_equal(c(qlogis(fit$estimates[id, 1]), log(fit$estimates[id, 2])), centre,
      tolerance = 1e-4, ignore_attr = TRUE)
    slope <- c(fit$estimates[id, 1] * (1 - fit$estimates[id, 1]), fit$estimates[id, 2])
    expect_equal(fit$std_error[id, ], fit$group$sd * slope, tolerance = 1e-4, ignore_attr = TRUE)
  }
  expect_equal(fit$group$log_evidence[["once"]], log(0.5), tolerance = 1e-6)
  expect_equal(fit$group$log_evidence[["none"]], log(0.5), tolerance = 1e-6)
  expect_identical(fit$nobs[["none"]], 1L)
  # Whoever always takes what always pays would be infinitely sure by maximum likelihood.
  expect_gt(fit$estimates["sure", "beta"], exp(centre[[2]]))
  expect_lt(fit$estimates["sure", "beta"], 30)
  # Those that say nothing change nothing, but the shares of the others.
  fewer <- quiet_em("rw", em_data(more[more$subject != "none", ]))
  expect_equal(fixef(fit), fixef(fewer), tolerance = 0.02)
})

test_that("one subject, or two, are no group but do not stop the fit", {
  frame <- em_frame()
  for (ids in list("s01", c("s01", "s02"))) {
    fit <- quiet_em("rw", em_data(frame[frame$subject %in% ids, ]))
    expect_identical(nrow(coef(fit)), length(ids))
    expect_true(all(is.finite(fixef(fit))))
    expect_no_error(capture.output(print(fit)))
    expect_no_error(capture.output(print(summary(fit))))
  }
})

test_that("data that know nothing of a parameter are survived", {
  # Choices at random: an inverse temperature of zero, and any learning rate.
  frame <- withr::with_seed(3, data.frame(subject = rep(1:6, each = 30), trial = rep(1:30, 6),
    block = 1, choice = sample(1:2, 180, TRUE), outcome = sample(0:1, 180, TRUE)))
  fit <- quiet_em("rw", em_data(frame))
  expect_true(all(is.finite(fixef(fit))))
  expect_gt(as.numeric(logLik(fit)), 180 * log(0.5) - 2)
  for (formula in list(list(alpha ~ 1, beta ~ 1), list(beta ~ 1), list(alpha ~ 1))) {
    shared <- quiet_em("rw", em_data(frame), formula = formula)
    expect_true(all(abs(fixef(shared)) < 100))
    expect_gt(as.numeric(logLik(shared)), 180 * log(0.5) - 2)
  }
  expect_no_error(quiet_fit("rw", em_data(frame), formula = beta ~ 1, seed = 1))
})

test_that("designs and covariates that will not do are errors", {
  frame <- em_frame()
  frame$x <- as.numeric(factor(frame$subject))
  frame$twice <- 2 * frame$x
  err <- expect_error(quiet_em("rw", em_data(frame), formula = alpha ~ x + twice),
    class = "rescorla_error_input")
  expect_match(conditionMessage(err), "rank-deficient")
  frame$x[7:9] <- NA
  err <- expect_error(quiet_em("rw", em_data(frame), formula = alpha ~ x),
    class = "rescorla_error_data")
  expect_identical(err$rows, 7:9)
  expect_match(conditionMessage(err), "7, 8.* 9")
  expect_error(quiet_em("rw", em_data(), formula = gamma ~ x), class = "rescorla_error_input")
  expect_error(quiet_em("rw", em_data(), marginal = "exact"), class = "rescorla_error_input")
})

# --- covariance and covariates --------------------------------------------------------------------

test_that("covariances have the pattern that was asked for", {
  model <- rl_model("rw_asymmetric")
  fit <- \(covariance) quiet_em(model, em_data(), covariance = covariance)
  full <- fit("full")
  diagonal <- fit("diagonal")
  block <- fit(list(c("alpha_pos", "beta")))
  expect_true(all(VarCorr(diagonal)[upper.tri(diag(3))] == 0))
  expect_true(all(VarCorr(block)["alpha_neg", c("alpha_pos", "beta")] == 0))
  expect_true(VarCorr(block)["alpha_pos", "beta"] != 0)
  expect_true(all(VarCorr(full)[upper.tri(diag(3))] != 0))
  expect_true(isSymmetric(unclass(VarCorr(full))))
  expect_true(min(eigen(VarCorr(full))$values) > 0)
  # The more freedom, the higher the likelihood, up to what Laplace's approximation changes.
  expect_gt(as.numeric(logLik(block)), as.numeric(logLik(diagonal)) - 0.3)
  expect_gt(as.numeric(logLik(full)), as.numeric(logLik(block)) - 0.3)
  df <- \(x) attr(logLik(x), "df")
  expect_identical(c(df(diagonal), df(block), df(full)), c(6L, 7L, 9L))
  # The order of parameters within a block does not matter.
  expect_equal(fit(list(c("beta", "alpha_pos")))$group$covariance, block$group$covariance)
})

test_that("covariates that change from block to block make parameters by block", {
  frame <- em_frame()
  frame$load <- ifelse(frame$block == 1, -1, 1)
  data <- em_data(frame)
  fit <- quiet_em("rw", data, formula = beta ~ load)
  expect_identical(names(coef(fit)), c("subject", "block", "alpha", "beta"))
  expect_identical(nrow(coef(fit)), 18L)
  expect_identical(nrow(ranef(fit)), 9L)
  effect <- fixef(fit)[["beta:load"]]
  by_block <- matrix(log(coef(fit)$beta), 2)
  expect_equal(by_block[2, ] - by_block[1, ], rep(2 * effect, 9))
  expect_equal(coef(fit)$alpha[c(TRUE, FALSE)], coef(fit)$alpha[c(FALSE, TRUE)])
  # A group's value at the mean of the covariate over units.
  expect_equal(summary(fit)$group$median[2], exp(fixef(fit)[["beta:(Intercept)"]]),
    tolerance = 1e-6)
  # A covariate without an effect does not change the rest.
  expect_lt(as.numeric(logLik(em_fit())) - as.numeric(logLik(fit)), 0.1)
  slopes <- quiet_em("rw", data, formula = beta ~ load + (1 + load | subject))
  expect_identical(rownames(VarCorr(slopes)), c("alpha", "beta", "beta:load"))
  by_block <- matrix(log(coef(slopes)$beta), 2)
  expect_equal(by_block[2, ] - by_block[1, ],
    2 * (fixef(slopes)[["beta:load"]] + ranef(slopes)[["beta:load"]]), tolerance = 1e-6)
  # States that live on from block to block forbid it.
  frame$time <- seq_len(nrow(frame))
  lives_on <- rl_data(frame[setdiff(names(frame), c("block", "trial"))], trial = "time")
  expect_error(quiet_em("rw", lives_on, formula = beta ~ load), class = "rescorla_error_data")
})

test_that("a covariate of subjects shifts the group", {
  frame <- em_frame()
  frame$old <- frame$subject > "s05"
  fit <- quiet_em("rw", em_data(frame), formula = list(alpha ~ old, beta ~ old))
  expect_identical(names(fixef(fit)), c("alpha:(Intercept)", "alpha:oldTRUE", "beta:(Intercept)",
    "beta:oldTRUE"))
  random <- ranef(fit)
  old <- random$subject > "s05"
  z <- qlogis(coef(fit)$alpha)
  expect_equal(random$alpha, z - fixef(fit)[[1]] - old * fixef(fit)[[2]])
  # Means are generalised least squares: residuals sum to nothing within groups.
  expect_equal(tapply(random$alpha, old, sum), c(0, 0), tolerance = 1e-3, ignore_attr = TRUE)
  expect_identical(summary(fit)$group$parameter[1:4], c("alpha[FALSE]", "alpha[TRUE]",
    "beta[FALSE]", "beta[TRUE]"))
  expect_equal(summary(fit)$group$median[2], plogis(fixef(fit)[[1]] + fixef(fit)[[2]]))
  # Another coding is the same fit.
  frame$group <- ifelse(frame$old, "A", "B")
  other <- quiet_em("rw", em_data(frame), formula = list(alpha ~ group, beta ~ group))
  expect_equal(as.numeric(logLik(other)), as.numeric(logLik(fit)), tolerance = 1e-5)
  expect_equal(fixef(other)[[2]], -fixef(fit)[[2]], tolerance = 0.01)
})

test_that("fits are the same for any number of threads and order of subjects", {
  one <- rl_fit("rw", em_data(), method = "em", marginal = "is", seed = 1, threads = 1)
  two <- rl_fit("rw", em_data(), method = "em", marginal = "is", seed = 1, threads = 2)
  parts <- setdiff(names(one), c("call", "elapsed", "model", "data"))
  expect_identical(one[parts], two[parts])
  shared <- function(threads) {
    fit <- rl_fit("rw", em_data(), method = "em", formula = beta ~ 1, seed = 1, threads = threads)
    # The formula's environment is this one.
    fit$group$design <- fit$arguments <- NULL
    fit[parts]
  }
  expect_identical(shared(1), shared(2))
  frame <- em_frame()
  turned <- rl_fit("rw", em_data(frame[order(frame$subject), ]), method = "em", seed = 1)
  expect_equal(fixef(turned), fixef(em_fit()), tolerance = 1e-3)
  expect_equal(as.numeric(logLik(turned)), as.numeric(logLik(em_fit())), tolerance = 1e-6)
  # Where the search begins does not matter.
  other <- rl_fit("rw", em_data(), method = "em", seed = 99, starts = 3)
  expect_equal(fixef(other), fixef(em_fit()), tolerance = 1e-3)
})

test_that("a group whose best covariance is singular settles", {
  # Both learning rates are one number per person: their random effects are perfectly correlated.
  set.seed(4)
  alpha <- plogis(rnorm(12, -0.5, 1))
  truth <- data.frame(subject = 1:12, alpha_pos = alpha, alpha_neg = alpha, beta = 4)
  frame <- simulate(rl_model("rw_asymmetric"), parameters = truth, seed = 5,
    task = task_bandit(c(0.3, 0.7), trials = 60))
  expect_no_warning(
    fit <- rl_fit("rw_asymmetric", suppressWarnings(rl_data(frame)), method = "em", seed = 1),
    message = "settle"
  )
  expect_true(fit$group$converged)
  expect_lt(fit$group$iterations, 400)
  spectrum <- eigen(cov2cor(fit$group$covariance))$values
  expect_lt(min(spectrum), 0.02)
})
