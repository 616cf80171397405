#' @importFrom generics tidy
#' @export
generics::tidy

#' @importFrom generics glance
#' @export
generics::glance

#' @importFrom generics augment
#' @export
generics::augment

#' Tidy a fit
#'
#' Fits as data frames, in the manner of the broom package: `tidy()` by subject and parameter,
#' `glance()` in one row, `augment()` by row of the data.
#'
#' @param x A fit from [rl_fit()].
#' @param effects For hierarchical fits: `"subjects"`, or `"group"` for the rows of
#'   `summary(x)$group`, with `conf.low` and `conf.high` as limits of 90%.
#' @param conf.int Add confidence limits?
#' @param conf.level,conf.method Their level and their method: see [confint.rl_fit()].
#' @param newdata As in [predict.rl_fit()].
#' @param ... Not used.
#' @return
#' * `tidy()`: a data frame with a row for each subject and parameter: `subject`, `term`,
#'   `estimate`, `std.error`, `conf.low` and `conf.high` where asked for, and for MAP fits
#'   `log_evidence`, that of the subject.
#' * `glance()`: a data frame with one row: `model`, `method`, `subjects`, `nobs`, `logLik`, `df`,
#'   `AIC`, `BIC` (as `AIC(x)` and `BIC(x)`), `converged` (how many subjects, those with a bound or
#'   a flat direction included), `at_bound` (how many have an estimate there), `log_evidence`
#'   (summed; `NA` unless the method is `"map"`).
#' * `augment()`: the data frame of the fit (or `newdata`), in its order, with `.fitted` (the
#'   probability of the observed response), `.resid` (one minus it), `p_<action>`, states and locals
#'   as in [rl_latents()]. A name that the data already use gets a dot in front.
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' head(tidy(fit))
#' glance(fit)
#' head(augment(fit))
#' @name tidy.rl_fit
NULL

#' @rdname tidy.rl_fit
#' @export
tidy.rl_fit <- function(x, conf.int = FALSE, conf.level = 0.95,
                        conf.method = c("profile", "curvature"), ...) {
  check_flag(conf.int)
  size <- length(x$parameters)
  rows <- data.frame(
    subject = rep(x$data$subjects, each = size),
    term = rep(x$parameters, length(x$data$subjects)),
    estimate = as.vector(t(x$estimates)),
    std.error = as.vector(t(x$std_error))
  )
  if (conf.int) {
    limits <- if (missing(conf.method)) {
      stats::confint(x, level = conf.level)
    } else {
      stats::confint(x, level = conf.level, method = conf.method)
    }
    rows$conf.low <- limits$lower
    rows$conf.high <- limits$upper
  }
  if (x$method == "map") rows$log_evidence <- rep(unname(x$log_evidence), each = size)
  rows
}

#' @rdname tidy.rl_fit
#' @export
tidy.rl_fit_group <- function(x, effects = c("subjects", "group"), ...) {
  effects <- check_choice(effects, c("subjects", "group"))
  if (effects == "group") {
    rows <- group_table(x)
    return(data.frame(term = rows$parameter, estimate = rows$median, std.error = rows$sd,
      conf.low = rows$q5, conf.high = rows$q95))
  }
  size <- length(x$parameters)
  ids <- unit_ids(x)
  data.frame(ids[rep(seq_len(nrow(ids)), each = size), , drop = FALSE],
    term = rep(x$parameters, nrow(ids)), estimate = as.vector(t(x$estimates)),
    std.error = as.vector(t(x$std_error)), row.names = NULL)
}

#' @rdname tidy.rl_fit
#' @export
glance.rl_fit <- function(x, ...) {
  found <- fit_totals(x)
  data.frame(
    model = x$model$id %||% x$model$name,
    method = x$method,
    subjects = found$subjects,
    nobs = found$nobs,
    logLik = found$loglik,
    df = found$df,
    AIC = found$aic,
    BIC = found$bic,
    converged = sum(x$converged),
    at_bound = sum(rowSums(x$at_bound) > 0),
    log_evidence = found$log_evidence %||% NA_real_
  )
}

#' @rdname tidy.rl_fit
#' @export
augment.rl_fit <- function(x, newdata = NULL, ...) {
  call <- rlang::current_env()
  data <- predict_data(x, newdata, call)
  latents <- stats::predict(x, newdata = data, type = "latent")
  added <- latents[setdiff(names(latents), c("subject", "block", "trial", names(data$responses)))]
  log_lik <- added$log_lik
  added$log_lik <- NULL
  added <- c(list(.fitted = exp(log_lik)), added)
  if (length(x$model$program$numeric_responses) == 0L) {
    added <- append(added, list(.resid = row_residuals(x$model, log_lik, "response")), after = 1L)
  }
  taken <- names(added) %in% names(data$data)
  names(added)[taken] <- paste0(".", names(added)[taken])
  result <- data$data
  result[names(added)] <- added
  result
}
