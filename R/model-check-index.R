# Stage 2 of 3, brackets: which cells an index reads or writes.

is_empty_argument <- function(x) identical(x, quote(expr = ))

# x[-i]: every cell but one.
is_without <- function(index) {
  length(index) == 1 && is_call_to(index[[1]], "-") && length(index[[1]]) == 2
}

# Where an assignment writes: the whole, one cell, a row, or every cell but one.
check_places <- function(index, shape, env, name) {
  if (is.null(index)) return(list(kind = "whole", shape = shape))
  if (is_without(index)) {
    i <- check_without(index, shape, env, name)
    return(list(kind = "without", shape = shape, index = list(i)))
  }
  check_cell(index, shape, env, name)
}

check_without <- function(index, shape, env, name) {
  if (length(shape) != 1) {
    fail(env, c(paste0("`", name, "[-i]` needs one dimension; ", describe_extent(name, shape), "."),
    i = "Take a row first, or write each cell on a line of its own."), name)
  }
  check_index(index[[1]][[2]], shape, env, name)
}

check_cell <- function(index, shape, env, name) {
  empty <- vapply(index, is_empty_argument, NA)
  if (length(index) != length(shape) || length(index) == 1 && empty) {
    given <- if (length(index) == 1 && empty) "nothing" else
      paste0(length(index), if (length(index) == 1) " value" else " values")
    fail(env, c(
      paste0(describe_extent(name, shape), " but is indexed by ", given, "."),
      i = if (length(shape) == 0 || empty[1]) paste0("Use `", name, "` without brackets.") else
        paste0("Give one index for each dimension, as in `", name, "[",
          paste(c("i", "j", "k")[seq_along(shape)], collapse = ", "), "]`.")
    ), name)
  }
  n <- length(index)
  if (any(empty[-n])) {
    fail(env, c(paste0("Only the last index of `", name, "` may be left out."),
      i = paste0("A row is written `", name, "[i, ]`.")), name)
  }
  nodes <- Map(function(i, k) check_index(i, k, env, name), index[!empty], shape[!empty])
  if (empty[n]) return(list(kind = "row", shape = shape[n], index = unname(nodes)))
  list(kind = "cell", shape = character(), index = unname(nodes))
}

check_index <- function(expr, key, env, name) {
  if (is_empty_argument(expr)) fail(env, paste0("An index of `", name, "` is empty."), name)
  if (is_call_to(expr, "-") && length(expr) == 2) {
    fail(env, c(paste0("`-` in an index stands for every other cell and needs one dimension: `",
      name, "[-i]`."), i = "Indices count from 1."), name)
  }
  node <- check_expr(expr, env)
  if (node$op == "number") return(check_literal_index(node, key, env, name))
  if (length(node$shape)) {
    fail(env, c(paste0("`", deparse_line(expr), "` cannot be an index: it runs over ",
      describe_shape(node$shape), "."), i = "An index is a single level."), name)
  }
  if (node$tainted) {
    fail(env, c(paste0("`", deparse_line(expr), "` depends on parameters and cannot be an index."),
      i = "An index may depend on data, responses and discrete states only."), deparse_line(expr))
  }
  if (node$kind == "flag" || node$kind == "label") {
    fail(env, c(paste0("`", deparse_line(expr), "` cannot be an index."),
      i = "An index is a categorical column, a response, a discrete state or a whole number."),
    name)
  }
  if (node$kind == "index" && !is.null(node$group)) {
    # What indexes a dimension shares its coding, so that a level means the same in both.
    if (startsWith(key, "#")) {
      env$within[[length(env$within) + 1]] <- list(group = node$group, dim = key, name = name,
        line = env$line, text = env$text)
    } else {
      join_groups(env, c(key, node$group))
    }
  }
  node
}

