#' @param x,object An object of class `rl_data`.
#' @rdname rl_data
#' @export
print.rl_data <- function(x, ...) {
  counts <- x$counts
  blocks <- if (!is.null(x$blocks)) paste0(", ", plural(counts$episodes, "block"))
  header <- paste0(
    "<rl_data> ", plural(counts$subjects, "subject"), blocks, ", ", plural(counts$trials, "trial"),
    if (counts$subjects > 1L) paste0(" (", span_text(x$length), " per subject)")
  )
  lines <- c(
    print_task(x), print_responses(x), print_outcome(x), print_other_roles(x), print_extra(x)
  )
  cat(
    clip(header),
    clip(paste0("  ", format(names(lines)), "  ", lines)),
    print_next(x),
    sep = "\n"
  )
  invisible(x)
}

#' @return `summary()`: a data frame with one row per subject: its trials, blocks, missed choices
#'   and outcomes, mean outcome, and how often it chose each action (as a share of its valid
#'   choices).
#' @rdname rl_data
#' @export
summary.rl_data <- function(object, ...) {
  subjects <- length(object$subjects)
  result <- data.frame(
    subject = object$subjects,
    trials = object$length,
    blocks = tabulate(object$row_subject[object$block_start], subjects)
  )
  several <- length(object$responses) > 1L
  for (name in names(object$responses)) {
    counts <- action_counts(object, name)
    valid <- rowSums(counts)
    result[[if (several) paste0("missed_", name) else "missed_choices"]] <-
      as.integer(object$length - valid)
    share <- counts / valid
    prefix <- if (several) paste0("p_", name, "_") else "p_"
    result[paste0(prefix, object$actions[[name]])] <- as.data.frame(share)
  }
  if (!is.null(object$roles$outcome)) {
    outcome <- as.double(rl_data_column(object, "outcome"))
    seen <- !is.na(outcome)
    observed <- tabulate(object$row_subject[seen], subjects)
    outcome[!seen] <- 0
    total <- drop(rowsum(outcome, object$row_subject, reorder = FALSE))
    result$missed_outcomes <- object$length - observed
    result$mean_outcome <- unname(total) / observed
  }
  structure(result, class = c("summary.rl_data", "data.frame"))
}

#' @export
print.summary.rl_data <- function(x, ..., n = 10L, digits = 3L) {
  cat("Task data of ", plural(nrow(x), "subject"), "\n", sep = "")
  print.data.frame(utils::head(x, n), digits = digits, row.names = FALSE, ...)
  if (nrow(x) > n) {
    cat("... and ", plural(nrow(x) - n, "more subject"), "\n", sep = "")
  }
  invisible(x)
}

print_responses <- function(x) {
  columns <- x$roles$choice
  if (is.null(columns)) {
    labels <- x$actions[["choice"]]
    return(if (!is.null(labels)) c(actions = label_text(labels)))
  }
  vapply(rlang::set_names(names(columns)), \(name) {
    codes <- x$responses[[name]]
    paste0(
      quoted(columns[[name]]), ": ",
      plural(length(x$actions[[name]]), "action"), " ", label_text(x$actions[[name]]),
      missed_text(count_missing(codes), length(codes))
    )
  }, character(1))
}

print_outcome <- function(x) {
  column <- x$roles$outcome
  if (is.null(column)) {
    return(NULL)
  }
  range <- range_of(x$data[[column]])
  found <- if (anyNA(range)) "all missed" else paste(signif(range, 4), collapse = " to ")
  c(outcome = paste0(quoted(column), ": ", found, missed_text(x$counts$missed_outcomes,
    x$counts$trials)))
}

print_other_roles <- function(x) {
  roles <- x$roles
  lines <- character()
  if (!is.null(roles$block)) {
    per_subject <- tabulate(x$row_subject[x$block_start], length(x$subjects))
    lines["block"] <- paste0(quoted(roles$block), ": ", span_text(per_subject), " per subject")
  }
  if (!is.null(roles$trial)) {
    lines["trial"] <- paste0(quoted(roles$trial), ": orders the trials")
  }
  for (role in c("foregone", "available", "stimulus", "rt")) {
    columns <- unlist(roles[[role]], use.names = FALSE)
    if (!is.null(columns)) {
      lines[role] <- paste(quoted(columns), collapse = ", ")
    }
  }
  if (!is.null(roles$forced)) {
    columns <- unlist(roles$forced, use.names = FALSE)
    number <- paste(format_count(x$counts$forced), collapse = ", ")
    lines["forced"] <- paste0(paste(quoted(columns), collapse = ", "), ": ", number, " forced")
  }
  lines
}

print_extra <- function(x) {
  named <- vapply(x$extra, \(columns) paste(quoted(columns), collapse = ", "), character(1))
  used <- unlist(c(x$roles, x$extra), use.names = FALSE)
  other <- setdiff(names(x$data), used)
  c(named, if (length(other) > 0L) c(other = paste(other, collapse = ", ")))
}

quoted <- function(x) {
  encodeString(x, quote = "\"")
}

format_count <- function(n) {
  format(n, big.mark = ",", trim = TRUE, scientific = FALSE)
}

plural <- function(n, noun) {
  paste0(format_count(n), " ", noun, if (n != 1) "s")
}

span_text <- function(x) {
  paste(format_count(unique(range(x))), collapse = " to ")
}

label_text <- function(labels, max = 12L) {
  shown <- paste(utils::head(labels, max), collapse = ", ")
  if (length(labels) > max) paste0(shown, ", ...") else shown
}

missed_text <- function(missed, n) {
  if (missed > 0L) {
    paste0("; ", format_count(missed), " missed (", format(100 * missed / n, digits = 2), "%)")
  }
}

# One line of the console each.
clip <- function(x) {
  width <- getOption("width", 80L)
  long <- nchar(x, "width") > width
  x[long] <- paste0(strtrim(x[long], width - 3L), "...")
  x
}
