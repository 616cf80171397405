# The group in natural units.

test_that("means over the group are those of many people", {
  skip_on_cran()
  fit <- em_fit()
  population <- summary(fit)$population
  set.seed(1)
  z <- matrix(rnorm(2e5), ncol = 2) %*% chol(fit$group$covariance)
  alpha <- plogis(fixef(fit)[[1]] + z[, 1])
  beta <- exp(fixef(fit)[[2]] + z[, 2])
  expect_equal(population$median, c(plogis(fixef(fit)[[1]]), exp(fixef(fit)[[2]])))
  expect_equal(population$mean, c(mean(alpha), mean(beta)), tolerance = 0.02)
  expect_true(all(population$median_q5 < population$median))
  expect_true(all(population$mean_q95 > population$mean))
})

test_that("Gauss-Hermite nodes integrate polynomials", {
  nodes <- hermite_nodes(21L)
  expect_equal(sum(nodes$weight), 1)
  expect_equal(sum(nodes$weight * nodes$x^2), 1)
  expect_equal(sum(nodes$weight * nodes$x^8), 105)
})

test_that("the links of a group go there and back", {
  kinds <- list(a = unit_interval(), b = positive(), c = real(), d = bounded(-2, 3),
    e = unit_interval(link = "probit"), f = positive(upper = 4))
  kinds$g <- kinds$d
  kinds$g$link <- "cubic"
  maps <- parameter_maps(kinds)
  z <- c(-3, -0.4, 0, 1.2, 4)
  for (p in seq_along(kinds)) {
    x <- to_natural(z, maps, p)
    expect_equal(to_real(x, maps, p), z, tolerance = 1e-9)
    step <- 1e-6
    slope <- (to_natural(z + step, maps, p) - to_natural(z - step, maps, p)) / (2 * step)
    expect_equal(natural_slope(z, maps, p), slope, tolerance = 1e-7)
  }
  # Phi_approx
  expect_lt(max(abs(plogis(cubic_link(seq(-5, 5, 0.01))) - pnorm(seq(-5, 5, 0.01)))), 1.5e-4)
})

test_that("hierarchical fits and their summaries print on one screen", {
  skip_on_cran()
  local_reproducible_output(width = 80)
  no_numbers <- \(x) gsub("[-]?[0-9][0-9.,e-]*", "#", gsub(" +", " ", x))
  expect_snapshot(print(em_fit()), transform = no_numbers)
  expect_snapshot(print(summary(em_fit())), transform = no_numbers)
  expect_snapshot(print(VarCorr(em_fit())), transform = no_numbers)
  skip_if_not_installed("posterior")
  for (x in list(em_fit(), summary(em_fit()), nuts_fit(), summary(nuts_fit()))) {
    lines <- capture.output(print(x))
    expect_lte(length(lines), 40)
    expect_lte(max(nchar(lines)), 80)
  }
})
