# The first stage: expressions to a plain list. No compiler, no data.

parse_text <- function(trial, state = quote(list(value = per_action(0)))) {
  parse_program(list(name = "m", parameters = data.frame(name = c("alpha", "beta")), state = state,
    trial = trial, columns = character()))
}

test_that("a program becomes a list of states and numbered statements", {
  parsed <- parse_text(quote({
    choice ~ softmax(beta * value, lapse = 0.1)
    if (outcome > 0) {
      gain <- 1
    } else if (outcome < 0) {
      gain <- -1
    } else gain <- 0
    value[choice] <- value[choice] + alpha * gain
  }), quote(list(value = per_action(0.5, reset = "subject"), q = array_of(init = 0, dims = c(2, choice)),
    n = scalar(reset = "block", init = 1))))
  expect_equal(vapply(parsed$states, `[[`, "", "name"), c("value", "q", "n"))
  expect_equal(vapply(parsed$states, `[[`, "", "kind"), c("per_action", "array_of", "scalar"))
  expect_equal(vapply(parsed$states, `[[`, "", "reset"), c("subject", "block", "block"))
  expect_identical(parsed$states[[2]]$dims, quote(c(2, choice)))
  expect_equal(vapply(parsed$statements, `[[`, "", "type"), c("response", "if", "assign"))
  expect_equal(vapply(parsed$statements, `[[`, 0L, "line"), c(1L, 2L, 7L))
  response <- parsed$statements[[1]]
  expect_equal(response$distribution, "softmax")
  expect_identical(response$arguments, list(x = quote(beta * value), lapse = 0.1))
  inner <- parsed$statements[[2]]$otherwise[[1]]
  expect_equal(inner$text, "if (outcome < 0)")
  expect_equal(inner$otherwise[[1]]$line, 6L)
  last <- parsed$statements[[3]]
  expect_equal(last$target, "value")
  expect_identical(last$index, list(quote(choice)))
  expect_equal(last$text, "value[choice] <- value[choice] + alpha * gain")
})

test_that("indices may be left out, and `=` assigns as `<-` does", {
  parsed <- parse_text(quote({
    q[1, ] <- 0
    x = 2
    value[-choice] <- 1
  }))
  expect_identical(parsed$statements[[1]]$index, list(1, quote(expr = )))
  expect_equal(parsed$statements[[2]]$target, "x")
  expect_identical(parsed$statements[[3]]$index, list(quote(-choice)))
})

test_that("nothing at all is a program too", {
  parsed <- parse_text(quote({}), NULL)
  expect_equal(parsed$states, list())
  expect_equal(parsed$statements, list())
})

test_that("what is no statement is an error that names the line", {
  expect_snapshot(error = TRUE, {
    parse_text(quote(choice ~ softmax(value)))
    parse_text(quote({ value }))
    parse_text(quote({ x <- 1; "text" }))
    parse_text(quote({ if (outcome > 0) { while (TRUE) value <- 0 } }))
    parse_text(quote({ f(x) <- 1 }))
    parse_text(quote({ ~ softmax(value) }))
    parse_text(quote({ choice + 1 ~ softmax(value) }))
    parse_text(quote({ choice ~ value }))
    parse_text(quote({ choice ~ sofmax(value) }))
    parse_text(quote({ choice ~ wiener(1, 2, 3) }))
    parse_text(quote({ choice ~ softmax() }))
    parse_text(quote({ choice ~ softmax(value, laps = 0.1) }))
    parse_text(quote({ choice ~ normal(0) }))
  })
})

test_that("what is no state is an error that names the state", {
  state <- function(state) parse_text(quote({ choice ~ softmax(value) }), state)
  expect_snapshot(error = TRUE, {
    state(quote(per_action(0)))
    state(quote(list(per_action(0))))
    state(quote(list(value = 0)))
    state(quote(list(value = vector(0))))
    state(quote(list(value = per_action())))
    state(quote(list(value = array_of(0))))
    state(quote(list(value = per_action(0, reset = "trial"))))
  })
})

test_that("an error carries the line, the symbol and the class", {
  error <- expect_error(parse_text(quote({ x <- 1; choice ~ sofmax(value) })),
    class = "rescorla_error_model")
  expect_s3_class(error, "rescorla_error")
  expect_equal(error$line, 2L)
  expect_equal(error$symbol, "sofmax")
})

test_that("braces in a program are quoted, not filled in", {
  error <- expect_error(parse_text(quote({ "{stop('no')}" })), class = "rescorla_error_model")
  expect_match(conditionMessage(error), "{stop('no')}", fixed = TRUE)
})
