#' Priors for maximum a posteriori fits
#'
#' A prior is stated either on the unconstrained scale a parameter's link leads to (`prior_normal()`)
#' or on the natural scale (the others); a prior on the natural scale carries the Jacobian of the
#' link, so that both mean what they say.
#'
#' Defaults: a parameter on an interval has `prior_normal(0, 1.5)` on its logit or probit, nearly
#' flat over most of the interval; a positive parameter `prior_normal(0.5, 1.25)` on its logarithm,
#' 95% of it between 0.14 and 19; a real parameter `prior_normal(0, 5)`.
#'
#' `prior_beta()` and `prior_uniform()` are for parameters on a finite interval, `prior_gamma()` for
#' those with a lower bound. All are densities, so that log evidences can be compared.
#'
#' @param mean,sd Mean and standard deviation. For `prior_normal()` of the parameter on its
#'   unconstrained scale (logit, probit, log or identity); for `prior_natural_normal()` in natural
#'   units, truncated to the parameter's range.
#' @param shape1,shape2 Shapes of a beta density over the parameter's interval.
#' @param shape,rate Shape and rate of a gamma density (mean `shape / rate`).
#' @return An object of class `rl_prior`.
#' @examples
#' prior_normal(0, 1)
#' prior_beta(1.1, 1.1)
#' prior_gamma(1.2, 0.2)
#' prior_natural_normal(50, 30)
#' prior_uniform()
#'
#' rl_fit("rw", bandit_example, method = "map", seed = 1,
#'   prior = list(alpha = prior_beta(2, 2), beta = prior_gamma(2, 0.5)))
#' @name rl_prior
NULL

new_prior <- function(kind, a, b, text) {
  structure(list(kind = kind, a = a, b = b, text = text), class = "rl_prior")
}

#' @rdname rl_prior
#' @export
prior_normal <- function(mean = 0, sd = 1) {
  check_number(mean)
  check_positive(sd)
  new_prior("normal", mean, sd, paste0("normal(", format(mean), ", ", format(sd), ")"))
}

#' @rdname rl_prior
#' @export
prior_natural_normal <- function(mean, sd) {
  check_number(mean)
  check_positive(sd)
  new_prior("natural_normal", mean, sd,
    paste0("natural_normal(", format(mean), ", ", format(sd), ")"))
}

#' @rdname rl_prior
#' @export
prior_beta <- function(shape1, shape2) {
  check_positive(shape1)
  check_positive(shape2)
  new_prior("beta", shape1, shape2, paste0("beta(", format(shape1), ", ", format(shape2), ")"))
}

#' @rdname rl_prior
#' @export
prior_gamma <- function(shape, rate) {
  check_positive(shape)
  check_positive(rate)
  new_prior("gamma", shape, rate, paste0("gamma(", format(shape), ", ", format(rate), ")"))
}

#' @rdname rl_prior
#' @export
prior_uniform <- function() new_prior("uniform", 0, 0, "uniform()")

#' @export
format.rl_prior <- function(x, ...) x$text

#' @export
print.rl_prior <- function(x, ...) {
  cli::cat_line("<prior> ", x$text)
  invisible(x)
}

check_positive <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  check_number(x, arg = arg, call = call)
  if (!is.finite(x) || x <= 0) {
    rescorla_abort(c("`{arg}` must be a finite number above 0.", x = "It is {x}."), "input",
      call = call)
  }
}

default_prior <- function(kind) {
  switch(kind$kind,
    unit_interval = , bounded = prior_normal(0, 1.5),
    positive = prior_normal(0.5, 1.25),
    real = prior_normal(0, 5)
  )
}
