# Oracles of the learning models of the literature, continued: generalised Q-learning, working
# memory beside reinforcement learning, SARSA(lambda) on the two-step task, exploration from a
# Kalman filter, and the reduced Bayesian change-point model. Slow plain R from the published
# formulas, no code shared with the package. The small helpers stand in helper-oracle-literature.R.

# Generalised Q-learning -------------------------------------------------------------------------
# d values V and d traces H per arm, each dimension with its own rates. For dimension k:
#   chosen arm     V_k += phi_k (r - V_k)     H_k += psi_k (1 - H_k)
#   other arms     V_k += phi_k (0 - V_k)     H_k += psi_k (0 - H_k)
#   logit of arm   sum_k beta_k V_k + sum_k kappa_k H_k + sum_kl C_kl V_k H_l
# phi, psi, beta, kappa have length d; C is d x d, rows over values and columns over traces (the
# authors' program has it transposed). V starts at q0, H at 0. Dezfouli et al. (2019).
# Published descriptions differ in the values of the arms not taken: they decay as above, or, as in
# the authors' program, stay: unchosen = "keep". That program starts the values at 0 (p$q0 = 0).
# Decay and traces read the choice alone: they happen although the outcome is missing.
oracle_gql <- function(p, d, unchosen = "decay") {
  stopifnot(unchosen %in% c("decay", "keep"))
  arms <- literature_arms(d)
  size <- length(p$phi)
  weights <- matrix(p$C, size, size)
  literature_bandit(
    d,
    start = function() {
      list(value = matrix(literature_q0(p), arms, size), trace = matrix(0, arms, size))
    },
    logits = function(state) {
      total <- rep(0, arms)
      for (arm in seq_len(arms)) {
        for (k in seq_len(size)) {
          total[arm] <- total[arm] + p$beta[k] * state$value[arm, k]
          total[arm] <- total[arm] + p$kappa[k] * state$trace[arm, k]
          for (l in seq_len(size)) {
            total[arm] <- total[arm] + weights[k, l] * state$value[arm, k] * state$trace[arm, l]
          }
        }
      }
      total
    },
    learn = function(state, t) {
      choice <- d$choice[t]
      if (is.na(choice)) return(state)
      for (arm in seq_len(arms)) {
        for (k in seq_len(size)) {
          old <- state$value[arm, k]
          if (arm == choice) {
            if (!is.na(d$outcome[t])) {
              state$value[arm, k] <- rule_delta(old, d$outcome[t], p$phi[k])
            }
            state$trace[arm, k] <- rule_delta(state$trace[arm, k], 1, p$psi[k])
          } else {
            if (unchosen == "decay") state$value[arm, k] <- rule_delta(old, 0, p$phi[k])
            state$trace[arm, k] <- rule_delta(state$trace[arm, k], 0, p$psi[k])
          }
        }
      }
      state
    }
  )
}

# Reinforcement learning and working memory ------------------------------------------------------
# Two tables of stimuli x actions, both from 1 / n_actions. With w = rho min(1, C / set_size):
#   p = (1 - epsilon) (w softmax(beta q_wm[s, ]) + (1 - w) softmax(beta q_rl[s, ])) + epsilon / n
# After the choice the whole working memory decays, q_wm += phi (1 / n - q_wm), then
#   q_wm[s, a] += g (r - q_wm[s, a])         q_rl[s, a] += alpha g (r - q_rl[s, a])
# where g is gamma for a negative error of that table and 1 otherwise. Collins & Frank (2012);
# Collins (2018). d has stimulus and set_size; three actions unless d$n_actions says otherwise.
oracle_rlwm <- function(p, d) {
  n <- if (is.null(d$n_actions)) 3 else d$n_actions
  n_stimuli <- max(d$stimulus, na.rm = TRUE)
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (literature_restarts(d, t)) {
      rl <- matrix(1 / n, n_stimuli, n)
      wm <- matrix(1 / n, n_stimuli, n)
    }
    s <- d$stimulus[t]
    a <- d$choice[t]
    if (!is.na(a) && !is.na(s) && !is.na(d$set_size[t])) {
      w <- p$rho * min(1, p$C / d$set_size[t])
      memory <- literature_log_softmax(p$beta * wm[s, ])[a]
      habit <- literature_log_softmax(p$beta * rl[s, ])[a]
      # log of the mixture, with the largest term taken out: beta is often 100.
      parts <- c(log1p(-p$epsilon) + log(w) + memory,
                 log1p(-p$epsilon) + log1p(-w) + habit,
                 log(p$epsilon) - log(n))
      loglik[t] <- max(parts) + log(sum(exp(parts - max(parts))))
    }
    wm <- wm + p$phi * (1 / n - wm)
    if (!is.na(a) && !is.na(s) && !is.na(d$outcome[t])) {
      error_rl <- d$outcome[t] - rl[s, a]
      error_wm <- d$outcome[t] - wm[s, a]
      rl[s, a] <- rl[s, a] + p$alpha * (if (error_rl < 0) p$gamma else 1) * error_rl
      wm[s, a] <- wm[s, a] + (if (error_wm < 0) p$gamma else 1) * error_wm
    }
  }
  loglik
}

