#' Trial-wise latents
#'
#' Runs a model over data at given parameters and returns what it held in mind on every trial.
#'
#' @inheritParams rl_loglik
#' @return A data frame with a row for each row of the data, in their order: `subject`, `block` (if
#'   the data have blocks), `trial`, the responses, `p_<action>` (the probability of each action
#'   before the choice; `p_<response>_<action>` with several choices), `<state>_<action>` (each state
#'   before the trial's updates), every named local of the program, and `log_lik`, the
#'   log-likelihood of the row (`NA` where nothing was scored). A state or local called `p` that runs
#'   over actions gives `p_state_<action>` or `p_local_<action>`.
#' @examples
#' data <- rl_data(bandit_example)
#' head(rl_latents("rw", data, c(alpha = 0.3, beta = 3)))
#' @export
rl_latents <- function(model, data, parameters, threads = NULL) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  data <- as_rl_data(data, call)
  model <- model_for_data(model, data, call)
  values <- full_parameters(model, parameters, data$subjects, call)
  latents_frame(model, data, values, resolve_threads(threads), call)
}

latents_frame <- function(model, data, values, threads, call) {
  traced <- trace_model(model, data, values, threads = threads, call = call)
  layout <- traced$layout
  place <- order_of_rows(data)
  columns <- trial_columns(data)
  for (kind in c("response", "state", "local")) {
    for (i in which(layout$kind == kind)) {
      for (k in seq_len(layout$cells[i])) {
        columns[[layout$columns[[i]][k]]] <- traced$items[[i]][[k]]
      }
    }
  }
  columns$log_lik <- traced$log_lik
  as.data.frame(lapply(columns, `[`, place), optional = TRUE, stringsAsFactors = FALSE)
}

# Where each row of the data frame stands in trial order.
order_of_rows <- function(data) {
  place <- integer(length(data$order))
  place[data$order] <- seq_along(data$order)
  place
}

# Subject, block, trial and responses, in trial order.
trial_columns <- function(data) {
  columns <- list(subject = data$subjects[data$row_subject])
  if (!is.null(data$roles$block)) columns$block <- rl_data_column(data, "block")
  columns$trial <- if (is.null(data$roles$trial)) trial_numbers(data) else
    rl_data_column(data, "trial")
  for (r in names(data$responses)) {
    columns[[r]] <- factor(data$actions[[r]][data$responses[[r]]], levels = data$actions[[r]])
  }
  columns
}

# Counted within the block.
trial_numbers <- function(data) {
  starts <- which(data$block_start)
  sequence(diff(c(starts, length(data$block_start) + 1L)))
}

# The parameters a user gave as a matrix of all of the model's parameters, a row a subject or one.
full_parameters <- function(model, parameters, subjects, call, arg = "parameters") {
  free <- free_parameters(model)
  given <- parameter_rows(parameters, free, subjects, call, arg)
  table <- model$parameters
  full <- matrix(rep(table$fixed, each = nrow(given)), nrow = nrow(given),
    dimnames = list(NULL, table$name))
  full[, free] <- given
  check_ranges(full, table, subjects, call)
  full
}

parameter_rows <- function(parameters, free, subjects, call, arg) {
  n <- length(subjects)
  if (length(free) == 0 && (missing(parameters) || is.null(parameters) || length(parameters) == 0)) {
    return(matrix(0, 1, 0))
  }
  if (is.numeric(parameters) && is.null(dim(parameters))) parameters <- t(parameters)
  if (is.matrix(parameters)) {
    if (is.null(colnames(parameters)) && ncol(parameters) == length(free)) {
      colnames(parameters) <- free
    }
    names <- rownames(parameters)
    parameters <- as.data.frame(parameters)
    if (!is.null(names)) attr(parameters, "row.names") <- make.unique(names)
  }
  if (is.list(parameters) && !is.data.frame(parameters)) parameters <- as.data.frame(parameters)
  if (!is.data.frame(parameters)) {
    rescorla_abort(c(
      "`{arg}` must be a data frame, a matrix or a named vector of parameter values.",
      x = "It is {describe_value(parameters)}."
    ), "input", call = call)
  }
  absent <- setdiff(free, names(parameters))
  if (length(absent)) {
    rescorla_abort(c(
      "`{arg}` lacks {.code {absent}}.",
      x = "It has {.code {names(parameters)}}.",
      i = "The model's free parameters are {.code {free}}."
    ), "input", call = call, parameter = absent)
  }
  rows <- match_rows(parameters, subjects, call, arg)
  out <- matrix(0, length(rows), length(free), dimnames = list(NULL, free))
  for (name in free) {
    x <- parameters[[name]]
    if (!is.numeric(x)) {
      rescorla_abort(c("Column {.code {name}} of `{arg}` must be numeric.",
        x = "It is {describe_value(x)}."), "input", call = call, parameter = name)
    }
    out[, name] <- x[rows]
  }
  out
}

# Which row of `parameters` belongs to which subject; a single row is for all.
match_rows <- function(parameters, subjects, call, arg) {
  id <- if ("subject" %in% names(parameters)) {
    as.character(parameters$subject)
  } else if (is.character(attr(parameters, "row.names"))) {
    row.names(parameters)
  }
  wanted <- as.character(subjects)
  if (nrow(parameters) == 1 && (is.null(id) || length(wanted) != 1 || !any(id %in% wanted))) {
    return(1L)
  }
  if (!is.null(id) && any(id %in% wanted)) {
    rows <- match(wanted, id)
    if (anyNA(rows)) {
      missing <- wanted[is.na(rows)]
      rescorla_abort(c("`{arg}` has no row for subject{?s} {name_some(missing)}."), "input",
        call = call, subjects = missing)
    }
    if (anyDuplicated(id)) {
      rescorla_abort("`{arg}` has two rows for subject {.val {id[anyDuplicated(id)]}}.", "input",
        call = call)
    }
    return(rows)
  }
  if (nrow(parameters) != length(wanted)) {
    rescorla_abort(c(
      "`{arg}` must have one row, or one for each of the {length(wanted)} subject{?s}.",
      x = "It has {nrow(parameters)}."
    ), "input", call = call)
  }
  seq_along(wanted)
}

check_ranges <- function(full, table, subjects, call) {
  for (j in seq_len(nrow(table))) {
    if (!is.na(table$fixed[j])) next
    x <- full[, j]
    bad <- which(is.na(x) | !is.finite(x) | x < table$lower[j] | x > table$upper[j])
    if (length(bad) == 0) next
    who <- if (nrow(full) == 1) "" else
      paste0(" of subject ", as.character(subjects[bad[1]]))
    range <- paste0("[", format_bound(table$lower[j]), ", ", format_bound(table$upper[j]), "]")
    rescorla_abort(c(
      "Parameter {.code {table$name[j]}}{who} is outside its range.",
      x = "It is {x[bad[1]]}; the range is {range}.",
      i = if (length(bad) > 1) "{length(bad)} subjects are affected."
    ), "input", call = call, parameter = table$name[j], subject = subjects[bad[1]])
  }
}
