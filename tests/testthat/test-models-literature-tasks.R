skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# The models of the literature for tasks of their own: generalised Q-learning, working memory,
# SARSA(lambda) on the two-step task, exploration, change points. Against their oracles, against one
# another where one contains another, and refitted.

# Weights of d components by their names in the model, as the oracle takes them.
gql_oracle <- function(p, d) {
  size <- sum(grepl("^phi", names(p)))
  at <- function(name) unlist(p[paste0(name, seq_len(size))])
  weights <- outer(seq_len(size), seq_len(size),
    Vectorize(function(k, l) p[[paste0("c", k, l)]]))
  oracle_gql(list(phi = at("phi"), psi = at("psi"), beta = at("beta"), kappa = at("kappa"),
    C = weights), d)
}

gql_parameters <- function(size, seed) {
  k <- seq_len(size)
  withr::with_seed(seed, {
    rates <- stats::runif(2 * size, 0.1, 0.9)
    weights <- stats::rnorm(2 * size + size^2)
  })
  stats::setNames(c(rates, weights), c(paste0("phi", k), paste0("psi", k), paste0("beta", k),
    paste0("kappa", k), paste0("c", rep(k, each = size), k)))
}

kalman_constants <- list(mu0 = 0, sigma0 = 10, sigma_drift = 0, sigma_obs = sqrt(10))
explores <- function(oracle) function(p, d) oracle(c(p, kalman_constants), d)

task_cases <- list(
  gql = list(task = "bandit", arms = 3, oracle = gql_oracle, gql_parameters(2, 1),
    gql_parameters(2, 2)),
  gql_1 = list(task = "bandit", arms = 3, oracle = gql_oracle, gql_parameters(1, 3),
    gql_parameters(1, 4)),
  gql_3 = list(task = "bandit", arms = 3, oracle = gql_oracle, gql_parameters(3, 5),
    gql_parameters(3, 6)),
  rlwm = list(task = "rlwm", arms = 3, oracle = oracle_rlwm,
    c(alpha = 0.3, beta = 6, phi = 0.2, rho = 0.8, gamma = 0.4, epsilon = 0.05, C = 3.3),
    c(alpha = 0.1, beta = 30, phi = 0.1, rho = 0.9, gamma = 0.9, epsilon = 0.1, C = 4.4)),
  sarsa_lambda = list(task = "ts", oracle = oracle_sarsa_lambda,
    c(alpha = 0.3, lambda = 0.6, gamma = 0.9, beta = 2.5),
    c(alpha = 0.7, lambda = 0.2, gamma = 0.5, beta = 5)),
  thompson = list(task = "bandit", oracle = explores(oracle_thompson), c(w3 = 0.8), c(w3 = -2)),
  ucb = list(task = "bandit", oracle = explores(oracle_ucb), c(w = 0.4, w2 = 0.05),
    c(w = -0.3, w2 = 0.3)),
  thompson_ucb = list(task = "bandit", oracle = explores(oracle_hybrid),
    c(w = 0.4, w2 = 0.05, w3 = 0.6), c(w = -0.3, w2 = 0.3, w3 = 1.5)),
  change_point = list(task = "change_point", oracle = oracle_change_point,
    c(hazard = 0.1, sigma = 10, beta = 1, sd = 15),
    c(hazard = 0.4, sigma = 20, beta = 0.4, sd = 30))
)

for (id in names(task_cases)) {
  test_that(paste(id, "is its oracle, on every trial and with its gradient"), {
    local_language_options()
    case <- task_cases[[id]]
    expect_catalogue_model(id, model_frame(case$task, n_actions = case$arms, seed = 1),
      parameters = case[[length(case) - 1]], oracle = case$oracle)
    expect_catalogue_model(id, model_frame(case$task, n_actions = case$arms, subjects = 3,
      trials = c(8, 40), seed = 2, coding = "label"),
      parameters = case[[length(case)]], oracle = case$oracle)
  })
}

task_loglik <- function(id, frame, parameters, pointwise = FALSE) {
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), model_roles(frame)))))
  value <- suppressMessages(rl_loglik(catalogue_test_model(id), data, parameters,
    pointwise = pointwise))
  unname(value)
}

test_that("a component without weight, and the order of components, leave no trace", {
  local_language_options()
  frame <- model_frame("bandit", n_actions = 3, seed = 4)
  two <- gql_parameters(2, 7)
  swap <- c(phi1 = "phi2", phi2 = "phi1", psi1 = "psi2", psi2 = "psi1", beta1 = "beta2",
    beta2 = "beta1", kappa1 = "kappa2", kappa2 = "kappa1", c11 = "c22", c12 = "c21", c21 = "c12",
    c22 = "c11")
  swapped <- stats::setNames(two[swap], names(swap))
  expect_equal(task_loglik("gql", frame, swapped), task_loglik("gql", frame, two),
    tolerance = 1e-12)

  lone <- two
  lone[c("beta2", "kappa2", "c12", "c21", "c22")] <- 0
  expect_equal(task_loglik("gql", frame, lone),
    task_loglik("gql_1", frame, lone[c("phi1", "psi1", "beta1", "kappa1", "c11")]),
    tolerance = 1e-12)
})

