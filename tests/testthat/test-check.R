# What the loops need of a fit: probabilities and values of the second arm by row of the data.
second_arm <- function(fit, frame) {
  latents <- predict(fit, type = "latent")
  list(p = latents$p_2, value = latents$value_2 - latents$value_1)
}

loops <- function(check, fit, frame, history, second = second_arm(fit, frame)) {
  definition <- check$definition
  loop_statistics(frame, history, second$p, second$value, definition$p_edges, definition$value_edges,
    definition$longest_run)
}

of <- function(check, name, column = "observed") {
  own <- check$statistics[check$statistics$statistic == name, ]
  own[[column]]
}

test_that("statistics of the data are those of plain loops", {
  fit <- check_fit()
  frame <- check_frame()
  check <- rl_check(fit, nsim = 3, seed = 1)
  expected <- loops(check, fit, frame, frame$choice)
  for (name in names(expected)) {
    x <- expected[[name]]
    expect_equal(of(check, name), x[is.finite(x)], info = name)
  }
  expect_identical(unique(check$statistics$statistic), rescorla:::check_statistics())
  expect_equal(sum(of(check, "run_length")), 1)
})

test_that("one step ahead, draws are set against the real history", {
  fit <- check_fit()
  frame <- check_frame()
  check <- rl_check(fit, nsim = 3, seed = 4)
  made <- simulate(fit, nsim = 3, seed = 4)
  for (r in 1:3) {
    drawn <- frame
    drawn$choice <- subset(made, .sim == r)$choice
    expected <- loops(check, fit, drawn, frame$choice)
    expect_equal(unname(check$replicates[r, ]), unname(unlist(expected)[is.finite(unlist(expected))]))
  }
})

test_that("generatively, replicates have histories, probabilities and values of their own", {
  fit <- check_fit()
  check <- rl_check(fit, nsim = 9, seed = 4, type = "generative")
  made <- simulate(fit, nsim = 9, seed = 4, type = "generative")
  for (r in c(1, 9)) {
    drawn <- subset(made, .sim == r)[names(check_frame())]
    attr(drawn, "rescorla_roles") <- NULL
    latents <- rl_latents("rw", check_data(drawn), coef(fit))
    expected <- loops(check, fit, drawn, drawn$choice,
      list(p = latents$p_2, value = latents$value_2 - latents$value_1))
    for (name in names(expected)) {
      own <- check$replicates[r, check$statistics$statistic == name]
      kept <- is.finite(expected[[name]]) & seq_along(expected[[name]]) <= length(own)
      expect_equal(unname(own)[kept], unname(expected[[name]])[kept], info = name)
    }
  }
})

test_that("bands and p-values are those of the replicates", {
  check <- rl_check(check_fit(), c("switch", "calibration"), nsim = 40, level = 0.8, seed = 1)
  table <- check$statistics
  for (k in seq_len(nrow(table))) {
    x <- check$replicates[, k]
    expect_equal(table$simulated[k], median(x))
    expect_equal(c(table$lower[k], table$upper[k]), unname(quantile(x, c(0.1, 0.9))))
    expect_equal(table$p[k], mean(x > table$observed[k]) + mean(x == table$observed[k]) / 2)
    expect_identical(table$inside[k],
      table$observed[k] >= quantile(x, 0.1) && table$observed[k] <= quantile(x, 0.9))
  }
  z <- \(x) max(abs(x - colMeans(check$replicates)[-1]) / apply(check$replicates, 2, sd)[-1])
  observed <- z(of(check, "calibration"))
  simulated <- apply(check$replicates[, -1], 1, z)
  expect_equal(check$tests$deviation[2], observed)
  expect_equal(check$tests$p[2], (1 + sum(simulated >= observed)) / 41)
})

test_that("a wrong model is found out, the right one is not", {
  for (type in c("one_step", "generative")) {
    wrong <- rl_check(check_fit("rw"), nsim = 100, type = type, seed = 1)
    missed <- wrong$tests$statistic[wrong$tests$missed]
    expect_true(all(c("switch", "win_stay_lose_shift", "run_length") %in% missed))
    expect_gt(of(wrong, "switch", "lower"), of(wrong, "switch"))
    right <- rl_check(check_fit("rw_sticky"), nsim = 100, type = type, seed = 1)
    expect_false(any(right$tests$missed))
  }
})

