# Pictures of fits, in ggplot2.

#' Plot a fit
#'
#' @param x A fit from [rl_fit()].
#' @param type
#'   * `"parameters"`: the estimates of all subjects, those at a bound or not identified marked (one
#'     at the far edge of the search is drawn as off the scale).
#'   * `"group"`: the group by parameter. For hierarchical fits the medians of the group with 90%
#'     intervals, one for each cell of the formulas, and subjects' estimates; for fits by subject
#'     the median over subjects with its distribution-free 95% interval, by the columns of `by`.
#'   * `"posterior"`: for `"nuts"` the marginal posteriors of the group with their priors, for
#'     `"em"` the normal approximations to the distribution of the estimates, for `"map"` the
#'     approximate posterior of every subject with the prior; all in natural units, spreads and
#'     correlations on the unconstrained scale.
#'   * `"recovery"`: one data set is simulated with the estimates and refitted by the same method:
#'     see [rl_check()], whose `recovery = TRUE` keeps the numbers.
#'   * `"learning_curve"`: how often the correct action was chosen, by trial within the block,
#'     observed (points, with one standard error over subjects to each side) and as the model
#'     predicts it one step ahead (line).
#'   * `"latents"`: one subject trial by trial: outcomes by the action chosen, probabilities
#'     (choices as ticks above), states, and prediction errors.
#' @param subject Subjects to show; by default all, and for `"latents"` the one with the median
#'   log-likelihood per response.
#' @param trials For `"latents"`: which of the subject's trials to show, counted over all blocks; by
#'   default the first 200.
#' @param by For `"learning_curve"` and `"group"`: names of columns of the data whose values are
#'   told apart.
#' @param correct For `"learning_curve"`: name of the column that holds the correct action of each
#'   row.
#' @param seed For `"recovery"`: a whole number; if `NULL`, R's own generator provides one.
#' @param ... Not used.
#' @details Without `correct`, the correct action is that which paid most on average in the block
#'   (or in all of a subject's trials, where there are no blocks), for each stimulus where the data
#'   have a column of them, by all outcomes where the data
#'   have `foregone` columns, otherwise by those the subject received. More than 60 trials are
#'   averaged in bins. Trials that less than half of the blocks reach are left out.
#'
#' Colours are those of Okabe and Ito, told apart with any colour vision. The text is sized for a
#' figure one journal column (85 mm) wide; more than four parameters need two (180 mm).
#' @return A ggplot object, to print, to save with `ggplot2::ggsave()` or to change.
#' @seealso [plot.rl_check()] for predictive checks, [plot.rl_compare()] for comparisons of models.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' plot(fit)
#' plot(fit, "group", by = "group")
#' plot(fit, "learning_curve", by = "group")
#' plot(fit, "latents")
#' @export
plot.rl_fit <- function(x, type = c("parameters", "group", "posterior", "recovery",
                                    "learning_curve", "latents"),
                        subject = NULL, trials = NULL, by = NULL, correct = NULL, seed = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("parameters", "group", "posterior", "recovery", "learning_curve",
    "latents"))
  rlang::check_installed("ggplot2", "to plot a fit.")
  rows <- pick_subjects(x, subject, call, arg = "subject")
  switch(type,
    parameters = plot_parameters(x, rows),
    group = plot_group(x, by, call),
    posterior = plot_posterior(x, call),
    recovery = {
      plan <- list(nsim = 1L, seed = resolve_seed(seed, call))
      plot_recovery(check_recovery(x, plan, fit_problems(x), call), x)
    },
    learning_curve = plot_learning_curve(learning_curve(x, rows, by, correct, call), x, by,
      correct),
    latents = {
      if (!is.null(subject) && length(rows) != 1L) {
        rescorla_abort("{.arg subject} must be one subject for {.code type = \"latents\"}.",
          "input", call = call)
      }
      row <- if (is.null(subject)) typical_subject(x) else rows
      if (!is_fitted(x)[row]) {
        rescorla_abort(c("Subject {x$data$subjects[row]} has no fit, so there are no latents to show.",
          i = "{.code summary(fit)$subjects} says why."), "input", call = call)
      }
      plot_latents(x, row, pick_trials(trials, x$data$length[row], call), call)
    }
  )
}

# Okabe & Ito's colours that stand out on white, then any number of others.
action_colours <- function(n) {
  known <- c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
  if (n <= length(known)) known[seq_len(n)] else grDevices::hcl.colors(n, "viridis")
}

plot_theme <- function() {
  ggplot2::theme_minimal(base_size = 9) +
    ggplot2::theme(
      panel.grid.minor = ggplot2::element_blank(),
      panel.grid.major = ggplot2::element_line(linewidth = 0.25, colour = "grey90"),
      axis.line = ggplot2::element_line(linewidth = 0.3, colour = "grey30"),
      axis.ticks = ggplot2::element_line(linewidth = 0.3, colour = "grey30"),
      axis.text = ggplot2::element_text(colour = "grey20", size = 7),
      axis.title = ggplot2::element_text(size = 8),
      strip.text = ggplot2::element_text(colour = "grey10", size = 7.5),
      legend.text = ggplot2::element_text(size = 7.5),
      legend.position = "top",
      legend.justification = "left",
      legend.title = ggplot2::element_blank(),
      legend.margin = ggplot2::margin(0, 0, 0, 0),
      legend.key.size = ggplot2::unit(3.5, "mm"),
      legend.spacing.x = ggplot2::unit(1, "mm"),
      plot.title = ggplot2::element_text(size = 9, face = "bold"),
      plot.title.position = "plot",
      plot.margin = ggplot2::margin(4, 6, 3, 3)
    )
}

