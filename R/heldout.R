# How well a model predicts what it was not fitted to.

#' Held-out likelihood
#'
#' Fits a model to a part of the data and asks how likely the rest is, until every part was left out
#' once: blocks of the subjects, whole subjects, or trials.
#'
#' @details
#' The data are divided into folds. The model is fitted to all folds but one, and the log-likelihood
#' of the one left out is taken, for each in turn. The sum over folds estimates how well the fitted
#' model predicts new data of the same kind (Stone 1974), on one scale for all methods: fits by
#' `"mle"`, `"em"` and `"nuts"` compare with each other.
#'
#' **By block or trial** the subjects are known. What is left out is learned from but not scored
#' when the model is fitted, as a forced choice is, so that states that live on from block to block
#' have their history. With \eqn{\hat\theta_s} the estimates of subject s from the other folds, what
#' is added up is \eqn{\log p(y_{s,\mathrm{fold}} \mid \hat\theta_s)} (`"mle"`, `"map"`; for `"em"`
#' \eqn{\hat\theta_s} is the mode of the subject's posterior, shrunken to the group), or for
#' `"nuts"` the logarithm of the mean of the likelihood over the posterior's draws.
#'
#' **By subject** the subjects left out are new, and their parameters are integrated out: \eqn{\log
#' \int p(y_s \mid z)\, p(z \mid \mathrm{others})\,dz}. For `"em"` the other subjects' group
#' distribution is at its estimate and the integral is by importance sampling around the Laplace
#' approximation; for `"nuts"` it is averaged over the draws of the group. Fits by `"mle"` and
#' `"map"` have no group distribution: the estimates of the subjects fitted stand in for it, each as
#' likely as the others, \eqn{\log \frac{1}{J}\sum_j p(y_s \mid \hat\theta_j)}. With few subjects
#' that is a coarse stand-in.
#'
#' The standard error of the sum comes from the spread over subjects, \eqn{\sqrt{S}} times the
#' standard deviation of the subjects' sums. Subjects with nothing left to fit in some fold (one
#' block only) are left out, and so are those that could not be fitted in some fold.
#' @param object A fit from [rl_fit()], whose model, data, method and settings are used again; or a
#'   model.
#' @param data For a model: data from [rl_data()], or a data frame it accepts.
#' @param unit What is left out: `"block"`, `"subject"` or `"trial"`. By default `"block"` where
#'   every subject has two blocks or more, otherwise `"subject"` (`"trial"`, for one subject).
#' @param folds Number of folds (2 or more), or the name of a column of the data that says which
#'   fold a row belongs to. By default as many as the subject with most blocks has of them, fold k
#'   leaving out everybody's k-th block; 10 for subjects (as many as there are subjects if there are
#'   fewer) and for trials. Fewer folds than units take turns: unit i goes to fold `(i - 1) %% folds
#'   + 1`, so that folds are the same for every model.
#' @param checkpoint A folder that keeps finished folds, so that a run that was stopped goes on from
#'   there; `NULL`: none. For a model it needs a `seed`.
#' @param ... For a model: arguments of [rl_fit()], such as `method`, `formula`, `starts` or `seed`.
#' @param x An object of class `rl_heldout`.
#' @param digits Digits after the decimal point.
#' @param row.names,optional Not used; part of the generic.
#' @return An object of class `rl_heldout`, a list:
#' * `subjects`: a data frame with a row for each subject, which `as.data.frame()` returns:
#'   `subject`, `n` (responses that were left out and predicted), `heldout` (their log-likelihood, a
#'   sum over folds) and `fitted` (could it be done in all folds?).
#' * `by_fold`: a row for each subject and fold with something to predict: `subject`, `fold`, `n`,
#'   `heldout`.
#' * `heldout`, `se`: the sum over subjects and its standard error; `nobs`: responses in it.
#' * `unit`, `folds` (their number), `fold` (of each row of the data frame, in its order),
#'   `left_out` (subjects not in the sum), `unsettled` (how many fits of a subject, over all folds,
#'   did not converge), `model`, `method`, `data`.
#' @section Errors: Conditions of class `rescorla_error_input`: a column of folds that the data lack
#'   or that has one value only, more folds than there is to leave out, fewer than two subjects. Of
#'   class `rescorla_error_model`: leaving out trials, or blocks under a state that lives on, where
#'   the response is a number.
#' @references
#' Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. *Journal of
#' the Royal Statistical Society B*, 36, 111-147.
#'
#' Vehtari, A., Gelman, A. & Gabry, J. (2017). Practical Bayesian model evaluation using
#' leave-one-out cross-validation and WAIC. *Statistics and Computing*, 27, 1413-1432.
#' @section Parallel runs: Folds are spread over the workers of `future::plan()`. Results are the
#'   same for any plan.
#' @seealso [rl_compare()] with `criterion = "heldout"` compares several models.
#' @examples
#' data <- rl_data(bandit_example)
#' fit <- rl_fit("rw", data, method = "em", seed = 1)
#' rl_heldout(fit, unit = "trial", folds = 4)
#' rl_heldout("rw", data, unit = "subject", folds = 5, starts = 5, seed = 1)
#' @export
rl_heldout <- function(object, data = NULL, unit = c("block", "subject", "trial"), folds = NULL,
                       checkpoint = NULL, ...) {
  call <- rlang::current_env()
  request <- if (inherits(object, "rl_fit")) {
    check_dots_empty(...)
    heldout_request(object, data, call)
  } else {
    new_heldout_request(object, data, rlang::list2(...), checkpoint, call)
  }
  unit <- if (missing(unit)) default_unit(request$data) else
    check_choice(unit, c("block", "subject", "trial"))
  requests <- stats::setNames(list(request), request$model$id %||% request$model$name)
  heldout_of(requests, unit, folds, checkpoint, call)[[1L]]
}

