#' Confidence intervals of a fit
#'
#' @param object A fit from [rl_fit()].
#' @param parm Names or numbers of free parameters; by default all.
#' @param level Confidence level.
#' @param method `"profile"`: the values at which the profile log-likelihood (the other parameters
#'   at their best) falls by half the chi-squared quantile below its maximum. `"curvature"`: the
#'   estimate plus and minus a normal quantile times its standard error, in natural units, cut off
#'   at the parameter's range; `NA` where there is no standard error. Profile intervals respect the
#'   range, need not be symmetric, and remain valid near a bound, where the others do not. For
#'   `rl_fit(method = "map")` the default is `"curvature"`, and `"profile"` goes by the log
#'   posterior on the unconstrained scale. `"boot"`: a parametric bootstrap. The fitted subjects play
#'   `task` anew `nsim` times, each replicate is fitted as the data were, and the limits are
#'   percentiles of the estimates (Efron & Tibshirani 1993).
#' @param subjects Subjects to do this for; by default all.
#' @param threads Number of threads.
#' @param nsim For `"boot"`: number of replicates, 20 or more.
#' @param task For `"boot"`: the task to play, as long as the data are; such as [task_bandit()]. The
#'   replicates vary as much as the estimates of subjects who play *that* task.
#' @param seed For `"boot"`: a whole number; if `NULL`, R's generator provides one.
#' @param checkpoint For `"boot"`: a folder that keeps finished replicates, as in [rl_fit()].
#' @param ... Not used.
#' @details
#' Replicates of the bootstrap run as jobs through [future::plan()], where one is set, with the same
#' result as without.
#' @return A data frame with a row for each subject and parameter: `subject`, `parameter`,
#'   `estimate`, `lower`, `upper`, `method`, and `lower_at_bound` and `upper_at_bound`, which tell
#'   that the limit is where the parameter's range (or the search) ends. Subjects that could not be
#'   fitted have `NA`.
#' @references
#' Venzon, D. J. & Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based
#' confidence intervals. *Applied Statistics*, 37, 87-94.
#'
#' Efron, B. & Tibshirani, R. J. (1993). *An Introduction to the Bootstrap*. Chapman & Hall.
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' head(confint(fit))
#' confint(fit, "alpha", level = 0.9, method = "curvature", subjects = coef(fit)$subject[1:3])
#' @importFrom stats confint
#' @export
confint.rl_fit <- function(object, parm, level = 0.95,
                           method = c("profile", "curvature", "boot"), subjects = NULL,
                           threads = NULL, nsim = 200, task = NULL, seed = NULL, checkpoint = NULL,
                           ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  parm <- if (missing(parm) || is.null(parm)) {
    object$parameters
  } else {
    pick_parameters(object, parm, call)
  }
  check_level(level)
  method <- if (missing(method)) {
    if (object$method == "map") "curvature" else "profile"
  } else {
    check_choice(method, c("profile", "curvature", "boot"))
  }
  check_boot_arguments(method, names(match.call()), call)
  rows <- pick_subjects(object, subjects, call)
  if (method == "boot") {
    return(boot_limits(object, parm, rows, level, nsim, task, seed, threads, checkpoint, call))
  }
  limits <- confint_frame(object, parm, rows, method)
  if (method == "curvature") {
    return(curvature_limits(object, limits, level))
  }
  threads <- resolve_threads(threads)
  usable <- rows[is_fitted(object)[rows]]
  if (length(usable) == 0L) {
    return(limits)
  }
  found <- profile_of_chunks(object, parm, usable, level, threads)
  place <- match(confint_key(limits), confint_key(found))
  for (column in c("lower", "upper", "lower_at_bound", "upper_at_bound")) {
    limits[[column]] <- found[[column]][place]
  }
  limits
}

check_boot_arguments <- function(method, given, call) {
  wrong <- intersect(c("nsim", "task", "seed", "checkpoint"), given)
  if (method == "boot" || length(wrong) == 0L) return(invisible())
  rescorla_abort(c("{.arg {wrong[1L]}} is not used by {.code method = \"{method}\"}.",
    i = "It is an argument of {.code method = \"boot\"}."), "input", arg = wrong[1L], call = call)
}

# Each subject's profile is its own: data in chunks are gone through one by one.
profile_of_chunks <- function(fit, parm, usable, level, threads) {
  subjects <- fit$data$subjects
  if (!inherits(fit$data, "rl_data_chunks")) {
    return(profile_limits(fit, parm, subjects[usable], level, threads))
  }
  chunk <- fit$data$chunk[usable]
  do.call(rbind, lapply(unique(chunk), \(i) {
    profile_limits(rl_chunk(fit, i), parm, subjects[usable[chunk == i]], level, threads)
  }))
}

confint_key <- function(limits) paste(limits$subject, limits$parameter, sep = "\r")

confint_frame <- function(fit, parm, rows, method) {
  data.frame(
    subject = rep(fit$data$subjects[rows], each = length(parm)),
    parameter = rep(parm, length(rows)),
    estimate = as.vector(t(fit$estimates[rows, parm, drop = FALSE])),
    lower = NA_real_, upper = NA_real_, method = method,
    lower_at_bound = NA, upper_at_bound = NA
  )
}

curvature_limits <- function(fit, limits, level) {
  cell <- cbind(
    match(as.character(limits$subject), rownames(fit$estimates)),
    match(limits$parameter, fit$parameters)
  )
  half <- stats::qnorm((1 + level) / 2) * fit$std_error[cell]
  range <- fit$model$parameters[match(limits$parameter, fit$model$parameters$name), ]
  limits$lower <- pmax(limits$estimate - half, range$lower)
  limits$upper <- pmin(limits$estimate + half, range$upper)
  limits$lower_at_bound <- limits$lower <= range$lower
  limits$upper_at_bound <- limits$upper >= range$upper
  limits
}

check_level <- function(level, arg = rlang::caller_arg(level), call = rlang::caller_env()) {
  check_number(level, arg = arg, call = call)
  if (level <= 0 || level >= 1) {
    abort_argument(level, "a number between 0 and 1", FALSE, arg, call)
  }
  level
}

pick_parameters <- function(fit, parm, call) {
  if (is.numeric(parm) && all(parm %in% seq_along(fit$parameters))) {
    return(fit$parameters[parm])
  }
  unknown <- setdiff(as.character(parm), fit$parameters)
  if (length(unknown) > 0L) {
    nearest <- nearest_name(unknown[1L], fit$parameters)
    rescorla_abort(c(
      "{.arg parm} names {.val {unknown[1L]}}, which is not a parameter of the fit.",
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "The parameters are {.val {fit$parameters}}."
    ), "input", call = call, parameter = unknown)
  }
  parm
}

# Rows of the fit's matrices.
pick_subjects <- function(fit, subjects, call, arg = "subjects") {
  known <- rownames(fit$estimates)
  if (is.null(subjects)) {
    return(seq_along(known))
  }
  unknown <- setdiff(as.character(subjects), known)
  if (length(unknown) > 0L) {
    rescorla_abort(c(
      "{cli::qty(length(unknown))}{.arg {arg}} names {?a subject that is/subjects that are} not in
       the fit: {name_some(unknown)}.",
      i = "The subjects are {name_some(known)}."
    ), "input", call = call, subjects = unknown)
  }
  match(unique(as.character(subjects)), known)
}
