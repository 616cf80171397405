# Stage 3 of 3, responses that are numbers, and expressions of a decision's number.

number_response_head <- function(s, item, g) {
  i <- match(s$name, names(g$names$number)) - 1L
  paste0("f.", s$distribution, "(", s$line, ", ", item, ", ", i, ", ")
}

emit_number_response <- function(s, item, valid, g) {
  arguments <- names(formals(response_table[[s$distribution]]$definition))
  values <- vapply(s$arguments[arguments], emit_scalar, "", g = g)
  emit_line(g, number_response_head(s, item, g), paste(c(valid, values), collapse = ", "), ");")
}

# Decisions in a row: the logit is a function of the decision's number, and so may be whether it is
# there. Whether the series was cut off matters where it is scored, not where it is drawn.
emit_series <- function(s, item, g) {
  a <- s$arguments
  x <- lift_constants(a$x, g)
  logit <- emit_step_function(g, emit_scalar(x, g))
  there <- without_emitting(g, valid_text(x, g))
  by_step <- length(there$lines) || grepl("\\bstep\\b", there$text)
  shown <- and_text(g$mask %||% "", if (!by_step) there$text,
    if (!is.null(a$most)) valid_text(a$most, g))
  counted <- and_text(shown, if (!is.null(a$censored)) valid_text(a$censored, g))
  or_all <- function(text) if (nzchar(text)) text else "f.all()"
  emit_line(g, number_response_head(s, item, g), paste(c(
    or_all(shown), or_all(counted), logit,
    if (by_step) emit_step_function(g, valid_or_all(x, g)) else
      "[&](int) RESCORLA_LAMBDA { return f.all(); }",
    if (is.null(a$censored)) "f.none()" else emit_scalar(a$censored, g),
    if (is.null(a$most)) "false" else "true",
    if (is.null(a$most)) paste0("f.constant(", number_text(default_most), ")") else
      emit_scalar(a$most, g)
  ), collapse = ", "), ");")
}

# The lines that making a text would emit, kept apart: what they declare is not known outside.
without_emitting <- function(g, text) {
  outer <- mget(c("lines", "memo", "declared"), envir = g)
  g$lines <- character()
  text <- force(text)
  lines <- g$lines
  list2env(outer, envir = g)
  list(text = text, lines = lines)
}

# `text` as a function of the decision's number, from 0; `step` counts from 1.
emit_step_function <- function(g, text) {
  inner <- without_emitting(g, text)
  name <- fresh(g, "e_")
  used <- any(grepl("\\bstep\\b", c(inner$lines, inner$text)))
  emit_line(g, "const auto ", name, " = [&](int", if (used) " k", ") RESCORLA_LAMBDA {")
  if (used) emit_line(g, "  const auto step = f.constant(k + 1);")
  for (l in inner$lines) emit_line(g, "  ", l)
  emit_line(g, "  return ", inner$text, ";")
  emit_line(g, "};")
  name
}

reads_step <- function(node) {
  node$op == "step" || any(vapply(node$args, reads_step, NA))
}

# What is the same for every decision is computed once, above the function of its number.
lift_constants <- function(node, g) {
  if (!reads_step(node)) {
    if (length(node$shape) || node$op %in% c("number", "flag")) return(node)
    node$text <- emit_scalar(node, g)
    node$there <- valid_text(node, g)
    node$op <- "lifted"
    node$args <- NULL
    return(node)
  }
  node$args <- lapply(node$args, lift_constants, g = g)
  if (!is.null(node$places)) node$places$index <- node$args[-1]
  node
}
