bandit <- function(trials = 60) task_bandit(c(0.2, 0.8), trials = trials)

study <- function() once("recovery study", {
  rl_recover("rw", bandit(), subjects = 40, starts = 4, seed = 1,
    parameters = list(alpha = c(0.2, 0.8), beta = c(1, 6)))
})

test_that("subjects are simulated with their true values and fitted", {
  x <- study()
  rows <- x$subjects
  expect_equal(dim(rows), c(80, 9))
  expect_equal(rows$parameter, rep(c("alpha", "beta"), 40))
  expect_true(all(rows$true >= rep(c(0.2, 1), 40) & rows$true <= rep(c(0.8, 6), 40)))
  # By hand, with the same seeds.
  truth <- data.frame(alpha = rows$true[rows$parameter == "alpha"],
    beta = rows$true[rows$parameter == "beta"])
  seed <- rescorla:::job_seed(1, 1)
  data <- simulate(rl_model("rw"), seed = seed, parameters = truth, task = bandit())
  fit <- quiet_fit("rw", data, starts = 4, seed = seed)
  expect_identical(rows$estimate, as.vector(t(as.matrix(coef(fit)[-1]))))
  expect_identical(rows$lower, confint(fit)$lower)
  expect_identical(rows$at_bound, as.vector(t(fit$at_bound)))
})

test_that("summaries are what they say", {
  rows <- study()$subjects
  alpha <- rows[rows$parameter == "alpha", ]
  beta <- rows[rows$parameter == "beta", ]
  found <- study()$summary
  expect_equal(found$parameter, c("alpha", "beta"))
  expect_equal(found$r[1], cor(alpha$true, alpha$estimate))
  expect_equal(found$rank[2], cor(rank(beta$true), rank(beta$estimate)))
  expect_equal(found$bias[1], mean(alpha$estimate - alpha$true))
  expect_equal(found$coverage[2], mean(beta$lower <= beta$true & beta$upper >= beta$true))
  expect_equal(found$at_bound, c(mean(alpha$at_bound), mean(beta$at_bound)))
  # The end of the search, 100, is no estimate; the end of the range, 1, is.
  kept <- beta[beta$estimate < 100, ]
  expect_lt(nrow(kept), nrow(beta))
  expect_equal(found$n, c(40, nrow(kept)))
  expect_equal(found$rmse[2], sqrt(mean((kept$estimate - kept$true)^2)))
  expect_equal(found$r[2], cor(kept$true, kept$estimate))

  both <- study()$correlation
  expect_equal(both$estimates["alpha", "beta"],
    cor(alpha$estimate, beta$estimate, method = "spearman"))
  expect_equal(both$true["beta", "alpha"], cor(alpha$true, beta$true, method = "spearman"))
  expect_equal(both$difference, both$estimates - both$true)
  expect_identical(as.data.frame(study()), rows)
  expect_identical(tidy(study()), found)
})

test_that("a subject that failed counts as such", {
  rows <- data.frame(replicate = 1, subject = rep(1:4, each = 2), parameter = c("alpha", "beta"),
    true = c(0.1, 1, 0.2, 2, 0.3, 3, 0.4, 4), estimate = c(0.2, 1, NA, NA, 0.3, 100, 0.5, 5),
    lower = NA, upper = NA, at_bound = c(FALSE, FALSE, FALSE, FALSE, FALSE, TRUE, FALSE, FALSE),
    status = "converged")
  found <- rescorla:::recovery_summary(rows, rl_model("rw"))
  expect_equal(found$failed, c(1, 1))
  expect_equal(found$n, c(3, 2))
  expect_equal(found$bias, c(0.2 / 3, 0.5))
  expect_equal(found$at_bound, c(0, 1 / 3))
})

