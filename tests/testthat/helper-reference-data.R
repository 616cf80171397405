# Random test data, the way from a data frame to single subjects, numerical derivatives, and the
# learning and choice rules one cell at a time. Plain R, no package.

# A data frame of random choices: unequal trials, several blocks, missed choices and outcomes.
# Subjects are named so that the order of first appearance is not the alphabetical one.
# The foregone column of the chosen action holds the true outcome even where `outcome` was missed:
# a model that looks there by mistake gives another likelihood.
reference_data <- function(subjects = 5, trials = c(20, 40), blocks = 2, n_actions = 2,
                           missing_choice = 0.05, missing_outcome = 0.05, foregone = FALSE,
                           available = FALSE, forced = FALSE, outcome = c("binary", "normal"),
                           shuffle = FALSE, seed = 1) {
  outcome <- match.arg(outcome)
  kept <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit({
    if (is.null(kept)) rm(".Random.seed", envir = globalenv())
    else assign(".Random.seed", kept, envir = globalenv())
  })
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

  pieces <- list()
  for (s in seq_len(subjects)) {
    length_s <- if (trials[1] == trials[length(trials)]) trials[1] else
      trials[1] + floor(stats::runif(1) * (trials[2] - trials[1] + 1))
    piece <- reference_subject(length_s, blocks, n_actions, outcome, missing_choice,
                               missing_outcome, foregone, available, forced)
    pieces[[s]] <- cbind(subject = paste0("s", subjects + 1 - s), piece)
  }
  frame <- do.call(rbind, pieces)
  if (shuffle) frame <- frame[sample(nrow(frame)), ]
  rownames(frame) <- NULL
  attr(frame, "n_actions") <- n_actions
  frame
}

reference_subject <- function(trials, blocks, n_actions, kind, missing_choice, missing_outcome,
                              foregone, available, forced) {
  pays <- matrix(NA_real_, trials, n_actions)
  offered <- matrix(TRUE, trials, n_actions)
  choice <- integer(trials)
  outcome <- numeric(trials)
  rate <- stats::runif(n_actions)
  for (t in seq_len(trials)) {
    for (a in seq_len(n_actions)) {
      pays[t, a] <- if (kind == "binary") as.numeric(stats::runif(1) < rate[a]) else
        stats::rnorm(1, rate[a])
      if (available) offered[t, a] <- stats::runif(1) < 0.7
    }
    choice[t] <- as.integer(ceiling(stats::runif(1) * n_actions))
    offered[t, choice[t]] <- TRUE
    outcome[t] <- pays[t, choice[t]]
    if (stats::runif(1) < missing_outcome) outcome[t] <- NA
    if (foregone) {
      for (a in seq_len(n_actions)) {
        if (a != choice[t] && stats::runif(1) < missing_outcome) pays[t, a] <- NA
      }
    }
    # The first two trials are always answered: no subject is rejected for having nothing valid.
    if (t > 2 && stats::runif(1) < missing_choice) choice[t] <- NA
  }
  frame <- data.frame(
    block = paste0("b", ceiling(seq_len(trials) * blocks / trials)),
    trial = seq_len(trials), choice = choice, outcome = outcome
  )
  if (forced) frame$forced <- !is.na(choice) & stats::runif(trials) < 0.15 & seq_len(trials) > 2
  for (a in seq_len(n_actions)) {
    if (foregone) frame[[paste0("foregone_", a)]] <- pays[, a]
  }
  for (a in seq_len(n_actions)) {
    if (available) frame[[paste0("available_", a)]] <- offered[, a]
  }
  frame
}

# The arguments `rl_data()` needs for such a data frame:
# do.call(rl_data, c(list(frame), reference_roles(frame))).
reference_roles <- function(frame) {
  n <- attr(frame, "n_actions")
  roles <- list(subject = "subject", choice = "choice", outcome = "outcome", block = "block",
                trial = "trial", actions = seq_len(n))
  if ("forced" %in% names(frame)) roles$forced <- "forced"
  if ("foregone_1" %in% names(frame)) roles$foregone <- paste0("foregone_", seq_len(n))
  if ("available_1" %in% names(frame)) roles$available <- paste0("available_", seq_len(n))
  roles
}

# One list per subject, in order of first appearance; blocks in order of first appearance within
# the subject; trials by the `trial` column, else by row. `row` says which row each trial was.
reference_split <- function(frame, n_actions = attr(frame, "n_actions")) {
  if (is.null(n_actions)) n_actions <- max(frame$choice, na.rm = TRUE)
  if (is.null(frame$subject)) frame$subject <- "1"
  if (is.null(frame$block)) frame$block <- "1"
  if (is.null(frame$trial)) frame$trial <- seq_len(nrow(frame))
  result <- list()
  for (id in as.character(unique(frame$subject))) {
    row <- integer(0)
    block_start <- logical(0)
    mine <- which(as.character(frame$subject) == id)
    for (block in unique(frame$block[mine])) {
      here <- mine[frame$block[mine] == block]
      here <- here[order(frame$trial[here])]
      row <- c(row, here)
      block_start <- c(block_start, TRUE, rep(FALSE, length(here) - 1))
    }
    result[[id]] <- list(
      row = row, choice = as.integer(frame$choice[row]), outcome = as.numeric(frame$outcome[row]),
      block_start = block_start, forced = frame$forced[row],
      foregone = reference_columns(frame, "foregone_", row, n_actions),
      available = reference_columns(frame, "available_", row, n_actions),
      n_actions = n_actions
    )
  }
  result
}

