skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Mistakes that learning models are known to be shipped with, looked for in every model of the
# catalogue: a likelihood that does not depend on the choices, arguments in each other's place,
# overflow, and a lapse that is drawn with the choice's own random number.

# A frame of the model's task, with what the actions not chosen would have paid, and its roles.
defect_data <- function(model) {
  frame <- model_frame(model$task, subjects = 2, trials = c(30, 40), seed = 3, missing = 0)
  attr(frame, "roles") <- model_roles(frame)
  if ("foregone" %in% rescorla:::model_inputs(model)) {
    frame$pays_1 <- rep_len(c(0, 1, 1), nrow(frame))
    frame$pays_2 <- rep_len(c(1, 0, 0, 1, 0), nrow(frame))
    attr(frame, "roles")$foregone <- c("pays_1", "pays_2")
  }
  # Room to exchange them: no balloon bursts before its first pump.
  if (model$task == "bart") frame$pumps <- frame$pumps + 1
  frame
}

# Values well inside their ranges, no two parameters alike.
defect_values <- function(model) {
  table <- model$parameters[is.na(model$parameters$fixed), ]
  share <- 0.25 + (seq_len(nrow(table)) * 0.6180339887) %% 0.5
  lower <- ifelse(is.finite(table$lower), table$lower, 0)
  upper <- ifelse(is.finite(table$upper), table$upper, lower + 2)
  x <- stats::setNames(lower + share * (upper - lower), table$name)
  # Delays of half a year are worth nothing at a large rate, whatever the amount.
  if (identical(model$id, "dd_cs")) x[] <- c(0.02, 0.8, 0.5)
  x
}

packed <- function(frame) {
  suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), attr(frame, "roles")))))
}

defect_loglik <- function(model, data, parameters, gradient = FALSE) {
  if (is.data.frame(data)) data <- packed(data)
  suppressWarnings(suppressMessages(rl_loglik(model, data, parameters, gradient = gradient)))
}

# What may well be exchanged: where only the sum or the product of the two counts.
interchangeable <- c("banditNarm_delta gain loss", "banditNarm_kalman_filter gain loss",
  "rlwm rho C")

expect_other <- function(got, original, ...) {
  what <- paste(..., collapse = " ")
  differ <- any(abs(as.numeric(got) - as.numeric(original)) > 1e-7)
  if (what %in% interchangeable) return(expect_false(differ, label = what))
  expect(differ, paste("no difference:", what))
}

exchanged <- function(x, a, b) {
  x[c(a, b)] <- x[c(b, a)]
  x
}

catalogue_of <- function() {
  ids <- names(rescorla:::catalogue_files())
  stats::setNames(lapply(ids, function(id) rescorla:::catalogue_entry(id)), ids)
}

test_that("the likelihood depends on which response was given when", {
  local_language_options()
  for (model in catalogue_of()) {
    frame <- defect_data(model)
    x <- defect_values(model)
    original <- defect_loglik(model, frame, x)
    expect_true(all(is.finite(original)), info = model$id)
    for (response in attr(frame, "responses")) {
      shifted <- frame
      for (rows in split(seq_len(nrow(frame)), frame$subject)) {
        rows <- rows[!is.na(frame[[response]][rows])]
        shifted[[response]][rows] <- frame[[response]][c(rows[-1], rows[1])]
      }
      expect_other(defect_loglik(model, shifted, x), original, model$id, response)
    }
  }
})

test_that("columns in each other's place change the likelihood", {
  local_language_options()
  for (model in catalogue_of()) {
    frame <- defect_data(model)
    x <- defect_values(model)
    original <- defect_loglik(model, frame, x)
    read <- setdiff(intersect(rescorla:::model_inputs(model), names(frame)),
      c(names(attr(frame, "codes")), attr(frame, "responses")))
    for (pair in utils::combn(read, min(2, length(read)), simplify = FALSE)) {
      if (length(pair) < 2) next
      swapped <- frame
      swapped[pair] <- frame[rev(pair)]
      expect_other(defect_loglik(model, swapped, x), original, c(model$id, pair))
    }
    # Choice and outcome, where both have two values.
    if (!"outcome" %in% read || !identical(attr(frame, "responses"), "choice")) next
    codes <- attr(frame, "codes")$choice
    pays <- sort(unique(frame$outcome))
    if (length(codes) != 2 || length(pays) != 2) next
    swapped <- frame
    swapped$choice <- codes[match(frame$outcome, pays)]
    swapped$outcome <- pays[match(frame$choice, codes)]
    expect_other(defect_loglik(model, swapped, x), original, model$id, "choice, outcome")
  }
})

