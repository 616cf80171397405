# Parametric bootstrap of fits by subject: the fitted subjects play the task again and again, and are
# fitted again. Percentiles of what is found are the limits, for confint().

boot_limits <- function(fit, parm, rows, level, nsim, task, seed, threads, checkpoint, call) {
  nsim <- check_count(nsim, min = 20, arg = "nsim", call = call)
  if (is.null(task)) {
    rescorla_abort(c(
      "`method = \"boot\"` needs a `task` that the fitted subjects play anew.",
      i = "Outcomes of the data are those of the choices that were made; new choices need new ones.",
      i = "For example `task = task_bandit(c(0.3, 0.7), trials = 100)`, as long as the data are."
    ), "input", arg = "task", call = call)
  }
  check_class(task, "rl_task", "a task, such as `task_bandit(c(0.2, 0.8), trials = 100)`",
    call = call)
  seed <- resolve_seed(seed, call)
  limits <- confint_frame(fit, parm, rows, "boot")
  usable <- which(is_fitted(fit))
  if (length(usable) == 0L) return(limits)
  # Only what the simulation asks for: the data stay at home.
  fit$call <- fit$hessian <- fit$hessian_real <- fit$gradient <- NULL
  fit$data$cache <- new.env(parent = emptyenv())
  jobs <- lapply(seq_len(nsim), \(r) list(name = r, seed = job_seed(seed, r)))
  key <- if (!is.null(checkpoint)) list("boot", fit$model$program, fit$model$parameters, fit$estimates,
    fit$method, fit$prior, fit$starts, fit$seed, task, active_level())
  found <- run_jobs(jobs, boot_replicate, list(fit = fit, task = task, threads = threads),
    label = "replicates", checkpoint = checkpoint, key = key, call = call)
  all <- array(unlist(found), c(dim(fit$estimates), nsim), c(dimnames(fit$estimates), list(NULL)))
  cell <- cbind(match(as.character(limits$subject), rownames(fit$estimates)),
    match(limits$parameter, fit$parameters))
  drawn <- matrix(vapply(seq_len(nsim), \(r) matrix(all[, , r], nrow(fit$estimates))[cell],
    numeric(nrow(cell))), nrow(cell))
  tail <- (1 - level) / 2
  ends <- apply(drawn, 1L, stats::quantile, c(tail, 1 - tail), na.rm = TRUE, names = FALSE)
  range <- fit$model$parameters[match(limits$parameter, fit$model$parameters$name), ]
  known <- rowSums(is.finite(drawn)) > 0
  limits$lower <- ifelse(known, ends[1L, ], NA_real_)
  limits$upper <- ifelse(known, ends[2L, ], NA_real_)
  limits$lower_at_bound <- limits$lower <= range$lower
  limits$upper_at_bound <- limits$upper >= range$upper
  limits
}

# Estimates of one replicate, subjects x parameters; NA for who could not be simulated or fitted. On the
# CPU whatever the option says, as its fits are.
boot_replicate <- function(job, shared) {
  call <- rlang::current_env()
  fit <- shared$fit
  quiet <- function(expr) withCallingHandlers(expr,
    rescorla_warning = \(w) rlang::cnd_muffle(w), rescorla_message = \(m) rlang::cnd_muffle(m))
  data <- quiet(rl_data(stats::simulate(fit, seed = job$seed, task = shared$task,
    backend = "cpu")))
  found <- subject_maxima(fit$model, data, fit$prior, fit$starts, fit$seed, length(data$subjects),
    resolve_threads(shared$threads), function(...) NULL, call)
  stop_if_interrupted(found$complete, call)
  found$estimate[match(rownames(fit$estimates), as.character(data$subjects)), , drop = FALSE]
}
