#' Tasks to simulate
#'
#' An environment for [simulate.rl_model()]: what each action pays on each trial.
#'
#' @param prob Probability of an outcome of 1 (else 0): one number for each action, or a matrix
#'   trials x actions.
#' @param mean,sd Mean and standard deviation of Gaussian outcomes: as `prob`; `sd` may be one number.
#' @param outcomes What each action would pay: a matrix (or data frame) trials x actions, the same for
#'   every subject, or an array subjects x trials x actions. `NA` is a missing outcome.
#' @param trials Trials in a block.
#' @param blocks Number of blocks; states reset at the start of each.
#' @param foregone Also give the outcomes of the actions not chosen (columns `foregone_<action>`)?
#'   Models that read `foregone` always get them.
#' @param columns A data frame of further columns that the model reads, with a row for each trial of
#'   the session (or of a block, then repeated). A matrix column, with a column for each action, is
#'   read as a vector over the actions.
#' @param actions Labels of the actions.
#' @param conditions A data frame with a row for each block: columns of the simulated data.
#' @return An object of class `rl_task`.
#' @seealso [task_drift()], [task_switch()], [task_reversal()], [task_two_step()], [task_gonogo()],
#'   [task_igt()], [task_pst()]; [rl_task()] to write one.
#' @examples
#' task_bandit(c(0.2, 0.8), trials = 100)
#' task_gaussian(mean = c(0, 1), sd = 2, trials = 50, blocks = 2)
#' task_outcomes(cbind(c(1, 0, 1), c(0, 1, 0)))
#' @name rl_tasks
NULL

new_task <- function(kind, first, second, trials, blocks, foregone, columns, actions, conditions, call) {
  total <- session_length(check_count(trials, call = call), check_count(blocks, call = call), call)
  check_flag(foregone, call = call)
  n <- if (is.matrix(first)) ncol(first) else if (length(dim(first)) == 3) dim(first)[3] else length(first)
  if (n < 2) {
    rescorla_abort("A task needs at least two actions.", "input", call = call)
  }
  actions <- as.character(actions %||% seq_len(n))
  if (length(actions) != n || anyDuplicated(actions)) {
    rescorla_abort(c("`actions` must be {n} different labels.", x = "It has {.val {actions}}."),
      "input", call = call)
  }
  structure(list(
    kind = kind,
    first = expand_trials(first, trials, total, call),
    second = if (is.null(second)) NULL else expand_trials(second, trials, total, call),
    trials = as.integer(trials), blocks = as.integer(blocks), actions = actions,
    foregone = foregone,
    columns = join_conditions(expand_columns(columns, trials, total, call), conditions, trials, blocks, call)
  ), class = "rl_task")
}

# Vectors stay (they repeat over trials); matrices get a row for each trial of the session.
expand_trials <- function(x, trials, total, call) {
  if (!is.matrix(x)) return(x)
  if (nrow(x) == total) return(x)
  if (nrow(x) == trials) return(x[rep(seq_len(trials), length.out = total), , drop = FALSE])
  all <- if (total > trials) paste0(", or ", total, " for all blocks") else ""
  rescorla_abort(c(
    "A matrix over trials must have {trials} row{?s}{all}.",
    x = "It has {nrow(x)}."
  ), "input", call = call)
}

expand_columns <- function(columns, trials, total, call) {
  if (is.null(columns)) return(NULL)
  if (!is.data.frame(columns) || !nrow(columns) %in% c(trials, total)) {
    is <- if (is.data.frame(columns)) "has {nrow(columns)} row{?s}" else
      "is {describe_value(columns)}"
    rescorla_abort(c("`columns` must be a data frame with a row for each of the {total} trial{?s}.",
      x = paste0("It ", is, ".")), "input", call = call)
  }
  columns[rep(seq_len(nrow(columns)), length.out = total), , drop = FALSE]
}

# Columns by trial and by block together, a row for each trial of the session.
join_conditions <- function(columns, conditions, trials, blocks, call) {
  if (is.null(conditions)) return(check_column_names(columns, "columns", call))
  if (!is.data.frame(conditions) || nrow(conditions) != blocks) {
    is <- if (is.data.frame(conditions)) paste("It has", nrow(conditions)) else
      paste0("It is ", describe_value(conditions))
    rescorla_abort(c("`conditions` must be a data frame with a row for each of the {blocks} block{?s}.",
      x = "{is}."), "input", call = call)
  }
  check_column_names(columns, "columns", call)
  check_column_names(conditions, "conditions", call)
  twice <- intersect(names(columns), names(conditions))
  if (length(twice)) {
    rescorla_abort("`columns` and `conditions` both have {.code {twice[1]}}.", "input", call = call)
  }
  conditions <- conditions[rep(seq_len(blocks), each = trials), , drop = FALSE]
  all <- c(as.list(columns), as.list(conditions))
  structure(all, class = "data.frame", row.names = .set_row_names(as.integer(trials * blocks)))
}

check_action_numbers <- function(x, arg, call, lower = -Inf, upper = Inf) {
  if (is.data.frame(x)) x <- as.matrix(x)
  bad <- !is.numeric(x) || length(x) == 0 || any(!is.finite(x) | x < lower | x > upper)
  if (bad) {
    wrong <- if (is.numeric(x) && length(x) > 0) x[is.na(x) | !is.finite(x) | x < lower | x > upper]
    range <- if (is.finite(upper)) paste0(" from ", lower, " to ", upper) else
      if (is.finite(lower)) paste0(" of at least ", lower) else ""
    rescorla_abort(c(
      "`{arg}` must be finite numbers{range}, one for each action or a matrix trials x actions.",
      x = if (is.null(wrong)) "It is {describe_value(x)}." else "It has {wrong[1]}."
    ), "input", call = call)
  }
  x
}

