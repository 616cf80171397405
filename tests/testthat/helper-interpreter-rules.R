# What the interpreter (helper-interpreter.R) makes of the learning rules.

# The learning rules: all of a cell is missing where any argument is.
interpreter_rules <- list(
  rescorla_wagner = function(value, outcome, alpha) {
    list(value = value + alpha * (outcome - value), prediction_error = outcome - value)
  },
  rescorla_wagner_asymmetric = function(value, outcome, alpha_pos, alpha_neg) {
    error <- outcome - value
    list(value = value + ifelse(error > 0, alpha_pos, alpha_neg) * error, prediction_error = error)
  },
  pearce_hall_update = function(value, associability, outcome, kappa, eta) {
    error <- outcome - value
    list(value = value + kappa * associability * error,
      associability = (1 - eta) * associability + eta * abs(error), prediction_error = error)
  },
  kalman_update = function(value, variance, outcome, sigma_obs) {
    gain <- variance / (variance + sigma_obs^2)
    list(value = value + gain * (outcome - value), variance = (1 - gain) * variance,
      prediction_error = outcome - value, gain = gain)
  }
)

rule_value <- function(e, member, s) {
  rule <- interpreter_rules[[as.character(e[[1]])]]
  a <- lapply(as.list(match.call(rule, e))[-1], function(x) as.vector(value_of(x, s)))
  n <- max(lengths(a))
  poison(rep_len(do.call(rule, a)[[member]], n), lapply(a, rep_len, n))
}
