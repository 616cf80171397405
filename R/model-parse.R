# Stage 1 of 3: R expressions to a plain list of statements.
#
# The parser knows the shape of the language (what a statement may look like) and nothing of
# names or types; those are the checker's. Every statement keeps the number of its line in the
# `trial` block and its text, so that later stages can point at it. Loops are written out here
# (model-loops.R): later stages see the copies of their lines.

# `spec`: list(name, parameters, state, trial, columns), `state` a call to list(), `trial` a `{`; for a
# task also `listens`, the responses it reads (task-program.R).
parse_program <- function(spec, call = rlang::caller_env()) {
  states <- parse_states(spec$state, call)
  c(
    list(name = spec$name, parameters = spec$parameters, columns = spec$columns,
      listens = spec$listens, states = states),
    parse_block(spec$trial, call, task = !is.null(spec$listens))
  )
}

# Messages quote the program, whose braces are not for cli to fill in.
model_abort <- function(line, text, message, call, symbol = NULL, loop = NULL) {
  copy <- if (length(loop)) paste0(" (", paste(loop, collapse = ", "), ")")
  where <- if (is.null(line)) text else paste0("line ", line, copy, " of `trial`: ", text)
  bullets <- c(message, " " = paste0("In ", where))
  bullets[] <- escape_braces(bullets)
  rescorla_abort(bullets, "model", line = line, symbol = symbol, call = call)
}

deparse_line <- function(expr) {
  text <- paste(deparse(expr, width.cutoff = 500L), collapse = " ")
  gsub("[[:space:]]+", " ", text)
}

parse_states <- function(expr, call) {
  if (is.null(expr)) return(list())
  if (!is.call(expr) || !identical(expr[[1]], quote(list))) {
    rescorla_abort(c(
      "`state` must be a list of states, such as `list(value = per_action(0.5))`.",
      x = "It is `{deparse_line(expr)}`."
    ), "model", call = call)
  }
  items <- as.list(expr)[-1]
  names <- rlang::names2(items)
  if (any(names == "")) {
    model_abort(NULL, paste0("`state`: ", deparse_line(items[[which(names == "")[1]]])),
      "Every entry of `state` needs a name, as in `list(value = per_action(0.5))`.", call)
  }
  states <- Map(function(name, item) parse_state(name, item, call), names, items)
  unname(states)
}

parse_state <- function(name, item, call) {
  text <- paste(name, "=", deparse_line(item))
  where <- paste0("state `", text, "`")
  kinds <- c("per_action", "scalar", "array_of")
  if (!is.call(item) || !is.symbol(item[[1]]) || !as.character(item[[1]]) %in% kinds) {
    model_abort(NULL, where, paste0(
      "State `", name, "` must be one of `per_action(init)`, `scalar(init)`, `array_of(init, dims)`."
    ), call, symbol = name)
  }
  kind <- as.character(item[[1]])
  definition <- switch(kind,
    per_action = function(init, reset = "block") NULL,
    scalar = function(init, reset = "block") NULL,
    array_of = function(init, dims, reset = "block") NULL
  )
  matched <- tryCatch(match.call(definition, item), error = function(e) NULL)
  given <- function(x) !is.null(x) && !identical(x, quote(expr = ))
  if (is.null(matched) || !given(matched$init) || (kind == "array_of" && !given(matched$dims))) {
    model_abort(NULL, where, paste0(
      "State `", name, "` does not fit `", kind,
      if (kind == "array_of") "(init, dims, reset = \"block\")`." else "(init, reset = \"block\")`."
    ), call, symbol = name)
  }
  reset <- matched$reset %||% "block"
  if (!identical(reset, "block") && !identical(reset, "subject")) {
    model_abort(NULL, where, paste0(
      "`reset` of state `", name, "` must be \"block\" or \"subject\"."
    ), call, symbol = name)
  }
  list(name = name, kind = kind, init = matched$init, dims = matched$dims, reset = reset,
    text = text)
}

parse_block <- function(expr, call, task = FALSE) {
  if (!is.call(expr) || !identical(expr[[1]], quote(`{`))) {
    rescorla_abort(c(
      "`trial` must be a block in braces, such as `trial = {{ choice ~ softmax(beta * value) }}`.",
      x = "It is `{deparse_line(expr)}`."
    ), "model", call = call)
  }
  counter <- new.env(parent = emptyenv())
  counter$line <- 0L
  counter$task <- task
  statements <- parse_lines(expr, counter, call)
  list(statements = statements, loops = unique(counter$loops))
}

# `source` is the text as written, where the expression is a copy of a loop's line.
parse_lines <- function(expr, counter, call, source = expr) {
  braces <- is_call_to(expr, "{")
  lines <- if (braces) as.list(expr)[-1] else list(expr)
  sources <- if (braces) as.list(source)[-1] else list(source)
  parsed <- Map(function(line, source) {
    if (is_call_to(line, "for")) parse_loop(line, counter, call, source) else
      list(parse_statement(line, counter, call, source))
  }, lines, sources)
  as.list(do.call(c, unname(parsed)))
}

