skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Responses that are numbers, and several responses of a trial: how they are drawn in simulations.

# Draws of `simulate()`: trials of one subject on a task whose outcomes nobody reads.
draws_of <- function(model, x, n, columns = NULL, seed = 1, ...) {
  local_language_options()
  if (!is.null(columns)) columns <- as.data.frame(lapply(columns, rep_len, n))
  task <- task_bandit(c(0.5, 0.5), trials = n, columns = columns)
  suppressMessages(simulate(model, seed = seed, parameters = x, task = task, subjects = 1, ...))
}

# Each moment within five standard errors of what it should be.
expect_moments <- function(y, mean, variance) {
  expect_lt(abs(mean(y) - mean), 5 * sqrt(variance / length(y)))
  spread <- (y - mean)^2
  expect_lt(abs(mean(spread) - variance), 5 * stats::sd(spread) / sqrt(length(y)))
}

test_that("shares are drawn from their distribution, also with shapes below 1", {
  model <- rl_model("share", parameters = list(mu = unit_interval(), phi = positive()), trial = {
    y ~ beta_mean(mu, phi)
  })
  n <- 20000
  for (x in list(c(mu = .7, phi = 5), c(mu = .2, phi = 60), c(mu = .5, phi = 2),
    c(mu = .3, phi = .4))) {
    y <- draws_of(model, x, n)$y
    mu <- x[["mu"]]
    phi <- x[["phi"]]
    expect_moments(y, mu, mu * (1 - mu) / (1 + phi))
    expect_gt(stats::ks.test(y, stats::pbeta, mu * phi, (1 - mu) * phi)$p.value, 1e-4)
    expect_true(all(y > 0 & y < 1))
  }
  tiny <- draws_of(model, c(mu = .5, phi = .001), 2000)$y
  expect_true(all(tiny > 0 & tiny < 1))
  expect_moments(tiny, .5, .25 / 1.001)
})

test_that("counts are drawn from their distribution, whatever their size", {
  model <- rl_model("count", parameters = list(p = unit_interval()), columns = "size", trial = {
    y ~ binomial(size, p)
  })
  n <- 20000
  for (p in c(.3, .95, .001)) {
    y <- draws_of(model, c(p = p), n, list(size = c(6, NA)))$y
    expect_true(all(is.na(y[c(FALSE, TRUE)])))
    y <- y[c(TRUE, FALSE)]
    seen <- tabulate(y + 1, 7)
    expected <- stats::dbinom(0:6, 6, p) * n / 2
    common <- expected > 5
    expect_gt(stats::pchisq(sum((seen - expected)[common]^2 / expected[common]), sum(common),
      lower.tail = FALSE), 1e-4)
    expect_lte(sum(seen[!common]), 5 + 10 * sum(expected[!common]))
    large <- draws_of(model, c(p = p), n, list(size = 1e5))$y
    expect_moments(large, 1e5 * p, 1e5 * p * (1 - p))
  }
  expect_equal(draws_of(model, c(p = 0), 50, list(size = 9))$y, rep(0, 50))
  expect_equal(draws_of(model, c(p = 1), 50, list(size = 9))$y, rep(9, 50))
  # What is no size gives no count.
  expect_true(all(is.na(draws_of(model, c(p = .5), 9, list(size = c(-1, 2.5)))$y)))
})

test_that("decisions in a row are drawn until one to stop, or to a limit", {
  model <- rl_model("series", parameters = list(m = real(), u = positive()), trial = {
    y ~ repeated_logit(m - u * step)
  })
  go <- stats::plogis(1.5 - .3 * (1:40))
  p <- cumprod(c(1, go)) * (1 - c(go, 0))
  n <- 20000
  y <- draws_of(model, c(m = 1.5, u = .3), n)$y
  mean <- sum(0:40 * p)
  expect_moments(y, mean, sum((0:40 - mean)^2 * p))
  local_language_options()
  data <- suppressMessages(rl_data(data.frame(subject = 1, y = 2), outcome = NULL, choice = NULL))
  latents <- suppressMessages(rl_latents(model, data, c(m = 1.5, u = .3)))
  expect_equal(latents$mean_y, mean, tolerance = 1e-10)
  # Without a reason to stop, up to 128.
  expect_equal(draws_of(model, c(m = 50, u = 0), 3)$y, rep(128, 3))
  limited <- rl_model("limit", parameters = list(m = real()), columns = "limit", trial = {
    y ~ repeated_logit(m, most = limit)
  })
  columns <- list(limit = c(0, 1, 4, 1000, NA))
  expect_equal(draws_of(limited, c(m = 50), 5, columns)$y, columns$limit)
  y <- draws_of(limited, c(m = 1), n, list(limit = 3))$y
  p <- stats::plogis(1)^(0:3) * c(rep(1 - stats::plogis(1), 3), 1)
  expect_gt(stats::chisq.test(tabulate(y + 1, 4), p = p)$p.value, 1e-4)
})

