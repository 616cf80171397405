# Tasks written as programs: the world's side of the model language.

#' Write a task of your own
#'
#' A task is a short program, as a model is: `state` says what the world remembers, `trial` what
#' happens on a trial, top to bottom. It reads the responses of whatever model plays it and makes what
#' the model reads (`outcome`, `foregone`, `available`, `stimulus`, a column of its own). Task and
#' model are compiled apart and joined when they meet in [simulate.rl_model()]: each line runs as soon
#' as what it reads is there, so that a second choice may follow feedback on the first.
#'
#' @param state,trial The program, captured as in [rl_model()]. `state` may be left out.
#' @param trials Trials in a block.
#' @param blocks Number of blocks. States start anew with each, or with `reset = "subject"` once for
#'   each subject.
#' @param actions The responses the program reads: a number of actions or their labels for `choice`,
#'   or a named list for several, as in `list(choice1 = 2, choice2 = c("left", "right"))`. A response
#'   that is a number has `NULL`.
#' @param settings A named list of numbers the program reads by name: one number, or one for each
#'   action.
#' @param columns A data frame of columns the program or the model reads, with a row for each trial of
#'   a block or of the session; a matrix column holds a number for each action. They are part of the
#'   simulated data.
#' @param conditions A data frame with a row for each block. Its columns are part of the simulated data;
#'   one named like a setting takes that setting's place block by block.
#' @param levels Levels of categorical columns that the program makes, by name: their number or their
#'   labels, as in `list(state2 = 2)`.
#' @param name A title.
#' @return An object of class `rl_task`, for [simulate.rl_model()] and `plot()`.
#' @section The language of tasks:
#' All of [model_language], without parameters, and besides:
#' * `outcome ~ bernoulli(p)` (0 or 1; `p` below 0 counts as 0, above 1 as 1), `normal(mean, sd)`, `uniform(min, max)`, `categorical(p)` (a
#'   level): draws. `rnorm(mean, sd)` and `runif(min, max)` are draws in expressions. A draw has as many
#'   cells as its arguments: `rnorm(0, s)` is one number, `rnorm(p, s)` one for each cell of `p`. As
#'   the initial value of a state it is drawn for each cell.
#' * `clip(x, lower, upper)`: `x` within bounds.
#' * A level can be calculated with, and a computed number be an index: `state2 <- 3 - choice1`,
#'   `p[state2, choice2]`. An index beyond the cells gives a missing value.
#' * `trial`, the number of the trial within its block, and `block`.
#'
#' Data get a column for every name drawn by `~`, for `outcome`, `foregone`, `available`, `stimulus` and
#' `rt` where the program makes them, and for whatever else it makes that the model reads.
#' @section Random numbers: A counter-based generator, keyed by seed, subject, trial, the place in the
#'   program and the cell: what the world does depends neither on threads nor on the order in which
#'   anything is computed.
#' @section Errors: A mistake in the program is a condition of class `rescorla_error_model` that names
#'   the line. A model that reads what the task makes too late, or not at all, is one as well, raised
#'   where the two are joined; it names both lines.
#' @seealso [task_drift()] and the other ready tasks.
#' @examples
#' reversal <- rl_task(
#'   state = list(good = scalar(1), wins = scalar(0), target = scalar(floor(runif(4, 9)))),
#'   trial = {
#'     outcome ~ bernoulli(ifelse(choice == good, p_good, 1 - p_good))
#'     wins <- wins + outcome
#'     if (wins >= target) {
#'       good <- good %% n_actions + 1
#'       wins <- 0
#'       target <- floor(runif(4, 9))
#'     }
#'   },
#'   trials = 60, actions = 2, settings = list(p_good = 0.8), name = "Reversal after some rewards"
#' )
#' reversal
#' @export
rl_task <- function(state, trial, trials, blocks = 1, actions = 2, settings = list(), columns = NULL,
                    conditions = NULL, levels = list(), name = "task") {
  call <- rlang::current_env()
  if (missing(trials)) {
    rescorla_abort("`trials` is missing: how many trials has a block?", "input", call = call)
  }
  if (missing(trial)) {
    rescorla_abort("A task needs a `trial` block, such as `trial = {{ outcome ~ bernoulli(p[choice]) }}`.",
      "model", call = call)
  }
  caller <- rlang::caller_env()
  new_program_task(list(
    name = check_string(name),
    state = if (missing(state)) NULL else capture_program(substitute(state), caller, "state", call),
    trial = capture_program(substitute(trial), caller, "trial", call),
    trials = trials, blocks = blocks, actions = actions, settings = settings, columns = columns,
    conditions = conditions, levels = levels
  ), call)
}

