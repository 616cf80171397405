# One maximum for each subject: the optimiser's problem from a model and data, and its results as a
# fit. The search itself is inst/include/rescorla/inference.

fit_subjects <- function(model, data, method, starts, prior, seed, threads, checkpoint, call) {
  found <- if (fit_in_parts(data, checkpoint)) {
    maxima_of_parts(model, data, prior, starts, seed, threads, checkpoint, call)
  } else {
    bar <- progress_bar(length(data$subjects), "Fitting {.val {model$name}}")
    result <- subject_maxima(model, data, prior, starts, seed, length(data$subjects),
      resolve_threads(threads), bar$tick, call)
    bar$done()
    result
  }
  fit <- new_fit(model, data, method, prior, seed, found, call)
  fit$starts <- starts
  fit
}

# What the optimiser finds, with each subject's number of scored responses. `count`: of the subjects
# of all the data that these may be a part of, on which the last bits depend (see bind_for_fit()).
subject_maxima <- function(model, data, prior, starts, seed, count, threads, tick, call) {
  problem <- fit_problem(model, prior, starts)
  points <- starting_points(model, starts, seed, problem)
  found <- if (active_backend() == "cpu") {
    bound <- bind_for_fit(model, data, starts, count, call)
    cpp_fit(bound$kernels, bound$packed, bound$bound, needs_every(model), problem, points,
      fit_options(), free_parameters(model), threads, tick)
  } else {
    bound <- on_device(bind_model(model, data, active_level(), call = call), model, "fit",
      active_backend(), call = call)
    cpp_device_fit(bound$kernels, bound$packed, bound$bound, needs_every(model), problem, points,
      fit_options(), free_parameters(model), count, tick)
  }
  found$nobs <- count_scored(model, data, found, threads, call)
  found
}

fit_options <- function() list(tolerance = 1e-6, search_tolerance = 3e-4, iterations = 200L)

# Few subjects fill the lanes with several starts each. How many lanes a subject has must not
# depend on the threads, since its results do (in the last bits) depend on it.
bind_for_fit <- function(model, data, starts, count, call) {
  level <- active_level()
  lanes <- cpp_kernel_lanes(model_kernels(model, level, call))
  copies <- lanes
  while (copies > 1 && (count * copies > 4 * lanes || copies > starts)) {
    copies <- copies %/% 2L
  }
  bind_model(model, data, level, replicates = copies, call = call)
}

link_codes <- c(identity = 0L, log = 1L, logit = 2L, probit = 3L, cubic = 4L)
prior_codes <- c(none = 0L, normal = 1L, beta = 2L, gamma = 3L, natural_normal = 4L, uniform = 5L)

fit_problem <- function(model, prior, starts) {
  table <- model$parameters
  free <- which(is.na(table$fixed))
  every <- needs_every(model)
  default <- if (is.null(model$id)) model$program$parameters else
    catalogue_entry(model$id)$parameters
  # The kernel's directions: all parameters, or those free by default.
  directions <- if (every) seq_len(nrow(table)) else which(is.na(default$fixed))
  lower <- table$lower[free]
  upper <- table$upper[free]
  kinds <- model$kinds[free]
  list(
    free = match(free, directions) - 1L,
    fixed = ifelse(is.na(table$fixed), 0, table$fixed),
    lower = lower,
    upper = upper,
    search_lower = pmax(lower, -1000),
    search_upper = pmin(upper, ifelse(is.finite(lower), pmax(100, lower + 100), 1000)),
    posterior = !is.null(prior),
    links = unname(link_codes[vapply(kinds, `[[`, "", "link")]),
    prior_kinds = unname(prior_codes[vapply(prior, `[[`, "", "kind")]),
    prior_a = vapply(prior, `[[`, 0, "a", USE.NAMES = FALSE),
    prior_b = vapply(prior, `[[`, 0, "b", USE.NAMES = FALSE),
    starts = as.integer(starts),
    candidates = 1L
  )
}

