# Comparisons of hierarchical fits, every number recomputed from the fits.

em_of <- function(model, ...) {
  once(paste(model, "em", deparse(list(...))), {
    suppressWarnings(rl_fit(model, rl_data(fit_frame(), block = "block"), method = "em", starts = 5,
      seed = 1, ...))
  })
}

nuts_of <- function(model) {
  once(paste(model, "nuts"), {
    suppressWarnings(rl_fit(model, rl_data(fit_frame(), block = "block"), method = "nuts",
      chains = 2, warmup = 200, draws = 150, seed = 1))
  })
}

compare_nuts_of <- function(unit) {
  once(paste("compared by", unit), {
    suppressWarnings(rl_compare(rw = nuts_of("rw"), asymmetric = nuts_of("rw_asymmetric"),
      unit = unit))
  })
}

# Numbers of chains differ a little between machines.
without_numbers <- function(x) gsub(" +", " ", gsub("-?[0-9][0-9,.]*", "#", x))

test_that("empirical Bayes fits compare by integrated BIC", {
  rw <- em_of("rw")
  asymmetric <- em_of("rw_asymmetric")
  x <- rl_compare(rw, other = asymmetric)
  m <- as.data.frame(x)
  expect_identical(names(m), c("model", "df", "loglik", "aic", "ibic", "log_evidence", "delta_ibic",
    "weight"))
  expect_identical(m$model, c("rw", "other"))
  expect_equal(m$df, c(5, 9))
  expect_equal(m$loglik, c(sum(rw$group$log_evidence), sum(asymmetric$group$log_evidence)))
  expect_equal(m$log_evidence, m$loglik)
  expect_equal(m$aic, c(AIC(rw), AIC(asymmetric)))
  expect_equal(m$ibic, c(BIC(rw), BIC(asymmetric)))
  expect_equal(m$ibic, -2 * m$loglik + m$df * log(598))
  expect_equal(m$delta_ibic, m$ibic - min(m$ibic))
  expect_equal(m$weight, exp(-m$delta_ibic / 2) / sum(exp(-m$delta_ibic / 2)))
  expect_equal(x$nobs, 598)

  evidence <- cbind(rw = rw$group$log_evidence, other = asymmetric$group$log_evidence)
  s <- x$subjects
  expect_identical(as.character(s$subject[c(1, 3)]), c("s6", "s5"))
  expect_equal(s$log_evidence, as.vector(t(evidence)))
  expect_equal(s$weight[s$model == "rw"], unname(1 / (1 + exp(evidence[, 2] - evidence[, 1]))))
  expect_equal(s$n[s$model == "rw"], unname(rw$nobs))
  expect_equal(x$bms, rl_bms(evidence))
  expect_snapshot(x, transform = without_numbers)
})

test_that("families of models go to the selection", {
  fits <- list(rw = em_of("rw"), rw_asymmetric = em_of("rw_asymmetric"),
    rw_sticky = em_of("rw_sticky"))
  families <- list(plain = "rw", more = c("rw_sticky", "rw_asymmetric"))
  x <- rl_compare(fits, families = families)
  evidence <- sapply(fits, \(fit) fit$group$log_evidence)
  expect_equal(x$bms$families, rl_bms(evidence, families)$families)
  expect_output(print(x), "plain")
  expect_error(rl_compare(fits, families = list(a = "rw")), class = "rescorla_error_input")
})

