# Bands of the replicates, and whether a statistic is missed.

summarise_check <- function(found, replicates, level) {
  kept <- found$kept
  made <- replicates[, kept, drop = FALSE]
  x <- found$observed[kept]
  tail <- (1 - level) / 2
  ends <- apply(made, 2L, stats::quantile, c(0.5, tail, 1 - tail), na.rm = TRUE, names = FALSE)
  above <- colMeans((made > rep(x, each = nrow(made))) + 0.5 * (made == rep(x, each = nrow(made))),
    na.rm = TRUE)
  data.frame(found$table[kept, ], observed = x, simulated = ends[1L, ], lower = ends[2L, ],
    upper = ends[3L, ], p = above, inside = x >= ends[2L, ] & x <= ends[3L, ], row.names = NULL)
}

# The largest deviation over the levels of a statistic, in the replicates' standard deviations, beside
# the same of every replicate.
test_statistics <- function(found, replicates, summary) {
  names <- unique(found$table$statistic)
  rows <- lapply(names, \(name) {
    own <- which(found$table$statistic == name & found$kept)
    if (length(own) == 0L) return(NULL)
    made <- replicates[, own, drop = FALSE]
    centre <- colMeans(made, na.rm = TRUE)
    spread <- apply(made, 2L, stats::sd, na.rm = TRUE)
    # Where replicates do not vary, any difference is beyond them.
    spread[is.na(spread) | spread < 1e-12] <- 1e-12
    deviation <- \(x) max(abs(x - centre) / spread, na.rm = TRUE)
    observed <- deviation(found$observed[own])
    simulated <- apply(made, 1L, deviation)
    p <- (1 + sum(simulated >= observed - 1e-9)) / (1 + length(simulated))
    data.frame(statistic = name, levels = length(own),
      outside = sum(!summary$inside[summary$statistic == name]), deviation = observed, p = p,
      missed = p <= max(0.01, 1.001 / (1 + length(simulated))))
  })
  do.call(rbind, rows)
}
