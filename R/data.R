#' Task data for learning models
#'
#' `rl_data()` takes a data frame with one row per trial, checks it, and remembers which column
#' plays which part. Everything that fits, scores or simulates from data takes its result (or a
#' data frame that `rl_data()` would take without further arguments).
#'
#' @section Rows:
#' Rows of one subject need not stand together. Within a subject blocks come in order of first
#' appearance, and within a block rows are taken in the order they stand in, unless `trial` names a
#' column to order them by. Subjects may have different numbers of trials, and blocks too. A missed
#' trial stays where it is, with `NA` as its choice, its outcome, or both: it adds nothing to the
#' likelihood and leaves what it would have taught as it was. Subjects keep the order of their
#' first appearance everywhere.
#'
#' @section Actions:
#' Choices may be whole numbers (the actions are the numbers that occur, in increasing order), a
#' factor (its levels in their order, also those that nobody chose), character (the strings that
#' occur, sorted as in the C locale) or logical (`FALSE`, then `TRUE`). `actions` replaces all
#' that: it lists every action in order, and a choice that is not in it is an error. Where whole
#' numbers are chosen and `foregone` or `available` have more columns than there are numbers, the
#' actions are `1`, `2`, ... up to the number of columns.
#'
#' @section What is rejected and what is remarked on:
#' Errors have class `rescorla_error_data` (or `rescorla_error_input` for an argument of the wrong
#' type) and name the column and the first offending row: absent columns, an `NA` subject or block,
#' infinite outcomes, unknown actions, a chosen action that was not available, repeated trial
#' numbers, subjects without any valid choice. Warnings of class `rescorla_warning_data` are about
#' data that are probably a mistake: a subject who always chose the same, outcomes that never vary,
#' subjects whose sequences of choices and outcomes are identical. A message tells of a column
#' called `block` or `session` that was not used.
#'
#' @param data A data frame with one row per trial. Data made by `simulate()` carry the roles of
#'   their columns, and need no other argument. Or, for data beyond memory, a folder or files that
#'   hold a data frame each, or a function that gives them one by one: see [data_chunks].
#' @param subject Name of the column that identifies subjects.
#' @param choice Name of the column of choices. For several responses per trial a named vector,
#'   response name = column, such as `c(choice1 = "level1", choice2 = "level2")`. `NULL` for data
#'   without choices.
#' @param outcome Name of the column of outcomes (numbers), or `NULL`.
#' @param block Name of the column of blocks: states that reset do so at the start of each.
#' @param trial Name of a column of numbers (or times) that orders the trials of a block.
#' @param foregone Names of the columns that say what every action would have paid, one per action
#'   in the order of the actions.
#' @param available Names of logical (or 0/1) columns that say which actions were on offer, one per
#'   action in the order of the actions. With several responses a list by response name. A row
#'   where nothing was on offer counts as a missed choice.
#' @param forced Name of a logical (or 0/1) column: `TRUE` where the choice was made for the
#'   subject. It is learned from and not scored. With several responses it holds for all of them,
#'   unless it is a list by response name.
#' @param stimulus Name of the column of stimuli.
#' @param rt Name of the column of response times; with several responses possibly a list by
#'   response name.
#' @param actions All actions, in order, as a vector; with several responses a list by response
#'   name.
#' @param ... New names for columns that a model reads: `new_name = "column"`, or a group with one
#'   column for each action, which the model reads as a vector over the actions, as in
#'   `magnitude = c("blue", "orange")`. Columns without a role need not be listed: a model may use
#'   every one of them by its own name. With `task`, also the settings of that task.
#' @param task Name of a well-known task, such as `"igt"`: its columns are found by their usual
#'   names and prepared for its models. [task_data] lists the tasks; other arguments go first.
#'
#' @name rl_data
#' @return An object of class `rl_data`: a list with the data frame as given (`data`), the columns
#'   that play a role (`roles`, `extra`), the subjects in order of first appearance (`subjects`),
#'   the labels of the actions by response (`actions`), the coded choices by response in trial
#'   order (`responses`), and what was found (`counts`: subjects, episodes, trials, actions, missed
#'   choices, missed outcomes and forced trials). An episode is a block of a subject, or the
#'   subject where there are no blocks. With `task` it also holds the name of the `task` and the
#'   `constants` for models that were given with it.
#'
#' @examples
#' trials <- data.frame(
#'   person = rep(c("ada", "ben"), each = 6),
#'   arm = c("left", "right", "right", NA, "left", "right",
#'           "right", "right", "left", "left", "left", "right"),
#'   reward = c(1, 0, 1, NA, 0, 1, 0, 1, 1, 0, 1, 1)
#' )
#' d <- rl_data(trials, subject = "person", choice = "arm", outcome = "reward")
#' d
#' summary(d)
#'
#' # A third arm that nobody chose
#' rl_data(trials, "person", "arm", "reward", actions = c("left", "middle", "right"))
#'
#' # The columns of a well-known task
#' rl_data(rl_data_example("bart"), task = "bart")
#' @export
rl_data <- function(data, subject = "subject", choice = "choice", outcome = "outcome",
                    block = NULL, trial = NULL, foregone = NULL, available = NULL, forced = NULL,
                    stimulus = NULL, rt = NULL, actions = NULL, ..., task = NULL) {
  if (inherits(data, c("rl_data", "rl_data_chunks")) && nargs() == 1L) {
    return(data)
  }
  # Only what was said counts: data made by simulate() settle the rest.
  said <- intersect(c(role_names, "actions", "task"), names(match.call()))
  arguments <- c(mget(said, envir = environment()), list(...))
  if (is_chunk_source(data)) {
    return(build_chunked_data(data, arguments, rlang::current_env()))
  }
  build_rl_data(data, arguments, rlang::current_env())
}

