# Oracles of the static models: discounting, risk, ambiguity, peers, the balloon task, the Cambridge
# gambling task and signal detection. Slow plain R from the published formulas, no code shared with
# the package.
#
# oracle_<model>(p, d): p is a named list of natural parameters, d a named list of the columns of
# one subject with the trials in order. The answer holds one log-likelihood per trial: the sum over
# the responses of the trial, NA where none was observed. A missing response adds nothing; a trial
# whose offer is missing has no distribution and is NA as well.

# log P(y) of a two-way response coded 1 and 2, where 2 has the logit `x`. Written with the
# logistic function's own logarithm, since log(1 / (1 + exp(-x))) overflows.
static_binary <- function(response, x) {
  if (is.na(response) || is.na(x)) return(NA_real_)
  if (response == 2) return(plogis(x, log.p = TRUE))
  plogis(-x, log.p = TRUE)
}

# log of the k-th probability of softmax(x).
static_softmax <- function(k, x) {
  if (is.na(k) || anyNA(x)) return(NA_real_)
  top <- max(x)
  x[k] - top - log(sum(exp(x - top)))
}

static_restarts <- function(d, t) t == 1 || isTRUE(d$block_start[t])

# Delay discounting ------------------------------------------------------------------------------
# p(later) = logistic(beta (V_later - V_sooner)); choice 2 is the later option. The sooner option is
# discounted by its own delay, which is usually 0.

static_discounting <- function(p, d, discount) {
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    later <- d$amount_later[t] * discount(d$delay_later[t])
    sooner <- d$amount_sooner[t] * discount(d$delay_sooner[t])
    loglik[t] <- static_binary(d$choice[t], p$beta * (later - sooner))
  }
  loglik
}

# V = A / (1 + k D). Mazur (1987).
oracle_dd_hyperbolic <- function(p, d) {
  static_discounting(p, d, function(delay) 1 / (1 + p$k * delay))
}

# V = A exp(-r D). Samuelson (1937).
oracle_dd_exp <- function(p, d) {
  static_discounting(p, d, function(delay) exp(-p$r * delay))
}

# V = A exp(-(r D)^s), constant sensitivity. Ebert & Prelec (2007).
oracle_dd_cs <- function(p, d) {
  static_discounting(p, d, function(delay) exp(-(p$r * delay)^p$s))
}

# Risk aversion ----------------------------------------------------------------------------------
# A gamble of two equally likely ends against a certain amount:
#   p(gamble) = logistic(tau (gain^rho / 2 - lambda loss^rho / 2 - cert^rho)).
# The loss is an amount >= 0. Sokol-Hessner et al. (2009). Choice 2 is the gamble.

oracle_ra_prospect <- function(p, d) {
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    gamble <- 0.5 * d$gain[t]^p$rho - 0.5 * p$lambda * d$loss[t]^p$rho
    certain <- d$cert[t]^p$rho
    loglik[t] <- static_binary(d$choice[t], p$tau * (gamble - certain))
  }
  loglik
}

# No loss aversion: lambda = 1.
oracle_ra_noLA <- function(p, d) { # nolint: object_name_linter.
  oracle_ra_prospect(list(rho = p$rho, lambda = 1, tau = p$tau), d)
}

# No risk aversion: rho = 1.
oracle_ra_noRA <- function(p, d) { # nolint: object_name_linter.
  oracle_ra_prospect(list(rho = 1, lambda = p$lambda, tau = p$tau), d)
}

# Momentary happiness ----------------------------------------------------------------------------
# happy ~ normal(w0 + w1 CR + w2 EV + w3 RPE, sig) where it was rated. The three sums run over the
# trials *before* the rating, each trial weighing gam times less than the one after it: CR adds the
# certain amount (signed) when the safe option was taken; EV = (gain - loss) / 2 and
# RPE = outcome - EV add when the gamble was. Rutledge et al. (2014).
# The rating of row t comes before the choice of row t: the last trial carries the weight gam.

oracle_rdt_happiness <- function(p, d) {
  loglik <- rep(NA_real_, length(d$gamble))
  for (t in seq_along(d$gamble)) {
    if (static_restarts(d, t)) {
      certain <- 0
      expected <- 0
      surprise <- 0
    }
    if (!is.na(d$happy[t])) {
      mean <- p$w0 + p$w1 * certain + p$w2 * expected + p$w3 * surprise
      loglik[t] <- dnorm(d$happy[t], mean, p$sig, log = TRUE)
    }
    gamble <- d$gamble[t]
    if (!is.na(gamble)) {
      ev <- 0.5 * (d$gain[t] - d$loss[t])
      if (gamble == 0 && !is.na(d$cert[t])) certain <- certain + d$cert[t]
      if (gamble == 1 && !is.na(ev)) expected <- expected + ev
      if (gamble == 1 && !is.na(d$outcome[t] - ev)) surprise <- surprise + (d$outcome[t] - ev)
    }
    # The decay reads no column: it happens on every trial.
    certain <- p$gam * certain
    expected <- p$gam * expected
    surprise <- p$gam * surprise
  }
  loglik
}

