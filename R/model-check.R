# Stage 2 of 3: names, types and shapes.
#
# The checker turns the parser's statements into a program whose every expression is a node with
# a kind (real, flag or index), a shape (the dimensions it runs over; none for a single number),
# the parameters it depends on smoothly (`deps`, which derivatives it can have), whether it depends
# on parameters at all (`tainted`: such a value may not be an index), and whether it can be missing.
#
# What a state depends on follows from every line that assigns it, and which names share their
# levels from every line that compares them, so the lines are checked again until nothing changes.

check_program <- function(parsed, call = rlang::caller_env()) {
  env <- new_checker(parsed, call)
  check_names(parsed, env)
  check_loops(parsed, env)
  env$categorical <- categorical_names(parsed, env)
  if (env$task) declare_listened(parsed$listens, env) else declare_responses(parsed$statements, env)
  declare_states(parsed$states, env)
  repeat {
    before <- checker_facts(env)
    lead_dimensions(env)
    # A task hears the responses from outside.
    env$seen <- if (env$task) names(env$responses) else character()
    env$site <- 0L
    env$assigned <- character()
    env$equal <- env$minimum <- env$within <- list()
    env$statements <- check_statements(parsed$statements, env)
    if (identical(before, checker_facts(env))) break
  }
  if (env$task) finish_task(parsed, env) else finish_program(parsed, env)
}

new_checker <- function(parsed, call) {
  env <- new.env(parent = emptyenv())
  env$call <- call
  env$task <- !is.null(parsed$listens)
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
  env$within <- list()              # codings that index a dimension of literal length
  env$constant <- list()            # columns that initial values read
  env$tainted <- FALSE              # inside an `if` that depends on parameters
  env$wide <- parsed$wide           # columns that are vectors over the actions
  env$all_targets <- all_targets(parsed$statements)
  env$state_names <- vapply(parsed$states, `[[`, "", "name")
  env$loop_names <- vapply(parsed$loops, `[[`, "", "name")
  env$line <- NULL
  env$text <- ""
  env
}

checker_facts <- function(env) {
  facts <- function(x) x[c("deps", "tainted", "kind", "missable", "group", "shape")]
  list(lapply(env$states, facts), lapply(env$locals, facts), env$groups)
}

fail <- function(env, message, symbol = NULL) {
  model_abort(env$line, env$text, message, env$call, symbol = symbol, loop = env$loop)
}

check_names <- function(parsed, env) {
  states <- env$state_names
  for (name in states) {
    env$text <- paste0("state `", name, "`")
    if (name %in% env$parameters) {
      fail(env, c(paste0("`", name, "` names both a parameter and a state."),
        i = "Rename one of them."), name)
    }
    if (name %in% c(language_roles, env$columns)) {
      fail(env, c(paste0("`", name, "` names both a data column and a state."),
        i = "Rename the state."), name)
    }
    if (name %in% c(reserved_names, names(rule_table))) {
      fail(env, paste0("`", name, "` is a name of the language: choose another."), name)
    }
  }
  if (anyDuplicated(states)) {
    twice <- states[anyDuplicated(states)]
    env$text <- "`state`"
    fail(env, paste0("State `", twice, "` is defined twice."), twice)
  }
  env$text <- "`parameters`"
  clash <- intersect(env$parameters, c(language_roles, env$columns))
  if (length(clash)) {
    fail(env, c(paste0("Parameter `", clash[1], "` has the name of a data column."),
      i = "Rename the parameter, or give the column another name in `rl_data()`."), clash[1])
  }
  clash <- intersect(env$parameters, reserved_names)
  if (length(clash)) {
    fail(env, paste0("`", clash[1], "` is a name of the language: choose another."), clash[1])
  }
}

# The number a loop's name stands for is in its place by now: a name that also stands for something
# else would have been lost.
check_loops <- function(parsed, env) {
  for (loop in parsed$loops) {
    name <- loop$name
    env$line <- loop$line
    env$text <- loop$text
    if (name %in% c(reserved_names, names(rule_table)) ||
      name == "step" && repeats(parsed$statements)) {
      fail(env, paste0("`", name, "` is a name of the language: choose another for the loop."), name)
    }
    other <- if (name %in% env$parameters) "a parameter" else if (name %in% env$state_names) "a state" else
      if (name %in% c(language_roles, env$columns)) "a data column" else
      if (name %in% response_names(parsed$statements)) "a response" else
      if (name %in% env$all_targets) "a local"
    if (!is.null(other)) {
      fail(env, c(paste0("`", name, "` names both ", other, " and a loop."),
        i = "Rename one of them."), name)
    }
  }
  env$line <- NULL
}

