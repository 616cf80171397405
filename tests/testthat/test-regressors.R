# Six subjects in two runs of 50 trials (helper-fits.R), with blocks and numbered trials.
scanned_data <- function() {
  once("scanned data", suppressWarnings(rl_data(fit_frame(), block = "block", trial = "trial")))
}

scanned_fit <- function() {
  once("scanned fit", suppressWarnings(rl_fit("rw", scanned_data(), starts = 5, seed = 1)))
}

# A cue and, two seconds later, feedback on every trial; rows by subject and run.
scanner_events <- function() {
  frame <- as.data.frame(fit_frame())
  cue <- data.frame(subject = as.character(frame$subject), run = frame$block, trial = frame$trial,
    onset = 6.1 * frame$trial, duration = 1, trial_type = "cue")
  feedback <- transform(cue, onset = onset + 2.05, trial_type = "feedback")
  both <- rbind(cue, feedback)
  both <- both[order(match(both$subject, unique(both$subject)), both$run, both$onset), ]
  rownames(both) <- NULL
  both
}

quietly <- function(expr) suppressWarnings(expr, classes = "rescorla_warning")

# Plain R: what was expected of the chosen option, the error, and the choice's probability.
plain_regressors <- function(frame, estimates) {
  parts <- lapply(split(seq_len(nrow(frame)), list(frame$subject, frame$block)), function(rows) {
    own <- estimates[estimates$subject == frame$subject[rows[1]], ]
    value <- c(0.5, 0.5)
    out <- matrix(NA_real_, length(rows), 3)
    for (t in seq_along(rows)) {
      choice <- frame$choice[rows[t]]
      outcome <- frame$outcome[rows[t]]
      if (is.na(choice)) next
      p <- exp(own$beta * value) / sum(exp(own$beta * value))
      out[t, ] <- c(value[choice], outcome - value[choice], p[choice])
      if (!is.na(outcome)) value[choice] <- value[choice] + own$alpha * (outcome - value[choice])
    }
    data.frame(row = rows, value = out[, 1], prediction_error = out[, 2], probability = out[, 3])
  })
  parts <- do.call(rbind, parts)
  parts[order(parts$row), -1]
}

test_that("regressors are those of a plain loop over trials", {
  found <- as.data.frame(quietly(rl_regressors(scanned_fit())))
  expect_named(found, c("subject", "run", "trial", "value", "prediction_error", "probability"))
  frame <- as.data.frame(fit_frame())
  plain <- plain_regressors(frame, coef(scanned_fit()))
  expect_equal(found[4:6], plain, tolerance = 1e-10, ignore_attr = TRUE)
  expect_equal(found$subject, as.character(frame$subject))
  expect_equal(sum(is.na(found$value)), 2)
})

test_that("any latent can be a regressor", {
  latents <- predict(scanned_fit(), type = "latent")
  found <- as.data.frame(rl_regressors(scanned_fit(), what = c("value_2", "log_lik")))
  expect_equal(found$value_2, latents$value_2)
  expect_equal(found$log_lik, latents$log_lik)
  expect_snapshot(error = TRUE, {
    rl_regressors(scanned_fit(), what = "valeu")
    rl_regressors(scanned_fit(), draws = 10)
  })
})

test_that("arrays are read at what the trial was about", {
  data <- suppressMessages(rl_data(rl_data_example("gng"), task = "gng"))
  fit <- suppressWarnings(rl_fit("gng_m4", data, starts = 2, seed = 1))
  latents <- predict(fit, type = "latent")
  found <- as.data.frame(quietly(rl_regressors(fit, what = c("q", "v"))))
  cue <- as.character(rl_data_column(data, "cue"))[order_of_rows(data)]
  rows <- seq_along(cue)
  both <- paste0("q_", cue, "_", latents$choice)
  expect_equal(found$q, as.matrix(latents[unique(both)])[cbind(rows, match(both, unique(both)))],
    ignore_attr = TRUE)
  alone <- paste0("v_", cue)
  ever <- as.matrix(latents[unique(alone)])[cbind(rows, match(alone, unique(alone)))]
  expect_equal(found$v, ever, ignore_attr = TRUE)
  names <- as.data.frame(quietly(rl_regressors(fit)))
  expect_true(all(c("q", "prediction_error", "probability") %in% names(names)))

  two <- suppressMessages(rl_data(rl_data_example("ts"), task = "ts"))
  fit <- suppressWarnings(rl_fit("ts_par4", two, starts = 1, seed = 1))
  expect_error(rl_regressors(fit, what = "v"), class = "rescorla_error_input")
  both <- as.data.frame(quietly(rl_regressors(fit, what = c("mf", "probability_choice2"))))
  expect_true(all(both$probability_choice2 > 0, na.rm = TRUE))
})

