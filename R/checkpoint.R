# A folder that keeps the finished jobs of one call, so that a run that was stopped, however, takes
# up where it was and gives bit for bit what it would have given.
#
# `call.rds` says which call it belongs to; `job-<number>.rds` holds one outcome each, with the hash
# of everything that decides it. Files are written beside their place and renamed, so that a kill
# leaves a whole file or none.

# NULL without a folder. `key`: all that decides the results besides the jobs.
open_checkpoint <- function(folder, jobs, key, label, call) {
  check_string(folder, allow_null = TRUE, arg = "checkpoint", call = call)
  if (is.null(folder)) return(NULL)
  made <- dir.exists(folder) || dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  if (!made) {
    rescorla_abort(c("The folder {.file {folder}} of `checkpoint` could not be made.",
      i = "Give one where you may write."), "input", call = call)
  }
  folder <- normalizePath(folder)
  version <- as.character(utils::packageVersion("rescorla"))
  study <- key_hash(list(key, version))
  mark <- list(study = study, version = version, label = label, jobs = length(jobs))
  check_mark(folder, mark, call)
  # What a kill or an interrupt left.
  unlink(list.files(folder, "^(part|stop)-", full.names = TRUE))
  list(folder = folder, study = study,
    hashes = vapply(jobs, \(job) key_hash(list(study, job)), ""))
}

check_mark <- function(folder, mark, call) {
  file <- file.path(folder, "call.rds")
  if (!file.exists(file)) {
    others <- setdiff(list.files(folder), "call.rds")
    if (length(others)) {
      rescorla_abort(c(
        "The folder {.file {folder}} of `checkpoint` holds other things: {name_some(others, 3)}.",
        i = "Give a new or an empty folder."
      ), "input", call = call)
    }
    if (!write_whole(mark, file)) {
      rescorla_abort(c("Nothing can be written into the folder {.file {folder}} of `checkpoint`.",
        i = "Give one where you may write."), "input", call = call)
    }
    return(invisible())
  }
  found <- read_whole(file)
  if (identical(found$study, mark$study)) return(invisible())
  reason <- if (is.null(found)) {
    "Its file {.file call.rds} cannot be read."
  } else if (!identical(found$version, mark$version)) {
    "It was made by version {found$version} of rescorla; this is {mark$version}."
  } else {
    "It was made with other arguments, or for other data ({found$jobs} {found$label})."
  }
  rescorla_abort(c(
    "The folder {.file {folder}} of `checkpoint` belongs to a different call.",
    x = reason,
    i = "Give another folder, or remove this one to begin anew."
  ), "input", call = call)
}

job_file <- function(store, index) file.path(store$folder, sprintf("job-%06d.rds", index))

is_stored <- function(store, index) file.exists(job_file(store, index))

# Whether this process, which may be a worker elsewhere, sees the folder.
can_store <- function(store) {
  !is.null(store) && identical(read_whole(file.path(store$folder, "call.rds"))$study, store$study)
}

# Errors are not kept: what failed runs again.
store_outcome <- function(store, index, outcome) {
  if (!"result" %in% names(outcome)) return(invisible(FALSE))
  invisible(write_whole(list(job = store$hashes[index], outcome = outcome), job_file(store, index)))
}

# NULL where there is none, it is of another job, or the file is damaged.
read_outcome <- function(store, index) {
  if (is.null(store)) return(NULL)
  found <- read_whole(job_file(store, index))
  if (identical(found$job, store$hashes[index])) found$outcome
}

stored_outcomes <- function(store, count) {
  outcomes <- vector("list", count)
  if (is.null(store)) return(outcomes)
  for (i in which(is_stored(store, seq_len(count)))) outcomes[i] <- list(read_outcome(store, i))
  outcomes
}

# An object as bytes with their hash, so that a damaged file is known as such.
write_whole <- function(x, file) {
  bytes <- serialize(x, NULL)
  partial <- tempfile("part-", dirname(file))
  on.exit(unlink(partial))
  tryCatch({
    saveRDS(list(hash = rlang::hash(bytes), bytes = bytes), partial)
    file.rename(partial, file)
  }, error = function(e) FALSE, warning = function(e) FALSE)
}

read_whole <- function(file) {
  if (!file.exists(file)) return(NULL)
  tryCatch({
    found <- suppressWarnings(readRDS(file))
    if (identical(rlang::hash(found$bytes), found$hash)) unserialize(found$bytes)
  }, error = function(e) NULL)
}

# --- hashes ---------------------------------------------------------------------------------------

# The same for the same content in any session: functions and expressions count by their text
# (environments, source references and compiled code by nothing), numbers by their values. The
# first bytes of a serialised object tell R's version.
key_hash <- function(x) rlang::hash(serialize(plain_content(x), NULL, version = 2)[-(1:14)])

plain_content <- function(x) {
  if (is.function(x)) return(if (is.primitive(x)) deparse(x) else
    c(deparse(args(x)), deparse(body(x))))
  if (is.language(x)) return(deparse(x))
  if (is.environment(x) || typeof(x) == "externalptr") return(NULL)
  extra <- attributes(x)
  if (!is.null(extra)) {
    extra <- extra[sort(names(extra))]
    # Stripped of its class, lest methods for its parts get in the way.
    x <- unclass(x)
    attributes(x) <- NULL
    extra <- lapply(extra, plain_content)
  }
  if (is.list(x)) x <- lapply(x, plain_content)
  if (is.null(extra)) x else list(x, extra)
}
