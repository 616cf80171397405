# Pictures of recovery studies.

#' Plot a recovery study
#'
#' @param x A study from [rl_recover()].
#' @param type `"scatter"`: estimates against true values, a panel for each parameter (a row for
#'   each task), with the identity line and the correlation in the corner. `"bias"`: estimate less
#'   true value against the true value: points, and their means (line) and standard deviations
#'   (band) in ten bins of as many subjects each. `"correlation"`: rank correlations between the
#'   parameters' estimates, below the diagonal, and between their true values, above it.
#'   `"coverage"`: the share of intervals that hold the true value, with its 95% interval (Wilson),
#'   and the level aimed at. `"design"`: for several tasks, rank correlation, RMSE and coverage by
#'   task. `"group"`: for hierarchical fits, the group's estimates with intervals by replicate, and
#'   their true values.
#' @param parameters Parameters to show; by default all.
#' @param ... Not used.
#' @details Estimates at the end of the search, and others further from the true values' range than
#'   that range is wide, are drawn at the panel's edge as open triangles.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' recovery <- rl_recover("rw", task_bandit(c(0.2, 0.8), trials = 100), subjects = 100, seed = 1)
#' plot(recovery)
#' plot(recovery, "correlation")
#' @export
plot.rl_recovery <- function(x, type = c("scatter", "bias", "correlation", "coverage", "design",
                               "group"), parameters = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("scatter", "bias", "correlation", "coverage", "design", "group"))
  shown <- free_parameters(x$model)
  if (!is.null(parameters)) {
    refuse_unknown(parameters, shown, "parameters", "a parameter of the study", call)
    shown <- intersect(shown, parameters)
  }
  if (type == "design" && is.null(x$tasks) || type == "group" && is.null(x$group)) {
    rescorla_abort(c(
      "{.code type = \"{type}\"} needs {if (type == 'design') 'several tasks' else
       'a hierarchical fit'}, and this study has none.",
      i = if (type == "design") "Give `rl_recover()` a list of tasks." else
        "`rl_recover(method = \"em\")` makes one."
    ), "input", call = call)
  }
  rlang::check_installed("ggplot2", "to plot a recovery study.")
  switch(type,
    scatter = plot_scatter(x, shown),
    bias = plot_bias(x, shown),
    correlation = plot_correlation(x, shown, call),
    coverage = plot_coverage(x, shown),
    design = plot_design(x, shown),
    group = plot_group_recovery(x)
  )
}

recovery_states <- c("inside", "at a bound", "off the scale")

# Rows to show, with panels. Estimates further from the true values' range than that is wide are off
# the scale, and drawn at its edge: a few would squeeze all others.
shown_recovery <- function(x, parameters) {
  rows <- x$subjects[!is.na(x$subjects$estimate) & x$subjects$parameter %in% parameters, ]
  rows$shown <- rows$estimate
  off <- off_scale(rows, x$model)
  for (name in parameters) {
    own <- rows$parameter == name
    spread <- range(rows$true[own])
    if (diff(spread) == 0) spread <- stats::quantile(rows$estimate[own], c(0.05, 0.95))
    ends <- spread + c(-1, 1) * diff(spread)
    inside <- own & !off & rows$estimate >= ends[1] & rows$estimate <= ends[2]
    ends <- range(rows$true[own], rows$estimate[inside])
    off <- off | own & !inside
    rows$shown[own & off] <- ifelse(rows$estimate[own & off] > ends[2], ends[2], ends[1])
  }
  rows$state <- factor(ifelse(off, recovery_states[3],
    ifelse(rows$at_bound, recovery_states[2], recovery_states[1])), recovery_states)
  rows$panel <- factor(rows$parameter, parameters)
  rows
}

recovery_panels <- function(x, scales = "free") {
  if (is.null(x$tasks)) {
    return(ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = scales))
  }
  # Free axes in every panel, which facet_grid() does not give.
  ggplot2::facet_wrap(ggplot2::vars(.data$task, .data$panel), scales = scales,
    ncol = length(unique(x$subjects$parameter)),
    labeller = ggplot2::labeller(.multi_line = FALSE))
}

