# Kernel bodies, the layout of data on a device and what is built upon them, without a GPU.

test_that("likelihoods on a device are those of the processor: bandits", {
  skip_on_cran()
  local_host_device()
  # Unequal lengths, blocks, missing and forced choices, masks; more units than a tile of the upload.
  cases <- list(
    rw = list(n_actions = 2, subjects = 70),
    rw_asymmetric = list(n_actions = 3, seed = 2, forced = TRUE),
    rw_forgetting = list(n_actions = 5, seed = 3, subjects = 9, shuffle = TRUE),
    rw_perseveration = list(n_actions = 4, seed = 5, available = TRUE),
    rw_lapse = list(n_actions = 10, seed = 4),
    rw_confirmation = list(n_actions = 2, seed = 8),
    kalman = list(n_actions = 4, seed = 6)
  )
  for (name in names(cases)) {
    data <- as_task_data(do.call(model_data, c(list(name), cases[[name]])))
    expect_device_likelihood(name, data, named_row(example_parameters[[name]]))
  }
})

test_that("a unit's result on a device is its own: other units, their order and its place change nothing", {
  skip_on_cran()
  local_host_device()
  frame <- reference_data(subjects = 30, trials = c(3, 60), seed = 9)
  data <- as_task_data(frame)
  values <- data.frame(subject = data$subjects, alpha = seq(0.05, 0.9, length.out = 30),
    beta = seq(0.5, 8, length.out = 30))
  all <- rl_loglik("rw", data, values, gradient = TRUE, backend = "host")
  some <- as.character(data$subjects[c(21, 4, 13)])
  part <- rl_loglik("rw", as_task_data(frame[frame$subject %in% some, ]), values[values$subject %in% some, ],
    gradient = TRUE, backend = "host")
  expect_identical(as.numeric(all[names(part)]), as.numeric(part))
  expect_identical(attr(all, "gradient")[names(part), ], attr(part, "gradient"))
})

test_that("data that exceed a device's memory go there in parts", {
  skip_on_cran()
  local_host_device()
  frame <- reference_data(subjects = 50, trials = c(3, 60), seed = 10)
  data <- as_task_data(frame)
  values <- c(alpha = 0.3, beta = 2)
  whole <- rl_loglik("rw", data, values, gradient = TRUE, backend = "host")
  withr::local_options(rescorla.device_memory = 1000)
  parts <- rl_loglik("rw", data, values, gradient = TRUE, backend = "host")
  expect_identical(parts, whole)
  bound <- rescorla:::bind_model(rescorla:::as_model("rw"), data, 0L)
  store <- rescorla:::device_data(bound$packed, "host")
  expect_gt(rescorla:::cpp_device_parts(store), 5)
})

test_that("numbers keep their values on a device, whatever type holds them there", {
  skip_on_cran()
  local_host_device()
  frame <- data.frame(subject = rep(1:3, each = 40), choice = rep_len(c(1, 2, 2, 1, 1), 120))
  outcomes <- list(
    bytes = rep_len(c(-127, 0, 127, NA), 120), shorts = rep_len(c(-128, 5000, NA), 120),
    floats = rep_len(c(0.5, -0.25, NA, 1e5), 120), doubles = rep_len(c(0.1, 1 / 3, NA), 120),
    zero = rep_len(c(-0.0, 1), 120)
  )
  for (outcome in outcomes) {
    data <- suppressWarnings(rl_data(cbind(frame, outcome = outcome)))
    expect_device_likelihood("rw", data, c(alpha = 0.3, beta = 0.01))
  }
})

test_that("likelihoods on a device are those of the processor: tables, numbers and series", {
  skip_on_cran()
  local_host_device()
  model <- rl_model(
    name = "stimulus table", parameters = list(alpha = unit_interval(), beta = positive(),
      sigma = positive()),
    state = list(value = array_of(0.5, c(stimulus, choice))),
    trial = {
      choice ~ softmax(beta * value[stimulus, ])
      score ~ normal(0.4 + 0.1 * value[stimulus, choice], sigma)
      value[stimulus, choice] <- rescorla_wagner(value[stimulus, choice], outcome, alpha)
    }
  )
  set.seed(4)
  n <- 600
  frame <- data.frame(subject = rep(1:6, each = n / 6), stimulus = sample(12, n, TRUE),
    choice = sample(3, n, TRUE), outcome = rbinom(n, 1, 0.5), score = rnorm(n, 0.5, 0.1))
  frame$score[sample(n, 20)] <- NA
  data <- suppressWarnings(rl_data(frame, stimulus = "stimulus"))
  expect_device_likelihood(model, data, c(alpha = 0.3, beta = 2, sigma = 0.2))
  cases <- list(
    list("bart_par4", "bart", c(phi = 0.8, eta = 0.05, gam = 1.2, tau = 0.4)),
    list("rlwm", "rlwm", c(alpha = 0.3, beta = 6, phi = 0.2, rho = 0.8, gamma = 0.4,
      epsilon = 0.05, C = 3.3)),
    list("hgf_ibrb", "hgf_ibrb", c(kappa = 0.9, omega2 = -2, omega3 = -3, zeta = 2))
  )
  for (case in cases) {
    frame <- model_frame(case[[2]])
    data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), model_roles(frame)))))
    expect_device_likelihood(catalogue_test_model(case[[1]]), data, case[[3]])
  }
})

