# Maximum likelihood with parameters that subjects share; the others are every subject's own, without
# a distribution over them.

fit_shared <- function(model, data, design, seed, starts, threads, call) {
  fixed <- design$coefficients$term != "(Intercept)"
  if (any(fixed)) {
    name <- design$coefficients$name[fixed][1]
    parameter <- design$parameters[design$coefficients$parameter[fixed][1]]
    rescorla_abort(c(
      "With `method = \"mle\"` {.code {name}} cannot be told from subjects' own values.",
      i = "Give it no value by subject, {.code {parameter} ~ ... + (0 | subject)}, or use
           `method = \"em\"`."
    ), "input", call = call)
  }
  engine <- group_engine(model, data, design, threads, call)
  state <- em_start(engine, model, data, seed, starts, call)
  state <- shared_run(engine, state, call)
  new_shared_fit(engine, data, state, seed, call)
}

# Climbs the profile likelihood: at subjects' maxima its gradient in what is shared is the
# likelihood's own.
shared_run <- function(engine, state, call, limit = 100L) {
  design <- engine$design
  size <- nrow(design$effects)
  best <- NULL
  scale <- 1
  for (count in seq_len(limit)) {
    found <- shared_profile(engine, state, both = count <= 2L, call)
    value <- sum(found$loglik)
    if (!is.null(best) && value < best$value - 1e-9) {
      # Too far: half the way back.
      scale <- scale / 2
      if (scale < 1e-4) break
      state$shared <- best$shared + scale * best$move
      next
    }
    z <- unit_parameters(engine, found$mode, state$shared)
    at <- evaluate_units(engine, z, 2L, call)
    move <- shared_move(design, at$gradient, at$information, if (size) found$covariance)
    score <- colSums(shared_score(design, at$gradient))
    gain <- sum(score * move) / 2
    state$modes <- found$mode
    best <- list(value = value, shared = state$shared, move = move, found = found)
    scale <- 1
    if (abs(gain) < 1e-8) break
    state$shared <- within_edges(engine, state$shared + move)
  }
  left <- engine$layout$subjects * size + nrow(design$shared)
  c(state[c("coefficients", "modes")], list(shared = best$shared, step = best$found,
    converged = count < limit, iterations = count, df = left,
    information = shared_information(design, at$information, if (size) best$found$covariance)))
}

shared_profile <- function(engine, state, both, call) {
  n <- engine$layout$subjects
  size <- nrow(engine$design$effects)
  if (size == 0) {
    value <- evaluate_units(engine, unit_offset(engine, state$shared), 0L, call)$value
    return(list(mode = matrix(0, n, 0), covariance = matrix(0, n, 0), status = integer(n),
      loglik = rowsum(value, engine$design$unit_subject)[, 1]))
  }
  zero <- matrix(0, n, size)
  centre <- zero + rep(state$coefficients, each = n)
  found <- laplace_step(engine, zero, NULL, state$shared, c(list(state$modes), if (both) list(centre)),
    call = call)
  lost <- !is.finite(found$loglik)
  if (any(lost)) {
    rescorla_abort(c("Subject{?s} {name_some(as.character(engine$design$unit_label)[lost])} {?has/have}
                      no finite likelihood.",
      i = "`rl_loglik()` says where it is lost."), "data", call = call)
  }
  found
}

new_shared_fit <- function(engine, data, state, seed, call) {
  design <- engine$design
  found <- state$step
  estimates <- unit_estimates(engine, found$mode, found$covariance, state$shared)
  loglik <- evaluate_units(engine, estimates$z, 0L, call)$value
  names <- design$effects$name
  vcov <- tryCatch(solve_symmetric(state$information),
    error = \(e) state$information * NA_real_)
  group <- list(
    coefficients = stats::setNames(numeric(), character()),
    shared = stats::setNames(state$shared, design$shared$name),
    vcov = vcov, errors = "expected", effects = found$mode,
    df = state$df, iterations = state$iterations, converged = state$converged
  )
  ids <- as.character(engine$data$subjects)
  status <- ifelse(found$status[design$unit_subject] == 1, "not converged", "converged")
  fit <- new_group_fit(engine, data, "mle", seed, estimates, loglik, group, list(
    converged = stats::setNames(status == "converged", ids), status = stats::setNames(status, ids),
    message = stats::setNames(status, ids)
  ), "rl_fit_shared")
  # The flat prior's mode may lie where the link ends: at an edge of the range.
  edge <- outer(seq_along(ids), seq_along(design$parameters), Vectorize(\(u, p) {
    abs(estimates$z[u, p]) > c(identity = 999, log = 25, logit = 12, probit = 5, cubic = 5)[
      engine$maps$link[p]]
  }))
  fit$at_bound[] <- edge
  fit$std_error[edge] <- NA
  warn_edge(fit, call)
  if (!state$converged) {
    rescorla_warn(c("What is shared did not settle in {state$iterations} iterations.",
      i = "Fewer shared parameters may."), "convergence", call = call)
  }
  fit
}
