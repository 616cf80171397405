# Data and fits of hierarchical models, made once for all test files.

nuts_frame <- function() {
  once("nuts frame", {
    truth <- withr::with_seed(8, data.frame(subject = sprintf("s%02d", 10:1),
      alpha = plogis(rnorm(10, -0.5, 0.7)), beta = exp(rnorm(10, 1.1, 0.3))))
    frame <- as.data.frame(simulate(rl_model("rw"), seed = 9, parameters = truth,
      task = task_bandit(c(0.25, 0.75), trials = 30, blocks = 2)))
    frame$choice[c(4, 90)] <- NA
    frame$outcome[c(4, 90)] <- NA
    frame$group <- ifelse(as.integer(substr(frame$subject, 2, 3)) > 5, "B", "A")
    frame
  })
}

nuts_data <- function(frame = nuts_frame()) rl_data(frame, block = "block")

nuts_fit <- function() {
  once("nuts fit", rl_fit("rw", nuts_data(), method = "nuts", chains = 2, warmup = 300,
    draws = 500, seed = 1))
}

quiet_nuts <- function(..., chains = 2, warmup = 200, draws = 200, seed = 1) {
  suppressMessages(quiet_fit(..., method = "nuts", chains = chains, warmup = warmup, draws = draws,
    seed = seed))
}

unit_log_lik <- function(...) rescorla:::log_lik.rl_fit_nuts(...)

em_frame <- function() {
  once("em frame", {
    truth <- withr::with_seed(21, data.frame(subject = sprintf("s%02d", 9:1),
      alpha = plogis(rnorm(9, -0.5, 0.9)), beta = exp(rnorm(9, 1, 0.9))))
    frame <- as.data.frame(simulate(rl_model("rw"), seed = 22, parameters = truth,
      task = task_bandit(reversal(40, 20), trials = 40, blocks = 2)))
    # Unequal lengths, missed trials, an outcome not seen.
    frame <- frame[!(frame$subject == "s05" & frame$block == 2 & frame$trial > 25), ]
    frame$choice[c(4, 90, 91)] <- NA
    frame$outcome[c(4, 60, 90, 91)] <- NA
    structure(frame, n_actions = 2)
  })
}

em_data <- function(frame = em_frame(), ...) {
  suppressWarnings(rl_data(frame, trial = "trial", block = "block", ...))
}

em_fit <- function() once("em fit", rl_fit("rw", em_data(), method = "em", seed = 1))

quiet_em <- function(...) quiet_fit(..., method = "em", seed = 1)

# log p(y | z) of one subject at the rows of z.
loglik_rows <- function(one, z) {
  grid_loglik(one, plogis(z[, 1]), plogis(z[, 1]), exp(z[, 2]))
}
