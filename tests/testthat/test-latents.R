for (name in names(example_parameters)) {
  test_that(paste("latents of", name, "agree with the plain-R reference"), {
    parameters <- example_parameters[[name]]
    frame <- model_data(name, n_actions = 3, seed = 8)
    data <- as_task_data(frame)
    latents <- rl_latents(name, data, named_row(parameters))
    expect_equal(nrow(latents), nrow(frame))
    expect_equal(latents$log_lik, reference_pointwise(name, parameters, frame), tolerance = 1e-10)
    p <- as.matrix(latents[grep("^p_", names(latents))])
    expect_equal(rowSums(p), rep(1, nrow(p)), tolerance = 1e-12)
    one <- reference_split(frame)[[1]]
    run <- reference_models[[name]](parameters, one, 3)
    mine <- latents[as.character(latents$subject) == names(reference_split(frame))[1], ]
    expect_equal(unname(as.matrix(mine[grep("^p_", names(mine))])), unname(run$probability),
      tolerance = 1e-10)
    for (state in names(run$state)) {
      expect_equal(unname(as.matrix(mine[grep(paste0("^", sub("mean", "value", state), "_"), names(mine))])),
        unname(run$state[[state]]), tolerance = 1e-10)
    }
    expect_equal(mine$prediction_error, run$prediction_error, tolerance = 1e-10)
  })
}

test_that("latents keep the rows of the data frame", {
  frame <- reference_data(subjects = 4, shuffle = TRUE)
  data <- as_task_data(frame)
  latents <- rl_latents("rw", data, c(alpha = .2, beta = 2))
  expect_equal(as.character(latents$subject), as.character(frame$subject))
  expect_equal(names(latents)[1:3], c("subject", "block", "trial"))
})

test_that("a vector of the program that is called p does not hide the probabilities", {
  model <- rl_model("own p", parameters = list(beta = positive()),
    state = list(value = per_action(0)),
    trial = {
      p <- softmax(beta * value)
      choice ~ categorical(p, lapse = 0.2)
      value[choice] <- value[choice] + 0.5 * (outcome - value[choice])
    })
  local_language_options()
  latents <- suppressMessages(rl_latents(model, rl_data(bandit_example), c(beta = 3)))
  expect_false(anyDuplicated(names(latents)) > 0)
  expect_equal(latents$p_1, 0.8 * latents$p_local_1 + 0.1)
})
