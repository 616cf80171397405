# The share of correct choices by trial, observed and as the model predicts it one step ahead.

plot_learning_curve <- function(curve, fit, by, correct) {
  conditions <- levels(curve$condition)
  many <- length(conditions) > 3L
  several <- length(conditions) > 1L && !many
  keys <- if (several) conditions else c("observed", "fitted")
  colours <- if (several) action_colours(length(keys)) else c("grey35", "#0072B2")
  curve$colour <- factor(if (several) curve$condition else curve$series, keys)
  observed <- curve[curve$series == "observed", ]
  bars <- observed[!is.na(observed$se) & observed$se > 0, ]
  look <- if (several) list() else list(shape = c(16, NA), linetype = c(0, 1))
  plot <- ggplot2::ggplot(curve, ggplot2::aes(x = .data$trial, y = .data$share,
    colour = .data$colour)) +
    ggplot2::geom_linerange(
      ggplot2::aes(ymin = .data$share - .data$se, ymax = .data$share + .data$se), data = bars,
      linewidth = 0.3, alpha = 0.6, show.legend = FALSE
    ) +
    ggplot2::geom_point(data = observed, size = 1.1) +
    ggplot2::geom_line(data = curve[curve$series == "fitted", ], linewidth = 0.7) +
    ggplot2::scale_colour_manual(values = stats::setNames(colours, keys), limits = keys) +
    ggplot2::guides(colour = ggplot2::guide_legend(override.aes = look)) +
    ggplot2::labs(x = if (is.null(fit$data$roles$block)) "trial" else "trial in block",
      y = correct_label(correct), colour = if (several) paste(by, collapse = ", "),
      caption = if (several) "points observed, lines fitted",
      title = paste("Learning curve:", fit$model$id %||% fit$model$name)) +
    plot_theme()
  if (several) plot <- plot + ggplot2::theme(legend.title = ggplot2::element_text(size = 7.5))
  if (many) plot + ggplot2::facet_wrap(ggplot2::vars(condition_strip(.data$condition, by))) else plot
}

correct_label <- function(correct) {
  if (is.null(correct)) "share of the best action" else "share of correct choices"
}

# A row for each bin of trials, observed and fitted, by condition.
learning_curve <- function(fit, rows, by, correct, call) {
  data <- fit$data
  response <- first_categorical(fit$model, call)
  by <- check_condition_columns(data, by, call)
  correct <- check_correct_column(data, correct, call)
  best <- correct_actions(data, list(response = response, correct = correct,
    actions = data$actions[[response]], value = ""))
  if (is.null(best)) {
    rescorla_abort(c(
      "A learning curve needs to know which action was correct, and the data have no outcomes.",
      i = "Name a column that holds it: {.code correct = \"column\"}."
    ), "input", call = call)
  }
  conditions <- condition_labels(data, by)
  condition <- if (is.null(by)) rep(1L, length(best)) else match(condition_text(data, by), conditions)
  trial <- trial_numbers(data)
  code <- data$responses[[response]]
  chosen <- as.double(code == best)
  fitted <- action_probability(fit, response)[cbind(seq_along(best), best)]

  longest <- max(which(tabulate(trial) >= 0.5 * sum(data$block_start)))
  width <- if (longest > 60L) ceiling(longest / 40) else 1
  used <- !is.na(code) & !is.na(best) & !is.na(fitted) & trial <= longest &
    data$row_subject %in% rows
  forced <- data$forced[[response]]
  if (!is.null(forced)) used <- used & !forced
  pieces <- lapply(seq_along(conditions), \(k) {
    own <- which(used & condition == k)
    if (length(own) == 0L) return(NULL)
    data.frame(
      mean_curve(trial[own], ceiling(trial[own] / width), data$row_subject[own],
        length(data$subjects), chosen[own], fitted[own]),
      condition = factor(conditions[k], conditions)
    )
  })
  do.call(rbind, pieces)
}

# Means over subjects of each one's mean by bin, and the standard error over subjects.
mean_curve <- function(trial, bin, subject, subjects, chosen, fitted) {
  cell <- list(bin, subject)
  size <- c(max(bin), subjects)
  observed <- cell_means(chosen, cell, size)
  shown <- rowSums(!is.na(observed)) > 0
  observed <- observed[shown, , drop = FALSE]
  share <- rowMeans(observed, na.rm = TRUE)
  count <- rowSums(!is.na(observed))
  variance <- rowSums((observed - share)^2, na.rm = TRUE) / (count - 1)
  at <- rowMeans(cell_means(trial, list(bin, rep(1L, length(bin))), c(size[1L], 1L)))
  predicted <- rowMeans(cell_means(fitted, cell, size), na.rm = TRUE)
  data.frame(
    trial = rep(at[shown], 2L),
    share = c(share, predicted[shown]),
    se = c(sqrt(variance / count), rep(NA_real_, sum(shown))),
    subjects = rep(count, 2L),
    series = factor(rep(c("observed", "fitted"), each = sum(shown)), c("observed", "fitted"))
  )
}

first_categorical <- function(model, call) {
  found <- Filter(\(r) r$type != "number", model$program$responses)
  if (length(found) == 0L) {
    rescorla_abort("Model {.val {model$name}} has no choices to show.", "model",
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

# Means of x by row and column number, a matrix; NaN in empty cells.
cell_means <- function(x, cell, size) {
  place <- (cell[[2L]] - 1L) * size[1L] + cell[[1L]]
  sums <- numeric(prod(size))
  total <- rowsum(x, place, reorder = FALSE)
  sums[unique(place)] <- total
  matrix(sums / tabulate(place, prod(size)), size[1L], size[2L])
}

# The code of the best action of each trial's block (and stimulus), in trial order; NA where nothing tells.
best_actions <- function(data, response) {
  width <- length(data$actions[[response]])
  foregone <- data$roles$foregone
  context <- data$row_block
  if (!is.null(data$roles$stimulus)) {
    context <- code_by_appearance(paste(context, data$data[[data$roles$stimulus]][data$order]))
  }
  mean_paid <- \(x, action) {
    seen <- !is.na(x) & !is.na(action)
    cell_means(x[seen], list(context[seen], action[seen]), c(max(context), width))
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
  best[context]
}