#' @rdname rl_tasks
#' @export
task_bandit <- function(prob, trials, blocks = 1, foregone = FALSE, columns = NULL, actions = NULL,
                        conditions = NULL) {
  call <- rlang::current_env()
  prob <- check_action_numbers(prob, "prob", call, 0, 1)
  new_task("bernoulli", prob, NULL, trials, blocks, foregone, columns, actions, conditions, call)
}

#' @rdname rl_tasks
#' @export
task_gaussian <- function(mean, sd, trials, blocks = 1, foregone = FALSE, columns = NULL,
                          actions = NULL, conditions = NULL) {
  call <- rlang::current_env()
  mean <- check_action_numbers(mean, "mean", call)
  sd <- check_action_numbers(sd, "sd", call, 0)
  if (length(sd) == 1) sd <- mean * 0 + sd
  if (is.matrix(mean) != is.matrix(sd)) {
    rows <- if (is.matrix(mean)) nrow(mean) else nrow(sd)
    as_rows <- function(x) if (is.matrix(x)) x else matrix(x, rows, length(x), byrow = TRUE)
    mean <- as_rows(mean)
    sd <- as_rows(sd)
  }
  if (!identical(dim(mean), dim(sd)) || length(mean) != length(sd)) {
    rescorla_abort("`mean` and `sd` must have the same shape.", "input", call = call)
  }
  new_task("normal", mean, sd, trials, blocks, foregone, columns, actions, conditions, call)
}

#' @rdname rl_tasks
#' @export
task_outcomes <- function(outcomes, blocks = 1, foregone = FALSE, columns = NULL, actions = NULL,
                          conditions = NULL) {
  call <- rlang::current_env()
  if (is.data.frame(outcomes)) outcomes <- as.matrix(outcomes)
  dims <- dim(outcomes)
  if (!is.numeric(outcomes) || !length(dims) %in% 2:3 || any(is.infinite(outcomes))) {
    rescorla_abort(c(
      "`outcomes` must be numbers: a matrix trials x actions, or an array subjects x trials x actions.",
      x = if (!length(dims) %in% 2:3) "It is {describe_value(outcomes)}." else
        if (is.numeric(outcomes)) "It has an infinite value." else
        "Its values are of type {typeof(outcomes)}.",
      i = "Use `NA` where an outcome is missing."
    ), "input", call = call)
  }
  total <- dims[length(dims) - 1]
  check_count(blocks)
  if (total %% blocks != 0) {
    rescorla_abort("{total} trials cannot be divided into {blocks} equal blocks.", "input",
      call = call)
  }
  storage.mode(outcomes) <- "double"
  new_task("table", outcomes, NULL, total / blocks, blocks, foregone, columns,
    actions %||% if (is.matrix(outcomes)) colnames(outcomes), conditions, call)
}

#' @export
print.rl_task <- function(x, ...) {
  if (is_program_task(x)) print_program_task(x) else print_payoff_task(x)
  shown <- setdiff(names(x$columns), "")
  if (length(shown)) cli::cat_line("  columns  ", paste(shown, collapse = ", "))
  cli::cat_line(cli::col_grey("Next: plot(task), simulate(model, parameters = , task = )"))
  invisible(x)
}

print_payoff_task <- function(x) {
  what <- c(bernoulli = "Bernoulli bandit", normal = "Gaussian bandit", table = "Table of outcomes")
  cli::cat_line(what[[x$kind]], ": ", task_size(x))
  if (is.null(dim(x$first))) {
    label <- if (x$kind == "bernoulli") "  probability of 1  " else "  mean  "
    cli::cat_line(label, paste(format(x$first), collapse = "  "))
    if (!is.null(x$second)) cli::cat_line("  sd    ", paste(format(x$second), collapse = "  "))
  }
}

task_size <- function(x) {
  sizes <- lengths(Filter(Negate(is.null), x$responses %||% list(choice = x$actions)))
  actions <- if (length(sizes) == 1) paste0(sizes, " actions") else
    paste0(names(sizes), " (", sizes, " actions)", collapse = ", ")
  paste0(actions, ", ", x$trials, " trials", if (x$blocks > 1) paste0(" in each of ", x$blocks, " blocks"))
}

print_program_task <- function(x) {
  cli::cat_line(cli::style_bold(x$name), ": ", task_size(x))
  said <- x$describe %||% x$settings
  if (length(said)) {
    values <- vapply(said, function(v) {
      text <- vapply(v, format, "", digits = 4)
      if (length(text) == 1) text else paste0("(", paste(text, collapse = ", "), ")")
    }, "")
    values <- paste(names(said), values)
    cli::cat_line(strwrap(paste(values, collapse = ", "), 76, indent = 2,
      exdent = 2))
  }
  if (is.null(x$id)) {
    states <- as.list(x$state)[-1]
    if (length(states)) {
      cli::cat_line("State")
      cli::cat_line("  ", format(names(states)), "  ", vapply(states, deparse_line, ""))
    }
    cli::cat_line("Trial")
    for (line in program_lines(x$trial)) cli::cat_line("  ", line)
  } else {
    makes <- setdiff(c("outcome", "foregone", x$always, drawn_names(x$trial)), x$hides)
    cli::cat_line("  makes  ", paste(intersect(task_products(x$program), makes), collapse = ", "))
  }
}
