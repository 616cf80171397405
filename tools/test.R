# Runs the tests against the installed package and closes with one line of counts.
# Called by tools/test.sh; an argument restricts the run to the test files it matches.
#   Rscript tools/test.R [FILTER]           all of them
#   Rscript tools/test.R FILTER QUEUE       those that no other process has taken from the folder QUEUE;
#                                           the counts go to a file there
#   Rscript tools/test.R --sum QUEUE        the closing line of all processes

arguments <- commandArgs(trailingOnly = TRUE)
queue <- if (length(arguments) > 1) arguments[2]

closing_line <- function(counts) {
  cat(sprintf("\ntestthat: %d passed, %d failed, %d skipped\n", counts[1], counts[2], counts[3]))
  quit(status = as.integer(counts[2] > 0 || counts[1] == 0))
}

if (identical(arguments[1], "--sum")) {
  for (file in list.files(queue, pattern = "^failed-", full.names = TRUE)) writeLines(readLines(file))
  files <- list.files(queue, pattern = "^counts-", full.names = TRUE)
  closing_line(colSums(do.call(rbind, lapply(files, scan, quiet = TRUE))))
}

filter <- if (length(arguments) && nzchar(arguments[1])) arguments[1]
names <- sub("^test-(.*)[.]R$", "\\1", list.files("tests/testthat", pattern = "^test-.*[.]R$"))
if (!is.null(filter)) names <- grep(filter, names, value = TRUE)
# Long files first, so that the processes end together.
if (!is.null(queue)) {
  size <- file.size(file.path("tests/testthat", paste0("test-", names, ".R")))
  names <- names[order(size, decreasing = TRUE)]
}

counts <- c(passed = 0, failed = 0, skipped = 0)

# What failed once more, for the end of the output of several processes.
failures <- function(results) {
  unlist(lapply(results, function(test) {
    bad <- Filter(function(r) inherits(r, c("expectation_failure", "expectation_error")), test$results)
    vapply(bad, function(r) paste0("FAILED ", test$file, ": ", test$test, "\n", conditionMessage(r)), "")
  }))
}

run <- function(filter) {
  results <- testthat::test_dir(
    "tests/testthat",
    filter = filter,
    package = "rescorla",
    load_package = "installed",
    reporter = "summary",
    stop_on_failure = FALSE,
    stop_on_warning = FALSE
  )
  again <- failures(results)
  if (!is.null(queue) && length(again)) {
    writeLines(again, file.path(queue, paste0("failed-", Sys.getpid(), "-", counts[1])))
  }
  results <- as.data.frame(results)
  # An error outside an expectation, in a test or at the top of a file, counts as one failure.
  counts <<- counts + c(sum(results$passed), sum(results$failed) + sum(results$error),
    sum(results$skipped))
}
if (is.null(queue)) {
  run(filter)
  closing_line(counts)
}
# To make a folder is to take the file: only one process can.
for (name in names) {
  if (!dir.create(file.path(queue, name), showWarnings = FALSE)) next
  started <- proc.time()[["elapsed"]]
  tryCatch(run(paste0("^", name, "$")), error = function(e) {
    writeLines(paste0("FAILED test-", name, ".R: ", conditionMessage(e)),
      file.path(queue, paste0("failed-", name)))
    counts[2] <<- counts[2] + 1
  })
  cat(sprintf("%-32s %5.1f s\n", name, proc.time()[["elapsed"]] - started))
}
writeLines(paste(counts, collapse = " "), file.path(queue, paste0("counts-", Sys.getpid())))
