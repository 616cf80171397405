# Formulas on the parameters of a hierarchical model, as the user writes them, and what they make.
# On its unconstrained scale parameter p of a unit u (a subject s, or an episode of one) is
#   z[u, p] = sum_r w[u, r] a[s, r] + sum_g x[u, g] b[g],   a[s, ] ~ N(m[s, ], Sigma),
#   m[s, r] = sum_k A[s, k] beta[k],
# with r over the random effects of p, g over its shared coefficients and k over the coefficients
# of effect r. A fixed coefficient goes into the mean m of a random effect wherever that says the
# same, since means are what hierarchical methods estimate in closed form.
#
# Random effects of a parameter:
#   no formula                    ~ 1 + (1 | subject)
#   ~ 1                           none: all subjects share one value
#   ~ group                       (1 | subject) is kept
#   ~ 0 + group, ~ (0 | subject)  none
#   any other (... | subject)     what it says; effects of `||` are uncorrelated with all others

# Returns what the equations above need, for P free parameters, U units, S subjects, R random
# effects, K coefficients in means and G shared ones:
#   parameters  P names
#   unit, unit_subject, unit_first, unit_length, unit_label: see design_units()
#   effects     R rows: name, parameter (number), term; weights: U x R, the w
#   coefficients  K rows: name, parameter, effect (numbers), term; means: S x K, the A
#   shared      G rows: name, parameter, term; shared_design: U x G, the x
#   blocks      R numbers: effects of one block are correlated
#   terms       by parameter: what new rows are built from, see design_part() and design_rows()
#   default     TRUE where every parameter has ~ 1 + (1 | subject), whatever the covariance
#   group_rows  by parameter: see reference_grid()
hierarchy_design <- function(formula, covariance, model, data, call) {
  parameters <- free_parameters(model)
  parts <- parse_formulas(formula, model, data, call)
  columns <- unique(unlist(lapply(parts, `[[`, "reads"), use.names = FALSE))
  units <- design_units(columns, data, call)
  parts <- Map(\(part, name) design_part(part, name, units, call), parts, parameters)

  effects <- bind_rows_of(parts, \(part, p) data.frame(
    name = part$effects$name, parameter = rep(p, nrow(part$effects)), term = part$effects$term
  ))
  design <- c(
    list(parameters = parameters),
    units[c("unit", "unit_subject", "unit_first", "unit_length", "unit_label")],
    list(effects = effects, weights = bind_columns_of(parts, "weights", effects$name)),
    place_coefficients(parts, effects, units, call)
  )
  correlated <- unlist(lapply(parts, \(part) part$effects$correlated), use.names = FALSE)
  design$blocks <- covariance_blocks(covariance, effects, as.logical(correlated), parameters, call)
  design$terms <- lapply(parts, `[`, c("fixed", "xlevels", "contrasts", "frame", "columns",
    "random", "covariates"))
  design$default <- all(vapply(parts, is_default_part, NA))
  design$group_rows <- lapply(rlang::set_names(parameters), reference_grid, design, call)
  design
}

is_default_part <- function(part) {
  identical(part$columns, "(Intercept)") && identical(part$effects$term, "(Intercept)") &&
    part$effects$correlated
}

bind_rows_of <- function(parts, rows) {
  table <- do.call(rbind, Map(rows, unname(parts), seq_along(parts)))
  rownames(table) <- NULL
  table
}

bind_columns_of <- function(parts, field, names) {
  bound <- do.call(cbind, lapply(unname(parts), `[[`, field))
  dimnames(bound) <- list(NULL, names)
  bound
}

# --- what was written -----------------------------------------------------------------------------

# By free parameter: list(fixed = one-sided formula, random = list of list(formula =, correlated =),
# reads = columns of the data).
parse_formulas <- function(formula, model, data, call) {
  parameters <- free_parameters(model)
  default <- list(fixed = as_one_sided(1, baseenv()), random = list(random_intercept(baseenv())),
    reads = character())
  parts <- lapply(rlang::set_names(parameters), \(name) default)
  seen <- character()
  for (one in formula_list(formula, call)) {
    check_formula_words(one, call)
    named <- formula_parameters(one, model, call)
    repeated <- c(named[named %in% seen], named[duplicated(named)])
    if (length(repeated)) {
      rescorla_abort(c(
        "Parameter {.code {repeated[1]}} has more than one formula.",
        x = "The second is {.code {deparse_line(one)}}.",
        i = "Put everything {.code {repeated[1]}} depends on into one formula."
      ), "input", parameter = repeated[1], call = call)
    }
    seen <- c(seen, named)
    parts[named] <- list(parse_formula(one, model, data, call))
  }
  parts
}

