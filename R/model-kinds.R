#' Kinds of parameters
#'
#' What a parameter of a model may be. All intervals are closed: a maximum at an edge is found and
#' flagged.
#'
#' @param label What the parameter is, in words.
#' @param prior The prior `method = "map"` uses, see [rl_prior]. The default is weakly informative.
#' @param link How the interval is mapped to the real line where a method works there (priors,
#'   hierarchical fits): `"logit"` or `"probit"` for intervals, `"log"` for positive parameters,
#'   `"identity"` for the real line.
#' @param lower,upper Ends of the interval. A positive parameter without an upper end is searched up
#'   to 100, a real one from -1000 to 1000.
#' @param value The value of a parameter that is not estimated.
#' @return An object of class `rl_parameter`, for the `parameters` of [rl_model()].
#' @examples
#' unit_interval("learning rate")
#' positive("inverse temperature")
#' real("perseveration")
#' bounded(0, 50, "inverse temperature")
#' fixed(0.5, "initial value")
#' @name parameter_kinds
NULL

new_kind <- function(kind, label, lower, upper, link, prior, value = NA_real_,
                     call = rlang::caller_env()) {
  if (!is.character(label) || length(label) != 1 || is.na(label)) check_string(label, call = call)
  if (!is.null(prior)) check_class(prior, "rl_prior", "a prior, such as `prior_normal(0, 1)`", call = call)
  structure(list(kind = kind, label = label, lower = lower, upper = upper, link = link,
    prior = prior, value = value), class = "rl_parameter")
}

#' @rdname parameter_kinds
#' @export
unit_interval <- function(label = "", prior = NULL, link = "logit") {
  link <- check_choice(link, c("logit", "probit"))
  new_kind("unit_interval", label, 0, 1, link, prior)
}

#' @rdname parameter_kinds
#' @export
positive <- function(label = "", prior = NULL, link = "log", upper = Inf) {
  link <- check_choice(link, "log")
  if (!identical(upper, Inf)) check_number(upper, lower = 0)
  new_kind("positive", label, 0, upper, link, prior)
}

#' @rdname parameter_kinds
#' @export
real <- function(label = "", prior = NULL, link = "identity") {
  link <- check_choice(link, "identity")
  new_kind("real", label, -Inf, Inf, link, prior)
}

#' @rdname parameter_kinds
#' @export
bounded <- function(lower, upper, label = "", prior = NULL, link = "logit") {
  check_number(lower)
  check_number(upper)
  if (!is.finite(lower) || !is.finite(upper) || lower >= upper) {
    rescorla_abort(c(
      "`lower` must be below `upper`, both finite.",
      x = "They are {lower} and {upper}.",
      i = "Use `positive()` or `real()` for a range without an end."
    ), "input")
  }
  link <- check_choice(link, c("logit", "probit"))
  new_kind("bounded", label, lower, upper, link, prior)
}

#' @rdname parameter_kinds
#' @export
fixed <- function(value, label = "") {
  check_number(value)
  new_kind("fixed", label, value, value, "identity", NULL, value)
}

#' @export
print.rl_parameter <- function(x, ...) {
  range <- if (x$kind == "fixed") paste("fixed at", format(x$value)) else
    paste0("[", format_bound(x$lower), ", ", format_bound(x$upper), "]")
  cli::cat_line("<", x$kind, "> ", range, if (nzchar(x$label)) paste0(", ", x$label))
  invisible(x)
}

check_parameter_kinds <- function(parameters, call) {
  if (!is.list(parameters) || inherits(parameters, "rl_parameter")) {
    rescorla_abort(c(
      "`parameters` must be a named list of parameter kinds.",
      x = "It is {describe_value(parameters)}.",
      i = "For example `list(alpha = unit_interval(), beta = positive())`."
    ), "model", call = call)
  }
  names <- rlang::names2(parameters)
  if (any(!nzchar(names)) || anyDuplicated(names)) {
    rescorla_abort("Every entry of `parameters` needs a name of its own.", "model", call = call)
  }
  for (name in names) {
    if (is.numeric(parameters[[name]]) && length(parameters[[name]]) == 1) {
      parameters[[name]] <- fixed(parameters[[name]])
    }
    if (!inherits(parameters[[name]], "rl_parameter")) {
      rescorla_abort(c(
        "Parameter {.code {name}} must be a parameter kind.",
        x = "It is {describe_value(parameters[[name]])}.",
        i = "Use `unit_interval()`, `positive()`, `real()`, `bounded()` or `fixed()`."
      ), "model", call = call)
    }
  }
  parameters
}

parameter_table <- function(kinds) {
  field <- function(f, type) vapply(kinds, function(k) k[[f]], type, USE.NAMES = FALSE)
  table <- data.frame(
    name = as.character(names(kinds)),
    label = field("label", ""),
    lower = field("lower", 0),
    upper = field("upper", 0),
    fixed = field("value", 0),
    stringsAsFactors = FALSE
  )
  table$prior <- vapply(kinds, function(k) if (k$kind == "fixed") NA_character_ else
    format(k$prior %||% default_prior(k)), "", USE.NAMES = FALSE)
  table
}
