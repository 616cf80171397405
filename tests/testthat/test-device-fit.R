# Fits on a device, without a GPU: the same optimiser, a thread a unit.

expect_same_fit <- function(fit, own) {
  expect_identical(fit$status, own$status)
  expect_identical(fit$at_bound, own$at_bound)
  expect_lt(max(abs(fit$loglik - own$loglik)), 1e-6)
  sharp <- own$status == "converged"
  expect_equal(fit$estimates[sharp, ], own$estimates[sharp, ], tolerance = 1e-4)
  expect_equal(fit$std_error[sharp, ], own$std_error[sharp, ], tolerance = 1e-3)
}

test_that("fits on a device are those of the processor", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 25, trials = c(30, 80), seed = 21))
  for (method in c("mle", "map")) {
    own <- suppressWarnings(rl_fit("rw", data, method = method, starts = 5, seed = 1, backend = "cpu"))
    fit <- suppressWarnings(rl_fit("rw", data, method = method, starts = 5, seed = 1, backend = "host"))
    expect_identical(own$backend, "cpu")
    expect_identical(fit$backend, "host")
    expect_same_fit(fit, own)
  }
  expect_equal(fit$log_evidence, own$log_evidence, tolerance = 1e-6)
  # Parameters that are fixed by default.
  model <- rl_model("rw", q0 = unit_interval())
  own <- suppressWarnings(rl_fit(model, data, method = "map", starts = 3, seed = 1))
  fit <- suppressWarnings(rl_fit(model, data, method = "map", starts = 3, seed = 1, backend = "host"))
  expect_same_fit(fit, own)
})

test_that("few units share their starts among threads, many have a thread each: the optima are the same", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 12, trials = c(30, 60), seed = 22))
  model <- rescorla:::as_model("rw")
  problem <- rescorla:::fit_problem(model, NULL, 6)
  points <- rescorla:::starting_points(model, 6, 1, problem)
  bound <- rescorla:::on_device(rescorla:::bind_model(model, data, 0L), model, "fit", "host")
  run <- function(count) rescorla:::cpp_device_fit(bound$kernels, bound$packed, bound$bound, FALSE, problem,
    points, rescorla:::fit_options(), c("alpha", "beta"), count, function(...) NULL)
  shared <- run(12L)
  alone <- run(1000000L)
  expect_equal(shared$loglik, alone$loglik, tolerance = 1e-9)
  expect_identical(shared$status, alone$status)
  expect_true(all(shared$starts_agree >= 1) && all(alone$starts_agree >= 1))
  expect_true(all(shared$evaluations > 0))
})

test_that("a unit's fit on a device does not depend on the parts the data go there in", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 15, trials = c(10, 60), seed = 23))
  run <- function() suppressWarnings(rl_fit("rw", data, starts = 4, seed = 1, backend = "host"))
  whole <- run()
  withr::local_options(rescorla.device_memory = 1000)
  parts <- run()
  same <- c("estimates", "std_error", "vcov", "loglik", "status", "gradient", "iterations", "starts_agree")
  expect_identical(parts[same], whole[same])
})

test_that("hierarchical fits have likelihoods computed on a device", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 12, trials = c(30, 60), seed = 24))
  own <- suppressWarnings(rl_fit("rw", data, method = "em", seed = 1))
  fit <- suppressWarnings(rl_fit("rw", data, method = "em", seed = 1, backend = "host"))
  expect_identical(fit$backend, "host")
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(own)), tolerance = 1e-8)
  expect_equal(fit$estimates, own$estimates, tolerance = 1e-4)
  # Full Bayes sees likelihood and gradient of all units through the same seam.
  sampled <- suppressWarnings(rl_fit("rw", data, method = "nuts", seed = 1, chains = 1, warmup = 20,
    draws = 5, backend = "host"))
  expect_identical(sampled$backend, "host")
  engine_on <- function(backend) {
    rescorla:::local_backend(backend)
    design <- rescorla:::hierarchy_design(NULL, "full", own$model, data, NULL)
    rescorla:::group_engine(own$model, data, design, 2L, NULL)
  }
  z <- cbind(seq(-2, 2, length.out = 12), seq(1.5, -0.5, length.out = 12))
  units <- lapply(c("cpu", "host"), function(backend) {
    e <- engine_on(backend)
    expect_identical(is.null(e$bound$device), backend == "cpu")
    rescorla:::cpp_units(e$kernels, e$packed, e$bound, e$every, e$free, z, 2L, 2L)
  })
  expect_equal(units[[2]]$value, units[[1]]$value, tolerance = 1e-12)
  expect_equal(units[[2]]$gradient, units[[1]]$gradient, tolerance = 1e-10)
  expect_equal(units[[2]]$information, units[[1]]$information, tolerance = 1e-10)
})

test_that("data in chunks are fitted on a device chunk by chunk", {
  skip_on_cran()
  local_host_device()
  parts <- chunk_frames()
  data <- rl_data(function(i) if (i <= length(parts)) parts[[i]], block = "block")
  whole <- suppressWarnings(rl_data(chunked_frame(), block = "block"))
  run <- function(data) suppressWarnings(rl_fit("rw", data, starts = 3, seed = 1, backend = "host"))
  same <- c("estimates", "loglik", "status", "backend")
  expect_identical(run(data)[same], run(whole)[same])
})

test_that("Ctrl-C while a device fits is not lost", {
  skip_on_cran()
  skip_on_os("windows")
  local_host_device()
  data <- as_task_data(reference_data(subjects = 60, trials = c(200, 300), seed = 25))
  model <- rescorla:::as_model("rw")
  problem <- rescorla:::fit_problem(model, NULL, 40)
  points <- rescorla:::starting_points(model, 40, 1, problem)
  bound <- rescorla:::on_device(rescorla:::bind_model(model, data, 0L), model, "fit", "host")
  run <- function(tick) rescorla:::cpp_device_fit(bound$kernels, bound$packed, bound$bound, FALSE, problem,
    points, rescorla:::fit_options(), c("alpha", "beta"), 60L, tick)
  count <- 0
  found <- run(function(...) {
    count <<- count + 1
    if (count == 2) tools::pskill(Sys.getpid(), tools::SIGINT)
    NULL
  })
  # The one launch there was ran to its end.
  expect_false(found$complete)
  # What fails on R's thread waits for the worker, and is told then.
  expect_error(run(function(...) stop("no bar")), "no bar")
  expect_true(run(function(...) NULL)$complete)
})
