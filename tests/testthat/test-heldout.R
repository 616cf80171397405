# Held-out likelihood against fits to the data without the fold, made by hand.

# Three blocks of unequal length for eight subjects, some trials missed.
heldout_frame <- function() {
  once("heldout frame", {
    truth <- withr::with_seed(31, data.frame(subject = sprintf("p%d", 8:1),
      alpha = plogis(rnorm(8, -0.5, 0.8)), beta = exp(rnorm(8, 1, 0.4))))
    frame <- as.data.frame(simulate(rl_model("rw"), seed = 32, parameters = truth,
      task = task_bandit(reversal(40, 20), trials = 40, blocks = 3)))
    frame <- frame[!(frame$subject == "p3" & frame$block == 2 & frame$trial > 30), ]
    frame$choice[c(5, 130)] <- NA
    frame$outcome[c(5, 130)] <- NA
    rownames(frame) <- NULL
    frame
  })
}

heldout_data <- function(frame = heldout_frame()) {
  suppressWarnings(rl_data(frame, block = "block", trial = "trial", actions = 1:2))
}

heldout_fit <- function(method, ...) {
  once(paste("heldout", method, deparse(list(...))), {
    quiet_fit("rw", heldout_data(), method = method, starts = 6, seed = 1, ...)
  })
}

# The sum over blocks of log p(block | estimates without it), by subject; `estimates(data)` fits.
by_hand <- function(frame, estimates, model = "rw") {
  total <- 0
  for (k in 1:3) {
    values <- estimates(heldout_data(frame[frame$block != k, ]))
    total <- total + rl_loglik(model, heldout_data(frame[frame$block == k, ]), values)
  }
  total
}

test_that("blocks are predicted by the other blocks", {
  frame <- heldout_frame()
  for (method in c("mle", "map", "em")) {
    x <- rl_heldout(heldout_fit(method))
    expect_s3_class(x, "rl_heldout")
    expect_identical(x$unit, "block")
    expect_equal(x$folds, 3)
    by <- by_hand(frame, \(data) {
      coef(quiet_fit("rw", data, method = method, starts = 6, seed = 1))
    })
    expect_identical(as.character(x$subjects$subject), names(by))
    expect_equal(x$subjects$heldout, unname(by), tolerance = if (method == "em") 1e-3 else 1e-5)
    expect_equal(x$heldout, sum(x$subjects$heldout))
    expect_equal(x$se, sqrt(8) * sd(x$subjects$heldout))
    expect_equal(x$nobs, sum(!is.na(frame$choice)))
    expect_equal(x$subjects$n, unname(heldout_fit("mle")$nobs))
    expect_equal(as.vector(rowsum(x$by_fold$heldout, x$by_fold$subject, reorder = FALSE)),
      x$subjects$heldout)
  }
})

test_that("full Bayes averages the likelihood over draws", {
  skip_if_not_installed("posterior")
  fit <- suppressMessages(heldout_fit("nuts", chains = 2, warmup = 150, draws = 150))
  x <- rl_heldout(fit)
  frame <- heldout_frame()
  total <- 0
  for (k in 1:3) {
    other <- suppressMessages(quiet_fit("rw", heldout_data(frame[frame$block != k, ]),
      method = "nuts", chains = 2, warmup = 150, draws = 150, seed = 7))
    one <- heldout_data(frame[frame$block == k, ])
    draws <- other$group$subject_draws
    likelihood <- sapply(seq_len(150), \(d) {
      exp(rl_loglik("rw", one, draws[d, 1 + d %% 2, , ]))
    })
    total <- total + log(rowMeans(likelihood))
  }
  # Two runs of a sampler.
  expect_equal(x$subjects$heldout, unname(total), tolerance = 0.02)
})

test_that("new subjects are predicted by the group", {
  frame <- heldout_frame()
  fit <- heldout_fit("em")
  x <- rl_heldout(fit, unit = "subject", folds = 4)
  ids <- as.character(fit$data$subjects)
  z <- as.matrix(expand.grid(seq(-7, 7, length.out = 101), seq(-4, 6, length.out = 101)))
  expected <- vapply(seq_along(ids), \(s) {
    out <- ids[(seq_along(ids) - 1) %% 4 == (s - 1) %% 4]
    other <- quiet_fit("rw", heldout_data(frame[!frame$subject %in% out, ]), method = "em",
      starts = 6, seed = 1)
    own <- frame[frame$subject == ids[s], ]
    one <- list(choice = own$choice, outcome = own$outcome, n_actions = 2,
      block_start = own$trial == 1)
    deviation <- sweep(z, 2, other$group$coefficients)
    root <- chol(other$group$covariance)
    log_prior <- -log(2 * pi) - sum(log(diag(root))) -
      colSums(backsolve(root, t(deviation), transpose = TRUE)^2) / 2
    log_joint <- loglik_rows(one, z) + log_prior
    cell <- diff(unique(z[, 1]))[1] * diff(unique(z[, 2]))[1]
    max(log_joint) + log(sum(exp(log_joint - max(log_joint))) * cell)
  }, 0)
  expect_equal(x$subjects$heldout, expected, tolerance = 2e-3)
  expect_equal(x$folds, 4)
})

