# Everything that repeats (cells of a study, folds, models, chunks of data) runs through run_jobs():
# a plain loop, or the workers of whatever `future::plan()` the user has chosen. What a job gives
# depends on the job alone, so that results are the same however they were scheduled.

# `jobs`: a list of small descriptions, each with what it needs, its own seed included (job_seed()).
# `run(job, shared)`: a function of this namespace. It draws no number of R's generator but under
# with_seed(). `shared`: what all jobs read; sent to every worker. `label`: what jobs are, in the
# plural. `checkpoint`: a folder that keeps what is finished, for the call described by `key`
# (open_checkpoint()). Gives the results, in the order of the jobs. Jobs that fail do not stop the
# others; an error at the end names them, with the fields `jobs`, `errors` and `results`.
run_jobs <- function(jobs, run, shared = list(), label = "jobs", checkpoint = NULL, key = NULL,
                     call = rlang::caller_env()) {
  store <- open_checkpoint(checkpoint, jobs, key, label, call)
  outcomes <- stored_outcomes(store, length(jobs))
  waiting <- which(vapply(outcomes, is.null, NA))
  report <- jobs_progress(length(jobs), length(jobs) - length(waiting), label)
  keep <- function(index, outcome) outcomes[index] <<- outcome
  ask <- list(run = run, shared = shared, store = store, options = job_options(),
    cache = normalizePath(cache_folder(), mustWork = FALSE))
  tryCatch(
    if (runs_in_turn(length(waiting))) {
      run_in_turn(jobs, waiting, ask, keep, report$tick)
    } else {
      run_on_workers(jobs, waiting, ask, keep, report$tick)
    },
    interrupt = function(e) stop_jobs(outcomes, store, label)
  )
  report$done()
  finish_jobs(jobs, outcomes, label, store, call)
}

# A seed for job number `index` of a study with this seed. The two halves of the seed (2^53 at most)
# and the index go one after the other through the finaliser of MurmurHash3 (Appleby, public
# domain), which maps 32-bit numbers one to one, so that different jobs of a study never share a
# seed. `stream` tells apart several seeds of one job. From 0 to 2^32 - 1.
job_seed <- function(seed, index, stream = 0) {
  h <- mix_bits(seed %% 2^32)
  h <- mix_bits(xor_bits(h, seed %/% 2^32))
  h <- mix_bits(xor_bits(h, stream))
  mix_bits(xor_bits(h, index))
}

mix_bits <- function(h) {
  h <- xor_bits(h, h %/% 2^16)
  h <- multiply_bits(h, 0x85ebca6b)
  h <- xor_bits(h, h %/% 2^13)
  h <- multiply_bits(h, 0xc2b2ae35)
  xor_bits(h, h %/% 2^16)
}

# R's integers end at 2^31, so halves of 16 bits.
xor_bits <- function(a, b) {
  bitwXor(a %/% 2^16, b %/% 2^16) * 2^16 + bitwXor(a %% 2^16, b %% 2^16)
}

multiply_bits <- function(a, b) {
  high <- (a %/% 2^16 * b) %% 2^16
  (high * 2^16 + (a %% 2^16) * b) %% 2^32
}

# What decides where and in what precision a job computes goes with it to the workers.
job_options <- function() {
  names <- paste0("rescorla.", c("isa", "backend", "precision", "device_memory", "device_threshold"))
  lapply(rlang::set_names(names), getOption)
}

# --- one job --------------------------------------------------------------------------------------

# Its result, or its error without what would make it large.
run_job <- function(job, ask) {
  tryCatch(
    list(result = ask$run(job, ask$shared)),
    error = function(e) list(error = e)
  )
}

# Jobs of one chunk, in this session or in a worker's. A worker on the same file system keeps each
# as it is finished; where the folder is out of its reach the session that asked does.
run_chunk <- function(jobs, indices, ask, threads = NULL, stop_file = NULL) {
  if (identical(threads, "given")) threads <- as.integer(future::availableCores())
  if (!is.null(threads) && !nzchar(Sys.getenv("RCPP_PARALLEL_NUM_THREADS"))) {
    Sys.setenv(RCPP_PARALLEL_NUM_THREADS = threads)
    on.exit(Sys.unsetenv("RCPP_PARALLEL_NUM_THREADS"))
  }
  # Where compiled models are, for workers that see the folder.
  cache <- if (dir.exists(ask$cache)) ask$cache else getOption("rescorla.cache")
  old <- options(c(list(rescorla.progress = FALSE, rescorla.cache = cache), ask$options))
  on.exit(options(old), add = TRUE)
  outcomes <- vector("list", length(jobs))
  for (i in seq_along(jobs)) {
    if (!is.null(stop_file) && file.exists(stop_file)) break
    outcomes[[i]] <- run_job(jobs[[i]], ask)
    if (can_store(ask$store)) store_outcome(ask$store, indices[i], outcomes[[i]])
  }
  outcomes
}

