library(testthat)
library(rescorla)

# Everything runs where NOT_CRAN says so (`make test`); elsewhere the files that take longest, mostly
# because they compile many models, are left out.
long <- paste0("^(bms|calibrate|catalogue|check$|checkpoint|compare-group|confusion|data-example|fit-|formula|",
  "group-draws|hbi|heldout|language|log-density|loglik|model-check|model-compile|model-groups|models-|nuts|",
  "plot|power|prior|recover|regressors|schedule|simulate-fit|slurm|task-)")
if (identical(Sys.getenv("NOT_CRAN"), "true")) {
  test_check("rescorla")
} else {
  test_check("rescorla", filter = long, invert = TRUE)
}
