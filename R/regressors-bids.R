# Regressors as files of the brain imaging data structure (BIDS).

#' Write BIDS events
#'
#' Writes regressors to `sub-<label>/func/sub-<label>_task-<label>_run-<index>_events.tsv` (with
#' `ses-<label>` where events were read from sessions), one file a run, and `task-<label>_events.json`,
#' which describes the columns of all of them.
#'
#' @param x Regressors from [rl_regressors()] that were joined to events.
#' @param dir Folder of the data set; made if it does not exist.
#' @param task Name of the task in file names. BIDS allows letters and digits only.
#' @param overwrite Replace files that exist?
#' @return The paths of the files, invisibly.
#' @details
#' Files are tab-separated with the columns `onset` and `duration` first, missing values as `n/a`,
#' numbers with as many digits as it takes to read them back exactly, and rows in order of their
#' onsets; `read.delim(file, na.strings = "n/a")` gives the columns of the run. Subjects, sessions
#' and the task are labels of letters and digits: other characters are left out. They, and runs, are
#' called as the events call them (`sub-01`, where the data have subject 1). A run that is not a whole
#' number is called by its place among the subject's. Data and events without runs have no `run`.
#' @section Errors: Two subjects whose labels become the same, a label of which nothing is left, or
#'   files that exist (without `overwrite`) are conditions of class `rescorla_error_input`, and
#'   nothing is written.
#' @references
#' Gorgolewski, K. J., et al. (2016). The brain imaging data structure, a format for organizing and
#' describing outputs of neuroimaging experiments. *Scientific Data*, 3, 160044.
#' @seealso [rl_regressors()].
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), starts = 5, seed = 1)
#' events <- data.frame(subject = bandit_example$subject, trial = bandit_example$trial,
#'   onset = 6 * bandit_example$trial, duration = 1)
#' dir <- tempfile("bids-")
#' files <- write_bids(rl_regressors(fit, events), dir, task = "bandit")
#' readLines(files[1], 3)
#' unlink(dir, recursive = TRUE)
#' @export
write_bids <- function(x, dir, task, overwrite = FALSE) {
  call <- rlang::current_env()
  check_class(x, "rl_regressors", "regressors from `rl_regressors()`")
  check_string(dir)
  task <- check_string(if (missing(task)) NULL else task, arg = "task", call = call)
  check_flag(overwrite)
  if (is.null(x$entities)) {
    rescorla_abort(c("BIDS events need onsets, and these regressors have none.",
      i = "Give {.arg events} to {.fn rl_regressors}."), "input", call = call)
  }
  frame <- x$regressors
  task <- bids_labels(task, task, "task", call)
  names <- file_entities(x$entities, call)
  folder <- paste0("sub-", names$sub, if (!is.null(names$ses)) paste0("/ses-", names$ses))
  stem <- paste0("sub-", names$sub, if (!is.null(names$ses)) paste0("_ses-", names$ses), "_task-", task,
    if (!is.null(names$run)) paste0("_run-", names$run))
  path <- file.path(dir, folder, "func", paste0(stem, "_events.tsv"))
  keys <- intersect(c("subject", "session", "run"), names(x$entities))
  key <- \(frame) do.call(paste, c(unname(frame[keys]), sep = "\r"))
  path <- path[match(key(frame), key(x$entities))]
  sidecar <- file.path(dir, paste0("task-", task, "_events.json"))
  files <- unique(path)
  there <- Filter(file.exists, c(files, sidecar))
  if (length(there) > 0L && !overwrite) {
    rescorla_abort(c(
      "{cli::qty(there)}{length(there)} file{?s} {?is/are} there already.",
      x = "The first is {.file {there[1L]}}.",
      i = "{.code overwrite = TRUE} replaces {cli::qty(there)}{?it/them}; another {.arg dir} leaves
           {?it/them} alone."
    ), "input", call = call, files = there)
  }
  columns <- setdiff(names(frame), c("subject", "session", "run"))
  columns <- union(c("onset", "duration", intersect("trial_type", columns)), columns)
  rows <- split(seq_len(nrow(frame)), factor(path, files))
  for (file in files) {
    make_folder(dirname(file), call)
    part <- frame[rows[[file]], columns, drop = FALSE]
    write_tsv(part[order(part$onset), , drop = FALSE], file)
  }
  write_utf8(sidecar_lines(columns, x), sidecar)
  invisible(c(files, sidecar))
}

make_folder <- function(path, call) {
  if (dir.exists(path) || dir.create(path, recursive = TRUE, showWarnings = FALSE)) return(invisible())
  rescorla_abort(c("The folder {.file {path}} cannot be made.",
    i = "Choose a {.arg dir} that you may write to."), "input", call = call)
}

