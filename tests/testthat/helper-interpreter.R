# The model language once more: a slow interpreter that walks the program of a model row by row,
# with NA for what is missing. Written from the description of the language (`?model_language`); it
# shares no code with the parser, the checker, the generator or the engine.
#
# `frame` is a data frame as `rl_data(frame, <roles>)` takes it, `levels` the labels of every
# categorical column and response in order, by name. Returned: `pointwise` by row of the frame,
# `loglik` by subject, and `latents`: a list by name (`<state>_<cell>`, `p_<action>`,
# `<local>`) of values by row.

interpret_model <- function(model, frame, parameters, roles = reference_roles(frame),
                            levels = list()) {
  s <- new.env()
  s$frame <- frame
  s$roles <- roles
  s$levels <- interpreter_levels(frame, roles, levels)
  fixed <- model$parameters$fixed
  s$parameters <- stats::setNames(as.list(fixed), model$parameters$name)
  s$parameters[names(parameters)] <- as.list(parameters)
  s$bound <- list()
  s$several <- length(categorical_left_sides(model$trial)) > 1
  declarations <- as.list(model$state)[-1]
  s$latents <- list()
  pointwise <- rep(NA_real_, nrow(frame))
  order <- interpreter_order(frame, roles)
  for (k in seq_along(order$row)) {
    s$row <- order$row[k]
    if (order$block_start[k]) start_states(s, declarations, order$subject_start[k])
    s$locals <- list()
    s$seen <- character()
    s$log_lik <- NA_real_
    for (name in names(declarations)) record_latent(s, name, s$state[[name]], s$labels[[name]])
    run_lines(model$trial, s)
    for (name in names(s$locals)) record_latent(s, name, as.vector(s$locals[[name]]))
    pointwise[s$row] <- s$log_lik
  }
  subject <- as.character(frame[[roles$subject %||% "subject"]])
  by_subject <- vapply(unique(subject), function(id) sum(pointwise[subject == id], na.rm = TRUE), 0)
  list(pointwise = pointwise, loglik = by_subject, latents = s$latents)
}

`%||%` <- function(x, y) if (is.null(x)) y else x

# Not there, as opposed to a number that could not be computed.
absent <- function(x) is.na(x) & !is.nan(x)

interpreter_levels <- function(frame, roles, levels) {
  # A model of numbers alone has no choices.
  choices <- if ("choice" %in% names(roles)) roles$choice else "choice"
  if (length(choices) && is.null(names(choices))) names(choices) <- "choice"
  for (name in names(choices)) {
    if (!is.null(levels[[name]])) next
    n <- attr(frame, "n_actions") %||% max(frame[[choices[[name]]]], na.rm = TRUE)
    levels[[name]] <- as.character(seq_len(n))
  }
  lapply(levels[union(names(choices), names(levels))], as.character)
}

interpreter_order <- function(frame, roles) {
  subject <- as.character(frame[[roles$subject %||% "subject"]])
  block <- if (is.null(roles$block)) rep("1", nrow(frame)) else as.character(frame[[roles$block]])
  trial <- if (is.null(roles$trial)) seq_len(nrow(frame)) else frame[[roles$trial]]
  row <- integer()
  block_start <- subject_start <- logical()
  for (id in unique(subject)) {
    first <- TRUE
    for (b in unique(block[subject == id])) {
      here <- which(subject == id & block == b)
      here <- here[order(trial[here])]
      row <- c(row, here)
      block_start <- c(block_start, TRUE, rep(FALSE, length(here) - 1))
      subject_start <- c(subject_start, first, rep(FALSE, length(here) - 1))
      first <- FALSE
    }
  }
  list(row = row, block_start = block_start, subject_start = subject_start)
}

categorical_left_sides <- function(expr) {
  if (!is.call(expr)) return(character())
  if (identical(expr[[1]], quote(`~`))) {
    if (as.character(expr[[3]][[1]]) %in% names(number_responses)) return(character())
    return(as.character(expr[[2]]))
  }
  unlist(lapply(as.list(expr)[-1], categorical_left_sides))
}

# ---- states ------------------------------------------------------------------------------------

