#' Simulate a model on a task
#'
#' @param object A model from [rl_model()].
#' @param nsim Number of replicates; with more than one they are stacked under `.sim`.
#' @param seed A whole number. The same seed gives the same data whatever the number of threads. If
#'   `NULL`, R's own generator provides one, so that `set.seed()` is respected.
#' @param parameters Free parameters as in [rl_loglik()]: a row for each subject, or one row for all
#'   together with `subjects`.
#' @param task A task such as [task_bandit()], [task_drift()] or one of your own, [rl_task()].
#' @param subjects Number of subjects, or their names; by default one for each row of `parameters`.
#' @param output `"data"`: a data frame that carries its roles, so that [rl_data()] and [rl_fit()]
#'   take it as it is. `"arrays"`: a list of arrays.
#' @param prior For prior predictive data: `TRUE`, or a list of priors as in [group_priors]. In place of
#'   `parameters` each replicate then draws a group from the priors and its subjects from the group
#'   (`~ 1 + (1 | subject)` for every parameter). The attributes `"group"`, `"correlation"` (of the
#'   random effects, a list by replicate) and `"parameters"` of the result hold what was drawn.
#' @param threads Number of threads.
#' @param backend Where to compute, as in [rl_loglik()]; the same seed draws the same. Tasks that are
#'   programs run on the CPU: to ask for a GPU is an error there, and the option is passed over.
#' @param ... Not used.
#' @return For `"data"`, a data frame: `subject`, `block` (if there are several), `trial` (within the
#'   block), the responses, `outcome`, `foregone_<action>` where the task or the model has them, and
#'   the task's own columns. For `"arrays"`, a list with one array for each state (subject x action x
#'   trial, before the trial's update), `probability` (subject x action x trial), `choice`, `outcome`
#'   and each local such as `prediction_error` (subject x trial). A task that is a program has its own
#'   states and products in the list `task`, as arrays subject x cell x trial (subject x trial for a
#'   single cell).
#'   Where a backend was asked for, an attribute `"backend"` tells which one ran.
#' @section Random numbers: A counter-based generator (Philox4x32-10, Salmon et al. 2011), keyed by
#'   seed, subject and trial; what an action pays does not depend on the model that is simulated.
#' @examples
#' sim <- simulate(rl_model("rw"), seed = 1, subjects = 20,
#'   parameters = c(alpha = 0.3, beta = 4), task = task_bandit(c(0.2, 0.8), trials = 50))
#' head(sim)
#' rl_data(sim)
#' @importFrom stats simulate
#' @export
simulate.rl_model <- function(object, nsim = 1, seed = NULL, parameters, task, subjects = NULL,
                              output = c("data", "arrays"), threads = NULL, prior = NULL,
                              backend = NULL, ...) {
  call <- rlang::current_env()
  check_dots_empty(...)
  nsim <- check_count(nsim)
  output <- check_choice(output, c("data", "arrays"))
  if (missing(task)) task <- NULL
  if (!is.null(prior) && !isFALSE(prior)) {
    check_prior_request(prior, missing(parameters), output, call)
    return(simulate_prior(object, nsim, resolve_seed(seed, call), prior, task, subjects,
      resolve_threads(threads), backend, call))
  }
  check_class(task, "rl_task", "a task, such as `task_bandit(c(0.2, 0.8), trials = 100)`")
  asked <- asks_backend(backend)
  program_on_cpu <- is_program_task(task)
  if (program_on_cpu) check_program_backend(backend, call)
  seed <- resolve_seed(seed, call)
  threads <- resolve_threads(threads)
  if (missing(parameters)) parameters <- NULL
  ids <- simulated_subjects(parameters, subjects, task, call)
  values <- full_parameters(object, parameters, ids, call)
  check_subject_table(task, ids, call)
  object <- model_for_task(object, task, call)
  check_simulated_names(object, task, call)
  backend <- if (program_on_cpu) "cpu" else
    choose_backend(backend, as.double(length(ids)) * task$trials * task$blocks * nsim, call)
  bound <- if (is_program_task(task)) join_task(object, task, active_level(), call) else
    bind_task(object, task, active_level(), call)
  bound <- on_device(bound, object, "simulate", backend, every = FALSE, call = call)
  runs <- lapply(seq_len(nsim) - 1L, function(r) {
    run_simulation(object, task, bound, values, length(ids), seed, r, output == "arrays", threads, call)
  })
  made <- if (output == "arrays") {
    arrays <- lapply(runs, simulated_arrays, bound = bound, task = task, model = object, ids = ids)
    if (nsim == 1) arrays[[1]] else arrays
  } else {
    simulated_data(runs, bound, task, object, ids, call)
  }
  attr(made, "seed") <- seed
  if (asked) attr(made, "backend") <- backend
  if (output == "data") attr(made, "rescorla_task") <- task
  made
}

