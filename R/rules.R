#' Learning rules on their own
#'
#' The rules that models call, vectorised: the same compiled functions. Inside a model a call
#' stands for the updated value, and `$` picks another result, as in
#' `kalman_update(value[choice], variance[choice], outcome, sigma_obs)$gain`.
#'
#' @param value Expected values: a vector, or a matrix subjects x actions.
#' @param outcome Outcomes. Together with `chosen`, one for each subject; otherwise recycled to the
#'   shape of `value` (a vector as long as the number of rows runs over subjects).
#' @param alpha,alpha_pos,alpha_neg Learning rates in \[0, 1\], after positive and after negative
#'   prediction errors. An error of exactly zero moves nothing.
#' @param associability Associabilities, shaped like `value`.
#' @param kappa,eta Scale of the learning rate, and rate at which associability follows the size of
#'   the prediction error, in \[0, 1\].
#' @param variance Posterior variances, shaped like `value`.
#' @param sigma_obs Standard deviation of the observation, above 0.
#' @param chosen The action each subject chose, from 1: only its value is updated. `NULL` updates all.
#' @return A list: `value`, `prediction_error`, and what else the rule updates (`associability`;
#'   `variance` and `gain`), shaped like `value`. With `chosen`, what was not chosen stays and its
#'   prediction error and gain are `NA`.
#' @details
#' A missing value, outcome or parameter makes the results of its cell missing (in a model, an
#' update that would read something missing is skipped and the state stays as it was).
#'
#' * `rescorla_wagner()`: \eqn{\delta = r - V}, \eqn{V \leftarrow V + \alpha \delta} (Rescorla & Wagner 1972).
#' * `rescorla_wagner_asymmetric()`: \eqn{\alpha} by the sign of \eqn{\delta} (Niv et al. 2012).
#' * `pearce_hall_update()`: \eqn{V \leftarrow V + \kappa A \delta}, then
#'   \eqn{A \leftarrow (1 - \eta) A + \eta |\delta|} (Pearce & Hall 1980; Li et al. 2011).
#' * `kalman_update()`: gain \eqn{k = v / (v + \sigma^2)}, \eqn{V \leftarrow V + k \delta},
#'   \eqn{v \leftarrow (1 - k) v} (Daw et al. 2006).
#' @examples
#' rescorla_wagner(c(0.2, 0.5), outcome = 1, alpha = 0.1)
#' rescorla_wagner_asymmetric(c(.2, .5, .8), c(0, 1, .5), alpha_pos = .1, alpha_neg = .2)
#' rescorla_wagner(matrix(0.5, 2, 3), outcome = c(1, 0), alpha = 0.3, chosen = c(1, 3))
#' pearce_hall_update(0.5, associability = 0.8, outcome = 1, kappa = 0.3, eta = 0.2)
#' kalman_update(50, variance = 16, outcome = 60, sigma_obs = 4)
#' @export
rescorla_wagner <- function(value, outcome, alpha, chosen = NULL) {
  apply_rule(cpp_rescorla_wagner, list(value = value, outcome = outcome, alpha = alpha), chosen)
}

#' @rdname rescorla_wagner
#' @export
rescorla_wagner_asymmetric <- function(value, outcome, alpha_pos, alpha_neg, chosen = NULL) {
  apply_rule(cpp_rescorla_wagner_asymmetric,
    list(value = value, outcome = outcome, alpha_pos = alpha_pos, alpha_neg = alpha_neg), chosen)
}

#' @rdname rescorla_wagner
#' @export
pearce_hall_update <- function(value, associability, outcome, kappa = 1, eta, chosen = NULL) {
  apply_rule(cpp_pearce_hall_update,
    list(value = value, associability = associability, outcome = outcome, kappa = kappa, eta = eta),
    chosen, keep = "associability")
}

#' @rdname rescorla_wagner
#' @export
kalman_update <- function(value, variance, outcome, sigma_obs, chosen = NULL) {
  apply_rule(cpp_kalman_update,
    list(value = value, variance = variance, outcome = outcome, sigma_obs = sigma_obs),
    chosen, keep = "variance")
}

# Shapes the arguments, calls the rule, and where `chosen` is given leaves the other cells alone.
apply_rule <- function(rule, arguments, chosen, keep = character(), call = rlang::caller_env()) {
  value <- arguments$value
  for (name in names(arguments)) {
    x <- arguments[[name]]
    if (!is.numeric(x) || length(x) == 0) {
      rescorla_abort(c("`{name}` must be numeric.", x = "It is {describe_value(x)}."), "input",
        call = call)
    }
  }
  if (!is.null(chosen)) return(apply_chosen(rule, arguments, chosen, keep, call))
  shaped <- lapply(names(arguments), function(n) {
    recycle_to(arguments[[n]], value, n, call)
  })
  result <- do.call(rule, shaped)
  lapply(result, function(x) {
    attributes(x) <- attributes(value)
    x
  })
}