test_that("MAP fits have evidence and a selection too", {
  rw <- fit_of("rw", "map")
  asymmetric <- fit_of("rw_asymmetric", "map")
  x <- rl_compare(rw, asymmetric)
  evidence <- cbind(rw = rw$log_evidence, asymmetric = asymmetric$log_evidence)
  expect_equal(x$models$log_evidence, unname(colSums(evidence)))
  expect_equal(x$subjects$log_evidence, as.vector(t(evidence)))
  expect_equal(x$bms, rl_bms(evidence))
  expect_snapshot(x)

  expect_identical(x$evidence, "laplace")

  # -BIC/2 stands in where not all have one, or where it is asked for.
  plain <- rl_compare(rw, mle = fit_of("rw"))
  approximate <- sapply(list(rw = rw, mle = fit_of("rw")), \(fit) {
    fit$loglik - length(fit$parameters) * log(fit$nobs) / 2
  })
  expect_equal(plain$bms, rl_bms(approximate))
  expect_identical(plain$evidence, "bic")
  expect_null(plain$models$log_evidence)
  by_bic <- rl_compare(rw, asymmetric, evidence = "bic")
  expect_equal(by_bic$bms, rl_bms(-matrix(by_bic$subjects$bic, 6, byrow = TRUE,
    dimnames = list(names(rw$loglik), c("rw", "asymmetric"))) / 2))
  expect_equal(by_bic$models$log_evidence, x$models$log_evidence)
  expect_equal(x$models$aic[1], plain$models$aic[1])

  families <- factor(c("one", "two"))
  expect_equal(rl_compare(rw, asymmetric, families = families)$bms$families$family, c("one", "two"))

  lost <- rw
  lost$log_evidence["s3"] <- NA
  y <- rl_compare(rw = lost, asymmetric)
  expect_identical(y$no_evidence, "s3")
  expect_equal(y$bms, rl_bms(evidence[rownames(evidence) != "s3", ]))
  expect_equal(y$models$log_evidence, unname(colSums(evidence[rownames(evidence) != "s3", ])))
  expect_output(print(y), "Without a log evidence: s3")
})

test_that("subjects without evidence are left out of all", {
  rw <- em_of("rw")
  rw$group$log_evidence["s3"] <- -Inf
  x <- rl_compare(rw, other = em_of("rw_asymmetric"))
  kept <- setdiff(names(rw$group$log_evidence), "s3")
  expect_identical(as.character(x$left_out), "s3")
  expect_equal(x$models$loglik[2], sum(em_of("rw_asymmetric")$group$log_evidence[kept]))
  n <- sum(rw$nobs[kept])
  expect_equal(x$nobs, n)
  expect_equal(x$models$ibic, -2 * x$models$loglik + c(5, 9) * log(n))
  expect_equal(x$bms$n_subjects, 5)
  expect_output(print(x), "Left out, not fitted by all: s3")
})

test_that("fits whose units are blocks compare with those whose units are subjects", {
  fits <- list(plain = em_of("rw"), slope = em_of("rw", formula = beta ~ block))
  expect_length(fits$slope$nobs, 12)
  x <- rl_compare(fits)
  expect_equal(x$models$ibic, c(BIC(fits$plain), BIC(fits$slope)))
  expect_equal(x$models$loglik[2], sum(fits$slope$group$log_evidence))
  expect_identical(rl_compare(rev(fits))$models$ibic, rev(x$models$ibic))

  other <- fit_frame()
  other$choice[215] <- 3 - other$choice[215]
  b <- suppressWarnings(rl_fit("rw", rl_data(other, block = "block"), method = "em", starts = 2,
    seed = 1, formula = beta ~ block))
  expect_error(rl_compare(fits$slope, b), "choice.* differs", class = "rescorla_error_input")
  expect_error(rl_compare(fits$plain, b), "choice.* differs", class = "rescorla_error_input")
})

test_that("shared parameters count once", {
  data <- rl_data(fit_frame(), block = "block")
  shared <- suppressWarnings(rl_fit("rw", data, formula = beta ~ 1, starts = 5, seed = 1))
  own <- fit_of("rw")
  x <- rl_compare(shared, own)
  m <- x$models
  expect_identical(x$type, "total")
  expect_equal(m$df, c(7, 12))
  expect_equal(m$loglik, c(sum(shared$loglik), sum(own$loglik)))
  expect_equal(m$aic, c(AIC(shared), AIC(own)))
  expect_equal(m$bic, c(BIC(shared), BIC(own)))
  expect_equal(m$weight_bic, exp(-m$delta_bic / 2) / sum(exp(-m$delta_bic / 2)))
  expect_snapshot(x)

  y <- rl_compare(shared, without_subject(own, "s3"))
  expect_equal(y$models$df, c(6, 10))
  expect_equal(y$models$loglik[1], sum(shared$loglik) - shared$loglik[["s3"]])
})

