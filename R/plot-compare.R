#' Plot a comparison
#'
#' @param x A comparison from [rl_compare()].
#' @param type
#' * `"total"`: differences of the criterion to the best model, and by subject how many subjects
#'   each describes best, for `"em"` the weights; for `"nuts"` and held-out likelihoods the
#'   difference with one and two standard errors.
#' * `"winners"`: a map of subjects by models: how far each model is from the subject's best, which
#'   is marked; above, how many subjects each model is best of.
#' * `"differences"`: each subject's difference between the model that is best in total and every
#'   other, in order.
#' * `"subjects"`: the weights of each subject, a bar each, the clearest first (for `"mle"`, `"map"`
#'   and `"em"`).
#' * `"bms"`: frequencies of the models, with a standard deviation to each side, and their
#'   exceedance probabilities, protected ones filled, where there are log evidences.
#' @param criterion One of the comparison's criteria (see [rl_compare()]); `NULL`: the one it goes
#'   by.
#' @param ... Not used.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' data <- rl_data(bandit_example)
#' comparison <- rl_compare(
#'   rw = rl_fit("rw", data, starts = 5, seed = 1),
#'   asymmetric = rl_fit("rw_asymmetric", data, starts = 5, seed = 1)
#' )
#' plot(comparison)
#' plot(comparison, "winners")
#' plot(comparison, "differences")
#' plot(comparison, "bms")
#' @importFrom rlang .data
#' @export
plot.rl_compare <- function(x, type = c("total", "winners", "differences", "subjects", "bms"),
                            criterion = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("total", "winners", "differences", "subjects", "bms"))
  criterion <- if (is.null(criterion)) x$criterion else
    check_choice(criterion, criteria_of(x), call = call)
  check_plot_of(x, type, call)
  rlang::check_installed("ggplot2", "to plot a comparison.")
  switch(type,
    total = if (x$type %in% c("nuts", "heldout")) plot_elpd(x, criterion) else
      plot_totals(x, criterion),
    winners = plot_winners(x, subject_criterion(x, criterion)),
    differences = plot_differences(x, subject_criterion(x, criterion)),
    subjects = plot_weights(x, criterion),
    bms = plot_bms(x)
  )
}

criteria_of <- function(x) {
  switch(x$type, em = c("ibic", "evidence"), total = c("bic", "aic"), available_criteria(x))
}

check_plot_of <- function(x, type, call) {
  needs <- switch(type,
    bms = if (is.null(x$bms)) "log evidences",
    subjects = if (!x$type %in% c("subject", "em")) "weights by subject",
    winners = ,
    differences = if (is.null(x$winners)) "a criterion by subject"
  )
  if (!is.null(needs)) {
    rescorla_abort(c(
      "{.code type = \"{type}\"} needs {needs}, and this comparison has none.",
      i = "{.code type = \"total\"} shows what there is."
    ), "input", call = call)
  }
}

