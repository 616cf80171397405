# What a fit says about itself: printing and the generics of stats.

#' Methods for fits
#'
#' The generics of base R for the fits by subject of [rl_fit()].
#'
#' @param x,object A fit from [rl_fit()].
#' @param digits Number of significant digits.
#' @param n For `print()` of a summary: how many subjects to list that need a second look.
#' @param type `"response"`: one minus the probability of the observed response. `"deviance"`: the
#'   square root of minus twice its logarithm; the squares add up to the deviance. Both are at least
#'   zero: responses to alternatives have no direction.
#' @param ... Not used; for `update()` the arguments of [rl_fit()] to change.
#' @param evaluate Fit anew? If `FALSE`, `update()` returns the changed call.
#'
#' @details
#' Subjects that could not be fitted (status `"failed"` or `"interrupted"`) have `NA` in what is
#' reported by subject and by row, and are left out of sums: of `logLik()`, its `df` and `nobs()`.
#'
#' `AIC()` and `BIC()` go by `logLik()`: one criterion for all subjects together, the penalty of the
#' BIC taking the logarithm of the total number of responses. By subject they are in
#' `summary(fit)$subjects`, with each subject's own number of responses; [rl_compare()] adds those.
#'
#' `update()` fits the model and the data that the fit carries unless `model` or `data` are among
#' the changes, so it works on a fit read from a file as well.
#'
#' @return
#' * `coef()`: a data frame, `subject` and then the free parameters in the order of the model.
#' * `vcov()`: a list by subject of covariance matrices in natural units, `NA` for parameters at a
#'   bound or not identified.
#' * `logLik()`: the sum over subjects, an object of class `logLik` whose `df` is the number of
#'   parameters estimated, over all subjects.
#' * `nobs()`: the number of scored responses.
#' * `fitted()`: the probability (for continuous responses the density) of what was observed, a
#'   number for each row of the data in their order, `NA` where nothing was scored. With several
#'   responses on a trial it is their product.
#' * `residuals()`: likewise.
#' * `summary()`: a list of class `summary.rl_fit` with `parameters` (a row for each parameter),
#'   `subjects` (a data frame: `subject`, `n`, `loglik`, `aic`, `bic`, `status`, `message`, and for
#'   MAP fits `log_evidence`) and totals.
#' * `update()`: a fit.
#' @seealso [confint.rl_fit()], [predict.rl_fit()], [simulate.rl_fit()], [tidy.rl_fit()],
#'   [plot.rl_fit()], [rl_compare()].
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' summary(fit)
#' head(coef(fit))
#' vcov(fit)[[1]]
#' logLik(fit)
#' head(summary(fit)$subjects)
#' head(residuals(fit, "deviance"))
#' update(fit, method = "map")
#' @name rl_fit_methods
NULL

#' @rdname rl_fit_methods
#' @export
print.rl_fit <- function(x, ..., digits = 3L) {
  cat(
    clip(paste0("<rl_fit> ", model_title(x$model))),
    total_lines(fit_totals(x)),
    "",
    clip(table_lines(print_estimates(x, digits), left = c("parameter", "label"))),
    "",
    strwrap(status_text(x), 78L, indent = 2L, exdent = 4L),
    "Next: summary(fit), coef(fit), confint(fit), plot(fit), rl_compare(fit, other)",
    sep = "\n"
  )
  invisible(x)
}

# Medians over subjects, or the estimates of the only one.
print_estimates <- function(fit, digits) {
  rows <- parameter_summary(fit)
  shown <- data.frame(parameter = rows$parameter)
  if (nrow(fit$estimates) == 1L) {
    shown$estimate <- format_signif(fit$estimates[1L, ], digits)
    shown[["std. error"]] <- format_signif(fit$std_error[1L, ], digits)
  } else {
    shown$median <- format_signif(rows$median, digits)
    shown$IQR <- paste(format_signif(rows$q25, digits), "to", format_signif(rows$q75, digits))
  }
  if (any(rows$at_bound > 0)) shown[["at bound"]] <- rows$at_bound
  if (any(rows$flat > 0)) shown$flat <- rows$flat
  shown$label <- rows$label
  shown
}

#' @rdname rl_fit_methods
#' @export
summary.rl_fit <- function(object, ...) {
  structure(
    list(
      model = model_title(object$model),
      method = object$method,
      totals = fit_totals(object),
      parameters = parameter_summary(object),
      subjects = subject_summary(object),
      call = object$call
    ),
    class = "summary.rl_fit"
  )
}

