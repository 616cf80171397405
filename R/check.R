#' Does the model describe the data?
#'
#' Predictive checks: statistics of the data beside the same statistics of data simulated from the
#' fit, and what is wrong with the estimates themselves.
#'
#' @param fit A fit from [rl_fit()].
#' @param statistics Which statistics: names from the list below, functions of your own, or both, as
#'   in `c("switch", list(mine = function(data) mean(data$choice == 2, na.rm = TRUE)))`. `NULL`: all
#'   of the list that the data and the model allow.
#' @param nsim Number of simulated data sets.
#' @param type `"one_step"`: every choice drawn anew after what the subject really did and saw,
#'   which asks whether the next choice is predicted. `"generative"`: subjects simulated from the
#'   start, which asks whether the model could have behaved like them. See [simulate.rl_fit()] for
#'   where outcomes come from.
#' @param task For `type = "generative"`: a task, as in [simulate.rl_fit()].
#' @param by Names of columns of the data: statistics are computed for each combination of their
#'   values.
#' @param win What counts as a win: outcomes above this number, or above the subject's `"median"`.
#'   `NULL`: above 0 where there are outcomes on both sides of it (or 0 itself), the larger of two
#'   values where there are only two, else above the subject's median.
#' @param correct Name of the column that holds the correct (best) action of each row. `NULL`: the
#'   action that paid most on average in the block, for models that hold a value for each action; it
#'   says little where the best action changes within blocks.
#' @param value Name of the state, or local, that holds a value for each action. `NULL`: `value` or
#'   `q`, else the model's first such state.
#' @param stimulus Name of the column of stimuli: "before" then means the last trial of the block
#'   with the same stimulus, and trials are counted by stimulus. `NULL`: the column that has that
#'   role in the data, if there is one; `FALSE`: none.
#' @param level Of the simulated bands.
#' @param recovery Also simulate one data set at the estimates, refit it by the same method, and
#'   keep both in `recovery`?
#' @param draws For `method = "nuts"`: see [simulate.rl_fit()].
#' @param seed A whole number; if `NULL`, R's own generator provides one.
#'
#' @section Statistics:
#' Shares of scored choices; forced choices, and trials with one action on offer, do not count.
#' * `"learning_curve"`: of the correct action by trial within the block, at most twenty bins of
#'   trials;
#' * `"win_stay_lose_shift"`: of staying with the choice after a win, of leaving it otherwise;
#' * `"switch"`: of choices that differ from the one before;
#' * `"value_difference"`: of choosing an action by how far its value is above the mean of the
#'   others', in eighths of the data (quantiles); the second action where there are two, else every
#'   action;
#' * `"run_length"`: of runs of one choice by their length, the last level for all longer ones, by
#'   the product-limit estimator (Kaplan & Meier 1958), so that runs cut off by the end of a block
#'   count;
#' * `"calibration"`: of choosing an action by the probability the model gave it, in tenths.
#'
#' The first three are means over subjects, the others go by all rows together. One step ahead, the
#' choice before, runs, values and probabilities are those of the real history (for full Bayes fits
#' values and probabilities at the posterior means).
#'
#' A function of your own takes a data frame like that of the data, with responses (and,
#' generatively, outcomes) simulated, and gives a number or a named vector. Its column `.history` is
#' the choice that the trials after it follow: one step ahead the real one, else the simulated one.
#' So `function(d) mean(d$choice[-1] != d$.history[-nrow(d)], na.rm = TRUE)` is a share of switches
#' in both.
#'
#' @section Whether a statistic is missed:
#' `p` is the posterior predictive p-value of one number: the share of replicates above the observed one,
#' ties half (Gelman, Meng & Stern 1996); near 0 and near 1 both tell of misfit. With many numbers some are
#' outside their band by chance. A statistic is called *missed* where the largest deviation over its
#' levels, in standard deviations of the replicates, is larger than in 99% of the replicates (in all of
#' them where there are fewer than 100); `tests` has the share as `p`. Data that were fitted are described
#' better than new ones would be: to miss them says more than to meet them.
#'
#' @section Problems of the estimates:
#' `problems` lists, with the subjects concerned,
#' * `"convergence"`: searches that did not converge, so that all else about them is uncertain;
#' * `"bound"`: estimates at the edge of their range;
#' * `"flat"`: directions in which the likelihood hardly changes. By subject: a parameter flagged by
#'   [rl_fit()], or a combination whose standard error on the unconstrained scale is above 3 (a
#'   learning rate between 0.05 and 0.95). For `"map"`, `"em"` and `"nuts"`: the subjects' data
#'   leave more than 95% of the variance of the prior (the group);
#' * `"correlated"`: pairs whose errors correlate above 0.9 in size;
#' * `"unidentified"`: learning rates of subjects who choose as if values did not matter: setting
#'   the inverse temperature to 0 costs less than 1.92 in log-likelihood (half the 95% quantile of
#'   chi-squared with one degree of freedom), and without it there is nothing to learn from.
#'
#' `recovery = TRUE` shows what estimates like these are worth: each subject's estimates, and what
#' comes back from data simulated with them. Where the data cannot be simulated generatively,
#' outcomes of choices not made are borrowed from the nearest trials on which the subject made them.
#'
#' @return An object of class `rl_check`: a list with
#'   * `statistics`: a data frame with `statistic`, `level`, `x` (the level as a number, `NA` where
#'     it has none), `condition`, `observed`, `simulated` (median over replicates), `lower`,
#'     `upper`, `p`, `inside`;
#'   * `tests`: a data frame with a row for each statistic: `statistic`, `levels`, `outside` (how
#'     many are outside their band), `deviation`, `p`, `missed`;
#'   * `problems`: a data frame with `problem`, `parameters`, `n` (subjects), `share` (of subjects),
#'     `detail`, and a list `subjects`;
#'   * `recovery`: `NULL`, or a data frame with `subject`, `parameter`, `true`, `refit`, `problem`;
#'   * `replicates`: a matrix replicates x rows of `statistics`; `fit`, `type`, `nsim`, `level`,
#'     `seed`.
#' @references
#' Gelman, A., Meng, X.-L. & Stern, H. (1996). Posterior predictive assessment of model fitness via
#' realized discrepancies. *Statistica Sinica*, 6, 733-807.
#'
#' Palminteri, S., Wyart, V. & Koechlin, E. (2017). The importance of falsification in computational
#' cognitive modeling. *Trends in Cognitive Sciences*, 21, 425-433.
#'
#' Wilson, R. C. & Collins, A. G. E. (2019). Ten simple rules for the computational modeling of
#' behavioral data. *eLife*, 8, e49547.
#'
#' Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. *Journal
#' of the American Statistical Association*, 53, 457-481.
#' @seealso [plot.rl_check()], [simulate.rl_fit()].
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' check <- rl_check(fit, nsim = 50, by = "group", seed = 1)
#' check
#' check$tests
#'
#' # A statistic of one's own
#' second <- function(data) c(second = mean(data$choice == 2, na.rm = TRUE))
#' rl_check(fit, list(second = second), nsim = 50, seed = 1)$statistics
#' @export
rl_check <- function(fit, statistics = NULL, nsim = 100, type = c("one_step", "generative"),
                     task = NULL, by = NULL, win = NULL, correct = NULL, value = NULL,
                     stimulus = NULL, level = 0.95, recovery = FALSE, draws = NULL, seed = NULL) {
  call <- rlang::current_env()
  check_class(fit, "rl_fit", "a fit from `rl_fit()`", call = call)
  if (inherits(fit$data, "rl_data_chunks")) abort_chunks(call)
  nsim <- check_count(nsim, min = 2)
  if (missing(type) && !is.null(task)) type <- "generative"
  type <- check_choice(type, c("one_step", "generative"))
  level <- check_level(level, call = call)
  check_flag(recovery)
  seed <- resolve_seed(seed, call)
  definition <- check_definition(fit, by, win, correct, value, stimulus, call)
  request <- statistics_request(statistics, definition, fit, call)
  plan <- simulation_plan(fit, nsim, type, task, draws, seed, call)
  warn_left_out(fit, call)
  observed <- observe_data(fit, definition, request, call)
  observed$own <- own_levels(request$own, observed$frame, call)
  found <- observed_statistics(observed, request)
  replicates <- simulate_statistics(fit, plan, observed, request, length(found$observed), call)
  # Levels that the data or most replicates do not have cannot be compared.
  found$kept <- is.finite(found$observed) & colMeans(is.finite(replicates)) > 0.5
  if (!any(found$kept)) {
    rescorla_abort(c("No statistic has a number for the data and for most replicates.",
      i = "Missing values need {.code na.rm = TRUE} in functions of your own."), "input", call = call)
  }
  problems <- fit_problems(fit)
  summary <- summarise_check(found, replicates, level)
  structure(list(
    statistics = summary,
    tests = test_statistics(found, replicates, summary),
    problems = problems,
    recovery = if (recovery) check_recovery(fit, plan, problems, call),
    replicates = replicates[, found$kept, drop = FALSE],
    fit = fit, definition = observed$definition, type = plan$type, nsim = nsim, level = level,
    by = by, seed = seed, draws = plan$chosen
  ), class = "rl_check")
}

