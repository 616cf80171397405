# From a data frame of choices and outcomes to fitted learning models, their comparison and a
# picture.
#   Rscript tools/demo.R [file.csv] [--subject=NAME] [--choice=NAME] [--outcome=NAME]
#                        [--block=NAME|none] [--out=picture.png]
# Without a file it takes the package's own data set, bandit_example.

suppressPackageStartupMessages({
  library(rescorla)
  library(ggplot2)
})

usual_names <- list(
  subject = c("subject", "subj", "subjid", "subject_id", "id", "participant", "participant_id"),
  choice = c("choice", "action", "response", "chosen", "arm"),
  outcome = c("outcome", "reward", "feedback", "payoff", "points"),
  block = c("block", "session", "run", "game")
)

# Okabe and Ito's colours, told apart with any colour vision.
colours <- c("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")

fail <- function(...) {
  message("error: ", ...)
  quit(status = 1)
}

parse_arguments <- function(arguments) {
  is_option <- grepl("^--", arguments)
  keys <- sub("^--([^=]*)=?.*$", "\\1", arguments[is_option])
  options <- as.list(sub("^--[^=]*=?", "", arguments[is_option]))
  names(options) <- keys
  unknown <- setdiff(keys, c(names(usual_names), "out"))
  if (length(unknown)) {
    fail("there is no option --", unknown[1])
  }
  if (sum(!is_option) > 1) {
    fail("one file at a time, please: ", paste(arguments[!is_option], collapse = " "))
  }
  list(file = arguments[!is_option], options = options)
}

read_file <- function(file) {
  if (!length(file)) {
    return(rescorla::bandit_example)
  }
  if (!file.exists(file)) {
    fail("there is no file ", file)
  }
  # Commas, tabs or semicolons: whichever the heading uses most.
  separators <- c(",", "\t", ";")
  uses <- lengths(lapply(separators, \(mark) strsplit(readLines(file, 1), mark, fixed = TRUE)[[1]]))
  utils::read.csv(file, sep = separators[which.max(uses)], na.strings = c("", "NA", "NaN"))
}

# The column of a role: the one named on the command line, or the first with a usual name.
find_column <- function(role, columns, options) {
  named <- options[[role]]
  if (identical(named, "none") && role == "block") {
    return(NULL)
  }
  if (!is.null(named)) {
    if (!named %in% columns) {
      fail("--", role, "=", named, ": the data have no such column, only ", toString(columns))
    }
    return(named)
  }
  found <- columns[match(usual_names[[role]], tolower(columns))]
  found <- found[!is.na(found)]
  if (!length(found) && role != "block") {
    fail(
      "no column for the ", role, " among ", toString(columns), ".\n",
      "Name it: --", role, "=NAME (with make: ARGS=\"--", role, "=NAME\")"
    )
  }
  if (length(found)) found[1]
}

# Rows of a subject's block together, in the order given: everything below lines up by row.
arrange_rows <- function(data, roles) {
  keys <- lapply(data[c(roles$subject, roles$block)], \(x) match(x, unique(x)))
  data[do.call(order, c(unname(keys), list(seq_len(nrow(data))))), , drop = FALSE]
}

# The action that paid best in each block of each subject, as observed.
best_action <- function(choice, outcome, episode) {
  means <- tapply(outcome, list(episode, choice), mean, na.rm = TRUE)
  means[is.na(means)] <- -Inf
  colnames(means)[max.col(means, ties.method = "first")][match(episode, rownames(means))]
}

# Share of choices of the best action by trial, observed and as each model predicts it.
learning_curve <- function(data, roles, fits) {
  episode <- do.call(paste, c(unname(data[c(roles$subject, roles$block)]), sep = "\r"))
  episode <- match(episode, unique(episode))
  trial <- ave(seq_along(episode), episode, FUN = seq_along)
  choice <- as.character(data[[roles$choice]])
  best <- best_action(choice, data[[roles$outcome]], episode)

  # Later trials that few blocks reach say little. A bin holds some hundred choices, so that its
  # share is good to a few hundredths, and there are fifty bins at most.
  longest <- max(which(tabulate(trial) >= 0.5 * max(episode)))
  width <- max(1, ceiling(longest / 50), min(ceiling(longest / 10), ceiling(100 / max(episode))))
  bin <- ceiling(trial / width)
  shown <- trial <= longest & !is.na(choice)
  by_bin <- function(x) tapply(x[shown], bin[shown], mean, na.rm = TRUE)

  observed <- by_bin(choice == best)
  at <- as.vector(by_bin(trial))
  curve <- data.frame(trial = at, share = as.vector(observed), of = "observed")
  for (name in names(fits)) {
    latents <- predict(fits[[name]], type = "latent")
    probability <- as.matrix(latents[paste0("p_", fits[[name]]$data$actions[[1]])])
    fitted <- probability[cbind(seq_along(best), match(paste0("p_", best), colnames(probability)))]
    curve <- rbind(curve, data.frame(trial = at, share = as.vector(by_bin(fitted)), of = name))
  }
  curve
}

look <- theme_minimal(base_size = 11) +
  theme(legend.position = "top", legend.title = element_blank(), panel.grid.minor = element_blank(),
        plot.title = element_text(face = "bold", size = 11), plot.title.position = "plot")

