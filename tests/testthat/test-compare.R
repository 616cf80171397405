test_that("criteria, differences and weights are those of the fits", {
  rw <- fit_of("rw")
  asymmetric <- fit_of("rw_asymmetric")
  x <- rl_compare(rw, other = asymmetric)
  m <- as.data.frame(x)
  expect_identical(m$model, c("rw", "other"))
  expect_equal(m$parameters, c(2, 3))
  expect_equal(m$df, c(12, 18))
  expect_equal(m$aic, c(AIC(rw), AIC(asymmetric)))
  expect_equal(m$bic, c(sum(summary(rw)$subjects$bic), sum(summary(asymmetric)$subjects$bic)))
  expect_equal(m$delta_bic, m$bic - min(m$bic))
  expect_equal(m$weight_aic, exp(-m$delta_aic / 2) / sum(exp(-m$delta_aic / 2)))
  expect_equal(sum(m$weight_bic), 1)

  s <- x$subjects
  expect_identical(s$subject[c(1, 3)], c("s6", "s5"))
  expect_equal(s$bic[s$model == "other"], summary(asymmetric)$subjects$bic)
  wide <- matrix(s$bic, ncol = 2, byrow = TRUE)
  expect_equal(m$best_bic, tabulate(apply(wide, 1, which.min), 2))
  expect_equal(s$delta_bic, as.vector(t(wide - apply(wide, 1, min))))
  expect_equal(as.vector(tapply(s$weight_aic, s$subject, sum)), rep(1, 6))
})

test_that("models are named by argument, symbol or model", {
  rw <- fit_of("rw")
  expect_identical(rl_compare(rw, rw)$models$model, c("rw", "rw_1"))
  expect_identical(rl_compare(fit_of("rw"), fit_of("rw_asymmetric"))$models$model,
    c("rw", "rw_asymmetric"))
  fits <- list(a = rw, b = fit_of("rw_asymmetric"))
  expect_identical(rl_compare(fits)$models$model, c("a", "b"))
  expect_identical(rl_compare(!!!fits)$models$model, c("a", "b"))
  expect_identical(do.call(rl_compare, fits), rl_compare(fits))
})

test_that("a comparison prints on one screen", {
  expect_snapshot(rl_compare(rw = fit_of("rw"), asymmetric = fit_of("rw_asymmetric"),
    map = fit_of("rw", "map")))
  expect_snapshot(rl_compare(rw = without_subject(fit_of("rw"), "s3"),
    asymmetric = fit_of("rw_asymmetric")))
})

test_that("subjects that a fit lacks are left out of all totals", {
  x <- rl_compare(rw = without_subject(fit_of("rw"), "s3"), other = fit_of("rw_asymmetric"))
  expect_identical(x$left_out, "s3")
  expect_equal(x$n_subjects, 5)
  expect_equal(x$models$loglik[2], sum(fit_of("rw_asymmetric")$loglik) -
    fit_of("rw_asymmetric")$loglik[["s3"]])
  expect_equal(sum(x$models$best_aic), 5)
})

test_that("fits to the same data made twice compare, to other data do not", {
  refit <- function(frame, ...) {
    suppressWarnings(rl_fit("rw", rl_data(frame, ...), starts = 3, seed = 1))
  }
  frame <- fit_frame()
  a <- fit_of("rw")
  expect_s3_class(rl_compare(a, refit(frame)), "rl_compare")
  relabelled <- transform(frame, choice = as.character(choice))
  expect_s3_class(rl_compare(a, refit(relabelled, block = "block")), "rl_compare")
  other <- list(
    subjects = refit(subset(frame, subject != "s4"), block = "block"),
    order = refit(frame[order(frame$subject), ], block = "block"),
    trials = refit(frame[-40, ], block = "block"),
    choice = refit(within(frame, choice[215] <- 3L - choice[215])),
    missed = refit(within(frame, choice[215] <- NA)),
    outcome = refit(within(frame, outcome[310] <- 1 - outcome[310])),
    forced = refit(transform(frame, forced = trial == 9), block = "block", forced = "forced")
  )
  expect_snapshot(error = TRUE, {
    rl_compare(a, other$subjects)
    rl_compare(a, other$order)
    rl_compare(a, other$trials)
    rl_compare(a, other$choice)
    rl_compare(a, other$missed)
    rl_compare(a, other$outcome)
    rl_compare(a, other$forced)
  })
  for (b in other) expect_error(rl_compare(a, b), class = "rescorla_error_input")
})

test_that("arguments that are no fits are rejected", {
  expect_snapshot(error = TRUE, {
    rl_compare(fit_of("rw"))
    rl_compare(fit_of("rw"), "rw_asymmetric")
  })
})
