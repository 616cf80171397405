# Generics of other packages that fits have methods for. Those packages are heavy, or not there, so
# they are not imported: calls on anything but a fit are passed on to them, and the methods are
# registered with their generics too, so that it makes no difference whose is called. (Default
# methods would not do: R would find them for the other packages' generics as well, when those are
# called from here.)

#' Generics of other packages
#'
#' Functions that other packages define and hierarchical fits have methods for: `fixef()`, `ranef()`
#' and `VarCorr()` of nlme, `log_lik()`, `posterior_predict()` and `posterior_epred()` of rstantools,
#' `as_draws_array()`, `as_draws_df()`, `as_draws_rvars()` and `as_draws()` of posterior, `loo()` and
#' `waic()` of loo, `nuts_params()` of bayesplot. For fits see [rl_group_methods] and
#' [draws_of_fits]; with any other object these pass the call on to the package.
#'
#' @param object,x An object.
#' @param ... Further arguments.
#' @return That of the method.
#' @name other_generics
#' @keywords internal
NULL

pass_on <- function(package, name, ...) {
  need_package(package, paste0("for `", name, "()` of objects other than fits"))
  get(name, envir = asNamespace(package), mode = "function")(...)
}

#' @rdname other_generics
#' @export
fixef <- function(object, ...) {
  if (!inherits(object, "rl_fit")) return(pass_on("nlme", "fixef", object, ...))
  UseMethod("fixef")
}

#' @rdname other_generics
#' @export
ranef <- function(object, ...) {
  if (!inherits(object, "rl_fit")) return(pass_on("nlme", "ranef", object, ...))
  UseMethod("ranef")
}

#' @rdname other_generics
#' @export
VarCorr <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("nlme", "VarCorr", x, ...))
  UseMethod("VarCorr")
}

#' @rdname other_generics
#' @export
log_lik <- function(object, ...) {
  if (!inherits(object, "rl_fit")) return(pass_on("rstantools", "log_lik", object, ...))
  UseMethod("log_lik")
}

#' @rdname other_generics
#' @export
posterior_predict <- function(object, ...) {
  if (!inherits(object, "rl_fit")) return(pass_on("rstantools", "posterior_predict", object, ...))
  UseMethod("posterior_predict")
}

#' @rdname other_generics
#' @export
posterior_epred <- function(object, ...) {
  if (!inherits(object, "rl_fit")) return(pass_on("rstantools", "posterior_epred", object, ...))
  UseMethod("posterior_epred")
}

#' @rdname other_generics
#' @export
as_draws <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("posterior", "as_draws", x, ...))
  UseMethod("as_draws")
}

#' @rdname other_generics
#' @export
as_draws_array <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("posterior", "as_draws_array", x, ...))
  UseMethod("as_draws_array")
}

#' @rdname other_generics
#' @export
as_draws_df <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("posterior", "as_draws_df", x, ...))
  UseMethod("as_draws_df")
}

#' @rdname other_generics
#' @export
as_draws_rvars <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("posterior", "as_draws_rvars", x, ...))
  UseMethod("as_draws_rvars")
}

#' @rdname other_generics
#' @export
loo <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("loo", "loo", x, ...))
  UseMethod("loo")
}

#' @rdname other_generics
#' @export
waic <- function(x, ...) {
  if (!inherits(x, "rl_fit")) return(pass_on("loo", "waic", x, ...))
  UseMethod("waic")
}

#' @rdname other_generics
#' @export
nuts_params <- function(object, ...) {
  if (!inherits(object, "rl_fit")) return(pass_on("bayesplot", "nuts_params", object, ...))
  UseMethod("nuts_params")
}
