skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Models of the go/no-go, Iowa gambling and probabilistic selection tasks against the oracles of
# helper-oracle-pavlovian.R.

test_catalogue_models(list(
  gng_m1 = list(task = "gng",
    parameters = list(
      list(xi = 0.05, ep = 0.15, rho = 6), list(xi = 0.3, ep = 0.6, rho = 1.5)
    )),
  gng_m2 = list(task = "gng",
    parameters = list(
      list(xi = 0.05, ep = 0.15, b = 0.5, rho = 6), list(xi = 0.3, ep = 0.6, b = -1.2, rho = 1.5)
    )),
  gng_m3 = list(task = "gng",
    parameters = list(
      list(xi = 0.05, ep = 0.15, b = 0.5, pi = 0.3, rho = 6),
      list(xi = 0.3, ep = 0.6, b = -1.2, pi = -0.5, rho = 1.5)
    )),
  gng_m4 = list(task = "gng",
    parameters = list(
      list(xi = 0.05, ep = 0.15, b = 0.5, pi = 0.3, rhoRew = 6, rhoPun = 4),
      list(xi = 0.3, ep = 0.6, b = -1.2, pi = -0.5, rhoRew = 1.5, rhoPun = 3)
    )),
  igt_pvl_delta = list(task = "igt",
    parameters = list(
      list(A = 0.3, alpha = 0.5, cons = 1, lambda = 1.5),
      list(A = 0.7, alpha = 1.2, cons = 0.4, lambda = 0.6)
    )),
  igt_pvl_decay = list(task = "igt",
    parameters = list(
      list(A = 0.3, alpha = 0.5, cons = 1, lambda = 1.5),
      list(A = 0.8, alpha = 1.2, cons = 0.3, lambda = 0.6)
    )),
  igt_vpp = list(task = "igt",
    parameters = list(
      list(A = 0.3, alpha = 0.5, cons = 1, lambda = 1.5, epP = 0.5, epN = -0.5, K = 0.6, w = 0.5),
      list(A = 0.6, alpha = 0.9, cons = 0.5, lambda = 0.8, epP = -0.4, epN = 1, K = 0.9, w = 0.2)
    )),
  igt_orl = list(task = "igt",
    parameters = list(
      list(Arew = 0.2, Apun = 0.1, K = 0.5, betaF = 1.5, betaP = 2),
      list(Arew = 0.5, Apun = 0.8, K = 2, betaF = -0.7, betaP = -1.5)
    )),
  pst_Q = list(task = "pst",
    parameters = list(list(alpha = 0.2, beta = 3), list(alpha = 0.7, beta = 1))),
  pst_gainloss_Q = list(task = "pst",
    parameters = list(
      list(alpha_pos = 0.3, alpha_neg = 0.1, beta = 3),
      list(alpha_pos = 0.15, alpha_neg = 0.6, beta = 1.2)
    ))
))

test_that("payscale of the Iowa models is theirs to change", {
  frame <- model_frame("igt", seed = 3)
  data <- suppressWarnings(do.call(rl_data, c(list(frame), model_roles(frame))))
  p <- list(A = 0.3, alpha = 0.5, cons = 1, lambda = 1.5)
  expected <- vapply(model_subjects(frame), function(d) {
    sum(oracle_igt_pvl_delta(c(p, payscale = 250), d), na.rm = TRUE)
  }, 0)
  model <- rl_model("igt_pvl_delta", payscale = 250)
  expect_equal(as.numeric(rl_loglik(model, data, unlist(p))), expected, tolerance = 1e-8)
})

# ---- recovery ------------------------------------------------------------------------------------

test_that("gng_m4 is recovered", {
  truth <- list(xi = 0.12, ep = 0.2, b = 0.4, pi = 0.5, rhoRew = 5, rhoPun = 3)
  # Cues 1 and 3 ask for a press, 2 and 4 for none; 1 and 2 can win, 3 and 4 can lose. The right
  # thing is rewarded, and the wrong one punished, in four of five cases.
  trials <- 1920
  drawn <- withr::with_seed(11, list(
    cue = as.vector(replicate(trials / 4, sample(4))), lucky = stats::runif(trials) < 0.8
  ))
  right <- cbind(!drawn$cue %in% c(1, 3), drawn$cue %in% c(1, 3))
  good <- right == drawn$lucky
  outcomes <- ifelse(drawn$cue <= 2, 1, 0) * good - ifelse(drawn$cue > 2, 1, 0) * !good
  sim <- simulate(catalogue_test_model("gng_m4"), seed = 6, parameters = unlist(truth),
    subjects = 1, task = task_outcomes(outcomes, blocks = 16,
      columns = data.frame(cue = drawn$cue)))
  expect_recovery("gng_m4", sim, truth, c(0.04, 0.1, 0.3, 0.5, 2, 2))
})

test_that("pst_gainloss_Q is recovered", {
  truth <- list(alpha_pos = 0.3, alpha_neg = 0.15, beta = 3)
  trials <- 1500
  drawn <- withr::with_seed(12, list(pair = sample(3, trials, TRUE), draw = stats::runif(trials)))
  columns <- data.frame(option1 = c(1, 3, 5)[drawn$pair], option2 = c(2, 4, 6)[drawn$pair])
  chance <- c(0.8, 0.7, 0.6)[drawn$pair]
  sim <- simulate(catalogue_test_model("pst_gainloss_Q"), seed = 5, parameters = unlist(truth),
    subjects = 1, task = task_outcomes(cbind(drawn$draw < chance, drawn$draw >= chance) + 0,
      blocks = 10, columns = columns))
  expect_recovery("pst_gainloss_Q", sim, truth, c(0.1, 0.08, 0.6))
})

# Gains and losses of the four decks: A and B win 100 and lose more, C and D win 50 and lose less.
draw_deck <- function(deck) {
  lost <- switch(deck,
    stats::runif(1) < 0.5, stats::runif(1) < 0.1, stats::runif(1) < 0.5, stats::runif(1) < 0.1)
  list(gain = c(100, 100, 50, 50)[deck], loss = if (lost) c(-250, -1250, -50, -250)[deck] else 0)
}

test_that("igt_orl and igt_pvl_delta are recovered from choices drawn by their oracles", {
  cases <- list(
    igt_orl = list(truth = list(Arew = 0.3, Apun = 0.15, K = 0.6, betaF = 2, betaP = 1.5),
      width = c(0.15, 0.1, 0.8, 1, 1.6)),
    igt_pvl_delta = list(truth = list(A = 0.4, alpha = 0.5, cons = 0.9, lambda = 1),
      width = c(0.2, 0.2, 0.3, 0.5))
  )
  for (id in names(cases)) {
    oracle <- get(paste0("oracle_", id))
    frame <- withr::with_seed(14, simulate_blocks(12, function(b) {
      simulate_by_oracle(oracle, cases[[id]]$truth, trials = 60, feedback = c("gain", "loss"),
        steps = list(list(response = "choice", levels = 4,
          feedback = function(t, d) draw_deck(d$choice[t]))))
    }))
    data <- rl_data(frame, block = "block", outcome = NULL, actions = 1:4)
    expect_recovery(id, data, cases[[id]]$truth, cases[[id]]$width)
  }
})
