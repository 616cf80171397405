# The catalogue models once more, slow and obvious: a loop over trials, a loop over actions, written
# from the formulas alone. They share no code with the package: an error has to be made twice
# before it goes unnoticed.
#
# Each model is three functions:
#   start(p, n)             the state at the start of a block: a list of vectors over actions
#   logits(state, p)        one logit per action
#   learn(state, trial, p)  the state after the trial; trial has choice, outcome, foregone
# The first element of the state is what `prediction_error` is measured against.

known <- function(x) !is.na(x)

reference_rules <- list(

  rw = list(
    parameters = c("alpha", "beta", "q0"),
    start = function(p, n) list(value = rep(p$q0, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        error <- trial$outcome - state$value[k]
        state$value[k] <- state$value[k] + p$alpha * error
      }
      state
    }
  ),

  rw_asymmetric = list(
    parameters = c("alpha_pos", "alpha_neg", "beta", "q0"),
    start = function(p, n) list(value = rep(p$q0, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        error <- trial$outcome - state$value[k]
        if (error > 0) state$value[k] <- state$value[k] + p$alpha_pos * error
        if (error < 0) state$value[k] <- state$value[k] + p$alpha_neg * error
      }
      state
    }
  ),

  # Decay reads the choice only: it happens although the outcome is missing, not when the choice is.
  rw_forgetting = list(
    parameters = c("alpha", "beta", "forget", "q0"),
    start = function(p, n) list(value = rep(p$q0, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        error <- trial$outcome - state$value[k]
        state$value[k] <- state$value[k] + p$alpha * error
      }
      if (known(k)) {
        for (a in seq_along(state$value)) {
          if (a != k) {
            state$value[a] <- state$value[a] + p$forget * (p$q0 - state$value[a])
          }
        }
      }
      state
    }
  ),

  # The trace reads the choice only.
  rw_perseveration = list(
    parameters = c("alpha", "beta", "kappa", "tau", "q0"),
    start = function(p, n) list(value = rep(p$q0, n), trace = rep(0, n)),
    logits = function(state, p) p$beta * state$value + p$kappa * state$trace,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        error <- trial$outcome - state$value[k]
        state$value[k] <- state$value[k] + p$alpha * error
      }
      if (known(k)) {
        for (a in seq_along(state$trace)) {
          target <- if (a == k) 1 else 0
          state$trace[a] <- state$trace[a] + p$tau * (target - state$trace[a])
        }
      }
      state
    }
  ),

  rw_lapse = list(
    parameters = c("alpha", "beta", "epsilon", "q0"),
    lapse = "epsilon",
    start = function(p, n) list(value = rep(p$q0, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        error <- trial$outcome - state$value[k]
        state$value[k] <- state$value[k] + p$alpha * error
      }
      state
    }
  ),

  # Every unchosen action learns from its own column: a missing foregone outcome stops one cell.
  rw_counterfactual = list(
    parameters = c("alpha_chosen", "alpha_unchosen", "beta", "q0"),
    start = function(p, n) list(value = rep(p$q0, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (!known(k)) return(state)
      for (a in seq_along(state$value)) {
        if (a == k) {
          seen <- trial$outcome
          rate <- p$alpha_chosen
        } else {
          seen <- trial$foregone[a]
          rate <- p$alpha_unchosen
        }
        if (known(seen)) state$value[a] <- state$value[a] + rate * (seen - state$value[a])
      }
      state
    }
  ),

  # An error confirms the choice when it is positive for the chosen action, negative for another.
  rw_confirmation = list(
    parameters = c("alpha_conf", "alpha_disc", "beta", "q0"),
    start = function(p, n) list(value = rep(p$q0, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (!known(k)) return(state)
      for (a in seq_along(state$value)) {
        seen <- if (a == k) trial$outcome else trial$foregone[a]
        if (!known(seen)) next
        error <- seen - state$value[a]
        confirms <- if (a == k) error > 0 else error < 0
        rate <- if (confirms) p$alpha_conf else p$alpha_disc
        state$value[a] <- state$value[a] + rate * error
      }
      state
    }
  ),

  # The value moves by the associability of before this trial.
  pearce_hall = list(
    parameters = c("alpha", "eta", "kappa", "beta", "q0"),
    start = function(p, n) list(value = rep(p$q0, n), associability = rep(p$alpha, n)),
    logits = function(state, p) p$beta * state$value,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        error <- trial$outcome - state$value[k]
        before <- state$associability[k]
        state$value[k] <- state$value[k] + p$kappa * before * error
        state$associability[k] <- (1 - p$eta) * before + p$eta * abs(error)
      }
      state
    }
  ),

  # Daw et al. (2006): the posterior of the chosen arm moves only when its outcome was seen; the
  # drift between trials is common to all arms and never waits for anything.
  kalman = list(
    parameters = c("beta", "mu0", "sigma0", "sigma_drift", "decay", "centre", "sigma_obs"),
    start = function(p, n) list(mean = rep(p$mu0, n), variance = rep(p$sigma0^2, n)),
    logits = function(state, p) p$beta * state$mean,
    learn = function(state, trial, p) {
      k <- trial$choice
      if (known(k) && known(trial$outcome)) {
        gain <- state$variance[k] / (state$variance[k] + p$sigma_obs^2)
        state$mean[k] <- state$mean[k] + gain * (trial$outcome - state$mean[k])
        state$variance[k] <- (1 - gain) * state$variance[k]
      }
      for (a in seq_along(state$mean)) {
        state$mean[a] <- p$decay * state$mean[a] + (1 - p$decay) * p$centre
        state$variance[a] <- p$decay^2 * state$variance[a] + p$sigma_drift^2
      }
      state
    }
  )
)