# --- parameters -----------------------------------------------------------------------------------

estimate_states <- c("inside", "at a bound", "at a bound (off the scale)", "not identified")

# A panel lies on its side, so that long labels find room above it.
plot_parameters <- function(fit, rows) {
  table <- fit$model$parameters[match(fit$parameters, fit$model$parameters$name), ]
  columns <- if (nrow(table) > 4L) 2L else 1L
  strips <- parameter_strips(table, 54L %/% columns)
  shown <- estimate_frame(fit, rows, strips)
  states <- levels(shown$state)
  look <- match(states, estimate_states)
  several <- length(rows) > 4L
  boxes <- if (several) {
    ggplot2::geom_boxplot(ggplot2::aes(x = .data$estimate), width = 0.9, outlier.shape = NA,
      linewidth = 0.35, colour = "grey40", fill = "grey95", orientation = "y",
      data = shown[shown$state != estimate_states[3L], ])
  }
  plot <- ggplot2::ggplot(shown, ggplot2::aes(x = .data$shown, y = 0)) +
    ggplot2::geom_blank(ggplot2::aes(x = .data$shown), data = interval_edges(table, strips)) +
    boxes +
    ggplot2::geom_point(
      ggplot2::aes(colour = .data$state, shape = .data$state),
      position = ggplot2::position_jitter(width = 0, height = if (several) 0.3 else 0, seed = 1),
      size = if (length(rows) > 200L) 0.6 else 1.3, alpha = if (length(rows) > 50L) 0.5 else 0.8
    ) +
    ggplot2::facet_wrap(ggplot2::vars(.data$strip), scales = "free_x", ncol = columns) +
    ggplot2::scale_colour_manual(values = c("#0072B2", "#D55E00", "#D55E00", "#CC79A7")[look],
      limits = states) +
    ggplot2::scale_shape_manual(values = c(16, 17, 2, 15)[look], limits = states) +
    ggplot2::scale_y_continuous(breaks = NULL, limits = c(-0.6, 0.6)) +
    ggplot2::labs(x = "estimate", y = NULL, title = paste0("Estimates of ",
      plural(length(rows), "subject"), ": ", fit$model$id %||% fit$model$name)) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(),
      axis.line.y = ggplot2::element_blank(), strip.text = ggplot2::element_text(hjust = 0))
  if (identical(states, estimate_states[1L])) {
    plot <- plot + ggplot2::guides(colour = "none", shape = "none")
  }
  plot
}

parameter_strips <- function(table, width) {
  text <- ifelse(nzchar(table$label) & !is.na(table$label),
    paste0(table$name, ": ", table$label), table$name)
  vapply(text, \(x) paste(strwrap(x, width), collapse = "\n"), "", USE.NAMES = FALSE)
}

# Short intervals are shown whole, so that learning rates compare from panel to panel.
interval_edges <- function(table, strips) {
  whole <- is.finite(table$lower) & is.finite(table$upper) & table$upper - table$lower <= 2
  data.frame(
    strip = factor(rep(strips[whole], each = 2L), strips),
    shown = as.vector(rbind(table$lower[whole], table$upper[whole]))
  )
}

# A row for each subject and parameter; `shown` is the estimate, or for one at a far edge of the
# search a place just beyond the others, which it would squeeze.
estimate_frame <- function(fit, rows, strips) {
  pieces <- lapply(seq_along(fit$parameters), \(j) {
    estimate <- unname(fit$estimates[rows, j])
    state <- rep(estimate_states[1L], length(rows))
    state[fit$flat[rows, j]] <- estimate_states[4L]
    state[fit$at_bound[rows, j]] <- estimate_states[2L]
    inside <- range(0, estimate[state == estimate_states[1L]], na.rm = TRUE)
    span <- diff(inside)
    far <- state == estimate_states[2L] & span > 0 &
      (estimate > inside[2L] + span | estimate < inside[1L] - span)
    state[far] <- estimate_states[3L]
    shown <- estimate
    shown[far] <- ifelse(estimate[far] > inside[2L], inside[2L] + 0.12 * span,
      inside[1L] - 0.12 * span)
    data.frame(subject = fit$data$subjects[rows], parameter = fit$parameters[j],
      strip = factor(strips[j], strips), estimate = estimate, shown = shown, state = state)
  })
  frame <- do.call(rbind, pieces)
  frame <- frame[!is.na(frame$estimate), ]
  frame$state <- factor(frame$state, intersect(estimate_states, frame$state))
  frame
}
