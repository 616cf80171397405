# Maximum likelihood by subject: the search, its flags, and what a fit must not depend on.

# The best value that a dense grid, and optim() from its best points, can find. The grid runs to the
# ends of the ranges; inverse temperatures are spaced by their logarithm.
brute_force <- function(model, one) {
  rate <- seq(0, 1, length.out = if (model == "rw") 41 else 11)
  beta <- c(0, exp(seq(log(0.05), log(100), length.out = if (model == "rw") 80 else 30)))
  grid <- if (model == "rw") expand.grid(alpha = rate, beta = beta) else
    expand.grid(alpha_pos = rate, alpha_neg = rate, beta = beta)
  value <- if (model == "rw") grid_loglik(one, grid$alpha, grid$alpha, grid$beta) else
    grid_loglik(one, grid$alpha_pos, grid$alpha_neg, grid$beta)
  f <- function(x) {
    if (model == "rw") grid_loglik(one, x[1], x[1], x[2]) else grid_loglik(one, x[1], x[2], x[3])
  }
  far <- order(value, decreasing = TRUE)
  from <- far[c(1, 100)]
  top <- max(value)
  for (i in from) {
    found <- stats::optim(unlist(grid[i, ]), f, method = "L-BFGS-B", lower = 0,
      upper = c(rep(1, ncol(grid) - 1), 100), control = list(fnscale = -1, factr = 10))
    top <- max(top, found$value)
  }
  top
}

for (model in c("rw", "rw_asymmetric")) {
  test_that(paste("no brute force finds a higher likelihood of", model), {
    frame <- rbind(
      reference_data(subjects = 2, trials = c(15, 30), seed = 11),
      transform(reference_data(subjects = 2, trials = c(25, 40), n_actions = 3, seed = 12),
        subject = paste0("three ", subject))
    )
    attr(frame, "n_actions") <- 3
    sim <- as.data.frame(simulated_subjects_of(model, 2, trials = 20, seed = 5))
    sim <- transform(sim, subject = paste("simulated", subject), block = paste0("b", block))
    frame <- rbind(frame, sim[names(frame)])
    frame$trial <- seq_len(nrow(frame))
    data <- as_task_data(frame)
    fit <- quiet_fit(model, data, seed = 1)
    subjects <- reference_split(frame)
    for (id in names(subjects)) {
      own <- as.list(fit$estimates[id, ])
      expect_equal(fit$loglik[[id]], reference_loglik(model, own, subjects[[id]])[[1]],
        tolerance = 1e-10)
      expect_gt(fit$loglik[[id]], brute_force(model, subjects[[id]]) - 1e-6)
    }
  })
}

test_that("at maxima inside the range the gradient is 0 and the errors are the Hessian's", {
  sim <- simulated_subjects_of("rw_asymmetric", 8, trials = 100)
  data <- rl_data(sim)
  fit <- quiet_fit("rw_asymmetric", data, seed = 1)
  alone <- rowSums(fit$at_bound | fit$flat) == 0
  inside <- which(alone & apply(fit$estimates[, 1:2], 1, \(a) all(a > 0.02 & a < 0.98)))
  expect_gte(length(inside), 3)
  expect_true(all(fit$status[inside] == "converged" & fit$converged[inside]))
  expect_true(all(fit$scaled_gradient < 1e-6))
  exact <- attr(rl_loglik("rw_asymmetric", data, fit$estimates, gradient = TRUE), "gradient")
  expect_lt(max(abs(exact[inside, ] * fit$std_error[inside, ])), 1e-6)
  expect_equal(exact[inside, ], fit$gradient[inside, ], tolerance = 1e-6, ignore_attr = TRUE)
  for (i in inside[1:3]) {
    x <- fit$estimates[i, ]
    one <- rl_data(sim[sim$subject == i, ])
    f <- function(p) rl_loglik("rw_asymmetric", one, stats::setNames(p, names(x)))[[1]]
    covariance <- solve(-numDeriv::hessian(f, x, method.args = list(d = 0.01)))
    expect_equal(fit$vcov[[i]], covariance, tolerance = 1e-4, ignore_attr = TRUE)
    expect_equal(fit$std_error[i, ], sqrt(diag(covariance)), tolerance = 1e-4, ignore_attr = TRUE)
  }
})

