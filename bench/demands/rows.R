# Demand 11: rl_data() on 10^7 rows and simulate(output = "data") to 10^6 rows, time and memory.
# Memory is the peak of the process (all allocators) above what it held before the call, so each
# measurement runs in an R process of its own: this file is both the demand and, as a script, that
# process.

demand_rows <- function() {
  rbind(
    rows_measurement("rl_data", "rl_data(), 10^7 rows", "< 5"),
    rows_measurement("simulate", "simulate(output = \"data\"), 10^6 rows", "< 1")
  )
}

rows_measurement <- function(which, measure, demanded) {
  attempt(11, measure, demanded, {
    command <- c(file.path("demands", "rows.R"), which)
    errors <- tempfile()
    rscript <- file.path(R.home("bin"), "Rscript")
    printed <- suppressWarnings(system2(rscript, command, stdout = TRUE, stderr = errors))
    if (!is.null(attr(printed, "status"))) {
      stop(paste(utils::tail(readLines(errors), 2), collapse = " "))
    }
    seen <- as.numeric(strsplit(utils::tail(printed, 1), " ")[[1]])
    memory <- if (is.na(seen[3])) {
      not_run(11, paste0(measure, ": memory"), "<= 3", "the peak of memory cannot be read here")
    } else {
      bench_row(
        11, paste0(measure, ": peak memory over size of the data"),
        sprintf("%.0f MB", seen[3] / 1e6), sprintf("%.0f MB", seen[2] / 1e6), seen[3] / seen[2],
        "<= 3", check = "what the call adds, its result included"
      )
    }
    time <- seconds_text(seen[1])
    rbind(bench_row(11, paste0(measure, ": seconds"), time, "", seen[1], demanded), memory)
  })
}

status_bytes <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"), value = TRUE)
  1024 * as.numeric(gsub("[^0-9]", "", line))
}

# NA where /proc does not offer the peak or does not let it be reset.
peak_bytes <- function(run) {
  gc(FALSE)
  reset <- tryCatch({
    writeLines("5", "/proc/self/clear_refs")
    TRUE
  }, error = function(e) FALSE, warning = function(w) FALSE)
  if (!reset) {
    run()
    return(NA_real_)
  }
  before <- status_bytes("VmRSS")
  run()
  status_bytes("VmHWM") - before
}

rows_script <- function(which) {
  if (which == "rl_data") {
    trials <- 1000L
    subjects <- 10000L
    set.seed(1)
    frame <- data.frame(
      subject = rep(seq_len(subjects), each = trials),
      choice = sample.int(5L, subjects * trials, replace = TRUE),
      outcome = as.numeric(stats::runif(subjects * trials) < 0.5)
    )
    size <- as.numeric(utils::object.size(frame))
    run <- function() rescorla::rl_data(frame)
    small <- frame[seq_len(5L * trials), ]
    rescorla::rl_data(small)
  } else {
    parameters <- data.frame(alpha_pos = 0.3, alpha_neg = 0.2, beta = 4)
    task <- rescorla::task_bandit(seq(0.2, 0.8, length.out = 5), 100)
    simulated <- function(subjects) {
      stats::simulate(
        rescorla::rl_model("rw_asymmetric"), seed = 1, parameters = parameters, task = task,
        subjects = subjects, output = "data"
      )
    }
    size <- as.numeric(utils::object.size(simulated(100))) * 100
    run <- function() simulated(10000)
  }
  # Memory first: what a first call leaves in the allocator would hide part of a second one's.
  peak <- peak_bytes(run)
  seconds <- system.time(run())[["elapsed"]]
  cat("\n", seconds, " ", size, " ", peak, "\n", sep = "")
}

if (sys.nframe() == 0L) {
  rows_script(commandArgs(trailingOnly = TRUE)[1])
}
