# Moments are over many participants; bounds are four standard errors of the estimate unless said.

play <- function(task, subjects = 4000, seed = 1) rescorla:::play_task(task, subjects, seed, NULL)
share <- function(x, p) expect_lt(abs(mean(x) - p), 4 * sqrt(p * (1 - p) / length(x)))

test_that("a drifting bandit walks as it says", {
  world <- play(task_drift(30, actions = 3, sigma = 0.02, start = c(0.4, 0.5, 0.6)))
  p <- world$p
  expect_equal(dim(p), c(4000, 3, 30))
  expect_true(all(p[, 2, 1] == 0.5))
  steps <- p[, , 2] - p[, , 1]
  expect_lt(abs(sd(steps) - 0.02), 4 * 0.02 / sqrt(2 * length(steps)))
  expect_lt(abs(mean(steps)), 4 * 0.02 / sqrt(length(steps)))
  expect_lt(max(abs(cor(steps)[upper.tri(diag(3))])), 4 / sqrt(4000))
  # Thirty independent steps.
  expect_lt(abs(var(p[, 1, 30]) / (29 * 0.02^2) - 1), 4 * sqrt(2 / 4000))
})

test_that("steps are correlated as asked, for any number of actions", {
  for (r in c(-0.4, 0.7)) {
    p <- play(task_drift(2, actions = 3, sigma = 0.01, start = rep(0.5, 3), correlation = r))$p
    steps <- p[, , 2] - p[, , 1]
    expect_lt(max(abs(cor(steps)[upper.tri(diag(3))] - r)), 4 * (1 - r^2) / sqrt(4000))
    expect_lt(abs(sd(steps) - 0.01), 4 * 0.01 / sqrt(2 * length(steps)) * (1 + 3 * max(r, 0)))
  }
  two <- play(task_drift(2, sigma = 0.01, start = c(0.5, 0.5), correlation = -1))$p
  expect_equal(two[, 1, 2] - 0.5, -(two[, 2, 2] - 0.5))
  expect_error(task_drift(10, actions = 3, correlation = -0.6), class = "rescorla_error_input")
})

test_that("bounds hold, by clipping or mirroring", {
  clipped <- play(task_drift(200, sigma = 0.3, bounds = c(0.2, 0.8)), 200)$p
  expect_gte(min(clipped), 0.2)
  expect_lte(max(clipped), 0.8)
  expect_gt(mean(clipped %in% c(0.2, 0.8)), 0.2)
  mirrored <- play(task_drift(200, sigma = 0.05, bounds = c(0.2, 0.8), at_bounds = "reflect"), 200)$p
  expect_gte(min(mirrored), 0.2)
  expect_lte(max(mirrored), 0.8)
  expect_equal(sum(mirrored %in% c(0.2, 0.8)), 0)
  # Mirrored at both ends the walk forgets where it began: uniform.
  last <- as.vector(mirrored[, , 200])
  expect_gt(stats::ks.test((last - 0.2) / 0.6, "punif")$p.value, 1e-3)
})

test_that("decay gives the stationary spread of an autoregression", {
  p <- play(task_drift(150, actions = 2, sigma = 2.8, bounds = c(-1e4, 1e4), start = c(50, 50),
    decay = 0.9, centre = 50, payoff = "gaussian", sd = 4), 4000)
  sd_stationary <- 2.8 / sqrt(1 - 0.9^2)
  expect_lt(abs(sd(p$p[, , 150]) - sd_stationary), 4 * sd_stationary / sqrt(2 * 8000))
  noise <- p$foregone - p$p
  expect_lt(abs(sd(noise[, , 1]) - 4), 4 * 4 / sqrt(2 * 8000))
})

