# Oracles of the learning models of the literature, for tasks of one state: dynamic learning rates,
# evidence counts, stickiness, counterfactual learning. Slow plain R from the published formulas, no
# code shared with the package. Those of other tasks are in helper-oracle-literature-tasks.R.
#
# oracle_<model>(p, d): p is a named list of natural parameters, d a named list of the columns of
# one subject with the trials in order. The answer holds one log-likelihood per trial, NA where the
# response was missed. Values start at p$q0, 0.5 unless given. An update that reads something
# missing is skipped; states go back to their start where d$block_start is TRUE.
#
# The rule_<model>() functions are one step of one cue: the oracles run on them, and so do the
# checks against the published sequences of a single cue.

literature_q0 <- function(p) if (is.null(p$q0)) 0.5 else p$q0
literature_arms <- function(d) if (is.null(d$n_actions)) 2 else d$n_actions
literature_restarts <- function(d, t) t == 1 || isTRUE(d$block_start[t])

literature_log_softmax <- function(x) {
  top <- max(x)
  x - top - log(sum(exp(x - top)))
}

# The loop of a bandit: score the choice with the state as it stands, then learn from the trial.
#   start()          the state at the start of a block
#   logits(state)    one logit per arm
#   learn(state, t)  the state after trial t
literature_bandit <- function(d, start, logits, learn) {
  loglik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (literature_restarts(d, t)) state <- start()
    k <- d$choice[t]
    if (!is.na(k)) loglik[t] <- literature_log_softmax(logits(state))[k]
    state <- learn(state, t)
  }
  loglik
}

literature_seen <- function(d, t) !is.na(d$choice[t]) && !is.na(d$outcome[t])

# V += rate (r - V).
rule_delta <- function(value, outcome, rate) value + rate * (outcome - value)

# Dynamic learning rates -------------------------------------------------------------------------
# Every arm has its own rate, confidence, gain or associability beside its value, as cues have in
# the theories these come from. `shared = TRUE` gives all arms one instead.

# The states of the chosen arm are cell k of each vector, or cell 1 of what all arms share.
literature_dynamic <- function(p, d, start, rule, shared) {
  n <- literature_arms(d)
  literature_bandit(
    d,
    start = function() {
      state <- list(value = rep(literature_q0(p), n))
      for (name in names(start)) state[[name]] <- rep(start[[name]], if (shared) 1 else n)
      state
    },
    logits = function(state) p$beta * state$value,
    learn = function(state, t) {
      if (!literature_seen(d, t)) return(state)
      k <- d$choice[t]
      j <- if (shared) 1 else k
      cue <- list(value = state$value[k])
      for (name in names(start)) cue[[name]] <- state[[name]][j]
      cue <- rule(cue, d$outcome[t], p)
      state$value[k] <- cue$value
      for (name in names(start)) state[[name]][j] <- cue[[name]]
      state
    }
  )
}

# V += rate e with e = r - V, then rate += eta (e^2 - rate); the rate starts at alpha0.
rule_rw_uncertainty <- function(cue, outcome, p) {
  error <- outcome - cue$value
  cue$value <- cue$value + cue$rate * error
  cue$rate <- cue$rate + p$eta * (error^2 - cue$rate)
  cue
}

oracle_rw_uncertainty <- function(p, d, shared = FALSE) {
  literature_dynamic(p, d, list(rate = p$alpha0), rule_rw_uncertainty, shared)
}

# Confidence grows with small errors, c += c_alpha ((2 - |e|) / 2 - c), and is updated before it is
# used. It speeds up learning from outcomes that confirm the prediction, (alpha0 + m c) / (1 + m c),
# and slows down the rest, alpha0 / (1 + m c). An outcome confirms when the prediction, rounded half
# to even, equals it. Vinckier et al. (2016).
rule_metalearning <- function(cue, outcome, p) {
  error <- outcome - cue$value
  cue$confidence <- cue$confidence + p$c_alpha * ((2 - abs(error)) / 2 - cue$confidence)
  boost <- p$m * cue$confidence
  if (round(cue$value) == outcome) {
    rate <- (p$alpha0 + boost) / (1 + boost)
  } else {
    rate <- p$alpha0 / (1 + boost)
  }
  cue$value <- cue$value + rate * error
  cue
}

oracle_metalearning <- function(p, d, shared = FALSE) {
  literature_dynamic(p, d, list(confidence = p$c0), rule_metalearning, shared)
}

# Sutton's K1: the gain k follows its own gradient. b += mu e h; k = exp(b) / (rhat + exp(b));
# V += k e; h = (h + k e) max(0, 1 - k). b starts at 0, the memory h at h0. Sutton (1992).
rule_sutton_k1 <- function(cue, outcome, p) {
  error <- outcome - cue$value
  cue$b <- cue$b + p$mu * error * cue$h
  gain <- exp(cue$b) / (p$rhat + exp(cue$b))
  cue$value <- cue$value + gain * error
  cue$h <- (cue$h + gain * error) * max(0, 1 - gain)
  cue$gain <- gain
  cue
}

oracle_sutton_k1 <- function(p, d, shared = FALSE) {
  literature_dynamic(p, d, list(b = 0, h = p$h0), rule_sutton_k1, shared)
}

# V += kappa a e with the associability as it stood, then a = eta |e| + (1 - eta) a; a starts at
# alpha. Li et al. (2011).
rule_pearce_hall_hybrid <- function(cue, outcome, p) {
  error <- outcome - cue$value
  cue$value <- cue$value + p$kappa * cue$associability * error
  cue$associability <- p$eta * abs(error) + (1 - p$eta) * cue$associability
  cue
}