test_that("events of several kinds meet their trials", {
  events <- scanner_events()
  at <- c(value = "cue", prediction_error = "feedback")
  found <- as.data.frame(rl_regressors(scanned_fit(), events, what = names(at), at = at))
  plain <- as.data.frame(rl_regressors(scanned_fit(), what = names(at)))
  expect_equal(nrow(found), nrow(events))
  key <- \(x) paste(x$subject, x$run, x$trial)
  own <- plain[match(key(found), key(plain)), ]
  cue <- found$trial_type == "cue"
  expect_equal(found$value[cue], own$value[cue])
  expect_true(all(is.na(found$value[!cue])))
  expect_equal(found$prediction_error[!cue], own$prediction_error[!cue])
  expect_true(all(is.na(found$prediction_error[cue])))

  # By order, from rows that stand in any order of subjects.
  ordered <- events[order(events$subject), setdiff(names(events), "trial")]
  expect_equal(as.data.frame(rl_regressors(scanned_fit(), ordered, what = names(at), at = at)), found)
  # Runs follow each other where the events do not name them.
  through <- ordered
  through$onset <- through$onset + ifelse(ordered$run == 2, 1000, 0)
  through$run <- NULL
  flat <- as.data.frame(rl_regressors(scanned_fit(), through, what = names(at), at = at))
  expect_equal(flat$value, found$value)
  expect_equal(flat$run, found$run)
})

test_that("a list of runs is as good as a data frame", {
  events <- subset(scanner_events(), trial_type == "cue", select = -trial)
  whole <- rl_regressors(scanned_fit(), events, what = "value")
  parts <- split(events[c("onset", "duration")], paste0("sub-", events$subject, "_run-", events$run))
  expect_equal(as.data.frame(rl_regressors(scanned_fit(), parts, what = "value"))$value,
    as.data.frame(whole)$value)
})

test_that("labels of subjects are found again", {
  expect_equal(match_labels(c("sub-01", "02", "s-3"), c("1", "2", "s_3")), 1:3)
  expect_equal(match_labels(c("01", "1"), c("1", "01")), 2:1)
  # 001 could be either.
  expect_equal(match_labels("001", c("1", "01")), NA_integer_)
})

test_that("what does not match is told", {
  fit <- scanned_fit()
  events <- subset(scanner_events(), trial_type == "cue")
  join <- function(events, ...) rl_regressors(fit, events, what = "value", ...)
  renamed <- events
  renamed$subject[renamed$subject == "s3"] <- "s9"
  caught <- tryCatch(join(renamed), rescorla_error_data = identity)
  expect_equal(caught$subjects, "s9")
  expect_equal(caught$rows, which(renamed$subject == "s9"))
  without <- tryCatch(join(subset(events, subject != "s3")), rescorla_error_data = identity)
  expect_equal(without$subjects, "s3")
  gap <- tryCatch(join(events[-7, ]), rescorla_error_data = identity)
  expect_equal(gap$trials$trial, 7)
  late <- events
  late$trial[50] <- 51
  more <- tryCatch(join(late), rescorla_error_data = identity)
  expect_equal(more$rows, 50)
  double <- tryCatch(join(rbind(events, events[3, ])), rescorla_error_data = identity)
  expect_equal(double$rows, nrow(events) + 1L)
  count <- tryCatch(join(events[-7, names(events) != "trial"]), rescorla_error_data = identity)
  expect_equal(count$subjects, events$subject[7])
  expect_snapshot(error = TRUE, {
    join(renamed)
    join(subset(events, subject != "s3"))
    join(events[-7, ])
    join(late)
    join(rbind(events, events[3, ]))
    join(events[-7, names(events) != "trial"])
    join(transform(events, run = run + 5))
    join(transform(events[names(events) != "trial"], onset = -onset))
    join(events["subject"])
    join(scanner_events())
    join(events, at = "stimulus")
  })
  kept <- as.data.frame(join(rbind(renamed[-7, ], transform(events[8, ], trial = 99)),
    unmatched = "drop"))
  expect_false(any(c("s3", "s9") %in% kept$subject))
  expect_equal(sum(is.na(kept$trial)), 1)
})

