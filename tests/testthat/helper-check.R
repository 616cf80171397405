# Data for predictive checks: eight subjects who tend to repeat themselves, two blocks of 40 trials,
# outcomes of both arms known; some trials missed, forced, or without a shown outcome.
check_frame <- function() {
  once("check frame", {
    truth <- withr::with_seed(5, data.frame(subject = paste0("p", 8:1),
      alpha = plogis(rnorm(8, -0.5, 0.5)), beta = exp(rnorm(8, 1, 0.2)), kappa = 1.5))
    frame <- simulate(rl_model("rw_sticky"), seed = 6, parameters = truth,
      task = task_bandit(c(0.35, 0.65), trials = 40, blocks = 2, foregone = TRUE))
    frame <- as.data.frame(frame)
    attr(frame, "rescorla_roles") <- attr(frame, "rescorla_task") <- NULL
    frame$group <- ifelse(frame$subject %in% c("p8", "p3", "p1"), "old", "young")
    frame$forced <- seq_len(nrow(frame)) %% 13 == 0
    frame$choice[c(3, 50, 51, 200)] <- NA
    frame$outcome[c(3, 50, 51, 200, 99)] <- NA
    frame
  })
}

check_data <- function(frame = check_frame()) {
  suppressWarnings(rl_data(frame, block = "block", trial = "trial", forced = "forced",
    foregone = c("foregone_1", "foregone_2")))
}

check_fit <- function(model = "rw") {
  once(paste("check fit", model), {
    suppressWarnings(rl_fit(model, check_data(), method = "map", starts = 5, seed = 1))
  })
}

# The statistics by plain loops over subjects, blocks and trials. `history` are the choices that later
# trials follow; `p` and `value` are of the second arm, and its value less the first's, by row.
loop_statistics <- function(frame, history, p, value, p_breaks, value_breaks, longest) {
  subjects <- unique(frame$subject)
  counts <- list()
  add <- function(statistic, level, subject, hit) {
    key <- paste(statistic, level, subject)
    old <- counts[[key]]
    if (is.null(old)) old <- c(0, 0)
    counts[[key]] <<- old + c(hit, 1)
  }
  for (s in subjects) for (b in unique(frame$block)) {
    rows <- which(frame$subject == s & frame$block == b)
    paid <- c(mean(frame$foregone_1[rows], na.rm = TRUE),
      mean(frame$foregone_2[rows], na.rm = TRUE))
    best <- which.max(paid)
    run <- NA
    for (t in seq_along(rows)) {
      i <- rows[t]
      before <- if (t > 1) history[rows[t - 1]] else NA
      if (t > 1) {
        earlier <- if (t > 2) history[rows[t - 2]] else NA
        run <- if (is.na(before)) NA else if (is.na(earlier) || before != earlier) 1 else run + 1
      }
      choice <- frame$choice[i]
      if (is.na(choice) || frame$forced[i]) next
      add("learning_curve", ceiling(t / 2), s, choice == best)
      add("calibration", findInterval(p[i], p_breaks, rightmost.closed = TRUE), "all", choice == 2)
      add("value_difference", findInterval(value[i], value_breaks, all.inside = TRUE), "all",
        choice == 2)
      if (is.na(before)) next
      add("switch", 1, s, choice != before)
      add("run_length", min(run, longest), "all", choice != before)
      won <- frame$outcome[rows[t - 1]]
      if (is.na(won)) next
      if (won > 0) add("win_stay_lose_shift", 1, s, choice == before) else
        add("win_stay_lose_shift", 2, s, choice != before)
    }
  }
  share <- function(statistic, level, who) {
    x <- vapply(who, function(s) {
      found <- counts[[paste(statistic, level, s)]]
      if (is.null(found)) NA_real_ else found[1] / found[2]
    }, 0)
    mean(x, na.rm = TRUE)
  }
  each <- function(statistic, levels, who) vapply(levels, function(l) share(statistic, l, who), 0)
  hazard <- each("run_length", seq_len(longest), "all")
  hazard[is.nan(hazard)] <- 0
  length <- numeric(longest)
  left <- 1
  for (k in seq_len(longest)) {
    length[k] <- if (k < longest) left * hazard[k] else left
    left <- left * (1 - hazard[k])
  }
  list(
    learning_curve = each("learning_curve", 1:20, subjects),
    win_stay_lose_shift = each("win_stay_lose_shift", 1:2, subjects),
    switch = each("switch", 1, subjects),
    value_difference = each("value_difference", seq_len(length(value_breaks) - 1), "all"),
    run_length = length,
    calibration = each("calibration", seq_len(length(p_breaks) - 1), "all")
  )
}
