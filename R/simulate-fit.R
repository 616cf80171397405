# Data that a fit would produce: choices drawn anew, given the real history or from the start.

#' Simulate from a fit
#'
#' Posterior predictive data. One step ahead, every scored response is drawn anew from the
#' probabilities that the model gives it after what the subject really did and saw. Generatively,
#' each subject makes all of the choices, and learns from what these choices bring.
#'
#' @details
#' **One step ahead** the history is that of the data: outcomes are those of the choices that were
#' really made. Compare such choices with the real ones, row by row, and relate them to the *real*
#' choices before; do not fit models to them. Missed and forced rows stay as they are, and so does
#' every other column.
#'
#' **Generative** data are what the fitted subjects would do if the experiment were run again. That
#' takes outcomes for choices nobody made. They come from
#' 1. `task`, if it is given: the subjects play it from scratch, as in [simulate.rl_model()];
#' 2. else the `foregone` columns of the data, which say what every action would have paid: the data
#'    keep their rows, missed rows stay missed, forced choices stay as they were, only actions on
#'    offer are chosen, and an outcome that was not shown is not shown;
#' 3. else the task that data made by [simulate.rl_model()] carry, where they do.
#'
#' A model that learns from no outcome needs none of them. Columns other than `outcome` and
#' `foregone` are taken to be the same whatever is chosen. Where a model learns from others that
#' depend on the choice (`gain` and `loss` of the decks of cards), or has several choices on a
#' trial, only a `task` will do.
#'
#' Point fits (`"mle"`, `"map"`, `"em"`) simulate at the subjects' estimates. With `method = "nuts"`
#' each replicate takes another draw from the posterior, so that replicates vary as much as the
#' parameters are uncertain.
#'
#' @param object A fit from [rl_fit()].
#' @param nsim Number of replicates; with more than one they are stacked under `.sim`.
#' @param seed A whole number. The same seed gives the same data whatever the number of threads. If
#'   `NULL`, R's own generator provides one, so that `set.seed()` is respected.
#' @param type `"one_step"` or `"generative"`. By default one step ahead, and generative with a
#'   `task`.
#' @param task A task such as [task_bandit()].
#' @param draws For `method = "nuts"`: numbers of the draws to use, one for each replicate, counted
#'   over the draws of subjects' parameters that the fit keeps, chain after chain; `nsim` may then
#'   be left out. `NULL`: chosen at random by `seed`, each at most once if there are enough.
#' @param output As in [simulate.rl_model()]; `"arrays"` needs a `task`.
#' @param ... Further arguments of [simulate.rl_model()], where there is a task.
#' @return A data frame that carries its roles: as [simulate.rl_model()] returns it, or the data
#'   frame of the fit with its responses (and, for generative data, outcomes) replaced. The
#'   attribute `"draws"` of full Bayes fits is a data frame with `.sim`, `draw`, `chain` and
#'   `iteration`. Subjects that could not be fitted are left out, with a warning.
#' @section Errors: Generative data without a source of outcomes are an error of class
#'   `rescorla_error_input` that names the remedy.
#' @seealso [rl_check()], which compares such data with the real ones.
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' head(simulate(fit, seed = 1))
#' head(simulate(fit, seed = 1, task = task_bandit(c(0.2, 0.8), trials = 20)))
#' @export
simulate.rl_fit <- function(object, nsim = 1, seed = NULL, type = c("one_step", "generative"),
                            task = NULL, draws = NULL, output = c("data", "arrays"), ...) {
  call <- rlang::current_env()
  type <- if (missing(type)) NULL else check_choice(type, c("one_step", "generative"))
  output <- check_choice(output, c("data", "arrays"))
  nsim <- if (missing(nsim) && !is.null(draws)) length(draws) else check_count(nsim)
  seed <- resolve_seed(seed, call)
  plan <- simulation_plan(object, nsim, type, task, draws, seed, call)
  warn_left_out(object, call)
  if (plan$source == "task") {
    return(simulate_task(object, plan, output, call, ...))
  }
  check_dots_empty(...)
  if (output == "arrays") {
    what <- if (plan$type == "one_step") "A replay of the data has" else "Data on the rows of a fit have"
    rescorla_abort(c(
      paste(what, "no {.code output = \"arrays\"}."),
      i = "Give a {.arg task}, or use {.code predict(fit, type = \"latent\")}."
    ), "input", call = call)
  }
  made <- replicate_frames(object, plan, call)
  attr(made, "seed") <- seed
  made
}

