# Two subjects whose choices and outcomes differ, without anything suspect about them.
small_data <- function() {
  data.frame(
    subject = rep(c("ada", "ben"), each = 6),
    choice = c(1L, 2L, 2L, 1L, 2L, 1L, 2L, 2L, 1L, 1L, 1L, 2L),
    outcome = c(1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1)
  )
}

test_that("the fields of the object say what is where", {
  d <- rl_data(small_data())
  expect_s3_class(d, "rl_data")
  expect_identical(d$data, small_data())
  expect_identical(d$subjects, c("ada", "ben"))
  expect_identical(d$order, 1:12)
  expect_identical(d$row_subject, rep(1:2, each = 6))
  expect_identical(d$row_block, rep(1:2, each = 6))
  expect_identical(d$first, c(1L, 7L))
  expect_identical(d$length, c(6L, 6L))
  expect_identical(which(d$block_start), c(1L, 7L))
  expect_null(d$blocks)
  expect_identical(d$actions, list(choice = c("1", "2")))
  expect_identical(d$responses, list(choice = small_data()$choice))
  expect_null(d$forced)
  expect_identical(d$roles$choice, c(choice = "choice"))
  expect_identical(d$counts, list(
    subjects = 2L, episodes = 2L, trials = 12L, actions = 2L, missed_choices = 0L,
    missed_outcomes = 0L, forced = 0L
  ))
  expect_true(is.environment(d$cache))
  expect_identical(rl_data(d), d)
})

test_that("choices may be coded in any way", {
  raw <- small_data()
  coded <- function(choice, ...) {
    raw$choice <- choice
    d <- rl_data(raw, ...)
    list(d$actions$choice, d$responses$choice)
  }
  code <- raw$choice
  expect_identical(coded(code - 1L), list(c("0", "1"), code))
  expect_identical(coded(code - 1), list(c("0", "1"), code))
  expect_identical(coded(code == 2L), list(c("FALSE", "TRUE"), code))
  expect_identical(coded(c("b", "a")[code]), list(c("a", "b"), 3L - code))
  expect_identical(coded(c("b", "A")[code]), list(c("A", "b"), 3L - code))
  expect_identical(
    coded(factor(c("stay", "go")[code], levels = c("stay", "never", "go"))),
    list(c("stay", "never", "go"), c(1L, 3L)[code])
  )
  expect_message(found <- coded(c(100000, 2e9)[code]), "100000 and 2000000000")
  expect_identical(found, list(c("100000", "2000000000"), code))
  expect_identical(coded(c(-1, 1)[code]), list(c("-1", "1"), code))
  expect_message(found <- coded(c(1, 3)[code]), "left out", class = "rescorla_message")
  expect_identical(found, list(c("1", "3"), code))
  # NA as a level is a missed choice, not an action.
  choice <- addNA(c("x", "y", NA)[c(code[-1], 3L)])
  expect_identical(coded(choice), list(c("x", "y"), c(code[-1], NA)))
})

test_that("actions can be fixed, as numbers, text or logical", {
  raw <- small_data()
  d <- rl_data(raw, actions = c(2, 1, 4))
  expect_identical(d$actions$choice, c("2", "1", "4"))
  expect_identical(d$responses$choice, 3L - raw$choice)
  expect_identical(rl_data(raw, actions = list(choice = c("1", "2")))$responses$choice, raw$choice)
  raw$choice <- raw$choice == 1L
  expect_identical(rl_data(raw, actions = c(TRUE, FALSE))$responses$choice, small_data()$choice)
  raw$choice <- factor(c("a", "b")[small_data()$choice], levels = c("a", "b", "c"))
  expect_identical(rl_data(raw, actions = c("b", "a"))$responses$choice, 3L - small_data()$choice)

  err <- expect_error(rl_data(raw, actions = c("a", "z")), class = "rescorla_error_data")
  expect_identical(err$column, "choice")
  expect_identical(err$row, 2L)
  expect_error(rl_data(raw, actions = 4), class = "rescorla_error_input")
  expect_error(rl_data(raw, actions = c("a", "a")), class = "rescorla_error_input")
  expect_error(rl_data(raw, actions = list(arm = 1:2)), class = "rescorla_error_input")
})

