# Priors, and maximum a posteriori fits with their evidence, against densities written in plain R.

# log p(z) of one parameter: a prior and a link as rl_model() and prior_*() name them.
log_prior_z <- function(z, prior, link, lower = -Inf, upper = Inf) {
  width <- upper - lower
  x <- switch(link, identity = z, log = lower + exp(z), logit = lower + width * plogis(z),
    probit = lower + width * pnorm(z))
  slope <- switch(link, identity = 1, log = exp(z), logit = width * plogis(z) * plogis(-z),
    probit = width * dnorm(z))
  switch(prior$kind,
    normal = dnorm(z, prior$a, prior$b, log = TRUE),
    natural_normal = dnorm(x, prior$a, prior$b, log = TRUE) -
      log(pnorm(upper, prior$a, prior$b) - pnorm(lower, prior$a, prior$b)) + log(slope),
    beta = dbeta((x - lower) / width, prior$a, prior$b, log = TRUE) - log(width) + log(slope),
    gamma = dgamma(x - lower, prior$a, rate = prior$b, log = TRUE) + log(slope),
    uniform = -log(width) + log(slope)
  )
}

to_natural <- function(z, link, lower, upper) {
  switch(link, identity = z, log = lower + exp(z), logit = lower + (upper - lower) * plogis(z),
    probit = lower + (upper - lower) * pnorm(z))
}

to_link <- function(x, link, lower, upper) {
  switch(link, identity = x, log = log(x - lower), logit = qlogis((x - lower) / (upper - lower)),
    probit = qnorm((x - lower) / (upper - lower)))
}

cases <- list(
  default = list(model = rl_model("rw"), prior = list(),
    kinds = list(alpha = list("logit", 0, 1), beta = list("log", 0, Inf)),
    used = list(alpha = prior_normal(0, 1.5), beta = prior_normal(0.5, 1.25))),
  beta_gamma = list(model = rl_model("rw"),
    prior = list(alpha = prior_beta(1.1, 2.2), beta = prior_gamma(1.2, 0.2)),
    kinds = list(alpha = list("logit", 0, 1), beta = list("log", 0, Inf))),
  natural = list(model = rl_model("rw"),
    prior = list(alpha = prior_natural_normal(0.3, 0.2), beta = prior_natural_normal(2, 2)),
    kinds = list(alpha = list("logit", 0, 1), beta = list("log", 0, Inf))),
  uniform_probit = list(
    model = rl_model("rw", alpha = unit_interval(link = "probit"), beta = bounded(0.5, 20)),
    prior = list(alpha = prior_uniform(), beta = prior_beta(2, 3)),
    kinds = list(alpha = list("probit", 0, 1), beta = list("logit", 0.5, 20))),
  real = list(model = rl_model("rw", q0 = real(prior = prior_natural_normal(0.5, 0.3))),
    prior = list(alpha = prior_normal(-0.5, 0.8)),
    kinds = list(alpha = list("logit", 0, 1), beta = list("log", 0, Inf),
      q0 = list("identity", -Inf, Inf)),
    used = list(alpha = prior_normal(-0.5, 0.8), beta = prior_normal(0.5, 1.25),
      q0 = prior_natural_normal(0.5, 0.3)))
)

for (name in names(cases)) {
  test_that(paste("a MAP fit is the mode of the log posterior:", name), {
    case <- cases[[name]]
    used <- if (is.null(case$used)) case$prior else case$used
    frame <- reference_data(subjects = 3, trials = c(40, 60), n_actions = 2, seed = 51)
    fit <- rl_fit(case$model, as_task_data(frame), method = "map", prior = case$prior, seed = 1)
    expect_true(all(fit$status == "converged"))
    expect_false(any(fit$at_bound))
    expect_identical(fit$prior, used)
    subjects <- reference_split(frame)
    for (id in names(subjects)) {
      log_posterior <- function(z) {
        x <- Map(function(k, v) to_natural(v, k[[1]], k[[2]], k[[3]]), case$kinds, z)
        prior <- Map(function(k, v, p) log_prior_z(v, p, k[[1]], k[[2]], k[[3]]), case$kinds, z,
          used)
        reference_loglik("rw", x, subjects[[id]])[[1]] + sum(unlist(prior))
      }
      x <- fit$estimates[id, ]
      z <- mapply(function(k, v) to_link(v, k[[1]], k[[2]], k[[3]]), case$kinds, x)
      expect_equal(fit$log_posterior[[id]], log_posterior(z), tolerance = 1e-9)
      expect_lt(max(abs(finite_difference(log_posterior, z))), 2e-6)
      # Laplace from the curvature measured here.
      h <- -numDeriv::hessian(log_posterior, z)
      laplace <- log_posterior(z) + length(z) / 2 * log(2 * pi) -
        determinant(h)$modulus[[1]] / 2
      expect_equal(fit$log_evidence[[id]], laplace, tolerance = 1e-6)
      slope <- diag(mapply(function(k, v) {
        finite_difference(function(u) to_natural(u, k[[1]], k[[2]], k[[3]]), v)
      }, case$kinds, z))
      expect_equal(fit$vcov[[id]], slope %*% solve(h) %*% slope, tolerance = 1e-4,
        ignore_attr = TRUE)
      expect_equal(fit$std_error[id, ], sqrt(diag(fit$vcov[[id]])))
    }
  })
}

