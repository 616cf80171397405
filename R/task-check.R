# Whether the columns of a task hold what the task can have. Errors name the column and the row.

task_value <- function(x, key) if (!is.null(x$found[[key]])) x$data[[x$found[[key]]]]

check_task_values <- function(x) {
  told <- x$given[["actions"]]
  for (key in names(x$found)) {
    spec <- x$convention$columns[[key]]
    if (spec$kind == "number") {
      check_task_number(x, key, spec)
    } else if (spec$kind == "code") {
      # Actions that the user lists in their order need no convention.
      if (!is.null(told) && identical(spec$role, "choice") &&
        (!is.list(told) || key %in% names(told))) {
        next
      }
      x$actions[key] <- list(task_actions(x, key, spec))
    }
  }
  x
}

check_task_number <- function(x, key, spec) {
  column <- x$found[[key]]
  check_numeric(x$data, column, key, x$call)
  value <- as.double(x$data[[column]])
  wrong <- !is.na(value) & if (!is.null(spec$values)) {
    !value %in% spec$values
  } else {
    value < spec$lower | value > spec$upper | (spec$whole & value != floor(value))
  }
  if (any(wrong)) {
    abort_task_value(x, column, which(wrong)[1L], paste0("{.arg ", key, "} must be ",
      describe_range(spec), "."))
  }
}

describe_range <- function(spec) {
  if (!is.null(spec$values)) {
    return("{.or {.val {spec$values}}}")
  }
  paste0(
    if (spec$whole) "a whole number" else "a number",
    if (is.finite(spec$lower) && is.finite(spec$upper)) {
      paste(" from", spec$lower, "to", spec$upper)
    } else if (is.finite(spec$lower)) {
      paste0(", ", spec$lower, " or more")
    }
  )
}

# Names the row; `expected` is what the task can have there.
abort_task_value <- function(x, column, row, expected, hint = NULL, .envir = rlang::caller_env()) {
  value <- x$data[[column]][row]
  if (is.factor(value)) value <- as.character(value)
  expected <- cli::format_inline(expected, .envir = .envir)
  if (!is.null(hint)) hint <- escape_braces(cli::format_inline(hint, .envir = .envir))
  rescorla_abort(
    c(
      "Column {.val {column}} is {describe_value(value)} in row {row}, which task
       {.val {x$convention$task}} does not have.",
      x = escape_braces(expected),
      i = hint,
      i = "If it stands for a missed trial, set it to {.code NA} first."
    ),
    "data",
    column = column,
    row = row,
    call = x$call
  )
}

# The actions in the task's order, as they are called in the data; NULL leaves them to rl_data().
task_actions <- function(x, key, spec) {
  column <- x$found[[key]]
  coded <- find_actions(x$data[[column]], column, x$call)
  used <- sort(unique(coded$codes))
  labels <- action_labels(coded$values)
  seen <- labels[used]
  if (is.null(spec$codes)) {
    return(if (coded$kind == "number") numbered_actions(x, column, coded, spec))
  }
  # TRUE is 1.
  logical <- is.logical(x$data[[column]])
  for (code in spec$codes) {
    code <- action_labels(code)
    if (logical) code <- c("0" = "FALSE", "1" = "TRUE")[code]
    place <- match(simple_name(seen), simple_name(code))
    if (anyNA(code) || anyNA(place) || anyDuplicated(place)) next
    # In the spelling of the data.
    code[place] <- seen
    return(unname(code))
  }
  if (spec$any && coded$kind == "label" && length(labels) == length(spec$codes[[1L]])) {
    return(NULL)
  }
  abort_task_action(x, key, spec, seen, labels[coded$codes])
}

# Against the coding that the data come nearest to.
abort_task_action <- function(x, key, spec, seen, value) {
  agree <- vapply(spec$codes, \(code) sum(simple_name(seen) %in% simple_name(code)), 0L)
  code <- action_labels(spec$codes[[which.max(agree)]])
  row <- first_row(length(value), \(i) {
    !simple_name(value[i]) %in% simple_name(code) & !is.na(value[i])
  })
  upto <- length(code) - 1L
  hint <- if (!"0" %in% code && all(seen %in% 0:upto)) {
    "If they are numbered from 0, say {.code actions = 0:{upto}}."
  } else if (identical(spec$role, "choice")) {
    "If they are coded in another way, list them in that order: {.code actions = c(...)}."
  }
  numbers <- !anyNA(suppressWarnings(as.numeric(code)))
  shown <- if (numbers) as.numeric(code) else code
  meaning <- if (numbers && nzchar(spec$meaning)) paste0(" (", spec$meaning, ")") else ""
  abort_task_value(x, x$found[[key]], row, "{.arg {key}} must be {.or {.val {shown}}}{meaning}.",
    hint)
}

# Arms numbered from 1, however many there are.
numbered_actions <- function(x, column, coded, spec) {
  if (!spec$numbered || length(coded$values) == 0L) {
    return(NULL)
  }
  arms <- x$settings[["n_arms"]] %||% max(coded$values, 2)
  wrong <- coded$values < 1 | coded$values > arms
  if (any(wrong)) {
    row <- first_row(length(coded$codes), \(i) coded$codes[i] %in% which(wrong))
    abort_task_value(x, column, row, "{.arg choice} must be a number from 1 to {arms}.")
  }
  as.character(seq_len(arms))
}