test_that("columns by action widen numbered actions, and must fit the others", {
  raw <- small_data()
  raw[paste0("pay_", 1:3)] <- 1
  d <- rl_data(raw, foregone = c("pay_1", "pay_2", "pay_3"))
  expect_identical(d$actions$choice, c("1", "2", "3"))
  expect_identical(d$roles$foregone, c("pay_1", "pay_2", "pay_3"))
  d <- rl_data(raw, available = c("pay_1", "pay_2", "pay_3"))
  expect_identical(d$actions$choice, c("1", "2", "3"))
  expect_error(rl_data(raw, foregone = "pay_1"), class = "rescorla_error_data")
  raw$choice <- raw$choice - 1L
  expect_error(rl_data(raw, foregone = paste0("pay_", 1:3)), class = "rescorla_error_data")
  d <- rl_data(raw, foregone = paste0("pay_", 1:3), actions = 0:2)
  expect_identical(d$actions$choice, c("0", "1", "2"))
  raw$choice <- letters[raw$choice + 1L]
  expect_error(rl_data(raw, foregone = paste0("pay_", 1:3)), class = "rescorla_error_data")
  # One column of the other option's outcome serves for both actions.
  expect_identical(
    rl_data(raw, foregone = c("pay_1", "pay_1"))$roles$foregone,
    c("pay_1", "pay_1")
  )
  raw <- small_data()
  raw[c("pay_2", "pay_1")] <- 1
  expect_warning(
    rl_data(raw, foregone = c("pay_2", "pay_1")), "another order",
    class = "rescorla_warning_data"
  )
})

test_that("scattered rows, blocks and trial numbers give the order of a slow sort", {
  set.seed(4)
  raw <- expand.grid(trial = 1:7, block = c("x", "y", "z"), subject = c(12, 3, 7, 5))
  raw$choice <- sample(3L, nrow(raw), replace = TRUE)
  raw$outcome <- rnorm(nrow(raw))
  raw <- raw[-sample(nrow(raw), 15), ]
  raw <- raw[sample(nrow(raw)), ]
  slow_order <- function(by_trial, by_block) {
    rows <- seq_len(nrow(raw))
    unlist(lapply(unique(raw$subject), \(s) {
      mine <- rows[raw$subject == s]
      blocks <- if (by_block) as.character(raw$block[mine]) else rep("", length(mine))
      unlist(lapply(unique(blocks), \(b) {
        its <- mine[blocks == b]
        if (by_trial) its[order(raw$trial[its])] else its
      }))
    }))
  }
  d <- rl_data(raw, block = "block", trial = "trial")
  expect_identical(d$order, slow_order(TRUE, TRUE))
  expect_identical(rl_data(raw, block = "block")$order, slow_order(FALSE, TRUE))
  expect_identical(rl_data(subset(raw, select = -block))$order, slow_order(FALSE, FALSE))

  sorted <- raw[d$order, ]
  expect_identical(d$subjects, unique(raw$subject))
  expect_identical(d$subjects[d$row_subject], sorted$subject)
  expect_identical(d$blocks[d$row_block], as.character(sorted$block))
  expect_identical(d$row_block, cumsum(d$block_start))
  expect_identical(d$first, match(d$subjects, sorted$subject))
  expect_identical(d$length, as.integer(table(raw$subject)[as.character(d$subjects)]))
  expect_identical(d$responses$choice, sorted$choice)
  expect_identical(rl_data_column(d, "outcome"), sorted$outcome)
  expect_identical(rl_data_column(d, "trial"), sorted$trial)

  # Every row apart, as in a table sorted by trial.
  raw <- raw[order(raw$trial, raw$subject), ]
  d <- rl_data(raw, block = "block", trial = "trial")
  expect_identical(d$order, slow_order(TRUE, TRUE))
})

test_that("missed trials stay in place", {
  raw <- small_data()
  raw$choice[c(1, 8)] <- NA
  raw$outcome[c(8, 12)] <- NA
  d <- rl_data(raw)
  expect_identical(d$responses$choice, raw$choice)
  expect_identical(d$counts$missed_choices, 2L)
  expect_identical(d$counts$missed_outcomes, 2L)
  expect_identical(rl_data_column(d, "outcome"), raw$outcome)
})

test_that("unequal numbers of trials and a single row are fine", {
  d <- rl_data(small_data()[c(1:4, 7), ])
  expect_identical(d$length, c(4L, 1L))
  expect_warning(d <- rl_data(small_data()[1, ]), "one action only")
  expect_identical(d$counts$trials, 1L)
})

