#' The catalogue of models
#'
#' Models that come with the package: written in the model language (one file each in
#' `system.file("models", package = "rescorla")`), compiled with it, and used by name:
#' `rl_model("rw")`. [models] lists the tasks they are for; each model has a help page under its
#' name (`?rw`) with its equations.
#'
#' @param task Only models for this task, such as `"igt"` (one or several). Names with `_single` or
#'   `_multipleB` stand for the task itself, and `bandit4arm` and `banditNarm` for each other.
#' @param column Only models that read this data role or column, such as `"foregone"` (all of them,
#'   where there are several).
#' @return A data frame with a row for each model: `task`, `model` (its name for [rl_model()]),
#'   `parameters` (the free ones, in order), `columns` (data roles and columns it reads), `source`
#'   (the paper), `title`. Variants, such as `rl_model("rw_sticky", stickiness_scale = "value")`,
#'   have no row of their own.
#' @seealso [rl_model()], [rl_parameters()], [models].
#' @examples
#' rl_models(task = "bandit")
#' rl_models(column = "foregone")[c("model", "parameters")]
#' @export
rl_models <- function(task = NULL, column = NULL) {
  call <- rlang::current_env()
  files <- Filter(function(f) is.null(f$variant_of), catalogue_files())
  if (!is.null(task)) {
    tasks <- vapply(files, `[[`, "", "task")
    files <- files[tasks %in% check_catalogue_task(task, unique(tasks), call)]
  }
  models <- lapply(names(files), catalogue_entry)
  columns <- lapply(models, model_inputs)
  if (!is.null(column)) {
    check_catalogue_column(column, columns, call)
    reads <- vapply(columns, function(x) all(column %in% x), NA)
    models <- models[reads]
    columns <- columns[reads]
  }
  list_of <- function(x) paste(x, collapse = ", ")
  text <- function(field) vapply(models, function(m) m[[field]] %||% NA_character_, "")
  structure(data.frame(
    task = text("task"),
    model = text("id"),
    parameters = vapply(models, function(m) list_of(free_parameters(m)), ""),
    columns = vapply(columns, list_of, ""),
    source = text("reference"),
    title = text("name"),
    stringsAsFactors = FALSE
  ), class = c("rl_models", "data.frame"))
}

# The tasks a name stands for: itself and its other names.
check_catalogue_task <- function(task, known, call) {
  if (!is.character(task) || length(task) == 0 || anyNA(task)) {
    abort_argument(task, "the name of a task (such as {.val igt})", TRUE, "task", call)
  }
  found <- lapply(task, function(name) intersect(name_aliases(name), known))
  absent <- task[lengths(found) == 0]
  if (length(absent)) {
    nearest <- nearest_name(absent[1], known)
    rescorla_abort(c(
      "The catalogue has no models for a task {.val {absent[1]}}.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "Its tasks are {.val {known}}."
    ), "input", call = call)
  }
  unlist(found)
}

check_catalogue_column <- function(column, columns, call) {
  if (!is.character(column) || length(column) == 0 || anyNA(column)) {
    abort_argument(column, "the name of a column (such as {.val outcome})", TRUE, "column", call)
  }
  known <- sort(unique(unlist(columns)), method = "radix")
  absent <- setdiff(column, known)
  if (length(absent)) {
    nearest <- nearest_name(absent[1], known)
    rescorla_abort(c(
      "None of these models reads a column {.val {absent[1]}}.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "They read {.val {known}}."
    ), "input", call = call)
  }
}

