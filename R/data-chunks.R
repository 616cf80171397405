# Data beyond memory: a folder of files, or a function, that gives them chunk by chunk. One pass
# finds out what all chunks have in common; after that a chunk is read when it is needed.

#' Data in chunks
#'
#' Data that do not fit in memory, or come in many files, are taken chunk by chunk: [rl_data()] is
#' given a folder, paths of files, or a function, and looks at every chunk once. What it returns
#' knows the subjects, the actions and the values of all columns, and holds no trials. [rl_fit()]
#' fits it chunk by chunk, with results that are bit for bit those of all data at once.
#'
#' @param x For `rl_chunk()`: data in chunks, or a fit to them. For the methods: data in chunks.
#' @param i Number or name of a chunk.
#' @param object Data in chunks.
#' @param ... Not used.
#' @section Sources:
#' * A folder: its files `.csv`, `.tsv` and `.txt` (tab-separated), also compressed (`.gz`), and
#'   `.rds` (a saved data frame), in the order of their names (as in the C locale); files with other
#'   endings are passed over. Or a character vector of such files, in that order.
#' * A function of one number: `function(i)` gives chunk i as a data frame, and `NULL` after the
#'   last. It must give the same each time it is asked, also in another R process: with a parallel
#'   [future::plan()] workers call it.
#'
#' All chunks have the same columns. Each holds whole subjects: a subject in two chunks is an error.
#' Together they count as `do.call(rbind, chunks)` would: subjects in the order of the chunks, and a
#' column that is text in one chunk is text in all. In files `NA`, `n/a` and empty fields are missing
#' values, and numbers are numbers: a subject `01` is `1`. Actions are those that occur in any chunk; if groups of columns (`available`, `foregone`)
#' are used and choices are text, list them with `actions`.
#'
#' @details
#' Fits by subject (`method = "mle"` or `"map"`) and by empirical Bayes (`"em"`, covariates being
#' constant within subjects) work on chunks; full Bayes (`"nuts"`) needs all data in memory. What
#' looks at trials works on one chunk at a time: `rl_chunk(fit, i)` is the fit of chunk i with its
#' data, which all methods take, and `rl_chunk(data, i)` the data alone. If a chunk is no longer what
#' it was when `rl_data()` saw it, reading it is an error.
#'
#' Empirical Bayes goes over all chunks in every iteration. It keeps packed what the model reads of
#' them, about 8 bytes for each number and 4 for each code of a trial, up to
#' `getOption("rescorla.memory")` bytes (1e9 by default); chunks beyond that are read anew each time.
#' @return
#' * `rl_data()` of a folder, files or a function: an object of class `rl_data_chunks`, a list with `chunks`
#'   (a data frame: `name`, `subjects`, `trials`), `subjects`, `chunk` (the number of each subject's
#'   chunk), `length` (trials), `roles`, `extra`, `actions` and `counts` as [rl_data()] has them.
#' * `rl_chunk()`: an `rl_data` object, or a fit with the subjects of the chunk.
#' * `summary()`: a data frame with a row for each chunk.
#' @section Errors: Of class `rescorla_error_data`: a subject in two chunks (fields `subjects` and
#'   `chunks`), columns that differ, a chunk that has changed, and all that [rl_data()] rejects, with
#'   the chunk's name.
#' @examples
#' dir <- tempfile("study-")
#' dir.create(dir)
#' site <- substr(bandit_example$subject, 2, 2)
#' for (s in unique(site)) {
#'   write.csv(bandit_example[site == s, ], file.path(dir, paste0("site", s, ".csv")),
#'     row.names = FALSE)
#' }
#' data <- rl_data(dir)
#' data
#' fit <- rl_fit("rw", data, starts = 5, seed = 1)
#' fit
#' head(predict(rl_chunk(fit, 2)))
#' unlink(dir, recursive = TRUE)
#' @name data_chunks
NULL

is_chunk_source <- function(x) {
  is.function(x) || (is.character(x) && length(x) > 0L && !anyNA(x))
}

chunk_endings <- "[.](csv|tsv|txt|rds|csv[.]gz|tsv[.]gz|txt[.]gz)$"

# list(files) or list(get): where chunks come from, in this and other processes.
chunk_source <- function(x, call) {
  if (is.function(x)) return(list(get = x))
  absent <- x[!file.exists(x)]
  if (length(absent) > 0L) {
    rescorla_abort(c(
      "There is no file or folder {.file {absent[1L]}}.",
      i = "{.arg data} is a data frame, a folder or files of chunks, or a function that gives them."
    ), "input", arg = "data", call = call)
  }
  files <- unlist(lapply(x, \(path) {
    if (!dir.exists(path)) return(path)
    found <- list.files(path, chunk_endings, ignore.case = TRUE)
    file.path(path, sort(found, method = "radix"), fsep = "/")[seq_along(found)]
  }))
  strange <- files[!grepl(chunk_endings, files, ignore.case = TRUE)]
  if (length(files) == 0L || length(strange) > 0L) {
    rescorla_abort(c(
      if (length(strange) > 0L) "{.file {strange[1L]}} is not a kind of file that can be read." else
        "Folder {.file {x[1L]}} has no files of data.",
      i = "They end in {.code .csv}, {.code .tsv}, {.code .txt} (these also with {.code .gz}) or
           {.code .rds}."
    ), "input", arg = "data", call = call)
  }
  list(files = normalizePath(files))
}

