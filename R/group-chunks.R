# Hierarchical models over data in chunks. What the steps of empirical Bayes ask of the data they ask
# through laplace_step() and evaluate_units(), subject by subject: these go from chunk to chunk, and
# all else works on modes and curvatures, as it does for data in memory.

# An engine without data of its own. `pieces`: an environment that keeps the engines of chunks as far
# as there is memory for them, and the number of scored responses by subject.
chunked_engine <- function(model, data, design, threads) {
  problem <- fit_problem(model, NULL, 1L)
  maps <- parameter_maps(model$kinds[design$parameters])
  pieces <- rlang::new_environment(list(
    engines = vector("list", nrow(data$chunks)), bytes = 0, scored = integer(length(data$subjects))
  ))
  list(
    model = model, data = data, design = design, maps = maps, threads = threads,
    every = needs_every(model), pieces = pieces,
    layout = list(subjects = length(data$subjects), parameter = design$effects$parameter - 1L)
  )
}

# `f(engine of a chunk, numbers of its subjects)` for all chunks, put together.
over_pieces <- function(engine, f, call) {
  merge_parts(lapply(seq_len(nrow(engine$data$chunks)), \(i) {
    piece <- engine$pieces$engines[[i]] %||%
      keep_piece(engine, i, load_chunk(engine$data, i, call), call)
    f(piece, which(engine$data$chunk == i))
  }))
}

# The engine of chunk i. Packed data take a fraction of the memory of a data frame.
keep_piece <- function(engine, i, data, call) {
  index <- which(engine$data$chunk == i)
  piece <- group_engine(engine$model, data, part_of_design(engine$design, index), engine$threads,
    call)
  piece$data <- NULL
  pieces <- engine$pieces
  pieces$scored[index] <- piece$scored
  size <- packed_bytes(engine$model$program, data)
  if (pieces$bytes + size <= getOption("rescorla.memory", 1e9)) {
    pieces$bytes <- pieces$bytes + size
    pieces$engines[[i]] <- piece
  }
  piece
}

packed_bytes <- function(program, data) {
  wide <- vapply(program$numbers, `[[`, NA, "wide")
  numbers <- sum(ifelse(wide, max(2, lengths(data$actions)), 1))
  length(data$order) * (8 * numbers + 4 * length(program$codes))
}

# Where em_start() begins: every subject by itself. Each chunk is read once for this and its engine.
piece_maxima <- function(engine, prior, starts, seed, call) {
  data <- engine$data
  merge_parts(lapply(seq_len(nrow(data$chunks)), \(i) {
    chunk <- load_chunk(data, i, call)
    keep_piece(engine, i, chunk, call)
    subject_maxima(engine$model, chunk, prior, starts, seed, length(data$subjects), engine$threads,
      function(...) NULL, call)
  }))
}

# --- the design ----------------------------------------------------------------------------------

# From one row a subject: covariates that vary over a subject's blocks would need its trials.
chunked_design <- function(formula, covariance, model, data, call) {
  outline <- list(data = as_frame(lapply(rlang::set_names(names(data$values)), \(name) logical()), 0L),
    roles = data$roles)
  parts <- parse_formulas(formula, model, outline, call)
  columns <- unique(unlist(lapply(parts, `[[`, "reads"), use.names = FALSE))
  n <- length(data$subjects)
  rows <- list(data = as_frame(chunked_covariates(columns, data, call), n), order = seq_len(n),
    row_subject = seq_len(n), row_block = seq_len(n), subjects = data$subjects, first = seq_len(n),
    length = rep(1L, n), block_start = rep(TRUE, n), roles = data$roles)
  design <- hierarchy_design(formula, covariance, model, rows, call)
  design$unit_length <- data$length
  design$unit_first <- cumsum(data$length) - data$length + 1L
  design
}

# Columns by subject: a list of vectors.
chunked_covariates <- function(columns, data, call) {
  if (length(columns) == 0L) return(list())
  parts <- lapply(seq_len(nrow(data$chunks)), \(i) {
    chunk <- load_chunk(data, i, call)
    chunk_conditions(for (column in columns) {
      check_covariate(column, chunk, call)
      check_covariate_by_subject(column, chunk, call)
    }, data$chunks$name[i], TRUE, call)
    lapply(rlang::set_names(columns), \(column) chunk$data[[column]][chunk$order[chunk$first]])
  })
  lapply(rlang::set_names(columns), \(column) {
    do.call(c, lapply(parts, `[[`, column))
  })
}

check_covariate_by_subject <- function(column, chunk, call) {
  x <- plain(chunk$data[[column]])[chunk$order]
  other <- which(x != x[chunk$first[chunk$row_subject]])
  if (length(other) == 0L) return(invisible())
  who <- as.character(chunk$subjects[chunk$row_subject[other[1L]]])
  rescorla_abort(c(
    "Covariate {.val {column}} varies between the blocks of subject {.val {who}}.",
    x = "For data in chunks covariates must be constant within subjects.",
    i = "Data in memory may have them: {.code rl_data()} of a data frame."
  ), "data", column = column, subjects = who, call = call)
}

# --- parts ---------------------------------------------------------------------------------------

# Of subjects number `index`, where units are subjects.
part_of_design <- function(design, index) {
  design$unit_subject <- seq_along(index)
  for (name in c("unit_first", "unit_length", "unit_label")) design[[name]] <- design[[name]][index]
  for (name in c("weights", "means", "shared_design")) {
    design[[name]] <- design[[name]][index, , drop = FALSE]
  }
  design
}

part_of_group <- function(group, index) {
  group$design <- part_of_design(group$design, index)
  for (name in c("subjects", "log_evidence", "laplace")) group[[name]] <- group[[name]][index]
  for (name in c("effects", "effect_covariance", "means", "evidence")) {
    if (!is.null(group[[name]])) group[[name]] <- group[[name]][index, , drop = FALSE]
  }
  group
}
