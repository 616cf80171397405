# Example data of bandits, reversals, go/no-go, decks of cards and pairs of stimuli.

# Rescorla-Wagner, values from 0.5; the second arm pays with probability 0.7, the first with 0.3.
# One trial in 100 is missed.
add_example(
  "bandit",
  \(n) list(alpha = around_share(n, 0.3), beta = around(n, 4)),
  function(p) {
    value <- c(0.5, 0.5)
    bind_trials(lapply(1:80, \(t) {
      choice <- pick(softmax(p$beta * value))
      outcome <- happens(c(0.3, 0.7)[choice])
      if (happens(0.01)) return(list(trial = t, choice = NA, outcome = NA))
      value[choice] <<- value[choice] + p$alpha * (outcome - value[choice])
      list(trial = t, choice = choice, outcome = outcome)
    }))
  }
)

# Delta rule from 0; win 1 with probability 0.65 and 0.35, lose 1 otherwise.
add_example(
  "bandit2arm",
  \(n) list(A = around_share(n, 0.25), tau = around(n, 1.8)),
  function(p) {
    value <- c(0, 0)
    bind_trials(lapply(1:80, \(t) {
      choice <- pick(softmax(p$tau * value))
      outcome <- 2L * happens(c(0.65, 0.35)[choice]) - 1L
      value[choice] <<- value[choice] + p$A * (outcome - value[choice])
      list(trial = t, choice = choice, outcome = outcome)
    }))
  }
)

# Gains and losses of 1 come apart. Arms not chosen learn from an outcome of 0.
add_example(
  "bandit4arm",
  \(n) list(Arew = around_share(n, 0.35), Apun = around_share(n, 0.35), R = around(n, 4),
    P = around(n, 3)),
  function(p) {
    gains <- sapply(1:4, \(arm) walk(100, runif(1, 0.2, 0.8), 0.05, c(0.05, 0.95)))
    losses <- sapply(1:4, \(arm) walk(100, runif(1, 0.2, 0.8), 0.05, c(0.05, 0.95)))
    value_gain <- value_loss <- numeric(4)
    bind_trials(lapply(1:100, \(t) {
      choice <- pick(softmax(value_gain + value_loss))
      gain <- happens(gains[t, choice])
      loss <- -happens(losses[t, choice])
      seen <- seq_len(4) == choice
      value_gain <<- value_gain + p$Arew * (p$R * gain * seen - value_gain)
      value_loss <<- value_loss + p$Apun * (p$P * loss * seen - value_loss)
      list(trial = t, gain = gain, loss = loss, choice = choice)
    }))
  }
)

# Three arms: gain 1 with probability 0.7, 0.5, 0.3; lose 1 with probability 0.3, 0.2, 0.5.
add_example(
  "banditNarm",
  \(n) list(A = around_share(n, 0.25), tau = around(n, 2)),
  function(p) {
    value <- numeric(3)
    bind_trials(lapply(1:80, \(t) {
      choice <- pick(softmax(p$tau * value))
      gain <- happens(c(0.7, 0.5, 0.3)[choice])
      loss <- -happens(c(0.3, 0.2, 0.5)[choice])
      value[choice] <<- value[choice] + p$A * (gain + loss - value[choice])
      list(trial = t, gain = gain, loss = loss, choice = choice)
    }))
  }
)

# Kalman filter (observations with a standard deviation of 4); payoffs walk between 10 and 90.
add_example(
  "bandit4arm2",
  \(n) list(lambda = around_share(n, 0.95, 0.3), theta = runif(n, 45, 55), beta = around(n, 0.15),
    mu0 = runif(n, 45, 60), s0 = around(n, 6), sD = around(n, 3)),
  function(p) {
    payoff <- sapply(1:4, \(arm) walk(100, runif(1, 30, 70), 3, c(10, 90)))
    mean <- rep(p$mu0, 4)
    variance <- rep(p$s0^2, 4)
    bind_trials(lapply(1:100, \(t) {
      choice <- pick(softmax(p$beta * mean))
      outcome <- as.integer(min(max(round(rnorm(1, payoff[t, choice], 4)), 1), 100))
      rate <- variance[choice] / (variance[choice] + 16)
      mean[choice] <<- mean[choice] + rate * (outcome - mean[choice])
      variance[choice] <<- (1 - rate) * variance[choice]
      mean <<- p$lambda * mean + (1 - p$lambda) * p$theta
      variance <<- p$lambda^2 * variance + p$sD^2
      list(trial = t, choice = choice, outcome = outcome)
    }))
  }
)

# The better option (0.75 against 0.25) changes at trials 31 and 61; `size` is won or lost. Rates
# for rewards and punishments. One trial in 50 is missed.
simulate_reversal <- function(p, trials, size, first) {
  value <- c(0, 0)
  bind_trials(lapply(seq_len(trials), \(t) {
    better <- if (((t - 1) %/% 30) %% 2 == 0) first else 3 - first
    choice <- pick(softmax(p$beta * value))
    reward <- 2L * happens(if (choice == better) 0.75 else 0.25) - 1L
    if (happens(0.02)) return(list(trial = t, choice = NA, outcome = NA))
    rate <- if (reward > 0) p$Arew else p$Apun
    value[choice] <<- value[choice] + rate * (reward - value[choice])
    list(trial = t, choice = choice, outcome = size * reward)
  }))
}