test_that("the Laplace evidence is near the integral where the data say enough", {
  sim <- simulate(rl_model("rw"), seed = 61, parameters = data.frame(alpha = c(0.35, 0.5, 0.6),
    beta = c(3, 2, 4)), task = task_bandit(reversal(1200), trials = 1200))
  data <- rl_data(sim)
  priors <- list(alpha = prior_beta(2, 2), beta = prior_gamma(3, 1))
  fit <- rl_fit("rw", data, method = "map", prior = priors, seed = 1)
  for (s in 1:3) {
    own <- sim[sim$subject == s, ]
    one <- reference_one(own$choice, own$outcome, 2)
    centre <- c(qlogis(fit$estimates[s, "alpha"]), log(fit$estimates[s, "beta"]))
    z <- expand.grid(a = centre[1] + seq(-1.8, 1.8, length.out = 61),
      b = centre[2] + seq(-0.9, 0.9, length.out = 61))
    cell <- 3.6 / 60 * 1.8 / 60
    log_p <- grid_loglik(one, plogis(z$a), plogis(z$a), exp(z$b)) +
      log_prior_z(z$a, priors$alpha, "logit", 0, 1) + log_prior_z(z$b, priors$beta, "log", 0)
    top <- max(log_p)
    integral <- top + log(sum(exp(log_p - top)) * cell)
    expect_equal(fit$log_evidence[[s]], integral, tolerance = 0.03 / abs(integral))
  }
})

test_that("a prior draws estimates inside and a narrow one holds them", {
  sim <- simulated_subjects_of("rw", 6, trials = 20, seed = 71)
  mle <- quiet_fit("rw", sim, seed = 1)
  map <- rl_fit("rw", sim, method = "map", seed = 1)
  expect_false(any(map$at_bound))
  expect_true(all(is.finite(map$std_error)))
  expect_true(all(map$loglik <= mle$loglik + 1e-8))
  narrow <- rl_fit("rw", sim, method = "map", seed = 1,
    prior = list(alpha = prior_normal(qlogis(0.3), 1e-3), beta = prior_natural_normal(2, 1e-3)))
  expect_equal(unname(narrow$estimates[, "alpha"]), rep(0.3, 6), tolerance = 1e-3)
  expect_equal(unname(narrow$estimates[, "beta"]), rep(2, 6), tolerance = 1e-3)
  # Without data to speak of the mode is the prior's.
  empty <- data.frame(subject = 1, choice = c(1, 2), outcome = NA_real_)
  prior <- suppressWarnings(rl_fit("rw", rl_data(empty), method = "map", seed = 1))
  expect_equal(prior$estimates[1, ], c(alpha = 0.5, beta = exp(0.5)), tolerance = 1e-6)
  expect_equal(prior$log_evidence[[1]], 2 * log(0.5), tolerance = 1e-6)
})

test_that("catalogue defaults and a model's own priors are used", {
  sim <- simulate(rl_model("rw_lapse"), seed = 3, subjects = 3, task = task_bandit(c(0.2, 0.8), 60),
    parameters = c(alpha = 0.3, beta = 4, epsilon = 0.1))
  fit <- rl_fit("rw_lapse", sim, method = "map", seed = 1)
  expect_identical(fit$prior$epsilon, prior_beta(1.2, 8))
  expect_identical(fit$prior$alpha, prior_normal(0, 1.5))
  model <- rl_model("rw", alpha = unit_interval(prior = prior_beta(2, 5)))
  expect_identical(rl_fit(model, sim, method = "map", seed = 1)$prior$alpha, prior_beta(2, 5))
  expect_equal(rl_parameters(model)$prior[1], "beta(2, 5)")
})

test_that("priors print what they are", {
  expect_snapshot({
    prior_normal(0, 1.5)
    prior_natural_normal(50, 30)
    prior_beta(1.1, 1.1)
    prior_gamma(1.2, 0.2)
    prior_uniform()
  })
})

test_that("hyperparameters that make no density are errors", {
  expect_snapshot(error = TRUE, {
    prior_normal(0, 0)
    prior_normal("a", 1)
    prior_beta(-1, 2)
    prior_beta(1, Inf)
    prior_gamma(c(1, 2), 1)
    prior_natural_normal(0, NA)
  })
  expect_error(prior_normal(0, -1), class = "rescorla_error_input")
  data <- as_task_data(reference_data(subjects = 1))
  for (prior in list(prior_beta(1, 1), prior_uniform())) {
    expect_error(rl_fit("rw", data, method = "map", prior = list(beta = prior)),
      class = "rescorla_error_input")
  }
  expect_error(rl_fit(rl_model("rw", q0 = real()), data, method = "map",
    prior = list(q0 = prior_gamma(1, 1))), class = "rescorla_error_input")
})
