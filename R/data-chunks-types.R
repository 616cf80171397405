# What chunks have in common: types of columns, values, actions. As rbind() would have it.

# As rbind() has it: numbers and text make text, levels of factors are joined.
common_type <- function(types, column, names, call) {
  known <- which(!vapply(types, is.null, NA))
  if (length(known) == 0L) return(NULL)
  types <- types[known]
  classes <- lapply(types, class)
  factors <- vapply(types, is.factor, NA)
  objects <- vapply(types, is.object, NA) & !factors
  if (any(objects) && length(unique(classes)) > 1L) {
    other <- which(!vapply(classes, identical, NA, classes[[1L]]))[1L]
    rescorla_abort(c(
      "Column {.val {column}} is of different kinds in different chunks.",
      x = "{.file {names[known[1L]]}} has {describe_value(types[[1L]])},
           {.file {names[known[other]]}} {describe_value(types[[other]])}."
    ), "data", column = column, chunk = names[known[other]], call = call)
  }
  if (all(factors)) {
    return(factor(character(), unique(unlist(lapply(types, levels))),
      ordered = all(vapply(types, is.ordered, NA))))
  }
  if (any(factors)) return(character())
  do.call(c, unname(types))
}

as_type <- function(x, type) {
  if (is.null(type) || identical(class(x), class(type)) && !is.factor(type)) return(x)
  if (is.factor(type)) return(factor(as.character(x), levels(type), ordered = is.ordered(type)))
  if (is.object(type)) return(x)
  if (is.factor(x)) x <- as.character(x)
  storage.mode(x) <- typeof(type)
  x
}

common_values <- function(values) {
  if (any(vapply(values, \(v) isTRUE(attr(v, "many")), NA))) return(NULL)
  values <- Filter(\(v) length(v) > 0L, values)
  if (length(values) == 0L) return(NULL)
  if (all(vapply(values, is.factor, NA))) {
    labels <- unique(unlist(lapply(values, levels)))
    return(factor(labels, labels))
  }
  values <- lapply(values, \(v) if (is.factor(v)) as.character(v) else v)
  all <- unique(do.call(c, values))
  if (length(all) <= most_levels) all
}

# Actions of one response over all chunks, in the order that rl_data() gives them.
all_actions <- function(labels, types, response, names, call) {
  distinct <- unique(labels)
  if (length(distinct) == 1L) return(distinct[[1L]])
  all <- unique(unlist(labels))
  type <- common_type(types, response, names, call)
  if (is.factor(type)) return(levels(type))
  if (is.numeric(type) && !anyNA(suppressWarnings(as.numeric(all)))) {
    return(all[order(as.numeric(all))])
  }
  sort(all, method = "radix")
}
