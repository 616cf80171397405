# Design matrices of the formulas of formula.R: covariates by unit, columns made by model.matrix(),
# which fixed column belongs to which random effect, and rows for values that are not in the data.

# --- units ----------------------------------------------------------------------------------------

# What has parameters of its own: subjects, or their episodes where a covariate differs between
# these. First rows and lengths are in trial order; `covariates` has a row for each unit.
design_units <- function(columns, data, call) {
  for (column in columns) check_covariate(column, data, call)
  episode_first <- which(data$block_start)
  subject <- data$row_subject[episode_first]
  varies <- vapply(columns, \(column) {
    x <- plain(data$data[[column]])[data$order[episode_first]]
    any(x[-1] != x[-length(x)] & subject[-1] == subject[-length(subject)])
  }, NA)
  units <- if (any(varies)) {
    list(
      unit = "episode", unit_subject = subject, unit_first = episode_first,
      unit_length = diff(c(episode_first, length(data$order) + 1L)),
      unit_label = paste0(data$subjects[subject], ":", data$blocks)
    )
  } else {
    list(
      unit = "subject", unit_subject = seq_along(data$subjects), unit_first = data$first,
      unit_length = data$length, unit_label = as.character(data$subjects)
    )
  }
  rows <- data$order[units$unit_first]
  values <- lapply(rlang::set_names(columns), \(name) drop_unused_levels(data$data[[name]][rows]))
  c(units, list(covariates = as_frame(values, length(rows)), rows = rows,
    subjects = data$subjects, blocks = data$blocks))
}

as_frame <- function(columns, rows) {
  structure(as.list(columns), names = names(columns) %||% character(), class = "data.frame",
    row.names = seq_len(rows))
}

# Before formulas see them: C(group, contr.sum) makes contrasts for every level there is. Contrasts
# given as a matrix cannot lose a level; model.frame() warns of these.
drop_unused_levels <- function(x) {
  contrasts <- attr(x, "contrasts")
  if (is.factor(x) && !is.matrix(contrasts)) {
    x <- droplevels(x)
    attr(x, "contrasts") <- contrasts
  }
  x
}

check_covariate <- function(column, data, call) {
  x <- data$data[[column]]
  if (!is.atomic(x) || !is.null(dim(x))) {
    rescorla_abort(c(
      "A covariate must be an ordinary column: numbers, text, a factor or logical.",
      x = "Column {.val {column}} is {describe_value(x)}."
    ), "data", column = column, call = call)
  }
  missing <- which(is.na(x))
  if (length(missing)) abort_covariate_rows(column, missing, "{.code NA}", call)
  infinite <- if (is.numeric(x)) which(is.infinite(x))
  if (length(infinite)) abort_covariate_rows(column, infinite, "infinite", call)

  x <- plain(x)
  changes <- unlist(lapply(row_chunks(length(x)), \(i) {
    i <- i[i > 1L]
    i[!data$block_start[i] & x[data$order[i]] != x[data$order[i - 1L]]]
  }))
  if (length(changes) == 0L) {
    return(invisible())
  }
  at <- changes[which.min(data$order[changes])]
  row <- data$order[at]
  subject <- data$subjects[data$row_subject[at]]
  block <- data$blocks[data$row_block[at]]
  rescorla_abort(c(
    "Covariate {.val {column}} changes in row {row}, within {if (is.null(block)) '' else
     paste0('block ', block, ' of ')}subject {.val {as.character(subject)}}.",
    x = "A covariate must have one value for each {if (is.null(block)) 'subject' else 'block'}.",
    i = if (is.null(block)) "If it changes between blocks, name their column: {.code rl_data(...,
      block = )}.",
    i = "What changes from trial to trial belongs into the model: a column its program reads."
  ), "data", column = column, row = row, subject = subject, call = call)
}

abort_covariate_rows <- function(column, rows, what, call) {
  n <- length(rows)
  where <- if (n == 1L) paste("row", rows) else paste0(n, " rows: ", name_some(rows))
  rescorla_abort(c(
    paste0("Covariate {.val {column}} is ", what, " in {where}."),
    i = "Correct {cli::qty(n)}{?it/them}, or leave those subjects or blocks out of the data."
  ), "data", column = column, row = rows[1], rows = rows, call = call)
}

# --- the columns of one parameter -----------------------------------------------------------------

