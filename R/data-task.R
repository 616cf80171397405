# Task data by convention: finds a task's columns by their usual names, prepares them, and hands
# what came of it to rl_data(). What there is to know about each task stands in task-conventions.R.

#' Task data by convention
#'
#' With `rl_data(data, task = "igt")` the columns of a well-known task are found by their usual
#' names and prepared for the models of that task; a message says which columns were found and what
#' was changed. Each task has models (see [rl_models()]) and a small data set ([rl_data_example()]).
#'
#' @details
#' Names are compared without case, dots, underscores and spaces: `Level1_Choice`, `level1.choice`
#' and `level1choice` are one name. A column with the models' own name is taken before one with
#' another name. What you say wins: in `rl_data(data, task = "igt", loss = "lost", block = "part")`
#' only the other columns are looked for, and `lost` is prepared as the task's losses would be.
#'
#' Rows are never left out. A missed choice or outcome is `NA`, and stays in its place; a code for
#' it (such as 0 or -1) is an error that names the row. Rows are taken in the order they stand in,
#' unless you name a column of `trial` numbers.
#'
#' Choices may be coded as in the table; as text where that says what they mean (for `"ug"`
#' `"reject"` and `"accept"`); and in any other way where you list them in their order, as in
#' `actions = c("decline", "agree")`.
#'
#' The data set that you gave is not changed; the object holds a copy with the prepared columns
#' added (or replaced, where they have the same name).
#'
#' @section Settings:
#' Some tasks have settings, given as further arguments of `rl_data()`. Those that a model has as a
#' constant (`payscale`, `trans_prob`, `sigma_obs`) are kept in `constants` of the data and take the
#' place of the model's own value, unless you fixed it yourself, as in
#' `rl_model("igt_orl", payscale = 10)`. The answer sheet of the card sorting task is a matrix or
#' data frame (or a file that [utils::read.table()] reads) with the rows `Color`, `Form` and
#' `Number` and one column for each trial: the pile, from 1 to 4, that the card of the trial matches
#' in each.
#'
#' @eval task_table_rd()
#'
#' @section Errors: An unknown task or setting is a condition of class `rescorla_error_input`; a
#'   column that is not found, or that holds a value the task cannot have, one of class
#'   `rescorla_error_data` with the fields `column` and `row`.
#' @seealso [rl_data()], [rl_data_example()], [rl_models()].
#' @examples
#' # The columns of this data set are called as in published data
#' cards <- rl_data_example("igt")
#' head(cards)
#' rl_data(cards, task = "igt")
#'
#' # Another scale of the money, and a column with an unusual name
#' names(cards)[names(cards) == "loss"] <- "charge"
#' d <- rl_data(cards, task = "igt", loss = "charge", payscale = 1)
#' d$constants
#'
#' # An answer sheet for the card sorting task
#' cards <- rl_data_example("wcs")
#' sheet <- system.file("extdata", "examples", "wcs_answersheet.txt", package = "rescorla")
#' rl_data(cards[c("subjID", "trial", "choice", "outcome")], task = "wcs", answersheet = sheet)
#' @name task_data
NULL

# The arguments of rl_data() with those that the data carry where their task was settled before (as
# in a replay), or NULL where there is no task.
task_request <- function(data, arguments) {
  carried <- attr(data, "rescorla_roles", exact = TRUE)
  if ("task" %in% names(arguments)) {
    if (is.null(arguments[["task"]])) return(NULL)
  } else if (is.null(carried[["task"]])) {
    return(NULL)
  }
  carried <- carried[setdiff(names(carried), names(arguments))]
  # Columns that are gone are looked for again.
  gone <- vapply(carried[intersect(names(carried), role_names)], \(columns) {
    !all(unlist(columns) %in% names(data))
  }, logical(1))
  c(carried[setdiff(names(carried), names(gone)[gone])], arguments)
}