test_that("a check prints on one screen", {
  expect_snapshot(rl_check(check_fit("rw"), nsim = 100, by = "group", seed = 1))
  expect_snapshot(rl_check(check_fit("rw_sticky"), "switch", nsim = 20, type = "generative", seed = 1))
})

test_that("conditions have statistics of their own", {
  fit <- check_fit()
  check <- rl_check(fit, "switch", nsim = 2, by = c("group", "block"), seed = 1)
  expect_identical(check$statistics$condition, c("old, 1", "old, 2", "young, 1", "young, 2"))
  frame <- check_frame()
  own <- subset(frame, group == "old" & block == 2)
  before <- c(NA, own$choice[-nrow(own)])
  before[own$trial == 1] <- NA
  switched <- ifelse(own$forced, NA, own$choice != before)
  expect_equal(check$statistics$observed[2],
    mean(tapply(switched, own$subject, mean, na.rm = TRUE)))
  frame$level <- factor(frame$group, c("young", "old"))
  ordered <- suppressWarnings(rl_fit("rw", check_data(frame), method = "map", starts = 3, seed = 1))
  expect_identical(rl_check(ordered, "switch", nsim = 2, by = "level", seed = 1)$statistics$condition,
    c("young", "old"))
})

test_that("functions of one's own see data with the history they follow", {
  fit <- check_fit()
  frame <- check_frame()
  switches <- function(d) {
    same <- c(FALSE, d$subject[-1] == d$subject[-nrow(d)] & d$block[-1] == d$block[-nrow(d)])
    before <- c(NA, d$.history[-nrow(d)])
    changed <- ifelse(same & !d$forced, d$choice != before, NA)
    mean(tapply(changed, d$subject, mean, na.rm = TRUE))
  }
  for (type in c("one_step", "generative")) {
    check <- rl_check(fit, list("switch", mine = switches), nsim = 4, type = type, seed = 1)
    expect_equal(of(check, "mine"), of(check, "switch"))
    expect_equal(check$replicates[, 2], check$replicates[, 1])
  }
  two <- rl_check(fit, list(two = \(d) table(factor(d$choice, 1:2))), nsim = 4, seed = 1)
  expect_identical(two$statistics$level, c("1", "2"))
  expect_equal(two$statistics$observed, as.vector(table(frame$choice)))
})

test_that("a model of numbers takes functions of one's own", {
  data <- suppressMessages(suppressWarnings(rl_data(rl_data_example("change_point"),
    task = "change_point")))
  fit <- suppressWarnings(rl_fit("change_point", data, method = "map", starts = 2, seed = 1))
  spread <- list(spread = \(d) sd(d$prediction, na.rm = TRUE))
  check <- rl_check(fit, spread, nsim = 10, seed = 1)
  expect_equal(check$statistics$observed, sd(data$data$prediction, na.rm = TRUE))
  expect_gt(sd(check$replicates), 0)
  expect_error(rl_check(fit), class = "rescorla_error_model")
})

test_that("a task makes generative replicates", {
  fit <- check_fit()
  task <- task_bandit(c(0.35, 0.65), trials = 40, blocks = 2, foregone = TRUE)
  check <- rl_check(fit, nsim = 5, task = task, by = "group", seed = 3)
  expect_identical(check$type, "generative")
  made <- simulate(fit, seed = 4, task = task)
  made$group <- check_frame()$group[match(made$subject, check_frame()$subject)]
  again <- suppressWarnings(rl_fit("rw", rl_data(made), starts = 2, seed = 1))
  again$estimates <- fit$estimates
  second <- rl_check(again, nsim = 2, by = "group", seed = 1)
  same <- c("switch", "win_stay_lose_shift")
  expect_equal(unname(check$replicates[2, check$statistics$statistic %in% same]),
    second$statistics$observed[second$statistics$statistic %in% same])
  expect_error(rl_check(fit, nsim = 2, task = task, by = "forced"), class = "rescorla_error_input")
})