# Description-based decisions --------------------------------------------------------------------
# Two options of two outcomes each. Prelec weights w(q) = exp(-(-log q)^tau) of each probability by
# itself (w(q) + w(1 - q) is not 1); utility v^rho of a gain, -lambda |v|^rho of a loss;
# p = softmax(beta U). Erev et al. (2010); Hertwig et al. (2004); Jessup et al. (2008).

oracle_dbdm_prob_weight <- function(p, d) {
  weight <- function(q) exp(-(-log(q))^p$tau)
  utility <- function(v) {
    if (is.na(v)) return(NA_real_)
    if (v >= 0) v^p$rho else -p$lambda * abs(v)^p$rho
  }
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    first <- weight(d$opt1hprob[t]) * utility(d$opt1hval[t]) +
      weight(1 - d$opt1hprob[t]) * utility(d$opt1lval[t])
    second <- weight(d$opt2hprob[t]) * utility(d$opt2hval[t]) +
      weight(1 - d$opt2hprob[t]) * utility(d$opt2lval[t])
    loglik[t] <- static_softmax(d$choice[t], p$beta * c(first, second))
  }
  loglik
}

# Risk and ambiguity -----------------------------------------------------------------------------
# A lottery of known or partly hidden probability against a fixed one that is won with probability
# one half: p(variable) = logistic(gamma (SV(prob, ambig, var) - SV(0.5, 0, fix))). Choice 2 is the
# variable lottery. Levy et al. (2010); Hsu et al. (2005).

static_ambiguity <- function(p, d, chance) {
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    variable <- chance(d$prob[t], d$ambig[t]) * d$reward_var[t]^p$alpha
    fixed <- chance(0.5, 0) * d$reward_fix[t]^p$alpha
    loglik[t] <- static_binary(d$choice[t], p$gamma * (variable - fixed))
  }
  loglik
}

# SV = (prob - beta ambig / 2) v^alpha.
oracle_cra_linear <- function(p, d) {
  static_ambiguity(p, d, function(prob, ambig) prob - p$beta * ambig / 2)
}

# SV = prob^(1 + beta ambig) v^alpha.
oracle_cra_exp <- function(p, d) {
  static_ambiguity(p, d, function(prob, ambig) prob^(1 + p$beta * ambig))
}

# Peer influence ---------------------------------------------------------------------------------
# Two lotteries with the same chance of their high end; utility v^rho; what the peers chose adds
# `ocu` to the safe one (condition 1: both took it) or to the risky one (condition 3). Nothing is
# added alone (0) or when the peers differed (2). p(risky) = logistic(tau (U_risky - U_safe)).
# Chung et al. (2015). Choice 2 is the risky lottery.

oracle_peer_ocu <- function(p, d) {
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    high <- d$p_gamble[t]
    safe <- high * d$safe_Hpayoff[t]^p$rho + (1 - high) * d$safe_Lpayoff[t]^p$rho
    risky <- high * d$risky_Hpayoff[t]^p$rho + (1 - high) * d$risky_Lpayoff[t]^p$rho
    condition <- d$condition[t]
    if (is.na(condition)) next
    if (condition == 1) safe <- safe + p$ocu
    if (condition == 3) risky <- risky + p$ocu
    loglik[t] <- static_binary(d$choice[t], p$tau * (risky - safe))
  }
  loglik
}

# Balloon analogue risk task ---------------------------------------------------------------------
# One row a balloon. The decisions of a balloon are l = 1, 2, ...: a pump at each l up to `pumps`,
# then a stop at l = pumps + 1 unless the last pump burst it, which leaves no stop to score. What is
# believed of the balloons moves between them only.

# log-likelihood of a balloon where pumping at l has the logit logit(l).
static_balloon <- function(pumps, explosion, logit) {
  total <- 0
  for (l in seq_len(pumps + 1 - explosion)) {
    if (l <= pumps) {
      total <- total + plogis(logit(l), log.p = TRUE)
    } else {
      total <- total + plogis(-logit(l), log.p = TRUE)
    }
  }
  total
}

# Belief that a pump bursts: 1 - (phi + eta n_success) / (1 + eta n_pump); the number of pumps aimed
# at is omega = -gam / log(1 - p_burst); p(pump at l) = logistic(tau (omega - l)).
# van Ravenzwaaij, Dutilh & Wagenmakers (2011).
oracle_bart_par4 <- function(p, d) {
  loglik <- rep(NA_real_, length(d$pumps))
  for (t in seq_along(d$pumps)) {
    if (static_restarts(d, t)) {
      n_pump <- 0
      n_success <- 0
    }
    pumps <- d$pumps[t]
    explosion <- d$explosion[t]
    if (is.na(pumps) || is.na(explosion)) next
    burst <- 1 - (p$phi + p$eta * n_success) / (1 + p$eta * n_pump)
    omega <- -p$gam / log1p(-burst)
    loglik[t] <- static_balloon(pumps, explosion, function(l) p$tau * (omega - l))
    n_success <- n_success + pumps - explosion
    n_pump <- n_pump + pumps
  }
  loglik
}

