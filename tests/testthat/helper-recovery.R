# Simulated data in plain R, and what a fit to them must find.

# `offers(n)` makes the columns of n trials, `draw(p, offers)` the responses of a subject with the
# parameters p: a list of columns, added to the offers. One subject for each row of `truth`.
simulated_frame <- function(truth, n, offers, draw, seed = 1) {
  withr::with_seed(seed, {
    pieces <- lapply(seq_len(nrow(truth)), function(i) {
      trials <- offers(n)
      made <- draw(as.list(truth[i, ]), trials)
      trials[names(made)] <- made
      cbind(subject = paste0("s", i), trials)
    })
  })
  do.call(rbind, pieces)
}

# A two-way response coded 0 and 1 with the logit x.
draw_logit <- function(x) as.numeric(stats::runif(length(x)) < stats::plogis(x))

# One of several with the weights in the rows of p.
draw_rows <- function(p) {
  p <- p / rowSums(p)
  below <- t(apply(p, 1, cumsum))
  1L + rowSums(stats::runif(nrow(p)) > below[, -ncol(p), drop = FALSE])
}

# The fit is at least as good as the truth, but no better than chance makes it (a likelihood ratio
# beyond 1 in 10,000), and within `width` of it, a number for each parameter.
expect_recovered <- function(id, frame, roles, truth, width, model = catalogue_test_model(id)) {
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), roles))))
  fit <- suppressWarnings(suppressMessages(rl_fit(model, data, method = "mle", seed = 1)))
  gain <- as.numeric(fit$loglik - rl_loglik(model, data, truth))
  expect_true(all(gain >= -1e-6), info = id)
  expect_true(all(2 * gain < stats::qchisq(1 - 1e-4, ncol(truth))), info = id)
  estimates <- as.matrix(coef(fit)[names(truth)])
  for (i in seq_len(nrow(truth))) {
    gap <- abs(estimates[i, ] - unlist(truth[i, ]))
    worst <- which.max(gap / width[names(truth)])
    expect(all(gap <= width[names(truth)]), sprintf("%s: %s of subject %d is %.4g, simulated %.4g",
      id, names(truth)[worst], i, estimates[i, worst], truth[[worst]][i]))
  }
  invisible(fit)
}

# --- one subject, and data whose feedback follows from the responses -------------------------------

# One subject with many blocks, so that a single set of parameters is estimated from all of them:
# each estimate lies within 3.5 standard errors of the truth, and the data say something about it
# (standard errors below `width`).
expect_recovery <- function(id, data, truth, width) {
  fit <- quiet_fit(catalogue_test_model(id), data, method = "mle", starts = 5, seed = 1)
  estimate <- unlist(coef(fit)[1, names(truth)])
  error <- sqrt(diag(vcov(fit)[[1]]))[names(truth)]
  truth <- unlist(truth)
  width <- rep_len(width, length(truth))
  shown <- paste0(id, ": ", paste(sprintf("%s %.3f (se %.3f, truth %.3g)", names(truth), estimate,
    error, truth), collapse = ", "))
  expect(isTRUE(all(abs(estimate - truth) < 3.5 * error)), shown)
  expect(isTRUE(all(error < width)), shown)
  invisible(fit)
}

# Choices drawn in plain R from an oracle, for tasks whose feedback no table of outcomes can give.
#
#   inputs    columns that are known beforehand, one value a trial
#   steps     what happens on a trial: list(response =, levels =, feedback = function(t, d)), where
#             `feedback` gives the columns that follow from the response, as a list
#   feedback  the names of those columns
#
# A level is drawn with the probability that the oracle gives to it on the trial.
simulate_by_oracle <- function(oracle, p, trials, inputs = list(), steps, feedback = "outcome") {
  made <- c(vapply(steps, `[[`, "", "response"), feedback)
  all <- c(inputs, stats::setNames(rep(list(rep(NA_real_, trials)), length(made)), made))
  for (t in seq_len(trials)) {
    for (step in steps) {
      log_p <- vapply(seq_len(step$levels), function(k) {
        all[[step$response]][t] <- k
        oracle(p, lapply(all, `[`, seq_len(t)))[t]
      }, 0)
      all[[step$response]][t] <- sample.int(step$levels, 1, prob = exp(log_p - max(log_p)))
      after <- if (!is.null(step$feedback)) step$feedback(t, all)
      for (name in names(after)) all[[name]][t] <- after[[name]]
    }
  }
  as.data.frame(all)
}

# Several such blocks, of one subject.
simulate_blocks <- function(blocks, simulate_one) {
  frames <- lapply(seq_len(blocks), function(b) cbind(subject = 1, block = b, simulate_one(b)))
  do.call(rbind, frames)
}
