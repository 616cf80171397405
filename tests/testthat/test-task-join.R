model <- function(trial, columns = character()) {
  rl_model("m", parameters = list(alpha = unit_interval()), state = list(value = per_action(0)),
    trial = trial, columns = columns)
}
join <- function(model, task) rescorla:::join_task(model, task, 0L, NULL)

test_that("a model and a task that wait for each other are an error that names both lines", {
  plain <- quote({
    choice ~ softmax(value)
    value[choice] <- value[choice] + alpha * (outcome - value[choice])
  })
  late <- quote({
    value <- value + alpha * outcome
    choice ~ softmax(value)
  })
  bandit <- rl_task(trial = { outcome ~ bernoulli(0.3 * choice) }, trials = 5)
  seen <- quote({
    choice ~ softmax(value * cue)
    value[choice] <- value[choice] + alpha * (outcome - value[choice])
  })
  after <- rl_task(trial = {
    cue <- runif(0, 1) + 0 * choice
    outcome ~ bernoulli(0.5)
  }, trials = 5)
  two <- rl_task(trial = { outcome ~ bernoulli(0.2 * choice1 + 0.2 * choice2) }, trials = 5,
    actions = list(choice1 = 2, choice2 = 2))
  expect_snapshot(error = TRUE, {
    join(model(late), bandit)
    join(model(seen, "cue"), after)
    join(model(seen, "cue"), bandit)
    join(model(plain), two)
    join(rl_model("m", parameters = list(alpha = unit_interval()), state = list(value = scalar(cue)),
      trial = { choice ~ bernoulli(alpha) }, columns = "cue"), after)
  })
  expect_error(join(model(late), bandit), class = "rescorla_error_model")
})

test_that("levels that a task makes need a number", {
  by_cue <- rl_model("m", parameters = list(alpha = unit_interval()),
    state = list(value = array_of(0, c(cue, choice))), columns = "cue",
    trial = {
      choice ~ softmax(value[cue, ])
      value[cue, choice] <- value[cue, choice] + alpha * (outcome - value[cue, choice])
    })
  cues <- function(levels) {
    rl_task(trial = {
      cue ~ categorical(c(1, 1, 1))
      outcome ~ bernoulli(0.5)
    }, trials = 5, levels = levels)
  }
  expect_snapshot(error = TRUE, join(by_cue, cues(list())))
})

test_that("segments wait for the responses they read, and only for those", {
  segments <- rl_task(trial = {
    before <- runif(0, 1)
    first <- choice1 + before
    again <- choice1
    last <- choice2 + choice1
    end <- 1
  }, trials = 2, actions = list(choice1 = 2, choice2 = 3))$program$segments
  expect_identical(lapply(segments, `[[`, "needs"), list(character(), "choice1", "choice2"))
  expect_identical(lapply(segments, `[[`, "targets"), list("before", c("first", "again"),
    c("last", "end")))
})

test_that("what a task offers restricts the choice, and feedback it does not give is missing", {
  task <- rl_task(
    trial = {
      available <- c(1, shown, 1)
      paid <- rnorm(choice, 1)
      if (runif(0, 1) < 0.75) outcome <- paid
      foregone <- c(1, 2, 3) + rnorm(0, 1)
    },
    trials = 40, actions = 3, columns = data.frame(shown = rep(0:1, 20)))
  run <- function(...) simulate(rl_model("rw"), seed = 1, subjects = 50, task = task,
    parameters = c(alpha = 0.1, beta = 0.1), ...)
  sim <- run()
  expect_false(any(sim$choice == 2 & sim$shown == 0))
  expect_true(any(sim$choice == 2))
  data <- suppressWarnings(rl_data(sim))
  expect_length(data$roles$available, 3)
  expect_length(data$roles$foregone, 3)
  there <- !is.na(sim$outcome)
  expect_lt(abs(mean(there) - 0.75), 4 * sqrt(0.75 * 0.25 / 2000))
  expect_lt(abs(mean((sim$outcome - sim$choice)[there])), 4 / sqrt(1500))
  # Nothing is learned where nothing was seen, and something elsewhere.
  value <- run(output = "arrays")$value
  moved <- apply(value[, , -1] != value[, , -40], c(1, 3), any)
  expect_identical(as.vector(t(moved)), there[sim$trial < 40])
})

test_that("a bandit that lacks a column says so", {
  values <- c(A = 0.3, alpha = 0.5, cons = 1, lambda = 1)
  expect_error(simulate(rl_model("igt_pvl_delta"), seed = 1, subjects = 2, parameters = values,
    task = task_bandit(c(0.2, 0.8), 5)), "`gain`, which the task does not make",
  class = "rescorla_error_model")
})