start_states <- function(s, declarations, subject_start) {
  for (name in names(declarations)) {
    definition <- declarations[[name]]
    kind <- as.character(definition[[1]])
    arguments <- as.list(match.call(
      if (kind == "array_of") function(init, dims, reset) NULL else function(init, reset) NULL,
      definition))[-1]
    if (identical(arguments$reset, "subject") && !subject_start) next
    labels <- switch(kind,
      scalar = list(),
      per_action = list(s$levels[[1]]),
      array_of = lapply(dimension_list(arguments$dims), dimension_labels, s = s)
    )
    init <- value_of(arguments$init, s)
    s$labels[[name]] <- labels
    s$state[[name]] <- if (length(labels) < 2) rep(init, max(1, lengths(labels))) else
      array(init, lengths(labels))
  }
}

dimension_list <- function(expr) {
  if (is.call(expr) && identical(expr[[1]], quote(c))) as.list(expr)[-1] else list(expr)
}

dimension_labels <- function(expr, s) {
  if (is.numeric(expr)) return(as.character(seq_len(expr)))
  if (is.call(expr)) expr <- expr[[2]]
  if (identical(expr, quote(n_actions))) return(s$levels[[1]])
  s$levels[[as.character(expr)]]
}

# The last dimension of a table runs fastest in the names.
record_latent <- function(s, name, value, labels = NULL) {
  names <- name
  if (length(labels)) {
    cells <- do.call(expand.grid, rev(labels))
    names <- paste0(name, "_", do.call(paste, c(rev(as.list(cells)), sep = "_")))
    if (length(labels) > 1) value <- aperm(value)
  } else if (length(value) > 1) {
    names <- paste0(name, "_", seq_along(value))
  }
  for (k in seq_along(names)) {
    if (is.null(s$latents[[names[k]]])) s$latents[[names[k]]] <- rep(NA_real_, nrow(s$frame))
    s$latents[[names[k]]][s$row] <- as.vector(value)[k]
  }
}

# ---- statements --------------------------------------------------------------------------------

run_lines <- function(expr, s) {
  lines <- if (identical(expr[[1]], quote(`{`))) as.list(expr)[-1] else list(expr)
  for (line in lines) run_line(line, s)
}

run_line <- function(line, s) {
  switch(as.character(line[[1]]),
    "{" = run_lines(line, s),
    "~" = respond(as.character(line[[2]]), line[[3]], s),
    "for" = {
      name <- as.character(line[[2]])
      for (value in eval(line[[3]], s$bound)) {
        s$bound[[name]] <- value
        run_lines(line[[4]], s)
      }
      s$bound[[name]] <- NULL
    },
    "if" = {
      f <- value_of(line[[2]], s) != 0
      if (isTRUE(as.vector(f))) run_lines(line[[3]], s)
      if (isFALSE(as.vector(f)) && length(line) > 3) run_lines(line[[4]], s)
    },
    assign_line(line[[2]], line[[3]], s)
  )
}

is_without_index <- function(index) {
  length(index) == 1 && is.call(index[[1]]) && identical(index[[1]][[1]], quote(`-`)) &&
    length(index[[1]]) == 2
}

assign_line <- function(target, expr, s) {
  index <- NULL
  if (is.call(target)) {
    index <- as.list(target)[-(1:2)]
    target <- target[[2]]
  }
  name <- as.character(target)
  s$full <- is_without_index(index)
  value <- value_of(expr, s)
  s$full <- FALSE
  is_state <- name %in% names(s$state)
  if (is.null(index) && !is_state) {
    s$locals[[name]] <- value
    return(invisible())
  }
  old <- if (is_state) s$state[[name]] else s$locals[[name]]
  cells <- target_cells(old, index, s)
  if (length(cells) == 0) return(invisible())
  new <- if (is_without_index(index) && length(value) > 1) value[cells] else
    rep_len(as.vector(value), length(cells))
  keep <- if (is_state) !absent(new) else rep(TRUE, length(new))
  old[cells[keep]] <- as.vector(new)[keep]
  attr(old, "coding") <- attr(value, "coding")
  if (is_state) s$state[[name]] <- old else s$locals[[name]] <- old
}

