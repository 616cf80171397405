# The third stage: a checked program to C++ text. No compiler: what the text does is tested in
# test-language*.R.

cpp_of <- function(...) {
  model <- rl_model("m", parameters = list(alpha = unit_interval(), beta = positive(), q0 = fixed(0)),
    ...)
  paste(generate_cpp(model$program), collapse = "\n")
}

test_that("the C++ of a model is a struct with five parts", {
  text <- paste(generate_cpp(rl_model("rw")$program, "model_rw"), collapse = "\n")
  expect_match(text, "struct model_rw {", fixed = TRUE)
  expect_match(text, "static constexpr int parameters = 3;", fixed = TRUE)
  # alpha and beta are free, q0 is not.
  expect_match(text, "directions estimated = 0x3ULL;", fixed = TRUE)
  expect_match(text, "directions every = 0x7ULL;", fixed = TRUE)
  expect_match(text, "static constexpr void layout(", fixed = TRUE)
  for (part in c("start", "record", "trial")) {
    expect_match(text, paste0("static void ", part, "("), fixed = TRUE)
  }
  # A value depends on alpha and q0, never on beta: bits 1 and 3.
  expect_match(text, "f.template reserve<0x5ULL>(0,", fixed = TRUE)
})

test_that("every statement stands below its own text", {
  text <- generate_cpp(rl_model("rw")$program)
  comments <- grep("^    // [0-9]+: ", text, value = TRUE)
  expect_equal(sub("^    // ", "", comments), c(
    "1: choice ~ softmax(beta * value)",
    "2: prediction_error <- outcome - value[choice]",
    "3: value[choice] <- rescorla_wagner(value[choice], outcome, alpha)"
  ))
})

test_that("what is read twice is computed once", {
  text <- cpp_of(state = list(value = per_action(0)), trial = {
    choice ~ softmax(beta * value)
    a <- value[choice] + 1
    b <- value[choice] + 2
    value[choice] <- 0
    c <- value[choice] + 3
  })
  expect_equal(lengths(regmatches(text, gregexpr("f.at(", text, fixed = TRUE))), 2L)
})

test_that("both masks of an `if` are made before its branches", {
  text <- cpp_of(state = list(value = per_action(0), x = scalar(0)), trial = {
    choice ~ softmax(beta * value)
    flag <- outcome > 0
    if (flag) flag <- x > 1 else x <- 2
  })
  masks <- gregexpr("const auto m_", text)[[1]]
  expect_length(masks, 2)
  expect_lt(masks[2], regexpr("// 4:", text, fixed = TRUE))
})

test_that("names cannot clash with C++ or each other", {
  kinds <- list(double = unit_interval(), a.b = positive(), a_b = positive(), `x y` = positive())
  text <- paste(generate_cpp(rl_model("m", parameters = kinds,
    state = list(int = per_action(double), `for` = scalar(a.b)), trial = {
      choice ~ softmax(a_b * int)
      int <- int + a.b * `x y` + `for`
    })$program), collapse = "\n")
  for (name in c("p_double", "p_a_b ", "p_a_b_1", "p_x_y", "s_int", "s_for")) {
    expect_match(text, name, fixed = TRUE)
  }
})

test_that("numbers keep all their digits", {
  expect_equal(number_text(1), "1.0")
  expect_equal(as.numeric(number_text(1 / 3)), 1 / 3)
  expect_equal(as.numeric(number_text(-1e-300)), -1e-300)
  expect_equal(deps_mask(integer()), "0ULL")
  expect_equal(deps_mask(c(1, 33, 63)), "0x4000000100000001ULL")
})

test_that("the number of parameters has a limit", {
  kinds <- rep(list(real()), 64)
  names(kinds) <- paste0("p", 1:64)
  expect_error(rl_show(rl_model("large", parameters = kinds, trial = {
    choice ~ bernoulli_logit(p1 + p64)
  }), "cpp"), "63 parameters", class = "rescorla_error_model")
})