build_rl_data <- function(data, arguments, call) {
  check_data_frame(data, call)
  request <- task_request(data, arguments)
  if (!is.null(request)) {
    return(build_task_data(data, request, quiet = !"task" %in% names(arguments), call))
  }
  arguments <- arguments[names(arguments) != "task"]
  data <- forget_task(data)
  resolved <- resolve_roles(data_settings(data, arguments, call), data, call)
  roles <- resolved$roles
  check_role_values(data, roles, call)

  coded <- code_responses(data, roles, resolved$actions, call)
  rows <- order_rows(data, roles, call)
  in_order <- \(x) if (is.unsorted(rows$order)) x[rows$order] else x

  result <- c(
    list(data = data, roles = roles, extra = resolved$extra),
    rows,
    list(
      actions = coded$actions,
      responses = lapply(coded$codes, in_order),
      forced = lapply(coded$forced, in_order)
    )
  )
  if (length(result$forced) == 0L) {
    result["forced"] <- list(NULL)
  }
  result$counts <- count_data(result)
  # Copies packed for a model are kept here, by whoever makes them.
  result$cache <- new.env(parent = emptyenv())
  result <- structure(result, class = "rl_data")

  check_subjects_chose(result, call)
  mention_unused_block(data, roles, resolved$extra)
  warn_suspect(result, call)
  result
}

# list(actions =, codes =, forced =), each by response name, and in the order of `data`.
code_responses <- function(data, roles, actions, call) {
  responses <- if (is.null(roles$choice)) "choice" else names(roles$choice)
  several <- length(responses) > 1L
  of_response <- \(x, name) if (is.list(x)) x[[name]] else x
  coded <- lapply(rlang::set_names(responses), \(name) {
    column <- if (!is.null(roles$choice)) roles$choice[[name]]
    available <- of_response(roles$available, name)
    widths <- c(
      available = if (!is.null(available)) length(available),
      foregone = if (!several && !is.null(roles$foregone)) length(roles$foregone)
    )
    coded <- code_choice(data, column, actions[[name]], widths, call)
    if (!is.null(column) && !is.null(available)) {
      coded$codes <- check_chosen_available(
        data, coded$codes, coded$labels, available, column, call
      )
    }
    coded
  })
  labels <- lapply(coded, `[[`, "labels")
  if (several && !is.null(roles$foregone) && !length(roles$foregone) %in% lengths(labels)) {
    check_widths(labels[[1L]], c(foregone = length(roles$foregone)), roles$choice[[1L]], call)
  }
  if (is.null(roles$choice)) {
    return(list(actions = labels[lengths(labels) > 0L], codes = list(), forced = list()))
  }
  forced <- lapply(rlang::set_names(responses), \(name) {
    column <- of_response(roles$forced, name)
    if (!is.null(column)) as.logical(data[[column]])
  })
  list(
    actions = labels,
    codes = lapply(coded, `[[`, "codes"),
    forced = forced[lengths(forced) > 0L]
  )
}

