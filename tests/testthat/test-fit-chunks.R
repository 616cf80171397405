# A model whose state is indexed by a cue, and that knows one by name: the levels must be those of all
# chunks.
cue_model <- function() {
  once("cue model", rl_model("cue values",
    columns = "cue", parameters = list(alpha = unit_interval(), beta = positive()),
    state = list(value = array_of(0.5, c(cue, choice))),
    trial = {
      choice ~ softmax(beta * value[cue, ])
      rate <- ifelse(cue == "east", alpha / 2, alpha)
      value[cue, choice] <- value[cue, choice] + rate * (outcome - value[cue, choice])
    }
  ))
}

chunk_data <- function() {
  parts <- chunk_frames()
  rl_data(\(i) if (i <= length(parts)) parts[[i]], block = "block")
}

whole_data <- function() suppressWarnings(rl_data(chunked_frame(), block = "block"))

# All but what is meant to differ.
expect_same_fit <- function(a, b) {
  for (name in setdiff(union(names(a), names(b)), c("data", "call", "elapsed", "group"))) {
    expect_identical(a[[name]], b[[name]], label = name)
  }
  for (name in setdiff(names(a$group), c("design", "settings"))) {
    expect_identical(a$group[[name]], b$group[[name]], label = name)
  }
}

for (method in c("mle", "map")) {
  test_that(paste("fits of chunks by", method, "are those of all data at once"), {
    local_language_options()
    for (model in list("rw_asymmetric", cue_model())) {
      chunks <- quiet_fit(model, chunk_data(), method = method, starts = 6, seed = 5)
      whole <- quiet_fit(model, whole_data(), method = method, starts = 6, seed = 5)
      expect_same_fit(chunks, whole)
      for (f in list(coef, logLik, AIC, BIC, nobs, vcov, tidy, glance)) {
        expect_identical(f(chunks), f(whole))
      }
      expect_identical(capture.output(print(chunks)), capture.output(print(whole)))
      expect_identical(summary(chunks)$subjects, summary(whole)$subjects)
    }
  })
}

test_that("warnings of a fit to chunks are about all subjects", {
  frame <- chunked_frame()
  frame$choice[frame$subject == "4"] <- 1
  parts <- chunk_frames(frame)
  data <- suppressWarnings(rl_data(\(i) if (i <= 3) parts[[i]], block = "block"))
  caught <- list()
  withCallingHandlers(fit <- rl_fit("rw", data, starts = 2, seed = 1), rescorla_warning = \(w) {
    caught <<- c(caught, list(w))
    rlang::cnd_muffle(w)
  })
  expect_length(Filter(\(w) inherits(w, "rescorla_warning_boundary"), caught), 1)
  expect_true("4" %in% names(fit$status)[fit$status == "boundary"])
})

test_that("a fit to chunks predicts, profiles and compares", {
  chunks <- quiet_fit("rw", chunk_data(), starts = 4, seed = 5)
  whole <- quiet_fit("rw", whole_data(), starts = 4, seed = 5)
  part <- rl_chunk(chunks, 3)
  rows <- chunked_frame()$subject %in% c("x", "2", "1")
  expect_equal(predict(part), predict(whole)[rows, ], ignore_attr = TRUE)
  expect_equal(predict(chunks, newdata = chunk_frames()[[3]]), predict(part))
  expect_equal(predict(chunks, newdata = rl_chunk(chunks$data, 3), type = "loglik"),
    whole$loglik[c("x", "2", "1")])
  expect_identical(coef(part)$alpha, coef(whole)$alpha[4:6])
  expect_identical(confint(chunks), confint(whole))
  expect_identical(confint(chunks, "beta", subjects = c("2", "10")),
    confint(whole, "beta", subjects = c("2", "10")))
  for (f in list(predict, fitted, residuals, augment)) {
    expect_error(f(chunks), class = "rescorla_error_data")
  }
  expect_error(rl_chunk(whole, 1), class = "rescorla_error_input")

  other <- quiet_fit("rw_asymmetric", chunk_data(), starts = 4, seed = 5)
  expect_equal(as.data.frame(rl_compare(chunks, other)), as.data.frame(rl_compare(
    chunks = whole, other = quiet_fit("rw_asymmetric", whole_data(), starts = 4, seed = 5))))
  frame <- chunked_frame()
  frame$outcome[10] <- 1 - frame$outcome[10]
  parts <- chunk_frames(frame)
  changed <- quiet_fit("rw", rl_data(\(i) if (i <= 3) parts[[i]], block = "block"), starts = 2)
  expect_snapshot(error = TRUE, {
    rl_compare(chunks, changed)
    rl_compare(chunks, whole)
  })
  again <- quiet_fit("rw", chunk_data(), starts = 4, seed = 5)
  expect_same_fit(suppressWarnings(update(again, starts = 4)), chunks)
})

