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
