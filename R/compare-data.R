# Whether fits were made to the same data: the question rl_compare() asks before it compares.

check_same_data <- function(fits, call) {
  fits <- lapply(fits, fit_by_subject)
  for (i in seq_along(fits)[-1L]) {
    pair <- names(fits)[c(1L, i)]
    found <- data_difference(fits[[1L]], fits[[i]], pair)
    if (!is.null(found)) {
      rescorla_abort(c(
        "The fits {.val {pair[1L]}} and {.val {pair[2L]}} are to different data.",
        stats::setNames(escape_braces(found$text), rep("x", length(found$text))),
        i = "Fit all models to one and the same {.fn rl_data}."
      ), "input", call = call, models = pair, rows = unique(found$where$row),
      differences = found$where)
    }
  }
}

# What the check looks at, `nobs` by subject: where the units of a hierarchical fit are episodes,
# its data are a view with these as subjects.
fit_by_subject <- function(fit) {
  seen <- list(model = fit$model, data = fit$data, nobs = fit$nobs)
  if (inherits(fit, "rl_fit_group")) {
    seen$data <- fit_source_data(fit)
    seen$nobs <- stats::setNames(sum_by_subject(fit, fit$nobs), seen$data$subjects)
  }
  storage.mode(seen$nobs) <- "double"
  seen
}

# What is known by unit of a hierarchical fit.
sum_by_subject <- function(fit, x) {
  as.vector(rowsum(unname(x), fit$group$design$unit_subject))
}

# NULL, or list(text, where): what differs, a line for each column, and a data frame that has a row
# for each row of the data that differs: `model` (in whose data frame the number counts), `row`,
# `subject`, `trial` (of the subject) and `column`.
data_difference <- function(a, b, names) {
  responses <- lapply(list(a, b), \(fit) {
    vapply(fit$model$program$responses, `[[`, "", "name")
  })
  if (!setequal(responses[[1L]], responses[[2L]])) {
    return(list(text = paste0("The first models ", name_some(responses[[1L]]), ", the second ",
      name_some(responses[[2L]]), ".")))
  }
  # The cache belongs to one rl_data() object alone.
  if (!identical(a$data$cache, b$data$cache)) {
    found <- subjects_difference(a$data, b$data, names) %||%
      length_difference(a$data, b$data, names, responses[[1L]]) %||%
      columns_difference(a$data, b$data, names, responses[[1L]])
    if (!is.null(found)) {
      return(found)
    }
  }
  scored_difference(a, b, names)
}

subjects_difference <- function(a, b, names) {
  ids <- list(as.character(a$subjects), as.character(b$subjects))
  for (i in 1:2) {
    only <- setdiff(ids[[i]], ids[[3L - i]])
    if (length(only) > 0L) {
      data <- list(a, b)[[i]]
      where <- difference_rows(data, ids[[i]][data$row_subject] %in% only, names[i], "subject")
      return(list(where = where, text = paste0("Only \"", names[i], "\" has subject",
        if (length(only) > 1L) "s", " ", name_some(only), " (", row_list(where), ").")))
    }
  }
  moved <- which(ids[[1L]] != ids[[2L]])
  if (length(moved) > 0L) {
    list(
      text = paste0("The subjects come in another order, from ", ids[[1L]][moved[1L]], " on."),
      where = difference_rows(a, a$row_subject %in% moved, names[1L], "subject")
    )
  }
}

# Subjects with more trials in one: which trials these are.
length_difference <- function(a, b, names, responses) {
  subjects <- which(a$length != b$length)
  if (length(subjects) == 0L) {
    return(NULL)
  }
  data <- list(a, b)
  extra <- lapply(data, \(x) logical(length(x$order)))
  for (s in subjects) {
    more <- if (a$length[s] > b$length[s]) 1L else 2L
    at <- lapply(data, \(x) x$first[s] - 1L + seq_len(x$length[s]))
    extra[[more]][at[[more]]] <- !trials_matched(data[[more]], at[[more]], data[[3L - more]],
      at[[3L - more]], responses)
  }
  where <- do.call(rbind, Map(difference_rows, data, extra, names, "trial"))
  s <- subjects[1L]
  others <- length(subjects) - 1L
  list(where = where, text = c(
    paste0("Subject ", a$subjects[s], " has ", a$length[s], " trials in the first, ", b$length[s],
      " in the second", if (others > 0L) paste0(", and so on for ", plural(others, "other")), "."),
    vapply(Filter(\(name) name %in% where$model, names), \(name) {
      paste0("Only \"", name, "\" has ", row_list(where[where$model == name, ]), ".")
    }, "")
  ))
}

