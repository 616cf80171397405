# What a participant would face: pictures of tasks.

#' Plot a task
#'
#' Shows what the actions pay, or would pay, trial by trial: probabilities or means of a bandit, the walk
#' or the switches that single participants meet, the order of cues, the cards of the Iowa task; for a
#' task of your own, its states. A task that answers to choices is played by participants that choose
#' each action equally often.
#'
#' @param x A task.
#' @param subjects How many participants to show, a panel each.
#' @param seed A whole number: which participants.
#' @param ... Not used.
#' @return A ggplot object.
#' @examples
#' plot(task_drift(100, actions = 3, sigma = 0.06), subjects = 2)
#' plot(task_igt())
#' @export
plot.rl_task <- function(x, subjects = 1, seed = 1, ...) {
  call <- rlang::current_env()
  rlang::check_installed("ggplot2", "to plot a task.")
  check_dots_empty(...)
  subjects <- check_count(subjects)
  seed <- resolve_seed(seed, call)
  if (!is_program_task(x)) return(plot_payoffs(x, subjects))
  if (identical(x$id, "igt")) return(plot_decks(x))
  played <- play_task(x, subjects, seed, call)
  if (is.null(x$shows)) return(plot_states(x, played, subjects))
  local <- Filter(function(l) l$name == x$shows$item, x$program$locals)
  if (length(local) && local[[1]]$kind == "index") return(plot_cues(x, played, subjects))
  lines <- played_lines(played[[x$shows$item]], x, x$shows$cells)
  plot_task_lines(lines, x, x$shows$label, subjects)
}

# The task played by itself: a list of arrays participant x cell x trial, for each state and product.
play_task <- function(task, subjects, seed, call) {
  kernels <- task_kernels(task, min(active_level(), 1L), call)
  lanes <- cpp_task_lanes(kernels)
  world <- bind_source(task$program, task_source(task, lanes), lanes, 1L, call)
  count <- function(items) vapply(items, function(s) shape_cells(s$shape, world$levels), 0L)
  states <- count(task$program$states)
  products <- count(task$program$locals)
  listens <- names(task$program$listens)
  needs <- vapply(task$program$segments, function(s) sum(2^(match(s$needs, listens) - 1)), 0)
  items <- cpp_play_task(list(
    kernels = kernels, packed = world$packed, bound = world$bound, needs = needs,
    heard = seq_along(listens) - 1L, listens = length(listens), cells = products,
    number = integer(), code = integer(), levels = integer()
  ), c(states, products), lengths(task$responses), seed, subjects)
  stats::setNames(items, task_items(task))
}

# A row for each participant, cell and trial of an array.
played_lines <- function(array, task, labels = NULL) {
  d <- dim(array)
  labels <- labels %||% if (d[2] == length(task$actions)) task$actions else as.character(seq_len(d[2]))
  data.frame(
    participant = rep(seq_len(d[1]), d[2] * d[3]),
    cell = factor(rep(rep(labels, each = d[1]), d[3]), labels),
    session = rep(seq_len(d[3]), each = d[1] * d[2]),
    value = as.vector(array)
  )
}

payoff_lines <- function(task) {
  total <- task$trials * task$blocks
  first <- task$first
  values <- if (is.matrix(first)) first else matrix(first, total, length(first), byrow = TRUE)
  data.frame(participant = 1L, cell = factor(rep(task$actions, each = total), task$actions),
    session = rep(seq_len(total), length(task$actions)), value = as.vector(values))
}

# Only outcomes by subject differ between participants.
plot_payoffs <- function(task, subjects) {
  label <- c(bernoulli = "probability of 1", normal = "mean payoff", table = "outcome")[[task$kind]]
  if (length(dim(task$first)) < 3) return(plot_task_lines(payoff_lines(task), task, label, 1L))
  shown <- seq_len(min(subjects, dim(task$first)[1]))
  lines <- played_lines(aperm(task$first[shown, , , drop = FALSE], c(1, 3, 2)), task)
  plot_task_lines(lines, task, label, length(shown))
}

task_title <- function(task) {
  if (is_program_task(task)) return(task$name)
  c(bernoulli = "Bernoulli bandit", normal = "Gaussian bandit", table = "Outcomes")[[task$kind]]
}

