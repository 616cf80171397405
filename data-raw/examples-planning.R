# Example data of tasks with beliefs: two steps, punishments, offers, cards, inputs, changing means.

# Daw's two-step task with four parameters; choice 1 leads to pair 1 with probability 0.7. The four
# chances of reward walk between 0.2 and 0.8. level2_choice is 1 or 2 in pair 1, 3 or 4 in pair 2.
# One first choice in 100 and one second choice in 100 is missed.
add_example(
  "ts",
  \(n) list(a = around_share(n, 0.45), beta = around(n, 4), pi = around(n, 0.6),
    w = around_share(n, 0.6)),
  function(p) {
    chance <- sapply(1:4, \(k) walk(100, runif(1, 0.3, 0.7), 0.04, c(0.2, 0.8)))
    free <- c(0, 0)
    value <- matrix(0, 2, 2)
    last <- c(0, 0)
    bind_trials(lapply(1:100, \(t) {
      best <- apply(value, 1, max)
      planned <- 0.7 * best + 0.3 * rev(best)
      first <- pick(softmax(p$beta * (p$w * planned + (1 - p$w) * free) + p$pi * last))
      if (happens(0.01)) {
        return(list(trial = t, level1_choice = NA, level2_choice = NA, reward = NA))
      }
      last <<- as.numeric(1:2 == first)
      pair <- if (happens(0.7)) first else 3L - first
      second <- pick(softmax(p$beta * value[pair, ]))
      if (happens(0.01)) {
        return(list(trial = t, level1_choice = first, level2_choice = NA, reward = NA))
      }
      four <- 2L * (pair - 1L) + second
      reward <- happens(chance[t, four])
      free[first] <<- free[first] + p$a * (value[pair, second] - free[first])
      error <- reward - value[pair, second]
      value[pair, second] <<- value[pair, second] + p$a * error
      free[first] <<- free[first] + p$a * error
      list(trial = t, level1_choice = first, level2_choice = four, reward = reward)
    }))
  }
)

# The punishment goes with blue with a probability that changes every 20 trials; magnitudes are
# drawn from 1 to 99. outcome 1: it was blue.
add_example(
  "alt",
  \(n) list(A = around_share(n, 0.3), beta = around(n, 0.15), gamma = around(n, 1.5)),
  function(p) {
    chance <- rep(c(0.75, 0.25, 0.8, 0.2), each = 20)
    belief <- 0.5
    clamp <- \(x) min(max(x, 0), 1)
    bind_trials(lapply(1:80, \(t) {
      cost <- sample(99, 2, replace = TRUE)
      feared <- c(clamp(p$gamma * (belief - 0.5) + 0.5), clamp(p$gamma * (0.5 - belief) + 0.5))
      choice <- pick(softmax(-p$beta * feared * cost))
      outcome <- happens(chance[t])
      belief <<- belief + p$A * (outcome - belief)
      list(trial = t, choice = choice, outcome = outcome, bluePunish = cost[1],
        orangePunish = cost[2])
    }))
  }
)

# Offers out of 20: around 8, then around 5, then around 9.
add_example(
  "ug",
  \(n) list(alpha = around(n, 0.9), tau = around(n, 0.4), ep = around_share(n, 0.25)),
  function(p) {
    norm <- 10
    bind_trials(lapply(1:75, \(t) {
      offer <- as.integer(min(max(round(rnorm(1, c(8, 5, 9)[(t + 24) %/% 25], 2)), 1), 12))
      accept <- says_yes(p$tau * (offer - p$alpha * max(norm - offer, 0)))
      norm <<- norm + p$ep * (offer - norm)
      list(trial = t, offer = offer, accept = accept)
    }))
  }
)

# 96 cards, the same for all: each is drawn so that not all three dimensions match the same pile.
cards <- local({
  set.seed(20239)
  sapply(1:96, \(t) {
    repeat {
      card <- sample(4, 3, replace = TRUE)
      if (length(unique(card)) > 1) return(card)
    }
  })
})

write_answer_sheet <- function(path) {
  rows <- apply(cards, 1, paste, collapse = "\t")
  writeLines(c(paste(c("", seq_len(ncol(cards))), collapse = "\t"),
    paste(c("Color", "Form", "Number"), rows, sep = "\t")), path)
}

