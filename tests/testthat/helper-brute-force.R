# Brute force in plain R, and data to fit.

# Log-likelihoods of a Rescorla-Wagner learner with a rate for each sign of the error over a grid of
# parameters at once: plain R, a loop over trials.
grid_loglik <- function(one, alpha_pos, alpha_neg, beta) {
  total <- 0
  for (t in seq_along(one$choice)) {
    if (t == 1 || one$block_start[t]) value <- matrix(0.5, length(beta), one$n_actions)
    k <- one$choice[t]
    if (is.na(k)) next
    logits <- beta * value
    top <- do.call(pmax, lapply(seq_len(ncol(logits)), \(a) logits[, a]))
    total <- total + logits[, k] - top - log(rowSums(exp(logits - top)))
    error <- one$outcome[t] - value[, k]
    if (!is.na(one$outcome[t])) {
      value[, k] <- value[, k] + ifelse(error > 0, alpha_pos, alpha_neg) * error
    }
  }
  total
}

# Two blocks of a two-armed bandit that reverses half-way.
simulated_subjects_of <- function(model, n, trials = 60, seed = 1, blocks = 2) {
  set.seed(seed)
  parameters <- if (model == "rw") {
    data.frame(alpha = runif(n, 0.1, 0.9), beta = runif(n, 1, 6))
  } else {
    data.frame(alpha_pos = runif(n, 0.1, 0.9), alpha_neg = runif(n, 0.1, 0.9),
      beta = runif(n, 1, 6))
  }
  prob <- rbind(matrix(c(0.8, 0.3), trials / 2, 2, byrow = TRUE),
    matrix(c(0.2, 0.7), trials / 2, 2, byrow = TRUE))
  simulate(rl_model(model), seed = seed, parameters = parameters,
    task = task_bandit(prob, trials = trials, blocks = blocks))
}

# Fits to small data often end at a bound.
quiet_fit <- function(...) suppressWarnings(rl_fit(...), classes = "rescorla_warning")

# Probabilities of a two-armed bandit whose better arm changes.
reversal <- function(trials = 200, every = 25) {
  good <- (seq_len(trials) - 1) %/% every %% 2
  cbind(ifelse(good == 0, 0.8, 0.2), ifelse(good == 0, 0.2, 0.8))
}