# list(known = names of built-in statistics, own = functions by name, asked = were they asked for).
statistics_request <- function(statistics, definition, fit, call) {
  known <- check_statistics()
  if (is.null(statistics)) {
    if (is.null(definition$response)) {
      rescorla_abort(c(
        "Model {.val {fit$model$name}} has no choices, so no statistic of {.fn rl_check} applies.",
        i = "Give one of your own: {.code statistics = list(mine = function(data) ...)}."
      ), "model", call = call)
    }
    return(list(known = known, own = list(), asked = FALSE))
  }
  if (is.function(statistics)) statistics <- list(own = statistics)
  given <- as.list(statistics)
  own <- vapply(given, is.function, NA)
  names <- rlang::names2(given)
  bad <- !own & !vapply(given, \(x) is.character(x) && length(x) == 1L && x %in% known, NA)
  if (any(bad)) {
    x <- given[[which(bad)[1L]]]
    nearest <- if (is.character(x) && length(x) == 1L && !is.na(x)) nearest_name(x, known)
    rescorla_abort(c(
      "{.arg statistics} must be functions, or among {.val {known}}.",
      x = "One is {describe_value(x)}.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?"
    ), "input", call = call)
  }
  if (any(!nzchar(names[own])) || anyDuplicated(names[own])) {
    rescorla_abort(c("Functions in {.arg statistics} need a name each.",
      i = "For example {.code list(mine = function(data) mean(data$outcome))}."), "input", call = call)
  }
  if (any(!own) && is.null(definition$response)) {
    rescorla_abort(c("Model {.val {fit$model$name}} has no choices.",
      x = "{.val {given[!own][[1L]]}} is a statistic of choices."), "model", call = call)
  }
  list(known = unique(unlist(given[!own])), own = given[own], asked = TRUE)
}

