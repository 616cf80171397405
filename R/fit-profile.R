# Profile limits of a fit's parameters, for confint(): a data frame with subject, parameter, lower,
# upper, lower_at_bound, upper_at_bound. At a bound the limit is the edge of the search.
profile_limits <- function(fit, parm, subjects, level, threads, call = rlang::caller_env()) {
  model <- fit$model
  bound <- bind_model(model, fit$data, active_level(), call = call)
  problem <- fit_problem(model, fit$prior, 1L)
  problem$candidates <- 1L
  estimates <- fit$estimates
  usable <- is.finite(fit$loglik)
  starts <- t(estimates)
  starts[!is.finite(starts)] <- rep((problem$search_lower + problem$search_upper) / 2,
    sum(!usable))
  # Only the subjects asked for are profiled: the others count as not fitted.
  wanted <- usable & names(fit$loglik) %in% as.character(subjects)
  top <- function(x) ifelse(wanted, x, NA_real_)
  optima <- list(
    estimate = estimates, gradient = fit$gradient, hessian = fit$hessian,
    hessian_real = fit$hessian_real, at_bound = fit$at_bound + 0, flat = fit$flat + 0,
    loglik = top(fit$loglik), log_posterior = if (!is.null(fit$prior)) top(fit$log_posterior)
  )
  drop <- stats::qchisq(level, 1) / 2
  which <- match(parm, fit$parameters) - 1L
  bar <- progress_bar(length(fit$loglik), "Profiling")
  result <- cpp_profile(bound$kernels, bound$packed, bound$bound, needs_every(model), problem,
    as.double(starts), fit_options(), optima, drop, which, threads, bar$tick)
  bar$done()
  stop_if_interrupted(result$complete, call)
  rows <- which(wanted)
  out <- do.call(rbind, lapply(which + 1L, function(j) {
    data.frame(
      subject = fit$data$subjects[rows], parameter = fit$parameters[j],
      lower = result$lower[rows, j], upper = result$upper[rows, j],
      lower_at_bound = result$lower_kind[rows, j] == 1L,
      upper_at_bound = result$upper_kind[rows, j] == 1L,
      stringsAsFactors = FALSE
    )
  }))
  out[order(match(out$subject, fit$data$subjects), match(out$parameter, parm)), ]
}
