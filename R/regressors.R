#' Regressors for imaging
#'
#' The latents of a fitted model as trial-wise regressors for brain imaging, pupil or response time
#' analyses: the value of what was chosen, the prediction error, the probability of the choice, or
#' any state or local of the model; joined to the onsets of events, and with how strongly they go
#' together. [write_bids()] writes them as BIDS `events.tsv` files.
#'
#' @param fit A fit from [rl_fit()].
#' @param events When things happened: a data frame with `subject`, `onset`, `duration` (both in
#'   seconds), and where there are such, `run` (or the data's column of blocks), `trial` and
#'   `trial_type`; a list of such data frames, each named by its subject (`"s01"`) or by the names
#'   of BIDS (`"sub-01_run-2"`); a folder that is searched for BIDS `events.tsv` files; or paths of
#'   such files. If `NULL`, the rows are those of the data.
#' @param what Names of latents. A state or local of the model: its value, and where it is an array,
#'   as values of actions are, the cell that the trial was about (the chosen action's, the shown
#'   cue's). `"probability"`: that of the observed choice before it was made (with several responses
#'   `"probability_<response>"`). A column of [rl_latents()], such as `"value_2"`: that column. If
#'   `NULL`: `value` (of models without it, all states over actions), `prediction_error` (all locals
#'   called errors) and the probability.
#' @param at Which events are trials. `NULL`: all. Names of trial types: those, and rows of other
#'   types have no regressors. A vector named by regressor, such as
#'   `c(value = "cue", prediction_error = "feedback")`, puts each where it belongs; a regressor
#'   without a name there goes to the unnamed types, or nowhere.
#' @param centre,scale `"none"`, `"run"` or `"subject"`: subtract the mean, and divide by the
#'   standard deviation, of the regressor within each run (block) or each subject. Its uncertainty
#'   is scaled with it. Scaling takes differences between subjects out of the regressor and puts
#'   them into its effect.
#' @param draws How many draws the uncertainty comes from. `NULL`: for `"nuts"` 200 of the
#'   posterior, evenly spaced, otherwise none. For `"em"` a number gives draws from each subject's
#'   approximate posterior given the group. 0: none, at point estimates.
#' @param probs Quantiles to report over draws.
#' @param unmatched What to do with subjects and trials that have no event, and with events that
#'   have no trial: `"error"`; or `"drop"`, which leaves out the former and gives the latter no
#'   regressors.
#' @param newdata Data of the fit's subjects in place of the fit's own, as in [predict.rl_fit()].
#' @param dir,task If given, [write_bids()] writes the files there.
#' @param seed For draws from an `"em"` fit: a whole number; if `NULL`, R's generator provides one.
#' @param x Regressors from `rl_regressors()`.
#' @param row.names,optional Not used; part of the generic.
#' @param ... Not used.
#'
#' @details
#' Events are matched to trials by subject, run and trial number. Without a column `trial` they are
#' matched by order: the first event of a subject's run to its first trial, and so on; there must be
#' as many events (of the types in `at`) as trials. Missed trials count. Without `run` (or without
#' blocks in the data) the trials of a subject are one sequence, runs following each other.
#' Subjects are matched by name; `"sub-01"`, `"01"` and `1` are the same where no other subject is
#' meant.
#'
#' What a trial was about is as the model had it *before* the trial's update: `value` is what was
#' expected of the chosen option when it was chosen. Where nothing was chosen, or a model variable
#' has no value (as the prediction error of an outcome not seen), a regressor is `NA`, in files
#' `n/a`. Software for imaging treats such rows differently: leave them out, or model missed trials
#' as events of their own.
#'
#' With draws the regressor is its posterior mean over draws, which is not the regressor at the mean
#' parameters, and `<regressor>_sd`, `<regressor>_q5`, `<regressor>_q95` say how certain it is.
#'
#' Correlations are those over trials within each subject, before convolution with a haemodynamic
#' response. A variance inflation factor is \eqn{1/(1 - R^2)} of the regression of one regressor on
#' the others.
#' @return An object of class `rl_regressors`: a list with
#'   * `regressors`: a data frame with a row for each event (or row of the data): `subject`, `run`
#'     (the block), `trial`, `onset`, `duration`, `trial_type` and further columns of the events,
#'     and the regressors. Rows are ordered by subject (in the order of the data), run and onset;
#'   * `collinearity`: a data frame with a row for each pair of regressors, `median` and `worst`
#'     correlation (largest in size) over subjects, the `subject` it is from, and `high`, in how many
#'     it exceeds 0.9; and `vif`, a data frame with the `median` and `worst` variance inflation factor
#'     of each regressor;
#'   * `what`: a data frame that describes the regressors; `draws`, `centre`, `scale`.
#'
#'   `as.data.frame()` gives the first.
#' @section Errors: Of class `rescorla_error_data`, with the fields `subjects` and, where rows are at
#'   fault, `rows`: subjects without events or without a fit, runs that are not in the data, trials
#'   without an event, events without a trial, two events for one trial, more or fewer events than
#'   trials. A correlation beyond 0.9 in size is a warning of class
#'   `rescorla_warning_collinearity`.
#' @references
#' Gorgolewski, K. J., et al. (2016). The brain imaging data structure, a format for organizing and
#' describing outputs of neuroimaging experiments. *Scientific Data*, 3, 160044.
#'
#' Lebreton, M., Bavard, S., Daunizeau, J. & Palminteri, S. (2019). Assessing inter-individual
#' differences with task-related functional neuroimaging. *Nature Human Behaviour*, 3, 897-905.
#'
#' Wilson, R. C. & Niv, Y. (2015). Is model fitting necessary for model-based fMRI? *PLoS
#' Computational Biology*, 11(6), e1004237.
#' @seealso [rl_latents()], [write_bids()].
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' rl_regressors(fit)
#'
#' # A trial every six seconds
#' events <- data.frame(subject = bandit_example$subject, trial = bandit_example$trial,
#'   onset = 6 * bandit_example$trial, duration = 1)
#' r <- rl_regressors(fit, events, what = c("value", "prediction_error"), centre = "run")
#' head(as.data.frame(r))
#' @export
rl_regressors <- function(fit, events = NULL, what = NULL, at = NULL,
                          centre = c("none", "run", "subject"),
                          scale = c("none", "run", "subject"), draws = NULL,
                          probs = c(0.05, 0.95), unmatched = c("error", "drop"), newdata = NULL,
                          dir = NULL, task = NULL, seed = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  check_class(fit, "rl_fit", "a fit from `rl_fit()`")
  centre <- check_choice(centre, c("none", "run", "subject"))
  scale <- check_choice(scale, c("none", "run", "subject"))
  unmatched <- check_choice(unmatched, c("error", "drop"))
  probs <- check_probs(probs, call)
  if (!is.null(draws)) draws <- check_count(draws, min = 0)
  if (!is.null(dir) && is.null(events)) {
    rescorla_abort(c("{.arg dir} asks for BIDS files, which need onsets.",
      i = "Give {.arg events}."), "input", call = call)
  }
  data <- predict_data(fit, newdata, call)
  plan <- regressor_plan(what, fit$model, data, call)
  found <- regressor_values(fit, data, plan, draws, probs, seed, call)
  trials <- trial_frame(fit, data)
  found <- standardise_regressors(found, trials, centre, scale)
  columns <- regressor_columns(found, probs)
  if (is.null(events)) {
    used <- rep(TRUE, nrow(trials))
    frame <- cbind(trials, columns)[order_of_rows(data), , drop = FALSE]
    rownames(frame) <- NULL
  } else {
    at <- regressor_types(at, colnames(found$mean), call)
    joined <- join_events(read_events(events, data, call), trials, columns, at, unmatched, data, call)
    frame <- joined$frame
    used <- joined$used
    entities <- joined$entities
  }
  result <- structure(list(
    regressors = frame,
    collinearity = pair_correlations(found$mean[used, , drop = FALSE], trials$subject[used]),
    vif = inflation_factors(found$mean[used, , drop = FALSE], trials$subject[used]),
    what = describe_regressors(plan, found, probs, centre, scale),
    draws = found$draws %||% 0L, centre = centre, scale = scale, model = model_title(fit$model),
    method = if (inherits(fit, "rl_fit_group")) group_method_label(fit$method) else
      method_label(fit$method),
    entities = if (!is.null(events)) entities
  ), class = "rl_regressors")
  warn_collinear(result, call)
  if (!is.null(dir)) write_bids(result, dir, task)
  result
}

