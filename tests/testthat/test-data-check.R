# Two subjects whose choices and outcomes differ, without anything suspect about them.
small_data <- function() {
  data.frame(
    subject = rep(c("ada", "ben"), each = 6),
    choice = c(1L, 2L, 2L, 1L, 2L, 1L, 2L, 2L, 1L, 1L, 1L, 2L),
    outcome = c(1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1)
  )
}

test_that("errors name the column and the first offending row", {
  bad <- function(column, rows, value, ...) {
    raw <- small_data()
    raw$trial <- rep(1:6, 2)
    raw$extra <- 0
    raw[[column]][rows] <- value
    err <- expect_error(rl_data(raw, ...), class = "rescorla_error_data")
    expect_identical(err[c("column", "row")], list(column = column, row = rows[1]))
    expect_match(conditionMessage(err), column)
    expect_match(conditionMessage(err), paste("row", rows[1]))
  }
  bad("outcome", c(3L, 9L), Inf)
  bad("outcome", c(3L, 9L), -Inf)
  bad("outcome", 12L, NaN)
  bad("outcome", 1L, "won")
  bad("choice", c(4L, 5L), 1.5)
  bad("choice", 4L, NaN)
  bad("choice", 4L, Inf)
  bad("choice", 4L, 7L, actions = 1:2)
  bad("subject", c(2L, 3L), NA)
  bad("extra", 7L, NA, block = "extra")
  bad("extra", 7L, Inf, foregone = c("extra", "extra"))
  bad("extra", 7L, NA, forced = "extra")
  bad("extra", 7L, 2, forced = "extra")
  bad("extra", 1L, "often", rt = "extra")
  bad("trial", 7L, NA, trial = "trial")
  bad("trial", 4L, 2L, trial = "trial")

  raw <- small_data()
  raw$choice <- as.character(raw$choice)
  raw$choice[3] <- ""
  expect_error(rl_data(raw), "empty", class = "rescorla_error_data")
  raw$choice <- as.list(raw$choice)
  expect_error(rl_data(raw), class = "rescorla_error_data")
  raw <- small_data()[rep(1:12, 30), ]
  raw$choice <- seq_len(360)
  expect_error(rl_data(raw), "most there can be", class = "rescorla_error_data")
  raw$trial <- as.character(seq_len(360))
  raw$choice <- rep(1:2, 180)
  expect_error(rl_data(raw, trial = "trial"), class = "rescorla_error_data")
})

test_that("the row of a repeated trial is found in the data as they were given", {
  raw <- small_data()
  raw$trial <- c(6:1, 6:1)
  raw$trial[10] <- 5L
  err <- expect_error(rl_data(raw, trial = "trial"), class = "rescorla_error_data")
  expect_identical(err$row, 10L)
  raw$part <- rep(1:2, each = 3)
  expect_identical(rl_data(raw, trial = "trial", block = "part")$counts$episodes, 4L)
})

test_that("one column cannot play two parts", {
  raw <- small_data()
  raw$b <- rep(1:2, 6)
  expect_error(rl_data(raw, outcome = "choice"), class = "rescorla_error_data")
  expect_error(rl_data(raw, block = "subject"), class = "rescorla_error_data")
  expect_error(rl_data(raw, choice = c(a = "choice", b = "choice")), class = "rescorla_error_data")
  expect_identical(rl_data(raw, block = "b", stimulus = "b")$roles$stimulus, "b")
  names(raw)[4] <- "choice"
  expect_error(rl_data(raw), "two columns", class = "rescorla_error_data")
})

test_that("a subject must have chosen at least once", {
  raw <- small_data()
  raw$choice[7:12] <- NA
  err <- expect_error(rl_data(raw), "ben", class = "rescorla_error_data")
  expect_identical(err$row, 7L)
  expect_identical(err$subjects, "ben")
  # Missing one response of two is no reason to reject a subject.
  raw$other <- rep(1:2, 6)
  d <- rl_data(raw, choice = c(a = "choice", b = "other"))
  expect_identical(d$counts$missed_choices, c(a = 6L, b = 0L))
  raw$choice <- NA
  expect_error(rl_data(raw), "2 subjects", class = "rescorla_error_data")
})