test_that("the three models of exploration contain one another", {
  local_language_options()
  frame <- model_frame("bandit", seed = 5)
  expect_equal(task_loglik("thompson_ucb", frame, c(w = 0, w2 = 0, w3 = 0.7)),
    task_loglik("thompson", frame, c(w3 = 0.7)), tolerance = 1e-12)
  expect_equal(task_loglik("thompson_ucb", frame, c(w = 0.2, w2 = -0.1, w3 = 0)),
    task_loglik("ucb", frame, c(w = 0.2, w2 = -0.1)), tolerance = 1e-12)
  # Beliefs are the conjugate posterior: precision adds up, the mean is weighted by it.
  frame <- data.frame(subject = 1, block = 1, choice = c(1, 1, 2, 1, 2),
    outcome = c(4, -3, 8, 6, 0))
  latents <- suppressMessages(rl_latents(catalogue_test_model("thompson_ucb"),
    suppressWarnings(rl_data(frame)), c(w = 0.1, w2 = 0.1, w3 = 0.1)))
  precision <- 1 / 100 + 3 / 10
  expect_equal(latents$value_1[5], (4 - 3 + 6) / 10 / precision, tolerance = 1e-12)
  expect_equal(latents$variance_1[5], 1 / precision, tolerance = 1e-12)
  expect_equal(latents$variance_2[5], 1 / (1 / 100 + 1 / 10), tolerance = 1e-12)
  # A difference that makes the other choice all but impossible is still exact.
  far <- task_loglik("ucb", structure(frame, task = "bandit", codes = list(choice = 1:2),
    responses = "choice"), c(w = 30, w2 = 0), pointwise = TRUE)
  gap <- 30 * (latents$value_1[3] - latents$value_2[3])
  expect_lt(gap, 37)
  expect_equal(far[3], pnorm(-gap, log.p = TRUE), tolerance = 1e-10)
})

test_that("SARSA without discounting and with full eligibility learns from the outcome alone", {
  local_language_options()
  frame <- model_frame("ts", seed = 6, missing = 0)
  first <- second <- rep(NA_real_, nrow(frame))
  for (d in model_subjects(frame)) {
    for (t in seq_along(d$row)) {
      if (d$block_start[t]) {
        one <- c(0, 0)
        two <- matrix(0, 2, 2)
      }
      a <- d$choice1[t]
      s <- d$state2[t]
      b <- d$choice2[t]
      first[d$row[t]] <- plogis(2 * (one[a] - one[3 - a]), log.p = TRUE)
      second[d$row[t]] <- plogis(2 * (two[s, b] - two[s, 3 - b]), log.p = TRUE)
      one[a] <- one[a] + 0.4 * (d$outcome[t] - one[a])
      two[s, b] <- two[s, b] + 0.4 * (d$outcome[t] - two[s, b])
    }
  }
  expect_equal(task_loglik("sarsa_lambda", frame, c(alpha = 0.4, lambda = 1, gamma = 1, beta = 2),
    pointwise = TRUE), first + second, tolerance = 1e-12)
})

test_that("working memory without reliance, or beyond its capacity, is what it should be", {
  local_language_options()
  frame <- model_frame("rlwm", seed = 7)
  at <- function(...) {
    p <- c(alpha = 0.3, beta = 5, phi = 0.2, rho = 0.8, gamma = 0.5, epsilon = 0.05, C = 4)
    p[names(list(...))] <- c(...)
    task_loglik("rlwm", frame, p)
  }
  # Without reliance on it, neither its decay nor its capacity matters; with, both do.
  expect_equal(at(rho = 0), at(rho = 0, phi = 0.9, C = 1), tolerance = 1e-12)
  expect_false(isTRUE(all.equal(at(), at(phi = 0.9))))
  expect_false(isTRUE(all.equal(at(), at(C = 1))))
  # Above the largest set size capacity is no limit.
  expect_equal(at(C = 5), at(C = 50), tolerance = 1e-12)
  expect_false(isTRUE(all.equal(at(C = 4.9), at(C = 5))))
})

