# What a calibration found: how far ranks are from uniform, and its text.

new_calibration <- function(found, model, subjects, level, seed, call) {
  ranks <- stack_frames(found, "ranks")
  count <- ranks$draws[1]
  ranks$draws <- NULL
  structure(list(
    ranks = ranks,
    summary = calibration_summary(ranks, count, level),
    simulations = data.frame(simulation = seq_along(found),
      do.call(rbind, lapply(found, \(x) {
        as.data.frame(x$troubles[c("divergent", "transitions", "rhat")])
      }))),
    n_ranks = count, level = level, model = model, subjects = subjects, nsim = length(found),
    seed = seed, call = call
  ), class = "rl_calibration")
}

calibration_summary <- function(ranks, count, level) {
  cells <- split(ranks$rank, factor(ranks$quantity, unique(ranks$quantity)))
  uniform <- ((count + 1)^2 - 1) / 12 / (count + 1)^2
  table <- do.call(rbind, lapply(names(cells), function(name) {
    rank <- cells[[name]]
    u <- (rank + 0.5) / (count + 1)
    difference <- rank_ecdf(rank, count) - seq_len(count) / (count + 1)
    p <- uniformity_p(rank, count)
    data.frame(quantity = name, n = length(rank), mean = mean(u),
      spread = mean((u - mean(u))^2) / uniform, difference = difference[which.max(abs(difference))],
      p = p, inside = p >= 1 - level)
  }))
  rownames(table) <- NULL
  table
}

# Share of ranks below j = 1, ..., count; j / (count + 1) if they are uniform.
rank_ecdf <- function(rank, count) cumsum(tabulate(rank + 1L, count)) / length(rank)

# --- simultaneous bands -------------------------------------------------------------------------

# Counts of ranks below each point that are not in a tail of gamma / 2: 2 min(P(X <= x), P(X >= x))
# is above gamma. A hair is added, lest a count lie on the edge by rounding.
band_counts <- function(gamma, n, count) {
  z <- seq_len(count) / (count + 1)
  tail <- min(1, gamma / 2 * (1 + 1e-9))
  list(lower = stats::qbinom(tail, n, z), upper = stats::qbinom(tail, n, z, lower.tail = FALSE))
}

# The probability that the counts of n uniform ranks stay in the band at all points. From x below
# one point to y below the next, y - x is binomial among the n - x that are left.
band_probability <- function(gamma, n, count) {
  band <- band_counts(gamma, n, count)
  if (any(band$lower > band$upper)) return(0)
  now <- 0
  weight <- 1
  for (j in seq_len(count)) {
    step <- 1 / (count + 2 - j)
    after <- band$lower[j]:band$upper[j]
    move <- outer(after, now, \(y, x) stats::dbinom(y - x, n - x, step))
    weight <- drop(move %*% weight)
    now <- after
  }
  sum(weight)
}

# The gamma whose band holds with probability `level`: list(lower, upper), of counts.
simultaneous_band <- function(n, count, level) {
  ends <- log(c(1e-8, 1))
  for (i in 1:25) {
    middle <- mean(ends)
    if (band_probability(exp(middle), n, count) >= level) ends[1] <- middle else ends[2] <- middle
  }
  band_counts(exp(ends[1]), n, count)
}

# The probability, with uniform ranks, of an ECDF with a point in as small a tail as this one's.
uniformity_p <- function(rank, count) {
  n <- length(rank)
  x <- round(rank_ecdf(rank, count) * n)
  z <- seq_len(count) / (count + 1)
  tail <- 2 * pmin(stats::pbinom(x, n, z), stats::pbinom(x - 1, n, z, lower.tail = FALSE))
  min(1, max(0, 1 - band_probability(min(tail), n, count)))
}

# --- text ---------------------------------------------------------------------------------------

