gambling <- function() {
  data.frame(
    subjID = rep(c(7, 3), each = 6),
    choice = c(1, 2, 3, 4, 1, 2, 4, 3, 2, 1, NA, 2),
    gain = c(100, 100, 50, 50, 100, 100, 50, 50, 100, 100, NA, 100),
    loss = c(0, -150, 0, -50, 250, 0, 0, 25, 0, 0, NA, 0)
  )
}

test_that("columns are found by their usual names", {
  raw <- gambling()
  d <- quiet_task(raw, task = "igt")
  expect_identical(d$task, "igt")
  expect_identical(d$roles$subject, "subjID")
  expect_identical(d$subjects, c(7, 3))
  expect_identical(d$actions$choice, c("1", "2", "3", "4"))
  expect_identical(d$responses$choice, as.integer(raw$choice))
  expect_identical(read_column(d, "gain"), raw$gain)
  expect_identical(read_column(d, "loss"), -abs(raw$loss))
  expect_identical(read_column(d, "outcome"), raw$gain - abs(raw$loss))
  expect_null(quiet_task(gambling(), subject = "subjID", outcome = "gain")$task)
})

test_that("case, dots, underscores and spaces do not matter", {
  spelt <- function(names) {
    raw <- data.frame(a = rep(1:2, each = 4), b = c(1, 2, 2, 1, 2, 1, 1, 2), c = 1:4,
      d = c(1, 0, 0, 1, 0, 1, 1, 0))
    d <- quiet_task(stats::setNames(raw, names), task = "ts")
    expect_identical(read_column(d, "state2"), rep(c(1L, 1L, 2L, 2L), 2))
    expect_identical(d$responses$choice2, rep(1:2, 4))
    expect_identical(d$responses$choice1, as.integer(raw$b))
    expect_identical(read_column(d, "outcome"), raw$d)
  }
  spelt(c("subjID", "level1_choice", "level2_choice", "reward"))
  spelt(c("SUBJID", "Level1.Choice", "level2Choice", "Reward"))
  spelt(c("subj_id", "level1 choice", "LEVEL2_CHOICE", "outcome"))
  spelt(c("participant", "stage1_choice", "stage2.choice", "feedback"))
})

test_that("the models' own name goes first, then the exact spelling", {
  raw <- gambling()
  raw$subject <- rep(c("x", "y"), each = 6)
  raw$Gain <- 1
  d <- quiet_task(raw, task = "igt")
  expect_identical(d$roles$subject, "subject")
  expect_identical(read_column(d, "gain"), raw$gain)
  names(raw)[names(raw) == "gain"] <- "GAIN"
  err <- expect_error(quiet_task(raw, task = "igt"), class = "rescorla_error_data")
  expect_identical(err$column, c("GAIN", "Gain"))
  expect_identical(read_column(quiet_task(raw, task = "igt", gain = "GAIN"), "gain"), raw$GAIN)
})

test_that("what the user says wins", {
  raw <- gambling()
  raw$deck2 <- c(2, 1)[1 + (raw$choice == 1)]
  raw$charge <- 5
  raw$part <- rep(1:2, 6)
  raw$person <- rep(1:3, each = 4)
  d <- quiet_task(raw, task = "igt", subject = "person", choice = "deck2", loss = "charge",
    block = "part", actions = 1:2)
  expect_identical(d$subjects, 1:3)
  expect_identical(d$responses$choice, as.integer(raw$deck2)[d$order])
  expect_identical(read_column(d, "loss"), rep(-5, 12))
  expect_identical(d$roles$block, "part")
  # The object holds a copy: the data frame that was given stays as it is.
  expect_identical(raw$loss[2], -150)

  expect_null(quiet_task(gambling(), task = "igt", outcome = NULL)$roles$outcome)
  expect_identical(quiet_task(raw, task = "igt", outcome = "part")$roles$outcome, "part")
  # A new name for another column, and roles the task does not know.
  given <- cbind(raw, given = raw$part == 1)
  d <- quiet_task(given, task = "igt", mood = "charge", forced = "given", stimulus = "person")
  expect_identical(d$extra$mood, "charge")
  expect_identical(d$roles$forced, "given")
  expect_error(quiet_task(raw, task = "igt", loss = "nowhere"), class = "rescorla_error_data")
  expect_error(quiet_task(raw, task = "igt", loss = 5), class = "rescorla_error_input")
})