test_that("several responses, with roles by response", {
  raw <- small_data()
  raw$level1 <- raw$choice
  raw$level2 <- c("x", "y", "z")[rep(1:3, 4)]
  raw$level2[2] <- NA
  raw$given <- rep(c(TRUE, FALSE), 6)
  choice <- c(choice1 = "level1", choice2 = "level2")
  d <- rl_data(raw, choice = choice, forced = list(choice2 = "given"))
  expect_identical(d$actions, list(choice1 = c("1", "2"), choice2 = c("x", "y", "z")))
  expect_identical(d$responses$choice2, match(raw$level2, c("x", "y", "z")))
  expect_identical(d$forced, list(choice2 = raw$given))
  expect_identical(d$counts$missed_choices, c(choice1 = 0L, choice2 = 1L))
  expect_identical(rl_data_column(d, "choice2"), raw$level2)
  d <- rl_data(raw, choice = choice, forced = "given", actions = list(choice2 = letters[23:26]))
  expect_identical(names(d$forced), c("choice1", "choice2"))
  expect_identical(d$actions$choice2, c("w", "x", "y", "z"))

  raw$a1 <- TRUE
  raw$a2 <- raw$choice == 2L
  d <- rl_data(raw, choice = choice, available = list(choice1 = c("a1", "a2")))
  expect_identical(d$roles$available, list(choice1 = c("a1", "a2")))
  expect_error(rl_data(raw, choice = choice, available = c("a1", "a2")), "list by response name",
    class = "rescorla_error_input")
  expect_error(rl_data(raw, choice = choice, actions = 1:3), class = "rescorla_error_input")
  expect_error(rl_data(raw, choice = choice, rt = list(choice3 = "outcome")),
    class = "rescorla_error_input")
  expect_error(rl_data(raw, choice = unname(choice)), class = "rescorla_error_input")
  expect_error(rl_data(raw, choice = c(outcome = "level1", b = "level2")),
    class = "rescorla_error_input")
})

test_that("choice or outcome may be absent", {
  raw <- small_data()
  d <- rl_data(raw[c("subject", "choice")], outcome = NULL)
  expect_null(d$roles$outcome)
  expect_identical(d$counts$missed_outcomes, 0L)
  d <- rl_data(raw[c("subject", "outcome")], choice = NULL)
  expect_identical(d$responses, list())
  expect_identical(length(d$actions), 0L)
  expect_identical(d$counts$missed_choices, 0L)
  d <- rl_data(raw[c("subject", "outcome")], choice = NULL, actions = 1:3)
  expect_identical(d$actions, list(choice = c("1", "2", "3")))
})

test_that("availability restricts, and a row with nothing on offer is missed", {
  raw <- small_data()
  raw$on_1 <- raw$choice == 1L
  raw$on_2 <- TRUE
  d <- rl_data(raw, available = c("on_1", "on_2"))
  expect_identical(d$responses$choice, raw$choice)
  raw$on_1[5] <- raw$on_2[5] <- FALSE
  d <- rl_data(raw, available = c("on_1", "on_2"))
  expect_identical(d$responses$choice, replace(raw$choice, 5, NA))
  expect_identical(d$data$choice, raw$choice)
  raw$on_2[c(7, 11)] <- FALSE
  raw$on_1[c(7, 11)] <- TRUE
  err <- expect_error(rl_data(raw, available = c("on_1", "on_2")), class = "rescorla_error_data")
  expect_identical(err$row, 7L)
  raw$on_2 <- 1
  raw$on_2[3] <- NA
  err <- expect_error(rl_data(raw, available = c("on_1", "on_2")), class = "rescorla_error_data")
  expect_identical(err[c("column", "row")], list(column = "on_2", row = 3L))
})

test_that("names in the dots stand for columns, and every other column comes along", {
  raw <- small_data()
  raw$blue <- 1:12
  raw$orange <- 12:1
  raw$mood <- 0.5
  d <- rl_data(raw, magnitude = c("blue", "orange"), affect = "mood", trial = "blue")
  expect_identical(d$extra, list(magnitude = c("blue", "orange"), affect = "mood"))
  expect_identical(rl_data_column(d, "magnitude"), list(blue = 1:12, orange = 12:1))
  expect_identical(rl_data_column(d, "affect"), raw$mood)
  expect_identical(rl_data_column(d, "mood"), raw$mood)
  expect_identical(rl_data_column(d, "choice"), raw$choice)
  expect_error(rl_data_column(d, "mod"), "mood", class = "rescorla_error_data")
  expect_error(rl_data(raw, mood = "blue"), class = "rescorla_error_input")
  expect_error(
    rl_data(raw, "subject", "choice", "outcome", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      "blue"),
    class = "rescorla_error_input"
  )
})

