`%||%` <- function(x, y) if (is.null(x)) y else x

#' A learning model, written once
#'
#' `rl_model()` turns a short program into a model: from it follow the likelihood, its exact
#' gradient, the trial-wise latents and the simulation. With only a name it fetches a model from
#' the catalogue ([rl_models()] lists it). The language is described in [model_language].
#'
#' @param name For a model of your own, its title. For the catalogue, a name such as `"rw"`.
#' @param ... Catalogue only: parameters to redefine. A number fixes one (`q0 = 0`), a kind frees or
#'   bounds it (`q0 = real()`, `beta = bounded(0, 50)`). Some models have options too, which their
#'   help pages name: `compat = "hBayesDM"`, for example, gives the form another package uses where
#'   that departs from the published equations. An unknown name is an error.
#' @param parameters A named list of parameter kinds: [unit_interval()], [positive()], [real()],
#'   [bounded()], [fixed()].
#' @param state A list of states: `list(value = per_action(0.5))`. Captured, not evaluated.
#' @param trial What happens on a trial, a block in braces. Captured, not evaluated.
#' @param columns Names of the data columns the program reads besides the roles `choice`,
#'   `outcome`, `foregone`, `available`, `stimulus`.
#' @param description,reference,task Texts for the help and the catalogue: a sentence, the source
#'   paper, the task the model is for.
#' @return An object of class `rl_model`: a list with `name`, `description`, `reference`, `task`,
#'   `parameters` (see [rl_parameters()]), `state`, `trial`, `columns` and `program`, the checked
#'   program. Models of the catalogue also have `id`, `equations` (lines of LaTeX) and, where there
#'   is one, `identifiability`, a note on what the data cannot tell.
#' @section Errors: A program with a mistake gives a condition of class `rescorla_error_model` that
#'   names the line, the symbol and the remedy, before anything is compiled.
#' @seealso [rl_fit()], [rl_loglik()], [rl_latents()], [simulate.rl_model()], [rl_show()].
#' @examples
#' rl_model("rw")
#' rl_model("rw", q0 = 0)
#' rl_model("rw_sticky", stickiness_scale = "value")
#'
#' rl_model(
#'   name = "Rescorla-Wagner with a sensitivity to outcomes",
#'   parameters = list(
#'     alpha = unit_interval("learning rate"),
#'     rho = positive("outcome sensitivity")
#'   ),
#'   state = list(value = per_action(0)),
#'   trial = {
#'     choice ~ softmax(value)
#'     value[choice] <- value[choice] + alpha * (rho * outcome - value[choice])
#'   }
#' )
#' @export
rl_model <- function(name, ..., parameters, state, trial, columns = character(),
                     description = NULL, reference = NULL, task = NULL) {
  call <- rlang::current_env()
  check_string(name)
  if (missing(trial) && missing(parameters) && missing(state)) {
    return(catalogue_model(name, rlang::list2(...), call))
  }
  if (...length() > 0) {
    rescorla_abort(c(
      "`...` is only for models of the catalogue.",
      i = "A model of your own takes `parameters`, `state`, `trial` and `columns`."
    ), "input", call = call)
  }
  if (missing(trial)) {
    rescorla_abort("A model needs a `trial` block, such as `trial = {{ choice ~ softmax(beta * value) }}`.",
      "model", call = call)
  }
  caller <- rlang::caller_env()
  new_model(list(
    name = name,
    parameters = if (missing(parameters)) list() else parameters,
    state = if (missing(state)) NULL else capture_program(substitute(state), caller, "state", call),
    trial = capture_program(substitute(trial), caller, "trial", call),
    columns = columns,
    description = description,
    reference = reference,
    task = task
  ), call)
}

# A bare symbol stands for a program made elsewhere; `.(x)` injects a value.
capture_program <- function(expr, caller, arg, call) {
  tryCatch(
    {
      if (is.symbol(expr)) expr <- eval(expr, caller)
      do.call(bquote, list(expr, where = caller))
    },
    error = function(e) {
      rescorla_abort(c(
        "`{arg}` could not be read.",
        x = "{conditionMessage(e)}.",
        i = "A bare name stands for a program made elsewhere, `.(x)` for a value from R."
      ), "model", call = call)
    }
  )
}

new_model <- function(spec, call, id = NULL) {
  check_columns_argument(spec$columns, call)
  kinds <- check_parameter_kinds(spec$parameters, call)
  table <- parameter_table(kinds)
  parsed <- parse_program(
    list(name = spec$name, parameters = table, state = spec$state, trial = spec$trial,
      columns = spec$columns), call)
  program <- check_groups(parsed, call)
  structure(list(
    name = spec$name,
    id = id,
    description = spec$description,
    reference = spec$reference,
    task = spec$task,
    kinds = kinds,
    parameters = table,
    state = spec$state,
    trial = spec$trial,
    columns = spec$columns,
    groups = program$wide,
    program = program
  ), class = "rl_model")
}

check_columns_argument <- function(columns, call) {
  if (!is.character(columns) || anyNA(columns) || any(!nzchar(columns))) {
    rescorla_abort(c("`columns` must be the names of data columns, as strings.",
      i = "For example `columns = c(\"volatility\", \"cue\")`."), "input", call = call)
  }
}