formula_list <- function(formula, call) {
  if (inherits(formula, "formula")) {
    formula <- list(formula)
  }
  if (!is.null(formula) && !is.list(formula)) {
    rescorla_abort(c(
      "{.arg formula} must be a formula or a list of formulas, not {describe_value(formula)}.",
      i = "For example {.code list(alpha ~ group, beta ~ condition + (1 | subject))}."
    ), "input", arg = "formula", call = call)
  }
  for (i in seq_along(formula)) {
    one <- formula[[i]]
    if (!inherits(one, "formula")) {
      rescorla_abort(c(
        "Every entry of {.arg formula} must be a formula, such as {.code alpha ~ group}.",
        x = "Entry {i} is {describe_value(one)}."
      ), "input", arg = "formula", call = call)
    }
    if (length(one) != 3L) {
      name <- rlang::names2(formula)[i]
      left <- if (nzchar(name)) name else "alpha"
      rescorla_abort(c(
        "{.code {deparse_line(one)}} does not say which parameter it is for.",
        i = "Write the parameter on its left, as in {.code {left} ~ {deparse_line(one[[2]])}}."
      ), "input", arg = "formula", call = call)
    }
  }
  unname(formula)
}

# The parameters on the left: one, or several with `+` between them.
formula_parameters <- function(formula, model, call) {
  left_names <- function(expr) {
    if (is.symbol(expr)) {
      as.character(expr)
    } else if (is_call_to(expr, "+") && length(expr) == 3L) {
      c(left_names(expr[[2]]), left_names(expr[[3]]))
    } else {
      rescorla_abort(c(
        "The left side of a formula must be a parameter, or several with `+` between them.",
        x = "It is {.code {deparse_line(formula[[2]])}}.",
        i = "Effects add up on the scale of the parameter's link, see {.fn rl_parameters}."
      ), "input", arg = "formula", call = call)
    }
  }
  named <- left_names(formula[[2]])
  free <- free_parameters(model)
  unknown <- setdiff(named, free)
  if (length(unknown)) {
    name <- unknown[1]
    nearest <- nearest_name(name, free)
    is_fixed <- name %in% model$parameters$name
    rescorla_abort(c(
      "{.arg formula} is about {.code {name}}, which is not a free parameter of the model.",
      x = if (is_fixed) "The model fixes it.",
      i = if (!is_fixed && !is.null(nearest)) "Did you mean {.code {nearest}}?",
      i = "The free parameters are {.code {free}}."
    ), "input", arg = "formula", parameter = name, call = call)
  }
  named
}

parse_formula <- function(formula, model, data, call) {
  env <- environment(formula) %||% baseenv()
  summands <- summands_of(formula[[3]])
  is_bar <- vapply(summands, \(one) is_random_term(one$expr), NA)
  for (one in summands) {
    misplaced <- if (is_random_term(one$expr)) one$sign < 0 else has_bar(one$expr)
    if (misplaced) abort_misplaced_bar(formula, call)
  }
  fixed <- as_one_sided(sum_of(summands[!is_bar]), env)
  fixed_terms <- terms_of(fixed, formula, call)
  random <- lapply(summands[is_bar], \(one) random_term(one$expr, env, formula, data, call))
  if (!any(is_bar) && attr(fixed_terms, "intercept") == 1L &&
      length(attr(fixed_terms, "term.labels"))) {
    random <- list(random_intercept(env))
  }
  all_terms <- c(list(fixed_terms), lapply(random, \(one) terms_of(one$formula, formula, call)))
  columns <- lapply(all_terms, formula_columns, model = model, data = data, call = call)
  check_random_terms(random, all_terms[-1], formula, call)
  list(fixed = fixed, random = random, reads = as.character(unique(unlist(columns))))
}

as_one_sided <- function(expr, env) {
  stats::as.formula(call("~", expr), env)
}

random_intercept <- function(env) list(formula = as_one_sided(1, env), correlated = TRUE)

