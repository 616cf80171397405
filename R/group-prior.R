# Priors of hierarchical fits: what the user says, what holds otherwise, and both as the compiled
# core takes them.

#' Priors of hierarchical models
#'
#' What `rl_fit(method = "nuts")` and [rl_log_density()] put on group-level quantities. All live on
#' the scale that a parameter's link leads to, except where a prior is stated in natural units.
#'
#' @details
#' `prior` is a named list. Its entries, all optional:
#' * by parameter, the group-level value (the intercept of its formula): [prior_normal()] on the
#'   unconstrained scale, or a prior in natural units such as [prior_beta()], which then holds for
#'   the group's median and carries the Jacobian of the link;
#' * `effect`: of coefficients other than intercepts, a prior for all or a list by name as in
#'   [fixef()], such as `list("alpha:groupB" = prior_normal(0, 0.5))`;
#' * `sd`: of the standard deviations of random effects, a prior for all or a list by parameter (or
#'   by name of the effect): `prior_half_normal()`, `prior_half_cauchy()`, `prior_half_student()`,
#'   `prior_exponential()` or [prior_gamma()];
#' * `correlation`: `lkj()`, whose density is proportional to \eqn{\det(C)^{\eta - 1}}.
#'
#' Defaults, for a parameter
#' * on an interval (logit or probit): value `prior_normal(0, 1.5)`, effects `prior_normal(0, 1)`,
#'   standard deviations `prior_half_normal(1)`;
#' * that is positive (log): value `prior_normal(0.5, 1.25)`, effects `prior_normal(0, 1)`, standard
#'   deviations `prior_half_normal(1)`;
#' * that is real: value `prior_normal(0, 5)`, effects and standard deviations `prior_normal(0, 2.5)`
#'   and `prior_half_normal(2.5)`;
#' and correlations `lkj(2)`. A prior given with the parameter's kind in [rl_model()] replaces the
#' default for the group-level value.
#'
#' `hbayesdm_priors()` gives the priors of the hBayesDM package (Ahn, Haines & Zhang 2017): group
#' means standard normal, standard deviations half-normal with scale 0.2 (half-Cauchy for unbounded
#' parameters), no correlations, the approximate probit link, and subjects not centred.
#'
#' @param sd,scale,rate,df Scale of the density; for `prior_half_student()` with `df` degrees of
#'   freedom; `rate` of the exponential density (its mean is `1 / rate`).
#' @param eta Shape: 1 is uniform over correlation matrices, more draws correlations to zero.
#' @return `prior_half_*()`, `prior_exponential()`, `lkj()`: an object of class `rl_prior`.
#'   `hbayesdm_priors()`: an object for the `prior` argument of [rl_fit()].
#' @references
#' Lewandowski, D., Kurowicka, D. & Joe, H. (2009). Generating random correlation matrices based on
#' vines and extended onion method. *Journal of Multivariate Analysis*, 100, 1989-2001.
#'
#' Ahn, W.-Y., Haines, N. & Zhang, L. (2017). Revealing neurocomputational mechanisms of
#' reinforcement learning and decision-making with the hBayesDM package. *Computational Psychiatry*,
#' 1, 24-57.
#' @examples
#' prior <- list(
#'   alpha = prior_beta(2, 2),
#'   sd = list(alpha = prior_half_normal(0.5)),
#'   correlation = lkj(4)
#' )
#' prior_half_student(3, 1)
#' hbayesdm_priors()
#' @name group_priors
NULL

spread_codes <- c(half_normal = 0L, half_cauchy = 1L, half_student = 2L, exponential = 3L,
  gamma = 4L)

#' @rdname group_priors
#' @export
prior_half_normal <- function(sd = 1) {
  check_positive(sd)
  new_prior("half_normal", sd, 0, paste0("half_normal(", format(sd), ")"))
}

#' @rdname group_priors
#' @export
prior_half_cauchy <- function(scale = 1) {
  check_positive(scale)
  new_prior("half_cauchy", scale, 0, paste0("half_cauchy(", format(scale), ")"))
}

#' @rdname group_priors
#' @export
prior_half_student <- function(df = 3, scale = 1) {
  check_positive(df)
  check_positive(scale)
  new_prior("half_student", scale, df,
    paste0("half_student(", format(df), ", ", format(scale), ")"))
}

#' @rdname group_priors
#' @export
prior_exponential <- function(rate = 1) {
  check_positive(rate)
  new_prior("exponential", rate, 0, paste0("exponential(", format(rate), ")"))
}