test_that("maxima at a bound are at it exactly, and flagged", {
  # Leaves what paid and repeats what did not: no inverse temperature above zero helps.
  set.seed(4)
  choice <- 1L
  outcome <- as.numeric(runif(30) < 0.5)
  for (t in 1:29) choice[t + 1] <- if (outcome[t] == 0) choice[t] else 3L - choice[t]
  frame <- rbind(
    data.frame(subject = "perverse", choice, outcome),
    # Never goes back to what failed once.
    data.frame(subject = "certain", choice = c(1, rep(2, 30)), outcome = c(0, rep(1, 30))),
    data.frame(subject = "first", choice = rep(1:2, c(20, 4)), outcome = 1)
  )
  data <- suppressWarnings(rl_data(frame))
  expect_warning(fit <- rl_fit("rw", data, seed = 1), class = "rescorla_warning_boundary")
  expect_equal(fit$estimates[["perverse", "beta"]], 0)
  expect_true(fit$at_bound[["perverse", "beta"]])
  expect_equal(fit$loglik[["perverse"]], 30 * log(0.5))
  expect_equal(fit$estimates[["certain", "alpha"]], 1)
  expect_equal(fit$estimates[["certain", "beta"]], 100)
  expect_true(all(fit$at_bound["certain", ]))
  expect_identical(as.vector(fit$at_bound), as.vector(fit$estimates) %in% c(0, 1, 100))
  expect_true(all(is.na(fit$std_error[fit$at_bound])))
  expect_true(all(is.na(fit$vcov$certain)))
  expect_identical(unname(fit$status), ifelse(unname(rowSums(fit$at_bound)) > 0, "boundary",
    "converged"))
  expect_match(fit$message[["certain"]], "alpha, beta at the edge of the range")
  expect_true(all(fit$converged))
})

test_that("parameters that the data cannot tell are flagged", {
  frame <- data.frame(subject = rep(c("one", "unpaid", "fine"), c(1, 6, 40)),
    choice = c(1, rep(1:2, 3), reference_data(1, c(40, 40), missing_choice = 0)$choice),
    outcome = c(1, rep(NA, 6), rep(c(1, 0, 1, 1, 0), 8)))
  fit <- suppressWarnings(rl_fit("rw", rl_data(frame), seed = 1))
  expect_true(all((fit$flat | fit$at_bound)[c("one", "unpaid"), ]))
  expect_true(all(fit$flat[c("one", "unpaid"), "alpha"]))
  expect_true(all(is.na(fit$std_error[c("one", "unpaid"), ])))
  expect_match(fit$message[["one"]], "alpha not identified by the data")
  expect_equal(fit$loglik[c("one", "unpaid")], c(one = log(0.5), unpaid = 6 * log(0.5)))
  expect_false(any(fit$flat["fine", ]))
  # No inverse temperature: nothing shows how the values move.
  flat <- suppressWarnings(rl_fit(rl_model("rw", beta = 0), rl_data(frame), seed = 1))
  expect_true(all(flat$flat))
  expect_true(all(flat$status == "flat"))
})

test_that("parameters are recovered", {
  set.seed(8)
  truth <- data.frame(alpha = runif(200, 0.15, 0.9), beta = exp(runif(200, log(1), log(7))))
  sim <- simulate(rl_model("rw"), seed = 8, parameters = truth,
    task = task_bandit(reversal(300), trials = 300))
  fit <- quiet_fit("rw", sim, seed = 1)
  expect_gt(cor(fit$estimates[, "alpha"], truth$alpha), 0.85)
  expect_gt(cor(log(pmax(fit$estimates[, "beta"], 0.1)), log(truth$beta)), 0.85)
  expect_lt(abs(median(fit$estimates[, "alpha"] - truth$alpha)), 0.05)
  # A maximum lies above the truth, by about half a parameter's worth each.
  gain <- fit$loglik - rl_loglik("rw", rl_data(sim), truth)
  expect_true(all(gain > -1e-8))
  expect_equal(mean(gain), 1, tolerance = 0.25)
})

