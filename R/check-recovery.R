# What estimates are worth: one data set simulated with them, refitted by the same method.

check_recovery <- function(fit, plan, problems, call) {
  plan$nsim <- 1L
  plan["chosen"] <- list(NULL)
  plan$type <- "generative"
  estimates <- fit_values(fit, fit$data$subjects)$values
  plan$values <- \(r) estimates
  by_subject <- is.null(fit$group)
  carried <- attr(fit$data$data, "rescorla_task", exact = TRUE)
  borrowed <- FALSE
  if (by_subject && identical(plan$source, "task")) {
    plan$source <- "task"
  } else if (is.null(why_not_from_rows(fit))) {
    plan$source <- "foregone"
  } else if (by_subject && !is.null(carried)) {
    plan[c("source", "task")] <- list("task", carried)
  } else if (can_borrow(fit)) {
    plan$source <- "foregone"
    plan$payoffs <- borrow_payoffs(fit$data, first_categorical(fit$model, call), plan$seed)
    borrowed <- TRUE
  } else {
    rescorla_abort(c(
      "Recovery needs outcomes for choices that nobody made.",
      x = escape_braces(why_not_from_rows(fit)),
      i = "Say what every action pays: {.code rl_check(fit, type = \"generative\", task = , recovery = TRUE)}."
    ), "input", call = call)
  }
  # The design of a hierarchical fit is for all of its subjects.
  frame <- if (plan$source == "task") simulate_task(fit, plan, "data", call) else
    replicate_frames(fit, plan, call, keep = if (is.null(fit$group)) is_fitted(fit) else TRUE)
  data <- withCallingHandlers(build_rl_data(frame, list(), call),
    rescorla_warning = \(w) rlang::cnd_muffle(w), rescorla_message = \(m) rlang::cnd_muffle(m))
  refit <- suppressWarnings(refit_data(fit, data, call))
  structure(recovery_frame(fit, refit, problems), borrowed = borrowed)
}

# The same model, method, design and priors on other data of the same subjects.
refit_data <- function(fit, data, call) {
  design <- fit$group$design
  if (is.null(design)) {
    return(fit_subjects(fit$model, data, fit$method, fit$starts %||% 10L, fit$prior, fit$seed,
      threads = NULL, checkpoint = NULL, call))
  }
  threads <- resolve_threads(NULL)
  switch(fit$method,
    mle = fit_shared(fit$model, data, design, fit$seed, 10L, threads, call),
    em = fit_em(fit$model, data, design, fit$seed, 10L, "laplace", threads, call),
    nuts = {
      settings <- fit$group$settings
      settings$keep <- "group"
      fit_nuts(fit$model, data, design, given_priors(fit), fit$seed, 10L, settings, threads = NULL,
        checkpoint = NULL, call)
    }
  )
}

# The resolved priors of a full Bayes fit as a user would give them.
given_priors <- function(fit) {
  design <- fit$group$design
  table <- rbind(design$coefficients[c("name", "parameter", "term")],
    design$shared[c("name", "parameter", "term")])
  fixed <- c(fit$prior$coefficients, fit$prior$shared)
  own <- table$term == "(Intercept)"
  c(
    stats::setNames(fixed[own], design$parameters[table$parameter[own]]),
    list(effect = stats::setNames(fixed[!own], table$name[!own]),
      sd = stats::setNames(fit$prior$spread, design$effects$name),
      correlation = fit$prior$correlation)
  )
}

recovery_frame <- function(fit, refit, problems) {
  ids <- intersect(rownames(fit$estimates)[is_fitted(fit)], rownames(refit$estimates))
  rows <- lapply(fit$parameters, \(name) {
    own <- vapply(strsplit(problems$parameters, ", "), \(x) name %in% x, NA)
    data.frame(subject = ids, parameter = name, true = unname(fit$estimates[ids, name]),
      refit = unname(refit$estimates[ids, name]), problem = ids %in% unlist(problems$subjects[own]))
  })
  do.call(rbind, rows)
}

# Choices of one response whose outcomes are in the column of that name.
can_borrow <- function(fit) {
  program <- fit$model$program
  choices <- Filter(\(r) r$type != "number", program$responses)
  length(choices) == 1L && !is.null(fit$data$roles$outcome) &&
    !(any(paid_columns %in% program_inputs(program)) && length(program$states) > 0L)
}

# Outcomes of actions not chosen, from about the ten nearest trials of the block on which the subject
# chose them; where there is none, from the subject's other blocks, or from other subjects.
borrow_payoffs <- function(data, response, seed) {
  code <- data$responses[[response]]
  outcome <- as.double(rl_data_column(data, "outcome"))
  n <- length(code)
  width <- length(data$actions[[response]])
  shift <- with_seed(seed, matrix(sample.int(10L, n * width, replace = TRUE) - 5L, n))
  known <- which(!is.na(code) & !is.na(outcome))
  table <- matrix(NA_real_, n, width)
  groups <- list(data$row_block, data$row_subject, rep(1L, n))
  for (a in seq_len(width)) {
    own <- known[code[known] == a]
    if (length(own) == 0L) own <- known
    for (group in groups) {
      open <- which(is.na(table[, a]))
      if (length(open) == 0L) break
      near <- nearest_of(open, own, group, shift[, a])
      table[open, a] <- outcome[near]
    }
  }
  table[cbind(known, code[known])] <- outcome[known]
  table[is.na(code) | is.na(outcome), ] <- NA
  table
}

# For each row one of the rows `own` in its group, a few places from it; NA where the group has none.
nearest_of <- function(rows, own, group, shift) {
  found <- rep(NA_integer_, length(rows))
  mine <- split(own, group[own])
  for (key in intersect(names(mine), unique(as.character(group[rows])))) {
    at <- which(group[rows] == as.integer(key))
    from <- mine[[key]]
    place <- findInterval(rows[at], from) + shift[rows[at]]
    found[at] <- from[pmin(pmax(place, 1L), length(from))]
  }
  found
}
