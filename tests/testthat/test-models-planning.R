skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Models of the two-step, aversive learning, ultimatum and card-sorting tasks against the oracles of
# helper-oracle-planning.R.

compat <- function(oracle) function(p, d) oracle(p, d, compat = TRUE)

two_step_settings <- function(names) {
  all <- list(
    list(a1 = 0.4, beta1 = 3, a2 = 0.5, beta2 = 2.5, pi = 0.3, w = 0.5, lambda = 0.6),
    list(a1 = 0.15, beta1 = 1.2, a2 = 0.8, beta2 = 4, pi = 1.4, w = 0.2, lambda = 0.9)
  )
  lapply(all, `[`, names)
}
two_step_four <- list(
  list(a = 0.4, beta = 3, pi = 0.3, w = 0.5), list(a = 0.8, beta = 1.2, pi = 1.4, w = 0.2)
)
ts_six <- c("a1", "beta1", "a2", "beta2", "pi", "w")

test_catalogue_models(list(
  ts_par7 = list(task = "ts", parameters = two_step_settings(c(ts_six, "lambda"))),
  ts_par7_hbayesdm = list(task = "ts", oracle = compat(oracle_ts_par7),
    parameters = two_step_settings(c(ts_six, "lambda"))),
  ts_par6 = list(task = "ts", parameters = two_step_settings(ts_six)),
  ts_par6_hbayesdm = list(task = "ts", oracle = compat(oracle_ts_par6),
    parameters = two_step_settings(ts_six)),
  ts_par4 = list(task = "ts", parameters = two_step_four),
  ts_par4_hbayesdm = list(task = "ts", oracle = compat(oracle_ts_par4),
    parameters = two_step_four),
  ts_mb = list(task = "ts", parameters = two_step_settings(c("beta1", "a2", "beta2", "pi"))),
  ts_mf = list(task = "ts",
    parameters = two_step_settings(c("a1", "beta1", "a2", "beta2", "pi", "lambda"))),
  alt_delta = list(task = "alt",
    parameters = list(
      list(A = 0.3, beta = 0.05, gamma = 2), list(A = 0.15, beta = 0.2, gamma = 0.7)
    )),
  alt_gamma = list(task = "alt",
    parameters = list(
      list(A = 0.3, beta = 0.05, gamma = 1.3), list(A = 0.6, beta = 0.2, gamma = 0.7)
    )),
  alt_gamma_hbayesdm = list(task = "alt", oracle = compat(oracle_alt_gamma),
    parameters = list(
      list(A = 0.3, beta = 0.05, gamma = 1.3), list(A = 0.6, beta = 0.2, gamma = 0.7)
    )),
  ug_delta = list(task = "ug",
    parameters = list(
      list(alpha = 0.5, tau = 0.3, ep = 0.2), list(alpha = 3, tau = 0.1, ep = 0.7)
    )),
  ug_bayes = list(task = "ug",
    parameters = list(
      list(alpha = 0.5, beta = 0.3, tau = 0.3), list(alpha = 3, beta = 1.5, tau = 0.1)
    )),
  wcs_sql = list(task = "wcs",
    parameters = list(list(r = 0.3, p = 0.2, d = 1.5), list(r = 0.9, p = 0.6, d = 0.4))),
  wcs_sql_hbayesdm = list(task = "wcs", oracle = compat(oracle_wcs_sql),
    parameters = list(list(r = 0.3, p = 0.2, d = 1.5), list(r = 0.9, p = 0.6, d = 0.4)))
))

total_loglik <- function(id, frame, parameters) {
  data <- suppressWarnings(do.call(rl_data, c(list(frame), model_roles(frame))))
  sum(rl_loglik(catalogue_test_model(id), data, unlist(parameters)))
}

test_that("the published form of the two-step models and hBayesDM's are different models", {
  frame <- model_frame("ts", seed = 4)
  p <- list(a1 = 0.4, beta1 = 3, a2 = 0.5, beta2 = 2.5, pi = 0.3, w = 0.5, lambda = 0.6)
  form <- function(id, p) total_loglik(id, frame, p)
  expect_gt(abs(form("ts_par7", p) - form("ts_par7_hbayesdm", p)), 0.05)
  # Where nothing is handed back the two agree.
  p$lambda <- 0
  expect_equal(form("ts_par7", p), form("ts_par7_hbayesdm", p), tolerance = 1e-12)
})

test_that("the two-step models are nested as their names say", {
  frame <- model_frame("ts", seed = 5)
  p <- list(a1 = 0.4, beta1 = 3, a2 = 0.5, beta2 = 2.5, pi = 0.3, w = 0.5, lambda = 1)
  expect_equal(total_loglik("ts_par6", frame, p[ts_six]), total_loglik("ts_par7", frame, p),
    tolerance = 1e-12)
  four <- list(a = 0.4, beta = 3, pi = 0.3, w = 0.5)
  same <- utils::modifyList(p, list(a2 = 0.4, beta2 = 3))
  expect_equal(total_loglik("ts_par4", frame, four), total_loglik("ts_par7", frame, same),
    tolerance = 1e-12)
  p$w <- 1
  expect_equal(total_loglik("ts_mb", frame, p[c("beta1", "a2", "beta2", "pi")]),
    total_loglik("ts_par7", frame, p), tolerance = 1e-12)
  p$w <- 0
  expect_equal(total_loglik("ts_mf", frame, p[setdiff(names(p), "w")]),
    total_loglik("ts_par7", frame, p), tolerance = 1e-12)
})

