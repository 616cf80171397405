# Stage 2 of 3: names, types and shapes.
#
# The checker turns the parser's statements into a program whose every expression is a node with
# a kind (real, flag or index), a shape (the dimensions it runs over; none for a single number),
# the parameters it depends on smoothly (`deps`, which derivatives it can have), whether it depends
# on parameters at all (`tainted`: such a value may not be an index), and whether it can be missing.
#
# What a state depends on follows from every line that assigns it, so the lines are checked again
# until nothing changes.

check_program <- function(parsed, call = rlang::caller_env()) {
  env <- new_checker(parsed, call)
  check_names(parsed, env)
  env$categorical <- categorical_names(parsed, env)
  declare_responses(parsed$statements, env)
  declare_states(parsed$states, env)
  repeat {
    before <- checker_facts(env)
    env$seen <- character()
    env$assigned <- character()
    env$statements <- check_statements(parsed$statements, env)
    if (identical(before, checker_facts(env))) break
  }
  finish_program(parsed, env)
}

new_checker <- function(parsed, call) {
  env <- new.env(parent = emptyenv())
  env$call <- call
  env$parameters <- parsed$parameters$name
  env$columns <- parsed$columns
  env$states <- list()
  env$locals <- list()
  env$responses <- list()
  env$codes <- character()          # categorical inputs, responses first
  env$numbers <- list()             # numeric inputs: list(name, wide)
  env$labels <- list()
  env$groups <- list()              # sets of names that share their levels
  env$dims <- character()           # dimension keys, in order of first use
  env$equal <- list()               # pairs of dimensions that must have the same length
  env$all_targets <- all_targets(parsed$statements)
  env$line <- NULL
  env$text <- ""
  env
}

checker_facts <- function(env) {
  facts <- function(x) x[c("deps", "tainted", "kind", "missable", "group", "shape")]
  list(lapply(env$states, facts), lapply(env$locals, facts), env$groups)
}

fail <- function(env, message, symbol = NULL) {
  model_abort(env$line, env$text, message, env$call, symbol = symbol)
}

check_names <- function(parsed, env) {
  functions <- language_functions()
  states <- vapply(parsed$states, `[[`, "", "name")
  for (name in states) {
    env$text <- paste0("state `", name, "`")
    if (name %in% env$parameters) {
      fail(env, paste0("`", name, "` names both a parameter and a state."), name)
    }
    if (name %in% c(language_roles, env$columns)) {
      fail(env, paste0("`", name, "` names both a data column and a state."), name)
    }
    if (name %in% reserved_names) fail(env, paste0("`", name, "` is a reserved name."), name)
  }
  if (anyDuplicated(states)) {
    fail(env, paste0("State `", states[anyDuplicated(states)], "` is defined twice."))
  }
  clash <- intersect(env$parameters, c(language_roles, env$columns, reserved_names))
  if (length(clash)) {
    env$text <- "`parameters`"
    fail(env, paste0("Parameter `", clash[1], "` has the name of a data column."), clash[1])
  }
  invisible(functions)
}

# Names used as an index, a dimension or with a level's label are categorical; the rest are
# numbers. A name that a state or local copies inherits the use of the copy.
categorical_names <- function(parsed, env) {
  columns <- c("choice", "stimulus", "block", env$columns)
  uses <- new.env(parent = emptyenv())
  uses$index <- c("choice", "stimulus", "block")
  uses$copies <- list()
  note <- function(expr) uses$index <- union(uses$index, intersect(all.vars(expr), all.names(expr)))
  copied <- function(expr) {
    if (is.symbol(expr)) return(as.character(expr))
    if (is_call_to(expr, "(")) return(copied(expr[[2]]))
    if (is_call_to(expr, "ifelse")) return(c(copied(expr[[3]]), copied(expr[[4]])))
    character()
  }
  walk <- function(expr) {
    if (!is.call(expr)) return(invisible())
    if (is_call_to(expr, "[")) {
      for (i in as.list(expr)[-(1:2)]) if (!identical(i, quote(expr = ))) note_index(i, note)
    }
    if (is_call_to(expr, c("one_hot", "n_levels", "levels"))) for (i in as.list(expr)[-1]) note(i)
    if (is_call_to(expr, c("==", "!="))) {
      sides <- as.list(expr)[-1]
      text <- vapply(sides, is.character, NA)
      if (any(text)) for (i in sides[!text]) note(i)
      symbols <- vapply(sides, is.symbol, NA)
      if (all(symbols)) {
        names <- vapply(sides, as.character, "")
        uses$copies[[length(uses$copies) + 1]] <- names
      }
    }
    for (i in as.list(expr)[-1]) if (!identical(i, quote(expr = ))) walk(i)
    invisible()
  }
  visit <- function(s) {
    if (s$type == "if") {
      walk(s$condition)
      lapply(c(s$then, s$otherwise), visit)
    } else if (s$type == "assign") {
      for (i in s$index) if (!identical(i, quote(expr = ))) note_index(i, note)
      walk(s$value)
      if (is.null(s$index)) {
        for (from in copied(s$value)) uses$copies[[length(uses$copies) + 1]] <- c(s$target, from)
      }
    } else {
      if (response_table[[s$distribution]]$type == "categorical") uses$index <- union(uses$index, s$name)
      lapply(s$arguments, walk)
    }
  }
  for (s in parsed$states) if (!is.null(s$dims)) note(s$dims)
  lapply(parsed$statements, visit)
  repeat {
    before <- length(uses$index)
    for (pair in uses$copies) {
      if (pair[1] %in% uses$index) uses$index <- union(uses$index, pair[2])
      if (length(pair) == 2 && pair[2] %in% uses$index && all(pair %in% c(columns, uses$index))) {
        uses$index <- union(uses$index, pair[1])
      }
    }
    if (length(uses$index) == before) break
  }
  uses$index
}