test_that("regressors are centred and scaled within runs or subjects", {
  plain <- as.data.frame(rl_regressors(scanned_fit(), what = "value"))
  run <- as.data.frame(rl_regressors(scanned_fit(), what = "value", centre = "run"))
  expect_equal(run$value, plain$value -
    ave(plain$value, plain$subject, plain$run, FUN = \(x) mean(x, na.rm = TRUE)))
  both <- as.data.frame(rl_regressors(scanned_fit(), what = "value", centre = "subject",
    scale = "subject"))
  expect_equal(both$value, ave(plain$value, plain$subject, FUN = \(x) drop(scale(x))))
})

test_that("collinearity is that of the regressors", {
  fit <- scanned_fit()
  expect_warning(found <- rl_regressors(fit), class = "rescorla_warning_collinearity")
  frame <- as.data.frame(found)
  one <- lapply(split(frame, frame$subject), \(x) x[complete.cases(x), 4:6])
  r <- vapply(one, \(x) cor(x)[1, 3], 0)
  row <- found$collinearity[found$collinearity$second == "probability" &
    found$collinearity$first == "value", ]
  expect_equal(row$median, median(r))
  expect_equal(row$worst, unname(r[which.max(abs(r))]))
  expect_equal(row$subject, names(which.max(abs(r))))
  expect_equal(row$high, sum(abs(r) > 0.9))
  inflation <- vapply(one, \(x) {
    1 / (1 - summary(lm(value ~ prediction_error + probability, x))$r.squared)
  }, 0)
  expect_equal(found$vif$median[1], median(inflation))
  expect_equal(found$vif$worst[1], max(inflation))
  # Probabilities of two actions add up to one.
  twice <- quietly(rl_regressors(fit, what = c("value_1", "p_1", "p_2")))
  expect_equal(twice$vif$worst, rep(Inf, 3))
  expect_snapshot(print(quietly(rl_regressors(fit, what = c("value", "prediction_error")))))
})

test_that("draws of an empirical Bayes fit spread as the posterior does", {
  fit <- em_fit()
  found <- as.data.frame(quietly(rl_regressors(fit, what = "value", draws = 2000, seed = 3)))
  frame <- em_frame()
  design <- fit$group$design
  # The second trial of a block, where it repeats the first choice: value = 0.5 + alpha (r - 0.5).
  rows <- which(frame$trial == 2 & frame$choice == c(NA, frame$choice[-nrow(frame)]) &
    !is.na(c(NA, frame$outcome[-nrow(frame)])))
  expect_gt(length(rows), 5)
  for (row in rows) {
    s <- match(frame$subject[row], fit$group$subjects)
    z <- qnorm(ppoints(2000), fit$group$effects[s, 1], sqrt(fit$group$effect_covariance[s, 1]))
    value <- 0.5 + plogis(z) * (frame$outcome[row - 1] - 0.5)
    expect_equal(found$value[row], mean(value), tolerance = 0.02)
    expect_equal(found$value_sd[row], sd(value), tolerance = 0.08)
    expect_equal(found$value_q95[row], quantile(value, 0.95, names = FALSE), tolerance = 0.03)
  }
  expect_identical(quietly(rl_regressors(fit, what = "value", draws = 5, seed = 3))$regressors,
    quietly(rl_regressors(fit, what = "value", draws = 5, seed = 3))$regressors)
})

