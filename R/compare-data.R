# Whether fits were made to the same data: the question rl_compare() asks before it compares.

check_same_data <- function(fits, call) {
  fits <- lapply(fits, fit_by_subject)
  check_same_chunks(fits, call)
  for (i in seq_along(fits)[-1L]) {
    difference <- data_difference(fits[[1L]], fits[[i]], names(fits)[c(1L, i)])
    if (!is.null(difference)) {
      rescorla_abort(c(
        "The fits {.val {names(fits)[1L]}} and {.val {names(fits)[i]}} are to different data.",
        x = "{difference}",
        i = "Fit all models to one and the same {.fn rl_data}."
      ), "input", call = call, models = names(fits)[c(1L, i)])
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

# What differs first, in words, or NULL.
data_difference <- function(a, b, names) {
  responses <- lapply(list(a, b), \(fit) {
    vapply(fit$model$program$responses, `[[`, "", "name")
  })
  if (!setequal(responses[[1L]], responses[[2L]])) {
    return(paste0("The first models ", name_some(responses[[1L]]), ", the second ",
      name_some(responses[[2L]]), "."))
  }
  # The cache belongs to one rl_data() object alone.
  if (!identical(a$data$cache, b$data$cache)) {
    difference <- subjects_difference(a$data, b$data, names) %||%
      columns_difference(a$data, b$data, responses[[1L]])
    if (!is.null(difference)) {
      return(difference)
    }
  }
  if (!identical(unname(a$nobs), unname(b$nobs))) {
    s <- which(a$nobs != b$nobs)[1L]
    return(paste0("Subject ", names(a$nobs)[s], " has ", a$nobs[s],
      " scored responses in the first, ", b$nobs[s], " in the second."))
  }
  NULL
}

subjects_difference <- function(a, b, names) {
  ids <- list(as.character(a$subjects), as.character(b$subjects))
  for (i in 1:2) {
    only <- setdiff(ids[[i]], ids[[3L - i]])
    if (length(only) > 0L) {
      return(paste0("Only \"", names[i], "\" has subject", if (length(only) > 1L) "s", " ",
        name_some(only), "."))
    }
  }
  moved <- which(ids[[1L]] != ids[[2L]])
  if (length(moved) > 0L) {
    return(paste0("The subjects come in another order, from ", ids[[1L]][moved[1L]], " on."))
  }
  s <- which(a$length != b$length)
  if (length(s) > 0L) {
    return(paste0("Subject ", ids[[1L]][s[1L]], " has ", a$length[s[1L]], " trials in the first, ",
      b$length[s[1L]], " in the second."))
  }
  NULL
}

columns_difference <- function(a, b, responses) {
  for (name in responses) {
    where <- first_difference(response_values(a, name), response_values(b, name))
    if (!is.null(where)) {
      return(describe_row(paste0("The response `", name, "` differs"), a, where))
    }
    forced <- \(data) data$forced[[name]] %||% rep(FALSE, length(data$order))
    where <- first_difference(forced(a), forced(b))
    if (!is.null(where)) {
      return(describe_row(paste0("The response `", name, "` is forced in one only"), a, where))
    }
  }
  outcomes <- lapply(list(a, b), \(data) {
    if (!is.null(data$roles$outcome)) as.double(rl_data_column(data, "outcome"))
  })
  if (is.null(outcomes[[1L]]) != is.null(outcomes[[2L]])) {
    return("Only one of them has an outcome column.")
  }
  where <- first_difference(outcomes[[1L]], outcomes[[2L]])
  if (!is.null(where)) {
    return(describe_row("The outcome differs", a, where))
  }
  NULL
}

response_values <- function(data, name) {
  codes <- data$responses[[name]]
  if (is.null(codes)) rl_data_column(data, name) else data$actions[[name]][codes]
}

# Two missing values are the same.
first_difference <- function(x, y) {
  if (identical(x, y)) {
    return(NULL)
  }
  different <- which(is.na(x) != is.na(y) | (!is.na(x) & !is.na(y) & x != y))
  if (length(different) > 0L) different[1L]
}

describe_row <- function(what, data, where) {
  s <- data$row_subject[where]
  paste0(what, ", first for subject ", data$subjects[s], " on trial ",
    where - data$first[s] + 1L, " (row ", data$order[where], ").")
}
