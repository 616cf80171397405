test_that("the extractors agree with the fit and with each other", {
  fit <- fit_of("rw")
  ids <- c("s6", "s5", "s4", "s3", "s2", "s1")
  expect_identical(names(coef(fit)), c("subject", "alpha", "beta"))
  expect_identical(coef(fit)$subject, ids)
  expect_equal(as.matrix(coef(fit)[-1]), unname(fit$estimates), ignore_attr = TRUE)
  expect_identical(names(vcov(fit)), ids)
  expect_equal(sqrt(vcov(fit)$s4[1, 1]), fit$std_error["s4", "alpha"], ignore_attr = TRUE)
  expect_equal(nobs(fit), 598)
  expect_s3_class(logLik(fit), "logLik")
  expect_equal(as.numeric(logLik(fit)), sum(fit$loglik))
  expect_equal(attr(logLik(fit), "df"), 12)
  expect_equal(attr(logLik(fit), "nobs"), 598)
  expect_equal(AIC(fit), -2 * sum(fit$loglik) + 24)
  expect_equal(BIC(fit), -2 * sum(fit$loglik) + 12 * log(598))
})

test_that("fitted() and residuals() go by row of the data frame", {
  fit <- fit_of("rw")
  frame <- fit_frame()
  point <- rl_loglik("rw", rl_data(frame), coef(fit), pointwise = TRUE)
  expect_equal(fitted(fit), exp(point))
  expect_identical(which(is.na(fitted(fit))), c(3L, 120L))
  expect_equal(residuals(fit), 1 - exp(point))
  expect_equal(sum(residuals(fit, type = "deviance")^2, na.rm = TRUE), -2 * sum(fit$loglik))
  expect_true(all(residuals(fit, "deviance") >= 0, na.rm = TRUE))

  set.seed(1)
  place <- sample(nrow(frame))
  shuffled <- rl_data(frame[place, ], block = "block", trial = "trial")
  again <- suppressWarnings(rl_fit("rw", shuffled, starts = 5, seed = 1))
  expect_equal(fitted(again), fitted(fit)[place], tolerance = 1e-6)
})

test_that("forced rows are not scored", {
  frame <- fit_frame()
  frame$forced <- frame$trial %% 10 == 0
  fit <- suppressWarnings(rl_fit("rw", rl_data(frame, forced = "forced"), starts = 5, seed = 1))
  expect_identical(is.na(fitted(fit)), frame$forced | is.na(frame$choice))
  expect_equal(nobs(fit), sum(!frame$forced & !is.na(frame$choice)))
})

test_that("summary() tells by parameter and by subject", {
  fit <- fit_of("rw")
  s <- summary(fit)
  expect_s3_class(s, "summary.rl_fit")
  expect_identical(s$parameters$parameter, c("alpha", "beta"))
  expect_equal(s$parameters$median, unname(apply(fit$estimates, 2, median)))
  expect_identical(names(s$subjects),
    c("subject", "n", "loglik", "aic", "bic", "status", "message"))
  expect_equal(s$subjects$aic, unname(4 - 2 * fit$loglik))
  expect_equal(s$subjects$bic, unname(2 * log(fit$nobs) - 2 * fit$loglik))
  expect_identical(s$subjects$n, unname(fit$nobs))
  expect_true("log_evidence" %in% names(summary(fit_of("rw", "map"))$subjects))
})

test_that("printing fits one screen", {
  expect_snapshot(fit_of("rw"))
  expect_snapshot(fit_of("rw", "map"))
  expect_snapshot(summary(fit_of("rw_asymmetric")))
  expect_snapshot(without_subject(fit_of("rw"), "s3"))
  one <- subset(fit_frame(), subject == "s2")
  expect_snapshot(rl_fit("rw", rl_data(one, block = "block"), starts = 5, seed = 1))
})

