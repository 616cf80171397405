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
#'   `options(rescorla.backend = )`, or the argument `backend` of [rl_loglik()], [simulate()][simulate.rl_model]
#'   and [rl_fit()], says where to compute: `"cpu"` (the default), `"cuda"`, or `"auto"`, the GPU where there
#'   is one and the data are large enough for it to be faster. From which size that is, is measured on the
#'   first such call of a session; `options(rescorla.device_threshold = )` sets it, in (subject, trial) pairs. A
#'   GPU computes log-likelihoods with gradient and information, simulates tasks whose outcomes are
#'   bandits or tables, and fits by subject as a whole; hierarchical fits ask it for likelihoods and
#'   gradients. All else runs on the CPU. Log-likelihoods agree with the CPU's to about 1e-12 relative,
#'   gradients to 1e-10, and the same seed draws the same choices. Data stay on the GPU as long as the
#'   `rl_data` object lives; where they take more than two thirds of what is free, or than
#'   `options(rescorla.device_memory = )` bytes, they go there in parts. `options(rescorla.precision = "single")`
#'   makes `rl_loglik()` compute in single precision there, with relative errors of about 1e-6 in
#'   log-likelihoods.
#'
#'   The CUDA backend is optional and for Linux. `R CMD INSTALL --configure-args=--with-cuda .` in the
#'   sources builds it with the CUDA toolkit that is found, `--with-cuda=DIR` with the one in `DIR`. It
#'   is built for the GPUs of the machine or, where there is none, for compute capabilities 8.0 and 9.0
#'   and newer ones; the environment variable `RESCORLA_CUDA_ARCH`, such as `"80 90"`, says others.
#'   A package built with CUDA loads without a GPU and without a driver too. The first of the GPUs that
#'   the environment variable `CUDA_VISIBLE_DEVICES` shows is used.
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
