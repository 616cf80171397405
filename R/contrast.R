# How groups and conditions differ in a parameter of a hierarchical fit.

#' Differences between groups and conditions
#'
#' What a hierarchical fit says about a parameter at the cells of its formula, the combinations of
#' its categories: `rl_means()` for each of them, `rl_contrast()` for differences between them.
#'
#' @details
#' At a cell with the row x of the design (numeric covariates at their mean over subjects,
#' or blocks where they change) the centre of the group is \eqn{\eta = x'\beta} on the unconstrained
#' scale, and its link \eqn{g(\eta)} the group's median in natural units. A contrast with weights c
#' over cells is \eqn{\sum_i c_i \eta_i}, and \eqn{\sum_i c_i g(\eta_i)} in natural units, which for
#' a difference is that of the medians.
#'
#' For `"em"` (and `"mle"` with shared parameters) standard errors come from `vcov(fit)`, for
#' natural units by the delta method, and intervals and two-sided p values are normal (Wald). For
#' `"nuts"` all is of the posterior draws: means, standard deviations, quantiles. Nothing is
#' adjusted for the number of contrasts.
#'
#' With emmeans, `emmeans::emmeans(fit, ~ group, parameter = "alpha")` makes reference grids of the
#' fixed effects, with all that package has: averages over other covariates, adjusted p values;
#' `type = "response"` gives medians in natural units. For `"nuts"` it works on the draws.
#' @param fit A fit by `rl_fit(method = "em")` or `"nuts"`, or by `"mle"` with shared parameters.
#' @param parameter Name of a free parameter; for `rl_means()` by default all.
#' @param contrast A named list of numeric vectors, the weights of cells, in the order of
#'   `rl_means(fit, parameter)` or named by its `cell` (the others are then 0). `NULL`: all pairs,
#'   the earlier cell less the later one.
#' @param by Names of covariates among the categories (or in `at`): contrasts are made within each
#'   of their combinations.
#' @param at Values of covariates other than those of the cells. A list such as
#'   `list(age = c(20, 40))`: every cell at each of these. A data frame: its rows are the cells,
#'   numeric covariates it lacks being at their mean.
#' @param level Of the intervals.
#' @param x An object of class `rl_contrast`.
#' @param digits Number of significant digits.
#' @param ... Not used.
#' @return `rl_contrast()`: a data frame of class `rl_contrast` with a row for each contrast:
#'   `parameter`, `contrast`, the columns `by`, `estimate`, `std_error`, `lower`, `upper` on the
#'   unconstrained scale, `z` and `p` (for `"nuts"` `p_positive` instead, the posterior probability
#'   that it is above 0), and `natural`, `natural_lower`, `natural_upper` in natural units.
#'
#'   `rl_means()`: a data frame with a row for each cell: `parameter`, `cell`; `estimate`,
#'   `std_error`, `q5`, `q95` on the unconstrained scale; and `median`, `mean` over the group's
#'   distribution in natural units, with their 90% limits `median_q5`, `median_q95`, `mean_q5`,
#'   `mean_q95`.
#' @seealso [rl_group_methods] for the coefficients themselves.
#' @examples
#' fit <- rl_fit("rw", rl_data(bandit_example), method = "em", formula = alpha ~ group, seed = 1)
#' rl_means(fit)
#' rl_contrast(fit, "alpha")
#' @export
rl_contrast <- function(fit, parameter, contrast = NULL, by = NULL, at = NULL, level = 0.95) {
  call <- rlang::current_env()
  check_hierarchical(fit, "rl_contrast", call)
  parameter <- check_parameter(parameter, fit, call)
  check_number(level, lower = 0, upper = 1)
  cells <- contrast_cells(fit, parameter, at, call)
  sets <- contrast_sets(cells, check_by(by, cells, call))
  weights <- lapply(sets, \(set) contrast_weights(contrast, cells, set, parameter, call))
  all <- do.call(rbind, unname(weights))
  found <- contrast_statistics(fit, parameter, cells, all, level)
  names <- unlist(lapply(weights, rownames), use.names = FALSE)
  where <- rep(seq_along(sets), vapply(weights, nrow, 0L))
  groups <- lapply(stats::setNames(by, by), \(column) {
    vapply(sets[where], \(set) cells$parts[[column]][set[1L]], "")
  })
  structure(
    data.frame(c(list(parameter = parameter, contrast = names), groups, found), row.names = NULL,
      check.names = FALSE),
    class = c("rl_contrast", "data.frame"), level = level, method = fit$method
  )
}

