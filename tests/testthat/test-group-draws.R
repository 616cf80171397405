# What is made of the draws of full Bayes fits: names, likelihoods by unit, predictions.

test_that("draws are named as posterior and bayesplot take them", {
  skip_if_not_installed("posterior")
  fit <- nuts_fit()
  draws <- posterior::as_draws_df(fit)
  group <- c("alpha", "beta", "sd_alpha", "sd_beta", "cor_alpha_beta")
  ids <- sprintf("s%02d", 10:1)
  expect_identical(posterior::variables(draws), c(group, paste0("alpha_subject[", ids, "]"),
    paste0("beta_subject[", ids, "]")))
  expect_identical(posterior::niterations(draws), 500L)
  expect_identical(posterior::nchains(draws), 2L)
  expect_equal(posterior::as_draws_array(fit)[, 2, "beta_subject[s03]"],
    fit$group$subject_draws[, 2, "s03", "beta"], ignore_attr = TRUE)
  expect_identical(posterior::variables(posterior::as_draws_array(fit, subjects = FALSE)), group)
  expect_equal(mean(posterior::as_draws_rvars(fit)$beta), mean(fit$group$draws[, , "beta"]))
  expect_s3_class(posterior::as_draws(fit), "draws_array")
  thin <- quiet_nuts("rw", nuts_data(), draws = 50, thin = 4)
  expect_identical(posterior::niterations(posterior::as_draws_df(thin)), 13L)
  expect_identical(posterior::niterations(posterior::as_draws_df(thin, subjects = FALSE)), 50L)
  expect_equal(posterior::as_draws_array(thin)[, 1, "alpha"],
    thin$group$draws[seq(1, 50, by = 4), 1, "alpha"], ignore_attr = TRUE)

  skip_if_not_installed("bayesplot")
  params <- bayesplot::nuts_params(fit)
  expect_identical(names(params), c("Chain", "Iteration", "Parameter", "Value"))
  expect_identical(levels(params$Parameter), c("accept_stat__", "stepsize__", "treedepth__",
    "n_leapfrog__", "divergent__", "energy__"))
  expect_identical(nrow(params), 2L * 500L * 6L)
})

test_that("log-likelihoods by trial, block and subject add up", {
  fit <- nuts_fit()
  frame <- nuts_frame()
  trial <- unit_log_lik(fit, draws = 20)
  scored <- which(!is.na(frame$choice))
  expect_identical(dim(trial), c(20L, length(scored)))
  expect_identical(colnames(trial), as.character(scored))
  expect_identical(attr(trial, "chain"), rep(1:2, each = 10))
  block <- unit_log_lik(fit, unit = "block", draws = 20)
  expect_identical(colnames(block), paste0(rep(sprintf("s%02d", 10:1), each = 2), ":", 1:2))
  own <- unit_log_lik(fit, unit = "subject", integrate = FALSE, draws = 20)
  expect_identical(colnames(own), sprintf("s%02d", 10:1))
  by <- \(x, id) rowsum(t(x), id, reorder = FALSE)
  expect_equal(t(by(trial, frame$subject[scored])), own, ignore_attr = TRUE)
  expect_equal(t(by(trial, paste(frame$subject, frame$block)[scored])), block, ignore_attr = TRUE)
  # A draw by hand.
  values <- fit$group$subject_draws[1, 1, , ]
  expect_equal(own[1, ], as.vector(rl_loglik("rw", nuts_data(), values)), ignore_attr = TRUE)
  expect_equal(as.vector(trial[1, ]),
    rl_loglik("rw", nuts_data(), values, pointwise = TRUE)[scored])

  # Rows of the data in any order keep their names.
  frame <- withr::with_seed(1, frame[sample(nrow(frame)), ])
  shuffled <- rl_fit("rw", rl_data(frame, trial = "trial", block = "block"), method = "nuts",
    chains = 2, warmup = 50, draws = 50, seed = 1) |> suppressWarnings()
  trial <- unit_log_lik(shuffled, draws = 4)
  values <- shuffled$group$subject_draws[1, 1, , ]
  all <- rl_loglik("rw", shuffled$data, values, pointwise = TRUE)
  expect_identical(colnames(trial), as.character(which(!is.na(frame$choice))))
  expect_equal(as.vector(trial[1, ]), all[!is.na(all)])
  block <- unit_log_lik(shuffled, unit = "block", draws = 4)
  id <- paste0(frame$subject, ":", frame$block)[!is.na(frame$choice)]
  expect_setequal(colnames(block), unique(id))
  for (name in unique(id)) {
    expect_equal(block[, name], rowSums(trial[, id == name]), ignore_attr = TRUE)
  }
})

