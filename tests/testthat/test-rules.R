# The rules on their own, against the same rules one cell at a time.

# A rule over a matrix subjects x actions, by its plain-R reference row by row.
by_row <- function(reference, value, chosen, ...) {
  rows <- lapply(seq_len(nrow(value)), function(i) {
    own <- lapply(list(...), function(x) {
      if (is.matrix(x)) x[i, ] else if (length(x) == nrow(value)) x[i] else x
    })
    k <- if (is.null(chosen)) NULL else rep_len(chosen, nrow(value))[i]
    do.call(reference, c(list(value[i, ]), own, list(chosen = k)))
  })
  lapply(stats::setNames(nm = names(rows[[1]])), function(n) do.call(rbind, lapply(rows, `[[`, n)))
}

# What was not chosen has no prediction error and no gain.
blank <- function(x, chosen) {
  chosen <- rep_len(chosen, nrow(x$value))
  for (n in intersect(names(x), c("prediction_error", "gain"))) {
    for (i in seq_along(chosen)) x[[n]][i, -chosen[i]] <- NA
  }
  x
}

rules <- list(
  rescorla_wagner = list(rescorla_wagner, reference_rescorla_wagner),
  rescorla_wagner_asymmetric = list(rescorla_wagner_asymmetric,
    reference_rescorla_wagner_asymmetric),
  pearce_hall_update = list(pearce_hall_update, reference_pearce_hall_update),
  kalman_update = list(kalman_update, reference_kalman_update)
)

arguments_of <- function(name, value, outcome) {
  n <- length(value)
  like <- function(x) {
    dim(x) <- dim(value)
    x
  }
  switch(name,
    rescorla_wagner = list(outcome = outcome, alpha = 0.3),
    rescorla_wagner_asymmetric = list(outcome = outcome, alpha_pos = 0.4, alpha_neg = 0.1),
    pearce_hall_update = list(associability = like(seq(0.1, 0.9, length.out = n)),
      outcome = outcome, kappa = 0.5, eta = 0.3),
    kalman_update = list(variance = like(seq(1, 9, length.out = n)), outcome = outcome,
      sigma_obs = 2)
  )
}

for (name in names(rules)) {
  test_that(paste(name, "is its formula, for vectors and matrices"), {
    rule <- rules[[name]][[1]]
    reference <- rules[[name]][[2]]
    value <- c(0.2, 0.5, 0.8, -1, 3)
    for (outcome in list(1, c(0, 1, 0.8, -2, 3.5), NA_real_)) {
      arguments <- arguments_of(name, value, outcome)
      got <- do.call(rule, c(list(value), arguments))
      expected <- do.call(reference, c(list(value), arguments))
      if (anyNA(outcome)) {
        expect_true(all(is.na(got$prediction_error)))
      } else {
        expect_equal(got[names(expected)], expected, tolerance = 1e-14)
        expect_setequal(names(got), names(expected))
      }
      for (k in c(1, 4)) {
        outcome_of_k <- outcome[min(k, length(outcome))]
        arguments <- arguments_of(name, value, outcome_of_k)
        got <- do.call(rule, c(list(value), arguments, list(chosen = k)))
        expected <- do.call(reference, c(list(value), arguments, list(chosen = k)))
        if (is.na(outcome_of_k)) next
        for (n in intersect(names(expected), c("prediction_error", "gain"))) {
          expected[[n]][-k] <- NA
        }
        expect_equal(got[names(expected)], expected, tolerance = 1e-14)
      }
    }
    table <- matrix(seq(-1, 2, length.out = 12), 4, 3)
    for (outcome in list(1, c(1, 0, 2, -1), matrix(runif(12), 4))) {
      arguments <- arguments_of(name, table, outcome)
      got <- do.call(rule, c(list(table), arguments))
      expected <- do.call(by_row, c(list(reference, table, NULL), arguments))
      expect_equal(got[names(expected)], expected, tolerance = 1e-14)
    }
    for (chosen in list(2, c(1, 3, 2, 3))) {
      arguments <- arguments_of(name, table, c(1, 0, 2, -1))
      got <- do.call(rule, c(list(table), arguments, list(chosen = chosen)))
      expected <- blank(do.call(by_row, c(list(reference, table, chosen), arguments)), chosen)
      expect_equal(got[names(expected)], expected, tolerance = 1e-14)
    }
    # Nobody chose: nothing moves.
    none <- do.call(rule, c(list(table), arguments_of(name, table, 1), list(chosen = NA_real_)))
    expect_identical(none$value, table)
    named <- do.call(rule, c(list(c(a = 1, b = 2)), arguments_of(name, c(a = 1, b = 2), 1)))
    expect_named(named$value, c("a", "b"))
  })
}

