# Draws of full Bayes fits, as posterior, bayesplot, loo and rstantools take them.

#' Draws of full Bayes fits
#'
#' @param x,object A fit by `rl_fit(method = "nuts")`.
#' @param subjects Include subjects' parameters, where the fit kept them? With `thin` above 1 there
#'   are then only as many draws as of subjects.
#' @param ... Not used; for `loo()` and `waic()` passed to the functions of loo.
#' @param unit What counts as one observation: a `"trial"`, a `"block"` of a subject or a `"subject"`.
#' @param integrate For `unit = "subject"`: integrate the subject's parameters out, given the group?
#'   Leaving out a subject asks how well the group predicts a person not seen; the likelihood at that
#'   person's own parameters does not answer it, and importance sampling of it fails.
#' @param draws How many draws to use, evenly spaced. `NULL`: at most 1,000 (for predictions 200).
#' @param seed A whole number; if `NULL`, R's own generator provides one.
#'
#' @details
#' Variables are named by parameter, in natural units: `alpha` is the group's value (median), or
#' `alpha[cell]` where covariates make several, and `alpha_subject[id]` those of subjects. `sd_alpha`,
#' `cor_alpha_beta` and coefficients such as `alpha:groupB` are on the unconstrained scale.
#'
#' With a subject's parameters integrated out, the likelihood of each subject under each draw of the
#' group is the Laplace approximation for that draw, corrected by what importance sampling says of
#' it at the group's posterior mean.
#' @return
#' * `as_draws_array()`, `as_draws_df()`, `as_draws_rvars()`, `as_draws()`: draws of the posterior
#'   package.
#' * `nuts_params()`: a data frame as bayesplot has it: `Chain`, `Iteration`, `Parameter`, `Value`.
#' * `log_lik()`: a draws x units matrix, columns named by unit (rows of the data for trials);
#'   units without a scored response are left out; its attribute `"chain"` tells each draw's chain.
#' * `loo()`, `waic()`: those of the loo package.
#' * `posterior_predict()`: a draws x rows matrix of responses drawn given what the subject really did
#'   and saw before, as numbers of actions (values, for numeric responses); `NA` where nothing is
#'   scored. `posterior_epred()`: a draws x rows x actions array of probabilities (a matrix of
#'   means, for numeric responses).
#' @references
#' Vehtari, A., Gelman, A. & Gabry, J. (2017). Practical Bayesian model evaluation using
#' leave-one-out cross-validation and WAIC. *Statistics and Computing*, 27, 1413-1432.
#' @examplesIf rlang::is_installed(c("posterior", "loo"))
#' fit <- rl_fit("rw", rl_data(bandit_example), method = "nuts", warmup = 200, draws = 200,
#'   chains = 2, seed = 1)
#' as_draws_df(fit, subjects = FALSE)
#' loo(fit, unit = "subject")
#' @name draws_of_fits
NULL

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(posterior::as_draws_array,rl_fit_nuts)
as_draws_array.rl_fit_nuts <- function(x, subjects = TRUE, ...) {
  need_package("posterior", "for draws")
  check_flag(subjects)
  group <- x$group$draws[, , group_variables(x), drop = FALSE]
  kept <- x$group$subject_draws
  if (subjects && !is.null(kept)) {
    thin <- x$group$settings$thin
    group <- group[seq(1, by = thin, length.out = dim(kept)[1]), , , drop = FALSE]
    size <- dim(kept)
    names <- outer(dimnames(kept)[[3]], dimnames(kept)[[4]], \(id, p) paste0(p, "_subject[", id, "]"))
    all <- array(c(group, kept), c(size[1:2], dim(group)[3] + prod(size[3:4])))
    dimnames(all) <- list(NULL, NULL, c(dimnames(group)[[3]], names))
    group <- all
  }
  dimnames(group) <- list(NULL, NULL, dimnames(group)[[3]])
  posterior::as_draws_array(group)
}

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(posterior::as_draws_df,rl_fit_nuts)
as_draws_df.rl_fit_nuts <- function(x, subjects = TRUE, ...) {
  posterior::as_draws_df(as_draws_array.rl_fit_nuts(x, subjects))
}

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(posterior::as_draws_rvars,rl_fit_nuts)
as_draws_rvars.rl_fit_nuts <- function(x, subjects = TRUE, ...) {
  posterior::as_draws_rvars(as_draws_array.rl_fit_nuts(x, subjects))
}

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(posterior::as_draws,rl_fit_nuts)
as_draws.rl_fit_nuts <- function(x, subjects = TRUE, ...) as_draws_array.rl_fit_nuts(x, subjects)

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(bayesplot::nuts_params,rl_fit_nuts)
nuts_params.rl_fit_nuts <- function(object, ...) {
  reports <- object$sampler
  names <- setdiff(names(reports[[1]]), "lp__")
  rows <- lapply(seq_along(reports), function(chain) {
    n <- nrow(reports[[chain]])
    data.frame(Chain = chain, Iteration = rep(seq_len(n), length(names)),
      Parameter = rep(names, each = n), Value = as.numeric(unlist(reports[[chain]][names])))
  })
  out <- do.call(rbind, rows)
  out$Parameter <- factor(out$Parameter, levels = names)
  out
}