# log p(y_s | group), by a grid of two parameters.
integrated_by_hand <- function(one, mean, covariance) {
  at <- seq(-5, 5, length.out = 81)
  grid <- as.matrix(expand.grid(at, at))
  factor <- t(chol(covariance))
  z <- t(mean + factor %*% t(grid))
  loglik <- grid_loglik(one, plogis(z[, 1]), plogis(z[, 1]), exp(z[, 2]))
  top <- max(loglik)
  top + log(sum(exp(loglik - top) * dnorm(grid[, 1]) * dnorm(grid[, 2])) * (at[2] - at[1])^2)
}

test_that("a subject's parameters are integrated out", {
  fit <- nuts_fit()
  values <- unit_log_lik(fit, unit = "subject", draws = 4)
  expect_identical(dim(values), c(4L, 10L))
  subjects <- reference_split(structure(nuts_frame(), n_actions = 2))
  for (k in 1:2) {
    one <- fit$group$draws[c(1, 500)[k], 1, ]
    covariance <- outer(one[5:6], one[5:6]) * matrix(c(1, one[7], one[7], 1), 2)
    for (id in c("s10", "s04", "s01")) {
      exact <- integrated_by_hand(subjects[[id]], one[3:4], covariance)
      expect_lt(abs(values[k, id] - exact), 0.1)
    }
  }
  # What is shared makes it the Laplace approximation of each draw.
  shared <- quiet_nuts("rw", nuts_data(), formula = beta ~ 1)
  values <- unit_log_lik(shared, unit = "subject", draws = 2)
  one <- shared$group$draws[1, 1, ]
  at <- seq(-6, 6, length.out = 400)
  for (id in c("s10", "s01")) {
    z <- one[["alpha:(Intercept)"]] + one[["sd_alpha"]] * at
    loglik <- grid_loglik(subjects[[id]], plogis(z), plogis(z), rep(one[["beta"]], 400))
    exact <- log(sum(exp(loglik) * dnorm(at)) * (at[2] - at[1]))
    expect_equal(values[1, id], exact, tolerance = 0.01, ignore_attr = TRUE)
  }
})

test_that("loo and waic run on all units", {
  skip_if_not_installed("loo")
  fit <- nuts_fit()
  for (unit in c("trial", "block", "subject")) {
    found <- suppressWarnings(loo::loo(fit, unit = unit, draws = 100))
    expect_s3_class(found, "loo")
    expect_true(all(is.finite(found$estimates)))
    expect_identical(dim(found)[2], switch(unit, trial = 598L, block = 20L, subject = 10L))
    expect_s3_class(suppressWarnings(loo::waic(fit, unit = unit, draws = 100)), "waic")
  }
  # Predicting a person is harder than predicting a choice of a person known.
  new <- suppressWarnings(loo::loo(fit, unit = "subject"))
  known <- suppressWarnings(loo::loo(fit, unit = "trial", draws = 200))
  expect_lt(new$estimates["elpd_loo", 1], known$estimates["elpd_loo", 1])
  expect_lt(max(new$diagnostics$pareto_k), 0.7)
  none <- quiet_nuts("rw", nuts_data(), keep = "group", warmup = 50, draws = 50)
  expect_error(unit_log_lik(none), "kept no draws", class = "rescorla_error_input")
  expect_no_error(unit_log_lik(none, unit = "subject", draws = 2))
})

test_that("predictions have a value for every row", {
  fit <- nuts_fit()
  frame <- nuts_frame()
  predict <- \(...) rescorla:::posterior_predict.rl_fit_nuts(...)
  drawn <- predict(fit, draws = 60, seed = 1)
  expect_identical(dim(drawn), c(60L, 600L))
  expect_identical(is.na(drawn[1, ]), is.na(frame$choice))
  expect_true(all(drawn %in% c(1, 2, NA)))
  expect_identical(predict(fit, draws = 60, seed = 1), drawn)
  expect_false(identical(predict(fit, draws = 60, seed = 2), drawn))
  expect_identical(dim(predict(fit, seed = 1)), c(200L, 600L))
  mean <- rescorla:::posterior_epred.rl_fit_nuts(fit, draws = 60)
  expect_identical(dim(mean), c(60L, 600L, 2L))
  expect_equal(mean[, , 1] + mean[, , 2], matrix(1, 60, 600))
  scored <- !is.na(frame$choice)
  chosen <- vapply(which(scored), \(i) mean[1, i, frame$choice[i]], 0)
  expect_equal(log(chosen), as.vector(unit_log_lik(fit, draws = 60)[1, ]))
  # Draws follow the probabilities.
  gap <- (colMeans(drawn == 2) - colMeans(mean[, , 2]))[scored]
  expect_lt(abs(mean(gap)), 4 * sqrt(0.25 / (60 * 598)))
  expect_lt(max(abs(gap)), 0.35)
})
