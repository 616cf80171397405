early <- \() subset(fit_frame(), block == 1)
late <- \() subset(fit_frame(), block == 2)

# Without the roles that simulated data carry, the actions among them.
bare_frame <- \() structure(fit_frame(), rescorla_roles = NULL)

test_that("predict() gives probabilities and latents by row", {
  fit <- fit_of("rw")
  latents <- rl_latents("rw", rl_data(fit_frame()), coef(fit))
  p <- predict(fit)
  expect_identical(names(p), c("p_1", "p_2"))
  expect_equal(p, latents[c("p_1", "p_2")])
  expect_equal(predict(fit, type = "latent"), latents)
  expect_equal(predict(fit, type = "loglik"), fit$loglik)
  expect_equal(ifelse(fit_frame()$choice == 1, p$p_1, p$p_2), fitted(fit))
})

test_that("held-out data are scored with each subject's own parameters", {
  fit <- suppressWarnings(rl_fit("rw", rl_data(early(), block = "block"), starts = 5, seed = 1))
  held_out <- rl_data(late(), block = "block")
  expected <- rl_loglik("rw", held_out, coef(fit))
  expect_equal(predict(fit, newdata = held_out, type = "loglik"), expected)
  # Columns of a plain data frame play the roles they had.
  expect_equal(predict(fit, newdata = late(), type = "loglik"), expected)
  # Subjects are matched by name, whatever their order and number.
  some <- late()
  some <- some[order(some$subject), ]
  some <- some[some$subject %in% c("s2", "s5"), ]
  expect_equal(predict(fit, newdata = some, type = "loglik"), expected[c("s2", "s5")])
  one <- some[some$subject == "s5", ]
  expect_equal(predict(fit, newdata = one, type = "loglik"), expected["s5"])
  rows <- which(late()$subject == "s5")
  expect_equal(predict(fit, newdata = one)$p_1, predict(fit, newdata = late())$p_1[rows])
})

test_that("subjects the fit does not know are named", {
  fit <- fit_of("rw")
  other <- transform(late(), subject = sub("s2", "zoe", subject))
  expect_snapshot(predict(fit, newdata = other), error = TRUE)
  condition <- rlang::catch_cnd(predict(fit, newdata = other), "rescorla_error_input")
  expect_identical(condition$subjects, "zoe")
  alone <- rl_data(subset(late(), subject == "s1"), block = "block")
  one <- suppressWarnings(rl_fit("rw", alone, starts = 3, seed = 1))
  expect_error(predict(one, newdata = subset(late(), subject == "s2")),
    class = "rescorla_error_input")
})

test_that("data that lack an action of the fit are remarked on", {
  frame <- bare_frame()
  frame$choice <- c("a", "b", "c")[ifelse(seq_len(nrow(frame)) %% 11 == 0, 3, frame$choice)]
  fit <- suppressWarnings(rl_fit("rw", rl_data(frame, block = "block"), starts = 3, seed = 1))
  part <- subset(frame, choice != "c" | is.na(choice))
  expect_snapshot(invisible(predict(fit, newdata = rl_data(part, block = "block"))))
  expect_named(predict(fit, newdata = part), c("p_a", "p_b", "p_c"))
})

test_that("drawn choices follow the probabilities and the seed", {
  fit <- fit_of("rw")
  first <- predict(fit, type = "choice", seed = 7)
  expect_type(first, "integer")
  expect_false(anyNA(first))
  expect_identical(first, predict(fit, type = "choice", seed = 7))
  set.seed(3)
  a <- predict(fit, type = "choice")
  set.seed(3)
  expect_identical(a, predict(fit, type = "choice"))
  drawn <- vapply(1:200, \(seed) predict(fit, type = "choice", seed = seed) == 1, logical(600))
  p <- predict(fit)$p_1
  z <- (rowMeans(drawn) - p) / sqrt(p * (1 - p) / 200)
  expect_lt(abs(mean(z)), 0.15)
  expect_lt(abs(sd(z) - 1), 0.15)
})

test_that("drawn choices are coded as in the data", {
  frame <- bare_frame()
  coded <- list(
    factor = factor(c("left", "right")[frame$choice], c("left", "right")),
    character = c("left", "right")[frame$choice],
    logical = frame$choice == 2,
    double = c(10, 20)[frame$choice]
  )
  for (type in names(coded)) {
    frame$choice <- coded[[type]]
    fit <- suppressWarnings(rl_fit("rw", rl_data(frame, block = "block"), starts = 3, seed = 1))
    drawn <- predict(fit, type = "choice", seed = 1)
    expect_identical(class(drawn), class(frame$choice))
    expect_setequal(as.character(drawn), as.character(stats::na.omit(frame$choice)))
    again <- simulate(fit, seed = 1)
    expect_identical(class(again$choice), class(frame$choice))
    expect_identical(is.na(again$choice), is.na(frame$choice))
  }
})

test_that("a fit simulates a task with everyone's estimates", {
  fit <- fit_of("rw")
  task <- task_bandit(c(0.2, 0.8), trials = 30)
  expect_identical(simulate(fit, seed = 5, task = task),
    simulate(rl_model("rw"), seed = 5, parameters = coef(fit), task = task))
  expect_named(simulate(fit, seed = 5, task = task, output = "arrays"), ignore.order = TRUE,
    c("value", "prediction_error", "probability", "choice", "outcome"))
  expect_warning(fewer <- simulate(without_subject(fit, "s3"), seed = 5, task = task),
    class = "rescorla_warning_convergence")
  expect_identical(unique(fewer$subject), c("s6", "s5", "s4", "s2", "s1"))
})

test_that("without a task the data are replayed", {
  frame <- fit_frame()
  frame$forced <- frame$trial %% 10 == 0
  fit <- suppressWarnings(rl_fit("rw", rl_data(frame, forced = "forced"), starts = 3, seed = 1))
  made <- simulate(fit, seed = 2)
  expect_identical(made[setdiff(names(frame), "choice")], frame[setdiff(names(frame), "choice")],
    ignore_attr = TRUE)
  kept <- frame$forced | is.na(frame$choice)
  expect_identical(made$choice[kept], frame$choice[kept])
  expect_identical(made$choice[!kept], predict(fit, type = "choice", seed = 2)[!kept])
  expect_identical(rl_data(made)$roles, fit$data$roles)

  several <- simulate(fit, nsim = 3, seed = 2)
  expect_equal(nrow(several), 3 * nrow(frame))
  expect_identical(subset(several, .sim == 1)$choice, made$choice)
  expect_false(identical(subset(several, .sim == 2)$choice, made$choice))
  expect_equal(rl_data(several)$counts$subjects, 18)
  expect_snapshot(simulate(fit, output = "arrays"), error = TRUE)
})

test_that("subjects without estimates have no predictions", {
  fit <- without_subject(fit_of("rw"), "s3")
  mine <- fit_frame()$subject == "s3"
  expect_identical(is.na(predict(fit)$p_1), mine)
  expect_identical(is.na(predict(fit, type = "choice", seed = 1)), mine)
  expect_identical(names(which(is.na(predict(fit, type = "loglik")))), "s3")
  expect_true(all(is.na(predict(fit, type = "latent")$value_1[mine])))
  expect_warning(made <- simulate(fit, seed = 1), "s3")
  expect_equal(nrow(made), sum(!mine))
})
