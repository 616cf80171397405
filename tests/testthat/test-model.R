# Models as a user meets them: made, printed, shown, taken from the catalogue, cached.

simple_model <- function(name = "simple", ...) {
  rl_model(name,
    parameters = list(alpha = unit_interval("learning rate"), beta = positive(upper = 20),
      bias = real("bias"), start = bounded(-1, 1, prior = prior_beta(2, 2)), scale = fixed(2)),
    columns = "dose",
    state = list(value = per_action(start), last = scalar(0, reset = "subject")),
    trial = {
      choice ~ softmax(beta * value + bias * one_hot(last, choice))
      if (dose > 0) {
        value[choice] <- value[choice] + alpha * (scale * outcome - value[choice])
      }
      last <- choice
    }, ...)
}

test_that("a model prints its parts and the next step", {
  expect_snapshot({
    print(rl_model("rw"))
    print(simple_model(description = "A model of a test.", reference = "Nobody (2000)."))
    print(rl_model("empty", trial = {}))
  })
})

test_that("parameters are a data frame of six columns in the order of the model", {
  p <- rl_parameters(simple_model())
  expect_identical(names(p), c("name", "label", "lower", "upper", "fixed", "prior"))
  expect_s3_class(p, "data.frame", exact = TRUE)
  expect_identical(p$name, c("alpha", "beta", "bias", "start", "scale"))
  expect_identical(p$label, c("learning rate", "", "bias", "", ""))
  expect_identical(p$lower, c(0, 0, -Inf, -1, 2))
  expect_identical(p$upper, c(1, 20, Inf, 1, 2))
  expect_identical(p$fixed, c(NA, NA, NA, NA, 2))
  expect_identical(p$prior, c("normal(0, 1.5)", "normal(0.5, 1.25)", "normal(0, 5)", "beta(2, 2)", NA))
  expect_identical(rl_parameters("rw"), rl_parameters(rl_model("rw")))
  expect_identical(nrow(rl_parameters(rl_model("none", trial = {}))), 0L)
})

test_that("the catalogue is a data frame, and each model in it can be had by name", {
  models <- rl_models()
  expect_named(models, c("task", "model", "parameters", "columns", "source", "title"))
  expect_identical(models$model[1:9], c("rw", "rw_asymmetric", "rw_forgetting", "rw_perseveration",
    "rw_lapse", "rw_counterfactual", "rw_confirmation", "pearce_hall", "kalman"))
  expect_false(anyNA(models$source))
  for (name in models$model) {
    model <- rl_model(name)
    expect_s3_class(model, "rl_model")
    expect_identical(models$parameters[models$model == name],
      paste(rl_parameters(name)$name[is.na(rl_parameters(name)$fixed)], collapse = ", "))
    expect_true(all(nzchar(rl_parameters(name)$label)))
  }
  expect_output(print(rl_models("bandit")), "rw_asymmetric")
})

test_that("arguments of a catalogue call replace parameters", {
  fixed_zero <- rl_model("rw", q0 = 0)
  expect_identical(rl_parameters(fixed_zero)$fixed, c(NA, NA, 0))
  expect_identical(rl_parameters(fixed_zero)$label[3], "initial value")
  freed <- rl_parameters(rl_model("rw", q0 = real("where values start"), beta = bounded(0, 50)))
  expect_identical(freed$fixed, c(NA_real_, NA_real_, NA_real_))
  expect_identical(freed$label[3], "where values start")
  expect_identical(freed$upper[2], 50)
  expect_identical(rl_parameters("rw")$fixed, c(NA, NA, 0.5))
  frame <- language_data()
  data <- suppressWarnings(do.call(rl_data, c(list(frame), language_roles_of(frame))))
  expect_equal(rl_loglik(fixed_zero, data, c(alpha = .3, beta = 2)),
    rl_loglik(rl_model("rw", q0 = real()), data, c(alpha = .3, beta = 2, q0 = 0)))
  # Nothing is compiled anew for it.
  expect_no_message(rl_loglik(fixed_zero, data, c(alpha = .3, beta = 2), gradient = TRUE))
})

