test_that("losses get the sign that the task's models expect", {
  raw <- data.frame(subject = rep(1:2, each = 3), choice = c(1, 2, 1, 2, 1, 2),
    gain = c(1, 2, 3, 4, 5, NA), loss = c(-1, 0, 2, -3, NA, 4), cert = 1)
  for (task in c("bandit4arm", "banditNarm", "igt")) {
    d <- quiet_task(raw, task = task)
    expect_identical(read_column(d, "loss"), c(-1, 0, -2, -3, NA, -4))
    expect_identical(read_column(d, "outcome"), c(0, 2, 1, 1, NA, NA))
  }
  d <- quiet_task(stats::setNames(raw, c("subject", "gamble", "gain", "loss", "cert")),
    task = "ra", actions = 1:2)
  expect_identical(read_column(d, "loss"), c(1, 0, 2, 3, NA, 4))
  expect_null(d$roles$outcome)
  # An outcome that is there already is left alone, and so is a loss that fits.
  raw$outcome <- 9
  raw$loss <- -abs(raw$loss)
  expect_message(d <- suppressWarnings(rl_data(raw, task = "igt")), "igt")
  expect_identical(read_column(d, "outcome"), rep(9, 6))
  expect_identical(d$data, raw)
})

test_that("outcomes of a reversal become their signs", {
  raw <- data.frame(subject = 1, choice = c(1, 2, 1, 2), outcome = c(25, -25, 0, NA))
  expect_identical(read_column(quiet_task(raw, task = "prl"), "outcome"), c(1, -1, 0, NA))
  raw$block <- c("a", "a", "b", "b")
  d <- quiet_task(raw, task = "prl_multipleB")
  expect_identical(d$blocks, c("a", "b"))
  expect_error(quiet_task(raw[-4], task = "prl_multipleB"), class = "rescorla_error_data")
})

test_that("pairs of stimuli come from their type, or from columns of their own", {
  raw <- data.frame(subject = 1, type = c(12, 34, 56, NA, 12), choice = c(1, 0, 1, 0, 0),
    reward = c(1, 0, 0, 1, 1))
  d <- quiet_task(raw, task = "pst")
  expect_identical(read_column(d, "option1"), c(1L, 3L, 5L, NA, 1L))
  expect_identical(read_column(d, "option2"), c(2L, 4L, 6L, NA, 2L))
  letters <- transform(raw, type = c("AB", "CD", "ef", NA, "AB"))
  expect_identical(read_column(quiet_task(letters, task = "pst"), "option2"),
    c(2L, 4L, 6L, NA, 2L))
  own <- transform(raw, Option1 = 6:2, option2 = 5:1)
  d <- quiet_task(own, task = "pst")
  expect_identical(read_column(d, "option1"), 6:2)
  expect_identical(read_column(d, "option2"), 5:1)
  err <- expect_error(quiet_task(raw[-2], task = "pst"), class = "rescorla_error_data")
  expect_identical(err$column, c("option1", "option2"))
})

two_steps <- function(...) {
  data.frame(subject = 1, choice1 = c(1, 2, 1, 2, NA), reward = c(1, 0, 1, 0, NA), ...)
}

test_that("four choices of the second stage become a pair and a choice", {
  d <- quiet_task(two_steps(level2_choice = c(1, 4, 2, 3, NA)), task = "ts")
  expect_identical(read_column(d, "state2"), c(1L, 2L, 1L, 2L, NA))
  expect_identical(d$responses$choice2, c(1L, 2L, 2L, 1L, NA))
  expect_identical(d$actions, list(choice1 = c("1", "2"), choice2 = c("1", "2")))

  # With the pair in a column the choices may be coded within it ...
  d <- quiet_task(two_steps(final_state = c(1, 2, 1, 2, 2), choice2 = c(1, 2, 2, 1, NA)),
    task = "ts")
  expect_identical(read_column(d, "state2"), c(1, 2, 1, 2, 2))
  expect_identical(d$responses$choice2, c(1L, 2L, 2L, 1L, NA))
  # ... or over both, and must then agree with it.
  both <- two_steps(state2 = c(1, 2, 1, 2, 2), level2_choice = c(1, 4, 2, 3, NA))
  d <- quiet_task(both, task = "ts")
  expect_identical(read_column(d, "state2"), c(1L, 2L, 1L, 2L, 2L))
  expect_identical(d$responses$choice2, c(1L, 2L, 2L, 1L, NA))
  both$state2[3] <- 2
  err <- expect_error(quiet_task(both, task = "ts"), class = "rescorla_error_data")
  expect_identical(err[c("column", "row")], list(column = "level2_choice", row = 3L))
  expect_match(conditionMessage(err), "says pair 2, whose choices are")
  # Two choices alone do not tell the pair.
  err <- expect_error(quiet_task(two_steps(choice2 = c(1, 2, 2, 1, NA)), task = "ts"),
    class = "rescorla_error_data")
  expect_identical(err$column, "state2")
})

