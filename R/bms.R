# Which model is most frequent in the population that the subjects come from.

#' Random-effects Bayesian model selection
#'
#' Subjects may differ in the model that describes them. From each subject's log evidence for each
#' model follow the frequencies of the models in the population, the probability that a model is the
#' most frequent one, and the risk that there is no difference at all.
#'
#' @details
#' The frequencies \eqn{r} of K models have a Dirichlet prior with counts \eqn{\alpha_0}, every
#' subject n has one model \eqn{m_n}, drawn by these frequencies, and data of evidence
#' \eqn{p(y_n \mid m_n)}. The posterior is approximated by \eqn{q(r)\,q(m)}, whose parts are updated
#' in turn until the free energy \eqn{F_1}, a lower bound of the log evidence of it all, is at rest:
#' \deqn{g_{nk} \propto \exp\{\log p(y_n \mid m_k) + \psi(\alpha_k)\},\qquad
#'   \alpha_k = \alpha_{0k} + \sum_n g_{nk}}
#' (Stephan et al. 2009). The *exceedance probability* of a model is the probability, under the
#' Dirichlet posterior, that it is more frequent than every other. It is computed by the incomplete
#' beta function for two models and by the integral
#' \eqn{\int f(x;\alpha_k) \prod_{j \ne k} F(x;\alpha_j)\,dx} over gamma densities f and their
#' distribution functions F for more, without sampling.
#'
#' The *Bayesian omnibus risk* is the posterior probability that all models are equally frequent,
#' \eqn{1/(1+e^{F_1-F_0})} with
#' \eqn{F_0 = \sum_n \log \sum_k p(y_n \mid m_k) / K}. The *protected* exceedance probability takes
#' it into account: \eqn{(1-\mathrm{BOR})\,\varphi_k + \mathrm{BOR}/K} (Rigoux et al. 2014). It is
#' the one to report.
#'
#' With families of models the prior counts are 1 over the size of a model's family, so that all
#' families have the same weight however many models they hold, and the omnibus risk is that of
#' equally frequent families. The frequency of a family is the sum of those of its models and has a
#' Dirichlet posterior as well, its counts the sums of theirs (Penny et al. 2010).
#' @param evidence Log evidences: a matrix or data frame with a row for each subject and a column
#'   for each model, named by model. A column `subject` of a data frame names the subjects. Besides
#'   the `log_evidence` of `rl_fit(method = "map")`, -BIC/2 will do. `-Inf` excludes a model for a
#'   subject.
#' @param families Families of models: a named list such as
#'   `list(plain = "rw", dual = c("rw_asymmetric", "dual"))`, or a factor that gives the family of
#'   each model, in the order of the columns or named by model.
#' @param prior Prior Dirichlet counts: one number for all models or one for each. By default 1 each
#'   or, with families, 1 over the size of the family.
#' @param x An object of class `rl_bms`.
#' @param digits Digits after the decimal point.
#' @param row.names,optional,... Not used; part of the generic.
#' @return An object of class `rl_bms`, a list:
#' * `models`: a data frame with a row for each model: `model`, `alpha` (posterior Dirichlet
#'   count), `frequency` (its expected frequency), `frequency_sd` (the standard deviation of that),
#'   `exceedance`, `protected_exceedance`. `as.data.frame()` returns it.
#' * `families`: the same for families, with `size`, or `NULL`.
#' * `responsibilities`: a subjects x models matrix, the probability that a subject's data come from
#'   a model.
#' * `bor`: the Bayesian omnibus risk; `free_energy`: named numbers `F1` and `F0`.
#' * `prior`, `n_subjects`, `iterations`, `converged`.
#' @references
#' Stephan, K. E., Penny, W. D., Daunizeau, J., Moran, R. J. & Friston, K. J. (2009). Bayesian model
#' selection for group studies. *NeuroImage*, 46, 1004-1017.
#'
#' Penny, W. D., Stephan, K. E., Daunizeau, J., Rosa, M. J., Friston, K. J., Schofield, T. M. &
#' Leff, A. P. (2010). Comparing families of dynamic causal models. *PLoS Computational Biology*,
#' 6(3), e1000709.
#'
#' Rigoux, L., Stephan, K. E., Friston, K. J. & Daunizeau, J. (2014). Bayesian model selection for
#' group studies - revisited. *NeuroImage*, 84, 971-985.
#' @seealso [rl_compare()] for information criteria.
#' @examples
#' data <- rl_data(bandit_example)
#' models <- c("rw", "rw_asymmetric")
#' fits <- lapply(models, rl_fit, data = data, method = "map", starts = 5, seed = 1)
#' evidence <- sapply(fits, function(fit) fit$log_evidence)
#' colnames(evidence) <- models
#' selection <- rl_bms(evidence)
#' selection
#' head(selection$responsibilities)
#' @export
rl_bms <- function(evidence, families = NULL, prior = NULL) {
  call <- rlang::current_env()
  evidence <- check_evidence(evidence, call)
  models <- colnames(evidence)
  family <- check_families(families, models, call)
  prior <- check_counts(prior, models, family, call)
  found <- bms_frequencies(evidence, prior)
  f0 <- bms_null(evidence, null_frequencies(models, family))
  bor <- stats::plogis(f0 - found$f1)
  new_bms(evidence, family, prior, found, f0, bor, call)
}

