# The second stage: names, types and shapes. No compiler, no data.

check_text <- function(trial, state = quote(list(value = per_action(0))), columns = character()) {
  kinds <- list(alpha = unit_interval(), beta = positive())
  check_program(parse_program(list(name = "m", parameters = parameter_table(kinds), state = state,
    trial = trial, columns = columns)))
}

line_of <- function(expr, ...) {
  check_text(rlang::call2("{", quote(choice ~ softmax(beta * value)), expr), ...)
}

test_that("a checked program tells kinds, shapes, dependence and missingness", {
  program <- check_text(quote({
    choice ~ softmax(beta * value)
    error <- outcome - value[choice]
    good <- error > 0
    value[choice] <- value[choice] + alpha * error
    last <- choice
    seen <- seen + 1
  }), quote(list(value = per_action(0), last = scalar(0), seen = scalar(0))))
  states <- stats::setNames(program$states, vapply(program$states, `[[`, "", "name"))
  expect_equal(states$value$shape, "choice")
  expect_equal(states$value$deps, 1L)
  expect_true(states$value$tainted)
  expect_equal(states$last$kind, "index")
  expect_equal(states$seen$kind, "real")
  expect_equal(states$seen$deps, integer())
  locals <- stats::setNames(program$locals, vapply(program$locals, `[[`, "", "name"))
  expect_true(locals$error$missable)
  expect_equal(locals$good$kind, "flag")
  expect_equal(program$responses[[1]]$type, "categorical")
  expect_equal(program$codes, "choice")
  expect_setequal(vapply(program$numbers, `[[`, "", "name"), c("outcome", "available"))
})

test_that("columns are numbers or levels by use", {
  program <- check_text(quote({
    choice ~ softmax(beta * value[cue, ])
    x <- ifelse(group == "old", dose, 0)
    same <- shown == choice
  }), quote(list(value = array_of(0, c(cue, choice)))), c("cue", "group", "dose", "shown"))
  expect_setequal(program$codes, c("choice", "cue", "group", "shown"))
  expect_setequal(vapply(program$numbers, `[[`, "", "name"), c("dose", "available"))
  # What is compared shares its coding, led by the response.
  expect_true(list(c("choice", "shown")) %in% program$groups)
})

test_that("what a local holds, its shape, is the same throughout", {
  program <- line_of(quote(if (outcome > 0) x <- 1 else x <- value))
  expect_equal(program$locals[[1]]$shape, "choice")
  expect_true(program$locals[[1]]$missable)
})

test_that("names that are not known, or taken, are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    line_of(quote(x <- valeu[choice]))
    line_of(quote(x <- alhpa * outcome))
    line_of(quote(x <- volatility))
    line_of(quote(x <- sin(1)))
    line_of(quote(x <- stats::plogis(1)))
    line_of(quote(x <- bernoulli(0.5)))
    line_of(quote(alpha <- 1))
    line_of(quote(outcome <- 1))
    line_of(quote(choice <- 1))
    line_of(quote(n_actions <- 1))
    line_of(quote(kalman_update <- 1))
    line_of(quote(choice ~ softmax(value)))
    line_of(quote(alpha ~ normal(0, 1)))
    line_of(quote(outcome ~ normal(0, 1)))
    line_of(quote(value ~ normal(0, 1)))
  })
})

test_that("order matters: responses below their line, locals after their value", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ x <- value[choice]; choice ~ softmax(value) }))
    check_text(quote({ if (choice == 1) value <- 0; choice ~ softmax(value) }))
    line_of(quote(x <- x + 1))
    check_text(quote({ y <- x; x <- 1 }))
    line_of(quote(x[1] <- 1))
  })
})

test_that("shapes that do not fit are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ choice ~ softmax(beta) }))
    check_text(quote({ choice ~ bernoulli(value) }))
    check_text(quote({ choice ~ bernoulli_logit(value[2], lapse = value) }))
    check_text(quote({ choice ~ softmax(value, available = 1) }))
    line_of(quote(if (value > 0) x <- 1))
    line_of(quote(value[choice] <- value))
    line_of(quote(x <- c(value, 1)))
    line_of(quote(x <- c(1, 2, 3) + c(1, 2)))
    line_of(quote(x <- softmax(1)))
    check_text(quote({ choice1 ~ softmax(value); choice2 ~ softmax(value) }))
    check_text(quote({ choice1 ~ softmax(v); choice2 ~ softmax(v * n_actions) }),
      quote(list(v = array_of(0, choice1))))
    check_text(quote({ choice1 ~ softmax(v); choice2 ~ softmax(v * foregone) }),
      quote(list(v = array_of(0, choice1))))
  })
})

