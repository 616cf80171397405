# Names and sizes that a task may have, so that no column of the simulated data takes another's place.

# Columns that simulated data have anyway.
data_columns_of_all <- c("subject", "block", "trial", ".sim", ".subject")

check_column_names <- function(columns, arg, call) {
  if (is.null(columns)) return(NULL)
  names <- rlang::names2(columns)
  taken <- intersect(names, data_columns_of_all)
  if (length(taken)) {
    rescorla_abort(c("`{arg}` cannot have a column {.code {taken[1]}}: simulated data have one of their own.",
      i = "Choose another name."), "input", call = call)
  }
  if (anyDuplicated(names) || any(names == "")) {
    rescorla_abort(c("The columns of `{arg}` need names, each different.",
      x = "They are {.val {names}}."), "input", call = call)
  }
  columns
}

check_product_names <- function(program, call) {
  taken <- intersect(task_products(program), data_columns_of_all)
  if (length(taken)) {
    rescorla_abort(c("A task cannot make {.code {taken[1]}}: simulated data have a column of that name.",
      i = "Choose another name."), "model", call = call, symbol = taken[1])
  }
}

# What model and task give when they meet: nobody's column may replace another's.
check_simulated_names <- function(model, task, call) {
  responses <- vapply(model$program$responses, `[[`, "", "name")
  pays <- !is_program_task(task) && has_choice(model$program)
  made <- c(responses, if (pays) c("outcome", "foregone", paste0("foregone_", task$actions)))
  given <- c(names(task$columns), if (is_program_task(task)) task_products(task$program))
  clash <- intersect(given, made)
  if (length(clash)) {
    what <- if (clash[1] %in% responses) "a response of the model" else "what its actions pay"
    rescorla_abort(c("{.code {clash[1]}} is a column of the task and also {what}.",
      i = "Rename it in the task, or leave it out."), "input", call = call)
  }
}

# Everything is laid out by trial.
session_length <- function(trials, blocks, call) {
  total <- as.double(trials) * blocks
  if (total > 1e7) {
    rescorla_abort(c("A task can have at most 10,000,000 trials.",
      x = "It has {format_count(total)}."), "input", call = call)
  }
  as.integer(total)
}

# Ranges of the settings of the ready tasks that columns and conditions may change.
setting_ranges <- list(
  sigma = c(0, Inf), decay = c(0, 1), centre = c(-Inf, Inf), hazard = c(0, 1), sd = c(0, Inf),
  flip = c(0, 1), transition = c(0, 1), validity = c(0, 1), win = c(-Inf, Inf), lose = c(-Inf, Inf),
  neutral = c(-Inf, Inf)
)

# Columns of a ready task that are called like one of its settings take the setting's place. Others
# (the ends of a range, switches that the task computes from its arguments) are not to be had.
check_setting_columns <- function(columns, arg, settings, arguments, call) {
  for (name in names(columns)) {
    x <- columns[[name]]
    range <- setting_ranges[[name]]
    if (name %in% names(settings) && !is.null(range)) {
      ok <- is.numeric(x) && is.null(dim(x)) && all(is.finite(x) & x >= range[1] & x <= range[2])
      if (ok) next
      within <- if (is.finite(range[2])) paste(" from", range[1], "to", range[2]) else
        if (is.finite(range[1])) paste0(", ", range[1], " or more") else ""
      rescorla_abort(c("{.code {name}} in `{arg}` is a setting of this task: it must be numbers{within}.",
        x = if (is.numeric(x)) "They are {.val {unique(x)}}." else "It is {describe_value(x)}."),
        "input", call = call)
    }
    if (name %in% c(names(settings), arguments)) {
      can <- intersect(names(settings), names(setting_ranges))
      rescorla_abort(c(
        "`{arg}` cannot have a column {.code {name}}: the task uses that name, and not block by block.",
        i = if (length(can)) "Settings that can change are {.code {can}}.",
        i = "For a condition choose another name."
      ), "input", call = call)
    }
  }
}