test_that("a hazard exchanges actions", {
  p <- play(task_drift(2, sigma = 0, start = c(0.9, 0.1), hazard = 0.3))$p
  near <- function(x, y) abs(x - y) < 1e-12
  share(near(p[, 1, 2], 0.1), 0.3)
  expect_equal(p[, 1, 2] + p[, 2, 2], rep(1, 4000))
  three <- play(task_drift(2, actions = 3, sigma = 0, start = c(0.1, 0.5, 0.9), hazard = 1))$p
  # Every pair as often; all three values stay.
  expect_true(all(apply(three[, , 2], 1, function(x) all(near(sort(x), c(0.1, 0.5, 0.9))))))
  share(near(three[, 1, 2], 0.1), 1 / 3)
  share(near(three[, 2, 2], 0.5), 1 / 3)
})

test_that("what is won follows the probabilities, and penalties are a schedule", {
  world <- play(task_drift(20, sigma = 0.1, win = 1, lose = -1))
  expect_setequal(unique(as.vector(world$foregone)), c(-1, 1))
  win <- world$foregone == 1
  expect_lt(abs(mean(win - world$p)), 4 * 0.5 / sqrt(length(win)))
  for (band in list(c(0, 0.2), c(0.4, 0.6), c(0.8, 1))) {
    inside <- world$p >= band[1] & world$p < band[2]
    expect_lt(abs(mean(win[inside]) - mean(world$p[inside])), 4 * 0.5 / sqrt(sum(inside)))
  }
})

test_that("SPICE's environments come out by their moments", {
  # BanditsSwitch: seven block types, another one with probability 0.02 per trial.
  high <- 0.75
  low <- 0.25
  middle <- 0.5
  types <- rbind(c(high, low), c(middle, middle), c(low, high), c(low, middle), c(middle, high),
    c(middle, low), c(high, middle))
  world <- play(task_switch(100, types = types, flip = 0.02))
  type <- world$type[, 1, ]
  expect_lt(max(abs(tabulate(type[, 1], 7) / 4000 - 1 / 7)), 4 * sqrt(1 / 7 * 6 / 7 / 4000))
  changes <- type[, -1] != type[, -100]
  share(changes, 0.02)
  # To each of the others as often.
  to <- (type[, -1] - type[, -100])[changes] %% 7
  expect_lt(max(abs(tabulate(to, 6) / sum(changes) - 1 / 6)), 4 * sqrt(5 / 36 / sum(changes)))
  expect_equal(world$p[cbind(1:4000, 1, 50)], types[cbind(type[, 50], 1)])
  # BanditsFlip: two types.
  flip <- play(task_switch(60, types = rbind(c(0.8, 0.2), c(0.2, 0.8)), flip = 0.1))
  share(flip$type[, 1, 1] == 1, 0.5)
  agree <- mean(flip$type[, 1, 1] == flip$type[, 1, 11])
  expected <- 0.5 + 0.5 * (1 - 2 * 0.1)^10
  expect_lt(abs(agree - expected), 4 * sqrt(expected * (1 - expected) / 4000))
  # BanditsDrift: uniform starts, clipped steps; against the same process in plain R.
  drift <- play(task_drift(50, sigma = 0.2))$p
  plain <- with_seed(3, {
    p <- matrix(runif(8000), 4000)
    for (t in 2:50) p <- pmin(pmax(p + rnorm(8000, 0, 0.2), 0), 1)
    p
  })
  expect_gt(stats::ks.test(as.vector(drift[, , 1]), "punif")$p.value, 1e-3)
  expect_lt(abs(mean(drift[, , 50] == 0) - mean(plain == 0)), 4 * sqrt(2 * 0.1 / 8000))
  expect_lt(abs(sd(drift[, , 50]) - sd(plain)), 4 * sd(plain) / sqrt(8000))
})