test_that("subjects that failed are NA by subject and by row, and left out of sums", {
  whole <- fit_of("rw")
  fit <- without_subject(whole, "s3")
  mine <- fit_frame()$subject == "s3"
  expect_true(all(is.na(fitted(fit)[mine])))
  expect_equal(fitted(fit)[!mine], fitted(whole)[!mine])
  expect_equal(as.numeric(logLik(fit)), sum(fit$loglik, na.rm = TRUE))
  expect_equal(attr(logLik(fit), "df"), 10)
  expect_equal(nobs(fit), sum(fit$nobs) - fit$nobs[["s3"]])
  expect_equal(sum(is.na(summary(fit)$subjects$bic)), 1)
  expect_true(all(is.na(confint(fit, subjects = "s3")$lower)))
})

test_that("curvature intervals are those of a normal within the range", {
  fit <- fit_of("rw")
  ci <- confint(fit, level = 0.9, method = "curvature")
  expect_identical(names(ci), c("subject", "parameter", "estimate", "lower", "upper", "method",
    "lower_at_bound", "upper_at_bound"))
  expect_identical(ci$parameter, rep(c("alpha", "beta"), 6))
  estimate <- as.vector(t(fit$estimates))
  half <- qnorm(0.95) * as.vector(t(fit$std_error))
  expect_equal(ci$estimate, estimate)
  expect_equal(ci$lower, pmax(estimate - half, 0))
  expect_equal(ci$upper, pmin(estimate + half, rep(c(1, Inf), 6)))
  expect_identical(confint(fit_of("rw", "map"))$method[1], "curvature")
})

test_that("profile limits are where the profile has fallen by half the quantile", {
  fit <- fit_of("rw")
  ci <- confint(fit, "alpha", subjects = c("s2", "s6"))
  expect_identical(ci$subject, c("s2", "s6"))
  expect_identical(unique(ci$method), "profile")
  one <- rl_data(subset(fit_frame(), subject == "s2"), block = "block")
  profile <- function(alpha) {
    optimize(\(beta) rl_loglik("rw", one, c(alpha = alpha, beta = beta))[[1]], c(0, 100),
      maximum = TRUE, tol = 1e-10)$objective
  }
  target <- fit$loglik[["s2"]] - qchisq(0.95, 1) / 2
  expect_equal(profile(ci$lower[1]), target, tolerance = 1e-6)
  expect_equal(profile(ci$upper[1]), target, tolerance = 1e-6)
  expect_equal(confint(fit, 2, subjects = "s6"), confint(fit, "beta", subjects = "s6"))
})

test_that("update() changes arguments, and needs neither the model nor the data in sight", {
  fit <- fit_of("rw")
  map <- update(fit, method = "map")
  expect_equal(map$estimates, fit_of("rw", "map")$estimates)
  expect_identical(map$call$method, "map")
  expect_identical(suppressWarnings(update(fit, model = "rw_asymmetric"))$parameters,
    c("alpha_pos", "alpha_neg", "beta"))
  part <- rl_data(subset(fit_frame(), subject != "s1"), block = "block")
  expect_identical(rownames(update(fit, data = part)$estimates), c("s6", "s5", "s4", "s3", "s2"))

  file <- withr::local_tempfile()
  saveRDS((\(hidden) rl_fit("rw", hidden, starts = 5, seed = 1))(part), file)
  read <- readRDS(file)
  expect_equal(update(read, starts = 6)$estimates, read$estimates, tolerance = 1e-5)
  expect_identical(update(read, seed = 2, evaluate = FALSE)$seed, 2)
})

test_that("wrong arguments are named", {
  fit <- fit_of("rw")
  expect_snapshot(error = TRUE, {
    confint(fit, "alhpa")
    confint(fit, subjects = c("s1", "zoe"))
    confint(fit, level = 95)
    confint(fit, method = "bootstrap")
    residuals(fit, "pearson")
    update(fit, "map")
  })
  expect_error(confint(fit, "gamma"), class = "rescorla_error_input")
})
