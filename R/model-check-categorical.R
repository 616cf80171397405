# Stage 2 of 3, which names are categorical: those used as an index, as a dimension or with a
# level's label, and whatever is copied from one or compared with one. The rest are numbers.

categorical_names <- function(parsed, env) {
  uses <- new.env(parent = emptyenv())
  uses$names <- setdiff(c("choice", "stimulus", "block"), env$parameters)
  uses$columns <- env$columns
  uses$computed <- character()   # what some line calculates is a number
  uses$copies <- list()      # pairs of names: what one is, the other is
  states <- vapply(parsed$states, `[[`, "", "name")
  for (s in parsed$states) {
    if (!is.null(s$dims)) note_level(s$dims, uses)
    walk_uses(s$init, uses)
  }
  for (s in parsed$statements) visit_uses(s, uses)
  # Numbers may be compared with numbers: only a column or state can turn out to be a level.
  may <- setdiff(c("choice", "stimulus", "block", env$columns, states, env$all_targets,
    names(env$responses)), c(number_roles, uses$computed))
  repeat {
    before <- length(uses$names)
    for (pair in uses$copies) {
      if (any(pair %in% uses$names)) uses$names <- union(uses$names, intersect(pair, may))
    }
    if (length(uses$names) == before) return(intersect(uses$names, may))
  }
}

note_level <- function(expr, uses) {
  uses$names <- union(uses$names, all.vars(expr))
}

note_index <- function(index, uses) {
  for (i in Filter(Negate(is_empty_argument), index)) {
    if (is_call_to(i, "-") && length(i) == 2) i <- i[[2]]
    if (is.symbol(i)) note_level(i, uses)
  }
}

note_copy <- function(to, from, uses) {
  for (name in from) uses$copies[[length(uses$copies) + 1]] <- c(to, name)
}

# Names whose levels an expression hands on.
handed_on <- function(expr) {
  if (is.symbol(expr)) return(as.character(expr))
  if (is_call_to(expr, "(")) return(handed_on(expr[[2]]))
  if (is_call_to(expr, "[") && is.symbol(expr[[2]])) return(as.character(expr[[2]]))
  if (is_call_to(expr, "ifelse") && length(expr) == 4) {
    return(c(handed_on(expr[[3]]), handed_on(expr[[4]])))
  }
  character()
}

# Whether an expression hands on levels, or a number that can stand for one, and calculates nothing.
hands_on <- function(expr) {
  if (is.numeric(expr)) return(length(expr) == 1 && expr == round(expr))
  if (is_call_to(expr, "(")) return(hands_on(expr[[2]]))
  if (is_call_to(expr, "ifelse") && length(expr) == 4) {
    return(hands_on(expr[[3]]) && hands_on(expr[[4]]))
  }
  is.symbol(expr) || is_call_to(expr, "[")
}

visit_uses <- function(s, uses) {
  if (s$type == "if") {
    walk_uses(s$condition, uses)
    for (inner in c(s$then, s$otherwise)) visit_uses(inner, uses)
  } else if (s$type == "assign") {
    note_index(s$index, uses)
    walk_uses(s$value, uses)
    note_copy(s$target, handed_on(s$value), uses)
    if (!hands_on(s$value)) uses$computed <- union(uses$computed, s$target)
  } else {
    if (response_table[[s$distribution]]$type == "categorical") {
      uses$names <- union(uses$names, s$name)
    }
    for (a in s$arguments) walk_uses(a, uses)
  }
}

walk_uses <- function(expr, uses) {
  if (!is.call(expr)) return(invisible())
  if (is_call_to(expr, "[")) note_index(as.list(expr)[-(1:2)], uses)
  if (is_call_to(expr, "one_hot")) for (i in as.list(expr)[-1]) note_level(i, uses)
  if (is_call_to(expr, "n_levels")) {
    uses$names <- union(uses$names, intersect(all.vars(expr), uses$columns))
  }
  if (is_call_to(expr, c("==", "!=")) && length(expr) == 3) {
    sides <- as.list(expr)[-1]
    text <- vapply(sides, is.character, NA)
    if (any(text)) uses$names <- union(uses$names, unlist(lapply(sides[!text], handed_on)))
    symbols <- vapply(sides, is.symbol, NA)
    if (all(symbols)) note_copy(as.character(sides[[1]]), as.character(sides[[2]]), uses)
  }
  for (i in Filter(Negate(is_empty_argument), as.list(expr)[-1])) walk_uses(i, uses)
}
