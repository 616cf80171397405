# Events, read from wherever they are: a data frame, a list of them, or BIDS files.

# A data frame with `subject` (as in the data), `onset`, `duration`, perhaps `run`, `trial`,
# `trial_type`; and `.where`, which row of what it is, for messages.
read_events <- function(events, data, call) {
  if (is.character(events)) {
    events <- read_event_files(events, call)
  } else if (is.data.frame(events)) {
    events$.where <- paste("row", seq_len(nrow(events)), recycle0 = TRUE)
  } else if (is.list(events) && length(events) > 0L &&
    all(vapply(events, is.data.frame, NA))) {
    events <- bind_event_list(events, call)
  } else {
    abort_argument(events, "a data frame, a list of them, or paths of BIDS files", TRUE, "events",
      call)
  }
  # The data's own names for these columns do as well.
  roles <- list(subject = data$roles$subject, run = data$roles$block, trial = data$roles$trial)
  roles$run <- c(roles$run, "block")
  for (name in names(roles)) {
    own <- intersect(roles[[name]], names(events))
    if (!name %in% names(events) && length(own) > 0L) {
      names(events)[names(events) == own[1L]] <- name
    }
  }
  check_event_columns(events, call)
  events
}

check_event_columns <- function(events, call) {
  absent <- setdiff(c("subject", "onset", "duration"), names(events))
  if (length(absent) > 0L) {
    rescorla_abort(c(
      "{.arg events} lacks {cli::qty(absent)}the column{?s} {.val {absent}}.",
      x = "It has {name_some(setdiff(names(events), '.where'), 30L, quote = TRUE)}.",
      i = if ("duration" %in% absent) "For events without extent {.code duration} is 0."
    ), "data", call = call, column = absent)
  }
  if (nrow(events) == 0L) {
    rescorla_abort("{.arg events} has no rows.", "data", call = call)
  }
  for (name in c("onset", "duration")) {
    x <- events[[name]]
    bad <- if (!is.numeric(x)) seq_along(x) else if (name == "onset") which(!is.finite(x)) else
      which(!is.na(x) & (!is.finite(x) | x < 0))
    if (length(bad) > 0L) {
      kind <- if (name == "onset") "numbers" else "numbers that are not negative"
      rescorla_abort(c(
        "Column {.val {name}} of {.arg events} must be {kind}, in seconds.",
        x = "It is {describe_value(x[bad[1L]])} in {events$.where[bad[1L]]}."
      ), "data", call = call, column = name, rows = bad)
    }
  }
  if (anyNA(events$subject)) {
    row <- which(is.na(events$subject))
    rescorla_abort("Column {.val subject} of {.arg events} is {.code NA} in
                    {events$.where[row[1L]]}.", "data", call = call, column = "subject", rows = row)
  }
}

# Names such as "s01", or of BIDS: "sub-01_ses-2_run-1".
bind_event_list <- function(events, call) {
  names <- rlang::names2(events)
  parts <- lapply(seq_along(events), \(i) {
    frame <- events[[i]]
    entities <- bids_entities(names[i])
    if (!"subject" %in% names(frame)) {
      subject <- entities[["sub"]] %||% names[i]
      if (!nzchar(subject)) {
        rescorla_abort(c("Element {i} of {.arg events} does not say whose events it has.",
          i = "Name it by its subject, or add a column {.val subject}."), "data", call = call)
      }
      frame$subject <- rep(subject, nrow(frame))
    }
    if (!"run" %in% names(frame) && !is.null(entities[["run"]])) {
      frame$run <- rep(entities[["run"]], nrow(frame))
    }
    where <- if (nzchar(names[i])) names[i] else paste("element", i)
    frame$.where <- paste0(where, ", row ", seq_len(nrow(frame)), recycle0 = TRUE)
    frame
  })
  stack_events(parts)
}

read_event_files <- function(paths, call) {
  folder <- dir.exists(paths)
  files <- unlist(lapply(paths, \(path) if (dir.exists(path)) {
    list.files(path, "_events\\.tsv(\\.gz)?$", recursive = TRUE, full.names = TRUE)
  } else {
    path
  }))
  absent <- files[!file.exists(files)]
  if (length(absent) > 0L) {
    rescorla_abort(c("There {cli::qty(absent)}{?is no file/are no files} {.file {absent}}."),
      "input", call = call)
  }
  if (length(files) == 0L) {
    rescorla_abort(c("Folder {.file {paths[folder][1L]}} has no events.",
      i = "They are looked for in files {.file sub-<label>_task-<label>_events.tsv}, also within
           folders."), "input", call = call)
  }
  tasks <- vapply(files, \(file) bids_entities(file)[["task"]] %||% "", "")
  if (length(unique(tasks)) > 1L) {
    rescorla_abort(c("The event files are of more than one task: {.val {unique(tasks)}}.",
      i = "Give the paths of those to use, as {.code list.files(dir, \"task-{tasks[1L]}.*_events\",
           full.names = TRUE, recursive = TRUE)} does."), "input", call = call)
  }
  parts <- lapply(files, \(file) {
    frame <- utils::read.delim(file, na.strings = c("n/a", "NA", ""), check.names = FALSE,
      quote = "", stringsAsFactors = FALSE)
    entities <- bids_entities(file)
    if (is.null(entities[["sub"]]) && !"subject" %in% names(frame)) {
      rescorla_abort(c("File {.file {basename(file)}} does not say whose events it has.",
        i = "BIDS calls it {.file sub-<label>_task-<label>_events.tsv}."), "data", call = call)
    }
    n <- nrow(frame)
    if (!"subject" %in% names(frame)) frame$subject <- rep(entities[["sub"]], n)
    if (!is.null(entities[["ses"]])) frame$session <- rep(entities[["ses"]], n)
    if (!is.null(entities[["run"]])) frame$run <- rep(entities[["run"]], n)
    frame$.where <- paste0(basename(file), ", row ", seq_len(n), recycle0 = TRUE)
    frame
  })
  stack_events(parts)
}

# Rows of data frames whose columns need not be the same.
stack_events <- function(parts) {
  columns <- unique(unlist(lapply(parts, names)))
  stacked <- lapply(rlang::set_names(columns), \(name) {
    pieces <- lapply(parts, \(frame) {
      x <- frame[[name]]
      if (is.null(x)) return(rep(NA, nrow(frame)))
      if (is.factor(x)) as.character(x) else x
    })
    unlist(pieces)
  })
  structure(stacked, class = "data.frame",
    row.names = .set_row_names(sum(vapply(parts, nrow, 1L))))
}
