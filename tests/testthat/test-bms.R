# Log evidences of 12 subjects for three models, the second better on average.
bms_evidence <- function() {
  once("evidence", {
    set.seed(1)
    x <- cbind(a = rnorm(12), b = rnorm(12, 0.8), c = rnorm(12, -0.5)) - 100
    rownames(x) <- paste0("s", 1:12)
    x
  })
}

# The update equations of Stephan et al. (2009) as they stand in the paper, in plain loops.
slow_bms <- function(evidence, alpha0, rounds = 3000) {
  alpha <- alpha0
  g <- evidence
  for (round in seq_len(rounds)) {
    for (n in seq_len(nrow(g))) {
      for (k in seq_along(alpha)) {
        log_u <- evidence[n, k] + digamma(alpha[k]) - digamma(sum(alpha))
        g[n, k] <- exp(log_u - max(evidence[n, ]))
      }
      g[n, ] <- g[n, ] / sum(g[n, ])
    }
    for (k in seq_along(alpha)) alpha[k] <- alpha0[k] + sum(g[, k])
  }
  list(alpha = alpha, g = g)
}

drawn_exceedance <- function(alpha, n = 4e5) {
  x <- matrix(rgamma(n * length(alpha), rep(alpha, each = n)), n)
  tabulate(max.col(x), length(alpha)) / n
}

test_that("counts and responsibilities are those of the update equations", {
  evidence <- bms_evidence()
  x <- rl_bms(evidence)
  slow <- slow_bms(evidence, c(1, 1, 1))
  expect_equal(x$models$alpha, unname(slow$alpha), tolerance = 1e-7)
  expect_equal(x$responsibilities, slow$g, tolerance = 1e-7)
  expect_equal(x$models$frequency, x$models$alpha / 15)
  expect_equal(sum(x$models$alpha), 15)
  set.seed(2)
  draws <- matrix(rgamma(3e5, rep(x$models$alpha, each = 1e5)), ncol = 3)
  draws <- draws / rowSums(draws)
  expect_equal(x$models$frequency, colMeans(draws), tolerance = 0.01)
  expect_equal(x$models$frequency_sd, apply(draws, 2, sd), tolerance = 0.02)
  expect_true(x$converged)
  expect_identical(as.data.frame(x), x$models)

  prior <- c(0.5, 2, 1)
  expect_equal(rl_bms(evidence, prior = prior)$models$alpha,
    unname(slow_bms(evidence, prior)$alpha), tolerance = 1e-7)
  expect_identical(rl_bms(evidence, prior = c(b = 2, a = 0.5, c = 1))$models,
    rl_bms(evidence, prior = prior)$models)
  expect_identical(rl_bms(evidence, prior = 1)$models, x$models)
})

test_that("adding a constant to a subject's evidences changes nothing but the free energies", {
  x <- rl_bms(bms_evidence())
  moved <- rl_bms(bms_evidence() - (1:12) * 500)
  expect_equal(moved$models, x$models, tolerance = 1e-6)
  expect_equal(moved$free_energy, x$free_energy - 500 * 78)
})

test_that("the free energy is the bound that it claims to be", {
  evidence <- bms_evidence() + 100
  x <- rl_bms(evidence)
  # Log evidence of it all, by Monte Carlo over the frequencies.
  set.seed(3)
  r <- matrix(rexp(6e5), ncol = 3)
  r <- r / rowSums(r)
  log_p <- log(mean(exp(rowSums(log(r %*% t(exp(evidence)))))))
  expect_lt(x$free_energy[["F1"]], log_p)
  expect_gt(x$free_energy[["F1"]], log_p - 1)
  # Any other posterior has a lower free energy.
  for (shift in list(c(0.3, 0, 0), c(0, -0.5, 0), c(1, 1, 1))) {
    expect_lt(bms_free_energy(evidence, x$responsibilities, x$models$alpha + shift, rep(1, 3)),
      x$free_energy[["F1"]])
  }
  expect_equal(x$free_energy[["F0"]], sum(log(rowMeans(exp(evidence)))))
  expect_equal(x$bor, 1 / (1 + exp(x$free_energy[["F1"]] - x$free_energy[["F0"]])))
  expect_equal(x$models$protected_exceedance, (1 - x$bor) * x$models$exceedance + x$bor / 3)
})

test_that("exceedance probabilities are exact", {
  expect_equal(dirichlet_exceedance(c(7, 11)),
    c(1, 0) + c(-1, 1) * integrate(dbeta, 0.5, 1, shape1 = 11, shape2 = 7, rel.tol = 1e-12)$value)
  expect_equal(dirichlet_exceedance(c(3, 3)), c(0.5, 0.5))
  expect_equal(dirichlet_exceedance(5), 1)
  # Exponential variables: the largest of independent ones, by symmetry and by hand. With x of
  # shape 2, P(x > max(y, z)) = E (1 - exp(-x))^2 = 1 - 2/4 + 1/9.
  expect_equal(dirichlet_exceedance(rep(1, 4)), rep(0.25, 4), tolerance = 1e-13)
  expect_equal(dirichlet_exceedance(c(2, 1, 1))[1], 11 / 18, tolerance = 1e-13)
  # P(x_1 > x_2) of a third share without weight.
  expect_equal(dirichlet_exceedance(c(8, 5, 1e-4))[1:2], dirichlet_exceedance(c(8, 5)),
    tolerance = 1e-5)
  for (alpha in list(c(2, 3, 4), rep(0.1, 3), c(1000, 999, 0.3), c(1, 0.2, 0.2, 40), 1:8 / 3)) {
    exact <- vapply(seq_along(alpha), \(k) {
      integrand <- \(u) vapply(u, \(v) prod(pgamma(qgamma(v, alpha[k]), alpha[-k])), 0)
      integrate(integrand, 0, 1, rel.tol = 1e-10, subdivisions = 2000)$value
    }, 0)
    expect_equal(dirichlet_exceedance(alpha), exact, tolerance = 1e-9)
  }
  set.seed(4)
  expect_equal(dirichlet_exceedance(c(3.6, 5.1, 1.7)), drawn_exceedance(c(3.6, 5.1, 1.7)),
    tolerance = 0.01)
})

