generative <- function(...) simulate(check_fit(), type = "generative", ...)

test_that("one step ahead is the default, and generative with a task", {
  fit <- check_fit()
  expect_identical(simulate(fit, seed = 3), simulate(fit, seed = 3, type = "one_step"))
  task <- task_bandit(c(0.2, 0.8), trials = 10)
  expect_identical(simulate(fit, seed = 3, task = task),
    simulate(rl_model("rw"), seed = 3, parameters = coef(fit), task = task))
  expect_error(simulate(fit, task = task, type = "one_step"), class = "rescorla_error_input")
})

test_that("generative data keep rows, missed trials, forced choices and hidden outcomes", {
  frame <- check_frame()
  made <- generative(seed = 2)
  expect_identical(names(made), names(frame))
  same <- setdiff(names(frame), c("choice", "outcome"))
  expect_identical(made[same], frame[same], ignore_attr = TRUE)
  expect_identical(is.na(made$choice), is.na(frame$choice))
  forced <- which(frame$forced)
  expect_identical(made$choice[forced], frame$choice[forced])
  expect_gt(mean(made$choice != frame$choice, na.rm = TRUE), 0.2)
  # What was chosen paid what it would have paid; nothing is shown where nothing was.
  chosen <- ifelse(made$choice == 1, made$foregone_1, made$foregone_2)
  shown <- !is.na(frame$outcome)
  expect_equal(made$outcome[shown], chosen[shown])
  expect_true(all(is.na(made$outcome[!shown])))
  expect_identical(rl_data(made)$roles, check_data()$roles)
})

test_that("subjects learn from what they did: the engine's probabilities are those of its data", {
  fit <- check_fit("rw_sticky")
  plan <- rescorla:::simulation_plan(fit, 2L, "generative", NULL, NULL, 4, NULL)
  run <- rescorla:::replicate_runs(fit, plan, c("choice", "value"), NULL)(2)
  made <- subset(simulate(fit, nsim = 2, seed = 4, type = "generative"), .sim == 2)
  attr(made, "rescorla_roles") <- NULL
  latents <- rl_latents("rw_sticky", check_data(made), coef(fit))
  place <- rescorla:::order_of_rows(check_data(made))
  there <- !is.na(made$choice)
  expect_equal(run$items$choice[[2]][place][there], latents$p_2[there])
  expect_equal(run$items$value[[1]][place], latents$value_1)
})

test_that("choices follow the closed form of two trials", {
  frame <- data.frame(subject = rep(c("a", "b"), each = 2), choice = c(1, 2, 2, 1),
    outcome = c(1, 0, 0, 1), f1 = c(1, 0, 1, 0), f2 = c(0, 1, 0, 1))
  data <- suppressWarnings(rl_data(frame, foregone = c("f1", "f2")))
  fit <- suppressWarnings(rl_fit("rw", data, method = "map", starts = 3, seed = 1))
  fit$estimates[] <- c(0.4, 0.7, 3, 2)
  made <- simulate(fit, nsim = 4000, seed = 8, type = "generative")
  for (who in c("a", "b")) {
    own <- made[made$subject == who, ]
    first <- own$choice[c(TRUE, FALSE)]
    second <- own$choice[c(FALSE, TRUE)]
    alpha <- fit$estimates[who, "alpha"]
    beta <- fit$estimates[who, "beta"]
    expect_lt(abs(mean(first == 2) - 0.5), 4 * 0.5 / sqrt(4000))
    for (a in 1:2) {
      value <- c(0.5, 0.5)
      value[a] <- value[a] + alpha * (frame[[c("f1", "f2")[a]]][1] - value[a])
      p <- plogis(beta * (value[2] - value[1]))
      n <- sum(first == a)
      expect_lt(abs(mean(second[first == a] == 2) - p), 4 * sqrt(p * (1 - p) / n))
    }
  }
})

test_that("only actions on offer are chosen", {
  frame <- check_frame()
  frame$a1 <- TRUE
  frame$a2 <- seq_len(nrow(frame)) %% 4 != 1
  frame$choice[!frame$a2 & !is.na(frame$choice)] <- 1L
  data <- suppressWarnings(rl_data(frame, block = "block", available = c("a1", "a2"),
    foregone = c("foregone_1", "foregone_2")))
  fit <- suppressWarnings(rl_fit("rw", data, method = "map", starts = 3, seed = 1))
  made <- simulate(fit, nsim = 3, seed = 1, type = "generative")
  expect_true(all(made$choice[!made$a2] == 1, na.rm = TRUE))
  expect_true(any(made$choice[made$a2] == 2, na.rm = TRUE))
})

test_that("replicates do not depend on how many there are, nor on threads", {
  many <- generative(nsim = 11, seed = 5)
  expect_identical(subset(many, .sim <= 2)$choice, generative(nsim = 2, seed = 5)$choice)
  expect_identical(subset(many, .sim == 1)$choice, generative(seed = 5)$choice)
  expect_false(identical(subset(many, .sim == 9)$choice, subset(many, .sim == 1)$choice))
  expect_equal(rl_data(many)$counts$subjects, 88)
  old <- RcppParallel::defaultNumThreads()
  RcppParallel::setThreadOptions(numThreads = 1)
  on.exit(RcppParallel::setThreadOptions(numThreads = 2))
  expect_identical(generative(nsim = 11, seed = 5)$choice, many$choice)
})