# --- what to fit ------------------------------------------------------------------------------

# list(model, data, method, arguments): how the fits of all folds are made, and the fit at hand.
heldout_request <- function(fit, data, call) {
  if (!is.null(data)) {
    rescorla_abort(c("{.arg data} is for a model; a fit brings its own.",
      i = "{.code rl_heldout(model, data, method = )} fits to other data."), "input", call = call)
  }
  list(
    model = fit$model,
    data = if (inherits(fit, "rl_fit_group")) fit_source_data(fit) else fit$data,
    method = fit$method,
    arguments = c(fit$arguments, list(seed = fit$seed)),
    fit = fit
  )
}

new_heldout_request <- function(model, data, arguments, checkpoint, call) {
  model <- as_model(model, call, "object")
  if (is.null(data)) {
    rescorla_abort(c("{.arg data} is missing.",
      i = "{.fn rl_heldout} takes a fit, or a model and data."), "input", call = call)
  }
  data <- as_rl_data(data, call)
  model <- model_for_data(model, data, call)
  check_has_response(model, call)
  method <- check_choice(arguments$method %||% "mle", c("mle", "map", "em", "nuts"), "method", call)
  seed <- study_seed(arguments$seed, checkpoint, call)
  rest <- arguments[!names(arguments) %in% c("method", "seed", "threads")]
  arguments <- c(study_fit_arguments(rest, method, call), list(seed = seed))
  list(model = model, data = data, method = method, arguments = arguments)
}

default_unit <- function(data) {
  if (all(blocks_of_subjects(data) >= 2L)) {
    "block"
  } else if (length(data$subjects) > 1L) {
    "subject"
  } else {
    "trial"
  }
}

blocks_of_subjects <- function(data) {
  as.vector(rowsum(as.integer(data$block_start), data$row_subject))
}

# --- folds ------------------------------------------------------------------------------------

# The fold of each row in the order of the model's run; NA for rows that are never left out.
assign_folds <- function(data, unit, folds, call) {
  if (unit == "subject" && length(data$subjects) < 2L) {
    rescorla_abort("Leaving out subjects takes two or more.", "input", call = call)
  }
  if (is.character(folds)) {
    return(column_folds(data, unit, folds, call))
  }
  within <- seq_along(data$order) - data$first[data$row_subject] + 1L
  number <- switch(unit,
    subject = data$row_subject,
    block = data$row_block - data$row_block[data$first][data$row_subject] + 1L,
    trial = within
  )
  most <- max(number)
  folds <- check_count(folds, min = 2, allow_null = TRUE, arg = "folds", call = call)
  if (most < 2L || (!is.null(folds) && folds > most)) {
    rescorla_abort(c(
      "There is too little to leave out by {unit}: {plural(most, unit)}{if (unit != 'subject')
       ' at most'}.",
      x = if (!is.null(folds)) "{.arg folds} is {folds}.",
      i = if (unit == "block" && most < 2L) {
        "Name the column of blocks in {.fn rl_data}, or leave out by {.code unit = \"trial\"}."
      }
    ), "input", call = call)
  }
  folds <- folds %||% if (unit == "block") most else min(10L, most)
  (number - 1L) %% folds + 1L
}

column_folds <- function(data, unit, name, call) {
  name <- check_string(name, arg = "folds", call = call)
  values <- rl_data_column(data, name, call)
  fold <- match(values, unique(values[!is.na(values)]))
  if (max(0L, fold, na.rm = TRUE) < 2L) {
    rescorla_abort("Column {.val {name}} of {.arg folds} must have two values or more.", "input",
      call = call)
  }
  if (unit == "subject") {
    own <- fold[data$first][data$row_subject]
    mixed <- which(is.na(fold) != is.na(own) | (!is.na(fold) & !is.na(own) & fold != own))
    if (length(mixed) > 0L) {
      rescorla_abort(c(
        "Column {.val {name}} of {.arg folds} changes within a subject
         ({.val {data$subjects[data$row_subject[mixed[1L]]]}}).",
        i = "To leave out whole subjects it must be constant; {.code unit = \"trial\"} leaves out
             rows."
      ), "input", call = call)
    }
  }
  fold
}

