# A real Slurm of one node, started for the test as root where the daemons are installed.

with_slurm <- function(code) {
  script <- testthat::test_path("..", "..", "tools", "slurm-node.sh")
  skip_if_not(file.exists(script), "tools/slurm-node.sh is not at hand")
  script <- normalizePath(script)
  folder <- withr::local_tempdir()
  variables <- suppressWarnings(system2(script, c("start", folder), stdout = TRUE, stderr = FALSE))
  status <- attr(variables, "status")
  skip_if(identical(status, 77L), "Slurm's daemons are not installed, or need root")
  expect_null(status)
  withr::defer(system2(script, c("stop", folder)))
  variables <- strsplit(variables, "=", fixed = TRUE)
  withr::local_envvar(stats::setNames(vapply(variables, `[`, "", 2), vapply(variables, `[`, "", 1)))
  # Jobs leave their registry where they are submitted.
  withr::local_dir(folder)
  code
}

test_that("a study through Slurm gives what this session gives", {
  skip_on_cran()
  skip_if_not_installed("future.batchtools")
  template <- system.file("slurm", "rescorla.tmpl", package = "rescorla")
  serial <- small_study(nsim = 2)
  with_slurm({
    old <- future::plan(future.batchtools::batchtools_slurm, template = template, workers = 2,
      resources = list(ncpus = 1, walltime = 120))
    withr::defer(future::plan(old))
    through <- small_study(nsim = 2)
    # It was Slurm: its log knows both jobs.
    expect_length(grep("sched: Allocate JobId=", readLines("slurmctld.log")), 2)
  })
  expect_identical(study_result(through), study_result(serial))
})