# --- statements -------------------------------------------------------------------------------

check_statements <- function(statements, env) lapply(statements, check_statement, env = env)

check_statement <- function(s, env) {
  env$line <- s$line
  env$text <- s$text
  env$loop <- s$loop
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
  if (condition$op == "flag") {
    # Known beforehand, as in a loop: only one branch is there.
    branch <- check_statements(if (condition$value) s$then else s$otherwise, env)
    return(list(type = "if", line = s$line, text = s$text, loop = s$loop, condition = condition,
      then = if (condition$value) branch else list(),
      otherwise = if (condition$value) list() else branch))
  }
  before <- env$assigned
  outer <- env$tainted
  # What is assigned below depends on what decides whether it is assigned.
  env$tainted <- outer || condition$tainted
  then <- check_statements(s$then, env)
  after_then <- env$assigned
  env$assigned <- before
  otherwise <- check_statements(s$otherwise, env)
  env$tainted <- outer
  new <- union(setdiff(after_then, before), setdiff(env$assigned, before))
  both <- intersect(setdiff(after_then, before), setdiff(env$assigned, before))
  # Assigned in one branch only: missing in the other.
  for (name in intersect(new, names(env$locals))) {
    if (!name %in% both || condition$missable) env$locals[[name]]$missable <- TRUE
  }
  env$assigned <- union(before, new)
  list(type = "if", line = s$line, text = s$text, loop = s$loop, condition = condition,
    then = then, otherwise = otherwise)
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
  if (name %in% c(reserved_names, names(rule_table))) {
    fail(env, paste0("`", name, "` is a name of the language: choose another."), name)
  }
  env$drawing <- isTRUE(s$drawn)
  value <- check_expr(s$value, env, target = if (is_without(s$index)) s)
  env$drawing <- FALSE
  if (name %in% names(env$states)) return(assign_state(s, value, env))
  assign_local(s, value, env)
}

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
  env$states[[s$target]]$tainted <- state$tainted || value$tainted || env$tainted
  list(type = "assign", to = "state", line = s$line, text = s$text, loop = s$loop,
    target = s$target, places = places, value = value)
}

# A local has one kind and one shape throughout: a number becomes a vector where any line makes it
# one. What later lines say is known from the second round of checks on.
assign_local <- function(s, value, env) {
  name <- s$target
  old <- env$locals[[name]]
  if (value$kind == "label") fail(env, "A label can only be compared with a categorical column.")
  if (!is.null(s$index)) {
    if (!name %in% env$assigned) {
      fail(env, c(paste0("`", name, "` has no value yet, so no cell of it can be set."),
        i = paste0("Make it a state, or assign the whole of `", name, "` first.")), name)
    }
    value <- as_number(value, env)
    places <- check_places(s$index, old$shape, env, name)
    shape <- old$shape
    if (length(value$shape)) require_equal(env, value$shape, places$shape)
  } else {
    if (length(value$shape) && value$kind != "real") value <- as_number(value, env)
    shape <- if (length(value$shape)) value$shape else old$shape %||% character()
    if (length(value$shape) && length(old$shape)) require_equal(env, old$shape, value$shape)
    places <- list(kind = "whole", shape = shape)
  }
  kind <- old$kind %||% value$kind
  if (length(shape) || kind != value$kind) {
    kind <- "real"
    value <- as_number(value, env)
  }
  if (kind == "index" && !is.null(value$group) && !is.null(old$group)) {
    join_groups(env, c(old$group, value$group))
  }
  env$locals[[name]] <- list(
    name = name,
    shape = shape,
    kind = kind,
    group = value$group %||% old$group,
    deps = union_deps(old$deps, value$deps),
    tainted = isTRUE(old$tainted) || value$tainted || env$tainted,
    missable = isTRUE(old$missable) || value$missable || any_missable(places$index)
  )
  env$assigned <- union(env$assigned, name)
  list(type = "assign", to = "local", line = s$line, text = s$text, loop = s$loop, target = name,
    places = places, value = value)
}

any_missable <- function(nodes) any(vapply(nodes %||% list(), function(n) n$missable, NA))

union_deps <- function(...) sort(unique(c(integer(), ...)))
