# Model recovery: normalisation against counts, choices against fits by hand, and the published
# matrices of Wilson and Collins.

confusion_task_small <- function() task_bandit(c(0.25, 0.75), trials = 60, blocks = 2)

small_confusion <- function() {
  once("small confusion", rl_confusion(c("rw", "rw_sticky", "rw_asymmetric"),
    confusion_task_small(), subjects = 15, nsim = 2, starts = 4, seed = 5))
}

test_that("matrices are what the counts say, and normalised", {
  x <- small_confusion()
  models <- c("rw", "rw_sticky", "rw_asymmetric")
  u <- x$units
  expect_equal(nrow(u), 3 * 2 * 15)
  expect_identical(dimnames(x$confusion), list(simulated = models, fitted = models))
  expect_identical(dimnames(x$inversion), dimnames(x$confusion))
  expect_identical(dimnames(x$counts), dimnames(x$confusion))

  # Nobody ties here: a plain table.
  expect_true(all(u$tied == 1))
  counts <- table(simulated = u$simulated, fitted = u$fitted)
  expect_equal(x$counts, unclass(counts), ignore_attr = "class")
  expect_equal(x$confusion, unclass(prop.table(counts, 1)), ignore_attr = "class")
  expect_equal(unname(rowSums(x$confusion)), rep(1, 3))
  expect_equal(x$inversion, unclass(prop.table(prop.table(counts, 1), 2)), ignore_attr = "class")
  expect_equal(unname(colSums(x$inversion)), rep(1, 3))
  expect_equal(x$runs, c(rw = 30, rw_sticky = 30, rw_asymmetric = 30))

  # The best has the highest score, and by how much.
  expect_identical(as.character(u$fitted), models[max.col(x$scores)])
  expect_equal(u$margin, apply(x$scores, 1, \(v) -diff(sort(v, decreasing = TRUE)[1:2])))
})

test_that("a prior over models weighs the inversion only", {
  prior <- c(rw_asymmetric = 1, rw = 2, rw_sticky = 5)
  x <- small_confusion()
  y <- rl_confusion(c("rw", "rw_sticky", "rw_asymmetric"), confusion_task_small(), subjects = 15,
    nsim = 2, starts = 4, seed = 5, model_prior = prior)
  expect_identical(y$confusion, x$confusion)
  p <- c(2, 5, 1) / 8
  by_hand <- sapply(1:3, \(j) p * x$confusion[, j] / sum(p * x$confusion[, j]))
  expect_equal(unname(y$inversion), unname(by_hand))
  expect_equal(y$model_prior, c(rw = 2, rw_sticky = 5, rw_asymmetric = 1) / 8)
  expect_output(print(y), "beforehand 0.25, 0.62, 0.12")
})

test_that("choices are those of fits to the same data by hand", {
  truth <- list(
    rw = data.frame(alpha = seq(0.1, 0.9, length.out = 12), beta = seq(6, 1, length.out = 12)),
    rw_sticky = data.frame(alpha = 0.4, beta = 2, kappa = seq(-2, 2, length.out = 12))
  )
  task <- confusion_task_small()
  of <- \(...) rl_confusion(c("rw", "rw_sticky"), task, subjects = 12, parameters = truth,
    starts = 4, seed = 9, ...)
  x <- of(criterion = "AIC")
  y <- of(criterion = "BIC", by = "group")
  z <- of(method = "map", criterion = "bms")
  for (m in 1:2) {
    seed <- rescorla:::job_seed(9, m)
    data <- rl_data(simulate(rl_model(names(truth)[m]), seed = seed, parameters = truth[[m]],
      task = task))
    fits <- lapply(names(truth), \(model) quiet_fit(model, data, starts = 4, seed = seed))
    maps <- lapply(names(truth), \(model) quiet_fit(model, data, method = "map", starts = 4,
      seed = seed))
    aic <- sapply(fits, \(fit) summary(fit)$subjects$aic)
    own <- x$units$simulated == names(truth)[m]
    expect_equal(unname(x$scores[own, ]), -aic)
    expect_identical(as.character(x$units$fitted[own]), names(truth)[apply(aic, 1, which.min)])
    bic <- colSums(sapply(fits, \(fit) summary(fit)$subjects$bic))
    expect_equal(unname(y$scores[m, ]), -bic)
    expect_identical(as.character(y$units$fitted[m]), names(truth)[which.min(bic)])
    evidence <- sapply(maps, \(fit) fit$log_evidence)
    colnames(evidence) <- names(truth)
    expect_equal(unname(z$scores[m, ]), rl_bms(evidence)$models$exceedance)
  }
  expect_equal(x$sources$rw[["alpha"]], "given")
  expect_identical(c(y$by, z$by), c("group", "group"))
  expect_equal(y$runs, c(rw = 1, rw_sticky = 1))
})