test_that("true values come from ranges, numbers, functions, priors and data frames", {
  model <- rl_model("rw")
  draw <- function(parameters, n = 4000) {
    sources <- rescorla:::parameter_sources(parameters, model, NULL)
    rescorla:::draw_sources(sources, model, n, 1, NULL)
  }
  values <- draw(list(alpha = prior_beta(2, 5), beta = function(n) rexp(n, 1 / 3)))
  expect_gt(ks.test(values[, "alpha"], pbeta, 2, 5)$p.value, 0.001)
  expect_gt(ks.test(values[, "beta"], pexp, 1 / 3)$p.value, 0.001)
  values <- draw(list(alpha = 0.3, beta = prior_normal(1, 0.5)))
  expect_equal(unique(values[, "alpha"]), 0.3)
  expect_gt(ks.test(values[, "beta"], plnorm, 1, 0.5)$p.value, 0.001)
  values <- draw(list(alpha = c(0.5, 0.6)))
  expect_gt(ks.test(values[, "alpha"], punif, 0.5, 0.6)$p.value, 0.001)
  # By kind: evenly on the logarithm.
  expect_gt(ks.test(log(values[, "beta"]), punif, log(0.5), log(10))$p.value, 0.001)
  values <- draw(NULL)
  expect_gt(ks.test(values[, "alpha"], punif, 0.1, 0.9)$p.value, 0.001)
  # The model's own prior, where it has one.
  model <- rl_model("rw", alpha = unit_interval(prior = prior_beta(9, 1)))
  expect_gt(ks.test(draw(NULL)[, "alpha"], pbeta, 9, 1)$p.value, 0.001)

  truth <- data.frame(alpha = c(0.2, 0.5, 0.7), beta = c(2, 3, 4))
  x <- rl_recover("rw", bandit(30), parameters = truth, nsim = 2, starts = 3, seed = 1)
  expect_equal(x$subjects$true, rep(as.vector(t(as.matrix(truth))), 2))
  expect_false(identical(x$subjects$estimate[1:6], x$subjects$estimate[7:12]))
})

test_that("what a group truly is follows from the distribution", {
  kinds <- rl_model("rw")$kinds
  moments <- \(source, kind) rescorla:::source_moments(source, kinds[[kind]], kind, NULL)
  expect_equal(moments(prior_normal(-1, 0.4), "alpha"), c(mean = -1, sd = 0.4, median = -1))
  # The logit of a uniform number is logistic, with variance pi^2 / 3.
  expect_equal(moments(c(0, 1 - 1e-12) + 1e-13, "alpha")[["sd"]], pi / sqrt(3), tolerance = 0.01)
  expect_equal(moments(c(0.2, 0.8), "alpha")[["mean"]], 0, tolerance = 1e-8)
  expect_equal(moments(c(0.2, 0.8), "alpha")[["sd"]],
    sqrt(integrate(\(x) qlogis(x)^2 / 0.6, 0.2, 0.8)$value), tolerance = 1e-4)
  expect_equal(moments(function(n) rlnorm(n, 1, 0.5), "beta")[1:2], c(mean = 1, sd = 0.5),
    tolerance = 0.02)
})

test_that("hierarchical fits recover the group", {
  x <- rl_recover("rw", bandit(100), subjects = 30, nsim = 4, method = "em", starts = 3, seed = 2,
    parameters = list(alpha = prior_normal(-0.5, 0.8), beta = prior_normal(1, 0.4)))
  group <- x$group
  expect_equal(unique(group$quantity),
    c("alpha", "beta", "sd_alpha", "sd_beta", "cor_alpha_beta"))
  expect_equal(group$true[1:5], c(plogis(-0.5), exp(1), 0.8, 0.4, 0))
  first <- group[group$quantity == "alpha", ]
  expect_true(mean(first$covered) >= 0.5)
  expect_lt(abs(mean(first$estimate) - plogis(-0.5)), 0.08)
  expect_equal(first$covered, first$lower <= first$true & first$true <= first$upper)
  expect_gt(mean(x$subjects$lower <= x$subjects$true & x$subjects$true <= x$subjects$upper), 0.85)
  expect_true(all(x$subjects$lower < x$subjects$estimate & x$subjects$estimate < x$subjects$upper))

  # Shared by all: an estimate with an error, and no spread.
  shared <- rl_recover("rw", bandit(60), subjects = 15, method = "em", formula = beta ~ 1,
    starts = 3, seed = 2, parameters = list(beta = 3))
  expect_equal(shared$group$quantity, c("alpha", "beta", "sd_alpha"))
  expect_equal(shared$group$true[2], 3)
  own <- shared$subjects[shared$subjects$parameter == "beta", ]
  expect_length(unique(own$estimate), 1)
  expect_equal(unique(own$upper), shared$group$upper[2])
  expect_lt(own$lower[1], own$estimate[1])
})

test_that("full Bayes gives quantiles of draws", {
  x <- rl_recover("rw", bandit(40), subjects = 4, method = "nuts", chains = 1, warmup = 100,
    draws = 100, starts = 3, seed = 1)
  expect_equal(nrow(x$subjects), 8)
  expect_true(all(x$subjects$lower < x$subjects$upper))
  expect_true(all(x$group$lower < x$group$estimate & x$group$estimate < x$group$upper))
})

