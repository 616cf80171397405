skip_if_not_installed("ggplot2")

# Errors in a plot show up only when it is built.
built <- function(plot) {
  expect_s3_class(plot, "ggplot")
  ggplot2::ggplot_build(plot)
}

test_that("estimates are shown by parameter, those at a bound marked", {
  fit <- fit_of("rw")
  plot <- plot(fit)
  built(plot)
  expect_equal(nrow(plot$data), 12)
  expect_equal(plot$data$estimate[plot$data$parameter == "beta"], coef(fit)$beta)
  expect_match(levels(plot$data$strip)[1], "alpha: learning rate")
  expect_match(plot$labels$title, "6 subjects")
  expect_identical(levels(plot$data$state), "inside")

  fit$at_bound[c("s6", "s5"), "beta"] <- TRUE
  fit$estimates[c("s6", "s5"), "beta"] <- c(100, 0)
  fit$flat["s4", "alpha"] <- TRUE
  plot <- plot(fit)
  built(plot)
  state <- function(subject, parameter) {
    as.character(plot$data$state[plot$data$subject == subject & plot$data$parameter == parameter])
  }
  expect_identical(state("s6", "beta"), "at a bound (off the scale)")
  expect_identical(state("s5", "beta"), "at a bound")
  expect_identical(state("s4", "alpha"), "not identified")
  shown <- plot$data$shown[plot$data$state == "at a bound (off the scale)"]
  expect_gt(shown, max(coef(fit)$beta[-(1:2)]))
  expect_lt(shown, 10)
  expect_equal(nrow(plot(fit, subject = c("s1", "s2"))$data), 4)
})

test_that("the learning curve is the share of the best action", {
  fit <- fit_of("rw")
  plot <- plot(fit, type = "learning_curve")
  built(plot)
  curve <- plot$data
  expect_identical(levels(curve$series), c("observed", "fitted"))
  expect_equal(sum(curve$series == "observed"), 50)

  frame <- fit_frame()
  episode <- paste(frame$subject, frame$block)
  paid <- tapply(frame$outcome, list(episode, frame$choice), mean, na.rm = TRUE)
  best <- max.col(paid, "first")[match(episode, rownames(paid))]
  at <- frame$trial == 7
  share <- tapply(frame$choice[at] == best[at], frame$subject[at], mean)
  expect_equal(curve$share[curve$series == "observed" & curve$trial == 7], mean(share))
  p <- as.matrix(predict(fit))[cbind(seq_along(best), best)]
  fitted <- tapply(p[at], frame$subject[at], mean)
  expect_equal(curve$share[curve$series == "fitted" & curve$trial == 7], mean(fitted))
  expect_match(plot$labels$y, "best action")
})

test_that("many trials are binned, and foregone outcomes say what was best", {
  sim <- simulate(rl_model("rw_counterfactual"), seed = 1, subjects = 3,
    parameters = c(alpha_chosen = 0.3, alpha_unchosen = 0.3, beta = 2),
    task = task_bandit(c(0.2, 0.8), trials = 150))
  fit <- suppressWarnings(rl_fit("rw_counterfactual", rl_data(sim), starts = 3, seed = 1))
  plot <- plot(fit, "learning_curve")
  built(plot)
  expect_lt(nrow(plot$data), 2 * 60)
  expect_identical(unique(rescorla:::best_actions(fit$data, "choice")), 2L)
})

test_that("latents of one subject stand in panels", {
  fit <- fit_of("rw")
  plot <- plot(fit, "latents", subject = "s4")
  built(plot)
  frame <- plot$data
  expect_identical(levels(frame$panel), c("outcome", "probability", "value", "prediction\nerror"))
  latents <- subset(predict(fit, type = "latent"), subject == "s4")
  one <- frame[frame$panel == "value" & frame$action == "1", ]
  expect_equal(one$value, latents$value_1)
  expect_equal(one$trial, 1:100)
  expect_match(plot$labels$title, "s4")
  built(plot(fit, "latents"))
  expect_identical(range(plot(fit, "latents", trials = 20:70)$data$trial), c(20L, 70L))
  expect_snapshot(error = TRUE, {
    plot(fit, "latents", subject = c("s1", "s2"))
    plot(fit, subject = "zoe")
    plot(fit, "density")
    plot(fit, "latents", trials = 400)
  })
})