#' @rdname rl_calibrate
#' @param x,object A calibration.
#' @param row.names,optional Not used; part of the generic.
#' @param digits Number of digits.
#' @export
print.rl_calibration <- function(x, ..., digits = 2L) {
  table <- x$summary
  number <- \(v) formatC(v, digits = digits, format = "f")
  shown <- data.frame(quantity = table$quantity, "mean rank" = number(table$mean),
    spread = number(table$spread), difference = formatC(table$difference, digits = digits,
      format = "f", flag = "+"),
    p = formatC(table$p, digits = 3, format = "f"),
    band = ifelse(table$inside, "inside", "outside"), check.names = FALSE)
  cat(
    clip(paste0("<rl_calibration> ", model_title(x$model))),
    clip(paste0("  ", study_method("nuts"), ", ", plural(x$nsim, "data set"), " of ",
      plural(x$subjects, "subject"), ", ranks among ", x$n_ranks, " draws, ",
      format(100 * x$level), "% bands")),
    "",
    clip(table_lines(shown, left = "quantity")),
    "  (mean rank 0.5 and spread 1 are expected)",
    "",
    strwrap(calibration_verdict(x), 78L, exdent = 2L),
    "Next: plot(x), plot(x, \"histogram\"), x$ranks, x$simulations",
    sep = "\n"
  )
  invisible(x)
}

calibration_verdict <- function(x) {
  table <- x$summary
  out <- table[!table$inside, ]
  size <- nrow(table)
  expected <- paste0("By chance alone ", format((1 - x$level) * size, digits = 2), " of ",
    plural(size, "quantity"), " would be expected outside.")
  expected <- sub("quantitys", "quantities", expected)
  troubles <- sampler_notes(x$simulations)
  if (nrow(out) == 0) {
    return(c(paste0("No sign of miscalibration: all ", size, " are inside their bands."), troubles))
  }
  c(paste0("Outside: ", paste0(out$quantity, " (", rank_shape(out), ")", collapse = "; "), "."),
    expected, troubles)
}

# The larger of both deviations, in standard errors, says what is wrong (Talts et al. 2018). The
# variance of the spread of n uniform numbers is 0.8 / n.
rank_shape <- function(table) {
  shift <- (table$mean - 0.5) * sqrt(12 * table$n)
  width <- (table$spread - 1) * sqrt(table$n / 0.8)
  ifelse(abs(shift) >= abs(width),
    ifelse(shift > 0, "posteriors too low", "posteriors too high"),
    ifelse(width > 0, "posteriors too narrow", "posteriors too wide"))
}

#' @rdname rl_calibrate
#' @export
summary.rl_calibration <- function(object, ...) object$summary

#' @rdname rl_calibrate
#' @export
as.data.frame.rl_calibration <- function(x, row.names = NULL, optional = FALSE, ...) x$ranks

#' @rdname rl_calibrate
#' @export
tidy.rl_calibration <- function(x, ...) x$summary

# --- pictures -----------------------------------------------------------------------------------

#' Plot a calibration
#'
#' @param x A calibration from [rl_calibrate()].
#' @param type `"ecdf"`: the empirical distribution of the normalised ranks less the uniform one,
#'   with the band that uniform ranks stay in with probability `x$level` everywhere at once.
#'   `"histogram"`: ranks in bins, with the counts that uniform ranks have in all bins with at least
#'   this probability (by Bonferroni).
#' @param bins Number of bins of the histogram; by default the divisor of the number of ranks that
#'   has about five data sets in a bin, twenty at most.
#' @param ... Not used.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' calibration <- rl_calibrate("rw", task_bandit(c(0.2, 0.8), trials = 20), subjects = 4, nsim = 5,
#'   ranks = 19, warmup = 150, draws = 190, seed = 1)
#' plot(calibration)
#' @export
plot.rl_calibration <- function(x, type = c("ecdf", "histogram"), bins = NULL, ...) {
  check_dots_empty(...)
  type <- check_choice(type, c("ecdf", "histogram"))
  bins <- check_count(bins, min = 2, allow_null = TRUE)
  rlang::check_installed("ggplot2", "to plot a calibration.")
  if (type == "ecdf") plot_ecdf(x) else plot_rank_histogram(x, bins)
}

# Those outside their bands stand out.
calibration_panels <- function(x) {
  factor(x$summary$inside, c(TRUE, FALSE), c("inside the band", "outside"))
}

