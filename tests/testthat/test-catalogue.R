# The catalogue: names, parameters in their order, ranges and defaults are part of the interface.

expected_parameters <- list(
  rw = c("alpha", "beta", "q0"),
  rw_asymmetric = c("alpha_pos", "alpha_neg", "beta", "q0"),
  rw_forgetting = c("alpha", "beta", "forget", "q0"),
  rw_perseveration = c("alpha", "beta", "kappa", "tau", "q0"),
  rw_lapse = c("alpha", "beta", "epsilon", "q0"),
  rw_counterfactual = c("alpha_chosen", "alpha_unchosen", "beta", "q0"),
  rw_confirmation = c("alpha_conf", "alpha_disc", "beta", "q0"),
  pearce_hall = c("alpha", "eta", "kappa", "beta", "q0"),
  kalman = c("beta", "mu0", "sigma0", "sigma_drift", "decay", "centre", "sigma_obs")
)

test_that("every model file is a model, with its reference", {
  files <- list.files(system.file("models", package = "rescorla"), pattern = "[.]R$")
  expect_setequal(sub("[.]R$", "", files), rl_models()$name)
  for (name in rl_models()$name) {
    model <- rl_model(name)
    expect_s3_class(model, "rl_model")
    expect_identical(model$id, name)
    expect_true(nzchar(model$reference) && nzchar(model$description) && nzchar(model$name))
    expect_true(all(nzchar(rl_parameters(model)$label)))
  }
})

test_that("the list of models is a data frame that prints by name", {
  models <- rl_models()
  expect_s3_class(models, "data.frame")
  expect_named(models, c("name", "title", "task", "parameters", "columns", "reference"))
  expect_identical(head(models$name, 9), names(expected_parameters))
  expect_false(anyNA(models))
  expect_identical(models$parameters[models$name == "rw_asymmetric"],
    "alpha_pos, alpha_neg, beta")
  expect_identical(models$columns[models$name == "rw"], "choice, outcome")
  expect_setequal(strsplit(models$columns[models$name == "rw_confirmation"], ", ")[[1]],
    c("choice", "outcome", "foregone"))
  expect_output(print(models), "rw_asymmetric +Rescorla-Wagner with asymmetric learning rates")
  expect_s3_class(models["name"], "data.frame")
})

test_that("parameters have their order, ranges and fixed values", {
  for (name in names(expected_parameters)) {
    table <- rl_parameters(name)
    expect_named(table, c("name", "label", "lower", "upper", "fixed", "prior"))
    expect_identical(table$name, expected_parameters[[name]])
    if (name != "kalman") expect_identical(table$fixed[table$name == "q0"], 0.5)
    fixed <- c("q0", "sigma_obs", if (name == "pearce_hall") "kappa")
    expect_identical(is.na(table$fixed), !table$name %in% fixed)
    free <- table[is.na(table$fixed), ]
    rates <- grepl("^(alpha|eta|tau|forget|epsilon|decay)", free$name)
    expect_true(all(free$lower[rates] == 0 & free$upper[rates] == 1))
    expect_true(all(free$lower[free$name == "beta"] == 0))
    expect_true(all(is.infinite(free$upper[free$name == "beta"])))
  }
  hall <- rl_parameters("pearce_hall")
  expect_identical(hall$fixed[hall$name == "kappa"], 1)
  kalman <- rl_parameters("kalman")
  expect_identical(kalman$fixed[kalman$name == "sigma_obs"], 4)
  expect_identical(kalman$lower[kalman$name %in% c("mu0", "centre")], c(-Inf, -Inf))
})

test_that("a named argument replaces a parameter's definition", {
  model <- rl_model("rw", q0 = 0)
  expect_identical(rl_parameters(model)$fixed, c(NA, NA, 0))
  expect_identical(rl_parameters(model)$label, rl_parameters("rw")$label)
  freed <- rl_parameters(rl_model("rw", q0 = real(), beta = bounded(0, 50)))
  expect_identical(freed$fixed, rep(NA_real_, 3))
  expect_identical(freed$upper[2], 50)
  expect_identical(freed$label, rl_parameters("rw")$label)
  scale <- rl_parameters(rl_model("pearce_hall", kappa = unit_interval()))
  expect_identical(unlist(scale[scale$name == "kappa", c("lower", "upper")]),
    c(lower = 0, upper = 1))
  # The catalogue's own entry stays.
  expect_identical(rl_parameters("rw")$fixed, c(NA, NA, 0.5))
})

test_that("kappa of pearce_hall changes the likelihood as its formula says", {
  frame <- reference_data(n_actions = 3)
  data <- as_task_data(frame)
  own <- list(alpha = 0.5, eta = 0.3, kappa = 0.6, beta = 2)
  free <- rl_model("pearce_hall", kappa = unit_interval())
  fixed <- rl_model("pearce_hall", kappa = 0.6)
  expected <- reference_loglik("pearce_hall", own, frame)
  expect_equal(unname(rl_loglik(free, data, unlist(own))), unname(expected), tolerance = 1e-10)
  expect_equal(unname(rl_loglik(fixed, data, unlist(own)[-3])), unname(expected), tolerance = 1e-10)
})

test_that("a model or a parameter that is not there is an error with the nearest", {
  expect_snapshot(error = TRUE, {
    rl_model("rw_assymetric")
    rl_model("zzz")
    rl_model("rw", alhpa = 0.2)
    rl_model("rw", 0.2)
    rl_model("rw", alpha = "fast")
    rl_parameters("rww")
  })
  expect_error(rl_model("zzz"), class = "rescorla_error_model")
  expect_error(rl_model("rw", alhpa = 0.2), class = "rescorla_error_input")
})
