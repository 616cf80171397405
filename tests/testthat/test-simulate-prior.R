# Prior predictive data.

test_that("prior predictive data carry roles, groups and parameters", {
  task <- task_bandit(c(0.3, 0.7), trials = 12)
  made <- simulate(rl_model("rw"), nsim = 3, prior = TRUE, task = task, subjects = 4, seed = 5)
  expect_identical(nrow(made), 3L * 4L * 12L)
  data <- suppressWarnings(rl_data(made))
  expect_identical(data$counts$subjects, 12L)
  group <- attr(made, "group")
  expect_identical(group$parameter, rep(c("alpha", "beta"), 3))
  expect_true(all(group$sd > 0))
  parameters <- attr(made, "parameters")
  expect_identical(names(parameters), c(".sim", "subject", "alpha", "beta"))
  expect_identical(nrow(parameters), 12L)
  again <- simulate(rl_model("rw"), nsim = 3, prior = TRUE, task = task, subjects = 4, seed = 5)
  expect_identical(again, made)
  one <- simulate(rl_model("rw"), prior = TRUE, task = task, subjects = c("a", "b"), seed = 5)
  expect_identical(unique(one$subject), c("a", "b"))
})

test_that("groups are drawn from the priors, and subjects from the groups", {
  task <- task_bandit(c(0.3, 0.7), trials = 1)
  prior <- list(alpha = prior_beta(2, 6), beta = prior_gamma(4, 2), sd = prior_exponential(2),
    correlation = lkj(3))
  made <- simulate(rl_model("rw"), nsim = 300, prior = prior, task = task, subjects = 2, seed = 1)
  group <- attr(made, "group")
  alpha <- group$median[group$parameter == "alpha"]
  beta <- group$median[group$parameter == "beta"]
  expect_gt(stats::ks.test(alpha, stats::pbeta, 2, 6)$p.value, 0.001)
  expect_gt(stats::ks.test(beta, stats::pgamma, 4, 2)$p.value, 0.001)
  expect_gt(stats::ks.test(group$sd, stats::pexp, 2)$p.value, 0.001)
  # (z - centre) / sd of subjects is standard normal.
  own <- attr(made, "parameters")
  z <- (stats::qlogis(own$alpha) - stats::qlogis(alpha)[own$.sim]) /
    group$sd[group$parameter == "alpha"][own$.sim]
  expect_gt(stats::ks.test(z, stats::pnorm)$p.value, 0.001)
})

test_that("correlations of a group are those of LKJ", {
  # Under LKJ(eta) for two effects the correlation is 2 Beta(eta, eta) - 1.
  model <- rl_model("rw")
  design <- intercepts_design(model)
  priors <- resolve_group_prior(list(correlation = lkj(3)), model, design, NULL)
  maps <- parameter_maps(model$kinds[design$parameters])
  set.seed(1)
  rho <- replicate(400, {
    factor <- draw_group_prior(priors, design, maps)$factor
    tcrossprod(factor)[1, 2]
  })
  expect_gt(stats::ks.test((rho + 1) / 2, stats::pbeta, 3, 3)$p.value, 0.001)
})

test_that("what a prior cannot go with is an error", {
  task <- task_bandit(c(0.3, 0.7), trials = 5)
  model <- rl_model("rw")
  wrong <- \(...) expect_error(simulate(model, task = task, subjects = 2, ...),
    class = "rescorla_error_input")
  wrong(prior = TRUE, parameters = c(alpha = 0.3, beta = 2))
  wrong(prior = TRUE, output = "arrays")
  wrong(prior = 3)
  wrong(prior = list(gamma = prior_normal(0, 1)))
})
