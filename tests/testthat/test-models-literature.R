skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# The learning models of the literature for tasks of one state: against their oracles, against
# published sequences of single cues, against one another where one contains another, and refitted.

literature_cases <- list(
  rw_volatile = list(
    c(a_base = -0.4, a_vol = 0.7, a_sign = 0.5, a_interaction = -0.3, beta = 2),
    c(a_base = 1, a_vol = -1.2, a_sign = -0.1, a_interaction = 0.4, beta = 5)),
  rw_uncertainty = list(c(alpha0 = 0.4, eta = 0.2, beta = 2), c(alpha0 = 0.8, eta = 0.6, beta = 4)),
  metalearning = list(c(alpha0 = 0.4, c0 = 0.3, c_alpha = 0.2, m = 1.5, beta = 2),
    c(alpha0 = 0.05, c0 = 0.9, c_alpha = 0.6, m = 4, beta = 6)),
  sutton_k1 = list(c(mu = 0.4, h0 = 0.3, rhat = 1.2, beta = 2),
    c(mu = 2, h0 = -0.2, rhat = 0.4, beta = 4)),
  leaky_beta = list(c(tau_pos = 0.5, tau_neg = 0.3, decay = 0.9, beta = 3),
    c(tau_pos = 2, tau_neg = 0.1, decay = 0.5, beta = 8)),
  rw_sticky = list(c(alpha = 0.4, beta = 2, kappa = 0.7), c(alpha = 0.8, beta = 4, kappa = -1)),
  spice_agent = list(
    c(beta_reward = 3, alpha_reward = 0.4, alpha_penalty = 0.2, alpha_cf_reward = 0.1,
      alpha_cf_penalty = 0.3, forget = 0.15, beta_choice = 0.8, alpha_choice = 0.5),
    c(beta_reward = 1, alpha_reward = 0.1, alpha_penalty = 0.7, alpha_cf_reward = 0.5,
      alpha_cf_penalty = 0.02, forget = 0.4, beta_choice = -1, alpha_choice = 0.9)),
  spice_valence = list(
    c(beta_reward = 3, alpha_reward = 0.4, alpha_penalty = 0.2, alpha_cf_reward = 0.1,
      alpha_cf_penalty = 0.3),
    c(beta_reward = 1, alpha_reward = 0.1, alpha_penalty = 0.7, alpha_cf_reward = 0.5,
      alpha_cf_penalty = 0.02)),
  pearce_hall_hybrid = list(c(alpha = 0.4, eta = 0.3, kappa = 0.7, beta = 2),
    c(alpha = 0.9, eta = 0.1, kappa = 0.3, beta = 6))
)
literature_cases$rw_sticky_value <- literature_cases$rw_sticky

literature_oracle <- function(id) {
  if (id == "rw_sticky_value") return(function(p, d) oracle_rw_sticky(p, d, "value"))
  get(paste0("oracle_", id))
}

for (id in names(literature_cases)) {
  test_that(paste(id, "is its oracle, on every trial and with its gradient"), {
    local_language_options()
    case <- literature_cases[[id]]
    expect_catalogue_model(id, model_frame("bandit", n_actions = 3, seed = 1),
      parameters = case[[1]], oracle = literature_oracle(id))
    expect_catalogue_model(id, model_frame("bandit", subjects = 3, trials = c(8, 40), seed = 2,
      coding = "label"), parameters = case[[2]], oracle = literature_oracle(id))
  })
}

# --- published sequences --------------------------------------------------------------------------

# One arm chosen again and again. Latents are those before the trial: row t + 1 is after trial t.
one_cue <- function(id, parameters, outcomes = c(1, 1, 0, 1, 0, 0, 1, 1, 1, 0), ...) {
  n <- length(outcomes) + 1
  frame <- data.frame(subject = 1, choice = rep(1, n), outcome = c(outcomes, 0), ...)
  data <- suppressWarnings(rl_data(frame, actions = 1:2))
  suppressMessages(rl_latents(catalogue_test_model(id), data, parameters))[-1, ]
}