test_that("what cannot be a model is an error with a remedy", {
  missing_program <- NULL
  p <- list(alpha = unit_interval())
  expect_snapshot(error = TRUE, {
    rl_model("rww")
    rl_model("nothing like it")
    rl_model("rw", alhpa = 0.5)
    rl_model("rw", 0.5)
    rl_model("rw", q0 = "zero")
    rl_model(1)
    rl_model("m", parameters = p)
    rl_model("m", extra = 1, parameters = p, trial = {})
    rl_model("m", parameters = list(unit_interval()), trial = {})
    rl_model("m", parameters = list(a = real(), a = real()), trial = {})
    rl_model("m", parameters = list(a = "x"), trial = {})
    rl_model("m", parameters = unit_interval(), trial = {})
    rl_model("m", parameters = list(outcome = real()), trial = {})
    rl_model("m", parameters = list(n_actions = real()), trial = {})
    rl_model("m", parameters = list(cue = real()), columns = "cue", trial = {})
    rl_model("m", columns = 1, trial = {})
    rl_model("m", state = no_such_program, trial = {})
    rl_model("m", trial = no_such_program)
    rl_model("m", trial = { x <- .(no_such_value) })
    rl_model("m", trial = { x <- outcom })
    rl_parameters(3)
    rl_parameters("rww")
    rl_show("rw", "C")
  })
  expect_error(rl_model("rww"), class = "rescorla_error_model")
  expect_error(rl_model("rw", alhpa = 1), class = "rescorla_error_input")
})

test_that("parameter kinds check their arguments", {
  expect_snapshot(error = TRUE, {
    bounded(1, 0)
    bounded(0, Inf)
    fixed("a")
    unit_interval(3)
    unit_interval(prior = "normal")
    unit_interval(link = "log")
  })
  expect_output(print(unit_interval("learning rate")), "<unit_interval> [0, 1], learning rate",
    fixed = TRUE)
})

test_that("the four texts of rl_show()", {
  expect_snapshot({
    rl_show("rw")
    rl_show("rw", "update")
    rl_show("rw", "likelihood")
  })
  text <- capture.output(result <- rl_show(simple_model(), "cpp"))
  expect_identical(text, result)
  expect_match(text, "struct model_custom {", fixed = TRUE, all = FALSE)
  shown <- capture.output(rl_show(simple_model(), "program"))
  expect_match(shown, "last <- choice", fixed = TRUE, all = FALSE)
  # Between them, update and likelihood are the whole trial.
  update <- capture.output(rl_show(simple_model(), "update"))
  likelihood <- capture.output(rl_show(simple_model(), "likelihood"))
  expect_match(likelihood, "f.softmax(", fixed = TRUE, all = FALSE)
  expect_false(any(grepl("f.softmax(", update, fixed = TRUE)))
  expect_match(update, "f.put(", fixed = TRUE, all = FALSE)
})

test_that("programs made elsewhere and values injected", {
  rate <- 0.25
  lines <- quote({
    choice ~ softmax(value)
    value[choice] <- value[choice] + .(rate) * (outcome - value[choice])
  })
  states <- quote(list(value = per_action(.(rate))))
  model <- rl_model("injected", state = states, trial = lines)
  written <- rl_model("injected", state = list(value = per_action(0.25)), trial = {
    choice ~ softmax(value)
    value[choice] <- value[choice] + 0.25 * (outcome - value[choice])
  })
  expect_identical(model$program, written$program)
})

test_that("a model that meets data that do not fit says which line and why", {
  local_language_options()
  frame <- language_data() |> add_column("cue", 1:3, 0, 70) |> add_column("arm", 1:4, 0, 71)
  frame$word <- "a"
  fit <- function(trial, state = quote(list(value = per_action(0))),
                  columns = c("cue", "arm", "word", "nowhere"), data = frame) {
    model <- rl_model("m", state = state, trial = trial, columns = columns)
    data <- suppressWarnings(do.call(rl_data, c(list(data), language_roles_of(data))))
    bind_source(model$program, data_source(data), 2L, 1L, rlang::current_env())
  }
  expect_snapshot(error = TRUE, {
    fit(quote({ choice ~ softmax(value); x <- nowhere }))
    fit(quote({ choice ~ softmax(value); x <- word }))
    fit(quote({ choice ~ softmax(value); x <- foregone[1] }))
    fit(quote({ choice ~ softmax(value); x <- choice == "left" }))
    fit(quote({ choice ~ softmax(value); x <- value[3] }))
    fit(quote({ choice ~ softmax(value); x <- value[arm] }))
    fit(quote({ choice ~ softmax(value); x <- arm == choice }))
    fit(quote({ choice ~ softmax(value); q[cue] <- 1 }),
      quote(list(value = per_action(0), q = array_of(0, 2))))
    fit(quote({ choice ~ softmax(value) }), quote(list(value = array_of(0, 3))))
    fit(quote({ choice ~ softmax(value) }), quote(list(value = per_action(cue))))
    fit(quote({ cue ~ bernoulli(0.5) }))
  })
  infinite <- frame
  infinite$arm <- Inf
  expect_error(fit(quote({ choice ~ softmax(value); x <- arm }), data = infinite), "infinite",
    class = "rescorla_error_data")
})
