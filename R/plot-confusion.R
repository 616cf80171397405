#' Plot a confusion matrix
#'
#' @param x Model recovery from [rl_confusion()].
#' @param type `"confusion"`: how often each model is chosen (columns) by the model that was
#'   simulated (rows, which add up to 1). `"inversion"`: the probability of each simulated model
#'   (rows) where a model was chosen (columns, which add up to 1).
#' @param ... Not used.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' confusion <- rl_confusion(c("rw", "rw_sticky"), task_bandit(c(0.2, 0.8), trials = 200),
#'   subjects = 30, starts = 5, seed = 1)
#' plot(confusion)
#' plot(confusion, "inversion")
#' @export
plot.rl_confusion <- function(x, type = c("confusion", "inversion"), ...) {
  check_dots_empty(...)
  type <- check_choice(type, c("confusion", "inversion"))
  rlang::check_installed("ggplot2", "to plot a confusion matrix.")
  names <- names(x$models)
  shown <- x$cells[c("simulated", "fitted")]
  shown$value <- x$cells[[type]]
  shown$text <- ifelse(is.na(shown$value), "", formatC(shown$value, digits = 2L, format = "f"))
  shown$dark <- !is.na(shown$value) & shown$value > 0.55
  own <- shown[as.character(shown$simulated) == as.character(shown$fitted), ]
  labels <- model_labels(names, 42L)
  ggplot2::ggplot(shown, ggplot2::aes(x = .data$fitted, y = .data$simulated)) +
    ggplot2::geom_tile(ggplot2::aes(fill = .data$value), colour = "white", linewidth = 0.6) +
    ggplot2::geom_tile(data = own, fill = NA, colour = "grey20", linewidth = 0.5, width = 0.94,
      height = 0.94) +
    ggplot2::geom_text(ggplot2::aes(label = .data$text, colour = .data$dark),
      size = if (length(names) > 8L) 2 else 2.8, show.legend = FALSE) +
    ggplot2::scale_fill_gradientn(colours = c("#F7FBFF", "#6BAED6", "#08306B"), limits = c(0, 1),
      na.value = "grey85", guide = "none") +
    ggplot2::scale_colour_manual(values = c(`FALSE` = "grey15", `TRUE` = "white")) +
    ggplot2::scale_x_discrete(position = "top", expand = c(0, 0)) +
    ggplot2::scale_y_discrete(limits = rev(names), expand = c(0, 0)) +
    ggplot2::coord_fixed() +
    ggplot2::labs(
      x = "fitted best", y = "simulated",
      title = if (type == "confusion") "Confusion: p(fitted | simulated)" else
        "Inversion: p(simulated | fitted)",
      caption = paste0(confusion_units(x), ", best by ", confusion_criterion(x), "; ",
        if (type == "confusion") "rows" else "columns", " add up to 1")
    ) +
    plot_theme() +
    ggplot2::theme(
      panel.grid.major = ggplot2::element_blank(), axis.line = ggplot2::element_blank(),
      axis.ticks = ggplot2::element_blank(), plot.caption.position = "plot",
      plot.caption = ggplot2::element_text(size = 6.5, hjust = 0)
    ) +
    labels$theme
}
