test_that("errors carry their kind, fields and call", {
  thrower <- function() rescorla_abort("no {.val {1 + 1}}", "data", column = "x", row = 3L)
  err <- expect_error(thrower(), class = "rescorla_error_data")
  expect_s3_class(err, c("rescorla_error_data", "rescorla_error", "rlang_error"), exact = FALSE)
  expect_identical(err$column, "x")
  expect_identical(err$row, 3L)
  expect_match(conditionMessage(err), "no 2")
  expect_identical(as.character(err$call[[1]]), "thrower")
})

test_that("every kind of error and warning has its class, and other kinds are refused", {
  for (kind in c("input", "data", "model", "compile", "backend")) {
    expect_error(rescorla_abort("x", kind), class = paste0("rescorla_error_", kind))
    expect_error(rescorla_abort("x", kind), class = "rescorla_error")
  }
  for (kind in c("convergence", "boundary", "data")) {
    expect_warning(rescorla_warn("x", kind), class = paste0("rescorla_warning_", kind))
    expect_warning(rescorla_warn("x", kind), class = "rescorla_warning")
  }
  expect_error(rescorla_abort("x", "other"), "should be one of")
  expect_message(rescorla_inform("x"), class = "rescorla_message")
})

test_that("messages see the variables of the function that raises them", {
  f <- function(value) rescorla_warn("got {value}", "data", subjects = 1:2)
  warning <- expect_warning(f(7), "got 7")
  expect_identical(warning$subjects, 1:2)
  expect_message((\(value) rescorla_inform("got {value}"))(8), "got 8")
})

test_that("the nearest name is close, contained, or none", {
  names <- c("subjID", "level1_choice", "reward", "trial")
  expect_identical(nearest_name("subject", names), "subjID")
  expect_identical(nearest_name("choice", names), "level1_choice")
  expect_identical(nearest_name("Trail", names), "trial")
  expect_null(nearest_name("volatility", names))
  expect_null(nearest_name("x", character()))
})

test_that("long lists of names are cut", {
  expect_identical(name_some(1:2), "1 and 2")
  expect_identical(name_some("a"), "a")
  expect_identical(name_some(1:5), "1, 2, 3, 4 and 5")
  expect_identical(name_some(letters[1:7]), "a, b, c, d, e and 2 more")
  expect_identical(name_some(c("a", "b"), quote = TRUE), "\"a\" and \"b\"")
})
