# From a column of choices to action codes 1..A and their labels.

# Packed choices are bytes, with 0 for a missed one.
max_actions <- 255L

# Whole numbers never in scientific notation, so that labels can be matched as text.
action_labels <- function(values) {
  if (is.numeric(values) && !is.object(values)) {
    return(format(values, trim = TRUE, scientific = FALSE, digits = 15))
  }
  as.character(values)
}

# list(labels =, codes =) of one response. `widths` holds the number of columns of `available` and
# `foregone` where they are given; `column` is NULL for data without choices.
code_choice <- function(data, column, actions, widths, call) {
  widest <- max(widths, 0L)
  if (is.null(column)) {
    if (is.null(actions) && widest > 0L) {
      actions <- as.character(seq_len(widest))
    }
    check_widths(actions, widths, column, call)
    return(list(labels = actions, codes = NULL))
  }
  found <- find_actions(data[[column]], column, call)
  labels <- action_labels(found$values)
  if (is.null(actions)) {
    # Numbered actions name the columns of a wider group by their position in it.
    if (found$kind == "number" && widest > length(labels) &&
      all(found$values %in% seq_len(widest))) {
      actions <- as.character(seq_len(widest))
    } else {
      mention_gap(found, column)
      actions <- labels
    }
  }
  check_widths(actions, widths, column, call)
  list(labels = actions, codes = recode_actions(found, labels, actions, column, call))
}

# list(kind =, values =, codes =): the distinct actions in their natural order, and each row's place
# among them (NA where missed).
find_actions <- function(x, column, call) {
  if (is.factor(x)) {
    if (anyNA(levels(x))) {
      x <- factor(x, exclude = NA)
    }
    found <- list(kind = "label", values = levels(x), codes = as.integer(x))
  } else if (is.logical(x)) {
    found <- list(kind = "label", values = c(FALSE, TRUE), codes = as.integer(x) + 1L)
  } else if (is.character(x)) {
    # Sorted as in the C locale, so that codes do not depend on where the data are read.
    values <- sort(unique(x), method = "radix")
    found <- list(kind = "label", values = values, codes = match(x, values, incomparables = NA))
  } else if (is.numeric(x) && is.null(dim(x))) {
    found <- find_numbered_actions(if (is.object(x)) as.vector(unclass(x)) else x, column, call)
  } else {
    rescorla_abort(
      c(
        "{.arg choice} must be whole numbers, a factor, character or logical.",
        x = "Column {.val {column}} is {describe_value(x)}.",
        i = "Convert it, for example with {.fn as.integer} or {.fn factor}."
      ),
      "data",
      column = column,
      row = 1L,
      call = call
    )
  }
  if (length(found$values) > max_actions) {
    rescorla_abort(
      c(
        "Column {.val {column}} has {length(found$values)} different choices; {max_actions} actions
         are the most there can be.",
        i = "Is it the right column?"
      ),
      "data",
      column = column,
      row = 1L,
      call = call
    )
  }
  blank <- match("", as.character(found$values))
  row <- if (!is.na(blank)) first_row(length(x), \(i) found$codes[i] == blank)
  if (!is.null(row)) {
    rescorla_abort(
      c(
        "Column {.val {column}} has an empty choice in row {row}.",
        i = "Set missed choices to {.code NA}."
      ),
      "data",
      column = column,
      row = row,
      call = call
    )
  }
  found
}

find_numbered_actions <- function(x, column, call) {
  n <- length(x)
  row <- if (is.double(x)) first_row(n, \(i) {
    !is.na(x[i]) & (x[i] != trunc(x[i]) | is.infinite(x[i]))
  })
  if (!is.null(row)) {
    rescorla_abort(
      c(
        "Choices that are numbers must be whole numbers.",
        x = "Column {.val {column}} is {x[row]} in row {row}.",
        i = "Is it the right column?"
      ),
      "data",
      column = column,
      row = row,
      call = call
    )
  }
  check_nan(x, column, "choice", call)
  if (all_missing(x)) {
    return(list(kind = "number", values = integer(), codes = rep(NA_integer_, n)))
  }
  lowest <- min(x, na.rm = TRUE)
  span <- max(x, na.rm = TRUE) - as.double(lowest) + 1
  if (span > 1e6 || max(abs(lowest), lowest + span) > .Machine$integer.max) {
    values <- sort(unique(x))
    return(list(kind = "number", values = values, codes = match(x, values, incomparables = NA)))
  }
  # Counting is several times faster than matching when the numbers lie close together, and numbers
  # that are codes already need no copy.
  offset <- as.integer(lowest) - 1L
  place <- if (is.integer(x) && !is.object(x)) x else as.integer(x)
  if (offset != 0L) {
    place <- place - offset
  }
  seen <- tabulate(place, span) > 0L
  if (all(seen)) {
    codes <- place
  } else {
    codes <- cumsum(seen)[place]
  }
  list(kind = "number", values = which(seen) + offset, codes = codes)
}

recode_actions <- function(found, labels, actions, column, call) {
  if (identical(labels, actions)) {
    return(found$codes)
  }
  place <- match(labels, actions)
  unknown <- which(is.na(place))
  row <- if (length(unknown) > 0L) first_row(length(found$codes), \(i) found$codes[i] %in% unknown)
  if (!is.null(row)) {
    label <- labels[found$codes[row]]
    rescorla_abort(
      c(
        "Column {.val {column}} has an unknown action, {.val {label}}, in row {row}.",
        x = "The actions are {.val {actions}}.",
        i = "Add it to {.arg actions}, or set missed choices to {.code NA}."
      ),
      "data",
      column = column,
      row = row,
      call = call
    )
  }
  if (identical(place, seq_along(place))) found$codes else place[found$codes]
}

# A group of columns, one per action, must be as wide as there are actions.
check_widths <- function(labels, widths, column, call) {
  wrong <- widths[widths != length(labels)]
  if (length(wrong) == 0L) {
    return(invisible())
  }
  role <- names(wrong)[1L]
  columns <- wrong[[1L]]
  n <- length(labels)
  rescorla_abort(
    c(
      "{.arg {role}} names {columns} column{?s}, and there {cli::qty(n)}{?is/are} {n} action{?s}.",
      x = if (n > 0L) "The {cli::qty(n)}action{?s} {?is/are} {.val {labels}}.",
      i = "Name one column per action, in the order of the actions.",
      i = "If some actions were never chosen, list them all with {.arg actions}.",
      i = if (role == "foregone" && columns == 1L && n == 2L) {
        "If the column holds the outcome of the option not chosen, name it once per action."
      }
    ),
    "data",
    column = column,
    call = call
  )
}

mention_gap <- function(found, column) {
  values <- found$values
  if (found$kind != "number" || length(values) == 0L || values[1L] < 1L ||
    values[length(values)] == length(values)) {
    return(invisible())
  }
  n <- length(values)
  rescorla_inform(c(
    "Column {.val {column}} has {cli::qty(n)}{n} action{?s}, {name_some(action_labels(values))},
     with numbers left out.",
    i = "If others could have been chosen too, list them all with {.arg actions}."
  ))
}