test_that("full Bayes fits compare by leaving out", {
  skip_if_not_installed("loo")
  skip_if_not_installed("posterior")
  fits <- list(rw = nuts_of("rw"), asymmetric = nuts_of("rw_asymmetric"))
  for (unit in c("subject", "trial", "block")) {
    x <- compare_nuts_of(unit)
    m <- as.data.frame(x)
    loos <- suppressWarnings(lapply(fits, loo, unit = unit))
    estimate <- \(row, column) {
      vapply(loos, \(x) x$estimates[row, column], 0, USE.NAMES = FALSE)
    }
    expect_identical(m$model, names(fits))
    expect_equal(m$elpd_loo, estimate("elpd_loo", "Estimate"))
    expect_equal(m$se, estimate("elpd_loo", "SE"))
    expect_equal(m$p_loo, estimate("p_loo", "Estimate"))
    expect_equal(m$looic, -2 * m$elpd_loo)
    expect_equal(m$waic, vapply(fits, \(fit) {
      suppressWarnings(waic(fit, unit = unit))$estimates["waic", "Estimate"]
    }, 0, USE.NAMES = FALSE))
    pointwise <- sapply(loos, \(x) x$pointwise[, "elpd_loo"])
    difference <- pointwise[, which.min(m$elpd_loo)] - pointwise[, which.max(m$elpd_loo)]
    expect_equal(min(m$delta_elpd), sum(difference))
    expect_equal(max(m$delta_elpd), 0)
    expect_equal(max(m$delta_se), sqrt(length(difference)) * stats::sd(difference))
    # First trials have the same likelihood in all draws: exact, whatever loo says of them.
    k <- mapply(\(x, fit) {
      same <- apply(log_lik(fit, unit), 2, \(v) diff(range(v)) < 1e-9)
      replace(loo::pareto_k_values(x), same, 0)
    }, loos, fits)
    expect_true(all(is.finite(loo::pareto_k_values(loos$rw))))
    expect_equal(m$k_high, unname(colSums(k > 0.7)))
    expect_equal(unname(rowSums(x$pareto_k)), rep(nrow(k), 2))
    expect_null(x$bms)
    waics <- suppressWarnings(lapply(fits, waic, unit = unit))
    pointwise_waic <- sapply(waics, \(x) x$pointwise[, "elpd_waic"])
    expect_equal(m$p_waic, vapply(waics, \(x) x$estimates["p_waic", "Estimate"], 0,
      USE.NAMES = FALSE))
    expect_equal(m$delta_waic, unname(colSums(pointwise_waic) - max(colSums(pointwise_waic))))
    u <- x$units
    # Every unit is one of its subject's.
    s <- x$subjects
    expect_equal(s$elpd_loo[s$model == "asymmetric" & s$subject == "s4"],
      sum(u$elpd_loo[u$model == "asymmetric" & u$subject == "s4"]))
    expect_equal(s$n[s$subject == "s4"], rep(c(subject = 1, trial = 100, block = 2)[[unit]], 2))
    expect_equal(s$n[s$subject == "s6"], rep(c(subject = 1, trial = 99, block = 2)[[unit]], 2))
    if (unit == "block") {
      expect_equal(u$subject, rep(rep(paste0("s", 6:1), each = 2), 2))
      expect_equal(u$unit[1:3], c("s6:1", "s6:2", "s5:1"))
    }
    # By trial in the order of the data, s6 first, without the two that were missed.
    expect_equal(nrow(u), 2 * c(subject = 6, trial = 598, block = 12)[[unit]])
    expect_equal(sum(u$elpd_loo[u$model == "rw"]), m$elpd_loo[1])
  }
  expect_snapshot(compare_nuts_of("subject"), transform = without_numbers)
})

test_that("trials are paired whatever the order of the data's rows", {
  skip_if_not_installed("loo")
  skip_if_not_installed("posterior")
  frame <- fit_frame()
  # Subjects alternate: the order within each, and that of the subjects, stay.
  mixed <- rl_data(frame[order(frame$block, frame$trial), ], block = "block")
  skip_if(!identical(as.character(mixed$subjects), c("s6", "s5", "s4", "s3", "s2", "s1")))
  a <- nuts_of("rw")
  b <- suppressWarnings(rl_fit("rw", mixed, method = "nuts", chains = 2, warmup = 200, draws = 150,
    seed = 1))
  x <- suppressWarnings(rl_compare(a, b, unit = "trial"))
  expect_equal(x$units$unit[x$units$model == "a"], x$units$unit[x$units$model == "b"])
  expect_lt(abs(x$models$elpd_loo[1] - x$models$elpd_loo[2]), 1)
  # Mispaired trials would differ by as much as trials do.
  expect_lt(max(x$models$delta_se), 1)
})