test_that("two models follow the beta distribution", {
  x <- rl_bms(bms_evidence()[, 1:2])
  a <- x$models$alpha
  expect_equal(x$models$exceedance, c(pbeta(0.5, a[2], a[1]), pbeta(0.5, a[1], a[2])))
})

test_that("clear evidence counts subjects, equal evidence leaves the prior", {
  clear <- matrix(-1e4, 10, 3, dimnames = list(NULL, c("a", "b", "c")))
  clear[cbind(1:10, rep(1:2, c(7, 3)))] <- 0
  x <- rl_bms(clear)
  expect_equal(x$models$alpha, c(8, 4, 1))
  expect_equal(unname(x$responsibilities), unname((clear == 0) * 1))
  # Here the bound is the truth: a Dirichlet-multinomial.
  expect_equal(x$free_energy[["F1"]], lgamma(3) - lgamma(13) + lgamma(8) + lgamma(4))
  expect_equal(x$free_energy[["F0"]], -10 * log(3))

  equal <- rl_bms(matrix(-50, 10, 3, dimnames = list(NULL, c("a", "b", "c"))))
  expect_equal(equal$models$frequency, rep(1 / 3, 3))
  expect_equal(equal$models$protected_exceedance, rep(1 / 3, 3))
  expect_gt(equal$bor, 0.5)
})

test_that("a model that is impossible for a subject has no responsibility for it", {
  evidence <- bms_evidence()
  evidence["s3", c("a", "c")] <- -Inf
  x <- rl_bms(evidence)
  expect_equal(unname(x$responsibilities["s3", ]), c(0, 1, 0))
  expect_true(all(is.finite(x$free_energy)))
  near <- replace(evidence, evidence == -Inf, -1e6)
  expect_equal(rl_bms(near)$models, x$models)
})

test_that("families have equal prior weight and add up", {
  evidence <- bms_evidence()
  x <- rl_bms(evidence, families = list(one = "b", other = c("c", "a")))
  expect_equal(x$prior, c(a = 0.5, b = 1, c = 0.5))
  expect_equal(x$models$alpha, unname(slow_bms(evidence, c(0.5, 1, 0.5))$alpha), tolerance = 1e-7)
  alpha <- x$models$alpha
  expect_identical(x$families$family, c("one", "other"))
  expect_equal(x$families$size, 1:2)
  expect_equal(x$families$alpha, c(alpha[2], alpha[1] + alpha[3]))
  expect_equal(x$families$exceedance, dirichlet_exceedance(x$families$alpha))
  expect_equal(x$free_energy[["F0"]],
    sum(log(exp(evidence) %*% c(1 / 4, 1 / 2, 1 / 4))))
  expect_equal(x$families$protected_exceedance,
    (1 - x$bor) * x$families$exceedance + x$bor / 2)
  # Other ways to say the same.
  expect_identical(rl_bms(evidence, families = c(b = "one", c = "other", a = "other")), x)
  by_column <- rl_bms(evidence, families = factor(c("other", "one", "other")))
  expect_equal(by_column$models, x$models)
  expect_equal(by_column$families[2:1, ], x$families, ignore_attr = "row.names")
  # A family for each model is no families.
  each <- rl_bms(evidence, families = c("x", "y", "z"))
  expect_equal(each$models, rl_bms(evidence)$models)
  expect_equal(each$families[-(1:2)], each$models[-1])
})

test_that("a data frame does, with or without subjects", {
  evidence <- bms_evidence()
  x <- rl_bms(evidence)
  expect_identical(rl_bms(as.data.frame(evidence)), x)
  expect_identical(rl_bms(data.frame(evidence, subject = rownames(evidence), row.names = NULL)), x)
})

test_that("model selection prints on one screen", {
  expect_snapshot(rl_bms(bms_evidence()))
  expect_snapshot(rl_bms(bms_evidence(), families = list(one = "b", other = c("c", "a"))))
})

test_that("evidence and families that will not do are rejected", {
  evidence <- bms_evidence()
  expect_snapshot(error = TRUE, {
    rl_bms("rw")
    rl_bms(evidence[, 1, drop = FALSE])
    rl_bms(unname(evidence))
    rl_bms(replace(evidence, c(2, 17), NA))
    rl_bms(rbind(evidence, s13 = -Inf))
    rl_bms(data.frame(a = 1, b = "x"))
    rl_bms(evidence, families = list(one = "a", other = "b"))
    rl_bms(evidence, families = list(one = "a", other = c("a", "b", "c")))
    rl_bms(evidence, families = list(one = "a", other = c("b", "c", "d")))
    rl_bms(evidence, families = c("one", "other"))
    rl_bms(evidence, prior = 0)
    rl_bms(evidence, prior = 1:2)
  })
  error <- expect_error(rl_bms(replace(evidence, 2, NA)), class = "rescorla_error_input")
  expect_identical(error$subjects, "s2")
})
