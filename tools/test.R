# Runs the tests against the installed package and closes with one line of counts.
# Called by tools/test.sh; an argument restricts the run to the test files it matches.

arguments <- commandArgs(trailingOnly = TRUE)
filter <- if (length(arguments) && nzchar(arguments[1])) arguments[1]

results <- testthat::test_dir(
  "tests/testthat",
  filter = filter,
  package = "rescorla",
  load_package = "installed",
  reporter = "summary",
  stop_on_failure = FALSE,
  stop_on_warning = FALSE
)
results <- as.data.frame(results)

# An error outside an expectation, in a test or at the top of a file, counts as one failure.
failed <- sum(results$failed) + sum(results$error)
passed <- sum(results$passed)
skipped <- sum(results$skipped)
cat(sprintf("\ntestthat: %d passed, %d failed, %d skipped\n", passed, failed, skipped))
quit(status = as.integer(failed > 0 || passed == 0))