test_that("punishments are a group, offers and amounts keep their names", {
  d <- quiet_task(rl_data_example("alt"), task = "alt")
  expect_identical(d$extra$punishment, c("bluePunish", "orangePunish"))
  d <- quiet_task(rl_data_example("dbdm"), task = "dbdm")
  expect_identical(d$data, rl_data_example("dbdm"), ignore_attr = TRUE)
})

test_that("happiness counts where it was rated", {
  raw <- data.frame(
    subject = c(1, 1, 1, 1, 1, 1, 2, 2, 2),
    cert = c(40, 0, 56, 96, 60, 0, 10, 20, 30),
    type = c(-1, 0, -1, 1, 1, 0, 1, -1, 1),
    gain = 0, loss = c(-88, -198, 0, 0, 0, 5, 0, 1, 2), gamble = c(0, 1, 0, 0, 1, 0, 1, 0, 1),
    outcome = c(-40, 1, -56, 96, 0, 0, 2, -20, 3),
    happy = c(0, 0, -1, -1, 1, 1, 3, 3, 2),
    RT_happy = c(689, 689, 700, 700, 650, NA, 650, 650, 700)
  )
  d <- quiet_task(raw, task = "rdt")
  # The first row of the second subject counts although its time is that of the row before.
  expect_identical(read_column(d, "happy"), c(0, NA, -1, NA, 1, NA, 3, NA, 2))
  expect_identical(read_column(d, "cert"), c(-40, 0, -56, 96, 60, 0, 10, -20, 30))
  expect_identical(read_column(d, "loss"), abs(raw$loss))
  # Once prepared, nothing is left to do.
  expect_identical(quiet_task(d$data, task = "rdt")$data, d$data)
  # By subject, in the order of the trials, however the rows stand.
  mixed <- raw
  mixed$n <- c(1:6, 1:3)
  mixed <- mixed[c(8, 3, 1, 2, 9, 5, 4, 6, 7), ]
  d <- quiet_task(mixed, task = "rdt", trial = "n")
  expect_identical(rescorla:::rl_data_column(d, "happy"), c(3, NA, 2, 0, NA, -1, NA, 1, NA))
  # Without a response time all ratings count.
  d <- quiet_task(raw[names(raw) != "RT_happy"], task = "rdt")
  expect_identical(read_column(d, "happy"), raw$happy)
})

test_that("bets, colours and shares of red boxes", {
  raw <- data.frame(subject = 1, gamble_type = c(0, 1, 1), percentage_staked = c(95, 5, 25),
    trial_initial_points = c(100, 5, 80), red_chosen = c(1, 0, NA), n_red_boxes = c(9, 1, 5))
  d <- quiet_task(raw, task = "cgt")
  expect_identical(d$actions,
    list(colour = c("blue", "red"), bet = c("5", "25", "50", "75", "95")))
  expect_identical(d$responses, list(colour = c(2L, 1L, NA), bet = c(5L, 1L, 2L)))
  expect_identical(read_column(d, "points"), c(100, 5, 80))
  expect_identical(read_column(d, "p_red"), c(0.9, 0.1, 0.5))
  own <- data.frame(subject = 1, gamble_type = c(0, 1, 1), bet = c(5L, 1L, 2L),
    points = c(100, 5, 80), colour = c("Red", "Blue", NA), p_red = c(0.9, 0.1, 0.5))
  expect_identical(quiet_task(own, task = "cgt")$responses, d$responses)
  err <- expect_error(quiet_task(raw[-6], task = "cgt"), class = "rescorla_error_data")
  expect_identical(err$column, "p_red")
})

test_that("stimuli have both levels, also where one of them is all there is", {
  raw <- data.frame(subject = 1, stimulus = 1, response = c(0, 1, 1))
  d <- quiet_task(raw, task = "task2AFC")
  expect_identical(levels(read_column(d, "stimulus")), c("0", "1"))
  expect_identical(as.integer(read_column(d, "stimulus")), c(2L, 2L, 2L))
  raw$stimulus <- c("signal", "noise", "signal")
  expect_identical(quiet_task(raw, task = "task2AFC")$data, raw)
})