#' @rdname rl_contrast
#' @export
rl_means <- function(fit, parameter = NULL) {
  call <- rlang::current_env()
  check_hierarchical(fit, "rl_means", call, methods = c("em", "nuts"))
  chosen <- fit$parameters
  if (!is.null(parameter)) chosen <- vapply(parameter, check_parameter, "", fit, call)
  population <- population_summary(fit)
  link <- lapply(fit$parameters, \(name) {
    cells <- contrast_cells(fit, name, NULL, call)
    found <- contrast_statistics(fit, name, cells, diag(nrow(cells$rows)), 0.9)
    data.frame(estimate = found$estimate, std_error = found$std_error, q5 = found$lower,
      q95 = found$upper)
  })
  table <- data.frame(population[c("parameter", "cell")], do.call(rbind, link),
    population[setdiff(names(population), c("parameter", "cell"))])
  table <- table[order(match(table$parameter, chosen)), ]
  table <- table[table$parameter %in% chosen, ]
  rownames(table) <- NULL
  table
}

# --- cells --------------------------------------------------------------------------------------

# list(rows: cells x coefficients (those of fixef()), label, parts: what tells cells apart, by
# covariate, as text).
contrast_cells <- function(fit, parameter, at, call) {
  design <- fit$group$design
  grid <- design$group_rows[[parameter]]
  parts <- label_parts(grid)
  label <- grid$label
  if (!is.null(at)) {
    check_at(at, grid, parameter, call)
    points <- if (is.data.frame(at)) points_of(at, grid) else
      points_crossed(at, grid, parts, made_categories(design$terms[[parameter]]))
    grid <- design_rows(design, parameter, points$covariates, call)
    parts <- points$parts
    label <- paste_parts(parts)
  }
  rows <- cbind(grid$means, grid$shared)
  known <- names(fixef(fit))
  if (any(rows[, !colnames(rows) %in% known] != 0)) abort_no_group_value(parameter, call)
  list(rows = rows[, known, drop = FALSE], label = label, parts = parts)
}

abort_no_group_value <- function(parameter, call) {
  rescorla_abort(c(
    "{.code {parameter}} has a value for every subject in this fit, and none of the group.",
    i = "{.code method = \"em\"} has a distribution over subjects."
  ), "input", parameter = parameter, call = call)
}

# A label names the columns that are categories, then (as `rest`) what the formula makes of others.
label_parts <- function(grid) {
  parts <- lapply(as.list(grid$covariates)[vapply(grid$covariates, is_category, NA)], as.character)
  told <- if (length(parts)) nchar(paste_parts(parts)) + 2L else 0L
  rest <- substring(grid$label, told + 1L)
  if (any(nzchar(rest))) parts$rest <- rest
  parts
}

paste_parts <- function(parts) do.call(paste, c(unname(parts), sep = ", "))

# The rows of a data frame as cells.
points_of <- function(at, grid) {
  numbers <- Filter(Negate(is_category), as.list(grid$covariates))
  held <- lapply(numbers[setdiff(names(numbers), names(at))], \(x) rep(x[1L], nrow(at)))
  list(covariates = as_frame(c(as.list(at), held), nrow(at)),
    parts = Map(value_text, as.list(at), names(at)))
}

# Every cell at every combination of values. What these set does not tell cells apart any more.
points_crossed <- function(at, grid, parts, made) {
  replaced <- names(at)
  if (any(names(at) %in% unlist(lapply(made, `[[`, "columns")))) replaced <- c(replaced, "rest")
  parts <- parts[setdiff(names(parts), replaced)]
  cells <- if (length(parts)) which(!duplicated(as.data.frame(parts))) else 1L
  values <- expand.grid(rev(at), stringsAsFactors = FALSE)[names(at)]
  cell <- rep(cells, each = nrow(values))
  value <- lapply(values, rep, length(cells))
  covariates <- lapply(as.list(grid$covariates), `[`, cell)
  covariates[names(at)] <- value
  list(covariates = as_frame(covariates, length(cell)),
    parts = c(lapply(parts, `[`, cell), Map(value_text, value, names(value))))
}

value_text <- function(x, name) {
  if (is_category(x)) as.character(x) else paste0(name, "=", vapply(x, format, "", digits = 4L))
}

check_at <- function(at, grid, parameter, call) {
  known <- names(grid$covariates)
  named <- is.list(at) && length(at) > 0L && !anyDuplicated(rlang::names2(at))
  if (!named || any(lengths(at) == 0L)) {
    abort_argument(at, "a list of values by covariate, a data frame of them", TRUE, "at", call)
  }
  unknown <- setdiff(rlang::names2(at), known)
  if (length(unknown) == 0L) {
    return(invisible())
  }
  nearest <- nearest_name(unknown[1L], known)
  rescorla_abort(c(
    "{.arg at} names {.val {unknown[1L]}}, which is not a covariate of {.code {parameter}}.",
    i = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
    i = if (length(known)) "Its covariates are {.val {known}}." else "Its formula has none."
  ), "input", arg = "at", column = unknown[1L], call = call)
}

