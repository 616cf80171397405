# Demand 6: rl_loglik(gradient = TRUE) against JAX's jit(vmap(value_and_grad)), the fastest of its
# forms, on the same inputs and the same number of cores; and, for information, against plain R
# loops.

demand_gradient <- function(inputs, jax) {
  rows <- lapply(names(jax), function(cores) {
    measure <- sprintf("log-likelihood and gradient: JAX, %s core(s)", cores)
    run <- jax[[cores]]
    if (is_absent(run)) return(not_run(6, measure, ">= 10", reason(run)))
    attempt(6, measure, ">= 10", {
      data <- package_data(inputs)
      ours <- NULL
      seconds <- with_threads(as.integer(cores), median_seconds(function() {
        ours <<- package_loglik(inputs, data, gradient = TRUE)
      }))
      theirs <- unlist(run$gradient_seconds)
      fastest <- which.min(theirs)
      difference <- max(
        relative_difference(ours, run$value),
        relative_difference(attr(ours, "gradient"), run$gradient)
      )
      bench_row(
        6, measure, seconds_text(seconds), seconds_text(theirs[[fastest]]),
        theirs[[fastest]] / seconds, ">= 10", difference < 1e-9,
        paste0(diff_text(difference), ", by subject; JAX form: ", names(theirs)[fastest])
      )
    })
  })
  do.call(rbind, c(rows, list(plain_loop_row(inputs))))
}

plain_loop_row <- function(inputs) {
  few <- first_subjects(inputs, 200)
  loglik_loop(few$parameters, few$choice, few$outcome, few$actions)
  theirs <- NULL
  seconds <- median_seconds(function() {
    theirs <<- loglik_loop(few$parameters, few$choice, few$outcome, few$actions)
  }, 3) * inputs$subjects / few$subjects
  measure <- sprintf("log-likelihood: plain R loop (%d subjects, scaled linearly)", few$subjects)
  attempt(6, measure, "", {
    data <- package_data(inputs)
    ours <- NULL
    own_seconds <- with_threads(1, median_seconds(function() ours <<- package_loglik(inputs, data)))
    difference <- relative_difference(ours[seq_len(few$subjects)], theirs)
    bench_row(
      6, measure, seconds_text(own_seconds), seconds_text(seconds), seconds / own_seconds, "",
      difference < 1e-9, diff_text(difference)
    )
  })
}
