# Marginal posteriors in natural units, beside the priors.

plot_posterior <- function(fit, call) {
  curves <- switch(fit$method,
    nuts = group_curves(fit, draw_curves(fit), group_prior_curves(fit)),
    em = group_curves(fit, normal_curves(fit), list()),
    map = return(plot_subject_posteriors(fit)),
    rescorla_abort(c(
      "A fit by maximum likelihood has no posterior.",
      i = "{.code confint(fit)} gives intervals; {.code method = \"map\"}, {.code \"em\"} and
           {.code \"nuts\"} have posteriors."
    ), "input", call = call)
  )
  posterior <- curves[curves$series == "posterior", ]
  prior <- curves[curves$series == "prior", ]
  middle <- posterior[posterior$middle, ]
  label <- if (fit$method == "em") "normal approximation" else "posterior"
  keys <- c(posterior = label, prior = "prior")[unique(curves$series)]
  columns <- if (nlevels(curves$strip) > 4L) 3L else 2L
  ggplot2::ggplot(curves, ggplot2::aes(x = .data$x, y = .data$density)) +
    ggplot2::geom_area(ggplot2::aes(fill = "posterior"), data = posterior, alpha = 0.35) +
    ggplot2::geom_line(ggplot2::aes(colour = "posterior"), data = posterior, linewidth = 0.5) +
    ggplot2::geom_segment(ggplot2::aes(xend = .data$x, yend = 0), data = middle, linewidth = 0.5,
      colour = "#0072B2") +
    (if (nrow(prior) > 0L) ggplot2::geom_line(ggplot2::aes(colour = "prior"), data = prior,
      linewidth = 0.5, linetype = "longdash")) +
    ggplot2::facet_wrap(ggplot2::vars(.data$strip), scales = "free",
      ncol = columns) +
    ggplot2::scale_x_continuous(breaks = \(limits) pretty(limits, 3L)) +
    ggplot2::scale_fill_manual(values = c(posterior = "#0072B2"), guide = "none") +
    ggplot2::scale_colour_manual(values = c(posterior = "#0072B2", prior = "#D55E00"), labels = keys,
      limits = names(keys)) +
    ggplot2::scale_y_continuous(breaks = NULL, expand = ggplot2::expansion(mult = c(0, 0.05))) +
    ggplot2::labs(x = NULL, y = "density",
      title = paste(if (fit$method == "em") "Estimates" else "Posterior", "of the group:",
        fit$model$id %||% fit$model$name),
      caption = "lines: medians; sd and cor on the unconstrained scale") +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(),
      axis.line.y = ggplot2::element_blank())
}

# Curves of all group-level quantities, a panel each: x, density, series, strip, middle (the point
# nearest the median).
group_curves <- function(fit, posterior, prior) {
  pieces <- lapply(names(posterior), \(name) {
    own <- posterior[[name]]
    cut <- own$x >= own$from & own$x <= own$to
    rows <- data.frame(x = own$x[cut], density = own$density[cut], series = "posterior",
      name = name)
    rows$middle <- seq_len(nrow(rows)) == which.min(abs(rows$x - own$median))
    other <- prior[[name]]
    if (is.null(other)) return(rows)
    span <- range(rows$x)
    seen <- other$x >= span[1L] - 0.25 * diff(span) & other$x <= span[2L] + 0.25 * diff(span)
    rbind(rows, if (any(seen)) data.frame(x = other$x[seen], density = other$density[seen],
      series = "prior", name = name, middle = FALSE))
  })
  curves <- do.call(rbind, pieces)
  curves$strip <- factor(curves$name, names(posterior))
  curves
}

# A density on the real line, as one of natural values.
natural_curve <- function(z, density, maps, p, ends, median) {
  slope <- natural_slope(z, maps, p)
  list(x = to_natural(z, maps, p), density = density / slope, from = to_natural(ends[1L], maps, p),
    to = to_natural(ends[2L], maps, p), median = to_natural(median, maps, p))
}

ends_of <- function(z) stats::quantile(z, c(0.002, 0.998), names = FALSE)

# Kernel densities of draws on the unconstrained scale, where nothing spills over an edge.
draw_curves <- function(fit) {
  group <- fit$group
  # Intercepts are in the cells.
  shown <- grep(":(Intercept)", group_variables(fit), fixed = TRUE, invert = TRUE, value = TRUE)
  cells <- group_cells(group$design)
  curves <- lapply(rlang::set_names(shown), \(name) {
    if (name %in% names(cells)) {
      cell <- cells[[name]]
      z <- as.vector(cell_value(group$draws, cell, group$design))
      kernel <- stats::density(z, n = 256L)
      return(natural_curve(kernel$x, kernel$y, group$maps, cell$parameter, ends_of(z),
        stats::median(z)))
    }
    scale <- unbounded_scale(name)
    x <- as.vector(group$draws[, , name])
    kernel <- stats::density(scale$to(x), n = 256L)
    at <- scale$from(kernel$x)
    ends <- ends_of(x)
    list(x = at, density = kernel$y / scale$slope(kernel$x), from = ends[1L], to = ends[2L],
      median = stats::median(x))
  })
  curves
}