# What terms() would take, or choke on, without a word the user understands.
check_formula_words <- function(formula, call) {
  names <- c(all.names(formula[[3]]), intersect(all.names(formula[[2]]), "~"))
  wrong <- intersect(c("offset", "~", "."), names)
  if (length(wrong) == 0L) {
    return(invisible())
  }
  rescorla_abort(c(
    switch(wrong[1],
      offset = "{.code {deparse_line(formula)}} has an offset, and parameters take none.",
      `~` = "{.code {deparse_line(formula)}} has more than one `~`.",
      "{.code {deparse_line(formula)}} has a `.`, which does not say which columns are covariates."
    ),
    i = switch(wrong[1],
      offset = "Shift a parameter's prior instead, or make the column a covariate.",
      `~` = "Write a formula for each parameter: {.code list(alpha ~ group, beta ~ group)}.",
      "Name the columns, with `+` between them."
    )
  ), "input", arg = "formula", call = call)
}

terms_of <- function(one_sided, formula, call) {
  tryCatch(stats::terms(one_sided), error = function(err) {
    message <- conditionMessage(err)
    rescorla_abort(c("{.code {deparse_line(formula)}} is not a valid formula.", x = "{message}"),
      "input", arg = "formula", call = call)
  })
}

# The terms of a sum with their signs. Parentheses are left for terms() to open.
summands_of <- function(expr, sign = 1) {
  if (!is_call_to(expr, c("+", "-"))) {
    return(list(list(expr = expr, sign = sign)))
  }
  last <- if (is_call_to(expr, "-")) -1 else 1
  if (length(expr) == 2L) {
    return(summands_of(expr[[2]], last))
  }
  right <- if (last > 0) summands_of(expr[[3]]) else list(list(expr = expr[[3]], sign = -1))
  c(summands_of(expr[[2]], sign), right)
}

# Without any term there is an intercept, as in lm(y ~ 1).
sum_of <- function(summands) {
  if (length(summands) == 0L) {
    return(1)
  }
  Reduce(\(sum, one) {
    sign <- if (one$sign > 0) "+" else "-"
    if (!is.null(sum)) call(sign, sum, one$expr) else
      if (one$sign > 0) one$expr else call("-", one$expr)
  }, summands, NULL)
}

is_random_term <- function(expr) {
  is_call_to(expr, "(") && is_call_to(expr[[2]], c("|", "||"))
}

# A bar among the operators of a formula; inside a function, as in I(a | b), it means "or".
has_bar <- function(expr) {
  is_call_to(expr, c("|", "||")) ||
    (is_call_to(expr, c("+", "-", "*", ":", "/", "^", "%in%", "(")) &&
      any(vapply(as.list(expr)[-1], has_bar, NA)))
}

abort_misplaced_bar <- function(formula, call) {
  rescorla_abort(c(
    "A random-effect term stands where it cannot in {.code {deparse_line(formula)}}.",
    i = "Add it to the others, in parentheses: {.code alpha ~ group + (1 | subject)}."
  ), "input", arg = "formula", call = call)
}

random_term <- function(expr, env, formula, data, call) {
  bar <- expr[[2]]
  group <- bar[[3]]
  own <- data$roles$subject
  if (!is.symbol(group) || !as.character(group) %in% c("subject", own)) {
    rescorla_abort(c(
      "Random effects vary between subjects only, not by {.code {deparse_line(group)}}.",
      x = "The term is {.code {deparse_line(expr)}}.",
      i = "Write {.code ({deparse_line(bar[[2]])} | subject)}{if (own != 'subject')
           paste0(' or the name of the column, `', own, '`')}."
    ), "input", arg = "formula", call = call)
  }
  if (has_bar(bar[[2]])) abort_misplaced_bar(formula, call)
  list(formula = as_one_sided(bar[[2]], env), correlated = is_call_to(bar, "|"))
}

# `terms`: those of the random terms. A term with nothing in it, `(0 | subject)`, says "none".
check_random_terms <- function(random, terms, formula, call) {
  empty <- vapply(terms, \(one) {
    attr(one, "intercept") == 0L && length(attr(one, "term.labels")) == 0L
  }, NA)
  if (any(empty) && length(terms) > 1L) {
    rescorla_abort(c(
      "{.code (0 | subject)} says that there is no random effect, and other terms say otherwise.",
      x = "The formula is {.code {deparse_line(formula)}}.",
      i = "Drop {.code (0 | subject)}, or the other random-effect terms."
    ), "input", arg = "formula", call = call)
  }
  labels <- unlist(lapply(terms, \(one) {
    c(if (attr(one, "intercept") == 1L) "1", attr(one, "term.labels"))
  }))
  twice <- labels[duplicated(labels)]
  if (length(twice)) {
    rescorla_abort(c(
      "{.code {deparse_line(formula)}} has the same random effect twice: {.code {twice[1]}}.",
      i = "Put them into one term, such as {.code (1 + condition | subject)}. An intercept (1) is in
           every term that does not take it away with 0."
    ), "input", arg = "formula", call = call)
  }
}