chunk_name <- function(source, i) {
  if (is.null(source$files)) paste("chunk", i) else basename(source$files[i])
}

# The data frame of chunk i as it comes, or NULL after the last.
read_chunk <- function(source, i, call) {
  if (is.null(source$files)) {
    frame <- tryCatch(source$get(i), error = function(e) {
      rescorla_abort(c("The function that gives the data failed when it was asked for chunk {i}.",
        x = "{conditionMessage(e)}"), "data", chunk = chunk_name(source, i), call = call)
    })
    if (is.null(frame)) return(NULL)
  } else {
    if (i > length(source$files)) return(NULL)
    file <- source$files[i]
    if (!file.exists(file)) {
      rescorla_abort(c("File {.file {file}} is gone since {.fn rl_data} looked at it.",
        i = "Put it back, or call {.fn rl_data} again."), "data", chunk = basename(file),
        call = call)
    }
    frame <- tryCatch(read_data_file(file), error = function(e) {
      rescorla_abort(c("File {.file {basename(file)}} cannot be read.",
        x = "{conditionMessage(e)}"), "data", chunk = basename(file), call = call)
    })
  }
  if (!is.data.frame(frame)) {
    rescorla_abort("{chunk_name(source, i)} must be a data frame, not {describe_value(frame)}.",
      "data", chunk = chunk_name(source, i), call = call)
  }
  frame
}

read_data_file <- function(file) {
  if (grepl("[.]rds$", file, ignore.case = TRUE)) return(readRDS(file))
  comma <- grepl("[.]csv([.]gz)?$", file, ignore.case = TRUE)
  utils::read.table(file, header = TRUE, sep = if (comma) "," else "\t", quote = "\"", fill = TRUE,
    comment.char = "", na.strings = c("NA", "n/a", ""), check.names = FALSE,
    stringsAsFactors = FALSE)
}

# --- the first pass ------------------------------------------------------------------------------

# More values than this are no levels: see bind_levels().
most_levels <- 30000L

build_chunked_data <- function(data, arguments, call) {
  source <- chunk_source(data, call)
  seen <- list()
  bar <- progress_bar(length(source$files), "Looking at chunks of data")
  repeat {
    i <- length(seen) + 1L
    frame <- read_chunk(source, i, call)
    if (is.null(frame)) break
    seen[[i]] <- look_at_chunk(frame, chunk_name(source, i), arguments, i == 1L, call)
    check_chunk_columns(seen, i, call)
    bar$tick(i)
  }
  bar$done()
  if (length(seen) == 0L) {
    rescorla_abort(c("{.arg data} gives no chunk: it is {.code NULL} at once.",
      i = "The function must give a data frame for {.code i = 1}."), "input", arg = "data",
      call = call)
  }
  merge_chunks(seen, source, arguments, call)
}

# What is kept of a chunk.
look_at_chunk <- function(frame, name, arguments, first, call) {
  made <- chunk_conditions(build_rl_data(frame, arguments, call), name, first, call)
  frames <- made$data
  list(
    name = name,
    hash = key_hash(frame),
    subjects = made$subjects, length = made$length, episodes = sum(made$block_start),
    types = lapply(frame, column_type), columns = names(frame),
    values = lapply(as.list(frames), distinct_values),
    actions = made$actions, choice_types = lapply(made$roles$choice, \(column) {
      column_type(frames[[column]])
    }),
    roles = made$roles, extra = made$extra, task = made$task, constants = made$constants,
    origin = made$origin, counts = made$counts,
    range = if (!is.null(made$roles$outcome)) range_of(frames[[made$roles$outcome]])
  )
}

# Errors and warnings say which chunk they are about; messages are given once.
chunk_conditions <- function(expr, name, first, call) {
  withCallingHandlers(
    expr,
    rescorla_error = function(e) {
      kind <- Filter(\(k) inherits(e, paste0("rescorla_error_", k)), error_kinds)[1L]
      rescorla_abort(c(
        "In {.file {name}}: {escape_braces(rlang::cnd_header(e))}",
        stats::setNames(escape_braces(e$body), names(e$body))
      ), kind, chunk = name, column = e$column, row = e$row, subjects = e$subjects, call = call)
    },
    rescorla_warning_data = function(w) {
      rescorla_warn(c("In {.file {name}}: {escape_braces(rlang::cnd_header(w))}",
        stats::setNames(escape_braces(w$body), names(w$body))), "data", chunk = name, call = call)
      rlang::cnd_muffle(w)
    },
    rescorla_message = function(m) if (!first) rlang::cnd_muffle(m)
  )
}