# The same points for every subject, spread evenly over where parameters are expected (a Halton
# sequence shifted by the seed): [start][parameter].
starting_points <- function(model, starts, seed, problem) {
  free <- free_parameters(model)
  n <- starts
  primes <- c(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
    89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191,
    193, 197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293,
    307, 311)
  points <- vapply(seq_along(free), function(j) {
    shift <- (seed * 0.6180339887498949 * j) %% 1
    u <- (radical_inverse(seq_len(n), primes[j]) + shift) %% 1
    start_quantile(pmin(pmax(u, 1e-6), 1 - 1e-6), model$kinds[[free[j]]], problem$search_lower[j],
      problem$search_upper[j])
  }, numeric(n))
  points <- matrix(points, ncol = length(free))
  if (starts >= 8) {
    corners <- corner_points(model$kinds[free], problem)
    points[seq_len(nrow(corners)), ] <- corners
  }
  as.vector(t(points))
}

# Narrow maxima that evenly spread points miss lie where slow learning meets steep choice: starts
# with all learning rates near 0, every other one slower still, and a large scale; and one with
# rates near 1 and a small scale.
corner_points <- function(kinds, problem) {
  low <- problem$search_lower
  width <- problem$search_upper - low
  scale <- vapply(kinds, is_scale, NA)
  rate <- vapply(kinds, function(k) k$kind %in% c("unit_interval", "bounded"), NA) & !scale
  odd <- (cumsum(rate) %% 2) == 1
  corner <- function(rate_odd, rate_even, steepness) {
    x <- low + width * ifelse(odd, rate_odd, rate_even)
    x[scale] <- (low + width * steepness)[scale]
    x[!rate & !scale] <- pmin(pmax(0, low), low + width)[!rate & !scale]
    x
  }
  rbind(corner(0.01, 0.01, 0.5), corner(0.004, 0.03, 0.7), corner(0.03, 0.004, 0.7),
    corner(0.9, 0.9, 0.005))
}

radical_inverse <- function(i, base) {
  value <- numeric(length(i))
  scale <- 1 / base
  while (any(i > 0)) {
    value <- value + scale * (i %% base)
    i <- i %/% base
    scale <- scale / base
  }
  value
}

# Where starts are drawn: wider than any prior, since maxima at slow learning and steep choice are
# common and narrow. Rates evenly on the logit from 0.007 to 0.95, scales evenly over orders of
# magnitude, real parameters as their prior has them.
start_quantile <- function(u, kind, low, high) {
  x <- if (is_scale(kind)) {
    top <- min(80, 0.8 * high)
    exp(log(top / 300) + u * log(300))
  } else if (kind$kind %in% c("unit_interval", "bounded")) {
    kind$lower + (kind$upper - kind$lower) * stats::plogis(-5 + 8 * u)
  } else {
    prior <- kind$prior %||% default_prior(kind)
    if (prior$kind %in% c("normal", "natural_normal")) stats::qnorm(u, prior$a, prior$b) else
      1.5 * stats::qnorm(u)
  }
  pmin(pmax(x, low), high)
}

is_scale <- function(kind) kind$kind == "positive" || (kind$lower == 0 && kind$upper > 5)

# A bar on anything over two seconds: nothing is drawn before.
progress_bar <- function(total, what, text = NULL) {
  message <- cli::format_inline(what, .envir = rlang::caller_env())
  began <- Sys.time()
  id <- NULL
  env <- rlang::current_env()
  list(
    tick = function(finished) {
      if (is.null(id) && Sys.time() - began > 2 && interactive_progress()) {
        id <<- cli::cli_progress_bar(message, total = total, .auto_close = FALSE, .envir = env)
      }
      if (!is.null(id)) {
        cli::cli_progress_update(set = finished, id = id, status = if (!is.null(text)) text(),
          .envir = env)
      }
      NULL
    },
    done = function() if (!is.null(id)) cli::cli_progress_done(id = id, .envir = env)
  )
}

interactive_progress <- function() getOption("rescorla.progress", cli::is_dynamic_tty())

outcome_codes <- c("converged", "not converged", "not converged", "failed", "not converged",
  "interrupted", "interrupted")

outcome_messages <- c(
  "converged",
  "the best start used up its iterations",
  "no step gained any more although the gradient is not small",
  "the log-likelihood was not finite at any starting point",
  "stationary, but some direction still rises",
  "interrupted before the end",
  "interrupted before the end"
)