oracle_pearce_hall_hybrid <- function(p, d, shared = FALSE) {
  literature_dynamic(p, d, list(associability = p$alpha), rule_pearce_hall_hybrid, shared)
}

# Volatility -------------------------------------------------------------------------------------
# The rate is a regression on the trial's volatility (a column) and the sign of the error:
#   rate = logistic(a_base + a_vol vol + a_sign sign(e) + a_interaction vol sign(e)).
rule_rw_volatile <- function(value, outcome, vol, p) {
  error <- outcome - value
  rate <- plogis(p$a_base + p$a_vol * vol + p$a_sign * sign(error) +
                   p$a_interaction * vol * sign(error))
  value + rate * error
}

oracle_rw_volatile <- function(p, d) {
  n <- literature_arms(d)
  literature_bandit(
    d,
    start = function() rep(literature_q0(p), n),
    logits = function(state) p$beta * state,
    learn = function(state, t) {
      if (!literature_seen(d, t) || is.na(d$vol[t])) return(state)
      k <- d$choice[t]
      state[k] <- rule_rw_volatile(state[k], d$outcome[t], d$vol[t], p)
      state
    }
  )
}

# Leaky beta counts ------------------------------------------------------------------------------
# Each arm counts evidence for (A) and against (B) a reward, both from 1. On every trial all counts
# leak towards 1, A = 1 + decay (A - 1), then the chosen arm adds tau_pos r to A and tau_neg (1 - r)
# to B. Value = A / (A + B). The leak reads nothing: it happens on missed trials too.
rule_leaky_beta <- function(counts, choice, outcome, p) {
  for (arm in seq_along(counts$a)) {
    counts$a[arm] <- 1 + p$decay * (counts$a[arm] - 1)
    counts$b[arm] <- 1 + p$decay * (counts$b[arm] - 1)
  }
  if (!is.na(choice) && !is.na(outcome)) {
    counts$a[choice] <- counts$a[choice] + p$tau_pos * outcome
    counts$b[choice] <- counts$b[choice] + p$tau_neg * (1 - outcome)
  }
  counts
}

oracle_leaky_beta <- function(p, d) {
  n <- literature_arms(d)
  literature_bandit(
    d,
    start = function() list(a = rep(1, n), b = rep(1, n)),
    logits = function(state) p$beta * state$a / (state$a + state$b),
    learn = function(state, t) rule_leaky_beta(state, d$choice[t], d$outcome[t], p)
  )
}

# Stickiness -------------------------------------------------------------------------------------
# The logit of the arm chosen last gains kappa. stickiness_scale = "logit" adds it beside beta V;
# "value" adds it to the value, so that the logit is beta (V + kappa). A missed choice leaves the
# last one made in place; nothing is added before the first choice of a block.
# Wilson & Collins (2019).
literature_sticky_logits <- function(value, last, p, stickiness_scale) {
  logits <- p$beta * value
  if (last == 0) return(logits)
  if (stickiness_scale == "logit") logits[last] <- logits[last] + p$kappa
  if (stickiness_scale == "value") logits[last] <- logits[last] + p$beta * p$kappa
  logits
}

oracle_rw_sticky <- function(p, d, stickiness_scale = "logit") {
  stopifnot(stickiness_scale %in% c("logit", "value"))
  n <- literature_arms(d)
  literature_bandit(
    d,
    start = function() list(value = rep(literature_q0(p), n), last = 0),
    logits = function(state) {
      literature_sticky_logits(state$value, state$last, p, stickiness_scale)
    },
    learn = function(state, t) {
      k <- d$choice[t]
      if (literature_seen(d, t)) {
        state$value[k] <- rule_delta(state$value[k], d$outcome[t], p$alpha)
      }
      if (!is.na(k)) state$last <- k
      state
    }
  )
}

# Counterfactual learner of SPICE ----------------------------------------------------------------
# logits = beta_reward V + beta_choice C, V from q0, C from 0. The rates go by the outcome, reward
# above 0.5 or penalty, not by the sign of the error.
#   chosen    V += alpha (r - V)
#   unchosen  V += alpha_cf ((1 - r) - V) + forget (q0 - V), both terms from the old V
#   all arms  C += alpha_choice (onehot - C)
# The unchosen arms' line reads the outcome: where it is missing, forgetting waits as well. The
# choice trace reads the choice alone.
oracle_spice_agent <- function(p, d) {
  n <- literature_arms(d)
  literature_bandit(
    d,
    start = function() list(value = rep(literature_q0(p), n), trace = rep(0, n)),
    logits = function(state) p$beta_reward * state$value + p$beta_choice * state$trace,
    learn = function(state, t) {
      k <- d$choice[t]
      r <- d$outcome[t]
      if (literature_seen(d, t)) {
        rewarded <- r > 0.5
        alpha <- if (rewarded) p$alpha_reward else p$alpha_penalty
        alpha_cf <- if (rewarded) p$alpha_cf_reward else p$alpha_cf_penalty
        for (arm in seq_len(n)) {
          old <- state$value[arm]
          if (arm == k) {
            state$value[arm] <- rule_delta(old, r, alpha)
          } else {
            state$value[arm] <- old + alpha_cf * ((1 - r) - old) +
              p$forget * (literature_q0(p) - old)
          }
        }
      }
      if (!is.na(k)) {
        for (arm in seq_len(n)) {
          target <- if (arm == k) 1 else 0
          state$trace[arm] <- rule_delta(state$trace[arm], target, p$alpha_choice)
        }
      }
      state
    }
  )
}

# The same without choice trace and forgetting: four rates by valence of the outcome and by whether
# the arm was chosen.
oracle_spice_valence <- function(p, d) {
  p$forget <- 0
  p$beta_choice <- 0
  p$alpha_choice <- 0
  oracle_spice_agent(p, d)
}