test_that("published sequences of a single cue come out", {
  local_language_options()
  plain <- c(.65, .755, .5285, .66995, .468965, .3282755, .52979285, .670854995, .7695984965,
    .5387189476)
  asymmetric <- c(.8, .92, .828, .9312, .83808, .754272, .9017088, .96068352, .984273408,
    .8858460672)
  # With no choice trace, no counterfactual learning and no dynamics they are the delta rule.
  sticky <- one_cue("rw_sticky", c(alpha = 0.3, beta = 1, kappa = 0.4))
  expect_equal(sticky$value_1, plain, tolerance = 1e-10)
  still <- one_cue("rw_uncertainty", c(alpha0 = 0.3, eta = 0, beta = 1))
  expect_equal(still$value_1, plain, tolerance = 1e-10)
  valence <- one_cue("spice_valence", c(beta_reward = 1, alpha_reward = 0.6, alpha_penalty = 0.1,
    alpha_cf_reward = 0, alpha_cf_penalty = 0))
  expect_equal(valence$value_1, asymmetric, tolerance = 1e-10)

  dynamic <- one_cue("rw_uncertainty", c(alpha0 = 0.3, eta = 0.5, beta = 1))
  expect_equal(dynamic$value_1[c(1:4, 10)],
    c(.65, .74625, .5979328125, .7498416488, .6694667442), tolerance = 1e-9)
  expect_equal(dynamic$rate_1[c(1:4, 10)],
    c(.275, .19875, .3778195313, .2697387773, .4277936313), tolerance = 1e-9)

  confident <- one_cue("metalearning", c(alpha0 = 0.2, c0 = 0.5, c_alpha = 0.3, m = 2, beta = 1))
  expect_equal(confident$value_1[c(1:3, 10)],
    c(.5465116279, .8401065956, .7649708052, .9128579908), tolerance = 1e-9)
  expect_equal(confident$confidence_1[10], .7417272623, tolerance = 1e-9)

  k1 <- one_cue("sutton_k1", c(mu = 0.01, h0 = 0.005, rhat = 1, beta = 1))
  expect_equal(k1$value_1[c(1, 2, 10)], c(.7500031250, .8750230464, .4492902065),
    tolerance = 1e-9)
  expect_equal(k1$h_1[1:2], c(.1274999687, .1262382444), tolerance = 1e-9)

  first <- one_cue("rw_volatile", c(a_base = 0, a_vol = 0, a_sign = 1, a_interaction = 0, beta = 1),
    1, vol = 0)
  expect_equal(first$value_1, .8655292893, tolerance = 1e-9)
  # From 0.8: an outcome of 0.8 that a learning rate of almost 1 takes over, then 0 with vol 1.
  second <- one_cue("rw_volatile",
    c(a_base = 40, a_vol = -39, a_sign = 1, a_interaction = -0.5, beta = 1), c(0.8, 0),
    vol = c(0, 1, 1))
  expect_equal(second$value_1, c(0.8, 0.8 - 0.8 * plogis(1 - 1 + 0.5)), tolerance = 1e-9)
})

test_that("the counts of three arms are the published ones", {
  local_language_options()
  frame <- data.frame(subject = 1, choice = c(0, 0, 1, 2, 1, 0, 0),
    outcome = c(1, 0, 1, 0, 1, 1, 0))
  data <- suppressWarnings(rl_data(frame))
  latents <- suppressMessages(rl_latents(catalogue_test_model("leaky_beta"), data,
    c(tau_pos = 0.5, tau_neg = 0.1, decay = 0.9, beta = 3)))
  expect_equal(unlist(latents[7, paste0("evidence_for_", 0:2)], use.names = FALSE),
    c(1.795245, 1.8145, 1), tolerance = 1e-6)
  expect_equal(unlist(latents[7, paste0("evidence_against_", 0:2)], use.names = FALSE),
    c(1.06561, 1, 1.081), tolerance = 1e-6)
})

