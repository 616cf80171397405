# Full Bayes fits: closed forms, agreement of methods, and the shapes of what they return.

# --- a hierarchy of normal distributions ----------------------------------------------------------

toy_model <- function() {
  rl_model("normal means", parameters = list(m = real()), trial = {
    rating ~ normal(m, 1)
  })
}

toy_frame <- function() {
  withr::with_seed(3, {
    own <- rep(rnorm(8, 1, 0.7), each = 10)
    data.frame(subject = rep(letters[8:1], each = 10), choice = rep(1:2, 40),
      outcome = rep(0:1, 40), rating = rnorm(80, own, 1))
  })
}

# Moments of mu, sd and the subjects' means under the default priors, by a grid.
toy_exact <- function(frame) {
  means <- tapply(frame$rating, frame$subject, mean)[unique(frame$subject)]
  at <- expand.grid(mu = seq(-2, 4, length.out = 301), y = seq(-7, 3, length.out = 501))
  sd <- exp(at$y)
  log_p <- rowSums(vapply(means, \(m) dnorm(m, at$mu, sqrt(sd^2 + 1 / 10), log = TRUE), at$mu)) +
    dnorm(at$mu, 0, 5, log = TRUE) + dnorm(sd, 0, 2.5, log = TRUE) + at$y
  p <- exp(log_p - max(log_p)) / sum(exp(log_p - max(log_p)))
  moments <- \(x, extra = 0) c(sum(p * x), sqrt(sum(p * (x^2 + extra)) - sum(p * x)^2))
  shrunk <- 1 / (10 + 1 / sd^2)
  list(mu = moments(at$mu), log_sd = moments(at$y),
    subjects = vapply(means, \(m) moments(shrunk * (10 * m + at$mu / sd^2), shrunk), numeric(2)))
}

expect_within_error <- function(draws, exact, most = 4) {
  expect_lt(abs(mean(draws) - exact[1]) / posterior::mcse_mean(draws), most)
  expect_lt(abs(sd(draws) - exact[2]) / posterior::mcse_sd(draws), most)
}

test_that("a hierarchy of normal distributions has its exact posterior", {
  skip_on_cran()
  skip_if_not_installed("posterior")
  local_language_options()
  data <- suppressWarnings(rl_data(toy_frame()))
  exact <- toy_exact(toy_frame())
  for (centred in list("auto", TRUE, FALSE)) {
    fit <- suppressMessages(quiet_fit(toy_model(), data, method = "nuts", centred = centred,
      adapt_delta = 0.95, draws = 1500, seed = 2))
    expect_within_error(fit$group$draws[, , "m"], exact$mu)
    expect_within_error(log(fit$group$draws[, , "sd_m"]), exact$log_sd)
    for (id in colnames(exact$subjects)) {
      expect_within_error(fit$group$subject_draws[, , id, "m"], exact$subjects[, id])
    }
    expect_equal(coef(fit)$m, apply(fit$group$subject_draws, 3, mean), ignore_attr = TRUE)
    expect_equal(fit$std_error[, "m"], apply(fit$group$subject_draws, 3, sd))
  }
})

log_normal_density <- function(y, mu, variance) {
  covariance <- diag(length(y)) + variance
  -length(y) / 2 * log(2 * pi) - log(det(covariance)) / 2 -
    sum((y - mu) * solve(covariance, y - mu)) / 2
}

test_that("empirical Bayes of normal distributions is in closed form", {
  skip_on_cran()
  local_language_options()
  frame <- toy_frame()
  data <- suppressWarnings(rl_data(frame))
  fit <- rl_fit(toy_model(), data, method = "em", marginal = "is", seed = 1)
  means <- tapply(frame$rating, frame$subject, mean)[unique(frame$subject)]
  mu <- mean(means)
  variance <- mean((means - mu)^2) - 0.1
  expect_equal(fixef(fit)[["m:(Intercept)"]], mu, tolerance = 1e-5)
  expect_equal(VarCorr(fit)[1, 1], variance, tolerance = 1e-3)
  left <- 1 / (10 + 1 / VarCorr(fit)[1, 1])
  expect_equal(fit$estimates[, "m"], left * (10 * means + mu / VarCorr(fit)[1, 1]),
    tolerance = 1e-6, ignore_attr = TRUE)
  expect_equal(fit$std_error[, "m"], rep(sqrt(left), 8), ignore_attr = TRUE)
  marginal <- vapply(unique(frame$subject), function(id) {
    y <- frame$rating[frame$subject == id]
    log_normal_density(y, mu, VarCorr(fit)[1, 1])
  }, 0)
  expect_equal(fit$group$laplace, marginal, tolerance = 1e-6)
  # Exact for a normal posterior: what is left is how well its mode and curvature are known.
  expect_true(all(abs(fit$group$log_evidence - marginal) < 4 * fit$group$evidence$error + 1e-4))
  expect_lt(max(fit$group$evidence$error), 1e-3)
  expect_equal(as.numeric(logLik(fit)), sum(marginal), tolerance = 1e-3)
  expect_identical(attr(logLik(fit), "df"), 2L)
})