test_that("ties are shared, and failures do not count", {
  scores <- rbind(c(3, 1, 3), c(0, 0, 0), c(1, 5, 2), c(NA, 2, 1), c(2, 2 + 1e-9, 1))
  colnames(scores) <- c("a", "b", "c")
  choice <- rescorla:::choose_models(scores)
  expect_equal(choice$tied, c(2, 3, 1, NA, 2))
  expect_identical(choice$first, c("a", "a", "b", NA, "a"))
  expect_equal(choice$margin, c(0, 0, 3, NA, 1e-9))
  simulated <- factor(c("a", "a", "a", "a", "b"), c("a", "b", "c"))
  found <- rescorla:::confusion_counts(simulated, choice$share)
  expect_equal(unname(found$counts["a", ]), c(1 / 2 + 1 / 3, 1 / 3 + 1, 1 / 2 + 1 / 3))
  expect_equal(unname(found$counts["b", ]), c(1 / 2, 1 / 2, 0))
  expect_equal(found$runs, c(a = 3, b = 1, c = 0))
  confusion <- rescorla:::confusion_matrix(found$counts, found$runs)
  expect_equal(unname(rowSums(confusion)), c(1, 1, NA))

  # Two models that are one and the same tie on every subject.
  twice <- rl_confusion(list(first = "rw", second = rl_model("rw")), confusion_task_small(),
    subjects = 6, starts = 4, seed = 2)
  expect_equal(unname(twice$confusion), matrix(0.5, 2, 2))
  expect_equal(twice$ties, c(first = 6, second = 6))
  expect_output(print(twice), "Ties 12 (first 6 and second 6), failed 0", fixed = TRUE)
})

test_that("a model that is never chosen has no inversion", {
  counts <- cbind(c(4, 3), c(0, 0))
  confusion <- rescorla:::confusion_matrix(counts, c(4, 3))
  inversion <- rescorla:::invert_confusion(confusion, c(0.5, 0.5))
  expect_equal(inversion, cbind(c(0.5, 0.5), NA))
})

test_that("intervals are of the right width", {
  x <- small_confusion()
  cells <- as.data.frame(x)
  expect_equal(nrow(cells), 9)
  i <- which(cells$simulated == "rw" & cells$fitted == "rw_sticky")
  expect_equal(cells$confusion[i], x$confusion["rw", "rw_sticky"])
  expect_equal(cells$n[i], x$counts["rw", "rw_sticky"])
  exact <- suppressWarnings(prop.test(cells$n[i], 30, correct = FALSE))$conf.int
  expect_equal(c(cells$confusion_low[i], cells$confusion_high[i]), as.vector(exact))
  expect_true(all(cells$inversion_low <= cells$inversion & cells$inversion <= cells$inversion_high))
  expect_true(all(cells$inversion_low < cells$inversion_high))

  # With two models and uniform prior p(1 | 1) = c11 / (c11 + c21), by the delta method.
  y <- list(counts = matrix(c(800, 300, 200, 700), 2), runs = c(1000, 1000),
    model_prior = c(0.5, 0.5), level = 0.95, seed = 1, models = list(1, 2),
    inversion = matrix(c(8, 3, 2, 7) / c(11, 11, 9, 9), 2))
  limits <- rescorla:::inversion_limits(y)
  p <- c(0.8, 0.3)
  se <- sqrt(sum((c(p[2], -p[1]) / sum(p)^2)^2 * p * (1 - p) / 1000))
  expect_equal(c(limits$low[1], limits$high[1]), p[1] / sum(p) + c(-1, 1) * 1.96 * se,
    tolerance = 2e-3)

  wide <- tidy(x)
  expect_identical(names(wide), c("simulated", "fitted", "estimate", "conf.low", "conf.high"))
  expect_equal(tidy(x, "inversion")$estimate, as.vector(x$inversion))
})