test_that("full Bayes fits use their draws", {
  fit <- nuts_fit()
  check <- rl_check(fit, "switch", nsim = 3, draws = c(1, 400, 900), seed = 1)
  expect_identical(check$draws$draw, c(1L, 400L, 900L))
  made <- simulate(fit, draws = c(1, 400, 900), seed = 1)
  frame <- nuts_frame()
  before <- c(NA, frame$choice[-nrow(frame)])
  before[frame$trial == 1] <- NA
  one <- subset(made, .sim == 3)$choice != before
  expect_equal(check$replicates[3, ], mean(tapply(one, frame$subject, mean, na.rm = TRUE)))
})

test_that("what is a win, what is correct, and what came before can be said", {
  fit <- check_fit()
  expect_equal(fit |> rl_check("switch", nsim = 2) |> (\(x) x$definition$win)(), 0)
  thresholds <- function(outcome, ...) {
    data <- fit$data
    data$data$outcome <- outcome
    rescorla:::win_threshold(data, ..., call = NULL)
  }
  n <- nrow(check_frame())
  expect_equal(thresholds(rep(c(10, 30), n / 2), NULL), 20)
  many <- rep(c(10, 20, 60, 70), n / 4)
  medians <- tapply(many, check_frame()$subject, median)
  expect_equal(thresholds(many, NULL), medians[names(thresholds(many, NULL))], ignore_attr = TRUE)
  expect_named(thresholds(many, "median"), unique(check_frame()$subject))
  expect_equal(thresholds(many, 15), 15)

  frame <- check_frame()
  frame$right <- ifelse(frame$trial > 20, 1, 2)
  frame$cue <- rep(c("x", "y", "y"), length.out = nrow(frame))
  fit <- suppressWarnings(rl_fit("rw", check_data(frame), method = "map", starts = 3, seed = 1))
  check <- rl_check(fit, "learning_curve", nsim = 2, correct = "right", seed = 1)
  hit <- ifelse(frame$forced, NA, frame$choice == frame$right)
  late <- frame$trial %in% 39:40
  expect_equal(of(check, "learning_curve")[20],
    mean(tapply(hit[late], frame$subject[late], mean, na.rm = TRUE)))

  check <- rl_check(fit, "switch", nsim = 2, stimulus = "cue", seed = 1)
  changed <- rep(NA, nrow(frame))
  for (i in seq_len(nrow(frame))) {
    earlier <- which(frame$subject == frame$subject[i] & frame$block == frame$block[i] &
      frame$cue == frame$cue[i] & frame$trial < frame$trial[i])
    if (length(earlier) && !frame$forced[i]) {
      changed[i] <- frame$choice[i] != frame$choice[max(earlier)]
    }
  }
  expect_equal(of(check, "switch"), mean(tapply(changed, frame$subject, mean, na.rm = TRUE)))
})

test_that("subjects without a fit do not count", {
  fit <- without_subject(fit_of("rw"), "s3")
  expect_warning(check <- rl_check(fit, "switch", nsim = 2, seed = 1), "s3")
  frame <- fit_frame()
  before <- c(NA, frame$choice[-nrow(frame)])
  before[frame$trial == 1] <- NA
  share <- tapply(frame$choice != before, frame$subject, mean, na.rm = TRUE)
  expect_equal(check$statistics$observed, mean(share[names(share) != "s3"]))
})

test_that("mistakes are told", {
  fit <- check_fit()
  expect_snapshot(error = TRUE, {
    rl_check(fit, "swich")
    rl_check(fit, list(\(d) 1))
    rl_check(fit, by = "sex")
    rl_check(fit, win = "always")
    rl_check(fit, value = "gain")
    rl_check(fit, list(mine = \(d) "a"), nsim = 2)
    rl_check(fit, list(mine = \(d) rep(1, 1 + isTRUE(d$choice[1] != d$.history[1]))), nsim = 20,
      seed = 1)
    rl_check(fit, list(mine = \(d) mean(d$choice)), nsim = 2)
    rl_check(1)
  })
  data <- suppressMessages(suppressWarnings(rl_data(rl_data_example("dd"), task = "dd")))
  rates <- suppressWarnings(rl_fit("dd_hyperbolic", data, method = "map", starts = 3, seed = 1))
  expect_snapshot(rl_check(rates, "win_stay_lose_shift", nsim = 2), error = TRUE)
})

test_that("a statistic that fails is named", {
  expect_error(rl_check(check_fit(), list(mine = function(d) stop("oh")), nsim = 2, seed = 1), "mine",
    class = "rescorla_error_input")
})
