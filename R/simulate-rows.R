# Generative runs over the rows of the data: who is asked when, what is on offer and what every action
# would pay are those of the data; choices, and what comes of them, are new.

# Columns that in many tasks say what the choice paid. Where a model learns from one of them, that
# column cannot stay as it is.
paid_columns <- c("gain", "loss", "reward", "feedback", "explosion")

# Where generative data take outcomes from: "task", "foregone", "carried" (a task that the data
# carry) or "none" (no outcome is learned from).
outcome_source <- function(fit, task, call) {
  if (!is.null(task)) return("task")
  reason <- why_not_from_rows(fit)
  if (is.null(reason)) {
    return(if (reads_outcomes(fit$model$program)) "foregone" else "none")
  }
  if (!is.null(attr(fit$data$data, "rescorla_task", exact = TRUE))) return("carried")
  rescorla_abort(c(
    "Generative data need outcomes for choices that nobody made.",
    x = escape_braces(reason),
    i = "Give a {.arg task} that says what every action pays, such as {.fn task_bandit} or
         {.fn task_outcomes}.",
    i = "{.code type = \"one_step\"} needs none: it draws choices given the real history."
  ), "input", call = call)
}

reads_outcomes <- function(program) {
  any(c("outcome", "foregone") %in% program_inputs(program))
}

program_inputs <- function(program) vapply(program$numbers, `[[`, "", "name")

# NULL where the rows of the data will do.
why_not_from_rows <- function(fit) {
  program <- fit$model$program
  data <- fit$data
  choices <- Filter(\(r) r$type != "number", program$responses)
  if (length(choices) > 1L) {
    return("With several choices on a trial the data do not tell where another first choice leads.")
  }
  paid <- intersect(paid_columns, program_inputs(program))
  if (length(paid) > 0L && length(program$states) > 0L) {
    return(paste0("The model learns from column \"", paid[1L], "\", which depends on the choice."))
  }
  if (length(choices) == 0L || !reads_outcomes(program)) return(NULL)
  table <- known_payoffs(data, choices[[1L]]$name)
  if (is.null(table)) {
    return("The data have no `foregone` columns, one for each action.")
  }
  unknown <- incomplete_payoffs(data, choices[[1L]]$name, table)
  if (any(unknown)) {
    return(paste0("The `foregone` columns have NA on ", plural(sum(unknown), "row"),
      " with an outcome."))
  }
  NULL
}

# What every action pays: a matrix in trial order. Nothing is known where nobody chose, or where the
# outcome was not shown. NULL without columns for all actions.
known_payoffs <- function(data, response) {
  columns <- data$roles$foregone
  width <- length(data$actions[[response]])
  if (length(columns) != width) return(NULL)
  columns <- rl_data_column(data, "foregone")
  table <- matrix(vapply(columns, as.double, numeric(length(data$order))), ncol = width)
  code <- data$responses[[response]]
  if (is.null(data$roles$outcome)) return(table)
  outcome <- as.double(rl_data_column(data, "outcome"))
  own <- which(!is.na(code))
  table[cbind(own, code[own])] <- outcome[own]
  table[is.na(code) | is.na(outcome), ] <- NA
  table
}

# Rows where an action that could have been chosen has no outcome though the chosen one has.
incomplete_payoffs <- function(data, response, table) {
  code <- data$responses[[response]]
  shown <- !is.na(code) & !is.na(table[cbind(seq_along(code), code)])
  forced <- data$forced[[response]]
  if (!is.null(forced)) shown <- shown & !forced
  shown & rowSums(is.na(table) & offered_actions(data, response)) > 0
}

# TRUE where an action was on offer, a matrix in trial order.
offered_actions <- function(data, response) {
  width <- length(data$actions[[response]])
  columns <- data$roles$available
  if (is.list(columns)) columns <- columns[[response]]
  if (is.null(columns)) return(matrix(TRUE, length(data$order), width))
  offered <- vapply(columns, \(column) {
    x <- as.double(rl_data_column(data, column)) > 0
    x & !is.na(x)
  }, logical(length(data$order)))
  matrix(offered, ncol = width)
}

# Replicates are made eight at a time, subject by subject: the units of the engine are replicates, and
# the number of the subject takes the place of theirs. So each is the same whatever `nsim`.
replicates_at_once <- 8L

generative_runs <- function(fit, plan, items, call) {
  world <- rows_world(fit, plan, call)
  made <- NULL
  at <- 0L
  \(r) {
    chunk <- (r - 1L) %/% replicates_at_once + 1L
    if (chunk != at) {
      made <<- run_replicates(fit, plan, world, chunk, items, call)
      at <<- chunk
    }
    pick_replicate(made, (r - 1L) %% replicates_at_once + 1L)
  }
}

pick_replicate <- function(made, unit) {
  column <- \(x) if (is.matrix(x)) x[, unit]
  list(
    drawn = lapply(made$drawn, column),
    outcome = column(made$outcome),
    payoff = lapply(made$payoff, column),
    items = lapply(made$items, \(cells) lapply(cells, column))
  )
}