recycle_to <- function(x, value, name, call) {
  if (length(x) %in% c(1L, length(value))) return(as.double(x))
  if (is.matrix(value) && length(x) == nrow(value)) return(as.double(rep(x, ncol(value))))
  rows <- if (is.matrix(value)) paste0(", ", nrow(value), " (one for each row)") else ""
  rescorla_abort(c(
    "`{name}` must have length 1{rows} or {length(value)}, that of `value`.",
    x = "It has {length(x)}."
  ), "input", call = call)
}

apply_chosen <- function(rule, arguments, chosen, keep, call) {
  value <- arguments$value
  rows <- if (is.matrix(value)) nrow(value) else 1L
  actions <- if (is.matrix(value)) ncol(value) else length(value)
  bad <- !is.numeric(chosen) || !length(chosen) %in% c(1L, rows) ||
    any(!is.na(chosen) & (chosen != round(chosen) | chosen < 1 | chosen > actions))
  if (bad) {
    rescorla_abort(c(
      "`chosen` must be an action from 1 to {actions} for each of the {rows} subject{?s}.",
      x = "It is {describe_value(chosen)}."
    ), "input", call = call)
  }
  cells <- cbind(seq_len(rows), rep_len(chosen, rows))
  at <- if (is.matrix(value)) cells[, 1] + (cells[, 2] - 1) * rows else cells[, 2]
  there <- !is.na(at)
  picked <- lapply(names(arguments), function(n) {
    x <- arguments[[n]]
    if (length(x) == length(value) && length(value) != rows) return(as.double(x[at[there]]))
    if (length(x) == 1) return(as.double(x))
    if (length(x) == rows) return(as.double(x[there]))
    recycle_to(x, value[seq_len(rows)], n, call)
  })
  result <- do.call(rule, picked)
  Map(function(x, n) {
    out <- if (n == "value" || n %in% keep) arguments[[n]] else value * NA_real_
    storage.mode(out) <- "double"
    out[at[there]] <- x
    out
  }, result, names(result))
}

#' Choice rules on their own
#'
#' Probabilities of the actions from their values, the same compiled functions models use.
#'
#' @param x Values: a vector of actions, or a matrix with a row for each case.
#' @param beta Inverse temperature, at least 0: one number, or one for each row.
#' @param epsilon Probability of choosing at random, in \[0, 1\].
#' @return Probabilities, shaped like `x`; each row adds to 1.
#' @details
#' * `softmax()`: \eqn{p_a = \exp(\beta x_a) / \sum_b \exp(\beta x_b)}; never overflows.
#' * `epsilon_greedy()`: the best action with probability \eqn{1 - \epsilon} (ties share it),
#'   otherwise any (Sutton & Barto 2018).
#' @examples
#' softmax(c(2, 3, 1), beta = 2)
#' epsilon_greedy(c(2, 3, 1), epsilon = 0.1)
#' @export
softmax <- function(x, beta = 1) {
  choice_rule(x, beta, "beta", FALSE, 0, Inf)
}

#' @rdname softmax
#' @export
epsilon_greedy <- function(x, epsilon) {
  choice_rule(x, epsilon, "epsilon", TRUE, 0, 1)
}

choice_rule <- function(x, rate, name, greedy, lower, upper, call = rlang::caller_env()) {
  if (is.data.frame(x)) x <- as.matrix(x)
  if (!is.numeric(x) || length(x) == 0) {
    rescorla_abort(c("`x` must be a numeric vector or matrix.", x = "It is {describe_value(x)}."),
      "input", call = call)
  }
  rows <- if (is.matrix(x)) x else t(x)
  bad <- !is.numeric(rate) || !length(rate) %in% c(1L, nrow(rows)) || anyNA(rate) ||
    any(rate < lower | rate > upper)
  if (bad) {
    rescorla_abort(c(
      "`{name}` must be one number, or one for each row of `x`, from {lower} to {upper}.",
      x = "It is {describe_value(rate)}."
    ), "input", call = call)
  }
  storage.mode(rows) <- "double"
  p <- cpp_choice_rule(rows, as.double(rate), greedy)
  attributes(p) <- attributes(x)
  p
}