# --- likelihood by unit -----------------------------------------------------------------------

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(rstantools::log_lik,rl_fit_nuts)
log_lik.rl_fit_nuts <- function(object, unit = c("trial", "block", "subject"), integrate = TRUE,
                                draws = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  unit <- check_choice(unit, c("trial", "block", "subject"))
  check_flag(integrate)
  if (unit == "subject" && integrate) {
    chosen <- choose_draws(dim(object$group$draws), draws, 1000L, call)
    out <- integrated_log_lik(object, chosen, call)
    colnames(out) <- as.character(object$group$subjects)
    return(structure(out, chain = chosen$chain))
  }
  kept <- subject_draws_of(object, call)
  chosen <- choose_draws(dim(kept), draws, 1000L, call)
  data <- object$data
  place <- order_of_rows(data)
  group <- switch(unit, trial = NULL, block = cumsum(data$block_start),
    subject = object$group$design$unit_subject[data$row_subject])
  scored <- NULL
  rows <- lapply(seq_along(chosen$chain), function(d) {
    values <- draw_values(object, kept[chosen$draw[d], chosen$chain[d], , ])
    x <- trace_model(object$model, data, values, items = character(), call = call)$log_lik
    if (is.null(scored)) scored <<- !is.na(x)
    if (is.null(group)) x[place] else rowsum(x, group, na.rm = TRUE)[, 1]
  })
  out <- do.call(rbind, rows)
  colnames(out) <- switch(unit, trial = seq_along(place), block = block_names(object),
    subject = as.character(object$group$subjects))
  # Units without a scored response say nothing.
  there <- if (is.null(group)) scored[place] else rowsum(as.integer(scored), group)[, 1] > 0
  out <- out[, there, drop = FALSE]
  structure(out, chain = chosen$chain)
}

block_names <- function(fit) {
  data <- fit$data
  first <- which(data$block_start)
  subject <- as.character(fit$group$subjects)[
    fit$group$design$unit_subject[data$row_subject[first]]]
  if (is.null(data$roles$block)) return(subject)
  paste0(subject, ":", rl_data_column(data, data$roles$block)[first])
}

subject_draws_of <- function(fit, call) {
  if (is.null(fit$group$subject_draws)) {
    rescorla_abort(c("The fit kept no draws of subjects.",
      i = "Fit with `keep = \"all\"`, perhaps with `thin`."), "input", call = call)
  }
  fit$group$subject_draws
}

# list(draw, chain) for `count` of all draws, evenly spaced; chains in order.
choose_draws <- function(size, count, most, call) {
  total <- prod(size[1:2])
  count <- check_count(count, allow_null = TRUE, arg = "draws", call = call) %||% min(most, total)
  count <- min(count, total)
  each <- max(1L, count %/% size[2])
  within <- unique(round(seq(1, size[1], length.out = each)))
  list(draw = rep(within, size[2]), chain = rep(seq_len(size[2]), each = length(within)))
}

# One draw of the free parameters (units x P) as values of all parameters.
draw_values <- function(fit, free) {
  table <- fit$model$parameters
  free <- matrix(free, ncol = length(fit$parameters))
  values <- matrix(rep(table$fixed, each = nrow(free)), nrow(free), nrow(table),
    dimnames = list(as.character(fit$data$subjects), table$name))
  values[, fit$parameters] <- free
  values
}

# log p(y_s | group) for draws of the group: S x draws, transposed.
integrated_log_lik <- function(fit, chosen, call) {
  group <- fit$group
  design <- group$design
  engine <- group_engine(fit$model, fit_source_data(fit), design, resolve_threads(NULL), call)
  engine$maps <- group$maps
  centre <- list(coefficients = group$coefficients, shared = group$shared,
    covariance = group$covariance)
  if (nrow(design$effects) == 0) {
    rows <- lapply(seq_along(chosen$chain), function(d) {
      own <- draw_group(group$draws[chosen$draw[d], chosen$chain[d], ], design)
      value <- evaluate_units(engine, unit_offset(engine, own$shared), 0L, call)$value
      rowsum(value, design$unit_subject)[, 1]
    })
    return(do.call(rbind, rows))
  }
  modes <- effect_draws_mean(fit)
  mean <- effect_means(design, centre$coefficients)
  centre$step <- laplace_step(engine, mean, centre$covariance, centre$shared, list(modes, mean),
    call = call)
  sampled <- importance_evidence(engine, centre, fit$seed, call)
  correction <- sampled$log_evidence - sampled$laplace
  correction[!is.finite(correction)] <- 0
  rows <- lapply(seq_along(chosen$chain), function(d) {
    own <- draw_group(group$draws[chosen$draw[d], chosen$chain[d], ], design)
    mean <- effect_means(design, own$coefficients)
    laplace_step(engine, mean, own$covariance, own$shared, list(modes, mean),
      call = call)$log_evidence + correction
  })
  do.call(rbind, rows)
}

