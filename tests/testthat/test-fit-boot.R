test_that("bootstrap limits are percentiles of refits", {
  fit <- fit_of("rw")
  task <- task_bandit(c(0.3, 0.7), trials = 50, blocks = 2)
  found <- confint(fit, method = "boot", nsim = 20, task = task, seed = 4, level = 0.8)
  by_hand <- vapply(1:20, \(r) {
    data <- suppressWarnings(rl_data(simulate(fit, seed = job_seed(4, r), task = task)))
    as.matrix(quiet_fit("rw", data, starts = 5, seed = 1)$estimates)
  }, fit$estimates)
  limits <- apply(by_hand, 1:2, quantile, c(0.1, 0.9), names = FALSE)
  expect_equal(found$lower, as.vector(t(limits[1, , ])))
  expect_equal(found$upper, as.vector(t(limits[2, , ])))
  expect_equal(found[1:3], confint(fit, method = "curvature")[1:3])
  some <- confint(fit, "beta", method = "boot", nsim = 20, task = task, seed = 4, level = 0.8,
    subjects = c("s2", "s5"))
  expect_equal(some, found[found$parameter == "beta" & found$subject %in% c("s5", "s2"), ][2:1, ],
    ignore_attr = TRUE)
})

test_that("the bootstrap of a binomial rate has its exact spread", {
  # p = 1 / (1 + exp(-bias)) of 200 choices; the standard deviation of the log odds is close to
  # 1 / sqrt(n p (1 - p)).
  local_language_options()
  model <- rl_model("bias", parameters = list(bias = real()), trial = {
    choice ~ categorical(c(1 / (1 + exp(bias)), 1 / (1 + exp(-bias))))
  })
  frame <- data.frame(subject = "a", choice = rep(1:2, c(120, 80)), outcome = rep(0:1, 100))
  fit <- quiet_fit(model, suppressWarnings(rl_data(frame)), starts = 2, seed = 1)
  found <- confint(fit, method = "boot", nsim = 400, task = task_bandit(c(0.5, 0.5), trials = 200),
    seed = 3)
  p <- 80 / 200
  exact <- qlogis(qbinom(c(0.025, 0.975), 200, p) / 200)
  expect_equal(c(found$lower, found$upper), exact, tolerance = 0.12)
})

test_that("the bootstrap keeps what is finished, and asks for what it needs", {
  fit <- fit_of("rw")
  task <- task_bandit(c(0.3, 0.7), trials = 30)
  dir <- withr::local_tempdir()
  once <- \() confint(fit, method = "boot", nsim = 20, task = task, seed = 1, checkpoint = dir)
  found <- once()
  unlink(list.files(dir, "job-00000[1-5]", full.names = TRUE))
  expect_identical(once(), found)
  expect_identical(confint(fit, method = "boot", nsim = 20, task = task, seed = 1), found)
  lost <- without_subject(fit, "s3")
  expect_true(all(is.na(suppressWarnings(confint(lost, method = "boot", nsim = 20, task = task,
    seed = 1))$lower[7:8])))
  expect_snapshot(error = TRUE, {
    confint(fit, method = "boot")
    confint(fit, nsim = 100)
  })
  expect_error(confint(fit, method = "boot", task = task, nsim = 5), class = "rescorla_error_input")
})

test_that("hierarchical fits have no bootstrap, and say so", {
  em <- structure(list(), class = c("rl_fit_em", "rl_fit_group", "rl_fit"))
  expect_error(confint(em, method = "boot"), "for fits by subject", class = "rescorla_error_input")
  expect_error(confint(em, nsim = 100), class = "rescorla_error_input")
})
