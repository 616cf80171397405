test_that("a folder, files and a function make the same data", {
  dir <- chunk_folder()
  data <- rl_data(dir, block = "block")
  expect_s3_class(data, "rl_data_chunks")
  whole <- suppressWarnings(rl_data(chunked_frame(), block = "block"))
  expect_identical(data$subjects, whole$subjects)
  expect_identical(data$length, whole$length)
  expect_identical(data$actions, whole$actions)
  expect_identical(data$counts, whole$counts)
  expect_identical(data$chunk, rep(1:3, c(2, 1, 3)))
  expect_identical(summary(data)$trials, c(200L, 80L, 300L))

  files <- rl_data(file.path(dir, c("A.csv", "b.tsv.gz", "c.rds")), block = "block")
  expect_identical(files[names(files) != "source"], data[names(data) != "source"])
  parts <- chunk_frames()
  given <- rl_data(\(i) if (i <= 3) parts[[i]], block = "block")
  expect_identical(given$subjects, data$subjects)
  expect_lt(as.numeric(object.size(unclass(data)[names(data) != "source"])),
    as.numeric(object.size(chunked_frame())))
})

test_that("a chunk is the same part of all data", {
  data <- rl_data(chunk_folder(), block = "block")
  whole <- suppressWarnings(rl_data(chunked_frame(), block = "block"))
  for (i in 1:3) {
    part <- part_of_data(whole, which(data$chunk == i))
    chunk <- rl_chunk(data, i)
    for (name in c("subjects", "first", "length", "row_subject", "row_block", "block_start", "blocks",
      "actions", "responses", "counts")) {
      expect_identical(chunk[[name]], part[[name]], label = name)
    }
    expect_equal(rl_data_column(chunk, "outcome"), rl_data_column(part, "outcome"))
  }
  expect_identical(rl_chunk(data, "b.tsv.gz")$subjects, "4")
  expect_error(rl_chunk(data, 4), class = "rescorla_error_input")
  expect_error(rl_chunk(data, "d.csv"), class = "rescorla_error_input")
})

test_that("types and actions are those of all chunks together", {
  # As text "10" comes before "2"; as numbers 2 comes first.
  one <- data.frame(subject = rep(1:2, each = 4), choice = c(10, 2, 10, 2, 2, 2, 10, 10),
    outcome = rep(0:1, 4))
  two <- data.frame(subject = rep(3:4, each = 4), choice = c(3, 2, 3, 2, 2, 3, 2, 2),
    outcome = rep(0:1, 4))
  get <- function(...) {
    parts <- list(...)
    suppressWarnings(suppressMessages(rl_data(\(i) if (i <= length(parts)) parts[[i]])))
  }
  both <- get(one, two)
  expect_identical(both$actions$choice, c("2", "3", "10"))
  expect_identical(rl_chunk(both, 2)$responses$choice, c(2L, 1L, 2L, 1L, 1L, 2L, 1L, 1L))
  text <- get(one, transform(two, choice = as.character(choice), subject = letters[subject]))
  expect_identical(text$actions$choice, c("10", "2", "3"))
  expect_identical(text$subjects, c("1", "2", "c", "d"))
  factors <- get(transform(one, choice = factor(choice, c(10, 2))),
    transform(two, choice = factor(choice, c(3, 2))))
  expect_identical(factors$actions$choice, c("10", "2", "3"))
  expect_identical(rl_chunk(factors, 2)$responses$choice, c(3L, 2L, 3L, 2L, 2L, 3L, 2L, 2L))
  # As rbind() would.
  whole <- suppressMessages(suppressWarnings(rl_data(rbind(
    transform(one, choice = factor(choice, c(10, 2))), transform(two, choice = factor(choice, c(3, 2)))))))
  expect_identical(factors$actions, whole$actions)
})

