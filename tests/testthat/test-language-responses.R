skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Responses that are numbers: shares, counts out of so many, decisions in a row.

# Value, score and information where each subject gave one response.
evaluate <- function(model, frame, x, roles = list()) {
  local_language_options()
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), roles))))
  bound <- suppressMessages(rescorla:::bind_model(model, data, rescorla:::active_level()))
  if (!is.matrix(x)) x <- matrix(x, length(data$subjects), length(x), byrow = TRUE)
  result <- rescorla:::cpp_evaluate(bound$kernels, bound$packed, bound$bound, x, 2L, FALSE, 1L)
  result[c("value", "gradient", "information")]
}

# The information is the score's expected outer product: both sums over what could have been given.
expect_information <- function(result, weight) {
  k <- ncol(result$gradient)
  pairs <- do.call(rbind, lapply(seq_len(k), function(j) cbind(seq_len(j), j)))
  outer <- result$gradient[, pairs[, 1], drop = FALSE] * result$gradient[, pairs[, 2], drop = FALSE]
  expect_equal(colSums(result$information * weight), colSums(outer * weight), tolerance = 1e-6)
  expect_equal(colSums(result$gradient * weight), rep(0, k), tolerance = 1e-6)
}

share_model <- function() {
  rl_model("confidence",
    parameters = list(a = unit_interval(), b = positive(), phi = positive(), bias = real()),
    columns = "load",
    state = list(value = per_action(0)),
    trial = {
      choice ~ softmax(b * value)
      sure <- plogis(bias + b * value[choice])
      confidence ~ beta_mean(sure, phi / (1 + load))
      value[choice] <- value[choice] + a * (outcome - value[choice])
      if (confidence < 0.2) value <- 0.9 * value
    })
}

test_that("a share: values, gradients, latents, missing values", {
  frame <- language_data(n_actions = 3) |> add_number("load", 0.1, 70, stats::runif) |>
    add_number("confidence", 0.2, 71, function(n) stats::rbeta(n, 2, 0.7))
  expect_language(share_model(), frame, list(a = .3, b = 1.5, phi = 4, bias = .3),
    all_levels = TRUE)
})

test_that("a count out of so many: numbers, columns and levels of what it depends on", {
  model <- rl_model("recall",
    parameters = list(a = unit_interval(), p0 = unit_interval(), gain = real()),
    columns = c("size", "rated", "list"),
    state = list(memory = array_of(p0, list)),
    trial = {
      p <- plogis(qlogis(memory[list]) + gain * rated)
      hits ~ binomial(size + 2, p)
      if (rated == 1) reports ~ binomial(5, memory[list])
      memory[list] <- memory[list] + a * (hits / (size + 2) - memory[list])
      recent <- hits - reports
    })
  frame <- language_data() |> add_column("size", 3:12, 0.1, 72) |>
    add_column("rated", 0:1, 0.1, 73) |> add_column("list", c("new", "old"), 0.1, 74)
  withr::with_seed(75, {
    frame$hits <- stats::rbinom(nrow(frame), ifelse(is.na(frame$size), 3, frame$size) + 2, 0.6)
    frame$reports <- stats::rbinom(nrow(frame), 5, 0.3)
  })
  frame$hits[c(2, 9)] <- NA
  roles <- language_roles_of(frame)
  roles["choice"] <- list(NULL)
  expect_language(model, frame, list(a = .3, p0 = .6, gain = .4), roles,
    levels = list(list = c("new", "old")))
})

balloon_frame <- function(...) {
  frame <- data.frame(subject = rep(1:5, c(12, 8, 9, 7, 13)))
  withr::with_seed(76, {
    frame$pumps <- stats::rpois(nrow(frame), rep(c(3, 9, 0.7, 20, 5), c(12, 8, 9, 7, 13)))
    frame$explosion <- as.numeric(frame$pumps > 0 & stats::runif(nrow(frame)) < 0.3)
  })
  frame$pumps[c(3, 20)] <- NA
  frame$explosion[c(5, 20, 30)] <- NA
  frame
}
balloon_roles <- list(subject = "subject", choice = NULL, outcome = NULL)

