# Running the peers. A peer that is not there gives absent(<why>) in place of its result.

absent <- function(...) structure(list(), why = paste0(...), class = "absent")
is_absent <- function(x) inherits(x, "absent")
reason <- function(x) attr(x, "why")

# The folder that setup.sh fills.
bench_venv <- function() {
  cache <- Sys.getenv("XDG_CACHE_HOME", file.path(Sys.getenv("HOME"), ".cache"))
  Sys.getenv("RESCORLA_BENCH_VENV", file.path(cache, "rescorla-bench"))
}

# Runs peers/<script> and reads the JSON object it prints.
run_python <- function(script, arguments) {
  python <- file.path(bench_venv(), "bin", "python")
  if (!file.exists(python)) {
    return(absent("no virtual environment; run bench/setup.sh"))
  }
  if (!requireNamespace("jsonlite", quietly = TRUE)) {
    return(absent("needs the R package jsonlite"))
  }
  errors <- tempfile()
  on.exit(unlink(errors))
  # -B: no __pycache__ beside the sources.
  arguments <- c("-B", shQuote(file.path("peers", script)), shQuote(arguments))
  printed <- suppressWarnings(system2(python, arguments, stdout = TRUE, stderr = errors))
  if (!is.null(attr(printed, "status"))) {
    return(absent(script, " failed: ", utils::tail(c("?", readLines(errors, warn = FALSE)), 1)))
  }
  jsonlite::fromJSON(utils::tail(printed, 1))
}

# JAX on a number of cores; its log-likelihoods and gradients by subject come back through a file.
run_jax <- function(folder, cores) {
  result <- run_python("jax_models.py", c("--inputs", folder, "--threads", cores))
  if (is_absent(result)) return(result)
  path <- file.path(folder, "jax_gradient.bin")
  by_subject <- matrix(readBin(path, "double", file.size(path) / 8, endian = "little"), ncol = 4)
  result$value <- by_subject[, 1]
  result$gradient <- by_subject[, -1]
  result
}

# Compiles scalar/scalar_libm.cpp with plain -O2 outside the source tree; gives its symbols.
load_scalar <- function() {
  folder <- tempfile("scalar")
  dir.create(folder)
  file.copy(file.path("scalar", "scalar_libm.cpp"), folder)
  makevars <- file.path(folder, "Makevars.user")
  writeLines(paste0("CXX", c("", "11", "14", "17"), "FLAGS = -O2"), makevars)
  old <- Sys.getenv("R_MAKEVARS_USER", NA)
  here <- setwd(folder)
  on.exit({
    setwd(here)
    if (is.na(old)) Sys.unsetenv("R_MAKEVARS_USER") else Sys.setenv(R_MAKEVARS_USER = old)
  })
  Sys.setenv(R_MAKEVARS_USER = makevars)
  command <- c("CMD", "SHLIB", "scalar_libm.cpp")
  r <- file.path(R.home("bin"), "R")
  output <- suppressWarnings(system2(r, command, stdout = TRUE, stderr = TRUE))
  library_file <- paste0("scalar_libm", .Platform$dynlib.ext)
  if (!file.exists(library_file)) {
    return(absent("scalar_libm.cpp did not compile: ", utils::tail(c("?", output), 1)))
  }
  dll <- dyn.load(file.path(folder, library_file))
  names <- c("scalar_loglik", "scalar_nanoseconds", "scalar_objective")
  stats::setNames(lapply(names, getNativeSymbolInfo, PACKAGE = dll), names)
}

scalar_loglik <- function(scalar, inputs, extended = FALSE) {
  .Call(scalar$scalar_loglik, t(inputs$choice), t(inputs$outcome), inputs$parameters,
        inputs$actions, extended)
}

scalar_nanoseconds <- function(scalar, inputs, repeats = 5L) {
  .Call(scalar$scalar_nanoseconds, t(inputs$choice), t(inputs$outcome), inputs$parameters,
        inputs$actions, repeats)
}

# optim(method = "BFGS") on the compiled scalar likelihood, as a script would: several starts,
# numerical gradients, the best kept. Gives the seconds and the best log-likelihood by subject.
fit_optim <- function(scalar, inputs, starts) {
  objective <- scalar$scalar_objective
  best <- rep(-Inf, inputs$subjects)
  seconds <- system.time(
    for (s in seq_len(inputs$subjects)) {
      choice <- inputs$choice[s, ]
      outcome <- inputs$outcome[s, ]
      actions <- inputs$actions
      negative <- function(par) .Call(objective, par, choice, outcome, actions)
      for (start in seq_len(nrow(starts))) {
        fit <- stats::optim(starts[start, ], negative, method = "BFGS")
        best[s] <- max(best[s], -fit$value)
      }
    }
  )[["elapsed"]]
  list(seconds = seconds, loglik = best)
}

# Starts on the unconstrained scale of scalar_objective.
optim_starts <- function(n, seed = 1) {
  set.seed(seed)
  cbind(
    stats::qlogis(stats::runif(n, 0.1, 0.9)),
    stats::qlogis(stats::runif(n, 0.1, 0.9)),
    stats::qlogis(stats::runif(n, 0.5, 10) / 100)
  )
}
