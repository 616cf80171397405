# Which backend a call runs on. "host" is for tests: the device's code on the host, without a GPU.

backends <- c("cpu", "cuda", "auto", "host")

# `size`: subjects x trials (x parameter vectors), for "auto" to weigh.
choose_backend <- function(backend, size, call = rlang::caller_env()) {
  asked <- backend %||% getOption("rescorla.backend", "cpu")
  if (!rlang::is_string(asked) || !asked %in% backends) {
    rescorla_abort(c(
      if (is.null(backend)) "Option `rescorla.backend` must be one of {.or {.val {backends[1:3]}}}." else
        "`backend` must be one of {.or {.val {backends[1:3]}}}.",
      x = "It is {describe_value(asked)}."
    ), "input", arg = "backend", call = call)
  }
  if (asked %in% c("cpu", "host")) return(asked)
  cuda <- rl_backend()$cuda
  if (asked == "auto") {
    return(if (cuda$available && size >= device_threshold(call)) "cuda" else "cpu")
  }
  if (!cuda$available) {
    rescorla_abort(c(
      if (cuda$built) "CUDA cannot be used." else "This build of rescorla has no CUDA.",
      x = if (cuda$built) "{cuda$why}",
      i = if (cuda$built) "{.code rl_backend()} shows what there is." else "{cuda$why}",
      i = "{.code backend = \"cpu\"} computes the same on the processor, {.code backend = \"auto\"} wherever it can."
    ), "backend", call = call)
  }
  "cuda"
}

asks_backend <- function(backend) !is.null(backend %||% getOption("rescorla.backend"))

backend_state <- new.env(parent = emptyenv())

# For the duration of the caller, what it calls runs on the backend it has resolved.
local_backend <- function(backend, frame = rlang::caller_env()) {
  rlang::local_bindings(active = backend, .env = backend_state, .frame = frame)
}

active_backend <- function() backend_state$active %||% "cpu"

# Tasks that are programs run on the CPU, whatever the option says; to ask for more is a mistake.
check_program_backend <- function(backend, call) {
  if (is.null(backend) || identical(backend, "cpu") || identical(backend, "auto")) return(invisible())
  rescorla_abort(c(
    "A task that is a program runs on the CPU only, and `backend` is {describe_value(backend)}.",
    i = "Leave `backend` out here. Bandits and tables of outcomes ({.fn task_bandit},
         {.fn task_gaussian}, {.fn task_outcomes}) run on a GPU too."
  ), "backend", call = call)
}

single_precision <- function(call = rlang::caller_env()) {
  chosen <- getOption("rescorla.precision", "double")
  if (!rlang::is_string(chosen) || !chosen %in% c("double", "single")) {
    rescorla_abort(c("Option `rescorla.precision` must be {.val double} or {.val single}.",
      x = "It is {describe_value(chosen)}."), "backend", call = call)
  }
  chosen == "single"
}

# --- when a GPU pays ----------------------------------------------------------------------------

# The number of (subject, trial) pairs from which the GPU is faster, measured once in a session on
# this machine: a likelihood with its gradient on both sides, for few and for many subjects. The CPU's
# time is proportional to the size; the GPU's has a fixed part, of launches and copies. Inf where the
# GPU is never faster.
device_threshold <- function(call = rlang::caller_env()) {
  chosen <- getOption("rescorla.device_threshold")
  if (!is.null(chosen)) {
    if (is_number(chosen) || identical(chosen, Inf)) return(chosen)
    rescorla_abort(c(
      "Option `rescorla.device_threshold` must be a number of (subject, trial) pairs, or Inf.",
      x = "It is {describe_value(chosen)}."
    ), "backend", call = call)
  }
  if (is.null(kernel_cache$threshold)) kernel_cache$threshold <- measure_threshold("cuda")
  kernel_cache$threshold
}

measure_threshold <- function(backend, subjects = c(200, 20000), trials = 100) {
  model <- as_model("rw", rlang::current_env())
  times <- vapply(subjects, function(n) {
    data <- threshold_data(n, trials)
    values <- full_parameters(model, c(alpha = 0.3, beta = 3), data$subjects, NULL)
    vapply(c("cpu", backend), function(where) {
      bound <- on_device(bind_model(model, data, active_level()), model, "score", where)
      run <- function() cpp_evaluate(bound$kernels, bound$packed, bound$bound, values, 1L, FALSE,
        default_threads())
      run()
      shortest <- Inf
      for (i in 1:3) shortest <- min(shortest, seconds_of(run))
      shortest
    }, 0)
  }, numeric(2))
  threshold_from(subjects * trials, times[1, ], times[2, ])
}

# Size s at which a + b s = c s, from the times at two sizes.
threshold_from <- function(sizes, cpu, device) {
  c <- cpu[2] / sizes[2]
  b <- max((device[2] - device[1]) / (sizes[2] - sizes[1]), 0)
  a <- max(device[1] - b * sizes[1], 0)
  if (b >= c) Inf else a / (c - b)
}

threshold_data <- function(subjects, trials) {
  rows <- subjects * trials
  # That subjects are alike is no news here.
  suppressWarnings(rl_data(data.frame(
    subject = rep(seq_len(subjects), each = trials),
    choice = rep_len(c(1L, 2L, 2L, 1L, 2L), rows),
    outcome = rep_len(c(1, 0, 1, 1, 0, 0, 1), rows)
  )))
}

seconds_of <- function(run) {
  began <- proc.time()[["elapsed"]]
  count <- 0
  repeat {
    run()
    count <- count + 1
    took <- proc.time()[["elapsed"]] - began
    if (took > 0.02) return(took / count)
  }
}
