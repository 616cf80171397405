# Formulas on parameters, against model.matrix() written out.

# Eight subjects with three blocks of four trials: group, sex and age differ between subjects,
# condition and dose between blocks; rows stand block by block, so that they are not in trial order.
formula_frame <- function() {
  frame <- expand.grid(t = 1:4, id = paste0("s", 1:8), session = 1:3, stringsAsFactors = FALSE)
  s <- match(frame$id, unique(frame$id))
  frame$group <- c("A", "B")[1 + s %% 2]
  frame$sex <- factor(c("m", "f", "f", "m", "m", "f", "m", "f")[s], levels = c("m", "f"))
  frame$age <- c(20, 31, 45, 52, 33, 28, 60, 41)[s]
  frame$treated <- s > 4
  frame$condition <- factor(c("low", "high", "low")[1 + (frame$session + s) %% 3],
    levels = c("low", "high"))
  frame$dose <- c(0.5, 2, 3)[1 + (frame$session * s) %% 3]
  frame$choice <- rep(c(1L, 2L, 2L, 1L, 1L, 1L, 2L), length.out = nrow(frame))
  frame$outcome <- rep(c(1, 0, 1, 1, 0), length.out = nrow(frame))
  frame
}

formula_data <- function(frame = formula_frame(), ..., block = "session") {
  quietly <- \(x) suppressWarnings(suppressMessages(x))
  quietly(rl_data(frame, subject = "id", block = block, ...))
}

# Four free parameters: alpha, beta, kappa, tau.
design_of <- function(formula = NULL, covariance = "full", data = formula_data(),
                      model = rl_model("rw_perseveration")) {
  hierarchy_design(formula, covariance, model, data, rlang::current_env())
}

design_error <- function(formula, class = "input", ...) {
  expect_error(design_of(formula, ...), class = paste0("rescorla_error_", class))
}

# One row for each unit, in their order.
unit_rows <- function(design, data = formula_data()) data$data[data$order[design$unit_first], ]

# However the fixed columns are split, with random effects at their means they make X %*% coef.
expect_fixed_part <- function(design, parameter, x) {
  p <- match(parameter, design$parameters)
  names <- paste0(parameter, ":", colnames(x))
  value <- stats::setNames(seq_along(names) + 0.25, names)
  ours <- design$coefficients$parameter == p
  expect_setequal(
    c(design$coefficients$name[ours], design$shared$name[design$shared$parameter == p]), names
  )
  effects <- which(design$effects$parameter == p)
  z <- numeric(nrow(x))
  for (r in effects) {
    k <- which(design$coefficients$effect == r)
    mean <- design$means[, k, drop = FALSE] %*% value[design$coefficients$name[k]]
    z <- z + design$weights[, r] * mean[design$unit_subject]
  }
  g <- which(design$shared$parameter == p)
  z <- z + drop(design$shared_design[, g, drop = FALSE] %*% value[design$shared$name[g]])
  expect_equal(z, drop(x %*% value), tolerance = 1e-12, ignore_attr = TRUE)
}
