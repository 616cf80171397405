# Summaries of hierarchical fits: the group in natural units, subjects, and the text of both.

# A row for each group-level quantity, from draws.
summarise_group <- function(fit) {
  need_package("posterior", "to summarise draws")
  draws <- posterior::as_draws_array(fit$group$draws)
  shown <- group_variables(fit)
  table <- posterior::summarise_draws(posterior::subset_draws(draws, variable = shown),
    "median", "mean", "sd", ~ posterior::quantile2(.x, c(0.05, 0.95)), "rhat", "ess_bulk",
    "ess_tail")
  table <- as.data.frame(table)
  names(table)[1] <- "parameter"
  numbers <- vapply(table, is.numeric, NA)
  table[numbers] <- lapply(table[numbers], as.numeric)
  table[match(shown, table$parameter), ]
}

# Natural values by model order, then coefficients (where they say more than those), then standard
# deviations and correlations.
group_variables <- function(fit) {
  design <- fit$group$design
  all <- dimnames(fit$group$draws)[[3]]
  coefficients <- c(design$coefficients$name, design$shared$name)
  plain <- paste0(design$parameters, ":(Intercept)")
  more <- if (all(coefficients %in% plain)) character() else coefficients
  c(names(group_cells(design)), more, all[grepl("^(sd|cor)_", all) & !all %in% coefficients])
}

# The same from a fit without draws: estimates with standard errors on the real line, carried to
# natural units by 401 quantiles of a normal distribution.
summarise_em <- function(fit) {
  group <- fit$group
  design <- group$design
  fixed <- c(group$coefficients, group$shared)
  u <- stats::qnorm(stats::ppoints(401))
  from_normal <- function(centre, error, map) {
    x <- map(centre + error * u)
    data.frame(median = map(centre), mean = mean(x), sd = stats::sd(x),
      q5 = map(centre + stats::qnorm(0.05) * error), q95 = map(centre + stats::qnorm(0.95) * error))
  }
  cells <- group_cells(design)
  # Subjects' own values have no distribution under maximum likelihood, and no centre.
  random <- unique(design$effects$parameter)
  if (fit$method == "mle") cells <- Filter(\(cell) !cell$parameter %in% random, cells)
  rows <- lapply(cells, function(cell) {
    at <- cell_row(cell)
    if (fit$method == "mle") at <- cell$shared
    from_normal(sum(at * fixed), sqrt(max(0, drop(at %*% group$vcov %*% at))),
      \(z) to_natural(z, group$maps, cell$parameter))
  })
  plain <- paste0(design$parameters, ":(Intercept)")
  more <- if (all(names(fixed) %in% plain)) integer() else seq_along(fixed)
  own <- lapply(more, \(k) from_normal(fixed[[k]], sqrt(group$vcov[k, k]), identity))
  spread <- lapply(seq_along(group$sd), \(r) from_normal(log(group$sd[[r]]),
    min(group$spread_error[[r]], 3), exp))
  pairs <- correlated_pairs(design$blocks)
  correlation <- if (length(group$sd)) stats::cov2cor(group$covariance)
  both <- lapply(seq_len(nrow(pairs)), \(k) {
    r <- correlation[pairs[k, 1], pairs[k, 2]]
    data.frame(median = r, mean = r, sd = NA_real_, q5 = NA_real_, q95 = NA_real_)
  })
  effect <- design$effects$name
  names <- c(names(cells), names(fixed)[more], paste0("sd_", effect, recycle0 = TRUE),
    paste0("cor_", effect[pairs[, 2]], "_", effect[pairs[, 1]], recycle0 = TRUE))
  table <- data.frame(parameter = names, do.call(rbind, unname(c(rows, own, spread, both))))
  table[c("rhat", "ess_bulk", "ess_tail")] <- NA_real_
  rownames(table) <- NULL
  table
}

# Weights of all fixed coefficients (those of means, then shared) in the group's value at a cell.
cell_row <- function(cell) c(cell$means, cell$shared)

# The group's median and mean in natural units at each cell: the link of the centre, and the mean
# of the link over the group's distribution, by Gauss-Hermite quadrature.
population_summary <- function(fit) {
  group <- fit$group
  design <- group$design
  cells <- group_cells(design)
  nodes <- hermite_nodes(21L)
  rows <- lapply(cells, function(cell) {
    p <- cell$parameter
    map <- \(z) to_natural(z, group$maps, p)
    average <- \(z, sd) colSums(nodes$weight * map(outer(nodes$x, sd) + rep(z, each = 21L)))
    own <- which(design$effects$parameter == p)
    if (!is.null(group$draws)) {
      z <- as.vector(cell_value(group$draws, cell, design))
      sd <- sqrt(cell_variance_draws(group$draws, cell, design, own))
      median <- map(z)
      mean <- average(z, sd)
      return(data.frame(median = stats::median(median), median_q5 = quantile1(median, 0.05),
        median_q95 = quantile1(median, 0.95), mean = mean(mean), mean_q5 = quantile1(mean, 0.05),
        mean_q95 = quantile1(mean, 0.95)))
    }
    at <- cell_row(cell)
    z <- sum(at * c(group$coefficients, group$shared))
    error <- sqrt(max(0, drop(at %*% group$vcov %*% at)))
    w <- cell$weights[own]
    sd <- sqrt(max(0, drop(w %*% group$covariance[own, own] %*% w)))
    ends <- z + c(0, -1, 1) * stats::qnorm(0.95) * error
    mean <- average(ends, rep(sd, 3))
    data.frame(median = map(z), median_q5 = map(ends[2]), median_q95 = map(ends[3]),
      mean = mean[1], mean_q5 = mean[2], mean_q95 = mean[3])
  })
  data.frame(
    parameter = design$parameters[vapply(cells, `[[`, 0L, "parameter")],
    cell = vapply(cells, `[[`, "", "label"), do.call(rbind, unname(rows)), row.names = NULL
  )
}

quantile1 <- function(x, p) unname(stats::quantile(x, p))

# Variance of a parameter over the group at a cell, by draw.
cell_variance_draws <- function(draws, cell, design, own) {
  effect <- design$effects$name
  pairs <- correlated_pairs(design$blocks)
  get <- \(name) as.vector(draws[, , name])
  total <- numeric(prod(dim(draws)[1:2]))
  for (r in own) total <- total + (cell$weights[r] * get(paste0("sd_", effect[r])))^2
  for (k in seq_len(nrow(pairs))) {
    i <- pairs[k, 1]
    j <- pairs[k, 2]
    if (!all(c(i, j) %in% own)) next
    total <- total + 2 * cell$weights[i] * cell$weights[j] *
      get(paste0("cor_", effect[j], "_", effect[i])) *
      get(paste0("sd_", effect[i])) * get(paste0("sd_", effect[j]))
  }
  pmax(total, 0)
}

# Nodes and weights for means over a standard normal distribution (Golub and Welsch 1969).
hermite_nodes <- function(n) {
  off <- sqrt(seq_len(n - 1L))
  jacobi <- matrix(0, n, n)
  jacobi[cbind(seq_len(n - 1L), 2:n)] <- off
  jacobi[cbind(2:n, seq_len(n - 1L))] <- off
  found <- eigen(jacobi, symmetric = TRUE)
  list(x = found$values, weight = found$vectors[1, ]^2)
}

need_package <- function(name, what, call = rlang::caller_env()) {
  if (rlang::is_installed(name)) return(invisible())
  rescorla_abort(c("The package {.pkg {name}} is needed {what}.",
    i = "Install it: `install.packages(\"{name}\")`."), "input", call = call)
}
