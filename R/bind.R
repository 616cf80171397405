# A program meets data: columns are coded and packed for the engine, dimensions get their lengths,
# and what only the two together can tell is checked.
#
# A source is what columns come from: list(rows, first, length, block_start, actions, responses,
# forced, get, values), `get(name)` giving the values of a column (a list of them for a group) in
# trial order, or NULL where there is none; `values(name)`, where it is there, all that can be levels.

bind_model <- function(model, data, level, replicates = 1L, call = rlang::caller_env()) {
  if (inherits(data, "rl_data_chunks")) abort_chunks(call)
  kernels <- model_kernels(model, level, call)
  lanes <- cpp_kernel_lanes(kernels)
  program <- model$program
  parts <- c("codes", "numbers", "groups", "dims", "equal", "minimum", "within", "constant", "reads",
    "responses", "statements")
  key <- paste0("pack:", rlang::hash(program[parts]), ":", lanes, ":", replicates)
  known <- data$cache[[key]]
  if (is.null(known) || !cpp_pointer_alive(known$packed)) {
    known <- bind_source(program, data_source(data), lanes, replicates, call)
    assign(key, known, envir = data$cache)
  }
  c(list(kernels = kernels, lanes = lanes), known)
}

data_source <- function(data) {
  list(
    rows = length(data$order),
    first = data$first, length = data$length, block_start = data$block_start,
    actions = data$actions, responses = data$responses, forced = data$forced,
    get = function(name, call) {
      known <- c(names(data$responses), names(data$roles), names(data$extra), names(data$data))
      absent <- name %in% names(data$roles) && is.null(data$roles[[name]])
      if (absent && !name %in% names(data$data)) return(NULL)
      if (!name %in% known) return(NULL)
      # By response, where each has its own columns.
      if (is.list(data$roles[[name]])) {
        return(lapply(data$roles[[name]], function(columns) {
          lapply(columns, rl_data_column, data = data, call = call)
        }))
      }
      rl_data_column(data, name, call = call)
    },
    # Of a part of the data: what the column holds in all of them.
    values = function(name) {
      column <- if (!is.null(data$values)) data_columns(data, name)
      if (length(column) == 1L) data$values[[column]]
    }
  )
}

bind_source <- function(program, source, lanes, replicates, call) {
  levels <- bind_levels(program, source, call)
  extents <- vapply(program$dims, function(k) dim_length(k, levels), 0L)
  check_dimensions(program, extents, levels, call)
  check_initial_columns(program, source, call)
  codes <- lapply(program$codes, bind_code, program = program, source = source, levels = levels,
    call = call)
  numbers <- bind_numbers(program, source, levels, call)
  number_names <- vapply(program$numbers, `[[`, "", "name")
  for (r in program$responses) {
    if (r$type != "categorical") next
    i <- match(r$name, program$codes)
    codes[[i]] <- mark_unscored(codes[[i]], source$forced[[r$name]],
      if (!r$own_available) numbers$available[[r$name]])
  }
  scored <- integer(length(source$first))
  for (r in program$responses) {
    there <- if (r$type == "categorical") codes[[match(r$name, program$codes)]] > 0L else
      !is.na(numbers$columns[[numbers$base[match(r$name, number_names)] + 1L]])
    scored <- scored + diff(c(0L, cumsum(there)[source$first + source$length - 1L]))
  }
  columns <- list(codes = codes, numbers = numbers$columns, block_start = source$block_start,
    first = as.integer(source$first - 1L), length = as.integer(source$length))
  list(
    packed = cpp_pack(columns, lanes, replicates),
    bound = list(
      extents = as.integer(extents),
      labels = bind_labels(program, levels, call),
      number_base = numbers$base,
      flush = flush_interval(program, levels)
    ),
    levels = levels,
    extents = extents,
    scored = scored
  )
}

# How many trials' softmax denominators (each at most 64 times the number of actions, where
# exponentials are kept from trial to trial) fit in one product.
flush_interval <- function(program, levels) {
  size <- sum(vapply(program$responses, function(r) {
    if (r$type == "categorical") log10(64 * max(2, length(levels[[r$dim]]))) else 0
  }, 0))
  as.integer(max(1, min(128, floor(300 / max(size, 1e-3)))))
}

# --- levels -------------------------------------------------------------------------------------

# For each coding of the program, the labels of its levels in order.
bind_levels <- function(program, source, call) {
  used <- Filter(function(g) any(g %in% c(program$codes, "choice")), program$groups)
  leads <- vapply(used, `[[`, "", 1)
  sizes <- required_sizes(program)
  levels <- lapply(used, function(g) {
    labels <- shared_levels(g, source, sizes[[g[1]]], call)
    if (length(labels) > 30000) {
      rescorla_abort("Column {.code {g[1]}} has more than 30,000 levels.", "data", call = call)
    }
    labels
  })
  stats::setNames(levels, leads)
}

