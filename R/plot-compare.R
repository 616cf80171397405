#' Plot a comparison
#'
#' @param x A comparison from [rl_compare()].
#' @param type `"total"`: differences of the criteria to the best model, and by subject how many
#'   subjects each describes best, for `"em"` the weights, for `"nuts"` the difference of the elpd
#'   with one and two standard errors. `"subjects"`: the weights of each subject, a bar each, the
#'   clearest first. `"bms"`: frequencies of the models and their protected exceedance
#'   probabilities, where there are log evidences.
#' @param criterion `"bic"` or `"aic"`, for fits by `"mle"` and `"map"`; those by `"em"` go by the
#'   integrated BIC in total and by log evidence by subject.
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
plot.rl_compare <- function(x, type = c("total", "subjects", "bms"), criterion = c("bic", "aic"),
                            ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("total", "subjects", "bms"))
  criterion <- check_choice(criterion, c("bic", "aic"))
  check_plot_of(x, type, call)
  rlang::check_installed("ggplot2", "to plot a comparison.")
  switch(type,
    total = switch(x$type, nuts = plot_elpd(x), plot_totals(x, criterion)),
    subjects = plot_weights(x, criterion),
    bms = plot_bms(x)
  )
}

check_plot_of <- function(x, type, call) {
  missing <- type == "bms" && is.null(x$bms) ||
    type == "subjects" && !x$type %in% c("subject", "em")
  if (missing) {
    rescorla_abort(c(
      "{.code type = \"{type}\"} needs {if (type == 'bms') 'log evidences' else
       'weights by subject'}, and this comparison has none.",
      i = "{.code type = \"total\"} shows what there is."
    ), "input", call = call)
  }
}

plot_totals <- function(x, criterion) {
  m <- x$models
  name <- if (x$type == "em") "iBIC" else toupper(criterion)
  delta <- m[[paste0("delta_", if (x$type == "em") "ibic" else criterion)]]
  second <- switch(x$type, subject = m[[paste0("best_", criterion)]], em = m$weight,
    m[[paste0("weight_", criterion)]])
  what <- paste(if (x$type == "subject") "subjects best by" else "weight by", name)
  number <- \(v, digits) formatC(v, digits = digits, format = "f", big.mark = ",")
  panels <- c(paste(name, "above the best"), what)
  ordered <- m$model[order(delta, decreasing = TRUE)]
  shown <- data.frame(
    model = factor(rep(m$model, 2L), ordered),
    panel = factor(rep(panels, each = nrow(m)), panels),
    value = c(delta, second),
    text = c(number(delta, 1L), number(second, if (x$type == "subject") 0L else 3L))
  )
  plot_two_panels(shown, c("#0072B2", "#E69F00")) + ggplot2::labs(title = "Model comparison")
}

# Bars with their values, a panel for each of two quantities.
plot_two_panels <- function(shown, colours) {
  ggplot2::ggplot(shown, ggplot2::aes(x = .data$value, y = .data$model)) +
    ggplot2::geom_col(ggplot2::aes(fill = .data$panel), width = 0.6, show.legend = FALSE) +
    ggplot2::geom_text(ggplot2::aes(label = .data$text), hjust = -0.15, size = 2.6) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), scales = "free_x") +
    ggplot2::scale_fill_manual(values = colours) +
    ggplot2::scale_x_continuous(expand = ggplot2::expansion(mult = c(0, 0.45)),
      breaks = \(limits) Filter(\(at) at <= 0.75 * limits[2L], pretty(limits, 4L))) +
    ggplot2::labs(x = NULL, y = NULL) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}

plot_bms <- function(x) {
  m <- x$bms$models
  number <- \(v) formatC(v, digits = 3L, format = "f")
  panels <- c("frequency", "protected exceedance")
  value <- c(m$frequency, m$protected_exceedance)
  shown <- data.frame(
    model = factor(rep(m$model, 2L), rev(m$model)),
    panel = factor(rep(panels, each = nrow(m)), panels), value = value, text = number(value)
  )
  plot_two_panels(shown, c("#009E73", "#CC79A7")) +
    ggplot2::labs(title = "Which model is most frequent",
      caption = paste("Bayesian omnibus risk", number(x$bms$bor)))
}

# The best fit has no error; whiskers reach one and two standard errors of the difference.
plot_elpd <- function(x) {
  m <- x$models
  m$model <- factor(m$model, m$model[order(m$delta_elpd)])
  whisker <- function(width, ...) {
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data$delta_elpd - width * .data$delta_se,
      xmax = .data$delta_elpd + width * .data$delta_se), colour = "#0072B2", ...)
  }
  ggplot2::ggplot(m, ggplot2::aes(x = .data$delta_elpd, y = .data$model)) +
    ggplot2::geom_vline(xintercept = 0, linewidth = 0.3, colour = "grey50") +
    whisker(2, linewidth = 0.4) +
    whisker(1, linewidth = 1.2) +
    ggplot2::geom_point(size = 2, colour = "#0072B2") +
    ggplot2::labs(x = "elpd less that of the best (1 and 2 se)", y = NULL,
      title = paste("Leave-one-out by", x$unit)) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}

plot_weights <- function(x, criterion) {
  s <- x$subjects
  models <- x$models$model
  s$weight <- if (x$type == "em") s$weight else s[[paste0("weight_", criterion)]]
  s <- s[!is.na(s$weight), ]
  wide <- matrix(s$weight, ncol = length(models), byrow = TRUE)
  # Together by the winning model, within it from the clearest on.
  rank <- order(max.col(wide, ties.method = "first"), -do.call(pmax, as.data.frame(wide)))
  s$position <- rep(order(rank), each = length(models))
  s$model <- factor(s$model, models)
  what <- if (x$type == "em") "evidence" else toupper(criterion)
  ggplot2::ggplot(s, ggplot2::aes(x = .data$position, y = .data$weight, fill = .data$model)) +
    ggplot2::geom_col(width = 1, position = ggplot2::position_stack(reverse = TRUE)) +
    ggplot2::scale_fill_manual(values = action_colours(length(models))) +
    ggplot2::scale_x_continuous(expand = c(0, 0), breaks = NULL) +
    ggplot2::scale_y_continuous(expand = c(0, 0)) +
    ggplot2::labs(x = paste0("subjects (", nrow(wide), ")"), y = paste(what, "weight"),
      title = "Weights by subject") +
    plot_theme()
}