as_model <- function(model, call = rlang::caller_env(), arg = "model") {
  if (inherits(model, "rl_model")) return(model)
  if (is.character(model) && length(model) == 1 && !is.na(model)) {
    return(catalogue_model(model, list(), call))
  }
  rescorla_abort(c(
    "`{arg}` must be a model.",
    x = "It is {describe_value(model)}.",
    i = "Make one with `rl_model()`, or give the name of one in `rl_models()`."
  ), "input", call = call)
}

#' Parameters of a model
#'
#' @param model A model or the name of one in the catalogue.
#' @return A data frame with a row for each parameter, in the order of the model: `name`, `label`,
#'   `lower` and `upper` (its range in natural units), `fixed` (its value where it is not estimated,
#'   else `NA`), `prior` (what `method = "map"` uses unless told otherwise).
#' @examples
#' rl_parameters("rw_asymmetric")
#' @export
rl_parameters <- function(model) {
  model <- as_model(model)
  model$parameters[c("name", "label", "lower", "upper", "fixed", "prior")]
}

free_parameters <- function(model) model$parameters$name[is.na(model$parameters$fixed)]

#' @export
print.rl_model <- function(x, ...) {
  cli::cat_line(cli::style_bold(x$name), if (!is.null(x$id)) paste0("  (\"", x$id, "\")"))
  if (!is.null(x$description)) cli::cat_line(strwrap(x$description, 78))
  p <- x$parameters
  free <- is.na(p$fixed)
  cli::cat_line()
  if (nrow(p)) {
    cli::cat_line("Parameters")
    range <- ifelse(free, paste0("[", format_bound(p$lower), ", ", format_bound(p$upper), "]"),
      paste("fixed at", vapply(p$fixed, format, "")))
    cli::cat_line(trimws(paste0("  ", format(p$name), "  ", format(range), "  ", p$label), "right"))
  }
  if (length(x$program$states)) {
    cli::cat_line("State")
    states <- as.list(x$state)[-1]
    cli::cat_line("  ", format(names(states)), "  ", vapply(states, deparse_line, ""))
  }
  if (length(program_lines(x$trial))) cli::cat_line("Trial")
  for (line in program_lines(x$trial)) cli::cat_line("  ", line)
  if (length(x$columns)) cli::cat_line("Columns   ", paste(x$columns, collapse = ", "))
  if (!is.null(x$reference)) {
    cli::cat_line(strwrap(paste("Reference ", x$reference), 78, exdent = 10))
  }
  if (length(x$equations)) cli::cat_line("Equations ?", x$variant_of %||% x$id)
  cli::cat_line()
  cli::cat_line(cli::col_grey("Next: rl_fit(model, data), simulate(model, ...), rl_show(model)"))
  invisible(x)
}

format_bound <- function(x) {
  ifelse(is.finite(x), format(x, trim = TRUE, drop0trailing = TRUE), ifelse(x > 0, "Inf", "-Inf"))
}

# The lines of a block without its braces and outer indent.
program_lines <- function(expr) {
  text <- deparse(expr, width.cutoff = 90L)
  if (is_call_to(expr, "{")) text <- text[-c(1, length(text))]
  sub("^    ", "", text)
}

#' What a model becomes
#'
#' Prints the program of a model, or the C++ that is generated from it.
#'
#' @inheritParams rl_parameters
#' @param what `"program"`: the model language. `"cpp"`: the whole generated struct. `"update"`: the
#'   C++ of one trial without its responses, that is how states and locals change. `"likelihood"`:
#'   the C++ lines of the responses, which add to the log-likelihood.
#' @return The text, a character vector of lines, invisibly; it is printed.
#' @examples
#' rl_show("rw")
#' rl_show("rw", "update")
#' @export
rl_show <- function(model, what = c("program", "cpp", "update", "likelihood")) {
  model <- as_model(model)
  what <- check_choice(if (missing(what)) what[1] else what,
    c("program", "cpp", "update", "likelihood"), arg = "what")
  text <- if (what == "program") {
    c("state =", paste0("  ", deparse(model$state, width.cutoff = 90L)), "trial = {",
      paste0("  ", program_lines(model$trial)), "}")
  } else {
    cpp <- generate_cpp(model$program, model_symbol(model))
    if (what == "cpp") cpp else pick_lines(cpp, model$program, what)
  }
  writeLines(text)
  invisible(text)
}

# Each statement's C++ stands below a comment with its number; those of responses are the
# likelihood, the others the update.
pick_lines <- function(cpp, program, what) {
  start <- grep("static void trial(", cpp, fixed = TRUE)
  body <- cpp[(start + 1):(length(cpp) - 3)]
  body <- body[seq_len(max(which(body == "  }")) - 1)]
  heads <- grep("^    // [0-9]+: ", body)
  section <- findInterval(seq_along(body), heads)
  line <- as.integer(sub("^    // ([0-9]+): .*", "\\1", body[heads]))
  responses <- response_lines(program$statements)
  keep <- section > 0 & (line[pmax(section, 1)] %in% responses) == (what == "likelihood")
  sub("^    ", "", body[keep & !grepl("F::records|f\\.report\\(|^    }$", body)])
}

response_lines <- function(statements) {
  unlist(lapply(statements, function(s) {
    switch(s$type, response = s$line, `if` = response_lines(c(s$then, s$otherwise)), NULL)
  }))
}

model_symbol <- function(model) {
  paste0("model_", if (is.null(model$id)) "custom" else gsub("[^A-Za-z0-9_]", "_", model$id))
}
