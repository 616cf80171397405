# Which model describes the data best.

#' Compare fits
#'
#' Akaike's and Schwarz' information criteria of several fits to the same data, by subject and in
#' total.
#'
#' @details
#' For a subject with log-likelihood \eqn{\ell}, k parameters and n scored responses, AIC is
#' \eqn{2k - 2\ell} and BIC is \eqn{k \log n - 2\ell}; lower is better. Totals are sums over
#' subjects, so that every subject's parameters are counted against that subject's responses.
#' (`BIC(fit)` sees one model of all subjects instead, and takes the logarithm of the total number
#' of responses.) Differences are to the best fit. Weights, \eqn{\exp(-\Delta/2)} over their sum,
#' are the relative support for each model; by subject they say how clear a subject is.
#'
#' Subjects that some fit could not do are left out of the totals of all. Fits by
#' `rl_fit(method = "map")` enter with their log-likelihood at the posterior mode, which is below
#' its maximum.
#' @param ... Fits from [rl_fit()], or one list of them. The names of the arguments, or else the
#'   expressions, name the models.
#' @param x An object of class `rl_compare`.
#' @param digits Digits after the decimal point.
#' @param row.names,optional Not used; part of the generic.
#' @return An object of class `rl_compare`, a list:
#' * `models`: a data frame with a row for each fit: `model`, `parameters` (for each subject), `df`
#'   (over all subjects), `loglik`, `aic`, `bic`, `delta_aic`, `delta_bic`, `weight_aic`,
#'   `weight_bic`, `best_aic`, `best_bic` (how many subjects it describes best; ties go to the fit
#'   given first). `as.data.frame()` returns it.
#' * `subjects`: the same for each subject and fit: `subject`, `model`, `n` (scored responses),
#'   `loglik`, `aic`, `bic`, their differences and weights.
#' * `n_subjects`, `left_out` (subjects not in the totals), `nobs`, `methods`.
#' @section Errors: Fits to different data give a condition of class `rescorla_error_input` that
#'   says what differs first: the subjects, their responses or outcomes, or which rows are scored.
#'   Data with other blocks or other further columns count as the same.
#' @references
#' Burnham, K. P. & Anderson, D. R. (2002). *Model selection and multimodel inference* (2nd ed.).
#' Springer.
#' @examples
#' data <- rl_data(bandit_example)
#' comparison <- rl_compare(
#'   rw = rl_fit("rw", data, starts = 5, seed = 1),
#'   asymmetric = rl_fit("rw_asymmetric", data, starts = 5, seed = 1)
#' )
#' comparison
#' head(comparison$subjects)
#' @export
rl_compare <- function(...) {
  call <- rlang::current_env()
  fits <- named_fits(rlang::list2(...), as.list(substitute(list(...)))[-1L], call)
  check_same_data(fits, call)
  log_lik <- vapply(fits, \(fit) ifelse(is_fitted(fit), unname(fit$loglik), NA_real_),
    numeric(length(fits[[1L]]$loglik)))
  log_lik <- matrix(log_lik, ncol = length(fits), dimnames = list(NULL, names(fits)))
  size <- vapply(fits, \(fit) length(fit$parameters), 0L)
  n <- unname(fits[[1L]]$nobs)
  usable <- !is.na(rowSums(log_lik))
  subjects <- compare_subjects(fits[[1L]]$data$subjects, log_lik, size, n)
  structure(
    list(
      models = compare_models(subjects, names(fits), size, usable),
      subjects = subjects,
      n_subjects = sum(usable),
      left_out = fits[[1L]]$data$subjects[!usable],
      nobs = sum(n[usable]),
      methods = vapply(fits, `[[`, "", "method")
    ),
    class = "rl_compare"
  )
}

named_fits <- function(fits, expressions, call) {
  if (length(fits) == 1L && is.list(fits[[1L]]) && !inherits(fits[[1L]], "rl_fit")) {
    fits <- fits[[1L]]
    expressions <- list()
  }
  fit <- vapply(fits, inherits, NA, "rl_fit")
  if (!all(fit)) {
    rescorla_abort(c(
      "{.fn rl_compare} takes fits from {.fn rl_fit}.",
      x = "Argument {which(!fit)[1L]} is {describe_value(fits[[which(!fit)[1L]]])}."
    ), "input", call = call)
  }
  if (length(fits) < 2L) {
    rescorla_abort(c(
      "{.fn rl_compare} needs two fits or more, not {length(fits)}.",
      i = "For example {.code rl_compare(rw = fit1, asymmetric = fit2)}."
    ), "input", call = call)
  }
  names <- rlang::names2(fits)
  for (i in which(!nzchar(names))) {
    model <- fits[[i]]$model
    symbol <- length(expressions) == length(fits) && is.symbol(expressions[[i]])
    names[i] <- if (symbol) as.character(expressions[[i]]) else model$id %||% model$name
  }
  stats::setNames(fits, make.unique(names, sep = "_"))
}