# Which trials (rows `i` in the order of the run) of a subject are there too in data that have fewer
# (rows `j`). Where the columns common to both tell every trial from every other, as a column of
# trial numbers makes them do, a trial is there or not. Otherwise what is missing lies between the
# trials that agree from the first on and those that agree up to the last.
trials_matched <- function(long, i, short, j, responses) {
  common <- intersect(names(long$data), names(short$data))
  keys <- list(row_keys(long$data[common], long$order[i]),
    row_keys(short$data[common], short$order[j]))
  found <- keys[[1L]] %in% keys[[2L]]
  if (!anyDuplicated(keys[[1L]]) && sum(found) == length(j)) {
    return(found)
  }
  columns <- \(data) {
    c(lapply(responses, \(name) response_values(data, name)),
      if (!is.null(data$roles$outcome)) list(rl_data_column(data, "outcome")))
  }
  ends_agree(row_keys(columns(long), i), row_keys(columns(short), j))
}

# Rows as text.
row_keys <- function(columns, rows) {
  do.call(paste, c(unname(lapply(columns, \(x) as.character(x[rows]))), sep = "\r"))
}

# For the elements of `long`: whether they match `short` from the start on, or up to the end.
ends_agree <- function(long, short) {
  n <- length(short)
  leading <- \(x, y) {
    different <- which(x != y)
    if (length(different) > 0L) different[1L] - 1L else n
  }
  head <- leading(utils::head(long, n), short)
  tail <- min(leading(rev(utils::tail(long, n)), rev(short)), n - head)
  place <- seq_along(long)
  place <= head | place > length(long) - tail
}

columns_difference <- function(a, b, names, responses) {
  forced <- \(data, name) data$forced[[name]] %||% rep(FALSE, length(data$order))
  outcomes <- lapply(list(a, b), \(data) {
    if (!is.null(data$roles$outcome)) as.double(rl_data_column(data, "outcome"))
  })
  if (is.null(outcomes[[1L]]) != is.null(outcomes[[2L]])) {
    return(list(text = "Only one of them has an outcome column."))
  }
  column <- \(name, values, what, label) {
    different <- different_values(values(a), values(b))
    if (any(different)) {
      where <- difference_rows(a, different, names[1L], name)
      list(where = where, text = describe_rows(paste0(what, label), where))
    }
  }
  found <- c(
    lapply(responses, \(name) {
      column(name, \(data) response_values(data, name), "The response `",
        paste0(name, "` differs"))
    }),
    lapply(responses, \(name) {
      column(name, \(data) forced(data, name), "The response `",
        paste0(name, "` is forced in one fit only,"))
    }),
    list(if (!is.null(outcomes[[1L]])) {
      column("outcome", \(data) as.double(rl_data_column(data, "outcome")), "The outcome",
        " differs")
    })
  )
  join_differences(found)
}

# Models may score different rows of the same data.
scored_difference <- function(a, b, names) {
  if (identical(unname(a$nobs), unname(b$nobs))) {
    return(NULL)
  }
  s <- which(a$nobs != b$nobs)[1L]
  scored <- lapply(list(a, b), \(fit) scored_rows(fit$model, fit$data))
  where <- difference_rows(a$data, scored[[1L]] != scored[[2L]], names[1L], "scored")
  list(where = where, text = c(
    paste0("Subject ", names(a$nobs)[s], " has ", a$nobs[s], " scored responses in the first, ",
      b$nobs[s], " in the second."),
    if (nrow(where) > 0L) paste0("Scored in one only: ", row_list(where), ".")
  ))
}

join_differences <- function(found) {
  found <- Filter(Negate(is.null), found)
  if (length(found) > 0L) {
    list(text = vapply(found, `[[`, "", "text"),
      where = do.call(rbind, lapply(found, `[[`, "where")))
  }
}

response_values <- function(data, name) {
  codes <- data$responses[[name]]
  if (is.null(codes)) rl_data_column(data, name) else data$actions[[name]][codes]
}

# Two missing values are the same.
different_values <- function(x, y) {
  if (identical(x, y)) {
    return(logical(length(x)))
  }
  is.na(x) != is.na(y) | (!is.na(x) & !is.na(y) & x != y)
}

# `different`: of the rows in the order of the model's run.
difference_rows <- function(data, different, model, column) {
  at <- which(different)
  subject <- data$row_subject[at]
  data.frame(model = rep(model, length(at)), row = data$order[at],
    subject = as.character(data$subjects)[subject], trial = at - data$first[subject] + 1L,
    column = rep(column, length(at)))
}

# Row numbers in words, neighbours as spans.
row_list <- function(where) {
  rows <- sort(unique(where$row))
  run <- cumsum(c(TRUE, diff(rows) != 1L))
  spans <- vapply(split(rows, run), \(x) {
    paste(unique(c(x[1L], x[length(x)])), collapse = " to ")
  }, "")
  paste0(if (length(rows) == 1L) "row " else "rows ", name_some(spans))
}

describe_rows <- function(what, where) {
  subjects <- length(unique(where$subject))
  paste0(what, " in ", plural(nrow(where), "row"),
    if (subjects > 1L) paste0(" of ", plural(subjects, "subject")), ", first for subject ",
    where$subject[1L], " on trial ", where$trial[1L], ": ", row_list(where), ".")
}