# list(fixed, xlevels, contrasts, frame, columns, matrix): the fixed part, as terms and what
# model.matrix() needs to know again; random: the same by random term; effects (name, term,
# correlated) and their weights (units x effects); covariates: the columns read, by unit.
design_part <- function(part, name, units, call) {
  fixed <- design_side(part$fixed, name, units, call)
  random <- lapply(part$random, \(term) {
    side <- design_side(term$formula, name, units, call)
    c(side, list(correlated = rep(term$correlated, length(side$columns))))
  })
  check_full_rank(fixed$matrix, name, "columns of its formula", call)
  weights <- do.call(cbind, c(list(matrix(0, nrow(fixed$matrix), 0L)), lapply(random, `[[`,
    "matrix")))
  columns <- as.character(colnames(weights))
  intercept <- columns == "(Intercept)"
  check_slopes_vary(weights, intercept, name, units, call)
  check_full_rank(weights, name, "columns of its random effects", call)
  if (length(fixed$columns) + length(columns) == 0L) {
    rescorla_abort(c(
      "The formula of {.code {name}} leaves nothing to estimate.",
      i = "Write {.code {name} ~ 1} for a value that all subjects share, or fix it in the model."
    ), "input", parameter = name, call = call)
  }
  c(fixed, list(
    random = lapply(random, `[`, c("fixed", "xlevels", "contrasts", "frame", "columns")),
    effects = data.frame(
      name = paste0(name, ifelse(intercept, "", paste0(":", columns)), recycle0 = TRUE),
      term = columns, correlated = as.logical(unlist(lapply(random, `[[`, "correlated")))
    ),
    weights = weights, covariates = units$covariates[part$reads]
  ))
}

# Evaluated over units, so that scale(age) has mean 0 over these, whatever their numbers of trials.
design_side <- function(formula, name, units, call) {
  frame <- as_design_error(stats::model.frame(formula, units$covariates,
    na.action = stats::na.pass, drop.unused.levels = TRUE), name, call)
  check_frame(frame, name, units, call)
  terms <- attr(frame, "terms")
  made <- as_design_error(stats::model.matrix(terms, frame), name, call)
  columns <- as.character(colnames(made))
  list(fixed = terms, xlevels = stats::.getXlevels(terms, frame),
    contrasts = attr(made, "contrasts"), frame = frame, columns = columns,
    matrix = matrix(as.numeric(made), nrow(made), ncol(made), dimnames = list(NULL, columns)))
}

# R's own errors, about the formula of a parameter.
as_design_error <- function(expr, name, call) {
  tryCatch(expr, error = \(err) rescorla_abort(c(
    "The formula of {.code {name}} cannot be evaluated.", x = "{conditionMessage(err)}"
  ), "input", parameter = name, call = call))
}

# Functions make values of their own: log(0), or a factor that is constant.
check_frame <- function(frame, name, units, call) {
  if (nrow(frame) != length(units$rows)) {
    rescorla_abort(c(
      "The formula of {.code {name}} does not make one value for each {units$unit}.",
      i = "A function in it must return as many values as it is given."
    ), "input", parameter = name, call = call)
  }
  for (term in names(frame)) {
    x <- frame[[term]]
    wrong <- rowSums(as.matrix(if (is.numeric(x)) !is.finite(x) else is.na(x))) > 0
    if (any(wrong)) abort_covariate_rows(term, units$rows[wrong], "not finite", call)
    if (is_category(x) && length(unique(x)) < 2L) {
      rescorla_abort(c(
        "Covariate {.val {term}} of {.code {name}} is {.val {as.character(x[1])}} throughout.",
        i = "Leave it out: it has no effect that the intercept does not have."
      ), "input", parameter = name, column = term, call = call)
    }
  }
}

is_category <- function(x) is.factor(x) || is.character(x) || is.logical(x)

check_full_rank <- function(matrix, name, what, call) {
  decomposed <- qr(matrix)
  if (decomposed$rank == ncol(matrix)) {
    return(invisible())
  }
  redundant <- colnames(matrix)[sort(decomposed$pivot[-seq_len(decomposed$rank)])]
  rescorla_abort(c(
    "The design of {.code {name}} is rank-deficient: {what} repeat each other.",
    x = "{.val {redundant}} {cli::qty(redundant)}{?follows/follow} from the others or {?is/are}
         zero in all the data.",
    i = "Leave {cli::qty(redundant)}{?it/them} out of the formula of {.code {name}}."
  ), "input", parameter = name, columns = redundant, call = call)
}

check_slopes_vary <- function(weights, intercept, name, units, call) {
  constant <- vapply(which(!intercept), \(j) {
    !is.null(subject_factor(weights[, j], 1, units$unit_subject))
  }, NA)
  slopes <- colnames(weights)[!intercept][constant]
  if (length(slopes) == 0L) {
    return(invisible())
  }
  rescorla_abort(c(
    "The random slope of {.val {slopes[1]}} on {.code {name}} is not identified.",
    x = "It is constant within every subject, so nobody shows a change with it.",
    i = "Make it a fixed effect: {.code {name} ~ ... + (1 | subject)}.",
    i = if (is.null(units$blocks)) "If it changes between blocks, name their column:
      {.code rl_data(..., block = )}."
  ), "input", parameter = name, columns = slopes, call = call)
}

