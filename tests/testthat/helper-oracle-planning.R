# Slow, obvious likelihoods of the two-step, aversive learning, ultimatum and card-sorting models,
# written from the equations in their comments; where those are another package's and not a paper's,
# the comment says so. The contract stands at the top of helper-oracle-bandit.R.

# ---- Two-step task -------------------------------------------------------------------------------
# d: choice1 (1, 2), state2 (1, 2: the pair reached), choice2 (1, 2 within the pair), outcome.
# p$trans_prob (.7 unless given): choice 1 leads to pair 1, choice 2 to pair 2, that often.
#
# Daw et al. (2011). v: values of the second stage; mf: model-free values of the first; all start
# at 0. With m_s the larger value of pair s, mb_1 = .7 m_1 + .3 m_2, mb_2 = .3 m_1 + .7 m_2 and
# h = w mb + (1 - w) mf:
#   first choice   p(2) = logistic(beta1 (h_2 - h_1) + pi (+1 if the last was 2, -1 if it was 1))
#   second choice  softmax(beta2 v) within the pair
#   mf += a1 (v - mf)          the first-stage error
#   v  += a2 (r - v)
#   mf += lambda a1 (r - v)    the second-stage error handed back: with v before its update.
# compat = TRUE is hBayesDM's form: the last line sees v after its update.

oracle_ts_par7 <- function(p, d, compat = FALSE) {
  oracle_two_step(p$a1, p$beta1, p$a2, p$beta2, p$pi, p$w, p$lambda, p, d, compat)
}

# lambda = 1.
oracle_ts_par6 <- function(p, d, compat = FALSE) {
  oracle_two_step(p$a1, p$beta1, p$a2, p$beta2, p$pi, p$w, 1, p, d, compat)
}

# lambda = 1, and both stages share a (or a1) and beta (or beta1); Wunderlich et al. (2012).
oracle_ts_par4 <- function(p, d, compat = FALSE) {
  a <- oracle_default(p, "a", p[["a1"]])
  beta <- oracle_default(p, "beta", p[["beta1"]])
  oracle_two_step(a, beta, a, beta, p$pi, p$w, 1, p, d, compat)
}

# Model-based only: the first stage sees mb alone, so mf and its parameters are never read.
oracle_ts_mb <- function(p, d, compat = FALSE) {
  oracle_two_step(0, p$beta1, p$a2, p$beta2, p$pi, 1, 0, p, d, compat)
}

# Model-free only.
oracle_ts_mf <- function(p, d, compat = FALSE) {
  oracle_two_step(p$a1, p$beta1, p$a2, p$beta2, p$pi, 0, p$lambda, p, d, compat)
}

oracle_two_step <- function(a1, beta1, a2, beta2, pi, w, lambda, p, d, compat) {
  common <- oracle_default(p, "trans_prob", 0.7)
  log_lik <- rep(NA_real_, length(d$choice1))
  for (t in seq_along(d$choice1)) {
    if (oracle_restarts(d, t)) {
      v <- matrix(0, 2, 2)
      mf <- c(0, 0)
      last <- 0
    }
    first <- d$choice1[t]
    pair <- d$state2[t]
    second <- d$choice2[t]
    r <- d$outcome[t]

    best <- c(max(v[1, ]), max(v[2, ]))
    mb <- c(common * best[1] + (1 - common) * best[2], (1 - common) * best[1] + common * best[2])
    h <- w * mb + (1 - w) * mf
    repeats <- 0
    if (last == 1) repeats <- -1
    if (last == 2) repeats <- 1
    log_first <- oracle_log_logistic(beta1 * (h[2] - h[1]) + pi * repeats, first)
    log_second <- NA_real_
    if (oracle_seen(pair)) {
      log_second <- oracle_log_logistic(beta2 * (v[pair, 2] - v[pair, 1]), second)
    }
    if (!is.na(log_first) && !is.na(log_second)) log_lik[t] <- log_first + log_second
    if (!is.na(log_first) && is.na(log_second)) log_lik[t] <- log_first
    if (is.na(log_first) && !is.na(log_second)) log_lik[t] <- log_second

    if (oracle_seen(first, pair, second)) {
      mf[first] <- mf[first] + a1 * (v[pair, second] - mf[first])
    }
    if (oracle_seen(pair, second, r)) {
      error <- r - v[pair, second]
      v[pair, second] <- v[pair, second] + a2 * error
      if (compat) error <- r - v[pair, second]
      if (oracle_seen(first)) mf[first] <- mf[first] + lambda * a1 * error
    }
    # A missed choice leaves the memory of the one before.
    if (oracle_seen(first)) last <- first
  }
  log_lik
}

# ---- Aversive learning ---------------------------------------------------------------------------
# d: choice (1 = blue, 2 = orange), outcome (1 = it was blue), blue, orange (what each would cost).

oracle_clamp <- function(x) min(max(x, 0), 1)