# Data that carry the arguments of a task carry no roles for data without one.
forget_task <- function(data) {
  if (!is.null(attr(data, "rescorla_roles", exact = TRUE)[["task"]])) {
    attr(data, "rescorla_roles") <- NULL
  }
  data
}

build_task_data <- function(data, arguments, quiet, call) {
  convention <- task_convention(check_string(arguments[["task"]], arg = "task", call = call), call)
  origin <- arguments[setdiff(names(arguments), "actions")]
  origin$task <- convention$task
  rest <- arguments[setdiff(names(arguments), "task")]
  settings <- task_settings(rest, convention, call)
  rest <- rest[setdiff(names(rest), settings$names)]
  located <- locate_columns(data, convention, rest, call)
  check_task_rest(located$rest, convention, call)

  x <- list(data = data, found = located$found, notes = character(), actions = list(),
    settings = settings$values, told = located$told, given = located$rest,
    convention = convention, call = call)
  x <- name_subject(x)
  x <- check_task_values(x)
  if (!is.null(convention$prepare)) x <- convention$prepare(x)
  ready <- task_arguments(x)
  if (!quiet) {
    rescorla_inform(task_message(convention, located, ready$notes, settings))
  }

  attr(ready$data, "rescorla_roles") <- NULL
  result <- build_rl_data(ready$data, ready$arguments, call)
  result$task <- convention$task
  result$constants <- settings$constants
  # What makes the like of these data from a raw data frame, for predictions of new data.
  result$origin <- origin
  result
}

# The names of a column and the ways to write them come down to this.
simple_name <- function(x) gsub("[._ ]", "", tolower(x))

# --- settings -----------------------------------------------------------------------------------

# list(values = all that were given, names = of their arguments, constants = those for models).
task_settings <- function(arguments, convention, call) {
  known <- convention$settings
  values <- list()
  used <- character()
  for (setting in known) {
    own <- simple_name(names(arguments)) %in% simple_name(c(setting$name, setting$alias))
    name <- names(arguments)[own][1L]
    used <- c(used, names(arguments)[own])
    if (!any(own) || is.null(arguments[[name]])) next
    values[[setting$name]] <- setting$check(arguments[[name]], name, call)
  }
  constant <- vapply(known[names(values)], `[[`, NA, "constant")
  list(values = values, names = used, constants = values[constant])
}

# What is neither a role nor a setting is a new name for a column, which is text.
check_task_rest <- function(rest, convention, call) {
  for (name in setdiff(names(rest), c(role_names, "actions", ""))) {
    if (is.character(rest[[name]])) next
    settings <- names(convention$settings)
    nearest <- nearest_name(name, settings)
    rescorla_abort(
      c(
        "Task {.val {convention$task}} has no setting {.arg {name}}.",
        i = if (!is.null(nearest)) "Did you mean {.arg {nearest}}?",
        i = if (length(settings) > 0L) "{cli::qty(settings)}Its setting{?s} {?is/are}
          {.arg {settings}}.",
        i = "Further arguments name columns, as strings."
      ),
      "input",
      arg = name,
      call = call
    )
  }
}

# --- columns ------------------------------------------------------------------------------------

# list(found = column by key, given = keys that the user settled, rest = other arguments).
locate_columns <- function(data, convention, arguments, call) {
  columns <- convention$columns
  told <- told_columns(arguments, columns, call)
  check_columns_present(told$found, list(), data, call)
  free <- setdiff(names(data), unlist(told$found, use.names = FALSE))
  found <- told$found
  for (key in setdiff(names(columns), names(told$found))) {
    found[[key]] <- look_up(key, columns[[key]]$names, free, convention, call)
  }
  found <- Filter(Negate(is.null), found)
  needed <- names(columns)[vapply(columns, `[[`, NA, "required")]
  absent <- setdiff(needed, names(found))
  if (length(absent) > 0L) {
    abort_not_found(absent, convention, names(data), call)
  }
  # Also those that are there twice.
  check_columns_present(found, list(), data, call)
  list(found = found[intersect(names(columns), names(found))], told = names(told$found),
    rest = told$rest)
}