test_that("several tasks are a design, and a function a task for each replicate", {
  tasks <- list("20 trials" = bandit(20), "200 trials" = bandit(200))
  x <- rl_recover("rw", tasks, subjects = 60, starts = 3, seed = 1)
  expect_equal(as.character(x$summary$task), rep(names(tasks), each = 2))
  expect_lt(x$summary$rmse[3], x$summary$rmse[1])
  # The same subjects do all tasks.
  expect_equal(x$subjects$true[1:120], x$subjects$true[121:240])
  expect_named(x$correlation, names(tasks))

  seen <- integer()
  by_function <- rl_recover("rw", \(i) {
    seen <<- c(seen, i)
    bandit(20 + 20 * i)
  }, subjects = 3, nsim = 2, starts = 3, seed = 1)
  expect_equal(seen, 1:2)
  plain <- rl_recover("rw", bandit(40), subjects = 3, nsim = 2, starts = 3, seed = 1)
  expect_identical(by_function$subjects[1:6, ], plain$subjects[1:6, ])
})

test_that("outcomes laid down by subject go with their subjects", {
  skip_if_not(rescorla:::cell_size == 1000L)
  outcomes <- withr::with_seed(1, array(rbinom(1002 * 10 * 2, 1, 0.5), c(1002, 10, 2)))
  tasks <- rescorla:::study_tasks(task_outcomes(outcomes), NULL)
  truth <- list(values = \(r) matrix(0.5, 1002, 2))
  jobs <- rescorla:::recovery_jobs(tasks, truth, 1002L, 1, FALSE, 1, NULL)
  expect_length(jobs, 2)
  expect_identical(jobs[[2]]$rows, 1001:1002)
  expect_identical(jobs[[2]]$task$first, outcomes[1001:1002, , ] + 0)
})

test_that("a study does not depend on workers, threads and interruptions", {
  skip_on_cran()
  skip_if_not_installed("future")
  serial <- small_study()
  expect_identical(study_result(small_study(threads = 1)), study_result(serial))
  folder <- withr::local_tempdir()
  parallel <- with_two_workers(small_study(checkpoint = folder))
  expect_identical(study_result(parallel), study_result(serial))
  unlink(file.path(folder, "job-000002.rds"))
  expect_identical(study_result(small_study(checkpoint = folder)), study_result(serial))
  expect_error(small_study(checkpoint = folder, interval = "curvature"), "different call",
    class = "rescorla_error_input")
  expect_error(rl_recover("rw", bandit(20), subjects = 2, checkpoint = folder), "needs a `seed`",
    class = "rescorla_error_input")
})

test_that("R's generator gives the seed where there is none", {
  go <- \() rl_recover("rw", bandit(20), subjects = 2, starts = 2)
  expect_identical(withr::with_seed(3, go())$subjects, withr::with_seed(3, go())$subjects)
  expect_false(identical(withr::with_seed(3, go())$seed, withr::with_seed(4, go())$seed))
})

# Wilson and Collins (2019), "Check that you can recover your parameters": learning rates uniform,
# inverse temperatures exponential with mean 10, 1,000 trials. The learning rate is recovered well
# but where choices are near random.
test_that("the published recovery study is reproduced", {
  skip_on_cran()
  x <- rl_recover("rw", bandit(1000), subjects = 300, starts = 5, seed = 1,
    parameters = list(alpha = c(0, 1), beta = \(n) rexp(n, 1 / 10)))
  alpha <- x$subjects[x$subjects$parameter == "alpha", ]
  beta <- x$subjects[x$subjects$parameter == "beta", ]
  steep <- beta$true > 1
  expect_gt(cor(alpha$true[steep], alpha$estimate[steep]), 0.95)
  expect_lt(cor(alpha$true[!steep], alpha$estimate[!steep]),
    cor(alpha$true[steep], alpha$estimate[steep]) - 0.1)
  off <- abs(alpha$true - alpha$estimate) > 0.25
  expect_lt(mean(off), 0.06)
  expect_lt(median(beta$true[off]), 0.3 * median(beta$true))
  expect_gt(x$summary$rank[2], 0.9)
})

test_that("errors say what is wrong", {
  expect_snapshot(error = TRUE, {
    rl_recover("rw", bandit(), parameters = list(alhpa = c(0, 1)))
    rl_recover("rw", bandit(), parameters = list(alpha = c(0.9, 0.1)))
    rl_recover("rw", bandit(), parameters = list(beta = c(-1, 2)))
    rl_recover("rw", bandit(), parameters = list(alpha = \(n) 0.5), subjects = 3)
    rl_recover("rw", bandit(), parameters = list(alpha = prior_half_normal(1)))
    rl_recover("rw", bandit(), parameters = data.frame(alpha = 0.5))
    rl_recover("rw", bandit(), start = 3)
    rl_recover("rw", bandit(), chains = 2)
    rl_recover("rw", list(a = bandit(), a = bandit()))
    rl_recover("rw")
    rl_recover("rw", bandit(), method = "em", interval = "profile")
  })
})

