own_parameters <- list(alpha = prior_normal(-0.8, 0.6), beta = prior_normal(1.2, 0.3))

power_study <- function(...) {
  rl_power("rw", task_bandit(c(0.2, 0.8), trials = 60), own_parameters, seed = 1, starts = 3, ...)
}

test_that("groups differ by what is said, and by nothing else", {
  model <- rl_model("rw")
  sources <- rescorla:::parameter_sources(own_parameters, model, NULL)
  shift <- rescorla:::power_shift(list(alpha = 0.2), "natural", sources, model, NULL)
  expect_equal(shift, c(alpha = qlogis(plogis(-0.8) + 0.2) + 0.8))
  expect_equal(rescorla:::power_shift(c(beta = -0.3), "link", sources, model, NULL), c(beta = -0.3))
  # The median of a range.
  even <- rescorla:::parameter_sources(list(alpha = c(0.2, 0.6)), model, NULL)
  expect_equal(rescorla:::power_shift(c(alpha = 0.1), "natural", even, model, NULL),
    c(alpha = qlogis(0.5) - qlogis(0.4)), tolerance = 1e-6)

  tasks <- rescorla:::study_tasks(task_bandit(c(0.2, 0.8), trials = 5), NULL)
  jobs <- rescorla:::power_jobs(sources, shift, model, tasks, 2000L, 1, TRUE, 1, NULL)
  one <- qlogis(jobs[[1]]$values[, "alpha"])
  expect_lt(abs(mean(one[2001:4000]) - mean(one[1:2000]) - shift), 4 * 0.6 * sqrt(2 / 2000))
  expect_lt(abs(sd(one[2001:4000]) / sd(one[1:2000]) - 1), 0.07)
  expect_gt(ks.test(log(jobs[[1]]$values[, "beta"]), pnorm, 1.2, 0.3)$p.value, 0.001)
  expect_gt(ks.test(qlogis(jobs[[2]]$values[, "alpha"]), pnorm, -0.8, 0.6)$p.value, 0.001)
})

test_that("tests are those of the documentation", {
  x <- power_study(difference = list(alpha = 0.25), subjects = 8, nsim = 2)
  expect_equal(x$simulations$p, 2 * pnorm(-abs(x$simulations$statistic)))
  expect_equal(x$simulations$detected, x$simulations$p < 0.05)
  # The second simulation by hand, with a factor in the formula.
  model <- rl_model("rw")
  sources <- rescorla:::parameter_sources(own_parameters, model, NULL)
  values <- as.data.frame(rescorla:::draw_sources(sources, model, 16,
    rescorla:::job_seed(1, 2, stream = 1), NULL))
  values$alpha[9:16] <- plogis(qlogis(values$alpha[9:16]) + x$shift)
  seed <- rescorla:::job_seed(1, 2)
  data <- simulate(model, seed = seed, parameters = values,
    task = task_bandit(c(0.2, 0.8), trials = 60))
  data$group <- ifelse(data$subject <= 8, "first", "second")
  fit <- quiet_fit(model, data, method = "em", formula = alpha ~ group, starts = 3, seed = seed)
  expect_equal(x$simulations$estimate[2], fixef(fit)[["alpha:groupsecond"]], tolerance = 1e-6)
  expect_equal(x$simulations$error[2], sqrt(diag(vcov(fit)))[["alpha:groupsecond"]],
    tolerance = 1e-5)

  by_subject <- power_study(difference = list(alpha = 0.25), subjects = 8, nsim = 2, method = "mle")
  fit <- quiet_fit(model, data, method = "mle", starts = 3, seed = seed)
  estimates <- coef(fit)$alpha
  wanted <- t.test(estimates[9:16], estimates[1:8])
  expect_equal(by_subject$simulations$p[2], wanted$p.value)
  expect_equal(by_subject$simulations$estimate[2], mean(estimates[9:16]) - mean(estimates[1:8]))
})

test_that("power grows with subjects, and there are few false alarms", {
  skip_on_cran()
  x <- power_study(difference = list(alpha = 0.3), subjects = c(30, 5), nsim = 40, method = "map",
    null = TRUE)
  expect_equal(x$power$subjects, c(5, 30, 5, 30))
  expect_equal(x$power$difference, c(0.3, 0.3, 0, 0))
  expect_gt(x$power$power[2], x$power$power[1] + 0.2)
  # 80 tests at 0.05: more than 11 are one in a thousand.
  expect_lte(sum(x$power$detected[3:4]), 11)
  wanted <- prop.test(x$power$detected[1], 40, correct = FALSE)$conf.int
  expect_equal(c(x$power$lower[1], x$power$upper[1]), as.vector(wanted), tolerance = 1e-6)
  expect_equal(nrow(as.data.frame(x)), 160)
  expect_identical(tidy(x), x$power)
})

test_that("Wilson's interval is right at its ends", {
  for (k in c(0, 1, 10)) {
    expect_equal(as.vector(rescorla:::wilson_interval(k, 10)),
      as.vector(suppressWarnings(prop.test(k, 10, correct = FALSE))$conf.int), tolerance = 1e-8)
  }
})

test_that("full Bayes tests by its interval", {
  x <- power_study(difference = list(alpha = 0.3), subjects = 6, nsim = 1, method = "nuts",
    chains = 1, warmup = 100, draws = 100)
  expect_true(is.na(x$simulations$p))
  expect_type(x$simulations$detected, "logical")
})

test_that("wrong requests are errors", {
  expect_snapshot(error = TRUE, {
    power_study()
    power_study(difference = 0.1)
    power_study(difference = list(gamma = 0.1))
    power_study(difference = list(alpha = 0.9))
    power_study(difference = list(alpha = 0.1), subjects = c(10, 10))
    power_study(difference = list(alpha = 0.1), formula = alpha ~ group)
  })
})

test_that("a power study prints and is drawn", {
  x <- power_study(difference = list(alpha = 0.3), subjects = c(4, 8), nsim = 3, method = "map",
    null = TRUE)
  x$power$power[1:2] <- c(0.5, 0.9)
  x$power$detected[3:4] <- c(0, 1)
  text <- capture.output(print(x))
  expect_match(text, "alpha: a power of 0.8 is reached at 8 subjects per group, and not at 4.",
    fixed = TRUE, all = FALSE)
  expect_match(text, "False alarms without a difference: 0.167 of the tests, 0.05 expected.",
    fixed = TRUE, all = FALSE)
  expect_true(all(nchar(text) <= 80))
  x$power$power[1:2] <- 0.5
  expect_match(capture.output(print(x)), "stays below 0.8 up to 8 subjects", all = FALSE)
  skip_if_not_installed("ggplot2")
  lines <- ggplot2::layer_data(plot(x), 3)
  expect_equal(sort(lines$y), sort(x$power$power))
})

test_that("a difference that is none, is said twice or starts at a range's end is refused", {
  refused <- function(..., parameters = own_parameters) {
    expect_error(rl_power("rw", task_bandit(c(0.2, 0.8), trials = 10), parameters, nsim = 1, ...),
      class = "rescorla_error_input")
  }
  expect_match(conditionMessage(refused(difference = list(alpha = 0.2, beta = 0))), "`beta` is 0")
  expect_match(conditionMessage(refused(difference = c(alpha = 0.1, alpha = 0.2))), "twice")
  edge <- refused(difference = list(alpha = -0.2), parameters = list(alpha = 1))
  expect_match(conditionMessage(edge), "end of its range")
})