test_that("the same seed gives the same, by cells and checkpoints too", {
  x <- small_confusion()
  folder <- withr::local_tempfile()
  again <- \(...) rl_confusion(c("rw", "rw_sticky", "rw_asymmetric"), confusion_task_small(),
    subjects = 15, nsim = 2, starts = 4, seed = 5, ...)
  y <- again(checkpoint = folder)
  kept <- setdiff(names(x), "call")
  expect_identical(y[kept], x[kept])
  unlink(list.files(folder, "job-00000[24]", full.names = TRUE))
  expect_identical(again(checkpoint = folder)[kept], x[kept])
  expect_error(again(checkpoint = folder, criterion = "aic"), class = "rescorla_error_input")
  withr::with_seed(1, a <- rl_confusion(c("rw", "rw_sticky"), confusion_task_small(), subjects = 3,
    starts = 2))
  withr::with_seed(1, b <- rl_confusion(c("rw", "rw_sticky"), confusion_task_small(), subjects = 3,
    starts = 2))
  expect_identical(a$scores, b$scores)
})

test_that("every criterion of every method chooses", {
  task <- task_bandit(c(0.25, 0.75), trials = 40, blocks = 2)
  of <- \(...) {
    rl_confusion(c("rw", "rw_sticky"), task, subjects = 10, starts = 2, seed = 3, ...)
  }
  for (criterion in c("bic", "evidence", "heldout", "bms")) {
    x <- of(method = "em", criterion = criterion)
    by <- if (criterion %in% c("bic", "bms")) "group" else "subject"
    expect_identical(x$by, by)
    expect_equal(nrow(x$units), if (by == "group") 2 else 20)
    expect_true(all(is.finite(x$scores)))
  }
  x <- of(method = "mle", criterion = "heldout", unit = "subject", folds = 2)
  expect_true(all(is.finite(x$scores)))
  skip_if_not_installed("loo")
  skip_if_not_installed("posterior")
  x <- suppressWarnings(of(method = "nuts", chains = 1, warmup = 60, draws = 60))
  expect_identical(x$criterion, "loo")
  expect_equal(nrow(x$units), 20)
  expect_true(all(is.finite(x$scores)))
})