test_that("a study prints", {
  expect_snapshot(print(study()))
  text <- capture.output(print(rl_recover("rw", list(short = bandit(15), long = bandit(60)),
    subjects = 12, method = "em", starts = 3, seed = 1)))
  expect_equal(text[2],
    "  empirical Bayes (EM), 12 subjects, 2 tasks; 95% intervals given the group")
  expect_length(grep("^  (short|long) +(alpha|beta) +12 ", text), 4)
  expect_length(grep("^  (short|long) +(alpha|beta|sd_alpha|sd_beta|cor_alpha_beta) ", text), 14)
  expect_true(all(nchar(text) <= 80))
})

test_that("pictures show the study", {
  skip_if_not_installed("ggplot2")
  x <- study()
  data <- ggplot2::layer_data(plot(x), 2)
  expect_equal(nrow(data), 80)
  # The end of the search is at the edge, where estimates inside do not reach.
  beta <- data[data$PANEL == 2, ]
  expect_true(max(beta$y) < 20)
  corner <- ggplot2::layer_data(plot(x), 3)
  expect_equal(corner$label, paste0("r = ", formatC(x$summary$r, digits = 2, format = "f")))
  expect_equal(nrow(ggplot2::layer_data(plot(x, "bias", parameters = "alpha"), 2)), 40)
  tiles <- plot(x, "correlation")$data
  expect_equal(tiles$r[tiles$row == "beta" & tiles$column == "alpha"],
    x$correlation$estimates[1, 2])
  expect_equal(tiles$r[tiles$row == "alpha" & tiles$column == "beta"], x$correlation$true[1, 2])
  shown <- plot(x, "coverage")$data
  expect_equal(shown$n, c(40, 40))
  wanted <- prop.test(round(shown$coverage[1] * 40), 40, correct = FALSE)$conf.int
  expect_equal(c(shown$lower[1], shown$upper[1]), as.vector(wanted), tolerance = 1e-6)
  expect_error(plot(x, "group"), class = "rescorla_error_input")
  expect_error(plot(x, "design"), class = "rescorla_error_input")
  expect_error(plot(x, parameters = "gamma"), class = "rescorla_error_input")
})

test_that("errors of the user's functions are told as those of the argument", {
  error <- expect_error(rl_recover("rw", bandit(), subjects = 3, seed = 1,
    parameters = list(alpha = \(n) stop("no {luck}"))), class = "rescorla_error_input")
  expect_match(conditionMessage(error), "parameters$alpha", fixed = TRUE)
  expect_match(conditionMessage(error), "no {luck}", fixed = TRUE)
  error <- expect_error(rl_recover("rw", \(i) stop("gone"), subjects = 3, seed = 1),
    class = "rescorla_error_input")
  expect_match(conditionMessage(error), "`task` failed.*gone")
})

test_that("a number has no spread, at the end of its range too", {
  expect_equal(rescorla:::source_moments(1, rl_model("rw")$kinds$alpha, "alpha", NULL)[["sd"]], 0)
  expect_equal(rescorla:::source_moments(0.3, rl_model("rw")$kinds$alpha, "alpha", NULL),
    c(mean = qlogis(0.3), sd = 0, median = qlogis(0.3)))
})

test_that("what is recovered poorly is told with the tasks in which it is", {
  table <- data.frame(task = factor(c("short", "long")), parameter = "alpha", rank = c(0.3, 0.8))
  study <- list(summary = table, model = rl_model("rw"),
    subjects = data.frame(parameter = "alpha", estimate = 0.5, at_bound = FALSE),
    troubles = data.frame(settled = TRUE, divergent = 0, transitions = 0, rhat = NA))
  expect_match(rescorla:::recovery_notes(study)[2], "^alpha \\(short\\) is recovered poorly")
})

test_that("names under the correlations of several tasks are turned, lest they touch", {
  skip_if_not_installed("ggplot2")
  study <- rl_recover("rw", list(a = bandit(), b = bandit()), subjects = 4, starts = 1, seed = 1)
  expect_equal(plot(study, "correlation")$theme$axis.text.x$angle, 30)
})

test_that("a task that a model cannot play is found before anything runs", {
  expect_error(rl_recover("rw", task_two_step(20), subjects = 4, seed = 1), "`choice1`",
    class = "rescorla_error_model")
  expect_error(rl_recover("igt_pvl_delta", list(a = bandit()), subjects = 4, seed = 1), "`gain`",
    class = "rescorla_error_model")
})