# What a simulation will be: list(type, source = "history", "foregone", "none" or "task", task, nsim,
# seed, chosen = draws, values = a function of the replicate).
simulation_plan <- function(fit, nsim, type, task, draws, seed, call) {
  type <- type %||% if (is.null(task)) "one_step" else "generative"
  if (type == "one_step" && !is.null(task)) {
    rescorla_abort(c(
      "A {.arg task} is for {.code type = \"generative\"}.",
      i = "One step ahead the history is that of the data."
    ), "input", call = call)
  }
  if (is.null(task) && inherits(fit$data, "rl_data_chunks")) abort_chunks(call)
  chosen <- choose_replicate_draws(fit, nsim, draws, seed, call)
  source <- if (type == "one_step") "history" else outcome_source(fit, task, call)
  if (source == "carried") {
    task <- attr(fit$data$data, "rescorla_task", exact = TRUE)
    source <- "task"
  }
  if (!is.null(task)) {
    check_class(task, "rl_task", "a task, such as `task_bandit(c(0.2, 0.8), trials = 100)`",
      call = call)
  }
  if (source == "task" && has_episodes(fit)) {
    rescorla_abort(c("Every block has parameters of its own in this fit, and the task would need to
                      say whose.",
      i = "`simulate(fit$model, parameters = , task = )` takes parameters by subject."), "input",
      call = call)
  }
  list(type = type, source = source, task = task, nsim = nsim, seed = seed, chosen = chosen,
    values = replicate_values(fit, chosen, call))
}

warn_left_out <- function(fit, call) {
  left_out <- names(fit$status)[!is_fitted(fit)]
  if (length(left_out) > 0L) {
    rescorla_warn(
      "{length(left_out)} subject{?s} without a fit {?is/are} left out: {name_some(left_out)}.",
      "convergence", call = call, subjects = left_out
    )
  }
}

# --- draws of parameters ------------------------------------------------------------------------

# A row for each replicate of a full Bayes fit: .sim, draw, chain, iteration. NULL for point fits.
choose_replicate_draws <- function(fit, nsim, draws, seed, call) {
  if (fit$method != "nuts") {
    if (!is.null(draws)) {
      rescorla_abort(c("{.arg draws} is for {.code method = \"nuts\"}.",
        i = "A fit by {.val {fit$method}} has one set of estimates."), "input", call = call)
    }
    return(NULL)
  }
  size <- dim(subject_draws_of(fit, call))[1:2]
  total <- prod(size)
  if (is.null(draws)) {
    draws <- with_seed(seed, sample.int(total, nsim, replace = nsim > total))
  } else {
    wrong <- !is.numeric(draws) || !all(draws %in% seq_len(total))
    if (wrong || length(draws) != nsim) {
      rescorla_abort(c(
        "{.arg draws} must be {nsim} whole number{?s} from 1 to {total}, one for each replicate.",
        x = "It is {describe_value(draws)}."
      ), "input", call = call)
    }
  }
  data.frame(.sim = seq_len(nsim), draw = as.integer(draws),
    chain = as.integer((draws - 1) %/% size[1L] + 1),
    iteration = as.integer((draws - 1) %% size[1L] + 1))
}

# All parameters of the model by replicate: a function that gives a units x parameters matrix.
replicate_values <- function(fit, chosen, call) {
  if (is.null(chosen)) {
    values <- fit_values(fit, fit$data$subjects)$values
    return(\(r) values)
  }
  kept <- subject_draws_of(fit, call)
  \(r) draw_values(fit, kept[chosen$iteration[r], chosen$chain[r], , ])
}

# --- from scratch -------------------------------------------------------------------------------

simulate_task <- function(fit, plan, output, call, ...) {
  usable <- is_fitted(fit)
  free <- \(r) {
    values <- plan$values(r)[usable, fit$parameters, drop = FALSE]
    data.frame(subject = fit$data$subjects[usable], unname_rows(values), check.names = FALSE)
  }
  if (is.null(plan$chosen)) {
    return(stats::simulate(fit$model, nsim = plan$nsim, seed = plan$seed, parameters = free(1L),
      task = plan$task, output = output, ...))
  }
  runs <- lapply(seq_len(plan$nsim), \(r) {
    stats::simulate(fit$model, seed = plan$seed + r - 1, parameters = free(r), task = plan$task,
      output = output, ...)
  })
  made <- if (plan$nsim == 1L) runs[[1L]] else runs
  if (output == "data" && plan$nsim > 1L) {
    roles <- attr(runs[[1L]], "rescorla_roles")
    roles$subject <- ".subject"
    made <- number_replicates(do.call(rbind, runs), plan$nsim, "subject")
    attr(made, "rescorla_roles") <- roles
    attr(made, "rescorla_task") <- plan$task
  }
  attr(made, "seed") <- plan$seed
  attr(made, "draws") <- plan$chosen
  made
}