test_that("a comparison is drawn in total and by subject", {
  x <- rl_compare(rw = fit_of("rw"), other = fit_of("rw_asymmetric"))
  plot <- plot(x)
  built(plot)
  expect_equal(plot$data$value, c(x$models$delta_bic, x$models$best_bic))
  expect_identical(levels(plot$data$panel), c("BIC above the best", "subjects best by BIC"))
  plot <- plot(x, type = "subjects", criterion = "aic")
  built(plot)
  expect_equal(plot$data$weight, x$subjects$weight_aic)
  expect_setequal(plot$data$position, 1:6)
  expect_match(plot$labels$y, "AIC weight")
})

test_that("learning curves are told apart by condition, with the correct action from a column", {
  frame <- fit_frame()
  frame$group <- ifelse(frame$subject %in% c("s1", "s6"), "old", "young")
  frame$right <- ifelse(frame$trial > 25, 1, 2)
  fit <- suppressWarnings(rl_fit("rw", rl_data(frame), starts = 3, seed = 1))
  plot <- plot(fit, "learning_curve", by = "group", correct = "right")
  built(plot)
  at <- frame$trial == 30 & frame$group == "old"
  share <- tapply(frame$choice[at] == 1, frame$subject[at], mean)
  own <- plot$data$series == "observed" & plot$data$trial == 30 & plot$data$condition == "old"
  expect_equal(plot$data$share[own], mean(share))
  expect_match(plot$labels$y, "correct")
  built(plot(fit, "learning_curve", by = c("group", "block")))
})

test_that("the group of fits by subject is a median with its interval", {
  frame <- check_frame()
  fit <- check_fit()
  plot <- plot(fit, "group")
  built(plot)
  own <- plot$data[plot$data$parameter == "beta", ]
  beta <- coef(fit)$beta
  expect_equal(own$estimate, median(beta))
  # Eight values: the extreme order statistics hold the median with 1 - 2 / 2^8.
  expect_equal(c(own$lower, own$upper), range(beta))
  by <- plot(fit, "group", by = "group")
  built(by)
  expect_equal(by$data$estimate[by$data$parameter == "beta"],
    as.vector(tapply(beta, frame$group[match(coef(fit)$subject, frame$subject)], median)))
  expect_snapshot(error = TRUE, {
    plot(fit, "group", by = "block")
    plot(em_fit(), "group", by = "block")
  })
  # Coverage of the interval by simulation.
  covered <- withr::with_seed(1, replicate(2000, {
    ends <- rescorla:::median_interval(rexp(15))
    ends[1] <= log(2) && log(2) <= ends[2]
  }))
  expect_gt(mean(covered), 0.95 - 4 * sqrt(0.05 * 0.95 / 2000))
})

test_that("hierarchical groups are shown by cell, subjects where they belong", {
  frame <- em_frame()
  frame$group <- ifelse(frame$subject %in% c("s01", "s04", "s09"), "B", "A")
  fit <- quiet_em("rw", em_data(frame), formula = alpha ~ group)
  plot <- plot(fit, "group")
  built(plot)
  found <- summary(fit)$population
  expect_equal(plot$data$estimate, found$median)
  points <- plot$layers[[1]]$data
  own <- points[points$parameter == "alpha" & points$cell == "B", ]
  expect_equal(own$estimate, coef(fit)$alpha[coef(fit)$subject %in% c("s01", "s04", "s09")])
  expect_equal(sum(points$parameter == "beta"), 9)
  built(plot(fit, "posterior"))
  built(plot(fit))
})