test_that("the probability of the common transition can be another", {
  frame <- model_frame("ts", seed = 6)
  data <- suppressWarnings(do.call(rl_data, c(list(frame), model_roles(frame))))
  p <- list(a1 = 0.4, beta1 = 3, a2 = 0.5, beta2 = 2.5, pi = 0.3, w = 0.5, lambda = 0.6)
  expected <- vapply(model_subjects(frame), function(d) {
    sum(oracle_ts_par7(c(p, trans_prob = 0.85), d), na.rm = TRUE)
  }, 0)
  got <- rl_loglik(rl_model("ts_par7", trans_prob = 0.85), data, unlist(p))
  expect_equal(as.numeric(got), expected, tolerance = 1e-8)
})

# ---- recovery ------------------------------------------------------------------------------------

test_that("ts_par7 is recovered from choices drawn by its oracle", {
  truth <- list(a1 = 0.5, beta1 = 4, a2 = 0.5, beta2 = 3, pi = 0.4, w = 0.5, lambda = 0.6)
  frame <- withr::with_seed(15, simulate_blocks(20, function(b) {
    chance <- matrix(sample(c(0.2, 0.4, 0.6, 0.8)), 2)
    simulate_by_oracle(oracle_ts_par7, truth, trials = 50, feedback = c("state2", "outcome"),
      steps = list(
        list(response = "choice1", levels = 2, feedback = function(t, d) {
          common <- stats::runif(1) < 0.7
          list(state2 = if (common) d$choice1[t] else 3 - d$choice1[t])
        }),
        list(response = "choice2", levels = 2, feedback = function(t, d) {
          list(outcome = as.numeric(stats::runif(1) < chance[d$state2[t], d$choice2[t]]))
        })
      ))
  }))
  data <- rl_data(frame, block = "block", choice = c(choice1 = "choice1", choice2 = "choice2"))
  expect_recovery("ts_par7", data, truth, c(0.3, 1.5, 0.15, 0.8, 0.3, 0.3, 0.5))
})

test_that("alt_delta is recovered", {
  truth <- list(A = 0.25, beta = 0.15, gamma = 1.5)
  trials <- 800
  drawn <- withr::with_seed(16, list(
    first = stats::runif(trials) < reversal(trials, 50)[, 1],
    costs = matrix(sample(99, 2 * trials, TRUE), trials)
  ))
  columns <- data.frame(row = seq_len(trials))
  columns$punishment <- drawn$costs
  sim <- simulate(catalogue_test_model("alt_delta"), seed = 6, parameters = unlist(truth),
    subjects = 1, task = task_outcomes(cbind(drawn$first, drawn$first) + 0, blocks = 4,
      columns = columns["punishment"]))
  expect_recovery("alt_delta", sim, truth, c(0.1, 0.05, 0.6))
})

test_that("ug_delta and ug_bayes are recovered", {
  offers <- withr::with_seed(17, data.frame(offer = c(replicate(10, {
    round(pmin(pmax(stats::rnorm(60, sample(4:14, 1), 2.5), 1), 19))
  }))))
  task <- task_bandit(c(0.5, 0.5), trials = 60, blocks = 10, columns = offers)
  for (case in list(
    list(id = "ug_delta", truth = list(alpha = 3, tau = 0.5, ep = 0.3), width = c(1, 0.15, 0.1)),
    list(id = "ug_bayes", truth = list(alpha = 3, beta = 2, tau = 0.4), width = c(1, 0.4, 0.15))
  )) {
    sim <- simulate(catalogue_test_model(case$id), seed = 7, parameters = unlist(case$truth),
      subjects = 1, task = task)
    expect_recovery(case$id, sim, case$truth, case$width)
  }
})

test_that("wcs_sql is recovered", {
  truth <- list(r = 0.4, p = 0.25, d = 1.5)
  trials <- 1200
  # The rule changes after every 12 cards; no two dimensions ask for the same card.
  cards <- withr::with_seed(18, t(replicate(trials, sample(4, 3))))
  rule <- rep_len(rep(c(1, 2, 3, 2, 1, 3), each = 12), trials)
  right <- cards[cbind(seq_len(trials), rule)]
  sim <- simulate(catalogue_test_model("wcs_sql"), seed = 8, parameters = unlist(truth),
    subjects = 1, task = task_outcomes(outer(right, 1:4, `==`) + 0, blocks = 10,
      columns = data.frame(colour = cards[, 1], form = cards[, 2], number = cards[, 3])))
  expect_recovery("wcs_sql", sim, truth, c(0.1, 0.1, 0.3))
})