# What stays the same: every subject's rows packed, and what the actions pay there.
rows_world <- function(fit, plan, call) {
  data <- fit$data
  program <- fit$model$program
  bound <- bind_model(fit$model, data, active_level(), call = call)
  choices <- Filter(\(r) r$type != "number", program$responses)
  name <- if (length(choices) > 0L) choices[[1L]]$name
  source <- data_source(data)
  if (!is.null(name)) source$get <- offering_none(source$get, data, name)
  codes <- lapply(program$codes, bind_code, program = program, source = source,
    levels = bound$levels, call = call)
  numbers <- bind_numbers(program, source, bound$levels, call)
  if (!is.null(name)) {
    i <- match(name, program$codes)
    codes[[i]] <- mark_unscored(codes[[i]], source$forced[[name]], numbers$available[[name]])
  }
  bound$bound$number_base <- numbers$base
  table <- plan$payoffs
  if (is.null(table) && !is.null(name)) {
    table <- known_payoffs(data, name) %||%
      matrix(NA_real_, length(data$order), length(data$actions[[name]]))
  }
  subjects <- lapply(seq_along(data$subjects), \(s) {
    rows <- data$first[s] - 1L + seq_len(data$length[s])
    columns <- list(
      codes = lapply(codes, `[`, rows), numbers = lapply(numbers$columns, `[`, rows),
      block_start = data$block_start[rows], first = rep(0L, bound$lanes),
      length = rep(length(rows), bound$lanes)
    )
    list(rows = rows, packed = cpp_pack(columns, bound$lanes, 1L))
  })
  # The engine's numbers of actions are those of the model's levels.
  order <- if (!is.null(name)) {
    match(bound$levels[[program_group(program, name)]], data$actions[[name]])
  }
  list(bound = bound, name = name, table = if (!is.null(name)) table[, order, drop = FALSE],
    subjects = subjects)
}

# Where nobody chose, nothing is on offer: the engine leaves such a trial out as it does in data.
offering_none <- function(get, data, response) {
  force(get)
  missed <- is.na(data$responses[[response]])
  if (!any(missed)) return(get)
  offered <- offered_actions(data, response)
  offered[missed, ] <- FALSE
  columns <- lapply(seq_len(ncol(offered)), \(a) as.double(offered[, a]))
  \(name, call) if (name == "available") columns else get(name, call)
}

run_replicates <- function(fit, plan, world, chunk, items, call) {
  data <- fit$data
  replicates <- (chunk - 1L) * replicates_at_once + seq_len(replicates_at_once)
  # Those beyond the last are made as copies and not looked at.
  values <- lapply(pmin(replicates, plan$nsim), plan$values)
  threads <- resolve_threads(NULL)
  total <- length(data$order)
  made <- list()
  for (s in seq_along(world$subjects)) {
    own <- world$subjects[[s]]
    task <- list(kind = "table", first = world$table[own$rows, , drop = FALSE], second = NULL,
      foregone = FALSE, actions = seq_len(ncol(world$table %||% matrix(0, 1L, 1L))))
    bound <- world$bound
    bound$packed <- own$packed
    run <- run_simulation(fit$model, task, bound, do.call(rbind, lapply(values, \(v) v[s, ])),
      replicates_at_once, plan$seed, (chunk - 1L) * length(world$subjects) + s - 1L, TRUE, threads,
      call)
    if (s == 1L) made <- empty_chunk(run, items, total)
    made <- put_subject(made, run, own$rows)
  }
  numeric <- vapply(made$drawn, is.double, NA)
  made$drawn <- Map(\(codes, number) matrix(codes, total), drawn_values(fit$model, data, made$drawn,
    made$drawn, call), numeric)
  made
}

empty_chunk <- function(run, items, total) {
  blank <- \(type) matrix(vector(type, 1L)[NA], total, replicates_at_once)
  list(
    drawn = lapply(run$drawn, \(x) blank(typeof(x))),
    outcome = if (!is.null(run$outcome)) blank("double"),
    payoff = lapply(run$payoff, \(x) blank("double")),
    items = lapply(run$items[items], \(x) {
      rep(list(blank("double")), if (length(dim(x)) == 3L) dim(x)[2L] else 1L)
    })
  )
}

# Rows of a subject, from units x trials to trials x units.
put_subject <- function(made, run, rows) {
  put <- \(to, x) {
    to[rows, ] <- t(x)
    to
  }
  made$drawn <- Map(put, made$drawn, run$drawn)
  if (!is.null(made$outcome)) made$outcome <- put(made$outcome, run$outcome)
  made$payoff <- Map(put, made$payoff, run$payoff)
  made$items <- Map(\(cells, x) {
    if (length(cells) == 1L) return(list(put(cells[[1L]], matrix(x, replicates_at_once))))
    lapply(seq_along(cells), \(k) put(cells[[k]], matrix(x[, k, ], replicates_at_once)))
  }, made$items, run$items[names(made$items)])
  made
}