new_program_task <- function(spec, call, id = NULL, shows = NULL) {
  trials <- check_count(spec$trials, arg = "trials", call = call)
  blocks <- check_count(spec$blocks, arg = "blocks", call = call)
  session_length(trials, blocks, call)
  responses <- task_responses(spec$actions, call)
  inputs <- task_inputs(spec, responses, trials, blocks, call)
  listens <- lapply(responses, function(r) if (is.null(r)) "number" else "categorical")
  parsed <- parse_program(list(name = spec$name, parameters = no_parameters(), state = spec$state,
    trial = spec$trial, columns = names(inputs$all), listens = listens), call)
  parsed$wide <- names(Filter(is.matrix, inputs$all))
  program <- check_program(parsed, call)
  check_product_names(program, call)
  check_draw_values(parsed$statements, inputs$all, call)
  unused <- setdiff(names(spec$settings), program$reads)
  if (length(unused)) {
    rescorla_abort(c("The program reads no setting {.code {unused[1]}}.",
      i = if (length(program$reads)) "It reads {.code {program$reads}}."), "model", call = call, symbol = unused[1])
  }
  structure(list(
    kind = "program", id = id, name = spec$name, state = spec$state, trial = spec$trial,
    program = program, first = NULL, trials = trials, blocks = blocks,
    actions = responses[[1]], responses = responses, settings = spec$settings,
    columns = inputs$shown, inputs = inputs$all, levels = task_levels(spec$levels, task_products(program), call),
    foregone = "foregone" %in% task_products(program), shows = shows
  ), class = "rl_task")
}

no_parameters <- function() {
  data.frame(name = character(), label = character(), lower = numeric(), upper = numeric(),
    fixed = numeric(), prior = character())
}

# By response the labels of its actions, NULL for a number.
task_responses <- function(actions, call, arg = "actions") {
  if (!is.list(actions)) actions <- list(choice = actions)
  if (length(actions) == 0 || !rlang::is_named(actions) || anyDuplicated(names(actions))) {
    rescorla_abort(c(
      "`actions` must be a number of actions, their labels, or a named list of these by response.",
      x = "It is {describe_value(actions)}."
    ), "input", call = call)
  }
  one <- function(x, name) {
    if (is.null(x)) return(NULL)
    if (is.numeric(x) && length(x) == 1) {
      return(as.character(seq_len(check_count(x, min = 2, arg = arg, call = call))))
    }
    labels <- as.character(x)
    if (length(labels) < 2 || anyNA(labels) || anyDuplicated(labels)) {
      rescorla_abort(c("`{arg}` of {.code {name}} must be a number, or at least two different labels.",
        x = "They are {.val {labels}}."), "input", call = call)
    }
    labels
  }
  # Entries that are NULL stay.
  result <- stats::setNames(vector("list", length(actions)), names(actions))
  for (name in names(actions)) result[name] <- list(one(actions[[name]], name))
  result
}

# `makes`: what the program makes.
task_levels <- function(levels, makes, call) {
  if (length(levels) == 0) return(list())
  unknown <- if (is.list(levels) && rlang::is_named(levels)) setdiff(names(levels), makes)
  if (!is.list(levels) || !rlang::is_named(levels) || length(unknown)) {
    rescorla_abort(c(
      "`levels` must be a named list: levels of what the program makes, by name.",
      x = if (length(unknown)) "The program makes no {.code {unknown[1]}}." else
        "It is {describe_value(levels)}."
    ), "input", call = call)
  }
  task_responses(levels, call, "levels")
}

# All columns the program can read, a value for each trial of the session (a matrix for a number for
# each action), and those that are part of the data.
task_inputs <- function(spec, responses, trials, blocks, call) {
  total <- trials * blocks
  settings <- spec$settings
  if (length(settings) && (!is.list(settings) || !rlang::is_named(settings) ||
    anyDuplicated(names(settings)))) {
    rescorla_abort(c("`settings` must be a named list of numbers, each name once.",
      x = if (is.list(settings) && rlang::is_named(settings)) "Its names are {.val {names(settings)}}." else
        "It is {describe_value(settings)}."), "input", call = call)
  }
  all <- Map(function(x, name) {
    if (!is.numeric(x) || length(x) == 0 || any(!is.finite(x)) ||
      !length(x) %in% c(1L, length(responses[[1]]))) {
      rescorla_abort(c(
        "Setting {.code {name}} must be a finite number, or one for each of the {length(responses[[1]])} action{?s}.",
        x = "It is {describe_value(x)}."
      ), "input", call = call)
    }
    if (length(x) == 1) rep(as.double(x), total) else
      matrix(as.double(x), total, length(x), byrow = TRUE)
  }, settings, names(settings))
  columns <- expand_columns(spec$columns, trials, total, call)
  shown <- join_conditions(columns, spec$conditions, trials, blocks, call)
  all[names(shown)] <- shown
  list(all = all, shown = shown)
}

# Names a task's lines make on a trial, in the order of the locals.
task_products <- function(program) vapply(program$locals, `[[`, "", "name")

# The columns a task's program is packed from.
task_source <- function(task, lanes) {
  total <- task$trials * task$blocks
  choices <- Filter(Negate(is.null), task$responses)
  list(
    rows = total, first = rep(1L, lanes), length = rep(total, lanes),
    block_start = rep(seq_len(task$trials) == 1L, task$blocks),
    actions = choices, responses = lapply(choices, function(a) rep(NA_integer_, total)),
    forced = NULL,
    get = function(name, call) {
      if (name %in% names(task$inputs)) return(split_group(task$inputs[[name]]))
      if (name == "block") return(rep(seq_len(task$blocks), each = task$trials))
      if (name == "trial") return(rep(as.double(seq_len(task$trials)), task$blocks))
      NULL
    }
  )
}