test_that("reversals come when they should", {
  p <- play(task_reversal(61, n = 20, shuffle = FALSE), 3)$p
  expect_equal(p[1, 1, ], rep(c(0.8, 0.2, 0.8, 0.2), c(20, 20, 20, 1)))
  random <- play(task_reversal(60, n = c(3, 5)), 3000)
  share(random$p[, 1, 1] == 0.8, 0.5)
  share(random$target[, 1, 1] == 4, 1 / 3)
  gap <- apply(random$p[, 1, ], 1, function(x) rle(x)$lengths[2])
  expect_setequal(unique(gap), 3:5)
  wins <- play(task_reversal(200, after = "rewards", n = 4), 50)
  correct <- play(task_reversal(200, after = "correct", n = 3), 50)
  for (i in 1:50) {
    for (t in 1:199) {
      # Any change of places follows a trial on which the count was full.
      if (wins$p[i, 1, t] != wins$p[i, 1, t + 1]) expect_equal(wins$count[i, 1, t], 3)
      if (correct$p[i, 1, t] != correct$p[i, 1, t + 1]) expect_equal(correct$count[i, 1, t], 2)
    }
  }
  share(play(task_reversal(1, prob = c(0.8, 0.2, 0.2)), 6000)$p[, 3, 1] == 0.8, 1 / 3)
})

test_that("the two-step task has its transitions and walks", {
  sim <- simulate(rl_model("ts_par4"), seed = 1, subjects = 200, task = task_two_step(200),
    parameters = c(a = 0.5, beta = 3, pi = 0.5, w = 0.5))
  expect_true(all(c("choice1", "choice2", "state2", "common", "outcome") %in% names(sim)))
  share(sim$common, 0.7)
  expect_identical(sim$state2, ifelse(sim$common == 1, sim$choice1, 3L - sim$choice1))
  expect_false("foregone_1" %in% names(sim))
  full <- simulate(rl_model("ts_par4"), seed = 1, subjects = 3, task = task_two_step(50, foregone = TRUE),
    parameters = c(a = 0.5, beta = 3, pi = 0.5, w = 0.5))
  expect_identical(full$outcome, ifelse(full$choice2 == 1, full$foregone_1, full$foregone_2))
  expect_s3_class(rl_data(full), "rl_data")
  data <- rl_data(sim)
  expect_true(all(is.finite(rl_loglik("ts_par4", data, c(a = 0.5, beta = 3, pi = 0.5, w = 0.5)))))
})

test_that("cues and pairs come equally often, in an order of their own", {
  sim <- simulate(rl_model("gng_m1"), seed = 1, subjects = 50, task = task_gonogo(40),
    parameters = c(xi = 0.1, ep = 0.2, rho = 3))
  expect_true(all(table(sim$subject, sim$cue) == 10))
  expect_identical(levels(sim$choice), c("nogo", "go"))
  expect_gt(length(unique(tapply(as.integer(sim$cue), sim$subject, paste, collapse = ""))), 45)
  right <- (sim$choice == "go") == (sim$cue %in% c("go_to_win", "go_to_avoid"))
  winning <- sim$cue %in% c("go_to_win", "nogo_to_win")
  expect_setequal(sim$outcome[winning], 0:1)
  expect_setequal(sim$outcome[!winning], c(-1, 0))
  better <- sim$outcome == ifelse(winning, 1, 0)
  share(better[right], 0.8)
  share(better[!right], 0.2)
  pst <- simulate(rl_model("pst_Q"), seed = 1, subjects = 40, task = task_pst(60),
    parameters = c(alpha = 0.2, beta = 3))
  expect_true(all(table(pst$subject, pst$pair) == 20))
  expect_identical(pst$option1, 2L * as.integer(pst$pair) - 1L)
  first <- pst$choice == 1
  for (k in 1:3) {
    mine <- as.integer(pst$pair) == k
    share(pst$outcome[mine & first], c(0.8, 0.7, 0.6)[k])
    share(pst$outcome[mine & !first], c(0.2, 0.3, 0.4)[k])
  }
})