verdict_scale <- function(present, aesthetics = "colour") {
  ggplot2::scale_colour_manual(values = c("inside the band" = "#0072B2", outside = "#D55E00"),
    limits = present, aesthetics = aesthetics)
}

plot_ecdf <- function(x) {
  count <- x$n_ranks
  z <- c(0, seq_len(count) / (count + 1), 1)
  quantity <- factor(x$summary$quantity, x$summary$quantity)
  verdict <- calibration_panels(x)
  curves <- do.call(rbind, lapply(seq_along(quantity), \(i) {
    rank <- x$ranks$rank[x$ranks$quantity == quantity[i]]
    data.frame(quantity = quantity[i], verdict = verdict[i], z = z,
      difference = c(0, rank_ecdf(rank, count), 1) - z)
  }))
  band <- simultaneous_band(x$nsim, count, x$level)
  band <- data.frame(z = z, low = c(0, band$lower / x$nsim, 1) - z,
    high = c(0, band$upper / x$nsim, 1) - z)
  present <- levels(droplevels(verdict))
  ggplot2::ggplot(curves, ggplot2::aes(x = .data$z)) +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = .data$low, ymax = .data$high), data = band,
      fill = "grey85") +
    ggplot2::geom_hline(yintercept = 0, linewidth = 0.3, colour = "grey40") +
    ggplot2::geom_step(ggplot2::aes(y = .data$difference, colour = .data$verdict),
      linewidth = 0.6) +
    ggplot2::facet_wrap(ggplot2::vars(.data$quantity)) +
    verdict_scale(present) +
    ggplot2::scale_x_continuous(breaks = c(0, 0.5, 1), labels = c("0", "0.5", "1")) +
    ggplot2::labs(x = "normalised rank of the true value", y = "ECDF less uniform",
      title = paste0("Calibration: ", x$model$id %||% x$model$name, ", ",
        format(100 * x$level), "% simultaneous bands")) +
    plot_theme()
}

plot_rank_histogram <- function(x, bins) {
  size <- x$n_ranks + 1
  fitting <- Filter(\(b) size %% b == 0, 2:size)
  if (is.null(bins)) {
    bins <- max(2, fitting[fitting <= max(2, min(20, x$nsim %/% 5))], na.rm = TRUE)
    if (size %% bins != 0) bins <- size
  } else if (!bins %in% fitting) {
    rescorla_abort(c("`bins` must divide the number of possible ranks, {size}.",
      x = "It is {bins}.", i = "Choose among {fitting}."), "input", call = rlang::caller_env())
  }
  quantity <- factor(x$summary$quantity, x$summary$quantity)
  verdict <- calibration_panels(x)
  bars <- do.call(rbind, lapply(seq_along(quantity), \(i) {
    rank <- x$ranks$rank[x$ranks$quantity == quantity[i]]
    data.frame(quantity = quantity[i], verdict = verdict[i], at = (seq_len(bins) - 0.5) / bins,
      count = tabulate(rank %/% (size / bins) + 1, bins))
  }))
  ends <- stats::qbinom((1 + c(-1, 1) * (1 - (1 - x$level) / bins)) / 2, x$nsim, 1 / bins)
  present <- levels(droplevels(verdict))
  ggplot2::ggplot(bars, ggplot2::aes(x = .data$at, y = .data$count)) +
    ggplot2::annotate("rect", xmin = 0, xmax = 1, ymin = ends[1], ymax = ends[2], fill = "grey85") +
    ggplot2::geom_hline(yintercept = x$nsim / bins, linewidth = 0.3, colour = "grey40") +
    ggplot2::geom_col(ggplot2::aes(fill = .data$verdict), width = 0.85 / bins, alpha = 0.8) +
    ggplot2::facet_wrap(ggplot2::vars(.data$quantity)) +
    verdict_scale(present, "fill") +
    ggplot2::scale_x_continuous(breaks = c(0, 0.5, 1), labels = c("0", "0.5", "1")) +
    ggplot2::labs(x = "normalised rank of the true value", y = "data sets",
      title = paste0("Ranks: ", x$model$id %||% x$model$name)) +
    plot_theme()
}
