# Which model describes the data best.

#' Compare fits
#'
#' Which of several fits to the same data to prefer: by subject by information criteria and
#' evidence, of hierarchical fits by the marginal likelihood (`"em"`) or leave-one-out
#' cross-validation (`"nuts"`), of any fits by held-out likelihood; in total and for each subject.
#'
#' @details
#' **By subject** (`"mle"`, `"map"`). For a subject with log-likelihood \eqn{\ell}, k
#' parameters and n scored responses, AIC is \eqn{2k - 2\ell} and BIC is \eqn{k \log n - 2\ell};
#' lower is better. Totals are sums over subjects, so that every subject's parameters are counted
#' against that subject's responses. (`BIC(fit)` sees one model of all subjects instead, and takes
#' the logarithm of the total number of responses.) Differences are to the best fit. Weights,
#' \eqn{\exp(-\Delta/2)} over their sum (Burnham & Anderson 2002), are the relative support for each
#' model; by subject they say how clear a subject is. Fits by `rl_fit(method = "map")` enter with
#' their log-likelihood at the posterior mode, which is below its maximum.
#'
#' Random-effects model selection ([rl_bms()]) is by subjects' log evidences: the Laplace
#' approximation where all fits are by `"map"`, otherwise -BIC/2, which approximates it for many
#' responses (Schwarz 1978). `evidence = "bic"` takes the latter for `"map"` too.
#'
#' Fits by `"mle"` with parameters that subjects share (a `formula`) have no criteria by subject:
#' with one among them all fits by `"mle"` and `"map"` are compared by AIC and BIC of the whole.
#'
#' **Empirical Bayes** (`"em"`). With the log marginal likelihood \eqn{L = \sum_s \log \int p(y_s
#' \mid z)\,p(z \mid \hat\theta)\,dz}, h parameters of the group \eqn{\theta} and N scored responses
#' of all subjects, AIC is \eqn{2h - 2L} and the integrated BIC is \eqn{h \log N - 2L} (Huys et al.
#' 2011). The terms of L are subjects' log evidences, which go into [rl_bms()]. These are at the
#' fitted group, so that nothing in them counts its parameters: of models whose groups differ much
#' in size, believe the iBIC first.
#'
#' **Full Bayes** (`"nuts"`). The expected log predictive density of observations left out,
#' \eqn{\mathrm{elpd} = \sum_i \log p(y_i \mid y_{-i})}, by Pareto smoothed importance sampling
#' (LOO; Vehtari et al. 2017) and by the widely applicable information criterion (WAIC; Watanabe
#' 2010): higher is better. An observation is what `unit` says; see
#' [loo()][draws_of_fits] for how subjects' parameters are dealt with. A difference of a few of its
#' standard errors or less is no difference. Estimates with a Pareto k above 0.7 are not reliable;
#' they are counted and warned of. Such fits have no log evidence and no [rl_bms()].
#'
#' **Held out** (`criterion = "heldout"`). Every model is fitted again without a part of the data,
#' and the likelihood of that part is taken: see [rl_heldout()]. Fits by different methods compare
#' here, since what they predict is the same. Standard errors, of the differences too, come from the
#' spread over subjects.
#'
#' **By subject, which is best?** `winners` says for every subject and criterion which model is best
#' and by how much, and `summary()` prints it: a difference in sums may come from a few subjects,
#' and different subjects may have different models.
#'
#' Subjects that some fit could not do are left out of the totals of all.
#' @param ... Fits from [rl_fit()], or one list of them. The names of the arguments, or else the
#'   expressions, name the models. All are by `"mle"` or `"map"`, or all by `"em"`, or all by
#'   `"nuts"`; by held-out likelihood any. Results of [rl_heldout()] compare too.
#' @param criterion The criterion that `summary()` and `plot()` go by: `"bic"` or `"aic"` for fits
#'   by `"mle"` or `"map"`, `"evidence"` where all are by `"map"`; `"ibic"` or `"evidence"` for
#'   `"em"`; `"loo"` or `"waic"` for `"nuts"`. By default the first of these. Or `"heldout"`, which
#'   fits again. The integrated BIC is one of the whole: by subject the evidence stands for it.
#' @param unit For fits by `"nuts"` and for held-out likelihood: what is left out, a `"subject"`, a
#'   `"trial"` or a `"block"`. By default a subject; for held-out likelihood a block where every
#'   subject has two or more.
#' @param families Where there is a selection by [rl_bms()]: families of models, as there.
#' @param evidence For fits by `"map"`: the log evidence, by Laplace's approximation (`"laplace"`)
#'   or -BIC/2 (`"bic"`). `NULL`: the first, where all fits have it.
#' @param folds,checkpoint For held-out likelihood: see [rl_heldout()].
#' @param x,object An object of class `rl_compare`.
#' @param digits Digits after the decimal point.
#' @param n How many subjects a summary lists, the closest calls first.
#' @param row.names,optional Not used; part of the generic.
#' @return An object of class `rl_compare`, a list:
#' * `models`: a data frame with a row for each fit, which `as.data.frame()` returns.
#'   - By subject: `model`, `parameters` (for each subject), `df` (over all subjects), `loglik`,
#'     `aic`, `bic`, `delta_aic`, `delta_bic`, `weight_aic`, `weight_bic`, `best_aic`, `best_bic`
#'     (how many subjects it describes best; ties go to the fit given first), and if all are by
#'     `"map"` `log_evidence`. With shared parameters without `parameters` and `best_*`.
#'   - `"em"`: `model`, `df`, `loglik` (the log marginal likelihood), `aic`, `ibic`, `log_evidence`
#'     (the sum over subjects, which is `loglik`), `delta_ibic`, `weight` (by iBIC).
#'   - `"nuts"`: `model`, `elpd_loo`, `se`, `p_loo` (effective number of parameters), `looic`,
#'     `delta_elpd` (to the best, 0 or below), `delta_se`, `waic` (-2 x its elpd), `p_waic`,
#'     `delta_waic` (the difference of its elpd to the best), `delta_waic_se`, `k_high`
#'     (observations with a Pareto k above 0.7).
#'   - Held out: `model`, `method`, `heldout` (log-likelihood of what was left out), `se`,
#'     `per_response` (its mean), `delta` (to the best, 0 or below), `delta_se`, `best` (subjects).
#' * `subjects`: a row for each subject and fit. By subject: `subject`, `model`, `n` (scored
#'   responses), `loglik`, `aic`, `bic`, their differences and weights, and `log_evidence`; for
#'   `"em"` `subject`, `model`, `n`, `log_evidence`, `weight` (the evidence over the sum of the
#'   models'); for `"nuts"` `subject`, `model`, `n` (observations), `elpd_loo`, `elpd_waic` (sums
#'   over the subject's observations); held out `subject`, `model`, `n`, `heldout`.
#' * `winners`: a row for each subject and criterion: `subject`, `criterion`, `winner`, `second` and
#'   `margin`, by how much the winner is better (in units of the criterion; 0 for a tie, which goes
#'   to the fit given first).
#' * `counts`: a row for each criterion and model: `criterion`, `model`, `subjects` (that it is the
#'   best of), `share` (of all), `median_margin` (over them).
#' * `bms`: where there are log evidences, what [rl_bms()] makes of them; `evidence`, which ones
#'   (`"laplace"`, `"bic"`); `no_evidence`: subjects not in it.
#' * For `"nuts"`: `units`, a data frame of `unit`, `subject`, `model`, `elpd_loo`, `elpd_waic`,
#'   `pareto_k`; `pareto_k`, a matrix that counts these by interval; `loo`, the objects of the loo
#'   package by model; `unit`. Held out: `heldout`, the results of [rl_heldout()] by model; `unit`,
#'   `folds`.
#' * `type` (`"subject"`, `"total"`, `"em"`, `"nuts"`, `"heldout"`), `criterion`, `n_subjects`,
#'   `left_out` (subjects not in the totals), `nobs`, `methods`.
#' @section Errors: Fits to different data give a condition of class `rescorla_error_input` that
#'   says what differs: the subjects, their trials, responses or outcomes, or which rows are scored.
#'   Its field `rows` holds the numbers of the rows, and `differences` a data frame of `model` (in
#'   whose data frame the number counts: the first's, unless only the other has the row), `row`,
#'   `subject`, `trial` (of the subject) and `column`.
#'   Data with other blocks or other further columns count as the same (for `unit = "block"` blocks
#'   must agree). Methods that cannot be compared are an error of the same class.
#' @references
#' Burnham, K. P. & Anderson, D. R. (2002). *Model selection and multimodel inference* (2nd ed.).
#' Springer.
#'
#' Huys, Q. J. M., Cools, R., Goelzer, M., Friedel, E., Heinz, A., Dolan, R. J. & Dayan, P. (2011).
#' Disentangling the roles of approach, activation and valence in instrumental and Pavlovian
#' responding. *PLoS Computational Biology*, 7(4), e1002028.
#'
#' Schwarz, G. (1978). Estimating the dimension of a model. *Annals of Statistics*, 6, 461-464.
#'
#' Vehtari, A., Gelman, A. & Gabry, J. (2017). Practical Bayesian model evaluation using
#' leave-one-out cross-validation and WAIC. *Statistics and Computing*, 27, 1413-1432.
#'
#' Watanabe, S. (2010). Asymptotic equivalence of Bayes cross validation and widely applicable
#' information criterion in singular learning theory. *Journal of Machine Learning Research*, 11,
#' 3571-3594.
#' @seealso [plot.rl_compare()]; [rl_confusion()] for whether a task can tell models apart at all.
#' @examples
#' data <- rl_data(bandit_example)
#' comparison <- rl_compare(
#'   rw = rl_fit("rw", data, starts = 5, seed = 1),
#'   asymmetric = rl_fit("rw_asymmetric", data, starts = 5, seed = 1)
#' )
#' comparison
#' summary(comparison)
#'
#' # Hierarchical fits, by integrated BIC and random-effects model selection, and by what they
#' # predict of trials left out
#' rw <- rl_fit("rw", data, method = "em", seed = 1)
#' asymmetric <- rl_fit("rw_asymmetric", data, method = "em", seed = 1)
#' rl_compare(rw, asymmetric)
#' rl_compare(rw, asymmetric, criterion = "heldout", unit = "trial", folds = 3)
#' @export
rl_compare <- function(..., criterion = NULL, unit = c("subject", "trial", "block"),
                       families = NULL, evidence = NULL, folds = NULL, checkpoint = NULL) {
  call <- rlang::current_env()
  fits <- named_fits(rlang::list2(...), as.list(substitute(list(...)))[-1L], call)
  given <- c(unit = !missing(unit), families = !is.null(families), evidence = !is.null(evidence),
    folds = !is.null(folds), checkpoint = !is.null(checkpoint))
  type <- compare_type(fits, criterion, call)
  criterion <- compare_criterion(criterion, type, fits, call)
  check_arguments_of_type(given, type, fits, call)
  unit <- check_choice(unit, c("subject", "trial", "block"))
  families <- check_families(families, names(fits), call)
  evidence <- compare_evidence(evidence, type, fits, call)
  check_same_data(fits, call)
  found <- switch(type,
    subject = compare_by_subject(fits, families, evidence),
    total = compare_totals(fits),
    em = compare_em(fits, families),
    nuts = compare_nuts(fits, unit, call),
    heldout = compare_heldout(fits, if (given[["unit"]]) unit, folds, checkpoint, call)
  )
  if (found$n_subjects == 0L) {
    rescorla_abort(c("There is no subject that all of these fits could do.",
      i = "{.code summary(fit)$subjects} says why."), "data", call = call)
  }
  found$criterion <- criterion
  add_winners(structure(found, class = "rl_compare"))
}

