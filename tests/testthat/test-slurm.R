# A real Slurm of one node, started for the test as root where the daemons are installed.

with_slurm <- function(root, code) {
  script <- file.path(root, "tools", "slurm-node.sh")
  skip_if_not(file.exists(script), "tools/slurm-node.sh is not at hand")
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

# The lines of a chunk of the guide.
guide_chunk <- function(root, name) {
  lines <- readLines(file.path(root, "vignettes", "laptop-to-cluster.Rmd"))
  first <- grep(paste0("^```\\{r ", name), lines)
  last <- grep("^```$", lines)
  lines[(first + 1):(last[last > first][1] - 1)]
}

test_that("the guide's study through Slurm gives what this session gives", {
  skip_on_cran()
  skip_if_not_installed("future.batchtools")
  # Made absolute: the working directory changes.
  root <- normalizePath(test_path("..", ".."))
  tasks <- lapply(c("20" = 20, "40" = 40), \(n) task_bandit(c(0.2, 0.8), trials = n))
  ranges <- list(alpha = c(0.1, 0.9), beta = c(1, 8))
  serial <- rl_recover("rw", tasks, subjects = 200, parameters = ranges, seed = 1)
  with_slurm(root, {
    old <- future::plan()
    withr::defer(future::plan(old))
    through <- eval(parse(text = guide_chunk(root, "slurm")))
    # It was Slurm: its log knows both jobs.
    expect_length(grep("sched: Allocate JobId=", readLines("slurmctld.log")), 2)
    expect_length(list.files("recovery", "^job-"), 2)
  })
  expect_identical(study_result(through), study_result(serial))
})
