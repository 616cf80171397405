# Stage 2 of 3, what names stand for: level sets that share a coding, dimensions, declarations and
# the inputs a program reads.

# --- groups of level sets and dimensions ------------------------------------------------------

group_of <- function(env, name) {
  for (g in env$groups) if (name %in% g) return(g[1])
  env$groups[[length(env$groups) + 1]] <- name
  name
}

join_groups <- function(env, names) {
  for (n in names) group_of(env, n)
  if (length(unique(vapply(names, group_of, "", env = env))) == 1) return(invisible())
  hit <- vapply(env$groups, function(g) any(names %in% g), NA)
  joined <- unique(unlist(env$groups[hit]))
  # The response's own coding leads, so that action numbers are the data's.
  lead <- intersect(names(env$responses), joined)
  env$groups <- c(list(c(lead, setdiff(joined, lead))), env$groups[!hit])
}

# Codings that were joined have one leading name: dimensions noted before go by it too.
lead_dimensions <- function(env) {
  lead <- function(keys) {
    own <- !startsWith(keys, "#")
    keys[own] <- vapply(keys[own], group_of, "", env = env, USE.NAMES = FALSE)
    keys
  }
  for (name in names(env$states)) env$states[[name]]$shape <- lead(env$states[[name]]$shape)
  for (name in names(env$locals)) env$locals[[name]]$shape <- lead(env$locals[[name]]$shape)
  env$dims <- unique(lead(env$dims))
}

# The key of a dimension: "#3" for a literal, otherwise the leading name of a coding.
dim_key <- function(env, name) group_of(env, name)

use_dim <- function(env, key) {
  env$dims <- union(env$dims, key)
  key
}

literal_dim <- function(n) paste0("#", format(n, scientific = FALSE))

require_equal <- function(env, a, b) {
  same <- length(a) == length(b)
  if (same) {
    for (i in seq_along(a)) {
      if (a[i] == b[i]) next
      literal <- startsWith(c(a[i], b[i]), "#")
      if (all(literal)) {
        same <- FALSE
      } else {
        env$equal[[length(env$equal) + 1]] <-
          list(dims = c(a[i], b[i]), line = env$line, text = env$text)
      }
    }
  }
  if (same) return(invisible())
  if (length(b) == 0) {
    fail(env, c(
      paste0("A vector over ", describe_shape(a), " cannot be assigned to a single number."),
      i = "Pick a cell of it, or reduce it, for example with `sum()`."))
  }
  fail(env, c(paste0("Two vectors of different shape meet: one runs over ", describe_shape(a),
    ", the other over ", describe_shape(b), "."), i = "Only single numbers are recycled."))
}

# "`value` runs over `choice`", "`beta` is a single number".
describe_extent <- function(what, shape) {
  paste0("`", what, "` ", if (length(shape)) paste("runs over", describe_shape(shape)) else
    "is a single number")
}

describe_shape <- function(shape) {
  one <- function(k) {
    if (startsWith(k, "#")) paste(substring(k, 2), "cells") else paste0("`", k, "`")
  }
  paste(vapply(shape, one, ""), collapse = " by ")
}

# --- declarations -----------------------------------------------------------------------------

declare_states <- function(states, env) {
  for (s in states) {
    env$line <- NULL
    env$text <- paste0("state `", s$text, "`")
    if (s$name %in% names(env$responses)) {
      fail(env, c(paste0("`", s$name, "` names both a response and a state."),
        i = "Rename one of them."), s$name)
    }
    shape <- switch(s$kind,
      scalar = character(),
      per_action = action_dim(env, s$name),
      array_of = state_dims(s$dims, env)
    )
    for (k in shape) use_dim(env, k)
    env$states[[s$name]] <- list(
      name = s$name, shape = shape, reset = s$reset, deps = integer(), tainted = FALSE,
      kind = NULL, group = NULL, missable = FALSE, init_expr = s$init, text = s$text
    )
  }
  for (name in names(env$states)) {
    state <- env$states[[name]]
    env$line <- NULL
    env$text <- paste0("state `", state$text, "`")
    env$initialising <- TRUE
    env$init_shape <- state$shape
    init <- as_number(check_expr(state$init_expr, env), env)
    env$initialising <- FALSE
    # The data must hold these constant within the unit the state is reset by.
    read <- intersect(all.vars(state$init_expr), c(env$codes, input_names(env)))
    env$constant <- c(env$constant, lapply(read, function(column) {
      list(column = column, state = name, reset = state$reset, text = state$text)
    }))
    # A task may start each cell from a draw, or from a column, of its own.
    if (env$task && length(init$shape)) {
      require_equal(env, init$shape, state$shape)
    } else if (length(init$shape)) {
      fail(env, c("The initial value of a state must be a single number, the same for every cell.",
        i = "Set cells that differ in `trial`, on trials that a column marks."), name)
    }
    env$states[[name]]$init <- init
    env$states[[name]]$deps <- init$deps
    env$states[[name]]$tainted <- init$tainted
    # A state is an index until a line gives it something else than a level.
    whole <- init$op == "number" && init$value == round(init$value)
    env$states[[name]]$kind <- if (whole && name %in% env$categorical) "index" else "real"
  }
}

