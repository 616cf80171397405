# What a fit says about data: its own, or data it has not seen.

#' Predictions of a fit
#'
#' Runs the fitted model over data with each subject's estimates: over the data it was fitted to, or
#' over held-out data of the same subjects.
#'
#' @param object A fit from [rl_fit()].
#' @param newdata Data to predict: from [rl_data()], or a data frame. Columns of a data frame that
#'   does not carry their roles play the roles they had in the data of the fit. Subjects are matched
#'   by name; not all of the fit's need be there. If `NULL`, the data of the fit.
#' @param type What to predict; see the value.
#' @param seed For `type = "choice"`: a whole number; if `NULL`, R's own generator provides one, so
#'   that `set.seed()` is respected.
#' @param ... Not used.
#' @return Rows are those of the data frame, in its order.
#' * `"probability"`: a data frame with `p_<action>`, the probability of each action before the
#'   choice (`p_<response>_<action>` with several responses; the mean of a continuous response is
#'   `mean_<response>`).
#' * `"latent"`: the data frame of [rl_latents()], which holds the trial-wise regressors.
#' * `"choice"`: for each row a choice drawn from these probabilities, given what the subject really
#'   did and saw before; coded as in the data (a data frame, with several responses). Missed rows
#'   have one as well.
#' * `"loglik"`: the log-likelihood of the data, a number for each subject, by name.
#'
#' Subjects whose fit failed have `NA`.
#' @section Errors: Subjects in `newdata` that were not in the fit are an error of class
#'   `rescorla_error_input` whose field `subjects` lists them.
#' @seealso [rl_loglik()], [rl_latents()], [simulate.rl_fit()].
#' @examples
#' first <- subset(bandit_example, trial <= 40)
#' later <- subset(bandit_example, trial > 40)
#' fit <- rl_fit("rw", rl_data(first), starts = 5, seed = 1)
#' head(predict(fit))
#' head(predict(fit, type = "latent"))
#' head(predict(fit, newdata = later, type = "loglik"))
#' @importFrom stats predict
#' @export
predict.rl_fit <- function(object, newdata = NULL,
                           type = c("probability", "latent", "choice", "loglik"), seed = NULL,
                           ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("probability", "latent", "choice", "loglik"))
  data <- predict_data(object, newdata, call)
  given <- fit_values(object, data$subjects)
  blank <- rows_of_subjects(data, given$unfitted)
  switch(type,
    probability = predict_probability(object$model, data, given$values, blank, call),
    latent = predict_latent(object$model, data, given$values, blank, call),
    choice = {
      seed <- resolve_seed(seed, call)
      drawn <- drawn_responses(object$model, data, given$values, seed, 0L, call)
      drawn[] <- lapply(drawn, \(x) {
        x[blank] <- NA
        x
      })
      if (length(drawn) == 1L) drawn[[1L]] else drawn
    },
    loglik = {
      value <- rl_loglik(object$model, data, given$values[, object$parameters, drop = FALSE])
      value[given$unfitted] <- NA_real_
      value
    }
  )
}

predict_data <- function(fit, newdata, call) {
  if (is.null(newdata)) {
    if (inherits(fit$data, "rl_data_chunks")) abort_chunks(call)
    return(fit$data)
  }
  data <- if (is.data.frame(newdata) && is.null(attr(newdata, "rescorla_roles", exact = TRUE))) {
    # What is remarkable about data to fit need not be about a part of them to predict.
    withCallingHandlers(
      build_rl_data(newdata, data_arguments(fit$data), call),
      rescorla_warning_data = \(w) rlang::cnd_muffle(w),
      rescorla_message = \(m) rlang::cnd_muffle(m)
    )
  } else {
    as_rl_data(newdata, call)
  }
  if (has_episodes(fit) && !identical(data$cache, fit$data$cache)) data <- episode_data(data)
  absent <- setdiff(as.character(data$subjects), rownames(fit$estimates))
  if (length(absent) > 0L) {
    rescorla_abort(c(
      "{cli::qty(length(absent))}{.arg newdata} {?has a subject/have subjects} that the fit does not
       know: {name_some(absent)}.",
      i = "A fit by subject predicts the subjects it was fitted to."
    ), "input", call = call, subjects = absent)
  }
  warn_fewer_actions(fit$data, data, call)
  data
}