# Each replicate's subjects are subjects of their own.
number_replicates <- function(made, nsim, subject) {
  rows <- nrow(made) / nsim
  code <- code_by_appearance(made[[subject]][seq_len(rows)])
  made <- cbind(.sim = rep(seq_len(nsim), each = rows), made)
  made$.subject <- rep((seq_len(nsim) - 1L) * max(code), each = rows) + rep(code, nsim)
  made
}

# --- the rows of the data -----------------------------------------------------------------------

# One below another, put together by column: only what a replicate changes is held by replicate.
replicate_frames <- function(fit, plan, call, keep = is_fitted(fit)) {
  data <- fit$data
  keep <- rows_of_subjects(data, rep_len(keep, length(data$subjects)))
  runs <- replicate_runs(fit, plan, character(), call)
  changed <- lapply(seq_len(plan$nsim), \(r) lapply(replicate_columns(fit, runs(r)), `[`, keep))
  frame <- data$data[keep, , drop = FALSE]
  # A choice or an outcome that the data do not have is not looked for by its usual name.
  roles <- data_arguments(data)
  roles <- roles[lengths(roles) > 0L | names(roles) %in% c("choice", "outcome")]
  made <- if (plan$nsim == 1L) frame else repeat_rows(frame, plan$nsim)
  for (column in names(changed[[1L]])) made[[column]] <- do.call(c, lapply(changed, `[[`, column))
  if (plan$nsim > 1L) {
    made <- number_replicates(made, plan$nsim, data$roles$subject)
    roles$subject <- ".subject"
  }
  rownames(made) <- NULL
  structure(made, rescorla_roles = roles, draws = plan$chosen)
}

repeat_rows <- function(frame, times) {
  rows <- nrow(frame)
  columns <- lapply(frame, \(x) {
    if (is.null(dim(x))) rep(x, times) else x[rep(seq_len(rows), times), , drop = FALSE]
  })
  structure(columns, class = "data.frame", row.names = .set_row_names(rows * times))
}

# What happens in replicate r, in trial order: a function of r that gives list(drawn = by response,
# outcome = new outcomes or NULL, payoff = by action or NULL, items = what was asked for, by name, a
# list of vectors).
replicate_runs <- function(fit, plan, items, call) {
  if (plan$source != "history") return(generative_runs(fit, plan, items, call))
  \(r) {
    traced <- trace_model(fit$model, fit$data, plan$values(r), items = character(), draw = TRUE,
      seed = plan$seed, replicate = r - 1L, threads = resolve_threads(NULL), call = call)
    list(drawn = drawn_values(fit$model, fit$data, traced$drawn, traced$drawn_number, call))
  }
}

# The columns of the data frame that a run changes: responses, and new outcomes.
replicate_columns <- function(fit, run) {
  data <- fit$data
  place <- order_of_rows(data)
  changed <- list()
  for (name in names(run$drawn)) {
    column <- data_columns(data, name)
    own <- data$data[[column]]
    new <- run$drawn[[name]][place]
    if (name %in% names(data$actions)) {
      new <- as_coded(data$actions[[name]][new], own, data$actions[[name]])
    }
    forced <- data$forced[[name]][place]
    redrawn <- !is.na(own)
    if (!is.null(forced)) redrawn <- redrawn & !forced
    if (is.factor(own)) levels(own) <- levels(new)
    own[redrawn] <- new[redrawn]
    changed[[column]] <- own
  }
  if (!is.null(run$outcome) && !is.null(data$roles$outcome)) {
    changed[[data$roles$outcome]] <- run$outcome[place]
  }
  changed
}

replicate_frame <- function(fit, run) {
  changed <- replicate_columns(fit, run)
  frame <- fit$data$data
  frame[names(changed)] <- changed
  frame
}
