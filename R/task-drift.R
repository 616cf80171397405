# Tasks whose outcomes change over time: drifting, switching, reversing.

#' Tasks that change
#'
#' Bandits whose outcomes move while they are played, each a program (`rl_task()` writes others) whose
#' numbers are settings.
#'
#' * `task_drift()`: each action's probability of winning (or mean payoff) walks at random. After each
#'   trial, with \eqn{\varepsilon_a} normal with standard deviation `sigma` and correlation `correlation`
#'   between any two actions,
#'   \deqn{p_a \leftarrow c + \lambda (p_a - c) + \varepsilon_a}{p[a] <- c + lambda (p[a] - c) + epsilon[a]}
#'   with \eqn{\lambda} = `decay` and \eqn{c} = `centre`, kept within `bounds`; with probability `hazard` two
#'   actions then change places.
#' * `task_switch()`: one of several sets of probabilities (`types`) holds; after each trial another one,
#'   each as likely, takes its place with probability `flip`.
#' * `task_reversal()`: the best action changes places with another one after some number of trials, of
#'   correct choices in a row, or of rewards.
#'
#' @param trials,blocks Trials in a block, and blocks; the world starts anew with each block.
#' @param actions Number of actions, or their labels.
#' @param sigma Standard deviation of a step, 0 or more.
#' @param start Where the walk starts: a number for each action, or `NULL` for uniform draws within
#'   `bounds`, anew for each subject and block.
#' @param bounds Lowest and highest value.
#' @param at_bounds What happens beyond the bounds: the value is put on the bound (`"clip"`) or mirrored
#'   at it (`"reflect"`).
#' @param decay,centre How much of its distance from `centre` a value keeps in a step, 0 to 1; 1 is
#'   a pure random walk.
#' @param hazard Probability per trial that two actions, drawn at random, change places, 0 to 1.
#' @param correlation Correlation of the steps of any two actions, from -1 / (actions - 1) to 1.
#' @param payoff `"binary"`: a win with the probability that walks. `"gaussian"`: the value itself, with
#'   normal noise of standard deviation `sd`.
#' @param win,lose What a win and a loss pay: 1 and 0; 1 and -1 is a schedule with penalties.
#' @param sd Standard deviation of Gaussian payoffs.
#' @param types A matrix of probabilities, a row for each type (8 at most), a column for each action.
#' @param flip Probability per trial that another type takes over, 0 to 1.
#' @param prob Probability of a win by action, at the start.
#' @param after What a reversal waits for: `"trials"`, `"correct"` (choices of the best action in a row)
#'   or `"rewards"` (wins since the last reversal).
#' @param n How many of them: one whole number, or the lowest and highest, each number between as
#'   likely, drawn anew for each reversal.
#' @param shuffle Draw for each subject and block which action is the best at first?
#' @param foregone Full feedback: are outcomes of the actions not chosen (columns `foregone_<action>`) part
#'   of the data? Models that read `foregone` always get them.
#' @param conditions A data frame with a row for each block, whose columns are part of the data. One that
#'   is called like a setting (`sigma`, `hazard`, `decay`, `flip`, `n`, ...) takes its place block by block.
#' @param columns A data frame of further columns, as in [rl_task()].
#' @return An object of class `rl_task`, for [simulate.rl_model()] and `plot()`.
#' @references Daw, O'Doherty, Dayan, Seymour & Dolan (2006), Nature 441:876-879 (drift with decay).
#'   Behrens, Woolrich, Walton & Rushworth (2007), Nature Neuroscience 10:1214-1221 (volatility by
#'   block). Cools, Clark, Owen & Robbins (2002), Journal of Neuroscience 22:4563-4567 (reversal).
#' @seealso [rl_task()], [task_bandit()], [task_two_step()].
#' @examples
#' task_drift(trials = 100, sigma = 0.05)
#' # Four arms as in Daw et al. (2006)
#' task_drift(150, actions = 4, sigma = 2.8, bounds = c(0, 100), decay = 0.9836, centre = 50,
#'   payoff = "gaussian", sd = 4)
#' # A stable and a volatile block
#' task_reversal(80, blocks = 2,
#'   conditions = data.frame(condition = c("stable", "volatile"), n = c(80, 20)))
#' sim <- simulate(rl_model("rw"), seed = 1, subjects = 5, parameters = c(alpha = 0.3, beta = 5),
#'   task = task_switch(100, types = rbind(c(0.8, 0.2), c(0.2, 0.8)), flip = 0.05))
#' head(sim)
#' @name changing_tasks
NULL