check_by <- function(by, cells, call) {
  known <- setdiff(names(cells$parts), "rest")
  if (!is.null(by) && !is.character(by)) {
    abort_argument(by, "names of covariates", TRUE, "by", call)
  }
  unknown <- setdiff(by, known)
  if (length(unknown)) {
    rescorla_abort(c(
      "{.arg by} names {.val {unknown[1L]}}, which does not tell cells apart.",
      i = if (length(known)) "Covariates that do: {.val {known}}."
    ), "input", arg = "by", column = unknown[1L], call = call)
  }
  by
}

# Numbers of cells by combination of `by`, named by what else tells them apart.
contrast_sets <- function(cells, by) {
  all <- stats::setNames(seq_along(cells$label), cells$label)
  if (length(by) == 0L) {
    return(list(all))
  }
  key <- do.call(paste, c(unname(cells$parts[by]), sep = "\r"))
  others <- cells$parts[setdiff(names(cells$parts), by)]
  names(all) <- if (length(others)) paste_parts(others) else ""
  unname(split(all, factor(key, unique(key))))
}

# --- contrasts ----------------------------------------------------------------------------------

# Contrasts x cells, rows named; other cells than those of the set have 0.
contrast_weights <- function(contrast, cells, set, parameter, call) {
  names <- names(set)
  own <- if (is.null(contrast)) {
    pairwise_weights(names, parameter, cells, call)
  } else {
    listed_weights(contrast, names, call)
  }
  weights <- matrix(0, nrow(own), length(cells$label), dimnames = list(rownames(own), NULL))
  weights[, set] <- own
  weights
}

pairwise_weights <- function(names, parameter, cells, call) {
  n <- length(names)
  if (n < 2L) {
    rescorla_abort(c(
      "{.code {parameter}} has one value here: nothing to compare.",
      i = "Categories in its formula make cells; {.arg at} sets other covariates, as in
           {.code at = list(age = c(20, 40))}."
    ), "input", parameter = parameter, call = call)
  }
  pairs <- utils::combn(n, 2L)
  weights <- matrix(0, ncol(pairs), n)
  weights[cbind(seq_len(ncol(pairs)), pairs[1L, ])] <- 1
  weights[cbind(seq_len(ncol(pairs)), pairs[2L, ])] <- -1
  rownames(weights) <- paste(names[pairs[1L, ]], "-", names[pairs[2L, ]])
  weights
}

listed_weights <- function(contrast, names, call) {
  if (!is.list(contrast) || length(contrast) == 0L || any(!nzchar(rlang::names2(contrast)))) {
    abort_argument(contrast, "a named list of weights of cells,", TRUE, "contrast", call)
  }
  rows <- Map(\(w, name) cell_weights(w, name, names, call), contrast, names(contrast))
  do.call(rbind, rows)
}

cell_weights <- function(w, name, names, call) {
  by_name <- !is.null(names(w))
  unknown <- if (by_name) setdiff(names(w), names)
  fits <- is.numeric(w) && all(is.finite(w)) && length(unknown) == 0L && !anyDuplicated(names(w)) &&
    (by_name || length(w) == length(names))
  if (!fits) {
    rescorla_abort(c(
      "The contrast {.val {name}} must be a number for each of {length(names)} cell{?s}, or be named
       by cell.",
      x = if (length(unknown)) "There is no cell {.val {unknown[1L]}}." else
        "It is {describe_value(w)}.",
      i = "The cells are {.val {names}}."
    ), "input", arg = "contrast", call = call)
  }
  if (!by_name) {
    return(as.double(w))
  }
  replace(numeric(length(names)), match(names(w), names), w)
}

