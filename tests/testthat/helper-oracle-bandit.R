# Slow, obvious likelihoods of the bandit and reversal models, one function a model, written from
# the published equations alone. They share no code with the package: an error has to be made
# twice before it goes unnoticed.
#
#   oracle_<model>(p, d)
#   p   named list of natural parameters
#   d   named list of the columns of one subject, trials in order; codes start at 1;
#       block_start (optional) marks the trials at which the states go back to their start
#
# The value is one log-likelihood per trial, NA where no response was observed. An update that reads
# something missing is left out, alone; the lines around it still happen.

# ---- Shared by all oracles -----------------------------------------------------------------------

# TRUE where nothing is missing in any argument.
oracle_seen <- function(...) {
  for (x in list(...)) {
    if (anyNA(x)) return(FALSE)
  }
  TRUE
}

# TRUE on the first trial and where a block starts.
oracle_restarts <- function(d, t) {
  t == 1 || (!is.null(d[["block_start"]]) && isTRUE(as.logical(d[["block_start"]][t])))
}

# A parameter that may be left out. `[[` because `$` would accept the beginning of a longer name.
oracle_default <- function(x, name, value) {
  if (is.null(x[[name]])) value else x[[name]]
}

# log((1 - lapse) p + lapse / n), summed on the log scale so that small p survives.
oracle_log_lapse <- function(log_p, lapse, n) {
  if (lapse == 0) return(log_p)
  meant <- log1p(-lapse) + log_p
  slipped <- log(lapse / n)
  top <- max(meant, slipped)
  top + log(exp(meant - top) + exp(slipped - top))
}

# Log-probability of `choice` under a softmax of `logits`.
oracle_log_softmax <- function(logits, choice, lapse = 0) {
  if (!oracle_seen(logits, choice)) return(NA_real_)
  top <- max(logits)
  total <- 0
  for (x in logits) total <- total + exp(x - top)
  oracle_log_lapse(logits[choice] - top - log(total), lapse, length(logits))
}

# Log-probability of `choice` (1 or 2) when the second has this logit.
oracle_log_logistic <- function(logit, choice, lapse = 0) {
  if (!oracle_seen(logit, choice)) return(NA_real_)
  log_p <- if (choice == 2) {
    stats::plogis(logit, log.p = TRUE)
  } else {
    stats::plogis(-logit, log.p = TRUE)
  }
  oracle_log_lapse(log_p, lapse, 2)
}

# ---- Delta rule ----------------------------------------------------------------------------------

# Erev et al. (2010); Hertwig et al. (2004): p = softmax(tau Q), Q_a += A (r - Q_a), Q starts at 0.
oracle_bandit2arm_delta <- function(p, d) {
  oracle_bandit_delta(p, d$choice, d$outcome, 2, d)
}

# The same with n arms, gains and losses (losses not above 0): r = gain + loss.
oracle_banditNarm_delta <- function(p, d) { # nolint: object_name_linter.
  oracle_bandit_delta(p, d$choice, d$gain + d$loss, oracle_default(d, "n_actions", 4), d)
}

oracle_bandit_delta <- function(p, choice, outcome, n, d) {
  log_lik <- rep(NA_real_, length(choice))
  for (t in seq_along(choice)) {
    if (oracle_restarts(d, t)) q <- rep(0, n)
    a <- choice[t]
    log_lik[t] <- oracle_log_softmax(p$tau * q, a)
    if (oracle_seen(a, outcome[t])) q[a] <- q[a] + p$A * (outcome[t] - q[a])
  }
  log_lik
}

# ---- Reward and punishment values ----------------------------------------------------------------

# Seymour et al. (2012); Aylward et al. (2019): p = softmax(Qr + Qp) without an inverse temperature.
# Chosen: Qr += Arew (R gain - Qr), Qp += Apun (P loss - Qp). Unchosen: towards 0, the fictive
# outcome, at the same rates.
oracle_bandit4arm_4par <- function(p, d) {
  oracle_bandit_gain_loss(p$Arew, p$Apun, p$R, p$P, 0, p$Arew, p$Apun, d)
}

# With a lapse: (1 - xi) softmax + xi / n.
oracle_bandit4arm_lapse <- function(p, d) {
  oracle_bandit_gain_loss(p$Arew, p$Apun, p$R, p$P, p$xi, p$Arew, p$Apun, d)
}

# The unchosen forget at a rate of their own, d.
oracle_bandit4arm_lapse_decay <- function(p, d) {
  oracle_bandit_gain_loss(p$Arew, p$Apun, p$R, p$P, p$xi, p$d, p$d, d)
}

# R = P = 1.
oracle_bandit4arm_2par_lapse <- function(p, d) {
  oracle_bandit_gain_loss(p$Arew, p$Apun, 1, 1, p$xi, p$Arew, p$Apun, d)
}

# One learning rate.
oracle_bandit4arm_singleA_lapse <- function(p, d) { # nolint: object_name_linter.
  oracle_bandit_gain_loss(p$A, p$A, p$R, p$P, p$xi, p$A, p$A, d)
}

