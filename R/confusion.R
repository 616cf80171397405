#' Model recovery
#'
#' Simulates every model of a set on a task, fits all of them to each simulated data set, and counts
#' which one is chosen: can this task, with this many trials, tell these models apart?
#'
#' @details
#' Row i of the **confusion matrix** says how often each model is chosen when model i made the data,
#' \eqn{c_{ij} = p(\mathrm{fitted}\ j \mid \mathrm{simulated}\ i)}: rows add up to 1. What an
#' experimenter wants to know is the reverse: having chosen model j, which one made the data?
#' Column j of the **inversion matrix** says so, by Bayes' rule with the models' prior probabilities
#' \eqn{\pi_i}: \deqn{p(\mathrm{simulated}\ i \mid \mathrm{fitted}\ j) =
#'   \frac{\pi_i c_{ij}}{\sum_k \pi_k c_{kj}},} and columns add up to 1 (Wilson & Collins 2019). The
#' column of a model that is never chosen is `NA`.
#'
#' Models tied for the best (within 1e-6) share the choice equally. A subject that some model could
#' not be fitted to does not count. Both are reported, by the model simulated.
#'
#' Intervals are about the finite number of simulations: Wilson's for the confusion matrix; for the
#' inversion matrix quantiles of 4,000 draws of the confusion matrix's column, each cell from its
#' Beta(n + 1/2, N - n + 1/2) posterior (and widened to hold the estimate).
#'
#' What a confusion matrix says holds for the parameters that were simulated: learning rates near
#' zero make all learning models alike. Simulate what subjects are like, best by the estimates of a
#' pilot study.
#' @param models Two models or more: names of models in the catalogue, or a list of models and
#'   names. Names of the list name the models.
#' @param task A task such as [task_bandit()], or a function of the number of the replicate that
#'   gives one.
#' @param subjects Number of subjects in a replicate.
#' @param nsim Number of replicates for each model: data sets of so many subjects each.
#' @param parameters Where true values come from: a named list by model, with what [rl_recover()]
#'   takes as `parameters`. For models left out, or all with `NULL`, the defaults there.
#' @param method A method of [rl_fit()].
#' @param criterion By what a model is chosen: `"bic"`, `"aic"`, `"evidence"` (`"map"`, `"em"`),
#'   `"loo"` or `"waic"` (`"nuts"`), `"heldout"` ([rl_heldout()]), or `"bms"`, the exceedance
#'   probability of [rl_bms()] (by -BIC/2 for `"mle"`, by log evidence for `"map"` and `"em"`). In
#'   capitals too. By default `"bic"`; `"evidence"` for `"map"`, `"loo"` for `"nuts"`. With `"em"`
#'   the BIC is the integrated one; log evidences (`"evidence"`, `"bms"`) are then at the fitted
#'   group, which pays nothing for its parameters, and favour the larger model.
#' @param by What a model is chosen for: every simulated `"subject"`, or all subjects of a replicate
#'   together (`"group"`), by the sum of the criterion over them. By default a subject where the
#'   criterion has a value for each; `"bms"`, AIC and BIC of `"em"`, and fits with shared parameters
#'   are by group.
#' @param unit,folds What is left out: see [rl_heldout()] for `"heldout"`, [rl_compare()] for
#'   `"loo"` and `"waic"`.
#' @param model_prior Prior probabilities of the models, for the inversion matrix: numbers, by name
#'   or in order; `NULL`: all the same.
#' @param level Of the intervals.
#' @param seed A whole number; if `NULL`, R's own generator provides one.
#' @param checkpoint A folder for finished parts, which needs a `seed`: see [rl_recover()].
#' @param threads Number of threads. In workers of a parallel plan the default is one.
#' @param ... Further arguments of [rl_fit()], such as `starts` or `prior`.
#' @param x An object of class `rl_confusion`.
#' @param digits Digits after the decimal point.
#' @param matrix Which matrix: `"confusion"` or `"inversion"`.
#' @param row.names,optional Not used; part of the generic.
#' @return An object of class `rl_confusion`, a list:
#' * `confusion`, `inversion`: matrices with dimnames `simulated` (rows) and `fitted` (columns);
#' * `counts`: how often each model was chosen, the same shape (ties as fractions), and `runs`, of
#'   how many, by the model simulated;
#' * `cells`: a data frame with a row for each cell, which `as.data.frame()` returns: `simulated`,
#'   `fitted`, `n`, `runs`, `confusion`, `confusion_low`, `confusion_high`, `inversion`,
#'   `inversion_low`, `inversion_high`;
#' * `units`: a row for each choice: `simulated`, `replicate`, `subject` (`NA` by group), `fitted`
#'   (`NA` where some model could not be fitted, the first of those tied), `tied` (how many are
#'   best), `margin` (to the second best); `scores`, a matrix with the criterion of every model in
#'   the rows of `units`, higher being better (AIC and BIC negated);
#' * `ties`, `failed`: counts by the model simulated; `unsettled`: fits that did not converge;
#' * `models`, `method`, `criterion`, `by`, `model_prior`, `n_subjects`, `nsim`, `level`, `seed`,
#'   `sources` (where true values came from, in words, by model), `call`.
#'
#' `tidy()` gives one matrix as a data frame: `simulated`, `fitted`, `estimate`, `conf.low`,
#' `conf.high`.
#' @section Large and long studies: As in [rl_recover()]: parts run through the future package, with
#'   the same result for any plan, and `checkpoint` keeps what is finished.
#' @references
#' Wilson, R. C. & Collins, A. G. E. (2019). Ten simple rules for the computational modeling of
#' behavioral data. *eLife*, 8, e49547.
#' @seealso [plot.rl_confusion()], [rl_recover()], [rl_compare()].
#' @examples
#' confusion <- rl_confusion(c("rw", "rw_sticky"), task_bandit(c(0.2, 0.8), trials = 200),
#'   subjects = 30, starts = 5, seed = 1,
#'   parameters = list(rw = list(alpha = c(0.1, 0.9), beta = c(1, 10))))
#' confusion
#' as.data.frame(confusion)
#' @export
rl_confusion <- function(models, task, subjects = 100, nsim = 1, parameters = NULL,
                         method = c("mle", "map", "em", "nuts"), criterion = NULL, by = NULL,
                         unit = NULL, folds = NULL, model_prior = NULL, level = 0.95, seed = NULL,
                         checkpoint = NULL, threads = NULL, ...) {
  call <- rlang::current_env()
  models <- confusion_models(models, call)
  method <- check_choice(method, c("mle", "map", "em", "nuts"))
  subjects <- check_count(subjects)
  nsim <- check_count(nsim)
  check_level(level)
  if (!is.null(threads)) check_count(threads)
  arguments <- study_fit_arguments(list(...), method, call)
  rule <- confusion_rule(method, criterion, by, unit, folds, arguments, call)
  model_prior <- check_model_prior(model_prior, names(models), call)
  seed <- study_seed(seed, checkpoint, call)
  tasks <- confusion_task(if (missing(task)) NULL else task, models, call)
  truth <- confusion_truth(parameters, models, subjects, nsim, seed, call)
  shared <- list(models = models, method = method, arguments = arguments, rule = rule,
    threads = threads)
  jobs <- confusion_jobs(models, tasks, truth, subjects, nsim, rule, seed, call)
  key <- lapply(unname(models), \(m) study_key("rl_confusion", m, method, arguments, rule))
  found <- run_jobs(jobs, confusion_cell, shared, "parts of the study", checkpoint, key, call)
  new_confusion(found, jobs, models, method, rule, model_prior, subjects, nsim, level, seed, truth,
    match.call())
}