test_that("ten trials of two arms have the published log-likelihoods", {
  local_language_options()
  frame <- data.frame(subject = 1, choice = c(0, 0, 1, 1, 1, 0, 1, 0, 0, 1),
    outcome = c(1, 0, 1, 0, 1, 1, 0, 0, 1, 1), vol = rep(0:1, 5))
  data <- rl_data(frame)
  value <- function(id, parameters) {
    unname(suppressMessages(rl_loglik(catalogue_test_model(id), data, parameters)))
  }
  plain <- -6.738357860935173
  expect_equal(value("rw_sticky", c(alpha = 0.3, beta = 3, kappa = 0)), plain, tolerance = 1e-12)
  expect_equal(value("pearce_hall_hybrid", c(alpha = 0.3, eta = 0, kappa = 1, beta = 3)), plain,
    tolerance = 1e-12)
  expect_equal(value("rw_volatile", c(a_base = qlogis(0.3), a_vol = 0, a_sign = 0,
    a_interaction = 0, beta = 3)), plain, tolerance = 1e-12)
  expect_equal(value("spice_valence", c(beta_reward = 3, alpha_reward = 0.6, alpha_penalty = 0.1,
    alpha_cf_reward = 0, alpha_cf_penalty = 0)), -7.206179070370423, tolerance = 1e-12)
  expect_equal(value("spice_agent", c(beta_reward = 3, alpha_reward = 0.3, alpha_penalty = 0.3,
    alpha_cf_reward = 0, alpha_cf_penalty = 0, forget = 0.2, beta_choice = 1.7, alpha_choice = 0)),
    -6.763853522076191, tolerance = 1e-12)
})

test_that("stickiness is in logits, or in units of value", {
  local_language_options()
  frame <- data.frame(subject = 1, choice = c(1, 2, 2), outcome = 0.5)
  data <- suppressWarnings(rl_data(frame))
  for (case in list(c(1, .73105858), c(2, .88079708), c(-2, .11920292))) {
    latents <- suppressMessages(rl_latents(catalogue_test_model("rw_sticky"), data,
      c(alpha = 0.3, beta = 3, kappa = case[1])))
    expect_equal(latents$p_1[2], case[2], tolerance = 1e-7)
  }
  # The one is the other with kappa multiplied by beta.
  random <- model_frame("bandit", n_actions = 3)
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(random), model_roles(random)))))
  expect_equal(
    suppressMessages(rl_loglik(catalogue_test_model("rw_sticky_value"), data,
      c(alpha = 0.3, beta = 2.5, kappa = 0.4))),
    rl_loglik(catalogue_test_model("rw_sticky"), data, c(alpha = 0.3, beta = 2.5, kappa = 1)),
    tolerance = 1e-12
  )
})

test_that("a trial without an outcome, or without a choice, teaches what its lines can read", {
  local_language_options()
  frame <- data.frame(subject = 1, choice = c(1, 2, NA, 2, 1), outcome = c(1, NA, 1, 0, 1),
    vol = c(1, 0, 1, NA, 0))
  data <- suppressWarnings(rl_data(frame))
  latents <- function(id, parameters) {
    suppressMessages(rl_latents(catalogue_test_model(id), data, parameters))
  }
  agent <- latents("spice_agent", literature_cases$spice_agent[[1]])
  expect_equal(agent$value_2[2:4], rep(agent$value_2[2], 3))
  expect_equal(agent$value_1[2:4], rep(agent$value_1[2], 3))
  expect_lt(agent$trace_1[3], agent$trace_1[2])
  expect_equal(agent$trace_1[4], agent$trace_1[3])
  counts <- latents("leaky_beta", literature_cases$leaky_beta[[1]])
  expect_equal(counts$evidence_for_1[2:5] - 1, (counts$evidence_for_1[2] - 1) * 0.9^(0:3))
  sticky <- latents("rw_sticky", literature_cases$rw_sticky[[1]])
  expect_equal(sticky$last[2:5], c(1, 2, 2, 2))
  # Without the volatility of the trial there is no learning rate.
  volatile <- latents("rw_volatile", literature_cases$rw_volatile[[1]])
  expect_equal(volatile$value_2, rep(0.5, 5))
  expect_equal(is.na(volatile$alpha), c(FALSE, TRUE, TRUE, TRUE, FALSE))
})

