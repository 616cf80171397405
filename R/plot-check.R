# Pictures of predictive checks: what was observed over the band of what was simulated.

#' Plot a predictive check
#'
#' @param x A check from [rl_check()].
#' @param type `"overview"`: all statistics, a panel each (made for a figure two columns, 180 mm,
#'   wide). Otherwise the name of one statistic, one of your own among them (one column, 85 mm); or
#'   `"recovery"`, where the check was made with `recovery = TRUE`: estimates against what comes
#'   back from data simulated with them, subjects with a problem marked.
#' @param ... Not used.
#' @details Points are observed. Bands, or bars, hold the share `level` of the simulated data sets,
#'   lines are their medians. In a plot of one statistic up to three conditions share a panel, more
#'   have one each; an overview of more than three is crowded.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' check <- rl_check(fit, nsim = 50, seed = 1)
#' plot(check)
#' plot(check, "run_length")
#' @export
plot.rl_check <- function(x, type = "overview", ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  known <- unique(x$statistics$statistic)
  type <- check_choice(type, c("overview", known, "recovery"))
  rlang::check_installed("ggplot2", "to plot a check.")
  if (type == "recovery") {
    if (is.null(x$recovery)) {
      rescorla_abort(c("This check was made without {.code recovery = TRUE}.",
        i = "{.code rl_check(fit, recovery = TRUE)}, or {.code plot(fit, \"recovery\")}."), "input",
        call = call)
    }
    return(plot_recovery(x$recovery, x$fit))
  }
  if (type == "overview") plot_check_overview(x) else plot_check_statistic(x, type)
}

plot_check_statistic <- function(x, name) {
  shown <- x$statistics[x$statistics$statistic == name, ]
  shown$panel <- condition_strip(shown$condition, x$by)
  many <- nlevels(shown$panel) > 3L
  shown$at <- if (anyNA(shown$x)) match(shown$level, unique(shown$level)) else shown$x
  shown$discrete <- anyNA(shown$x)
  several <- !many && nlevels(shown$panel) > 1L
  plot <- check_layers(shown, if (several) shown$condition, x,
    below = if (name == "calibration") identity_line()) + check_axis(shown, name) +
    ggplot2::labs(x = check_x_label(x, name), y = check_y_label(x, name),
      title = check_title(x, statistic_label(name)))
  if (many) plot + ggplot2::facet_wrap(ggplot2::vars(.data$panel)) else plot
}

# A lone column says its name.
condition_strip <- function(condition, by) {
  levels <- unique(condition)
  factor(condition, levels, labels = if (length(by) == 1L) paste(by, levels) else levels)
}

plot_check_overview <- function(x) {
  shown <- x$statistics
  several <- length(unique(shown$condition)) > 1L
  # Two short lines: panels are narrow.
  axis <- c(learning_curve = "by trial", value_difference = "by difference", run_length = "in trials",
    calibration = "by probability")
  shown$panel <- ifelse(shown$statistic %in% names(axis),
    paste0(statistic_label(shown$statistic), "\n", axis[shown$statistic]),
    statistic_label(shown$statistic))
  # Single numbers share a panel.
  single <- is.na(shown$x)
  own <- !shown$statistic %in% check_statistics()
  shown$panel[single & !own] <- "after win, loss\nor any trial"
  shown$panel[own] <- "own statistics"
  shown$panel <- factor(shown$panel, unique(shown$panel))
  shown$discrete <- single
  # Names have places far out, where the axis finds them again.
  shown$at <- shown$x
  shown$at[single] <- named_places + match(shown$level, unique(shown$level[single]))[single]
  names <- unique(shown$level[single])
  diagonal <- data.frame(panel = unique(shown$panel[shown$statistic == "calibration"]))
  check_layers(shown, if (several) shown$condition, x, below = identity_line(diagonal)) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = "free") +
    ggplot2::scale_x_continuous(
      breaks = \(limits) if (limits[2L] > named_places / 2) named_places + seq_along(names) else
        few_breaks(limits),
      labels = \(at) ifelse(at > named_places / 2, sub("-", "-\n", names[pmax(at - named_places, 1)]),
        formatC(at, format = "fg"))
    ) +
    ggplot2::labs(x = NULL, y = "share", title = check_title(x, lines = 2L)) +
    ggplot2::theme(strip.text = ggplot2::element_text(hjust = 0, vjust = 0, size = 7))
}

named_places <- 1e6

# So few that their labels do not run into each other in a narrow panel.
few_breaks <- function(limits) {
  at <- pretty(limits, 4L)
  at <- at[at >= limits[1L] & at <= limits[2L]]
  if (length(at) > 4L || length(at) > 3L && any(at %% 1 != 0)) at[c(TRUE, FALSE)] else at
}

