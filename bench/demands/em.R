# Empirical Bayes on a simulated study: its time, and that it is linear in subjects.

em_study <- function(subjects, trials = 200L, seed = 1L) {
  set.seed(seed)
  age <- rnorm(subjects)
  parameters <- data.frame(
    subject = seq_len(subjects),
    alpha = stats::plogis(-0.5 + 0.4 * age + 0.6 * rnorm(subjects)),
    beta = exp(1 + 0.4 * rnorm(subjects))
  )
  sim <- simulate(rl_model("rw"), seed = seed, parameters = parameters,
    task = task_bandit(c(0.3, 0.7), trials = trials))
  sim$age <- age[match(sim$subject, parameters$subject)]
  suppressWarnings(rl_data(sim))
}

em_fit <- function(data, threads) {
  rl_fit("rw", data, method = "em", formula = list(alpha ~ age), seed = 1, threads = threads)
}

demand_em <- function(threads) {
  data <- em_study(500L)
  fit <- NULL
  seconds <- median_seconds(function() fit <<- em_fit(data, threads), 3)
  error <- sqrt(diag(vcov(fit)))
  off <- max(abs(fixef(fit) - c(-0.5, 0.4, 1)) / error)
  rows <- bench_row("EM", "500 subjects x 200 trials, alpha ~ age: seconds", seconds_text(seconds), "",
    seconds, "< 1", off < 4,
    sprintf("coefficients within %.1f standard errors of the truth", off))
  large <- em_study(5000L)
  more <- median_seconds(function() em_fit(large, threads), 1)
  rbind(rows, bench_row("EM", "5,000 subjects over 500, over 10", seconds_text(more),
    seconds_text(seconds), more / seconds / 10, "<= 1.2", NA, "linear in subjects would be 1"))
}

# Which curvature the Laplace approximation should take: that of the log posterior, by differences of
# its gradient, or the expected one, which comes with the gradient for nothing. Against importance
# sampling, on few trials, where it matters.
demand_curvature <- function(threads) {
  data <- em_study(500L, 60L)
  fit <- rl_fit("rw", data, method = "em", marginal = "is", seed = 1, threads = threads)
  group <- fit$group
  engine <- rescorla:::group_engine(fit$model, data, group$design, threads, NULL)
  z <- rescorla:::unit_parameters(engine, group$effects, group$shared)
  found <- rescorla:::evaluate_units(engine, z, 2L)
  precision <- solve(group$covariance)
  packed <- precision[upper.tri(precision, diag = TRUE)]
  expected <- vapply(seq_len(nrow(z)), function(s) {
    deviation <- z[s, ] - group$means[s, ]
    h <- rescorla:::unpack_row(found$information[s, ] + packed, ncol(z))
    found$value[s] - 0.5 * sum(deviation * (precision %*% deviation)) +
      0.5 * determinant(precision)$modulus - 0.5 * determinant(h)$modulus
  }, 0)
  error <- function(x) sqrt(mean((x - group$evidence$log_evidence)^2))
  observed <- error(group$laplace)
  bench_row("EM", "error of log evidence by subject (60 trials): expected curvature over differences",
    sprintf("%.3f", observed), sprintf("%.3f", error(expected)), error(expected) / observed, "", NA,
    "root mean squares against importance sampling, 500 subjects")
}