point_look <- function(n) {
  list(size = if (n > 3000) 0.35 else if (n > 300) 0.7 else 1.2,
    alpha = if (n > 3000) 0.25 else if (n > 300) 0.45 else 0.7)
}

recovery_points <- function(rows) {
  look <- point_look(max(table(rows$panel)))
  present <- levels(droplevels(rows$state))
  at <- match(present, levels(rows$state))
  list(
    ggplot2::geom_point(ggplot2::aes(colour = .data$state, shape = .data$state), size = look$size,
      alpha = look$alpha),
    ggplot2::scale_colour_manual(values = c("#0072B2", "#D55E00", "#CC79A7")[at], limits = present),
    ggplot2::scale_shape_manual(values = c(16, 17, 2)[at], limits = present),
    if (identical(present, "inside")) {
      ggplot2::guides(colour = "none", shape = "none")
    } else {
      ggplot2::guides(colour = ggplot2::guide_legend(override.aes = list(size = 1.5, alpha = 1)))
    }
  )
}

plot_scatter <- function(x, parameters) {
  rows <- shown_recovery(x, parameters)
  corner <- x$summary[x$summary$parameter %in% parameters, ]
  corner$panel <- factor(corner$parameter, parameters)
  corner$text <- paste0("r = ", formatC(corner$r, digits = 2, format = "f"))
  ggplot2::ggplot(rows, ggplot2::aes(x = .data$true, y = .data$shown)) +
    ggplot2::geom_abline(slope = 1, intercept = 0, linewidth = 0.4, colour = "grey40") +
    recovery_points(rows) +
    ggplot2::geom_label(ggplot2::aes(x = Inf, y = -Inf, label = .data$text), data = corner,
      hjust = 1.05, vjust = -0.2, size = 2.7, label.size = 0, fill = "#FFFFFFCC",
      label.padding = ggplot2::unit(0.8, "mm")) +
    recovery_panels(x) +
    # Room below for the correlation.
    ggplot2::scale_y_continuous(expand = ggplot2::expansion(mult = c(0.14, 0.04))) +
    ggplot2::labs(x = "true value", y = "estimate", title = recovery_title("Recovery", x)) +
    plot_theme()
}

recovery_title <- function(what, x) {
  paste0(what, ": ", x$model$id %||% x$model$name, ", ", toupper(x$method))
}

plot_bias <- function(x, parameters) {
  rows <- shown_recovery(x, parameters)
  rows$shown <- rows$shown - rows$true
  kept <- rows[!off_scale(rows, x$model), ]
  kept$shown <- kept$estimate - kept$true
  keys <- kept[intersect(c("task", "panel"), names(kept))]
  bands <- do.call(rbind, lapply(split(kept, keys, drop = TRUE), error_bands))
  ggplot2::ggplot(rows, ggplot2::aes(x = .data$true, y = .data$shown)) +
    ggplot2::geom_hline(yintercept = 0, linewidth = 0.4, colour = "grey40") +
    recovery_points(rows) +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = .data$shown - .data$sd, ymax = .data$shown + .data$sd),
      data = bands, alpha = 0.25, fill = "grey20") +
    ggplot2::geom_line(data = bands, linewidth = 0.7) +
    recovery_panels(x) +
    ggplot2::labs(x = "true value", y = "estimate less true value",
      title = recovery_title("Bias and spread", x)) +
    plot_theme()
}

# Means and standard deviations in bins of equal numbers along the true value.
error_bands <- function(own) {
  bins <- max(1L, min(10L, nrow(own) %/% 5L))
  bin <- ceiling(rank(own$true, ties.method = "first") * bins / nrow(own))
  mean_by <- \(v, f = mean) as.vector(tapply(v, bin, f))
  data.frame(own[rep(1, bins), intersect(c("task", "panel"), names(own)), drop = FALSE],
    true = mean_by(own$true), shown = mean_by(own$shown), sd = mean_by(own$shown, stats::sd),
    row.names = NULL)
}