# --- the data -----------------------------------------------------------------------------------

# What is computed once: rows, what lies behind them, levels, and the data frame for own statistics.
observe_data <- function(fit, definition, request, call) {
  data <- fit$data
  observed <- list(data = data, definition = definition)
  if (length(request$own) > 0L) observed$frame <- history_frame(fit, data$data, NULL)
  if (is.null(definition$response)) return(observed)
  rows <- check_rows(data, definition, is_fitted(fit), call)
  traced <- probabilities_and_values(fit, data, fit_values(fit, data$subjects)$values, definition, call)
  choice <- data$responses[[definition$response]]
  if (!is.null(traced$value)) {
    observed$difference <- value_difference(traced$value, rows$offered)
    definition$value_edges <- quantile_edges(observed$difference[rows$scored, ])
  }
  definition$p_edges <- seq(0, 1, 0.1)
  past <- check_past(choice, rows$outcome, traced$p, traced$value, rows, definition)
  runs <- past$run[rows$scored]
  definition$longest_run <- if (all(is.na(runs))) 4L else
    as.integer(min(max(stats::quantile(runs, 0.9, na.rm = TRUE, type = 1L), 4), 10))
  observed[c("definition", "rows", "past", "choice", "p")] <- list(definition, rows, past, choice,
    traced$p)
  observed$levels <- Filter(Negate(is.null), lapply(rlang::set_names(as.character(request$known)),
    statistic_levels, observed = observed))
  lacking <- setdiff(request$known, names(observed$levels))
  if (request$asked && length(lacking) > 0L) {
    rescorla_abort(c("The statistic {.val {lacking[1L]}} cannot be computed from these data.",
      i = why_lacking(lacking[1L])), "input", call = call)
  }
  observed
}

