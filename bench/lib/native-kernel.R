# Helper of native.sh.
#   Rscript native-kernel.R FLAGS LIBRARY     times the kernel of the package in LIBRARY: CSV lines
#   Rscript native-kernel.R --summary FILE    the medians of such lines, one column for each build

arguments <- commandArgs(trailingOnly = TRUE)
if (arguments[1] == "--summary") {
  columns <- c("flags", "actions", "order", "ns")
  timed <- utils::read.csv(arguments[2], header = FALSE, col.names = columns)
  middle <- stats::aggregate(ns ~ actions + order + flags, timed, stats::median)
  wide <- merge(
    middle[middle$flags == "default", c("actions", "order", "ns")],
    middle[middle$flags == "native", c("actions", "order", "ns")],
    by = c("actions", "order"), suffixes = c(".default", ".native")
  )
  names(wide) <- sub("^ns[.]", "", names(wide))
  utils::write.csv(wide, stdout(), row.names = FALSE, quote = FALSE)
} else {
  library(rescorla, lib.loc = arguments[2])
  for (actions in c(2L, 5L)) for (order in c("value", "gradient", "information")) {
    ns <- rescorla:::kernel_benchmark(actions = actions, subjects = 10000L, trials = 100L,
                                      isa = rl_backend()$isa, order = order, threads = 1L)
    cat(paste(arguments[1], actions, order, as.numeric(ns)[1], sep = ","), "\n", sep = "")
  }
}