# The group's parts in one draw of its variables.
draw_group <- function(one, design) {
  effect <- design$effects$name
  sd <- one[paste0("sd_", effect, recycle0 = TRUE)]
  pairs <- correlated_pairs(design$blocks)
  correlation <- diag(1, length(effect))
  for (k in seq_len(nrow(pairs))) {
    i <- pairs[k, 1]
    j <- pairs[k, 2]
    correlation[i, j] <- correlation[j, i] <- one[[paste0("cor_", effect[j], "_", effect[i])]]
  }
  list(coefficients = one[design$coefficients$name], shared = one[design$shared$name],
    covariance = correlation * outer(unname(sd), unname(sd)))
}

# The data with subjects as such, where the fit's units are episodes.
fit_source_data <- function(fit) {
  data <- fit$data
  design <- fit$group$design
  if (design$unit == "subject") return(data)
  subject <- design$unit_subject
  data$subjects <- fit$group$subjects
  data$first <- design$unit_first[match(seq_along(data$subjects), subject)]
  data$length <- as.vector(rowsum(design$unit_length, subject))
  data$row_subject <- subject[data$row_subject]
  data$counts$subjects <- length(data$subjects)
  data$cache <- new.env(parent = emptyenv())
  data
}

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(loo::loo,rl_fit_nuts)
loo.rl_fit_nuts <- function(x, unit = c("trial", "block", "subject"), integrate = TRUE, draws = NULL,
                            ...) {
  need_package("loo", "for leave-one-out cross-validation")
  loo_of(log_lik.rl_fit_nuts(x, unit, integrate, draws), ...)
}

# Cross-validation from log-likelihoods at hand. A unit that no parameter touches, such as a first
# choice, is equally likely under all draws: it is known exactly, and the smoothing, which finds no
# tail to fit, says Inf.
loo_of <- function(values, ...) {
  chain <- attr(values, "chain")
  attr(values, "chain") <- NULL
  relative <- loo::relative_eff(exp(sweep(values, 2L, apply(values, 2L, max))), chain_id = chain)
  constant <- apply(values, 2L, \(x) diff(range(x)) <= 1e-10 * max(1, abs(x[1L])))
  found <- withCallingHandlers(loo::loo(values, r_eff = relative, ...), warning = \(w) {
    if (any(constant) && grepl("all tail values|Pareto k", conditionMessage(w))) {
      rlang::cnd_muffle(w)
    }
  })
  found$diagnostics$pareto_k[constant] <- 0
  found$pointwise[constant, c("mcse_elpd_loo", "influence_pareto_k")] <- 0
  if (any(constant) && any(found$diagnostics$pareto_k > 0.7)) {
    rlang::warn("Some Pareto k diagnostic values are too high. See help('pareto-k-diagnostic').")
  }
  found
}

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(loo::waic,rl_fit_nuts)
waic.rl_fit_nuts <- function(x, unit = c("trial", "block", "subject"), integrate = TRUE,
                             draws = NULL, ...) {
  need_package("loo", "for WAIC")
  values <- log_lik.rl_fit_nuts(x, unit, integrate, draws)
  attr(values, "chain") <- NULL
  loo::waic(values, ...)
}

# --- predictions ------------------------------------------------------------------------------

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(rstantools::posterior_predict,rl_fit_nuts)
posterior_predict.rl_fit_nuts <- function(object, draws = NULL, seed = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  kept <- subject_draws_of(object, call)
  chosen <- choose_draws(dim(kept), draws, 200L, call)
  seed <- resolve_seed(seed, call)
  data <- object$data
  place <- order_of_rows(data)
  rows <- lapply(seq_along(chosen$chain), function(d) {
    values <- draw_values(object, kept[chosen$draw[d], chosen$chain[d], , ])
    traced <- trace_model(object$model, data, values, items = character(), draw = TRUE, seed = seed,
      replicate = d - 1L, call = call)
    numeric <- object$model$program$responses[[1]]$type == "number"
    x <- if (numeric) traced$drawn_number[[1]] else traced$drawn[[1]]
    x[is.na(traced$log_lik)] <- NA
    x[place]
  })
  do.call(rbind, rows)
}

#' @rdname draws_of_fits
#' @export
#' @rawNamespace S3method(rstantools::posterior_epred,rl_fit_nuts)
posterior_epred.rl_fit_nuts <- function(object, draws = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  kept <- subject_draws_of(object, call)
  chosen <- choose_draws(dim(kept), draws, 200L, call)
  data <- object$data
  place <- order_of_rows(data)
  response <- object$model$program$responses[[1]]$name
  rows <- lapply(seq_along(chosen$chain), function(d) {
    values <- draw_values(object, kept[chosen$draw[d], chosen$chain[d], , ])
    traced <- trace_model(object$model, data, values, items = response, call = call)
    vapply(traced$items[[response]], \(x) x[place], numeric(length(place)))
  })
  size <- c(length(place), ncol(rows[[1]]), length(rows))
  out <- aperm(array(unlist(rows), size), c(3, 1, 2))
  if (size[2] == 1) out[, , 1] else out
}