test_that("Wilson and Collins' matrices come out again", {
  skip_on_cran()
  # Box 5 of Wilson & Collins (2019), 100 simulations of each model, 1,000 trials: inverse
  # temperatures drawn from 1 + Exp(1), and from Exp(1).
  published <- list(
    "1" = rbind(c(0.97, 0.03, 0, 0, 0), c(0.04, 0.96, 0, 0, 0), c(0.06, 0, 0.94, 0, 0),
      c(0.06, 0, 0.01, 0.93, 0), c(0.03, 0, 0.10, 0.15, 0.72)),
    "0" = rbind(c(1, 0, 0, 0, 0), c(0.01, 0.99, 0, 0, 0), c(0.34, 0.12, 0.54, 0, 0),
      c(0.35, 0.09, 0, 0.54, 0.01), c(0.14, 0.04, 0.26, 0.26, 0.30))
  )
  random <- rl_model(name = "random responding",
    parameters = list(bias = unit_interval("preference for the second")),
    state = list(unused = scalar(0)), trial = {
      choice ~ bernoulli(bias)
    })
  stay_shift <- rl_model(name = "noisy win-stay-lose-shift",
    parameters = list(epsilon = unit_interval("noise")),
    state = list(last = scalar(0), paid = scalar(0)), trial = {
      stay <- ifelse(last == 0, 0.5, ifelse(paid > 0, 1 - epsilon / 2, epsilon / 2))
      choice ~ bernoulli(ifelse(last == 2, stay, 1 - stay))
      last <- choice
      paid <- outcome
    })
  models <- list(random = random, stay_shift = stay_shift, rw = "rw",
    kernel = rl_model("rw_perseveration", alpha = 0.5, beta = 0), both = "rw_perseveration")
  subjects <- 60
  for (low in names(published)) {
    steep <- local({
      least <- as.numeric(low)
      \(n) least + rexp(n)
    })
    x <- rl_confusion(models, task_bandit(c(0.2, 0.8), trials = 1000), subjects = subjects,
      starts = 8, seed = 4, parameters = list(random = list(bias = c(0, 1)),
        stay_shift = list(epsilon = c(0, 1)), rw = list(alpha = c(0, 1), beta = steep),
        kernel = list(tau = c(0, 1), kappa = steep),
        both = list(alpha = c(0, 1), beta = steep, tau = c(0, 1), kappa = steep)))
    # Both are estimates: cells differ by at most four standard errors of their difference.
    pooled <- (published[[low]] * 100 + x$counts + 0.5) / (101 + subjects)
    error <- sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / subjects))
    expect_lt(max(abs(x$confusion - published[[low]]) / error), 4)
    expect_true(all(diag(x$confusion) >= if (low == "1") 0.6 else 0.15))
  }
})

test_that("model recovery prints on one screen, and mistakes are explained", {
  expect_snapshot(small_confusion())
  long <- small_confusion()
  names(long$models) <- paste0("a_rather_long_name_", 1:3)
  dimnames(long$confusion) <- dimnames(long$inversion) <- list(simulated = names(long$models),
    fitted = names(long$models))
  expect_lte(max(nchar(capture.output(print(long)))), 80)
  task <- confusion_task_small()
  expect_snapshot(error = TRUE, {
    rl_confusion("rw", task)
    rl_confusion(c("rw", "igt_orl", "change_point"), task)
    rl_confusion(c("rw", "rw_sticky"))
    rl_confusion(c("rw", "rw_sticky"), task, criterion = "loo")
    rl_confusion(c("rw", "rw_sticky"), task, method = "em", by = "subject")
    rl_confusion(c("rw", "rw_sticky"), task, unit = "block")
    rl_confusion(c("rw", "rw_sticky"), task, parameters = c(alpha = 1))
    rl_confusion(c("rw", "rw_sticky"), task, parameters = list(sticky = list(alpha = 1)))
    rl_confusion(c("rw", "rw_sticky"), task, parameters = list(rw = list(alpha = 2)))
    rl_confusion(c("rw", "rw_sticky"), task, model_prior = c(1, -1))
    rl_confusion(c("rw", "rw_sticky"), task, start = 3)
  })
})

test_that("matrices are drawn with their numbers", {
  skip_if_not_installed("ggplot2")
  x <- small_confusion()
  for (type in c("confusion", "inversion")) {
    plot <- plot(x, type)
    expect_s3_class(plot, "ggplot")
    ggplot2::ggplot_build(plot)
    expect_equal(plot$data$value, as.vector(x[[type]]))
    expect_equal(as.numeric(plot$data$text), round(as.vector(x[[type]]), 2), tolerance = 0.01)
  }
  expect_error(plot(x, "both"), class = "rescorla_error_input")
})

test_that("a model cannot be there twice", {
  task <- task_bandit(c(0.2, 0.8), 20)
  expect_error(rl_confusion(c("rw", "rw"), task, subjects = 4, seed = 1), "twice",
    class = "rescorla_error_input")
  expect_error(rl_confusion(list(a = "rw", a = "rw_lapse"), task, subjects = 4, seed = 1), "\"a\"",
    class = "rescorla_error_input")
})