test_that("what is probably a mistake is warned about", {
  withr::local_seed(1)
  raw <- data.frame(
    subject = rep(1:7, each = 12),
    choice = sample(rep(1:2, 42)),
    outcome = sin(1:84)
  )
  expect_silent(rl_data(raw))
  one <- raw
  one$choice[one$subject != 4] <- 1
  warning <- expect_warning(rl_data(one), "always made the same", class = "rescorla_warning_data")
  expect_identical(warning$subjects, c(1L, 2L, 3L, 5L, 6L, 7L))
  expect_match(conditionMessage(warning), "1, 2, 3, 5, 6 and 1\\s+more")
  # Nine choices are too few to tell.
  one <- raw
  one$choice[1:12] <- rep(c(1, NA), c(9, 3))
  expect_silent(rl_data(one))
  one$choice[10] <- 1
  expect_warning(rl_data(one), "always made the same")

  flat <- raw
  flat$outcome <- 1
  flat$outcome[3] <- NA
  expect_warning(rl_data(flat), "never vary", class = "rescorla_warning_data")
  flat <- raw
  flat$outcome[c(25, 36)] <- NA
  flat$outcome[26:35] <- 2
  warning <- expect_warning(rl_data(flat), "never vary", class = "rescorla_warning_data")
  expect_identical(warning$subjects, 3L)
  flat$outcome[30] <- NA
  expect_silent(rl_data(flat))
  flat$outcome <- NA_real_
  expect_warning(rl_data(flat), "no outcomes")
})

test_that("identical sequences are found, wherever they differ or not", {
  set.seed(11)
  raw <- data.frame(
    subject = rep(1:8, each = 60),
    choice = sample(2L, 480, replace = TRUE),
    outcome = sample(0:1, 480, replace = TRUE)
  )
  raw$choice[c(65, 80)] <- NA
  same <- raw
  same[same$subject == 7, 2:3] <- same[same$subject == 2, 2:3]
  warning <- expect_warning(rl_data(same), "2 = 7", class = "rescorla_warning_data")
  expect_identical(warning$subjects, 7L)
  # The same in an order of rows that scatters subjects.
  warning <- expect_warning(rl_data(same[order(rep(1:60, 8)), ]), "2 = 7")
  # A single trial apart, early or late, in the choice or the outcome, or in what is missing.
  last <- 7L * 60L
  for (row in c(361L, last)) {
    for (column in c("choice", "outcome")) {
      other <- same
      other[[column]][row] <- if (column == "choice") 3L - other$choice[row] else 5L
      expect_silent(rl_data(other))
      other[[column]][row] <- NA
      expect_silent(rl_data(other))
    }
  }
  # Different lengths.
  expect_silent(rl_data(same[-last, ]))
  # Sequences this short agree by chance.
  expect_silent(rl_data(same[rep(1:60, 8) <= 3, ]))
  # Three alike, and a pair that shares only its beginning.
  same[same$subject == 8, 2:3] <- same[same$subject == 2, 2:3]
  same[same$subject == 4, 2:3] <- same[same$subject == 3, 2:3]
  same$outcome[4 * 60] <- 9L
  warning <- expect_warning(rl_data(same), "2 = 7 and\\s+2 = 8")
  expect_identical(warning$subjects, 7:8)
})

test_that("a column called block or session that is not used is mentioned", {
  raw <- small_data()
  raw$Session <- rep(1:2, 6)
  expect_message(rl_data(raw), "block = \"Session\"", class = "rescorla_message")
  expect_silent(rl_data(raw, block = "Session"))
  raw$block <- rep(1:3, 4)
  expect_message(rl_data(raw, block = "block"), "Session", class = "rescorla_message")
})

test_that("work done in pieces does not depend on where the pieces end", {
  expect_identical(unlist(row_chunks(10, size = 3)), 1:10)
  expect_identical(row_chunks(1), list(1L))
  n <- 2^18 + 5L
  x <- rep(1L, n)
  x[2^18 + 1] <- 2L
  expect_identical(run_starts(list(x), n), c(1L, 2L^18L + 1:2) |> as.integer())
  expect_identical(first_row(n, \(i) x[i] == 2L), as.integer(2^18 + 1))
  expect_null(first_row(n, \(i) x[i] == 3L))
  raw <- data.frame(subject = rep(1:3, c(2^18 - 2, 4, 3)), choice = rep_len(1:2, n), outcome = 0)
  raw$outcome[n] <- 1
  d <- suppressWarnings(rl_data(raw))
  expect_identical(d$length, as.integer(c(2^18 - 2, 4, 3)))
  expect_identical(
    action_counts(d, "choice"),
    unclass(unname(table(raw$subject, raw$choice))),
    ignore_attr = TRUE
  )
})