# The arguments of rl_data() that make the data again.
data_arguments <- function(data) {
  # For a task those that its preparation starts from.
  c(
    data$origin %||% c(data$roles, data$extra),
    if (length(data$actions) > 0L) list(actions = data$actions)
  )
}

# Actions are read off the choices unless they are given: a part of the data may lack some.
warn_fewer_actions <- function(known, data, call) {
  for (name in intersect(names(data$actions), names(known$actions))) {
    now <- data$actions[[name]]
    before <- known$actions[[name]]
    if (length(now) < length(before) && all(now %in% before)) {
      rescorla_warn(c(
        "{.arg newdata} have the actions {.val {now}}, the data of the fit {.val {before}}.",
        i = "If all were on offer, give {.arg actions} in {.fn rl_data}."
      ), "data", call = call)
    }
  }
}

predict_probability <- function(model, data, values, blank, call) {
  responses <- vapply(model$program$responses, `[[`, "", "name")
  traced <- trace_model(model, data, values, items = responses, threads = resolve_threads(NULL),
    call = call)
  place <- order_of_rows(data)
  columns <- list()
  for (i in which(traced$layout$kind == "response")) {
    columns[traced$layout$columns[[i]]] <- lapply(traced$items[[i]], \(x) {
      x <- x[place]
      x[blank] <- NA_real_
      x
    })
  }
  structure(columns, class = "data.frame", row.names = .set_row_names(length(place)))
}

predict_latent <- function(model, data, values, blank, call) {
  frame <- latents_frame(model, data, values, resolve_threads(NULL), call)
  if (any(blank)) {
    known <- c("subject", "block", "trial", names(data$responses))
    frame[blank, setdiff(names(frame), known)] <- NA_real_
  }
  frame
}

# Every response drawn given the real history: a data frame by response, rows in the order of the
# data frame, coded as its columns are.
drawn_responses <- function(model, data, values, seed, replicate, call) {
  traced <- trace_model(model, data, values, items = character(), draw = TRUE, seed = seed,
    replicate = replicate, threads = resolve_threads(NULL), call = call)
  place <- order_of_rows(data)
  columns <- drawn_values(model, data, traced$drawn, traced$drawn_number, call)
  for (name in intersect(names(columns), names(data$actions))) {
    columns[[name]] <- as_coded(data$actions[[name]][columns[[name]]],
      data$data[[data_columns(data, name)]], data$actions[[name]])
  }
  columns <- lapply(columns, `[`, place)
  structure(columns, class = "data.frame", row.names = .set_row_names(length(place)))
}

# By response, in the order drawn: numbers of the response's actions, or values.
drawn_values <- function(model, data, codes, numbers, call) {
  levels <- bind_model(model, data, active_level(), call = call)$levels
  responses <- model$program$responses
  drawn <- lapply(seq_along(responses), \(i) {
    response <- responses[[i]]
    if (response$type == "number") return(numbers[[i]])
    # The model may count in another order, where responses share their levels.
    own <- match(levels[[program_group(model$program, response$name)]],
      data$actions[[response$name]])
    code <- codes[[i]]
    code[code < 1L] <- NA_integer_
    own[code]
  })
  stats::setNames(drawn, vapply(responses, `[[`, "", "name"))
}

# Labels of actions in the type of the column they came from.
as_coded <- function(labels, column, actions) {
  if (is.factor(column)) {
    factor(labels, levels = union(levels(column), actions), ordered = is.ordered(column))
  } else if (is.logical(column)) {
    as.logical(labels)
  } else if (is.integer(column)) {
    as.integer(labels)
  } else if (is.numeric(column)) {
    as.numeric(labels)
  } else {
    labels
  }
}