new_bms <- function(evidence, family, prior, found, f0, bor, call) {
  models <- colnames(evidence)
  if (!found$converged) {
    rescorla_warn(c(
      "Model selection has not converged after {found$iterations} iterations.",
      i = "Look at the differences between the columns of {.arg evidence}."
    ), "convergence", call = call)
  }
  structure(
    list(
      models = data.frame(model = models, dirichlet_summary(found$alpha, bor)),
      families = if (!is.null(family)) {
        size <- as.vector(table(family))
        alpha <- as.vector(tapply(found$alpha, family, sum))
        data.frame(family = levels(family), size = size, dirichlet_summary(alpha, bor))
      },
      responsibilities = found$g,
      bor = bor,
      free_energy = c(F1 = found$f1, F0 = f0),
      prior = stats::setNames(prior, models),
      n_subjects = nrow(evidence),
      iterations = found$iterations,
      converged = found$converged
    ),
    class = "rl_bms"
  )
}

# --- inference --------------------------------------------------------------------------------

# The free energy settles long before the counts do (its error is the square of theirs), so that
# both have to be at rest.
bms_frequencies <- function(evidence, prior, iterations = 10000L, tolerance = 1e-9) {
  alpha <- prior + nrow(evidence) / ncol(evidence)
  f1 <- -Inf
  for (i in seq_len(iterations)) {
    before <- list(alpha = alpha, f1 = f1)
    g <- row_softmax(sweep(evidence, 2L, digamma(alpha), `+`))
    alpha <- prior + unname(colSums(g))
    f1 <- bms_free_energy(evidence, g, alpha, prior)
    converged <- abs(f1 - before$f1) < tolerance * (1 + abs(f1)) &&
      max(abs(alpha - before$alpha)) < tolerance * nrow(evidence)
    if (converged) break
  }
  list(g = g, alpha = alpha, f1 = f1, iterations = i, converged = converged)
}

# E log p(y, m, r) - E log q(m) - E log q(r).
bms_free_energy <- function(evidence, g, alpha, prior) {
  log_r <- digamma(alpha) - digamma(sum(alpha))
  joint <- sweep(evidence, 2L, log_r, `+`) - log(g)
  # A model that is excluded adds 0 log 0.
  sum((g * joint)[g > 0]) - dirichlet_divergence(alpha, prior, log_r)
}

# Kullback-Leibler divergence of a Dirichlet posterior from its prior; `log_r` is E log r.
dirichlet_divergence <- function(alpha, prior, log_r = digamma(alpha) - digamma(sum(alpha))) {
  log_norm <- \(a) lgamma(sum(a)) - sum(lgamma(a))
  log_norm(alpha) - log_norm(prior) + sum((alpha - prior) * log_r)
}

# With frequencies known the log evidence is exact.
bms_null <- function(evidence, frequencies) {
  sum(row_log_sum(sweep(evidence, 2L, log(frequencies), `+`)))
}

