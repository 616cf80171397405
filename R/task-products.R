# What a task's program made, as columns of the simulated data.

is_program_task <- function(task) identical(task$kind, "program")

task_items <- function(task) {
  c(vapply(task$program$states, `[[`, "", "name"), task_products(task$program))
}

# Products that are part of the data: drawn by `~`, or roles, or read by the model.
shown_products <- function(task, model) {
  products <- task_products(task$program)
  roles <- c("outcome", "foregone", "available", "stimulus", "rt")
  shown <- setdiff(c(roles, drawn_names(task$trial), task$always), task$hides)
  products[products %in% c(shown, model$program$reads)]
}

drawn_names <- function(trial) {
  unlist(lapply(as.list(trial), function(s) {
    if (is_call_to(s, "~")) as.character(s[[2]]) else if (is_call_to(s, c("if", "{"))) drawn_names(s)
  }))
}

# As arrays everything is kept; as data the products that are part of them.
wanted_items <- function(joined, task, model, array) {
  cells <- c(joined$state_cells, joined$cells)
  kept <- array | c(rep(FALSE, length(joined$state_cells)),
    task_products(task$program) %in% shown_products(task, model))
  joined$want <- ifelse(kept, cells, 0L)
  joined
}

product_columns <- function(task, runs, across, call) {
  made <- runs[[1]]$task
  columns <- list()
  for (name in names(Filter(Negate(is.null), made))) {
    values <- lapply(seq_along(made[[name]]), function(c) across(function(r) r$task[[name]][[c]]))
    if (length(values) == 1) {
      columns[[name]] <- product_values(values[[1]], name, task, call)
    } else {
      columns[product_names(name, length(values), task)] <- values
    }
  }
  columns
}

# Levels are whole numbers, or their labels.
product_values <- function(x, name, task, call) {
  local <- Filter(function(l) l$name == name, task$program$locals)[[1]]
  labels <- task$levels[[name]]
  if (is.null(labels) && local$kind != "index") return(x)
  x <- as.integer(x)
  if (!is.null(labels) && any(x < 1L | x > length(labels), na.rm = TRUE)) {
    rescorla_abort(c("The task makes levels of {.code {name}} that do not exist.",
      x = "It has {length(labels)} level{?s}, and the program makes {.val {range(x, na.rm = TRUE)}}.",
      i = "`levels` says how many there are."), "model", call = call, symbol = name)
  }
  if (is.null(labels) || is_numbered(labels)) x else structure(x, levels = labels, class = "factor")
}

product_names <- function(name, cells, task) {
  paste0(name, "_", if (cells == length(task$actions)) task$actions else seq_len(cells))
}

product_roles <- function(task, run) {
  # Roles with a column for each action belong to the one choice of a model.
  if (length(task$responses) > 1) return(NULL)
  made <- Filter(Negate(is.null), run$task)
  wide <- names(made)[lengths(made) > 1]
  # A group of columns is read by its name; single ones by their own.
  stats::setNames(lapply(wide, function(name) product_names(name, length(made[[name]]), task)), wide)
}