test_that("parameters that are fixed by default can be estimated on a device", {
  skip_on_cran()
  local_host_device()
  model <- rl_model("rw", q0 = unit_interval())
  data <- as_task_data(model_data("rw", n_actions = 2, seed = 12))
  expect_device_likelihood(model, data, c(alpha = 0.3, beta = 3, q0 = 0.4))
})

test_that("single precision is asked for by an option, and close", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(model_data("rw_asymmetric", n_actions = 3, seed = 13, subjects = 30))
  values <- named_row(example_parameters$rw_asymmetric)
  own <- rl_loglik("rw_asymmetric", data, values, gradient = TRUE)
  withr::local_options(rescorla.precision = "single")
  single <- rl_loglik("rw_asymmetric", data, values, gradient = TRUE, backend = "host")
  expect_identical(attr(single, "backend"), "host (single precision)")
  error <- max(abs(single - own) / abs(own))
  expect_lt(error, 1e-5)
  expect_gt(error, 1e-12)
  expect_lt(max(abs(attr(single, "gradient") - attr(own, "gradient"))) / max(abs(attr(own, "gradient"))),
    1e-4)
  # The processor computes in double precision whatever the option says.
  expect_identical(as.numeric(rl_loglik("rw_asymmetric", data, values, backend = "cpu")), as.numeric(own))
  withr::local_options(rescorla.precision = "half")
  expect_error(rl_loglik("rw_asymmetric", data, values, backend = "host"),
    class = "rescorla_error_backend")
})

test_that("a likelihood that is not finite is flagged on a device as on the processor", {
  skip_on_cran()
  local_host_device()
  frame <- reference_data(subjects = 4, available = TRUE, n_actions = 3, seed = 3)
  model <- rl_model("rw", beta = bounded(-1e308, 1e308))
  data <- as_task_data(frame)
  for (backend in c("cpu", "host")) {
    expect_warning(value <- rl_loglik(model, data, c(alpha = 1, beta = 1e308), gradient = TRUE,
      backend = backend), class = "rescorla_warning_convergence")
    expect_true(any(value == -Inf))
    expect_true(all(attr(value, "gradient")[value == -Inf, ] == 0))
  }
})

test_that("simulation on a device draws what the processor draws", {
  skip_on_cran()
  local_host_device()
  set.seed(1)
  tables <- array(rbinom(20 * 3 * 25, 1, 0.5), c(20, 3, 25))
  cases <- list(
    list("rw", task_bandit(c(0.2, 0.8), trials = 30), c(alpha = 0.3, beta = 3)),
    list("rw_asymmetric", task_bandit(c(0.2, 0.5, 0.8), trials = 20, blocks = 2),
      c(alpha_pos = 0.4, alpha_neg = 0.1, beta = 3)),
    list("kalman", task_gaussian(c(1, 2, 3, 4), sd = 1, trials = 25),
      unlist(example_parameters$kalman)),
    list("rw_counterfactual", task_bandit(c(0.3, 0.7), trials = 25, foregone = TRUE),
      unlist(example_parameters$rw_counterfactual)),
    list("rw_lapse", task_outcomes(tables), c(alpha = 0.3, beta = 3, epsilon = 0.1))
  )
  for (case in cases) {
    for (output in c("data", "arrays")) {
      run <- function(backend) simulate(rl_model(case[[1]]), seed = 5, parameters = case[[3]],
        task = case[[2]], subjects = 20, output = output, backend = backend, nsim = 2)
      own <- run("cpu")
      device <- run("host")
      expect_identical(attr(own, "backend"), "cpu")
      expect_identical(attr(device, "backend"), "host")
      attr(own, "backend") <- attr(device, "backend") <- NULL
      expect_equal(device, own, tolerance = 1e-12)
      if (output == "data") expect_identical(device$choice, own$choice)
    }
  }
})

test_that("simulations that exceed a device's memory go there in parts", {
  skip_on_cran()
  local_host_device()
  run <- function() simulate(rl_model("rw"), seed = 6, parameters = c(alpha = 0.3, beta = 3),
    task = task_bandit(c(0.2, 0.8), trials = 15), subjects = 100, backend = "host")
  whole <- run()
  withr::local_options(rescorla.device_memory = 20000)
  expect_identical(run(), whole)
})

