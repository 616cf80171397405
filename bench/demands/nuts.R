# Full Bayes against Stan: the same model, priors and data.

nuts_fit <- function(model, data, threads) {
  rl_fit(model, data, method = "nuts", prior = hbayesdm_priors(), centred = "auto", seed = 1,
    threads = threads)
}

# Smallest bulk ESS over group and subjects.
nuts_ess <- function(fit) {
  table <- posterior::summarise_draws(as_draws_array(fit), "ess_bulk")
  min(table$ess_bulk, na.rm = TRUE)
}

# The largest difference of the group's posterior means, and of the ends of its 90% intervals, in
# Monte-Carlo errors of the two together.
nuts_agreement <- function(fit, stan, model) {
  ours <- posterior::summarise_draws(as_draws_array(fit, subjects = FALSE), "mean", "sd",
    "mcse_mean", ~ posterior::quantile2(.x, c(0.05, 0.95)),
    ~ c(mcse_q5 = posterior::mcse_quantile(.x, 0.05), mcse_q95 = posterior::mcse_quantile(.x, 0.95)))
  ours <- as.data.frame(ours)
  names <- fit$parameters
  sigma <- match(paste0("sigma[", seq_along(names), "]"), stan$group$variable)
  theirs <- stan$group[c(match(paste0("mu_", names), stan$group$variable), sigma), ]
  own <- ours[match(c(names, paste0("sd_", names)), ours$variable), ]
  z <- (own$mean - theirs$mean) / sqrt(own$mcse_mean^2 + theirs$mcse_mean^2)
  # Stan's quantiles have about the error of ours, at equal ESS.
  width <- abs(own$q95 - own$q5 - theirs$q95 + theirs$q5) / theirs$sd
  list(z = max(abs(z)), width = max(width))
}

demand_nuts <- function(set, examples, compiled, threads) {
  model <- stan_sets[[set]]
  task <- c(bandit2arm_delta = "bandit2arm", prl_rp = "prl", bandit4arm_4par = "bandit4arm")[[model]]
  frame <- stan_data_set(set, examples)
  data <- suppressMessages(suppressWarnings(rl_data(frame, task = task)))
  fit <- NULL
  seconds <- median_seconds(function() fit <<- nuts_fit(model, data, threads), 3)
  ess <- nuts_ess(fit)
  what <- paste0(set, ", ", length(data$subjects), " subjects")
  if (is.character(compiled) || is.null(compiled)) {
    return(rbind(
      not_run("NUTS", paste0(what, ": ESS per second over Stan's"), ">= 30",
        if (is.null(compiled)) "without Stan" else compiled),
      bench_row("NUTS", paste0(what, ": seconds, ESS"), seconds_text(seconds), sprintf("ESS %.0f", ess),
        ess / seconds, "", NA, "ratio: ESS per second")
    ))
  }
  stan <- stan_sample(compiled, frame, threads)
  same <- nuts_agreement(fit, stan, model)
  check <- sprintf("group means differ by at most %.1f Monte-Carlo errors, widths of 90%% intervals by %.2f sd",
    same$z, same$width)
  good <- same$z < 4 && same$width < 0.25
  rbind(
    bench_row("NUTS", paste0(what, ": ESS per second over Stan's"),
      sprintf("%.0f in %s", ess, seconds_text(seconds)),
      sprintf("%.0f in %s", stan$min_bulk_ess, seconds_text(stan$sample_wall_s)),
      (ess / seconds) / (stan$min_bulk_ess / stan$sample_wall_s), ">= 30", good, check),
    bench_row("NUTS", paste0(what, ": time to the posterior, compilation included"),
      seconds_text(seconds), seconds_text(stan$compile_s + stan$sample_wall_s),
      (stan$compile_s + stan$sample_wall_s) / seconds, ">= 100", NA,
      sprintf("Stan compiles for %s; gradients %s", seconds_text(stan$compile_s),
        format(stan$n_gradients, big.mark = ",")))
  )
}

# Many subjects: chains that mix, memory that stays bounded.
demand_large <- function(threads, subjects = 10000L) {
  set.seed(3)
  parameters <- data.frame(subject = seq_len(subjects), alpha = stats::plogis(-0.5 + 0.8 * rnorm(subjects)),
    beta = exp(1 + 0.4 * rnorm(subjects)))
  sim <- simulate(rl_model("rw"), seed = 1, parameters = parameters,
    task = task_bandit(c(0.3, 0.7), trials = 100))
  data <- suppressWarnings(rl_data(sim))
  fit <- NULL
  seconds <- system.time(fit <- rl_fit("rw", data, method = "nuts", warmup = 300, draws = 400,
    keep = "group", seed = 1, threads = threads))[["elapsed"]]
  group <- summary(fit)$group
  truth <- c(alpha = stats::plogis(-0.5), beta = exp(1), sd_alpha = 0.8, sd_beta = 0.4)
  own <- group[match(names(truth), group$parameter), ]
  off <- max(abs(own$mean - truth) / own$sd)
  memory <- if (file.exists("/proc/self/status")) {
    sub("[^0-9]*([0-9]+).*", "\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))
  }
  bench_row("NUTS", "10,000 subjects x 100 trials, 4 x (300 + 400), keep = \"group\": largest R-hat",
    seconds_text(seconds), sprintf("peak %.1f GB", as.numeric(memory) / 1e6), fit$diagnostics$rhat,
    "< 1.01", off < 4,
    sprintf("ESS %.0f, group within %.1f posterior standard deviations of the truth",
      fit$diagnostics$ess, off))
}
