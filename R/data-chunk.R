# One chunk at a time, and all of them in print.

#' @rdname data_chunks
#' @export
rl_chunk <- function(x, i) UseMethod("rl_chunk")

#' @export
rl_chunk.rl_data_chunks <- function(x, i) {
  call <- rlang::current_env()
  load_chunk(x, check_chunk_number(x, i, call), call)
}

#' @export
rl_chunk.rl_fit <- function(x, i) {
  call <- rlang::current_env()
  if (!inherits(x$data, "rl_data_chunks")) {
    rescorla_abort(c("{.arg x} is not a fit to data in chunks.",
      i = "Its data are in memory: it needs no parts."), "input", arg = "x", call = call)
  }
  i <- check_chunk_number(x$data, i, call)
  part_of_fit(x, which(x$data$chunk == i), load_chunk(x$data, i, call))
}

#' @export
rl_chunk.default <- function(x, i) {
  rescorla_abort(c("{.arg x} must be data in chunks, or a fit to them, not {describe_value(x)}.",
    i = "{.fn rl_data} of a folder, files or a function gives data in chunks."), "input", arg = "x",
    call = rlang::current_env())
}

check_chunk_number <- function(x, i, call) {
  n <- nrow(x$chunks)
  if (is.character(i) && length(i) == 1L && i %in% x$chunks$name) return(match(i, x$chunks$name))
  if (is_whole_number(i) && i >= 1 && i <= n) return(as.integer(i))
  rescorla_abort(c(
    "{.arg i} must be the number of a chunk, 1 to {n}, or its name, not {describe_value(i)}.",
    i = "{.code summary(data)} lists them."
  ), "input", arg = "i", call = call)
}

# Chunk i as rl_data, its actions those of all chunks, with the values that columns have elsewhere.
load_chunk <- function(x, i, call) {
  name <- x$chunks$name[i]
  frame <- read_chunk(x$source, i, call)
  if (is.null(frame) || !identical(key_hash(frame), x$hashes[i])) {
    rescorla_abort(c(
      "{.file {name}} is not what it was when {.fn rl_data} looked at it.",
      i = "Call {.fn rl_data} again."
    ), "data", chunk = name, call = call)
  }
  for (column in names(x$types)) frame[[column]] <- as_type(frame[[column]], x$types[[column]])
  made <- withCallingHandlers(
    build_rl_data(frame, x$arguments, call),
    rescorla_warning_data = \(w) rlang::cnd_muffle(w),
    rescorla_message = \(m) rlang::cnd_muffle(m)
  )
  for (r in names(made$responses)) {
    made$responses[[r]] <- match(made$actions[[r]], x$actions[[r]])[made$responses[[r]]]
  }
  made$actions <- x$actions
  made$counts$actions <- x$counts$actions
  made$values <- x$values
  made
}

# --- printing ------------------------------------------------------------------------------------

#' @rdname data_chunks
#' @export
print.rl_data_chunks <- function(x, ...) {
  counts <- x$counts
  n <- nrow(x$chunks)
  header <- paste0("<rl_data_chunks> ", plural(n, "chunk"), ", ", plural(counts$subjects, "subject"),
    if (!is.null(x$roles$block)) paste0(", ", plural(counts$episodes, "block")), ", ",
    plural(counts$trials, "trial"))
  folder <- if (!is.null(x$source$files)) unique(dirname(x$source$files))
  from <- if (is.null(folder)) "a function" else if (length(folder) == 1L) {
    paste0(quoted(folder), ": ", name_some(x$chunks$name, 3L))
  } else {
    name_some(x$source$files, 2L)
  }
  lines <- c(
    chunks = from,
    holding = paste0(span_text(x$chunks$subjects), " subjects, ", span_text(x$chunks$trials),
      " trials each"),
    print_task(x),
    vapply(rlang::set_names(names(x$roles$choice)), \(name) paste0(quoted(x$roles$choice[[name]]),
      ": ", plural(length(x$actions[[name]]), "action"), " ", label_text(x$actions[[name]])), ""),
    if (!is.null(x$roles$outcome)) c(outcome = paste0(quoted(x$roles$outcome), ": ",
      paste(signif(x$range, 4), collapse = " to ")))
  )
  cat(clip(header), clip(paste0("  ", format(names(lines)), "  ", lines)),
    "Next: rl_fit(model, data), rl_chunk(data, 1), or summary(data) by chunk", sep = "\n")
  invisible(x)
}

#' @rdname data_chunks
#' @export
summary.rl_data_chunks <- function(object, ...) object$chunks

# --- what works on chunks, and what does not -------------------------------------------------------

# What looks at trials asks here first.
abort_chunks <- function(call, what = "This") {
  rescorla_abort(c(
    "{what} needs trials, and the data are in chunks that are not held in memory.",
    i = "Go chunk by chunk: {.code rl_chunk(fit, i)} is the fit to chunk {.code i} with its data,
         {.code rl_chunk(data, i)} the data."
  ), "data", call = call)
}

# Fits to chunks are compared with fits to the same chunks, which are known by their hashes: those make
# up what stands in the place of the cache of other data.
check_same_chunks <- function(fits, call) {
  chunked <- vapply(fits, \(fit) inherits(fit$data, "rl_data_chunks"), NA)
  if (!any(chunked)) return(invisible())
  for (i in seq_along(fits)[-1L]) {
    difference <- chunks_difference(fits[[1L]]$data, fits[[i]]$data, chunked[c(1L, i)],
      names(fits)[c(1L, i)])
    if (!is.null(difference)) {
      rescorla_abort(c(
        "The fits {.val {names(fits)[1L]}} and {.val {names(fits)[i]}} are to different data.",
        x = "{difference}",
        i = "Fit all models to one and the same {.fn rl_data}."
      ), "input", call = call, models = names(fits)[c(1L, i)])
    }
  }
}

chunks_difference <- function(a, b, chunked, names) {
  if (!all(chunked)) {
    return(paste0("Only the data of \"", names[chunked], "\" are in chunks."))
  }
  if (identical(a$cache, b$cache)) {
    return(NULL)
  }
  if (length(a$hashes) != length(b$hashes)) {
    return(paste0("The first are in ", plural(length(a$hashes), "chunk"), ", the second in ",
      length(b$hashes), "."))
  }
  different <- which(a$hashes != b$hashes)
  if (length(different) == 0L) {
    return("Their columns play different roles.")
  }
  paste0("Chunk \"", a$chunks$name[different[1L]], "\" differs.")
}