# ---- the answer sheet ----------------------------------------------------------------------------

sorting <- function() {
  data.frame(subjID = rep(1:2, c(4, 3)), trial = c(1, 2, 4, 5, 1:3), choice = c(1:4, 4:2),
    outcome = c(1, 0, 1, 1, 0, 0, 1))
}

sheet <- rbind(Color = c(2, 1, 4, 1, 2), Form = c(1, 3, 1, 4, 2), Number = c(1, 4, 2, 1, 4))

test_that("the card of trial t is column t of the sheet", {
  d <- quiet_task(sorting(), task = "wcs", answersheet = sheet)
  expect_identical(read_column(d, "colour"), c(2L, 1L, 1L, 2L, 2L, 1L, 4L))
  expect_identical(read_column(d, "form"), c(1L, 3L, 4L, 2L, 1L, 3L, 1L))
  expect_identical(read_column(d, "number"), c(1L, 4L, 1L, 4L, 1L, 4L, 2L))
  # Without trial numbers, by the order of the subject's rows.
  raw <- sorting()[c(5, 1, 6, 2, 7, 3, 4), -2]
  d <- quiet_task(raw, task = "wcs", answersheet = sheet)
  expect_identical(read_column(d, "colour"), c(2L, 2L, 1L, 1L, 4L, 4L, 1L))
  # As a role too, the column says which trial it is.
  d <- quiet_task(sorting(), task = "wcs", answersheet = sheet, trial = "trial")
  expect_identical(d$roles$trial, "trial")
  expect_identical(read_column(d, "colour"), c(2L, 1L, 1L, 2L, 2L, 1L, 4L))
})

test_that("the sheet may be a matrix, a data frame or a file", {
  expected <- quiet_task(sorting(), task = "wcs", answersheet = sheet)$data
  same <- function(x) {
    expect_identical(quiet_task(sorting(), task = "wcs", answersheet = x)$data, expected)
  }
  same(as.data.frame(sheet))
  same(t(sheet))
  same(sheet[c(3, 1, 2), ])
  same(cbind(rule = rownames(sheet), as.data.frame(sheet)))
  rownames(sheet) <- c("colour", "FORM", "number")
  same(sheet)
  rownames(sheet) <- c("Color", "Form", "Number")
  path <- withr::local_tempfile(fileext = ".txt")
  colnames(sheet) <- 1:5
  utils::write.table(sheet, path, sep = "\t", quote = FALSE, col.names = NA)
  expect_identical(readLines(path)[1:2], c("\t1\t2\t3\t4\t5", "Color\t2\t1\t4\t1\t2"))
  same(path)
  path <- withr::local_tempfile(fileext = ".csv")
  utils::write.csv(sheet, path)
  same(path)
})

test_that("columns of the data serve as well, and the example's sheet has its cards", {
  raw <- rl_data_example("wcs")
  path <- system.file("extdata", "examples", "wcs_answersheet.txt", package = "rescorla")
  own <- quiet_task(raw, task = "wcs")
  d <- quiet_task(raw[c("subjID", "trial", "choice", "outcome")], task = "wcs", answersheet = path)
  for (column in c("colour", "form", "number")) {
    expect_identical(read_column(d, column), read_column(own, column))
  }
  expect_identical(own$extra, list(colour = "Color", form = "Form", number = "Number"))
})

test_that("sheets that do not do", {
  wrong <- function(x) {
    err <- expect_error(quiet_task(sorting(), task = "wcs", answersheet = x),
      class = "rescorla_error_input")
    expect_identical(err$arg, "answersheet")
  }
  wrong(unname(sheet))
  wrong(sheet[-1, ])
  wrong(sheet + 1)
  wrong(replace(sheet, 1, NA))
  wrong(1:3)
  wrong("no such file.txt")
  err <- expect_error(quiet_task(sorting(), task = "wcs", answersheet = sheet[, 1:4]),
    class = "rescorla_error_data")
  expect_identical(err$row, 4L)
  expect_error(quiet_task(sorting(), task = "wcs"), class = "rescorla_error_data")
  expect_snapshot(error = TRUE, {
    rl_data(sorting(), task = "wcs")
    rl_data(sorting(), task = "wcs", answersheet = sheet[, 1:4])
    rl_data(sorting(), task = "wcs", answersheet = sheet[-1, ])
    rl_data(sorting(), task = "wcs", answersheet = "no such file.txt")
  })
})
