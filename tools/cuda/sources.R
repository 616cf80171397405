# Writes the C++ that NVRTC is given for some models, as the package writes it on first use, one file
# each: Rscript tools/cuda/sources.R DIRECTORY

out <- commandArgs(trailingOnly = TRUE)[1]

package <- new.env(parent = globalenv())
for (file in list.files("R", pattern = "[.]R$", full.names = TRUE)) {
  if (basename(file) != "RcppExports.R") sys.source(file, package)
}
package$models_folder <- function() file.path("inst", "models")

# Sizes that fit the program: only what compiles matters here.
shape_of <- function(program) {
  sizes <- vapply(program$dims, function(key) {
    if (startsWith(key, "#")) as.integer(substring(key, 2)) else 3L
  }, 0L)
  list(extents = unname(sizes), labels = rep(1L, 16),
    number_base = seq_along(program$numbers) - 1L, flush = 100L)
}

write_source <- function(id, purpose, single = FALSE, every = FALSE) {
  model <- package$catalogue_entry(id)
  lines <- package$device_source(model, shape_of(model$program), purpose, single, every)
  name <- paste0(c(id, purpose, if (single) "single", if (every) "every"), collapse = "-")
  writeLines(lines, file.path(out, paste0(name, ".cu")))
}

for (purpose in names(package$device_groups)) write_source("rw", purpose)
write_source("rw_asymmetric", "score", single = TRUE)
write_source("rw_lapse", "fit", every = TRUE)
# Tables and two learners, a series of decisions, a filter, two responses.
for (id in c("rlwm", "bart_par4", "hgf_ibrb", "ts_par4")) write_source(id, "score")