# The scale on which a kernel is put over draws of a standard deviation, a correlation, a coefficient.
unbounded_scale <- function(name) {
  if (grepl("^sd_", name)) return(list(to = log, from = exp, slope = exp))
  if (grepl("^cor_", name)) {
    return(list(to = \(x) atanh(pmin(pmax(x, -0.9999), 0.9999)), from = tanh,
      slope = \(z) 1 - tanh(z)^2))
  }
  list(to = identity, from = identity, slope = \(z) rep(1, length(z)))
}

# Empirical Bayes: normal distributions of the estimates on the unconstrained scale; of spreads on the
# logarithm.
normal_curves <- function(fit) {
  group <- fit$group
  fixed <- c(group$coefficients, group$shared)
  grid <- seq(-3.5, 3.5, length.out = 201L)
  ends <- stats::qnorm(c(0.002, 0.998))
  cells <- lapply(group_cells(group$design), \(cell) {
    at <- cell_row(cell)
    centre <- sum(at * fixed)
    error <- sqrt(max(1e-12, drop(at %*% group$vcov %*% at)))
    natural_curve(centre + error * grid, stats::dnorm(grid) / error, group$maps, cell$parameter,
      centre + error * ends, centre)
  })
  spread <- lapply(rlang::set_names(names(group$sd)), \(name) {
    error <- max(min(group$spread_error[[name]], 3), 1e-6)
    centre <- log(group$sd[[name]])
    x <- exp(centre + error * grid)
    list(x = x, density = stats::dnorm(grid) / error / x, from = exp(centre + error * ends[1L]),
      to = exp(centre + error * ends[2L]), median = group$sd[[name]])
  })
  names(spread) <- paste0("sd_", names(spread), recycle0 = TRUE)
  c(cells, spread)
}

# --- priors of the group ------------------------------------------------------------------------

group_prior_curves <- function(fit) {
  group <- fit$group
  design <- group$design
  prior <- fit$prior
  cells <- lapply(group_cells(design), \(cell) cell_prior_curve(cell, prior, group$maps))
  spread <- lapply(rlang::set_names(seq_along(prior$spread), paste0("sd_", design$effects$name)),
    \(r) {
      x <- seq(1e-4, 8, length.out = 801L)
      list(x = x, density = spread_density(prior$spread[[r]], x))
    })
  pairs <- correlated_pairs(design$blocks)
  effect <- design$effects$name
  both <- lapply(seq_len(nrow(pairs)), \(k) {
    # Each correlation of an LKJ matrix of size d is a beta variate on (-1, 1).
    shape <- prior$correlation$a + (sum(design$blocks == design$blocks[pairs[k, 1L]]) - 2) / 2
    x <- seq(-0.999, 0.999, length.out = 401L)
    list(x = x, density = stats::dbeta((x + 1) / 2, shape, shape) / 2)
  })
  names(both) <- paste0("cor_", effect[pairs[, 2L]], "_", effect[pairs[, 1L]], recycle0 = TRUE)
  fixed <- c(prior$coefficients, prior$shared)
  names <- c(design$coefficients$name, design$shared$name)
  own <- lapply(fixed, \(one) {
    if (one$kind != "normal") return(NULL)
    x <- seq(one$a - 4 * one$b, one$a + 4 * one$b, length.out = 401L)
    list(x = x, density = stats::dnorm(x, one$a, one$b))
  })
  c(cells, spread, both, stats::setNames(own, names))
}

# Of a sum of coefficients, all normal on the unconstrained scale; or of an intercept alone, whatever
# its prior. Other sums have no closed form: NULL.
cell_prior_curve <- function(cell, prior, maps) {
  weight <- cell_row(cell)
  own <- c(prior$coefficients, prior$shared)[weight != 0]
  weight <- weight[weight != 0]
  kinds <- vapply(own, `[[`, "", "kind")
  p <- cell$parameter
  if (all(kinds == "normal")) {
    centre <- sum(weight * vapply(own, `[[`, 0, "a"))
    sd <- sqrt(sum((weight * vapply(own, `[[`, 0, "b"))^2))
    z <- seq(centre - 5 * sd, centre + 5 * sd, length.out = 801L)
    return(list(x = to_natural(z, maps, p), density = stats::dnorm(z, centre, sd) /
      natural_slope(z, maps, p)))
  }
  if (length(own) == 1L && weight == 1) natural_prior_curve(own[[1L]], maps, p)
}

