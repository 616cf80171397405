# Simulated data: their distributions, what they depend on, their way back through rl_data().

rw <- rl_model("rw")
one_row <- c(alpha = 0.3, beta = 3)

# A chi-squared test at odds of one in 100,000.
expect_frequencies <- function(observed, p) {
  test <- suppressWarnings(stats::chisq.test(observed, p = p))
  expect_gt(test$p.value, 1e-5)
}

test_that("choices have the probabilities of the softmax", {
  # With learning rates of 1 and full feedback the values are what the actions pay.
  pays <- matrix(c(0, 0.5, 1), 21, 3, byrow = TRUE)
  sim <- simulate(rl_model("rw_counterfactual"), seed = 1, subjects = 2000,
    parameters = c(alpha_chosen = 1, alpha_unchosen = 1, beta = 2), task = task_outcomes(pays))
  expect_frequencies(table(sim$choice[sim$trial == 1]), rep(1 / 3, 3))
  expect_frequencies(table(sim$choice[sim$trial > 1]), exp(2 * pays[1, ]) / sum(exp(2 * pays[1, ])))
  # Trials are independent here: so are successive choices.
  later <- matrix(sim$choice, 21)[-1, ]
  pairs <- table(later[-20, ], later[-1, ])
  expect_gt(suppressWarnings(chisq.test(pairs))$p.value, 1e-5)
})

lapses <- rl_model("lapses", parameters = list(epsilon = unit_interval()),
  columns = c("a", "b", "c"), trial = {
    choice ~ categorical(c(a, b, c), lapse = epsilon)
  })

test_that("lapses share the choice's draw correctly", {
  task <- task_outcomes(matrix(0, 50, 3),
    columns = data.frame(a = rep(0.7, 50), b = 0.2, c = 0.1))
  sim <- simulate(lapses, seed = 2, subjects = 4000, parameters = c(epsilon = 0.2), task = task)
  expect_frequencies(table(sim$choice), c(0.8 * c(0.7, 0.2, 0.1) + 0.2 / 3))
  lapse <- simulate(rl_model("rw_lapse"), seed = 2, subjects = 1000,
    task = task_bandit(c(0, 1), 50), parameters = c(alpha = 1, beta = 100, epsilon = 0.2))
  expect_frequencies(table(lapse$choice[lapse$trial > 30]), c(0.1, 0.9))
})

test_that("payoffs have the task's distribution", {
  bandit <- simulate(rw, seed = 3, subjects = 1500, parameters = one_row,
    task = task_bandit(c(0.2, 0.5, 0.9), trials = 20, foregone = TRUE))
  paid <- as.matrix(bandit[paste0("foregone_", 1:3)])
  expect_true(all(paid %in% 0:1))
  expect_equal(unname(colMeans(paid)), c(0.2, 0.5, 0.9), tolerance = 0.02)
  expect_lt(max(abs(cor(paid)[upper.tri(diag(3))])), 0.03)
  gauss <- simulate(rw, seed = 3, subjects = 1500, parameters = one_row,
    task = task_gaussian(c(-1, 4), sd = c(2, 0.5), trials = 20, foregone = TRUE))
  paid <- as.matrix(gauss[paste0("foregone_", 1:2)])
  expect_equal(unname(colMeans(paid)), c(-1, 4), tolerance = 0.02)
  expect_equal(unname(apply(paid, 2, sd)), c(2, 0.5), tolerance = 0.02)
  standard <- (paid[, 1] + 1) / 2
  expect_gt(ks.test(standard, "pnorm")$p.value, 1e-5)
  expect_lt(abs(mean(standard^3)), 0.08)
  expect_equal(mean(standard^4), 3, tolerance = 0.05)
  expect_lt(abs(cor(standard[-1], standard[-30000])), 0.03)
  # Probabilities may move from trial to trial.
  moving <- simulate(rw, seed = 3, subjects = 2000, parameters = one_row,
    task = task_bandit(cbind(c(0.1, 0.9), 0.5), trials = 2, foregone = TRUE))
  expect_equal(c(tapply(moving$foregone_1, moving$trial, mean)), c(0.1, 0.9), tolerance = 0.05,
    ignore_attr = TRUE)
})

test_that("the foregone outcome of the chosen action is its outcome, and tables are paid exactly", {
  pays <- array(rnorm(4 * 6 * 3), c(4, 6, 3))
  sim <- simulate(rw, seed = 4, parameters = one_row, task = task_outcomes(pays, foregone = TRUE))
  expect_identical(sim$subject, rep(1:4, each = 6))
  wide <- as.matrix(sim[paste0("foregone_", 1:3)])
  expect_identical(sim$outcome, wide[cbind(1:24, sim$choice)])
  expect_identical(sim$outcome, pays[cbind(sim$subject, sim$trial, sim$choice)])
  # A missing payoff is a missing outcome.
  holes <- matrix(c(1, NA, 1, NA, 0, NA), 6, 2)
  sim <- simulate(rw, seed = 4, subjects = 5, parameters = one_row, task = task_outcomes(holes))
  expect_identical(sim$outcome, holes[cbind(sim$trial, sim$choice)])
})