# --- agreement ------------------------------------------------------------------------------------

test_that("EM, importance sampling and NUTS agree where there are many data", {
  skip_on_cran()
  skip_if_not_installed("posterior")
  truth <- withr::with_seed(18, data.frame(subject = 1:30, alpha = plogis(rnorm(30, -0.5, 0.6)),
    beta = exp(rnorm(30, 1.2, 0.3))))
  frame <- simulate(rl_model("rw"), seed = 19, parameters = truth,
    task = task_bandit(reversal(150), trials = 150))
  data <- rl_data(frame)
  em <- rl_fit("rw", data, method = "em", covariance = "diagonal", marginal = "is", seed = 1)
  nuts <- rl_fit("rw", data, method = "nuts", covariance = "diagonal", chains = 2, draws = 500,
    warmup = 300, seed = 1)
  # The posterior of the group is where the estimate is, and as wide; spreads are skewed and drawn
  # to larger values a little.
  errors <- sqrt(diag(vcov(em)))
  # (With 16,000 draws the means are 0.33 and 0.38 errors away: the approximation, and the priors.)
  expect_true(all(abs(fixef(em) - fixef(nuts)) < 0.5 * errors))
  expect_equal(sqrt(diag(vcov(nuts))), errors, tolerance = 0.35)
  expect_equal(unname(nuts$group$sd / em$group$sd), c(1, 1), tolerance = 0.2)
  # Subjects: the same posteriors.
  expect_lt(max(abs(coef(em)$alpha - coef(nuts)$alpha) / nuts$std_error[, "alpha"]), 0.6)
  # On the unconstrained scale, where the approximation is made.
  slope <- coef(em)$alpha * (1 - coef(em)$alpha)
  expect_gt(cor(em$std_error[, "alpha"] / slope, nuts$group$real_sd[, 1]), 0.9)
  expect_equal(sum(em$group$laplace), sum(em$group$log_evidence), tolerance = 1e-3)
  # The truth.
  expect_lt(abs(fixef(nuts)[["alpha:(Intercept)"]] + 0.5), 3 * errors[1])
  expect_lt(abs(fixef(nuts)[["beta:(Intercept)"]] - 1.2), 3 * errors[2])
  # Given the group's draws a subject's evidence is, on average, about that at the estimate.
  integrated <- unit_log_lik(nuts, unit = "subject", draws = 100)
  expect_equal(colMeans(integrated), em$group$log_evidence, tolerance = 0.05, ignore_attr = TRUE)
})

test_that("draws do not depend on the number of threads or on R's generator", {
  again <- \(threads) rl_fit("rw", nuts_data(), method = "nuts", chains = 2, warmup = 300,
    draws = 500, seed = 1, threads = threads)
  set.seed(77)
  before <- .Random.seed
  one <- again(1)
  expect_identical(.Random.seed, before)
  same <- c("estimates", "std_error", "sampler", "loglik", "vcov")
  expect_identical(one[same], nuts_fit()[same])
  two <- again(2)
  expect_identical(one[same], two[same])
  expect_identical(one$group$draws, two$group$draws)
  expect_identical(one$group$subject_draws, two$group$subject_draws)
  # One chain, whose evaluations are shared out.
  alone <- \(threads) quiet_nuts("rw", nuts_data(), chains = 1, threads = threads)$group$draws
  expect_identical(alone(1), alone(2))
  # A chain does not depend on how many others there are.
  expect_identical(dim(alone(1)), c(200L, 1L, 7L))
  other <- quiet_nuts("rw", nuts_data(), chains = 1, seed = 2)$group$draws
  expect_false(identical(alone(1), other))
})

# --- shapes ---------------------------------------------------------------------------------------

