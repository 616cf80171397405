# Checks of the values in the columns that play a role. Errors name the column and the first
# offending row, counted in the data frame as it was given.

check_data_frame <- function(data, call) {
  if (!is.data.frame(data)) {
    rescorla_abort(
      c(
        "{.arg data} must be a data frame, not {describe_value(data)}.",
        i = "It has one row per trial, and columns for subject, choice and outcome."
      ),
      "input",
      arg = "data",
      call = call
    )
  }
  if (nrow(data) == 0L) {
    rescorla_abort("{.arg data} has no rows.", "data", call = call)
  }
}

check_role_values <- function(data, roles, call) {
  check_complete(data, roles$subject, "subject", call)
  if (!is.null(roles$block)) {
    check_complete(data, roles$block, "block", call)
  }
  if (!is.null(roles$trial)) {
    check_trial_numbers(data, roles$trial, call)
  }
  for (role in c("outcome", "foregone", "rt")) {
    for (column in unique(unlist(roles[[role]], use.names = FALSE))) {
      check_numeric(data, column, role, call)
    }
  }
  for (role in c("available", "forced")) {
    for (column in unique(unlist(roles[[role]], use.names = FALSE))) {
      check_yes_no(data, column, role, call)
    }
  }
  if (!is.null(roles$stimulus)) {
    check_plain_column(data, roles$stimulus, "stimulus", call)
  }
}

check_plain_column <- function(data, column, role, call) {
  x <- data[[column]]
  if (is.atomic(x) && is.null(dim(x))) {
    return(invisible())
  }
  rescorla_abort(
    c(
      "{.arg {role}} must be an ordinary column: numbers, text, a factor or logical.",
      x = "Column {.val {column}} is {describe_value(x)}."
    ),
    "data",
    column = column,
    row = 1L,
    call = call
  )
}

check_complete <- function(data, column, role, call) {
  check_plain_column(data, column, role, call)
  x <- data[[column]]
  if (!anyNA(x)) {
    return(invisible())
  }
  row <- first_row(length(x), \(i) is.na(x[i]))
  rescorla_abort(
    c(
      "Column {.val {column}} is {.code NA} in row {row}.",
      x = "Every row must have a {role}.",
      i = "Fill it in, or leave out rows that belong to no {role}."
    ),
    "data",
    column = column,
    row = row,
    call = call
  )
}

check_trial_numbers <- function(data, column, call) {
  check_complete(data, column, "trial", call)
  x <- data[[column]]
  if (!is.numeric(x) && !inherits(x, c("Date", "POSIXct", "difftime"))) {
    rescorla_abort(
      c(
        "{.arg trial} must be numbers, so that trials can be put in order.",
        x = "Column {.val {column}} is {describe_value(x)}."
      ),
      "data",
      column = column,
      row = 1L,
      call = call
    )
  }
}

check_numeric <- function(data, column, role, call) {
  check_plain_column(data, column, role, call)
  x <- data[[column]]
  if (is.logical(x)) {
    return(invisible())
  }
  if (!is.numeric(x)) {
    example <- match(FALSE, is.na(x))
    rescorla_abort(
      c(
        "{.arg {role}} must be numbers.",
        x = "Column {.val {column}} is {describe_value(x)}{if (!is.na(example)) {
          paste0(': ', encodeString(as.character(x[example]), quote = '\"'), ' in row ', example)
        }}.",
        i = "Recode it as numbers, such as 1 for a win and 0 for a loss."
      ),
      "data",
      column = column,
      row = if (is.na(example)) 1L else example,
      call = call
    )
  }
  check_nan(x, column, role, call)
  if (!is.double(x) || all_missing(x) || all(is.finite(range_of(x)))) {
    return(invisible())
  }
  row <- first_row(length(x), \(i) is.infinite(x[i]))
  rescorla_abort(
    c(
      "Column {.val {column}} is infinite in row {row}.",
      x = "{.arg {role}} must be finite numbers.",
      i = "Use {.code NA} where there is none."
    ),
    "data",
    column = column,
    row = row,
    call = call
  )
}

