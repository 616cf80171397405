# Differences between groups and conditions, recomputed from coefficients and draws.

contrast_frame <- function() {
  once("contrast frame", {
    n <- 16
    parameters <- data.frame(subject = seq_len(n), alpha = rep(c(0.2, 0.3, 0.5, 0.6), 4),
      beta = rep(c(2, 3, 4, 5), each = 4))
    frame <- simulate(rl_model("rw"), seed = 4, parameters = parameters,
      task = task_bandit(c(0.3, 0.7), trials = 30, blocks = 3))
    id <- as.integer(frame$subject)
    frame$group <- factor(c("control", "low", "high")[id %% 3 + 1], c("control", "low", "high"))
    frame$sex <- ifelse(id %% 2 == 0, "f", "m")
    frame$age <- 20 + 3 * id
    frame$dose <- frame$block
    frame$phase <- factor(c("early", "late", "late")[frame$block])
    frame
  })
}

contrast_fit <- function(formula, method = "em", model = "rw") {
  once(paste("contrast", method, deparse1(formula)), {
    data <- rl_data(contrast_frame(), block = "block")
    suppressWarnings(if (method == "em") {
      rl_fit(model, data, method = "em", formula = formula, covariance = "diagonal", starts = 3,
        seed = 1)
    } else {
      rl_fit(model, data, method = "nuts", formula = formula, chains = 2, warmup = 150,
        draws = 100, seed = 1)
    })
  })
}

# Estimate and error of weights over fixef().
by_hand <- function(fit, ...) {
  w <- c(...)
  names <- names(w)
  at <- fixef(fit)[names]
  c(sum(w * at), sqrt(drop(w %*% vcov(fit)[names, names] %*% w)))
}

test_that("pairs of groups are differences of coefficients", {
  fit <- contrast_fit(alpha ~ group)
  x <- rl_contrast(fit, "alpha")
  expect_identical(x$contrast, c("control - low", "control - high", "low - high"))
  low <- by_hand(fit, "alpha:grouplow" = -1)
  both <- by_hand(fit, "alpha:grouplow" = 1, "alpha:grouphigh" = -1)
  expect_equal(c(x$estimate[1], x$std_error[1]), low)
  expect_equal(c(x$estimate[3], x$std_error[3]), both)
  expect_equal(x$z, x$estimate / x$std_error)
  expect_equal(x$p, 2 * (1 - pnorm(abs(x$z))))
  expect_equal(x$lower, x$estimate - 1.959963985 * x$std_error)
  expect_equal(x$upper, x$estimate + 1.959963985 * x$std_error)
  expect_equal(x$upper[1], -confint(fit, "alpha:grouplow")[1])
  expect_equal(rl_contrast(fit, "alpha", level = 0.5)$lower, x$estimate + qnorm(0.25) * x$std_error)

  # In natural units by the delta method, its derivatives numerical.
  f <- fixef(fit)
  median_of <- \(f) plogis(f[["alpha:(Intercept)"]] + c(0, f[["alpha:grouplow"]],
    f[["alpha:grouphigh"]]))
  difference <- \(f) median_of(f)[2] - median_of(f)[3]
  expect_equal(x$natural[3], difference(f))
  gradient <- vapply(names(f), \(name) {
    step <- 1e-5 * (names(f) == name)
    (difference(f + step) - difference(f - step)) / 2e-5
  }, 0)
  error <- sqrt(drop(gradient %*% vcov(fit) %*% gradient))
  expect_equal(x$natural_upper[3] - x$natural[3], qnorm(0.975) * error, tolerance = 1e-6)
  expect_equal(x$natural_lower[3] - x$natural[3], -qnorm(0.975) * error, tolerance = 1e-6)
})

test_that("weights of cells make any contrast", {
  fit <- contrast_fit(alpha ~ group)
  pairs <- rl_contrast(fit, "alpha")
  x <- rl_contrast(fit, "alpha", list(trend = c(-1, 0, 1),
    any = c(low = 0.5, high = 0.5, control = -1), pair = c(high = -1, low = 1)))
  expect_identical(x$contrast, c("trend", "any", "pair"))
  expect_equal(x$estimate[1], -pairs$estimate[2])
  expect_equal(c(x$estimate[2], x$std_error[2]),
    by_hand(fit, "alpha:grouplow" = 0.5, "alpha:grouphigh" = 0.5))
  expect_equal(x$natural[2], -mean(pairs$natural[1:2]))
  expect_equal(unlist(x[3, -2]), unlist(pairs[3, -2]))
})

