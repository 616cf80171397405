# From a data frame of choices and outcomes to fitted learning models, their comparison and a
# picture.
#   Rscript tools/demo.R [file.csv] [--subject=NAME] [--choice=NAME] [--outcome=NAME]
#                        [--block=NAME|none] [--out=picture.png]
# Without a file it takes the package's own data set, bandit_example.

library(rescorla)

usual_names <- list(
  subject = c("subject", "subj", "subjid", "subject_id", "id", "participant", "participant_id"),
  choice = c("choice", "action", "response", "chosen", "arm"),
  outcome = c("outcome", "reward", "feedback", "payoff", "points"),
  block = c("block", "session", "run", "game")
)

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

# The pictures of the preferred fit, and on the right one of its subjects.
draw <- function(file, fit, comparison) {
  grDevices::png(file, width = 2000, height = 1500, res = 200)
  on.exit(grDevices::dev.off())
  grid::grid.newpage()
  heights <- grid::unit(c(5, 5, 3), "null")
  grid::pushViewport(grid::viewport(layout = grid::grid.layout(3, 2, heights = heights)))
  place <- function(row, column) grid::viewport(layout.pos.row = row, layout.pos.col = column)
  print(plot(fit, type = "learning_curve"), vp = place(1, 1))
  print(plot(fit, type = "parameters"), vp = place(2, 1))
  print(plot(comparison), vp = place(3, 1))
  print(plot(fit, type = "latents"), vp = place(1:3, 2))
}

arguments <- parse_arguments(commandArgs(trailingOnly = TRUE))
data <- read_file(arguments$file)
roles <- lapply(
  stats::setNames(nm = names(usual_names)), find_column, names(data), arguments$options
)

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
preferred <- comparison$models$model[which.min(comparison$models$bic)]
draw(picture, fits[[preferred]], comparison)
cat("\nPicture:", normalizePath(picture), "\n")