#' @rdname rl_fit_methods
#' @export
print.summary.rl_fit <- function(x, ..., n = 10L, digits = 3L) {
  p <- x$parameters
  numbers <- lapply(p[c("mean", "sd", "median", "min", "max")], format_signif, digits)
  shown <- data.frame(parameter = p$parameter, numbers, check.names = FALSE)
  shown[["at bound"]] <- p$at_bound
  shown$flat <- p$flat
  subjects <- x$subjects
  cat(
    clip(paste0("Fit of ", x$model)),
    total_lines(x$totals),
    clip(paste0("  by subject: AIC ", format_criterion(sum(subjects$aic, na.rm = TRUE)),
      ", BIC ", format_criterion(sum(subjects$bic, na.rm = TRUE)), " (sums)")),
    "", "Estimates", table_lines(shown, left = "parameter"), "",
    paste0("Status: ", paste(names(table(subjects$status)), table(subjects$status), sep = " ",
      collapse = ", ")),
    sep = "\n"
  )
  odd <- subjects[subjects$status != "converged", c("subject", "status", "message")]
  if (nrow(odd) > 0L) {
    odd$subject <- as.character(odd$subject)
    cat(clip(table_lines(utils::head(odd, n), left = names(odd))), sep = "\n")
    if (nrow(odd) > n) cat("  ... and ", nrow(odd) - n, " more\n", sep = "")
  }
  cat("Next: summary(fit)$subjects, confint(fit), plot(fit)\n")
  invisible(x)
}

#' @rdname rl_fit_methods
#' @importFrom stats coef
#' @export
coef.rl_fit <- function(object, ...) {
  data.frame(subject = object$data$subjects, unname_rows(object$estimates), check.names = FALSE)
}

#' @rdname rl_fit_methods
#' @importFrom stats vcov
#' @export
vcov.rl_fit <- function(object, ...) object$vcov

#' @rdname rl_fit_methods
#' @importFrom stats logLik
#' @export
logLik.rl_fit <- function(object, ...) {
  fitted <- is_fitted(object)
  structure(
    sum(object$loglik[fitted]),
    df = sum(fitted) * length(object$parameters),
    nobs = stats::nobs(object),
    class = "logLik"
  )
}

#' @rdname rl_fit_methods
#' @importFrom stats nobs
#' @export
nobs.rl_fit <- function(object, ...) sum(object$nobs[is_fitted(object)])

#' @rdname rl_fit_methods
#' @importFrom stats fitted
#' @export
fitted.rl_fit <- function(object, ...) exp(row_log_lik(object, object$data))

#' @rdname rl_fit_methods
#' @importFrom stats residuals
#' @export
residuals.rl_fit <- function(object, type = c("response", "deviance"), ...) {
  type <- check_choice(type, c("response", "deviance"))
  log_lik <- row_log_lik(object, object$data)
  row_residuals(object$model, log_lik, type, rlang::current_env())
}

#' @rdname rl_fit_methods
#' @importFrom stats update
#' @export
update.rl_fit <- function(object, ..., evaluate = TRUE) {
  check_flag(evaluate)
  changes <- as.list(substitute(list(...)))[-1L]
  call <- rlang::current_env()
  if (length(changes) > 0L && !all(nzchar(rlang::names2(changes)))) {
    rescorla_abort(c(
      "The arguments of {.fn rl_fit} to change must be named.",
      i = "For example {.code update(fit, method = \"map\")}."
    ), "input", call = call)
  }
  changed <- as.list(object$call)
  changed[names(changes)] <- changes
  changed <- as.call(changed)
  if (!evaluate) return(changed)
  # What the fit carries is not looked up again: names may mean something else by now, or nothing.
  kept <- c("model", "data", intersect(c("method", "seed"), names(changed)))
  kept <- setdiff(kept, names(changes))
  if (has_episodes(object)) object$data <- fit_source_data(object)
  evaluated <- as.list(changed)
  evaluated[[1L]] <- quote(rl_fit)
  evaluated[kept] <- lapply(paste0(".", kept), as.symbol)
  # By names, so that conditions show a readable call.
  where <- rlang::new_environment(
    c(list(rl_fit = rl_fit), stats::setNames(object[kept], paste0(".", kept))),
    parent = rlang::caller_env()
  )
  fit <- eval(as.call(evaluated), where)
  fit$call <- changed
  fit
}

# --- what the methods share -------------------------------------------------------------------

is_fitted <- function(fit) is.finite(unname(fit$loglik)) & !is.na(rowSums(fit$estimates))

unname_rows <- function(x) {
  rownames(x) <- NULL
  x
}

# Every parameter of the model for each of `ids`. Subjects without a fit get values that will do to
# run the model; `unfitted` tells whose results are to be blanked.
fit_values <- function(fit, ids) {
  table <- fit$model$parameters
  values <- matrix(table$fixed, length(ids), nrow(table), byrow = TRUE,
    dimnames = list(as.character(ids), table$name))
  values[, fit$parameters] <- fit$estimates[match(as.character(ids), rownames(fit$estimates)), ]
  unfitted <- is.na(rowSums(values))
  standin <- pmin(pmax(0.5, table$lower), table$upper)
  values[unfitted, ] <- rep(ifelse(is.na(table$fixed), standin, table$fixed), each = sum(unfitted))
  list(values = values, unfitted = unfitted)
}

# TRUE for the rows of the data frame that belong to the subjects marked.
rows_of_subjects <- function(data, marked) marked[data$row_subject][order_of_rows(data)]

# One log-likelihood for each row of the data frame, in its order.
row_log_lik <- function(fit, data, call = rlang::caller_env()) {
  given <- fit_values(fit, data$subjects)
  x <- pointwise_loglik(fit$model, data, given$values, resolve_threads(NULL), call)
  x[rows_of_subjects(data, given$unfitted)] <- NA_real_
  x
}

