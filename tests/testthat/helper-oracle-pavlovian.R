# Slow, obvious likelihoods of the go/no-go, Iowa gambling and probabilistic selection models,
# written from the published equations alone; the contract stands at the top of
# helper-oracle-bandit.R.

# ---- Orthogonalised go/no-go ---------------------------------------------------------------------
# d: cue (1 to 4), choice (1 = no press, 2 = press), outcome (-1, 0, 1).
#
# Guitart-Masip et al. (2012). The weights of pressing and of not pressing at the cue are
#   W_go = Q_go + b + pi V,  W_nogo = Q_nogo,
# p(go) = (1 - xi) logistic(W_go - W_nogo) + xi / 2, with V as it was before the trial. Then
#   V += ep (rho r - V),  Q of the emitted action += ep (rho r - Q).

oracle_gng_m1 <- function(p, d) {
  oracle_go_nogo(p, d, b = 0, pavlovian = 0, rho_rew = p$rho, rho_pun = p$rho)
}

oracle_gng_m2 <- function(p, d) {
  oracle_go_nogo(p, d, b = p$b, pavlovian = 0, rho_rew = p$rho, rho_pun = p$rho)
}

oracle_gng_m3 <- function(p, d) {
  oracle_go_nogo(p, d, b = p$b, pavlovian = p$pi, rho_rew = p$rho, rho_pun = p$rho)
}

# Cavanagh et al. (2013): rewards and punishments have sensitivities of their own.
oracle_gng_m4 <- function(p, d) {
  oracle_go_nogo(p, d, b = p$b, pavlovian = p$pi, rho_rew = p$rhoRew, rho_pun = p$rhoPun)
}

oracle_go_nogo <- function(p, d, b, pavlovian, rho_rew, rho_pun) {
  cues <- max(4, d$cue, na.rm = TRUE)
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      q <- matrix(0, cues, 2)
      v <- rep(0, cues)
    }
    cue <- d$cue[t]
    a <- d$choice[t]
    r <- d$outcome[t]
    if (!oracle_seen(cue)) next
    go <- q[cue, 2] + b + pavlovian * v[cue]
    nogo <- q[cue, 1]
    log_lik[t] <- oracle_log_logistic(go - nogo, a, p$xi)

    if (!oracle_seen(r)) next
    rho <- if (r >= 0) rho_rew else rho_pun
    # The value of the cue does not ask what was done.
    v[cue] <- v[cue] + p$ep * (rho * r - v[cue])
    if (oracle_seen(a)) q[cue, a] <- q[cue, a] + p$ep * (rho * r - q[cue, a])
  }
  log_lik
}

# ---- Iowa gambling task --------------------------------------------------------------------------
# d: choice (1 to 4), gain, loss (not above 0). p$payscale (100 unless given) divides the money.

# The net outcome of a trial in the scale of the model.
oracle_igt_net <- function(p, d, t) {
  (d$gain[t] - abs(d$loss[t])) / oracle_default(p, "payscale", 100)
}

# Prospect utility: x^alpha for gains, -lambda (-x)^alpha for losses.
oracle_igt_utility <- function(p, x) {
  if (x >= 0) x^p$alpha else -p$lambda * (-x)^p$alpha
}

# Ahn et al. (2008): delta rule on the utility, choice consistency 3^cons - 1.
oracle_igt_pvl_delta <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) q <- rep(0, 4)
    a <- d$choice[t]
    x <- oracle_igt_net(p, d, t)
    log_lik[t] <- oracle_log_softmax((3^p$cons - 1) * q, a)
    if (oracle_seen(a, x)) q[a] <- q[a] + p$A * (oracle_igt_utility(p, x) - q[a])
  }
  log_lik
}