plot_correlation <- function(x, parameters, call) {
  if (length(parameters) < 2) {
    rescorla_abort("Correlations need two parameters or more.", "input", call = call)
  }
  by_task <- if (is.null(x$tasks)) list(x$correlation) else x$correlation
  cells <- do.call(rbind, lapply(seq_along(by_task), \(i) {
    grid <- expand.grid(row = parameters, column = parameters, stringsAsFactors = FALSE)
    low <- match(grid$row, parameters) > match(grid$column, parameters)
    at <- cbind(grid$row, grid$column)
    grid$r <- ifelse(low, by_task[[i]]$estimates[at], by_task[[i]]$true[at])
    grid$r[grid$row == grid$column] <- NA
    if (!is.null(x$tasks)) grid$task <- factor(x$tasks[i], x$tasks)
    grid
  }))
  cells$row <- factor(cells$row, rev(parameters))
  cells$column <- factor(cells$column, parameters)
  cells$text <- ifelse(is.na(cells$r), "", formatC(cells$r, digits = 2, format = "f"))
  plot <- ggplot2::ggplot(cells, ggplot2::aes(x = .data$column, y = .data$row)) +
    ggplot2::geom_tile(ggplot2::aes(fill = .data$r), colour = "white", linewidth = 0.6) +
    ggplot2::geom_text(ggplot2::aes(label = .data$text),
      size = if (length(parameters) > 6) 2 else 2.8) +
    # Blue to red by way of white: Okabe and Ito's blue and vermilion.
    ggplot2::scale_fill_gradient2(low = "#0072B2", mid = "white", high = "#D55E00",
      limits = c(-1, 1), na.value = "grey93", breaks = c(-1, 0, 1)) +
    ggplot2::coord_equal() +
    ggplot2::labs(x = NULL, y = NULL, title = "Rank correlations between parameters",
      subtitle = "below the diagonal: estimates; above: true values") +
    plot_theme() +
    ggplot2::theme(panel.grid.major = ggplot2::element_blank(),
      axis.line = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
      plot.subtitle = ggplot2::element_text(size = 7.5, colour = "grey30"),
      legend.position = "right", legend.key.width = ggplot2::unit(2.5, "mm"))
  # Side by side names of parameters run into one another.
  if (!is.null(x$tasks)) plot <- plot + ggplot2::facet_wrap(ggplot2::vars(.data$task)) +
    ggplot2::theme(axis.text.x = ggplot2::element_text(angle = 30, hjust = 1))
  plot
}

# Of all subjects; and of the group, where there is one.
plot_coverage <- function(x, parameters) {
  rows <- x$summary[x$summary$parameter %in% parameters, ]
  shown <- data.frame(rows[intersect(c("task", "parameter"), names(rows))],
    coverage = rows$coverage, n = coverage_counts(x$subjects, rows))
  names(shown)[names(shown) == "parameter"] <- "what"
  if (!is.null(x$group)) {
    found <- group_summary(x$group)
    found <- found[!is.na(found$coverage), ]
    shown <- rbind(shown, data.frame(found[intersect("task", names(found))],
      what = paste("group:", found$quantity), coverage = found$coverage, n = found$n))
  }
  ends <- wilson_interval(shown$coverage * shown$n, shown$n)
  shown[c("lower", "upper")] <- as.data.frame(ends)
  shown$what <- factor(shown$what, rev(unique(shown$what)))
  plot <- ggplot2::ggplot(shown, ggplot2::aes(x = .data$coverage, y = .data$what)) +
    ggplot2::geom_vline(xintercept = x$level, linewidth = 0.4, colour = "#D55E00",
      linetype = "dashed") +
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data$lower, xmax = .data$upper), linewidth = 0.6,
      colour = "#0072B2") +
    ggplot2::geom_point(size = 1.8, colour = "#0072B2") +
    ggplot2::scale_x_continuous(labels = \(at) paste0(100 * at, "%")) +
    ggplot2::labs(x = paste0("share of ", format(100 * x$level), "% intervals with the true value"),
      y = NULL, title = recovery_title("Coverage", x)) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
  if (!is.null(x$tasks)) plot <- plot + ggplot2::facet_wrap(ggplot2::vars(.data$task))
  plot
}