resolve_seed <- function(seed, call = rlang::caller_env()) {
  check_seed(seed, arg = "seed", call = call)
  if (is.null(seed)) return(floor(stats::runif(1, 0, 2^31)))
  if (seed < 0) seed <- 2^52 + seed
  as.double(seed)
}

simulated_subjects <- function(parameters, subjects, task, call) {
  if (is.null(subjects)) {
    if (is.data.frame(parameters) && "subject" %in% names(parameters)) return(parameters$subject)
    if (is.character(rownames(parameters)) && is.matrix(parameters)) return(rownames(parameters))
    n <- if (is.null(dim(parameters))) 1L else nrow(parameters)
    if (n == 1 && length(dim(task$first)) == 3) n <- dim(task$first)[1]
    return(seq_len(n))
  }
  if (is.numeric(subjects) && length(subjects) == 1) {
    return(seq_len(check_count(subjects, arg = "subjects", call = call)))
  }
  if (!is.atomic(subjects) || anyNA(subjects) || anyDuplicated(subjects)) {
    rescorla_abort(c("`subjects` must be a number of subjects, or their names, each different.",
      x = "It is {describe_value(subjects)}."), "input", call = call)
  }
  subjects
}

check_subject_table <- function(task, ids, call) {
  dims <- dim(task$first)
  if (length(dims) == 3 && dims[1] != length(ids)) {
    rescorla_abort(c("The task's outcomes are for {dims[1]} subject{?s}.",
      x = "There are {length(ids)}."), "input", call = call)
  }
}

# The trial structure all subjects share, packed once for one pack of lanes.
bind_task <- function(model, task, level, call) {
  program <- model$program
  check_order_of_outcome(program, call)
  if (has_choice(program)) check_provided(model, task, c("outcome", "foregone"), call)
  kernels <- model_kernels(model, level, call)
  lanes <- cpp_kernel_lanes(kernels)
  total <- task$trials * task$blocks
  categorical <- Filter(function(r) r$type == "categorical", program$responses)
  responses <- vapply(categorical, `[[`, "", "name")
  named <- union(responses, if ("choice" %in% program$codes) "choice")
  actions <- simulated_actions(program, task, named)
  source <- list(
    rows = total, first = rep(1L, lanes), length = rep(total, lanes),
    block_start = rep(seq_len(task$trials) == 1L, task$blocks),
    actions = actions,
    responses = lapply(actions, function(a) rep(NA_integer_, total)),
    forced = NULL,
    get = function(name, call) {
      if (name %in% names(task$columns)) return(split_group(task$columns[[name]]))
      if (name == "block") return(rep(seq_len(task$blocks), each = task$trials))
      if (name == "outcome") return(rep(NA_real_, total))
      if (name == "foregone") return(rep(list(rep(NA_real_, total)), length(task$actions)))
      if (name %in% program$numeric_responses) return(rep(NA_real_, total))
      NULL
    }
  )
  bound <- bind_source(program, source, lanes, 1L, call)
  c(list(kernels = kernels, lanes = lanes, actions = actions), bound)
}

