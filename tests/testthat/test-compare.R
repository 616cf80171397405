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

test_that("without a common subject there is nothing to compare", {
  none <- fit_of("rw")
  none$loglik[] <- NA
  none$estimates[] <- NA
  expect_error(rl_compare(none, fit_of("rw_asymmetric")), class = "rescorla_error_data")
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

  error_of <- \(b) rlang::catch_cnd(rl_compare(a, b), "rescorla_error_input")
  expect_identical(error_of(other$subjects)$rows, which(frame$subject == "s4"))
  expect_identical(error_of(other$trials)$rows, 40L)
  expect_identical(error_of(other$choice)$rows, 215L)
  expect_identical(error_of(other$choice)$differences, data.frame(model = "a", row = 215L,
    subject = "s4", trial = 15L, column = "choice"))
  expect_identical(error_of(other$forced)$rows, which(frame$trial == 9))
})

test_that("all rows that differ are found, in every column", {
  frame <- fit_frame()
  a <- fit_of("rw")
  refit <- function(frame, ...) suppressWarnings(rl_fit("rw", rl_data(frame), starts = 2, seed = 1))
  error_of <- \(b) rlang::catch_cnd(rl_compare(a, b), "rescorla_error_input")
  changed <- frame
  rows <- c(215L, 301L, 302L, 303L, 599L)
  changed$choice[rows] <- 3L - changed$choice[rows]
  changed$outcome[301L] <- NA
  # Rows in another order: their numbers are those of the first fit's data.
  found <- error_of(refit(changed[order(changed$block, changed$trial), ]))
  expect_setequal(found$rows, rows)
  d <- found$differences
  expect_identical(d$row[d$column == "choice"], rows)
  expect_identical(d$row[d$column == "outcome"], 301L)
  expect_identical(d$trial[d$column == "choice"], (rows - 1L) %% 100L + 1L)
  expect_match(conditionMessage(found), "rows 215, 301 to 303 and 599", fixed = TRUE)
  expect_match(conditionMessage(found), "The outcome differs in 1 row", fixed = TRUE)

  # Rows that one lacks, wherever they are, told by the column of trials.
  for (gone in list(c(101L, 102L), 200L, c(110L, 140L, 142L))) {
    found <- error_of(refit(frame[-gone, ]))
    expect_identical(found$rows, gone)
    expect_identical(unique(found$differences$model), "a")
  }
  # Without such a column runs of equal trials may be told from either end.
  bare <- frame[c("subject", "choice", "outcome")]
  whole <- suppressWarnings(rl_fit("rw", rl_data(bare), starts = 2, seed = 1))
  found <- rlang::catch_cnd(rl_compare(whole, refit(bare[-(140:142), ])), "rescorla_error_input")
  expect_length(found$rows, 3)
  left <- \(gone) unname(as.list(bare[setdiff(101:200, gone), c("choice", "outcome")]))
  expect_identical(left(found$rows), left(140:142))
  short <- suppressWarnings(rl_fit("rw", rl_data(frame[-(595:600), ]), starts = 2, seed = 1))
  found <- rlang::catch_cnd(rl_compare(short, a), "rescorla_error_input")
  expect_identical(found$rows, 595:600)
  expect_identical(unique(found$differences$model), "a")
  expect_match(conditionMessage(found), "Only \"a\" has rows 595 to 600", fixed = TRUE)
})

test_that("models that score different rows are told apart", {
  a <- fit_of("rw")
  b <- a
  b$model$program$responses <- a$model$program$responses
  b$nobs[["s5"]] <- 98L
  found <- rlang::catch_cnd(rl_compare(a, b), "rescorla_error_input")
  expect_match(conditionMessage(found), "Subject s5 has 99 scored responses in the first, 98",
    fixed = TRUE)
})

test_that("winners are the best by every criterion, with margins and counts", {
  fits <- list(rw = fit_of("rw"), asymmetric = fit_of("rw_asymmetric"),
    sticky = fit_of("rw_sticky"))
  x <- rl_compare(fits)
  w <- x$winners
  expect_setequal(w$criterion, c("bic", "aic"))
  for (name in c("bic", "aic")) {
    wide <- sapply(fits, \(fit) summary(fit)$subjects[[name]])
    own <- w[w$criterion == name, ]
    expect_identical(as.character(own$subject), names(fits$rw$loglik))
    expect_identical(own$winner, names(fits)[apply(wide, 1, which.min)])
    expect_equal(own$margin, apply(wide, 1, \(v) sort(v)[2] - min(v)))
    expect_identical(own$second, apply(wide, 1, \(v) names(fits)[order(v)[2]]))
    counts <- x$counts[x$counts$criterion == name, ]
    expect_equal(counts$subjects, as.vector(table(factor(own$winner, names(fits)))))
    expect_equal(counts$share, counts$subjects / 6)
    best <- counts$subjects > 0
    expect_equal(counts$median_margin[best],
      as.vector(tapply(own$margin, factor(own$winner, names(fits)), median))[best])
    expect_equal(x$models[[paste0("best_", name)]], counts$subjects)
  }
  expect_identical(w$criterion[1], "bic")
  expect_identical(rl_compare(fits, criterion = "aic")$winners$criterion[1], "aic")
  expect_equal(summary(rl_compare(fits, criterion = "aic"))$counts$subjects, x$models$best_aic)
  expect_snapshot(summary(x))
  # A tie goes to the first.
  tie <- rl_compare(a = fits$rw, b = fits$rw)
  expect_true(all(tie$winners$margin == 0 & tie$winners$winner == "a"))
})

test_that("comparisons by subject have pictures", {
  skip_if_not_installed("ggplot2")
  x <- rl_compare(rw = fit_of("rw"), asymmetric = fit_of("rw_asymmetric"),
    sticky = fit_of("rw_sticky"))
  map <- plot(x, "winners")
  ggplot2::ggplot_build(map)
  s <- x$subjects
  expect_equal(sort(map$data$behind), sort(s$delta_bic))
  expect_equal(as.vector(table(map$data$model[map$data$best])), x$models$best_bic)
  gain <- plot(x, "differences", criterion = "aic")
  ggplot2::ggplot_build(gain)
  wide <- matrix(s$aic, ncol = 3, byrow = TRUE)
  first <- which.min(colSums(wide))
  expect_equal(sort(gain$data$gain), sort(as.vector(wide[, -first] - wide[, first])))
  ggplot2::ggplot_build(plot(x, "bms"))
  map <- rl_compare(rw = fit_of("rw", "map"), asymmetric = fit_of("rw_asymmetric", "map"),
    criterion = "evidence")
  total <- plot(map)
  ggplot2::ggplot_build(total)
  expect_equal(total$data$value[1:2], max(map$models$log_evidence) - map$models$log_evidence)
  weights <- plot(map, "subjects")
  evidence <- exp(map$subjects$log_evidence)
  expect_equal(weights$data$weight,
    evidence / rep(unname(rowsum(evidence, rep(1:6, each = 2))[, 1]), each = 2))
  expect_error(plot(x, criterion = "evidence"), class = "rescorla_error_input")
})

test_that("arguments that are no fits are rejected", {
  expect_snapshot(error = TRUE, {
    rl_compare(fit_of("rw"))
    rl_compare(fit_of("rw"), "rw_asymmetric")
  })
})
