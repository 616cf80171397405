# Pictures of fits, in ggplot2.

#' Plot a fit
#'
#' @param x A fit from [rl_fit()].
#' @param type `"parameters"`: the estimates of all subjects, those at a bound or not identified
#'   marked. `"learning_curve"`: how often the best action was chosen, by trial within the block,
#'   observed (points, with one standard error over subjects to each side) and as the model predicts it
#'   one step ahead (line). `"latents"`: one subject trial by trial: outcomes by the action chosen,
#'   probabilities (choices as ticks above), states, and prediction errors.
#' @param subject Subjects to show; by default all, and for `"latents"` the one with the median
#'   log-likelihood per response.
#' @param ... Not used.
#' @details
#' The best action is that which paid most on average in the block (or in all of a subject's trials,
#' where there are no blocks), by all outcomes where the data have `foregone` columns, otherwise by
#' those the subject received. More than 60 trials are averaged in bins. Trials that less than half of
#' the blocks reach are left out.
#'
#' Colours are those of Okabe and Ito, told apart with any colour vision. The text is sized for a
#' figure one journal column (85 mm) wide.
#' @return A ggplot object, to print, to save with `ggplot2::ggsave()` or to change.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' plot(fit)
#' plot(fit, "learning_curve")
#' plot(fit, "latents")
#' @export
plot.rl_fit <- function(x, type = c("parameters", "learning_curve", "latents"), subject = NULL,
                        ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("parameters", "learning_curve", "latents"))
  rlang::check_installed("ggplot2", "to plot a fit.")
  rows <- pick_subjects(x, subject, call, arg = "subject")
  switch(type,
    parameters = plot_parameters(x, rows),
    learning_curve = plot_learning_curve(learning_curve(x, rows, call), x$model),
    latents = {
      if (!is.null(subject) && length(rows) != 1L) {
        rescorla_abort("{.arg subject} must be one subject for {.code type = \"latents\"}.",
          "input", call = call)
      }
      plot_latents(x, if (is.null(subject)) typical_subject(x) else rows)
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
      axis.text = ggplot2::element_text(colour = "grey20"),
      strip.text = ggplot2::element_text(colour = "grey10"),
      legend.position = "top",
      legend.justification = "left",
      legend.title = ggplot2::element_blank(),
      legend.margin = ggplot2::margin(0, 0, 0, 0),
      legend.key.size = ggplot2::unit(4, "mm"),
      plot.title = ggplot2::element_text(size = 9, face = "bold"),
      plot.title.position = "plot",
      plot.margin = ggplot2::margin(4, 6, 3, 3)
    )
}

# --- parameters -----------------------------------------------------------------------------------

plot_parameters <- function(fit, rows) {
  table <- fit$model$parameters[match(fit$parameters, fit$model$parameters$name), ]
  strips <- parameter_strips(table)
  shown <- estimate_frame(fit, rows, strips)
  states <- levels(shown$state)
  # Intervals are shown whole, so that panels of the same parameter compare.
  whole <- is.finite(table$lower) & is.finite(table$upper) & table$upper - table$lower <= 2
  edges <- data.frame(
    strip = factor(rep(strips[whole], each = 2L), strips),
    estimate = as.vector(rbind(table$lower[whole], table$upper[whole]))
  )
  plot <- ggplot2::ggplot(shown, ggplot2::aes(x = 0, y = .data$estimate)) +
    ggplot2::geom_boxplot(width = 0.9, outlier.shape = NA, linewidth = 0.35, colour = "grey40",
      fill = "grey95") +
    ggplot2::geom_point(
      ggplot2::aes(colour = .data$state, shape = .data$state, group = 1),
      position = ggplot2::position_jitter(width = 0.3, height = 0, seed = 1),
      size = if (length(rows) > 200L) 0.6 else 1.3, alpha = if (length(rows) > 50L) 0.5 else 0.8
    ) +
    ggplot2::facet_wrap(ggplot2::vars(.data$strip), scales = "free_y",
      ncol = if (length(strips) == 4L) 2L else 3L) +
    ggplot2::scale_colour_manual(values = c("#0072B2", "#D55E00", "#CC79A7")[seq_along(states)],
      limits = states) +
    ggplot2::scale_shape_manual(values = c(16, 17, 15)[seq_along(states)], limits = states) +
    ggplot2::scale_x_continuous(breaks = NULL, limits = c(-0.6, 0.6)) +
    ggplot2::labs(x = NULL, y = "estimate", title = paste0("Estimates by subject (",
      length(rows), ")")) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.x = ggplot2::element_blank())
  if (nrow(edges) > 0L) {
    plot <- plot + ggplot2::geom_blank(ggplot2::aes(y = .data$estimate), data = edges)
  }
  if (identical(states, "inside the range")) {
    plot <- plot + ggplot2::guides(colour = "none", shape = "none")
  }
  plot
}

parameter_strips <- function(table) {
  vapply(seq_len(nrow(table)), \(j) {
    label <- table$label[j]
    if (is.na(label) || !nzchar(label)) return(table$name[j])
    paste(c(table$name[j], strwrap(label, 22L)), collapse = "\n")
  }, "")
}

