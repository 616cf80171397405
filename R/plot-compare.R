#' Plot a comparison
#'
#' @param x A comparison from [rl_compare()].
#' @param type `"total"`: differences of the summed criteria to the best model, and how many
#'   subjects each describes best. `"subjects"`: the weights of each subject, a bar each, the
#'   clearest first.
#' @param criterion `"bic"` or `"aic"`.
#' @param ... Not used.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' data <- rl_data(bandit_example)
#' comparison <- rl_compare(
#'   rw = rl_fit("rw", data, starts = 5, seed = 1),
#'   asymmetric = rl_fit("rw_asymmetric", data, starts = 5, seed = 1)
#' )
#' plot(comparison)
#' plot(comparison, "subjects")
#' @importFrom rlang .data
#' @export
plot.rl_compare <- function(x, type = c("total", "subjects"), criterion = c("bic", "aic"), ...) {
  check_dots_empty(...)
  type <- check_choice(type, c("total", "subjects"))
  criterion <- check_choice(criterion, c("bic", "aic"))
  rlang::check_installed("ggplot2", "to plot a comparison.")
  if (type == "total") plot_totals(x, criterion) else plot_weights(x, criterion)
}

plot_totals <- function(x, criterion) {
  m <- x$models
  delta <- m[[paste0("delta_", criterion)]]
  best <- m[[paste0("best_", criterion)]]
  name <- toupper(criterion)
  panels <- c(paste(name, "above the best"), paste("subjects best by", name))
  ordered <- m$model[order(delta, decreasing = TRUE)]
  shown <- data.frame(
    model = factor(rep(m$model, 2L), ordered),
    panel = factor(rep(panels, each = nrow(m)), panels),
    value = c(delta, best),
    text = c(formatC(delta, digits = 1L, format = "f", big.mark = ","), best)
  )
  ggplot2::ggplot(shown, ggplot2::aes(x = .data$value, y = .data$model)) +
    ggplot2::geom_col(ggplot2::aes(fill = .data$panel), width = 0.6, show.legend = FALSE) +
    ggplot2::geom_text(ggplot2::aes(label = .data$text), hjust = -0.15, size = 2.6) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = "free_x") +
    ggplot2::scale_fill_manual(values = c("#0072B2", "#E69F00")) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(mult = c(0, 0.45)),
      breaks = \(limits) Filter(\(at) at <= 0.75 * limits[2L], pretty(limits, 4L))) +
    ggplot2::labs(x = NULL, y = NULL, title = "Model comparison") +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}

plot_weights <- function(x, criterion) {
  s <- x$subjects
  models <- x$models$model
  s$weight <- s[[paste0("weight_", criterion)]]
  s <- s[!is.na(s$weight), ]
  wide <- matrix(s$weight, ncol = length(models), byrow = TRUE)
  # Together by the winning model, within it from the clearest on.
  rank <- order(max.col(wide, ties.method = "first"), -do.call(pmax, as.data.frame(wide)))
  s$position <- rep(order(rank), each = length(models))
  s$model <- factor(s$model, models)
  ggplot2::ggplot(s, ggplot2::aes(x = .data$position, y = .data$weight, fill = .data$model)) +
    ggplot2::geom_col(width = 1, position = ggplot2::position_stack(reverse = TRUE)) +
    ggplot2::scale_fill_manual(values = action_colours(length(models))) +
    ggplot2::scale_x_continuous(expand = c(0, 0), breaks = NULL) +
    ggplot2::scale_y_continuous(expand = c(0, 0)) +
    ggplot2::labs(x = paste0("subjects (", nrow(wide), ")"),
      y = paste(toupper(criterion), "weight"), title = "Weights by subject") +
    plot_theme()
}