# The rule is colour, form, number and so on; it changes after eight right choices in a row.
add_example(
  "wcs",
  \(n) list(r = around_share(n, 0.3), p = around_share(n, 0.35), d = around(n, 1.5)),
  function(p) {
    attention <- rep(1 / 3, 3)
    rule <- 1
    streak <- 0
    bind_trials(lapply(seq_len(ncol(cards)), \(t) {
      card <- cards[, t]
      weight <- if (t == 1) attention else attention^p$d
      strength <- vapply(1:4, \(pile) sum(weight[card == pile]), 0)
      strength <- 0.9998 * strength + 0.0001
      choice <- pick(strength / sum(strength))
      outcome <- as.integer(choice == card[rule])
      streak <<- if (outcome == 1) streak + 1 else 0
      if (streak == 8) {
        rule <<- rule %% 3 + 1
        streak <<- 0
      }
      signal <- attention * if (outcome == 1) card == choice else card != choice
      rate <- if (outcome == 1) p$r else p$p
      moved <- (1 - rate) * attention + rate * signal / sum(signal)
      attention <<- 0.9998 * moved / sum(moved) + 0.0001
      list(trial = t, choice = choice, outcome = outcome, Color = card[1], Form = card[2],
        Number = card[3])
    }))
  }
)

# Classic binary HGF of three levels. The input is 1 with probability 0.8 or 0.2: long stretches
# first, then short ones. The response is the prediction before the input.
add_example(
  "hgf_ibrb",
  \(n) list(kappa = runif(n, 0.6, 1), omega2 = runif(n, -3.5, -2), omega3 = runif(n, -7, -5),
    zeta = around(n, 1.2, 0.15)),
  function(p) {
    chance <- rep(c(0.8, 0.2, 0.8, 0.2, 0.8, 0.2, 0.8), c(30, 25, 10, 10, 10, 10, 5))
    mu2 <- 0
    mu3 <- 1
    s2 <- 0.1
    s3 <- 1
    bind_trials(lapply(1:100, \(t) {
      y <- says_yes(p$zeta * mu2)
      u <- happens(chance[t])
      v <- exp(p$kappa * mu3 + p$omega2)
      m1 <- plogis(mu2)
      s2_hat <- s2 + v
      s3_hat <- s3 + exp(p$omega3)
      s2 <<- 1 / (1 / s2_hat + m1 * (1 - m1))
      step <- s2 * (u - m1)
      mu2 <<- mu2 + step
      w <- v / s2_hat
      delta <- (s2 + step^2) / s2_hat - 1
      s3 <<- 1 / (1 / s3_hat + p$kappa^2 * w * (w + (2 * w - 1) * delta) / 2)
      stopifnot(s3 > 0)
      mu3 <<- mu3 + s3 * p$kappa * w * delta / 2
      list(trialNum = t, u = u, y = y)
    }))
  }
)

# Numbers from 0 to 300 around a mean that jumps with probability 0.08, with a standard deviation of
# 20. Reduced Bayesian observer; predictions scatter with the standard deviation `sd`.
add_example(
  "change_point",
  \(n) list(hazard = around_share(n, 0.1), sigma = around(n, 20, 0.15), beta = rep(1, n),
    sd = around(n, 8)),
  function(p) {
    mean <- runif(1, 50, 250)
    belief <- 150
    run <- 1
    bind_trials(lapply(1:100, \(t) {
      prediction <- round(rnorm(1, belief, p$sd), 1)
      if (happens(0.08)) mean <<- runif(1, 50, 250)
      outcome <- round(min(max(rnorm(1, mean, 20), 0), 300))
      error <- outcome - belief
      stays <- dnorm(error, 0, sqrt(p$sigma^2 + p$sigma^2 / run))
      changed <- p$hazard * (1 / 300)^p$beta
      omega <- changed / (changed + (1 - p$hazard) * stays^p$beta)
      belief <<- belief + (omega + (1 - omega) / (run + 1)) * error
      run <<- (run + 1) * (1 - omega) + omega
      list(trial = t, prediction = prediction, outcome = outcome)
    }))
  }
)