# Columns named in the call. The argument may be the models' name for the column or any other that
# is looked for; a group of columns, and several responses, may be told together.
told_columns <- function(arguments, columns, call) {
  found <- list()
  used <- character()
  take <- function(keys, values, argument) {
    found[keys] <<- lapply(values, check_string, allow_null = TRUE, arg = argument, call = call)
    # A column that only the preparation reads may play a role as well.
    shared <- argument %in% role_names && columns[[keys[1L]]]$helper
    if (!shared) used <<- c(used, argument)
  }
  field <- \(name) vapply(columns, \(column) column[[name]] %||% "", "")
  for (argument in setdiff(names(arguments), c("actions", ""))) {
    value <- arguments[[argument]]
    group <- names(columns)[field("group") == argument]
    responses <- names(columns)[field("role") == "choice"]
    key <- which(vapply(columns, \(column) {
      simple_name(argument) %in% simple_name(column$names)
    }, NA))
    alone <- length(key) > 0L && length(value) <= 1L && is.null(names(value))
    if (argument == "choice" && length(responses) > 0L && !alone) {
      keys <- names(value) %||% responses
      check_told_responses(value, keys, responses, call)
      take(keys, as.list(unname(value)), argument)
    } else if (length(group) > 0L && length(value) == length(group)) {
      take(group, as.list(unname(value)), argument)
    } else if (length(key) > 0L) {
      take(names(columns)[key[1L]], list(value), argument)
    }
  }
  list(found = found, rest = arguments[setdiff(names(arguments), used)])
}

check_told_responses <- function(value, keys, responses, call) {
  if (is.character(value) && length(value) == length(keys) && all(keys %in% responses)) {
    return(invisible())
  }
  example <- paste0(responses, " = \"column\"", collapse = ", ")
  rescorla_abort(
    c(
      "{.arg choice} must name {cli::qty(responses)}the column{?s} of {.val {responses}}.",
      i = "For example {.code choice = c({example})}."
    ),
    "input",
    arg = "choice",
    call = call
  )
}

look_up <- function(key, names, available, convention, call) {
  simple <- simple_name(available)
  for (name in names) {
    hits <- available[simple == simple_name(name)]
    if (length(hits) > 1L && name %in% hits) hits <- name
    if (length(hits) > 1L) {
      rescorla_abort(
        c(
          "Columns {.val {hits}} could both be {.arg {key}} of task {.val {convention$task}}.",
          i = "Say which one: {.code {key} = \"{hits[1L]}\"}."
        ),
        "data",
        column = hits,
        call = call
      )
    }
    if (length(hits) == 1L) {
      return(hits)
    }
  }
  NULL
}

abort_not_found <- function(keys, convention, names, call, hint = NULL) {
  lines <- vapply(keys, \(key) {
    looked <- encodeString(convention$columns[[key]]$names, quote = "\"")
    escape_braces(paste0(key, ": looked for ", paste(looked, collapse = ", ")))
  }, "")
  columns <- name_some(names, 30L, quote = TRUE)
  rescorla_abort(
    c(
      "{cli::qty(keys)}Task {.val {convention$task}} needs {?a column/columns} that the data do not
       have.",
      rlang::set_names(lines, rep("x", length(lines))),
      i = hint,
      i = "Name {cli::qty(keys)}{?it/them} yourself: {.code rl_data(data, task =
           \"{convention$task}\", {keys[1L]} = \"column\")}.",
      i = "{cli::qty(length(names))}The column{?s} {?is/are} {columns}."
    ),
    "data",
    column = unname(keys),
    call = call
  )
}

