# Demand 5: simulate() with all outputs against NumPy, JAX and vectorised R, on the same cores as
# each.

demand_simulate <- function(inputs, numpy, jax) {
  loop_measure <- "simulate(), all outputs: NumPy loop"
  vectorised_measure <- "simulate(), all outputs: NumPy vectorised"
  if (is_absent(numpy)) {
    numpy_rows <- rbind(
      not_run(5, loop_measure, ">= 500", reason(numpy)),
      not_run(5, vectorised_measure, ">= 4", reason(numpy))
    )
  } else {
    few <- numpy$loop$subjects_run
    loop_measure <- sprintf("%s (%d subjects, scaled linearly)", loop_measure, few)
    numpy_rows <- rbind(
      simulate_row(inputs, loop_measure, numpy$loop, few, 1, ">= 500"),
      simulate_row(inputs, vectorised_measure, numpy$vectorised, inputs$subjects, 1, ">= 4")
    )
  }
  jax_rows <- lapply(names(jax), function(cores) {
    run <- jax[[cores]]
    forms <- c("idiomatic", "tuned")
    rows <- lapply(forms, function(form) {
      measure <- sprintf("simulate(), all outputs: JAX %s, %s core(s)", form, cores)
      if (is_absent(run)) return(not_run(5, measure, ">= 10", reason(run)))
      peer <- run$simulate[[form]]
      simulate_row(inputs, measure, peer, inputs$subjects, as.integer(cores), ">= 10")
    })
    do.call(rbind, rows)
  })
  plain <- list()
  seconds <- median_seconds(function() {
    plain <<- simulate_vectorised(inputs$parameters, inputs$reward_probability, inputs$trials)
  }, 3)
  plain_peer <- list(seconds = seconds, reward = mean(plain$outcome),
                     frequency = tabulate(plain$choice, inputs$actions) / length(plain$choice))
  plain_row <- simulate_row(inputs, "simulate(), all outputs: plain R vectorised", plain_peer,
                            inputs$subjects, 1, "")
  do.call(rbind, c(list(numpy_rows), jax_rows, list(plain_row, outputs_row(inputs))))
}

# One peer's seconds and its choice frequencies against ours, drawn from the same parameters.
# Agreement is asked within five standard errors of a difference of two means over subjects.
simulate_row <- function(inputs, measure, peer, peer_subjects, cores, demanded) {
  attempt(5, measure, demanded, {
    drawn <- NULL
    seconds <- with_threads(cores, median_seconds(function() {
      drawn <<- package_simulate(inputs, "arrays")
    }))
    ours <- tabulate(drawn$choice, inputs$actions) / length(drawn$choice)
    by_subject <- vapply(seq_len(inputs$actions), function(a) {
      stats::var(rowMeans(inputs$choice == a))
    }, 0)
    error <- sqrt(by_subject * (1 / inputs$subjects + 1 / peer_subjects))
    difference <- abs(ours - peer$frequency)
    bench_row(
      5, measure, seconds_text(seconds), seconds_text(peer$seconds), peer$seconds / seconds,
      demanded, all(difference < 5 * error),
      sprintf("choice frequencies differ by at most %.4f", max(difference))
    )
  })
}

# The arrays must be those of the model: softmax of the values, an outcome of 0 or 1 behind every
# prediction error, and the next trial's values by the update rule.
outputs_row <- function(inputs) {
  attempt(5, "simulate(): the arrays obey the model", "<= 1e-12", {
    drawn <- package_simulate(inputs, "arrays")
    parameters <- inputs$parameters
    everyone <- seq_len(inputs$subjects)
    worst <- 0
    for (t in seq_len(inputs$trials)) {
      value <- drawn$value[, , t]
      at <- cbind(everyone, drawn$choice[, t])
      error <- drawn$prediction_error[, t]
      outcome <- error + value[at]
      worst <- max(
        worst, abs(drawn$probability[, , t] - softmax_rows(parameters[, 3] * value)),
        abs(outcome - round(outcome)), abs(outcome - 0.5) - 0.5
      )
      value[at] <- value[at] + ifelse(error > 0, parameters[, 1], parameters[, 2]) * error
      if (t < inputs$trials) worst <- max(worst, abs(drawn$value[, , t + 1] - value))
    }
    measure <- "simulate(): largest departure of the arrays from the model"
    bench_row(5, measure, "", "", worst, "<= 1e-12", check = "checked in plain R")
  })
}