# Equally frequent models or, with families, equally frequent families of equally frequent models.
null_frequencies <- function(models, family) {
  if (is.null(family)) {
    return(rep(1 / length(models), length(models)))
  }
  1 / nlevels(family) / family_size(family)
}

family_size <- function(family) as.vector(table(family))[as.integer(family)]

row_softmax <- function(x) exp(x - row_log_sum(x))

row_log_sum <- function(x) {
  top <- apply(x, 1L, max)
  top + log(rowSums(exp(x - top)))
}

dirichlet_summary <- function(alpha, bor) {
  total <- sum(alpha)
  exceedance <- dirichlet_exceedance(alpha)
  data.frame(
    alpha = alpha,
    frequency = alpha / total,
    frequency_sd = sqrt(alpha * (total - alpha) / (total^2 * (total + 1))),
    exceedance = exceedance,
    protected_exceedance = (1 - bor) * exceedance + bor / length(alpha)
  )
}

# Probability of each share of a Dirichlet variable to be the largest. Shares are gamma variables
# over their sum, so the largest gamma variable decides. Over t = log x the integrand is analytic,
# falls off exponentially and has its width in common with the density of the largest one, so that
# the trapezoidal rule converges exponentially: it is exact to rounding here.
dirichlet_exceedance <- function(alpha) {
  k <- length(alpha)
  if (k <= 2L) {
    return(if (k == 2L) stats::pbeta(0.5, alpha, rev(alpha), lower.tail = FALSE) else 1)
  }
  tail <- 1e-18
  ends <- c(
    max(log(stats::qgamma(tail, max(alpha))), -700),
    log(max(stats::qgamma(tail, alpha, lower.tail = FALSE)))
  )
  # Small counts have long tails to the left, but no detail finer than about 1.
  points <- max(1001, ceiling(diff(ends) / 0.1))
  t <- seq(ends[1L], ends[2L], length.out = points)
  log_f <- vapply(alpha, \(a) stats::dgamma(exp(t), a, log = TRUE) + t, t)
  log_p <- vapply(alpha, \(a) stats::pgamma(exp(t), a, log.p = TRUE), t)
  mass <- colSums(exp(log_f - log_p + rowSums(log_p)))
  mass / sum(mass)
}

# --- arguments --------------------------------------------------------------------------------

check_evidence <- function(evidence, call) {
  evidence <- evidence_matrix(evidence, call)
  named <- colnames(evidence)
  if (ncol(evidence) < 2L || nrow(evidence) < 1L) {
    rescorla_abort(c(
      "{.arg evidence} must have two models (columns) or more, and subjects (rows).",
      x = "It has {nrow(evidence)} row{?s} and {ncol(evidence)} column{?s}."
    ), "input", call = call)
  }
  if (is.null(named) || anyNA(named) || any(!nzchar(named)) || anyDuplicated(named)) {
    rescorla_abort(c(
      "The columns of {.arg evidence} must be named by model, each name once.",
      i = "For example {.code colnames(evidence) <- c(\"rw\", \"rw_asymmetric\")}."
    ), "input", call = call)
  }
  abort_evidence(evidence, rowSums(is.na(evidence) | evidence == Inf) > 0,
    "a missing or infinite log evidence", "Fit these subjects again, or leave them out.", call)
  abort_evidence(evidence, rowSums(evidence > -Inf) == 0, "no finite log evidence at all",
    "At least one model must be possible for every subject.", call)
  evidence
}

evidence_matrix <- function(evidence, call) {
  if (is.data.frame(evidence)) {
    ids <- if ("subject" %in% names(evidence)) as.character(evidence$subject)
    evidence <- evidence[setdiff(names(evidence), "subject")]
    numeric <- vapply(evidence, is.numeric, NA)
    if (!all(numeric)) {
      rescorla_abort(c(
        "The columns of {.arg evidence} must be numbers, apart from {.code subject}.",
        x = "Column {.code {names(evidence)[!numeric][1L]}} is not."
      ), "input", call = call)
    }
    evidence <- as.matrix(evidence)
    rownames(evidence) <- ids %||% rownames(evidence)
  }
  if (!is.matrix(evidence) || !is.numeric(evidence)) {
    abort_argument(evidence, "a matrix of log evidences, subjects by models", FALSE, "evidence",
      call)
  }
  if (is.null(rownames(evidence))) rownames(evidence) <- seq_len(nrow(evidence))
  storage.mode(evidence) <- "double"
  evidence
}

