# What is allowed but probably a mistake: warned about, once per kind, when data are made.

warn_suspect <- function(data, call) {
  warn_same_action(data, call)
  warn_constant_outcome(data, call)
  warn_identical_subjects(data, call)
  for (role in c("available", "foregone")) {
    warn_column_order(data, role, call)
  }
}

# A column called block or session matters (states start afresh in each block), and is easily
# forgotten.
mention_unused_block <- function(data, roles, extra) {
  used <- unlist(c(roles, extra), use.names = FALSE)
  unused <- setdiff(names(data)[tolower(names(data)) %in% c("block", "session")], used)
  if (length(unused) == 0L) {
    return(invisible())
  }
  column <- unused[1L]
  rescorla_inform(c(
    "Column {.val {column}} is not used.",
    i = if (is.null(roles$block)) {
      "If learning starts afresh in each one, say {.code block = \"{column}\"}."
    } else {
      "If numbers in {.val {roles$block}} start again in each one, make a column that joins the two
       and name that as {.arg block}."
    }
  ))
}

# Fewer choices than this may well be all the same by chance.
enough_choices <- 10L

warn_same_action <- function(data, call) {
  for (name in names(data$responses)) {
    column <- data$roles$choice[[name]]
    labels <- data$actions[[name]]
    if (length(labels) < 2L) {
      rescorla_warn(
        c(
          "Column {.val {column}} holds one action only, {.val {labels}}.",
          i = "If there were others, list them all with {.arg actions}."
        ),
        "data",
        column = column,
        call = call
      )
      next
    }
    counts <- action_counts(data, name)
    total <- rowSums(counts)
    same <- which(total >= enough_choices & rowSums(counts == total) > 0)
    if (length(same) > 0L) {
      n <- length(same)
      ids <- name_some(data$subjects[same])
      rescorla_warn(
        c(
          "{n} subject{?s} always made the same choice (column {.val {column}}): {ids}.",
          i = "Their parameters cannot be told from such choices: check how they were recorded."
        ),
        "data",
        column = column,
        subjects = data$subjects[same],
        call = call
      )
    }
  }
}

warn_constant_outcome <- function(data, call) {
  column <- data$roles$outcome
  if (is.null(column)) {
    return(invisible())
  }
  x <- plain(data$data[[column]])
  if (all_missing(x)) {
    return(rescorla_warn("Column {.val {column}} holds no outcomes, only {.code NA}.", "data",
      column = column, call = call))
  }
  n <- length(x)
  range <- range_of(x)
  if (range[1L] == range[2L] && n > 1L) {
    return(rescorla_warn(
      c(
        "Outcomes never vary: column {.val {column}} is always {range[1L]}.",
        i = "Nothing can be learned from them: is it the right column?"
      ),
      "data",
      column = column,
      call = call
    ))
  }
  subjects <- length(data$subjects)
  reference <- first_observed(data, x)
  varies <- logical(subjects)
  observed <- integer(subjects)
  for (i in row_chunks(n)) {
    subject <- data$row_subject[i]
    value <- x[data$order[i]]
    varies[subject[which(value != reference[subject])]] <- TRUE
    seen <- subject[!is.na(value)]
    if (length(seen) > 0L) {
      # Rows are sorted by subject, so only a short stretch of the totals changes.
      span <- seen[1L]:seen[length(seen)]
      observed[span] <- observed[span] + tabulate(seen - (span[1L] - 1L), length(span))
    }
  }
  same <- which(!varies & observed >= enough_choices)
  if (length(same) > 0L) {
    n <- length(same)
    ids <- name_some(data$subjects[same])
    rescorla_warn(
      c(
        "Outcomes never vary (column {.val {column}}) for {cli::qty(n)}{n} subject{?s}: {ids}.",
        i = "Check how they were recorded."
      ),
      "data",
      column = column,
      subjects = data$subjects[same],
      call = call
    )
  }
}

# Each subject's first observed value of a column (NA if there is none).
first_observed <- function(data, x) {
  value <- x[data$order[data$first]]
  if (!anyNA(value)) {
    return(value)
  }
  for (i in row_chunks(length(x))) {
    i <- i[is.na(value[data$row_subject[i]])]
    i <- i[!is.na(x[data$order[i]])]
    i <- i[!duplicated(data$row_subject[i])]
    value[data$row_subject[i]] <- x[data$order[i]]
  }
  value
}