test_that("estimates of the others stand in for a group without one", {
  fit <- heldout_fit("mle")
  x <- rl_heldout(fit, unit = "subject")
  expect_equal(x$folds, 8)
  data <- heldout_data()
  each <- sapply(1:8, \(j) rl_loglik("rw", data, coef(fit)[j, -1]))
  expect_equal(x$subjects$heldout, sapply(1:8, \(s) log(mean(exp(each[s, -s])))))

  fewer <- rl_heldout(fit, unit = "subject", folds = 2)
  expect_equal(fewer$subjects$heldout[3], log(mean(exp(each[3, c(2, 4, 6, 8)]))))

  # The same without a fit to begin with, whatever it is called by.
  again <- rl_heldout("rw", data, unit = "subject", starts = 6, seed = 1)
  expect_equal(again$subjects, x$subjects)
})

test_that("shared parameters alone predict new subjects", {
  data <- heldout_data()
  pooled <- list(alpha ~ 1, beta ~ 1)
  x <- rl_heldout("rw", data, unit = "subject", folds = 2, formula = pooled, starts = 6, seed = 1)
  even <- heldout_data(heldout_frame()[heldout_frame()$subject %in% c("p7", "p5", "p3", "p1"), ])
  fit <- quiet_fit("rw", even, formula = pooled, starts = 6, seed = 1)
  value <- rl_loglik("rw", data, coef(fit)[1, c("alpha", "beta")])
  expect_equal(x$subjects$heldout[c(1, 3, 5, 7)], unname(value[c(1, 3, 5, 7)]), tolerance = 1e-6)
  expect_error(rl_heldout("rw", data, unit = "subject", formula = beta ~ 1),
    class = "rescorla_error_input")
})

test_that("a group with covariates has the same design in every fold", {
  frame <- heldout_frame()
  frame$group <- ifelse(frame$subject %in% c("p8", "p1"), "B", "A")
  # Both of group B are left out together: the fold without them still has their coefficient.
  frame$part <- ifelse(frame$group == "B", 2, 1)
  fit <- quiet_fit("rw", heldout_data(frame), method = "em", formula = beta ~ group, starts = 4,
    seed = 1)
  x <- rl_heldout(fit, unit = "subject", folds = 4)
  expect_true(all(is.finite(x$subjects$heldout)))
  slopes <- quiet_fit("rw", heldout_data(frame), method = "em", formula = beta ~ factor(block),
    starts = 4, seed = 1)
  y <- rl_heldout(slopes, unit = "trial", folds = 2)
  expect_equal(nrow(y$subjects), 8)
  expect_equal(y$nobs, x$nobs)
})

test_that("trials that are left out are learned from", {
  frame <- heldout_frame()
  x <- rl_heldout(heldout_fit("map"), unit = "trial", folds = 2)
  number <- ave(frame$trial, frame$subject, FUN = seq_along)
  expect_identical(x$fold, as.integer((number - 1) %% 2 + 1))
  total <- 0
  for (k in 1:2) {
    frame$hidden <- x$fold == k
    data <- suppressWarnings(rl_data(frame, block = "block", trial = "trial", forced = "hidden"))
    values <- coef(quiet_fit("rw", data, method = "map", starts = 6, seed = 1))
    row <- rl_loglik("rw", heldout_data(), values, pointwise = TRUE)
    total <- total + rowsum(ifelse(frame$hidden & !is.na(row), row, 0), frame$subject,
      reorder = FALSE)[, 1]
  }
  expect_equal(x$subjects$heldout, unname(total), tolerance = 1e-6)
})

test_that("folds are the same for every model and order of rows, and may be a column", {
  data <- heldout_data()
  frame <- heldout_frame()
  folds_of <- \(unit, folds, data) rescorla:::assign_folds(data, unit, folds, NULL)
  expect_identical(folds_of("block", NULL, data), as.integer(frame$block))
  expect_identical(folds_of("block", 2, data), as.integer(c(1, 2, 1)[frame$block]))
  expect_identical(folds_of("subject", 3, data),
    as.integer((match(frame$subject, unique(frame$subject)) - 1) %% 3 + 1))
  mixed <- heldout_data(frame[order(frame$block, frame$trial), ])
  expect_identical(folds_of("block", NULL, mixed), as.integer(frame$block))

  frame$half <- c("one", "two", NA)[frame$block]
  x <- rl_heldout("rw", heldout_data(frame), folds = "half", starts = 4, seed = 1)
  expect_identical(x$fold, c(1L, 2L, NA)[frame$block])
  expect_equal(x$nobs, sum(!is.na(frame$choice) & frame$block < 3))
  expect_setequal(x$by_fold$fold, 1:2)
})