oracle_bandit_gain_loss <- function(a_rew, a_pun, r, p, xi, forget_rew, forget_pun, d) {
  n <- oracle_default(d, "n_actions", 4)
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      q_rew <- rep(0, n)
      q_pun <- rep(0, n)
    }
    a <- d$choice[t]
    log_lik[t] <- oracle_log_softmax(q_rew + q_pun, a, xi)
    if (!oracle_seen(a)) next
    for (k in seq_len(n)) {
      if (k == a) {
        # A missing gain stops the gains of the chosen arm only, a missing loss its losses.
        if (oracle_seen(d$gain[t])) q_rew[k] <- q_rew[k] + a_rew * (r * d$gain[t] - q_rew[k])
        if (oracle_seen(d$loss[t])) q_pun[k] <- q_pun[k] + a_pun * (p * d$loss[t] - q_pun[k])
      } else {
        q_rew[k] <- (1 - forget_rew) * q_rew[k]
        q_pun[k] <- (1 - forget_pun) * q_pun[k]
      }
    }
  }
  log_lik
}

# ---- Kalman filter -------------------------------------------------------------------------------

# Daw et al. (2006), standard deviation of the observation fixed at 4. The posterior of the chosen
# arm needs the outcome: neither mean nor variance moves without it. The drift never waits.
oracle_bandit4arm2_kalman_filter <- function(p, d) {
  n <- oracle_default(d, "n_actions", 4)
  outcome <- if (is.null(d[["outcome"]])) d$gain + d$loss else d$outcome
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      m <- rep(p$mu0, n)
      v <- rep(p$s0^2, n)
    }
    a <- d$choice[t]
    log_lik[t] <- oracle_log_softmax(p$beta * m, a)
    if (oracle_seen(a, outcome[t])) {
      gain <- v[a] / (v[a] + 16)
      m[a] <- m[a] + gain * (outcome[t] - m[a])
      v[a] <- (1 - gain) * v[a]
    }
    for (k in seq_len(n)) {
      m[k] <- p$lambda * m[k] + (1 - p$lambda) * p$theta
      v[k] <- p$lambda^2 * v[k] + p$sD^2
    }
  }
  log_lik
}

# ---- Probabilistic reversal ----------------------------------------------------------------------

# den Ouden et al. (2013): the sign of the outcome, not of the error, selects the rate.
oracle_prl_rp <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) q <- c(0, 0)
    a <- d$choice[t]
    r <- d$outcome[t]
    log_lik[t] <- oracle_log_softmax(p$beta * q, a)
    if (oracle_seen(a, r)) {
      rate <- if (r > 0) p$Arew else p$Apun
      q[a] <- q[a] + rate * (r - q[a])
    }
  }
  log_lik
}

# Experience-weighted attraction, den Ouden et al. (2013): n0 = n_a, n_a = rho n0 + 1,
# Q_a = (phi n0 Q_a + r) / n_a. The experience counts choices, and so grows without an outcome.
oracle_prl_ewa <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      q <- c(0, 0)
      n <- c(0, 0)
    }
    a <- d$choice[t]
    r <- d$outcome[t]
    log_lik[t] <- oracle_log_softmax(p$beta * q, a)
    if (!oracle_seen(a)) next
    before <- n[a]
    n[a] <- p$rho * before + 1
    if (oracle_seen(r)) q[a] <- (p$phi * before * q[a] + r) / n[a]
  }
  log_lik
}

# Gläscher et al. (2009): the other option learns from the opposite outcome;
# p(1) = logistic(beta (Q1 - Q2 - alpha)).
oracle_prl_fictitious <- function(p, d) {
  oracle_prl_counterfactual(p$eta, p$eta, p$alpha, p$beta, d)
}

# Both options learn at a rate that the sign of the chosen option's error selects.
oracle_prl_fictitious_rp <- function(p, d) {
  oracle_prl_counterfactual(p$eta_pos, p$eta_neg, p$alpha, p$beta, d)
}

# Without the indecision point: alpha = 0.
oracle_prl_fictitious_woa <- function(p, d) {
  oracle_prl_counterfactual(p$eta, p$eta, 0, p$beta, d)
}

oracle_prl_fictitious_rp_woa <- function(p, d) {
  oracle_prl_counterfactual(p$eta_pos, p$eta_neg, 0, p$beta, d)
}

oracle_prl_counterfactual <- function(eta_pos, eta_neg, alpha, beta, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) q <- c(0, 0)
    a <- d$choice[t]
    r <- d$outcome[t]
    log_lik[t] <- oracle_log_logistic(-beta * (q[1] - q[2] - alpha), a)
    if (oracle_seen(a, r)) {
      other <- 3 - a
      error <- r - q[a]
      fictive <- -r - q[other]
      rate <- if (error >= 0) eta_pos else eta_neg
      q[a] <- q[a] + rate * error
      q[other] <- q[other] + rate * fictive
    }
  }
  log_lik
}
