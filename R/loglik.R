#' Log-likelihood of a model
#'
#' Evaluates a model on data at given parameters, all subjects at once.
#'
#' @inheritParams rl_parameters
#' @param data Task data from [rl_data()], or a data frame it accepts without further arguments.
#' @param parameters Values of the free parameters in natural units: a data frame or matrix with one
#'   column for each and one row for each subject (matched by name when it has a `subject` column or
#'   row names, otherwise in the order of the subjects) or one row, or a named vector, for all.
#' @param gradient Also return the exact gradient?
#' @param pointwise Return the log-likelihood of each trial instead?
#' @param threads Number of threads; by default that of `RcppParallel`.
#' @param backend Where to compute: `"cpu"`, `"cuda"` (an NVIDIA GPU; an error where there is none) or
#'   `"auto"` (the GPU where there is one and the data are large enough for it to be faster). `NULL`:
#'   the option `rescorla.backend`, else the CPU. See [rl_backend()] for what runs where.
#' @return A numeric vector named by subject; where a backend was asked for, an attribute `"backend"`
#'   tells which one ran; with `gradient = TRUE` it has an attribute `"gradient"`,
#'   a subjects x free parameters matrix on the natural scale. With `pointwise = TRUE` one number for
#'   each row of the original data frame, in its order, `NA` where nothing was scored; these are
#'   computed on the CPU.
#' @section Errors: Parameters outside their range give a condition of class `rescorla_error_input`
#'   that names the subject and the parameter. A subject whose log-likelihood is not finite gets
#'   `-Inf` and a gradient of 0, with a warning that names the line and the trial. A GPU that is asked
#'   for and cannot be used gives `rescorla_error_backend`, a model that does not compile for it
#'   `rescorla_error_compile`.
#' @examples
#' data <- rl_data(bandit_example)
#' rl_loglik("rw", data, c(alpha = 0.3, beta = 3))
#'
#' # One row of parameters for each subject, with the gradient
#' value <- rl_loglik("rw_asymmetric", data, bandit_parameters, gradient = TRUE)
#' head(attr(value, "gradient"))
#'
#' head(rl_loglik("rw", data, c(alpha = 0.3, beta = 3), pointwise = TRUE))
#' @export
rl_loglik <- function(model, data, parameters, gradient = FALSE, pointwise = FALSE,
                      threads = NULL, backend = NULL) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  data <- as_rl_data(data, call)
  model <- model_for_data(model, data, call)
  check_flag(gradient)
  check_flag(pointwise)
  threads <- resolve_threads(threads)
  check_has_response(model, call)
  values <- full_parameters(model, parameters, data$subjects, call)
  asked <- asks_backend(backend)
  backend <- choose_backend(backend, length(data$order), call)
  if (pointwise) {
    value <- pointwise_loglik(model, data, values, threads, call)
    if (asked) attr(value, "backend") <- "cpu"
    return(value)
  }
  every <- gradient && needs_every(model)
  single <- backend != "cpu" && single_precision(call)
  bound <- bind_model(model, data, active_level(), call = call)
  bound <- on_device(bound, model, "score", backend, single, every, call)
  result <- cpp_evaluate(bound$kernels, bound$packed, bound$bound, values,
    if (gradient) 1L else 0L, every, threads)
  stop_if_interrupted(result$complete, call)
  value <- stats::setNames(result$value, as.character(data$subjects))
  warn_not_finite(model, data, values, value, bound, threads, call)
  if (gradient) {
    free <- free_parameters(model)
    columns <- match(match(free, model$parameters$name), result$direction)
    attr(value, "gradient") <- matrix(result$gradient[, columns], ncol = length(free),
      dimnames = list(names(value), free))
  }
  if (asked) attr(value, "backend") <- paste0(backend, if (single) " (single precision)")
  value
}

pointwise_loglik <- function(model, data, values, threads, call) {
  traced <- trace_model(model, data, values, items = character(), threads = threads, call = call)
  out <- numeric(length(data$order))
  out[data$order] <- traced$log_lik
  out
}