test_that("contrasts are made within what `by` names", {
  fit <- contrast_fit(list(alpha ~ group * sex))
  x <- rl_contrast(fit, "alpha", by = "sex")
  expect_identical(x$contrast[1:3], c("control - low", "control - high", "low - high"))
  expect_identical(x$sex, rep(c("f", "m"), each = 3))
  expect_equal(c(x$estimate[4], x$std_error[4]),
    by_hand(fit, "alpha:grouplow" = -1, "alpha:grouplow:sexm" = -1))
  y <- rl_contrast(fit, "alpha", by = "group")
  expect_identical(y$contrast, rep("f - m", 3))
  expect_identical(y$group, c("control", "low", "high"))
  expect_equal(y$estimate[2], -sum(fixef(fit)[c("alpha:sexm", "alpha:grouplow:sexm")]))
  expect_equal(nrow(rl_contrast(fit, "alpha")), 15)
  z <- rl_contrast(fit, "alpha", list(low = c(control = -1, low = 1)), by = "sex")
  expect_equal(z$estimate, -x$estimate[c(1, 4)])
})

test_that("covariates can be put at other values", {
  fit <- contrast_fit(list(alpha ~ group + age))
  x <- rl_contrast(fit, "alpha", at = list(age = c(30, 50)), by = "group")
  expect_identical(unique(x$contrast), "age=30 - age=50")
  expect_equal(c(x$estimate[1], x$std_error[1]), by_hand(fit, "alpha:age" = -20))
  expect_equal(x$estimate, rep(x$estimate[1], 3))
  f <- fixef(fit)
  at <- plogis(f[["alpha:(Intercept)"]] + f[["alpha:grouphigh"]] + f[["alpha:age"]] * c(30, 50))
  expect_equal(x$natural[3], at[1] - at[2])

  rows <- data.frame(age = c(30, 50), group = c("low", "high"))
  y <- rl_contrast(fit, "alpha", at = rows)
  expect_identical(y$contrast, "age=30, low - age=50, high")
  expect_equal(c(y$estimate, y$std_error),
    by_hand(fit, "alpha:grouplow" = 1, "alpha:grouphigh" = -1, "alpha:age" = -20))
  groups <- rl_contrast(fit, "alpha", at = data.frame(group = c("control", "low")))
  expect_equal(groups$natural, rl_contrast(fit, "alpha")$natural[1])

  cut <- contrast_fit(list(alpha ~ cut(age, c(0, 40, 100)) + dose))
  z <- rl_contrast(cut, "alpha", at = list(dose = c(1, 3)))
  expect_identical(z$contrast[1], "(0,40], dose=1 - (0,40], dose=3")
  expect_equal(z$estimate[1], -2 * fixef(cut)[["alpha:dose"]])
  ages <- rl_contrast(cut, "alpha", at = list(age = c(30, 60)))
  expect_identical(ages$contrast, "age=30 - age=60")
  expect_equal(ages$estimate, rl_contrast(cut, "alpha")$estimate)
})

test_that("slopes that vary between subjects enter once", {
  fit <- contrast_fit(list(beta ~ dose + (1 + dose | subject)))
  x <- rl_contrast(fit, "beta", at = list(dose = c(1, 3)))
  expect_equal(c(x$estimate, x$std_error), by_hand(fit, "beta:dose" = -2))
  f <- fixef(fit)
  at <- exp(f[["beta:(Intercept)"]] + f[["beta:dose"]] * c(1, 3))
  expect_equal(x$natural, at[1] - at[2])
  sums <- contrast_fit(list(beta ~ C(phase, contr.sum) + (1 + C(phase, contr.sum) | subject)))
  y <- rl_contrast(sums, "beta")
  expect_equal(y$estimate, 2 * fixef(sums)[[3]])
})

test_that("means by cell are those of the population", {
  fit <- contrast_fit(alpha ~ group)
  x <- rl_means(fit, "alpha")
  expect_identical(x$cell, c("control", "low", "high"))
  expect_equal(c(x$estimate[2], x$std_error[2]),
    by_hand(fit, "alpha:(Intercept)" = 1, "alpha:grouplow" = 1))
  expect_equal(x$q95, x$estimate + qnorm(0.95) * x$std_error)
  expect_equal(x$median, plogis(x$estimate))
  expect_equal(x$median_q5, plogis(x$q5))
  sd <- fit$group$sd[["alpha"]]
  mean_of <- \(z) integrate(\(t) plogis(t) * dnorm(t, z, sd), -20, 20, rel.tol = 1e-10)$value
  expect_equal(x$mean, vapply(x$estimate, mean_of, 0), tolerance = 1e-6)
  all <- rl_means(fit)
  expect_identical(all$parameter, c(rep("alpha", 3), "beta"))
  expect_identical(rl_means(fit, c("beta", "alpha"))$parameter, c("beta", rep("alpha", 3)))
  expect_equal(diff(x$median[2:1]), rl_contrast(fit, "alpha")$natural[1])
})