# --- the choice ---------------------------------------------------------------------------------

test_that("the backend is the argument's, else the option's, else the processor", {
  data <- as_task_data(reference_data(subjects = 3))
  run <- function(...) attr(rl_loglik("rw", data, c(alpha = 0.3, beta = 2), ...), "backend")
  expect_null(run())
  expect_identical(run(backend = "cpu"), "cpu")
  withr::local_options(rescorla.backend = "cpu")
  expect_identical(run(), "cpu")
  withr::local_options(rescorla.backend = "gpu")
  expect_error(run(), class = "rescorla_error_input")
  expect_identical(run(backend = "cpu"), "cpu")
})

test_that("asking for CUDA where it cannot be says why and what to do", {
  skip_if(rl_backend()$cuda$available)
  data <- as_task_data(reference_data(subjects = 3))
  calls <- list(
    function() rl_loglik("rw", data, c(alpha = 0.3, beta = 2), backend = "cuda"),
    function() rl_fit("rw", data, backend = "cuda"),
    function() simulate(rl_model("rw"), parameters = c(alpha = 0.3, beta = 2), subjects = 2,
      task = task_bandit(c(0.2, 0.8), trials = 5), backend = "cuda")
  )
  for (call in calls) expect_error(call(), class = "rescorla_error_backend")
  skip_if(rl_backend()$cuda$built)
  expect_snapshot(error = TRUE, {
    rl_loglik("rw", data, c(alpha = 0.3, beta = 2), backend = "cuda")
    rl_fit("rw", data, backend = "gpu")
    simulate(rl_model("rw"), parameters = c(alpha = 0.3, beta = 2), subjects = 2,
      task = task_reversal(trials = 20), backend = "cuda")
  })
})

test_that("\"auto\" goes by what the GPU is measured to gain", {
  threshold <- rescorla:::threshold_from
  # CPU 1e-8 s a trial; the device 1e-3 s and 1e-9 s a trial: even at 1e-3 / 9e-9.
  expect_equal(threshold(c(1e4, 1e6), c(1e-4, 1e-2), c(1e-3 + 1e-5, 1e-3 + 1e-3)), 1e-3 / 9e-9)
  expect_identical(threshold(c(1e4, 1e6), c(1e-4, 1e-2), c(1e-3, 5e-2)), Inf)
  data <- as_task_data(reference_data(subjects = 3))
  skip_if(rl_backend()$cuda$available)
  expect_identical(attr(rl_loglik("rw", data, c(alpha = 0.3, beta = 2), backend = "auto"), "backend"), "cpu")
})

test_that("the threshold is measured on this machine", {
  skip_on_cran()
  local_host_device()
  # The host standing in for a GPU has no lanes: it never wins.
  expect_identical(rescorla:::measure_threshold("host", subjects = c(50, 2000)), Inf)
})

test_that("data on a device go with the data they are of", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 3))
  run <- function() rl_loglik("rw", data, c(alpha = 0.3, beta = 2), backend = "host")
  first <- run()
  bound <- rescorla:::bind_model(rescorla:::as_model("rw"), data, rescorla:::active_level())
  store <- rescorla:::device_data(bound$packed, "host")
  expect_identical(run(), first)
  # Uploaded once.
  expect_identical(rescorla:::device_data(bound$packed, "host"), store)
  # What a saved session brings back is uploaded again.
  file <- withr::local_tempfile()
  saveRDS(data, file)
  data <- readRDS(file)
  expect_identical(run(), first)
})

test_that("the source for a device is the model's own C++ with its shape as constants", {
  model <- rescorla:::as_model("rw")
  shape <- list(extents = 3L, labels = integer(), number_base = c(0L, -1L), flush = 100L)
  source <- rescorla:::device_source(model, shape, "score", FALSE, FALSE)
  struct <- rescorla:::generate_cpp(model$program, paste0("model_", rescorla:::model_hash(model)))
  expect_true(all(struct %in% source))
  expect_snapshot(cat(rescorla:::device_shape(shape), sep = "\n"))
})

test_that("an error of a device has its class wherever it arises", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 4))
  model <- rescorla:::as_model("rw")
  bound <- rescorla:::bind_model(model, data, rescorla:::active_level())
  bound$bound$device <- list(module = rescorla:::cpp_host_module(vector("list", 5), TRUE),
    store = rescorla:::device_data(bound$packed, "host"))
  values <- rescorla:::full_parameters(model, c(alpha = 0.3, beta = 2), data$subjects, NULL)
  expect_error(rescorla:::cpp_evaluate(bound$kernels, bound$packed, bound$bound, values, 0L, FALSE, 1L),
    class = "rescorla_error_backend")
  engine <- rescorla:::group_engine(model, data, rescorla:::hierarchy_design(NULL, "full", model, data), 1L)
  engine$bound <- bound$bound
  z <- matrix(0, 4, 2)
  expect_error(rescorla:::evaluate_units(engine, z), class = "rescorla_error_backend")
  expect_error(rescorla:::laplace_step(engine, z, diag(2), starts = list(z)), class = "rescorla_error_backend")
})

