# Plain R peers: the asymmetric Rescorla-Wagner model as a script in this field would write it.
# `parameters` is a matrix subject x (alpha_pos, alpha_neg, beta); choices count from 1.

# All subjects at once, a loop over trials only. Arrays are subject x action x trial and subject x
# trial.
simulate_vectorised <- function(parameters, reward_probability, trials) {
  subjects <- nrow(parameters)
  actions <- length(reward_probability)
  value <- probability <- array(0, c(subjects, actions, trials))
  choice <- matrix(0L, subjects, trials)
  outcome <- prediction_error <- matrix(0, subjects, trials)
  everyone <- seq_len(subjects)
  q <- matrix(0.5, subjects, actions)
  for (t in seq_len(trials)) {
    value[, , t] <- q
    p <- softmax_rows(parameters[, 3] * q)
    probability[, , t] <- p
    u <- stats::runif(subjects)
    chosen <- rep(1L, subjects)
    cumulative <- 0
    for (a in seq_len(actions - 1)) {
      cumulative <- cumulative + p[, a]
      chosen <- chosen + (u > cumulative)
    }
    chosen <- as.integer(chosen)
    reward <- as.numeric(stats::runif(subjects) < reward_probability[chosen])
    at <- cbind(everyone, chosen)
    error <- reward - q[at]
    q[at] <- q[at] + ifelse(error > 0, parameters[, 1], parameters[, 2]) * error
    choice[, t] <- chosen
    outcome[, t] <- reward
    prediction_error[, t] <- error
  }
  list(value = value, probability = probability, choice = choice,
       prediction_error = prediction_error, outcome = outcome)
}

# One subject and one trial at a time; `choice` and `outcome` are subject x trial.
loglik_loop <- function(parameters, choice, outcome, actions) {
  total <- numeric(nrow(choice))
  for (s in seq_len(nrow(choice))) {
    alpha_pos <- parameters[s, 1]
    alpha_neg <- parameters[s, 2]
    beta <- parameters[s, 3]
    chosen <- choice[s, ]
    reward <- outcome[s, ]
    q <- rep(0.5, actions)
    sum_log <- 0
    for (t in seq_along(chosen)) {
      a <- chosen[t]
      logit <- beta * q
      top <- max(logit)
      sum_log <- sum_log + logit[a] - top - log(sum(exp(logit - top)))
      error <- reward[t] - q[a]
      q[a] <- q[a] + (if (error > 0) alpha_pos else alpha_neg) * error
    }
    total[s] <- sum_log
  }
  total
}

loglik_vectorised <- function(parameters, choice, outcome, actions) {
  everyone <- seq_len(nrow(choice))
  total <- numeric(nrow(choice))
  q <- matrix(0.5, nrow(choice), actions)
  for (t in seq_len(ncol(choice))) {
    at <- cbind(everyone, choice[, t])
    total <- total + log(softmax_rows(parameters[, 3] * q)[at])
    error <- outcome[, t] - q[at]
    q[at] <- q[at] + ifelse(error > 0, parameters[, 1], parameters[, 2]) * error
  }
  total
}

softmax_rows <- function(x) {
  top <- x[, 1]
  for (a in seq_len(ncol(x))[-1]) top <- pmax(top, x[, a])
  e <- exp(x - top)
  e / rowSums(e)
}