test_that("decisions in a row: the balloon task two ways", {
  four <- rl_model("BART, four parameters",
    parameters = list(phi = unit_interval(), eta = positive(), gam = positive(), tau = positive()),
    columns = "explosion", state = list(n_pump = scalar(0), n_success = scalar(0)),
    trial = {
      burst <- 1 - (phi + eta * n_success) / (1 + eta * n_pump)
      omega <- -gam / log1p(-burst)
      pumps ~ repeated_logit(tau * (omega - step), censored = explosion)
      n_success <- n_success + pumps - explosion
      n_pump <- n_pump + pumps
    })
  expect_language(four, balloon_frame(), list(phi = .9, eta = .05, gam = .8, tau = .6),
    balloon_roles, all_levels = TRUE)
  variance <- rl_model("BART, mean and variance",
    parameters = list(phi = unit_interval(), eta = unit_interval(), rho = real(), tau = positive(),
      lambda = positive()),
    columns = "explosion", state = list(n_pump = scalar(0), n_success = scalar(0)),
    trial = {
      seen <- (n_pump - n_success) / pmax(n_pump, 1)
      burst <- phi + (1 - exp(-eta * n_pump)) * (seen - phi)
      pumps ~ repeated_logit(tau * ((1 - burst) - lambda * burst * (step - 1) +
        rho * burst * (1 - burst) * (1 + lambda * (step - 1))^2), censored = explosion == 1)
      n_success <- n_success + pumps - explosion
      n_pump <- n_pump + pumps
    })
  expect_language(variance, balloon_frame(),
    list(phi = .1, eta = .1, rho = -.2, tau = 1.5, lambda = .7), balloon_roles)
})

test_that("decisions in a row: tables by step, limits, what is missing from some step on", {
  model <- rl_model("foraging",
    parameters = list(leave = real(), slope = real(), early = real(), late = real()),
    columns = c("limit", "signal"),
    state = list(rate = scalar(0), by_step = array_of(leave, 4)),
    trial = {
      first <- c(early, late, signal)
      harvests ~ repeated_logit(by_step[pmin(step, 4)] - slope * step +
        0.1 * sum(first[1] * c(step, 2)) + ifelse(step > 3, signal, 0.2 * (step == 2) - rate),
      most = limit)
      hours ~ repeated_logit(first[step] + late * step - 1)
      for (k in 1:4) by_step[k] <- 0.9 * by_step[k] + 0.1 * k * (harvests > k)
      rate <- rate + 0.1 * (harvests - rate)
    })
  frame <- data.frame(subject = rep(c("a", "b", "c"), c(9, 14, 11)))
  frame <- add_column(frame, "limit", c(3, 5, 8), 0.1, 77) |> add_number("signal", 0.25, 78)
  withr::with_seed(79, {
    # Up to the limit: there the count is cut off.
    frame$harvests <- pmin(stats::rpois(nrow(frame), 4), ifelse(is.na(frame$limit), 5, frame$limit))
    # The third step is the last with a logit of its own.
    frame$hours <- sample(0:3, nrow(frame), replace = TRUE)
  })
  expect_language(model, frame, list(leave = .8, slope = .3, early = .5, late = -.2), balloon_roles)
  # More steps than there are logits for: not scored.
  local_language_options()
  data <- suppressMessages(do.call(rl_data, c(list(frame), balloon_roles)))
  x <- c(leave = .8, slope = .3, early = .5, late = -.2)
  l <- suppressMessages(rl_latents(model, data, x))
  seen <- !is.na(frame$signal)
  stopped_at_limit <- frame$harvests == 3 & frame$limit %in% 3
  scored <- frame$hours < 2 | frame$hours == 2 & seen |
    !is.na(frame$limit) & (frame$harvests < 3 | seen | stopped_at_limit)
  expect_equal(!is.na(l$log_lik), scored)
})

test_that("information: what the score's outer product comes to on average", {
  share <- rl_model("share", parameters = list(m = real(), s = real(), u = real()), trial = {
    y ~ beta_mean(plogis(m + 0.5 * u), exp(s - u))
  })
  # An even grid on the logit scale.
  grid <- seq(-20, 20, by = 0.02)
  y <- stats::plogis(grid)
  x <- c(m = .4, s = 1.3, u = .2)
  mu <- stats::plogis(.5)
  weight <- stats::dbeta(y, mu * exp(1.1), (1 - mu) * exp(1.1)) * y * (1 - y) * 0.02
  expect_equal(sum(weight), 1, tolerance = 1e-6)
  frame <- data.frame(subject = seq_along(y), y = y)
  expect_information(evaluate(share, frame, x, balloon_roles), weight)

  count <- rl_model("count", parameters = list(m = real(), u = real()), trial = {
    y ~ binomial(7, plogis(m - u^2))
  })
  frame <- data.frame(subject = 0:7, y = 0:7)
  result <- evaluate(count, frame, c(.4, .3), balloon_roles)
  p <- stats::plogis(.4 - .09)
  expect_equal(result$value, stats::dbinom(0:7, 7, p, log = TRUE), tolerance = 1e-12)
  expect_information(result, stats::dbinom(0:7, 7, p))

  series <- rl_model("series", parameters = list(m = real(), u = real()), trial = {
    y ~ repeated_logit(m - u * step)
  })
  frame <- data.frame(subject = 0:25, y = 0:25)
  result <- evaluate(series, frame, c(1.5, .3), balloon_roles)
  expect_equal(sum(exp(result$value)), 1, tolerance = 1e-9)
  expect_information(result, exp(result$value))
})

