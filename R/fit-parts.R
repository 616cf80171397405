# Fits by subject in parts: the subjects of data in memory a few at a time, or chunks of data that
# are not. What is found of a subject does not depend on who else is in its part.

# Parts cost a little and bring nothing where one process does all at once.
fit_in_parts <- function(data, checkpoint) {
  inherits(data, "rl_data_chunks") || !is.null(checkpoint) ||
    (length(data$subjects) >= 64L && !runs_in_turn(2L))
}

maxima_of_parts <- function(model, data, prior, starts, seed, threads, checkpoint, call) {
  chunked <- inherits(data, "rl_data_chunks")
  shared <- list(model = model, prior = prior, starts = starts, seed = seed,
    count = length(data$subjects), threads = threads, data = if (chunked) data,
    backend = active_backend())
  jobs <- if (chunked) {
    lapply(seq_len(nrow(data$chunks)), \(i) list(name = data$chunks$name[i], chunk = i))
  } else {
    lapply(parts_of_subjects(length(data$subjects)), \(index) {
      part <- part_of_data(data, index)
      part$values <- level_values(model, data)
      list(name = name_some(part$subjects, 2L), data = part)
    })
  }
  # Jobs in memory hold their data; chunks are known by their hashes.
  key <- if (!is.null(checkpoint)) list("rl_fit", model$program, model$parameters, prior, starts, seed,
    active_level(), active_backend(),
    if (chunked) list(data$hashes, data$arguments, data$actions, data$types))
  parts <- run_jobs(jobs, fit_part, shared, label = if (chunked) "chunks of data" else
    "parts of the data", checkpoint = checkpoint, key = key, call = call)
  merge_parts(parts)
}

fit_part <- function(job, shared) {
  call <- rlang::current_env()
  local_backend(shared$backend)
  data <- job$data %||% load_chunk(shared$data, job$chunk, call)
  found <- subject_maxima(shared$model, data, shared$prior, shared$starts, shared$seed, shared$count,
    resolve_threads(shared$threads), function(...) NULL, call)
  # A part that was cut short is no result.
  stop_if_interrupted(found$complete, call)
  found
}

# Numbers of subjects in parts whose size depends on how many there are and on nothing else, so that
# a checkpoint fits whatever machine goes on with it.
parts_of_subjects <- function(n) {
  size <- min(1000, max(8, ceiling(n / 32)))
  unname(split(seq_len(n), (seq_len(n) - 1L) %/% size))
}

# Rows of matrices, elements of vectors and lists one after the other.
merge_parts <- function(parts) {
  merged <- lapply(rlang::set_names(names(parts[[1L]])), \(name) {
    fields <- lapply(parts, `[[`, name)
    if (is.matrix(fields[[1L]])) do.call(rbind, fields) else do.call(c, fields)
  })
  merged$complete <- all(merged$complete)
  merged
}

# --- parts of data and of fits ---------------------------------------------------------------------

# The data of subjects number `index`, as rl_data of their own.
part_of_data <- function(data, index) {
  rows <- which(data$row_subject %in% index)
  kept <- data$order[rows]
  part <- data
  part$data <- data$data[kept, , drop = FALSE]
  part$order <- seq_along(rows)
  part$row_subject <- match(data$row_subject[rows], index)
  episodes <- unique(data$row_block[rows])
  part$row_block <- match(data$row_block[rows], episodes)
  part$subjects <- data$subjects[index]
  part$length <- data$length[index]
  part$first <- cumsum(part$length) - part$length + 1L
  part$block_start <- data$block_start[rows]
  part$blocks <- data$blocks[episodes]
  part$responses <- lapply(data$responses, `[`, rows)
  if (!is.null(data$forced)) part$forced <- lapply(data$forced, `[`, rows)
  part$counts <- count_data(part)
  part$cache <- new.env(parent = emptyenv())
  part
}

# All values of the columns that the model takes as codes, for the parts, which may lack some.
level_values <- function(model, data) {
  codes <- setdiff(model$program$codes, names(data$responses))
  columns <- unique(unlist(lapply(codes, \(name) data_columns(data, name))))
  lapply(rlang::set_names(as.character(columns)), \(column) common_values(list(
    distinct_values(data$data[[column]]))))
}

by_subject_parts <- c("estimates", "std_error", "vcov", "loglik", "nobs", "converged", "at_bound", "flat",
  "gradient", "scaled_gradient", "iterations", "starts_agree", "status", "message", "log_posterior",
  "log_evidence", "hessian", "hessian_real", "outcome")

# The fit of subjects number `index` of it, with data of their own.
part_of_fit <- function(fit, index, data) {
  for (name in intersect(by_subject_parts, names(fit))) {
    x <- fit[[name]]
    if (!is.null(x)) fit[[name]] <- if (is.matrix(x)) x[index, , drop = FALSE] else x[index]
  }
  fit$data <- data
  if (inherits(fit, "rl_fit_group")) fit$group <- part_of_group(fit$group, index)
  fit
}
