# Studies timed: simulation on tasks that are programs, and recovery of 10,000 subjects against the same
# study written in plain R and against itself on two workers.
#   Rscript bench/studies.R [--output=FILE]
# About half a minute on two cores.

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
given <- grep("^--output=", commandArgs(trailingOnly = TRUE), value = TRUE)
output <- if (length(given)) normalizePath(sub("^[^=]*=", "", given), mustWork = FALSE) else "STUDIES.md"
if (length(script)) setwd(dirname(script))
source("lib/report.R")
library(rescorla)
RcppParallel::setThreadOptions(numThreads = 2)
machine <- machine_text()

seconds <- function(code, times = 3) {
  stats::median(vapply(seq_len(times), function(i) system.time(force(eval.parent(code)))[["elapsed"]], 0))
}

subjects <- 10000
trials <- 200
parameters <- c(alpha = 0.3, beta = 5)
bandit <- task_bandit(c(0.2, 0.8), trials)
drift <- task_drift(trials, sigma = 0.05)
play <- function(task) simulate(rl_model("rw"), seed = 1, subjects = subjects, parameters = parameters,
  task = task)
simulated <- c(bandit = seconds(quote(play(bandit))), drift = seconds(quote(play(drift))))

# The same walk, choices and updates as vectors over subjects, trial after trial.
plain_drift <- function() {
  p <- matrix(runif(2 * subjects), subjects)
  value <- matrix(0.5, subjects, 2)
  choice <- outcome <- matrix(0, subjects, trials)
  rows <- seq_len(subjects)
  for (t in seq_len(trials)) {
    second <- runif(subjects) < stats::plogis(5 * (value[, 2] - value[, 1]))
    at <- cbind(rows, 1L + second)
    r <- as.numeric(runif(subjects) < p[at])
    value[at] <- value[at] + 0.3 * (r - value[at])
    p <- pmin(pmax(p + rnorm(2 * subjects, 0, 0.05), 0), 1)
    choice[, t] <- at[, 2]
    outcome[, t] <- r
  }
  list(choice, outcome)
}
plain <- seconds(quote(plain_drift()))

study <- function() rl_recover("rw", drift, subjects = subjects, seed = 1)
one <- system.time(serial <- study())[["elapsed"]]
future::plan("multisession", workers = 2)
invisible(future::value(future::future(requireNamespace("rescorla"))))
two <- system.time(parallel <- study())[["elapsed"]]
future::plan("sequential")

# Plain R: a likelihood by a loop over trials, five starts of optim() a subject; for 20 subjects.
some <- 20
data <- split(simulate(rl_model("rw"), seed = 1, subjects = some, parameters = parameters, task = drift),
  rep(seq_len(some), each = trials))
negative <- function(x, choice, outcome) {
  value <- c(0.5, 0.5)
  total <- 0
  for (t in seq_along(choice)) {
    a <- choice[t]
    total <- total - log(1 / (1 + exp(x[2] * (value[3 - a] - value[a]))))
    value[a] <- value[a] + x[1] * (outcome[t] - value[a])
  }
  total
}
by_hand <- system.time(lapply(data, function(d) {
  starts <- cbind(seq(0.1, 0.9, length.out = 5), c(1, 3, 5, 7, 9))
  fits <- lapply(1:5, function(i) stats::optim(starts[i, ], negative, choice = d$choice,
    outcome = d$outcome, method = "L-BFGS-B", lower = c(0, 0), upper = c(1, 100)))
  fits[[which.min(vapply(fits, `[[`, 0, "value"))]]
}))[["elapsed"]] * subjects / some

row <- function(number, what, ours, against, other, note) {
  data.frame(number = number, what = what, ours = seconds_text(ours), against = against,
    other = seconds_text(other), ratio = other / ours, check = note)
}
rows <- rbind(
  row(1, "simulate rw, 10,000 x 200, drifting bandit (a program)", simulated[["drift"]],
    "R, vectorised over subjects", plain, "data frame of all columns against two matrices"),
  row(2, "the same", simulated[["drift"]], "task_bandit(), built in", simulated[["bandit"]],
    "what a program costs"),
  row(3, "rl_recover(\"rw\"), 10,000 x 200, with profile intervals", one,
    "R loop and optim(), fits alone", by_hand,
    sprintf("extrapolated from %d subjects; coverage of 95%% intervals %.3f, %.3f", some,
      serial$summary$coverage[1], serial$summary$coverage[2])),
  row(4, "the same on two workers of one thread each, same cores", two, "in turn, two threads", one,
    if (identical(serial$subjects, parallel$subjects)) "same numbers" else "WRONG: other numbers")
)
writeLines(c(
  "# Studies, timed", "",
  "Written by `Rscript bench/studies.R`. Wall time; simulations are the median of three runs.", "",
  machine, "", markdown_table(rows)
), output)
message("written: ", output)
