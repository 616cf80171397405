# Example data of tasks whose offers are shown: amounts, delays, lotteries, balloons, signals.

# 10 now against more later: 8 delays in days, 10 amounts, in a random order.
add_example(
  "dd",
  \(n) list(k = around(n, 0.02, 0.7), beta = around(n, 0.5)),
  function(p) {
    offers <- expand.grid(delay = c(2, 5, 10, 20, 40, 80, 120, 180),
      amount = c(10.5, 11, 12, 13.5, 15, 18, 22, 28, 36, 48))
    offers <- offers[sample(nrow(offers)), ]
    value <- offers$amount / (1 + p$k * offers$delay)
    data.frame(trial = seq_len(nrow(offers)), delay_later = offers$delay,
      amount_later = offers$amount, delay_sooner = 0, amount_sooner = 10,
      choice = vapply(p$beta * (value - 10), says_yes, 0L))
  }
)

# A gamble with even odds against a certain amount; a fifth of the gambles cannot lose.
add_example(
  "ra",
  \(n) list(rho = around(n, 0.85, 0.15), lambda = around(n, 1.6, 0.3), tau = around(n, 1.6)),
  function(p) {
    n <- 90
    gain <- sample(c(4, 6, 8, 10, 14, 18, 24), n, replace = TRUE)
    mixed <- runif(n) < 0.8
    loss <- ifelse(mixed, -gain * sample(seq(0.25, 1.5, 0.25), n, replace = TRUE), 0)
    cert <- ifelse(mixed, 0, round(gain * sample(c(0.3, 0.4, 0.5, 0.6), n, replace = TRUE)))
    value <- 0.5 * gain^p$rho - 0.5 * p$lambda * abs(loss)^p$rho - cert^p$rho
    data.frame(trial = seq_len(n), gain = gain, loss = loss, cert = cert,
      gamble = vapply(p$tau * value, says_yes, 0L))
  }
)

# Win, lose or mixed gambles (type 1, -1, 0) against an amount or nothing. Choices do not matter to
# the model: the better expected value is taken with probability 0.7. Every third row has a new
# rating of happiness and its response time, which are then carried forward.
add_example(
  "rdt",
  \(n) list(w0 = rnorm(n, 0.5, 0.5), w1 = around(n, 0.012), w2 = around(n, 0.01),
    w3 = around(n, 0.008), gam = around_share(n, 0.6), sig = around(n, 0.6)),
  function(p) {
    sums <- c(certain = 0, expected = 0, surprise = 0)
    rated <- time <- NA
    bind_trials(lapply(1:90, \(t) {
      if (t %% 3 == 1) {
        rated <<- round(rnorm(1, p$w0 + sum(c(p$w1, p$w2, p$w3) * sums), p$sig), 2)
        time <<- if (is.na(time)) 1500L else time + sample(c(-400:-1, 1:400), 1)
      }
      type <- sample(c(-1L, 0L, 1L), 1)
      gain <- if (type >= 0) sample(50:200, 1) else 0L
      loss <- if (type <= 0) sample(50:200, 1) else 0L
      cert <- abs(type) * as.integer(round((gain + loss) * runif(1, 0.3, 0.7)))
      expected <- (gain - loss) / 2
      gamble <- happens(if (expected > type * cert) 0.7 else 0.3)
      outcome <- if (gamble == 0) type * cert else if (happens(0.5)) gain else -loss
      sums <<- p$gam * (sums + if (gamble == 0) c(type * cert, 0, 0) else
        c(0, expected, outcome - expected))
      list(trial_number = t, cert = cert, gain = gain, loss = -loss, type = type, gamble = gamble,
        outcome = outcome, happy = rated, RT_happy = time)
    }))
  }
)

# Two lotteries with integer payoffs from -30 to 30.
add_example(
  "dbdm",
  \(n) list(tau = around_share(n, 0.7), rho = around(n, 0.8, 0.15), lambda = around(n, 1.4),
    beta = around_share(n, 0.3, 0.3)),
  function(p) {
    worth <- \(chance, high, low) {
      weight <- \(q) exp(-(-log(q))^p$tau)
      utility <- \(v) ifelse(v >= 0, 1, -p$lambda) * abs(v)^p$rho
      weight(chance) * utility(high) + weight(1 - chance) * utility(low)
    }
    bind_trials(lapply(1:80, \(t) {
      chance <- sample(seq(0.1, 0.9, 0.1), 2, replace = TRUE)
      first <- sort(sample(-30:30, 2), decreasing = TRUE)
      second <- sort(sample(-30:30, 2), decreasing = TRUE)
      value <- c(worth(chance[1], first[1], first[2]), worth(chance[2], second[1], second[2]))
      list(opt1hprob = chance[1], opt2hprob = chance[2], opt1hval = first[1], opt1lval = first[2],
        opt2hval = second[1], opt2lval = second[2], choice = pick(softmax(p$beta * value)))
    }))
  }
)

