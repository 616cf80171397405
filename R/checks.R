# Argument checks shared by the exported functions. Each returns the checked value (converted where
# that is harmless) and reports against the caller's argument name and call.

check_string <- function(x, allow_null = FALSE, arg = rlang::caller_arg(x),
                         call = rlang::caller_env()) {
  if (allow_null && is.null(x)) {
    return(NULL)
  }
  if (is.character(x) && length(x) == 1L && !is.na(x) && nzchar(x)) {
    return(x)
  }
  abort_argument(x, "a single string", allow_null, arg, call)
}

check_flag <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (is.logical(x) && length(x) == 1L && !is.na(x)) {
    return(x)
  }
  abort_argument(x, "{.code TRUE} or {.code FALSE}", FALSE, arg, call)
}

check_count <- function(x, min = 1, allow_null = FALSE, arg = rlang::caller_arg(x),
                        call = rlang::caller_env()) {
  if (allow_null && is.null(x)) {
    return(NULL)
  }
  if (is_whole_number(x) && x >= min && x <= .Machine$integer.max) {
    return(as.integer(x))
  }
  abort_argument(x, paste0("a single whole number (", min, " or more)"), allow_null, arg, call)
}

check_number <- function(x, lower = -Inf, upper = Inf, allow_null = FALSE,
                         arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (allow_null && is.null(x)) {
    return(NULL)
  }
  if (is_number(x) && x >= lower && x <= upper) {
    return(as.double(x))
  }
  range <- if (is.finite(lower) && is.finite(upper)) {
    paste0(" (", lower, " to ", upper, ")")
  } else if (is.finite(lower)) {
    paste0(" (", lower, " or more)")
  } else if (is.finite(upper)) {
    paste0(" (", upper, " or less)")
  } else {
    ""
  }
  abort_argument(x, paste0("a single finite number", range), allow_null, arg, call)
}

# A whole argument default such as `c("mle", "map")` stands for its first entry, as in match.arg().
check_choice <- function(x, choices, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (identical(x, choices)) {
    return(choices[1L])
  }
  if (is.character(x) && length(x) == 1L && x %in% choices) {
    return(x)
  }
  nearest <- if (is.character(x) && length(x) == 1L && !is.na(x)) nearest_name(x, choices)
  rescorla_abort(
    c(
      "{.arg {arg}} must be one of {.or {.val {choices}}}, not {describe_value(x)}.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?"
    ),
    "input",
    arg = arg,
    call = call
  )
}

# The generators take seeds as doubles, which hold every whole number up to 2^53.
check_seed <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (is.null(x)) {
    return(NULL)
  }
  if (is_whole_number(x) && x >= 0 && x <= 2^53) {
    return(as.double(x))
  }
  abort_argument(x, "a single whole number (0 or more)", TRUE, arg, call)
}

check_class <- function(x, class, what, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (inherits(x, class)) {
    return(x)
  }
  rescorla_abort(
    "{.arg {arg}} must be {what}, not {describe_value(x)}.",
    "input",
    arg = arg,
    call = call
  )
}

check_dots_empty <- function(..., call = rlang::caller_env()) {
  if (...length() == 0L) {
    return(invisible())
  }
  # Left unevaluated: an argument nobody takes should not run.
  dots <- names(match.call(expand.dots = FALSE)$...)
  named <- dots[nzchar(dots)]
  rescorla_abort(
    if (length(named) > 0L) {
      c(
        "{cli::qty(named)}Unknown argument{?s}: {.arg {named}}.",
        i = "Look for a misspelt name."
      )
    } else {
      c(
        "There {cli::qty(...length())}{?is an/are} unnamed argument{?s} too many.",
        i = "Give arguments by name."
      )
    },
    "input",
    call = call
  )
}

is_number <- function(x) {
  is.numeric(x) && !is.object(x) && length(x) == 1L && is.finite(x)
}

is_whole_number <- function(x) {
  is_number(x) && x == trunc(x)
}

abort_argument <- function(x, expected, allow_null, arg, call) {
  expected <- paste0(expected, if (allow_null) " or {.code NULL}")
  rescorla_abort(
    paste0("{.arg {arg}} must be ", expected, ", not {describe_value(x)}."),
    "input",
    arg = arg,
    call = call
  )
}

# A value in a few words: the value itself where it is short, its kind and length otherwise.
describe_value <- function(x) {
  if (is.null(x)) {
    return("NULL")
  }
  if (is.function(x)) {
    return("a function")
  }
  if (is.data.frame(x)) {
    return("a data frame")
  }
  if (is.object(x) && !is.factor(x)) {
    return(paste0("a <", class(x)[1L], "> object"))
  }
  if (is.atomic(x) && length(x) == 1L) {
    return(encodeString(as.character(x), quote = if (is.character(x) && !is.na(x)) "\"" else ""))
  }
  kind <- if (is.matrix(x)) {
    "a matrix"
  } else if (is.factor(x)) {
    "a factor"
  } else if (is.list(x)) {
    "a list"
  } else if (is.atomic(x)) {
    paste("a", typeof(x), "vector")
  } else {
    paste("a", typeof(x))
  }
  kind <- sub("^a integer", "an integer", kind)
  if (is.vector(x)) paste0(kind, " of length ", length(x)) else kind
}
