# From a name, options and redefined parameters to a model of the catalogue.
#
# A variant of a model is a file of its own: `variant_of` names the model, `variant` the options
# that give it, such as list(compat = "hBayesDM"), and `variant_default` what they are otherwise.

catalogue_model <- function(id, changes, call) {
  known <- names(catalogue_files())
  own <- find_catalogue_name(id, known)
  if (is.null(own)) {
    nearest <- nearest_name(id, known)
    rescorla_abort(c(
      "There is no model {.val {id}} in the catalogue.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "`rl_models()` lists them; a model of your own takes `parameters`, `state` and `trial`."
    ), "model", call = call)
  }
  if (length(changes) == 0) return(catalogue_entry(own))
  option <- option_arguments(own, changes, call)
  model <- catalogue_entry(find_variant(own, changes[option], call))
  if (all(option)) return(model)
  change_parameters(model, changes[!option], call)
}

# --- names --------------------------------------------------------------------------------------

# The leader's names for one model (or task) used with several subjects, blocks or numbers of arms.
name_aliases <- function(name) {
  stem <- unique(c(name, sub("_(single|multipleB)$", "", name)))
  swap <- function(from, to) sub(paste0("^", from, "(_|$)"), paste0(to, "\\1"), stem)
  unique(c(stem, swap("banditNarm", "bandit4arm"), swap("bandit4arm", "banditNarm")))
}

find_catalogue_name <- function(id, known) {
  found <- intersect(name_aliases(id), known)
  if (length(found)) found[1]
}

# --- variants -----------------------------------------------------------------------------------

# For each option of a model, the values that give a variant and those that give the model itself.
variant_options <- function(base) {
  variants <- Filter(function(f) identical(f$variant_of, base), catalogue_files())
  names <- unique(unlist(lapply(variants, function(f) names(f[["variant"]]))))
  options <- lapply(names, function(name) {
    values <- function(field) unique(unlist(lapply(variants, function(f) f[[field]][[name]])))
    list(default = c(values("variant_default"), if (name == "compat") c("none", "published")),
      other = values("variant"))
  })
  list(variants = lapply(variants, `[[`, "variant"), options = stats::setNames(options, names))
}

# Which arguments are options; those that are options of other models only are an error here.
option_arguments <- function(id, changes, call) {
  files <- catalogue_files()
  parameters <- names(files[[id]]$parameters)
  own <- names(variant_options(files[[id]]$variant_of %||% id)$options)
  any <- unlist(lapply(files, function(f) names(f[["variant"]])), use.names = FALSE)
  names <- setdiff(rlang::names2(changes), c(own, parameters))
  foreign <- intersect(names, any)
  if (length(foreign)) {
    rescorla_abort(c(
      "Model {.val {id}} has no option {.code {foreign[1]}}.",
      i = describe_options(id)
    ), "input", call = call)
  }
  rlang::names2(changes) %in% own
}

# The id of the file that a choice of options leads to.
find_variant <- function(id, given, call) {
  if (length(given) == 0) return(id)
  own <- catalogue_files()[[id]]
  base <- own$variant_of %||% id
  known <- variant_options(base)
  for (name in names(given)) check_option(base, name, given[[name]], known$options[[name]], call)
  wanted <- utils::modifyList(as.list(own[["variant"]]), given)
  plain <- vapply(names(wanted), function(n) wanted[[n]] %in% known$options[[n]]$default, NA)
  wanted <- wanted[!plain]
  if (length(wanted) == 0) return(base)
  same <- vapply(known$variants, function(v) {
    setequal(names(v), names(wanted)) && all(mapply(`==`, v, wanted[names(v)]))
  }, NA)
  if (!any(same)) {
    rescorla_abort(c(
      "Model {.val {base}} has no variant with {.code {describe_setting(wanted)}} together.",
      i = "Its variants are {.code {vapply(known$variants, describe_setting, '')}}."
    ), "input", call = call)
  }
  names(known$variants)[same][1]
}

check_option <- function(id, name, value, option, call) {
  values <- c(option$default, option$other)
  if (is.atomic(value) && length(value) == 1 && value %in% values) return(invisible())
  nearest <- if (is.character(value) && length(value) == 1 && !is.na(value) && is.character(values))
    nearest_name(value, values)
  rescorla_abort(c(
    "Option {.code {name}} of model {.val {id}} cannot be {describe_value(value)}.",
    i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
    i = describe_options(id)
  ), "input", call = call)
}

# The default first, marked as such.
describe_options <- function(id) {
  base <- catalogue_files()[[id]]$variant_of %||% id
  options <- variant_options(base)$options
  if (length(options) == 0) return("It has no options, only parameters to redefine.")
  text <- vapply(names(options), function(name) {
    show <- function(value) describe_setting(stats::setNames(list(value), name))
    default <- options[[name]]$default
    paste(c(if (length(default)) paste(show(default[1]), "(the default)"),
      vapply(options[[name]]$other, show, "")), collapse = ", ")
  }, "")
  escape_braces(paste0("Its options: ", paste(text, collapse = "; "), "."))
}

describe_setting <- function(setting) {
  values <- vapply(setting, function(v) {
    if (is.character(v)) encodeString(v, quote = "\"") else format(v)
  }, "")
  paste(names(setting), "=", values, collapse = ", ")
}

# --- parameters ---------------------------------------------------------------------------------

# The program's text and its C++ stay; what changes is which parameters are estimated, and where.
change_parameters <- function(model, changes, call) {
  names <- rlang::names2(changes)
  for (i in seq_along(changes)) {
    name <- names[i]
    if (!name %in% model$parameters$name) {
      options <- variant_options(model$variant_of %||% model$id)$options
      nearest <- if (nzchar(name)) nearest_name(name, c(model$parameters$name, names(options)))
      rescorla_abort(c(
        if (nzchar(name)) "Model {.val {model$id}} has no parameter {.code {name}}." else
          "Arguments after the model's name must be named.",
        i = if (!is.null(nearest)) "Did you mean {.code {nearest}}?",
        i = "Its parameters are {.code {model$parameters$name}}.",
        i = if (length(options)) describe_options(model$id)
      ), "input", call = call)
    }
  }
  kinds <- check_parameter_kinds(changes, call)
  for (name in names) {
    if (!nzchar(kinds[[name]]$label)) kinds[[name]]$label <- model$kinds[[name]]$label
    model$kinds[[name]] <- kinds[[name]]
  }
  # What was said here is not replaced by a constant of the data.
  model$changed <- union(model$changed, names)
  model$parameters <- parameter_table(model$kinds)
  model
}