plot_task_lines <- function(lines, task, label, subjects) {
  lines$block <- (lines$session - 1L) %/% task$trials
  cells <- levels(lines$cell)
  plot <- ggplot2::ggplot(lines, ggplot2::aes(x = .data$session, y = .data$value, colour = .data$cell,
    group = interaction(.data$cell, .data$block))) +
    block_edges(task) +
    ggplot2::geom_step(linewidth = 0.5, direction = "mid", na.rm = TRUE) +
    ggplot2::scale_colour_manual(values = action_colours(length(cells)), limits = cells) +
    # Long labels would run out of a narrow figure.
    ggplot2::guides(colour = ggplot2::guide_legend(ncol = if (sum(nchar(cells)) > 40L) 2L)) +
    ggplot2::labs(x = "trial", y = label, title = task_title(task)) +
    plot_theme()
  if (subjects > 1L) plot <- plot + ggplot2::facet_wrap(ggplot2::vars(.data$participant), ncol = 1,
    labeller = function(x) lapply(x, function(p) paste("participant", p)))
  if (length(cells) == 1L) plot <- plot + ggplot2::guides(colour = "none")
  plot
}

block_edges <- function(task) {
  if (task$blocks == 1L) return(NULL)
  ggplot2::geom_vline(xintercept = seq_len(task$blocks - 1L) * task$trials + 0.5, linetype = 2,
    linewidth = 0.3, colour = "grey60")
}

plot_states <- function(task, played, subjects) {
  states <- vapply(task$program$states, `[[`, "", "name")
  shown <- if (length(states)) states else intersect("outcome", names(played))
  frames <- lapply(shown, function(name) {
    # Cells of states with a cell for everything else have numbers.
    cbind(state = name, played_lines(played[[name]], task))
  })
  several <- vapply(frames, function(f) nlevels(f$cell), 0L)
  lines <- do.call(rbind, lapply(frames, function(f) {
    f$cell <- as.character(f$cell)
    f
  }))
  lines$state <- factor(lines$state, shown)
  cells <- unique(lines$cell)
  lines$cell <- factor(lines$cell, cells)
  plot <- plot_task_lines(lines, task, NULL, 1L) +
    ggplot2::facet_grid(rows = ggplot2::vars(.data$state),
      cols = if (subjects > 1L) ggplot2::vars(.data$participant), scales = "free_y")
  # Counts and numbers of actions have no places between whole numbers.
  if (all(lines$value %% 1 == 0, na.rm = TRUE)) {
    plot <- plot + ggplot2::scale_y_continuous(breaks = \(limits) {
      unique(round(pretty(limits, 3L)))
    })
  }
  if (all(several == 1L)) plot <- plot + ggplot2::guides(colour = "none")
  plot
}

# The order of cues, and what either action would pay.
plot_cues <- function(task, played, subjects) {
  name <- task$shows$item
  labels <- task$levels[[name]]
  cue <- played_lines(played[[name]], task, "cue")
  pays <- played_lines(played$foregone, task)
  pays$cue <- factor(labels[cue$value[match(paste(pays$participant, pays$session),
    paste(cue$participant, cue$session))]], rev(labels))
  pays$value <- factor(pays$value)
  ggplot2::ggplot(pays, ggplot2::aes(x = .data$session, y = .data$cue, colour = .data$value,
    shape = .data$value)) +
    block_edges(task) +
    ggplot2::geom_point(size = 0.9) +
    ggplot2::facet_grid(rows = ggplot2::vars(.data$cell),
      cols = if (subjects > 1L) ggplot2::vars(.data$participant),
      labeller = ggplot2::labeller(cell = function(x) paste("action", x),
        participant = function(x) paste("participant", x))) +
    ggplot2::scale_colour_manual(values = action_colours(nlevels(pays$value)), name = "pays") +
    ggplot2::scale_shape_discrete(name = "pays") +
    ggplot2::labs(x = "trial", y = task$shows$label,
      title = task$name, subtitle = "what each action would pay") +
    ggplot2::scale_x_continuous(n.breaks = 4L) +
    plot_theme() +
    ggplot2::theme(panel.spacing.x = ggplot2::unit(4, "mm"),
      plot.subtitle = ggplot2::element_text(size = 8), legend.title = ggplot2::element_text(size = 7.5))
}

plot_decks <- function(task) {
  cards <- ncol(igt_losses)
  net <- c(100, 100, 50, 50) - igt_losses
  total <- t(apply(net, 1, cumsum))
  lines <- data.frame(deck = factor(rep(rownames(net), each = cards + 1L)),
    card = rep(0:cards, nrow(net)), total = as.vector(rbind(0, t(total))))
  ggplot2::ggplot(lines, ggplot2::aes(x = .data$card, y = .data$total, colour = .data$deck)) +
    ggplot2::geom_hline(yintercept = 0, linewidth = 0.3, colour = "grey60") +
    ggplot2::geom_step(linewidth = 0.5) +
    ggplot2::scale_colour_manual(values = action_colours(4)) +
    ggplot2::labs(x = "cards drawn from the deck", y = "total won or lost", title = task$name) +
    plot_theme()
}
