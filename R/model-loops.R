# Stage 1 of 3, loops: `for (k in 1:3) { ... }` is written out, a copy of its lines for each value
# of `k` with the number in the place of the name. A copy keeps the number and the text of the line
# it was made from, and what its loops stood at (`loop`, such as "k = 2") for errors.

loop_limit <- 20L
loop_line_limit <- 400L

parse_loop <- function(expr, counter, call, source = expr) {
  counter$line <- counter$line + 1L
  line <- counter$line
  name <- as.character(expr[[2]])
  text <- paste0("for (", name, " in ", deparse_line(source[[3]]), ")")
  if (name %in% names(counter$loop)) {
    model_abort(line, text, c(
      paste0("The loop around this one has the name `", name, "` already."),
      i = "Give the inner loop a name of its own."
    ), call, symbol = name)
  }
  values <- loop_values(expr[[3]], line, text, call)
  counter$loops <- c(counter$loops, list(list(name = name, line = line, text = text)))
  outer <- counter$loop
  first <- counter$line
  # Lines that are never reached are read for their mistakes and their number.
  copies <- lapply(if (length(values)) values else 1, function(value) {
    counter$line <- first
    counter$loop <- c(outer, stats::setNames(paste(name, "=", format(value)), name))
    parse_lines(put_value(expr[[4]], name, value), counter, call, source[[4]])
  })
  counter$loop <- outer
  if (length(values)) do.call(c, copies) else list()
}

loop_values <- function(expr, line, text, call) {
  values <- if (is_literal(expr)) tryCatch(eval(expr, baseenv()), error = function(e) NULL)
  if (is.numeric(values) && length(values) > loop_limit) {
    model_abort(line, text, c(
      paste0("A loop can have ", loop_limit, " values at most; this one has ", length(values), "."),
      i = "Work on whole vectors instead, which needs no loop."
    ), call)
  }
  if (!is.numeric(values) || !all(is.finite(values)) || any(values != round(values))) {
    model_abort(line, text, c(
      "The values of a loop must be whole numbers that are known beforehand.",
      i = "Write them as `1:3`, `c(1, 3)` or `seq_len(3)`, or inject them from R, as in `.(x)`.",
      i = "What is done for every action or level is done on the whole vector, without a loop."
    ), call)
  }
  as.numeric(values)
}

# Numbers, also those of an outer loop, and what makes a vector of them.
is_literal <- function(expr) {
  if (is.numeric(expr)) return(TRUE)
  is_call_to(expr, c(":", "c", "seq_len", "(", "+", "-", "*")) &&
    all(vapply(as.list(expr)[-1], is_literal, NA))
}

# `value` in the place of the name, except where a name is none of a value: a function's, the target
# of an assignment, the result of a rule after `$`.
put_value <- function(expr, name, value) {
  if (is.symbol(expr)) return(if (identical(expr, as.name(name))) value else expr)
  if (!is.call(expr)) return(expr)
  kept <- if (is_call_to(expr, "$")) 3 else
    if (is_call_to(expr, "for") || is_call_to(expr, c("<-", "=")) && is.symbol(expr[[2]])) 2 else 0
  for (i in setdiff(seq_along(expr)[-1], kept)) {
    if (is.null(expr[[i]]) || is_empty_argument(expr[[i]])) next
    indexed <- i == 2 && is_call_to(expr, c("<-", "=")) && is_call_to(expr[[i]], "[")
    expr[[i]] <- if (indexed) put_value_in_index(expr[[i]], name, value) else
      put_value(expr[[i]], name, value)
  }
  expr
}

put_value_in_index <- function(expr, name, value) {
  for (i in setdiff(seq_along(expr), 1:2)) {
    if (!is_empty_argument(expr[[i]])) expr[[i]] <- put_value(expr[[i]], name, value)
  }
  expr
}

refuse_looped_response <- function(expr, counter, line, text, call) {
  if (length(counter$loop) == 0) return(invisible())
  name <- if (length(expr) == 3 && is.symbol(expr[[2]])) as.character(expr[[2]]) else "response"
  model_abort(line, text, c(
    paste0("There is no `~` in loops: `", name, "` would be drawn several times."),
    i = paste0("Work out in the loop what the draw needs, and write `", name,
      " ~ ...` below it.")
  ), call, symbol = name)
}

count_copies <- function(counter, line, text, call) {
  counter$copies <- (counter$copies %||% 0L) + 1L
  if (counter$copies > loop_line_limit) {
    model_abort(line, text, c(
      paste0("The loops of this program make more than ", loop_line_limit, " lines."),
      i = "Loop over fewer values, or work on whole vectors, which needs no loop."
    ), call)
  }
}