# Flat places that an assignment writes; none where the index is missing or 0.
target_cells <- function(x, index, s) {
  if (is.null(index)) return(seq_along(x))
  if (is_without_index(index)) {
    i <- value_of(index[[1]][[2]], s)
    return(if (absent(i) || i < 1) integer() else setdiff(seq_along(x), i))
  }
  cell_places(x, index, s)
}

cell_places <- function(x, index, s) {
  d <- dim(x) %||% length(x)
  at <- lapply(seq_along(index), function(k) {
    if (identical(index[[k]], quote(expr = ))) return(seq_len(d[k]))
    i <- as.vector(value_of(index[[k]], s))
    if (absent(i) || i < 1 || i > d[k]) integer() else i
  })
  if (any(lengths(at) == 0)) return(integer())
  places <- array(seq_along(x), d)
  as.vector(do.call(`[`, c(list(places), at)))
}

# ---- responses ---------------------------------------------------------------------------------

respond <- function(name, call, s) {
  distribution <- as.character(call[[1]])
  if (distribution %in% names(number_responses)) return(respond_number(name, call, s))
  a <- lapply(as.list(match.call(switch(distribution,
    bernoulli = function(p, lapse) NULL,
    categorical = function(p, lapse, available) NULL,
    function(x, lapse, available) NULL
  ), call))[-1], value_of, s = s)
  missing <- any(absent(unlist(a)))
  s$seen <- c(s$seen, name)
  labels <- s$levels[[name]]
  n <- length(labels)
  offered <- (a$available %||% offered_actions(name, s) %||% rep(1, n)) > 0
  offered[is.na(offered)] <- FALSE
  logits <- switch(distribution, softmax = a$x, bernoulli_logit = c(0, a$x))
  p <- if (!is.null(logits)) {
    ifelse(offered, exp(logits - max(logits[offered], -1e300)), 0)
  } else {
    ifelse(offered, if (distribution == "bernoulli") c(1 - a$p, a$p) else a$p, 0)
  }
  if (!is.null(logits) || any(!offered)) p <- p / sum(p)
  if (!is.null(a$lapse)) p <- (1 - a$lapse) * p + ifelse(offered, a$lapse / sum(offered), 0)
  if (missing || !any(offered)) p <- rep(NA_real_, n)
  record_latent(s, if (s$several) paste0("p_", name) else "p", p, list(labels))
  chosen <- as.vector(column_value(name, s))
  scored <- !absent(chosen) && !is_forced(name, s) && sum(offered) > 1 && !absent(p[1])
  if (scored) add_log_lik(s, log(p[chosen]))
}

add_log_lik <- function(s, x) s$log_lik <- if (is.na(s$log_lik)) x else s$log_lik + x

by_response <- function(role, name) if (is.list(role)) role[[name]] else role

offered_actions <- function(name, s) {
  columns <- by_response(s$roles$available, name)
  if (is.null(columns)) NULL else as.numeric(unlist(s$frame[s$row, columns]))
}

is_forced <- function(name, s) {
  column <- by_response(s$roles$forced, name)
  !is.null(column) && isTRUE(as.logical(s$frame[s$row, column]))
}

# ---- values ------------------------------------------------------------------------------------

column_value <- function(name, s) {
  if (name %in% c("foregone", "available")) {
    columns <- s$roles[[name]]
    if (is.null(columns)) return(rep(1, length(s$levels[[1]])))
    return(as.numeric(unlist(s$frame[s$row, columns])))
  }
  choices <- s$roles$choice %||% c(choice = "choice")
  column <- if (name %in% names(choices)) choices[[name]] else s$roles[[name]] %||% name
  x <- s$frame[[column]][s$row]
  if (!name %in% names(s$levels)) return(as.numeric(x))
  structure(match(as.character(x), s$levels[[name]]), coding = name)
}

symbol_value <- function(name, s) {
  # The names of loops, and the number of a decision.
  if (name %in% names(s$bound)) return(s$bound[[name]])
  if (name %in% names(s$state)) return(s$state[[name]])
  if (name %in% names(s$locals)) return(s$locals[[name]])
  if (name %in% names(s$parameters)) return(s$parameters[[name]])
  if (name == "n_actions") return(length(s$levels[[1]]))
  if (name %in% names(s$roles$choice) && !name %in% s$seen) stop(name, " is not drawn yet")
  known <- c(names(s$roles), names(s$roles$choice), names(s$levels), names(s$frame), "available")
  # Assigned in the other branch of an `if`: not there.
  if (!name %in% known) return(NA_real_)
  column_value(name, s)
}

