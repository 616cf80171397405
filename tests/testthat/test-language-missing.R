skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# The rule of missing values, line by line, against numbers worked out by hand.

missing_model <- function() {
  rl_model("missing",
    parameters = list(a = unit_interval(), b = positive()),
    columns = c("x", "cue"),
    state = list(decay = scalar(1), zero = scalar(5), poisoned = scalar(5), chosen = scalar(5),
      logical = scalar(5), skipped = scalar(5), seen = scalar(0), at_cue = array_of(5, cue),
      freeze = per_action(0), others = per_action(8), by_cell = per_action(0)),
    trial = {
      choice ~ softmax(b * by_cell)
      decay <- 0.5 * decay
      zero <- zero + 0 * outcome
      held <- outcome + 1
      poisoned <- held - outcome
      chosen <- ifelse(observed(outcome), outcome, 7)
      logical <- 2 * (outcome > 100 & x > 0) + (outcome > -100 | x > 0)
      if (x > 0) skipped <- 1 else skipped <- -1
      seen <- seen + observed(outcome) + 10 * observed(choice)
      at_cue[cue] <- 6
      freeze <- freeze + a * (one_hot(choice) - freeze)
      others[-choice] <- others[-choice] / 2
      by_cell <- by_cell + a * (foregone - by_cell)
    })
}

missing_data <- function() {
  data.frame(
    subject = "s", choice = c(1, 2, NA, 1, 2, 1), outcome = c(1, NA, 2, NA, NA, 3),
    x = c(1, -1, NA, 2, NA, NA), cue = c("p", NA, "q", "p", "p", "p"),
    foregone_1 = c(1, NA, 0, 1, 1, 1), foregone_2 = c(0, 1, NA, NA, 0, 1)
  )
}

missing_roles <- list(subject = "subject", choice = c(choice = "choice"), outcome = "outcome",
  foregone = c("foregone_1", "foregone_2"), actions = 1:2)

test_that("each line is skipped exactly where it reads something missing", {
  local_language_options()
  frame <- missing_data()
  data <- suppressWarnings(do.call(rl_data, c(list(frame), missing_roles)))
  l <- suppressMessages(rl_latents(missing_model(), data, c(a = 0.5, b = 1)))
  expect_equal(l$decay, 0.5^(0:5))
  expect_equal(l$zero, rep(5, 6))
  expect_equal(l$poisoned, c(5, 1, 1, 1, 1, 1))
  expect_equal(l$held, c(2, NA, 3, NA, NA, 4))
  expect_equal(l$chosen, c(5, 1, 7, 2, 7, 7))
  # Trial 1: 0 + 1. Trial 2: missing & FALSE is FALSE, missing | FALSE is missing: skipped.
  # Trial 3: FALSE & missing is FALSE, TRUE | missing is TRUE. Trial 4: missing & TRUE.
  expect_equal(l$logical, c(5, 1, 1, 1, 1, 1))
  expect_equal(l$skipped, c(5, 1, -1, -1, 1, 1))
  expect_equal(l$seen, c(0, 11, 21, 22, 32, 42))
  expect_equal(l$at_cue_p, c(5, 6, 6, 6, 6, 6))
  expect_equal(l$at_cue_q, c(5, 5, 5, 6, 6, 6))
  expect_equal(l$freeze_1, c(0, 0.5, 0.25, 0.25, 0.625, 0.3125))
  expect_equal(l$freeze_2, c(0, 0, 0.5, 0.5, 0.25, 0.625))
  expect_equal(l$others_1, c(8, 8, 4, 4, 4, 2))
  expect_equal(l$others_2, c(8, 4, 4, 4, 2, 2))
  expect_equal(l$by_cell_1, c(0, 0.5, 0.5, 0.25, 0.625, 0.8125))
  expect_equal(l$by_cell_2, c(0, 0, 0.5, 0.5, 0.5, 0.25))
  expect_equal(is.na(l$log_lik), c(FALSE, FALSE, TRUE, FALSE, FALSE, FALSE))
})

test_that("the same by the interpreter, with gradients, on longer data", {
  frame <- missing_data()[rep(1:6, 6), ]
  frame$subject <- rep(c("a", "b", "c"), c(7, 12, 17))
  expect_language(missing_model(), frame, list(a = 0.4, b = 1.5), missing_roles,
    levels = list(choice = 1:2, cue = c("p", "q")))
})

test_that("forced choices are learned from and not scored; missing distributions are not scored", {
  model <- rl_model("forced", parameters = list(a = unit_interval(), b = positive()),
    columns = "gain",
    state = list(value = per_action(0)),
    trial = {
      choice ~ softmax(b * gain * value)
      value[choice] <- value[choice] + a * (outcome - value[choice])
    })
  frame <- language_data(n_actions = 3, forced = TRUE) |> add_number("gain", 0.2, 61)
  expect_language(model, frame, list(a = .4, b = 1))
  local_language_options()
  data <- suppressWarnings(do.call(rl_data, c(list(frame), language_roles_of(frame))))
  pointwise <- rl_loglik(model, data, c(a = .4, b = 1), pointwise = TRUE)
  expect_equal(is.na(pointwise), is.na(frame$choice) | frame$forced | is.na(frame$gain))
})

test_that("a column of nothing but missing values, and one that the program never needs", {
  model <- rl_model("unused", parameters = list(a = unit_interval(), b = positive()),
    columns = "x",
    state = list(value = per_action(0), extra = scalar(1)),
    trial = {
      choice ~ softmax(b * value * extra)
      value[choice] <- value[choice] + a * (outcome - value[choice])
      extra <- extra * exp(x)
    })
  frame <- language_data()
  frame$x <- NA_real_
  expect_language(model, frame, list(a = .4, b = 1))
})
