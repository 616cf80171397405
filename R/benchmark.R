# Timings of the compiled core, for bench/: nanoseconds for each subject and trial of
# rw_asymmetric, and for each exp and log.

kernel_benchmark <- function(actions = 2, subjects = 10000, trials = 100, isa = NULL,
                             order = c("value", "gradient", "information"), threads = 1,
                             repeats = 15) {
  order <- match(check_choice(order[1], c("value", "gradient", "information")),
    c("value", "gradient", "information")) - 1L
  old <- options(rescorla.isa = isa %||% getOption("rescorla.isa"))
  on.exit(options(old))
  bound <- benchmark_data(actions, subjects, trials)
  model <- catalogue_entry("rw_asymmetric")
  values <- matrix(c(0.3, 0.1, 3, 0.5), 1, dimnames = list(NULL, model$parameters$name))
  times <- cpp_time_kernel(bound$kernels, bound$packed, bound$bound, values, order, threads, repeats)
  stats::median(times) * 1e9 / (subjects * trials)
}

# Random choices and outcomes, packed; kept for the next call of the same size.
benchmark_data <- function(actions, subjects, trials) {
  key <- paste("benchmark", actions, subjects, trials)
  if (is.null(kernel_cache[[key]])) {
    n <- subjects * trials
    frame <- data.frame(
      subject = rep(seq_len(subjects), each = trials),
      choice = sample.int(actions, n, replace = TRUE),
      outcome = as.double(stats::runif(n) < 0.5)
    )
    kernel_cache[[key]] <- suppressWarnings(rl_data(frame, actions = seq_len(actions)))
  }
  bind_model(catalogue_entry("rw_asymmetric"), kernel_cache[[key]], active_level())
}

math_benchmark <- function(isa = NULL, repeats = 30) {
  old <- options(rescorla.isa = isa %||% getOption("rescorla.isa"))
  on.exit(options(old))
  cpp_time_math(active_level(), repeats)[c("exp", "log")]
}