test_that("tasks are prepared chunk by chunk", {
  cards <- rl_data_example("igt")
  ids <- unique(cards$subjID)
  whole <- suppressMessages(rl_data(cards, task = "igt", payscale = 10))
  expect_message(
    data <- rl_data(\(i) if (i <= length(ids)) cards[cards$subjID == ids[i], ], task = "igt",
      payscale = 10),
    "igt"
  )
  expect_identical(data$constants, whole$constants)
  expect_identical(data$actions, whole$actions)
  expect_identical(suppressWarnings(rl_fit("igt_pvl_delta", data, starts = 2, seed = 1))$loglik,
    suppressWarnings(rl_fit("igt_pvl_delta", whole, starts = 2, seed = 1))$loglik)
})

test_that("what is wrong with chunks is told by name", {
  dir <- chunk_folder()
  parts <- chunk_frames()
  again <- parts[[2]]
  again$subject <- "9"
  write.csv(again, file.path(dir, "d.csv"), row.names = FALSE)
  caught <- tryCatch(rl_data(dir, block = "block"), rescorla_error_data = identity)
  expect_equal(caught$subjects, "9")
  expect_equal(caught$chunks, c("A.csv", "d.csv"))
  expect_snapshot(error = TRUE, rl_data(dir, block = "block"))

  again$subject <- "new"
  again$outcome[7] <- Inf
  write.csv(again, file.path(dir, "d.csv"), row.names = FALSE)
  caught <- tryCatch(rl_data(dir, block = "block"), rescorla_error_data = identity)
  expect_equal(caught$chunk, "d.csv")
  expect_equal(caught$row, 7)
  expect_snapshot(error = TRUE, rl_data(dir, block = "block"))

  write.csv(again[names(again) != "age"], file.path(dir, "d.csv"), row.names = FALSE)
  again$outcome[7] <- 1
  write.csv(again[names(again) != "age"], file.path(dir, "d.csv"), row.names = FALSE)
  empty <- withr::local_tempdir()
  expect_snapshot(error = TRUE, {
    rl_data(dir, block = "block")
    rl_data(\(i) NULL)
    rl_data(\(i) 1)
  })
  expect_error(rl_data(empty), class = "rescorla_error_input")
  expect_error(rl_data(file.path(empty, "none.csv")), class = "rescorla_error_input")
  writeLines("x", file.path(empty, "x.doc"))
  expect_error(rl_data(file.path(empty, "x.doc")), class = "rescorla_error_input")
})

test_that("a chunk that has changed is not taken for what it was", {
  dir <- chunk_folder()
  data <- rl_data(dir, block = "block")
  changed <- chunk_frames()[[1]]
  changed$outcome[5] <- 1 - changed$outcome[5]
  write.csv(changed, file.path(dir, "A.csv"), row.names = FALSE)
  expect_error(rl_chunk(data, 1), class = "rescorla_error_data")
  expect_error(rl_fit("rw", data, starts = 2), class = "rescorla_error_data")
})

test_that("data in chunks print, and say what they cannot do", {
  dir <- chunk_folder()
  data <- rl_data(dir, block = "block")
  expect_snapshot(print(data), transform = \(x) sub("\".*[/\\\\].*\": A", "\"<folder>\": A", x))
  expect_snapshot(error = TRUE, rl_latents("rw", data, c(alpha = 0.3, beta = 3)))
  expect_error(rl_loglik("rw", data, c(alpha = 0.3, beta = 3)), class = "rescorla_error_data")
  expect_identical(rl_data(data), data)
})

test_that("sources that fail, or are gone, are told as such", {
  error <- expect_error(rl_data(function(i) stop("boo")), class = "rescorla_error_data")
  expect_match(conditionMessage(error), "chunk 1.*boo")
  dir <- withr::local_tempdir()
  file <- file.path(dir, "a.csv")
  write.csv(bandit_example[1:240, ], file, row.names = FALSE)
  data <- rl_data(dir)
  unlink(file)
  expect_no_warning(error <- expect_error(rl_chunk(data, 1), class = "rescorla_error_data"))
  expect_match(conditionMessage(error), "gone")
  expect_identical(error$call[[1]], quote(rl_chunk))
  expect_error(rl_chunk(3, 1), class = "rescorla_error_input")
})
