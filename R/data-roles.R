# From the arguments of rl_data() to roles: which columns play which part. Nothing here looks at the
# values in the columns, only at their names.

role_names <- c(
  "subject", "choice", "outcome", "block", "trial", "foregone", "available", "forced", "stimulus",
  "rt"
)

# What a data frame says about itself, under what the user says.
data_settings <- function(data, arguments, call) {
  if (!all(nzchar(names(arguments)))) {
    rescorla_abort(
      c(
        "Arguments in {.arg ...} must be named.",
        i = "For example {.code magnitude = c(\"magnitude_left\", \"magnitude_right\")}."
      ),
      "input",
      call = call
    )
  }
  settings <- list(subject = "subject", choice = "choice", outcome = "outcome")
  carried <- attr(data, "rescorla_roles", exact = TRUE)
  carried <- carried[setdiff(names(carried), names(arguments))]
  gone <- vapply(carried[intersect(names(carried), role_names[-(1:3)])], \(columns) {
    !all(unlist(columns) %in% names(data))
  }, logical(1))
  gone <- names(gone)[gone]
  if (length(gone) > 0L) {
    rescorla_inform(c(
      "The columns that these data carried for {.arg {gone}} are no longer there: going on without
       them.",
      i = "To be rid of this message give {.code {gone[1L]} = NULL}."
    ))
    carried <- carried[setdiff(names(carried), gone)]
  }
  settings[names(carried)] <- carried
  settings[names(arguments)] <- arguments
  settings
}

# list(roles =, extra =, actions =), every role present by name (NULL where it is not played).
resolve_roles <- function(settings, data, call) {
  extra <- settings[setdiff(names(settings), c(role_names, "actions"))]
  roles <- list(
    subject = check_string(settings$subject, arg = "subject", call = call),
    choice = resolve_choice(settings$choice, call),
    outcome = check_string(settings$outcome, allow_null = TRUE, arg = "outcome", call = call),
    block = check_string(settings$block, allow_null = TRUE, arg = "block", call = call),
    trial = check_string(settings$trial, allow_null = TRUE, arg = "trial", call = call),
    foregone = check_columns(settings$foregone, "foregone", call),
    available = NULL,
    forced = NULL,
    stimulus = check_string(settings$stimulus, allow_null = TRUE, arg = "stimulus", call = call),
    rt = NULL
  )
  responses <- if (is.null(roles$choice)) "choice" else names(roles$choice)
  roles["available"] <- list(resolve_by_response(settings$available, "available", responses, call))
  for (role in c("forced", "rt")) {
    roles[role] <- list(resolve_by_response(settings[[role]], role, responses, call, single = TRUE))
  }
  extra <- resolve_extra(extra, data, call)
  check_columns_present(roles, extra, data, call)
  check_columns_once(roles, data, call)
  list(
    roles = roles,
    extra = extra,
    actions = resolve_actions(settings$actions, responses, call)
  )
}

# A named character vector, response name -> column; one unnamed column is the response `choice`.
resolve_choice <- function(choice, call) {
  choice <- check_columns(choice, "choice", call)
  if (is.null(choice)) {
    return(NULL)
  }
  if (length(choice) == 1L && is.null(names(choice))) {
    return(c(choice = choice))
  }
  names <- names(choice)
  if (is.null(names) || anyNA(names) || !all(nzchar(names))) {
    rescorla_abort(
      c(
        "Several columns of {.arg choice} need a name each.",
        i = "For example {.code choice = c(choice1 = \"{choice[1L]}\",
             choice2 = \"{choice[length(choice)]}\")}."
      ),
      "input",
      call = call
    )
  }
  reserved <- intersect(names, setdiff(role_names, "choice"))
  if (anyDuplicated(names) || length(reserved) > 0L) {
    rescorla_abort(
      c(
        "The names in {.arg choice} must differ from each other and from the roles.",
        x = "{.val {c(names[duplicated(names)], reserved)[1L]}} is taken."
      ),
      "input",
      call = call
    )
  }
  choice
}

# Roles that may be told by response: one response (or the same columns for all) is a character
# vector, several a list by response name.
resolve_by_response <- function(value, role, responses, call, single = FALSE) {
  check <- function(x, arg) {
    if (single) check_string(x, arg = arg, call = call) else check_columns(x, arg, call)
  }
  if (is.null(value)) {
    return(NULL)
  }
  if (!is.list(value)) {
    if (!single && length(responses) > 1L) {
      rescorla_abort(
        c(
          "With several responses {.arg {role}} must be a list by response name.",
          i = "For example {.code {role} = list({responses[1L]} = c(\"column1\", \"column2\"))}."
        ),
        "input",
        call = call
      )
    }
    return(check(value, role))
  }
  check_response_names(value, role, responses, call)
  value <- Map(check, value, paste0(role, "$", names(value)))
  if (length(responses) == 1L) value[[1L]] else value
}