# A prior's density in natural units.
natural_prior_curve <- function(prior, maps, p) {
  low <- maps$lower[p]
  high <- maps$upper[p]
  x <- prior_quantiles(prior, maps, p, seq(0.0005, 0.9995, length.out = 801L))
  density <- switch(prior$kind,
    normal = {
      z <- to_real(x, maps, p)
      stats::dnorm(z, prior$a, prior$b) / natural_slope(z, maps, p)
    },
    beta = stats::dbeta((x - low) / (high - low), prior$a, prior$b) / (high - low),
    gamma = stats::dgamma(x - low, prior$a, prior$b),
    uniform = rep(1 / (high - low), length(x)),
    natural_normal = stats::dnorm(x, prior$a, prior$b) /
      diff(stats::pnorm(c(low, high), prior$a, prior$b))
  )
  list(x = x, density = density)
}

spread_density <- function(prior, x) {
  switch(prior$kind,
    half_normal = 2 * stats::dnorm(x, 0, prior$a),
    half_cauchy = 2 * stats::dcauchy(x, 0, prior$a),
    half_student = 2 * stats::dt(x / prior$a, prior$b) / prior$a,
    exponential = stats::dexp(x, prior$a),
    gamma = stats::dgamma(x, prior$a, prior$b)
  )
}

# --- maximum a posteriori -----------------------------------------------------------------------

# A normal curve on the unconstrained scale for every subject (Laplace), in natural units.
plot_subject_posteriors <- function(fit) {
  maps <- parameter_maps(fit$model$kinds[fit$parameters])
  table <- fit$model$parameters[match(fit$parameters, fit$model$parameters$name), ]
  columns <- if (nrow(table) > 4L) 3L else min(2L, nrow(table))
  strips <- parameter_strips(table, 46L %/% columns)
  grid <- seq(-3.5, 3.5, length.out = 101L)
  pieces <- lapply(seq_along(fit$parameters), \(p) {
    rows <- lapply(which(is_fitted(fit) & is.finite(fit$std_error[, p])), \(s) {
      centre <- to_real(fit$estimates[s, p], maps, p)
      error <- fit$std_error[s, p] / natural_slope(centre, maps, p)
      z <- centre + error * grid
      data.frame(x = to_natural(z, maps, p), density = stats::dnorm(grid) / error /
        natural_slope(z, maps, p), mass = stats::dnorm(grid), group = rownames(fit$estimates)[s],
        series = "subjects")
    })
    rows <- crop_curves(do.call(rbind, rows))
    prior <- natural_prior_curve(fit$prior[[p]], maps, p)
    seen <- prior$x >= min(rows$x) & prior$x <= max(rows$x)
    rows <- rbind(rows, data.frame(x = prior$x[seen], density = prior$density[seen],
      group = "prior", series = "prior"))
    rows$strip <- factor(strips[p], strips)
    rows
  })
  curves <- do.call(rbind, pieces)
  n <- sum(is_fitted(fit))
  ggplot2::ggplot(curves, ggplot2::aes(x = .data$x, y = .data$density, group = .data$group,
    colour = .data$series)) +
    ggplot2::geom_line(data = curves[curves$series == "subjects", ], linewidth = 0.3,
      alpha = max(0.15, min(0.7, 15 / n))) +
    ggplot2::geom_line(data = curves[curves$series == "prior", ], linewidth = 0.6,
      linetype = "longdash") +
    ggplot2::facet_wrap(ggplot2::vars(.data$strip), scales = "free", ncol = columns) +
    ggplot2::scale_colour_manual(values = c(subjects = "#0072B2", prior = "#D55E00"),
      limits = c("subjects", "prior"), labels = c(paste(plural(n, "subject"), "(Laplace)"), "prior")) +
    ggplot2::guides(colour = ggplot2::guide_legend(override.aes = list(alpha = 1))) +
    ggplot2::scale_x_continuous(n.breaks = 4L) +
    ggplot2::scale_y_continuous(breaks = NULL, expand = ggplot2::expansion(mult = c(0, 0.05))) +
    ggplot2::labs(x = NULL, y = "density",
      title = paste("Posteriors of subjects:", fit$model$id %||% fit$model$name)) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(),
      axis.line.y = ggplot2::element_blank(), strip.text = ggplot2::element_text(hjust = 0))
}

# The middle 99.6% of all subjects together; and a curve that is far higher than most leaves the panel,
# so that the others can be seen.
crop_curves <- function(rows) {
  sorted <- rows[order(rows$x), ]
  below <- cumsum(sorted$mass) / sum(sorted$mass)
  ends <- c(sorted$x[which(below >= 0.002)[1L]], sorted$x[which(below >= 0.998)[1L]])
  rows <- rows[rows$x >= ends[1L] & rows$x <= ends[2L], ]
  peaks <- tapply(rows$density, rows$group, max)
  rows$density[rows$density > 4 * stats::median(peaks)] <- NA
  rows$mass <- NULL
  rows
}
