# How a model of the language is checked: against the interpreter, finite differences, and itself
# under other settings. Each model is compiled once per instruction set, for all checks.

# Random data with the columns that language tests read besides choice and outcome.
language_data <- function(subjects = 3, trials = c(18, 26), ..., seed = 1) {
  frame <- reference_data(subjects = subjects, trials = trials, missing_choice = 0.1,
    missing_outcome = 0.1, seed = seed, ...)
  frame$trial <- NULL
  frame
}

# Adds a column of random draws from `values`, a share of them missing.
add_column <- function(frame, name, values, missing = 0, seed = 11) {
  withr::with_seed(seed, {
    x <- values[sample.int(length(values), nrow(frame), replace = TRUE)]
    x[stats::runif(nrow(frame)) < missing] <- NA
  })
  frame[[name]] <- x
  frame
}

add_number <- function(frame, name, missing = 0, seed = 12, draw = stats::rnorm) {
  withr::with_seed(seed, {
    x <- draw(nrow(frame))
    x[stats::runif(nrow(frame)) < missing] <- NA
  })
  frame[[name]] <- x
  frame
}

language_roles_of <- function(frame, ...) {
  roles <- reference_roles(frame)
  roles$trial <- NULL
  roles$choice <- c(choice = "choice")
  utils::modifyList(roles, list(...))
}

# A cache of their own, and less optimisation: what is tested is the text of the C++, and compiling
# is most of the time.
local_language_options <- function(env = parent.frame()) {
  cache <- getOption("rescorla.cache", file.path(tempdir(), "rescorla-language-tests"))
  flags <- withr::local_tempfile(lines = c("CXX17FLAGS = -O1 -g0"), .local_envir = env)
  withr::local_options(rescorla.cache = cache, .local_envir = env)
  withr::local_envvar(R_MAKEVARS_USER = flags, .local_envir = env)
}

expect_language <- function(model, frame, parameters, roles = language_roles_of(frame),
                            levels = list(), all_levels = FALSE, gradient = TRUE) {
  local_language_options()
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), roles))))
  x <- unlist(parameters)
  expected <- interpret_model(model, frame, parameters, roles, levels)
  got <- suppressMessages(rl_loglik(model, data, x, gradient = TRUE))
  expect_equal(as.numeric(got), unname(expected$loglik), tolerance = 1e-10)
  expect_equal(rl_loglik(model, data, x, pointwise = TRUE), expected$pointwise, tolerance = 1e-10)
  expect_identical(rl_loglik(model, data, x, gradient = TRUE, threads = 2), got)
  expect_latents(rl_latents(model, data, x), expected$latents)
  if (gradient) expect_gradient(model, data, frame, x, got, roles, levels)
  if (!all_levels) return(invisible())
  for (level in setdiff(machine_levels(), rl_backend()$isa)) {
    withr::local_options(rescorla.isa = level)
    expect_equal(suppressMessages(rl_loglik(model, data, x, gradient = TRUE)), got,
      tolerance = 1e-10)
  }
}

expect_latents <- function(got, expected) {
  for (name in names(expected)) {
    # Cells of a vector local go by labels, which the interpreter numbers.
    if (!name %in% names(got)) next
    # Where a vector local was set to a single number, that is every cell's.
    single <- expected[[sub("_[^_]*$", "", name)]] %||% NA
    value <- ifelse(is.na(expected[[name]]), single, expected[[name]])
    expect_equal(as.numeric(got[[name]]), as.numeric(value), tolerance = 1e-10, info = name)
  }
  expect_gt(mean(names(expected) %in% names(got)), 0.5)
}

# All partial derivatives of the compiled likelihood; and of the interpreter's, which takes its time,
# one direction for one subject.
expect_gradient <- function(model, data, frame, x, got, roles, levels) {
  gradient <- attr(got, "gradient")
  total <- function(p) sum(rl_loglik(model, data, p))
  expect_equal(colSums(gradient), finite_difference(total, x), tolerance = 1e-6)
  direction <- seq(0.5, 1, length.out = length(x)) * rep_len(c(1, -1), length(x))
  one <- frame[frame[[roles$subject]] == frame[[roles$subject]][1], ]
  attr(one, "n_actions") <- attr(frame, "n_actions")
  along <- function(h) sum(interpret_model(model, one, x + h * direction, roles, levels)$loglik)
  expect_equal(sum(gradient[1, ] * direction),
    unname(finite_difference(along, c(h = 0), step = 1e-3, levels = 2)), tolerance = 1e-6)
}
