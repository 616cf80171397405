test_that("valid values come back, converted where that is harmless", {
  expect_identical(check_string("a"), "a")
  expect_null(check_string(NULL, allow_null = TRUE))
  expect_identical(check_flag(TRUE), TRUE)
  expect_identical(check_count(3), 3L)
  expect_identical(check_count(0, min = 0), 0L)
  expect_null(check_count(NULL, allow_null = TRUE))
  expect_identical(check_number(1L), 1)
  expect_identical(check_number(0, lower = 0, upper = 1), 0)
  expect_identical(check_choice("map", c("mle", "map")), "map")
  expect_identical(check_choice(c("mle", "map"), c("mle", "map")), "mle")
  expect_null(check_seed(NULL))
  expect_identical(check_seed(2^53), 2^53)
  frame <- data.frame(a = 1)
  expect_identical(check_class(frame, "data.frame", "a data frame"), frame)
  expect_silent(check_dots_empty())
})

test_that("wrong values are errors of kind input that name the argument", {
  wrong <- list(
    \(threads) check_count(threads, min = 1),
    \(threads) check_string(threads),
    \(threads) check_flag(threads),
    \(threads) check_number(threads, lower = 0, upper = 1),
    \(threads) check_choice(threads, c("a", "b")),
    \(threads) check_seed(threads),
    \(threads) check_class(threads, "rl_model", "a model")
  )
  for (check in wrong) {
    for (value in list(-1.5, NA, c(2, 3), list(), Inf, factor("a"), sum)) {
      err <- expect_error(check(value), class = "rescorla_error_input")
      expect_match(conditionMessage(err), "threads")
    }
  }
})

test_that("limits are inclusive and seeds whole", {
  expect_error(check_number(1.01, upper = 1), class = "rescorla_error_input")
  expect_error(check_number(NaN), class = "rescorla_error_input")
  expect_error(check_count(1e10), class = "rescorla_error_input")
  expect_error(check_seed(1.5), class = "rescorla_error_input")
  expect_error(check_seed(-1), class = "rescorla_error_input")
  expect_error(check_number("1"), class = "rescorla_error_input")
})

test_that("arguments in the dots are refused, unevaluated", {
  f <- function(x, ...) check_dots_empty(...)
  expect_silent(f(1))
  err <- expect_error(f(1, treads = stop("evaluated")), class = "rescorla_error_input")
  expect_match(conditionMessage(err), "treads")
  expect_error(f(1, 2), class = "rescorla_error_input")
})

test_that("texts of the checks", {
  fit <- function(starts = 10, method = "mle", seed = NULL, ...) {
    check_dots_empty(...)
    check_count(starts)
    check_choice(method, c("mle", "map"))
    check_seed(seed)
  }
  expect_snapshot(error = TRUE, {
    fit(starts = 0)
    fit(starts = "ten")
    fit(starts = 1:3)
    fit(method = "mpa")
    fit(method = NULL)
    fit(seed = 1.5)
    fit(begin = 1, thread = 2)
    fit(treads = 2)
    fit(10, "mle", 1, 2)
    check_number(3, lower = 0, upper = 1, arg = "alpha")
    check_number(-1, lower = 0, arg = "alpha")
    check_class(mean, "rl_model", "a model made by `rl_model()`", arg = "model")
    check_class(data.frame(), "rl_model", "a model made by `rl_model()`", arg = "model")
  })
})