# Bands and lines where there is an axis, bars where there are names; points for what was observed.
check_layers <- function(shown, condition, x, below = NULL) {
  shown$colour <- if (is.null(condition)) "all" else factor(condition, unique(condition))
  shown$group <- paste(shown$statistic, shown$condition)
  groups <- unique(as.character(shown$colour))
  colours <- stats::setNames(if (is.null(condition)) "#0072B2" else action_colours(length(groups)),
    groups)
  # Conditions stand side by side at a name.
  place <- match(as.character(shown$colour), groups) - (length(groups) + 1) / 2
  shown$at <- shown$at + ifelse(shown$discrete, place * min(0.22, 0.8 / length(groups)), 0)
  line <- shown[!shown$discrete, ]
  bar <- shown[shown$discrete, ]
  plot <- ggplot2::ggplot(shown, ggplot2::aes(x = .data$at, colour = .data$colour,
    fill = .data$colour)) + below
  if (nrow(line) > 0L) {
    plot <- plot +
      ggplot2::geom_ribbon(ggplot2::aes(ymin = .data$lower, ymax = .data$upper, group = .data$group),
        data = line, alpha = 0.25, colour = NA) +
      ggplot2::geom_line(ggplot2::aes(y = .data$simulated, group = .data$group), data = line,
        linewidth = 0.5)
  }
  if (nrow(bar) > 0L) {
    plot <- plot +
      ggplot2::geom_linerange(ggplot2::aes(ymin = .data$lower, ymax = .data$upper), data = bar,
        linewidth = 2.6, alpha = 0.35) +
      ggplot2::geom_point(ggplot2::aes(y = .data$simulated), data = bar, shape = 95, size = 4)
  }
  observed <- if (is.null(condition)) {
    ggplot2::geom_point(ggplot2::aes(y = .data$observed, shape = "observed"), colour = "grey10",
      size = 1.3)
  } else {
    ggplot2::geom_point(ggplot2::aes(y = .data$observed, shape = "observed"), size = 1.3)
  }
  band <- paste0("simulated (", format(100 * x$level), "%)")
  plot <- plot + observed +
    ggplot2::scale_shape_manual(values = c(observed = 16)) +
    ggplot2::scale_colour_manual(values = colours, aesthetics = c("colour", "fill"),
      labels = if (is.null(condition)) band else ggplot2::waiver(),
      breaks = groups) +
    ggplot2::guides(
      shape = ggplot2::guide_legend(order = 1,
        override.aes = list(fill = NA, linetype = 0, colour = "grey10")),
      fill = ggplot2::guide_legend(order = 2, override.aes = list(shape = NA)),
      colour = ggplot2::guide_legend(order = 2)
    ) +
    plot_theme()
  if (is.null(condition)) return(plot)
  title <- paste(x$by, collapse = ", ")
  plot + ggplot2::labs(colour = title, fill = title, shape = NULL, caption = paste("bands:", band)) +
    ggplot2::theme(legend.title = ggplot2::element_text(size = 7.5))
}

check_axis <- function(shown, name) {
  if (shown$discrete[1L]) {
    names <- unique(shown$level)
    return(ggplot2::scale_x_continuous(breaks = seq_along(names), labels = names,
      limits = c(0.4, length(names) + 0.6)))
  }
  if (name == "run_length") {
    names <- unique(shown$level)
    ggplot2::scale_x_continuous(breaks = seq_along(names), labels = names)
  }
}

check_x_label <- function(x, name) {
  actions <- x$definition$actions
  two <- length(actions) == 2L
  switch(name,
    learning_curve = if (is.null(x$fit$data$roles$block)) "trial" else "trial in block",
    value_difference = if (two) paste("value of", actions[2L], "less that of", actions[1L]) else
      "value of an action less the others' mean",
    run_length = "length of run (trials)",
    calibration = paste0("probability of ", if (two) actions[2L] else "an action", ", by the model"),
    NULL
  )
}

check_y_label <- function(x, name) {
  actions <- x$definition$actions
  of <- if (length(actions) == 2L) paste("choosing", actions[2L]) else "choosing it"
  switch(name,
    learning_curve = correct_label(x$definition$correct),
    value_difference = , calibration = paste("share of", of),
    run_length = "share of runs",
    win_stay_lose_shift = , switch = "share of choices",
    name
  )
}

check_title <- function(x, what = NULL, lines = 1L) {
  kind <- switch(x$type, one_step = "one step ahead", generative = "generative")
  paste0(if (is.null(what)) "Predictive check" else
    paste0(toupper(substr(what, 1L, 1L)), substring(what, 2L)), ": ",
    x$fit$model$id %||% x$fit$model$name, if (lines == 1L) ", " else ",\n", kind)
}

# In the panels that `data` names; by default in all.
identity_line <- function(data = data.frame(slope = 1)) {
  data <- data.frame(data, slope = rep(1, nrow(data)), intercept = rep(0, nrow(data)))
  ggplot2::geom_abline(ggplot2::aes(slope = .data$slope, intercept = .data$intercept), data = data,
    linewidth = 0.3, linetype = "dashed", colour = "grey50")
}