value_of <- function(e, s) {
  if (is.symbol(e)) return(symbol_value(as.character(e), s))
  if (!is.call(e)) return(e)
  fn <- as.character(e[[1]])
  if (fn == "[") return(read_cells(e, s))
  if (fn == "$") return(rule_value(e[[2]], as.character(e[[3]]), s))
  if (fn == "n_levels") return(length(s$levels[[as.character(e[[2]])]]))
  if (fn == "one_hot") return(one_hot_value(e, s))
  if (fn %in% c("sum", "mean", "max", "min")) {
    full <- s$full
    s$full <- FALSE
    x <- unlist(lapply(as.list(e)[-1], value_of, s = s))
    s$full <- full
    return(if (any(absent(x))) NA_real_ else do.call(fn, list(x)))
  }
  if (fn %in% names(interpreter_rules)) return(rule_value(e, "value", s))
  a <- lapply(as.list(e)[-1], value_of, s = s)
  if (fn %in% c("==", "!=")) a <- same_coding(a, s)
  if (fn %in% c("&", "|", "!", "&&", "||")) {
    return(do.call(substr(fn, 1, 1), lapply(a, function(x) as.vector(x) != 0)))
  }
  switch(fn,
    "(" = a[[1]],
    c = unlist(lapply(a, as.vector)),
    observed = !absent(as.vector(a[[1]])),
    ifelse = chosen_value(a[[1]], a[[2]], a[[3]]),
    softmax = softmax_value(a),
    epsilon_greedy = if (any(absent(unlist(a)))) a[[1]] * NA else
      reference_epsilon_greedy(a[[1]], a[[2]]),
    poison(do.call(fn, lapply(a, unclassed)), a)
  )
}

unclassed <- function(x) {
  attr(x, "coding") <- NULL
  x
}

# Whatever is made of something missing is missing, also where R would know better (NA^0).
poison <- function(x, arguments) {
  for (a in arguments) x[rep_len(absent(as.vector(a)), length(x))] <- NA
  x
}

same_coding <- function(a, s) {
  label <- vapply(a, is.character, NA)
  if (any(label)) {
    coding <- attr(a[[which(!label)]], "coding")
    a[[which(label)]] <- match(a[[which(label)]], s$levels[[coding]])
  }
  a
}

# The broadcast shape of all three; missing where the condition or the selected operand is.
chosen_value <- function(f, a, b) {
  n <- max(length(f), length(a), length(b))
  out <- ifelse(rep_len(as.vector(f) != 0, n), rep_len(as.vector(a), n), rep_len(as.vector(b), n))
  coding <- attr(a, "coding") %||% attr(b, "coding")
  if (is.null(coding)) out else structure(out, coding = coding)
}

softmax_value <- function(a) {
  if (any(absent(unlist(a)))) return(a[[1]] * NA)
  reference_softmax(a[[1]], available = (a$available %||% rep(1, length(a[[1]]))) > 0)
}

one_hot_value <- function(e, s) {
  i <- value_of(e[[2]], s)
  coding <- if (length(e) > 2) as.character(e[[3]]) else attr(i, "coding") %||% "choice"
  n <- length(s$levels[[coding]])
  if (absent(i)) rep(NA_real_, n) else as.numeric(seq_len(n) == as.vector(i))
}

read_cells <- function(e, s) {
  index <- as.list(e)[-(1:2)]
  x <- value_of(e[[2]], s)
  if (is_without_index(index)) {
    i <- value_of(index[[1]][[2]], s)
    if (s$full %||% FALSE) return(x)
    return(if (absent(i) || i < 1) NA_real_ else x[-i])
  }
  cells <- cell_places(x, index, s)
  if (length(cells)) return(structure(x[cells], coding = attr(x, "coding")))
  slice <- vapply(index, identical, NA, quote(expr = ))
  rep(NA_real_, if (any(slice)) prod(dim(x)[slice]) else 1)
}
