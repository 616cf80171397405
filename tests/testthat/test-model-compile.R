# The cache of compiled models. A compiler is at work here: few models, small ones.

cached_model <- function(constant) {
  trial <- bquote({
    choice ~ softmax(beta * value + .(constant))
    value[choice] <- value[choice] + 0.1 * (outcome - value[choice])
  })
  rl_model("cached", parameters = list(beta = positive()), state = list(value = per_action(0)),
    trial = trial)
}

cache_data <- function() {
  frame <- language_data(subjects = 2, trials = c(10, 10))
  suppressWarnings(do.call(rl_data, c(list(frame), language_roles_of(frame))))
}

local_cache <- function(env = parent.frame()) {
  local_language_options(env)
  # What is known of the compiler was found out under other settings, perhaps.
  forget_loaded()
  folder <- withr::local_tempdir(.local_envir = env)
  withr::local_options(rescorla.cache = folder, .local_envir = env)
  folder
}

forget_loaded <- function() rm(list = ls(kernel_cache), envir = kernel_cache)

test_that("a model is compiled once, told, cached, counted and cleared", {
  folder <- local_cache()
  model <- cached_model(1)
  data <- cache_data()
  expect_message(first <- rl_loglik(model, data, c(beta = 2)), "Compiling \"cached\"",
    class = "rescorla_message")
  expect_no_message(rl_loglik(model, data, c(beta = 3)))
  forget_loaded()
  expect_no_message(again <- rl_loglik(model, data, c(beta = 2)))
  expect_identical(again, first)
  # The same program under another title is the same library.
  renamed <- model
  renamed$name <- "renamed"
  expect_no_message(rl_loglik(renamed, data, c(beta = 2)))

  cache <- rl_cache()
  expect_s3_class(cache, "rl_cache")
  expect_identical(nrow(cache), 1L)
  expect_identical(names(cache), c("file", "size", "used"))
  expect_identical(normalizePath(dirname(cache$file)), normalizePath(folder))
  expect_gt(cache$size, 1000)
  expect_output(print(cache), "1 library")
  expect_message(rl_cache(clear = TRUE), "Removed 1 compiled model")
  expect_identical(nrow(rl_cache()), 0L)
  # What is loaded goes on working.
  expect_identical(rl_loglik(model, data, c(beta = 2)), first)
  expect_error(rl_cache(clear = "yes"), class = "rescorla_error_input")
})

test_that("two processes may compile one model at once; a spoilt file is made again", {
  skip_on_cran()
  folder <- local_cache()
  model <- cached_model(2)
  data <- cache_data()
  files <- list(model = file.path(folder, "model.rds"), data = file.path(folder, "data.rds"))
  saveRDS(model, files$model)
  saveRDS(data$data, files$data)
  out <- file.path(folder, paste0("out", 1:2))
  roles <- deparse(language_roles_of(language_data()))
  script <- withr::local_tempfile(lines = c(
    paste0(".libPaths(", paste(deparse(.libPaths()), collapse = ""), ")"),
    paste0("library(rescorla, lib.loc = ", deparse(dirname(system.file(package = "rescorla"))), ")"),
    paste0("options(rescorla.cache = ", deparse(folder), ", rescorla.isa = ",
      deparse(rl_backend()$isa), ")"),
    "arguments <- commandArgs(TRUE)",
    "data <- readRDS(arguments[2])",
    paste0("data <- suppressWarnings(do.call(rl_data, c(list(data), ", paste(roles, collapse = ""), ")))"),
    "value <- rl_loglik(readRDS(arguments[1]), data, c(beta = 2))",
    "writeLines(format(as.numeric(value), digits = 17), arguments[3])"
  ), fileext = ".R")
  for (o in out) {
    system2(file.path(R.home("bin"), "Rscript"),
      shQuote(c(script, files$model, files$data, o)), wait = FALSE, stdout = FALSE, stderr = FALSE)
  }
  done <- function() all(file.exists(out)) && all(file.size(out) > 0)
  until <- Sys.time() + 60
  while (!done() && Sys.time() < until) Sys.sleep(0.1)
  expect_true(done())
  expect_identical(readLines(out[1]), readLines(out[2]))
  cache <- rl_cache()
  expect_identical(nrow(cache), 1L)
  expect_length(list.files(folder, "partial_"), 0)

  # Not yet loaded here: what stands in the cache is no library.
  unlink(cache$file)
  writeLines("this is no library", cache$file)
  expect_message(value <- rl_loglik(model, data, c(beta = 2)), "Compiling")
  expect_equal(format(as.numeric(value), digits = 17), readLines(out[1]))
  expect_gt(rl_cache()$size, 1000)
})

test_that("a cache that cannot be written does not keep a model from running", {
  local_language_options()
  blocked <- withr::local_tempfile(lines = "a file, not a folder")
  withr::local_options(rescorla.cache = file.path(blocked, "cache"))
  value <- suppressMessages(rl_loglik(cached_model(3), cache_data(), c(beta = 2)))
  expect_true(all(is.finite(value)))
  expect_identical(nrow(rl_cache()), 0L)
})

test_that("a compiler that fails is an error that shows its first complaint", {
  local_cache()
  withr::local_envvar(R_MAKEVARS_USER = withr::local_tempfile(lines = "CXX17 = no-such-compiler"))
  error <- expect_error(suppressMessages(rl_loglik(cached_model(4), cache_data(), c(beta = 2))),
    "could not be compiled", class = "rescorla_error_compile")
  expect_match(conditionMessage(error), "A C++17 compiler is needed", fixed = TRUE)
  expect_true(any(grepl("no-such-compiler", error$log)))
})

test_that("the least recently used libraries make room", {
  folder <- local_cache()
  files <- file.path(folder, paste0("rescorla_", letters[1:4], ".so"))
  for (i in 1:4) {
    writeLines(strrep("x", 999), files[i])
    Sys.setFileTime(files[i], as.POSIXct("2020-01-01", tz = "UTC") + c(3, 1, 4, 2)[i] * 1e6)
  }
  prune_cache(folder, keep = files[2], limit = 3000)
  expect_identical(basename(list.files(folder)), basename(files[c(1, 2, 3)]))
})