# Columns of the result, for weights c (contrasts x cells) and rows x (cells x coefficients).
contrast_statistics <- function(fit, parameter, cells, weights, level) {
  p <- match(parameter, fit$parameters)
  tail <- c((1 - level) / 2, (1 + level) / 2)
  if (!is.null(fit$group$draws)) {
    return(posterior_contrasts(fit, p, cells, weights, tail))
  }
  maps <- fit$group$maps
  z <- drop(cells$rows %*% fixef(fit))
  contrast_rows <- weights %*% cells$rows
  slope_rows <- weights %*% (natural_slope(z, maps, p) * cells$rows)
  estimate <- drop(weights %*% z)
  natural <- drop(weights %*% to_natural(z, maps, p))
  error <- row_errors(contrast_rows, stats::vcov(fit))
  reach <- stats::qnorm(tail[2L])
  natural_error <- row_errors(slope_rows, stats::vcov(fit))
  list(
    estimate = estimate, std_error = error, lower = estimate - reach * error,
    upper = estimate + reach * error, z = estimate / error,
    p = 2 * stats::pnorm(-abs(estimate / error)), natural = natural,
    natural_lower = natural - reach * natural_error, natural_upper = natural + reach * natural_error
  )
}

row_errors <- function(rows, vcov) sqrt(pmax(rowSums((rows %*% vcov) * rows), 0))

posterior_contrasts <- function(fit, p, cells, weights, tail) {
  z <- coefficient_draws(fit) %*% t(cells$rows)
  link <- z %*% t(weights)
  natural <- to_natural(z, fit$group$maps, p) %*% t(weights)
  ends <- \(x, at) apply(x, 2L, stats::quantile, probs = at, names = FALSE)
  list(
    estimate = colMeans(link), std_error = apply(link, 2L, stats::sd), lower = ends(link, tail[1L]),
    upper = ends(link, tail[2L]), p_positive = colMeans(link > 0), natural = colMeans(natural),
    natural_lower = ends(natural, tail[1L]), natural_upper = ends(natural, tail[2L])
  )
}

# Draws x coefficients, chain after chain.
coefficient_draws <- function(fit) {
  names <- names(fixef(fit))
  matrix(fit$group$draws[, , names], ncol = length(names), dimnames = list(NULL, names))
}

# --- arguments and printing ---------------------------------------------------------------------

check_hierarchical <- function(fit, what, call, methods = c("em", "nuts", "mle")) {
  if (inherits(fit, "rl_fit_group") && fit$method %in% methods) {
    return(invisible())
  }
  rescorla_abort(c(
    "{.fn {what}} needs a hierarchical fit.",
    x = if (inherits(fit, "rl_fit")) "This one is by {.code method = \"{fit$method}\"}." else
      "It is {describe_value(fit)}.",
    i = "For example {.code rl_fit(\"rw\", data, method = \"em\", formula = alpha ~ group)}."
  ), "input", arg = "fit", call = call)
}

check_parameter <- function(parameter, fit, call) {
  parameter <- check_string(parameter, call = call)
  refuse_unknown(parameter, fit$parameters, "parameter", "a free parameter of the fit", call)
  parameter
}

#' @rdname rl_contrast
#' @export
print.rl_contrast <- function(x, ..., digits = 3L) {
  shown <- as.data.frame(x)
  ends <- \(low, high) paste(format_signif(low, digits), "to", format_signif(high, digits))
  level <- paste0(format(100 * (attr(x, "level") %||% 0.95)), "%")
  test <- intersect(c("p", "p_positive"), names(shown))
  by <- setdiff(names(shown), c("parameter", "contrast", "estimate", "std_error", "lower", "upper",
    "z", test, "natural", "natural_lower", "natural_upper"))
  table <- data.frame(shown[by], contrast = short_names(shown$contrast, 30L),
    estimate = format_signif(shown$estimate, digits), check.names = FALSE)
  table[[level]] <- ends(shown$lower, shown$upper)
  for (name in test) table[[sub("p_positive", "P(> 0)", name)]] <- format_test(shown[[name]], name)
  table$natural <- format_signif(shown$natural, digits)
  table[[paste0(level, " ")]] <- ends(shown$natural_lower, shown$natural_upper)
  lines <- table_lines(table, left = c("contrast", by))
  # A narrow screen has no room for the last interval.
  if (max(nchar(lines, "width")) > getOption("width", 80L)) {
    lines <- table_lines(table[-ncol(table)], left = c("contrast", by))
  }
  most <- 16L
  cat(
    clip(paste0("<rl_contrast> ", name_some(unique(shown$parameter)), ", ",
      plural(nrow(shown), "contrast"))),
    "On the unconstrained scale, and of the groups' medians in natural units",
    clip(utils::head(lines, most + 1L)),
    if (nrow(table) > most) paste0("  ... and ", nrow(table) - most, " more"),
    "Next: as.data.frame(x), rl_means(fit) for the cells",
    sep = "\n"
  )
  invisible(x)
}

format_test <- function(x, name) {
  text <- formatC(x, digits = 3L, format = "f")
  if (name == "p") ifelse(!is.na(x) & x < 0.001, "< .001", text) else text
}