test_that("what is drawn does not depend on threads, the instruction set or what is recorded", {
  model <- rl_model("three", parameters = list(p = unit_interval(), phi = positive()),
    columns = "size", state = list(v = scalar(0)),
    trial = {
      share ~ beta_mean(p, phi)
      hits ~ binomial(size, share)
      pumps ~ repeated_logit(3 * share - 0.2 * step)
      v <- v + hits - pumps
    })
  x <- data.frame(p = c(.3, .6, .8, .3, .6, .8, .3), phi = c(.5, 4, 30, .5, 4, 30, .5))
  local_language_options()
  task <- task_bandit(c(0.5, 0.5), trials = 40, columns = data.frame(size = rep(7, 40)))
  draw <- function(...) {
    suppressMessages(simulate(model, seed = 3, parameters = x, task = task, ...))
  }
  reference <- draw()
  expect_identical(draw(threads = 2), reference)
  arrays <- draw(output = "arrays")
  expect_equal(as.vector(t(arrays$hits)), reference$hits)
  expect_equal(as.vector(t(arrays$share)), reference$share)
  for (level in setdiff(machine_levels(), rl_backend()$isa)) {
    withr::local_options(rescorla.isa = level)
    other <- draw()
    expect_equal(other$hits, reference$hits)
    expect_equal(other$pumps, reference$pumps)
    expect_equal(other$share, reference$share, tolerance = 1e-12)
  }
})

test_that("a fit finds the parameters of simulated shares, counts and series", {
  model <- rl_model("all",
    parameters = list(a = unit_interval(), phi = positive(), tau = positive(),
      omega = bounded(0, 20)),
    columns = "x", state = list(v = scalar(0.5)),
  trial = {
    share ~ beta_mean(0.1 + 0.8 * v, phi)
    hits ~ binomial(10, 0.1 + 0.8 * v)
    pumps ~ repeated_logit(tau * (omega - step))
    v <- v + a * (x - v)
  })
  x <- c(a = .3, phi = 8, tau = .7, omega = 6)
  sim <- draws_of(model, x, 400, list(x = c(0, 1, 1, 0, 1)))
  local_language_options()
  fit <- suppressWarnings(suppressMessages(rl_fit(model, rl_data(sim), starts = 3, seed = 1)))
  expect_equal(unlist(coef(fit)[1, names(x)]), x, tolerance = 0.15)
})

test_that("a task pays for the first choice, whatever was said before it", {
  model <- rl_model("mood before choice", parameters = list(beta = positive()),
    state = list(value = per_action(0)),
    trial = {
      mood ~ normal(value[2] - value[1], 0.1)
      choice ~ softmax(beta * value)
      value[choice] <- value[choice] + 0.5 * (outcome - value[choice])
    })
  local_language_options()
  task <- task_outcomes(matrix(c(1, 3), 30, 2, byrow = TRUE))
  sim <- suppressMessages(simulate(model, seed = 1, parameters = c(beta = 1), task = task,
    subjects = 4))
  expect_equal(sim$outcome, c(1, 3)[sim$choice])
  expect_silent(rl_data(sim))

  # Without a choice there is nothing to pay for: outcomes are a column of the task, or there are
  # none.
  alone <- rl_model("prediction", parameters = list(a = unit_interval()),
    state = list(m = scalar(0)),
    trial = {
      guess ~ normal(m, 1)
      m <- m + a * (outcome - m)
    })
  draw <- function(columns) {
    task <- task_bandit(c(0.5, 0.5), trials = 6, columns = columns)
    suppressMessages(simulate(alone, seed = 1, parameters = c(a = .5), task = task, subjects = 2))
  }
  sim <- draw(data.frame(outcome = c(4, 2, NA, 8, 0, 1)))
  expect_equal(sim$outcome, rep(c(4, 2, NA, 8, 0, 1), 2))
  data <- suppressMessages(rl_data(sim))
  latents <- suppressMessages(rl_latents(alone, data, c(a = .5)))
  expect_equal(latents$m, rep(c(0, 2, 2, 2, 5, 2.5), 2))
  without <- draw(NULL)
  expect_false("outcome" %in% names(without))
  expect_null(attr(without, "rescorla_roles")$outcome)
})

test_that("responses with different numbers of levels are drawn, each among its own", {
  model <- rl_model("bets",
    parameters = list(bias = real(), gamma = positive()), columns = "points",
    trial = {
      colour ~ bernoulli_logit(bias)
      share <- c(0.1, 0.3, 0.5, 0.7, 0.9)
      bet ~ softmax(gamma * share * points * ifelse(colour == "red", 1, -1))
    })
  local_language_options()
  task <- task_bandit(c(0.5, 0.5), trials = 2000, actions = c("blue", "red"),
    columns = data.frame(points = rep(2, 2000)))
  x <- c(bias = 0.7, gamma = 0.8)
  sim <- suppressMessages(simulate(model, seed = 2, parameters = x, task = task, subjects = 1))
  expect_equal(levels(sim$colour), c("blue", "red"))
  expect_setequal(sim$bet, 1:5)
  expect_equal(mean(sim$colour == "red"), stats::plogis(0.7), tolerance = 0.05)
  weight <- exp(1.6 * c(0.1, 0.3, 0.5, 0.7, 0.9))
  red <- sim$colour == "red"
  expect_gt(stats::chisq.test(tabulate(sim$bet[red], 5), p = weight / sum(weight))$p.value, 1e-4)
  expect_gt(stats::chisq.test(tabulate(sim$bet[!red], 5), p = rev(weight) / sum(weight))$p.value,
    1e-4)
  fit <- suppressWarnings(suppressMessages(rl_fit(model, rl_data(sim), starts = 3, seed = 1)))
  expect_equal(unlist(coef(fit)[1, names(x)]), x, tolerance = 0.15)
})
