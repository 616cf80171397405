#' The hierarchical posterior density
#'
#' The density that `rl_fit(method = "nuts")` draws from, with its exact gradient, as plain R
#' functions: for another sampler, an optimiser, or a look.
#'
#' @inheritParams rl_loglik
#' @inheritParams rl_fit
#' @return An object of class `rl_log_density`, a list:
#'   * `log_density(position)`: the log posterior density, its normalising constant apart a proper one,
#'     at a numeric vector of unknowns on the real line; `-Inf` where it vanishes;
#'   * `gradient(position)`: its gradient;
#'   * `both(position)`: `list(value, gradient)` at the cost of one;
#'   * `size`, `names`: of the position: coefficients and shared values, `log_sd_*`, `cpc_*`
#'     (hyperbolic arctangents of canonical partial correlations), then by subject `effect_*` (centred),
#'     `z_*` (not centred) or `xi_*` (in between);
#'   * `start`: a position near the mode, from the empirical Bayes fit; `variance`: what that fit
#'     says about the variance of every coordinate;
#'   * `parameters(position)`: subjects' parameters in natural units at a position;
#'   * `prior`: a data frame, as [prior_summary()] gives it.
#' @examples
#' target <- rl_log_density("rw", rl_data(bandit_example), seed = 1)
#' target
#' target$log_density(target$start)
#' head(target$gradient(target$start))
#' @export
rl_log_density <- function(model, data, formula = NULL, covariance = "full", prior = NULL,
                           centred = NULL, starts = 5, seed = NULL, threads = NULL) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  data <- as_rl_data(data, call)
  model <- model_for_data(model, data, call)
  check_has_response(model, call)
  threads <- resolve_threads(threads)
  seed <- resolve_seed(seed, call)
  starts <- check_count(starts)
  group <- group_request(model, data, formula, covariance, prior, centred, call)
  model <- group$model
  design <- group$design
  engine <- group_engine(model, data, design, threads, call)
  priors <- resolve_group_prior(prior, model, design, call)
  state <- em_run(engine, em_start(engine, model, data, seed, starts, call), function(...) NULL, call,
    limit = 60L)
  centred <- resolve_centred(group$centred, design, call)
  target <- group_target(engine, priors, centred, state)
  names <- target_names(engine, target)
  errors <- em_errors(engine, state)
  warm <- warm_start(engine, target, state, errors, 1L, seed)
  at <- function(position) {
    check_position(position, length(names))
    target_density(engine, target, as.double(position))
  }
  structure(list(
    log_density = function(position) at(position)$value,
    gradient = function(position) at(position)$gradient,
    both = function(position) at(position)[c("value", "gradient")],
    size = length(names), names = names,
    start = stats::setNames(warm$starts[, 1], names),
    variance = stats::setNames(warm$variance, names),
    parameters = function(position) {
      check_position(position, length(names))
      position_parameters(engine, target, as.double(position))
    },
    prior = priors$table, model = model$name
  ), class = "rl_log_density")
}

check_position <- function(position, size, call = rlang::caller_env(2)) {
  if (!is.numeric(position) || length(position) != size || anyNA(position)) {
    rescorla_abort(c("`position` must be {size} numbers.",
      x = "It is {describe_value(position)}.",
      i = "`start` is one, `names` says what each is."), "input", call = call)
  }
}

# Subjects' natural values at a position: the map of group_density.hpp.
position_parameters <- function(engine, target, position) {
  design <- engine$design
  ends <- cumsum(target$sizes)
  part <- \(name) position[seq_len(target$sizes[[name]]) + ends[[name]] - target$sizes[[name]]]
  coefficients <- part("coefficients")
  size <- nrow(design$effects)
  own <- matrix(part("effects"), ncol = max(size, 1L), byrow = TRUE)
  sd <- exp(part("spread"))
  effects <- effect_means(design, coefficients)
  factor <- if (size) t(chol(correlation_from(tanh(part("pairs")), target$pairs, size)))
  effects <- if (is.null(target$centred)) {
    fitted_positions(target$fitted, effects, sd, factor, own)
  } else {
    mixed_positions(target$centred, effects, sd, factor, own)
  }
  natural <- natural_matrix(unit_parameters(engine, effects, part("shared")), engine$maps)
  data.frame(subject = as.character(engine$data$subjects), natural, check.names = FALSE)
}

mixed_positions <- function(centred, effects, sd, factor, own) {
  eta <- effects * 0
  for (r in seq_along(sd)) {
    before <- drop(eta[, seq_len(r - 1L), drop = FALSE] %*% factor[r, seq_len(r - 1L)])
    if (centred[r]) {
      eta[, r] <- ((own[, r] - effects[, r]) / sd[r] - before) / factor[r, r]
      effects[, r] <- own[, r]
    } else {
      eta[, r] <- own[, r]
      effects[, r] <- effects[, r] + sd[r] * (before + factor[r, r] * own[, r])
    }
  }
  effects
}

# a = m + C^-T xi, with P = Q + Lambda = C C' and P m = h + Lambda mu.
fitted_positions <- function(fitted, effects, sd, factor, own) {
  size <- length(sd)
  precision <- solve_symmetric(tcrossprod(sd * factor))
  for (s in seq_len(nrow(effects))) {
    upper <- chol(unpack_row(fitted$curvature[s, ], size) + precision)
    right <- fitted$pull[s, ] + precision %*% effects[s, ]
    centre <- backsolve(upper, backsolve(upper, right, transpose = TRUE))
    effects[s, ] <- centre + backsolve(upper, own[s, ])
  }
  effects
}

#' @export
print.rl_log_density <- function(x, ...) {
  cli::cat_line("<rl_log_density> ", x$model, ": ", format_count(x$size), " unknowns")
  shown <- utils::head(x$names, 8)
  cli::cat_line("  ", paste(shown, collapse = ", "), if (x$size > 8) ", ...")
  cli::cat_line("Next: x$log_density(x$start), x$gradient(x$start), x$names")
  invisible(x)
}