# --- what can be compared with what ------------------------------------------------------------

# Likelihoods that are maximised or marginal, and those of what was left out, are not on one scale;
# what was held out of fits is, whatever the method.
compare_type <- function(fits, criterion, call) {
  held_out <- vapply(fits, inherits, NA, "rl_heldout")
  if (all(held_out) || identical(criterion, "heldout")) {
    return("heldout")
  }
  if (any(held_out)) {
    pair <- names(fits)[c(which(held_out)[1L], which(!held_out)[1L])]
    rescorla_abort(c(
      "{.val {pair[1L]}} is a held-out likelihood and {.val {pair[2L]}} a fit.",
      i = "{.code criterion = \"heldout\"} makes held-out likelihoods of fits."
    ), "input", call = call, models = pair)
  }
  method <- vapply(fits, `[[`, "", "method")
  scale <- ifelse(method %in% c("mle", "map"), "subject", method)
  if (length(unique(scale)) > 1L) {
    pair <- c(1L, which(scale != scale[1L])[1L])
    rescorla_abort(c(
      "The fits {.val {names(fits)[pair[1L]]}} and {.val {names(fits)[pair[2L]]}} cannot be
       compared.",
      x = "The first is by {.code method = \"{method[pair[1L]]}\"}, the second by
           {.code method = \"{method[pair[2L]]}\"}, and their criteria are of different things.",
      i = "Fits by {.val mle} and {.val map} compare with each other, those by {.val em} with
           {.val em} and those by {.val nuts} with {.val nuts}.",
      i = "{.code update(fit, method = )} fits again; {.code criterion = \"heldout\"} compares fits
           by any method."
    ), "input", call = call, models = names(fits)[pair])
  }
  shared <- vapply(fits, inherits, NA, "rl_fit_shared")
  if (any(shared)) "total" else scale[[1L]]
}

# The criteria of a type, the leading one first.
compare_criterion <- function(criterion, type, fits, call) {
  known <- switch(type,
    subject = c("bic", "aic", if (all_map(fits)) "evidence"),
    total = c("bic", "aic"),
    em = c("ibic", "evidence"),
    nuts = c("loo", "waic"),
    heldout = "heldout"
  )
  if (is.null(criterion)) {
    return(known[1L])
  }
  check_choice(criterion, union(known, "heldout"), call = call)
}

all_map <- function(fits) all(vapply(fits, `[[`, "", "method") == "map")

# Arguments that say nothing about these fits are mistakes.
check_arguments_of_type <- function(given, type, fits, call) {
  refuse <- function(argument, types, what) {
    if (given[[argument]] && !type %in% types) {
      method <- unique(vapply(fits, `[[`, "", "method"))
      rescorla_abort(c(
        "{.arg {argument}} is about {what}, and these are fits by {.or {.val {method}}}{if (type ==
         'total') ' that share parameters'}{if (type == 'heldout') ', to be fitted again'}.",
        i = "Leave it out{if ('heldout' %in% types) ', or ask for `criterion = \"heldout\"`'}."
      ), "input", call = call)
    }
  }
  refuse("unit", c("nuts", "heldout"), "what is left out")
  refuse("folds", "heldout", "what is left out")
  refuse("checkpoint", "heldout", "fitting again")
  refuse("families", c("subject", "em"), "random-effects selection by subjects' log evidences")
  refuse("evidence", "subject", "subjects' log evidences by {.val map}")
}