check_probs <- function(probs, call) {
  if (is.numeric(probs) && length(probs) > 0L && !anyNA(probs) && all(probs > 0 & probs < 1) &&
    !anyDuplicated(probs)) {
    return(sort(as.double(probs)))
  }
  abort_argument(probs, "different numbers between 0 and 1", FALSE, "probs", call)
}

# Subject, run and trial of every row, in trial order. Runs are the data's blocks.
trial_frame <- function(fit, data) {
  whole <- if (has_episodes(fit)) subjects_of_episodes(fit, data) else data
  columns <- trial_columns(whole)[c("subject", if (!is.null(data$roles$block)) "block", "trial")]
  names(columns)[names(columns) == "block"] <- "run"
  if (is.factor(columns$run)) columns$run <- as.character(columns$run)
  data.frame(columns, stringsAsFactors = FALSE)
}

# New data of a fit whose units are episodes are a view with these as subjects.
subjects_of_episodes <- function(fit, data) {
  if (identical(data$cache, fit$data$cache)) return(fit_source_data(fit))
  column <- data$data[[data$roles$subject]][data$order]
  if (is.factor(column)) column <- as.character(column)
  data$row_subject <- match(column, unique(column))
  data$subjects <- unique(column)
  data
}

# --- centred and scaled ----------------------------------------------------------------------------