test_that("means by cell hold for slopes that vary between subjects", {
  for (formula in list(list(beta ~ dose + (1 + dose | subject)),
    list(beta ~ C(phase, contr.sum) + (1 + C(phase, contr.sum) | subject)))) {
    x <- rl_means(contrast_fit(formula), "beta")
    expect_equal(x$median, exp(x$estimate))
  }
})

test_that("full Bayes contrasts are of the draws", {
  skip_if_not_installed("posterior")
  fit <- contrast_fit(alpha ~ group, "nuts")
  x <- rl_contrast(fit, "alpha", level = 0.9)
  draws <- fit$group$draws
  z <- sapply(c("alpha[control]", "alpha[low]", "alpha[high]"), \(name) as.vector(draws[, , name]))
  natural <- z[, 1] - z[, 2]
  link <- qlogis(z[, 1]) - qlogis(z[, 2])
  expect_equal(x$estimate[1], mean(link))
  expect_equal(x$std_error[1], sd(link))
  expect_equal(c(x$lower[1], x$upper[1]), unname(quantile(link, c(0.05, 0.95))))
  expect_equal(x$p_positive[1], mean(natural > 0))
  expect_equal(x$natural[1], mean(natural))
  expect_equal(c(x$natural_lower[1], x$natural_upper[1]), unname(quantile(natural, c(0.05, 0.95))))
  expect_null(x$p)
  m <- rl_means(fit, "alpha")
  expect_equal(m$estimate, unname(colMeans(qlogis(z))))
  expect_equal(m$q5, unname(apply(qlogis(z), 2, quantile, 0.05)))
  expect_equal(m$median, unname(apply(z, 2, median)))
  expect_output(print(x), "P(> 0)", fixed = TRUE)
})

test_that("shared parameters of maximum likelihood have contrasts", {
  data <- rl_data(contrast_frame(), block = "block")
  fit <- suppressWarnings(rl_fit("rw", data, formula = beta ~ 0 + group, starts = 3, seed = 1))
  x <- rl_contrast(fit, "beta")
  expect_equal(c(x$estimate[3], x$std_error[3]), by_hand(fit, "beta:grouplow" = 1,
    "beta:grouphigh" = -1))
  expect_equal(x$natural[1], -diff(exp(fixef(fit)[1:2]))[[1]])
  expect_error(rl_contrast(fit, "alpha", list(it = 1)), "every subject",
    class = "rescorla_error_input")
  expect_error(rl_means(fit), class = "rescorla_error_input")
})

test_that("emmeans works on empirical Bayes fits", {
  skip_if_not_installed("emmeans")
  fit <- contrast_fit(list(alpha ~ group * sex + age))
  means <- suppressMessages(as.data.frame(emmeans::emmeans(fit, ~group, parameter = "alpha")))
  f <- fixef(fit)
  hand <- by_hand(fit, "alpha:(Intercept)" = 1, "alpha:grouplow" = 1, "alpha:sexm" = 0.5,
    "alpha:grouplow:sexm" = 0.5, "alpha:age" = mean(20 + 3 * 1:16))
  expect_equal(c(means$emmean[2], means$SE[2]), hand)
  expect_equal(means$asymp.UCL[2], hand[1] + qnorm(0.975) * hand[2])

  simple <- contrast_fit(alpha ~ group)
  grid <- emmeans::emmeans(simple, ~group, parameter = "alpha")
  ours <- rl_means(simple, "alpha")
  expect_equal(as.data.frame(grid)$emmean, ours$estimate)
  natural <- as.data.frame(summary(grid, type = "response", level = 0.9))
  expect_equal(natural$median, ours$median)
  expect_equal(natural$asymp.LCL, ours$median_q5)
  pairs <- as.data.frame(graphics::pairs(grid, adjust = "none"))
  contrast <- rl_contrast(simple, "alpha")
  expect_identical(as.character(pairs$contrast), contrast$contrast)
  expect_equal(pairs$estimate, contrast$estimate)
  expect_equal(pairs$SE, contrast$std_error)
  expect_equal(pairs$p.value, contrast$p)
  # A parameter without a formula has its group's value.
  beta <- emmeans::emmeans(simple, ~1, parameter = "beta")
  beta <- as.data.frame(summary(beta, type = "response"))
  expect_equal(beta$median, exp(fixef(simple)[["beta:(Intercept)"]]))

  slope <- contrast_fit(list(beta ~ C(phase, contr.sum) + (1 + C(phase, contr.sum) | subject)))
  phases <- as.data.frame(emmeans::emmeans(slope, ~phase, parameter = "beta"))
  expect_equal(phases$emmean, drop(rbind(c(1, 1), c(1, -1)) %*% fixef(slope)[2:3]))
  trend <- suppressMessages(emmeans::emtrends(fit, ~1, var = "age", parameter = "alpha"))
  expect_equal(as.data.frame(trend)$age.trend, f[["alpha:age"]], tolerance = 1e-6)

  expect_error(suppressMessages(emmeans::emmeans(fit, ~group)), "which parameter")
  expect_error(suppressMessages(emmeans::emmeans(fit, ~group, parameter = "gamma")), "gamma")
})