#' @rdname changing_tasks
#' @export
task_drift <- function(trials, actions = 2, sigma = 0.05, start = NULL, bounds = c(0, 1),
                       at_bounds = c("clip", "reflect"), decay = 1, centre = mean(bounds), hazard = 0,
                       correlation = 0, payoff = c("binary", "gaussian"), win = 1, lose = 0, sd = 1,
                       blocks = 1, foregone = FALSE, conditions = NULL, columns = NULL) {
  call <- rlang::current_env()
  k <- count_actions(actions, call)
  at_bounds <- check_choice(at_bounds, c("clip", "reflect"))
  payoff <- check_choice(payoff, c("binary", "gaussian"))
  binary <- payoff == "binary"
  bounds <- check_bounds(bounds, "bounds", if (binary) 0 else -Inf, if (binary) 1 else Inf, call)
  start <- if (is.null(start)) NULL else
    check_by_action(start, k, "start", bounds[1], bounds[2], call)
  check_number(hazard, 0, 1)
  check_number(decay, 0, 1)
  check_number(correlation, -1 / (k - 1), 1)
  # Steps with any two equally correlated: each its own draw times `own`, plus a share of all.
  own <- sqrt(1 - correlation)
  settings <- list(
    first_low = start %||% rep(bounds[1], k), first_high = start %||% rep(bounds[2], k),
    sigma = check_number(sigma, 0), own = own,
    common = (sqrt(max(0, 1 - correlation + k * correlation)) - own) / k,
    decay = decay, centre = check_number(centre), lower = bounds[1], upper = bounds[2],
    reflect = as.numeric(at_bounds == "reflect"), hazard = hazard,
    gaussian = as.numeric(!binary), sd = check_number(sd, 0), win = check_number(win),
    lose = check_number(lose)
  )
  ready_task("drift", "Drifting bandit", settings, trials, blocks, actions, foregone, conditions,
    columns, call,
    shows = list(item = "p", label = if (binary) "probability of a win" else "mean payoff"),
    describe = c(
      list(sigma = sigma, start = start %||% "uniform", bounds = bounds, at_bounds = at_bounds),
      if (decay < 1) list(decay = decay, centre = centre),
      if (hazard > 0) list(hazard = hazard), if (correlation != 0) list(correlation = correlation),
      list(payoff = payoff), if (binary) list(win = win, lose = lose) else list(sd = sd)))
}

#' @rdname changing_tasks
#' @export
task_switch <- function(trials, types = rbind(c(0.75, 0.25), c(0.25, 0.75)), flip = 0.02, win = 1,
                        lose = 0, blocks = 1, actions = NULL, foregone = FALSE, conditions = NULL,
                        columns = NULL) {
  call <- rlang::current_env()
  types <- if (is.data.frame(types)) as.matrix(types) else types
  if (!is.matrix(types) || !is.numeric(types) || ncol(types) < 2 || nrow(types) > 8 ||
    any(is.na(types) | types < 0 | types > 1)) {
    rescorla_abort(c(
      "`types` must be a matrix of probabilities: at most 8 rows, one for each type, and a column for each action.",
      x = "It is {describe_value(types)}."
    ), "input", call = call)
  }
  check_number(flip, 0, 1)
  n <- nrow(types)
  each <- lapply(1:8, function(k) unname(types[min(k, n), ]))
  settings <- c(stats::setNames(each, paste0("type", 1:8)),
    list(n_types = n, flip = flip, win = check_number(win), lose = check_number(lose)))
  ready_task("switch", "Switching bandit", settings, trials, blocks,
    actions %||% colnames(types) %||% ncol(types), foregone, conditions, columns, call,
    shows = list(item = "p", label = "probability of a win"),
    describe = c(stats::setNames(each[seq_len(n)], paste("type", seq_len(n))),
      list(flip = flip, win = win, lose = lose)))
}