standardise_regressors <- function(found, trials, centre, scale) {
  unit <- \(within) switch(within,
    none = NULL,
    subject = as.character(trials$subject),
    run = paste(trials$subject, trials$run %||% "", sep = "\r")
  )
  by_unit <- \(x, group, f) {
    if (is.null(group)) return(NULL)
    apply(x, 2L, \(column) stats::ave(column, group, FUN = \(v) f(v, na.rm = TRUE)))
  }
  shift <- by_unit(found$mean, unit(centre), mean)
  width <- by_unit(found$mean, unit(scale), stats::sd)
  # What does not vary has no scale.
  if (!is.null(width)) width[is.na(width) | width == 0] <- 1
  move <- \(x) {
    if (!is.null(shift)) x <- x - shift
    if (!is.null(width)) x <- x / width
    x
  }
  if (!is.null(found$sd) && !is.null(width)) found$sd <- found$sd / width
  found$quantiles <- lapply(found$quantiles, move)
  found$mean <- move(found$mean)
  found
}

# A data frame: each regressor, followed by its uncertainty.
regressor_columns <- function(found, probs) {
  columns <- list()
  for (name in colnames(found$mean)) {
    columns[[name]] <- found$mean[, name]
    if (is.null(found$sd)) next
    columns[[paste0(name, "_sd")]] <- found$sd[, name]
    for (i in seq_along(probs)) columns[[paste0(name, "_", quantile_name(probs[i]))]] <-
      found$quantiles[[i]][, name]
  }
  structure(columns, class = "data.frame", row.names = .set_row_names(nrow(found$mean)))
}

quantile_name <- function(p) paste0("q", gsub(".", "_", format(100 * p, digits = 6), fixed = TRUE))

# What each column is, for the sidecar of BIDS files.
describe_regressors <- function(plan, found, probs, centre, scale) {
  names <- vapply(plan, `[[`, "", "name")
  label <- vapply(plan, `[[`, "", "label")
  treated <- paste(c(
    if (centre != "none") paste("centred within", centre),
    if (scale != "none") paste("divided by its standard deviation within", scale)
  ), collapse = ", ")
  if (nzchar(treated)) label <- paste0(label, "; ", treated)
  rows <- data.frame(name = names, regressor = names, description = label)
  if (!is.null(found$sd)) {
    rows$description <- paste0(label, "; mean over ", found$draws, " draws")
    for (i in seq_along(names)) {
      rows <- rbind(rows, data.frame(
        name = paste0(names[i], "_", c("sd", quantile_name(probs))), regressor = names[i],
        description = paste0(c("Standard deviation", paste0(format(100 * probs), "% quantile")),
          " of ", names[i], " over draws")
      ))
    }
  }
  rows
}

#' @rdname rl_regressors
#' @export
as.data.frame.rl_regressors <- function(x, row.names = NULL, optional = FALSE, ...) x$regressors