new_fit <- function(model, data, method, prior, seed, result, call) {
  free <- free_parameters(model)
  ids <- as.character(data$subjects)
  named <- function(m) {
    dimnames(m) <- list(ids, free)
    m
  }
  at_bound <- named(result$at_bound != 0)
  flat <- named(result$flat == 1)
  variances <- vapply(result$vcov, diag, numeric(length(free)))
  status <- outcome_codes[result$status + 1]
  message <- outcome_messages[result$status + 1]
  converged <- status == "converged"
  edge <- converged & rowSums(at_bound) > 0
  loose <- converged & rowSums(flat) > 0
  status[edge] <- "boundary"
  message[edge] <- apply(at_bound[edge, , drop = FALSE], 1, function(x) {
    paste(paste(free[x], collapse = ", "), "at the edge of the range")
  })
  status[loose & !edge] <- "flat"
  message[loose] <- paste0(ifelse(edge[loose], paste0(message[loose], "; "), ""),
    apply(flat[loose, , drop = FALSE], 1, function(x) {
      paste(paste(free[x], collapse = ", "), "not identified by the data")
    }))
  by_subject <- function(x) stats::setNames(as.vector(x), ids)
  fit <- structure(list(
    model = model, data = data, method = method, call = NULL, prior = prior, seed = seed,
    parameters = free,
    estimates = named(result$estimate),
    std_error = named(sqrt(matrix(variances, ncol = length(free), byrow = TRUE))),
    vcov = stats::setNames(result$vcov, ids),
    loglik = by_subject(result$loglik),
    nobs = by_subject(result$nobs),
    converged = by_subject(converged),
    at_bound = at_bound,
    flat = flat,
    gradient = named(result$gradient),
    scaled_gradient = by_subject(result$scaled_gradient),
    iterations = by_subject(result$iterations),
    starts_agree = by_subject(result$starts_agree),
    status = by_subject(status),
    message = by_subject(message),
    log_posterior = if (method == "map") by_subject(result$log_posterior),
    log_evidence = if (method == "map") by_subject(result$log_evidence),
    hessian = result$hessian,
    hessian_real = result$hessian_real,
    outcome = result$status
  ), class = "rl_fit")
  warn_fit(fit, result$complete, call)
  fit
}

# Scored responses by subject.
count_scored <- function(model, data, result, threads, call) {
  program <- model$program
  if (length(program$responses) == 1) {
    free <- free_parameters(model)
    values <- matrix(rep(model$parameters$fixed, each = nrow(result$estimate)),
      nrow = nrow(result$estimate), dimnames = list(NULL, model$parameters$name))
    values[, free] <- result$estimate
    values[is.na(values)] <- 0.5
    traced <- trace_model(model, data, values, items = character(), threads = threads, call = call)
    return(tabulate(data$row_subject[!is.na(traced$log_lik)], length(data$subjects)))
  }
  bound <- bind_model(model, data, active_level(), call = call)
  as.integer(bound$scored)
}

warn_fit <- function(fit, complete, call) {
  n <- length(fit$status)
  ids <- names(fit$status)
  if (!complete) {
    left <- sum(fit$status == "interrupted")
    rescorla_warn(c("Interrupted: {n - left} of {n} subjects were fitted.",
      i = "The others have `NA` and status {.val interrupted}."), "convergence", call = call)
    return(invisible())
  }
  failed <- which(fit$status == "failed")
  if (length(failed)) {
    rescorla_warn(c("{length(failed)} of {n} subjects could not be fitted: {name_some(ids[failed])}.",
      x = "{fit$message[failed[1]]}.",
      i = "`summary(fit)$subjects` lists them."), "convergence", call = call, subjects = ids[failed])
  }
  open <- which(fit$status == "not converged")
  if (length(open)) {
    rescorla_warn(c("{length(open)} of {n} fits did not converge: subject{?s} {name_some(ids[open])}.",
      i = "More `starts` may help; `summary(fit)$subjects` says why."), "convergence", call = call,
      subjects = ids[open])
  }
  bound <- which(rowSums(fit$at_bound) > 0)
  if (length(bound)) {
    which_ones <- fit$parameters[colSums(fit$at_bound) > 0]
    rescorla_warn(c(
      "{length(bound)} of {n} fits end at the edge of a parameter's range ({.code {which_ones}}).",
      i = "Standard errors are NA there; `method = \"map\"` draws estimates inside."
    ), "boundary", call = call, subjects = ids[bound])
  }
}
