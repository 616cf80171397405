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
