# The group beside its subjects, by parameter in natural units.

plot_group <- function(fit, by, call) {
  table <- fit$model$parameters[match(fit$parameters, fit$model$parameters$name), ]
  hierarchical <- !is.null(fit$group) && fit$method != "mle"
  if (hierarchical && !is.null(by)) {
    rescorla_abort(c("{.arg by} is for fits by subject.",
      i = "A hierarchical fit shows the groups of its {.arg formula}."), "input", call = call)
  }
  parts <- if (hierarchical) group_parts(fit) else subject_group_parts(fit, by, call)
  columns <- if (nrow(table) > 4L) 2L else 1L
  cells <- unique(parts$group$cell)
  strips <- parameter_strips(table, (if (identical(cells, "")) 54L else 46L) %/% columns)
  strip <- \(parameter) factor(strips[match(parameter, table$name)], strips)
  own <- data.frame(parts$group, strip = strip(parts$group$parameter))
  points <- data.frame(parts$subjects, strip = strip(parts$subjects$parameter))
  place <- \(cell) factor(cell, rev(cells))
  own$cell <- place(own$cell)
  points$cell <- place(points$cell)
  points <- points[!is.na(points$cell) & !is.na(points$estimate), ]
  all <- nrow(points)
  points <- within_sight(points, own)
  beyond <- all - nrow(points)
  caption <- paste0(parts$caption, if (beyond > 0L) paste0("\n(", beyond, " beyond the panels)"))
  plot <- ggplot2::ggplot(own, ggplot2::aes(y = .data$cell)) +
    ggplot2::geom_point(ggplot2::aes(x = .data$estimate), data = points, colour = "grey55",
      position = ggplot2::position_jitter(width = 0, height = 0.22, seed = 1),
      size = if (nrow(points) > 200L * nrow(table)) 0.4 else 0.8, alpha = 0.5) +
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data$lower, xmax = .data$upper), linewidth = 0.7,
      colour = "#0072B2", na.rm = TRUE) +
    ggplot2::geom_point(ggplot2::aes(x = .data$estimate), size = 2.4, shape = 21, fill = "#0072B2",
      colour = "white", stroke = 0.4) +
    ggplot2::facet_wrap(ggplot2::vars(.data$strip), scales = if (one_scale(own)) "free_x" else "free",
      ncol = columns) +
    ggplot2::labs(x = NULL, y = if (!is.null(by)) paste(by, collapse = ", "), caption = caption,
      title = paste("Group:", fit$model$id %||% fit$model$name)) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(),
      axis.line.y = ggplot2::element_blank(), axis.ticks.y = ggplot2::element_blank(),
      strip.text = ggplot2::element_text(hjust = 0))
  if (identical(cells, "")) plot + ggplot2::scale_y_discrete(labels = NULL) else plot
}

# Do all parameters have the same cells?
one_scale <- function(own) {
  length(unique(tapply(own$cell, own$strip, \(x) paste(x, collapse = "|")))) == 1L
}

# Subjects far beyond everyone else would squeeze the group: they are left out, and counted.
within_sight <- function(points, own) {
  keep <- unsplit(lapply(split(points, points$strip), \(x) {
    group <- own[own$strip == x$strip[1L], ]
    ends <- range(stats::quantile(x$estimate, c(0.1, 0.75), names = FALSE), group$lower, group$upper,
      na.rm = TRUE)
    x$estimate >= ends[1L] - 2 * diff(ends) & x$estimate <= ends[2L] + 2 * diff(ends)
  }), points$strip)
  points[keep, ]
}

# Medians of the group with 90% intervals, and subjects at the cell that is theirs.
group_parts <- function(fit) {
  found <- population_summary(fit)
  cells <- group_cells(fit$group$design)
  subjects <- lapply(seq_along(fit$parameters), \(p) {
    data.frame(parameter = fit$parameters[p], estimate = unname(fit$estimates[, p]),
      cell = unit_cells(fit$group$design, cells, p))
  })
  list(
    group = data.frame(parameter = found$parameter, cell = found$cell, estimate = found$median,
      lower = found$median_q5, upper = found$median_q95),
    subjects = do.call(rbind, subjects),
    caption = paste0("median of the group, 90% interval; grey: ",
      if (fit$group$design$unit == "episode") "subjects' blocks" else "subjects")
  )
}

# The cell in whose row of the design a unit stands; NA where numeric covariates put it between.
unit_cells <- function(design, cells, p) {
  own <- Filter(\(cell) cell$parameter == p, cells)
  labels <- vapply(own, `[[`, "", "label")
  units <- nrow(design$weights)
  if (length(own) == 1L) return(rep(unname(labels), units))
  means <- design$means[design$unit_subject, , drop = FALSE]
  if (ncol(means) > 0L) means <- means * design$weights[, design$coefficients$effect, drop = FALSE]
  rows <- cbind(means[, design$coefficients$parameter == p, drop = FALSE],
    design$shared_design[, design$shared$parameter == p, drop = FALSE])
  found <- rep(NA_character_, units)
  for (k in seq_along(own)) {
    row <- c(own[[k]]$means[design$coefficients$parameter == p],
      own[[k]]$shared[design$shared$parameter == p])
    found[rowSums(abs(rows - rep(row, each = units))) < 1e-8] <- labels[k]
  }
  found
}

# Fits by subject have no group: medians over subjects, with intervals that hold for any distribution.
subject_group_parts <- function(fit, by, call) {
  cell <- subject_conditions(fit, by, call)
  usable <- is_fitted(fit)
  columns <- check_condition_columns(fit$data, by, call)
  labels <- if (is.null(by)) "" else condition_labels(fit$data, columns)
  rows <- lapply(fit$parameters, \(name) {
    do.call(rbind, lapply(labels, \(label) {
      x <- fit$estimates[usable & cell == label, name]
      data.frame(parameter = name, cell = label, estimate = stats::median(x), t(median_interval(x)))
    }))
  })
  subjects <- data.frame(parameter = rep(fit$parameters, each = sum(usable)),
    estimate = as.vector(fit$estimates[usable, ]), cell = rep(cell[usable], length(fit$parameters)))
  list(group = do.call(rbind, rows), subjects = subjects,
    caption = "median over subjects, 95% interval; grey: subjects")
}

# By subject the value of the columns `by`, which must not change within subjects.
subject_conditions <- function(fit, by, call) {
  data <- fit$data
  if (is.null(by)) return(rep("", length(data$subjects)))
  text <- condition_text(data, check_condition_columns(data, by, call))
  own <- text[data$first]
  changed <- match(TRUE, text != own[data$row_subject])
  if (!is.na(changed)) {
    subject <- as.character(data$subjects[data$row_subject[changed]])
    rescorla_abort(c("{.arg by} must be constant within subjects.",
      x = "{.val {by}} changes within subject {.val {subject}}."), "input", call = call)
  }
  own
}

# The distribution-free interval of a median: order statistics by the binomial distribution. NA where
# there are too few for one.
median_interval <- function(x, level = 0.95) {
  x <- sort(unname(x))
  n <- length(x)
  k <- stats::qbinom((1 - level) / 2, n, 0.5)
  if (n < 6L || k < 1L) return(c(lower = NA_real_, upper = NA_real_))
  c(lower = x[k], upper = x[n - k + 1L])
}
