# Every condition the package raises goes through these three functions, so that callers can catch
# a whole family (`rescorla_error`) or one kind of it (`rescorla_error_data`).

error_kinds <- c("input", "data", "model", "compile", "backend")
warning_kinds <- c("convergence", "boundary", "data", "collinearity")

# `message` is a character vector of cli bullets: what was wrong, what was expected, and (named "i")
# what to do. Named arguments in `...` become fields of the condition.
rescorla_abort <- function(message, kind, ..., call = rlang::caller_env(),
                           .envir = rlang::caller_env()) {
  kind <- match.arg(kind, error_kinds)
  cli::cli_abort(
    message,
    class = c(paste0("rescorla_error_", kind), "rescorla_error"),
    ...,
    call = call,
    .envir = .envir
  )
}

rescorla_warn <- function(message, kind, ..., call = rlang::caller_env(),
                          .envir = rlang::caller_env()) {
  kind <- match.arg(kind, warning_kinds)
  cli::cli_warn(
    message,
    class = c(paste0("rescorla_warning_", kind), "rescorla_warning"),
    ...,
    call = call,
    .envir = .envir
  )
}

rescorla_inform <- function(message, ..., .envir = rlang::caller_env()) {
  cli::cli_inform(message, class = "rescorla_message", ..., .envir = .envir)
}

# The candidate a misspelt name most probably meant, or NULL. A name that contains the other whole
# (`choice` in `level1_choice`) counts as near whatever its length.
nearest_name <- function(name, candidates) {
  if (length(candidates) == 0) {
    return(NULL)
  }
  distance <- drop(utils::adist(name, candidates, ignore.case = TRUE))
  within <- grepl(tolower(name), tolower(candidates), fixed = TRUE)
  near <- within | distance <= nchar(name) %/% 2
  if (!any(near)) {
    return(NULL)
  }
  candidates[near][which.min(distance[near])]
}

# At most `max` items as text, then how many more there are: for messages that name subjects.
name_some <- function(x, max = 5L, quote = FALSE) {
  text <- as.character(x)
  if (quote) {
    text <- encodeString(text, quote = "\"")
  }
  n <- length(text)
  if (n > max) {
    return(paste0(paste(text[seq_len(max)], collapse = ", "), " and ", n - max, " more"))
  }
  if (n > 1L) {
    return(paste(paste(text[-n], collapse = ", "), "and", text[n]))
  }
  text
}

# Errors of the compiled core arrive here, on their way to being conditions of its classes.
core_abort <- function(kind, message) {
  rescorla_abort(escape_braces(message), kind, call = NULL)
}