# A column without values, to find the type that holds it in all chunks; NULL for one that is all
# missing, which goes with any.
column_type <- function(x) {
  if (is.logical(x) && all(is.na(x))) return(NULL)
  if (is.factor(x) || is.object(x) || is.atomic(x)) x[0L]
}

distinct_values <- function(x) {
  if (is.factor(x)) return(factor(levels(x), levels(x)))
  if (!is.atomic(x) || !is.null(dim(x))) return(NULL)
  values <- unlist(lapply(row_chunks(length(x)), \(i) {
    v <- unique(x[i])
    if (length(v) <= most_levels + 1L) v else v[seq_len(most_levels + 1L)]
  }))
  values <- unique(values)
  values <- values[!is.na(values)]
  # So many cannot be levels, and are not kept.
  if (length(values) > most_levels) structure(values[0L], many = TRUE) else values
}

check_chunk_columns <- function(seen, i, call) {
  here <- seen[[i]]$columns
  before <- seen[[1L]]$columns
  lacking <- setdiff(before, here)
  further <- setdiff(here, before)
  if (length(lacking) + length(further) == 0L) return(invisible())
  rescorla_abort(c(
    "Chunks must have the same columns.",
    x = if (length(lacking) > 0L) "{.file {seen[[i]]$name}} lacks {.val {lacking}}, which
         {.file {seen[[1L]]$name}} has.",
    x = if (length(further) > 0L) "{.file {seen[[i]]$name}} has {.val {further}}, which
         {.file {seen[[1L]]$name}} lacks."
  ), "data", chunk = seen[[i]]$name, column = c(lacking, further), call = call)
}

merge_chunks <- function(seen, source, arguments, call) {
  names <- vapply(seen, `[[`, "", "name")
  subject_type <- common_type(lapply(seen, \(s) s$subjects[0L]), "subject", names, call)
  ids <- lapply(seen, \(s) as_type(s$subjects, subject_type))
  chunk <- rep(seq_along(seen), lengths(ids))
  subjects <- unlist(ids)
  check_subjects_once(as.character(subjects), chunk, names, call)
  columns <- seen[[1L]]$columns
  types <- lapply(rlang::set_names(columns), \(column) {
    common_type(lapply(seen, \(s) s$types[[column]]), column, names, call)
  })
  prepared <- names(seen[[1L]]$values)
  values <- lapply(rlang::set_names(prepared), \(column) {
    common_values(lapply(seen, \(s) s$values[[column]]))
  })
  responses <- names(seen[[1L]]$actions)
  counts <- lapply(seen, `[[`, "counts")
  total <- \(name) Reduce(`+`, lapply(counts, `[[`, name))
  actions <- lapply(rlang::set_names(responses), \(r) {
    all_actions(lapply(seen, \(s) s$actions[[r]]), lapply(seen, \(s) s$choice_types[[r]]), r, names,
      call)
  })
  hashes <- vapply(seen, `[[`, "", "hash")
  structure(list(
    source = source, arguments = arguments,
    chunks = data.frame(name = names, subjects = lengths(ids),
      trials = vapply(counts, `[[`, 0L, "trials")),
    hashes = hashes, cache = key_hash(list(hashes, arguments)),
    types = types, values = values,
    subjects = subjects, chunk = chunk, length = unlist(lapply(seen, `[[`, "length")),
    roles = seen[[1L]]$roles, extra = seen[[1L]]$extra, actions = actions,
    task = seen[[1L]]$task, constants = seen[[1L]]$constants, origin = seen[[1L]]$origin,
    counts = list(subjects = length(subjects), episodes = total("episodes"),
      trials = total("trials"), actions = if (length(actions) > 1L) lengths(actions) else
        sum(lengths(actions)), missed_choices = total("missed_choices"),
      missed_outcomes = total("missed_outcomes"), forced = total("forced")),
    range = if (!is.null(seen[[1L]]$range)) range(unlist(lapply(seen, `[[`, "range")), na.rm = TRUE)
  ), class = "rl_data_chunks")
}

check_subjects_once <- function(subjects, chunk, names, call) {
  twice <- unique(subjects[duplicated(subjects)])
  if (length(twice) == 0L) return(invisible())
  where <- names[chunk[subjects == twice[1L]]]
  rescorla_abort(c(
    "{cli::qty(length(twice))}Subject{?s} in more than one chunk: {name_some(twice)}.",
    x = "{.val {twice[1L]}} is in {.file {where}}.",
    i = "Each chunk must hold whole subjects: put the rows of one together, or give those who are
         different people different names."
  ), "data", subjects = twice, chunks = where, call = call)
}