# --- arguments --------------------------------------------------------------------------------

confusion_models <- function(models, call) {
  several <- (is.list(models) && !inherits(models, "rl_model")) || is.character(models)
  if (!several || length(models) < 2L) {
    abort_argument(models, "two models or more: a list of models, or names in the catalogue", FALSE,
      "models", call)
  }
  check_model_names(models, call)
  models <- name_models(lapply(models, as_model, call = call, arg = "models"))
  check_comparable_models(models, call)
  models
}

# How a model is chosen: list(criterion, by, unit, folds, together); `together`: all subjects of a
# replicate are in one job.
confusion_rule <- function(method, criterion, by, unit, folds, arguments, call) {
  shared <- method == "mle" && !is.null(arguments$formula)
  known <- switch(method,
    mle = if (shared) c("bic", "aic", "heldout") else c("bic", "aic", "heldout", "bms"),
    map = c("evidence", "bic", "aic", "heldout", "bms"),
    em = c("bic", "aic", "evidence", "heldout", "bms"),
    nuts = c("loo", "waic", "heldout")
  )
  if (is.character(criterion)) criterion <- tolower(criterion)
  criterion <- if (is.null(criterion)) known[1L] else check_choice(criterion, known, call = call)
  whole <- criterion == "bms" || (criterion %in% c("aic", "bic") && (shared || method == "em"))
  by <- if (is.null(by)) {
    if (whole) "group" else "subject"
  } else {
    check_choice(by, c("subject", "group"), call = call)
  }
  if (whole && by == "subject") {
    rescorla_abort(c(
      "{.code by = \"subject\"} needs a criterion with a value for each subject.",
      x = "With {.code method = \"{method}\"}, {.val {criterion}} is one of the whole group.",
      i = "Leave {.arg by} out{if (method == 'em') ', or use `criterion = \"evidence\"`'}."
    ), "input", call = call)
  }
  if (!criterion %in% c("heldout", "loo", "waic") && !(is.null(unit) && is.null(folds))) {
    rescorla_abort(c("{.arg {if (is.null(unit)) 'folds' else 'unit'}} is about what is left out.",
      x = "{.code criterion = \"{criterion}\"} leaves out nothing."), "input", call = call)
  }
  if (!is.null(unit)) unit <- check_choice(unit, c("block", "subject", "trial"), call = call)
  together <- by == "group" || method %in% c("em", "nuts") || shared || identical(unit, "subject")
  list(criterion = criterion, by = by, unit = unit, folds = folds, together = together)
}