test_that("columns of a task may be named by any of its names, alone or together", {
  raw <- data.frame(id = rep(1:2, each = 4), first = c(1, 2, 1, 2), second = 1:4, money = 0:1)
  by_name <- quiet_task(raw, task = "ts", level1_choice = "first", choice2 = "second",
    reward = "money")
  together <- quiet_task(raw, task = "ts", choice = c(choice1 = "first", choice2 = "second"),
    outcome = "money")
  expect_identical(by_name$responses, together$responses)
  expect_identical(by_name$data, together$data)
  err <- expect_error(quiet_task(raw, task = "ts", choice = "first"),
    class = "rescorla_error_input")
  expect_match(conditionMessage(err), "choice1")
  expect_error(quiet_task(raw, task = "ts", choice = c(choice1 = "first", third = "second")),
    class = "rescorla_error_input")

  raw <- data.frame(subject = 1, choice = c(1, 2, 1), outcome = c(0, 1, 1), b = 1:3, o = 3:1)
  d <- quiet_task(raw, task = "alt", punishment = c("b", "o"))
  expect_identical(d$extra$punishment, c("b", "o"))
  d <- quiet_task(raw, task = "alt", bluePunish = "o", orange = "b")
  expect_identical(d$extra$punishment, c("o", "b"))
})

test_that("a named column stands in for one of the models' name", {
  raw <- gambling()
  raw$won <- raw$gain * 2
  expect_message(d <- suppressWarnings(rl_data(raw, task = "igt", gain = "won")), "in place of")
  expect_identical(read_column(d, "gain"), raw$won)
})

test_that("missing values stay in place", {
  raw <- gambling()
  raw$choice[3] <- NA
  raw$loss[4] <- NA
  d <- quiet_task(raw, task = "igt")
  expect_identical(nrow(d$data), nrow(raw))
  expect_identical(which(is.na(d$responses$choice)), c(3L, 11L))
  expect_identical(which(is.na(read_column(d, "loss"))), c(4L, 11L))
  expect_identical(which(is.na(read_column(d, "outcome"))), c(4L, 11L))
  expect_identical(d$counts$missed_choices, 2L)
})

test_that("rows of a subject need not stand together", {
  raw <- gambling()[c(1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12), ]
  d <- quiet_task(raw, task = "igt")
  expect_identical(d$responses$choice, as.integer(gambling()$choice))
  expect_identical(rescorla:::rl_data_column(d, "loss"), -abs(gambling()$loss))
})

test_that("settings are checked, and constants go to the models", {
  raw <- gambling()
  expect_identical(quiet_task(raw, task = "igt", payscale = 1)$constants, list(payscale = 1))
  expect_identical(unname(quiet_task(raw, task = "igt")$constants), list())
  expect_identical(unname(quiet_task(raw, task = "igt", payscale = NULL)$constants), list())
  for (value in list(0, -1, "a", NA, c(1, 2), Inf)) {
    err <- expect_error(quiet_task(raw, task = "igt", payscale = value),
      class = "rescorla_error_input")
    expect_identical(err$arg, "payscale")
  }
  ts <- rl_data_example("ts")
  expect_identical(quiet_task(ts, task = "ts", trans_prob = 0.8)$constants,
    list(trans_prob = 0.8))
  expect_error(quiet_task(ts, task = "ts", trans_prob = 1.1), class = "rescorla_error_input")
  expect_error(quiet_task(ts, task = "ts", payscale = 1), class = "rescorla_error_input")
  arms <- rl_data_example("banditNarm")
  for (d in list(quiet_task(arms, task = "banditNarm", n_arms = 5),
    quiet_task(arms, task = "banditNarm", Narm = 5))) {
    expect_identical(d$actions$choice, as.character(1:5))
    expect_identical(unname(d$constants), list())
  }
  expect_identical(quiet_task(arms, task = "banditNarm", sigma_obs = 2)$constants,
    list(sigma_obs = 2))
})

test_that("a fit to data of a task predicts raw data, prepared in the same way", {
  raw <- rl_data_example("prl_multipleB")
  raw <- raw[raw$subjID <= 3, ]
  data <- quiet_task(raw, task = "prl_multipleB")
  expect_identical(range(read_column(data, "outcome"), na.rm = TRUE), c(-1, 1))
  fit <- suppressWarnings(rl_fit("rw", data, starts = 2, seed = 1))
  expect_no_message(predicted <- predict(fit, newdata = raw))
  expect_identical(predicted, predict(fit))
  names(raw)[names(raw) == "outcome"] <- "Reward"
  expect_identical(predict(fit, newdata = raw[raw$subjID == 2, ], type = "loglik"),
    predict(fit, type = "loglik")["2"])
})