# One row for each subject and fit, those of a subject together.
compare_subjects <- function(ids, log_lik, size, n) {
  models <- colnames(log_lik)
  penalty_bic <- outer(log(n), size)
  aic <- sweep(-2 * log_lik, 2L, 2 * size, `+`)
  bic <- -2 * log_lik + penalty_bic
  long <- \(x) as.vector(t(x))
  data.frame(
    subject = rep(ids, each = length(models)),
    model = rep(models, length(ids)),
    n = rep(n, each = length(models)),
    loglik = long(log_lik), aic = long(aic), bic = long(bic),
    delta_aic = long(criterion_delta(aic)), delta_bic = long(criterion_delta(bic)),
    weight_aic = long(criterion_weight(aic)), weight_bic = long(criterion_weight(bic))
  )
}

# Both by row: a row is a subject (or the total), a column a model.
criterion_delta <- function(x) x - do.call(pmin, lapply(seq_len(ncol(x)), \(j) x[, j]))

criterion_weight <- function(x) {
  w <- exp(-criterion_delta(x) / 2)
  w / rowSums(w)
}

compare_models <- function(subjects, models, size, usable) {
  wide <- \(name) {
    matrix(subjects[[name]], ncol = length(models), byrow = TRUE)[usable, , drop = FALSE]
  }
  total <- \(name) colSums(wide(name))
  best <- \(name) tabulate(apply(wide(name), 1L, which.min), length(models))
  criterion <- \(f, name) as.vector(f(t(total(name))))
  data.frame(
    model = models, parameters = unname(size), df = unname(size) * sum(usable),
    loglik = total("loglik"), aic = total("aic"), bic = total("bic"),
    delta_aic = criterion(criterion_delta, "aic"), delta_bic = criterion(criterion_delta, "bic"),
    weight_aic = criterion(criterion_weight, "aic"),
    weight_bic = criterion(criterion_weight, "bic"),
    best_aic = best("aic"), best_bic = best("bic")
  )
}

#' @rdname rl_compare
#' @export
print.rl_compare <- function(x, ..., digits = 1L) {
  m <- x$models
  number <- \(v) formatC(v, digits = digits, format = "f", big.mark = ",")
  weight <- \(v) formatC(v, digits = 3L, format = "f")
  name <- m$model
  long <- nchar(name, "width") > 20L
  name[long] <- paste0(strtrim(name[long], 17L), "...")
  shown <- data.frame(
    model = name, k = m$parameters, logLik = number(m$loglik),
    AIC = number(m$aic), dAIC = number(m$delta_aic), BIC = number(m$bic), dBIC = number(m$delta_bic)
  )
  support <- data.frame(
    model = name, "AIC weight" = weight(m$weight_aic), "BIC weight" = weight(m$weight_bic),
    "best by AIC" = m$best_aic, "best by BIC" = m$best_bic, check.names = FALSE
  )
  cat(
    clip(paste0("<rl_compare> ", plural(nrow(m), "model"), ", ", plural(x$n_subjects, "subject"),
      ", ", plural(x$nobs, "response"))),
    "Sums over subjects (lower is better; d: difference to the best)",
    table_lines(shown, left = "model"),
    "",
    "Weights of these sums, and how many subjects each model describes best",
    table_lines(support, left = "model"),
    if (length(x$left_out) > 0L) {
      clip(paste0("Left out, not fitted by all: ", name_some(x$left_out)))
    },
    if (any(x$methods == "map")) "Log-likelihoods of MAP fits are those at the posterior mode.",
    "Next: x$subjects (by subject), as.data.frame(x), plot(x)",
    sep = "\n"
  )
  invisible(x)
}

#' @rdname rl_compare
#' @export
as.data.frame.rl_compare <- function(x, row.names = NULL, optional = FALSE, ...) x$models