test_that("posteriors integrate to one and stand beside their priors", {
  area <- function(x, y) sum(diff(x) * (y[-1] + y[-length(y)]) / 2)
  fit <- nuts_fit()
  plot <- plot(fit, "posterior")
  built(plot)
  shown <- c("alpha", "beta", "sd_alpha", "sd_beta", "cor_alpha_beta")
  expect_identical(levels(plot$data$strip), shown)
  for (name in levels(plot$data$strip)) {
    own <- plot$data[plot$data$name == name & plot$data$series == "posterior", ]
    expect_equal(area(own$x, own$density), 1, tolerance = 0.03)
    expect_equal(own$x[own$middle], median(fit$group$draws[, , name]), tolerance = 0.1)
  }
  prior <- rescorla:::group_prior_curves(fit)
  for (name in c("alpha", "sd_alpha")) {
    expect_equal(area(prior[[name]]$x, prior[[name]]$density), 1, tolerance = 0.01)
  }
  # A normal prior with sd 1.5 on the logit.
  at <- prior$alpha$x
  expect_equal(prior$alpha$density, dnorm(qlogis(at), 0, 1.5) / (at * (1 - at)))

  em <- rescorla:::normal_curves(em_fit())
  for (own in em) expect_equal(area(own$x, own$density), 1, tolerance = 0.01)
  map <- plot(check_fit(), "posterior")
  built(map)
  expect_equal(length(unique(map$data$group)), 9)
  expect_snapshot(plot(fit_of("rw"), "posterior"), error = TRUE)
})

test_that("subjects' posteriors show where most of them are", {
  rows <- function(group, mean, sd) {
    z <- seq(-3.5, 3.5, length.out = 101)
    data.frame(x = mean + sd * z, density = dnorm(z) / sd, mass = dnorm(z), group = group)
  }
  wide <- rows("a", 0, 1)
  # A spike does not set the height of the panel.
  shown <- crop_curves(rbind(wide, rows("b", 0.5, 1.2), rows("c", 0, 0.001)))
  expect_lt(max(shown$density, na.rm = TRUE), 4 * dnorm(0))
  expect_gt(max(shown$density[shown$group == "a"]), 0.39)
  # A long tail is cut at both ends.
  tail <- crop_curves(do.call(rbind, c(lapply(1:9, \(g) rows(g, 0, 1)), list(rows("t", 0, 100)))))
  expect_lt(diff(range(tail$x)), 700 * 0.8)
})

test_that("one subject's group picture has no interval and no warning", {
  fit <- rl_fit("rw", rl_data(subset(bandit_example, subject == "s02")), starts = 2, seed = 1)
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(ggplot2::ggplotGrob(plot(fit, "group")))
})

test_that("outcomes by subject are drawn by participant", {
  outcomes <- array(0, c(3, 4, 2))
  outcomes[2, 3, 1] <- 7
  plot <- plot(task_outcomes(outcomes), subjects = 2)
  at <- plot$data[plot$data$value == 7, ]
  expect_equal(nrow(at), 1)
  expect_equal(c(at$participant, at$session), c(2, 3))
  expect_equal(as.character(at$cell), "1")
  expect_equal(max(plot$data$participant), 2)
})

test_that("a subject without a fit has no latents to show", {
  fit <- rl_fit("rw", rl_data(subset(bandit_example, subject %in% c("s02", "s03"))), starts = 2,
    seed = 1)
  fit$loglik[2] <- NA
  expect_error(plot(fit, "latents", subject = "s03"), "no fit", class = "rescorla_error_input")
  expect_s3_class(plot(fit, "latents"), "ggplot")
})

test_that("the best action is that of the stimulus, where there are stimuli", {
  frame <- data.frame(subject = 1, stimulus = rep(c("x", "y"), 20), choice = rep(c(1, 1, 2, 2), 10))
  frame$outcome <- as.double((frame$stimulus == "x") == (frame$choice == 1))
  data <- suppressWarnings(rl_data(frame, stimulus = "stimulus"))
  expect_equal(best_actions(data, "choice"), ifelse(frame$stimulus == "x", 1, 2))
})