parameters_reversal <- \(n) {
  list(Apun = around_share(n, 0.3), Arew = around_share(n, 0.5), beta = around(n, 2.5))
}

add_example("prl", parameters_reversal, \(p) simulate_reversal(p, 90, 1L, 1))

# Three blocks, each with values from 0 again; 25 points are won or lost.
add_example("prl_multipleB", parameters_reversal, function(p) {
  do.call(rbind, lapply(1:3, \(b) cbind(block = b, simulate_reversal(p, 45, 25L, 1 + b %% 2))))
})

# Cues 1 to 4: press to win, press to avoid losing, hold back to win, hold back to avoid losing.
# What is right has the better end with probability 0.8.
add_example(
  "gng",
  \(n) list(xi = around_share(n, 0.06), ep = around_share(n, 0.25), b = rnorm(n, 0.4, 0.4),
    rho = around(n, 6)),
  function(p) {
    value <- matrix(0, 4, 2)
    cues <- unlist(lapply(1:25, \(k) sample(4)))
    bind_trials(lapply(1:100, \(t) {
      cue <- cues[t]
      pressed <- says_yes(value[cue, 2] + p$b - value[cue, 1], p$xi)
      right <- pressed == (cue <= 2)
      better <- happens(if (right) 0.8 else 0.2)
      outcome <- if (cue %% 2 == 1) better else better - 1L
      action <- pressed + 1
      value[cue, action] <<- value[cue, action] + p$ep * (p$rho * outcome - value[cue, action])
      list(trialNum = t, cue = cue, keyPressed = pressed, outcome = outcome)
    }))
  }
)

# Decks 1 and 2 win 90, 3 and 4 win 45. Deck 1 loses 220 on every second card on average, deck 2
# loses 1100 on every tenth; deck 3 loses 50 on every second, deck 4 250 on every tenth. A card of
# the first two costs 20 on average, of the last two brings 20. PVL with the delta rule, money in
# units of 100.
add_example(
  "igt",
  \(n) list(A = around_share(n, 0.3), alpha = around(n, 0.5), cons = around(n, 0.9),
    lambda = around(n, 1)),
  function(p) {
    value <- numeric(4)
    bind_trials(lapply(1:100, \(t) {
      deck <- pick(softmax((3^p$cons - 1) * value))
      gain <- c(90L, 90L, 45L, 45L)[deck]
      loss <- -c(220L, 1100L, 50L, 250L)[deck] * happens(c(0.5, 0.1, 0.5, 0.1)[deck])
      x <- (gain + loss) / 100
      utility <- if (x >= 0) x^p$alpha else -p$lambda * (-x)^p$alpha
      value[deck] <<- value[deck] + p$A * (utility - value[deck])
      list(trial = t, choice = deck, gain = gain, loss = loss)
    }))
  }
)

# Pairs 12, 34, 56: the first stimulus is rewarded with probability 0.8, 0.7, 0.6, the second with
# the rest. choice 1 is the first.
add_example(
  "pst",
  \(n) list(alpha_pos = around_share(n, 0.3), alpha_neg = around_share(n, 0.15),
    beta = around(n, 4)),
  function(p) {
    value <- numeric(6)
    chance <- c(0.8, 0.2, 0.7, 0.3, 0.6, 0.4)
    pairs <- unlist(lapply(1:30, \(k) sample(c(12L, 34L, 56L))))
    bind_trials(lapply(pairs, \(type) {
      option <- c(type %/% 10L, type %% 10L)
      first <- says_yes(p$beta * (value[option[1]] - value[option[2]]))
      shown <- option[2L - first]
      reward <- happens(chance[shown])
      error <- reward - value[shown]
      value[shown] <<- value[shown] + (if (error >= 0) p$alpha_pos else p$alpha_neg) * error
      list(type = type, choice = first, reward = reward)
    }))
  }
)

# Blocks with 2 to 5 stimuli, each shown 7 times; one of three actions is right.
add_example(
  "rlwm",
  \(n) list(alpha = around_share(n, 0.15), beta = rep(25, n), phi = around_share(n, 0.15),
    rho = around_share(n, 0.85), gamma = around_share(n, 0.6), epsilon = around_share(n, 0.05),
    C = around(n, 3)),
  function(p) {
    do.call(rbind, lapply(sample(2:5), \(size) {
      slow <- fast <- matrix(1 / 3, size, 3)
      right <- sample(3, size, replace = TRUE)
      shown <- unlist(lapply(1:7, \(k) sample(size)))
      weight <- p$rho * min(1, p$C / size)
      block <- bind_trials(lapply(seq_along(shown), \(t) {
        s <- shown[t]
        policy <- weight * softmax(p$beta * fast[s, ]) + (1 - weight) * softmax(p$beta * slow[s, ])
        choice <- pick((1 - p$epsilon) * policy + p$epsilon / 3)
        outcome <- as.integer(choice == right[s])
        fast <<- fast + p$phi * (1 / 3 - fast)
        error <- outcome - slow[s, choice]
        slow[s, choice] <<- slow[s, choice] + p$alpha * (if (error < 0) p$gamma else 1) * error
        error <- outcome - fast[s, choice]
        fast[s, choice] <<- fast[s, choice] + (if (error < 0) p$gamma else 1) * error
        list(trial = t, stimulus = s, set_size = size, choice = choice, outcome = outcome)
      }))
      cbind(block = size - 1L, block)
    }))
  }
)
