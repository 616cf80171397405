# The example data of the tasks: rl_data_example(). Each set is simulated in plain R from the
# published equations (they stand in inst/models) with the generating parameters kept; payoffs,
# offers and cards are of our own making and stand beside each simulator. Writes
# inst/extdata/examples/<task>.csv and <task>_parameters.csv. Run from the package's root:
#   Rscript data-raw/examples.R

source("data-raw/examples-tools.R")
source("data-raw/examples-learning.R")
source("data-raw/examples-planning.R")
source("data-raw/examples-static.R")

RNGkind("Mersenne-Twister", "Inversion", "Rejection")
folder <- "inst/extdata/examples"
dir.create(folder, showWarnings = FALSE, recursive = TRUE)

# Parameters are rounded before they are used, so that those stored are those that generated.
subjects <- 10
for (task in names(examples)) {
  set.seed(20240 + match(task, names(examples)))
  example <- examples[[task]]
  drawn <- lapply(example$parameters(subjects), signif, 3)
  parameters <- data.frame(subject = seq_len(subjects), drawn)
  trials <- lapply(seq_len(subjects), function(i) {
    cbind(subjID = i, example$simulate(as.list(parameters[i, -1])))
  })
  write_example(do.call(rbind, trials), file.path(folder, paste0(task, ".csv")))
  write_example(parameters, file.path(folder, paste0(task, "_parameters.csv")))
}
write_answer_sheet(file.path(folder, "wcs_answersheet.txt"))

size <- sum(file.size(list.files(folder, full.names = TRUE)))
cat(length(examples), "tasks,", round(size / 1024), "KiB\n")