test_that("empirical Bayes over chunks is that of all data at once", {
  formulas <- list(alpha ~ site, list(alpha ~ scale(age), beta ~ 1), list(alpha ~ 1, beta ~ 1))
  for (formula in formulas) {
    chunks <- quiet_fit("rw", chunk_data(), method = "em", formula = formula, seed = 2)
    whole <- quiet_fit("rw", whole_data(), method = "em", formula = formula, seed = 2)
    expect_same_fit(chunks, whole)
  }
  # Another marginal likelihood, and chunks that are read anew in every iteration.
  is <- \(data) quiet_fit("rw", data, method = "em", marginal = "is", seed = 2)
  expect_same_fit(is(chunk_data()), is(whole_data()))
  withr::local_options(rescorla.memory = 4000)
  chunks <- quiet_fit("rw", chunk_data(), method = "em", seed = 2)
  whole <- quiet_fit("rw", whole_data(), method = "em", seed = 2)
  expect_same_fit(chunks, whole)
  expect_identical(capture.output(print(chunks)), capture.output(print(whole)))
  part <- rl_chunk(chunks, 2)
  expect_equal(predict(part), predict(whole)[chunked_frame()$subject == "4", ], ignore_attr = TRUE)
  expect_equal(nlme::ranef(part), nlme::ranef(whole)[3, ], ignore_attr = TRUE)
  expect_equal(coef(part)$alpha, coef(whole)$alpha[3])
})

test_that("what needs all data at once says so", {
  data <- chunk_data()
  expect_snapshot(error = TRUE, {
    rl_fit("rw", data, method = "nuts")
    rl_fit("rw", data, formula = beta ~ 1)
    rl_fit("rw", data, method = "em", formula = alpha ~ block)
    rl_fit("rw", data, method = "em", checkpoint = tempdir())
    rl_fit("rw", whole_data(), formula = beta ~ 1, checkpoint = tempdir())
  })
})

# --- parts of data in memory -----------------------------------------------------------------------

test_that("parts of data are the data of some subjects", {
  whole <- whole_data()
  for (index in list(1L, 3:5, 6L)) {
    part <- part_of_data(whole, index)
    ids <- whole$subjects[index]
    made <- suppressWarnings(rl_data(chunked_frame()[chunked_frame()$subject %in% ids, ],
      block = "block"))
    for (name in c("subjects", "first", "length", "row_subject", "row_block", "block_start", "blocks",
      "responses", "counts")) {
      expect_identical(part[[name]], made[[name]], label = name)
    }
  }
  sizes <- lengths(parts_of_subjects(70))
  expect_identical(sizes, c(rep(8L, 8), 6L))
  expect_identical(unlist(parts_of_subjects(100000)), seq_len(100000))
  expect_lte(max(lengths(parts_of_subjects(100000))), 1000)
})

test_that("a checkpoint changes nothing, and is gone on with", {
  local_language_options()
  frame <- bandit_example
  frame$cue <- ifelse(frame$subject == "s03", "east", "west")
  data <- rl_data(frame)
  whole <- quiet_fit(cue_model(), data, starts = 3, seed = 5)
  dir <- withr::local_tempdir()
  parts <- quiet_fit(cue_model(), data, starts = 3, seed = 5, checkpoint = dir)
  expect_same_fit(parts, whole)
  jobs <- list.files(dir, "^job")
  expect_length(jobs, 5)
  # What is there is taken, what is not is made.
  unlink(file.path(dir, jobs[2]))
  kept <- file.mtime(file.path(dir, jobs[-2]))
  expect_same_fit(quiet_fit(cue_model(), data, starts = 3, seed = 5, checkpoint = dir), whole)
  expect_identical(file.mtime(file.path(dir, jobs[-2])), kept)
  expect_error(rl_fit(cue_model(), data, starts = 3, seed = 6, checkpoint = dir),
    class = "rescorla_error_input")
  frame$outcome[1] <- 1 - frame$outcome[1]
  expect_error(rl_fit(cue_model(), rl_data(frame), starts = 3, seed = 5, checkpoint = dir),
    "other data", class = "rescorla_error_input")
})