# The columns a formula reads. Every name in it must be one, or a function handed to a function, as
# `contr.sum` in C(group, contr.sum): a variable elsewhere would not be there for new data.
formula_columns <- function(terms, model, data, call) {
  variables <- as.list(attr(terms, "variables"))[-1]
  names <- unique(unlist(lapply(variables, all.vars)))
  bare <- vapply(Filter(is.symbol, variables), as.character, "")
  is_column <- names %in% names(data$data)
  is_function <- vapply(names, exists, NA, envir = environment(terms), mode = "function")
  unknown <- names[!is_column & (names %in% bare | !is_function)]
  if (length(unknown)) {
    abort_unknown_covariate(unknown[1], names(data$data), model$parameters$name, call)
  }
  columns <- names[is_column]
  answers <- intersect(columns, unlist(data$roles[c("choice", "rt")], use.names = FALSE))
  if (length(answers)) {
    rescorla_abort(c(
      "Column {.val {answers[1]}} holds what the model explains: it cannot be a covariate too.",
      i = "Leave it out of the formula."
    ), "input", arg = "formula", column = answers[1], call = call)
  }
  columns
}

abort_unknown_covariate <- function(name, columns, parameters, call) {
  nearest <- nearest_name(name, columns)
  listed <- name_some(columns, 30L, quote = TRUE)
  rescorla_abort(c(
    "{.arg formula} uses {.val {name}}, which is not a column of the data.",
    x = if (name %in% parameters) "It is a parameter: they stand on the left only.",
    i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
    i = "The columns are {listed}.",
    i = "Values from elsewhere must be put into a column."
  ), "input", arg = "formula", column = name, call = call)
}

# --- covariance -----------------------------------------------------------------------------------

# The block of every effect, numbered from 1 in order of first appearance.
covariance_blocks <- function(covariance, effects, correlated, parameters, call) {
  with_effects <- parameters[sort(unique(effects$parameter))]
  group <- covariance_groups(covariance, with_effects, parameters, call)
  key <- paste("block", group[effects$parameter], recycle0 = TRUE)
  alone <- !correlated | identical(group, "each")
  key[alone] <- paste("effect", which(alone), recycle0 = TRUE)
  match(key, unique(key))
}

# A group for each parameter, or "each": every effect by itself.
covariance_groups <- function(covariance, with_effects, parameters, call) {
  choices <- c("full", "diagonal")
  if (!is.list(covariance)) {
    if (length(covariance) > 1L && !identical(covariance, choices)) {
      abort_covariance(covariance, call)
    }
    covariance <- check_choice(covariance, choices, arg = "covariance", call = call)
    return(if (covariance == "full") rep(1L, length(parameters)) else "each")
  }
  for (block in covariance) {
    if (!is.character(block) || anyNA(block)) abort_covariance(covariance, call)
  }
  named <- unlist(covariance)
  unknown <- setdiff(named, with_effects)
  if (length(unknown)) {
    name <- unknown[1]
    nearest <- nearest_name(name, with_effects)
    rescorla_abort(c(
      "{.arg covariance} names {.code {name}}, which has no random effect.",
      x = if (name %in% parameters) "All subjects share it, by its formula.",
      i = if (!name %in% parameters && !is.null(nearest)) "Did you mean {.code {nearest}}?",
      i = "Parameters with random effects are {.code {with_effects}}."
    ), "input", arg = "covariance", parameter = name, call = call)
  }
  if (anyDuplicated(named)) {
    rescorla_abort(c(
      "{.arg covariance} names {.code {named[duplicated(named)][1]}} more than once.",
      i = "A parameter belongs to one block."
    ), "input", arg = "covariance", call = call)
  }
  block <- rep(seq_along(covariance), lengths(covariance))[match(parameters, named)]
  alone <- is.na(block)
  block[alone] <- length(covariance) + seq_len(sum(alone))
  block
}

abort_covariance <- function(covariance, call) {
  rescorla_abort(c(
    "{.arg covariance} must be {.val full}, {.val diagonal}, or a list of blocks of parameters.",
    x = "It is {describe_value(covariance)}.",
    i = "For example {.code list(c(\"alpha\", \"beta\"), \"kappa\")}."
  ), "input", arg = "covariance", call = call)
}
