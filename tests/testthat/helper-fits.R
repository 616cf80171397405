# Data of a few subjects and fits to them, made once for all test files.
fits_made <- new.env()

once <- function(name, expr) {
  if (is.null(fits_made[[name]])) assign(name, expr, envir = fits_made)
  fits_made[[name]]
}

# Six subjects, two blocks of 50 trials, some missed.
fit_frame <- function() {
  once("frame", {
    parameters <- data.frame(
      subject = c("s6", "s5", "s4", "s3", "s2", "s1"),
      alpha = c(0.2, 0.3, 0.4, 0.5, 0.35, 0.25), beta = c(3, 4, 2.5, 3.5, 5, 2)
    )
    frame <- simulate(rl_model("rw"), seed = 4, parameters = parameters,
      task = task_bandit(c(0.3, 0.7), trials = 50, blocks = 2))
    frame$choice[c(3, 120)] <- NA
    frame$outcome[c(3, 120)] <- NA
    frame
  })
}

fit_of <- function(model, method = "mle") {
  once(paste(model, method), {
    suppressWarnings(rl_fit(model, rl_data(fit_frame()), method = method, starts = 5, seed = 1))
  })
}

# As if the fit of a subject had failed.
without_subject <- function(fit, subject) {
  fit$estimates[subject, ] <- NA
  fit$std_error[subject, ] <- NA
  fit$loglik[subject] <- NA
  fit$converged[subject] <- FALSE
  fit$status[subject] <- "failed"
  fit$message[subject] <- "the log-likelihood was not finite at any starting point"
  fit$outcome[match(subject, rownames(fit$estimates))] <- 3L
  if (!is.null(fit$log_evidence)) fit$log_evidence[subject] <- NA
  fit
}