# SARSA(lambda) on the two-step task -------------------------------------------------------------
# Five choices of a pair of state and action count: two in the first state, two in either second
# state. All values start at 0; p = softmax(beta Q) at both stages. The traces e are 0 at the start
# of a trial. With first-stage action a, second state s and action b (Sutton & Barto 2018, 12.7):
#   step 1   e(1, a) = 1;           delta = gamma Q(s, b) - Q(1, a);   Q += alpha delta e, all pairs
#   step 2   e = gamma lambda e; e(s, b) = 1;  delta = r - Q(s, b);    Q += alpha delta e, all pairs
# so that the first-stage value learns alpha gamma lambda delta_2 from the outcome. There is no
# reward at the first stage and the end of the trial has value 0. No pair occurs twice in a trial:
# accumulating and replacing traces are the same.
# d has choice1, state2, choice2, outcome. Step 1 needs both choices, step 2 the second and the
# outcome; each is skipped by itself.
oracle_sarsa_lambda <- function(p, d) {
  loglik <- rep(NA_real_, length(d$choice1))
  for (t in seq_along(d$choice1)) {
    # q[state, action]: state 1 is the first stage, 2 and 3 are the second-stage states 1 and 2.
    if (literature_restarts(d, t)) q <- matrix(0, 3, 2)
    a <- d$choice1[t]
    b <- d$choice2[t]
    s <- d$state2[t] + 1
    r <- d$outcome[t]
    parts <- c(NA_real_, NA_real_)
    if (!is.na(a)) parts[1] <- literature_log_softmax(p$beta * q[1, ])[a]
    if (!is.na(b) && !is.na(s)) parts[2] <- literature_log_softmax(p$beta * q[s, ])[b]
    if (!all(is.na(parts))) loglik[t] <- sum(parts, na.rm = TRUE)

    trace <- matrix(0, 3, 2)
    if (!is.na(a)) trace[1, a] <- 1
    if (!is.na(a) && !is.na(b) && !is.na(s)) {
      delta <- p$gamma * q[s, b] - q[1, a]
      q <- q + p$alpha * delta * trace
    }
    trace <- p$gamma * p$lambda * trace
    if (!is.na(b) && !is.na(s)) {
      trace[s, b] <- 1
      if (!is.na(r)) {
        delta <- r - q[s, b]
        q <- q + p$alpha * delta * trace
      }
    }
  }
  loglik
}

# Exploration from a Kalman filter ---------------------------------------------------------------
# Two arms, each with a posterior mean m (from mu0) and variance v (from sigma0^2). The chosen arm:
#   k = v / (v + sigma_obs^2);  m += k (r - m);  v = (1 - k) v,
# then both variances grow by sigma_drift^2 (0 in the authors' program). With V = m1 - m2, the
# difference of the standard deviations RU = sqrt(v1) - sqrt(v2) and their total
# TU = sqrt(v1 + v2):
#   p(1) = Phi(w V + w2 RU + w3 V / TU).
# UCB has w and w2, Thompson sampling w3 alone, the hybrid all three. Gershman (2018).
# Without an outcome nothing was observed: only the drift happens.
literature_explore <- function(p, d, w, w2, w3) {
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (literature_restarts(d, t)) {
      m <- rep(p$mu0, 2)
      v <- rep(p$sigma0^2, 2)
    }
    k <- d$choice[t]
    difference <- m[1] - m[2]
    relative <- sqrt(v[1]) - sqrt(v[2])
    total <- sqrt(v[1] + v[2])
    if (!is.na(k)) {
      z <- w * difference + w2 * relative + w3 * difference / total
      loglik[t] <- if (k == 1) pnorm(z, log.p = TRUE) else pnorm(-z, log.p = TRUE)
    }
    if (literature_seen(d, t)) {
      gain <- v[k] / (v[k] + p$sigma_obs^2)
      m[k] <- m[k] + gain * (d$outcome[t] - m[k])
      v[k] <- (1 - gain) * v[k]
    }
    v <- v + p$sigma_drift^2
  }
  loglik
}

