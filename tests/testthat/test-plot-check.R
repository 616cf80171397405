skip_if_not_installed("ggplot2")

built <- function(plot) {
  expect_s3_class(plot, "ggplot")
  expect_silent(ggplot2::ggplot_build(plot))
}

test_that("every statistic has a picture of what was observed over what was simulated", {
  check <- rl_check(check_fit(), nsim = 10, seed = 1)
  for (name in unique(check$statistics$statistic)) {
    plot <- plot(check, name)
    built(plot)
    expect_equal(plot$data$observed, check$statistics$observed[check$statistics$statistic == name])
  }
  plot <- plot(check)
  data <- built(plot)$data
  expect_equal(nrow(plot$data), nrow(check$statistics))
  expect_equal(nlevels(plot$data$panel), 5)
  expect_match(plot$labels$title, "rw,\none step ahead")
  # Strips are cut at the width of their panel, a third of the figure: two short lines.
  lines <- unlist(strsplit(levels(plot$data$panel), "\n"))
  expect_lte(max(nchar(lines)), 15)
})

test_that("conditions share a panel, or have one each", {
  fit <- check_fit()
  plot <- plot(rl_check(fit, "calibration", nsim = 4, by = "group", seed = 1), "calibration")
  data <- built(plot)$data
  expect_length(unique(data[[2]]$fill), 2)
  expect_equal(plot$labels$fill, "group")
  check <- rl_check(fit, c("switch", "run_length"), nsim = 4, by = c("group", "block"), seed = 1)
  plot <- plot(check, "run_length")
  expect_equal(length(unique(built(plot)$layout$layout$PANEL)), 4)
  built(plot(check))
  check <- rl_check(fit, list("switch", mine = \(d) c(a = 1, b = mean(d$choice, na.rm = TRUE))),
    nsim = 4, seed = 1)
  built(plot(check, "mine"))
  built(plot(check))
})

test_that("recovery marks those with a problem, and needs to have been made", {
  fit <- check_fit()
  check <- rl_check(fit, "switch", nsim = 2, seed = 1)
  expect_snapshot(error = TRUE, {
    plot(check, "recovery")
    plot(check, "calibraton")
  })
  fit$std_error["p5", "alpha"] <- 1
  check <- rl_check(fit, "switch", nsim = 2, seed = 1, recovery = TRUE)
  plot <- plot(check, "recovery")
  built(plot)
  marked <- plot$data$state == "with a problem"
  expect_identical(plot$data$subject[marked & plot$data$parameter == "alpha"], "p5")
  direct <- plot(fit, "recovery", seed = 1)
  expect_equal(direct$data$refit, plot$data$refit)
})

test_that("labels of axes in an overview are few", {
  expect_equal(few_breaks(c(0.05, 0.95)), c(0.2, 0.6))
  expect_equal(few_breaks(c(0, 62)), c(0, 20, 40, 60))
  expect_equal(few_breaks(c(-0.45, 0.5)), c(-0.4, 0, 0.4))
})