plot_totals <- function(x, criterion) {
  m <- x$models
  name <- criterion_labels[[criterion]]
  evidence <- criterion == "evidence"
  delta <- if (evidence) max(m$log_evidence) - m$log_evidence else m[[paste0("delta_", criterion)]]
  counted <- evidence || x$type == "subject"
  second <- if (counted) best_of(x, criterion) else
    if (x$type == "em") m$weight else m[[paste0("weight_", criterion)]]
  what <- paste(if (counted) "subjects best by" else "weight by", name)
  number <- \(v, digits) formatC(v, digits = digits, format = "f", big.mark = ",")
  panels <- c(paste(name, if (evidence) "below the best" else "above the best"), what)
  ordered <- m$model[order(delta, decreasing = TRUE)]
  shown <- data.frame(
    model = factor(rep(m$model, 2L), ordered),
    panel = factor(rep(panels, each = nrow(m)), panels),
    value = c(delta, second),
    text = c(number(delta, 1L), number(second, if (counted) 0L else 3L))
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

# Frequencies with a standard deviation to each side; exceedance probabilities, protected (filled)
# and not (open).
plot_bms <- function(x) {
  m <- x$bms$models
  panels <- c("frequency", "exceedance prob.")
  model <- factor(m$model, rev(m$model))
  frequency <- data.frame(model = model, panel = factor(panels[1L], panels), value = m$frequency,
    low = pmax(m$frequency - m$frequency_sd, 0), high = pmin(m$frequency + m$frequency_sd, 1))
  kinds <- c("exceedance", "protected")
  exceedance <- data.frame(
    model = rep(model, 2L), panel = factor(panels[2L], panels), kind = factor(rep(kinds,
      each = nrow(m)), kinds), value = c(m$exceedance, m$protected_exceedance)
  )
  ggplot2::ggplot(frequency, ggplot2::aes(x = .data$value, y = .data$model)) +
    ggplot2::geom_col(width = 0.6, fill = "#009E73") +
    ggplot2::geom_linerange(ggplot2::aes(xmin = .data$low, xmax = .data$high), linewidth = 0.4) +
    ggplot2::geom_vline(ggplot2::aes(xintercept = .data$value), linetype = 2, linewidth = 0.3,
      colour = "grey50", data = data.frame(panel = factor(panels, panels), value = 1 / nrow(m))) +
    ggplot2::geom_point(ggplot2::aes(shape = .data$kind), data = exceedance, size = 2,
      colour = "#B24C86") +
    ggplot2::scale_shape_manual(values = c(exceedance = 1, protected = 16)) +
    ggplot2::scale_x_continuous(limits = c(0, 1), breaks = c(0, 0.5, 1)) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel)) +
    ggplot2::labs(x = NULL, y = NULL, title = "Which model is most frequent",
      caption = paste("Bayesian omnibus risk", formatC(x$bms$bor, digits = 3L, format = "f"))) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank(),
      panel.spacing.x = ggplot2::unit(5, "mm"))
}

# The best fit has no error; whiskers reach one and two standard errors of the difference.
plot_elpd <- function(x, criterion) {
  m <- x$models
  columns <- switch(criterion, loo = c("delta_elpd", "delta_se"),
    waic = c("delta_waic", "delta_waic_se"), c("delta", "delta_se"))
  m$delta_elpd <- m[[columns[1L]]]
  m$delta_se <- m[[columns[2L]]]
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
    ggplot2::labs(
      x = paste(criterion_labels[[criterion]], "less that of the best (1 and 2 se)"), y = NULL,
      title = paste(switch(criterion, loo = "Leave-one-out", waic = "WAIC", "Held out"), "by",
        x$unit)
    ) +
    plot_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_blank())
}

plot_weights <- function(x, criterion) {
  s <- x$subjects
  models <- x$models$model
  evidence <- x$type == "em" || criterion == "evidence"
  s$weight <- if (x$type == "em") s$weight else if (evidence) {
    as.vector(t(row_softmax(subjects_wide(x, "log_evidence"))))
  } else {
    s[[paste0("weight_", criterion)]]
  }
  s <- s[!is.na(s$weight), ]
  wide <- matrix(s$weight, ncol = length(models), byrow = TRUE)
  # Together by the winning model, within it from the clearest on.
  rank <- order(max.col(wide, ties.method = "first"), -do.call(pmax, as.data.frame(wide)))
  s$position <- rep(order(rank), each = length(models))
  s$model <- factor(s$model, models)
  what <- if (evidence) "evidence" else toupper(criterion)
  ggplot2::ggplot(s, ggplot2::aes(x = .data$position, y = .data$weight, fill = .data$model)) +
    ggplot2::geom_col(width = 1, position = ggplot2::position_stack(reverse = TRUE)) +
    ggplot2::scale_fill_manual(values = action_colours(length(models))) +
    ggplot2::scale_x_continuous(expand = c(0, 0), breaks = NULL) +
    ggplot2::scale_y_continuous(expand = c(0, 0)) +
    ggplot2::labs(x = paste0("subjects (", nrow(wide), ")"), y = paste(what, "weight"),
      title = "Weights by subject") +
    plot_theme()
}