oracle_thompson <- function(p, d) literature_explore(p, d, w = 0, w2 = 0, w3 = p$w3)
oracle_ucb <- function(p, d) literature_explore(p, d, w = p$w, w2 = p$w2, w3 = 0)
oracle_hybrid <- function(p, d) literature_explore(p, d, w = p$w, w2 = p$w2, w3 = p$w3)

# Reduced Bayesian change-point model ------------------------------------------------------------
# An outcome is normal around a mean, with standard deviation sigma; with probability hazard the
# mean is drawn anew from a uniform distribution of width `range`. The belief B (from mu0) and the
# run length n, the number of outcomes it stands for (from 1), give
#   tau   = 1 / (n + 1)                                  relative uncertainty of the belief
#   s^2   = sigma^2 + sigma^2 / n                        variance of the next outcome
#   omega = hazard U^beta / (hazard U^beta + (1 - hazard) N(x; B, s^2)^beta),  U = 1 / range
#   alpha = omega + (1 - omega) tau
#   B    += alpha (x - B)
#   n     = (n + 1) (1 - omega) + omega                  (recursion = "run_length")
# beta weighs the likelihoods of the outcome against the hazard: at 1 the change-point probability
# is Bayes' rule, at 0 surprise counts for nothing and omega is the hazard. Nassar et al. (2010).
# recursion = "variance" matches the variance of the mixture of the two hypotheses instead, the form
# of Nassar et al. (2012), with e = x - B:
#   n = sigma^2 / (omega sigma^2 + (1 - omega) tau sigma^2 + omega (1 - omega) ((1 - tau) e)^2)
# The response is the prediction made before the outcome: prediction ~ normal(B, sd).
# Constants of the original task unless p says otherwise: mu0 = 150, range = 300. The normal is not
# cut off at the ends of the range.
rule_change_point <- function(state, outcome, p, recursion = "run_length") {
  error <- outcome - state$belief
  n <- state$run_length
  tau <- 1 / (n + 1)
  s <- sqrt(p$sigma^2 + p$sigma^2 / n)
  changed <- log(p$hazard) - p$beta * log(p$range)
  stayed <- log1p(-p$hazard) + p$beta * dnorm(outcome, state$belief, s, log = TRUE)
  omega <- plogis(changed - stayed)
  alpha <- omega + (1 - omega) * tau
  state$belief <- state$belief + alpha * error
  if (recursion == "run_length") {
    state$run_length <- (n + 1) * (1 - omega) + omega
  } else {
    variance <- omega * p$sigma^2 + (1 - omega) * tau * p$sigma^2 +
      omega * (1 - omega) * ((1 - tau) * error)^2
    state$run_length <- p$sigma^2 / variance
  }
  state$omega <- omega
  state$alpha <- alpha
  state
}

oracle_change_point <- function(p, d, recursion = "run_length") {
  stopifnot(recursion %in% c("run_length", "variance"))
  if (is.null(p$mu0)) p$mu0 <- 150
  if (is.null(p$range)) p$range <- 300
  loglik <- rep(NA_real_, length(d$prediction))
  for (t in seq_along(d$prediction)) {
    if (literature_restarts(d, t)) state <- list(belief = p$mu0, run_length = 1)
    if (!is.na(d$prediction[t])) {
      loglik[t] <- dnorm(d$prediction[t], state$belief, p$sd, log = TRUE)
    }
    if (!is.na(d$outcome[t])) {
      state <- rule_change_point(state, d$outcome[t], p, recursion)
    }
  }
  loglik
}