test_that("errors cover the truth as often as they should", {
  truth <- c(alpha = 0.4, beta = 3)
  sim <- simulate(rl_model("rw"), seed = 9, subjects = 200, parameters = truth,
    task = task_bandit(reversal(300), trials = 300))
  fit <- quiet_fit("rw", sim, seed = 1)
  z <- (fit$estimates - rep(truth, each = 200)) / fit$std_error
  expect_true(all(abs(colMeans(abs(z) < 1.96, na.rm = TRUE) - 0.95) < 0.05))
})

test_that("results are the same for any threads, and nearly for any instruction set", {
  frame <- reference_data(subjects = 21, trials = c(30, 60), n_actions = 3)
  data <- as_task_data(frame)
  fit <- function(...) {
    x <- quiet_fit("rw_asymmetric", data, seed = 3, ...)
    x[c("estimates", "loglik", "std_error", "gradient", "at_bound", "flat", "status",
      "starts_agree")]
  }
  one <- fit(threads = 1)
  expect_identical(fit(threads = 2), one)
  expect_identical(fit(), one)
  for (level in machine_levels()) {
    withr::local_options(rescorla.isa = level)
    expect_equal(fit()$loglik, one$loglik, tolerance = 1e-8)
  }
  withr::with_seed(1, first <- quiet_fit("rw", data))
  withr::with_seed(1, again <- quiet_fit("rw", data))
  expect_identical(first$estimates, again$estimates)
  expect_identical(first$seed, again$seed)
})

test_that("a subject's fit does not depend on the others", {
  sim <- simulated_subjects_of("rw", 12, seed = 21)
  all <- quiet_fit("rw", sim, seed = 1)
  same <- function(fit, tolerance = 1e-8) {
    ids <- names(fit$loglik)
    expect_equal(fit$loglik, all$loglik[ids], tolerance = tolerance)
    inside <- ids[rowSums(all$at_bound[ids, , drop = FALSE]) == 0]
    expect_equal(fit$estimates[inside, ], all$estimates[inside, ], tolerance = 1e-7)
    expect_identical(fit$at_bound, all$at_bound[ids, , drop = FALSE])
  }
  roles <- attr(sim, "rescorla_roles")
  part <- function(ids) {
    x <- do.call(rbind, lapply(ids, function(i) sim[sim$subject == i, ]))
    attr(x, "rescorla_roles") <- roles
    x
  }
  same(quiet_fit("rw", part(12:1), seed = 1))
  for (ids in list(3, c(7, 2), c(1, 5, 9))) same(quiet_fit("rw", part(ids), seed = 1))
  shuffled <- part(c(5, 3, 8, 1, 12))
  same(quiet_fit("rw", shuffled, seed = 1))
})

test_that("unequal lengths and missed trials are fitted like each alone", {
  frame <- reference_data(subjects = 6, trials = c(12, 90), n_actions = 3, missing_choice = 0.2,
    missing_outcome = 0.2, forced = TRUE, seed = 31)
  data <- as_task_data(frame)
  fit <- quiet_fit("rw", data, seed = 1)
  scored <- tapply(!is.na(frame$choice) & !frame$forced, factor(frame$subject, data$subjects), sum)
  expect_equal(fit$nobs, c(scored), ignore_attr = TRUE)
  expect_equal(stats::nobs(fit), sum(scored))
  for (id in names(fit$loglik)) {
    own <- frame[frame$subject == id, ]
    attr(own, "n_actions") <- 3
    expect_equal(quiet_fit("rw", as_task_data(own), seed = 1)$loglik, fit$loglik[id],
      tolerance = 1e-8)
    expect_equal(fit$loglik[[id]],
      reference_loglik("rw", as.list(fit$estimates[id, ]), own)[[1]], tolerance = 1e-10)
  }
})