#' @export
print.rl_models <- function(x, ...) {
  if (!all(c("task", "model", "parameters", "title") %in% names(x))) return(NextMethod())
  width <- cli::console_width()
  count <- function(n) paste(n, if (n == 1) "model" else "models")
  by_task <- split(seq_len(nrow(x)), factor(x$task, unique(x$task)))
  if (nrow(x) == 0) {
    cli::cat_line("No model of the catalogue reads all of these.")
  } else if (nrow(x) > 40) {
    known <- task_conventions()
    titles <- vapply(names(by_task), function(task) known[[task]]$title %||% "", "")
    cli::cat_line(count(nrow(x)), " for ", length(by_task), " tasks")
    line <- paste0("  ", format(names(by_task)), "  ", format(lengths(by_task), width = 2), "  ")
    cli::cat_line(line, cut_text(titles, width - nchar(line)))
    cli::cat_line(cli::col_grey("Next: rl_models(task = \"igt\"), ",
      "rl_models(column = \"foregone\"), ?models"))
    return(invisible(x))
  }
  id <- paste0("  ", format(x$model), "  ")
  title <- cut_text(x$title, width - nchar(id[1]))
  parameters <- cut_text(paste0(" (", x$parameters, ")"), width - nchar(id[1]) - nchar(title))
  for (task in names(by_task)) {
    rows <- by_task[[task]]
    cli::cat_line(cli::style_bold(task), cli::col_grey("  ", count(length(rows))))
    cli::cat_line(id[rows], title[rows], cli::col_grey(parameters[rows]))
  }
  if (nrow(x)) {
    cli::cat_line(cli::col_grey("Next: rl_model(\"", x$model[1], "\"), ?", x$model[1]))
  }
  invisible(x)
}

# Text in a given room, with an ellipsis where it has to be cut; nothing where that says nothing.
cut_text <- function(text, width) {
  width <- rep_len(pmax(width, 0), length(text))
  cut <- nchar(text) > width
  text[cut] <- ifelse(width[cut] < 12, "", paste0(substr(text[cut], 1, width[cut] - 3), "..."))
  text
}

# Data a model reads, responses first.
model_inputs <- function(model) {
  program <- model$program
  numbers <- vapply(program$numbers, `[[`, "", "name")
  numbers <- numbers[!startsWith(numbers, "available:")]
  own <- "available" %in% program$reads
  unique(c(program$codes, setdiff(numbers, if (!own) "available")))
}

# --- files --------------------------------------------------------------------------------------

models_folder <- function() system.file("models", package = "rescorla")

catalogue_cache <- new.env(parent = emptyenv())

# The first of the catalogue, compiled for every instruction set and all derivatives.
leading_models <- c("rw", "rw_asymmetric", "rw_forgetting", "rw_perseveration", "rw_lapse",
  "rw_counterfactual", "rw_confirmation", "pearce_hall", "kalman")

# The calls in the files, read once: simple models first, then by task and name.
catalogue_files <- function() {
  if (is.null(catalogue_cache$files)) {
    paths <- list.files(models_folder(), pattern = "[.]R$", full.names = TRUE)
    ids <- sub("[.]R$", "", basename(paths))
    files <- stats::setNames(lapply(paths, read_model_file), ids)
    place <- match(ids, leading_models, nomatch = length(leading_models) + 1L)
    task <- vapply(files, function(f) f$task %||% "", "")
    catalogue_cache$files <- files[order(task != "bandit", task, place, ids, method = "radix")]
  }
  catalogue_cache$files
}

# The arguments of the file's call. Everything but the program is evaluated, where the parameter
# kinds and priors are defined: in the package.
read_model_file <- function(path) {
  parts <- as.list(parse(path, keep.source = FALSE, encoding = "UTF-8")[[1]])[-1]
  values <- setdiff(names(parts), c("state", "trial"))
  parts[values] <- lapply(parts[values], eval, environment(unit_interval))
  parts
}

catalogue_entry <- function(id) {
  key <- paste0("model:", id)
  if (is.null(catalogue_cache[[key]])) {
    parts <- catalogue_files()[[id]]
    parts$columns <- parts$columns %||% character()
    model <- new_model(parts, rlang::current_env(), id = id)
    more <- c("equations", "identifiability", "variant_of", "variant")
    model[more] <- parts[more]
    assign(key, model, envir = catalogue_cache)
  }
  catalogue_cache[[key]]
}
