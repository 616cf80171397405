# The device's code on the host: kernels compiled by R's compiler, memory and launches as a GPU has
# them. A cache for the run keeps what is compiled; less optimisation compiles faster.

local_host_device <- function(env = parent.frame()) {
  makevars <- withr::local_tempfile(lines = "CXX17FLAGS = -O1", .local_envir = env)
  cache <- getOption("rescorla.cache", file.path(tempdir(), "rescorla-device-tests"))
  withr::local_options(rescorla.cache = cache, .local_envir = env)
  withr::local_envvar(R_MAKEVARS_USER = makevars, .local_envir = env)
}

# Likelihood and gradient on the device are those of the processor, to 1e-12 and 1e-10.
expect_device_likelihood <- function(model, data, parameters) {
  own <- suppressWarnings(rl_loglik(model, data, parameters, gradient = TRUE))
  device <- suppressWarnings(rl_loglik(model, data, parameters, gradient = TRUE, backend = "host"))
  expect_identical(attr(device, "backend"), "host")
  expect_true(all(is.finite(own)) || identical(is.finite(own), is.finite(device)))
  expect_lt(max(abs(device - own) / pmax(abs(own), 1)), 1e-12)
  slope <- attr(own, "gradient")
  expect_lt(max(abs(attr(device, "gradient") - slope) / pmax(abs(slope), 1)), 1e-10)
  # Without derivatives another kernel runs.
  plain <- suppressWarnings(rl_loglik(model, data, parameters, backend = "host"))
  expect_lt(max(abs(plain - own) / pmax(abs(own), 1)), 1e-12)
}