test_that("draws of a full Bayes fit are those of the chains", {
  fit <- nuts_fit()
  found <- as.data.frame(quietly(rl_regressors(fit, draws = 40, probs = 0.5)))
  kept <- fit$group$subject_draws
  chosen <- choose_draws(dim(kept), 40, 200, NULL)
  all <- vapply(seq_along(chosen$chain), \(d) {
    latents <- rl_latents("rw", nuts_data(), data.frame(subject = dimnames(kept)[[3]],
      kept[chosen$draw[d], chosen$chain[d], , ]))
    latents$prediction_error
  }, numeric(nrow(nuts_frame())))
  expect_equal(found$prediction_error, rowMeans(all))
  expect_equal(found$prediction_error_sd, apply(all, 1, sd))
  expect_equal(found$prediction_error_q50, apply(all, 1, median))
  point <- as.data.frame(quietly(rl_regressors(fit, draws = 0)))
  expect_equal(point$prediction_error, predict(fit, type = "latent")$prediction_error)
})

test_that("where blocks have parameters of their own, subjects remain", {
  frame <- em_frame()
  frame$part <- ifelse(frame$block == 1, "one", "two")
  data <- suppressWarnings(rl_data(frame, block = "block", trial = "trial"))
  fit <- quiet_em("rw", data, formula = alpha ~ part)
  found <- as.data.frame(quietly(rl_regressors(fit)))
  expect_equal(found$subject, frame$subject)
  expect_equal(found$prediction_error, predict(fit, type = "latent")$prediction_error)
  expect_equal(as.data.frame(quietly(rl_regressors(fit, newdata = frame))), found)
})

test_that("files are BIDS and read back as they were", {
  dir <- withr::local_tempdir()
  events <- scanner_events()
  events$jitter <- events$onset / 3
  found <- quietly(rl_regressors(scanned_fit(), events, at = c("cue"), dir = dir, task = "two-arm"))
  files <- list.files(dir, recursive = TRUE)
  expect_true("task-twoarm_events.json" %in% files)
  expect_true("sub-s3/func/sub-s3_task-twoarm_run-2_events.tsv" %in% files)
  expect_length(files, 13)
  path <- file.path(dir, "sub-s3/func/sub-s3_task-twoarm_run-2_events.tsv")
  lines <- readLines(path)
  expect_match(lines[1], "^onset\tduration\ttrial_type\t")
  expect_true(any(grepl("\tn/a", lines)))
  back <- read.delim(path, na.strings = "n/a")
  frame <- subset(as.data.frame(found), subject == "s3" & run == 2)
  expect_equal(back, frame[names(back)], ignore_attr = TRUE)
  expect_identical(back$jitter, frame$jitter)
  expect_identical(back$value, frame$value)
  described <- paste(readLines(file.path(dir, "task-twoarm_events.json")), collapse = "\n")
  for (name in names(back)) expect_match(described, paste0("\"", name, "\": {"), fixed = TRUE)

  # What was written can be events: matched from files, by the numbers in them.
  again <- quietly(rl_regressors(scanned_fit(), dir, what = "value_1", at = "cue"))
  expect_equal(as.data.frame(again)$value, as.data.frame(found)$value)
  expect_error(write_bids(found, dir, "two-arm"), class = "rescorla_error_input")
  expect_no_error(write_bids(found, dir, "two-arm", overwrite = TRUE))
})

test_that("labels that BIDS would make the same are refused", {
  frame <- subset(bandit_example, subject %in% c("s01", "s02"))
  frame$subject <- ifelse(frame$subject == "s01", "a-1", "a_1")
  fit <- quiet_fit("rw", rl_data(frame), starts = 2, seed = 1)
  events <- transform(frame, onset = trial * 5, duration = 0)[c("subject", "trial", "onset", "duration")]
  found <- rl_regressors(fit, events, what = "value")
  dir <- withr::local_tempdir()
  expect_snapshot(error = TRUE, write_bids(found, dir, "bandit"))
  expect_length(list.files(dir), 0)
  expect_error(write_bids(rl_regressors(fit, what = "value"), dir, "bandit"),
    class = "rescorla_error_input")
  expect_error(write_bids(found, dir, "--"), class = "rescorla_error_input")
})