# The first choice is among the task's actions, and so are the others unless the model says that
# they have another number of levels: those are numbered.
simulated_actions <- function(program, task, responses) {
  sizes <- required_sizes(program)
  first <- program_group(program, responses[1])
  own <- function(name) {
    lead <- program_group(program, name)
    size <- if (lead != first) sizes[[lead]]
    if (is.null(size) || size == length(task$actions)) task$actions else as.character(seq_len(size))
  }
  stats::setNames(lapply(responses, own), responses)
}

# A matrix is a column for each action.
split_group <- function(x) if (is.matrix(x)) lapply(seq_len(ncol(x)), function(a) x[, a]) else x

# Outcomes follow the choice: a line that needs one above `choice ~` could never be simulated.
check_order_of_outcome <- function(program, call) {
  early <- function(statements) {
    for (s in statements) {
      choice <- s$type == "response" && response_table[[s$distribution]]$type == "categorical"
      if (choice) return(NULL)
      reads <- all.names(str2lang_safely(s$text))
      if (any(c("outcome", "foregone") %in% reads)) return(s)
    }
    NULL
  }
  s <- if (has_choice(program)) early(program$statements)
  if (!is.null(s)) {
    rescorla_abort(c(
      "This model cannot be simulated: line {s$line} reads an outcome above the response that leads to it.",
      " " = "In line {s$line} of `trial`: {escape_braces(s$text)}",
      i = "Move the line below the response."
    ), "model", call = call)
  }
}

has_choice <- function(program) {
  any(vapply(program$responses, function(r) r$type == "categorical", NA))
}

str2lang_safely <- function(text) tryCatch(str2lang(text), error = function(e) quote(NULL))

run_simulation <- function(model, task, bound, values, units, seed, replicate, array, threads, call) {
  program <- model$program
  layout <- item_layout(program, bound$levels)
  cells <- if (array) layout$cells else integer(length(layout$cells))
  inputs <- vapply(program$numbers, `[[`, "", "name")
  # The task pays for the first choice; where there is none, outcomes come from its columns.
  joined <- is_program_task(task)
  pays <- has_choice(program) && !joined
  foregone <- pays && (task$foregone || "foregone" %in% inputs)
  dims <- dim(task$first)
  actions <- length(task$actions)
  strides <- if (is.null(dims)) c(0, 1, 0) else if (length(dims) == 2) c(0, dims[1], 1) else
    c(1, dims[1] * dims[2], dims[1])
  number <- function(name) {
    at <- match(name, inputs)
    if (is.na(at)) -1L else at - 1L
  }
  world <- list(
    kind = if (pays) match(task$kind, c("table", "bernoulli", "normal")) else 0L,
    first = as.double(task$first), second = as.double(task$second %||% numeric()),
    strides = as.double(strides), actions = actions, keep_payoffs = foregone,
    outcome_input = number("outcome"), foregone_input = number("foregone")
  )
  numeric <- vapply(program$responses, function(r) r$type == "number", NA)
  run <- if (!is.null(bound$bound$device)) {
    cpp_device_simulate(bound$kernels, bound$packed, bound$bound, values, as.integer(cells),
      length(program$states), numeric, world, seed, replicate, units, array,
      device_budget(call))
  } else cpp_simulate(bound$kernels, bound$packed, bound$bound, values, as.integer(cells),
    length(program$states), numeric, world, if (joined) wanted_items(bound$task, task, model, array),
    seed, replicate, units, array, threads)
  stop_if_interrupted(run$complete, call)
  names(run$items) <- layout$name
  names(run$drawn) <- vapply(program$responses, `[[`, "", "name")
  run$layout <- layout
  if (joined) names(run$task) <- task_items(task)
  run
}

