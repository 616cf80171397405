# What a program may call: one table each for responses, elementwise functions, reductions and
# learning rules. A new function is a new row here and its C++ in inst/include/rescorla.

# Responses: their arguments, whether they are levels or a number, and which argument has a cell for
# each action (`cells`), depends on no parameter (`given`), is TRUE or FALSE (`flag`), is an
# expression of `step` (`steps`). A number's C++ takes the arguments in their order.
response_table <- list(
  softmax = list(
    definition = function(x, lapse = NULL, available = NULL) NULL, type = "categorical",
    cells = c("x", "available")
  ),
  categorical = list(
    definition = function(p, lapse = NULL, available = NULL) NULL, type = "categorical",
    cells = c("p", "available")
  ),
  bernoulli = list(definition = function(p, lapse = NULL) NULL, type = "categorical"),
  bernoulli_logit = list(definition = function(x, lapse = NULL) NULL, type = "categorical"),
  normal = list(definition = function(mean, sd) NULL, type = "number"),
  beta_mean = list(definition = function(mu, phi) NULL, type = "number"),
  binomial = list(definition = function(size, p) NULL, type = "number", given = "size"),
  repeated_logit = list(
    definition = function(x, censored = NULL, most = NULL) NULL, type = "number",
    given = "most", flag = "censored", steps = "x"
  )
)

# A simulated count of decisions ends here, unless the program says `most =`.
default_most <- 128

# Elementwise functions of real numbers: number of arguments, C++ template, and whether the
# derivative is zero everywhere (then the result depends on no parameter smoothly).
elementwise_table <- list(
  exp = list(arity = 1L, cpp = "exp(%s)"),
  log = list(arity = 1L, cpp = "log(%s)"),
  log1p = list(arity = 1L, cpp = "log1p(%s)"),
  sqrt = list(arity = 1L, cpp = "sqrt(%s)"),
  abs = list(arity = 1L, cpp = "abs(%s)"),
  tanh = list(arity = 1L, cpp = "tanh(%s)"),
  plogis = list(arity = 1L, cpp = "plogis(%s)"),
  qlogis = list(arity = 1L, cpp = "qlogis(%s)"),
  pnorm = list(arity = 1L, cpp = "pnorm(%s)"),
  sign = list(arity = 1L, cpp = "sign(%s)", flat = TRUE),
  floor = list(arity = 1L, cpp = "floor(%s)", flat = TRUE),
  pmin = list(arity = 2L, cpp = "min(%s, %s)"),
  pmax = list(arity = 2L, cpp = "max(%s, %s)"),
  `+` = list(arity = 2L, cpp = "(%s + %s)"),
  `-` = list(arity = 2L, cpp = "(%s - %s)"),
  `*` = list(arity = 2L, cpp = "(%s * %s)"),
  `/` = list(arity = 2L, cpp = "(%s / %s)"),
  `^` = list(arity = 2L, cpp = "pow(%s, %s)"),
  `%%` = list(arity = 2L, cpp = "modulo(%s, %s)")
)

comparison_operators <- c("<", ">", "<=", ">=", "==", "!=")

reduction_table <- list(
  sum = "%s + %s",
  mean = "%s + %s",
  max = "max(%s, %s)",
  min = "min(%s, %s)"
)

# Learning rules: arguments in order, the members of the C++ result (the first is what a bare call
# stands for). The functions of the same name exported to R return these members as a list.
rule_table <- list(
  rescorla_wagner = list(
    arguments = c("value", "outcome", "alpha"),
    members = c("value", "prediction_error")
  ),
  rescorla_wagner_asymmetric = list(
    arguments = c("value", "outcome", "alpha_pos", "alpha_neg"),
    members = c("value", "prediction_error")
  ),
  pearce_hall_update = list(
    arguments = c("value", "associability", "outcome", "kappa", "eta"),
    members = c("value", "associability", "prediction_error")
  ),
  kalman_update = list(
    arguments = c("value", "variance", "outcome", "sigma_obs"),
    members = c("value", "variance", "prediction_error", "gain")
  )
)

rule_aliases <- c(pearce_hall = "pearce_hall_update", kalman = "kalman_update")

# Other callables, each with a case of its own in the checker.
special_functions <- c(
  "ifelse", "one_hot", "observed", "n_levels", "c", "softmax", "epsilon_greedy", "clip", "("
)

language_functions <- function() {
  c(names(elementwise_table), comparison_operators, names(reduction_table), names(rule_table),
    special_functions, "&", "|", "!", "[", "$")
}

# Names with a meaning of their own; no parameter, state or local may take them.
language_roles <- c("choice", "outcome", "foregone", "available", "forced", "stimulus", "rt",
  "block")
number_roles <- c("outcome", "foregone", "available", "forced", "rt")
reserved_names <- c("n_actions", "TRUE", "FALSE")