# What the catalogue fixes unless told otherwise.
reference_fixed <- list(q0 = 0.5, sigma_obs = 4)

reference_complete <- function(rule, parameters) {
  parameters <- as.list(parameters)
  for (name in names(reference_fixed)) {
    if (is.null(parameters[[name]])) parameters[[name]] <- reference_fixed[[name]]
  }
  if ("kappa" %in% rule$parameters && is.null(parameters$kappa)) parameters$kappa <- 1
  absent <- setdiff(rule$parameters, names(parameters))
  if (length(absent) > 0) stop("reference model lacks parameter ", paste(absent, collapse = ", "))
  parameters
}

# Probabilities and their logarithms over the available actions; the others have probability 0.
reference_policy <- function(rule, state, parameters, available) {
  logits <- rule$logits(state, parameters)
  n <- length(logits)
  offered <- sum(available)
  probability <- rep(0, n)
  log_probability <- rep(-Inf, n)
  if (offered == 0) return(list(probability = probability, log_probability = log_probability))

  largest <- -Inf
  for (a in seq_len(n)) if (available[a]) largest <- max(largest, logits[a])
  total <- 0
  for (a in seq_len(n)) if (available[a]) total <- total + exp(logits[a] - largest)
  for (a in seq_len(n)) {
    if (!available[a]) next
    log_probability[a] <- logits[a] - largest - log(total)
    probability[a] <- exp(log_probability[a])
    if (!is.null(rule$lapse)) {
      # Summed on the log scale, so that a lapse of 0 leaves even exp(-800) finite.
      epsilon <- parameters[[rule$lapse]]
      meant <- log1p(-epsilon) + log_probability[a]
      slipped <- log(epsilon / offered)
      top <- max(meant, slipped)
      log_probability[a] <- top + log(exp(meant - top) + exp(slipped - top))
      probability[a] <- (1 - epsilon) * probability[a] + epsilon / offered
    }
  }
  list(probability = probability, log_probability = log_probability)
}