coverage_counts <- function(subjects, rows) {
  key <- \(t) paste(t$task, t$parameter, sep = "\r")
  count <- table(key(subjects[!is.na(subjects$lower), ]))
  as.vector(count[key(rows)])
}

plot_design <- function(x, parameters) {
  rows <- x$summary[x$summary$parameter %in% parameters, ]
  panels <- c("rank correlation", "RMSE", "coverage")
  long <- do.call(rbind, lapply(seq_along(panels), \(i) {
    data.frame(rows[c("task", "parameter")], panel = factor(panels[i], panels),
      value = rows[[c("rank", "rmse", "coverage")[i]]])
  }))
  # RMSEs of parameters in different units do not go on one axis.
  long$panel <- as.character(long$panel)
  error <- long$panel == "RMSE"
  long$panel[error] <- paste("RMSE of", long$parameter[error])
  long$panel <- factor(long$panel, c(panels[1], paste("RMSE of", parameters), panels[3]))
  long$parameter <- factor(long$parameter, parameters)
  ggplot2::ggplot(long, ggplot2::aes(x = .data$task, y = .data$value, colour = .data$parameter,
      shape = .data$parameter, group = .data$parameter)) +
    ggplot2::geom_hline(ggplot2::aes(yintercept = .data$at), linewidth = 0.4, linetype = "dashed",
      colour = "grey40", data = data.frame(panel = factor(panels[3], levels(long$panel)),
        at = x$level)) +
    ggplot2::geom_line(linewidth = 0.5) +
    ggplot2::geom_point(size = 1.6) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = "free_y") +
    ggplot2::scale_colour_manual(values = action_colours(length(parameters))) +
    ggplot2::scale_shape_manual(values = rep_len(c(16, 17, 15, 18, 3, 4, 8), length(parameters))) +
    ggplot2::labs(x = NULL, y = NULL, title = recovery_title("Recovery by task", x)) +
    plot_theme() +
    ggplot2::theme(axis.text.x = ggplot2::element_text(angle = 30, hjust = 1))
}

plot_group_recovery <- function(x) {
  group <- x$group
  group$quantity <- factor(group$quantity, unique(group$quantity))
  group$held <- factor(ifelse(is.na(group$covered), "no interval",
    ifelse(group$covered, "holds the true value", "misses it")),
    c("holds the true value", "misses it", "no interval"))
  keys <- group[intersect(c("task", "quantity"), names(group))]
  group$place <- stats::ave(group$estimate, keys, FUN = \(v) rank(v, ties.method = "first"))
  true <- unique(group[c(names(keys), "true")])
  present <- levels(droplevels(group$held))
  at <- match(present, levels(group$held))
  ggplot2::ggplot(group, ggplot2::aes(x = .data$place, y = .data$estimate, colour = .data$held)) +
    ggplot2::geom_hline(ggplot2::aes(yintercept = .data$true), data = true, linewidth = 0.4,
      colour = "grey20") +
    ggplot2::geom_linerange(ggplot2::aes(ymin = .data$lower, ymax = .data$upper), linewidth = 0.4,
      na.rm = TRUE) +
    ggplot2::geom_point(size = 1) +
    ggplot2::facet_wrap(if (is.null(x$tasks)) ggplot2::vars(.data$quantity) else
      ggplot2::vars(.data$task, .data$quantity), scales = "free_y") +
    ggplot2::scale_colour_manual(values = c("#0072B2", "#D55E00", "grey50")[at], limits = present) +
    ggplot2::scale_x_continuous(breaks = NULL) +
    ggplot2::labs(x = "replicates, by estimate", y = "estimate",
      title = recovery_title("Group recovery", x)) +
    plot_theme()
}