test_that("indices that do not fit are errors with a remedy", {
  table <- quote(list(value = per_action(0), q = array_of(0, c(2, choice))))
  expect_snapshot(error = TRUE, {
    line_of(quote(value[choice, 1] <- 0))
    line_of(quote(value[] <- 0))
    line_of(quote(x <- value[0]))
    line_of(quote(x <- value[1.5]))
    line_of(quote(x <- q[3, choice]), table)
    line_of(quote(x <- q[choice]), table)
    line_of(quote(x <- q[, 1]), table)
    line_of(quote(q[-choice] <- 1), table)
    line_of(quote(q[-choice, 1] <- 1), table)
    line_of(quote(value[alpha] <- 1))
    line_of(quote(x <- value[outcome > 0]))
    line_of(quote(x <- outcome[1]))
    line_of(quote(x <- value[choice][1]))
    line_of(quote(x <- value[[1]]))
    line_of(quote(x <- value[-choice]))
    line_of(quote(value[choice] <- value[-choice]))
    line_of(quote(x <- sum(value[-choice] * value[-1])))
  })
})

test_that("an index may not depend on parameters, not even through `if`", {
  states <- quote(list(value = per_action(0), best = scalar(1)))
  expect_error(check_text(quote({
    choice ~ softmax(beta * value)
    value[choice] <- value[choice] + alpha * outcome
    if (value[2] > value[1]) best <- 2
    value[best] <- 0
  }), states), "`best` depends on parameters", class = "rescorla_error_model")
  expect_silent(check_text(quote({
    choice ~ softmax(beta * value)
    if (outcome > 0) best <- 2
    value[best] <- alpha
  }), states))
})

test_that("levels are not numbers", {
  expect_snapshot(error = TRUE, {
    line_of(quote(x <- choice + 1))
    line_of(quote(x <- 1 - cue), columns = "cue", quote(list(value = per_action(0), v = array_of(0, cue))))
    line_of(quote(x <- choice > 1))
    line_of(quote(x <- "go"))
    line_of(quote(x <- outcome == "go"))
    line_of(quote(x <- one_hot(outcome)))
    line_of(quote(x <- one_hot(alpha, choice)))
    line_of(quote(x <- one_hot(choice, 2)))
    line_of(quote(x <- n_levels(value)))
    line_of(quote(x <- observed(value)))
    line_of(quote(x <- ifelse(value > 0, choice, choice)))
  })
})

test_that("calls that do not fit are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    line_of(quote(x <- exp(1, 2)))
    line_of(quote(x <- exp()))
    line_of(quote(x <- exp(, )))
    line_of(quote(x <- sum(value, na.rm = TRUE)))
    line_of(quote(x <- mean(value, value)))
    line_of(quote(x <- ifelse(value > 0, 1)))
    line_of(quote(x <- if (outcome > 0) 1 else 2))
    line_of(quote(x <- function(y) y))
    line_of(quote(x <- 1:3))
    line_of(quote(x <- NA))
    line_of(quote(x <- Inf))
    line_of(quote(x <- rescorla_wagner(value, outcome)))
    line_of(quote(x <- rescorla_wagner(value, outcome, alpha)$gain))
    line_of(quote(x <- value$gain))
    line_of(quote(x <- epsilon_greedy(value)))
  })
})

test_that("states that do not fit are errors with a remedy", {
  state <- function(state, columns = character()) {
    check_text(quote({ choice ~ softmax(beta * value) }), state, columns)
  }
  expect_snapshot(error = TRUE, {
    state(quote(list(value = array_of(0, 0))))
    state(quote(list(value = array_of(0, "cue"))))
    state(quote(list(value = array_of(0, c(1, 2, 3, 4)))))
    state(quote(list(value = array_of(0, cue))))
    state(quote(list(value = array_of(0, outcome))))
    state(quote(list(value = per_action(q0))))
    state(quote(list(value = per_action(0), other = per_action(value))))
    state(quote(list(value = per_action(outcome))))
    state(quote(list(value = per_action(c(1, 2)))))
    state(quote(list(alpha = per_action(0))))
    state(quote(list(outcome = per_action(0))))
    state(quote(list(cue = per_action(0))), "cue")
    state(quote(list(n_actions = per_action(0))))
    state(quote(list(rescorla_wagner = per_action(0))))
    state(quote(list(value = per_action(0), value = scalar(1))))
  })
})