# A lottery for 20 to 200 whose chance of winning is 0.25, 0.5 or 0.75, or partly hidden (half of
# the trials), against 40 with even odds.
add_example(
  "cra",
  \(n) list(alpha = around(n, 0.8, 0.2), beta = rnorm(n, 0.5, 0.3), gamma = around(n, 0.8)),
  function(p) {
    bind_trials(lapply(1:80, \(t) {
      hidden <- t %% 2 == 0
      prob <- if (hidden) 0.5 else sample(c(0.25, 0.5, 0.75), 1)
      ambig <- if (hidden) sample(c(0.25, 0.5, 0.75), 1) else 0
      reward <- sample(seq(20, 200, 10), 1)
      value <- (prob - p$beta * ambig / 2) * reward^p$alpha
      list(trial_number = t, prob = prob, ambig = ambig, reward_var = reward, reward_fix = 40,
        choice = says_yes(p$gamma * (value - 0.5 * 40^p$alpha)))
    }))
  }
)

# A safe and a risky lottery with one chance of the high payoff. condition 0: alone; 1: both peers
# took the safe one, 2: they differed, 3: both took the risky one.
add_example(
  "peer",
  \(n) list(rho = around(n, 0.8, 0.2), tau = around(n, 1.5), ocu = rnorm(n, 0.6, 0.3)),
  function(p) {
    bind_trials(lapply(1:80, \(t) {
      condition <- (t - 1L) %% 4L
      q <- sample(seq(0.3, 0.8, 0.1), 1)
      safe <- c(sample(18:24, 1), sample(12:16, 1))
      risky <- c(sample(34:50, 1), sample(1:4, 1))
      value <- \(x) q * x[1]^p$rho + (1 - q) * x[2]^p$rho
      pull <- c(0, -1, 0, 1)[condition + 1L] * p$ocu
      list(trial = t, condition = condition, p_gamble = q, safe_Hpayoff = safe[1],
        safe_Lpayoff = safe[2], risky_Hpayoff = risky[1], risky_Lpayoff = risky[2],
        choice = says_yes(p$tau * (value(risky) - value(safe) + pull)))
    }))
  }
)

# One row a balloon. A balloon bursts at a pump drawn evenly from 1 to 32; 32 pumps are the most.
add_example(
  "bart",
  \(n) list(phi = around_share(n, 0.95, 0.3), eta = around(n, 0.01, 0.5), gam = around(n, 0.8),
    tau = around(n, 0.4)),
  function(p) {
    made <- survived <- 0
    bind_trials(lapply(1:60, \(t) {
      stays <- (p$phi + p$eta * survived) / (1 + p$eta * made)
      aim <- -p$gam / log(stays)
      bursts_at <- sample(32, 1)
      pumps <- 0L
      while (pumps < bursts_at && says_yes(p$tau * (aim - pumps - 1)) == 1) pumps <- pumps + 1L
      explosion <- as.integer(pumps == bursts_at)
      made <<- made + pumps
      survived <<- survived + pumps - explosion
      list(trial = t, pumps = pumps, explosion = explosion)
    }))
  }
)

# 100 points at the start of each of 8 rounds of 9 trials; 1 to 9 of 10 boxes are red and one hides
# a token. Stakes rise as they are offered in the first four rounds (gamble_type 1), then fall.
add_example(
  "cgt",
  \(n) list(alpha = around(n, 1.5), c = around_share(n, 0.5, 0.3), rho = around(n, 1.5),
    beta = around(n, 0.15, 0.5), gamma = around(n, 3)),
  function(p) {
    share <- c(0.05, 0.25, 0.5, 0.75, 0.95)
    points <- 100
    bind_trials(lapply(1:72, \(t) {
      if (t %% 9 == 1) points <<- 100
      now <- points
      type <- as.integer(t <= 36)
      red_boxes <- sample(9, 1)
      red <- red_boxes / 10
      red_chosen <- says_yes(qlogis(p$c) + p$alpha * qlogis(red))
      wins <- if (red_chosen == 1) red else 1 - red
      delay <- (if (type == 1) 0:4 else 4:0) / 4
      utility <- log1p(now / 100 * (1 + share)) * wins +
        log1p(p$rho * now / 100 * (1 - share)) * (1 - wins) - p$beta * delay
      bet <- pick(softmax(p$gamma * utility))
      sign <- if (happens(wins) == 1) 1 else -1
      points <<- max(round(now * (1 + sign * share[bet])), 1)
      list(gamble_type = type, percentage_staked = 100 * share[bet], trial_initial_points = now,
        assessment_stage = 1L, red_chosen = red_chosen, n_red_boxes = red_boxes)
    }))
  }
)

# Half of the trials have a signal; equal variances.
add_example(
  "task2AFC",
  \(n) list(d = rnorm(n, 1.5, 0.4), c = rnorm(n, 0.1, 0.3)),
  function(p) {
    stimulus <- sample(rep(0:1, 50))
    evidence <- ifelse(stimulus == 1, 1, -1) * p$d / 2 - p$c
    data.frame(stimulus = stimulus, response = as.integer(runif(100) < pnorm(evidence)))
  }
)