test_that("a fit that was killed goes on to the same result", {
  skip_on_cran()
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  checkpoint <- file.path(dir, "checkpoint")
  pid_file <- file.path(dir, "pid")
  saveRDS(chunk_frames(), file.path(dir, "parts.rds"))
  # Chunk 3 takes long to come when it is fitted.
  script <- file.path(dir, "child.R")
  writeLines(c(
    sprintf("writeLines(as.character(Sys.getpid()), %s)", deparse(pid_file)),
    "library(rescorla)",
    sprintf("parts <- readRDS(%s)", deparse(file.path(dir, "parts.rds"))),
    "asked <- 0",
    "get <- function(i) {",
    "  if (i == 3) asked <<- asked + 1",
    "  if (asked == 2) Sys.sleep(120)",
    "  if (i <= 3) parts[[i]]",
    "}",
    "data <- rl_data(get, block = 'block')",
    sprintf("rl_fit('rw', data, starts = 4, seed = 5, checkpoint = %s)", deparse(checkpoint))
  ), script)
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)), wait = FALSE,
    stdout = FALSE, stderr = FALSE)
  second <- file.path(checkpoint, "job-000002.rds")
  waited <- 0
  while (!file.exists(second) && waited < 60) {
    Sys.sleep(0.1)
    waited <- waited + 0.1
  }
  tools::pskill(as.integer(readLines(pid_file)), 9L)
  expect_setequal(list.files(checkpoint, "^job"), c("job-000001.rds", "job-000002.rds"))
  stamps <- file.mtime(list.files(checkpoint, "^job", full.names = TRUE))
  resumed <- quiet_fit("rw", chunk_data(), starts = 4, seed = 5, checkpoint = checkpoint)
  expect_same_fit(resumed, quiet_fit("rw", chunk_data(), starts = 4, seed = 5))
  expect_identical(file.mtime(list.files(checkpoint, "^job", full.names = TRUE))[1:2], stamps)
})

test_that("chains are the same one by one", {
  fit <- quiet_nuts("rw", nuts_data(), chains = 3, warmup = 60, draws = 40)
  dir <- withr::local_tempdir()
  again <- \() quiet_nuts("rw", nuts_data(), chains = 3, warmup = 60, draws = 40, checkpoint = dir)
  expect_same_fit(again(), fit)
  unlink(file.path(dir, c("job-000001.rds", "job-000003.rds")))
  expect_same_fit(again(), fit)
  expect_error(quiet_nuts("rw", nuts_data(), chains = 3, warmup = 60, draws = 40, seed = 2,
    checkpoint = dir), class = "rescorla_error_input")
})

test_that("workers fit parts, chunks and chains to the same results", {
  skip_on_cran()
  skip_if_not_installed("future")
  withr::local_envvar(R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  frame <- do.call(rbind, lapply(1:2, \(k) transform(bandit_example, subject = paste0(subject, k))))
  data <- suppressWarnings(rl_data(frame))
  alone <- list(quiet_fit("rw", data, starts = 2, seed = 1), quiet_fit("rw", chunk_data(), starts = 2,
    seed = 1), quiet_nuts("rw", nuts_data(), warmup = 60, draws = 40))
  old <- future::plan("multisession", workers = 2)
  withr::defer(future::plan(old))
  expect_true(fit_in_parts(data, NULL))
  expect_same_fit(quiet_fit("rw", data, starts = 2, seed = 1), alone[[1]])
  expect_same_fit(quiet_fit("rw", chunk_data(), starts = 2, seed = 1), alone[[2]])
  expect_same_fit(quiet_nuts("rw", nuts_data(), warmup = 60, draws = 40), alone[[3]])
})
