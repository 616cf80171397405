# Side-by-side benchmarks: one table of ratios, each with the check made in the same run.
#   Rscript bench/run.R [--native] [--install] [--threads=2] [--subjects=10000] [--output=FILE]
# --native   also builds the package twice to compare compiler flags (demand 4)
# --install  also times an installation from source (demand 10)
# --output   where the table goes; bench/RESULTS.md when not said
# The Python peers need bench/setup.sh once. A peer that is missing is listed as "not run".

arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name, default) {
  given <- grep(paste0("^--", name, "="), arguments, value = TRUE)
  if (length(given)) sub("^[^=]*=", "", given[1]) else default
}
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
start_folder <- getwd()
if (length(script)) setwd(dirname(script))
output <- option("output", "RESULTS.md")
if (output != "RESULTS.md" && !grepl("^/", output)) output <- file.path(start_folder, output)
threads <- as.integer(option("threads", "2"))
subjects <- as.integer(option("subjects", "10000"))

for (folder in c("lib", "demands")) {
  files <- setdiff(list.files(folder, "[.]R$", full.names = TRUE), "lib/native-kernel.R")
  for (file in files) source(file)
}
source(file.path("peers", "plain-r.R"))
progress <- function(...) message("* ", ...)

machine <- machine_text()
inputs <- draw_inputs(subjects, 100L, 5L)
two_actions <- draw_inputs(subjects, 100L, 2L)
folder <- tempfile("inputs")
dir.create(folder)
write_inputs(inputs, folder)

progress("NumPy")
numpy <- run_python("simulate_numpy.py", c("--inputs", folder))
cores <- unique(c(1L, threads))
jax <- stats::setNames(lapply(cores, function(n) {
  progress("JAX, ", n, " core(s)")
  run_jax(folder, n)
}), cores)
progress("scalar C++")
scalar <- load_scalar()

rows <- peer_rows(inputs, numpy, jax, scalar)
if (requireNamespace("rescorla", quietly = TRUE)) {
  library(rescorla)
  sections <- list(
    "the kernel and its roofline" = function() demand_roofline(),
    "scalar C++" = function() demand_scalar(scalar, list(two_actions, inputs)),
    "derivatives" = function() demand_derivatives(),
    "compiler flags" = function() demand_native("--native" %in% arguments),
    "simulation" = function() demand_simulate(inputs, numpy, jax),
    "gradients" = function() demand_gradient(inputs, jax),
    "fits" = function() demand_fit(inputs, scalar),
    "precision" = function() demand_precision(scalar, list(two_actions, inputs)),
    "threads" = function() demand_threads(),
    "loading and installing" = function() demand_install("--install" %in% arguments),
    "large data" = function() demand_rows()
  )
  for (name in names(sections)) {
    progress(name)
    rows <- rbind(rows, sections[[name]]())
  }
} else {
  missing <- not_run("1 to 11", "the package's own figures", "", "rescorla is not installed")
  rows <- rbind(rows, missing)
}

write_results(rows, output, machine, c(numpy$version, jax[[1]]$version), subjects)