# One subject. `data` has choice, outcome, block_start, and forced, foregone, available or NULL.
reference_run <- function(rule, parameters, data, n_actions) {
  parameters <- reference_complete(rule, parameters)
  trials <- length(data$choice)
  state <- rule$start(parameters, n_actions)
  states <- names(state)
  empty <- matrix(NA_real_, trials, n_actions)
  before <- after <- stats::setNames(rep(list(empty), length(states)), states)
  probability <- empty
  log_lik <- prediction_error <- rep(NA_real_, trials)

  for (t in seq_len(trials)) {
    if (t == 1 || data$block_start[t]) state <- rule$start(parameters, n_actions)
    for (s in states) before[[s]][t, ] <- state[[s]]

    available <- if (is.null(data$available)) rep(TRUE, n_actions) else data$available[t, ]
    forced <- !is.null(data$forced) && isTRUE(as.logical(data$forced[t]))
    policy <- reference_policy(rule, state, parameters, available)
    probability[t, ] <- policy$probability
    choice <- data$choice[t]
    if (known(choice) && !forced && sum(available) > 1) {
      log_lik[t] <- policy$log_probability[choice]
    }
    if (known(choice)) prediction_error[t] <- data$outcome[t] - state[[1]][choice]

    foregone <- if (is.null(data$foregone)) rep(NA_real_, n_actions) else data$foregone[t, ]
    trial <- list(choice = choice, outcome = data$outcome[t], foregone = foregone)
    state <- rule$learn(state, trial, parameters)
    for (s in states) after[[s]][t, ] <- state[[s]]
  }

  list(log_lik = log_lik, probability = probability, state = before, after = after,
       prediction_error = prediction_error)
}

reference_models <- lapply(reference_rules, function(rule) {
  force(rule)
  function(parameters, data, n_actions) reference_run(rule, parameters, data, n_actions)
})

# Log-likelihood by subject. `data` is one subject, a list of them or a data frame of
# `reference_data()`; `parameters` is a named list, or a data frame with one row or one per subject.
reference_loglik <- function(model, parameters, data) {
  subjects <- reference_subjects(data)
  total <- numeric(length(subjects))
  for (s in seq_along(subjects)) {
    own <- reference_row(parameters, s)
    one <- subjects[[s]]
    run <- reference_models[[model]](own, one, one$n_actions)
    total[s] <- sum(run$log_lik, na.rm = TRUE)
  }
  stats::setNames(total, names(subjects))
}

# The same by row of the data frame, in the order of its rows, NA where nothing was scored.
reference_pointwise <- function(model, parameters, frame) {
  subjects <- reference_split(frame)
  result <- rep(NA_real_, nrow(frame))
  for (s in seq_along(subjects)) {
    one <- subjects[[s]]
    run <- reference_models[[model]](reference_row(parameters, s), one, one$n_actions)
    for (t in seq_along(one$row)) result[one$row[t]] <- run$log_lik[t]
  }
  result
}

reference_subjects <- function(data) {
  if (is.data.frame(data)) return(reference_split(data))
  if (!is.null(data$choice)) return(list(data))
  data
}

reference_row <- function(parameters, s) {
  if (!is.data.frame(parameters)) return(as.list(parameters))
  as.list(parameters[if (nrow(parameters) == 1) 1 else s, , drop = FALSE])
}

# One simulated subject in one block: every action's outcome is given (trials x actions). The draws
# are R's own, so only moments can be compared with the package.
reference_simulate <- function(model, parameters, outcomes, n_actions = ncol(outcomes)) {
  rule <- reference_rules[[model]]
  parameters <- reference_complete(rule, parameters)
  trials <- nrow(outcomes)
  choice <- integer(trials)
  outcome <- numeric(trials)
  probability <- matrix(NA_real_, trials, n_actions)
  state <- rule$start(parameters, n_actions)
  for (t in seq_len(trials)) {
    p <- reference_policy(rule, state, parameters, rep(TRUE, n_actions))$probability
    probability[t, ] <- p
    u <- stats::runif(1)
    chosen <- 1
    reached <- p[1]
    while (u > reached && chosen < n_actions) {
      chosen <- chosen + 1
      reached <- reached + p[chosen]
    }
    choice[t] <- as.integer(chosen)
    outcome[t] <- outcomes[t, chosen]
    state <- rule$learn(
      state, list(choice = chosen, outcome = outcome[t], foregone = outcomes[t, ]), parameters
    )
  }
  list(choice = choice, outcome = outcome, foregone = outcomes, probability = probability)
}
