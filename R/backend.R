#' What runs where
#'
#' @return A list of class `rl_backend`: `isa`, the instruction set in use (`"sse2"`, `"avx2"`,
#'   `"avx512"`, or `"baseline"` on processors that are not x86-64); `highest`, the best this machine
#'   has; `lanes`, subjects computed together on one core; `threads`, the default number of threads;
#'   `cuda`, what there is of CUDA; `why`, a sentence on the choice of the instruction set.
#'
#'   `cuda` is a list: `built`, whether the package was built with the CUDA backend; `available`,
#'   whether there is a GPU it can use; `devices`, how many there are; of the first of them `name`,
#'   `capability` (the compute capability, such as `"9.0"`) and `memory` (bytes, `free` and `total`);
#'   the versions of CUDA the `driver` is made for, the `runtime` is of, and the compiler `nvrtc` is of
#'   (`NA` where there is none); `why`, a sentence that says why no GPU can be used, or `""`.
#' @details `options(rescorla.isa = "sse2")` lowers the instruction set; `RcppParallel::setThreadOptions()`
#'   or a `threads` argument sets the number of threads. Results are identical for any number of
#'   threads and agree to about 1e-12 across instruction sets.
#'
#'   The CUDA backend is optional and for Linux. `R CMD INSTALL --configure-args=--with-cuda .` in the
#'   sources builds it with the CUDA toolkit that is found, `--with-cuda=DIR` with the one in `DIR`. It
#'   is built for the GPUs of the machine or, where there is none, for compute capabilities 8.0 and 9.0
#'   and newer ones; the environment variable `RESCORLA_CUDA_ARCH`, such as `"80 90"`, says others.
#'   A package built with CUDA loads without a GPU and without a driver too. The first of the GPUs that
#'   the environment variable `CUDA_VISIBLE_DEVICES` shows is used. A process forked from one that
#'   has used the GPU cannot use it: workers are to be processes of their own, as
#'   `future::plan("multisession")` gives.
#' @section What runs on a GPU: With `backend = "cuda"`, or `"auto"` where it pays:
#'   * [rl_loglik()] with its gradient;
#'   * [rl_fit()] by subject, from the starts to the curvature at the maximum;
#'   * of the hierarchical methods, the likelihoods and their gradients;
#'   * [simulate()][simulate.rl_model] on tasks whose outcomes are drawn or listed beforehand, such as
#'     [task_bandit()], [task_gaussian()] and [task_outcomes()].
#'
#'   Always on the CPU: log-likelihoods by trial (`pointwise = TRUE`), [rl_latents()], `predict()` and
#'   what else needs trials one by one; tasks that are programs; `confint()`, by profiles and by the
#'   bootstrap; and whatever else only reads a fit. What fits anew goes by the option, or by `backend`
#'   where it has that argument: `update()`, [rl_heldout()], studies such as [rl_recover()]. Studies
#'   simulate where the option says.
#'
#'   The same kernels, run on the CPU in the tests and on a GPU by `tools/gpu.sh` in the sources, are held
#'   to log-likelihoods within 1e-12 of the CPU's, relative, gradients within 1e-10, and the same draws from
#'   the same seed. Models are compiled for the GPU on first use, but for the leading ones.
#' @section Options:
#'   * `rescorla.backend`: what `backend = NULL` means in every call. The default is `"cpu"`. Workers of
#'     `future` take it, and the options below, from the session that asks.
#'   * `rescorla.precision`: `"double"`, or `"single"` for [rl_loglik()] on a GPU: log-likelihoods are
#'     then good to about 1e-6, gradients to 1e-4, and less where choices are all but deterministic.
#'     Fits and simulations are always in double precision.
#'   * `rescorla.device_memory`: bytes of the GPU's memory for the data, or for a simulation. What
#'     needs more goes there in parts, with the same results. The default, 0, is two thirds of what is
#'     free.
#'   * `rescorla.device_threshold`: from how many trials of all subjects on, times the starts of a fit
#'     by subject or the replicates of a simulation, `"auto"` takes the GPU. By default it is measured
#'     the first time it matters in a session; `Inf` is never.
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
    cuda = cuda_state(cpp_cuda_describe()),
    why = if (level < highest) "lowered by options(rescorla.isa)" else
      "the best instruction set of this processor"
  ), class = "rl_backend")
}

#' @export
print.rl_backend <- function(x, ...) {
  cli::cat_line("CPU    ", x$isa, ", ", x$lanes, " subjects at a time (", x$why, ")")
  cli::cat_line("       ", x$threads, if (x$threads == 1) " thread" else " threads")
  cli::cat_line(cuda_lines(x$cuda))
  invisible(x)
}

# What C++ tells of CUDA, as rl_backend() gives it.
cuda_state <- function(found) {
  list(
    built = found$built,
    available = found$built && found$devices > 0 && !nzchar(found$why),
    devices = found$devices,
    name = missing_text(found$name),
    capability = missing_text(found$capability),
    driver = cuda_version(found$driver),
    runtime = cuda_version(found$runtime),
    memory = c(free = found$memory_free, total = found$memory_total),
    nvrtc = cuda_version(found$nvrtc),
    why = found$why
  )
}

missing_text <- function(text) if (nzchar(text)) text else NA_character_

# 13000 is 13.0.
cuda_version <- function(number) {
  if (number == 0) return(NA_character_)
  paste0(number %/% 1000, ".", number %% 1000 %/% 10)
}

# One line, or two where there is a GPU to describe.
cuda_lines <- function(cuda) {
  if (!cuda$built) return("CUDA   not built (?rl_backend says how)")
  versions <- c(runtime = cuda$runtime, driver = cuda$driver, NVRTC = cuda$nvrtc)
  versions <- ifelse(is.na(versions), paste("no", names(versions)), paste(names(versions), versions))
  versions <- paste(versions, collapse = ", ")
  if (cuda$devices == 0) {
    return(c(paste0("CUDA   no GPU: ", cuda$why), paste0("       ", versions)))
  }
  gib <- formatC(cuda$memory / 2^30, format = "f", digits = 1)
  c(
    paste0(
      "CUDA   ", cuda$name, ", compute capability ", cuda$capability, ", ",
      if (cuda$available) paste0(gib[["free"]], " of ", gib[["total"]], " GiB free") else
        paste0("cannot be used: ", cuda$why),
      if (cuda$devices > 1) paste0(" (the first of ", cuda$devices, ")")
    ),
    paste0("       ", versions)
  )
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
