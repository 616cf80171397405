# What the statistics of a predictive check are made from: the rows of a data set, what is fixed for
# all replicates, and what a subject has behind it on each trial.

# Fixed once, from the data of the fit: which response, which conditions, where bins begin.
check_definition <- function(fit, by, win, correct, value, stimulus, call) {
  data <- fit$data
  choices <- Filter(\(r) r$type != "number", fit$model$program$responses)
  if (length(choices) == 0L) return(list(response = NULL, conditions = "all"))
  response <- choices[[1L]]$name
  definition <- list(
    response = response,
    actions = data$actions[[response]],
    by = check_condition_columns(data, by, call),
    correct = check_correct_column(data, correct, call),
    value = value_item(fit, response, value, call),
    win = win_threshold(data, win, call),
    stimulus = stimulus_column(data, stimulus, call)
  )
  definition$conditions <- condition_labels(data, definition$by)
  definition$trials <- trial_bins(data, definition$stimulus)
  definition
}

check_condition_columns <- function(data, by, call) {
  if (is.null(by)) return(NULL)
  if (!is.character(by) || length(by) == 0L || anyNA(by)) {
    rescorla_abort(c("{.arg by} must name columns of the data.", x = "It is {describe_value(by)}."),
      "input", call = call)
  }
  # The error names the columns there are.
  vapply(by, \(name) data_columns(data, name, call)[1L], "", USE.NAMES = FALSE)
}

check_correct_column <- function(data, correct, call) {
  check_string(correct, allow_null = TRUE, call = call)
  if (!is.null(correct)) data_columns(data, correct, call)
}

# One text a row, in trial order.
condition_text <- function(data, by) {
  do.call(paste, c(lapply(by, \(column) as.character(data$data[[column]][data$order])), sep = ", "))
}

# Factors in the order of their levels.
condition_labels <- function(data, by) {
  if (is.null(by)) return("all")
  codes <- lapply(by, \(column) {
    x <- data$data[[column]]
    if (is.factor(x)) as.integer(x) else match(x, sort(unique(x)))
  })
  first <- !duplicated(do.call(paste, codes))
  ranked <- do.call(order, lapply(codes, `[`, first))
  text <- do.call(paste, c(lapply(by, \(column) as.character(data$data[[column]][first])),
    sep = ", "))[ranked]
  text[!grepl("(^|, )NA(,|$)", text)]
}

stimulus_column <- function(data, stimulus, call) {
  if (is.null(stimulus)) return(data$roles$stimulus)
  if (isFALSE(stimulus)) return(NULL)
  data_columns(data, check_string(stimulus, call = call), call)
}

# Series of trials that follow one another, a block or the trials of one stimulus within it: list(order
# = rows series by series, start = where one begins, trial = number within its series, in trial order).
check_series <- function(data, stimulus) {
  order <- seq_along(data$order)
  start <- data$block_start
  if (!is.null(stimulus)) {
    code <- match(data$data[[stimulus]], unique(data$data[[stimulus]]))[data$order]
    order <- order(data$row_block, code, method = "radix")
    n <- length(order)
    start <- c(TRUE, diff(data$row_block[order]) != 0L | diff(code[order]) != 0L)[seq_len(n)]
  }
  trial <- integer(length(order))
  trial[order] <- sequence(diff(c(which(start), length(order) + 1L)))
  list(order = order, start = start, trial = trial)
}

# At most twenty bins of trials within the series, up to the last that half of them reach.
trial_bins <- function(data, stimulus) {
  series <- check_series(data, stimulus)
  longest <- max(which(tabulate(series$trial) >= 0.5 * sum(series$start)))
  list(longest = longest, width = ceiling(longest / 20))
}

# The state or local with a number for every action that choices are set against.
value_item <- function(fit, response, value, call) {
  bound <- bind_model(fit$model, fit$data, active_level(), call = call)
  layout <- item_layout(fit$model$program, bound$levels)
  actions <- fit$data$actions[[response]]
  whole <- vapply(seq_along(layout$name), \(i) {
    layout$kind[i] != "response" && setequal(layout$columns[[i]], paste0(layout$name[i], "_", actions))
  }, NA)
  known <- layout$name[whole]
  if (is.null(value)) {
    states <- layout$name[whole & layout$kind == "state"]
    return(c(intersect(c("value", "q", "ev", "v"), known), states, NA)[1L])
  }
  check_string(value, call = call)
  if (!value %in% known) {
    rescorla_abort(c(
      "{.arg value} must name a state or local with one number for each action.",
      x = "It is {.val {value}}.",
      i = if (length(known) > 0L) "The model has {.val {known}}." else "The model has none."
    ), "input", call = call)
  }
  value
}