test_that("without a hazard the belief is the running mean, and surprise resets it", {
  local_language_options()
  x <- c(160, 148, 155, 171, 143, 150)
  frame <- data.frame(subject = 1, outcome = c(x, 280, 281), prediction = 150)
  data <- suppressWarnings(rl_data(frame, choice = NULL, outcome = "outcome"))
  model <- catalogue_test_model("change_point")
  latents <- function(...) suppressMessages(rl_latents(model, data, c(...)))
  calm <- latents(hazard = 0, sigma = 10, beta = 1, sd = 5)
  expect_equal(calm$belief, cumsum(c(150, frame$outcome))[1:8] / 1:8, tolerance = 1e-10)
  expect_equal(calm$run_length, 1:8)
  expect_equal(calm$mean_prediction, calm$belief)
  jumpy <- latents(hazard = 0.1, sigma = 10, beta = 1, sd = 5)
  expect_gt(jumpy$change_point[7], 0.999)
  expect_equal(jumpy$belief[8], 280, tolerance = 1e-3)
  expect_equal(jumpy$run_length[8], 1, tolerance = 1e-2)
  # The weight of surprise: none makes every change as probable as the hazard.
  numb <- latents(hazard = 0.1, sigma = 10, beta = 0, sd = 5)
  expect_equal(numb$change_point, rep(0.1, 8))
  # By hand: 200 where 150 is believed after one outcome.
  one <- data.frame(subject = 1, outcome = c(200, 0), prediction = c(150, NA))
  got <- suppressMessages(rl_latents(model, rl_data(one, choice = NULL, outcome = "outcome"),
    c(hazard = 0.1, sigma = 10, beta = 1, sd = 5)))
  omega <- 0.1 / 300 / (0.1 / 300 + 0.9 * dnorm(200, 150, sqrt(200)))
  expect_equal(got$change_point[1], omega, tolerance = 1e-12)
  expect_equal(got$belief[2], 150 + (omega + (1 - omega) / 2) * 50, tolerance = 1e-12)
  expect_equal(got$run_length[2], 2 * (1 - omega) + omega, tolerance = 1e-12)
})

# --- recovery -------------------------------------------------------------------------------------

test_that("rlwm is recovered", {
  local_language_options()
  truth <- data.frame(alpha = c(0.1, 0.2), beta = c(8, 12), phi = c(0.1, 0.2), rho = c(0.9, 0.8),
    gamma = c(0.3, 0.6), epsilon = c(0.05, 0.1), C = c(3, 4))
  frame <- simulated_frame(truth, 200, function(n) {
    # Blocks of 2 to 6 stimuli, each shown 10 times in random order.
    do.call(rbind, lapply(seq_len(n), function(b) {
      size <- b %% 5 + 2
      data.frame(block = b, stimulus = c(replicate(10, sample(size))), set_size = size)
    }))
  }, function(p, o) {
    softmax3 <- function(q) exp(p$beta * (q - max(q))) / sum(exp(p$beta * (q - max(q))))
    n <- nrow(o)
    choice <- outcome <- numeric(n)
    for (t in seq_len(n)) {
      if (t == 1 || o$block[t] != o$block[t - 1]) {
        rl <- wm <- matrix(1 / 3, 6, 3)
        correct <- sample(3, 6, replace = TRUE)
      }
      s <- o$stimulus[t]
      w <- p$rho * min(1, p$C / o$set_size[t])
      chance <- (1 - p$epsilon) * (w * softmax3(wm[s, ]) + (1 - w) * softmax3(rl[s, ])) +
        p$epsilon / 3
      a <- sample(3, 1, prob = chance)
      r <- as.numeric(a == correct[s])
      wm <- (1 - p$phi) * wm + p$phi / 3
      rl[s, a] <- if (r == 1) rl[s, a] + p$alpha * (1 - rl[s, a]) else
        (1 - p$alpha * p$gamma) * rl[s, a]
      wm[s, a] <- if (r == 1) 1 else (1 - p$gamma) * wm[s, a]
      choice[t] <- a
      outcome[t] <- r
    }
    list(choice = choice, outcome = outcome)
  })
  expect_recovered("rlwm", frame, list(block = "block", stimulus = "stimulus"), truth,
    c(alpha = 0.06, beta = 3, phi = 0.05, rho = 0.2, gamma = 0.15, epsilon = 0.05, C = 0.6))
})

test_that("change_point is recovered", {
  local_language_options()
  # Changes small enough to be in doubt: what is beyond doubt says nothing of how doubt is settled.
  truth <- data.frame(hazard = c(0.1, 0.2), sigma = c(12, 15), beta = c(1, 0.8), sd = c(2, 3))
  frame <- simulated_frame(truth, 2500, function(n) {
    steps <- ifelse(stats::runif(n) < 0.1, stats::runif(n, -60, 60), 0)
    data.frame(outcome = stats::rnorm(n, 150 + 20 * sin(cumsum(steps) / 20), 15))
  }, function(p, o) {
    belief <- 150
    run <- 1
    prediction <- numeric(nrow(o))
    for (t in seq_len(nrow(o))) {
      prediction[t] <- stats::rnorm(1, belief, p$sd)
      x <- o$outcome[t]
      jump <- p$hazard * (1 / 300)^p$beta
      stay <- (1 - p$hazard) * stats::dnorm(x, belief, p$sigma * sqrt(1 + 1 / run))^p$beta
      omega <- jump / (jump + stay)
      belief <- belief + (omega + (1 - omega) / (run + 1)) * (x - belief)
      run <- (run + 1) * (1 - omega) + omega
    }
    list(prediction = prediction)
  })
  expect_recovered("change_point", frame, list(choice = NULL, outcome = "outcome"), truth,
    c(hazard = 0.2, sigma = 5, beta = 0.7, sd = 0.2))
})