action_dim <- function(env, what) {
  responses <- categorical_responses(env)
  if (length(responses) > 1) {
    several <- paste0(" is ambiguous: the model has ", length(responses), " choices (",
      paste0("`", responses, "`", collapse = ", "), ").")
    if (what == "n_actions") {
      fail(env, c(paste0("`n_actions`", several),
        i = paste0("Write `n_levels(", responses[1], ")`.")), what)
    }
    if (what %in% c("foregone", "available")) {
      fail(env, c(paste0("`", what, "`", several),
        i = paste0("Columns that are no role can be read by their own names.")), what)
    }
    fail(env, c(paste0("`per_action()`", several),
      i = paste0("Write `array_of(init, ", responses[1], ")`.")), what)
  }
  use_dim(env, dim_key(env, if (length(responses)) responses else "choice"))
}

state_dims <- function(expr, env) {
  parts <- if (is_call_to(expr, "c")) as.list(expr)[-1] else list(expr)
  if (length(parts) > 3) {
    fail(env, c("A state can have at most three dimensions.", i = "Split it into several states."))
  }
  vapply(parts, function(p) {
    if (is.numeric(p) && length(p) == 1 && p >= 1 && p == round(p)) return(literal_dim(p))
    if (is.symbol(p)) {
      name <- as.character(p)
      if (name == "n_actions") return(action_dim(env, name))
      code_input(env, name)
      return(dim_key(env, name))
    }
    if (is_call_to(p, "levels") && length(p) > 1 && all(vapply(as.list(p)[-1], is.symbol, NA))) {
      names <- vapply(as.list(p)[-1], as.character, "")
      for (n in names) code_input(env, n)
      join_groups(env, names)
      return(dim_key(env, names[1]))
    }
    fail(env, c("A dimension must be a whole number, a column or a response.",
      x = paste0("It is `", deparse_line(p), "`.")))
  }, "")
}

# --- the inputs a program reads ---------------------------------------------------------------

# A task makes what a model reads: what it may read is its own.
known_columns <- function(env) {
  unique(c(if (env$task) c("block", "trial") else language_roles, env$columns, names(env$responses)))
}

code_input <- function(env, name) {
  if (name %in% c(names(env$states), env$parameters)) {
    fail(env, c(paste0("`", name, "` is a ", if (name %in% env$parameters) "parameter" else "state",
      " and has no levels."), i = "Give the name of a categorical column or response."), name)
  }
  if (!name %in% known_columns(env)) {
    fail(env, c(
      unknown_name(name, known_columns(env), "column"),
      i = paste0("A column that is no role must be declared: `columns = \"", name, "\"`.")
    ), name)
  }
  if (name %in% number_roles || identical(env$responses[[name]]$type, "number")) {
    fail(env, c(paste0("`", name, "` is a number: it has no levels to index with."),
      i = "An index, a dimension or a label needs a categorical column or response."), name)
  }
  if (!name %in% env$codes) env$codes <- c(env$codes, name)
  group_of(env, name)
  name
}

input_names <- function(env) vapply(env$numbers, `[[`, "", "name")

number_input <- function(env, name, wide = FALSE) {
  if (!name %in% input_names(env)) {
    env$numbers[[length(env$numbers) + 1]] <- list(name = name, wide = wide)
  }
  name
}
