square <- job_function(function(job, shared) job$value^2 + shared$offset)

test_that("results come in the order of the jobs", {
  expect_equal(run_jobs(simple_jobs(4), square, list(offset = 1)), list(2, 5, 10, 17))
  expect_equal(run_jobs(list(), square), list())
  # A result may be NULL.
  expect_equal(run_jobs(simple_jobs(2), job_function(\(job, shared) NULL)), list(NULL, NULL))
})

test_that("seeds of jobs are those of the documented hash", {
  # From an implementation of MurmurHash3's finaliser in another language.
  expect_equal(rescorla:::mix_bits(1), 1364076727)
  expect_equal(rescorla:::mix_bits(0xdeadbeef), 233162409)
  expect_equal(rescorla:::job_seed(1, 1), 1291534249)
  expect_equal(rescorla:::job_seed(1, 2), 2057340014)
  expect_equal(rescorla:::job_seed(2^40 + 5, 7, stream = 1), 1485067448)
  seeds <- rescorla:::job_seed(3, 1:20000)
  expect_false(anyDuplicated(seeds) > 0)
  expect_true(all(seeds >= 0 & seeds < 2^32))
})

test_that("a job that fails does not stop the others, and is named", {
  picky <- job_function(function(job, shared) {
    if (job$value %in% c(2, 5)) stop("no {luck} with ", job$value %/% 5)
    job$value
  })
  error <- expect_error(run_jobs(simple_jobs(), picky, label = "folds", call = NULL),
    class = "rescorla_error_backend")
  expect_equal(error$jobs, c(2, 5))
  expect_equal(error$results, list(1, NULL, 3, 4, NULL, 6))
  expect_match(conditionMessage(error), "2 of 6 folds failed")
  expect_match(conditionMessage(error), "2: no {luck} with 0", fixed = TRUE)

  # The kind of the first error, and jobs by their names.
  refuse <- job_function(function(job, shared) rescorla_abort("Not with me.", "input"))
  expect_snapshot(error = TRUE, run_jobs(list(list(name = "cell a"), list(name = "cell b")), refuse,
    label = "cells", call = NULL))
  expect_error(run_jobs(simple_jobs(), refuse), class = "rescorla_error_input")
})

test_that("jobs leave R's generator alone", {
  draws <- job_function(function(job, shared) with_seed(job$value, stats::runif(1)))
  withr::local_seed(1)
  before <- .Random.seed
  first <- run_jobs(simple_jobs(), draws)
  expect_identical(.Random.seed, before)
  expect_identical(run_jobs(simple_jobs(), draws), first)
  expect_length(unique(unlist(first)), 6)
})

test_that("two workers give what one session gives, without a word", {
  skip_on_cran()
  skip_if_not_installed("future")
  draws <- job_function(function(job, shared) {
    list(with_seed(job$value, stats::rnorm(2)), threads = default_threads())
  })
  withr::local_envvar(RCPP_PARALLEL_NUM_THREADS = NA)
  serial <- run_jobs(simple_jobs(9), draws)
  expect_silent(parallel <- with_two_workers(run_jobs(simple_jobs(9), draws)))
  expect_identical(lapply(parallel, `[[`, 1), lapply(serial, `[[`, 1))
  # Workers that share a machine have a thread each, unless the user says otherwise.
  expect_true(all(vapply(parallel, `[[`, 0, "threads") == 1))
  expect_false(nzchar(Sys.getenv("RCPP_PARALLEL_NUM_THREADS")))
})

test_that("what fails on a worker is known by job, and the others are kept", {
  skip_on_cran()
  skip_if_not_installed("future")
  folder <- withr::local_tempdir()
  picky <- job_function(function(job, shared) {
    if (job$value == 3) stop("three")
    if (job$value == 5) quit("no")
    job$value
  })
  error <- with_two_workers(expect_error(
    run_jobs(simple_jobs(8), picky, checkpoint = file.path(folder, "a"), key = 1)))
  # With a worker that died goes what was not begun by then.
  expect_true(all(c(3, 5) %in% error$jobs))
  expect_equal(error$results[-error$jobs], as.list((1:8)[-error$jobs]))
  expect_true(all(1:2 %in% which(lengths(error$results) > 0)))
})

test_that("chunks cover the jobs once, whatever the workers", {
  for (workers in c(1, 2, 7, 100)) for (n in c(1, 2, 5, 64, 1000)) {
    chunks <- rescorla:::split_jobs(seq_len(n) + 10L, list(workers = workers, each = 4L))
    expect_identical(unlist(chunks), seq_len(n) + 10L)
    expect_true(length(chunks) <= 4 * workers)
    expect_true(diff(range(lengths(chunks))) <= 1)
  }
})

test_that("progress is reported to progressr", {
  skip_if_not_installed("progressr")
  seen <- 0
  progressr::with_progress(
    withCallingHandlers(run_jobs(simple_jobs(5), square, list(offset = 0)),
      progression = function(p) if (p$type == "update") seen <<- seen + p$amount),
    handlers = progressr::handler_void(), enable = TRUE
  )
  expect_equal(seen, 5)
})

test_that("a fit that was interrupted is no result", {
  fit <- list(status = c("converged", "interrupted"))
  expect_equal(tryCatch(rescorla:::whole_fit(fit), interrupt = \(e) "stopped"), "stopped")
  fit$status[2] <- "converged"
  expect_identical(rescorla:::whole_fit(fit), fit)
})

test_that("models and tasks of the user's are compiled once, before workers need them", {
  skip_on_cran()
  skip_if_not_installed("future")
  # 0: the fastest to compile.
  cache <- withr::local_tempdir()
  withr::local_options(rescorla.cache = cache, rescorla.isa = "baseline")
  model <- rl_model("sent to workers", parameters = list(beta = positive()),
    state = list(value = per_action(0)), trial = {
      choice ~ softmax(beta * value)
      value[choice] <- value[choice] + 0.21 * (outcome - value[choice])
    })
  study <- \() rl_recover(model, task_bandit(c(0.2, 0.8), trials = 20), subjects = 2, nsim = 2,
    method = "map", starts = 1, seed = 1)
  said <- testthat::capture_messages(parallel <- with_two_workers(study()))
  expect_length(grep("Compiling", said), 1)
  expect_length(list.files(cache, "^rescorla_"), 1)
  # Nor is it here in sequence.
  expect_silent(serial <- study())
  expect_identical(study_result(parallel)$subjects, study_result(serial)$subjects)
})