# --- recovery -------------------------------------------------------------------------------------

# Learning and choosing in turns: `policy(state)` gives the logits, `learn(state, a, r, t)` the next
# state.
draw_bandit <- function(chance, start, policy, learn) {
  n <- nrow(chance)
  choice <- outcome <- numeric(n)
  state <- start
  for (t in seq_len(n)) {
    logits <- policy(state)
    weights <- exp(logits - max(logits))
    choice[t] <- sample.int(ncol(chance), 1, prob = weights)
    outcome[t] <- as.numeric(stats::runif(1) < chance[t, choice[t]])
    state <- learn(state, choice[t], outcome[t], t)
  }
  list(choice = choice, outcome = outcome)
}

reversing <- function(n, every) ifelse((seq_len(n) - 1) %/% every %% 2 == 0, 0.8, 0.2)

test_that("rw_volatile is recovered", {
  local_language_options()
  truth <- data.frame(a_base = c(-1, -0.5), a_vol = c(1.2, 0.6), a_sign = c(0.6, -0.4),
    a_interaction = c(-0.5, 0.3), beta = c(3, 5))
  frame <- simulated_frame(truth, 4000, function(n) data.frame(vol = (seq_len(n) %/% 200) %% 2),
    function(p, o) {
      n <- nrow(o)
      good <- ifelse(o$vol == 1, reversing(n, 20), reversing(n, 100))
      draw_bandit(cbind(good, 1 - good), c(0.5, 0.5), function(v) p$beta * v,
        function(v, a, r, t) {
          side <- if (r > v[a]) 1 else -1
          x <- p$a_base + p$a_vol * o$vol[t] + p$a_sign * side + p$a_interaction * o$vol[t] * side
          v[a] <- v[a] + (r - v[a]) / (1 + exp(-x))
          v
        })
    })
  expect_recovered("rw_volatile", frame, list(), truth,
    c(a_base = 0.5, a_vol = 0.5, a_sign = 0.5, a_interaction = 0.5, beta = 0.7))
})

test_that("spice_agent is recovered", {
  local_language_options()
  # Forgetting and counterfactual learning of both kinds trade off: wide margins for these three.
  truth <- data.frame(beta_reward = c(5, 4), alpha_reward = c(0.6, 0.3),
    alpha_penalty = c(0.3, 0.5), alpha_cf_reward = c(0.1, 0.3), alpha_cf_penalty = c(0.25, 0.05),
    forget = c(0.3, 0.15), beta_choice = c(1, -1), alpha_choice = c(0.6, 0.4))
  frame <- simulated_frame(truth, 8000, function(n) data.frame(trial = seq_len(n)),
    function(p, o) {
      stage <- (o$trial - 1) %/% 20 + 1
      chance <- matrix(stats::runif(3 * max(stage)), ncol = 3)[stage, ]
      draw_bandit(chance, list(v = rep(0.5, 3), c = rep(0, 3)),
        function(s) p$beta_reward * s$v + p$beta_choice * s$c,
        function(s, a, r, t) {
          rates <- if (r == 1) c(p$alpha_reward, p$alpha_cf_reward) else
            c(p$alpha_penalty, p$alpha_cf_penalty)
          old <- s$v
          s$v <- (1 - rates[2] - p$forget) * old + rates[2] * (1 - r) + 0.5 * p$forget
          s$v[a] <- (1 - rates[1]) * old[a] + rates[1] * r
          s$c <- (1 - p$alpha_choice) * s$c
          s$c[a] <- s$c[a] + p$alpha_choice
          s
        })
    })
  expect_recovered("spice_agent", frame[c("subject", "choice", "outcome")], list(), truth,
    c(beta_reward = 2, alpha_reward = 0.15, alpha_penalty = 0.15, alpha_cf_reward = 0.3,
      alpha_cf_penalty = 0.3, forget = 0.3, beta_choice = 0.4, alpha_choice = 0.15))
})