plot_learning <- function(curve, models) {
  observed <- subset(curve, of == "observed")
  fitted <- subset(curve, of != "observed")
  fitted$of <- factor(fitted$of, models)
  ggplot(fitted, aes(trial, share)) +
    geom_point(data = observed, colour = "grey45", size = 1.3) +
    geom_line(aes(colour = of, linetype = of), linewidth = 0.8) +
    scale_colour_manual(values = colours) +
    labs(title = "Learning curves", x = "trial in block", y = "share of the best action",
         caption = "best: paid most in the block; points: observed; lines: fitted") +
    look
}

# Expected values of the subject whose fit is the median one, in the first block.
plot_values <- function(fit, name, data, roles) {
  subject <- names(sort(fit$loglik / fit$nobs))[ceiling(length(fit$loglik) / 2)]
  latents <- predict(fit, type = "latent")
  rows <- which(as.character(data[[roles$subject]]) == subject)
  if (!is.null(roles$block)) {
    rows <- rows[data[[roles$block]][rows] == data[[roles$block]][rows[1]]]
  }
  actions <- fit$data$actions[[1]]
  values <- data.frame(
    trial = rep(seq_along(rows), length(actions)),
    value = unlist(latents[rows, paste0("value_", actions)], use.names = FALSE),
    action = factor(rep(actions, each = length(rows)), actions)
  )
  outcomes <- data.frame(
    trial = seq_along(rows),
    value = data[[roles$outcome]][rows],
    action = factor(as.character(data[[roles$choice]][rows]), actions)
  )
  ggplot(values, aes(trial, value, colour = action)) +
    geom_point(data = subset(outcomes, !is.na(action) & !is.na(value)), size = 0.9, alpha = 0.6) +
    geom_line(linewidth = 0.8) +
    scale_colour_manual(values = rep_len(colours, length(actions))) +
    labs(title = paste0("Fitted values of subject ", subject, " (", name, ")"),
         x = "trial", y = "expected value",
         caption = "points: outcomes received, by action chosen") +
    look
}

plot_parameters <- function(fits) {
  estimates <- do.call(rbind, lapply(names(fits), \(name) {
    natural <- coef(fits[[name]])
    parameters <- setdiff(names(natural), "subject")
    data.frame(model = name, parameter = rep(parameters, each = nrow(natural)),
               estimate = unlist(natural[parameters], use.names = FALSE))
  }))
  estimates$parameter <- factor(estimates$parameter, unique(estimates$parameter))
  estimates$model <- factor(estimates$model, names(fits))
  ggplot(estimates, aes(model, estimate, colour = model)) +
    geom_jitter(width = 0.2, height = 0, size = 1, alpha = 0.5, show.legend = FALSE) +
    stat_summary(fun = stats::median, geom = "crossbar", width = 0.5, linewidth = 0.3,
                 colour = "black") +
    facet_wrap(vars(parameter), scales = "free", nrow = 1) +
    scale_colour_manual(values = colours) +
    labs(title = "Estimates by subject", x = NULL, y = NULL, caption = "bar: median") +
    look
}

draw <- function(file, top_left, top_right, bottom) {
  grDevices::png(file, width = 2000, height = 1500, res = 200)
  on.exit(grDevices::dev.off())
  grid::grid.newpage()
  grid::pushViewport(grid::viewport(layout = grid::grid.layout(2, 2)))
  place <- function(row, column) grid::viewport(layout.pos.row = row, layout.pos.col = column)
  print(top_left, vp = place(1, 1))
  print(top_right, vp = place(1, 2))
  print(bottom, vp = place(2, 1:2))
}

arguments <- parse_arguments(commandArgs(trailingOnly = TRUE))
data <- read_file(arguments$file)
roles <- lapply(
  stats::setNames(nm = names(usual_names)), find_column, names(data), arguments$options
)
data <- arrange_rows(data, roles)

cat("Data:", if (length(arguments$file)) arguments$file else "rescorla::bandit_example", "\n")
cat("Columns:", paste0(names(roles), " = ", vapply(roles, \(x) if (is.null(x)) "none" else x, "")),
    sep = "\n  ")
cat("\n")
if (!is.null(roles$block)) {
  cat("Values start anew in each block; --block=none carries them over.\n")
}
cat("\n")
task <- rl_data(data, subject = roles$subject, choice = roles$choice, outcome = roles$outcome,
                block = roles$block)
print(task)

set.seed(1)
models <- c("rw", "rw_asymmetric")
fits <- lapply(stats::setNames(nm = models), \(name) {
  fit <- rl_fit(rl_model(name), task, method = "mle")
  cat("\n")
  print(fit)
  fit
})
cat("\n")
comparison <- rl_compare(rw = fits$rw, rw_asymmetric = fits$rw_asymmetric)
print(comparison)

picture <- arguments$options$out
if (is.null(picture)) {
  picture <- "rescorla-demo.png"
}
draw(
  picture,
  plot_learning(learning_curve(data, roles, fits), models),
  plot_values(fits$rw_asymmetric, "rw_asymmetric", data, roles),
  plot_parameters(fits)
)
cat("\nPicture:", normalizePath(picture), "\n")
