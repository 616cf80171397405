# Parameters inside their ranges for each model of the catalogue, and data it can read.
example_parameters <- list(
  rw = list(alpha = 0.3, beta = 3),
  rw_asymmetric = list(alpha_pos = 0.4, alpha_neg = 0.15, beta = 2.5),
  rw_forgetting = list(alpha = 0.35, beta = 3, forget = 0.2),
  rw_perseveration = list(alpha = 0.3, beta = 2, kappa = 0.7, tau = 0.4),
  rw_lapse = list(alpha = 0.3, beta = 4, epsilon = 0.1),
  rw_counterfactual = list(alpha_chosen = 0.3, alpha_unchosen = 0.15, beta = 3),
  rw_confirmation = list(alpha_conf = 0.4, alpha_disc = 0.1, beta = 3),
  pearce_hall = list(alpha = 0.5, eta = 0.3, beta = 2),
  kalman = list(beta = 0.3, mu0 = 1, sigma0 = 3, sigma_drift = 0.8, decay = 0.9, centre = 0.5)
)

model_data <- function(name, ...) {
  full <- name %in% c("rw_counterfactual", "rw_confirmation")
  reference_data(foregone = full, outcome = if (name == "kalman") "normal" else "binary", ...)
}

as_task_data <- function(frame) {
  suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), reference_roles(frame)))))
}

machine_levels <- function() {
  c("sse2", "avx2", "avx512")[seq_len(rescorla:::cpp_highest_level() + 1)]
}

named_row <- function(x) stats::setNames(as.numeric(x), names(x))
