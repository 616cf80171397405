test_that("the backend says what runs where", {
  withr::local_options(rescorla.isa = NULL)
  backend <- rl_backend()
  expect_s3_class(backend, "rl_backend")
  expect_named(backend, c("isa", "highest", "lanes", "threads", "cuda", "why"))
  expect_identical(backend$isa, backend$highest)
  expect_true(backend$lanes %in% c(2L, 4L, 8L))
  expect_gte(backend$threads, 1L)
  expect_match(backend$why, "best instruction set")
  lines <- capture.output(print(backend))
  expect_match(lines[1], paste0("CPU +", backend$isa, ", ", backend$lanes, " subjects at a time"))
  expect_match(lines[2], "thread")
  expect_match(lines[3], "CUDA")
})

test_that("the backend says what there is of CUDA", {
  cuda <- rl_backend()$cuda
  expect_named(cuda, c("built", "available", "devices", "name", "capability", "driver", "runtime",
    "memory", "nvrtc", "why"))
  expect_named(cuda$memory, c("free", "total"))
  # A build without CUDA, a machine without a GPU and one with: each is described in full.
  expect_identical(cuda$available, cuda$why == "")
  expect_identical(cuda$built, !is.na(cuda$runtime))
  if (!cuda$built) expect_match(cuda$why, "--configure-args=--with-cuda", fixed = TRUE)
  if (cuda$available) {
    expect_gte(cuda$devices, 1L)
    expect_match(cuda$capability, "^[0-9]+\\.[0-9]$")
    expect_true(nzchar(cuda$name))
    expect_true(cuda$memory[["free"]] > 0 && cuda$memory[["free"]] <= cuda$memory[["total"]])
  } else {
    expect_match(cuda$why, "\\.$")
  }
  expect_lte(length(cuda_lines(cuda)), 2L)
})

test_that("what is printed of CUDA", {
  found <- list(built = TRUE, devices = 2L, driver = 13010L, runtime = 13000L, name = "NVIDIA H100",
    capability = "9.0", memory_free = 78.25 * 2^30, memory_total = 79.1 * 2^30, nvrtc = 13000L,
    why = "")
  show <- function(...) writeLines(cuda_lines(cuda_state(utils::modifyList(found, list(...)))))
  expect_identical(cuda_state(found)$driver, "13.1")
  expect_true(cuda_state(found)$available)
  expect_snapshot({
    show()
    show(devices = 1L, nvrtc = 0L)
    show(memory_free = 0, why = "The GPU is taken by another program that does not share it.")
    show(devices = 0L, driver = 0L, name = "", capability = "", memory_free = 0, memory_total = 0,
      why = "There is no NVIDIA driver on this machine.")
    show(built = FALSE, devices = 0L, why = "To build it.")
  })
  none <- cuda_state(utils::modifyList(found, list(devices = 0L, name = "", capability = "",
    driver = 0L, why = "There is no NVIDIA driver on this machine.")))
  expect_false(none$available)
  expect_identical(none$name, NA_character_)
  expect_identical(none$driver, NA_character_)
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
