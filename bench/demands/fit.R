# Demand 7 and the fits of demand 9: maximum likelihood of every subject from five starts, against
# optim(method = "BFGS") on the compiled scalar likelihood.

fit_starts <- 5L
optim_subjects <- 300L

package_fit <- function(inputs, data, threads) {
  suppressWarnings(suppressMessages(rescorla::rl_fit(
    package_model(), data, method = "mle", starts = fit_starts, seed = 1, threads = threads
  )))
}

demand_fit <- function(inputs, scalar) {
  few <- first_subjects(inputs, optim_subjects)
  measure <- sprintf("%s fits: optim BFGS (%d subjects, scaled linearly), one core",
                     format(inputs$subjects * fit_starts, big.mark = ","), few$subjects)
  if (is_absent(scalar)) {
    rows <- not_run(7, measure, ">= 30", reason(scalar))
  } else {
    rows <- attempt(7, measure, ">= 30", {
      data <- package_data(inputs)
      fit <- NULL
      seconds <- median_seconds(function() fit <<- package_fit(inputs, data, 1L), 3)
      theirs <- fit_optim(scalar, few, optim_starts(fit_starts))
      scaled <- theirs$seconds * inputs$subjects / few$subjects
      gain <- fit$loglik[seq_len(few$subjects)] - theirs$loglik
      bench_row(
        7, measure, seconds_text(seconds), seconds_text(scaled), scaled / seconds, ">= 30",
        sum(gain) > -1e-6,
        sprintf("log-likelihood, ours minus optim: sum %.2g, worst %.1e", sum(gain), min(gain))
      )
    })
  }
  rbind(rows, attempt(9, "two threads over one, fits", ">= 1.8", {
    data <- package_data(inputs)
    one <- median_seconds(function() package_fit(inputs, data, 1L), 3)
    two <- median_seconds(function() package_fit(inputs, data, 2L), 3)
    same <- identical(
      package_fit(inputs, data, 1L)$loglik, package_fit(inputs, data, 2L)$loglik
    )
    bench_row(
      9, "two threads over one, fits", seconds_text(two), seconds_text(one), one / two, ">= 1.8",
      same, "log-likelihoods identical"
    )
  }))
}
