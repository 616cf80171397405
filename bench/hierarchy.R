# Hierarchical fits: empirical Bayes timed, full Bayes against the same models and priors in Stan.
#   Rscript bench/hierarchy.R FOLDER [--threads=2] [--no-stan] [--output=FILE]
# FOLDER holds hBayesDM's example files (its inst/extdata). Stan needs rstan; its three programs are
# compiled anew. The whole takes about twenty minutes on two cores, nearly all of it Stan's.

arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name, default) {
  given <- grep(paste0("^--", name, "="), arguments, value = TRUE)
  if (length(given)) sub("^[^=]*=", "", given[1]) else default
}
script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
start_folder <- getwd()
examples <- normalizePath(grep("^--", arguments, value = TRUE, invert = TRUE)[1], mustWork = FALSE)
if (length(script)) setwd(dirname(script))
output <- option("output", "HIERARCHY.md")
if (output != "HIERARCHY.md" && !grepl("^/", output)) output <- file.path(start_folder, output)
threads <- as.integer(option("threads", "2"))
for (file in c("lib/report.R", "peers/stan_data.R", "peers/stan.R", "demands/em.R",
  "demands/nuts.R")) source(file)
library(rescorla)
progress <- function(...) message("* ", ...)

machine <- machine_text()
progress("empirical Bayes")
rows <- rbind(demand_em(threads), demand_curvature(threads))
compiled <- list()
for (set in names(stan_sets)) {
  progress(set)
  model <- stan_sets[[set]]
  if (!"--no-stan" %in% arguments && is.null(compiled[[model]])) {
    compiled[[model]] <- tryCatch(stan_compile(model), error = function(e) conditionMessage(e))
  }
  rows <- rbind(rows, demand_nuts(set, examples, compiled[[model]], threads))
}
progress("10,000 subjects")
rows <- rbind(rows, demand_large(threads))

verdicts <- table(factor(rows$verdict, c("met", "NOT MET", "WRONG RESULT", "not run")))
writeLines(c(
  "# Hierarchical fits, side by side", "",
  "Written by `Rscript bench/hierarchy.R FOLDER`. Times are wall time on two cores, ours the median of three",
  "runs (one for 10,000 subjects), Stan's a single run. Effective sample sizes (ESS) are the smallest bulk",
  "ESS over all parameters, those of subjects included, by the posterior package, and per second of",
  "wall time including warm-up. Ours includes the empirical Bayes fit that chains start from.", "",
  machine, paste0("- Stan: rstan ", if (requireNamespace("rstan", quietly = TRUE))
    utils::packageVersion("rstan") else "absent",
    ", 4 chains x (1000 + 1000), adapt_delta .95, non-centred, ", threads, " cores"), "",
  paste0(verdicts[["met"]], " met, ", verdicts[["NOT MET"]], " not met, ", verdicts[["WRONG RESULT"]],
    " wrong, ", verdicts[["not run"]], " not run"), "",
  markdown_table(rows)
), output)
message("written: ", output)