row_residuals <- function(model, log_lik, type, call = rlang::caller_env()) {
  if (length(model$program$numeric_responses) > 0L) {
    rescorla_abort(c(
      "Residuals are defined for responses with probabilities.",
      x = "Model {.val {model$name}} has a continuous response
           ({.code {model$program$numeric_responses}}).",
      i = "`predict(fit, type = \"latent\")` gives the expected response of every row."
    ), "model", call = call)
  }
  # Rounding may leave a certain response a hair above probability one.
  if (type == "response") pmax(-expm1(log_lik), 0) else sqrt(pmax(-2 * log_lik, 0))
}

parameter_summary <- function(fit) {
  x <- fit$estimates[is_fitted(fit), , drop = FALSE]
  each <- function(f) if (nrow(x) > 0L) unname(apply(x, 2L, f)) else rep(NA_real_, ncol(x))
  table <- fit$model$parameters
  data.frame(
    parameter = fit$parameters,
    label = table$label[match(fit$parameters, table$name)],
    mean = each(mean), sd = each(stats::sd), median = each(stats::median),
    q25 = each(\(v) stats::quantile(v, 0.25)), q75 = each(\(v) stats::quantile(v, 0.75)),
    min = each(min), max = each(max),
    at_bound = unname(colSums(fit$at_bound)), flat = unname(colSums(fit$flat))
  )
}

subject_summary <- function(fit) {
  p <- length(fit$parameters)
  loglik <- ifelse(is_fitted(fit), unname(fit$loglik), NA_real_)
  rows <- data.frame(
    subject = fit$data$subjects,
    n = unname(fit$nobs),
    loglik = loglik,
    aic = 2 * p - 2 * loglik,
    bic = p * log(unname(fit$nobs)) - 2 * loglik,
    status = unname(fit$status),
    message = unname(fit$message)
  )
  if (!is.null(fit$log_evidence)) rows$log_evidence <- unname(fit$log_evidence)
  rows
}

fit_totals <- function(fit) {
  log_lik <- stats::logLik(fit)
  list(
    method = fit$method, subjects = length(fit$data$subjects), trials = fit$data$counts$trials,
    nobs = attr(log_lik, "nobs"), loglik = as.numeric(log_lik), df = attr(log_lik, "df"),
    aic = stats::AIC(log_lik), bic = stats::BIC(log_lik),
    log_evidence = switch(fit$method, map = sum(fit$log_evidence[is_fitted(fit)]),
      em = sum(fit$group$log_evidence, na.rm = TRUE)),
    backend = fit$backend
  )
}

total_lines <- function(found) {
  clip(c(
    paste0("  ", method_label(found$method), ", ", plural(found$subjects, "subject"), ", ",
      plural(found$trials, "trial"), ", ", plural(found$nobs, "response"), " scored"),
    paste0("  log-likelihood ", format_criterion(found$loglik), " (df = ", format_count(found$df),
      "), AIC ", format_criterion(found$aic), ", BIC ", format_criterion(found$bic)),
    if (!is.null(found$log_evidence)) {
      paste0("  log evidence ", format_criterion(found$log_evidence), " (Laplace)")
    },
    if (identical(found$backend, "cuda")) "  computed on a GPU"
  ))
}

status_text <- function(fit) {
  named <- \(marked, what) {
    if (any(marked)) {
      paste0(format_count(sum(marked)), " ", what, " (", name_some(names(fit$status)[marked]), ")")
    }
  }
  bound <- fit$converged & rowSums(fit$at_bound) > 0
  flat <- fit$converged & rowSums(fit$flat) > 0
  done <- paste(c(
    paste0(format_count(sum(fit$converged)), " of ", plural(length(fit$status), "subject"),
      " converged"),
    named(bound, "of them at a bound"),
    named(flat, "of them with a parameter that is not identified")
  ), collapse = ", ")
  others <- c("not converged", "failed", "interrupted")
  paste0(paste(c(done, unlist(lapply(others, \(x) named(fit$status == x, x)))), collapse = "; "),
    ".")
}

model_title <- function(model) {
  paste0(model$name, if (!is.null(model$id)) paste0(" (\"", model$id, "\")"))
}

method_label <- function(method) {
  switch(method, mle = "maximum likelihood", map = "maximum a posteriori", method)
}

format_signif <- function(x, digits = 3L) {
  vapply(signif(x, digits), \(v) if (is.na(v)) "NA" else format(v, digits = digits), "")
}

format_criterion <- function(x) formatC(x, digits = 1L, format = "f", big.mark = ",")

# A data frame as aligned lines, headed by its names; columns named in `left` are set flush left.
table_lines <- function(frame, left = character(), indent = "  ") {
  cells <- lapply(names(frame), \(name) {
    text <- c(name, as.character(frame[[name]]))
    text[is.na(text)] <- "NA"
    formatC(text, width = max(nchar(text, "width")), flag = if (name %in% left) "-" else "")
  })
  trimws(paste0(indent, do.call(paste, c(cells, sep = "  "))), "right")
}
