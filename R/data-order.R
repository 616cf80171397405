# Rows into subjects, blocks and trials. Data frames mostly arrive in long runs of one subject and
# block, so the work is done on runs of rows; rows are sorted only where `trial` asks for it.

# The fields of an rl_data object that say which row is which: see rl_data().
order_rows <- function(data, roles, call) {
  n <- nrow(data)
  subject <- plain(data[[roles$subject]])
  block <- if (!is.null(roles$block)) plain(data[[roles$block]])

  start <- run_starts(c(list(subject), if (!is.null(block)) list(block)), n)
  runs <- length(start)
  if (is.null(block) && runs > n / 2) {
    rm(start)
    return(order_scattered_rows(data, roles, subject, call))
  }
  run_length <- c(start[-1L], n + 1L) - start
  run_subject <- code_by_appearance(subject[start])
  if (is.null(block)) {
    run_episode <- run_subject
  } else {
    # Numbered by first appearance in the data, which within a subject is first appearance there.
    run_block <- code_by_appearance(block[start])
    run_episode <- code_by_appearance((run_subject - 1) * max(run_block) + run_block)
  }

  order <- seq_len(n)
  if (is.unsorted(run_subject) || is.unsorted(run_episode)) {
    by <- if (is.null(block)) {
      order(run_subject, method = "radix")
    } else {
      order(run_subject, run_episode, method = "radix")
    }
    order <- if (runs == n) by else sequence(run_length[by], from = start[by])
    run_length <- run_length[by]
    run_subject <- run_subject[by]
    run_episode <- run_episode[by]
  }
  first_of_run <- cumsum(run_length) - run_length + 1L
  first <- first_of_run[run_starts(list(run_subject), runs)]
  row_subject <- if (runs == n) run_subject else rep.int(run_subject, run_length)
  if (is.null(block)) {
    # A subject is an episode then: one vector serves for both.
    block_first <- first
    row_block <- row_subject
  } else {
    episode_start <- run_starts(list(run_episode), runs)
    block_first <- first_of_run[episode_start]
    row_block <- rep.int(seq_along(block_first), diff(c(block_first, n + 1L)))
  }

  if (!is.null(roles$trial)) {
    order <- order_trials(data, roles, order, row_block, call)
  }

  block_start <- logical(n)
  block_start[block_first] <- TRUE
  label <- \(column, rows) {
    x <- data[[column]][order[rows]]
    if (is.factor(x)) as.character(x) else unname(x)
  }
  list(
    order = order,
    row_subject = row_subject,
    row_block = row_block,
    subjects = label(roles$subject, first),
    first = first,
    length = diff(c(first, n + 1L)),
    block_start = block_start,
    blocks = if (!is.null(block)) label(roles$block, block_first)
  )
}

# The same where subjects take turns, as in data that stand trial by trial: runs of rows would take
# more memory than the rows. A subject is one episode here.
order_scattered_rows <- function(data, roles, subject, call) {
  code <- code_by_appearance(subject)
  order <- order(code, method = "radix")
  length <- tabulate(code, max(code))
  rm(code)
  row_subject <- rep.int(seq_along(length), length)
  first <- cumsum(length) - length + 1L
  if (!is.null(roles$trial)) {
    order <- order_trials(data, roles, order, row_subject, call)
  }
  block_start <- logical(length(order))
  block_start[first] <- TRUE
  subjects <- data[[roles$subject]][order[first]]
  list(
    order = order,
    row_subject = row_subject,
    row_block = row_subject,
    subjects = if (is.factor(subjects)) as.character(subjects) else unname(subjects),
    first = first,
    length = length,
    block_start = block_start,
    blocks = NULL
  )
}

# `order` with the rows of each episode by their trial number, which must be distinct there.
order_trials <- function(data, roles, order, row_block, call) {
  n <- nrow(data)
  trial <- plain(data[[roles$trial]])
  unsorted <- first_row(n, \(i) {
    i <- i[i > 1L]
    row_block[i] == row_block[i - 1L] & trial[order[i]] < trial[order[i - 1L]]
  })
  if (!is.null(unsorted)) {
    order <- order[order(row_block, trial[order], method = "radix")]
  }
  repeated <- lapply(row_chunks(n), \(i) {
    i <- i[i > 1L]
    order[i[row_block[i] == row_block[i - 1L] & trial[order[i]] == trial[order[i - 1L]]]]
  })
  row <- min(unlist(repeated), Inf)
  if (is.finite(row)) {
    id <- as.character(data[[roles$subject]][row])
    block <- if (!is.null(roles$block)) as.character(data[[roles$block]][row])
    number <- as.character(data[[roles$trial]][row])
    rescorla_abort(
      c(
        "Column {.val {roles$trial}} repeats trial {number} for subject {.val {id}}{if
         (!is.null(block)) paste(' in block', block)} in row {row}.",
        i = "Trial numbers must differ within {if (is.null(block)) 'a subject' else 'a block'}.",
        i = if (is.null(block)) "If they start again in each block, name its column: {.arg block}.",
        i = "To take rows in the order they stand in, leave {.arg trial} out."
      ),
      "data",
      column = roles$trial,
      row = as.integer(row),
      call = call
    )
  }
  order
}

# First rows of the runs over which every one of `columns` is constant.
run_starts <- function(columns, n) {
  starts <- lapply(row_chunks(n), \(i) {
    i <- i[i > 1L]
    differs <- lapply(columns, \(x) x[i] != x[i - 1L])
    i[Reduce(`|`, differs)]
  })
  c(1L, unlist(starts))
}

# The table of unique() is several times the size of its argument: here it is that of a piece.
code_by_appearance <- function(x) {
  seen <- unlist(lapply(row_chunks(length(x)), \(i) unique(x[i])))
  match(x, unique(seen))
}

# Row numbers in pieces, so that what is computed by row takes no memory beyond its result.
row_chunks <- function(n, size = 2^18) {
  from <- seq(1, n, by = size)
  Map(\(a, b) seq.int(as.integer(a), as.integer(b)), from, pmin(from + size - 1, n))
}

# The first row for which `test(rows)` (a function of row numbers) is TRUE, or NULL. A test that
# drops row 1 from what it is given, having nothing before it to compare, is told by its length.
first_row <- function(n, test) {
  for (i in row_chunks(n)) {
    hit <- test(i)
    at <- match(TRUE, hit)
    if (!is.na(at)) {
      return(i[length(i) - length(hit) + at])
    }
  }
  NULL
}

# Without class, so that comparing and indexing stay fast: factors as their codes, dates as numbers.
plain <- function(x) {
  if (is.object(x)) as.vector(unclass(x)) else x
}
