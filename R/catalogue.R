#' The catalogue of models
#'
#' Models that come with the package: written in the model language (one file each in
#' `system.file("models", package = "rescorla")`), compiled with it, and used by name:
#' `rl_model("rw")`.
#'
#' @return A data frame with a row for each model: `name`, `title`, `task`, `parameters` (the free
#'   ones, in order), `columns` (data roles and columns it reads), `reference`.
#' @examples
#' rl_models()[c("name", "parameters")]
#' @export
rl_models <- function() {
  ids <- catalogue_names()
  models <- lapply(ids, catalogue_entry)
  text <- function(f) vapply(models, function(m) m[[f]] %||% NA_character_, "")
  structure(data.frame(
    name = ids,
    title = text("name"),
    task = text("task"),
    parameters = vapply(models, function(m) paste(free_parameters(m), collapse = ", "), ""),
    columns = vapply(models, function(m) paste(model_inputs(m), collapse = ", "), ""),
    reference = text("reference"),
    stringsAsFactors = FALSE
  ), class = c("rl_models", "data.frame"))
}

#' @export
print.rl_models <- function(x, ...) {
  if (!all(c("name", "title", "parameters") %in% names(x))) return(NextMethod())
  for (i in seq_len(nrow(x))) {
    cli::cat_line(format(x$name[i], width = max(nchar(x$name)) + 2), x$title[i])
    cli::cat_line(strrep(" ", max(nchar(x$name)) + 2), cli::col_grey(x$parameters[i]))
  }
  cli::cat_line(cli::col_grey("Next: rl_model(\"", x$name[1], "\"), rl_parameters(\"", x$name[1], "\")"))
  invisible(x)
}

# Data a model reads, responses first.
model_inputs <- function(model) {
  program <- model$program
  numbers <- vapply(program$numbers, `[[`, "", "name")
  numbers <- numbers[!startsWith(numbers, "available:")]
  own <- "available" %in% program$reads
  unique(c(program$codes, setdiff(numbers, if (!own) "available")))
}

models_folder <- function() system.file("models", package = "rescorla")

# Simple models first, then in the order of the alphabet.
catalogue_names <- function(folder = models_folder()) {
  lead <- c("rw", "rw_asymmetric", "rw_forgetting", "rw_perseveration", "rw_lapse",
    "rw_counterfactual", "rw_confirmation", "pearce_hall", "kalman")
  names <- sub("[.]R$", "", list.files(folder, pattern = "[.]R$"))
  c(intersect(lead, names), setdiff(sort(names), lead))
}

read_model_file <- function(path, id) {
  expr <- parse(path, keep.source = FALSE)
  call <- expr[[1]]
  parts <- as.list(call)[-1]
  # Where the parameter kinds and priors are defined: the package.
  kinds <- environment(unit_interval)
  new_model(list(
    name = parts$name,
    parameters = eval(parts$parameters, kinds),
    state = parts$state,
    trial = parts$trial,
    columns = eval(parts$columns) %||% character(),
    description = parts$description,
    reference = parts$reference,
    task = parts$task
  ), rlang::current_env(), id = id)
}

catalogue_cache <- new.env(parent = emptyenv())

catalogue_entry <- function(id) {
  if (is.null(catalogue_cache[[id]])) {
    path <- file.path(models_folder(), paste0(id, ".R"))
    assign(id, read_model_file(path, id), envir = catalogue_cache)
  }
  catalogue_cache[[id]]
}

catalogue_model <- function(id, changes, call) {
  known <- catalogue_names()
  if (!id %in% known) {
    nearest <- nearest_name(id, known)
    rescorla_abort(c(
      "There is no model {.val {id}} in the catalogue.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "`rl_models()` lists them; a model of your own takes `parameters`, `state` and `trial`."
    ), "model", call = call)
  }
  model <- catalogue_entry(id)
  if (length(changes) == 0) return(model)
  change_parameters(model, changes, call)
}

# The program's text and its C++ stay; what changes is which parameters are estimated, and where.
change_parameters <- function(model, changes, call) {
  names <- rlang::names2(changes)
  for (i in seq_along(changes)) {
    name <- names[i]
    if (!name %in% model$parameters$name) {
      nearest <- if (nzchar(name)) nearest_name(name, model$parameters$name)
      rescorla_abort(c(
        if (nzchar(name)) "Model {.val {model$id}} has no parameter {.code {name}}." else
          "Arguments after the model's name must be named.",
        i = if (!is.null(nearest)) "Did you mean {.code {nearest}}?",
        i = "Its parameters are {.code {model$parameters$name}}."
      ), "input", call = call)
    }
  }
  kinds <- check_parameter_kinds(changes, call)
  for (name in names) {
    if (!nzchar(kinds[[name]]$label)) kinds[[name]]$label <- model$kinds[[name]]$label
    model$kinds[[name]] <- kinds[[name]]
  }
  model$parameters <- parameter_table(model$kinds)
  model
}