test_that("the same seed gives the same data whatever the threads, the processor and the others", {
  parameters <- data.frame(alpha = runif(37, 0.1, 0.9), beta = runif(37, 1, 5))
  task <- task_gaussian(c(0, 1, 0.5), sd = 1, trials = 30, blocks = 2)
  run <- function(...) simulate(rw, seed = 5, parameters = parameters, task = task, ...)
  first <- run(threads = 1)
  expect_identical(run(threads = 2), first)
  for (level in machine_levels()) {
    withr::local_options(rescorla.isa = level)
    expect_identical(run()$choice, first$choice)
    expect_equal(run()$outcome, first$outcome, tolerance = 1e-12)
  }
  fewer <- simulate(rw, seed = 5, parameters = parameters[1:11, ], task = task)
  expect_equal(fewer, first[first$subject <= 11, ], ignore_attr = TRUE)
  twice <- run(nsim = 2)
  expect_identical(names(twice)[1], ".sim")
  expect_equal(twice[twice$.sim == 1, names(first)], first, ignore_attr = TRUE)
  expect_false(identical(twice$choice[twice$.sim == 2], first$choice))
  expect_length(unique(rl_data(twice)$subjects), 74)
  other <- simulate(rw, seed = 6, parameters = parameters, task = task)
  expect_false(identical(other$choice, first$choice))
})

test_that("R's generator provides the seed when none is given, and is left alone otherwise", {
  run <- function(...) {
    simulate(rw, parameters = one_row, task = task_bandit(c(0.3, 0.6), 20), subjects = 3, ...)
  }
  first <- withr::with_seed(1, run())
  again <- withr::with_seed(1, run())
  other <- withr::with_seed(2, run())
  expect_identical(first, again)
  expect_false(identical(first$choice, other$choice))
  expect_identical(run(seed = attr(first, "seed"))$choice, first$choice)
  set.seed(1)
  before <- .Random.seed
  run(seed = 3)
  expect_identical(.Random.seed, before)
})

test_that("what an action pays does not depend on the model", {
  task <- task_gaussian(c(0, 1), sd = 1, trials = 25, foregone = TRUE)
  a <- simulate(rw, seed = 7, subjects = 6, parameters = one_row, task = task)
  b <- simulate(rl_model("rw_perseveration"), seed = 7, subjects = 6, task = task,
    parameters = c(alpha = 0.9, beta = 1, kappa = -1, tau = 0.5))
  expect_false(identical(a$choice, b$choice))
  expect_identical(a[c("foregone_1", "foregone_2")], b[c("foregone_1", "foregone_2")],
    ignore_attr = TRUE)
})

for (name in names(example_parameters)) {
  test_that(paste("arrays of", name, "are the latents of its data"), {
    parameters <- named_row(example_parameters[[name]])
    model <- rl_model(name)
    task <- if (name == "kalman") task_gaussian(c(0, 1, 2), 1, trials = 12, blocks = 2) else
      task_bandit(c(0.2, 0.5, 0.8), trials = 12, blocks = 2)
    run <- function(output) {
      simulate(model, seed = 8, subjects = 5, parameters = parameters, task = task, output = output)
    }
    sim <- run("data")
    arrays <- run("arrays")
    latents <- rl_latents(model, rl_data(sim), parameters)
    expect_identical(dim(arrays$value), c(5L, 3L, 24L))
    expect_identical(dim(arrays$probability), c(5L, 3L, 24L))
    expect_identical(dim(arrays$choice), c(5L, 24L))
    expect_identical(dim(arrays$prediction_error), c(5L, 24L))
    by_row <- function(x) as.vector(t(x))
    expect_identical(by_row(arrays$choice), sim$choice)
    expect_identical(by_row(arrays$outcome), sim$outcome)
    expect_equal(by_row(arrays$prediction_error), latents$prediction_error, tolerance = 1e-12)
    for (state in vapply(model$program$states, `[[`, "", "name")) {
      for (a in 1:3) {
        expect_equal(by_row(arrays[[state]][, a, ]), latents[[paste0(state, "_", a)]],
          tolerance = 1e-12)
      }
    }
    for (a in 1:3) {
      expect_equal(by_row(arrays$probability[, a, ]), latents[[paste0("p_", a)]],
        tolerance = 1e-12)
    }
    # The start of a block is as the start of the session.
    expect_equal(arrays$value[, , 13], arrays$value[, , 1])
  })

  test_that(paste("simulated data are likelier under the parameters of", name, "they came from"), {
    truth <- named_row(example_parameters[[name]])
    other <- replace(truth, 1, c(0.9, 0.05)[1 + (truth[1] > 0.25)])
    task <- if (name == "kalman") task_gaussian(c(0, 1, 2), 1, trials = 60) else
      task_bandit(reversal(60, 15), trials = 60)
    sim <- simulate(rl_model(name), seed = 9, subjects = 150, parameters = truth, task = task)
    expect_gt(mean(rl_loglik(name, sim, truth)), mean(rl_loglik(name, sim, other)))
  })
}