abort_evidence <- function(evidence, bad, what, advice, call) {
  if (!any(bad)) {
    return(invisible())
  }
  ids <- rownames(evidence)[bad]
  rescorla_abort(c(
    "{sum(bad)} subject{?s} {?has/have} {what}: {name_some(ids)}.",
    i = advice
  ), "input", call = call, subjects = ids)
}

# The family of each model, a factor, or NULL.
check_families <- function(families, models, call) {
  if (is.null(families)) {
    return(NULL)
  }
  if (is.list(families)) {
    named <- unlist(families, use.names = FALSE)
    family <- rep(rlang::names2(families), lengths(families))
  } else {
    named <- names(families) %||% models
    family <- as.character(families)
    if (length(named) != length(family)) named <- NULL
  }
  complete <- setequal(named, models) && !anyDuplicated(named)
  if (!complete || anyNA(family) || any(!nzchar(family))) {
    rescorla_abort(c(
      "{.arg families} must put every model into one family.",
      x = if (!is.null(named)) family_problem(named, models),
      i = "For example {.code families = list(one = \"{models[1L]}\", two = \"{models[2L]}\")}."
    ), "input", call = call)
  }
  factor(family, unique(family))[match(models, named)]
}

family_problem <- function(named, models) {
  lists <- list(
    "without a family" = setdiff(models, named),
    "not in {.arg evidence}" = setdiff(named, models),
    "in two families" = named[duplicated(named)]
  )
  lists <- lists[lengths(lists) > 0L]
  if (length(lists) > 0L) {
    paste0(escape_braces(name_some(lists[[1L]], quote = TRUE)), ": ", names(lists)[1L], ".")
  }
}

check_counts <- function(prior, models, family, call) {
  if (is.null(prior)) {
    return(if (is.null(family)) rep(1, length(models)) else 1 / family_size(family))
  }
  number <- is.numeric(prior) && length(prior) %in% c(1L, length(models))
  if (!number || !all(is.finite(prior) & prior > 0)) {
    abort_argument(prior, "positive numbers, one or one for each model,", TRUE, "prior", call)
  }
  if (!is.null(names(prior)) && setequal(names(prior), models)) prior <- prior[models]
  rep_len(as.double(prior), length(models))
}

# --- methods ----------------------------------------------------------------------------------

#' @rdname rl_bms
#' @export
print.rl_bms <- function(x, ..., digits = 3L) {
  cat(
    clip(paste0("<rl_bms> ", plural(nrow(x$models), "model"), ", ",
      plural(x$n_subjects, "subject"))),
    "Model frequencies, and the probability that a model is the most frequent one",
    clip(table_lines(frequency_table(x$models, digits), left = "model")),
    if (!is.null(x$families)) {
      c("", "Families", clip(table_lines(frequency_table(x$families, digits), left = "family")))
    },
    "",
    paste0("Bayesian omnibus risk ", formatC(x$bor, digits = digits, format = "f"), " (that all ",
      if (is.null(x$families)) "models" else "families", " are equally frequent)"),
    "Next: x$responsibilities (by subject), as.data.frame(x)",
    sep = "\n"
  )
  invisible(x)
}

frequency_table <- function(frame, digits) {
  number <- \(v) formatC(v, digits = digits, format = "f")
  name <- frame[[1L]]
  long <- nchar(name, "width") > 24L
  name[long] <- paste0(strtrim(name[long], 21L), "...")
  shown <- data.frame(name)
  names(shown) <- names(frame)[1L]
  if (!is.null(frame$size)) shown$size <- frame$size
  shown$frequency <- number(frame$frequency)
  if (!is.null(frame$frequency_sd)) shown$sd <- number(frame$frequency_sd)
  shown$exceedance <- number(frame$exceedance)
  shown$protected <- number(frame$protected_exceedance)
  shown
}

#' @rdname rl_bms
#' @export
as.data.frame.rl_bms <- function(x, row.names = NULL, optional = FALSE, ...) x$models