check_literal_index <- function(node, key, env, name) {
  top <- if (startsWith(key, "#")) as.integer(substring(key, 2)) else Inf
  if (node$value != round(node$value) || node$value < 1 || node$value > top) {
    fail(env, c(paste0("Index ", node$value, " of `", name, "` is outside 1 to ",
      if (is.finite(top)) top else paste0("the number of levels of `", key, "`"), "."),
      i = "Indices count from 1, as in R."), name)
  }
  # How many levels the data have is known when they are bound.
  env$minimum[[length(env$minimum) + 1]] <-
    list(dim = key, value = node$value, line = env$line, text = env$text)
  node
}

# `target` is the statement of a line that assigns `x[-i]`, on which the right side may read the
# same cells of any vector.
check_subset <- function(expr, env, target) {
  if (!is.symbol(expr[[2]])) {
    fail(env, c(paste0("`", deparse_line(expr[[2]]), "` cannot be indexed."),
      i = "Name it on a line above, then index the name."))
  }
  name <- as.character(expr[[2]])
  node <- check_symbol(name, env)
  index <- as.list(expr)[-(1:2)]
  if (is_without(index)) {
    if (is.null(target) || !identical(target$index, index)) {
      fail(env, c(
        paste0("`", deparse_line(expr), "` on the right is only read inside `sum()`, `mean()`, ",
          "`max()` or `min()`, or on a line that assigns the same cells."),
        i = paste0("For example `", name, "[-choice] <- ", name, "[-choice] * decay`.")
      ), name)
    }
    check_without(index, node$shape, env, name)
    return(as_number(node, env))
  }
  if (!node$op %in% c("state", "local", "wide")) {
    fail(env, c(paste0("`", name, "` is a single value and cannot be indexed."),
      i = paste0("Use `", name, "` without brackets.")), name)
  }
  places <- check_cell(index, node$shape, env, name)
  value <- combine_nodes("subset", c(list(node), places$index), places = places,
    shape = places$shape, kind = node$kind)
  value$deps <- node$deps
  if (node$kind == "index") {
    value$group <- node$group
    value$label <- deparse_line(expr)
  }
  # A cell may not exist for an index that is not a plain data column.
  value$missable <- value$missable ||
    any(vapply(places$index, function(n) n$op != "number", NA))
  value
}

# --- reductions ---------------------------------------------------------------------------------

check_reduction <- function(fn, args, env) {
  if (length(args) == 0) fail(env, paste0("`", fn, "()` needs something to reduce."), fn)
  refuse_names(fn, args, env)
  if (fn == "mean" && length(args) > 1) {
    fail(env, c("`mean()` takes one vector.", i = "Join single numbers with `c()`."))
  }
  combine_nodes("reduce", lapply(args, check_reduced, env = env), fn = fn)
}

# An argument that reads `x[-i]` leaves that cell out of the reduction.
check_reduced <- function(arg, env) {
  left_out <- without_indices(arg)
  if (length(left_out) == 0) return(as_number(check_expr(arg, env), env))
  if (length(left_out) > 1) {
    fail(env, c(paste0("`", deparse_line(arg), "` leaves out different cells."),
      i = "Reduce each vector on its own."))
  }
  node <- as_number(check_expr(arg, env, target = list(index = left_out[[1]])), env)
  if (length(node$shape) != 1) return(node)
  i <- check_index(left_out[[1]][[1]][[2]], node$shape, env, deparse_line(arg))
  result <- combine_nodes("without", list(node, i), shape = node$shape)
  # No cell is left out by a state that is still 0.
  result$missable <- result$missable || i$op != "number"
  result
}

without_indices <- function(expr) {
  if (!is.call(expr)) return(list())
  if (is_call_to(expr, names(reduction_table))) return(list())
  if (is_call_to(expr, "[") && is_without(as.list(expr)[-(1:2)])) {
    return(list(as.list(expr)[-(1:2)]))
  }
  unique(do.call(c, lapply(Filter(Negate(is_empty_argument), as.list(expr)[-1]), without_indices)))
}