#' @rdname changing_tasks
#' @export
task_reversal <- function(trials, prob = c(0.8, 0.2), after = c("trials", "correct", "rewards"), n = 20,
                          shuffle = TRUE, win = 1, lose = 0, blocks = 1, actions = NULL,
                          foregone = FALSE, conditions = NULL, columns = NULL) {
  call <- rlang::current_env()
  after <- check_choice(after, c("trials", "correct", "rewards"))
  prob <- check_by_action(prob, length(prob), "prob", 0, 1, call)
  whole <- is.numeric(n) && length(n) %in% 1:2 && !anyNA(n) && all(n >= 1 & n == round(n))
  if (!whole || n[1] > n[length(n)]) {
    rescorla_abort(c("`n` must be a whole number, 1 or more, or the lowest and the highest of a range.",
      x = "It is {describe_value(n)}."), "input", call = call)
  }
  # By block the number is both ends of its range.
  by_block <- is.data.frame(conditions) && "n" %in% names(conditions)
  if (by_block) {
    check_setting_columns(conditions, "conditions", list(low = 1, high = 1), character(), call)
    conditions[c("low", "high")] <- check_condition_count(conditions$n, call)
  }
  settings <- list(
    prob = unname(prob), first = which.max(prob), shuffle = as.numeric(check_flag(shuffle)),
    mode = match(after, c("trials", "correct", "rewards")), low = n[1], high = n[length(n)],
    win = check_number(win), lose = check_number(lose)
  )
  task <- ready_task("reversal", "Reversal learning", settings, trials, blocks,
    actions %||% names(prob) %||% length(prob), foregone, conditions, columns, call,
    shows = list(item = "p", label = "probability of a win"),
    describe = list(prob = unname(prob), after = after, n = if (by_block) "by block" else n,
      shuffle = shuffle, win = win, lose = lose),
    computed = c("n", if (by_block) c("low", "high")))
  if (by_block) task$columns[c("low", "high")] <- NULL
  task
}

# A number of actions, or their labels.
count_actions <- function(actions, call) {
  if (is.null(actions) || is.list(actions)) {
    rescorla_abort(c("`actions` must be a number of actions, or their labels.",
      x = "It is {describe_value(actions)}."), "input", call = call)
  }
  length(task_responses(actions, call)[[1]])
}

check_condition_count <- function(n, call) {
  if (!is.numeric(n) || anyNA(n) || any(n < 1 | n != round(n))) {
    rescorla_abort(c("`n` in `conditions` must be whole numbers, 1 or more.",
      x = "It is {.val {n}}."), "input", call = call)
  }
  n
}

check_bounds <- function(x, arg, lower, upper, call) {
  if (is.numeric(x) && length(x) == 2 && all(is.finite(x)) && x[1] < x[2] && x[1] >= lower &&
    x[2] <= upper) {
    return(as.double(x))
  }
  range <- if (is.finite(lower)) paste0(" within ", lower, " and ", upper) else ""
  rescorla_abort(c("`{arg}` must be a lower and a higher number{range}.",
    x = if (is.numeric(x)) "It is {.val {x}}." else "It is {describe_value(x)}."), "input", call = call)
}

check_by_action <- function(x, k, arg, lower, upper, call) {
  if (is.numeric(x) && length(x) == k && k >= 2 && all(is.finite(x)) && all(x >= lower & x <= upper)) {
    return(x)
  }
  rescorla_abort(c(
    "`{arg}` must be {max(k, 2)} numbers, one for each action, from {lower} to {upper}.",
    x = if (is.numeric(x)) "It is {.val {x}}." else "It is {describe_value(x)}."
  ), "input", call = call)
}
