# The statistics of predictive checks. Each is a function of what was chosen and of what lies behind,
# and gives a number for every level in every condition, conditions one after another.

check_statistics <- function() c("learning_curve", "win_stay_lose_shift", "switch", "value_difference",
  "run_length", "calibration")

statistic_label <- function(name) {
  known <- c(learning_curve = "learning curve", win_stay_lose_shift = "win-stay, lose-shift",
    switch = "switch probability", value_difference = "choice by value", run_length = "run length",
    calibration = "calibration")
  ifelse(name %in% names(known), known[name], name)
}

# Levels of a statistic: a data frame with level and x. NULL where it cannot be computed; then the
# attribute of the list of all says why.
statistic_levels <- function(name, observed) {
  rows <- observed$rows
  past <- observed$past
  definition <- observed$definition
  numbered <- \(x) data.frame(level = format_signif(x, 3L), x = x)
  switch(name,
    learning_curve = if (!is.null(rows$best) && any(!is.na(rows$best))) {
      numbered(as.vector(tapply(rows$trial, rows$bin, mean)))
    },
    win_stay_lose_shift = if (any(past$won, na.rm = TRUE) && any(!past$won, na.rm = TRUE)) {
      data.frame(level = c("win-stay", "lose-shift"), x = NA_real_)
    },
    switch = data.frame(level = "switch", x = NA_real_),
    value_difference = if (!is.null(past$value)) {
      numbered(bin_means(observed$difference, past$value, rows$scored, definition$value_edges))
    },
    run_length = {
      k <- seq_len(definition$longest_run)
      data.frame(level = paste0(k, ifelse(k == max(k), "+", "")), x = k)
    },
    calibration = if (!is.null(past$p)) {
      numbered(bin_means(second_of_two(observed$p), past$p, rows$scored, definition$p_edges))
    }
  )
}

bin_means <- function(x, bin, rows, edges) {
  as.vector(tapply(x[rows, ], factor(bin[rows, ], seq_len(length(edges) - 1L)), mean))
}

# Shares of all built-in statistics that are asked for, one after another.
compute_statistics <- function(names, choice, past, rows, levels) {
  counted <- rows$scored & !is.na(choice)
  unlist(lapply(names, \(name) {
    size <- nrow(levels[[name]])
    switch(name,
      learning_curve = subject_shares(choice == rows$best, rows$bin, size, counted, rows),
      win_stay_lose_shift = subject_shares((choice == past$before) == past$won, 2L - past$won, size,
        counted, rows),
      switch = subject_shares(choice != past$before, rep(1L, length(choice)), size, counted, rows),
      value_difference = pooled_shares(choice, past$value, size, counted, rows),
      run_length = run_lengths(choice != past$before, past$run, size, counted, rows),
      calibration = pooled_shares(choice, past$p, size, counted, rows)
    )
  }))
}

# Share of TRUE in each level, by subject, then the mean over the subjects who have any.
subject_shares <- function(x, level, size, counted, rows) {
  # A task may have more trials than the data.
  use <- which(counted & !is.na(x) & !is.na(level) & level <= size)
  cells <- size * rows$conditions
  cell <- (rows$condition[use] - 1L) * size + level[use]
  place <- (rows$subject[use] - 1L) * cells + cell
  share <- tabulate(place[x[use]], cells * rows$subjects) / tabulate(place, cells * rows$subjects)
  rowMeans(matrix(share, cells), na.rm = TRUE)
}

# Share of choices of an action, rows of all subjects together; `level` is a matrix rows x actions.
pooled_shares <- function(choice, level, size, counted, rows) {
  cells <- size * rows$conditions
  action <- if (ncol(level) == 1L) 2L else col(level)
  place <- (rows$condition - 1L) * size + level
  use <- counted & !is.na(level)
  chosen <- use & choice == action
  tabulate(place[chosen], cells) / tabulate(place[use], cells)
}

# The distribution of lengths of runs of one choice, by the product-limit estimator (Kaplan & Meier
# 1958): runs that a block's end or a missed trial cuts off count as long as they last. One step ahead
# it asks after each real run whether the choice drawn would have ended it.
run_lengths <- function(switched, run, size, counted, rows) {
  use <- which(counted & !is.na(switched) & !is.na(run))
  cells <- size * rows$conditions
  place <- (rows$condition[use] - 1L) * size + pmin(run[use], size)
  hazard <- matrix(tabulate(place[switched[use]], cells) / tabulate(place, cells), size)
  as.vector(apply(hazard, 2L, \(h) {
    h[is.nan(h)] <- 0
    left <- cumprod(1 - h)
    c(1, left[-size])[seq_len(size)] * c(h[-size], 1)
  }))
}