why_lacking <- function(name) {
  switch(name,
    learning_curve = "It needs {.arg correct}, the name of a column; or outcomes and a model that holds a
      value for each action.",
    win_stay_lose_shift = "It needs outcomes, some that are wins and some that are not: see
      {.arg win}.",
    value_difference = "It needs a state with one number for each action: see {.arg value}.",
    calibration = "It needs probabilities of the choice."
  )
}

# Matrices rows x actions, actions in the order of the data.
probabilities_and_values <- function(fit, data, values, definition, call) {
  items <- c(definition$response, if (!is.na(definition$value)) definition$value)
  traced <- trace_model(fit$model, data, values, items = items, threads = resolve_threads(NULL),
    call = call)
  items_as_matrices(fit, data, traced$items, definition, call)
}

items_as_matrices <- function(fit, data, items, definition, call) {
  levels <- bind_model(fit$model, data, active_level(), call = call)$levels
  order <- match(definition$actions,
    levels[[program_group(fit$model$program, definition$response)]])
  wide <- \(name) if (!is.na(name)) do.call(cbind, items[[name]])[, order, drop = FALSE]
  list(p = wide(definition$response), value = wide(definition$value))
}

# The data frame that functions of the user's get.
history_frame <- function(fit, frame, history) {
  column <- fit$data$roles$choice[1L]
  if (!is.null(column)) frame$.history <- history %||% frame[[column]]
  usable <- is_fitted(fit)
  if (all(usable)) frame else frame[rows_of_subjects(fit$data, usable), , drop = FALSE]
}

# Names of what the user's functions give for the data.
own_levels <- function(own, frame, call) {
  lapply(rlang::set_names(as.character(names(own))), \(name) {
    x <- call_own(own[[name]], name, frame, NULL, call)
    list(level = if (is.null(names(x))) paste0(name, if (length(x) > 1L) seq_along(x)) else names(x),
      value = as.double(x))
  })
}

call_own <- function(f, name, frame, size, call) {
  x <- tryCatch(f(frame), error = \(e) {
    rescorla_abort("The statistic {.val {name}} fails.", "input", call = call, parent = e)
  })
  if (!is.numeric(x) && !is.logical(x) || length(x) == 0L || !is.null(size) && length(x) != size) {
    rescorla_abort(c(
      "The statistic {.val {name}} must give a number, or as many numbers for all data sets.",
      x = if (is.null(size) || !is.numeric(x)) "For the data it gives {describe_value(x)}." else
        "It gives {size} for the data and {length(x)} for simulated data.",
      i = "Levels of a factor keep {.fn table} at the same length."
    ), "input", call = call)
  }
  x
}

# --- the statistics of one data set -------------------------------------------------------------

# list(table = statistic, level, x, condition; observed = their values).
observed_statistics <- function(observed, request) {
  conditions <- observed$definition$conditions
  known <- lapply(names(observed$levels), \(name) {
    levels <- observed$levels[[name]]
    data.frame(statistic = name, levels[rep(seq_len(nrow(levels)), length(conditions)), ],
      condition = rep(conditions, each = nrow(levels)))
  })
  own <- lapply(names(observed$own), \(name) {
    data.frame(statistic = name, level = observed$own[[name]]$level, x = NA_real_, condition = "all")
  })
  table <- do.call(rbind, c(known, own))
  values <- c(
    compute_statistics(names(observed$levels), observed$choice, observed$past, observed$rows,
      observed$levels),
    unlist(lapply(observed$own, `[[`, "value"), use.names = FALSE)
  )
  list(table = table, observed = values)
}
