# The data every peer sees: asymmetric Rescorla-Wagner agents on a Bernoulli bandit, drawn in plain
# R so that the inputs do not depend on the package under test.

draw_inputs <- function(subjects, trials, actions, seed = 1) {
  set.seed(seed)
  parameters <- cbind(
    alpha_pos = stats::rbeta(subjects, 2, 2),
    alpha_neg = stats::rbeta(subjects, 2, 2),
    beta = stats::runif(subjects, 1, 8)
  )
  reward_probability <- seq(0.2, 0.8, length.out = actions)
  drawn <- simulate_vectorised(parameters, reward_probability, trials)
  list(subjects = subjects, trials = trials, actions = actions, parameters = parameters,
       reward_probability = reward_probability, choice = drawn$choice, outcome = drawn$outcome)
}

# Little-endian, first index fastest; choices from 0. peers/shared.py reads these files.
write_inputs <- function(inputs, folder) {
  put <- function(x, name, type) {
    path <- file.path(folder, paste0(name, ".bin"))
    writeBin(as.vector(x, type), path, endian = "little")
  }
  put(c(inputs$subjects, inputs$trials, inputs$actions), "shape", "integer")
  put(inputs$choice - 1L, "choice", "integer")
  put(inputs$outcome, "outcome", "double")
  put(inputs$parameters, "parameters", "double")
  put(inputs$reward_probability, "reward_probability", "double")
  invisible(folder)
}

# Trials of a subject stand together, in order.
inputs_frame <- function(inputs) {
  data.frame(
    subject = rep(seq_len(inputs$subjects), each = inputs$trials),
    choice = as.vector(t(inputs$choice)),
    outcome = as.vector(t(inputs$outcome))
  )
}

first_subjects <- function(inputs, n) {
  keep <- seq_len(min(n, inputs$subjects))
  inputs$subjects <- length(keep)
  for (field in c("parameters", "choice", "outcome")) {
    inputs[[field]] <- inputs[[field]][keep, , drop = FALSE]
  }
  inputs
}