test_that("a replay is data of the task again", {
  data <- quiet_task(rl_data_example("pst"), task = "pst", actions = c("1", "0"))
  fit <- suppressWarnings(rl_fit("rw", data, starts = 2, seed = 1))
  again <- simulate(fit, seed = 4)
  expect_no_message(d <- rl_data(again))
  expect_identical(d$task, "pst")
  expect_identical(d$actions, data$actions)
  expect_identical(d$data$choice, again$choice)
  expect_false(identical(d$responses, data$responses))
  expect_identical(read_column(d, "option2"), read_column(data, "option2"))
  twice <- simulate(fit, nsim = 2, seed = 4)
  expect_identical(rl_data(twice)$counts$subjects, 2L * data$counts$subjects)
  # Without the task they are data like any other.
  expect_error(rl_data(again, task = NULL), class = "rescorla_error_data")
  plain <- rl_data(again, subject = "subjID", outcome = "reward", task = NULL)
  expect_null(plain$task)

  # Columns that the preparation made are the ones that a replay draws.
  data <- quiet_task(rl_data_example("cgt"), task = "cgt")
  drawn <- data$data
  drawn$colour <- rev(drawn$colour)
  attr(drawn, "rescorla_roles") <- rescorla:::data_arguments(data)
  expect_no_message(d <- rl_data(drawn))
  expect_identical(d$responses$colour, as.integer(drawn$colour))
  expect_identical(d$responses$bet, data$responses$bet)
})

test_that("prepared data are prepared no further", {
  for (task in rl_data_example()) {
    d <- quiet_task(rl_data_example(task), task = task)
    again <- quiet_task(d$data, task = task)
    expect_identical(again$data, d$data, info = task)
    same <- c("actions", "responses", "order", "counts")
    expect_identical(again[same], d[same], info = task)
  }
})

test_that("simulated data keep their roles beside a task", {
  sim <- simulate(rl_model("rw"), nsim = 2, seed = 1, subjects = 2,
    parameters = c(alpha = 0.3, beta = 3), task = task_bandit(c(0.2, 0.8), trials = 20))
  d <- quiet_task(sim, task = "bandit2arm")
  expect_identical(d$roles$subject, ".subject")
  expect_identical(d$counts$subjects, 4L)
  expect_identical(d$roles$trial, "trial")
})

test_that("data of one subject need no column for it where the task's name says so", {
  raw <- rl_data_example("dd_single")
  expect_identical(quiet_task(raw, task = "dd_single")$counts$subjects, 1L)
  raw$subjID <- NULL
  expect_message(d <- rl_data(raw, task = "dd_single"), "one subject")
  expect_identical(d$subjects, 1L)
  expect_identical(d$task, "dd")
  err <- expect_error(quiet_task(raw, task = "dd"), class = "rescorla_error_data")
  expect_identical(err$column, "subject")
})

test_that("what is said", {
  raw <- gambling()
  expect_snapshot({
    d <- rl_data(raw, task = "igt", payscale = 10)
    d
    invisible(rl_data(stats::setNames(raw, c("ID", "deck", "charge", "Loss")), task = "igt",
      gain = "charge", actions = 1:4))
  })
  expect_snapshot({
    rl_data(rl_data_example("pst"), task = "pst")
    rl_data(rl_data_example("rdt"), task = "rdt")
    rl_data(rl_data_example("cgt"), task = "cgt")
    rl_data(rl_data_example("ts"), task = "ts", trans_prob = 0.7)
    rl_data(rl_data_example("hgf_ibrb")[-1], task = "hgf_ibrb_single")
  })
})

test_that("texts of errors", {
  raw <- gambling()
  expect_snapshot(error = TRUE, {
    rl_data(raw, task = "iggt")
    rl_data(raw, task = "choiceRT")
    rl_data(raw, task = 1)
    rl_data(raw[-4], task = "igt")
    rl_data(raw[2:3], task = "igt")
    rl_data(raw, task = "igt", payscal = 1)
    rl_data(raw, task = "igt", trans_prob = 1)
    rl_data(raw, task = "prl", payoff_scale = 1)
    rl_data(raw, task = "igt", payscale = -1)
    rl_data(raw, task = "igt", loss = "los")
    rl_data(cbind(raw, Gain = 1, GAIN = 1)[-3], task = "igt")
    rl_data(rl_data_example("ts"), task = "ts", choice = "level1_choice")
  })
})