#' @rdname group_priors
#' @export
lkj <- function(eta = 1) {
  check_positive(eta)
  new_prior("lkj", eta, 0, paste0("lkj(", format(eta), ")"))
}

#' @rdname group_priors
#' @export
hbayesdm_priors <- function() {
  structure(list(name = "hBayesDM"), class = "rl_prior_set")
}

#' @export
print.rl_prior_set <- function(x, ...) {
  cli::cat_line("<priors of ", x$name, ">")
  cli::cat_line("  group means normal(0, 1), standard deviations half_normal(0.2),")
  cli::cat_line("  half_cauchy(1) for unbounded parameters; approximate probit links;")
  cli::cat_line("  no correlations; subjects not centred")
  invisible(x)
}

# The links that go with a set of priors.
prior_set_model <- function(prior, model) {
  if (!inherits(prior, "rl_prior_set")) return(model)
  for (name in free_parameters(model)) {
    if (model$kinds[[name]]$link %in% c("logit", "probit")) model$kinds[[name]]$link <- "cubic"
  }
  model
}

# The same priors as a list that a user could have written, for the model at hand.
expand_prior_set <- function(prior, model) {
  if (!inherits(prior, "rl_prior_set")) return(prior)
  free <- free_parameters(model)
  id <- model$id %||% ""
  unbounded <- vapply(model$kinds[free], \(k) k$kind == "real", NA)
  spread <- lapply(free, function(name) {
    if (grepl("^hgf", id)) return(prior_half_normal(1))
    if (grepl("^cra", id)) return(prior_half_normal(5))
    if (grepl("kalman|^dbdm", id) && unbounded[[name]]) return(prior_half_cauchy(5))
    if (unbounded[[name]]) prior_half_cauchy(1) else prior_half_normal(0.2)
  })
  value <- lapply(free, function(name) {
    prior_normal(0, if (grepl("^gng", id) && unbounded[[name]]) 10 else 1)
  })
  c(stats::setNames(value, free), list(sd = stats::setNames(spread, free)))
}

# Priors of everything above the subjects: list(table = a data frame for prior_summary(), and what
# the core takes: coefficients, shared, spread, lkj).
resolve_group_prior <- function(prior, model, design, call) {
  prior <- expand_prior_set(prior, model)
  check_group_prior(prior, model, design, call)
  maps <- parameter_maps(model$kinds[design$parameters])
  coefficients <- coefficient_priors(prior, design$coefficients, model, design, call)
  shared <- coefficient_priors(prior, design$shared, model, design, call)
  spread <- lapply(seq_len(nrow(design$effects)), spread_prior_of, prior = prior, design = design,
    model = model, call = call)
  correlation <- prior$correlation %||% lkj(2)
  text <- \(priors) vapply(priors, format, "")
  correlated <- nrow(correlated_pairs(design$blocks)) > 0
  list(
    table = data.frame(
      class = c(rep("coefficient", length(coefficients)), rep("shared", length(shared)),
        rep("sd", length(spread)), if (correlated) "correlation"),
      name = c(design$coefficients$name, design$shared$name, design$effects$name,
        if (correlated) "all"),
      prior = c(text(coefficients), text(shared), text(spread),
        if (correlated) format(correlation))
    ),
    coefficients = coefficients, shared = shared, spread = spread, correlation = correlation,
    core = list(
      coefficient_priors = core_priors(coefficients, design$coefficients, maps),
      shared_priors = core_priors(shared, design$shared, maps),
      spread_priors = list(
        kind = unname(spread_codes[vapply(spread, `[[`, "", "kind")]),
        a = vapply(spread, `[[`, 0, "a"), b = vapply(spread, `[[`, 0, "b")
      ),
      lkj = correlation$a
    )
  )
}

check_group_prior <- function(prior, model, design, call) {
  if (is.null(prior)) return(invisible())
  if (!is.list(prior) || inherits(prior, "rl_prior")) {
    rescorla_abort(c("`prior` must be a named list of priors.",
      i = "For example `prior = list({design$parameters[1]} = prior_normal(0, 1))`."), "input",
      call = call)
  }
  known <- c(design$parameters, "effect", "sd", "correlation")
  refuse_unknown(rlang::names2(prior), known, "prior",
    "a free parameter, `effect`, `sd` or `correlation`", call)
  if (is.list(prior$sd) && !inherits(prior$sd, "rl_prior")) {
    refuse_unknown(rlang::names2(prior$sd), c(design$parameters, design$effects$name), "prior$sd",
      "a parameter with random effects", call)
  }
  slopes <- setdiff(c(design$coefficients$name, design$shared$name),
    paste0(design$parameters, ":(Intercept)"))
  if (is.list(prior$effect) && !inherits(prior$effect, "rl_prior")) {
    refuse_unknown(rlang::names2(prior$effect), slopes, "prior$effect", "a coefficient", call)
  }
  if (!is.null(prior$correlation) && !identical(prior$correlation$kind, "lkj")) {
    rescorla_abort(c("`prior$correlation` must be made by `lkj()`.",
      i = "For example `correlation = lkj(2)`."), "input", call = call)
  }
}

