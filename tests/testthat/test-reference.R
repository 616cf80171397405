# The oracle is checked first: against numbers computed elsewhere, and for the mistakes that a
# likelihood of a learning model is known to make.

ten <- reference_one(
  choice = c(0, 0, 1, 1, 1, 0, 1, 0, 0, 1) + 1,
  outcome = c(1, 0, 1, 0, 1, 1, 0, 0, 1, 1)
)

arms <- function(...) reference_one(choice = vapply(list(...), `[`, 0, 1) + 1,
                                    outcome = vapply(list(...), `[`, 0, 2), n_actions = 2)

test_that("ten-trial traces and log-likelihoods are the published ones", {
  rw <- reference_models$rw(list(alpha = 0.3, beta = 3), ten, 2)
  expect_equal(sum(rw$log_lik), -6.738357860935173, tolerance = 1e-14)
  expect_equal(rw$after$value[10, ], c(0.603065, 0.603065), tolerance = 1e-12)
  expect_equal(
    rw$probability[, 2],
    c(0.5, 0.38936077, 0.53369884, 0.64221709, 0.5, 0.62022421, 0.5, 0.36432294, 0.5, 0.37511265),
    tolerance = 1e-8
  )
  expect_equal(rowSums(rw$probability), rep(1, 10))

  # With outcomes of 0 and 1 and values between them the sign of the error is that of the outcome.
  dual <- reference_models$rw_asymmetric(list(alpha_pos = 0.6, alpha_neg = 0.1, beta = 3), ten, 2)
  expect_equal(sum(dual$log_lik), -7.206179070370423, tolerance = 1e-14)
  expect_equal(dual$after$value[10, ], c(0.91968, 0.91968), tolerance = 1e-12)

  decay <- reference_models$rw_forgetting(list(alpha = 0.3, beta = 3, forget = 0.2), ten, 2)
  expect_equal(sum(decay$log_lik), -6.763853522076191, tolerance = 1e-14)
  expect_equal(decay$after$value[10, ], c(0.57798226, 0.61252928), tolerance = 1e-8)
})

test_that("values of one arm follow the delta rule and its asymmetric form", {
  one_arm <- reference_one(rep(1, 10), c(1, 1, 0, 1, 0, 0, 1, 1, 1, 0), n_actions = 2)
  rw <- reference_models$rw(list(alpha = 0.3, beta = 1), one_arm, 2)
  expect_equal(
    rw$after$value[, 1],
    c(0.65, 0.755, 0.5285, 0.66995, 0.468965, 0.3282755, 0.52979285, 0.670854995, 0.7695984965,
      0.5387189476),
    tolerance = 1e-10
  )
  dual <- reference_models$rw_asymmetric(
    list(alpha_pos = 0.6, alpha_neg = 0.1, beta = 1), one_arm, 2
  )
  expect_equal(
    dual$after$value[, 1],
    c(0.8, 0.92, 0.828, 0.9312, 0.83808, 0.754272, 0.9017088, 0.96068352, 0.984273408,
      0.8858460672),
    tolerance = 1e-10
  )
  # The last value is the state before a trial that did not happen.
  expect_equal(rw$state$value[2:10, ], rw$after$value[1:9, ])
})

test_that("short traces of two arms", {
  rw <- reference_models$rw(
    list(alpha = 0.3, beta = 1), arms(c(0, 1), c(1, 0), c(0, 1), c(1, 1)), 2
  )
  expect_equal(2 * (rw$state$value[, 2] - rw$state$value[, 1]), c(0, -0.3, -0.6, -0.81))
  expect_equal(rw$after$value, rbind(c(0.65, 0.5), c(0.65, 0.35), c(0.755, 0.35), c(0.755, 0.545)))

  dual <- reference_models$rw_asymmetric(
    list(alpha_pos = 0.6, alpha_neg = 0.1, beta = 1), arms(c(0, 1), c(0, 0), c(1, 1), c(1, 0)), 2
  )
  expect_equal(dual$after$value, rbind(c(0.8, 0.5), c(0.72, 0.5), c(0.72, 0.8), c(0.72, 0.72)))
})

