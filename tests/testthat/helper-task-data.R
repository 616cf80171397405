# rl_data() for a task, without its message and without remarks on data this small.
quiet_task <- function(...) suppressWarnings(suppressMessages(rl_data(...)))

# A column as the models read it, in the order of the rows.
read_column <- function(data, name) {
  rescorla:::rl_data_column(data, name)[rescorla:::order_of_rows(data)]
}

# What the oracles take: for each subject a list of columns, categorical ones coded from 1. Groups
# of columns are there under their own names.
oracle_subjects <- function(data) {
  columns <- lapply(data$data, identity)
  for (name in names(data$extra)) {
    if (length(data$extra[[name]]) == 1) columns[[name]] <- data$data[[data$extra[[name]]]]
  }
  columns <- lapply(columns, function(x) x[data$order])
  columns[names(data$responses)] <- data$responses
  if (!is.null(data$roles$outcome)) {
    columns$outcome <- rescorla:::rl_data_column(data, "outcome")
  }
  if (!is.null(data$roles$stimulus)) {
    x <- rescorla:::rl_data_column(data, "stimulus")
    columns$stimulus <- match(as.character(x), rescorla:::column_levels(x))
  }
  columns$block_start <- data$block_start
  lapply(seq_along(data$subjects), function(i) {
    lapply(columns, function(x) x[data$row_subject == i])
  })
}
