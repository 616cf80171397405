test_that("the backend says what runs where", {
  withr::local_options(rescorla.isa = NULL)
  backend <- rl_backend()
  expect_s3_class(backend, "rl_backend")
  expect_named(backend, c("isa", "highest", "lanes", "threads", "cuda", "why"))
  expect_identical(backend$isa, backend$highest)
  expect_true(backend$lanes %in% c(2L, 4L, 8L))
  expect_gte(backend$threads, 1L)
  expect_false(backend$cuda)
  expect_match(backend$why, "best instruction set")
  lines <- capture.output(print(backend))
  expect_match(lines[1], paste0("CPU +", backend$isa, ", ", backend$lanes, " subjects at a time"))
  expect_match(lines[2], "thread")
  expect_match(lines[3], "CUDA")
})

test_that("the instruction set can be lowered, never raised", {
  lanes <- c(sse2 = 2L, baseline = 2L, avx2 = 4L, avx512 = 8L)
  highest <- withr::with_options(list(rescorla.isa = NULL), rl_backend()$highest)
  for (level in machine_levels()) {
    withr::local_options(rescorla.isa = level)
    backend <- rl_backend()
    expect_identical(backend$lanes, lanes[[level]])
    expect_identical(backend$highest, highest)
    if (level != highest) expect_match(backend$why, "lowered by options\\(rescorla.isa\\)")
  }
  withr::local_options(rescorla.isa = "avx512")
  expect_identical(rl_backend()$isa, highest)
  withr::local_options(rescorla.isa = "baseline")
  expect_identical(rl_backend()$lanes, 2L)
  # What is packed for one level is not read by another.
  data <- as_task_data(reference_data(subjects = 7))
  values <- lapply(c(machine_levels(), "baseline", rev(machine_levels())), function(level) {
    withr::local_options(rescorla.isa = level)
    rl_loglik("rw", data, c(alpha = 0.3, beta = 2))
  })
  for (v in values) expect_equal(v, values[[1]], tolerance = 1e-12)
})

test_that("an instruction set that does not exist is an error", {
  withr::local_options(rescorla.isa = "neon")
  expect_snapshot(error = TRUE, {
    rl_backend()
  })
  expect_error(rl_backend(), class = "rescorla_error_backend")
  data <- as_task_data(reference_data(subjects = 1))
  expect_error(rl_loglik("rw", data, c(alpha = 0.3, beta = 2)), class = "rescorla_error_backend")
  withr::local_options(rescorla.isa = 2)
  expect_error(rl_backend(), class = "rescorla_error_backend")
  withr::local_options(rescorla.isa = c("sse2", "avx2"))
  expect_error(rl_backend(), class = "rescorla_error_backend")
})

test_that("the default number of threads is that of RcppParallel, at most two under R CMD check", {
  withr::local_envvar(RCPP_PARALLEL_NUM_THREADS = NA, `_R_CHECK_PACKAGE_NAME_` = NA)
  expect_identical(rl_backend()$threads, RcppParallel::defaultNumThreads())
  withr::local_envvar(RCPP_PARALLEL_NUM_THREADS = "3")
  expect_identical(rl_backend()$threads, 3L)
  withr::local_envvar(`_R_CHECK_PACKAGE_NAME_` = "rescorla")
  expect_identical(rl_backend()$threads, 2L)
  withr::local_envvar(RCPP_PARALLEL_NUM_THREADS = "1")
  expect_identical(rl_backend()$threads, 1L)
  expect_match(capture.output(print(rl_backend()))[2], "1 thread$")
  data <- as_task_data(reference_data(subjects = 2))
  expect_error(rl_loglik("rw", data, c(alpha = 0.3, beta = 2), threads = 0),
    class = "rescorla_error_input")
  expect_error(rl_loglik("rw", data, c(alpha = 0.3, beta = 2), threads = "two"),
    class = "rescorla_error_input")
})
