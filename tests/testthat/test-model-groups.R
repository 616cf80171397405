# Groups of columns: one number a trial, or a vector over the actions where the data give one.

weighted <- function() {
  rl_model("weighted magnitudes",
    parameters = list(alpha = unit_interval(), beta = positive(), w = real()),
    columns = "magnitude",
    state = list(value = per_action(0.5)),
    trial = {
      choice ~ softmax(beta * value + w * magnitude)
      value[choice] <- value[choice] + alpha * (outcome - value[choice])
    })
}

magnitudes <- function(n = 40, seed = 3) {
  set.seed(seed)
  data.frame(subject = rep(c("a", "b"), each = n), choice = sample(2, 2 * n, TRUE),
    outcome = rbinom(2 * n, 1, 0.5), left = runif(2 * n), right = runif(2 * n))
}

by_hand <- function(frame, alpha, beta, w) {
  vapply(split(frame, frame$subject), function(d) {
    v <- c(0.5, 0.5)
    total <- 0
    for (t in seq_len(nrow(d))) {
      x <- beta * v + w * c(d$left[t], d$right[t])
      total <- total + x[d$choice[t]] - log(sum(exp(x)))
      v[d$choice[t]] <- v[d$choice[t]] + alpha * (d$outcome[t] - v[d$choice[t]])
    }
    total
  }, 0)
}

test_that("a group of columns is a vector over the actions", {
  frame <- magnitudes()
  data <- rl_data(frame, magnitude = c("left", "right"))
  got <- rl_loglik(weighted(), data, c(alpha = 0.3, beta = 2, w = 1.5), gradient = TRUE)
  expect_equal(as.numeric(got), unname(by_hand(frame, 0.3, 2, 1.5)), tolerance = 1e-12)
  slope <- finite_difference(function(x) sum(by_hand(frame, x[1], x[2], x[3])), c(0.3, 2, 1.5))
  expect_equal(unname(colSums(attr(got, "gradient"))), slope, tolerance = 1e-6,
    ignore_attr = TRUE)
  # The other way round it is another likelihood.
  swapped <- rl_data(frame, magnitude = c("right", "left"))
  expect_false(isTRUE(all.equal(as.numeric(got),
    as.numeric(rl_loglik(weighted(), swapped, c(alpha = 0.3, beta = 2, w = 1.5))))))
})

test_that("the same program reads one column or a group, as the data have it", {
  model <- rl_model("bonus", parameters = list(beta = positive()), columns = "bonus",
    state = list(value = per_action(0)),
    trial = {
      choice ~ softmax(beta * value)
      value <- value + bonus
    })
  frame <- magnitudes()
  one <- rl_loglik(model, rl_data(frame, bonus = "left"), c(beta = 1))
  expect_equal(as.numeric(one), rep(40 * log(0.5), 2), tolerance = 1e-12)
  two <- rl_loglik(model, rl_data(frame, bonus = c("left", "right")), c(beta = 1))
  sums <- lapply(split(frame, frame$subject), function(d) {
    x <- cbind(cumsum(c(0, d$left))[1:40], cumsum(c(0, d$right))[1:40])
    sum(x[cbind(1:40, d$choice)] - log(rowSums(exp(x))))
  })
  expect_equal(as.numeric(two), unlist(sums, use.names = FALSE), tolerance = 1e-12)
})

test_that("a model that needs a group says so of a single column", {
  model <- rl_model("magnitudes alone", parameters = list(w = real()), columns = "magnitude",
    trial = {
      choice ~ softmax(w * magnitude)
    })
  expect_error(rl_loglik(model, rl_data(magnitudes(), magnitude = "left"), c(w = 1)), "1 column",
    class = "rescorla_error_data")
})

test_that("groups are simulated from a matrix column of the task", {
  set.seed(1)
  columns <- data.frame(row = 1:50)
  columns$magnitude <- matrix(runif(100), 50)
  sim <- simulate(weighted(), seed = 2, subjects = 3, parameters = c(alpha = .3, beta = 1, w = 8),
    task = task_bandit(c(.4, .6), trials = 50, columns = columns["magnitude"]))
  expect_true(all(c("magnitude_1", "magnitude_2") %in% names(sim)))
  larger <- (sim$magnitude_2 > sim$magnitude_1) + 1
  expect_gt(mean(sim$choice == larger), 0.75)
  fit <- suppressWarnings(rl_fit(weighted(), sim, seed = 1, starts = 5))
  expect_gt(min(coef(fit)$w), 3)
})
