# Parameters inside their ranges for each model of the catalogue, and data it can read.
example_parameters <- list(
  rw = list(alpha = 0.3, beta = 3),
  rw_asymmetric = list(alpha_pos = 0.4, alpha_neg = 0.15, beta = 2.5),
  rw_forgetting = list(alpha = 0.35, beta = 3, forget = 0.2),
  rw_perseveration = list(alpha = 0.3, beta = 2, kappa = 0.7, tau = 0.4),
  rw_lapse = list(alpha = 0.3, beta = 4, epsilon = 0.1),
  rw_counterfactual = list(alpha_chosen = 0.3, alpha_unchosen = 0.15, beta = 3),
  rw_confirmation = list(alpha_conf = 0.4, alpha_disc = 0.1, beta = 3),
  pearce_hall = list(alpha = 0.5, eta = 0.3, beta = 2),
  kalman = list(beta = 0.3, mu0 = 1, sigma0 = 3, sigma_drift = 0.8, decay = 0.9, centre = 0.5)
)

model_data <- function(name, ...) {
  full <- name %in% c("rw_counterfactual", "rw_confirmation")
  reference_data(foregone = full, outcome = if (name == "kalman") "normal" else "binary", ...)
}

as_task_data <- function(frame) {
  suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), reference_roles(frame)))))
}

machine_levels <- function() {
  c("sse2", "avx2", "avx512")[seq_len(rescorla:::cpp_highest_level() + 1)]
}

named_row <- function(x) stats::setNames(as.numeric(x), names(x))

# --- catalogue models against their oracles -------------------------------------------------------

# The model of a file in inst/models. From the installed catalogue, compiled with the package; a
# file that is not there yet (before `make generate`) is compiled on first use like a user's model.
catalogue_test_model <- function(id) {
  installed <- system.file("models", paste0(id, ".R"), package = "rescorla")
  path <- if (nzchar(installed)) installed else
    testthat::test_path("..", "..", "inst", "models", paste0(id, ".R"))
  parts <- as.list(parse(path, keep.source = FALSE)[[1]])[-1]
  if (nzchar(installed)) {
    variant <- eval(parts$variant)
    return(do.call(rl_model, c(list(parts$variant_of %||% id), variant)))
  }
  spec <- parts[intersect(names(parts), c("name", "parameters", "state", "trial", "columns"))]
  eval(as.call(c(list(quote(rescorla::rl_model)), spec)), list(), asNamespace("rescorla"))
}

# The compiled model gives what the oracle gives: on every trial and for every subject, with the
# gradient that finite differences have, and latents that fit.
#
#   id          the model's file in inst/models
#   frame       from model_frame()
#   roles       arguments of rl_data() beside the frame
#   parameters  the free parameters, named
#   oracle      function(p, d): log-likelihoods of one subject's trials
expect_catalogue_model <- function(id, frame, roles = model_roles(frame), parameters,
                                   oracle = get(paste0("oracle_", id))) {
  model <- catalogue_test_model(id)
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), roles))))
  x <- named_row(parameters)

  expected <- rep(NA_real_, nrow(frame))
  sums <- numeric()
  for (d in model_subjects(frame)) {
    expected[d$row] <- oracle(as.list(parameters), d)
    sums <- c(sums, sum(expected[d$row], na.rm = TRUE))
  }
  # What the test rests on: scored trials and others, for every subject.
  expect_true(all(is.finite(sums) & sums < 0), info = id)
  expect_true(anyNA(expected), info = id)

  got <- suppressMessages(rl_loglik(model, data, x, gradient = TRUE))
  expect_close(got, sums, 1e-8, id)
  pointwise <- rl_loglik(model, data, x, pointwise = TRUE)
  expect_identical(is.na(pointwise), is.na(expected), info = id)
  expect_close(pointwise, expected, 1e-8, id)

  # Steps small enough to stay on one side of an error's sign or of a bound.
  slopes <- finite_difference(function(p) as.numeric(rl_loglik(model, data, p)), x, 1e-4, 2)
  gradient <- attr(got, "gradient")
  expect_identical(colnames(gradient), names(x), info = id)
  expect_close(gradient, slopes, 1e-5, id)
  # Every parameter of the model matters, or its line is not tested.
  expect_true(all(colSums(abs(gradient)) > 1e-6), info = id)

  expect_catalogue_latents(model, rl_latents(model, data, x), data, pointwise, id)
  invisible(got)
}

# Probabilities lie in [0, 1] and sum to 1 over the levels of each response; where all responses are
# categorical, those of the levels chosen make the log-likelihood.
expect_catalogue_latents <- function(model, latents, data, pointwise, id) {
  expect_identical(latents$log_lik, pointwise, info = id)
  log_p <- rep(0, nrow(latents))
  scored <- rep(FALSE, nrow(latents))
  for (response in names(data$responses)) {
    labels <- data$actions[[response]]
    prefix <- if (length(data$responses) > 1) paste0("p_", response, "_") else "p_"
    p <- as.matrix(latents[paste0(prefix, labels)])
    there <- !is.na(p[, 1])
    expect_true(any(there), info = id)
    expect_true(all(p[there, ] >= 0 & p[there, ] <= 1), info = id)
    expect_equal(unname(rowSums(p[there, , drop = FALSE])), rep(1, sum(there)),
      tolerance = 1e-12, info = id)
    chosen <- p[cbind(seq_len(nrow(p)), match(latents[[response]], labels))]
    counts <- !is.na(chosen)
    log_p[counts] <- log_p[counts] + log(chosen[counts])
    scored <- scored | counts
  }
  kinds <- vapply(model$program$responses, `[[`, "", "type")
  if (all(kinds == "categorical")) {
    expect_identical(scored, !is.na(pointwise), info = id)
    expect_close(log_p[scored], pointwise[scored], 1e-8, id)
  }
}

# The worst element counts, relative where it is above 1.
expect_close <- function(got, expected, tolerance, id) {
  gap <- abs(as.numeric(got) - as.numeric(expected)) / pmax(1, abs(as.numeric(expected)))
  worst <- which.max(gap)
  expect(length(got) == length(expected) && isTRUE(all(gap <= tolerance, na.rm = TRUE)),
    sprintf("%s: element %d is %.12g, expected %.12g", id, worst, got[worst], expected[worst]))
}

# A test for each model of a list: `task`, `parameters` (a list of settings), and where the defaults
# do not do `oracle` and `frames` (arguments of model_frame() by setting). The second setting reads
# data whose columns are factors.
test_catalogue_models <- function(cases) {
  for (id in names(cases)) {
    case <- cases[[id]]
    testthat::test_that(paste(id, "is what its equations say"), {
      oracle <- case$oracle %||% get(paste0("oracle_", id))
      for (k in seq_along(case$parameters)) {
        arguments <- list(task = case$task, seed = k, coding = c("integer", "label")[1 + (k == 2)])
        if (!is.null(case$frames)) arguments <- utils::modifyList(arguments, case$frames[[k]])
        expect_catalogue_model(id, do.call(model_frame, arguments),
          parameters = case$parameters[[k]], oracle = oracle)
      }
    })
  }
}