# Ahn et al. (2014): all decks decay, on every trial; the chosen one then receives the utility.
oracle_igt_pvl_decay <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) q <- rep(0, 4)
    a <- d$choice[t]
    x <- oracle_igt_net(p, d, t)
    log_lik[t] <- oracle_log_softmax((3^p$cons - 1) * q, a)
    for (k in 1:4) q[k] <- p$A * q[k]
    if (oracle_seen(a, x)) q[a] <- q[a] + oracle_igt_utility(p, x)
  }
  log_lik
}

# Worthy et al. (2013): values by the delta rule beside perseverance, which decays by K on every
# trial and then moves by epP after a net gain (or nothing), by epN after a net loss.
oracle_igt_vpp <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      q <- rep(0, 4)
      pers <- rep(0, 4)
    }
    a <- d$choice[t]
    x <- oracle_igt_net(p, d, t)
    log_lik[t] <- oracle_log_softmax((3^p$cons - 1) * (p$w * q + (1 - p$w) * pers), a)
    for (k in 1:4) pers[k] <- p$K * pers[k]
    if (oracle_seen(a, x)) {
      pers[a] <- pers[a] + (if (x >= 0) p$epP else p$epN)
      q[a] <- q[a] + p$A * (oracle_igt_utility(p, x) - q[a])
    }
  }
  log_lik
}

# Haines et al. (2018): expected value, frequency of winning and perseverance. The decks not chosen
# learn the opposite outcome, a third of it each, at the rate of the other sign. Perseverance of the
# chosen deck is set to 1; then all decay by 3^K, whatever was seen.
oracle_igt_orl <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      ev <- rep(0, 4)
      ef <- rep(0, 4)
      ps <- rep(0, 4)
    }
    a <- d$choice[t]
    x <- oracle_igt_net(p, d, t)
    s <- sign(x)
    log_lik[t] <- oracle_log_softmax(ev + p$betaF * ef + p$betaP * ps, a)
    if (oracle_seen(a, x)) {
      if (x >= 0) {
        rate_chosen <- p$Arew
        rate_other <- p$Apun
      } else {
        rate_chosen <- p$Apun
        rate_other <- p$Arew
      }
      for (k in 1:4) {
        if (k == a) {
          ef[k] <- ef[k] + rate_chosen * (s - ef[k])
          ev[k] <- ev[k] + rate_chosen * (x - ev[k])
        } else {
          ef[k] <- ef[k] + rate_other * (-s / 3 - ef[k])
        }
      }
    }
    if (oracle_seen(a)) ps[a] <- 1
    for (k in 1:4) ps[k] <- ps[k] / 3^p$K
  }
  log_lik
}

# ---- Probabilistic selection ---------------------------------------------------------------------
# d: option1, option2 (stimuli 1 to 6), choice (1 = the first option, 2 = the second), outcome.
#
# Frank et al. (2007): p(first) = logistic(beta (Q1 - Q2)); the chosen stimulus learns by the delta
# rule.

oracle_pst_Q <- function(p, d) { # nolint: object_name_linter.
  oracle_selection(p$alpha, p$alpha, p$beta, d)
}

# The sign of the error selects the rate.
oracle_pst_gainloss_Q <- function(p, d) { # nolint: object_name_linter.
  oracle_selection(p$alpha_pos, p$alpha_neg, p$beta, d)
}

oracle_selection <- function(alpha_pos, alpha_neg, beta, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) q <- rep(0, max(6, d$option1, d$option2, na.rm = TRUE))
    first <- d$option1[t]
    second <- d$option2[t]
    a <- d$choice[t]
    r <- d$outcome[t]
    # q[NA] is NA: a stimulus not recorded leaves the choice without a distribution.
    log_lik[t] <- oracle_log_logistic(beta * (q[second] - q[first]), a)
    if (!oracle_seen(a, r)) next
    shown <- if (a == 1) first else second
    if (!oracle_seen(shown)) next
    error <- r - q[shown]
    rate <- if (error >= 0) alpha_pos else alpha_neg
    q[shown] <- q[shown] + rate * error
  }
  log_lik
}