test_that("certain probabilities: only what cannot happen is impossible", {
  count <- rl_model("count", parameters = list(p = unit_interval()), trial = {
    y ~ binomial(3, p)
  })
  frame <- data.frame(subject = c("none", "all"), y = c(0, 3))
  expect_equal(evaluate(count, frame, 0, balloon_roles)$value, c(0, -Inf))
  expect_equal(evaluate(count, frame, 1, balloon_roles)$value, c(-Inf, 0))
  expect_equal(evaluate(count, frame, 0, balloon_roles)$gradient[1, 1], -3)
})

test_that("values that cannot be are flagged by line and trial, and leave other subjects alone", {
  local_language_options()
  model <- rl_model("bad values", parameters = list(p = unit_interval(), phi = positive()),
    trial = {
      share ~ beta_mean(p, phi)
      hits ~ binomial(5, p)
      pumps ~ repeated_logit(p - 0.5 * step)
    })
  good <- data.frame(subject = rep(c("a", "b"), each = 3), share = 0.4, hits = 2, pumps = 3)
  value <- function(column, x) {
    frame <- good
    frame[[column]][5] <- x
    data <- suppressMessages(do.call(rl_data, c(list(frame), balloon_roles)))
    suppressMessages(rl_loglik(model, data, c(p = .4, phi = 3), gradient = TRUE))
  }
  reference <- value("hits", 2)
  expect_true(all(is.finite(reference)))
  for (bad in list(list("share", 0, 1), list("share", 1, 1), list("share", -0.2, 1),
    list("share", 1.2, 1), list("hits", 6, 2), list("hits", -1, 2), list("hits", 1.5, 2),
    list("pumps", -1, 3), list("pumps", 2.5, 3), list("pumps", 1e9, 3))) {
    warning <- expect_warning(got <- value(bad[[1]], bad[[2]]),
      class = "rescorla_warning_convergence")
    expect_match(conditionMessage(warning), paste0("line ", bad[[3]], " on trial 2"))
    expect_identical(got[["a"]], reference[["a"]])
    expect_identical(got[["b"]], -Inf)
    expect_equal(unname(attr(got, "gradient")[2, ]), c(0, 0))
  }
})

test_that("densities, slopes and information are those of R's gamma functions, digamma and trigamma", {
  model <- rl_model("share", parameters = list(mu = unit_interval(), phi = positive()), trial = {
    y ~ beta_mean(mu, phi)
  })
  grid <- expand.grid(y = c(1e-3, .3, .98), mu = c(.002, .35, .9), phi = 10^seq(-2, 5, by = 0.5))
  result <- evaluate(model, data.frame(subject = seq_len(nrow(grid)), y = grid$y),
    as.matrix(grid[c("mu", "phi")]), balloon_roles)
  y <- grid$y
  mu <- grid$mu
  phi <- grid$phi
  a <- mu * phi
  b <- (1 - mu) * phi
  expect_equal(result$value, lgamma(phi) - lgamma(a) - lgamma(b) + (a - 1) * log(y) +
    (b - 1) * log1p(-y), tolerance = 1e-13)
  expect_equal(result$value, stats::dbeta(y, a, b, log = TRUE), tolerance = 1e-10)
  slope_a <- log(y) - digamma(a)
  slope_b <- log1p(-y) - digamma(b)
  by_phi <- digamma(phi) + mu * slope_a + (1 - mu) * slope_b
  expect_equal(result$gradient, cbind(phi * (slope_a - slope_b), by_phi), tolerance = 1e-12,
    ignore_attr = TRUE)
  curve_a <- trigamma(a)
  curve_b <- trigamma(b)
  expect_equal(result$information, cbind(phi^2 * (curve_a + curve_b),
    phi * (mu * curve_a - (1 - mu) * curve_b),
    mu^2 * curve_a + (1 - mu)^2 * curve_b - trigamma(phi)), tolerance = 1e-12, ignore_attr = TRUE)
})