# list(sub, ses, run): what subjects, sessions and runs are called in names of files, a value for each
# row of `entities`. Subjects and runs are called as the events called them.
file_entities <- function(entities, call) {
  by_value <- function(x, text, what) {
    known <- !duplicated(x)
    bids_labels(text[known], x[known], what, call)[match(x, x[known])]
  }
  list(
    sub = by_value(entities$subject, entities$label, "subject"),
    ses = if (!is.null(entities$session)) by_value(entities$session, entities$session, "session"),
    run = if (!is.null(entities$run_label)) run_index(entities)
  )
}

# Whole numbers as they are, else places among the subject's.
run_index <- function(entities) {
  text <- entities$run_label
  if (all(grepl("^[0-9]+$", text))) return(text)
  index <- integer(nrow(entities))
  for (subject in unique(entities$subject)) {
    rows <- entities$subject == subject & !is.na(text)
    index[rows] <- match(text[rows], unique(text[rows]))
  }
  # Events without a trial, where only trials tell the run, stand with the first.
  pmax(index, 1L)
}

# --- labels --------------------------------------------------------------------------------------

bids_label <- function(x) gsub("[^A-Za-z0-9]", "", x)

# `text` as labels; `x` is what they are called here, for messages.
bids_labels <- function(text, x, what, call) {
  label <- bids_label(text)
  x <- as.character(x)
  empty <- which(!nzchar(label))
  if (length(empty) > 0L) {
    rescorla_abort(c(
      "{.val {x[empty[1L]]}} cannot be a {what} in BIDS.",
      i = "Labels are letters and digits, and nothing of it is left."
    ), "input", call = call, labels = x[empty])
  }
  twice <- unique(label[duplicated(label)])
  if (length(twice) > 0L) {
    same <- x[label == twice[1L]]
    rescorla_abort(c(
      "The {what}s {.val {same}} would have the same label in BIDS, {.val {twice[1L]}}.",
      i = "Labels are letters and digits only: rename one of them."
    ), "input", call = call, labels = same)
  }
  label
}

# The key-value pairs of a file name: list(sub =, task =, run =, ...).
bids_entities <- function(path) {
  stem <- sub("[.].*$", "", basename(path))
  parts <- strsplit(strsplit(stem, "_", fixed = TRUE)[[1L]], "-", fixed = TRUE)
  parts <- Filter(\(part) length(part) == 2L, parts)
  stats::setNames(lapply(parts, `[[`, 2L), vapply(parts, `[[`, "", 1L))
}

# --- files ---------------------------------------------------------------------------------------

write_tsv <- function(frame, file) {
  cells <- lapply(frame, tsv_cells)
  lines <- c(paste(gsub("[\t\r\n]", " ", names(frame)), collapse = "\t"),
    do.call(paste, c(unname(cells), sep = "\t")))
  write_utf8(lines, file)
}

tsv_cells <- function(x) {
  text <- if (is.numeric(x) && !is.object(x)) exact_number(x) else
    gsub("[\t\r\n]", " ", as.character(x))
  text[is.na(x) | is.na(text)] <- "n/a"
  enc2utf8(text)
}

# The shortest of 15 to 17 digits that is the same number when read.
exact_number <- function(x) {
  text <- formatC(x, digits = 15L, format = "g", width = 1L)
  for (digits in 16:17) {
    wrong <- is.finite(x) & suppressWarnings(as.numeric(text)) != x
    if (!any(wrong)) break
    text[wrong] <- formatC(x[wrong], digits = digits, format = "g", width = 1L)
  }
  text[!is.finite(x)] <- NA
  text
}

write_utf8 <- function(lines, file) {
  connection <- file(file, "wb")
  on.exit(close(connection))
  writeLines(lines, connection, useBytes = TRUE)
}

# What BIDS wants to know of columns: a name in full, a description, and units where there are any.
sidecar_lines <- function(columns, x) {
  known <- list(
    onset = c(LongName = "Onset", Description = "When the event began, from the first stored data
      point of the run", Units = "s"),
    duration = c(LongName = "Duration", Description = "How long the event lasted", Units = "s"),
    trial = c(LongName = "Trial number", Description = "The trial of the data that the event is of"),
    trial_type = c(LongName = "Trial type", Description = "What kind of event it is")
  )
  entries <- lapply(columns, \(name) {
    row <- match(name, x$what$name)
    if (!is.na(row)) {
      return(c(LongName = name, Description = paste0(x$what$description[row], ". From ", x$model, ", ",
        x$method), Units = "arbitrary"))
    }
    known[[name]] %||% c(LongName = name, Description = "Column of the events as they were given")
  })
  entries <- vapply(seq_along(columns), \(i) {
    fields <- entries[[i]]
    fields <- paste0("    ", json_string(names(fields)), ": ", json_string(gsub("\\s+", " ", fields)))
    paste0("  ", json_string(columns[i]), ": {\n", paste(fields, collapse = ",\n"), "\n  }")
  }, "")
  c("{", paste(entries, collapse = ",\n"), "}")
}

json_string <- function(x) {
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  paste0("\"", gsub("[[:cntrl:]]", " ", enc2utf8(x)), "\"")
}