# NaN comes from arithmetic gone wrong more often than from a missed trial.
check_nan <- function(x, column, role, call) {
  row <- if (is.double(x) && anyNA(x)) first_row(length(x), \(i) is.nan(x[i]))
  if (is.null(row)) {
    return(invisible())
  }
  rescorla_abort(
    c(
      "Column {.val {column}} is {.code NaN} in row {row}.",
      i = "Use {.code NA} where there is none."
    ),
    "data",
    column = column,
    row = row,
    call = call
  )
}

check_yes_no <- function(data, column, role, call) {
  check_plain_column(data, column, role, call)
  x <- data[[column]]
  if (is.logical(x) && !anyNA(x)) {
    return(invisible())
  }
  row <- if (is.logical(x)) {
    first_row(length(x), \(i) is.na(x[i]))
  } else if (is.numeric(x)) {
    first_row(length(x), \(i) !x[i] %in% c(0, 1))
  } else {
    1L
  }
  if (is.null(row)) {
    return(invisible())
  }
  rescorla_abort(
    c(
      "{.arg {role}} must be {.code TRUE} or {.code FALSE}, or 1 or 0, in every row.",
      x = "Column {.val {column}} is {describe_value(if (is.factor(x)) as.character(x)[row]
           else x[[row]])} in row {row}."
    ),
    "data",
    column = column,
    row = row,
    call = call
  )
}

# `codes` with NA where nothing could be chosen. A choice that was not on offer is an error.
check_chosen_available <- function(data, codes, labels, columns, column, call) {
  n <- length(codes)
  offered <- lapply(columns, \(name) data[[name]])
  none <- lapply(row_chunks(n), \(i) {
    i[Reduce(`&`, lapply(offered, \(x) x[i] == 0))]
  })
  none <- unlist(none)
  if (length(none) > 0L) {
    codes[none] <- NA_integer_
  }
  row <- first_row(n, \(i) {
    code <- codes[i]
    Reduce(`|`, Map(\(x, action) !is.na(code) & code == action & x[i] == 0, offered,
      seq_along(offered)))
  })
  if (!is.null(row)) {
    action <- labels[codes[row]]
    rescorla_abort(
      c(
        "Column {.val {column}} is {.val {action}} in row {row}, where that action was not
         available.",
        x = "Column {.val {columns[codes[row]]}} says so.",
        i = "Columns of {.arg available} follow the order of the actions: {.val {labels}}."
      ),
      "data",
      column = column,
      row = row,
      call = call
    )
  }
  codes
}

# Several responses: a subject must have made at least one of them.
check_subjects_chose <- function(data, call) {
  if (length(data$responses) == 0L) {
    return(invisible())
  }
  valid <- Reduce(`+`, lapply(names(data$responses), \(name) rowSums(action_counts(data, name))))
  empty <- which(valid == 0)
  if (length(empty) == 0L) {
    return(invisible())
  }
  n <- length(empty)
  ids <- name_some(data$subjects[empty])
  columns <- unname(data$roles$choice)
  row <- min(data$order[data$first[empty]])
  rescorla_abort(
    c(
      "{cli::qty(n)}{n} subject{?s} without a single valid choice: {ids}.",
      x = "{cli::qty(columns)}Column{?s} {.val {columns}} {?is/are} {.code NA} (or nothing was
           available) from row {row} on.",
      i = "Leave {cli::qty(n)}{?that subject/those subjects} out of {.arg data}."
    ),
    "data",
    column = columns,
    row = row,
    subjects = data$subjects[empty],
    call = call
  )
}

all_missing <- function(x) {
  anyNA(x) && is.null(first_row(length(x), \(i) !is.na(x[i])))
}

# range() copies its argument; minimum and maximum do not.
range_of <- function(x) {
  if (all_missing(x)) c(NA_real_, NA_real_) else c(min(x, na.rm = TRUE), max(x, na.rm = TRUE))
}