test_that("subjects that cannot be predicted are left out", {
  frame <- heldout_frame()
  frame <- frame[!(frame$subject == "p4" & frame$block > 1), ]
  x <- rl_heldout("rw", heldout_data(frame), unit = "block", starts = 4, seed = 1)
  expect_identical(as.character(x$left_out), "p4")
  expect_true(is.na(x$subjects$heldout[x$subjects$subject == "p4"]))
  expect_equal(x$heldout, sum(x$subjects$heldout, na.rm = TRUE))
  # Not by default, then. Nor subjects where there is one.
  alone <- heldout_data(frame[frame$subject == "p4", ])
  expect_identical(rl_heldout("rw", alone, starts = 4, seed = 1)$unit, "trial")
  expect_identical(rl_heldout("rw", heldout_data(frame), starts = 4, seed = 1)$unit, "subject")
})

test_that("responses that are numbers are held out by block", {
  frame <- withr::with_seed(3, data.frame(person = rep(1:3, each = 60), block = rep(1:3, each = 20),
    outcome = rnorm(180, 150, 20)))
  frame$prediction <- with(frame, ave(outcome, person, block, FUN = \(x) {
    150 + c(0, utils::head(cumsum(x - 150) / (seq_along(x) + 1), -1))
  })) + withr::with_seed(4, rnorm(180, 0, 4))
  data_of <- \(rows) suppressMessages(suppressWarnings(rl_data(frame[rows, ], subject = "person",
    choice = NULL, block = "block", prediction = "prediction")))
  x <- rl_heldout("change_point", data_of(1:180), method = "map", starts = 4, seed = 1)
  total <- 0
  for (k in 1:3) {
    fit <- quiet_fit("change_point", data_of(frame$block != k), method = "map", starts = 4,
      seed = 1)
    total <- total + rl_loglik("change_point", data_of(frame$block == k), coef(fit))
  }
  expect_equal(x$subjects$heldout, unname(total), tolerance = 1e-6)
  expect_error(rl_heldout("change_point", data_of(1:180), unit = "trial"),
    class = "rescorla_error_model")
})

test_that("held-out likelihoods of fits by any method compare", {
  fits <- list(mle = heldout_fit("mle"), map = heldout_fit("map"), em = heldout_fit("em"))
  x <- rl_compare(fits, criterion = "heldout")
  each <- lapply(fits, rl_heldout)
  values <- sapply(each, \(h) h$subjects$heldout)
  m <- x$models
  expect_identical(m$method, names(fits))
  expect_equal(m$heldout, unname(colSums(values)))
  expect_equal(m$se, unname(sqrt(8) * apply(values, 2, sd)))
  best <- which.max(colSums(values))
  expect_equal(m$delta, unname(colSums(values) - max(colSums(values))))
  expect_equal(m$delta_se, unname(sqrt(8) * apply(values - values[, best], 2, sd)))
  expect_equal(m$per_response, m$heldout / x$nobs)
  expect_equal(m$best, tabulate(apply(values, 1, which.max), 3))
  expect_equal(x$counts$subjects, m$best)
  expect_equal(x$subjects$heldout, as.vector(t(values)))
  expect_identical(x$unit, "block")
  expect_equal(rl_compare(each)$models, m)
  expect_equal(rl_compare(fits, criterion = "heldout", unit = "trial", folds = 3)$folds, 3)
  expect_output(print(x), "Held-out likelihood, 3 folds by block")
  skip_if_not_installed("ggplot2")
  plot <- plot(x)
  ggplot2::ggplot_build(plot)
  expect_equal(plot$data$delta_elpd, m$delta)
  ggplot2::ggplot_build(plot(x, "winners"))
  ggplot2::ggplot_build(plot(x, "differences"))
})

test_that("a folder of finished folds is taken up again", {
  folder <- withr::local_tempfile()
  fit <- heldout_fit("map")
  whole <- rl_heldout(fit, checkpoint = folder)
  expect_equal(whole$subjects, rl_heldout(fit)$subjects)
  unlink(list.files(folder, "job-000002", full.names = TRUE))
  before <- file.mtime(list.files(folder, "job", full.names = TRUE))
  expect_identical(rl_heldout(fit, checkpoint = folder)$subjects, whole$subjects)
  expect_error(rl_heldout(heldout_fit("mle"), checkpoint = folder), class = "rescorla_error_input")
})

test_that("a held-out likelihood prints, and mistakes are explained", {
  x <- rl_heldout(heldout_fit("map"))
  expect_snapshot(x)
  expect_identical(as.data.frame(x), x$subjects)
  fit <- heldout_fit("map")
  frame <- heldout_frame()
  frame$side <- rep(1:2, length.out = nrow(frame))
  data <- heldout_data(frame)
  single <- suppressMessages(rl_data(frame[c("subject", "choice", "outcome")]))
  expect_snapshot(error = TRUE, {
    rl_heldout(fit, data)
    rl_heldout("rw")
    rl_heldout("rw", data, folds = 4)
    rl_heldout("rw", data, folds = 1)
    rl_heldout("rw", single, unit = "block")
    rl_heldout("rw", data, folds = "nowhere")
    rl_heldout("rw", data, unit = "subject", folds = "side")
    rl_heldout("rw", data, unit = "day")
    rl_heldout("rw", data, start = 3)
    rl_heldout(fit, start = 3)
    rl_compare(x, fit)
    rl_compare(x, b = rl_heldout(fit, unit = "trial", folds = 3))
    rl_compare(x, x, folds = 3)
  })
})
