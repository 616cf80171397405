skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# The hierarchical Gaussian filters against the oracles of helper-oracle-hgf.R.

free_start <- function(oracle) {
  function(p, d) oracle(c(p, list(mu20 = p$mu0, sa20 = p$sigma0)), d)
}

filter_settings <- function(names) {
  all <- list(
    list(kappa = 1, omega2 = -3, omega3 = -6, mu0 = 0.3, sigma0 = 0.4, zeta = 1.5),
    list(kappa = 0.6, omega2 = -4, omega3 = -2.5, mu0 = -0.7, sigma0 = 1.6, zeta = 0.8)
  )
  lapply(all, `[`, names)
}
every <- c("kappa", "omega2", "omega3", "mu0", "sigma0", "zeta")

test_catalogue_models(list(
  hgf_ibrb = list(task = "hgf_ibrb",
    parameters = filter_settings(c("kappa", "omega2", "omega3", "zeta"))),
  hgf_binary = list(task = "hgf_ibrb", oracle = free_start(oracle_ehgf_binary),
    parameters = filter_settings(every)),
  hgf_binary_classic = list(task = "hgf_ibrb", oracle = free_start(oracle_hgf_ibrb),
    parameters = filter_settings(every)),
  hgf_binary2 = list(task = "hgf_ibrb", oracle = free_start(oracle_hgf_binary2),
    parameters = filter_settings(c("omega2", "mu0", "sigma0", "zeta")))
))

filter_data <- function(seed, trials) {
  frame <- model_frame("hgf_ibrb", seed = seed, trials = trials)
  suppressWarnings(do.call(rl_data, c(list(frame), model_roles(frame))))
}

test_that("without coupling the third level does nothing", {
  data <- filter_data(3, c(40, 60))
  two <- rl_loglik(catalogue_test_model("hgf_binary2"), data,
    c(omega2 = -2, mu0 = 0.2, sigma0 = 0.5, zeta = 1))
  for (id in c("hgf_binary", "hgf_binary_classic")) {
    three <- rl_loglik(catalogue_test_model(id), data,
      c(kappa = 0, omega2 = -2, omega3 = -5, mu0 = 0.2, sigma0 = 0.5, zeta = 1))
    expect_equal(three, two, tolerance = 1e-12)
  }
})

test_that("where the classic filter's variance would be negative the subject is flagged", {
  data <- filter_data(2, c(60, 80))
  p <- c(kappa = 1.9, omega2 = -1, omega3 = -4, zeta = 1)
  expect_warning(got <- rl_loglik(catalogue_test_model("hgf_ibrb"), data, p, gradient = TRUE),
    "line 1 on trial", class = "rescorla_warning_convergence")
  expect_identical(as.numeric(got), rep(-Inf, 4))
  expect_true(all(attr(got, "gradient") == 0))
  # The enhanced form keeps it positive.
  p <- c(p[1:3], mu0 = 0, sigma0 = 0.1, zeta = 1)
  expect_true(all(is.finite(rl_loglik(catalogue_test_model("hgf_binary"), data, p))))
})

test_that("a missing input is as if its trial were not there", {
  frame <- data.frame(subject = 1, u = c(1, 1, NA, 0, 1, 1), choice = c(1, 0, NA, 1, 1, 0))
  p <- c(kappa = 1, omega2 = -2, omega3 = -4, zeta = 1)
  for (id in c("hgf_ibrb", "hgf_binary", "hgf_binary2")) {
    model <- catalogue_test_model(id)
    own <- c(p, mu0 = 0.4, sigma0 = 0.6)[rl_parameters(model)$name]
    own <- own[!is.na(own)]
    with_gap <- rl_loglik(model, rl_data(frame, outcome = NULL), own, pointwise = TRUE)
    without <- rl_loglik(model, rl_data(frame[-3, ], outcome = NULL), own, pointwise = TRUE)
    expect_equal(with_gap[-3], without, tolerance = 1e-12)
    expect_identical(with_gap[3], NA_real_)
  }
})

# ---- recovery ------------------------------------------------------------------------------------

# The chance of a 1 switches between .8 and .2, in long and in short spells.
filter_task <- function(trials, blocks) {
  spell <- c(40, 40, 10, 10, 10, 10)
  chance <- rep_len(rep(rep_len(c(0.8, 0.2), length(spell)), spell), trials * blocks)
  u <- withr::with_seed(19, as.numeric(stats::runif(trials * blocks) < chance))
  task_bandit(c(0.5, 0.5), trials = trials, blocks = blocks, columns = data.frame(u = u))
}

test_that("hgf_binary2 is recovered", {
  truth <- list(omega2 = -2, mu0 = 0.5, sigma0 = 0.8, zeta = 1.5)
  sim <- simulate(catalogue_test_model("hgf_binary2"), seed = 9, parameters = unlist(truth),
    subjects = 1, task = filter_task(60, 40))
  expect_recovery("hgf_binary2", sim, truth, c(0.5, 0.3, 0.6, 0.2))
})

# The third level's parameters cannot be told from choices; what they leave can.
test_that("omega2 and zeta of hgf_ibrb are recovered where the third level is known", {
  truth <- list(kappa = 1.2, omega2 = -3, omega3 = -5, zeta = 1.4)
  sim <- simulate(catalogue_test_model("hgf_ibrb"), seed = 10, parameters = unlist(truth),
    subjects = 1, task = filter_task(160, 20))
  model <- rl_model("hgf_ibrb", kappa = 1.2, omega3 = -5)
  fit <- quiet_fit(model, sim, method = "mle", starts = 5, seed = 1)
  known <- unlist(truth[c("omega2", "zeta")])
  error <- sqrt(diag(vcov(fit)[[1]]))
  expect_true(all(abs(unlist(coef(fit)[1, names(known)]) - known) < 3.5 * error))
  expect_true(all(error < c(0.3, 0.2)))
})