# --- fixed effects as means of random ones --------------------------------------------------------

# By subject the c with x[u] = w[u] c[subject[u]] in every unit (0 where a subject's w are), or NULL
# where there is none. Contrasts and centring round, hence the tolerance.
subject_factor <- function(x, w, subject, tolerance = 1e-12) {
  w <- rep_len(w, length(x))
  on <- abs(w) > tolerance * max(abs(w))
  if (any(abs(x[!on]) > tolerance * max(abs(x)))) {
    return(NULL)
  }
  ratio <- x[on] / w[on]
  factor <- numeric(max(subject))
  # Written last, the first unit of a subject stays.
  factor[rev(subject[on])] <- rev(ratio)
  if (any(abs(ratio - factor[subject[on]]) > tolerance * max(abs(ratio)))) NULL else factor
}

place_coefficients <- function(parts, effects, units, call) {
  parts <- Map(\(part, p) {
    c(part, place_columns(part, which(effects$parameter == p), units))
  }, parts, seq_along(parts))
  table <- bind_rows_of(parts, \(part, p) data.frame(
    name = paste0(names(parts)[p], ":", part$columns, recycle0 = TRUE),
    parameter = rep(p, length(part$columns)), effect = part$effect, term = part$columns
  ))
  in_means <- !is.na(table$effect)
  coefficients <- table[in_means, ]
  shared <- table[!in_means, c("name", "parameter", "term")]
  rownames(coefficients) <- rownames(shared) <- NULL
  check_fewer_than_subjects(coefficients, effects, names(parts), length(units$subjects), call)
  list(
    coefficients = coefficients,
    means = bind_columns_of(parts, "means", table$name)[, in_means, drop = FALSE],
    shared = shared,
    shared_design = bind_columns_of(parts, "matrix", table$name)[, !in_means, drop = FALSE]
  )
}

# For each fixed column the effect it is a mean of (NA: it is shared), and by subject what its
# coefficient is multiplied by there. The intercept takes what it can, then slopes in order.
place_columns <- function(part, own, units) {
  effect <- rep(NA_integer_, length(part$columns))
  means <- matrix(0, length(units$subjects), length(part$columns))
  for (i in order(part$effects$term != "(Intercept)")) {
    for (j in which(is.na(effect))) {
      factor <- subject_factor(part$matrix[, j], part$weights[, i], units$unit_subject)
      if (!is.null(factor)) {
        effect[j] <- own[i]
        means[, j] <- factor
      }
    }
  }
  list(effect = effect, means = means)
}

# As many coefficients as subjects leave nothing for the subjects to differ by.
check_fewer_than_subjects <- function(coefficients, effects, parameters, subjects, call) {
  count <- tabulate(coefficients$effect, nrow(effects))
  full <- which(count > 1L & count >= subjects)
  if (length(full) == 0L) {
    return(invisible())
  }
  name <- parameters[effects$parameter[full[1]]]
  rescorla_abort(c(
    "The formula of {.code {name}} has {count[full[1]]} coefficients that differ between subjects,
     and there are {subjects} subjects.",
    x = "Nothing is left for random effects to vary.",
    i = "Use fewer covariates, or take the random effect away: {.code + (0 | subject)}."
  ), "input", parameter = name, call = call)
}

# --- rows for other values of the covariates ------------------------------------------------------

# What a parameter is at each row of `newdata`: list(means = rows x K, shared = rows x G, weights =
# rows x R), with zeros in the columns of other parameters. On the unconstrained scale the mean of
# the population is means %*% beta + shared %*% b, a subject's deviation weights %*% (a - m).
design_rows <- function(design, parameter, newdata, call) {
  p <- if (is.character(parameter)) match(parameter, design$parameters) else parameter
  part <- design$terms[[p]]
  name <- design$parameters[p]
  check_new_covariates(newdata, part$covariates, name, call)
  # Categories are taken from the units, with their levels and contrasts.
  both <- as_frame(Map(\(known, new) {
    if (!is_category(known)) return(c(known, new))
    known[c(seq_along(known), match(as.character(new), as.character(known)))]
  }, part$covariates, as.list(newdata)[names(part$covariates)]),
    nrow(part$covariates) + nrow(newdata))
  sides <- lapply(c(list(part), part$random), new_side, both, nrow(newdata), name, call)
  list(
    means = spread_columns(sides[[1]], design$coefficients, p),
    shared = spread_columns(sides[[1]], design$shared, p),
    weights = spread_columns(do.call(cbind, sides[-1]), design$effects, p, nrow(newdata))
  )
}