check_response_names <- function(value, arg, responses, call) {
  names <- names(value)
  if (length(value) > 0L && all(names %in% responses) && !anyDuplicated(names) &&
    !is.null(names)) {
    return(invisible())
  }
  unknown <- setdiff(names, c(responses, ""))
  rescorla_abort(
    c(
      "{.arg {arg}} given as a list must be named by response, once each.",
      x = if (length(unknown) > 0L) "{.val {unknown[1L]}} is not a response.",
      i = "{cli::qty(responses)}The response{?s} {?is/are} {.val {responses}}."
    ),
    "input",
    call = call
  )
}

# Each entry of `...`: the name under which a model knows one column or a group of them.
resolve_extra <- function(extra, data, call) {
  for (name in names(extra)) {
    extra[[name]] <- check_columns(extra[[name]], name, call)
    if (name %in% names(data) && !identical(as.character(extra[[name]]), name)) {
      rescorla_abort(
        c(
          "{.arg {name}} cannot be a new name: the data have a column of that name.",
          i = "Choose another name for {.val {extra[[name]]}}."
        ),
        "input",
        call = call
      )
    }
  }
  extra
}

resolve_actions <- function(actions, responses, call) {
  if (is.null(actions)) {
    return(NULL)
  }
  if (is.list(actions)) {
    check_response_names(actions, "actions", responses, call)
  } else {
    if (length(responses) > 1L) {
      rescorla_abort(
        c(
          "With several responses {.arg actions} must be a list by response name.",
          i = "For example {.code actions = list({responses[1L]} = 1:2)}."
        ),
        "input",
        call = call
      )
    }
    actions <- rlang::set_names(list(actions), responses)
  }
  Map(
    \(labels, name) check_action_labels(labels, name, call),
    actions,
    if (length(responses) > 1L) paste0("actions$", names(actions)) else "actions"
  )
}

check_action_labels <- function(actions, arg, call) {
  labels <- if (is.atomic(actions) || is.factor(actions)) action_labels(actions)
  if (length(labels) >= 2L && !anyNA(actions) && !anyDuplicated(labels)) {
    return(labels)
  }
  rescorla_abort(
    c(
      "{.arg {arg}} must list two or more different actions, not {describe_value(actions)}.",
      i = "It names them in order, as in {.code actions = 1:4} or
           {.code actions = c(\"left\", \"right\")}."
    ),
    "input",
    call = call
  )
}

check_columns <- function(x, arg, call) {
  if (is.null(x)) {
    return(NULL)
  }
  if (is.character(x) && length(x) >= 1L && !anyNA(x) && all(nzchar(x))) {
    return(x)
  }
  abort_argument(x, "names of columns, as strings,", TRUE, arg, call)
}

check_columns_present <- function(roles, extra, data, call) {
  wanted <- lapply(c(roles, extra), \(columns) unlist(columns, use.names = FALSE))
  role <- rep(names(wanted), lengths(wanted))
  column <- as.character(unlist(wanted, use.names = FALSE))
  absent <- which(!column %in% names(data))
  if (length(absent) > 0L) {
    names <- names(data)
    lines <- vapply(absent, \(i) {
      nearest <- nearest_name(column[i], names)
      quoted <- encodeString(c(column[i], nearest), quote = "\"")
      # Escaped braces: these lines are pasted text, and column names may hold anything.
      escape_braces(paste0(
        role[i], " = ", quoted[1L],
        if (!is.null(nearest)) paste0(": did you mean ", quoted[2L], "?")
      ))
    }, character(1))
    columns <- name_some(names, 30L, quote = TRUE)
    rescorla_abort(
      c(
        "{cli::qty(length(absent))}{?A column that was named is/Columns that were named are} not in
         {.arg data}.",
        rlang::set_names(lines, rep("x", length(lines))),
        i = "{cli::qty(length(names))}The column{?s} {?is/are} {columns}."
      ),
      "data",
      column = column[absent],
      call = call
    )
  }
  twice <- intersect(column, names(data)[duplicated(names(data))])
  if (length(twice) > 0L) {
    rescorla_abort(
      c(
        "{.arg data} has two columns called {.val {twice[1L]}}.",
        i = "Rename one of them."
      ),
      "data",
      column = twice[1L],
      call = call
    )
  }
}

# One column may serve for several actions of a group (the other option's payoff, say), and stimuli
# may change with the block or the trial; anything else played twice is a slip.
check_columns_once <- function(roles, data, call) {
  used <- lapply(roles, \(columns) unique(unlist(columns, use.names = FALSE)))
  used$choice <- unname(roles$choice)
  role <- rep(names(used), lengths(used))
  column <- as.character(unlist(used, use.names = FALSE))
  for (name in unique(column[duplicated(column)])) {
    both <- role[column == name]
    if (all(both %in% c("stimulus", "block")) || all(both %in% c("stimulus", "trial"))) {
      next
    }
    rescorla_abort(
      c(
        "Column {.val {name}} cannot be {.arg {both[1L]}} and {.arg {both[2L]}} at once.",
        i = "Give each role a column of its own."
      ),
      "data",
      column = name,
      call = call
    )
  }
}

escape_braces <- function(x) {
  gsub("}", "}}", gsub("{", "{{", x, fixed = TRUE), fixed = TRUE)
}