test_that("draws come in the shapes that were asked for", {
  fit <- nuts_fit()
  variables <- c("alpha", "beta", "alpha:(Intercept)", "beta:(Intercept)", "sd_alpha", "sd_beta",
    "cor_alpha_beta")
  expect_identical(dim(fit$group$draws), c(500L, 2L, 7L))
  expect_identical(dimnames(fit$group$draws)[[3]], variables)
  expect_identical(dim(fit$group$subject_draws), c(500L, 2L, 10L, 2L))
  expect_identical(dimnames(fit$group$subject_draws)[3:4],
    list(sprintf("s%02d", 10:1), c("alpha", "beta")))
  expect_equal(fit$group$draws[, , "alpha"], plogis(fit$group$draws[, , "alpha:(Intercept)"]))
  expect_equal(fit$group$draws[, , "beta"], exp(fit$group$draws[, , "beta:(Intercept)"]))
  expect_true(all(abs(fit$group$draws[, , "cor_alpha_beta"]) < 1))
  expect_true(all(fit$group$draws[, , c("sd_alpha", "sd_beta")] > 0))
  expect_true(all(fit$group$subject_draws[, , , "alpha"] > 0 &
    fit$group$subject_draws[, , , "alpha"] < 1))
  expect_length(fit$sampler, 2)
  expect_identical(nrow(fit$sampler[[1]]), 500L)

  # Thinned draws of subjects are every third of all; moments are those of all.
  again <- \(...) rl_fit("rw", nuts_data(), method = "nuts", chains = 2, warmup = 300, draws = 500,
    seed = 1, ...)
  thin <- again(thin = 3)
  expect_identical(thin$group$draws, fit$group$draws)
  expect_identical(thin$group$subject_draws, fit$group$subject_draws[seq(1, 500, by = 3), , , ])
  expect_identical(thin$estimates, fit$estimates)
  expect_equal(thin$std_error, fit$std_error)
  none <- again(keep = "group")
  expect_null(none$group$subject_draws)
  expect_identical(none$estimates, fit$estimates)
  expect_equal(none$std_error, fit$std_error)
  expect_equal(none$vcov[[1]][1, 1], fit$vcov[[1]][1, 1])

  tiny <- quiet_nuts("rw", nuts_data(), chains = 3, warmup = 0, draws = 1, thin = 5)
  expect_identical(dim(tiny$group$draws), c(1L, 3L, 7L))
  expect_identical(dim(tiny$group$subject_draws), c(1L, 3L, 10L, 2L))
})

test_that("estimates and moments are those of the draws", {
  fit <- nuts_fit()
  kept <- fit$group$subject_draws
  expect_equal(fit$estimates, apply(kept, 3:4, mean))
  expect_equal(fit$std_error, apply(kept, 3:4, sd))
  expect_equal(fit$vcov$s03, cov(apply(kept[, , "s03", ], 3, c)))
  expect_equal(fixef(fit), apply(fit$group$draws[, , 3:4], 3, mean))
  expect_equal(unname(vcov(fit)), unname(cov(apply(fit$group$draws[, , 3:4], 3, c))))
  sd <- fit$group$draws[, , c("sd_alpha", "sd_beta")]
  expect_equal(VarCorr(fit)["alpha", "alpha"], mean(sd[, , 1]^2))
  expect_equal(VarCorr(fit)["alpha", "beta"],
    mean(sd[, , 1] * sd[, , 2] * fit$group$draws[, , "cor_alpha_beta"]))
  random <- ranef(fit)
  expect_identical(random$subject, sprintf("s%02d", 10:1))
  expect_equal(random$alpha, unname(apply(qlogis(kept[, , , "alpha"]), 3, mean)) -
    fixef(fit)[["alpha:(Intercept)"]])
  # Group and subjects hang together: the density that was reported is that of the position.
  expect_equal(confint(fit, "beta:(Intercept)", level = 0.8)[1, ],
    quantile(fit$group$draws[, , 4], c(0.1, 0.9)), ignore_attr = TRUE)
})

test_that("the summary has what it says", {
  skip_if_not_installed("posterior")
  fit <- nuts_fit()
  table <- summary(fit)$group
  expect_identical(names(table), c("parameter", "median", "mean", "sd", "q5", "q95", "rhat",
    "ess_bulk", "ess_tail"))
  expect_identical(table$parameter, c("alpha", "beta", "sd_alpha", "sd_beta", "cor_alpha_beta"))
  own <- fit$group$draws[, , "beta"]
  expect_equal(table$median[2], median(own))
  expect_equal(table$mean[2], mean(own))
  expect_equal(table$sd[2], sd(own))
  expect_equal(table$q5[2], quantile(own, 0.05)[[1]])
  expect_equal(table$rhat[2], posterior::rhat(own))
  expect_equal(table$ess_bulk[2], posterior::ess_bulk(own))
  expect_equal(table$ess_tail[2], posterior::ess_tail(own))
  expect_equal(fit$diagnostics$rhat, max(table$rhat))
  expect_equal(fit$diagnostics$ess, min(table$ess_bulk, table$ess_tail))
  expect_lt(fit$diagnostics$rhat, 1.05)
  expect_length(fit$diagnostics$ebfmi, 2)
  subjects <- summary(fit)$subjects
  expect_identical(subjects$subject, sprintf("s%02d", 10:1))
  population <- summary(fit)$population
  expect_identical(population$parameter, c("alpha", "beta"))
  z <- as.vector(fit$group$draws[, , "beta:(Intercept)"])
  spread <- as.vector(fit$group$draws[, , "sd_beta"])
  # The mean of exp(z) over a normal distribution.
  expect_equal(population$mean[2], mean(exp(z + spread^2 / 2)), tolerance = 1e-4)
  expect_equal(population$median[2], median(exp(z)))

  by_group <- quiet_nuts("rw", nuts_data(), formula = alpha ~ group)
  expect_identical(summary(by_group)$group$parameter, c("alpha[A]", "alpha[B]", "beta",
    "alpha:(Intercept)", "alpha:groupB", "beta:(Intercept)", "sd_alpha", "sd_beta",
    "cor_alpha_beta"))
  draws <- by_group$group$draws
  expect_equal(draws[, , "alpha[B]"],
    plogis(draws[, , "alpha:(Intercept)"] + draws[, , "alpha:groupB"]))
})

