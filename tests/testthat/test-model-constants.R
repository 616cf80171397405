with_constants <- function(..., data = rl_data(bandit_example)) {
  data$constants <- list(...)
  data
}

fixed_value <- function(model, name) model$parameters$fixed[model$parameters$name == name]

p <- c(alpha = 0.3, beta = 3)

test_that("a fixed parameter takes the value that comes with the data", {
  data <- rl_data(bandit_example)
  zero <- with_constants(q0 = 0)
  expected <- rl_loglik(rl_model("rw", q0 = 0), data, p)
  expect_identical(rl_loglik("rw", zero, p), expected)
  expect_false(any(rl_loglik("rw", data, p) == expected))
  expect_identical(rl_loglik("rw", zero, p, pointwise = TRUE),
    rl_loglik(rl_model("rw", q0 = 0), data, p, pointwise = TRUE))
  latents <- rl_latents("rw", zero, p)
  expect_identical(latents$value_1[latents$trial == 1], rep(0, 40))
})

test_that("what rl_model() was told stays", {
  zero <- with_constants(q0 = 0)
  own <- rl_model("rw", q0 = 0.2)
  expect_identical(rl_loglik(own, zero, p), rl_loglik(own, rl_data(bandit_example), p))
  # A parameter that was freed is estimated.
  free <- rl_model("rw", q0 = unit_interval())
  expect_identical(rl_loglik(free, zero, c(p, q0 = 0.5)),
    rl_loglik("rw", rl_data(bandit_example), p))
  # As a note in the model, where the value is the catalogue's.
  noted <- rl_model("rw")
  noted$changed <- "q0"
  expect_identical(fixed_value(rescorla:::model_with_constants(noted, zero), "q0"), 0.5)
})

test_that("free parameters and those a model lacks are left alone", {
  data <- with_constants(alpha = 0.9, payscale = 3)
  expect_identical(rl_loglik("rw", data, p), rl_loglik("rw", rl_data(bandit_example), p))
  model <- rl_model("rw")
  changed <- rescorla:::model_with_constants(model, data)
  expect_identical(changed$parameters, model$parameters)
  expect_identical(changed$kinds, model$kinds)
})

test_that("a model of one's own has defaults, which data override", {
  model <- rl_model("scaled",
    parameters = list(alpha = unit_interval(), beta = positive(), payscale = fixed(100)),
    state = list(value = per_action(0)),
    trial = {
      choice ~ softmax(beta * value)
      value[choice] <- value[choice] + alpha * (outcome / payscale - value[choice])
    }
  )
  changed <- rescorla:::model_with_constants(model, with_constants(payscale = 2))
  expect_identical(rl_parameters(changed)[3, c("lower", "upper", "fixed")],
    data.frame(lower = 2, upper = 2, fixed = 2, row.names = 3L))
  expect_identical(changed$kinds$payscale$value, 2)
  # The program, and with it the compiled code, is the same.
  expect_identical(changed$program, model$program)
  # Other data, other constant.
  again <- rescorla:::model_with_constants(changed, with_constants(payscale = 5))
  expect_identical(fixed_value(again, "payscale"), 5)
})

test_that("a fit keeps the constants of its data, and data bring their own", {
  fit <- suppressWarnings(rl_fit("rw", with_constants(q0 = 0), starts = 2, seed = 1))
  expect_identical(fixed_value(fit$model, "q0"), 0)
  same <- suppressWarnings(rl_fit(rl_model("rw", q0 = 0), rl_data(bandit_example), starts = 2,
    seed = 1))
  expect_identical(coef(fit), coef(same))
  expect_identical(predict(fit), predict(same))
  expect_identical(predict(fit, newdata = bandit_example, type = "loglik"), same$loglik)
  expect_identical(simulate(fit, seed = 2, task = task_bandit(c(0.2, 0.8), trials = 10)),
    simulate(same, seed = 2, task = task_bandit(c(0.2, 0.8), trials = 10)))
  best <- as.matrix(coef(fit)[-1])
  expect_identical(rl_loglik(fit$model, with_constants(q0 = 0.5), best),
    rl_loglik("rw", rl_data(bandit_example), best))
})

test_that("settings of a task reach its models", {
  raw <- rl_data_example("igt")
  scaled <- quiet_task(raw, task = "igt", payscale = 10)
  plain <- quiet_task(raw, task = "igt")
  x <- c(A = 0.3, alpha = 0.5, cons = 1, lambda = 1)
  ten <- rl_model("igt_pvl_delta", payscale = 10)
  expect_identical(rl_loglik("igt_pvl_delta", scaled, x), rl_loglik(ten, plain, x))
  expect_false(any(rl_loglik("igt_pvl_delta", scaled, x) == rl_loglik("igt_pvl_delta", plain, x)))
  expect_identical(rl_loglik(ten, quiet_task(raw, task = "igt", payscale = 3), x),
    rl_loglik(ten, plain, x))
  d <- oracle_subjects(plain)
  expected <- vapply(d, function(d) {
    sum(oracle_igt_pvl_delta(c(as.list(x), payscale = 10), d), na.rm = TRUE)
  }, 0)
  expect_equal(unname(rl_loglik("igt_pvl_delta", scaled, x)), expected, tolerance = 1e-10)
})