# Browning et al. (2015): ev is the probability of blue, from .5; the costs, weighted by a distorted
# probability, are avoided. ev learns from the outcome, whatever was chosen.
oracle_alt_delta <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) ev <- 0.5
    f1 <- oracle_clamp(p$gamma * (ev - 0.5) + 0.5)
    f2 <- oracle_clamp(p$gamma * (0.5 - ev) + 0.5)
    log_lik[t] <- oracle_log_softmax(-p$beta * c(f1 * d$blue[t], f2 * d$orange[t]), d$choice[t])
    if (oracle_seen(d$outcome[t])) ev <- ev + p$A * (d$outcome[t] - ev)
  }
  log_lik
}

# A probability of being punished for each option, from 0, learned when the option was taken:
#   p(a) = softmax(-beta g),  g_a = clamp(gamma (ev_a - .5) + .5) M_a,  ev_a += A (outcome - ev_a)
# with M the costs on offer.
#
# compat = TRUE is hBayesDM's form: g, from 0, is renewed for the option taken, after the choice.
# The choice therefore sees the costs of the trial at which each option was last taken.
oracle_alt_gamma <- function(p, d, compat = FALSE) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      ev <- c(0, 0)
      g <- c(0, 0)
    }
    costs <- c(d$blue[t], d$orange[t])
    if (!compat) {
      for (k in 1:2) g[k] <- oracle_clamp(p$gamma * (ev[k] - 0.5) + 0.5) * costs[k]
    }
    a <- d$choice[t]
    log_lik[t] <- oracle_log_softmax(-p$beta * g, a)
    if (!oracle_seen(a)) next
    if (oracle_seen(d$outcome[t])) ev[a] <- ev[a] + p$A * (d$outcome[t] - ev[a])
    if (compat && oracle_seen(costs[a])) {
      g[a] <- oracle_clamp(p$gamma * (ev[a] - 0.5) + 0.5) * costs[a]
    }
  }
  log_lik
}

# ---- Ultimatum game ------------------------------------------------------------------------------
# d: offer, choice (1 = reject, 2 = accept). What is learned from is the offer: without one nothing
# can be scored or learned.

# Gu et al. (2015): the norm f starts at 10 and follows the offers; offers below it hurt.
oracle_ug_delta <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) norm <- 10
    offer <- d$offer[t]
    if (!oracle_seen(offer)) next
    utility <- offer - p$alpha * max(norm - offer, 0)
    log_lik[t] <- oracle_log_logistic(p$tau * utility, d$choice[t])
    norm <- norm + p$ep * (offer - norm)
  }
  log_lik
}

# Xiang et al. (2013): a Bayesian observer of the mean offer, worth k = 4 offers of 10 at the start,
# who takes the offer in before the answer; offers below the mean hurt (alpha), above it too (beta).
# The variance of the observer (s2 = 4, nu = 10) does not reach the utility.
oracle_ug_bayes <- function(p, d) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      k <- 4
      mu <- 10
    }
    offer <- d$offer[t]
    if (!oracle_seen(offer)) next
    mu <- (k * mu + offer) / (k + 1)
    k <- k + 1
    utility <- offer - p$alpha * max(mu - offer, 0) - p$beta * max(offer - mu, 0)
    log_lik[t] <- oracle_log_logistic(p$tau * utility, d$choice[t])
  }
  log_lik
}

# ---- Card sorting --------------------------------------------------------------------------------
# d: choice (1 to 4), outcome (0, 1), colour, form, number (the card that matches in each of them).
#
# Bishara et al. (2010), sequential learning. Attention a over the three dimensions starts at 1/3.
# A card's strength is the sum of a^d over the dimensions in which it matches (on the first trial
# without d), and P = normalise(.9998 strength + .0001). Feedback moves attention towards the part
# of it that agrees: a = (1 - r) a + r s with s proportional to a times the matches of the chosen
# card after a reward; p and the mismatches after a punishment. Then a = .9998 a / sum(a) + .0001,
# as part of the same step: without feedback attention stays as it is.
#
# compat = TRUE: hBayesDM's first trial, which leaves out the .9998 and .0001 too.
# s is 0/0, and all that follows NaN, when a card that matches nothing is rewarded or one that
# matches everything is punished: the task rules both out.
oracle_wcs_sql <- function(p, d, compat = FALSE) {
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    first <- oracle_restarts(d, t)
    if (first) attention <- rep(1 / 3, 3)
    a <- d$choice[t]
    cards <- c(d$colour[t], d$form[t], d$number[t])
    if (!oracle_seen(cards)) next

    strength <- rep(0, 4)
    for (j in 1:3) {
      weight <- if (first) attention[j] else attention[j]^p$d
      strength[cards[j]] <- strength[cards[j]] + weight
    }
    probability <- if (first && compat) strength else 0.9998 * strength + 0.0001
    if (oracle_seen(a)) log_lik[t] <- log(probability[a]) - log(sum(probability))

    if (!oracle_seen(a, d$outcome[t])) next
    signal <- rep(0, 3)
    for (j in 1:3) {
      agrees <- if (d$outcome[t] > 0) cards[j] == a else cards[j] != a
      if (agrees) signal[j] <- attention[j]
    }
    signal <- signal / sum(signal)
    rate <- if (d$outcome[t] > 0) p$r else p$p
    attention <- (1 - rate) * attention + rate * signal
    attention <- 0.9998 * attention / sum(attention) + 0.0001
  }
  log_lik
}
