#' rescorla: trial-by-trial learning models of behaviour
#'
#' A model is one short program; from it follow the likelihood, its exact gradient, the trial-wise
#' latents and the simulation. Start with [rl_data()], [rl_model()] and [rl_fit()].
#'
#' @useDynLib rescorla, .registration = TRUE
#' @importFrom Rcpp sourceCpp
#' @importFrom RcppParallel RcppParallelLibs
#' @keywords internal
"_PACKAGE"
