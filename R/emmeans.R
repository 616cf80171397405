# Hierarchical fits as the emmeans package takes them: what its reference grids are made of.

# Covariates by unit of the fit, so that a subject counts once whatever its number of trials. A
# character string is how emmeans wants to be told of an error.
#' @rawNamespace S3method(emmeans::recover_data,rl_fit_group)
recover_data.rl_fit_group <- function(object, data = NULL, parameter = NULL, ...) {
  name <- tryCatch(emmeans_parameter(object, parameter), rescorla_error = conditionMessage)
  if (!name %in% object$parameters) {
    return(name)
  }
  part <- object$group$design$terms[[name]]
  if (is.null(data)) data <- as_plain_covariates(part$covariates)
  # Names that are no covariates are functions handed to functions, as in C(group, contr.sum).
  others <- setdiff(all.vars(part$fixed), names(part$covariates))
  emmeans::recover_data(object$call, part$fixed, na.action = NULL, data = data, params = others)
}

# Contrasts set on a column are part of the design, not of the grid.
as_plain_covariates <- function(covariates) {
  columns <- lapply(as.list(covariates), \(x) {
    if (is.factor(x)) attr(x, "contrasts") <- NULL
    x
  })
  as_frame(columns, nrow(covariates))
}

#' @rawNamespace S3method(emmeans::emm_basis,rl_fit_group)
emm_basis.rl_fit_group <- function(object, trms, xlev, grid, parameter = NULL, ...) {
  call <- rlang::current_env()
  name <- emmeans_parameter(object, parameter)
  design <- object$group$design
  made <- design_rows(design, name, grid, call)
  rows <- cbind(made$means, made$shared)
  names <- names(fixef(object))
  columns <- c("name", "parameter")
  table <- rbind(design$coefficients[columns], design$shared[columns])
  own <- table$name[table$parameter == match(name, design$parameters)]
  if (!all(own %in% names)) abort_no_group_value(name, call)
  basis <- list(
    X = rows[, own, drop = FALSE], bhat = unname(fixef(object)[own]), nbasis = matrix(NA),
    V = stats::vcov(object)[own, own, drop = FALSE], dffun = \(k, dfargs) Inf, dfargs = list(),
    misc = list(tran = emmeans_link(object, name), inv.lbl = "median")
  )
  if (!is.null(object$group$draws)) {
    basis$post.beta <- structure(coefficient_draws(object)[, own, drop = FALSE],
      n.chains = dim(object$group$draws)[2L])
  }
  basis
}

emmeans_parameter <- function(fit, parameter, call = NULL) {
  if (is.null(parameter) && length(fit$parameters) == 1L) {
    return(fit$parameters)
  }
  if (is.null(parameter)) {
    rescorla_abort(c(
      "emmeans has to be told which parameter: {.code {fit$parameters}}.",
      i = "For example {.code emmeans(fit, ~ group, parameter = \"{fit$parameters[1L]}\")}."
    ), "input", arg = "parameter", call = call)
  }
  check_parameter(parameter, fit, call)
}

# By name where emmeans knows it: differences of logits and logarithms are then ratios.
emmeans_link <- function(fit, name) {
  maps <- fit$group$maps
  p <- match(name, fit$parameters)
  unit <- maps$lower[p] == 0 && (maps$link[p] == "log" || maps$upper[p] == 1)
  if (maps$link[p] == "identity") return("identity")
  if (unit && maps$link[p] != "cubic") return(maps$link[p])
  list(
    linkfun = \(mu) to_real(mu, maps, p), linkinv = \(eta) to_natural(eta, maps, p),
    mu.eta = \(eta) natural_slope(eta, maps, p), valideta = \(eta) TRUE,
    name = paste0(maps$link[p], "[", format(maps$lower[p]), ", ", format(maps$upper[p]), "]")
  )
}