test_that("single updates, softmax and perseveration are the published ones", {
  expect_equal(reference_rescorla_wagner_asymmetric(0.5, 1, 0.1, 0.2),
               list(value = 0.55, prediction_error = 0.5))
  expect_equal(reference_rescorla_wagner_asymmetric(0.5, 0, 0.1, 0.2)$value, 0.4)
  three <- reference_rescorla_wagner_asymmetric(c(0.2, 0.5, 0.8), c(0, 1, 0.5), 0.1, 0.2)
  expect_equal(three$prediction_error, c(-0.2, 0.5, -0.3))
  expect_equal(three$value, c(0.16, 0.55, 0.74))

  expect_equal(reference_softmax(c(2, 3, 1), 1 / 0.5), c(0.11731043, 0.86681333, 0.01587624),
               tolerance = 1e-7)
  expect_equal(reference_softmax(c(2, 3, 1), 1 / 0.9), c(0.2289941, 0.69562265, 0.07538325),
               tolerance = 1e-7)
  expect_equal(reference_epsilon_greedy(c(1, 3, 3, 2), 0.2), c(0.05, 0.45, 0.45, 0.05))

  # tau = 1 makes the trace the previous choice; an outcome of 0.5 leaves the values alone.
  for (case in list(c(1, 0.73105858), c(2, 0.88079708), c(-2, 0.11920292))) {
    run <- reference_models$rw_perseveration(
      list(alpha = 0.3, beta = 2, kappa = case[1], tau = 1),
      reference_one(c(1, 1), c(0.5, 0.5), n_actions = 2), 2
    )
    expect_equal(run$probability[2, 1], case[2], tolerance = 1e-7)
  }
})

test_that("full feedback, associability and the Kalman filter by hand", {
  one <- reference_one(1, 1, n_actions = 3, foregone = rbind(c(1, 0, 1)))
  both <- reference_models$rw_counterfactual(
    list(alpha_chosen = 0.4, alpha_unchosen = 0.1, beta = 1), one, 3
  )
  expect_equal(both$after$value, rbind(c(0.7, 0.45, 0.55)))
  confirm <- reference_models$rw_confirmation(
    list(alpha_conf = 0.4, alpha_disc = 0.1, beta = 1), one, 3
  )
  expect_equal(confirm$after$value, rbind(c(0.7, 0.3, 0.55)))

  hall <- reference_models$pearce_hall(
    list(alpha = 0.4, eta = 0.25, kappa = 0.5, beta = 1), reference_one(c(1, 1), c(1, 0), 2), 2
  )
  expect_equal(hall$after$value[, 1], c(0.6, 0.6 - 0.5 * 0.425 * 0.6))
  expect_equal(hall$after$associability[, 1], c(0.425, 0.75 * 0.425 + 0.25 * 0.6))
  expect_equal(hall$after$associability[, 2], c(0.4, 0.4))

  filter <- reference_models$kalman(
    list(beta = 0.1, mu0 = 10, sigma0 = 4, sigma_drift = 3, decay = 0.5, centre = 20),
    reference_one(2, 18, n_actions = 2), 2
  )
  expect_equal(filter$state$variance, rbind(c(16, 16)))
  expect_equal(filter$after$mean, rbind(c(15, 17)))
  expect_equal(filter$after$variance, rbind(c(13, 11)))
})

everything <- list(
  rw = list(alpha = 0.3, beta = 2),
  rw_asymmetric = list(alpha_pos = 0.5, alpha_neg = 0.2, beta = 2),
  rw_forgetting = list(alpha = 0.3, beta = 2, forget = 0.2),
  rw_perseveration = list(alpha = 0.3, beta = 2, kappa = 0.7, tau = 0.4),
  rw_lapse = list(alpha = 0.3, beta = 2, epsilon = 0.1),
  rw_counterfactual = list(alpha_chosen = 0.4, alpha_unchosen = 0.2, beta = 2),
  rw_confirmation = list(alpha_conf = 0.4, alpha_disc = 0.2, beta = 2),
  pearce_hall = list(alpha = 0.4, eta = 0.3, kappa = 0.8, beta = 2),
  kalman = list(beta = 0.5, mu0 = 0, sigma0 = 2, sigma_drift = 0.5, decay = 0.9, centre = 0.5)
)

test_that("a permutation of choices, or choice and outcome swapped, changes the likelihood", {
  data <- reference_split(reference_data(
    subjects = 1, trials = 40, blocks = 1, missing_choice = 0, missing_outcome = 0, foregone = TRUE
  ))[[1]]
  permuted <- swapped <- data
  # Over trials: a mere exchange of the two labels is a symmetry of most of these models.
  permuted$choice <- c(data$choice[-1], data$choice[1])
  swapped$choice <- as.integer(data$outcome) + 1L
  swapped$outcome <- data$choice - 1
  for (model in names(everything)) {
    original <- reference_loglik(model, everything[[model]], data)
    expect_gt(abs(original - reference_loglik(model, everything[[model]], permuted)), 0.01)
    expect_gt(abs(original - reference_loglik(model, everything[[model]], swapped)), 0.01)
  }
})

test_that("the lapse has a draw of its own", {
  # Each action pays the logarithm of its probability, so beta = 1 and alpha = 1 bring (.7, .2, .1).
  p <- c(0.7, 0.2, 0.1)
  learned <- reference_models$rw_lapse(
    list(alpha = 1, beta = 1, epsilon = 0.2, q0 = 0), reference_one(c(1, 2, 3, NA), log(c(p, 1))), 3
  )
  expect_equal(learned$probability[4, ], 0.8 * p + 0.2 / 3)
  expect_equal(round(learned$probability[4, ], 3), c(0.627, 0.227, 0.147))

  set.seed(20)
  run <- reference_simulate("rw_lapse", list(alpha = 1, beta = 1, epsilon = 0.2, q0 = 0),
                            matrix(log(p), 6000, 3, byrow = TRUE))
  late <- run$choice[-(1:100)]
  expect_lt(max(abs(tabulate(late, 3) / length(late) - (0.8 * p + 0.2 / 3))), 0.025)
})

