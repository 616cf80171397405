# Generics of other packages: fits have methods whoever's generic is called, and everything else is
# passed on.

test_that("other objects reach the package's own generic", {
  skip_if_not_installed("posterior")
  skip_if_not_installed("nlme")
  x <- posterior::as_draws_matrix(matrix(rnorm(20), 10, dimnames = list(NULL, c("a", "b"))))
  expect_identical(as_draws_df(x), posterior::as_draws_df(x))
  expect_identical(as_draws_array(x), posterior::as_draws_array(x))
  fit <- nlme::lme(distance ~ age, data = nlme::Orthodont, random = ~ 1)
  expect_identical(fixef(fit), nlme::fixef(fit))
  expect_identical(ranef(fit), nlme::ranef(fit))
  expect_identical(VarCorr(fit), nlme::VarCorr(fit))
})

test_that("fits answer to the other packages' generics", {
  skip_on_cran()
  skip_if_not_installed("nlme")
  fit <- em_fit()
  expect_identical(nlme::fixef(fit), fixef(fit))
  expect_identical(nlme::ranef(fit), ranef(fit))
  expect_identical(nlme::VarCorr(fit), VarCorr(fit))
  skip_if_not_installed("posterior")
  skip_if_not_installed("loo")
  skip_if_not_installed("rstantools")
  skip_if_not_installed("bayesplot")
  draws <- nuts_fit()
  expect_identical(posterior::as_draws_df(draws), as_draws_df(draws))
  expect_identical(bayesplot::nuts_params(draws), nuts_params(draws))
  expect_identical(rstantools::log_lik(draws, unit = "block", draws = 10),
    log_lik(draws, unit = "block", draws = 10))
  expect_equal(suppressWarnings(loo::loo(draws, unit = "block", draws = 50)),
    suppressWarnings(loo(draws, unit = "block", draws = 50)))
})