test_that("a source of outcomes is needed, and the error says which would do", {
  bare <- fit_of("rw")
  attr(bare$data$data, "rescorla_task") <- NULL
  expect_snapshot(simulate(bare, type = "generative"), error = TRUE)
  frame <- check_frame()
  frame$foregone_1[10] <- NA
  frame$choice[10] <- 2L
  holes <- suppressWarnings(rl_fit("rw", check_data(frame), starts = 3, seed = 1))
  expect_snapshot(simulate(holes, type = "generative"), error = TRUE)
  expect_error(simulate(bare, type = "generative"), class = "rescorla_error_input")
  two <- suppressMessages(suppressWarnings(rl_data(rl_data_example("ts"), task = "ts")))
  stages <- suppressWarnings(rl_fit("ts_par4", two, starts = 2, seed = 1))
  expect_error(simulate(stages, type = "generative"), "several choices")
  cards <- suppressMessages(suppressWarnings(rl_data(rl_data_example("igt"), task = "igt")))
  decks <- suppressWarnings(rl_fit("igt_pvl_delta", cards, starts = 2, seed = 1))
  expect_error(simulate(decks, type = "generative"), "gain")
  expect_snapshot(simulate(check_fit(), type = "generative", output = "arrays"), error = TRUE)
})

test_that("data may carry the task they came from", {
  task <- task_bandit(c(0.3, 0.7), trials = 20, blocks = 2)
  made <- simulate(rl_model("rw"), seed = 1, parameters = c(alpha = 0.3, beta = 3), subjects = 4,
    task = task)
  fit <- suppressWarnings(rl_fit("rw", made, method = "map", starts = 3, seed = 1))
  expect_identical(simulate(fit, seed = 2, type = "generative"), simulate(fit, seed = 2, task = task))
})

test_that("a model that learns from no outcome needs no source of them", {
  data <- suppressMessages(suppressWarnings(rl_data(rl_data_example("dd"), task = "dd")))
  fit <- suppressWarnings(rl_fit("dd_hyperbolic", data, method = "map", starts = 3, seed = 1))
  made <- simulate(fit, nsim = 200, seed = 1, type = "generative")
  share <- tapply(made[[data$roles$choice]] == data$actions$choice[2],
    rep(seq_len(nrow(data$data)), 200), mean)
  expect_lt(max(abs(share - predict(fit)[[2]])), 4 * 0.5 / sqrt(200))
})

test_that("full Bayes fits take another draw for each replicate", {
  fit <- nuts_fit()
  kept <- fit$group$subject_draws
  made <- simulate(fit, draws = c(7, 503), seed = 2)
  expect_equal(attr(made, "draws"),
    data.frame(.sim = 1:2, draw = c(7L, 503L), chain = 1:2, iteration = c(7L, 3L)))
  # The same as point estimates of that value.
  point <- fit
  point$method <- "map"
  class(point) <- "rl_fit"
  point$estimates[] <- kept[7, 1, , ]
  expect_identical(subset(made, .sim == 1)$choice, simulate(point, seed = 2)$choice)
  point$estimates[] <- kept[3, 2, , ]
  expect_identical(subset(made, .sim == 2)$choice,
    subset(simulate(point, nsim = 2, seed = 2), .sim == 2)$choice)
  chosen <- attr(simulate(fit, nsim = 30, seed = 3), "draws")$draw
  expect_identical(chosen, attr(simulate(fit, nsim = 30, seed = 3), "draws")$draw)
  expect_false(anyDuplicated(chosen) > 0)
  expect_false(identical(chosen, attr(simulate(fit, nsim = 30, seed = 4), "draws")$draw))

  task <- task_bandit(c(0.2, 0.8), trials = 5)
  played <- simulate(fit, draws = c(7, 503), seed = 2, task = task)
  expect_equal(nrow(played), 2 * 10 * 5)
  expect_equal(rl_data(played)$counts$subjects, 20)
  expect_snapshot(error = TRUE, {
    simulate(fit, draws = 5000)
    simulate(fit_of("rw"), draws = 1)
  })
})

test_that("blocks with parameters of their own can be simulated on their rows", {
  frame <- check_frame()
  frame$condition <- c("a", "b")[frame$block]
  fit <- quiet_fit("rw", check_data(frame), method = "em", seed = 1,
    formula = beta ~ condition + (1 | subject))
  made <- simulate(fit, nsim = 2, seed = 1, type = "generative")
  expect_equal(rl_data(made)$counts$subjects, 16)
  expect_identical(subset(made, .sim == 1)$choice, simulate(fit, seed = 1, type = "generative")$choice)
  expect_error(simulate(fit, task = task_bandit(c(0.2, 0.8), trials = 5)), "Every block")
})

test_that("data without choices are simulated as such", {
  set.seed(1)
  frame <- data.frame(subject = rep(1:2, each = 30), outcome = rnorm(60, 150, 20))
  frame$prediction <- 150 + cumsum(rnorm(60))
  fit <- suppressWarnings(rl_fit("change_point", rl_data(frame, choice = NULL), starts = 2, seed = 1, method = "map"))
  made <- simulate(fit, seed = 1)
  expect_identical(made$outcome, frame$outcome)
  expect_true(all(made$prediction != frame$prediction))
  # It carries its roles, and no choice is looked for.
  expect_s3_class(rl_data(made), "rl_data")
  expect_s3_class(suppressWarnings(plot(fit, "recovery", seed = 1)), "ggplot")
})