simulated_arrays <- function(run, bound, task, model, ids) {
  layout <- run$layout
  responses <- which(layout$kind == "response")
  names <- layout$name
  names[responses] <- if (length(responses) == 1) "probability" else
    paste0("probability_", names[responses])
  order <- c(which(layout$kind == "state"), responses, which(layout$kind == "local"))
  arrays <- c(stats::setNames(run$items[order], names[order]), run$drawn)
  if (!is_program_task(task)) return(c(arrays, list(outcome = run$outcome)))
  # The world's own states and products, apart from the model's.
  c(arrays, list(outcome = run$task$outcome, task = run$task))
}

simulated_data <- function(runs, bound, task, model, ids, call = rlang::caller_env()) {
  total <- task$trials * task$blocks
  units <- length(ids)
  frames <- length(runs)
  across <- function(f) if (frames == 1) f(runs[[1]]) else unlist(lapply(runs, f), use.names = FALSE)
  columns <- list()
  if (frames > 1) columns$.sim <- rep(seq_len(frames), each = units * total)
  columns$subject <- rep(rep(ids, each = total), frames)
  if (task$blocks > 1) {
    columns$block <- rep(rep(seq_len(task$blocks), each = task$trials), units * frames)
  }
  columns$trial <- rep(seq_len(task$trials), task$blocks * units * frames)
  for (name in names(runs[[1]]$drawn)) {
    x <- across(function(r) r$drawn[[name]])
    labels <- bound$actions[[name]]
    if (is.integer(x) && !is_numbered(labels)) x <- structure(x, levels = labels, class = "factor")
    columns[[name]] <- x
  }
  if (is_program_task(task)) {
    columns <- c(columns, product_columns(task, runs, across, call))
  } else {
    columns$outcome <- across(function(r) r$outcome)
  }
  foregone <- length(runs[[1]]$payoff) > 0
  if (foregone) {
    for (a in seq_along(task$actions)) {
      columns[[paste0("foregone_", task$actions[a])]] <- across(function(r) r$payoff[[a]])
    }
  }
  for (name in names(task$columns)) {
    x <- task$columns[[name]]
    if (!is.matrix(x)) {
      columns[[name]] <- rep(x, units * frames)
      next
    }
    for (a in seq_len(ncol(x))) {
      columns[[paste0(name, "_", task$actions[a])]] <- rep(x[, a], units * frames)
    }
  }
  data <- structure(columns, class = "data.frame", row.names = .set_row_names(length(columns[[1]])))
  attr(data, "rescorla_roles") <- simulated_roles(runs[[1]], task, frames, foregone,
    "outcome" %in% names(columns), bound$actions)
  if (frames > 1) {
    data$.subject <- (data$.sim - 1L) * units + match(data$subject, ids)
  }
  data
}

is_numbered <- function(labels) identical(labels, as.character(seq_along(labels)))

simulated_roles <- function(run, task, frames, foregone, outcome, actions) {
  choices <- names(run$drawn)[vapply(run$drawn, is.integer, NA)]
  actions <- lapply(actions[choices], function(a) if (is_numbered(a)) seq_along(a) else a)
  roles <- list(
    # Replicates are subjects of their own.
    subject = if (frames > 1) ".subject" else "subject",
    choice = if (identical(choices, "choice")) "choice" else if (length(choices))
      stats::setNames(choices, choices),
    outcome = if (outcome) "outcome",
    trial = "trial",
    actions = if (length(choices) == 1) actions[[1]] else if (length(choices)) actions
  )
  if (task$blocks > 1) roles$block <- "block"
  if (foregone) roles$foregone <- paste0("foregone_", task$actions)
  if (is_program_task(task)) roles <- c(roles, product_roles(task, run))
  for (name in names(Filter(is.matrix, task$columns))) {
    roles[[name]] <- paste0(name, "_", task$actions)
  }
  roles
}