# A fit that Ctrl-C cut short is no result of a job.
whole_fit <- function(fit) {
  if (any(fit$status == "interrupted") || isFALSE(fit$group$complete)) rlang::interrupt()
  fit
}

# --- in turn --------------------------------------------------------------------------------------

# Without future, or with its sequential plan.
runs_in_turn <- function(count) {
  asked <- isNamespaceLoaded("future") || nzchar(Sys.getenv("R_FUTURE_PLAN")) ||
    !is.null(getOption("future.plan"))
  count == 0L || !asked || !rlang::is_installed("future") ||
    inherits(future::plan(), "sequential")
}

run_in_turn <- function(jobs, waiting, ask, keep, tick) {
  old <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit(if (!is.null(old)) assign(".Random.seed", old, globalenv()))
  for (i in waiting) {
    keep(i, run_chunk(jobs[i], i, ask))
    tick(1L)
  }
}

# --- on workers -----------------------------------------------------------------------------------

run_on_workers <- function(jobs, waiting, ask, keep, tick) {
  plan <- describe_plan()
  compile_ahead(list(ask$shared, jobs[waiting]))
  chunks <- split_jobs(waiting, plan)
  # When this ends early, workers that see the file end after the job they are at.
  stop_file <- tempfile("stop-", if (is.null(ask$store)) tempdir() else ask$store$folder)
  done <- FALSE
  on.exit(if (!done) file.create(stop_file))
  running <- list()
  pause <- 0.005
  while (length(chunks) || length(running)) {
    while (length(chunks) && length(running) < plan$workers) {
      indices <- chunks[[1]]
      chunks <- chunks[-1]
      running <- c(running, list(list(indices = indices,
        future = start_chunk(jobs[indices], indices, ask, plan$threads, stop_file))))
    }
    ready <- vapply(running, chunk_ready, NA)
    for (chunk in running[ready]) {
      made <- collect_chunk(chunk, ask$store)
      keep(chunk$indices, made$outcomes)
      tick(length(chunk$indices))
      if (made$lost && plan$local) {
        # Its place stays taken, and would swallow all that is left.
        for (left in chunks) keep(left, rep(list(list(error = not_run())), length(left)))
        chunks <- list()
      }
    }
    running <- running[!ready]
    pause <- if (any(ready)) 0.005 else min(pause * 1.3, plan$patience)
    if (!any(ready) && length(running)) Sys.sleep(pause)
  }
  done <- TRUE
}

# Models and tasks that a user wrote, wherever they are in what jobs are given, once and here: workers
# find them in the cache. What cannot be compiled the jobs will say.
compile_ahead <- function(x) {
  if (inherits(x, c("rl_model", "rl_task"))) {
    if (is.null(x$id) && !is.null(x$program)) {
      make <- if (inherits(x, "rl_model")) model_kernels else task_kernels
      tryCatch(make(x, active_level(), NULL), error = \(e) NULL)
    }
  } else if (is.list(x) && !is.data.frame(x) && !inherits(x, "rl_data")) {
    for (part in x) compile_ahead(part)
  }
}

# Workers of a machine share its cores, so each job has one thread; a batch job has the cores it was
# given. What the user set holds before either, and results do not depend on it.
describe_plan <- function() {
  plan <- future::plan()
  workers <- future::nbrOfWorkers()
  local <- inherits(plan, c("multisession", "multicore", "multiprocess", "cluster"))
  list(
    local = local,
    workers = if (is.finite(workers)) max(1L, workers) else 100L,
    threads = if (!local) "given" else if (workers > 1) 1L,
    patience = if (local) 0.05 else 0.5,
    each = if (local) 4L else 1L
  )
}

# Consecutive jobs; several chunks for each worker, so that none waits long for the last, but one
# where a chunk is a job in a queue.
split_jobs <- function(waiting, plan) {
  count <- min(length(waiting), plan$workers * plan$each)
  if (count == 0) return(list())
  unname(split(waiting, ceiling(seq_along(waiting) * count / length(waiting))))
}

