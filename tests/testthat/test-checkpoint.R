# Counts how often it ran, in a file.
counted <- function(file) {
  list(file = file, run = job_function(function(job, shared) {
    cat("x", file = shared$file, append = TRUE)
    if (isTRUE(shared$stop_at == job$value)) rlang::interrupt()
    job$value / 3
  }))
}
runs <- function(file) if (file.exists(file)) file.size(file) else 0

test_that("finished jobs are taken from the folder, others run", {
  folder <- file.path(withr::local_tempdir(), "new", "study")
  job <- counted(withr::local_tempfile())
  go <- function(...) run_jobs(simple_jobs(), job$run, list(file = job$file, ...),
    checkpoint = folder, key = list("a", 1))
  # A kill at the very start leaves no more than this.
  dir.create(folder, recursive = TRUE)
  file.create(file.path(folder, "part-1a2b"))
  first <- go()
  expect_equal(first, as.list(1:6 / 3))
  expect_equal(runs(job$file), 6)
  expect_identical(go(), first)
  expect_equal(runs(job$file), 6)

  # Removed, truncated and damaged files are made anew.
  file <- \(i) file.path(folder, sprintf("job-%06d.rds", i))
  unlink(file(1))
  bytes <- readBin(file(2), "raw", 1e6)
  writeBin(bytes[seq_len(length(bytes) %/% 2)], file(2))
  bytes[length(bytes) %/% 2] <- xor(bytes[length(bytes) %/% 2], as.raw(0x10))
  writeBin(bytes, file(4))
  writeLines("nothing", file(5))
  # A sound file of another job.
  file.copy(file(3), file(6), overwrite = TRUE)
  expect_silent(again <- go())
  expect_identical(again, first)
  expect_gte(runs(job$file), 10)
  expect_setequal(list.files(folder), c("call.rds", basename(file(1:6))))
})

test_that("an interrupt loses nothing that is finished", {
  folder <- withr::local_tempdir()
  job <- counted(withr::local_tempfile())
  go <- function(...) run_jobs(simple_jobs(), job$run, list(file = job$file, ...), label = "folds",
    checkpoint = folder, key = 2)
  said <- NULL
  stopped <- withCallingHandlers(
    tryCatch(go(stop_at = 4), interrupt = \(e) "stopped"),
    rescorla_message = function(m) {
      said <<- conditionMessage(m)
      rlang::cnd_muffle(m)
    }
  )
  expect_equal(stopped, "stopped")
  expect_match(said, "3 of 6 folds are finished")
  expect_equal(runs(job$file), 4)
  expect_equal(go(), as.list(1:6 / 3))
  expect_equal(runs(job$file), 7)
})

test_that("jobs that failed run again, and only those", {
  folder <- withr::local_tempdir()
  file <- withr::local_tempfile()
  run <- job_function(function(job, shared) {
    if (job$value == 2 && !file.exists(shared$file)) stop("not yet")
    job$value
  })
  go <- \() run_jobs(simple_jobs(3), run, list(file = file), checkpoint = folder, key = 3)
  error <- expect_error(go(), class = "rescorla_error_backend")
  expect_equal(error$jobs, 2)
  expect_match(conditionMessage(error), "the same call runs only")
  file.create(file)
  expect_equal(go(), list(1, 2, 3))
})

test_that("a folder of another call, or of other things, is refused", {
  folder <- withr::local_tempdir()
  square <- job_function(function(job, shared) job$value^2)
  go <- \(key, n = 3) run_jobs(simple_jobs(n), square, checkpoint = folder, key = key,
    label = "folds", call = NULL)
  go(list(model = "rw", f = function(x) x + 1))
  expect_snapshot(error = TRUE, go(list(model = "rw", f = function(x) x + 2)),
    transform = \(x) gsub("'[^']*'", "'FOLDER'", x))
  expect_error(go(list(model = "rwx", f = function(x) x + 1)), class = "rescorla_error_input")
  expect_error(go(list(model = "rw", f = function(x) x + 1), n = 4), class = "rescorla_error_input")
  # The same call, written elsewhere and with a compiled function.
  twin <- compiler::cmpfun(eval(str2lang("function(x)   x + 1")))
  expect_equal(go(list(model = "rw", f = twin)), list(1, 4, 9))

  other <- withr::local_tempdir()
  writeLines("thesis", file.path(other, "part-1 of the thesis.txt"))
  expect_error(run_jobs(simple_jobs(1), square, checkpoint = other),
    "thesis.txt", class = "rescorla_error_input")
  expect_equal(list.files(other), "part-1 of the thesis.txt")
  expect_error(run_jobs(simple_jobs(1), square, checkpoint = 3), class = "rescorla_error_input")
  file <- withr::local_tempfile(lines = "a file")
  expect_error(run_jobs(simple_jobs(1), square, checkpoint = file.path(file, "below")),
    "could not be made", class = "rescorla_error_input")
})

test_that("the same content has the same hash, however it is held", {
  hash <- rescorla:::key_hash
  expect_identical(hash(1:3), hash(c(1L, 2L, 3L)))
  expect_identical(hash(list(a = 1, f = y ~ x)), hash(list(a = 1, f = local(y ~ x))))
  expect_false(hash(1:3) == hash(c(1, 2, 3)))
  expect_false(hash(list(a = 1)) == hash(list(b = 1)))
  expect_false(hash(factor("a")) == hash(factor("b")))
  expect_identical(hash(rl_model("rw")), hash(rl_model("rw")))
  expect_false(hash(rl_model("rw")) == hash(rl_model("rw", beta = bounded(0, 20))))
})

test_that("a study that was killed goes on to the same result", {
  skip_on_cran()
  skip_on_os("windows")
  folder <- file.path(withr::local_tempdir(), "study")
  study <- "rl_recover('rw', task_bandit(c(0.2, 0.8), trials = 100), subjects = 80, nsim = 12,
    method = 'em', starts = 3, seed = 5"
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    paste0(".libPaths(", deparse1(.libPaths()), ")"), "library(rescorla)",
    paste0(study, ", checkpoint = '", folder, "')")
  ))
  pid_file <- withr::local_tempfile()
  system2("sh", c("-c", shQuote(paste0("echo $$ > ", pid_file, "; exec ",
    file.path(R.home("bin"), "Rscript"), " ", script))), wait = FALSE, stdout = FALSE,
    stderr = FALSE)
  finished <- \() length(list.files(folder, "^job-"))
  for (i in 1:600) {
    if (finished() >= 2) break
    Sys.sleep(0.05)
  }
  tools::pskill(as.integer(readLines(pid_file)), tools::SIGKILL)
  Sys.sleep(0.2)
  before <- finished()
  expect_true(before >= 2 && before < 12)
  resumed <- eval(str2lang(paste0(study, ", checkpoint = folder)")))
  whole <- eval(str2lang(paste0(study, ")")))
  expect_identical(study_result(resumed), study_result(whole))
})
