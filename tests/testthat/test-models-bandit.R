skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Models of bandits and of probabilistic reversal against the oracles of helper-oracle-bandit.R.

test_catalogue_models(list(
  bandit2arm_delta = list(task = "bandit2arm",
    parameters = list(list(A = 0.3, tau = 1.5), list(A = 0.85, tau = 0.4))),
  banditNarm_delta = list(task = "banditNarm", frames = list(list(), list(n_actions = 3)),
    parameters = list(list(A = 0.3, tau = 1.5), list(A = 0.7, tau = 0.6))),
  bandit4arm_4par = list(task = "bandit4arm", frames = list(list(), list(n_actions = 3)),
    parameters = list(
      list(Arew = 0.2, Apun = 0.3, R = 2, P = 3), list(Arew = 0.6, Apun = 0.1, R = 0.5, P = 7)
    )),
  bandit4arm_lapse = list(task = "bandit4arm", frames = list(list(), list(n_actions = 2)),
    parameters = list(
      list(Arew = 0.2, Apun = 0.3, R = 2, P = 3, xi = 0.1),
      list(Arew = 0.6, Apun = 0.1, R = 0.5, P = 7, xi = 0.5)
    )),
  bandit4arm_lapse_decay = list(task = "bandit4arm", frames = list(list(), list(n_actions = 5)),
    parameters = list(
      list(Arew = 0.2, Apun = 0.3, R = 2, P = 3, xi = 0.1, d = 0.15),
      list(Arew = 0.6, Apun = 0.1, R = 0.5, P = 7, xi = 0.3, d = 0.7)
    )),
  bandit4arm_2par_lapse = list(task = "bandit4arm",
    parameters = list(
      list(Arew = 0.2, Apun = 0.3, xi = 0.1), list(Arew = 0.7, Apun = 0.05, xi = 0.4)
    )),
  bandit4arm_singleA_lapse = list(task = "bandit4arm",
    parameters = list(
      list(A = 0.2, R = 2, P = 3, xi = 0.1), list(A = 0.6, R = 4, P = 0.5, xi = 0.3)
    )),
  bandit4arm2_kalman_filter = list(task = "bandit4arm2",
    frames = list(list(), list(n_actions = 3)),
    parameters = list(
      list(lambda = 0.9, theta = 50, beta = 0.2, mu0 = 70, s0 = 8, sD = 3),
      list(lambda = 0.6, theta = 30, beta = 0.07, mu0 = 45, s0 = 2, sD = 11)
    )),
  banditNarm_kalman_filter = list(task = "banditNarm",
    frames = list(list(), list(n_actions = 3)),
    oracle = oracle_bandit4arm2_kalman_filter,
    parameters = list(
      list(lambda = 0.9, theta = 5, beta = 0.6, mu0 = 7, s0 = 8, sD = 3),
      list(lambda = 0.6, theta = 30, beta = 0.9, mu0 = 4, s0 = 2, sD = 11)
    )),
  prl_rp = list(task = "prl",
    parameters = list(
      list(Apun = 0.2, Arew = 0.4, beta = 2), list(Apun = 0.9, Arew = 0.1, beta = 5)
    )),
  prl_ewa = list(task = "prl",
    parameters = list(list(phi = 0.8, rho = 0.3, beta = 2), list(phi = 0.4, rho = 0.95, beta = 5))),
  prl_fictitious = list(task = "prl",
    parameters = list(
      list(eta = 0.3, alpha = 0.1, beta = 2), list(eta = 0.75, alpha = -0.6, beta = 1)
    )),
  prl_fictitious_rp = list(task = "prl",
    parameters = list(
      list(eta_pos = 0.3, eta_neg = 0.2, alpha = 0.1, beta = 2),
      list(eta_pos = 0.15, eta_neg = 0.8, alpha = -0.6, beta = 1)
    )),
  prl_fictitious_woa = list(task = "prl",
    parameters = list(list(eta = 0.3, beta = 2), list(eta = 0.75, beta = 1))),
  prl_fictitious_rp_woa = list(task = "prl",
    parameters = list(
      list(eta_pos = 0.3, eta_neg = 0.2, beta = 2), list(eta_pos = 0.15, eta_neg = 0.8, beta = 1)
    ))
))

