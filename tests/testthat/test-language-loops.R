skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Loops: written out by the parser, and by the interpreter, which knows loops, as they stand.

test_that("values and traces at several speeds: tables and parameters by the loop's number", {
  model <- rl_model("GQL in loops",
    parameters = list(phi1 = unit_interval(), phi2 = unit_interval(), psi = unit_interval(),
      beta1 = real(), beta2 = real(), kappa = real(), c11 = real(), c12 = real(), c21 = real(),
      c22 = real()),
    state = list(v = array_of(0.2, c(2, choice)), h = array_of(0, c(2, choice))),
    trial = {
      phi <- c(phi1, phi2)
      beta <- c(beta1, beta2)
      product <- c(c11, c12, c21, c22)
      logit <- 0 * v[1, ]
      for (k in 1:2) {
        logit <- logit + beta[k] * v[k, ] + kappa / k * h[k, ]
        for (l in seq_len(2)) {
          logit <- logit + product[(k - 1) * 2 + l] * v[k, ] * h[l, ]
        }
      }
      choice ~ softmax(logit)
      for (k in 1:2) {
        v[k, choice] <- v[k, choice] + phi[k] * (outcome - v[k, choice])
        h[k, ] <- h[k, ] + psi^k * (one_hot(choice) - h[k, ])
      }
    })
  frame <- language_data(n_actions = 3)
  expect_language(model, frame, list(phi1 = .3, phi2 = .7, psi = .4, beta1 = 1.5, beta2 = -.4,
    kappa = .5, c11 = .4, c12 = -.3, c21 = .2, c22 = .1), all_levels = TRUE)
})

test_that("a loop is what its lines are when written out", {
  local_language_options()
  parameters <- list(a = unit_interval(), b = positive())
  state <- quote(list(q = array_of(0, c(3, choice))))
  loop <- rl_model("loop", parameters = parameters, state = state, trial = {
    choice ~ softmax(b * q[1, ])
    for (k in c(3, 1)) {
      rate <- a / k
      if (k > 1) q[k, choice] <- q[k, choice] + rate * (outcome - q[k - 1, choice]) else
        q[k, choice] <- q[k, choice] + rate * (q[3, choice] - q[k, choice])
    }
  })
  plain <- rl_model("plain", parameters = parameters, state = state, trial = {
    choice ~ softmax(b * q[1, ])
    rate <- a / 3
    q[3, choice] <- q[3, choice] + rate * (outcome - q[2, choice])
    rate <- a / 1
    q[1, choice] <- q[1, choice] + rate * (q[3, choice] - q[1, choice])
  })
  data <- suppressWarnings(suppressMessages(rl_data(language_data(n_actions = 3))))
  x <- c(a = 0.4, b = 2)
  loglik <- function(model) suppressMessages(rl_loglik(model, data, x, gradient = TRUE))
  expect_identical(loglik(loop), loglik(plain))
})

test_that("loops with locals, missing values, inner ranges by the outer number, no values at all", {
  cells <- c(1, 3)
  none <- numeric()
  model <- rl_model("smoothing",
    parameters = list(a = unit_interval(), b = positive(), r = real()),
    columns = c("x", "cue"),
    state = list(value = per_action(0), recent = array_of(0, 4), table = array_of(r, c(2, cue)),
      n = scalar(0)),
    trial = {
      # The last four numbers, newest first; each weighs less than the one before it.
      total <- 0
      for (k in 1:4) total <- total + a^k * recent[k]
      for (k in .(none)) total <- total * k
      spread <- 0
      for (i in seq_len(3)) for (j in 1:i) {
        spread <- spread + ifelse(observed(x), x, 0.1) * (recent[i] - recent[j + 1])^2
      }
      for (i in .(cells)) {
        if (cue == i) late <- x * i
        n <- n + observed(late)
      }
      choice ~ softmax(b * value + c(total, spread, 0.1 * n))
      for (k in c(4, 3, 2)) recent[k] <- recent[k - 1]
      recent[1] <- outcome
      for (k in 2:1) {
        table[k, cue] <- table[k, cue] + a * (x - table[3 - k, cue])
        for (c in 1:2) value[c] <- value[c] + a / c * (outcome - value[-c + 4])
      }
    })
  frame <- language_data(n_actions = 3) |> add_number("x", 0.15, 60) |>
    add_column("cue", 1:3, 0.1, 61)
  expect_language(model, frame, list(a = .4, b = 1.2, r = .2),
    levels = list(choice = 1:3, cue = 1:3))
})

test_that("copies keep the number and the text of their line", {
  model <- rl_model("lines", parameters = list(a = unit_interval()),
    state = list(value = per_action(0)),
    trial = {
      choice ~ softmax(value)
      for (k in 1:2) {
        value[k] <- value[k] * a
        if (outcome > k) value[k] <- 0
      }
      last <- choice
    })
  lines <- grep("^    // [0-9]", generate_cpp(model$program), value = TRUE)
  expect_equal(sub("^    // ", "", lines), c(
    "1: choice ~ softmax(value)",
    "3: value[k] <- value[k] * a (k = 1)",
    "4: if (outcome > k) (k = 1)",
    "5: value[k] <- 0 (k = 1)",
    "3: value[k] <- value[k] * a (k = 2)",
    "4: if (outcome > k) (k = 2)",
    "5: value[k] <- 0 (k = 2)",
    "6: last <- choice"
  ))
})

test_that("a loop's name is one only where a value stands", {
  parse <- function(trial) {
    parse_program(list(name = "m", parameters = data.frame(name = "a"), state = NULL,
      trial = trial, columns = character()))
  }
  parsed <- parse(quote({
    for (sum in 1:2) x[sum, ] <- sum(sum, y$sum, f(sum = sum))
    for (k in c(-1, 0)) x[k] <- -k + k[k]
  }))
  values <- lapply(parsed$statements, `[[`, "value")
  expect_identical(values[[1]], quote(sum(1, y$sum, f(sum = 1))))
  expect_identical(values[[2]], quote(sum(2, y$sum, f(sum = 2))))
  expect_equal(parsed$statements[[2]]$index, list(2, quote(expr = )))
  expect_equal(parsed$statements[[3]]$index, list(-1))
  expect_equal(parsed$statements[[4]]$index, list(0))
  expect_equal(vapply(parsed$statements, `[[`, 0L, "line"), c(2L, 2L, 4L, 4L))
  # Of a loop without values only its lines' numbers remain.
  empty <- parse(quote({
    for (k in seq_len(0)) {
      x <- k
      y <- k
    }
    z <- 1
  }))
  expect_length(empty$statements, 1)
  expect_equal(empty$statements[[1]]$line, 4L)
})