test_that("the Iowa decks have their published cards", {
  # Ten cards of the bad decks lose 250 in all, of the good ones they win 250.
  expect_equal(rowSums(igt_losses), c(A = 5000, B = 5000, C = 1000, D = 1000))
  for (block in 0:3) {
    expect_equal(rowSums(igt_losses[, 10 * block + 1:10])[["A"]], 1250)
    expect_equal(rowSums(igt_losses[, 10 * block + 1:10])[["C"]], 250)
  }
  sim <- simulate(rl_model("igt_pvl_delta"), seed = 1, subjects = 30, task = task_igt(150),
    parameters = c(A = 0.3, alpha = 0.5, cons = 0.5, lambda = 1))
  expect_identical(levels(sim$choice), c("A", "B", "C", "D"))
  card <- stats::ave(seq_len(nrow(sim)), sim$subject, sim$choice, FUN = seq_along)
  expect_equal(-sim$loss, igt_losses[cbind(as.integer(sim$choice), (card - 1) %% 40 + 1)],
    ignore_attr = TRUE)
  expect_equal(sim$gain, ifelse(sim$choice %in% c("A", "B"), 100, 50))
  expect_equal(sim$outcome, sim$gain + sim$loss)
})

test_that("settings change by block, and conditions are part of the data", {
  task <- task_reversal(40, blocks = 2, shuffle = FALSE,
    conditions = data.frame(condition = c("stable", "volatile"), n = c(40, 10)))
  sim <- simulate(rl_model("rw"), seed = 1, subjects = 3, parameters = c(alpha = 0.3, beta = 5),
    task = task)
  expect_identical(unique(sim$condition[sim$block == 2]), "volatile")
  expect_false("low" %in% names(sim))
  p <- play(task, 2)$p[1, 1, ]
  expect_equal(p, c(rep(0.8, 40), rep(c(0.8, 0.2, 0.8, 0.2), each = 10)))
  bandit <- task_bandit(c(0.2, 0.8), 10, blocks = 2, conditions = data.frame(drug = c("a", "b")))
  sim <- simulate(rl_model("rw"), seed = 1, subjects = 2, parameters = c(alpha = 0.3, beta = 5),
    task = bandit)
  expect_identical(sim$drug, rep(rep(c("a", "b"), each = 10), 2))
})

test_that("feedback is partial unless it is asked for, or the model needs it", {
  parameters <- c(alpha = 0.3, beta = 5)
  partial <- simulate(rl_model("rw"), seed = 1, subjects = 4, parameters = parameters,
    task = task_drift(40))
  full <- simulate(rl_model("rw"), seed = 1, subjects = 4, parameters = parameters,
    task = task_drift(40, foregone = TRUE))
  expect_false(any(grepl("foregone", names(partial))))
  expect_identical(partial$outcome, full$outcome)
  expect_identical(full$outcome,
    ifelse(full$choice == 1, full$foregone_1, full$foregone_2))
  model <- rl_model("rw_counterfactual")
  values <- setNames(rep(0.3, length(rescorla:::free_parameters(model))), rescorla:::free_parameters(model))
  needed <- simulate(model, seed = 1, subjects = 4, parameters = values, task = task_drift(40))
  expect_true("foregone_1" %in% names(needed))
  expect_s3_class(rl_data(needed), "rl_data")
})

test_that("a task that cannot be is an error that says so", {
  expect_snapshot(error = TRUE, {
    task_drift(10, sigma = -1)
    task_drift(10, bounds = c(0.8, 0.2))
    task_drift(10, bounds = c(-1, 1))
    task_drift(10, start = c(0.5, 0.5, 0.5))
    task_drift(10, hazard = 2)
    task_switch(10, types = c(0.2, 0.8))
    task_reversal(10, n = c(5, 2))
    task_gonogo(trials = 10)
    task_pst(trials = 10)
    task_two_step(trials = 0)
    task_drift(10, blocks = 2, conditions = data.frame(x = 1))
  })
})

test_that("ready tasks print what they are", {
  expect_snapshot({
    task_drift(100, actions = 4, sigma = 2.8, bounds = c(0, 100), decay = 0.9836, centre = 50,
      payoff = "gaussian", sd = 4)
    task_reversal(80, blocks = 2, n = c(10, 20))
    task_two_step()
    task_igt()
  })
})
