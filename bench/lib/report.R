# The table of results: one row a measurement, the verdict worked out from the ratio and the demand.

# `demanded` is text that starts with ">=", "<=", "<" or ">", or "" for a row that is only
# informative. `correct` is TRUE or FALSE (the check made in the same run), or NA where there is
# nothing to check.
bench_row <- function(demand, measure, ours, against, ratio, demanded = "", correct = NA,
                      check = "") {
  data.frame(
    demand = as.character(demand), measure = measure, ours = ours, against = against,
    ratio = ratio, demanded = demanded, verdict = verdict(ratio, demanded, correct), check = check
  )
}

not_run <- function(demand, measure, demanded, why) {
  data.frame(
    demand = as.character(demand), measure = measure, ours = "", against = "", ratio = NA_real_,
    demanded = demanded, verdict = "not run", check = why
  )
}

verdict <- function(ratio, demanded, correct) {
  if (!is.na(correct) && !correct) return("WRONG RESULT")
  if (!nzchar(demanded)) return("")
  parts <- regmatches(demanded, regexec("^(>=|<=|<|>) *([-+0-9.e]+)", demanded))[[1]]
  if (isTRUE(match.fun(parts[2])(ratio, as.numeric(parts[3])))) "met" else "NOT MET"
}

# Evaluates `rows`; an error becomes one "not run" row, so that nothing vanishes from the table.
attempt <- function(demand, measure, demanded, rows) {
  tryCatch(rows, error = function(e) {
    not_run(demand, measure, demanded, gsub("\\s+", " ", conditionMessage(e)))
  })
}

seconds_text <- function(x) {
  if (x < 1e-3) {
    sprintf("%.3g us", 1e6 * x)
  } else if (x < 1) {
    sprintf("%.3g ms", 1e3 * x)
  } else {
    sprintf("%.3g s", x)
  }
}
ns_text <- function(x) sprintf("%.3g ns", x)
diff_text <- function(x) sprintf("largest difference %.1e", x)

ratio_text <- function(x) {
  plain <- vapply(x, function(one) format(signif(one, 3), scientific = FALSE, trim = TRUE), "")
  ifelse(is.na(x), "", ifelse(x != 0 & abs(x) < 1e-3, sprintf("%.1e", x), plain))
}

markdown_table <- function(rows) {
  cells <- rows
  cells$ratio <- ratio_text(rows$ratio)
  cells[] <- lapply(cells, function(x) gsub("|", "\\|", as.character(x), fixed = TRUE))
  line <- function(x) paste0("| ", paste(x, collapse = " | "), " |")
  c(line(c("#", names(cells)[-1])), line(rep("---", ncol(cells))),
    vapply(seq_len(nrow(cells)), function(i) line(unlist(cells[i, ])), ""))
}

# The machine, as far as it can be known without asking for more than files and R itself.
machine_text <- function() {
  processor <- Sys.info()[["machine"]]
  if (file.exists("/proc/cpuinfo")) {
    named <- grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)
    if (length(named)) processor <- sub("^[^:]*: *", "", named[1])
  }
  compiler <- system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CXX17"), stdout = TRUE)
  version <- tryCatch(
    system2(strsplit(trimws(compiler), " ")[[1]][1], "--version", stdout = TRUE)[1],
    error = function(e) compiler
  )
  c(
    paste0("- Processor: ", processor, ", ", parallel::detectCores(), " cores"),
    paste0("- Load of the machine when the run began: ", load_average()),
    paste0("- ", R.version.string, ", ", version),
    paste0("- Date: ", format(Sys.Date()))
  )
}

load_average <- function() {
  if (!file.exists("/proc/loadavg")) return("unknown")
  strsplit(readLines("/proc/loadavg"), " ")[[1]][1]
}

# Median wall seconds; garbage of earlier runs is collected outside the clock.
median_seconds <- function(run, repeats = 7) {
  run()
  stats::median(vapply(seq_len(repeats), function(i) {
    gc(FALSE)
    start <- as.numeric(Sys.time())
    run()
    as.numeric(Sys.time()) - start
  }, 0))
}

# In the order of the demands; what belongs to none comes last.
write_results <- function(rows, path, machine, versions, subjects) {
  rows <- rows[order(suppressWarnings(as.numeric(rows$demand))), ]
  counts <- table(factor(rows$verdict, c("met", "NOT MET", "WRONG RESULT", "not run")))
  lines <- c(
    "# Benchmarks, side by side", "",
    paste(
      "Written by `Rscript bench/run.R`. Ratios carry over to other machines, times do not. Times",
      "are medians; the kernel's are CPU time of its thread, all others wall time."
    ), "",
    machine,
    if (length(versions)) paste0("- Peers: ", paste(versions, collapse = ", ")),
    sprintf(
      "- Asymmetric Rescorla-Wagner, %s subjects x 100 trials, A = 5 actions where not said",
      format(subjects, big.mark = ",")
    ), "",
    paste(
      "To repeat: `bench/setup.sh` once (NumPy and JAX in an environment of their own), then",
      "`Rscript bench/run.R --native --install`."
    ), "",
    paste0(counts, " ", c("met", "not met", "wrong", "not run"), collapse = ", "), "",
    markdown_table(rows)
  )
  writeLines(lines, path)
  writeLines(lines)
}