test_that("data that carry their roles need none of them said", {
  raw <- small_data()
  names(raw) <- c("id", "arm", "points")
  raw$part <- rep(1:2, 6)
  attr(raw, "rescorla_roles") <- list(
    subject = "id", choice = "arm", outcome = "points", block = "part", actions = 1:3
  )
  d <- rl_data(raw)
  expect_identical(d$roles$block, "part")
  expect_identical(d$actions$choice, c("1", "2", "3"))
  expect_null(rl_data(raw, block = NULL)$roles$block)
  expect_identical(as_rl_data(raw)$order, d$order)
  expect_identical(as_rl_data(d), d)
  expect_message(
    without <- rl_data(raw[raw$id == "ada", names(raw) != "part"], "id", "arm", "points"), NA
  )
  raw$part <- NULL
  expect_message(without <- rl_data(raw), "block", class = "rescorla_message")
  expect_identical(without$actions$choice, c("1", "2", "3"))
  expect_identical(as_rl_data(small_data())$counts, rl_data(small_data())$counts)
  expect_error(as_rl_data(1:3), class = "rescorla_error_input")
  expect_error(as_rl_data(small_data()[1:2]), class = "rescorla_error_data")
})

test_that("tables of any class and columns of any type are read", {
  raw <- small_data()
  d <- rl_data(structure(raw, class = c("tbl_df", "tbl", "data.frame")))
  expect_identical(d$responses$choice, raw$choice)
  raw$subject <- factor(raw$subject, levels = c("ben", "ada", "nobody"))
  expect_identical(rl_data(raw)$subjects, c("ada", "ben"))
  raw$outcome <- raw$outcome == 1
  expect_identical(rl_data(raw)$counts$missed_outcomes, 0L)
  raw$when <- as.Date("2020-01-01") + 12:1
  expect_identical(rl_data(raw, trial = "when")$order, c(6:1, 12:7))
  raw$subject <- as.Date("2020-01-01") + c(0, 1)[as.integer(raw$subject)]
  expect_s3_class(rl_data(raw)$subjects, "Date")
})

test_that("printed output", {
  raw <- small_data()
  expect_snapshot(rl_data(raw))
  expect_snapshot(print(summary(rl_data(raw))))
  raw$choice[3] <- NA
  raw$outcome[3:4] <- NA
  raw$block <- c(1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1)
  raw$n <- 1:12
  raw$given <- raw$n == 1L
  raw$on_1 <- TRUE
  raw$on_2 <- TRUE
  raw$mood <- 0
  raw[paste0("unused_column_", 1:9)] <- 0
  d <- rl_data(raw, block = "block", trial = "n", forced = "given", available = c("on_1", "on_2"),
    affect = "mood")
  expect_snapshot(d)
  expect_snapshot(print(summary(d), digits = 2))
  raw$second <- rep(c("x", "y"), 6)
  expect_snapshot(rl_data(raw[-4], choice = c(first = "choice", second = "second"), outcome = NULL))
  many <- small_data()[rep(1:12, 6), ]
  many$subject <- rep(1:12, each = 6)
  expect_snapshot(print(summary(rl_data(many, outcome = NULL))))
})

test_that("texts of messages, warnings and errors", {
  raw <- small_data()
  raw$block <- 1
  raw$trial <- rep(1:3, 4)
  expect_snapshot(invisible(rl_data(raw)))
  expect_snapshot(error = TRUE, {
    rl_data(1:3)
    rl_data(raw[0, ])
    rl_data(raw, 3)
    rl_data(raw, subject = "Subjct", outcome = "reward", foregone = c("f1", "block{2}"))
    rl_data(raw, choice = c("choice", "block"))
    rl_data(raw, outcome = "choice")
    rl_data(raw, outcome = "subject", choice = NULL)
    rl_data(raw, trial = "trial", block = "block")
    rl_data(raw, trial = "trial")
    rl_data(raw, actions = 2:4)
    rl_data(raw, actions = 2)
    rl_data(raw, foregone = "trial")
    rl_data(raw, foregone = c("trial", "trial"), available = "block")
    rl_data(raw, forced = "trial")
    rl_data(raw, trial = "block", block = "block")
    rl_data(raw, session = "block", block = "trial", trial = "trials")
  })
  raw$block <- NULL
  expect_snapshot(error = TRUE, {
    rl_data(transform(raw, choice = NA))
    rl_data(transform(raw, choice = choice / 2))
    rl_data(transform(raw, outcome = replace(outcome, 5, Inf)))
    rl_data(transform(raw, outcome = replace(outcome, 5, NaN)))
    rl_data(transform(raw, subject = replace(subject, 2, NA)))
    rl_data(transform(raw, a = 1, b = choice == 1), available = c("a", "b"))
  })
  long <- raw[rep(1:6, 4), ]
  long$subject <- rep(c("p1", "p2"), each = 12)
  expect_snapshot({
    invisible(rl_data(long))
    invisible(rl_data(transform(raw, outcome = 1)))
    invisible(rl_data(transform(raw, choice = c(1, 3)[choice])))
    invisible(rl_data(transform(raw, choice = 1)))
    invisible(rl_data(transform(long, choice = c(rep(1, 12), choice[1:12]))))
  })
})
