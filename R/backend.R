#' What runs where
#'
#' @return A list of class `rl_backend`: `isa`, the instruction set in use (`"sse2"`, `"avx2"`,
#'   `"avx512"`, or `"baseline"` on processors that are not x86-64); `highest`, the best this machine
#'   has; `lanes`, subjects computed together on one core; `threads`, the default number of threads;
#'   `cuda`, whether a CUDA backend was built; `why`, a sentence on the choice.
#' @details `options(rescorla.isa = "sse2")` lowers the instruction set; `RcppParallel::setThreadOptions()`
#'   or a `threads` argument sets the number of threads. Results are identical for any number of
#'   threads and agree to about 1e-12 across instruction sets.
#' @examples
#' rl_backend()
#' @export
rl_backend <- function() {
  level <- active_level()
  highest <- cpp_highest_level()
  structure(list(
    isa = level_name(level),
    highest = level_name(highest),
    lanes = c(2L, 4L, 8L)[level + 1],
    threads = default_threads(),
    cuda = FALSE,
    why = if (level < highest) "lowered by options(rescorla.isa)" else
      "the best instruction set of this processor"
  ), class = "rl_backend")
}

#' @export
print.rl_backend <- function(x, ...) {
  cli::cat_line("CPU    ", x$isa, ", ", x$lanes, " subjects at a time (", x$why, ")")
  cli::cat_line("       ", x$threads, if (x$threads == 1) " thread" else " threads")
  cli::cat_line("CUDA   not built")
  invisible(x)
}

level_names <- c("sse2", "avx2", "avx512")

level_name <- function(level) {
  if (level == 0 && !grepl("x86_64|x64", R.version$arch)) "baseline" else level_names[level + 1]
}

active_level <- function(call = rlang::caller_env()) {
  highest <- cpp_highest_level()
  chosen <- getOption("rescorla.isa")
  if (is.null(chosen)) return(highest)
  level <- match(chosen, level_names) - 1L
  if (identical(chosen, "baseline")) level <- 0L
  if (length(level) != 1 || is.na(level)) {
    rescorla_abort(c(
      "Option `rescorla.isa` must be one of {.or {.val {level_names}}}.",
      x = "It is {describe_value(chosen)}."
    ), "backend", call = call)
  }
  min(level, highest)
}

# RcppParallel::setThreadOptions() leaves its choice in this variable.
default_threads <- function() {
  set <- suppressWarnings(as.integer(Sys.getenv("RCPP_PARALLEL_NUM_THREADS", "")))
  threads <- if (!is.na(set) && set > 0) set else RcppParallel::defaultNumThreads()
  if (nzchar(Sys.getenv("_R_CHECK_PACKAGE_NAME_"))) threads <- min(threads, 2L)
  as.integer(threads)
}

resolve_threads <- function(threads, call = rlang::caller_env()) {
  if (is.null(threads)) return(default_threads())
  check_count(threads, arg = "threads", call = call)
}
