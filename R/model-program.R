# The end of stage 2: the checked program as one plain list, which the generator, the binder and
# `print()` read.

finish_program <- function(parsed, env, task = FALSE) {
  codes <- env$codes
  numeric_responses <- if (!task) names(Filter(function(r) r$type == "number", env$responses))
  # The response's columns come first, in the order of the responses: their place is their number.
  responses <- if (task) list() else lapply(seq_along(env$responses), function(i) {
    r <- env$responses[[i]]
    if (r$type == "categorical") {
      r$dim <- dim_key(env, r$name)
      r$available <- if (length(categorical_responses(env)) == 1) "available" else
        paste0("available:", r$name)
      number_input(env, r$available, wide = TRUE)
    }
    r
  })
  for (name in codes) use_dim(env, dim_key(env, name))
  for (i in seq_along(env$states)) env$dims <- union(env$dims, env$states[[i]]$shape)
  numbers <- lapply(env$numbers, function(n) {
    n$dim <- if (n$wide) wide_dim(n$name, env) else NULL
    n
  })
  list(
    name = parsed$name,
    parameters = parsed$parameters,
    columns = parsed$columns,
    codes = codes,
    numbers = numbers,
    groups = env$groups,
    dims = env$dims,
    equal = unique(env$equal),
    minimum = unique(env$minimum),
    within = unique(env$within),
    constant = unique(env$constant),
    responses = responses,
    states = unname(env$states),
    locals = unname(env$locals),
    statements = env$statements,
    numeric_responses = numeric_responses,
    targets = all_targets(parsed$statements),
    wide = parsed$wide,
    reads = program_reads(parsed)
  )
}

# A response's own role `available`, or a column for each action.
wide_dim <- function(name, env) {
  if (startsWith(name, "available:")) return(dim_key(env, sub("^available:", "", name)))
  action_dim(env, name)
}

# Every name a program mentions, for checks of what data and tasks must provide.
program_reads <- function(parsed) {
  names <- character()
  visit <- function(s) {
    if (s$type == "if") {
      names <<- union(names, all.vars(s$condition))
      lapply(c(s$then, s$otherwise), visit)
    } else if (s$type == "assign") {
      names <<- union(names, c(all.vars(s$value), unlist(lapply(s$index, all_vars_safely))))
    } else {
      names <<- union(names, unlist(lapply(s$arguments, all.vars)))
    }
  }
  lapply(parsed$statements, visit)
  for (s in parsed$states) names <- union(names, c(all.vars(s$init), all_vars_safely(s$dims)))
  names
}

all_vars_safely <- function(expr) {
  if (is.null(expr) || identical(expr, quote(expr = ))) character() else all.vars(expr)
}

all_targets <- function(statements) {
  unlist(lapply(statements, function(s) {
    switch(s$type, assign = s$target, `if` = all_targets(c(s$then, s$otherwise)), NULL)
  }))
}
