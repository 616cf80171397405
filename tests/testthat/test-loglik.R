for (name in names(example_parameters)) {
  test_that(paste(name, "agrees with the plain-R reference"), {
    parameters <- example_parameters[[name]]
    for (case in list(list(n_actions = 2), list(n_actions = 3, seed = 2, forced = TRUE),
      list(n_actions = 5, seed = 3, subjects = 9, shuffle = TRUE), list(n_actions = 10, seed = 4),
      list(n_actions = 4, seed = 5, available = TRUE))) {
      frame <- do.call(model_data, c(list(name), case))
      data <- as_task_data(frame)
      expected <- reference_loglik(name, parameters, frame)
      got <- rl_loglik(name, data, named_row(parameters))
      expect_equal(unname(got), unname(expected), tolerance = 1e-10)
      expect_equal(rl_loglik(name, data, named_row(parameters), pointwise = TRUE),
        reference_pointwise(name, parameters, frame), tolerance = 1e-10)
    }
  })

  test_that(paste(name, "has the gradient of its log-likelihood"), {
    parameters <- example_parameters[[name]]
    frame <- model_data(name, n_actions = 3, seed = 6)
    data <- as_task_data(frame)
    got <- attr(rl_loglik(name, data, named_row(parameters), gradient = TRUE), "gradient")
    total <- function(x) {
      sum(reference_loglik(name, as.list(stats::setNames(x, names(parameters))), frame))
    }
    expect_equal(unname(colSums(got)), finite_difference(total, unlist(parameters)),
      tolerance = 1e-6, ignore_attr = TRUE)
    expect_equal(colnames(got), names(parameters))
  })

  test_that(paste(name, "is the same at every instruction set"), {
    parameters <- example_parameters[[name]]
    for (actions in c(2, 4, 9)) {
      data <- as_task_data(model_data(name, n_actions = actions, seed = 7, subjects = 13))
      values <- lapply(machine_levels(), function(level) {
        withr::local_options(rescorla.isa = level)
        rl_loglik(name, data, named_row(parameters), gradient = TRUE)
      })
      for (v in values) expect_equal(v, values[[1]], tolerance = 1e-10)
    }
  })
}

test_that("a likelihood depends on the choices and on which column is which", {
  frame <- reference_data(subjects = 1, trials = c(60, 60), blocks = 1, missing_choice = 0,
    missing_outcome = 0)
  parameters <- c(alpha = 0.3, beta = 3)
  data <- as_task_data(frame)
  permuted <- frame
  permuted$choice <- rev(permuted$choice)
  expect_false(isTRUE(all.equal(
    unname(rl_loglik("rw", data, parameters)),
    unname(rl_loglik("rw", as_task_data(permuted), parameters)))))
})

test_that("large logits do not overflow", {
  frame <- data.frame(subject = 1, choice = c(1, 2, 1, 2), outcome = c(800, 0, 800, 0))
  data <- suppressWarnings(rl_data(frame))
  value <- rl_loglik(rl_model("rw", beta = bounded(0, 1000)), data, c(alpha = 1, beta = 1))
  expected <- reference_loglik("rw", list(alpha = 1, beta = 1), frame)
  expect_true(is.finite(value))
  expect_equal(unname(value), unname(expected), tolerance = 1e-10)
})

test_that("thread counts agree to the bit", {
  data <- as_task_data(reference_data(subjects = 40, n_actions = 3))
  one <- rl_loglik("rw_asymmetric", data, c(.3, .2, 2) |> stats::setNames(c("alpha_pos", "alpha_neg",
    "beta")), gradient = TRUE, threads = 1)
  two <- rl_loglik("rw_asymmetric", data, c(alpha_pos = .3, alpha_neg = .2, beta = 2),
    gradient = TRUE, threads = 2)
  expect_identical(one, two)
})

test_that("a freed parameter gets a gradient", {
  frame <- reference_data(n_actions = 3)
  data <- as_task_data(frame)
  model <- rl_model("rw", q0 = real())
  x <- c(alpha = 0.3, beta = 3, q0 = 0.2)
  got <- attr(rl_loglik(model, data, x, gradient = TRUE), "gradient")
  total <- function(p) sum(reference_loglik("rw", as.list(stats::setNames(p, names(x))), frame))
  expect_equal(unname(colSums(got)), finite_difference(total, x), tolerance = 1e-6,
    ignore_attr = TRUE)
  expect_equal(rl_loglik(rl_model("rw", q0 = 0.2), data, x[1:2]), rl_loglik(model, data, x))
})

test_that("parameters are matched to subjects by name", {
  data <- as_task_data(reference_data(subjects = 3))
  ids <- as.character(data$subjects)
  rows <- data.frame(subject = rev(ids), alpha = c(.1, .2, .3), beta = 1:3)
  by_name <- rl_loglik("rw", data, rows)
  expect_equal(by_name, rl_loglik("rw", data, rows[3:1, ]))
  expect_equal(by_name[1], rl_loglik("rw", data, c(alpha = .3, beta = 3))[1])
  matrix <- as.matrix(rows[c("alpha", "beta")])
  rownames(matrix) <- rows$subject
  expect_equal(rl_loglik("rw", data, matrix), by_name)
})

test_that("parameters that cannot be are an error that names them", {
  data <- as_task_data(reference_data(subjects = 3))
  expect_snapshot(error = TRUE, {
    rl_loglik("rw", data, c(alpha = 1.5, beta = 1))
    rl_loglik("rw", data, data.frame(alpha = c(.1, -.2, .3), beta = 1))
    rl_loglik("rw", data, c(alpha = 0.5))
    rl_loglik("rw", data, data.frame(alpha = c(.1, .2), beta = 1))
    rl_loglik("rw", data, data.frame(subject = data$subjects[1:2], alpha = .1, beta = 1))
    rl_loglik("rw", data, c(alpha = NaN, beta = 1))
    rl_loglik("rw", data, "a")
    rl_loglik("rww", data, c(alpha = 1, beta = 1))
  })
  expect_error(rl_loglik("rw", data, c(alpha = 2, beta = 1)), class = "rescorla_error_input")
})

test_that("a subject whose likelihood is not finite is flagged with line and trial", {
  model <- rl_model("certain", parameters = list(p = unit_interval()), trial = {
    choice ~ bernoulli(p)
  })
  frame <- data.frame(subject = rep(1:2, each = 3), choice = c(2, 2, 2, 2, 1, 2), outcome = 1:6)
  data <- suppressWarnings(rl_data(frame))
  expect_warning(value <- rl_loglik(model, data, c(p = 1), gradient = TRUE), "line 1 on trial 2",
    class = "rescorla_warning_convergence")
  expect_equal(as.numeric(value), c(0, -Inf))
  expect_equal(attr(value, "gradient")[2, 1], 0)
})