# The levels of a response are its actions, and nothing else can be a level of what shares them.
shared_levels <- function(group, source, size, call) {
  own <- intersect(group, names(source$actions))
  columns <- lapply(setdiff(group, own), \(name) {
    x <- need_column(name, source, call)
    if (is.null(source$values)) x else source$values(name) %||% x
  })
  found <- lapply(columns, column_levels, size = size)
  if (length(own) == 0) {
    numbers <- vapply(columns, is.numeric, NA)
    labels <- unique(unlist(found))
    if (length(found) > 1 && all(numbers)) labels <- labels[order(as.numeric(labels))]
    return(labels)
  }
  labels <- source$actions[[own[1]]]
  names(found) <- setdiff(group, own)
  others <- c(source$actions[own[-1]], found)
  for (name in names(others)) {
    extra <- setdiff(others[[name]], labels)
    lacking <- if (name %in% own) setdiff(labels, others[[name]])
    if (length(extra) == 0 && length(lacking) == 0) next
    rescorla_abort(c(
      "The model compares {.code {name}} with {.code {own[1]}}, or indexes the same states with both, but their levels differ.",
      x = "{.val {c(extra, lacking)[1]}} is a level of only one of them.",
      i = "The actions of {.code {own[1]}} are {.val {utils::head(labels, 10)}}; `actions =` in `rl_data()` can list more."
    ), "data", call = call, column = name)
  }
  labels
}

# Codings that must have as many levels as a literal dimension says.
required_sizes <- function(program) {
  sizes <- list()
  for (w in program$within) {
    sizes[[program_group(program, w$group)]] <- as.integer(substring(w$dim, 2))
  }
  for (e in program$equal) {
    literal <- startsWith(e$dims, "#")
    if (sum(literal) == 1) sizes[[e$dims[!literal]]] <- as.integer(substring(e$dims[literal], 2))
  }
  sizes
}

column_levels <- function(x, size = NULL) {
  if (is.factor(x)) return(levels(x))
  if (is.logical(x)) return(c("FALSE", "TRUE"))
  values <- sort(unique(x), method = "radix")
  if (!is.null(size) && is.numeric(values) && all(values %in% seq_len(size))) {
    return(as.character(seq_len(size)))
  }
  value_labels(values)
}

# Each by itself: formatted together, numbers would take on each other's decimals.
value_labels <- function(values) {
  if (!is.numeric(values) || is.object(values)) return(as.character(values))
  vapply(values, format, "", scientific = FALSE, digits = 15, trim = TRUE)
}

need_column <- function(name, source, call) {
  x <- source$get(name, call)
  if (is.null(x)) {
    rescorla_abort(c(
      "The model reads {.code {name}}, which the data do not have.",
      i = if (name %in% language_roles) "Name its column: `rl_data(data, {name} = ...)`." else
        "Add a column {.code {name}}, or name it: `rl_data(data, {name} = \"column\")`."
    ), "data", call = call, column = name)
  }
  x
}

dim_length <- function(key, levels) {
  if (startsWith(key, "#")) as.integer(substring(key, 2)) else length(levels[[key]])
}

check_dimensions <- function(program, extents, levels, call) {
  size <- function(k) dim_length(k, levels)
  for (e in program$equal) {
    n <- vapply(e$dims, size, 0L)
    if (n[1] != n[2]) {
      rescorla_abort(c(
        "The model and the data do not fit: {describe_length(e$dims[1], n[1])}, {describe_length(e$dims[2], n[2])}.",
        " " = "In line {e$line} of `trial`: {e$text}",
        i = "Use the model with data of that shape, or give `actions =` in `rl_data()`."
      ), "data", call = call)
    }
  }
  for (w in program$within) {
    lead <- program_group(program, w$group)
    top <- size(w$dim)
    if (size(lead) > top) {
      rescorla_abort(c(
        "{.code {lead}} has {size(lead)} level{?s}, and {.code {w$name}}, which it indexes, {top} cell{?s}.",
        " " = "In line {w$line} of `trial`: {w$text}",
        i = "Write `array_of(init, {lead})` for a cell for each level."
      ), "data", call = call)
    }
  }
  for (m in program$minimum) {
    if (size(m$dim) < m$value) {
      rescorla_abort(c(
        "Index {m$value} is beyond the {size(m$dim)} level{?s} of {.code {m$dim}} in the data.",
        " " = "In line {m$line} of `trial`: {m$text}"
      ), "data", call = call)
    }
  }
}

# An initial value is one for the whole unit the state is reset by.
check_initial_columns <- function(program, source, call) {
  for (k in program$constant) {
    x <- need_column(k$column, source, call)
    if (is.list(x)) next
    unit <- if (k$reset == "block") cumsum(source$block_start) else
      findInterval(seq_len(source$rows), sort(unique(source$first)))
    own <- x[match(unit, unit)]
    if (anyNA(own)) {
      rescorla_abort(c(
        "State {.code {k$state}} starts from column {.code {k$column}}, which is missing on the first trial of a {k$reset}.",
        i = "Give it a value there."
      ), "data", call = call, column = k$column)
    }
    if (any(x != own, na.rm = TRUE)) {
      rescorla_abort(c(
        "State {.code {k$state}} starts from column {.code {k$column}}, which changes within a {k$reset}.",
        i = "Assign the state in {.code trial} instead, as in `if (condition) {k$state} <- {k$column}`."
      ), "data", call = call, column = k$column)
    }
  }
}

