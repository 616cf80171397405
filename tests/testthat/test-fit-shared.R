# Parameters that all subjects share, without a distribution over the others.

test_that("with everything shared the likelihood of all data is climbed", {
  subjects <- reference_split(em_frame())
  total <- function(z) -sum(vapply(subjects, \(one) loglik_rows(one, t(z)), 0))
  best <- optim(c(-0.5, 1), total, method = "BFGS", control = list(reltol = 1e-12))
  formula <- list(alpha ~ 1, beta ~ 1)
  for (method in c("mle", "em")) {
    fit <- rl_fit("rw", em_data(), method = method, formula = formula, seed = 1)
    expect_equal(unname(fixef(fit)), best$par, tolerance = 1e-4)
    expect_equal(as.numeric(logLik(fit)), -best$value, tolerance = 1e-7)
    expect_equal(attr(logLik(fit), "df"), 2)
    expect_equal(coef(fit)$alpha, rep(plogis(best$par[1]), 9), tolerance = 1e-4)
    expect_equal(coef(fit)$beta, rep(exp(best$par[2]), 9), tolerance = 1e-4)
  }
  is <- rl_fit("rw", em_data(), method = "em", formula = formula, marginal = "is", seed = 1)
  expect_equal(as.numeric(logLik(is)), -best$value, tolerance = 1e-7)
})

test_that("maximum likelihood shares some parameters and not others", {
  skip_on_cran()
  fit <- quiet_fit("rw", em_data(), formula = beta ~ 1, seed = 1)
  subjects <- reference_split(em_frame())
  at <- seq(-12, 12, length.out = 2000)
  profile <- function(log_beta) {
    sum(vapply(subjects, \(one) {
      max(grid_loglik(one, plogis(at), plogis(at), rep(exp(log_beta), length(at))))
    }, 0))
  }
  best <- optimize(profile, c(-1, 3), maximum = TRUE)
  expect_equal(as.numeric(logLik(fit)), best$objective, tolerance = 1e-4)
  expect_equal(fixef(fit)[["beta:(Intercept)"]], best$maximum, tolerance = 0.01)
  expect_equal(attr(logLik(fit), "df"), 10)
  group <- em_frame()
  group$old <- group$subject > "s05"
  both <- quiet_fit("rw", em_data(group), formula = beta ~ 0 + old, seed = 1)
  expect_gt(as.numeric(logLik(both)), as.numeric(logLik(fit)) - 1e-6)
  expect_identical(names(fixef(both)), c("beta:oldFALSE", "beta:oldTRUE"))
  expect_error(rl_fit("rw", em_data(group), formula = beta ~ old, seed = 1),
    class = "rescorla_error_input")
})