# A parameter that is fixed by default but free here needs the kernel with all directions.
needs_every <- function(model) {
  default <- if (is.null(model$id)) model$program$parameters else catalogue_entry(model$id)$parameters
  any(is.na(model$parameters$fixed) & !is.na(default$fixed))
}

check_has_response <- function(model, call) {
  if (length(model$program$responses) == 0) {
    rescorla_abort(c(
      "Model {.val {model$name}} has no response, so it has no likelihood.",
      i = "Add a line such as `choice ~ softmax(beta * value)`; latents work without."
    ), "model", call = call)
  }
}

stop_if_interrupted <- function(complete, call) {
  if (!complete) rlang::interrupt()
}

warn_not_finite <- function(model, data, values, value, bound, threads, call) {
  bad <- which(!is.finite(value))
  if (length(bad) == 0) return(invisible())
  traced <- trace_model(model, data, values, items = character(), threads = threads, call = call)
  i <- bad[1]
  where <- if (traced$bad_trial[i] >= 0) {
    paste0(" first in line ", traced$bad_line[i], " on trial ", traced$bad_trial[i] + 1L)
  } else ""
  rescorla_warn(c(
    "The log-likelihood of {length(bad)} subject{?s} is not finite and was set to -Inf.",
    x = "Subject {.val {as.character(data$subjects[i])}}:{where}."
  ), "convergence", call = call, subjects = data$subjects[bad])
}

# Runs the model over the data and records the named items (states, responses, locals), each a
# list of vectors in trial order.
trace_model <- function(model, data, values, items = NULL, draw = FALSE, seed = 0, replicate = 0L,
                        threads = default_threads(), call = rlang::caller_env()) {
  bound <- bind_model(model, data, active_level(), call = call)
  layout <- item_layout(model$program, bound$levels)
  cells <- layout$cells
  if (!is.null(items)) cells[!layout$name %in% items] <- 0L
  result <- cpp_trace(bound$kernels, bound$packed, bound$bound, values, as.integer(cells),
    length(model$program$states), rep(draw, length(model$program$responses)), seed, replicate,
    length(data$order), threads)
  stop_if_interrupted(result$complete, call)
  names(result$items) <- layout$name
  result$layout <- layout
  result
}

# States, responses (probabilities), locals: their cells and how their columns are called.
item_layout <- function(program, levels) {
  size <- function(shape) as.integer(prod(vapply(shape, dim_length, 0L, levels = levels)))
  labels <- function(shape) {
    if (length(shape) == 0) return("")
    parts <- lapply(shape, function(k) {
      if (startsWith(k, "#")) as.character(seq_len(dim_length(k, levels))) else levels[[k]]
    })
    # The last dimension runs fastest, as in the engine.
    grid <- do.call(expand.grid, c(rev(parts), stringsAsFactors = FALSE))
    paste0("_", do.call(paste, c(rev(unname(as.list(grid))), sep = "_")))
  }
  item <- function(name, shape, kind, prefix = name) {
    list(name = name, kind = kind, cells = if (length(shape)) size(shape) else 1L,
      columns = paste0(prefix, labels(shape)))
  }
  several <- sum(vapply(program$responses, function(r) r$type == "categorical", NA)) > 1
  # The probabilities of a single response have the names `p_<action>`.
  own <- function(x, kind) {
    item(x$name, x$shape, kind, if (x$name == "p" && length(x$shape)) paste0("p_", kind) else x$name)
  }
  items <- c(
    lapply(program$states, own, kind = "state"),
    lapply(program$responses, function(r) {
      if (r$type == "number") return(item(r$name, character(), "response", paste0("mean_", r$name)))
      item(r$name, r$dim, "response", if (several) paste0("p_", r$name) else "p")
    }),
    lapply(program$locals, own, kind = "local")
  )
  list(
    name = vapply(items, `[[`, "", "name"),
    kind = vapply(items, `[[`, "", "kind"),
    cells = vapply(items, `[[`, 0L, "cells"),
    columns = lapply(items, `[[`, "columns")
  )
}