# The same model twice would share its own cell of the matrix.
check_model_names <- function(models, call) {
  labels <- rlang::names2(models)
  named <- vapply(models, \(m) if (is.character(m)) m[1L] else "", "")
  labels[labels == ""] <- named[labels == ""]
  twice <- labels[duplicated(labels) & labels != ""]
  if (length(twice) > 0L) {
    rescorla_abort(c("{.arg models} has {.val {twice[1L]}} twice.",
      i = "Give different models, or versions of one under names of their own."
    ), "input", call = call)
  }
}

check_model_prior <- function(prior, models, call) {
  if (is.null(prior)) {
    return(stats::setNames(rep(1 / length(models), length(models)), models))
  }
  good <- is.numeric(prior) && length(prior) == length(models) &&
    all(is.finite(prior) & prior >= 0) && sum(prior) > 0 &&
    (is.null(names(prior)) || setequal(names(prior), models))
  if (!good) {
    rescorla_abort(c(
      "{.arg model_prior} must be numbers of 0 or more, one for each of the {length(models)}
       models.",
      i = "By name ({.val {models}}), or in their order."
    ), "input", call = call)
  }
  if (!is.null(names(prior))) prior <- prior[models]
  stats::setNames(prior / sum(prior), models)
}

confusion_task <- function(task, models, call) {
  if (!is.function(task)) {
    check_class(task, "rl_task", "a task, such as `task_bandit(c(0.2, 0.8), trials = 100)`, or a
      function that gives one", arg = "task", call = call)
  }
  study_tasks(task, models, call)
}

# By model, as true_values() gives them; models draw independently of each other.
confusion_truth <- function(parameters, models, subjects, nsim, seed, call) {
  if (!is.null(parameters) && (!is.list(parameters) || is.data.frame(parameters))) {
    rescorla_abort(c(
      "{.arg parameters} must be a list by model, or {.code NULL}.",
      x = "It is {describe_value(parameters)}.",
      i = "For example {.code parameters = list({names(models)[1L]} = list(...))}."
    ), "input", call = call)
  }
  refuse_unknown(rlang::names2(parameters), names(models), "parameters", "one of the models", call)
  truth <- lapply(seq_along(models), \(m) {
    true_values(parameters[[names(models)[m]]], models[[m]], subjects, nsim,
      job_seed(seed, m, stream = 2), call)
  })
  stats::setNames(truth, names(models))
}

confusion_jobs <- function(models, tasks, truth, subjects, nsim, rule, seed, call) {
  jobs <- list()
  for (m in seq_along(models)) for (replicate in seq_len(nsim)) {
    task <- tasks$get(1L, replicate)
    values <- truth[[m]]$values(replicate)
    cells <- if (rule$together) list(seq_len(subjects)) else
      unname(split(seq_len(subjects), (seq_len(subjects) - 1L) %/% cell_size))
    for (rows in cells) {
      number <- length(jobs) + 1L
      jobs[[number]] <- list(
        name = paste0(names(models)[m], ", replicate ", replicate), simulated = m,
        replicate = replicate, rows = rows, values = values[rows, , drop = FALSE],
        task = task_of_rows(task, rows, call), seed = job_seed(seed, number)
      )
    }
  }
  jobs
}
