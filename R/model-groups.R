# A declared column of numbers is one number a trial or, where the data give a group of columns under
# its name (`rl_data(..., magnitude = c("left", "right"))`), a vector over the actions. Which it is
# shows when the model needs a vector, or when it meets data; the program is checked anew then.

# The program with as few groups as it needs to make sense.
check_groups <- function(parsed, call) {
  first <- tryCatch(check_program(parsed, call), rescorla_error_model = identity)
  if (!inherits(first, "condition")) return(first)
  columns <- utils::head(parsed$columns, 6)
  for (size in seq_along(columns)) {
    for (wide in utils::combn(columns, size, simplify = FALSE)) {
      program <- tryCatch(check_program(c(parsed, list(wide = wide)), call),
        rescorla_error_model = function(e) NULL)
      if (!is.null(program)) return(program)
    }
  }
  rlang::cnd_signal(first)
}

# The model as it reads these groups of columns.
model_for_groups <- function(model, groups, call) {
  columns <- setdiff(model$columns, model$program$codes)
  wide <- union(model$groups, intersect(columns, groups))
  if (setequal(wide, model$program$wide)) return(model)
  parsed <- parse_program(model[c("name", "parameters", "state", "trial", "columns")], call)
  # What is estimated is the model's, not the program's: the C++ must not change with it.
  parsed$parameters <- model$program$parameters
  model$program <- check_program(c(parsed, list(wide = wide)), call)
  model
}

model_for_data <- function(model, data, call) {
  model <- model_with_constants(model, data)
  model_for_groups(model, names(Filter(function(x) length(x) > 1, data$extra)), call)
}

model_for_task <- function(model, task, call) {
  model_for_groups(model, names(Filter(is.matrix, task$columns)), call)
}