count_data <- function(x) {
  # One number where there is one response (or none), else a vector named by response.
  by_response <- \(counts) if (length(counts) > 1L) counts else sum(counts)
  outcome <- x$roles$outcome
  list(
    subjects = length(x$subjects),
    episodes = sum(x$block_start),
    trials = nrow(x$data),
    actions = by_response(lengths(x$actions)),
    missed_choices = by_response(vapply(x$responses, count_missing, integer(1))),
    missed_outcomes = if (is.null(outcome)) 0L else count_missing(x$data[[outcome]]),
    forced = if (is.null(x$forced)) 0L else by_response(vapply(x$forced, sum, integer(1)))
  )
}

count_missing <- function(x) {
  if (!anyNA(x)) {
    return(0L)
  }
  sum(vapply(row_chunks(length(x)), \(i) sum(is.na(x[i])), integer(1)))
}

# subjects x actions matrix of how often each was chosen.
action_counts <- function(data, response) {
  code <- data$responses[[response]]
  width <- length(data$actions[[response]])
  counts <- matrix(0L, width, length(data$subjects))
  for (i in row_chunks(length(code))) {
    subject <- data$row_subject[i]
    # Rows are sorted by subject, so a chunk touches neighbouring columns only.
    span <- subject[1L]:subject[length(subject)]
    cell <- (subject - span[1L]) * width + code[i]
    counts[, span] <- counts[, span] + tabulate(cell, width * length(span))
  }
  t(counts)
}

# A column in trial order, by role, by response, by a name given in `...`, or by its own name. A
# group of columns is a list, named by column.
rl_data_column <- function(data, name, call = rlang::caller_env()) {
  columns <- data_columns(data, name, call)
  sorted <- lapply(rlang::set_names(columns), \(column) {
    x <- data$data[[column]]
    if (is.unsorted(data$order)) x[data$order] else x
  })
  if (length(sorted) == 1L) sorted[[1L]] else sorted
}

data_columns <- function(data, name, call = rlang::caller_env()) {
  if (inherits(data, "rl_data_chunks")) abort_chunks(call)
  found <- if (name %in% names(data$roles$choice)) {
    data$roles$choice[[name]]
  } else if (!is.null(data$roles[[name]])) {
    unlist(data$roles[[name]], use.names = FALSE)
  } else if (!is.null(data$extra[[name]])) {
    data$extra[[name]]
  } else if (name %in% names(data$data)) {
    name
  }
  if (!is.null(found)) {
    return(unname(found))
  }
  nearest <- nearest_name(name, c(names(data$data), names(data$extra)))
  columns <- name_some(names(data$data), 30L, quote = TRUE)
  rescorla_abort(
    c(
      "The data have no column {.val {name}}.",
      x = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "The columns are {columns}."
    ),
    "data",
    column = name,
    call = call
  )
}

# What every function that takes data does with its argument.
as_rl_data <- function(x, call = rlang::caller_env()) {
  if (inherits(x, "rl_data")) {
    return(x)
  }
  if (inherits(x, "rl_data_chunks")) abort_chunks(call)
  if (!is.data.frame(x)) {
    rescorla_abort(
      c(
        "{.arg data} must be made by {.fn rl_data}, or be a data frame, not {describe_value(x)}.",
        i = "For example {.code rl_data(data, subject = \"id\", choice = \"arm\",
             outcome = \"reward\")}."
      ),
      "input",
      arg = "data",
      call = call
    )
  }
  build_rl_data(x, list(), call)
}

# Fits take data in chunks as well.
as_fit_data <- function(x, call = rlang::caller_env()) {
  if (inherits(x, "rl_data_chunks")) return(x)
  if (is_chunk_source(x)) return(build_chunked_data(x, list(), call))
  as_rl_data(x, call)
}