# Where there is nobody to take it, the error in place of the future.
start_chunk <- function(jobs, indices, ask, threads, stop_file) {
  tryCatch(future::future(
    run_chunk(jobs, indices, ask, threads, stop_file),
    substitute = TRUE, lazy = FALSE, seed = NULL,
    globals = list(run_chunk = run_chunk, jobs = jobs, indices = indices, ask = ask,
      threads = threads, stop_file = stop_file)
  ), error = identity)
}

# A worker that died is told by an error.
chunk_ready <- function(chunk) {
  inherits(chunk$future, "error") || tryCatch(future::resolved(chunk$future), error = \(e) TRUE)
}

# What a worker made; where it died, what it had kept before.
collect_chunk <- function(chunk, store) {
  outcomes <- if (inherits(chunk$future, "error")) chunk$future else
    tryCatch(future::value(chunk$future), error = identity)
  lost <- inherits(outcomes, "error")
  if (lost) {
    outcomes <- lapply(chunk$indices, \(i) read_outcome(store, i) %||% list(error = outcomes))
  }
  for (i in seq_along(outcomes)) {
    if (!is.null(store) && !is_stored(store, chunk$indices[i])) {
      store_outcome(store, chunk$indices[i], outcomes[[i]])
    }
  }
  list(outcomes = outcomes, lost = lost)
}

not_run <- function() simpleError("Not run: a worker was lost before.")

# --- the end --------------------------------------------------------------------------------------

stop_jobs <- function(outcomes, store, label) {
  if (!is.null(store)) {
    finished <- sum(!vapply(stored_outcomes(store, length(outcomes)), is.null, NA))
    rescorla_inform(c(
      "Interrupted: {finished} of {length(outcomes)} {label} are finished and kept in
       {.file {store$folder}}.",
      i = "The same call takes up from there."
    ))
  }
  rlang::interrupt()
}

finish_jobs <- function(jobs, outcomes, label, store, call) {
  failed <- which(!vapply(outcomes, \(x) "result" %in% names(x), NA))
  results <- lapply(outcomes, `[[`, "result")
  if (length(failed) == 0) return(results)
  errors <- lapply(outcomes[failed], `[[`, "error")
  said <- vapply(errors, error_text, "")
  # Each message once, with the jobs that gave it.
  each <- vapply(unique(said), function(text) {
    paste0(name_some(job_names(jobs)[failed][said == text]), ": ", text)
  }, "")
  shown <- each[seq_len(min(3, length(each)))]
  count <- length(failed)
  kind <- Filter(\(k) inherits(errors[[1]], paste0("rescorla_error_", k)), error_kinds)
  rescorla_abort(c(
    "{count} of {length(jobs)} {label} failed.",
    stats::setNames(escape_braces(shown), rep("x", length(shown))),
    i = if (length(each) > 3) "{length(each) - 3} other message{?s} {?is/are} in the error's
                               field {.field errors}.",
    i = if (!is.null(store)) "The others are kept in {.file {store$folder}}: the same call runs only
                               what failed."
  ), if (length(kind)) kind else "backend", jobs = failed, errors = errors, results = results,
  call = call)
}

error_text <- function(error) {
  lines <- strsplit(cli::ansi_strip(conditionMessage(error)), "\n", fixed = TRUE)[[1]]
  # Those of future go on for a page.
  if (inherits(error, "FutureError")) {
    lines <- sub("[.] (Post-mortem|The total size).*", ".", lines[1])
  }
  paste(trimws(lines), collapse = " ")
}

# A job may say what it is; otherwise it goes by its number.
job_names <- function(jobs) {
  vapply(seq_along(jobs), \(i) as.character(jobs[[i]]$name %||% i), "")
}

# --- progress -------------------------------------------------------------------------------------

# For those who use progressr (it is loaded), its reports, and otherwise a bar on what takes longer
# than two seconds.
jobs_progress <- function(total, begun, label) {
  if (isNamespaceLoaded("progressr") && total > 0) {
    tell <- progressr::progressor(steps = total, message = label, auto_finish = FALSE,
      on_exit = FALSE)
    if (begun) tell(amount = begun)
    return(list(tick = function(n) tell(amount = n), done = function() tell(type = "finish")))
  }
  bar <- progress_bar(total, escape_braces(paste("Running", label)))
  list(done = bar$done, tick = function(n) {
    begun <<- begun + n
    bar$tick(begun)
  })
}