# The outcome above which a trial was won: one number, or one for each subject.
win_threshold <- function(data, win, call) {
  given <- is.null(win) || is_number(win) || identical(win, "median")
  if (!given) {
    rescorla_abort(c("{.arg win} must be a number, {.val median} or {.code NULL}.",
      x = "It is {describe_value(win)}."), "input", call = call)
  }
  if (is.null(data$roles$outcome)) return(NULL)
  if (is_number(win)) return(win)
  outcome <- as.double(rl_data_column(data, "outcome"))
  if (is.null(win)) {
    values <- range(outcome, na.rm = TRUE)
    if (values[1L] <= 0 && values[2L] > 0) return(0)
    if (all(outcome %in% c(values, NA))) return(mean(values))
  }
  threshold <- tapply(outcome, factor(data$row_subject, seq_along(data$subjects)), stats::median,
    na.rm = TRUE)
  stats::setNames(as.vector(threshold), as.character(data$subjects))
}

# --- rows ---------------------------------------------------------------------------------------

# What is fixed for a data set, in trial order. `usable` marks its subjects that count.
check_rows <- function(data, definition, usable, call) {
  response <- definition$response
  n <- length(data$order)
  series <- check_series(data, definition$stimulus)
  trial <- series$trial
  bins <- definition$trials
  condition <- if (is.null(definition$by)) rep(1L, n) else
    match(condition_text(data, definition$by), definition$conditions)
  scored <- usable[data$row_subject] & !is.na(data$responses[[response]]) & !is.na(condition)
  forced <- data$forced[[response]]
  if (!is.null(forced)) scored <- scored & !forced
  offered <- offered_actions(data, response)
  scored <- scored & rowSums(offered) > 1L
  win <- definition$win
  list(
    subject = data$row_subject, subjects = length(data$subjects), series = series,
    condition = condition, conditions = length(definition$conditions),
    trial = trial, bin = ifelse(trial <= bins$longest, ceiling(trial / bins$width), NA),
    scored = scored, offered = if (!all(offered)) offered,
    best = correct_actions(data, definition),
    threshold = if (length(win) > 1L) win[as.character(data$subjects)][data$row_subject] else win,
    outcome = if (!is.null(data$roles$outcome)) as.double(rl_data_column(data, "outcome"))
  )
}

# Codes of the best action by row: as a column says, or as outcomes tell. NULL where nothing does.
correct_actions <- function(data, definition) {
  if (!is.null(definition$correct)) {
    return(match(as.character(data$data[[definition$correct]][data$order]), definition$actions))
  }
  known <- !is.na(definition$value) || length(data$roles$foregone) == length(definition$actions)
  if (known && !is.null(data$roles$outcome)) best_actions(data, definition$response)
}

# --- what lies behind a trial -------------------------------------------------------------------

# `history`: choices that later trials follow; `p` and `value`: matrices rows x actions, of the
# probabilities before the choice and the values. All from the history alone: one step ahead it is
# the same for all replicates.
check_past <- function(history, outcome, p, value, rows, definition) {
  series <- rows$series
  n <- length(history)
  in_rows <- \(x) {
    out <- x
    out[series$order] <- x
    out
  }
  last <- \(x) {
    x <- c(NA, x[-n])
    x[series$start] <- NA
    x
  }
  own <- history[series$order]
  before <- last(own)
  won <- if (!is.null(outcome)) in_rows(last((outcome > rows$threshold)[series$order]))
  repeats <- !is.na(own) & !is.na(before) & own == before
  run <- last(sequence(diff(c(which(!repeats), n + 1L))))
  run[is.na(before)] <- NA
  before <- in_rows(before)
  run <- in_rows(run)
  list(
    before = before, won = won, run = run,
    value = if (!is.null(value)) bin_of(value_difference(value, rows$offered), definition$value_edges),
    p = if (!is.null(p)) bin_of(second_of_two(p), definition$p_edges)
  )
}

# Between two actions the second says it all; among more every action counts.
second_of_two <- function(x) if (ncol(x) == 2L) x[, 2L, drop = FALSE] else x

# Each action's value less the mean of the others on offer.
value_difference <- function(value, offered) {
  if (!is.null(offered)) value[!offered] <- NA
  total <- rowSums(value, na.rm = TRUE)
  count <- rowSums(!is.na(value))
  second_of_two(value - (total - value) / (count - 1))
}

bin_of <- function(x, edges) {
  if (length(edges) < 3L) return(NULL)
  x[] <- findInterval(x, edges, rightmost.closed = TRUE, all.inside = TRUE)
  x
}

# Edges of bins with about as many rows each.
quantile_edges <- function(x, bins = 8L) {
  unique(stats::quantile(x, seq(0, 1, length.out = bins + 1L), na.rm = TRUE, names = FALSE))
}
