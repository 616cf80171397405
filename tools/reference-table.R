# Sourced by the scripts beside it that check the installed package against reference numbers: where
# the data lie, a table of checks, one line each, and the sum of them.

# The folder that holds data/: the script's argument, else ../shared beside the repository. Without
# `inside` it there is nothing to check, and the script ends as a success.
reference_folder <- function(inside) {
  arguments <- commandArgs(TRUE)
  shared <- if (length(arguments) > 0) arguments[1] else
    file.path(script_folder, "..", "shared")
  if (!dir.exists(file.path(shared, inside))) {
    cat("No reference data at ", shared, ": nothing checked.\n", sep = "")
    quit(status = 0)
  }
  shared
}

results <- list()

# Warnings about odd-looking data (one arm chosen throughout) and about bounds are expected here.
quiet <- function(expr) suppressWarnings(suppressMessages(expr))

# `got` is evaluated here, so that an error is one failed line and not the end of the script; what
# several checks share is assigned with delayedAssign() for the same reason.
# Vectors are compared element by element; the line shows the worst one. `above` is how far `got`
# may exceed `expected`: small for numbers, larger for maxima that are known as lower bounds.
check <- function(name, expected, got, tolerance = default_tolerance, above = tolerance) {
  value <- tryCatch(as.numeric(quiet(got)), error = function(e) conditionMessage(e))
  row <- list(name = name, expected = expected[1], got = NA_real_, difference = NA_real_,
              ok = FALSE, note = "")
  if (is.character(value)) {
    row$note <- value
  } else if (length(value) != length(expected)) {
    row$note <- sprintf("%d values where %d were expected", length(value), length(expected))
  } else {
    gap <- value - expected
    worst <- which.max(ifelse(is.na(gap), Inf, abs(gap)))
    row$expected <- expected[worst]
    row$got <- value[worst]
    row$difference <- gap[worst]
    row$ok <- all(!is.na(gap) & gap >= -tolerance & gap <= above)
  }
  results[[length(results) + 1]] <<- row
}

holds <- function(name, expr) check(name, 1, as.numeric(isTRUE(expr)), tolerance = 0)

report <- function() {
  width <- max(nchar(vapply(results, `[[`, "", "name")))
  cat(sprintf("%-*s  %17s  %17s  %10s  %s\n", width, "name", "expected", "got", "difference", "ok"))
  for (row in results) {
    cat(sprintf("%-*s  %17.9f  %17.9f  %10.1e  %s\n", width, row$name, row$expected, row$got,
                row$difference, if (row$ok) "yes" else "NO"))
    if (nzchar(row$note)) cat("    ", gsub("\n", "\n     ", row$note), "\n", sep = "")
  }
  passed <- sum(vapply(results, `[[`, TRUE, "ok"))
  failed <- length(results) - passed
  cat(sprintf("\n%d passed, %d failed\n", passed, failed))
  if (failed > 0) quit(status = 1)
}
