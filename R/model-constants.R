# Constants that come with the data: a payscale, the transition probability of a two-step task. A
# model's fixed parameter of that name takes the value of the data, unless the user fixed it in
# rl_model().

model_with_constants <- function(model, data) {
  constants <- data$constants
  table <- model$parameters
  is_fixed <- table$name[!is.na(table$fixed)]
  names <- setdiff(intersect(names(constants), is_fixed), fixed_by_user(model))
  for (name in names) {
    value <- constants[[name]]
    model$kinds[[name]][c("lower", "upper", "value")] <- value
    model$parameters[table$name == name, c("lower", "upper", "fixed")] <- value
  }
  # Remembered, so that these are not taken for the user's when the model meets other data.
  model$from_data <- union(model$from_data, names)
  model
}

# Parameters whose value differs from the catalogue's, or that rl_model() noted as redefined. A
# model of the user's own has definitions, which data may override.
fixed_by_user <- function(model) {
  default <- if (is.null(model$id)) model$parameters else catalogue_entry(model$id)$parameters
  same <- model$parameters$fixed == default$fixed[match(model$parameters$name, default$name)]
  differs <- model$parameters$name[!(same %in% TRUE)]
  setdiff(union(model$changed, differs), model$from_data)
}