# The last `n` rows of a design over `both`, the units' covariates and new ones below. The units are
# there for functions that look at all values, as cut() and C() do, and to find out those that take
# something from them that is not remembered, as I(age / sd(age)) does.
new_side <- function(side, both, n, name, call) {
  frame <- as_design_error(stats::model.frame(side$fixed, both, na.action = stats::na.pass), name,
    call)
  for (term in names(side$xlevels)) {
    frame[[term]] <- factor(as.character(frame[[term]]), side$xlevels[[term]])
  }
  rows <- \(frame) as_design_error(stats::model.matrix(side$fixed, frame,
    contrasts.arg = side$contrasts), name, call)
  made <- rows(frame)
  new <- nrow(both) - n + seq_len(n)
  if (!all(is.finite(made[new, ]))) {
    rescorla_abort(c(
      "The formula of {.code {name}} makes no finite number of a value in {.arg newdata}.",
      i = "Take values like those in the data."
    ), "input", parameter = name, call = call)
  }
  if (!isTRUE(all.equal(as.vector(made[-new, ]), as.vector(rows(side$frame))))) {
    rescorla_abort(c(
      "The formula of {.code {name}} has a function that makes other numbers of the same value when
       values are added.",
      i = "Use {.fn scale} or {.fn poly}, which are remembered, or put its result into a column."
    ), "input", parameter = name, call = call)
  }
  made[new, , drop = FALSE]
}

spread_columns <- function(matrix, table, p, rows = nrow(matrix)) {
  spread <- matrix(0, rows, nrow(table), dimnames = list(NULL, table$name))
  own <- which(table$parameter == p)
  if (length(own)) spread[, own] <- matrix[, table$term[own]]
  spread
}

check_new_covariates <- function(newdata, covariates, name, call) {
  check_class(newdata, "data.frame", "a data frame", call = call)
  for (column in names(covariates)) {
    x <- newdata[[column]]
    known <- covariates[[column]]
    problem <- if (is.null(x)) {
      "It is not there."
    } else if (is_category(x) != is_category(known) || is.logical(x) != is.logical(known)) {
      "It is {describe_value(x)}, and {describe_value(known)} in the data."
    } else if (anyNA(x) || (is.numeric(x) && any(is.infinite(x)))) {
      "It has values that are {.code NA} or infinite."
    } else if (is_category(x) && !all(as.character(x) %in% as.character(known))) {
      "{.val {setdiff(as.character(x), as.character(known))[1]}} does not occur in the data."
    }
    if (is.null(problem)) next
    nearest <- if (is.null(x)) nearest_name(column, names(newdata))
    rescorla_abort(c(
      "{.arg newdata} must have column {.val {column}}, which {.code {name}} depends on.",
      x = problem,
      i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?"
    ), "input", arg = "newdata", column = column, call = call)
  }
}

# The cells of a parameter: every combination of its categories that occurs among units, in the
# order of their levels, with numeric covariates at their mean over units.
#   label       "" without categories, "B", "B, low"
#   covariates  a row for each cell
#   means, shared, weights  as design_rows() makes them
reference_grid <- function(parameter, design, call) {
  part <- design$terms[[parameter]]
  raw <- part$covariates
  made <- made_categories(part)
  categories <- c(as.list(raw)[vapply(raw, is_category, NA)], lapply(made, `[[`, "values"))
  codes <- lapply(unname(categories), \(x) as.integer(as.factor(x)))
  first <- 1L
  if (length(codes)) {
    first <- which(!duplicated(as.data.frame(codes, col.names = seq_along(codes))))
    first <- first[do.call(order, lapply(codes, `[`, first))]
  }
  labels <- lapply(unname(categories), \(x) as.character(x[first]))
  cells <- lapply(raw, `[`, first)
  held <- unlist(lapply(made, `[[`, "columns"))
  for (column in setdiff(names(raw)[!vapply(raw, is_category, NA)], held)) {
    cells[[column]] <- rep(mean(raw[[column]]), length(first))
  }
  cells <- as_frame(cells, length(first))
  label <- if (length(labels)) do.call(paste, c(labels, sep = ", ")) else ""
  c(list(label = label, covariates = cells), design_rows(design, parameter, cells, call))
}

# Categories that a formula makes from numbers, as factor(age) or cut(age, 3) do: by name
# list(values, columns = the numbers they are made from, which no mean can stand for).
made_categories <- function(part) {
  numbers <- names(part$covariates)[!vapply(part$covariates, is_category, NA)]
  made <- list()
  for (side in c(list(part), part$random)) {
    variables <- as.list(attr(side$fixed, "variables"))[-1]
    for (j in which(vapply(side$frame, is_category, NA))) {
      columns <- intersect(all.vars(variables[[j]]), numbers)
      if (length(columns)) {
        made[[names(side$frame)[j]]] <- list(values = side$frame[[j]], columns = columns)
      }
    }
  }
  made
}