test_that("quantiles of rows are those of quantile()", {
  x <- matrix(c(3, 1, 2, 7, 5, NA, 4, 4, 4, 9, 8, 1), 3)
  expect_equal(row_quantiles(x, c(0.05, 0.5, 0.95))[-3, ],
    t(apply(x[-3, ], 1, quantile, c(0.05, 0.5, 0.95), names = FALSE)))
  expect_true(all(is.na(row_quantiles(x, 0.5)[3, ])))
  expect_equal(row_quantiles(matrix(1:3), c(0.1, 0.9)), cbind(1:3, 1:3))
})

test_that("numbers take as many digits as they need", {
  x <- c(0.1, 1 / 3, 1e-300, 123456789.123456789, 2, NA, -0.30000000000000004)
  expect_identical(as.numeric(exact_number(x)[-6]), x[-6])
  expect_equal(exact_number(c(0.1, 2, NA)), c("0.1", "2", NA))
})

test_that("files are called as the events call subjects and runs", {
  frame <- as.data.frame(fit_frame())
  frame$subject <- as.integer(substr(frame$subject, 2, 2))
  fit <- quiet_fit("rw", rl_data(frame, block = "block", trial = "trial"), starts = 2, seed = 1)
  events <- subset(scanner_events(), trial_type == "cue")
  events$subject <- paste0("sub-0", substr(events$subject, 2, 2))
  events$run <- sprintf("%02d", events$run)
  dir <- withr::local_tempdir()
  found <- rl_regressors(fit, events, what = "value", dir = dir, task = "bandit")
  expect_true(file.exists(file.path(dir, "sub-03/func/sub-03_task-bandit_run-02_events.tsv")))
  expect_equal(unique(as.data.frame(found)$subject), unique(frame$subject))
  # Sessions, and runs that are no numbers.
  events$session <- ifelse(events$run == "01", "before", "after")
  events$run <- ifelse(events$run == "01", 1, 2)
  files <- write_bids(rl_regressors(fit, events, what = "value"), withr::local_tempdir(), "bandit")
  expect_match(files[1], "sub-06/ses-before/func/sub-06_ses-before_task-bandit_run-1_events.tsv")
  expect_length(files, 13)
  part <- transform(frame, block = c("one", "two")[block])
  fit <- quiet_fit("rw", rl_data(part, block = "block", trial = "trial"), starts = 2, seed = 1)
  named <- transform(events, run = c("one", "two")[run])[names(events) != "session"]
  files <- write_bids(rl_regressors(fit, named, what = "value"), withr::local_tempdir(), "bandit")
  expect_match(files[2], "sub-06_task-bandit_run-2_events.tsv")
})

test_that("wrong events and folders are errors that name them", {
  fit <- scanned_fit()
  events <- scanner_events()
  broken <- function(column, value) {
    events[[column]][3] <- value
    events
  }
  get <- function(events) rl_regressors(fit, events, what = "value", at = "cue")
  expect_error(get(broken("onset", NA)), "numbers, in seconds", class = "rescorla_error_data")
  expect_error(get(broken("onset", Inf)), "row 3", class = "rescorla_error_data")
  expect_error(get(broken("duration", -1)), "not negative", class = "rescorla_error_data")
  expect_error(get(events[0, ]), "no rows", class = "rescorla_error_data")
  file <- tempfile()
  writeLines("", file)
  expect_error(write_bids(get(events), file.path(file, "x"), "t"), "cannot be made",
    class = "rescorla_error_input")
  expect_error(rl_regressors("a"), "rl_fit()", fixed = TRUE, class = "rescorla_error_input")
})