test_that("parameters in each other's place change the likelihood", {
  local_language_options()
  for (model in catalogue_of()) {
    data <- packed(defect_data(model))
    x <- defect_values(model)
    if (length(x) < 2) next
    original <- defect_loglik(model, data, x)
    table <- model$parameters[match(names(x), model$parameters$name), ]
    for (pair in utils::combn(length(x), 2, simplify = FALSE)) {
      swapped <- exchanged(x, pair[1], pair[2])
      names(swapped) <- names(x)
      # Where each takes a value that the other has.
      if (any(swapped < table$lower | swapped > table$upper)) next
      expect_other(defect_loglik(model, data, swapped), original, c(model$id, names(x)[pair]))
    }
  }
})

test_that("nothing is NaN at the corners of the parameters' ranges", {
  local_language_options()
  for (model in catalogue_of()) {
    data <- packed(defect_data(model))
    table <- model$parameters[is.na(model$parameters$fixed), ]
    lower <- ifelse(is.finite(table$lower), table$lower, -20)
    upper <- ifelse(is.finite(table$upper), table$upper, ifelse(table$lower == 0, 100, 20))
    odd <- seq_len(nrow(table)) %% 2 == 1
    for (x in list(lower, upper, ifelse(odd, lower, upper), ifelse(odd, upper, lower))) {
      x <- stats::setNames(x, table$name)
      value <- defect_loglik(model, data, x, gradient = TRUE)
      where <- paste(model$id, paste(x, collapse = " "))
      expect_false(anyNA(value), label = where)
      expect_false(anyNA(attr(value, "gradient")), label = where)
      # Not finite is minus infinity, said and with a gradient of 0.
      expect_true(all(is.finite(value) | value == -Inf), label = where)
      expect_true(all(attr(value, "gradient")[!is.finite(value), ] == 0), label = where)
    }
  }
})

test_that("a difference of 800 between logits does not overflow", {
  local_language_options()
  frame <- data.frame(subject = 1, choice = c(1, 2, 1), outcome = c(800, 800, 0), vol = 0)
  data <- suppressWarnings(rl_data(frame))
  cases <- list(
    rw = c(alpha = 1, beta = 1),
    rw_sticky = c(alpha = 1, beta = 1, kappa = 0),
    rw_uncertainty = c(alpha0 = 1, eta = 0, beta = 1),
    pearce_hall_hybrid = c(alpha = 1, eta = 0, kappa = 1, beta = 1),
    spice_agent = c(beta_reward = 1, alpha_reward = 1, alpha_penalty = 1, alpha_cf_reward = 0,
      alpha_cf_penalty = 0, forget = 0, beta_choice = 0, alpha_choice = 0)
  )
  for (id in names(cases)) {
    value <- suppressMessages(rl_loglik(rl_model(id), data, cases[[id]], gradient = TRUE))
    points <- rl_loglik(rl_model(id), data, cases[[id]], pointwise = TRUE)
    expect_equal(points, c(log(0.5), 0.5 - 800, log(0.5)), tolerance = 1e-12, label = id)
    expect_true(all(is.finite(attr(value, "gradient"))), label = id)
  }
  lapses <- rl_loglik(rl_model("rw_lapse"), data, c(alpha = 1, beta = 1, epsilon = 0.1),
    pointwise = TRUE)
  expect_equal(lapses, log(c(0.5, 0.05, 0.5)), tolerance = 1e-12)

  # Both systems are certain of the first action: the others are left to lapses.
  frame <- data.frame(subject = 1, stimulus = 1, set_size = 2, choice = c(1, 2, 1),
    outcome = c(1, 0, 1))
  data <- suppressWarnings(rl_data(frame, stimulus = "stimulus", actions = 1:3))
  points <- suppressMessages(rl_loglik(rl_model("rlwm"), data, c(alpha = 1, beta = 1200, phi = 0,
    rho = 0.5, gamma = 0, epsilon = 0.1, C = 2), pointwise = TRUE))
  expect_equal(points, log(c(1 / 3, 0.1 / 3, 0.9 + 0.1 / 3)), tolerance = 1e-12)
})

test_that("a lapse has a random number of its own", {
  local_language_options()
  # Each action pays the logarithm of its probability: with alpha and beta 1 these are the logits.
  p <- c(0.7, 0.2, 0.1)
  task <- task_outcomes(matrix(log(p), 160, 3, byrow = TRUE))
  sim <- simulate(rl_model("rw_lapse", q0 = 0), seed = 5, subjects = 1500, task = task,
    parameters = c(alpha = 1, beta = 1, epsilon = 0.2))
  late <- sim$choice[sim$trial > 100]
  expected <- c(0.627, 0.227, 0.147)
  share <- tabulate(late, 3) / length(late)
  # 90,000 choices: a lapse that shares the choice's number would be off by 0.05 and more.
  expect_true(all(abs(share - expected) < 4 * sqrt(expected / length(late)) + 5e-4))
})
