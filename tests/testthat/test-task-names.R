test_that("a task's columns take no other column's place", {
  bandit <- function(...) task_bandit(c(0.2, 0.8), trials = 4, blocks = 2, ...)
  for (name in c("subject", "block", "trial", ".sim", ".subject")) {
    expect_error(bandit(columns = stats::setNames(data.frame(1:4), name)), name,
      class = "rescorla_error_input")
    expect_error(task_drift(4, blocks = 2, conditions = stats::setNames(data.frame(1:2), name)), name,
      class = "rescorla_error_input")
  }
  twice <- data.frame(a = 1:4, a = 1:4, check.names = FALSE)
  expect_error(bandit(columns = twice), "each different", class = "rescorla_error_input")
  expect_error(rl_task(trial = { subject ~ bernoulli(0.5) }, trials = 5), "subject",
    class = "rescorla_error_model")
})

test_that("model and task do not both make a column", {
  play <- function(task) simulate(rl_model("rw"), seed = 1, parameters = c(alpha = 0.3, beta = 5),
    task = task)
  expect_error(play(task_bandit(c(0.2, 0.8), 4, columns = data.frame(outcome = 1:4))), "actions pay",
    class = "rescorla_error_input")
  expect_error(play(task_bandit(c(0.2, 0.8), 4, columns = data.frame(choice = 1:4))), "a response",
    class = "rescorla_error_input")
  full <- task_bandit(c(0.2, 0.8), 4, foregone = TRUE, columns = data.frame(foregone_1 = 1:4))
  expect_error(play(full), "foregone_1", class = "rescorla_error_input")
})

test_that("a session of more trials than fit is an error", {
  expect_error(task_drift(1e9), "10,000,000", class = "rescorla_error_input")
  expect_error(task_bandit(c(0.2, 0.8), 1e6, blocks = 1e4), "10,000,000", class = "rescorla_error_input")
})

test_that("settings that change by block are checked as those that do not", {
  drift <- function(...) task_drift(4, blocks = 2, conditions = data.frame(...))
  expect_error(drift(sigma = c("a", "b")), "sigma", class = "rescorla_error_input")
  expect_error(drift(sigma = c(NA, 1)), "sigma", class = "rescorla_error_input")
  expect_error(drift(sigma = c(-1, 1)), "0 or more", class = "rescorla_error_input")
  expect_error(drift(hazard = c(0, 2)), "from 0 to 1", class = "rescorla_error_input")
  expect_s3_class(drift(sigma = c(0.1, 0.2), phase = c("early", "late")), "rl_task")
  # Arguments that are not settings would change nothing; names of the program's own are not to be had.
  expect_error(drift(correlation = c(0, 1)), "not block by block", class = "rescorla_error_input")
  expect_error(drift(lower = c(0, 0.5)), "not block by block", class = "rescorla_error_input")
  expect_error(task_reversal(4, blocks = 2, conditions = data.frame(low = 1:2)), "low",
    class = "rescorla_error_input")
  expect_error(task_reversal(4, blocks = 2, conditions = data.frame(n = 1:2, low = 1:2)), "low",
    class = "rescorla_error_input")
  expect_error(task_reversal(4, columns = data.frame(n = 1:4)), "`n`", class = "rescorla_error_input")
})

test_that("arguments of tasks that make no sense are named", {
  expect_error(task_drift(5, actions = NULL), "actions", class = "rescorla_error_input")
  expect_error(task_drift(5, actions = list(a = 2)), "actions", class = "rescorla_error_input")
  expect_error(rl_task(trial = { outcome ~ bernoulli(0.5) }), "trials", class = "rescorla_error_input")
  wrong <- list(levels = list(zz = 2), levels = c("a", "b"), settings = list(p = 1, p = 2))
  for (i in seq_along(wrong)) {
    expect_error(do.call(rl_task, c(list(trial = quote({ outcome ~ bernoulli(0.5) }), trials = 5),
      wrong[i])), names(wrong)[i], class = "rescorla_error_input")
  }
})

test_that("draws from what is no distribution are errors", {
  expect_error(rl_task(trial = { outcome ~ bernoulli(2) }, trials = 5), "between 0 and 1",
    class = "rescorla_error_model")
  expect_error(rl_task(trial = { if (choice == 1) outcome ~ bernoulli(p[choice]) }, trials = 5,
    settings = list(p = c(0.2, 1.2))), "1.2", class = "rescorla_error_model")
  expect_error(rl_task(trial = { outcome <- 1 + rnorm(0, s) }, trials = 5, settings = list(s = -1)),
    "negative", class = "rescorla_error_model")
  expect_s3_class(rl_task(trial = { outcome ~ bernoulli(p + 0.1) }, trials = 5,
    settings = list(p = c(0.2, 0.95))), "rl_task")
})

test_that("levels that a program makes and `levels` lacks are an error", {
  task <- rl_task(trial = { s <- choice + 1; outcome <- 1 }, trials = 5, levels = list(s = c("x", "y")))
  expect_error(product_values(c(2, 3), "s", task, NULL), "do not exist", class = "rescorla_error_model")
  expect_equal(as.character(product_values(c(2, 1, NA), "s", task, NULL)), c("y", "x", NA))
})
