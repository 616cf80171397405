offers <- function(accept) {
  data.frame(subject = rep(1:2, each = length(accept) / 2), offer = seq_along(accept),
    accept = accept)
}

coded <- function(accept, ...) {
  d <- quiet_task(offers(accept), task = "ug", ...)
  list(d$actions$choice, d$responses$choice)
}

test_that("responses are coded in the task's order, whatever they are called", {
  code <- c(1L, 2L, 2L, 1L, 2L, 2L)
  expect_identical(coded(code - 1L), list(c("0", "1"), code))
  expect_identical(coded(as.character(code - 1L)), list(c("0", "1"), code))
  expect_identical(coded(factor(code - 1L, levels = 1:0)), list(c("0", "1"), code))
  expect_identical(coded(code == 2L), list(c("FALSE", "TRUE"), code))
  # In the order of the alphabet "accept" would be the first.
  expect_identical(coded(c("reject", "accept")[code]), list(c("reject", "accept"), code))
  expect_identical(coded(c("Reject", "ACCEPT")[code]), list(c("Reject", "ACCEPT"), code))
  expect_identical(coded(factor(c("reject", "accept")[code])), list(c("reject", "accept"), code))
  # Also where only one of them occurs.
  expect_identical(coded(rep("accept", 6)), list(c("reject", "accept"), rep(2L, 6)))
  expect_identical(coded(rep(0L, 6)), list(c("0", "1"), rep(1L, 6)))
  # What the user lists goes first.
  expect_identical(coded(c("no", "yes")[code], actions = c("no", "yes")),
    list(c("no", "yes"), code))
  expect_identical(coded(code, actions = 1:2), list(c("1", "2"), code))
})

test_that("a first option is the first action", {
  raw <- data.frame(subject = rep(1:2, each = 3), type = c(12, 34, 56), reward = 0:1)
  first <- c(TRUE, FALSE, FALSE, TRUE, TRUE, FALSE)
  for (choice in list(as.integer(first), first, 2L - first, c("second", "first")[1 + first])) {
    raw$choice <- choice
    expect_identical(quiet_task(raw, task = "pst")$responses$choice, 2L - first)
  }
})

test_that("arms may have any labels, as many as there are arms", {
  raw <- data.frame(id = rep(1:2, each = 4), choice = c("a", "d", "c", "b"), gain = 0:1, loss = 0)
  expect_identical(quiet_task(raw, task = "bandit4arm")$responses$choice,
    rep(c(1L, 4L, 3L, 2L), 2))
  expect_identical(quiet_task(raw, task = "banditNarm")$actions$choice, letters[1:4])
  raw$choice[raw$choice == "d"] <- "a"
  expect_error(quiet_task(raw, task = "bandit4arm"), class = "rescorla_error_data")
  raw$choice <- c(1, 3)
  expect_identical(quiet_task(raw, task = "bandit4arm")$actions$choice, as.character(1:4))
  expect_identical(quiet_task(raw, task = "banditNarm")$actions$choice, as.character(1:3))
  raw$choice <- c(TRUE, FALSE)
  names(raw)[3] <- "outcome"
  expect_identical(quiet_task(raw, task = "bandit2arm")$actions$choice, c("FALSE", "TRUE"))
})

test_that("values that the task cannot have are errors that name the row", {
  wrong <- function(task, column, value, row = 5L, ...) {
    raw <- rl_data_example(task)
    raw[[column]][row] <- value
    err <- expect_error(quiet_task(raw, task = task, ...), class = "rescorla_error_data")
    expect_identical(err[c("column", "row")], list(column = column, row = row))
  }
  wrong("bandit2arm", "choice", 3)
  wrong("bandit4arm", "choice", 0)
  wrong("banditNarm", "choice", 0)
  wrong("banditNarm", "choice", 3, row = 2L, n_arms = 2)
  wrong("bandit4arm2", "choice", 5)
  wrong("prl", "choice", -1)
  wrong("prl_multipleB", "choice", 9, row = 1200L)
  wrong("gng", "keyPressed", 2)
  wrong("igt", "choice", 5)
  wrong("igt", "choice", 1.5)
  wrong("igt", "gain", Inf)
  wrong("pst", "choice", 2)
  wrong("pst", "type", 11)
  wrong("pst", "type", 17)
  wrong("pst", "type", 123)
  wrong("ts", "level1_choice", 3)
  wrong("ts", "level2_choice", 5)
  wrong("alt", "choice", 0)
  wrong("alt", "outcome", 2)
  wrong("ug", "accept", 2)
  wrong("wcs", "choice", 5)
  wrong("wcs", "outcome", -1)
  wrong("wcs", "Color", 0)
  wrong("hgf_ibrb", "u", 2)
  wrong("hgf_ibrb", "y", -1)
  wrong("dd", "choice", 2)
  wrong("dd", "delay_later", -1)
  wrong("ra", "gamble", 2)
  wrong("ra", "cert", -1)
  wrong("rdt", "gamble", 2)
  wrong("rdt", "type", 2)
  wrong("dbdm", "opt1hprob", 1.1)
  wrong("dbdm", "choice", 0)
  wrong("cra", "ambig", -0.1)
  wrong("peer", "condition", 4)
  wrong("bart", "pumps", 1.5)
  wrong("bart", "explosion", 2)
  wrong("cgt", "percentage_staked", 10)
  wrong("cgt", "n_red_boxes", 11)
  wrong("cgt", "red_chosen", 2)
  wrong("cgt", "gamble_type", 2)
  wrong("task2AFC", "stimulus", 2)
  wrong("task2AFC", "response", 2)
  wrong("rlwm", "set_size", 0)
  wrong("change_point", "prediction", NaN)
})

test_that("numbers that are text are an error that says so", {
  raw <- rl_data_example("dd")
  raw$amount_later <- as.character(raw$amount_later)
  err <- expect_error(quiet_task(raw, task = "dd"), class = "rescorla_error_data")
  expect_identical(err$column, "amount_later")
})

test_that("texts of errors", {
  change <- function(task, column, value) {
    raw <- rl_data_example(task)
    raw[[column]][3] <- value
    raw
  }
  zero <- rl_data_example("bandit2arm")
  zero$choice <- zero$choice - 1
  expect_snapshot(error = TRUE, {
    rl_data(change("igt", "choice", 5), task = "igt")
    rl_data(change("ts", "level1_choice", 0), task = "ts")
    rl_data(zero, task = "bandit2arm")
    rl_data(offers(c("reject", "accept", "dunno", "reject")), task = "ug")
    rl_data(offers(c("no", "yes", "no", "no")), task = "ug")
    rl_data(change("peer", "condition", 4), task = "peer")
    rl_data(change("dbdm", "opt1hprob", 2), task = "dbdm")
    rl_data(change("bart", "pumps", 0.5), task = "bart")
    rl_data(change("banditNarm", "choice", 4), task = "banditNarm", n_arms = 3)
    rl_data(change("pst", "type", 77), task = "pst")
  })
})
