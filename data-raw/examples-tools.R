# What the simulators of the example data share.

examples <- list()

# `parameters`: from a number of subjects to a list of vectors, in the order of the model;
# `simulate`: from one subject's parameters to the data frame of the subject.
add_example <- function(task, parameters, simulate) {
  examples[[task]] <<- list(parameters = parameters, simulate = simulate)
}

# Draws around a middle on the logit and on the log scale.
around_share <- function(n, middle, sd = 0.5) plogis(rnorm(n, qlogis(middle), sd))
around <- function(n, middle, sd = 0.25) exp(rnorm(n, log(middle), sd))

softmax <- function(x) {
  p <- exp(x - max(x))
  p / sum(p)
}

pick <- function(p) sample.int(length(p), 1, prob = p)

# 0 or 1, with the given logit.
says_yes <- function(logit, lapse = 0) {
  as.integer(runif(1) < (1 - lapse) * plogis(logit) + lapse / 2)
}

happens <- function(p) as.integer(runif(1) < p)

# A random walk kept between two ends by reflection.
walk <- function(trials, start, sd, ends) {
  x <- numeric(trials)
  x[1] <- start
  for (t in seq_len(trials)[-1]) {
    x[t] <- x[t - 1] + rnorm(1, 0, sd)
    if (x[t] < ends[1]) x[t] <- 2 * ends[1] - x[t]
    if (x[t] > ends[2]) x[t] <- 2 * ends[2] - x[t]
  }
  x
}

# Rows of a list of trials, each a list.
bind_trials <- function(trials) do.call(rbind, lapply(trials, as.data.frame))

write_example <- function(data, path) {
  write.csv(data, path, row.names = FALSE, quote = FALSE, eol = "\n")
}