test_that("parameters can be freed and fixed", {
  data <- rl_data(simulated_subjects_of("rw", 5, seed = 41))
  free <- quiet_fit(rl_model("rw", q0 = real()), data, seed = 1)
  default <- quiet_fit("rw", data, seed = 1)
  fixed <- quiet_fit(rl_model("rw", beta = 3), data, seed = 1)
  expect_identical(free$parameters, c("alpha", "beta", "q0"))
  expect_identical(fixed$parameters, "alpha")
  expect_true(all(free$loglik > default$loglik - 1e-7))
  expect_true(all(fixed$loglik < default$loglik + 1e-7))
  for (i in 1:5) {
    f <- function(a) {
      rl_loglik("rw", data, data.frame(alpha = a, beta = 3))[[i]]
    }
    best <- stats::optimize(f, c(0, 1), maximum = TRUE, tol = 1e-10)
    expect_equal(fixed$loglik[[i]], best$objective, tolerance = 1e-8)
  }
  narrow <- quiet_fit(rl_model("rw", beta = bounded(0, 1.5)), data, seed = 1)
  expect_true(all(narrow$estimates[, "beta"] <= 1.5))
  expect_identical(narrow$at_bound[, "beta"], narrow$estimates[, "beta"] == 1.5)
})

test_that("a fit lives on in another R session", {
  sim <- simulated_subjects_of("rw_asymmetric", 4)
  fit <- quiet_fit("rw_asymmetric", sim, seed = 1)
  folder <- withr::local_tempdir()
  saveRDS(fit, file.path(folder, "fit.rds"))
  script <- file.path(folder, "script.R")
  writeLines(c(
    sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")),
    "suppressPackageStartupMessages(library(rescorla))",
    "arguments <- commandArgs(TRUE)",
    "fit <- readRDS(file.path(arguments, 'fit.rds'))",
    "again <- rl_loglik(fit$model, fit$data, coef(fit))",
    "anew <- suppressWarnings(rl_fit(fit$model, fit$data, seed = 1))",
    "saveRDS(list(coef(fit), again, coef(anew)), file.path(arguments, 'out.rds'))"
  ), script)
  status <- system2(file.path(R.home("bin"), "Rscript"),
    c("--vanilla", shQuote(script), shQuote(folder)), stdout = FALSE, stderr = FALSE)
  expect_identical(status, 0L)
  out <- readRDS(file.path(folder, "out.rds"))
  expect_identical(out[[1]], coef(fit))
  expect_equal(out[[2]], fit$loglik, tolerance = 1e-12)
  expect_identical(out[[3]], coef(fit))
})

test_that("arguments that cannot be are errors that say so", {
  data <- as_task_data(reference_data(subjects = 2))
  silent <- rl_model("silent", parameters = list(a = unit_interval()),
    state = list(v = scalar(0)), trial = {
      v <- v + a * (outcome - v)
    })
  expect_snapshot(error = TRUE, {
    rl_fit("rw", data, starts = 0)
    rl_fit("rw", data, starts = "many")
    rl_fit("rw", data, method = "mpa")
    rl_fit("rw", data, prior = list(alpha = prior_beta(2, 2)))
    rl_fit("rw", data, method = "map", prior = list(alhpa = prior_beta(2, 2)))
    rl_fit("rw", data, method = "map", prior = prior_beta(2, 2))
    rl_fit("rw", data, method = "map", prior = list(alpha = 2))
    rl_fit("rw", data, method = "map", prior = list(beta = prior_beta(2, 2)))
    rl_fit("rw", data, seed = "one")
    rl_fit("rw", data, threads = 0)
    rl_fit("rw", data, start_points = 5)
    rl_fit("rw", 1:3)
    rl_fit(3, data)
    rl_fit(rl_model("rw", alpha = 0.2, beta = 3), data)
    rl_fit(silent, data)
  })
  expect_error(rl_fit("rw", data, starts = -1), class = "rescorla_error_input")
  expect_error(rl_fit("rw", data, method = "em", chains = 2), class = "rescorla_error_input")
  expect_error(rl_fit("rw", data, prior = list()), class = "rescorla_error_input")
  expect_error(rl_fit(silent, data), class = "rescorla_error_model")
  expect_error(rl_fit(rl_model("rw", alpha = 0.2, beta = 3), data), class = "rescorla_error_model")
})