# Exponential-weight mean-variance model. The belief moves from phi to the observed share of bursts:
#   burst = phi + (1 - exp(-eta n_pump)) ((n_pump - n_success) / n_pump - phi), phi before any pump;
# pumping at l gains 1 or loses the l - 1 collected so far (stopping has utility 0):
#   u = (1 - burst) - lambda burst (l - 1) + rho burst (1 - burst) (1 + lambda (l - 1))^2.
# p(pump at l) = logistic(tau u). Park, Yang, Vassileva & Ahn (2020).
oracle_bart_ewmv <- function(p, d) {
  loglik <- rep(NA_real_, length(d$pumps))
  for (t in seq_along(d$pumps)) {
    if (static_restarts(d, t)) {
      n_pump <- 0
      n_success <- 0
    }
    pumps <- d$pumps[t]
    explosion <- d$explosion[t]
    if (is.na(pumps) || is.na(explosion)) next
    burst <- p$phi
    if (n_pump > 0) {
      seen <- (n_pump - n_success) / n_pump
      burst <- p$phi + (1 - exp(-p$eta * n_pump)) * (seen - p$phi)
    }
    loglik[t] <- static_balloon(pumps, explosion, function(l) {
      mean <- (1 - burst) - p$lambda * burst * (l - 1)
      variance <- burst * (1 - burst) * (1 + p$lambda * (l - 1))^2
      p$tau * (mean + p$rho * variance)
    })
    n_success <- n_success + pumps - explosion
    n_pump <- n_pump + pumps
  }
  loglik
}

# Cambridge gambling task ------------------------------------------------------------------------
# Two responses. Colour (1 blue, 2 red), with the share of red boxes p_red:
#   P(red) = c p_red^alpha / (c p_red^alpha + (1 - c) (1 - p_red)^alpha).
# Bet (1 to 5, the stakes .05 .25 .50 .75 .95 of the points), with P the share of boxes of the
# colour that was chosen: gain = points + stake, what is owned after a win; loss = points - stake,
# what is owned after a loss;
#   U = log(1 + gain) P + log(1 + rho loss) (1 - P) - beta delay,  p(bet) = softmax(gamma U).
# The stakes are offered one after the other: smallest first where gamble_type is 1, largest first
# where it is 0. `delay` counts the offers that went before.
# Romeu et al. (2020), in the units of the published fits (hBayesDM): points in hundreds, the delay
# from 0 to 1 in steps of a quarter. Both units are arguments; 1 and 1 give raw points and ranks 0
# to 4.
# `weighted = TRUE` values the bets with the distorted chance of the chosen colour instead of its
# share.

oracle_cgt_cm <- function(p, d, points_scale = 100, delay_step = 0.25, weighted = FALSE) {
  share <- c(0.05, 0.25, 0.50, 0.75, 0.95)
  loglik <- rep(NA_real_, length(d$colour))
  for (t in seq_along(d$colour)) {
    red <- d$p_red[t]
    colour <- d$colour[t]
    bet <- d$bet[t]
    parts <- c(NA_real_, NA_real_)

    # The odds of red are (c / (1 - c)) (p_red / (1 - p_red))^alpha: their log is the logit.
    logit <- log(p$c) - log1p(-p$c) + p$alpha * (log(red) - log1p(-red))
    parts[1] <- static_binary(colour, logit)

    if (!is.na(colour) && !is.na(bet) && !is.na(d$gamble_type[t])) {
      chance_of_red <- if (weighted) plogis(logit) else red
      chance <- if (colour == 2) chance_of_red else 1 - chance_of_red
      utility <- rep(NA_real_, 5)
      for (b in 1:5) {
        stake <- share[b] * d$points[t]
        gain <- (d$points[t] + stake) / points_scale
        loss <- (d$points[t] - stake) / points_scale
        offers_before <- if (d$gamble_type[t] == 1) b - 1 else 5 - b
        utility[b] <- log1p(gain) * chance + log1p(p$rho * loss) * (1 - chance) -
          p$beta * delay_step * offers_before
      }
      parts[2] <- static_softmax(bet, p$gamma * utility)
    }
    if (!all(is.na(parts))) loglik[t] <- sum(parts, na.rm = TRUE)
  }
  loglik
}

# Signal detection -------------------------------------------------------------------------------
# Equal-variance Gaussian: P(yes | signal) = Phi(d / 2 - c), P(yes | noise) = Phi(-d / 2 - c). One
# response a trial; summed, they are the two binomials up to their constants. stimulus 2 is signal,
# choice 2 is yes.

oracle_task2AFC_sdt <- function(p, d) { # nolint: object_name_linter.
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (is.na(d$choice[t]) || is.na(d$stimulus[t])) next
    side <- if (d$stimulus[t] == 2) 1 else -1
    z <- side * p$d / 2 - p$c
    loglik[t] <- if (d$choice[t] == 2) pnorm(z, log.p = TRUE) else pnorm(-z, log.p = TRUE)
  }
  loglik
}
