# Pictures of a comparison by subject: a map of subjects by models, and differences in order.

# Subjects lie together by their best model, the clearest first. Colours end at the distance that a
# quarter of the others exceed, lest a few hopeless fits make all else look alike.
plot_winners <- function(x, criterion) {
  behind <- -subject_scores(x, criterion)
  behind <- behind - apply(behind, 1L, min)
  models <- colnames(behind)
  best <- max.col(-behind, "first")
  margin <- apply(behind, 1L, \(v) sort(v)[2L])
  place <- order(order(best, -margin))
  far <- stats::quantile(behind[behind > 0], 0.75, names = FALSE, na.rm = TRUE)
  far <- if (is.finite(far) && far > 0) far else 1
  counts <- tabulate(best, length(models))
  shown <- data.frame(
    model = factor(rep(models, each = nrow(behind)), models),
    place = rep(place, length(models)), behind = as.vector(behind),
    best = rep(seq_along(models), each = nrow(behind)) == rep(best, length(models))
  )
  named <- nrow(behind) <= 40L
  labels <- model_labels(models, 60L, counts, nrow(behind))
  ggplot2::ggplot(shown, ggplot2::aes(x = .data$model, y = .data$place)) +
    ggplot2::geom_tile(ggplot2::aes(fill = pmin(.data$behind, far)), width = 0.96,
      height = if (named) 0.92 else 1) +
    ggplot2::geom_point(data = shown[shown$best, ], colour = "white",
      size = if (named) 1.2 else if (nrow(behind) <= 120L) 0.6 else 0.2) +
    ggplot2::scale_fill_gradientn(colours = c("#08306B", "#6BAED6", "#F2F2F2"),
      limits = c(0, far), name = paste(criterion_labels[[criterion]], "behind the best")) +
    ggplot2::scale_x_discrete(position = "top", labels = labels$text, expand = c(0, 0)) +
    ggplot2::scale_y_reverse(expand = c(0, 0), breaks = if (named) place,
      labels = if (named) rownames(behind)) +
    ggplot2::labs(x = NULL, y = if (named) NULL else paste0("subjects (", nrow(behind), ")"),
      title = "Best model of each subject (dots)") +
    plot_theme() +
    ggplot2::theme(legend.position = "bottom", legend.title = ggplot2::element_text(size = 7.5),
      legend.key.width = ggplot2::unit(9, "mm"), legend.key.height = ggplot2::unit(2.5, "mm"),
      panel.grid.major = ggplot2::element_blank(), axis.line = ggplot2::element_blank(),
      axis.ticks = ggplot2::element_blank(),
      axis.text.y = ggplot2::element_text(size = if (nrow(behind) > 25L) 5 else 6.5)) +
    labels$theme
}

# Names of models above a picture, side by side in `room` characters or else aslant, with a margin
# for the last: list(text, theme). `counts`, if any, stand below.
model_labels <- function(models, room, counts = NULL, total = NULL) {
  if (max(nchar(models)) <= room %/% length(models)) {
    text <- if (is.null(counts)) models else paste0(models, "\n", counts, " of ", total)
    return(list(text = text, theme = ggplot2::theme()))
  }
  text <- if (is.null(counts)) models else paste0(models, " (", counts, ")")
  list(text = text, theme = ggplot2::theme(
    axis.text.x.top = ggplot2::element_text(angle = 55, hjust = 0, vjust = 0),
    plot.margin = ggplot2::margin(4, 6 + nchar(text[length(text)]), 3, 3)
  ))
}

# What the best model in total is better by, for each subject, against each of the others.
plot_differences <- function(x, criterion) {
  scores <- subject_scores(x, criterion)
  first <- which.max(colSums(scores))
  others <- colnames(scores)[-first]
  gain <- scores[, first] - scores[, -first, drop = FALSE]
  shown <- data.frame(
    other = factor(rep(paste("than", others), each = nrow(gain)), paste("than", others)),
    gain = as.vector(gain), place = as.vector(apply(gain, 2L, \(v) order(order(v))))
  )
  shown$better <- factor(ifelse(shown$gain >= 0, "for", "against"), c("for", "against"))
  name <- colnames(scores)[first]
  ggplot2::ggplot(shown, ggplot2::aes(x = .data$place, y = .data$gain, colour = .data$better)) +
    ggplot2::geom_hline(yintercept = 0, linewidth = 0.3, colour = "grey50") +
    ggplot2::geom_linerange(ggplot2::aes(ymin = pmin(.data$gain, 0), ymax = pmax(.data$gain, 0)),
      linewidth = if (nrow(gain) > 100L) 0.3 else 0.5) +
    ggplot2::geom_point(size = if (nrow(gain) > 100L) 0.4 else 1) +
    ggplot2::facet_wrap(ggplot2::vars(.data$other), scales = "free_y") +
    ggplot2::scale_colour_manual(values = c("for" = "#0072B2", against = "#D55E00"),
      labels = c("for" = paste(name, "is better"), against = paste(name, "is worse")),
      drop = FALSE) +
    ggplot2::scale_x_continuous(breaks = NULL) +
    ggplot2::labs(x = paste0("subjects in order (", nrow(gain), ")"),
      y = paste("difference of", criterion_labels[[criterion]]),
      title = paste("How much better", name, "is")) +
    plot_theme()
}