# Subjects whose choices and outcomes agree on every trial. Few share even their first trials, so
# only those are looked at further: by a weighted sum of their whole sequences, and exactly where
# that agrees too.
warn_identical_subjects <- function(data, call) {
  if (length(data$responses) == 0L || is.null(data$roles$outcome)) {
    return(invisible())
  }
  # So short that two careful learners could agree by chance (at most one time in two per trial).
  subjects <- length(data$subjects)
  long <- subjects * (subjects - 1) / 2 * 0.5^data$length < 0.05
  outcome <- plain(data$data[[data$roles$outcome]])
  columns <- c(
    unname(data$responses),
    list(if (is.unsorted(data$order)) outcome[data$order] else outcome)
  )
  group <- same_beginning(columns, data, which(long))
  group <- same_sum(columns, data, group)
  pairs <- same_sequence(columns, data, group)
  if (nrow(pairs) == 0L) {
    return(invisible())
  }
  n <- nrow(pairs)
  ids <- name_some(paste(data$subjects[pairs[, 1L]], "=", data$subjects[pairs[, 2L]]))
  rescorla_warn(
    c(
      "{cli::qty(n)}{n} subject{?s} {?has/have} the same choices and outcomes as another on every
       trial: {ids}.",
      i = "Were the same data entered twice?"
    ),
    "data",
    subjects = data$subjects[pairs[, 2L]],
    call = call
  )
}

# data frame(subject, group): subjects that agree in length and over their first trials with at
# least one other.
same_beginning <- function(columns, data, subjects, trials = 24L) {
  start <- data$first[subjects]
  length <- data$length[subjects]
  sum <- numeric(length(subjects))
  for (k in seq_len(min(trials, max(length, 0L)))) {
    row <- start + k - 1L
    row[k > length] <- NA_integer_
    for (x in columns) {
      value <- x[row]
      value[is.na(value)] <- -0.7310585
      sum <- sum * 1.6180339887 + value
    }
  }
  regroup(subjects, list(length, sum))
}

same_sum <- function(columns, data, group) {
  subjects <- group$subject
  if (length(subjects) == 0L) {
    return(group)
  }
  length <- data$length[subjects]
  row <- sequence(length, from = data$first[subjects])
  place <- sequence(length)
  sum <- numeric(length(row))
  for (j in seq_along(columns)) {
    value <- columns[[j]][row]
    value[is.na(value)] <- -0.7310585
    # Weights spread evenly over (0, 1), different for each place and column.
    sum <- sum + value * ((place * 0.6180339887498949 + j * 0.4142135623730951) %% 1)
  }
  # rowsum() adds in order within a group, so equal sequences give sums equal to the last bit.
  sum <- rowsum(sum, rep.int(seq_along(subjects), length), reorder = FALSE)
  regroup(subjects, list(group$group, drop(sum)))
}

# Two-column matrix of subject codes: the first of a group, and another that equals it everywhere.
same_sequence <- function(columns, data, group) {
  first <- group$subject[match(group$group, group$group)]
  pair <- which(first != group$subject)
  a <- first[pair]
  b <- group$subject[pair]
  length <- data$length[a]
  row_a <- sequence(length, from = data$first[a])
  row_b <- sequence(length, from = data$first[b])
  differs <- logical(length(row_a))
  for (x in columns) {
    value_a <- x[row_a]
    value_b <- x[row_b]
    same <- value_a == value_b
    same[is.na(same)] <- (is.na(value_a) & is.na(value_b))[is.na(same)]
    differs <- differs | !same
  }
  wrong <- tabulate(rep.int(seq_along(pair), length)[differs], length(pair)) > 0L
  cbind(a, b)[!wrong, , drop = FALSE]
}

# Groups of subjects that agree in every key, without those that agree with nobody.
regroup <- function(subjects, keys) {
  id <- rep.int(1L, length(subjects))
  for (key in keys) {
    key <- match(key, unique(key))
    combined <- (id - 1) * max(key, 1L) + key
    id <- match(combined, unique(combined))
  }
  shared <- tabulate(id)[id] > 1L
  list(subject = subjects[shared], group = id[shared])
}

# Columns named after the actions but given in another order.
warn_column_order <- function(data, role, call) {
  groups <- data$roles[[role]]
  if (!is.list(groups)) {
    groups <- if (length(data$actions) == 1L) rlang::set_names(list(groups), names(data$actions))
  }
  for (name in names(groups)) {
    labels <- data$actions[[name]]
    columns <- groups[[name]]
    if (length(columns) != length(labels)) {
      next
    }
    ends <- outer(columns, labels, \(column, label) endsWith(column, paste0("_", label)))
    if (all(rowSums(ends) == 1L) && all(colSums(ends) == 1L) && !all(diag(ends))) {
      rescorla_warn(
        c(
          "The columns of {.arg {role}} may be in another order than the actions.",
          x = "The columns are {.val {columns}}, the actions {.val {labels}}."
        ),
        "data",
        column = columns,
        call = call
      )
    }
  }
}