# Which log evidences of fits by subject go to the selection.
compare_evidence <- function(evidence, type, fits, call) {
  if (type != "subject") {
    return(NULL)
  }
  if (is.null(evidence)) {
    return(if (all_map(fits)) "laplace" else "bic")
  }
  evidence <- check_choice(evidence, c("laplace", "bic"), call = call)
  other <- which(vapply(fits, `[[`, "", "method") != "map")
  if (evidence == "laplace" && length(other) > 0L) {
    rescorla_abort(c(
      "{.code evidence = \"laplace\"} needs fits by {.code method = \"map\"}.",
      x = "{.val {names(fits)[other[1L]]}} is by {.code method = \"{fits[[other[1L]]]$method}\"}."
    ), "input", call = call)
  }
  evidence
}

named_fits <- function(fits, expressions, call) {
  taken <- c("rl_fit", "rl_heldout")
  if (length(fits) == 1L && is.list(fits[[1L]]) && !inherits(fits[[1L]], taken)) {
    fits <- fits[[1L]]
    expressions <- list()
  }
  fit <- vapply(fits, inherits, NA, taken)
  if (!all(fit)) {
    rescorla_abort(c(
      "{.fn rl_compare} takes fits from {.fn rl_fit} (or results of {.fn rl_heldout}).",
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