parse_statement <- function(expr, counter, call, source = expr) {
  counter$line <- counter$line + 1L
  line <- counter$line
  text <- if (is_call_to(source, "if")) paste0("if (", deparse_line(source[[2]]), ")") else
    deparse_line(source)
  if (length(counter$loop)) count_copies(counter, line, text, call)
  statement <- if (is_call_to(expr, "~")) {
    refuse_looped_response(expr, counter, line, text, call)
    if (counter$task) parse_draw(expr, line, text, call) else parse_response(expr, line, text, call)
  } else if (is_call_to(expr, c("<-", "="))) {
    parse_assignment(expr, line, text, call)
  } else if (is_call_to(expr, "if")) {
    list(
      type = "if", line = line, text = text, condition = expr[[2]],
      then = parse_lines(expr[[3]], counter, call, source[[3]]),
      otherwise = if (length(expr) > 3) parse_lines(expr[[4]], counter, call, source[[4]]) else
        list()
    )
  } else {
    refuse_statement(expr, line, text, call)
  }
  statement$loop <- counter$loop
  statement
}

refuse_statement <- function(expr, line, text, call) {
  if (is_call_to(expr, c("while", "repeat", "function"))) {
    model_abort(line, text, c(
      paste0("`", as.character(expr[[1]]), "` is not part of the model language."),
      i = "Trials are looped over for you; work on whole vectors instead."
    ), call, symbol = as.character(expr[[1]]))
  }
  model_abort(line, text, c(
    "This line is neither a response nor an assignment.",
    i = "Write `response ~ distribution(...)`, `name <- expression`, or `if (condition) ...`."
  ), call)
}

is_call_to <- function(expr, names) {
  is.call(expr) && is.symbol(expr[[1]]) && as.character(expr[[1]]) %in% names
}

parse_response <- function(expr, line, text, call) {
  if (length(expr) != 3 || !is.symbol(expr[[2]])) {
    model_abort(line, text, c(
      "The left side of `~` must be the name of a response.",
      i = "For example `choice ~ softmax(beta * value)`."
    ), call)
  }
  right <- expr[[3]]
  if (!is.call(right) || !is.symbol(right[[1]])) {
    model_abort(line, text, c(
      "The right side of `~` must be a distribution.",
      i = paste0("One of ", paste0("`", names(response_table), "()`", collapse = ", "), ".")
    ), call)
  }
  distribution <- as.character(right[[1]])
  known <- response_table[[distribution]]
  if (is.null(known)) {
    model_abort(line, text, c(
      unknown_name(distribution, names(response_table), "distribution"),
      i = paste0("There are ", paste0("`", names(response_table), "()`", collapse = ", "), ".")
    ), call, symbol = distribution)
  }
  arguments <- tryCatch(
    as.list(match.call(known$definition, right))[-1],
    error = function(e) NULL
  )
  required <- names(Filter(function(x) is.symbol(x) && !nzchar(as.character(x)),
    as.list(formals(known$definition))))
  given <- rlang::names2(as.list(right)[-1])
  known_names <- all(given %in% c("", names(formals(known$definition))))
  if (is.null(arguments) || !all(required %in% names(arguments)) || !known_names) {
    optional <- setdiff(names(formals(known$definition)), required)
    model_abort(line, text, paste0(
      "The arguments do not fit `", distribution, "(",
      paste(c(required, paste(optional, "= ")[seq_along(optional)]), collapse = ", "), ")`."
    ), call, symbol = distribution)
  }
  list(type = "response", line = line, text = text, name = as.character(expr[[2]]),
    distribution = distribution, arguments = arguments)
}

parse_assignment <- function(expr, line, text, call) {
  target <- expr[[2]]
  index <- NULL
  if (is_call_to(target, "[")) {
    index <- as.list(target)[-(1:2)]
    target <- target[[2]]
  }
  if (is.character(target)) target <- as.symbol(target)
  if (!is.symbol(target)) {
    model_abort(line, text, c(
      "The left side of `<-` must be a name or a name with an index.",
      i = "For example `value[choice] <- value[choice] + alpha * (outcome - value[choice])`."
    ), call)
  }
  list(type = "assign", line = line, text = text, target = as.character(target), index = index,
    value = expr[[3]])
}

# "Unknown x `foo`. Did you mean `fou`?"
unknown_name <- function(name, known, what) {
  nearest <- nearest_name(name, known)
  c(
    paste0("Unknown ", what, " `", name, "`."),
    if (!is.null(nearest)) c(i = paste0("Did you mean `", nearest, "`?"))
  )
}