# With outcomes of 1 and -1 alone the sign of the error is that of the outcome.
test_that("the rate of prl_rp follows the outcome and not the error, and 0 is no reward", {
  frame <- model_frame("prl", seed = 3)
  frame$outcome[seq(3, nrow(frame), 5)] <- 0
  expect_catalogue_model("prl_rp", frame, parameters = list(Apun = 0.3, Arew = 0.6, beta = 3))
})

# ---- recovery ------------------------------------------------------------------------------------

# Draws in the order trials x actions, the same for all subjects.
outcome_table <- function(prob, values) {
  draws <- withr::with_seed(5, stats::runif(length(prob)))
  matrix(ifelse(draws < prob, values[2], values[1]), nrow(prob))
}

test_that("bandit2arm_delta is recovered", {
  truth <- list(A = 0.25, tau = 2)
  sim <- simulate(catalogue_test_model("bandit2arm_delta"), seed = 3, parameters = unlist(truth),
    subjects = 1, task = task_outcomes(outcome_table(reversal(1000, 40), c(-1, 1)), blocks = 5))
  expect_recovery("bandit2arm_delta", sim, truth, c(0.06, 0.3))
})

test_that("prl_rp and prl_fictitious are recovered", {
  task <- task_outcomes(outcome_table(reversal(1200, 30), c(-1, 1)), blocks = 6)
  for (case in list(
    list(id = "prl_rp", truth = list(Apun = 0.2, Arew = 0.5, beta = 2), width = c(0.06, 0.1, 0.4)),
    list(id = "prl_fictitious", truth = list(eta = 0.3, alpha = 0.2, beta = 1.5),
      width = c(0.06, 0.1, 0.3))
  )) {
    sim <- simulate(catalogue_test_model(case$id), seed = 8, parameters = unlist(case$truth),
      subjects = 1, task = task)
    expect_recovery(case$id, sim, case$truth, case$width)
  }
})

test_that("bandit4arm2_kalman_filter is recovered", {
  truth <- list(lambda = 0.95, theta = 50, beta = 0.2, mu0 = 60, s0 = 6, sD = 4)
  trials <- 1500
  payoffs <- withr::with_seed(6, {
    mean <- matrix(50, trials, 4)
    mean[1, ] <- stats::runif(4, 30, 70)
    for (t in 2:trials) mean[t, ] <- 0.95 * mean[t - 1, ] + 0.05 * 50 + stats::rnorm(4, 0, 5)
    mean + stats::rnorm(4 * trials, 0, 4)
  })
  sim <- simulate(catalogue_test_model("bandit4arm2_kalman_filter"), seed = 9,
    parameters = unlist(truth), subjects = 1, task = task_outcomes(payoffs, blocks = 30))
  expect_recovery("bandit4arm2_kalman_filter", sim, truth, c(0.03, 5, 0.05, 5, 3, 1.5))
})

test_that("bandit4arm_lapse is recovered from choices drawn by its oracle", {
  truth <- list(Arew = 0.3, Apun = 0.15, R = 5, P = 4, xi = 0.1)
  win <- c(0.8, 0.6, 0.3, 0.2)
  lose <- c(0.7, 0.2, 0.4, 0.1)
  frame <- withr::with_seed(7, simulate_blocks(12, function(b) {
    arms <- sample(4)
    simulate_by_oracle(oracle_bandit4arm_lapse, truth, trials = 60,
      feedback = c("gain", "loss"), steps = list(
        list(response = "choice", levels = 4, feedback = function(t, d) {
          arm <- arms[d$choice[t]]
          list(gain = as.numeric(stats::runif(1) < win[arm]),
            loss = -as.numeric(stats::runif(1) < lose[arm]))
        })
      ))
  }))
  data <- rl_data(frame, block = "block", outcome = NULL, actions = 1:4)
  expect_recovery("bandit4arm_lapse", data, truth, c(0.1, 0.1, 1.5, 2, 0.12))
})