note_index <- function(i, note) {
  if (is_call_to(i, "-") && length(i) == 2) i <- i[[2]]
  if (is.symbol(i)) note(i)
}

# --- statements -------------------------------------------------------------------------------

check_statements <- function(statements, env) lapply(statements, check_statement, env = env)

check_statement <- function(s, env) {
  env$line <- s$line
  env$text <- s$text
  switch(s$type,
    response = check_response(s, env),
    assign = check_assignment(s, env),
    `if` = check_if(s, env)
  )
}

check_if <- function(s, env) {
  condition <- as_flag(check_expr(s$condition, env), env)
  if (length(condition$shape)) {
    fail(env, c("The condition of `if` must be a single TRUE or FALSE.",
      i = "Use `ifelse()` to choose cell by cell."))
  }
  before <- env$assigned
  then <- check_statements(s$then, env)
  after_then <- env$assigned
  env$assigned <- before
  otherwise <- check_statements(s$otherwise, env)
  new <- union(setdiff(after_then, before), setdiff(env$assigned, before))
  both <- intersect(setdiff(after_then, before), setdiff(env$assigned, before))
  # Assigned in one branch only: missing in the other.
  for (name in intersect(new, names(env$locals))) {
    if (!name %in% both || condition$missable) env$locals[[name]]$missable <- TRUE
  }
  env$assigned <- union(before, new)
  list(type = "if", line = s$line, text = s$text, condition = condition, then = then,
    otherwise = otherwise)
}

check_response <- function(s, env) {
  a <- lapply(s$arguments, check_expr, env = env)
  kind <- response_table[[s$distribution]]$type
  a <- lapply(a, as_number, env = env)
  group <- if (kind == "categorical") use_dim(env, dim_key(env, s$name)) else NULL
  vector_argument <- switch(s$distribution, softmax = "x", categorical = "p", NULL)
  for (name in names(a)) {
    if (identical(name, vector_argument) || name == "available") {
      if (length(a[[name]]$shape) != 1) {
        fail(env, c(
          paste0("`", s$distribution, "()` needs one number per action of `", s$name, "`; `",
            deparse_line(s$arguments[[name]]), "` runs over ", describe_shape(a[[name]]$shape), "."),
          i = "Give it a per-action state, such as `beta * value`."
        ))
      }
      require_equal(env, a[[name]]$shape, group)
    } else if (length(a[[name]]$shape)) {
      fail(env, c(
        paste0("`", name, "` of `", s$distribution, "()` must be a single number; `",
          deparse_line(s$arguments[[name]]), "` runs over ", describe_shape(a[[name]]$shape), "."),
        i = "Pick a cell, such as `value[choice]`."
      ))
    }
  }
  if (s$distribution %in% c("bernoulli", "bernoulli_logit")) require_equal(env, group, use_dim(env, "#2"))
  if (kind == "number") number_input(env, s$name)
  env$seen <- union(env$seen, s$name)
  list(type = "response", line = s$line, text = s$text, name = s$name,
    distribution = s$distribution, arguments = a)
}

check_assignment <- function(s, env) {
  name <- s$target
  if (name %in% env$parameters) {
    fail(env, c(paste0("`", name, "` is a parameter: a model cannot assign to it."),
      i = "Choose another name for the quantity that changes."), name)
  }
  if (name %in% c(known_columns(env))) {
    fail(env, c(paste0("`", name, "` is a data column or response: a model cannot assign to it."),
      i = "Choose another name."), name)
  }
  if (name %in% c(reserved_names, language_functions())) {
    fail(env, paste0("`", name, "` is a name of the language: choose another."), name)
  }
  value <- check_expr(s$value, env, target = if (is_without(s$index)) s)
  if (name %in% names(env$states)) return(assign_state(s, value, env))
  assign_local(s, value, env)
}

is_without <- function(index) length(index) == 1 && is_call_to(index[[1]], "-") && length(index[[1]]) == 2

