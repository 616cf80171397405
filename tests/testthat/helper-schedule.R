# Jobs for run_jobs(): functions as the package's own are, whose environment is its namespace.
job_function <- function(f) {
  environment(f) <- asNamespace("rescorla")
  f
}

simple_jobs <- function(n = 6) lapply(seq_len(n), \(i) list(value = i))

run_jobs <- function(...) rescorla:::run_jobs(...)

# Runs the code under a plan with two workers of this machine.
with_two_workers <- function(code) {
  old <- future::plan("multisession", workers = 2)
  on.exit(future::plan(old))
  code
}

# What must be the same however a study was run: all but the call.
study_result <- function(study) unclass(study)[names(study) != "call"]

small_study <- function(..., subjects = 4, nsim = 4) {
  rl_recover("rw", task_bandit(c(0.2, 0.8), trials = 40), subjects = subjects, nsim = nsim,
    starts = 3, seed = 7, ...)
}
