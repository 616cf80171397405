# One subject trial by trial, in stacked panels.

typical_subject <- function(fit) {
  score <- fit$loglik / fit$nobs
  score[!is_fitted(fit)] <- NA
  order(score)[ceiling(sum(!is.na(score)) / 2)]
}

pick_trials <- function(trials, length, call) {
  if (is.null(trials)) {
    return(seq_len(min(length, 200L)))
  }
  if (!is.numeric(trials) || !any(trials %in% seq_len(length))) {
    rescorla_abort(c(
      "{.arg trials} must be numbers of trials, not {describe_value(trials)}.",
      i = "The subject has trials 1 to {length}."
    ), "input", call = call)
  }
  sort(intersect(trials, seq_len(length)))
}

plot_latents <- function(fit, row, trials, call) {
  response <- first_categorical(fit$model, call)
  pieces <- latent_panels(fit, row, response, trials)
  length <- fit$data$length[row]
  all <- length(trials) == length
  actions <- fit$data$actions[[response]]
  colours <- stats::setNames(action_colours(length(actions)), actions)
  of <- \(kind) pieces$frame[pieces$frame$kind == kind, ]
  ggplot2::ggplot(pieces$frame, ggplot2::aes(x = .data$trial, y = .data$value)) +
    ggplot2::geom_vline(xintercept = pieces$starts, linetype = "dashed", linewidth = 0.25,
      colour = "grey60") +
    ggplot2::geom_hline(ggplot2::aes(yintercept = .data$value), data = pieces$zero,
      linewidth = 0.25, colour = "grey40") +
    ggplot2::geom_segment(ggplot2::aes(xend = .data$trial, yend = 0), data = of("bar"),
      linewidth = 0.4, colour = "grey30") +
    ggplot2::geom_line(ggplot2::aes(colour = .data$action, group = .data$group), data = of("line"),
      linewidth = 0.5, na.rm = TRUE) +
    ggplot2::geom_segment(ggplot2::aes(xend = .data$trial, yend = 1.14, colour = .data$action),
      data = of("tick"), linewidth = 0.5) +
    ggplot2::geom_point(ggplot2::aes(colour = .data$action), data = of("point"), size = 0.9,
      na.rm = TRUE) +
    ggplot2::facet_grid(ggplot2::vars(.data$panel), scales = "free_y", switch = "y") +
    ggplot2::scale_colour_manual(values = colours, limits = actions, na.translate = FALSE) +
    ggplot2::scale_y_continuous(breaks = \(x) pretty(pmin(x, max(1, x[2L] / 1.06)), 3L)) +
    ggplot2::labs(
      x = if (all) "trial" else paste0("trial (of ", format_count(length), ")"), y = NULL,
      colour = "action",
      title = paste0("Subject ", fit$data$subjects[row], ": ", fit$model$id %||% fit$model$name)
    ) +
    plot_theme() +
    ggplot2::theme(strip.placement = "outside",
      # Flat, so that the name of a low panel is not cut.
      strip.text.y.left = ggplot2::element_text(angle = 0, hjust = 1, lineheight = 0.9), legend.title = ggplot2::element_text(size = 7.5),
      panel.spacing = ggplot2::unit(2.5, "mm"))
}

# list(frame = a row for each mark, starts = where blocks begin, zero = lines at zero).
latent_panels <- function(fit, row, response, trials) {
  data <- fit$data
  latents <- stats::predict(fit, type = "latent")[data$order, ]
  mine <- which(data$row_subject == row)[trials]
  latents <- latents[mine, ]
  trial <- trials
  block <- data$row_block[mine]
  actions <- data$actions[[response]]
  chosen <- actions[data$responses[[response]][mine]]
  marks <- \(panel, kind, value, action, group = 1L) {
    data.frame(trial = trial, panel = panel, kind = kind, value = as.double(value), action = action,
      group = paste(group, block, action))
  }
  lines <- \(panel, columns, labels) {
    do.call(rbind, Map(\(column, label) marks(panel, "line", latents[[column]], label), columns,
      labels))
  }
  pieces <- list()
  if (!is.null(data$roles$outcome)) {
    paid <- rl_data_column(data, "outcome")[mine]
    pieces$outcome <- marks("outcome", "point", paid, chosen)
  }
  pieces$p <- lines("probability", action_columns(fit, response), actions)
  pieces$ticks <- marks("probability", "tick", 1.04, chosen)
  for (state in action_states(fit, response, names(latents))) {
    pieces[[state]] <- lines(state, paste0(state, "_", actions), actions)
  }
  for (local in error_locals(fit, names(latents))) {
    pieces[[local]] <- marks(gsub("_", "\n", local), "bar", latents[[local]], NA)
  }
  frame <- do.call(rbind, unname(pieces))
  frame <- frame[!is.na(frame$value) & !(frame$kind == "tick" & is.na(frame$action)), ]
  frame$panel <- factor(frame$panel, unique(frame$panel))
  frame$action <- factor(frame$action, actions)
  rownames(frame) <- NULL
  bars <- unique(frame$panel[frame$kind == "bar"])
  list(
    frame = frame,
    starts = trials[data$block_start[mine] & trials != trials[1L]] - 0.5,
    zero = data.frame(panel = bars, value = rep(0, length(bars)))
  )
}

# States with one value for each action of the response.
action_states <- function(fit, response, columns) {
  states <- vapply(fit$model$program$states, `[[`, "", "name")
  Filter(\(state) all(action_columns(fit, response, prefix = state) %in% columns), states)
}

# Of the locals with one value, the prediction errors; at most two.
error_locals <- function(fit, columns) {
  locals <- vapply(fit$model$program$locals, `[[`, "", "name")
  utils::head(grep("error|delta|surprise", intersect(locals, columns), value = TRUE), 2L)
}