test_that("options of the backends are checked", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 3))
  run <- function() rl_loglik("rw", data, c(alpha = 0.3, beta = 2), backend = "host")
  for (wrong in list(-1, NA, "1e9", c(1, 2), Inf)) {
    withr::local_options(rescorla.device_memory = wrong)
    expect_error(run(), class = "rescorla_error_backend")
    expect_error(simulate(rl_model("rw"), parameters = c(alpha = 0.3, beta = 2), subjects = 2,
      task = task_bandit(c(0.2, 0.8), trials = 5), backend = "host"), class = "rescorla_error_backend")
  }
  expect_snapshot(error = TRUE, run())
  withr::local_options(rescorla.device_threshold = "large")
  expect_error(rescorla:::device_threshold(), class = "rescorla_error_backend")
  withr::local_options(rescorla.device_threshold = Inf)
  expect_identical(rescorla:::device_threshold(), Inf)
})

test_that("data that no longer have a user make room for others", {
  left <- new.env()
  gone <- FALSE
  reg.finalizer(left, function(e) gone <<- TRUE)
  rm(left)
  make <- function() if (gone) "whole" else rescorla:::rescorla_abort("The GPU is full.", "backend")
  expect_identical(rescorla:::with_room(make, function(store) TRUE), "whole")
  # Where they fit in only in parts, too.
  made <- 0
  make <- function() made <<- made + 1
  expect_identical(rescorla:::with_room(make, function(store) store > 1), 2)
  expect_identical(rescorla:::with_room(make, function(store) TRUE), 3)
  # What does not fit in at all says so.
  expect_error(rescorla:::with_room(function() rescorla:::rescorla_abort("Full.", "backend"), isTRUE),
    class = "rescorla_error_backend")
})

test_that("large sizes are weighed as they are", {
  data <- list(order = seq_len(3e6))
  expect_identical(rescorla:::fit_size(data, "mle", 1000L), 3e9)
})

test_that("pointwise log-likelihoods and prior predictive data tell where they were computed", {
  skip_on_cran()
  local_host_device()
  data <- as_task_data(reference_data(subjects = 3))
  points <- function(...) rl_loglik("rw", data, c(alpha = 0.3, beta = 2), pointwise = TRUE, ...)
  expect_identical(attr(points(backend = "host"), "backend"), "cpu")
  expect_identical(as.numeric(points(backend = "host")), points())
  run <- function(task, ...) simulate(rl_model("rw"), nsim = 2, seed = 1, prior = TRUE, subjects = 3,
    task = task, ...)
  bandit <- task_bandit(c(0.2, 0.8), trials = 5)
  device <- run(bandit, backend = "host")
  expect_identical(attr(device, "backend"), "host")
  attr(device, "backend") <- NULL
  expect_equal(device, run(bandit))
  expect_error(run(bandit, backend = "gpu"), class = "rescorla_error_input")
  expect_error(run(task_reversal(trials = 10), backend = "host"), class = "rescorla_error_backend")
  withr::local_options(rescorla.backend = "host")
  expect_identical(attr(run(task_reversal(trials = 10)), "backend"), "cpu")
})

test_that("jobs compute on the backend of the session that asked, wherever they run", {
  withr::local_options(rescorla.backend = "host", rescorla.precision = "single",
    rescorla.device_memory = 5e8)
  ask <- list(run = function(job, shared) rescorla:::job_options(), cache = tempdir(),
    options = rescorla:::job_options())
  withr::local_options(rescorla.backend = NULL, rescorla.precision = NULL, rescorla.device_memory = NULL)
  found <- rescorla:::run_chunk(list(1), 1L, ask)[[1]]$result
  expect_identical(found$rescorla.backend, "host")
  expect_identical(found$rescorla.precision, "single")
  expect_identical(found$rescorla.device_memory, 5e8)
  expect_null(getOption("rescorla.backend"))
})

test_that("a study that is taken up again has the backend it had", {
  key <- function(...) rescorla:::study_key("rl_recover", rl_model("rw"), "mle", list(...))
  own <- key()
  expect_identical(key(backend = "cpu"), own)
  withr::local_options(rescorla.backend = "host")
  expect_false(identical(key(), own))
  expect_identical(key(backend = "cpu"), own)
})
