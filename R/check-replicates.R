# The statistics of simulated data, one data set after another.

# A matrix replicates x statistics.
simulate_statistics <- function(fit, plan, observed, request, size, call) {
  one <- switch(plan$source,
    history = history_statistics(fit, plan, observed, request, call),
    task = task_statistics(fit, plan, observed, request, call),
    rows_statistics(fit, plan, observed, request, call)
  )
  bar <- progress_bar(plan$nsim, "Checking {.val {fit$model$name}}")
  made <- matrix(NA_real_, plan$nsim, size)
  for (r in seq_len(plan$nsim)) {
    made[r, ] <- one(r)
    bar$tick(r)
  }
  bar$done()
  made
}

history_statistics <- function(fit, plan, observed, request, call) {
  runs <- replicate_runs(fit, plan, character(), call)
  known <- names(observed$levels)
  column <- fit$data$roles$choice[1L]
  real <- if (!is.null(column)) fit$data$data[[column]]
  \(r) {
    run <- runs(r)
    c(
      if (length(known) > 0L) compute_statistics(known, run$drawn[[observed$definition$response]],
        observed$past, observed$rows, observed$levels),
      own_statistics(observed, request, \() history_frame(fit, replicate_frame(fit, run), real), call)
    )
  }
}

# Generative, on the rows of the data.
rows_statistics <- function(fit, plan, observed, request, call) {
  definition <- observed$definition
  items <- if (!is.null(definition$response)) stats::na.omit(c(definition$response, definition$value))
  runs <- replicate_runs(fit, plan, items, call)
  known <- names(observed$levels)
  \(r) {
    run <- runs(r)
    values <- if (length(known) > 0L) {
      choice <- run$drawn[[definition$response]]
      choice[is.na(observed$choice)] <- NA
      wide <- items_as_matrices(fit, fit$data, run$items, definition, call)
      past <- check_past(choice, run$outcome, wide$p, wide$value, observed$rows, definition)
      compute_statistics(known, choice, past, observed$rows, observed$levels)
    }
    c(values, own_statistics(observed, request,
      \() history_frame(fit, replicate_frame(fit, run), NULL), call))
  }
}

# Generative, from scratch: every replicate is a data set of its own.
task_statistics <- function(fit, plan, observed, request, call) {
  definition <- observed$definition
  known <- names(observed$levels)
  usable <- is_fitted(fit)
  \(r) {
    one <- plan
    one$nsim <- 1L
    one$seed <- plan$seed + r - 1
    one$values <- \(ignored) plan$values(r)
    one["chosen"] <- list(NULL)
    frame <- carry_conditions(fit, simulate_task(fit, one, "data", call), definition$by, call)
    values <- if (length(known) > 0L) {
      data <- withCallingHandlers(build_rl_data(frame, list(), call),
        rescorla_warning_data = \(w) rlang::cnd_muffle(w),
        rescorla_message = \(m) rlang::cnd_muffle(m))
      rows <- check_rows(data, definition, rep(TRUE, length(data$subjects)), call)
      wide <- probabilities_and_values(fit, data, plan$values(r)[usable, , drop = FALSE], definition,
        call)
      choice <- data$responses[[definition$response]]
      past <- check_past(choice, rows$outcome, wide$p, wide$value, rows, definition)
      compute_statistics(known, choice, past, rows, observed$levels)
    }
    own <- \() {
      column <- attr(frame, "rescorla_roles")$choice[1L]
      if (!is.null(column)) frame$.history <- frame[[column]]
      frame
    }
    c(values, own_statistics(observed, request, own, call))
  }
}

# Conditions that belong to subjects are theirs on a new task as well.
carry_conditions <- function(fit, frame, by, call) {
  for (column in setdiff(by, names(frame))) {
    own <- fit$data$data[[column]]
    subject <- as.character(fit$data$data[[fit$data$roles$subject]])
    first <- match(as.character(frame$subject), subject)
    if (any(own != own[match(subject, subject)], na.rm = TRUE)) {
      rescorla_abort(c(
        "Column {.val {column}} of {.arg by} changes within subjects, and the task does not have it.",
        i = "Give it to the task: {.arg columns} of {.fn task_bandit} is a data frame by trial."
      ), "input", call = call)
    }
    frame[[column]] <- own[first]
  }
  frame
}

# `frame` makes the data frame, where there is somebody to use it.
own_statistics <- function(observed, request, frame, call) {
  if (length(request$own) == 0L) return(NULL)
  frame <- frame()
  unlist(lapply(names(request$own), \(name) {
    as.double(call_own(request$own[[name]], name, frame, length(observed$own[[name]]$value), call))
  }), use.names = FALSE)
}