test_that("unreliable leave-one-out estimates are warned of", {
  skip_if_not_installed("loo")
  expect_warning(warn_pareto(c(rw = 2L, other = 0L), 6, "block", rlang::current_env()),
    "2 of 6 in rw", class = "rescorla_warning_convergence")
  expect_no_warning(warn_pareto(c(rw = 0L), 6, "block", rlang::current_env()))
})

test_that("what cannot be compared is said", {
  skip_if_not_installed("loo")
  skip_if_not_installed("posterior")
  mle <- fit_of("rw")
  em <- em_of("rw")
  nuts <- nuts_of("rw")
  shared <- suppressWarnings(rl_fit("rw", rl_data(fit_frame(), block = "block"), formula = beta ~ 1,
    starts = 5, seed = 1))
  expect_snapshot(error = TRUE, {
    rl_compare(mle, em)
    rl_compare(em, nuts)
    rl_compare(fit_of("rw", "map"), nuts)
    rl_compare(em, other = em, unit = "trial")
    rl_compare(shared, mle, families = list(a = "mle", b = "shared"))
    rl_compare(mle, em, evidence = "laplace")
    rl_compare(mle, other = mle, evidence = "laplace")
    rl_compare(em, other = em, folds = 3)
    rl_compare(em, other = em, criterion = "bic")
    rl_compare(mle, other = mle, criterion = "evidence")
    rl_compare(nuts, other = nuts, families = list(a = "nuts", b = "other"))
    rl_compare(nuts, other = nuts, unit = "day")
  })
  expect_error(rl_compare(mle, em), class = "rescorla_error_input")
  expect_error(rl_compare(em, other = em, unit = "trial"), class = "rescorla_error_input")
  expect_error(rl_compare(nuts, other = nuts, families = list(a = "nuts", b = "other")),
    class = "rescorla_error_input")
  frame <- fit_frame()[c("subject", "choice", "outcome")]
  whole <- suppressWarnings(rl_fit("rw", rl_data(frame), method = "nuts", chains = 2,
    warmup = 50, draws = 50, seed = 1))
  expect_error(rl_compare(nuts, whole, unit = "block"), "not about the same",
    class = "rescorla_error_input")
  expect_s3_class(suppressWarnings(rl_compare(nuts, whole)), "rl_compare")
})

test_that("comparisons of hierarchical fits have pictures", {
  skip_if_not_installed("ggplot2")
  skip_if_not_installed("loo")
  skip_if_not_installed("posterior")
  built <- function(plot) {
    expect_s3_class(plot, "ggplot")
    ggplot2::ggplot_build(plot)
  }
  x <- rl_compare(rw = em_of("rw"), asymmetric = em_of("rw_asymmetric"))
  total <- plot(x)
  built(total)
  expect_equal(total$data$value, c(x$models$delta_ibic, x$models$weight))
  subjects <- plot(x, "subjects")
  built(subjects)
  expect_equal(nrow(subjects$data), 12)
  bms <- plot(x, "bms")
  built(bms)
  expect_equal(bms$data$value, x$bms$models$frequency)
  points <- Filter(\(layer) inherits(layer$geom, "GeomPoint"), bms$layers)[[1]]$data
  expect_equal(points$value, c(x$bms$models$exceedance, x$bms$models$protected_exceedance))

  y <- compare_nuts_of("subject")
  built(plot(y))
  expect_equal(plot(y)$data$delta_elpd, y$models$delta_elpd)
  expect_error(plot(y, "bms"), class = "rescorla_error_input")
  expect_error(plot(y, "subjects"), class = "rescorla_error_input")

  # Totals only, where subjects share parameters.
  shared <- suppressWarnings(rl_fit("rw", rl_data(fit_frame(), block = "block"), formula = beta ~ 1,
    starts = 5, seed = 1))
  z <- rl_compare(shared, own = fit_of("rw"))
  built(plot(z))
  for (type in c("bms", "winners", "differences", "subjects")) {
    expect_error(plot(z, type), class = "rescorla_error_input")
  }
  expect_error(summary(z), class = "rescorla_error_input")
})