test_that("blocks have parameters of their own where covariates change", {
  frame <- nuts_frame()
  frame$load <- frame$block - 1.5
  fit <- quiet_nuts("rw", nuts_data(frame), formula = beta ~ load + (1 + load | subject))
  expect_identical(dim(fit$group$subject_draws), c(200L, 2L, 20L, 2L))
  expect_identical(names(coef(fit)), c("subject", "block", "alpha", "beta"))
  expect_identical(nrow(coef(fit)), 20L)
  expect_equal(coef(fit)$alpha[1], coef(fit)$alpha[2])
  expect_identical(names(ranef(fit)), c("subject", "alpha", "beta", "beta:load"))
  expect_identical(dim(unit_log_lik(fit, unit = "block", draws = 10)), c(10L, 20L))
  expect_identical(dim(unit_log_lik(fit, unit = "subject", integrate = FALSE, draws = 10)),
    c(10L, 10L))
  expect_identical(dim(unit_log_lik(fit, unit = "subject", draws = 10)), c(10L, 10L))
  expect_equal(
    rowSums(unit_log_lik(fit, unit = "block", draws = 10)),
    rowSums(unit_log_lik(fit, draws = 10))
  )
})

test_that("with everything shared there is no hierarchy", {
  fit <- quiet_nuts("rw", nuts_data(), formula = list(alpha ~ 1, beta ~ 1), draws = 400)
  expect_identical(dimnames(fit$group$draws)[[3]], c("alpha", "beta", "alpha:(Intercept)",
    "beta:(Intercept)"))
  mle <- rl_fit("rw", nuts_data(), formula = list(alpha ~ 1, beta ~ 1), seed = 1)
  expect_lt(max(abs(fixef(fit) - fixef(mle)) / sqrt(diag(vcov(fit)))), 0.5)
  values <- unit_log_lik(fit, unit = "subject", draws = 5)
  expect_equal(values, unit_log_lik(fit, unit = "subject", integrate = FALSE, draws = 5))
})

test_that("arguments that will not do are rejected", {
  data <- nuts_data()
  wrong <- \(...) expect_error(rl_fit("rw", data, method = "nuts", seed = 1, ...),
    class = "rescorla_error_input")
  wrong(draws = 0)
  wrong(chains = 1.5)
  wrong(thin = 0)
  wrong(keep = "some")
  wrong(centred = "gamma")
  wrong(centred = NA)
  wrong(adapt_delta = 1)
  wrong(prior = prior_normal(0, 1))
  wrong(prior = list(alhpa = prior_normal(0, 1)))
  wrong(prior = list(sd = prior_normal(0, 1)))
  wrong(prior = list(sd = list(gamma = prior_half_normal(1))))
  wrong(prior = list(beta = prior_beta(1, 1)))
  wrong(prior = list(alpha = prior_half_normal(1)))
  wrong(prior = list(effect = prior_beta(1, 1)), formula = alpha ~ group)
  wrong(prior = list(effect = list("alpha:groupC" = prior_normal(0, 1))), formula = alpha ~ group)
  wrong(prior = list(correlation = prior_normal(0, 1)))
  expect_error(rl_fit("rw", data, chains = 2), class = "rescorla_error_input")
  expect_error(rl_fit("rw", data, method = "em", prior = list()), class = "rescorla_error_input")
})

test_that("chains without a number of their mixing have none, and no foreign warning", {
  expect_no_warning(expect_identical(rescorla:::worst_of(c(NA_real_, NA), max), NA_real_))
  expect_equal(rescorla:::worst_of(c(1.2, NA, 1.1), max), 1.2)
})
