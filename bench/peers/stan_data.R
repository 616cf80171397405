# The data sets of the Stan peer, as data frames with hBayesDM's columns (subjID, choice, outcome or
# gain and loss). Three are hBayesDM's own examples, read from a folder that the caller names; one
# is drawn here in plain R.
#   Rscript bench/peers/stan_data.R FOLDER OUTPUT
# writes all of them to OUTPUT as CSV, with the true parameters of the drawn one. FOLDER holds
# hBayesDM's example files (its inst/extdata).

# The model that each data set belongs to.
stan_sets <- c(
  bandit2arm_delta = "bandit2arm_delta", prl_rp = "prl_rp", bandit4arm_4par = "bandit4arm_4par",
  bandit2arm_delta_100x200 = "bandit2arm_delta"
)

stan_data_set <- function(set, folder) {
  if (set == "bandit2arm_delta_100x200") return(draw_bandit2arm()$data)
  file <- c(
    bandit2arm_delta = "bandit2arm_exampleData.txt", prl_rp = "prl_exampleData.txt",
    bandit4arm_4par = "bandit4arm_exampleData.txt"
  )[[set]]
  utils::read.delim(file.path(folder, file))
}

# Delta-rule agents of bandit2arm_delta on a bandit that pays +1 with the given probabilities and -1
# otherwise. The order of the draws is fixed, all subjects at once within a trial, so that the seed
# fixes the data.
draw_bandit2arm <- function(subjects = 100L, trials = 200L, reward_probability = c(0.3, 0.7),
                            seed = 20) {
  set.seed(seed)
  parameters <- data.frame(
    subjID = seq_len(subjects),
    A = stats::pnorm(stats::rnorm(subjects, -0.3, 0.3)),
    tau = 5 * stats::pnorm(stats::rnorm(subjects, -0.9, 0.4))
  )
  choice <- outcome <- matrix(0L, trials, subjects)
  q <- matrix(0, subjects, 2)
  for (t in seq_len(trials)) {
    second <- stats::runif(subjects) < stats::plogis(parameters$tau * (q[, 2] - q[, 1]))
    choice[t, ] <- 1L + second
    reward <- stats::runif(subjects) < reward_probability[choice[t, ]]
    outcome[t, ] <- ifelse(reward, 1L, -1L)
    at <- cbind(seq_len(subjects), choice[t, ])
    q[at] <- q[at] + parameters$A * (outcome[t, ] - q[at])
  }
  data <- data.frame(
    subjID = rep(seq_len(subjects), each = trials), trial = rep(seq_len(trials), subjects),
    choice = as.vector(choice), outcome = as.vector(outcome)
  )
  list(data = data, parameters = parameters)
}

write_stan_data <- function(folder, output) {
  dir.create(output, showWarnings = FALSE, recursive = TRUE)
  put <- function(x, name) {
    utils::write.csv(x, file.path(output, paste0(name, ".csv")), row.names = FALSE)
  }
  for (set in names(stan_sets)) put(stan_data_set(set, folder), set)
  put(draw_bandit2arm()$parameters, "bandit2arm_delta_100x200_truth")
  invisible(output)
}

if (sys.nframe() == 0L) {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) != 2) stop("usage: Rscript stan_data.R FOLDER OUTPUT", call. = FALSE)
  write_stan_data(arguments[1], arguments[2])
}