# Data of a single subject may do without a column for it.
name_subject <- function(x) {
  if (!is.null(x$found$subject)) {
    return(x)
  }
  x$data$subject <- 1L
  x$found$subject <- "subject"
  task_note(x, "All rows are those of one subject.")
}

# --- what is handed on --------------------------------------------------------------------------

# list(data =, arguments = of rl_data(), notes =).
task_arguments <- function(x) {
  columns <- x$convention$columns
  data <- x$data
  arguments <- list()
  extra <- list()
  choice <- character()
  for (key in names(x$found)) {
    spec <- columns[[key]]
    column <- x$found[[key]]
    if (identical(spec$role, "choice")) {
      choice[[key]] <- column
    } else if (!is.null(spec$role)) {
      arguments[[spec$role]] <- column
    } else if (!is.null(spec$group)) {
      extra[[spec$group]] <- c(extra[[spec$group]], column)
    } else if (spec$helper || column == key) {
      next
    } else if (key %in% names(data)) {
      data[[key]] <- data[[column]]
      x <- task_note(x, "{.code {key}} is that of {.val {column}}, in place of a column of its own
        name.")
    } else {
      extra[[key]] <- column
    }
  }
  if (length(choice) > 0L) {
    arguments$choice <- choice
    actions <- Filter(Negate(is.null), x$actions[intersect(names(choice), names(x$actions))])
    if (length(actions) > 0L) arguments$actions <- actions
  }
  # A role that the task does not have is not looked for under its default name either.
  for (role in setdiff(c("choice", "outcome"), names(arguments))) {
    arguments[role] <- list(NULL)
  }
  told <- x$given
  if (is.list(told[["actions"]])) {
    told$actions <- c(told$actions, arguments$actions[setdiff(names(arguments$actions),
      names(told$actions))])
  }
  arguments[names(told)] <- told
  arguments[names(extra)] <- extra
  list(data = data, arguments = arguments, notes = x$notes)
}

# A line of the message, with cli markup.
task_note <- function(x, text, .envir = rlang::caller_env()) {
  x$notes <- c(x$notes, escape_braces(cli::format_inline(text, .envir = .envir)))
  x
}

task_message <- function(convention, located, notes, settings) {
  name <- \(keys) {
    column <- unlist(located$found[keys])
    paste0(keys, ifelse(column == keys, "", paste0(" = ", encodeString(column, quote = "\""))),
      collapse = ", ")
  }
  found <- setdiff(names(located$found), located$told)
  told <- intersect(names(located$found), located$told)
  constants <- settings$constants
  other <- Filter(\(s) s$constant && !s$name %in% names(constants), convention$settings)
  c(
    escape_braces(paste0("Task \"", convention$task, "\": ", convention$title, ".")),
    "*" = if (length(found) > 0L) escape_braces(paste0("Columns found: ", name(found), ".")),
    "*" = if (length(told) > 0L) escape_braces(paste0("Columns as you named them: ", name(told),
      ".")),
    rlang::set_names(notes, rep("*", length(notes))),
    "*" = if (length(constants) > 0L) paste0("For models: ", paste(constant_text(constants),
      collapse = ", "), "."),
    i = if (length(other) > 0L) paste0("Models keep their own ", paste(vapply(other, \(s) {
      paste0(s$name, " (", s$value, ")")
    }, ""), collapse = ", "), " unless you give it here.")
  )
}

constant_text <- function(constants) {
  vapply(names(constants), \(name) paste(name, "=", format(constants[[name]])), "")
}

# A line of the printed data.
print_task <- function(x) {
  if (is.null(x$task)) {
    return(NULL)
  }
  c(task = paste(c(quoted(x$task), constant_text(x$constants)), collapse = ", "))
}

print_next <- function(x) {
  model <- if (is.null(x$task)) "rw" else task_conventions()[[x$task]]$model
  paste0("Next: rl_fit(rl_model(\"", model, "\"), data), or summary(data) by subject")
}
