# The example data of the package: 40 subjects of a two-armed bandit with a reversal, simulated with
# the generating parameters kept. Run from the package's root with the package installed.
library(rescorla)

set.seed(2024)
subjects <- 40
group <- rep(c("control", "patient"), each = subjects / 2)
bandit_parameters <- data.frame(
  subject = sprintf("s%02d", seq_len(subjects)),
  alpha_pos = round(plogis(rnorm(subjects, ifelse(group == "control", -0.4, -0.8), 0.6)), 3),
  alpha_neg = round(plogis(rnorm(subjects, ifelse(group == "control", -1.2, -0.5), 0.6)), 3),
  beta = round(exp(rnorm(subjects, log(4), 0.35)), 3)
)

# 60 trials with the second arm better, then 60 with the first.
prob <- rbind(matrix(c(0.25, 0.75), 60, 2, byrow = TRUE), matrix(c(0.75, 0.25), 60, 2, byrow = TRUE))
bandit_example <- simulate(rl_model("rw_asymmetric"), seed = 7, parameters = bandit_parameters,
  task = task_bandit(prob, trials = 120))
bandit_example$group <- rep(group, each = 120)
bandit_example <- bandit_example[c("subject", "group", "trial", "choice", "outcome")]

# A few trials were missed.
missed <- sort(sample(nrow(bandit_example), 48))
bandit_example$choice[missed] <- NA
bandit_example$outcome[missed] <- NA
attr(bandit_example, "rescorla_roles") <- NULL
attr(bandit_example, "seed") <- NULL
bandit_example$outcome <- as.integer(bandit_example$outcome)

save(bandit_example, file = "data/bandit_example.rda", compress = "xz", version = 2)
save(bandit_parameters, file = "data/bandit_parameters.rda", compress = "xz", version = 2)