test_that("nothing overflows at beta x value = 800", {
  data <- reference_one(c(1, 2, 1), c(800, 800, 0))
  run <- reference_models$rw(list(alpha = 1, beta = 1, q0 = 0), data, 2)
  expect_equal(run$log_lik, c(log(0.5), -800, log(0.5)))
  lapse <- reference_models$rw_lapse(list(alpha = 1, beta = 1, q0 = 0, epsilon = 0), data, 2)
  expect_equal(lapse$log_lik, run$log_lik)
  expect_equal(reference_softmax(c(800, 0)), c(1, 0))
  expect_equal(reference_softmax(c(-800, -800)), c(0.5, 0.5))
})

test_that("missing, forced and unavailable follow the one rule", {
  data <- reference_one(
    c(1, NA, 2, 1), c(1, 1, NA, 0), foregone = cbind(c(1, 1, NA, 0), c(0, 0, 1, NA))
  )
  still <- function(model, state, t) {
    run <- reference_models[[model]](everything[[model]], data, 2)
    isTRUE(all.equal(run$state[[state]][t, ], run$after[[state]][t, ]))
  }
  for (model in setdiff(names(everything), "kalman")) expect_true(still(model, "value", 2))
  for (model in c("rw", "rw_asymmetric", "rw_lapse", "rw_perseveration", "pearce_hall")) {
    expect_true(still(model, "value", 3))
  }
  expect_false(still("rw_forgetting", "value", 3))
  expect_true(still("rw_perseveration", "trace", 2))
  expect_false(still("rw_perseveration", "trace", 3))
  expect_true(still("pearce_hall", "associability", 3))
  expect_false(still("kalman", "mean", 2))
  expect_false(still("kalman", "variance", 3))
  for (model in names(everything)) {
    run <- reference_models[[model]](everything[[model]], data, 2)
    expect_equal(is.na(run$log_lik), c(FALSE, TRUE, FALSE, FALSE))
    expect_equal(is.na(run$prediction_error), c(FALSE, TRUE, TRUE, FALSE))
  }

  forced <- data
  forced$forced <- c(TRUE, FALSE, FALSE, FALSE)
  plain <- reference_models$rw(everything$rw, data, 2)
  guided <- reference_models$rw(everything$rw, forced, 2)
  expect_equal(guided$state, plain$state)
  expect_equal(guided$log_lik, c(NA, plain$log_lik[-1]))

  offered <- data
  offered$available <- rbind(c(TRUE, TRUE), c(TRUE, FALSE), c(FALSE, TRUE), c(TRUE, TRUE))
  limited <- reference_models$rw_lapse(everything$rw_lapse, offered, 2)
  expect_equal(limited$probability[2:3, ], rbind(c(1, 0), c(0, 1)))
  expect_equal(is.na(limited$log_lik), c(FALSE, TRUE, TRUE, FALSE))
})

test_that("blocks start afresh, and every model takes any number of actions", {
  for (n_actions in c(2, 5)) {
    frame <- reference_data(
      subjects = 3, trials = c(9, 20), blocks = 3, n_actions = n_actions, foregone = TRUE,
      available = TRUE, forced = TRUE, outcome = "normal", shuffle = TRUE, seed = n_actions
    )
    subjects <- reference_split(frame)
    rows <- unlist(lapply(subjects, `[[`, "row"), use.names = FALSE)
    expect_equal(sort(rows), seq_len(nrow(frame)))
    for (model in names(everything)) {
      run <- reference_models[[model]](everything[[model]], subjects[[1]], n_actions)
      for (state in names(run$state)) {
        starts <- run$state[[state]][subjects[[1]]$block_start, ]
        expect_equal(max(starts) - min(starts), 0)
      }
      expect_true(all(run$probability[!subjects[[1]]$available] == 0))
      expect_equal(rowSums(run$probability), rep(1, length(subjects[[1]]$row)))
      by_row <- reference_pointwise(model, everything[[model]], frame)
      by_subject <- reference_loglik(model, everything[[model]], frame)
      expect_equal(sum(by_row, na.rm = TRUE), sum(by_subject))
    }
  }
})

test_that("finite differences are good to ten digits", {
  f <- function(x) sin(x[1]) * exp(x[2])
  expect_equal(finite_difference(f, c(0.7, -1)), c(cos(0.7), sin(0.7)) * exp(-1), tolerance = 1e-10)
  g <- function(x) c(x[1]^2, x[1] * x[2])
  expect_equal(finite_difference(g, c(3, 5)), rbind(c(6, 0), c(5, 3)), tolerance = 1e-10)
})