# The data with these rows (in the order of the model's run) not scored: responses by category count
# as forced, which are learned from; numbers are missing, which is only right where nothing after
# them depends on them.
hold_out <- function(data, model, rows) {
  for (name in names(data$responses)) {
    data$forced[[name]] <- (data$forced[[name]] %||% FALSE) | rows
  }
  for (name in model$program$numeric_responses) {
    data$data[[data_columns(data, name)]][data$order[rows]] <- NA
  }
  data$cache <- new.env(parent = emptyenv())
  data
}

check_can_hold_out <- function(request, unit, call) {
  model <- request$model
  numeric <- model$program$numeric_responses
  formula <- request$arguments$formula
  if (unit == "subject" && request$method == "mle" && !is.null(formula)) {
    design <- hierarchy_design(formula, "full", model, request$data, call)
    if (nrow(design$effects) > 0L) {
      rescorla_abort(c(
        "A fit by {.code method = \"mle\"} in which subjects share some parameters cannot predict
         new subjects.",
        x = "There is no distribution of the parameters that are every subject's own.",
        i = "{.code method = \"em\"} has one."
      ), "input", call = call)
    }
  }
  if (length(numeric) == 0L || unit == "subject") {
    return(invisible())
  }
  lives_on <- any(vapply(model$program$states, \(s) s$reset == "subject", NA))
  if (unit == "trial" || lives_on) {
    rescorla_abort(c(
      "Model {.val {model$name}} cannot leave out by {.code unit = \"{unit}\"}.",
      x = "Its response {.code {numeric[1L]}} is a number, and {if (unit == 'trial')
           'later trials may depend on it' else 'its states live on from block to block'}.",
      i = "Leave out {if (unit == 'trial') 'blocks or subjects' else 'subjects'}."
    ), "model", call = call)
  }
}

# --- the result -------------------------------------------------------------------------------

new_heldout <- function(request, name, values, counts, unsettled, fold, unit) {
  data <- request$data
  ids <- data$subjects
  there <- counts > 0L
  values[!there] <- 0
  sums <- rowSums(values)
  # What a subject has in one fold only cannot be predicted from others.
  if (unit != "subject") sums[rowSums(there) < 2L] <- NA
  sums[rowSums(there) == 0L] <- NA
  usable <- !is.na(sums)
  cells <- which(t(there), arr.ind = TRUE)
  fold_of_rows <- fold
  fold_of_rows[data$order] <- fold
  structure(
    list(
      subjects = data.frame(subject = ids, n = rowSums(counts), heldout = sums, fitted = usable),
      by_fold = data.frame(subject = ids[cells[, 2L]], fold = unname(cells[, 1L]),
        n = counts[cells[, 2:1, drop = FALSE]], heldout = values[cells[, 2:1, drop = FALSE]]),
      heldout = sum(sums[usable]), se = sum_error(sums[usable]),
      nobs = sum(counts[usable, ]), unit = unit, folds = ncol(counts), fold = fold_of_rows,
      left_out = ids[!usable], unsettled = unsettled, model = request$model,
      method = request$method, data = data, name = name
    ),
    class = "rl_heldout"
  )
}

# The standard error of a sum of independent terms.
sum_error <- function(x) if (length(x) > 1L) sqrt(length(x)) * stats::sd(x) else NA_real_

#' @rdname rl_heldout
#' @export
print.rl_heldout <- function(x, ..., digits = 1L) {
  number <- \(v) print_number(v, digits)
  mean <- x$heldout / x$nobs
  cat(
    clip(paste0("<rl_heldout> ", model_title(x$model))),
    clip(paste0("  ", method_label(x$method), ", ", plural(x$folds, "fold"), " by ", x$unit, ", ",
      plural(sum(x$subjects$fitted), "subject"), ", ", plural(x$nobs, "response"))),
    paste0("  log-likelihood of what was left out ", number(x$heldout), " (se ", number(x$se), ")"),
    paste0("  per response ", formatC(mean, digits = 3L, format = "f"),
      if (length(x$model$program$numeric_responses) == 0L) {
        paste0(", a probability of ", formatC(exp(mean), digits = 3L, format = "f"))
      }),
    if (x$unsettled > 0L) paste0("  ", plural(x$unsettled, "fit"), " did not converge"),
    if (length(x$left_out) > 0L) clip(paste0("Not in the sum: ", name_some(x$left_out))),
    "Next: rl_compare(x, other), x$subjects, x$by_fold",
    sep = "\n"
  )
  invisible(x)
}

#' @rdname rl_heldout
#' @export
as.data.frame.rl_heldout <- function(x, row.names = NULL, optional = FALSE, ...) x$subjects