refuse_unknown <- function(names, known, arg, what, call) {
  unknown <- setdiff(names, known)
  if (length(unknown) == 0) return(invisible())
  nearest <- nearest_name(unknown[1], known)
  rescorla_abort(c(
    "`{arg}` names {.code {unknown[1]}}, which is not {what}.",
    i = if (!is.null(nearest)) "Did you mean {.code {nearest}}?",
    i = if (length(known)) "Known here are {.code {known}}."
  ), "input", call = call)
}

# By row of a table of coefficients.
coefficient_priors <- function(prior, table, model, design, call) {
  lapply(seq_len(nrow(table)), function(k) {
    name <- design$parameters[table$parameter[k]]
    kind <- model$kinds[[name]]
    if (table$term[k] == "(Intercept)") {
      chosen <- prior[[name]] %||% kind$prior %||% default_prior(kind)
      arg <- paste0("prior$", name)
    } else {
      own <- prior$effect
      if (is.list(own) && !inherits(own, "rl_prior")) own <- own[[table$name[k]]]
      chosen <- own %||% prior_normal(0, if (kind$kind == "real") 2.5 else 1)
      arg <- "prior$effect"
    }
    check_class(chosen, "rl_prior", "a prior, such as `prior_normal(0, 1)`", arg = arg, call = call)
    allowed <- if (table$term[k] == "(Intercept)") names(prior_codes) else "normal"
    if (!chosen$kind %in% allowed) {
      rescorla_abort(c(
        "The prior {.code {chosen$text}} cannot be one of {.code {table$name[k]}}.",
        i = "Coefficients live on the unconstrained scale: use `prior_normal()`."
      ), "input", call = call)
    }
    check_prior_range(chosen, kind, name, call)
    chosen
  })
}

spread_prior_of <- function(r, prior, design, model, call) {
  effect <- design$effects[r, ]
  name <- design$parameters[effect$parameter]
  own <- prior$sd
  if (is.list(own) && !inherits(own, "rl_prior")) own <- own[[effect$name]] %||% own[[name]]
  chosen <- own %||% prior_half_normal(if (model$kinds[[name]]$kind == "real") 2.5 else 1)
  if (!inherits(chosen, "rl_prior") || !chosen$kind %in% names(spread_codes)) {
    rescorla_abort(c("`prior$sd` must hold priors of standard deviations.",
      x = "That of {.code {name}} is {if (inherits(chosen, 'rl_prior')) chosen$text else
          describe_value(chosen)}.",
      i = "Use `prior_half_normal()`, `prior_half_cauchy()`, `prior_half_student()`,
           `prior_exponential()` or `prior_gamma()`."), "input", call = call)
  }
  chosen
}

core_priors <- function(priors, table, maps) {
  own <- maps[table$parameter, ]
  list(
    kind = unname(prior_codes[vapply(priors, `[[`, "", "kind")]),
    a = vapply(priors, `[[`, 0, "a"), b = vapply(priors, `[[`, 0, "b"),
    link = unname(link_codes[own$link]), lower = own$lower, upper = own$upper
  )
}

#' Priors that a fit used
#'
#' @param object A fit by `rl_fit(method = "nuts")`, or `"map"`.
#' @param ... Not used.
#' @return A data frame with a row for each prior: `class` (`"coefficient"`, `"shared"`, `"sd"`,
#'   `"correlation"`; for MAP fits `"parameter"`), `name`, `prior`.
#' @examples
#' fit <- rl_fit("rw", bandit_example, method = "map", seed = 1)
#' prior_summary(fit)
#' @export
prior_summary <- function(object, ...) UseMethod("prior_summary")

#' @rdname prior_summary
#' @export
prior_summary.rl_fit <- function(object, ...) {
  check_dots_empty(...)
  prior <- object$prior
  if (is.null(prior)) {
    rescorla_abort(c("A fit by {method_label(object$method)} has no priors.",
      i = "`method = \"map\"` and `method = \"nuts\"` have."), "input")
  }
  if (!is.null(prior$table)) return(prior$table)
  data.frame(class = "parameter", name = names(prior),
    prior = vapply(prior, format, "", USE.NAMES = FALSE))
}
