tiny <- function(...) {
  rl_calibrate("rw", task_bandit(c(0.2, 0.8), trials = 20), subjects = 4, nsim = 6, ranks = 19,
    warmup = 100, draws = 190, starts = 3, seed = 1, ...)
}

calibration <- function() once("calibration", tiny())

test_that("bands hold uniform ranks as often as they say", {
  # All sequences of two ranks among 0, ..., 3, and of three.
  for (n in 2:3) {
    all <- as.matrix(expand.grid(rep(list(0:3), n)))
    counts <- t(apply(all, 1, \(rank) vapply(1:3, \(j) sum(rank < j), 0)))
    tails <- t(apply(counts, 1, \(x) 2 * pmin(pbinom(x, n, 1:3 / 4), 1 - pbinom(x - 1, n, 1:3 / 4))))
    for (gamma in c(0.1, 0.3, 0.8)) {
      expect_equal(rescorla:::band_probability(gamma, n, 3), mean(apply(tails > gamma, 1, all)))
    }
    p <- apply(all, 1, rescorla:::uniformity_p, count = 3)
    least <- apply(tails, 1, min)
    expect_equal(p, vapply(least, \(x) mean(least <= x + 1e-9), 0))
  }
  # Simulated, at a usual size.
  band <- rescorla:::simultaneous_band(50, 19, 0.9)
  inside <- withr::with_seed(1, replicate(4000, {
    counts <- cumsum(tabulate(sample(0:19, 50, TRUE) + 1, 19))
    all(counts >= band$lower & counts <= band$upper)
  }))
  expect_gt(mean(inside), 0.9 - 3 * 0.005)
  expect_lt(mean(inside), 0.94)
})

test_that("ranks that are not uniform are told, and how", {
  table <- \(rank) rescorla:::calibration_summary(data.frame(quantity = "a", rank = rank), 99, 0.95)
  u <- withr::with_seed(2, runif(200))
  expect_true(table(floor(100 * u))$inside)
  shape <- function(rank) {
    found <- table(pmin(floor(100 * rank), 99))
    expect_false(found$inside)
    rescorla:::rank_shape(found)
  }
  expect_equal(shape(u^0.6), "posteriors too low")
  expect_equal(shape(u^1.7), "posteriors too high")
  expect_equal(shape(qbeta(u, 0.5, 0.5)), "posteriors too narrow")
  expect_equal(shape(qbeta(u, 2.5, 2.5)), "posteriors too wide")
})

test_that("true values are ranked among draws", {
  x <- calibration()
  names <- c("alpha", "beta", "sd_alpha", "sd_beta", "cor_alpha_beta", "alpha_subject[1]",
    "beta_subject[1]", "log_lik")
  expect_equal(x$ranks$quantity, rep(names, 6))
  expect_true(all(x$ranks$rank %in% 0:19))
  expect_equal(x$n_ranks, 19)
  # The first data set by hand.
  seed <- rescorla:::job_seed(1, 1)
  data <- simulate(rl_model("rw"), seed = seed, prior = TRUE, subjects = 4,
    task = task_bandit(c(0.2, 0.8), trials = 20))
  fit <- suppressMessages(quiet_fit("rw", suppressWarnings(rl_data(data)), method = "nuts", chains = 1,
    warmup = 100, draws = 190, starts = 3, seed = seed))
  kept <- round(seq(1, 190, length.out = 19))
  true <- x$ranks$true[1:8]
  expect_equal(true[1:2], attr(data, "group")$median)
  expect_equal(true[3:4], attr(data, "group")$sd)
  expect_equal(true[5], attr(data, "correlation")[[1]][1, 2])
  expect_equal(x$ranks$rank[1:5], unname(colSums(fit$group$draws[kept, 1, names[1:5]] <
    rep(true[1:5], each = 19))))
  expect_equal(x$ranks$rank[7], sum(fit$group$subject_draws[kept, 1, 1, "beta"] < true[7]))
  own <- attr(data, "parameters")
  loglik <- \(values) sum(rl_loglik("rw", suppressWarnings(rl_data(data)), as.data.frame(values)))
  expect_equal(true[8], loglik(own[c("alpha", "beta")]))
  expect_equal(x$ranks$rank[8],
    sum(apply(fit$group$subject_draws[kept, 1, , ], 1, loglik) < true[8]))
})

test_that("our own inference is calibrated", {
  skip_on_cran()
  skip_if(!nzchar(Sys.getenv("RESCORLA_LONG_TESTS")), "RESCORLA_LONG_TESTS is not set")
  x <- rl_calibrate("rw", task_bandit(c(0.2, 0.8), trials = 60), subjects = 8, nsim = 200, seed = 2)
  expect_gt(min(x$summary$p), 0.001)
})

test_that("a calibration can be kept, split and repeated", {
  skip_on_cran()
  folder <- withr::local_tempdir()
  expect_identical(study_result(tiny(checkpoint = folder)), study_result(calibration()))
  unlink(file.path(folder, "job-000002.rds"))
  expect_identical(study_result(tiny(checkpoint = folder)), study_result(calibration()))
})

test_that("what cannot be calibrated is an error", {
  task <- task_bandit(c(0.2, 0.8), trials = 20)
  expect_snapshot(error = TRUE, {
    rl_calibrate("rw", task, method = "em")
    rl_calibrate("rw", task, formula = alpha ~ 1)
    rl_calibrate("rw", task, ranks = 99, draws = 50)
    rl_calibrate("rw", task, prior = list(gamma = prior_normal(0, 1)))
    rl_calibrate("rw", list(task, task))
  })
})

test_that("a calibration prints and is drawn", {
  x <- calibration()
  text <- capture.output(print(x))
  expect_match(text[2], "6 data sets of 4 subjects, ranks among 19 draws, 95% bands", fixed = TRUE)
  expect_length(grep("(inside|outside)$", text), 8)
  expect_true(all(nchar(text) <= 80))
  x$summary$inside <- c(FALSE, rep(TRUE, 7))
  x$summary[1, c("mean", "spread", "n")] <- list(0.7, 1, 100)
  expect_match(paste(capture.output(print(x)), collapse = " "),
    "Outside: alpha (posteriors too low).", fixed = TRUE)

  skip_if_not_installed("ggplot2")
  curve <- ggplot2::layer_data(plot(x), 3)
  expect_equal(nrow(curve), 8 * 21)
  bars <- ggplot2::layer_data(plot(x, "histogram", bins = 4), 3)
  expect_equal(sum(bars$y), 8 * 6)
  expect_error(plot(x, "histogram", bins = 3), class = "rescorla_error_input")
})