reference_columns <- function(frame, prefix, row, n_actions) {
  columns <- paste0(prefix, seq_len(n_actions))
  if (!all(columns %in% names(frame))) return(NULL)
  unname(as.matrix(frame[row, columns]))
}

# One subject's list from plain vectors, for data typed into a test.
reference_one <- function(choice, outcome, n_actions = max(choice, na.rm = TRUE),
                          block_start = seq_along(choice) == 1, forced = NULL, foregone = NULL,
                          available = NULL) {
  list(row = seq_along(choice), choice = as.integer(choice), outcome = as.numeric(outcome),
       block_start = block_start, forced = forced, foregone = foregone, available = available,
       n_actions = n_actions)
}

# Derivatives of f at x: central differences at halved steps, extrapolated (Richardson). A vector
# for a scalar f, else a matrix with one row per element of f(x).
finite_difference <- function(f, x, step = 2e-3, levels = 4) {
  jacobian <- matrix(NA_real_, length(f(x)), length(x))
  for (i in seq_along(x)) {
    table <- list()
    for (level in seq_len(levels)) {
      h <- step * max(1, abs(x[i])) / 2^(level - 1)
      above <- below <- x
      above[i] <- x[i] + h
      below[i] <- x[i] - h
      current <- list(as.numeric(f(above) - f(below)) / (2 * h))
      for (k in seq_len(level - 1)) {
        finer <- current[[k]]
        current[[k + 1]] <- finer + (finer - table[[level - 1]][[k]]) / (4^k - 1)
      }
      table[[level]] <- current
    }
    jacobian[, i] <- table[[levels]][[levels]]
  }
  if (nrow(jacobian) == 1) stats::setNames(jacobian[1, ], names(x)) else jacobian
}

# ---- The rules on their own: one vector over actions, `chosen` an index or NULL for all ----------

reference_moves <- function(value, chosen) {
  if (is.null(chosen)) rep(TRUE, length(value)) else seq_along(value) == chosen
}

reference_rescorla_wagner <- function(value, outcome, alpha, chosen = NULL) {
  reference_rescorla_wagner_asymmetric(value, outcome, alpha, alpha, chosen)
}

reference_rescorla_wagner_asymmetric <- function(value, outcome, alpha_pos, alpha_neg,
                                                 chosen = NULL) {
  moves <- reference_moves(value, chosen)
  outcome <- rep_len(outcome, length(value))
  error <- rep(NA_real_, length(value))
  for (a in seq_along(value)) {
    error[a] <- outcome[a] - value[a]
    if (!moves[a] || is.na(error[a])) next
    value[a] <- value[a] + (if (error[a] > 0) alpha_pos else alpha_neg) * error[a]
  }
  list(value = value, prediction_error = error)
}

reference_pearce_hall_update <- function(value, associability, outcome, kappa, eta,
                                         chosen = NULL) {
  moves <- reference_moves(value, chosen)
  outcome <- rep_len(outcome, length(value))
  error <- rep(NA_real_, length(value))
  for (a in seq_along(value)) {
    error[a] <- outcome[a] - value[a]
    if (!moves[a] || is.na(error[a])) next
    value[a] <- value[a] + kappa * associability[a] * error[a]
    associability[a] <- (1 - eta) * associability[a] + eta * abs(error[a])
  }
  list(value = value, prediction_error = error, associability = associability)
}

reference_kalman_update <- function(mean, variance, outcome, sigma_obs, chosen = NULL) {
  moves <- reference_moves(mean, chosen)
  outcome <- rep_len(outcome, length(mean))
  error <- gain <- rep(NA_real_, length(mean))
  for (a in seq_along(mean)) {
    error[a] <- outcome[a] - mean[a]
    gain[a] <- variance[a] / (variance[a] + sigma_obs^2)
    if (!moves[a] || is.na(error[a])) next
    mean[a] <- mean[a] + gain[a] * error[a]
    variance[a] <- (1 - gain[a]) * variance[a]
  }
  list(value = mean, prediction_error = error, variance = variance, gain = gain)
}

reference_softmax <- function(x, beta = 1, available = rep(TRUE, length(x))) {
  largest <- -Inf
  for (a in seq_along(x)) if (available[a]) largest <- max(largest, beta * x[a])
  p <- rep(0, length(x))
  for (a in seq_along(x)) if (available[a]) p[a] <- exp(beta * x[a] - largest)
  p / sum(p)
}

# The best action with probability 1 - epsilon, ties shared, otherwise any action.
reference_epsilon_greedy <- function(x, epsilon) {
  best <- x == max(x)
  p <- numeric(length(x))
  for (a in seq_along(x)) {
    p[a] <- epsilon / length(x) + if (best[a]) (1 - epsilon) / sum(best) else 0
  }
  p
}
