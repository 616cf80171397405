# Errors of responses that are numbers and of loops. No compiler, no data.

check_text <- function(trial, state = quote(list(value = per_action(0))), columns = character(),
                       kinds = list(alpha = unit_interval(), beta = positive())) {
  check_program(parse_program(list(name = "m", parameters = parameter_table(kinds), state = state,
    trial = trial, columns = columns)))
}

test_that("a checked number tells what it depends on and that it is read", {
  program <- check_text(quote({
    hits ~ binomial(size, alpha)
    sure ~ beta_mean(alpha, beta)
    pumps ~ repeated_logit(beta * (3 - step), censored = burst, most = size + 2)
    x <- hits + sure + pumps
  }), columns = c("size", "burst"))
  expect_equal(program$numeric_responses, c("hits", "sure", "pumps"))
  expect_equal(program$codes, character())
  expect_setequal(vapply(program$numbers, `[[`, "", "name"),
    c("hits", "sure", "pumps", "size", "burst"))
  arguments <- program$statements[[3]]$arguments
  expect_equal(arguments$x$deps, 2L)
  expect_equal(arguments$censored$kind, "flag")
  expect_equal(arguments$most$deps, integer())
})

test_that("`step` is a name like others where no decisions are counted", {
  program <- check_text(quote({
    choice ~ softmax(beta * value * step)
    step <- step + 1
  }), quote(list(value = per_action(0), step = scalar(0))))
  expect_equal(program$states[[2]]$name, "step")
})

test_that("arguments that do not fit a number are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ y ~ beta_mean(alpha) }))
    check_text(quote({ y ~ beta_mean(mean = alpha, phi = beta) }))
    check_text(quote({ y ~ beta_mean(value, beta) }))
    check_text(quote({ y ~ binomial(10) }))
    check_text(quote({ y ~ binomial(10 * beta, alpha) }))
    check_text(quote({ y ~ binomial(n, alpha) }))
    check_text(quote({ y ~ binomial(10, value) }))
    check_text(quote({ y ~ binomail(10, alpha) }))
    check_text(quote({ x <- binomial(10, alpha) }))
    check_text(quote({ outcome ~ binomial(10, alpha) }))
    check_text(quote({ y ~ beta_mean(y, beta) }))
    check_text(quote({ y ~ beta_mean(alpha, beta); y ~ normal(0, 1) }))
  })
})

test_that("arguments that do not fit decisions in a row are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ y ~ repeated_logit() }))
    check_text(quote({ y ~ repeated_logit(beta - step, lapse = 0.1) }))
    check_text(quote({ y ~ repeated_logit(value - step) }))
    check_text(quote({ y ~ repeated_logit(beta - step, most = 10 * beta) }))
    check_text(quote({ y ~ repeated_logit(beta, most = step) }))
    check_text(quote({ y ~ repeated_logit(beta - step, censored = value > 0) }))
    check_text(quote({ y ~ repeated_logit(beta - step, censored = "yes") }))
    check_text(quote({ y ~ repeated_logit(beta - y) }))
    check_text(quote({ choice ~ softmax(beta * value * step) }))
    check_text(quote({ y ~ repeated_logit(beta - step); x <- step }))
    check_text(quote({ y ~ repeated_logit(beta - step) }), quote(list(step = scalar(0))))
    check_text(quote({ y ~ repeated_logit(beta - step) }), columns = "step")
    check_text(quote({ y ~ repeated_logit(beta - step) }),
      kinds = list(beta = positive(), step = real()))
    check_text(quote({ step <- 1; y ~ repeated_logit(beta - step) }))
    check_text(quote({ step ~ repeated_logit(beta - step) }))
  })
})

test_that("loops that do not fit are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ for (k in 1:n_actions) value[k] <- 0 }))
    check_text(quote({ for (k in value) value[k] <- 0 }))
    check_text(quote({ for (k in c(1, 2.5)) value[k] <- 0 }))
    check_text(quote({ for (k in seq(1, 3)) value[k] <- 0 }))
    check_text(quote({ for (k in 1:21) value[k] <- 0 }))
    check_text(quote({ for (i in 1:20) for (j in 1:20) { x <- i; y <- j } }))
    check_text(quote({ for (k in 1:2) choice ~ softmax(k * value) }))
    check_text(quote({ for (k in 1:2) if (outcome > 0) mood ~ normal(k, 1) }))
    check_text(quote({ for (k in 1:2) { for (k in 1:3) x <- k } }))
    check_text(quote({ for (k in 1:2) { while (TRUE) x <- k } }))
    check_text(quote({ for (k in 1:2) value[k] }))
  })
})

test_that("names of loops that are taken, and names outside their loop, are errors with a remedy", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ for (alpha in 1:2) x <- alpha }))
    check_text(quote({ for (value in 1:2) x <- value }))
    check_text(quote({ for (outcome in 1:2) x <- outcome }))
    check_text(quote({ for (cue in 1:2) x <- cue }), columns = "cue")
    check_text(quote({ for (x in 1:2) x <- 1 }))
    check_text(quote({ for (k in 1:2) k[1] <- 1 }))
    check_text(quote({ mood ~ normal(0, 1); for (mood in 1:2) x <- mood }))
    check_text(quote({ for (n_actions in 1:2) x <- n_actions }))
    check_text(quote({ for (kalman_update in 1:2) x <- kalman_update }))
    check_text(quote({ for (step in 1:2) x <- step; y ~ repeated_logit(beta - step) }))
    check_text(quote({ for (k in 1:2) x <- k; y <- k }))
  })
})

test_that("an error inside a loop tells which copy of the line it is about", {
  expect_snapshot(error = TRUE, {
    check_text(quote({ for (k in 0:1) value[k] <- 0 }))
    check_text(quote({ for (i in 1:2) for (j in 1:2) x <- q[i, j + 1] }),
      quote(list(q = array_of(0, c(2, 2)))))
    check_text(quote({ for (k in 1:2) if (k == 2) x <- k + volatility }))
    check_text(quote({ for (k in 1:2) if (k > 1) x <- last; last <- 1 }))
  })
  error <- expect_error(check_text(quote({ x <- 1; for (k in 3) y <- z })),
    class = "rescorla_error_model")
  expect_equal(error$line, 3L)
})