test_that("single updates have their published values", {
  expect_equal(rescorla_wagner_asymmetric(0.5, 1, 0.1, 0.2),
    list(value = 0.55, prediction_error = 0.5))
  expect_equal(rescorla_wagner_asymmetric(0.5, 0, 0.1, 0.2)$value, 0.4)
  three <- rescorla_wagner_asymmetric(c(.2, .5, .8), c(0, 1, .5), 0.1, 0.2)
  expect_equal(three$prediction_error, c(-.2, .5, -.3))
  expect_equal(three$value, c(.16, .55, .74))
  expect_identical(rescorla_wagner_asymmetric(0.5, 0.5, 1, 1)$value, 0.5)
  outcomes <- c(1, 1, 0, 1, 0, 0, 1, 1, 1, 0)
  walk <- function(f) Reduce(function(v, r) f(v, r)$value, outcomes, 0.5, accumulate = TRUE)[-1]
  expect_equal(walk(\(v, r) rescorla_wagner(v, r, 0.3)), c(.65, .755, .5285, .66995, .468965,
    .3282755, .52979285, .670854995, .7695984965, .5387189476), tolerance = 1e-9)
  expect_equal(walk(\(v, r) rescorla_wagner_asymmetric(v, r, .6, .1)), c(.8, .92, .828, .9312,
    .83808, .754272, .9017088, .96068352, .984273408, .8858460672), tolerance = 1e-9)
})

test_that("rates go by row or by cell", {
  value <- matrix(0.5, 2, 3)
  rates <- c(0.1, 0.4)
  expect_equal(rescorla_wagner(value, 1, rates)$value, matrix(0.5 + 0.5 * rates, 2, 3))
  expect_equal(rescorla_wagner(value, 1, rates, chosen = c(3, 1))$value,
    matrix(c(0.5, 0.7, 0.5, 0.5, 0.55, 0.5), 2))
  each <- matrix((1:6) / 10, 2)
  expect_equal(rescorla_wagner(value, 1, each)$value, 0.5 + 0.5 * each)
  expect_equal(rescorla_wagner(value, 1, each, chosen = c(3, 1))$value[1, 3], 0.75)
  expect_equal(rescorla_wagner(c(0.2, 0.6), 1L, 0.5, chosen = 2L)$value, c(0.2, 0.8))
  square <- matrix(0.5, 2, 2)
  expect_equal(rescorla_wagner(square, c(1, 0), 0.5)$value, matrix(c(.75, .25), 2, 2))
})

test_that("softmax and epsilon-greedy give the probabilities of their formulas", {
  expect_equal(softmax(c(2, 3, 1), beta = 2), c(.11731043, .86681333, .01587624), tolerance = 1e-7)
  expect_equal(softmax(c(2, 3, 1), beta = 1 / 0.9), c(.2289941, .69562265, .07538325),
    tolerance = 1e-7)
  x <- matrix(rnorm(15), 5)
  beta <- c(0, 0.5, 1, 3, 20)
  expect_equal(softmax(x, beta), t(sapply(1:5, \(i) reference_softmax(x[i, ], beta[i]))),
    tolerance = 1e-14)
  expect_equal(rowSums(softmax(x, 2)), rep(1, 5), tolerance = 1e-14)
  expect_equal(softmax(c(a = 800, b = 0)), c(a = 1, b = 0))
  expect_equal(softmax(c(-1e5, 1e5), 100), c(0, 1))
  expect_equal(softmax(c(1, 1, 1)), rep(1 / 3, 3))
  expect_equal(softmax(c(1, 2), 1e8), c(0, 1))
  ties <- rbind(c(1, 3, 3), c(2, 0, 1), c(1, 1, 1))
  expect_equal(epsilon_greedy(ties, 0.3),
    t(sapply(1:3, \(i) reference_epsilon_greedy(ties[i, ], 0.3))), tolerance = 1e-14)
  expect_equal(epsilon_greedy(c(2, 3, 1), 0), c(0, 1, 0))
  expect_equal(epsilon_greedy(c(2, 3, 1), 1), rep(1 / 3, 3))
  expect_equal(epsilon_greedy(ties, c(0, 0.5, 1))[3, ], rep(1 / 3, 3))
  expect_identical(dimnames(softmax(matrix(0, 2, 2, dimnames = list(NULL, c("l", "r"))))),
    list(NULL, c("l", "r")))
})

test_that("arguments that cannot be are errors that say so", {
  value <- matrix(0.5, 4, 3)
  expect_snapshot(error = TRUE, {
    rescorla_wagner("a", 1, 0.1)
    rescorla_wagner(0.5, numeric(), 0.1)
    rescorla_wagner(value, 1:5, 0.1)
    rescorla_wagner(c(0.5, 0.5), 1:3, 0.1)
    rescorla_wagner(value, 1, 0.1, chosen = 4)
    rescorla_wagner(value, 1, 0.1, chosen = 1:3)
    rescorla_wagner(value, 1, 0.1, chosen = 1.5)
    rescorla_wagner(value, 1, 0.1, chosen = "a")
    rescorla_wagner(value, 1:2, 0.1, chosen = 1)
    kalman_update(value, 1:2, 1, 1)
    softmax("a")
    softmax(c(1, 2), beta = -1)
    softmax(c(1, 2), beta = c(1, 2))
    epsilon_greedy(c(1, 2), 1.5)
    epsilon_greedy(c(1, 2), NA_real_)
  })
  expect_error(softmax(c(1, 2), beta = "a"), class = "rescorla_error_input")
  expect_error(rescorla_wagner(value, 1, 0.1, chosen = 0), class = "rescorla_error_input")
})
