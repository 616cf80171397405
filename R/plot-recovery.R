# Estimates against what comes back from data simulated with them.

plot_recovery <- function(recovery, fit) {
  table <- fit$model$parameters[match(fit$parameters, fit$model$parameters$name), ]
  size <- nrow(table)
  columns <- if (size > 4L) 3L else min(size, 2L)
  recovery <- recovery[!is.na(recovery$true) & !is.na(recovery$refit), ]
  strips <- paste0(table$name, "\n", recovery_correlations(recovery, table$name))
  recovery$strip <- factor(strips[match(recovery$parameter, table$name)], strips)
  limits <- recovery_limits(recovery, strips)
  at <- match(recovery$strip, limits$strip)
  outside <- \(x) pmin(pmax(x, limits$low[at]), limits$high[at])
  recovery$x <- outside(recovery$true)
  recovery$y <- outside(recovery$refit)
  recovery$state <- refit_states[1L]
  recovery$state[recovery$x != recovery$true | recovery$y != recovery$refit] <- refit_states[3L]
  recovery$state[recovery$problem] <- refit_states[2L]
  states <- intersect(refit_states, recovery$state)
  look <- match(states, refit_states)
  corners <- data.frame(strip = rep(limits$strip, 2L), x = c(limits$low, limits$high))
  plot <- ggplot2::ggplot(recovery, ggplot2::aes(x = .data$x, y = .data$y)) +
    ggplot2::geom_blank(ggplot2::aes(x = .data$x, y = .data$x), data = corners) +
    identity_line() +
    ggplot2::geom_point(ggplot2::aes(colour = .data$state, shape = .data$state),
      size = if (nrow(recovery) > 200L * size) 0.7 else 1.3, alpha = 0.75) +
    ggplot2::facet_wrap(ggplot2::vars(.data$strip), scales = "free", ncol = columns) +
    ggplot2::scale_colour_manual(values = c("#0072B2", "#D55E00", "grey40")[look], limits = states) +
    ggplot2::scale_shape_manual(values = c(16, 17, 2)[look], limits = states) +
    ggplot2::labs(x = "estimate (simulated with)", y = "refitted",
      title = paste("Recovery at the estimates:", fit$model$id %||% fit$model$name),
      caption = if (isTRUE(attr(recovery, "borrowed")))
        "outcomes of choices not made: as on the nearest trials") +
    ggplot2::scale_x_continuous(n.breaks = 4L) +
    plot_theme() +
    ggplot2::theme(strip.text = ggplot2::element_text(hjust = 0, vjust = 0))
  if (identical(states, refit_states[1L])) {
    plot <- plot + ggplot2::guides(colour = "none", shape = "none")
  }
  plot
}

refit_states <- c("no problem", "with a problem", "off the scale")

# Square panels: from the least to the largest value, but not to lone values far from the others.
recovery_limits <- function(recovery, strips) {
  ends <- vapply(strips, \(strip) {
    own <- recovery[recovery$strip == strip, ]
    x <- c(own$true, own$refit)
    inside <- stats::quantile(x, c(0.05, 0.95), names = FALSE)
    width <- diff(inside)
    range(x[x >= inside[1L] - 2 * width & x <= inside[2L] + 2 * width])
  }, numeric(2L))
  data.frame(strip = factor(strips, strips), low = ends[1L, ], high = ends[2L, ])
}

recovery_correlations <- function(recovery, names) {
  vapply(names, \(name) {
    own <- recovery[recovery$parameter == name, ]
    if (nrow(own) < 3L) return("")
    rho <- suppressWarnings(stats::cor(own$true, own$refit, method = "spearman"))
    paste("rank r", formatC(rho, digits = 2, format = "f"))
  }, "")
}