test_that("emmeans works on posterior draws", {
  skip_if_not_installed("emmeans")
  skip_if_not_installed("posterior")
  fit <- contrast_fit(alpha ~ group, "nuts")
  grid <- emmeans::emmeans(fit, ~group, parameter = "alpha")
  draws <- grid@post.beta %*% t(grid@linfct)
  z <- sapply(c("alpha[control]", "alpha[low]", "alpha[high]"), \(name) {
    qlogis(as.vector(fit$group$draws[, , name]))
  })
  expect_equal(unname(draws), unname(z))
  expect_equal(attr(grid@post.beta, "n.chains"), 2)
  expect_equal(grid@bhat, unname(fixef(fit)[1:3]))
  skip_if_not_installed("coda")
  expect_equal(as.data.frame(grid)$emmean, unname(apply(z, 2, median)))
})

test_that("emmeans knows links that are not standard", {
  maps <- data.frame(name = c("a", "b", "c", "d"), link = c("logit", "logit", "log", "identity"),
    lower = c(0, -1, 0, -Inf), upper = c(1, 1, Inf, Inf))
  fit <- list(parameters = maps$name, group = list(maps = maps))
  expect_identical(emmeans_link(fit, "a"), "logit")
  expect_identical(emmeans_link(fit, "c"), "log")
  expect_identical(emmeans_link(fit, "d"), "identity")
  link <- emmeans_link(fit, "b")
  expect_equal(link$linkinv(0.3), 2 * plogis(0.3) - 1)
  expect_equal(link$linkfun(link$linkinv(0.3)), 0.3)
  expect_equal(link$mu.eta(0.3), 2 * dlogis(0.3))
})

test_that("contrasts print on one screen, and say what is wrong", {
  fit <- contrast_fit(alpha ~ group)
  plain <- contrast_fit(list(beta ~ dose + (1 + dose | subject)))
  # The layout; numbers are recomputed above, and EM ends within a tolerance.
  expect_snapshot(rl_contrast(fit, "alpha"),
    transform = \(x) gsub(" +", " ", gsub("-?[0-9][0-9,.]*", "#", x)))
  expect_snapshot(error = TRUE, {
    rl_contrast(fit_of("rw"), "alpha")
    rl_contrast("fit", "alpha")
    rl_contrast(fit, "alpa")
    rl_contrast(fit, "beta")
    rl_contrast(fit, "alpha", c(1, -1, 0))
    rl_contrast(fit, "alpha", list(c(1, -1, 0)))
    rl_contrast(fit, "alpha", list(it = c(1, -1)))
    rl_contrast(fit, "alpha", list(it = c(low = 1, hihg = -1)))
    rl_contrast(fit, "alpha", by = "sex")
    rl_contrast(fit, "alpha", at = list(age = 3))
    rl_contrast(plain, "beta", at = list(dos = 1:2))
    rl_contrast(plain, "beta", at = 3)
    rl_means(fit_of("rw"))
  })
  expect_error(rl_contrast(fit, "alpa"), class = "rescorla_error_input")
  expect_error(rl_contrast(fit, "alpha", by = "sex"), class = "rescorla_error_input")
  expect_error(rl_contrast(fit, "alpha", level = 2), class = "rescorla_error_input")
  expect_error(rl_contrast(plain, "beta", at = list(dose = "x")), class = "rescorla_error_input")
})
