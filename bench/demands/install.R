# Demand 10: what library(rescorla) adds to R's start, and the time of an installation from source.

demand_install <- function(asked) {
  rbind(load_row(), install_row(asked))
}

load_row <- function(repeats = 9) {
  attempt(10, "loading the package adds, seconds", "< 0.3", {
    start_seconds <- function(code) {
      rscript <- file.path(R.home("bin"), "Rscript")
      system.time(system2(rscript, c("-e", shQuote(code))))[["elapsed"]]
    }
    # Taken in turns, so that a change in the machine's load meets both.
    timed <- vapply(seq_len(repeats), function(i) {
      c(bare = start_seconds("invisible(0)"), loaded = start_seconds("library(rescorla)"))
    }, c(bare = 0, loaded = 0))
    middle <- apply(timed, 1, stats::median)
    added <- middle[["loaded"]] - middle[["bare"]]
    bench_row(10, "loading the package adds, seconds", seconds_text(middle[["loaded"]]),
              seconds_text(middle[["bare"]]), added, "< 0.3", check = "Rscript with and without")
  })
}

install_row <- function(asked) {
  measure <- "installing from source with MAKEFLAGS=-j2, minutes"
  if (!asked) return(not_run(10, measure, "< 5", "ask with --install"))
  attempt(10, measure, "< 5", {
    folder <- tempfile("install")
    dir.create(file.path(folder, "library"), recursive = TRUE)
    on.exit(unlink(folder, recursive = TRUE))
    r <- file.path(R.home("bin"), "R")
    run <- function(command) {
      here <- paste("cd", shQuote(folder), "&& MAKEFLAGS=-j2", shQuote(r), command, ">>log 2>&1")
      if (system(here) != 0) {
        stop(paste(utils::tail(readLines(file.path(folder, "log")), 2), collapse = " "))
      }
    }
    run(paste("CMD build --no-build-vignettes --no-manual", shQuote(normalizePath(".."))))
    tarball <- list.files(folder, "[.]tar[.]gz$")
    seconds <- system.time(run(paste("CMD INSTALL --library=library", tarball)))[["elapsed"]]
    bench_row(10, measure, seconds_text(seconds), "", seconds / 60, "< 5", check = tarball)
  })
}