assign_state <- function(s, value, env) {
  state <- env$states[[s$target]]
  if (state$kind == "index") {
    literal <- value$op == "number" && value$value == round(value$value)
    if (value$kind == "index") {
      if (is.null(state$group)) env$states[[s$target]]$group <- value$group
      else join_groups(env, c(state$group, value$group))
    } else if (!literal) {
      env$states[[s$target]]$kind <- "real"
    }
  }
  if (env$states[[s$target]]$kind == "real") value <- as_number(value, env, s$target)
  places <- check_places(s$index, state$shape, env, s$target)
  if (length(value$shape)) require_equal(env, value$shape, places$shape)
  env$states[[s$target]]$deps <- union_deps(state$deps, value$deps)
  env$states[[s$target]]$tainted <- state$tainted || value$tainted
  list(type = "assign", to = "state", line = s$line, text = s$text, target = s$target,
    places = places, value = value)
}

assign_local <- function(s, value, env) {
  name <- s$target
  old <- env$locals[[name]]
  first <- !name %in% env$assigned
  if (!is.null(s$index)) {
    if (first) {
      fail(env, c(paste0("`", name, "` has no value yet, so no cell of it can be set."),
        i = paste0("Make it a state, or assign the whole of `", name, "` first.")), name)
    }
    value <- as_number(value, env)
    places <- check_places(s$index, old$shape, env, name)
  } else {
    if (value$kind == "label") fail(env, "A label can only be compared with a categorical column.")
    if (length(value$shape) && value$kind != "real") value <- as_number(value, env)
    places <- list(kind = "whole", shape = value$shape)
    if (!first && !is.null(old) && !identical(old$shape, value$shape) && length(value$shape)) {
      require_equal(env, old$shape, value$shape)
    }
    if (!first && old$kind != value$kind) value <- as_number(value, env)
  }
  if (length(value$shape)) require_equal(env, value$shape, places$shape)
  env$locals[[name]] <- list(
    name = name,
    shape = if (is.null(s$index)) (if (first || is.null(old)) value$shape else old$shape) else old$shape,
    kind = if (is.null(old) || first) value$kind else old$kind,
    group = value$group,
    deps = union_deps(old$deps, value$deps),
    tainted = isTRUE(old$tainted) || value$tainted,
    missable = isTRUE(old$missable) || value$missable || any_missable(places$index)
  )
  env$assigned <- union(env$assigned, name)
  list(type = "assign", to = "local", line = s$line, text = s$text, target = name,
    places = places, value = value)
}

any_missable <- function(nodes) any(vapply(nodes %||% list(), function(n) n$missable, NA))

union_deps <- function(...) sort(unique(c(integer(), ...)))

# Where an assignment writes: the whole, one cell, a row, or every cell but one.
check_places <- function(index, shape, env, name) {
  if (is.null(index)) return(list(kind = "whole", shape = shape))
  if (is_without(index)) {
    if (length(shape) != 1) {
      fail(env, paste0("`", name, "[-i]` needs a state with one dimension; `", name,
        "` runs over ", describe_shape(shape), "."))
    }
    i <- check_index(index[[1]][[2]], shape, env)
    return(list(kind = "without", shape = shape, index = list(i)))
  }
  check_cell(index, shape, env, name)
}

check_cell <- function(index, shape, env, name) {
  if (length(index) != length(shape)) {
    fail(env, c(
      paste0("`", name, "` runs over ", describe_shape(shape), " but is indexed by ",
        length(index), if (length(index) == 1) " value." else " values."),
      i = if (length(shape) == 0) paste0("Use `", name, "` without brackets.")
    ), name)
  }
  empty <- vapply(index, function(i) identical(i, quote(expr = )), NA)
  n <- length(index)
  if (any(empty[-n])) {
    fail(env, paste0("Only the last index of `", name, "` may be left out, as in `", name, "[i, ]`."))
  }
  nodes <- Map(function(i, k) check_index(i, k, env), index[!empty], shape[!empty])
  if (empty[n]) return(list(kind = "row", shape = shape[n], index = unname(nodes)))
  list(kind = "cell", shape = character(), index = unname(nodes))
}

check_index <- function(expr, key, env) {
  node <- check_expr(expr, env)
  if (node$op == "number") {
    top <- if (startsWith(key, "#")) as.integer(substring(key, 2)) else Inf
    if (node$value != round(node$value) || node$value < 1 || node$value > top) {
      fail(env, c(paste0("Index ", node$value, " is outside 1 to ",
        if (is.finite(top)) top else paste0("the number of levels of `", key, "`"), "."),
        i = "Indices count from 1, as in R."))
    }
    # How many levels the data have is known when they are bound.
    env$minimum[[length(env$minimum) + 1]] <-
      list(dim = key, value = node$value, line = env$line, text = env$text)
    return(node)
  }
  if (length(node$shape)) fail(env, "An index must be a single level, not a vector.")
  if (node$tainted) {
    fail(env, c(paste0("`", deparse_line(expr), "` depends on parameters and cannot be an index."),
      i = "An index may depend on data, responses and discrete states only."))
  }
  if (node$kind == "flag" || node$kind == "label") {
    fail(env, paste0("`", deparse_line(expr), "` cannot be an index."))
  }
  node
}