describe_length <- function(key, n) {
  if (startsWith(key, "#")) paste0("the model has a vector of ", n) else
    paste0("`", key, "` has ", n, if (n == 1) " level" else " levels")
}

bind_labels <- function(program, levels, call) {
  g <- new_generator(program)
  # In the order of the generated C++, which numbers the labels.
  if (is.null(program$segments)) generate_trial(program, g) else generate_segments(program, g)
  generate_start(program, g)
  vapply(g$labels %||% list(), function(l) {
    lead <- program_group(program, l$group)
    at <- match(l$value, levels[[lead]])
    if (is.na(at)) {
      rescorla_abort(c(
        "{.code {lead}} has no level {.val {l$value}}.",
        " " = "In line {l$line} of `trial`: {l$text}",
        i = "Its levels are {.val {utils::head(levels[[lead]], 10)}}."
      ), "data", call = call)
    }
    at
  }, 0L)
}

program_group <- function(program, name) {
  for (g in program$groups) if (name %in% g) return(g[1])
  name
}

# --- columns ------------------------------------------------------------------------------------

bind_code <- function(name, program, source, levels, call) {
  labels <- levels[[program_group(program, name)]]
  if (name %in% names(source$responses)) {
    own <- source$responses[[name]]
    code <- match(source$actions[[name]], labels)[own]
  } else {
    x <- need_column(name, source, call)
    if (is.list(x)) {
      rescorla_abort("{.code {name}} stands for several columns and cannot be an index.", "data",
        call = call)
    }
    values <- unique(x)
    code <- match(value_labels(values), labels)[match(x, values)]
    code[is.na(x)] <- 0L
  }
  code[is.na(code)] <- 0L
  code
}

# Forced responses, and those with a single alternative, are learned from but not scored.
mark_unscored <- function(code, forced, available) {
  unscored <- rep(FALSE, length(code))
  if (!is.null(forced)) unscored <- unscored | forced
  if (!is.null(available)) {
    offered <- Reduce(`+`, lapply(available, function(a) as.integer(a > 0)))
    unscored <- unscored | offered == 1L
    code[offered == 0L] <- 0L
  }
  if (any(unscored)) code[unscored] <- -code[unscored]
  code
}

bind_numbers <- function(program, source, levels, call) {
  columns <- list()
  base <- integer(length(program$numbers))
  available <- list()
  for (i in seq_along(program$numbers)) {
    input <- program$numbers[[i]]
    base[i] <- length(columns)
    if (!input$wide) {
      columns[[length(columns) + 1]] <- number_column(need_column(input$name, source, call),
        input$name, call)
      next
    }
    wide <- wide_columns(input, source, levels, program, call)
    if (is.null(wide)) {
      base[i] <- -1L
      next
    }
    if (startsWith(input$name, "available")) {
      response <- sub("^available:?", "", input$name)
      if (!nzchar(response)) response <- categorical_names_of(program)
      available[response] <- list(wide)
    }
    columns <- c(columns, wide)
  }
  list(columns = columns, base = as.integer(base), available = available)
}

categorical_names_of <- function(program) {
  own <- Filter(function(r) r$type == "categorical", program$responses)
  if (length(own)) vapply(own, `[[`, "", "name") else "choice"
}

wide_columns <- function(input, source, levels, program, call) {
  name <- sub(":.*$", "", input$name)
  response <- if (grepl(":", input$name)) sub("^.*:", "", input$name) else
    categorical_names_of(program)[1]
  actions <- length(levels[[input$dim]])
  x <- source$get(name, call)
  if (is.list(x) && is.list(x[[1]])) x <- x[[response]]
  if (is.null(x)) {
    if (name == "available") {
      if (!name %in% program$reads) return(NULL)
      return(rep(list(rep(1, source$rows)), actions))
    }
    need_column(name, source, call)
  }
  if (!is.list(x)) x <- list(x)
  if (length(x) != actions) {
    rescorla_abort(c(
      "{.code {name}} has {length(x)} column{?s}, but there are {actions} actions.",
      i = "Give one column for each action, in the order of the actions."
    ), "data", call = call)
  }
  lapply(x, number_column, name = name, call = call)
}

number_column <- function(x, name, call) {
  if (is.logical(x) || is.integer(x)) return(as.double(x))
  if (!is.numeric(x)) {
    rescorla_abort(c(
      "The model uses column {.code {name}} as a number.",
      x = "It is {describe_value(x)}.",
      i = "Convert it to numbers, or use it in the model as an index or with its labels."
    ), "data", call = call, column = name)
  }
  bad <- which(is.infinite(x))
  if (length(bad)) {
    rescorla_abort(c("Column {.code {name}} has an infinite value.",
      i = "Use NA where a value is missing."), "data", call = call, column = name)
  }
  as.double(x)
}