estimate_frame <- function(fit, rows, strips) {
  state <- matrix("inside the range", nrow(fit$estimates), ncol(fit$estimates))
  state[fit$flat] <- "not identified"
  state[fit$at_bound] <- "at a bound"
  kinds <- c("inside the range", "at a bound", "not identified")
  p <- length(fit$parameters)
  shown <- data.frame(
    subject = rep(fit$data$subjects[rows], p),
    parameter = rep(fit$parameters, each = length(rows)),
    strip = factor(rep(strips, each = length(rows)), strips),
    estimate = as.vector(fit$estimates[rows, ]),
    state = as.vector(state[rows, ])
  )
  shown <- shown[!is.na(shown$estimate), ]
  shown$state <- factor(shown$state, kinds[kinds %in% shown$state])
  shown
}

# --- learning curve -------------------------------------------------------------------------------

plot_learning_curve <- function(curve, model) {
  keys <- c("observed", "fitted")
  observed <- curve[curve$series == "observed", ]
  bars <- observed[!is.na(observed$se) & observed$se > 0, ]
  ggplot2::ggplot(curve, ggplot2::aes(x = .data$trial, y = .data$share, colour = .data$series)) +
    ggplot2::geom_linerange(
      ggplot2::aes(ymin = .data$share - .data$se, ymax = .data$share + .data$se), data = bars,
      linewidth = 0.3, alpha = 0.6, show.legend = FALSE
    ) +
    ggplot2::geom_point(data = observed, size = 1.1) +
    ggplot2::geom_line(data = curve[curve$series == "fitted", ], linewidth = 0.7) +
    ggplot2::scale_colour_manual(values = c(observed = "grey35", fitted = "#0072B2"),
      limits = keys) +
    ggplot2::guides(colour = ggplot2::guide_legend(
      override.aes = list(shape = c(16, NA), linetype = c(0, 1)))) +
    ggplot2::labs(x = "trial", y = "proportion of best action",
      title = paste("Learning curve:", model$id %||% model$name)) +
    plot_theme()
}

# A row for each bin of trials, observed and fitted.
learning_curve <- function(fit, rows, call) {
  data <- fit$data
  response <- first_categorical(fit$model, call)
  probability <- action_probability(fit, response)
  best <- best_actions(data, response)
  trial <- trial_numbers(data)
  code <- data$responses[[response]]
  chosen <- as.double(code == best)
  fitted <- probability[cbind(seq_along(best), best)]

  longest <- max(which(tabulate(trial) >= 0.5 * sum(data$block_start)))
  width <- if (longest > 60L) ceiling(longest / 40) else 1
  used <- !is.na(code) & !is.na(best) & !is.na(fitted) & trial <= longest &
    data$row_subject %in% rows
  forced <- data$forced[[response]]
  if (!is.null(forced)) used <- used & !forced
  bin <- ceiling(trial / width)
  # Subjects first, so that the standard error is one over subjects.
  by_subject <- \(x) tapply(x[used], list(bin[used], data$row_subject[used]), mean)
  observed <- by_subject(chosen)
  at <- as.vector(tapply(trial[used], bin[used], mean))
  subjects <- rowSums(!is.na(observed))
  se <- apply(observed, 1L, stats::sd, na.rm = TRUE) / sqrt(subjects)
  data.frame(
    trial = c(at, at),
    share = c(rowMeans(observed, na.rm = TRUE), rowMeans(by_subject(fitted), na.rm = TRUE)),
    se = c(unname(se), rep(NA_real_, length(at))),
    subjects = rep(unname(subjects), 2L),
    series = factor(rep(c("observed", "fitted"), each = length(at)), c("observed", "fitted"))
  )
}

first_categorical <- function(model, call) {
  found <- Filter(\(r) r$type != "number", model$program$responses)
  if (length(found) == 0L) {
    rescorla_abort("Model {.val {model$name}} has no choices to draw a learning curve of.", "model",
      call = call)
  }
  found[[1L]]$name
}

# Probabilities of the actions of a response, a column each, in trial order.
action_probability <- function(fit, response) {
  frame <- stats::predict(fit)[fit$data$order, , drop = FALSE]
  columns <- action_columns(fit, response)
  as.matrix(frame[match(columns, names(frame))])
}

action_columns <- function(fit, response, prefix = "p") {
  several <- sum(vapply(fit$model$program$responses, \(r) r$type == "categorical", NA)) > 1L
  paste0(prefix, "_", if (prefix == "p" && several) paste0(response, "_"),
    fit$data$actions[[response]])
}

# The code of the best action of each trial's block, in trial order; NA where nothing tells.
best_actions <- function(data, response) {
  width <- length(data$actions[[response]])
  foregone <- data$roles$foregone
  mean_paid <- \(x, action) {
    seen <- !is.na(x) & !is.na(action)
    cell <- factor((data$row_block[seen] - 1L) * width + action[seen],
      seq_len(sum(data$block_start) * width))
    matrix(as.vector(tapply(x[seen], cell, mean)), ncol = width, byrow = TRUE)
  }
  paid <- if (length(foregone) == width) {
    columns <- rl_data_column(data, "foregone")
    do.call(cbind, lapply(seq_len(width), \(a) {
      mean_paid(as.double(columns[[a]]), rep(a, length(data$order)))[, a]
    }))
  } else {
    mean_paid(as.double(rl_data_column(data, "outcome")), data$responses[[response]])
  }
  paid[is.na(paid)] <- -Inf
  best <- max.col(paid, ties.method = "first")
  best[!is.finite(paid[cbind(seq_len(nrow(paid)), best)])] <- NA_integer_
  best[data$row_block]
}