test_that("data come back without saying a role", {
  task <- task_bandit(c(0.2, 0.8), trials = 15, blocks = 2, foregone = TRUE,
    actions = c("left", "right"), columns = data.frame(cue = 1:15))
  sim <- simulate(rw, seed = 10, parameters = data.frame(subject = c("x", "a"), alpha = c(0.2, 0.5),
    beta = 3), task = task)
  expect_identical(unique(sim$subject), c("x", "a"))
  expect_s3_class(sim$choice, "factor")
  data <- rl_data(sim)
  expect_identical(data$actions$choice, c("left", "right"))
  expect_identical(data$roles$block, "block")
  expect_identical(data$roles$foregone, c("foregone_left", "foregone_right"))
  expect_identical(sum(data$block_start), 4L)
  expect_true("cue" %in% names(sim))
  fit <- quiet_fit(rw, sim, seed = 1)
  expect_identical(fit$data$subjects, c("x", "a"))
  # An action nobody took is still an action.
  rare <- simulate(rw, seed = 10, subjects = 2, parameters = c(alpha = 1, beta = 100),
    task = task_outcomes(matrix(c(1, 0, 0), 8, 3, byrow = TRUE)))
  expect_length(suppressWarnings(rl_data(rare))$actions$choice, 3)
})

test_that("a choice without probabilities is missing, and so is its outcome", {
  columns <- data.frame(a = c(0.5, NA, 1), b = c(0.5, 0.5, 0), c = 0)
  task <- task_outcomes(matrix(1, 3, 3), columns = columns)
  sim <- simulate(lapses, seed = 3, subjects = 4, parameters = c(epsilon = 0), task = task)
  expect_identical(is.na(sim$choice), sim$trial == 2)
  arrays <- simulate(lapses, seed = 3, subjects = 4, parameters = c(epsilon = 0), task = task,
    output = "arrays")
  expect_identical(as.vector(t(arrays$choice)), sim$choice)
  expect_true(all(sim$choice[!is.na(sim$choice)] %in% 1:3))
  expect_identical(is.na(sim$outcome), is.na(sim$choice))
  expect_s3_class(suppressWarnings(rl_data(sim)), "rl_data")
})

test_that("subjects can be counted or named", {
  task <- task_bandit(c(0.2, 0.8), trials = 3)
  run <- function(...) simulate(rw, seed = 1, task = task, ...)
  expect_identical(unique(run(parameters = one_row, subjects = c("b", "a"))$subject), c("b", "a"))
  expect_identical(unique(run(parameters = one_row, subjects = 4)$subject), 1:4)
  rows <- matrix(c(0.1, 0.2, 1, 2), 2, dimnames = list(c("p", "q"), c("alpha", "beta")))
  expect_identical(unique(run(parameters = rows)$subject), c("p", "q"))
  expect_identical(run(parameters = rows)$choice,
    run(parameters = data.frame(alpha = c(0.1, 0.2), beta = 1:2))$choice)
  expect_identical(nrow(run(parameters = one_row)), 3L)
  fixed <- simulate(rl_model("rw", alpha = 0.2, beta = 2), seed = 1, task = task, subjects = 2)
  expect_identical(nrow(fixed), 6L)
})

test_that("arguments that cannot be are errors that say so", {
  task <- task_bandit(c(0.2, 0.8), trials = 5)
  late <- rl_model("late", parameters = list(beta = positive()), state = list(v = per_action(0)),
    trial = {
      v[1] <- v[1] + outcome
      choice ~ softmax(beta * v)
    })
  expect_snapshot(error = TRUE, {
    simulate(rw, parameters = one_row)
    simulate(rw, parameters = one_row, task = "bandit")
    simulate(rw, task = task)
    simulate(rw, parameters = c(alpha = 0.3), task = task)
    simulate(rw, parameters = c(alpha = 1.3, beta = 3), task = task)
    simulate(rw, nsim = 0, parameters = one_row, task = task)
    simulate(rw, parameters = one_row, task = task, seed = "a")
    simulate(rw, parameters = one_row, task = task, subjects = 0)
    simulate(rw, parameters = one_row, task = task, subjects = c("a", "a"))
    simulate(rw, parameters = data.frame(alpha = c(.1, .2), beta = 1), task = task, subjects = 3)
    simulate(rw, parameters = one_row, task = task, output = "list")
    simulate(rw, parameters = one_row, task = task, foregone = TRUE)
    simulate(rw, parameters = one_row, task = task_outcomes(array(0, c(3, 4, 2))), subjects = 2)
    simulate(late, parameters = c(beta = 1), task = task)
  })
  expect_error(simulate(rw, parameters = c(alpha = 2, beta = 1), task = task),
    class = "rescorla_error_input")
  expect_error(simulate(late, parameters = c(beta = 1), task = task),
    class = "rescorla_error_model")
  expect_error(simulate(lapses, parameters = c(epsilon = 1), task = task),
    class = "rescorla_error_model")
})
