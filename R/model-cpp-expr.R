# Stage 3 of 3, expressions: nodes to C++ text.
#
# `emit_scalar()` gives text for a single value, `emit_cell()` for cell `a` of a vector inside a
# loop whose own lines collect in `loop`. `valid_text()` gives the mask of lanes where a value is
# there, "" where it always is.

new_loop <- function() {
  loop <- new.env(parent = emptyenv())
  loop$lines <- character()
  loop$declared <- character()
  loop
}

emit <- function(node, g, loop = NULL) {
  if (length(node$shape) == 0) emit_scalar(node, g) else emit_cell(node, g, loop)
}

emit_scalar <- function(node, g) {
  args <- function() lapply(node$args, emit_scalar, g = g)
  switch(node$op,
    number = paste0("f.constant(", number_text(node$value), ")"),
    flag = if (node$value) "f.all()" else "f.none()",
    parameter = {
      name <- g$names$parameter[[node$index]]
      declare_once(g, name, paste0("f.template parameter<", node$index - 1L, ">()"))
    },
    state = {
      name <- paste0(state_pointer(g, node$name), "[0]")
      if (node$kind == "index") emit_temp(g, paste0("f.level_of(", name, ")")) else name
    },
    local = g$names$local[[node$name]],
    code = emit_code(node, g),
    input = paste0(emit_input(node, g), ".value"),
    response_value = paste0(emit_input(node, g), ".value"),
    step = "step",
    lifted = node$text,
    extent = paste0("f.constant(", dim_extent(g, node$dim), ")"),
    level = paste0("f.level(f.label(", label_number(g, node), "))"),
    subset = emit_subset(node, g),
    negate = emit_temp(g, paste0("-", args()[[1]])),
    to_number = emit_temp(g, paste0("f.number_of(", args()[[1]], ")")),
    elementwise = emit_temp(g, elementwise_text(node, args())),
    compare = emit_temp(g, infix(node$fn, args())),
    compare_codes = emit_temp(g, infix(node$fn, lapply(node$args, emit_level, g = g))),
    logic = emit_temp(g, logic_text(node, args())),
    ifelse = emit_temp(g, select_text(node, args())),
    observed = emit_temp(g, valid_or_all(node$args[[1]], g)),
    reduce = emit_reduce(node, g),
    rule = emit_temp(g, rule_text(node, args())),
    draw = emit_temp(g, draw_text(node, "0")),
    draw_level = emit_temp(g, paste0("f.draw_level(", node$site, ", ",
      dims_product(g, node$args[[1]]$shape), ", ", valid_or_all(node, g), ", ",
      emit_lambda(node$args[[1]], g), ")")),
    stop("no C++ for a single value of kind ", node$op)
  )
}

emit_cell <- function(node, g, loop) {
  if (length(node$shape) == 0) return(emit_scalar(node, g))
  args <- function() lapply(node$args, emit, g = g, loop = loop)
  switch(node$op,
    state = paste0(state_pointer(g, node$name), "[a]"),
    local = paste0(g$names$local[[node$name]], "[a]"),
    wide = paste0(emit_wide(node, g, loop), ".value"),
    subset = emit_row_cell(node, g),
    without = emit_cell(node$args[[1]], g, loop),
    negate = paste0("(-", args()[[1]], ")"),
    to_number = paste0("f.number_of(", args()[[1]], ")"),
    elementwise = elementwise_text(node, args()),
    compare = infix(node$fn, args()),
    logic = logic_text(node, args()),
    ifelse = select_text(node, args()),
    observed = valid_or_all(node$args[[1]], g, loop),
    one_hot = paste0("f.number_of(", emit_level(node$args[[1]], g), " == f.level(a + 1))"),
    vector = paste0(emit_array(node, g), "[a]"),
    softmax = paste0(emit_array(node, g), "[a]"),
    epsilon_greedy = paste0(emit_array(node, g), "[a]"),
    rule = rule_text(node, args()),
    draw = draw_text(node, "a"),
    table = paste0("f.constant(", emit_table(node, g), "[a])"),
    stop("no C++ for a vector of kind ", node$op)
  )
}

emit_table <- function(node, g) {
  name <- fresh(g, "k_")
  values <- vapply(node$values, number_text, "")
  lines <- split(values, (seq_along(values) - 1) %/% 12)
  emit_line(g, "static constexpr double ", name, "[] = {")
  for (l in lines) emit_line(g, "    ", paste(l, collapse = ", "), ",")
  emit_line(g, "};")
  name
}

draw_text <- function(node, cell) paste0("f.draw_", node$fn, "(", node$site, ", ", cell, ")")

infix <- function(fn, args) paste0("(", args[[1]], " ", fn, " ", args[[2]], ")")

elementwise_text <- function(node, args) {
  exponent <- if (node$fn == "^") node$args[[2]]
  if (!is.null(exponent) && exponent$op == "number" && exponent$value %in% 1:8) {
    return(paste0("power<", exponent$value, ">(", args[[1]], ")"))
  }
  do.call(sprintf, c(list(elementwise_table[[node$fn]]$cpp), args))
}

logic_text <- function(node, args) {
  if (node$fn == "!") paste0("(!", args[[1]], ")") else infix(node$fn, args)
}

select_text <- function(node, args) {
  paste0("select(", args[[1]], ", ", args[[2]], ", ", args[[3]], ")")
}

rule_text <- function(node, args) {
  paste0(node$fn, "::", node$member, "(", paste(args, collapse = ", "), ")")
}

label_number <- function(g, node) {
  key <- list(value = node$value, group = node$group, line = node$line, text = node$text)
  at <- which(vapply(g$labels, identical, NA, key))
  if (length(at) == 0) {
    g$labels[[length(g$labels) + 1]] <- key
    at <- length(g$labels)
  }
  at[1] - 1L
}

emit_code <- function(node, g) {
  heard <- match(node$name, names(g$program$listens))
  if (!is.na(heard)) {
    return(declare_once(g, g$names$code[[node$name]], paste0("f.heard_level(", heard - 1L, ")")))
  }
  column <- match(node$name, g$program$codes) - 1L
  response <- node$name %in% vapply(g$program$responses, `[[`, "", "name")
  declare_once(g, g$names$code[[node$name]],
    paste0(if (response) "f.response(" else "f.code(", column, ")"))
}

emit_input <- function(node, g) {
  heard <- match(node$name, names(g$program$listens))
  if (!is.na(heard)) {
    return(declare_once(g, paste0("h_", heard), paste0("f.heard(", heard - 1L, ")")))
  }
  i <- match(node$name, names(g$names$number)) - 1L
  if (node$op == "response_value") {
    number <- match(node$name, vapply(g$program$responses, `[[`, "", "name")) - 1L
    return(declare_once(g, g$names$number[[node$name]], paste0("f.response_value(", number, ", ", i, ")")))
  }
  declare_once(g, g$names$number[[node$name]], paste0("f.input(", i, ")"))
}

emit_wide <- function(node, g, loop) {
  name <- sub("^i_", "w_", g$names$number[[node$name]])
  if (!name %in% loop$declared) {
    loop$declared <- c(loop$declared, name)
    i <- match(node$name, names(g$names$number)) - 1L
    loop$lines <- c(loop$lines, paste0("const auto ", name, " = f.input(", i, ", a);"))
  }
  name
}

# A level as the engine's index type, whatever the node is.
emit_level <- function(node, g) {
  if (node$op == "number") return(paste0("f.level(", number_level(node$value), ")"))
  text <- emit_scalar(node, g)
  if (node$kind == "index") text else emit_temp(g, paste0("f.level_of(", text, ")"))
}

# What is no whole number is no level.
number_level <- function(x) if (x == round(x) && abs(x) < 1e9) sprintf("%d", as.integer(x)) else "-1"

# --- cells --------------------------------------------------------------------------------------

base_pointer <- function(node, g) {
  switch(node$op,
    state = state_pointer(g, node$name),
    wide = wide_array(node, g)$values,
    g$names$local[[node$name]]
  )
}

# A column for each action, copied so that a cell can be picked.
wide_array <- function(node, g) {
  values <- sub("^i_", "x_", g$names$number[[node$name]])
  flags <- paste0(values, "_there")
  if (!values %in% g$declared) {
    n <- dims_product(g, node$shape)
    slots <- g$wide_slots[[node$name]] %||% c(new_slot(g, integer(), n), new_slot(g, integer(), n))
    g$wide_slots[[node$name]] <- slots
    declare_once(g, values, paste0("f.template cells<0ULL>(", slots[1], ")"))
    declare_once(g, flags, paste0("f.flags(", slots[2], ")"))
    loop <- new_loop()
    own <- emit_wide(node, g, loop)
    emit_line(g, "for (int a = 0; a < ", n, "; ++a) {")
    for (l in c(loop$lines, paste0("f.assign(", values, "[a], ", own, ".value);"),
      paste0(flags, "[a] = ", own, ".valid;"))) emit_line(g, "  ", l)
    emit_line(g, "}")
  }
  list(values = values, flags = flags)
}

# Flat place of a cell, from 1; `shape` are the dimensions it is counted over.
place_text <- function(indices, shape, g) {
  at <- emit_level(indices[[1]], g)
  for (k in seq_along(indices)[-1]) {
    at <- emit_temp(g, paste0("f.place(", at, ", ", emit_level(indices[[k]], g), ", ",
      dim_extent(g, shape[k]), ")"))
  }
  at
}

literal_place <- function(indices, shape, g) {
  if (!all(vapply(indices, function(n) n$op == "number", NA))) return(NULL)
  text <- as.character(indices[[1]]$value - 1)
  for (k in seq_along(indices)[-1]) {
    text <- paste0("(", text, ") * ", dim_extent(g, shape[k]), " + ", indices[[k]]$value - 1)
  }
  text
}

emit_subset <- function(node, g) {
  base <- node$args[[1]]
  pointer <- base_pointer(base, g)
  literal <- literal_place(node$places$index, base$shape, g)
  if (!is.null(literal)) return(emit_temp(g, paste0(pointer, "[", literal, "]")))
  text <- emit_temp(g, paste0("f.at(", pointer, ", ", dims_product(g, base$shape), ", ",
    place_text(node$places$index, base$shape, g), ")"))
  if (node$kind == "index") emit_temp(g, paste0("f.level_of(", text, ")")) else text
}

emit_row_cell <- function(node, g) {
  base <- node$args[[1]]
  n <- length(base$shape)
  literal <- literal_row(node$places$index, base$shape, g)
  if (!is.null(literal)) return(paste0(base_pointer(base, g), "[", literal, "]"))
  paste0("f.at_row(", base_pointer(base, g), ", ", dims_product(g, base$shape[-n]), ", ",
    dim_extent(g, base$shape[n]), ", ", place_text(node$places$index, base$shape, g), ", a)")
}

# Place of cell `a` of a row that is known beforehand.
literal_row <- function(indices, shape, g) {
  n <- length(shape)
  row <- literal_place(indices, shape[-n], g)
  if (!is.null(row)) paste0("(", row, ") * ", dim_extent(g, shape[n]), " + a")
}

# --- vectors that are computed whole ------------------------------------------------------------

# A vector expression as a function of its cell.
emit_lambda <- function(node, g) {
  loop <- new_loop()
  text <- emit(node, g, loop)
  name <- fresh(g, "e_")
  emit_line(g, "const auto ", name, " = [&](int a) RESCORLA_LAMBDA {")
  for (l in loop$lines) emit_line(g, "  ", l)
  if (!any(grepl("\\ba\\b", c(text, loop$lines)))) emit_line(g, "  (void)a;")
  emit_line(g, "  return ", text, ";")
  emit_line(g, "};")
  name
}

emit_array <- function(node, g) {
  if (!is.null(node$array)) return(node$array)
  key <- paste0("array:", deparse_node(node, g))
  known <- g$memo[[key]]
  if (!is.null(known)) return(known)
  n <- dims_product(g, node$shape)
  slot <- new_slot(g, node$deps, n)
  name <- fresh(g, "x_")
  cells <- paste0("f.template cells<", deps_mask(node$deps), ">(", slot, ")")
  if (node$op == "vector") {
    values <- vapply(node$args, emit_scalar, "", g = g)
    emit_line(g, "const auto ", name, " = ", cells, ";")
    for (i in seq_along(values)) emit_line(g, "f.assign(", name, "[", i - 1L, "], ", values[i], ");")
  } else if (node$op == "softmax") {
    e <- emit_lambda(node$args[[1]], g)
    allowed <- "[&](int) RESCORLA_LAMBDA { return f.all(); }"
    if (length(node$args) > 1) {
      o <- emit_lambda(node$args[[2]], g)
      allowed <- paste0("[&](int a) RESCORLA_LAMBDA { return ", o, "(a) > f.constant(0.0); }")
    }
    emit_line(g, "const auto ", name, " = ", cells, ";")
    emit_line(g, "for (int a = 0; a < ", n, "; ++a) f.assign(", name, "[a], ", e, "(a));")
    emit_line(g, "softmax(", name, ", ", n, ", ", allowed, ", ", name, ");")
  } else {
    e <- emit_lambda(node$args[[1]], g)
    epsilon <- emit_scalar(node$args[[2]], g)
    scratch <- new_slot(g, node$args[[1]]$deps, n)
    from <- paste0(name, "_in")
    emit_line(g, "const auto ", name, " = ", cells, ";")
    emit_line(g, "const auto ", from, " = f.template cells<", deps_mask(node$args[[1]]$deps), ">(",
      scratch, ");")
    emit_line(g, "for (int a = 0; a < ", n, "; ++a) f.assign(", from, "[a], ", e, "(a));")
    emit_line(g, "epsilon_greedy(", from, ", ", n, ", ", epsilon, ", ", name, ");")
  }
  g$memo[[key]] <- name
  name
}

# Text that tells two array nodes apart, with the current names of everything they read.
deparse_node <- function(node, g) {
  parts <- vapply(node$args, function(n) {
    if (length(n$shape)) deparse_node(n, g) else emit_scalar(n, g)
  }, "")
  own <- switch(node$op,
    state = state_pointer(g, node$name),
    local = g$names$local[[node$name]],
    wide = node$name, "")
  paste0(node$op, ":", node$fn, node$member, own, "(", paste(parts, collapse = ","), ")")
}

emit_reduce <- function(node, g) {
  scalars <- Filter(function(n) length(n$shape) == 0, node$args)
  vectors <- Filter(function(n) length(n$shape) > 0, node$args)
  text <- vapply(scalars, emit_scalar, "", g = g)
  for (v in vectors) text <- c(text, reduce_vector(node$fn, v, g))
  combine <- reduction_table[[node$fn]]
  total <- text[1]
  for (t in text[-1]) total <- sprintf(if (node$fn %in% c("sum", "mean")) "(%s + %s)" else combine, total, t)
  if (length(text) > 1) emit_temp(g, total) else total
}

reduce_vector <- function(fn, node, g) {
  n <- dims_product(g, node$shape)
  out <- fresh(g, "t_")
  if (node$op == "without") {
    # Cells left out take the identity of the reduction.
    e <- emit_lambda(node$args[[1]], g)
    skip <- emit_level(node$args[[2]], g)
    identity <- switch(fn, sum = , mean = "0.0", max = "-__builtin_inf()", min = "__builtin_inf()")
    cell <- function(a) {
      paste0("select(", skip, " == f.level(", a, " + 1), f.constant(", identity, "), ", e, "(", a, "))")
    }
  } else {
    e <- emit_lambda(node, g)
    cell <- function(a) paste0(e, "(", a, ")")
  }
  emit_line(g, "auto ", out, " = ", cell("0"), ";")
  emit_line(g, "for (int a = 1; a < ", n, "; ++a) ", out, " = ",
    sprintf(reduction_table[[fn]], out, cell("a")), ";")
  if (fn == "mean") {
    count <- if (node$op == "without") paste0(n, " - 1") else n
    return(emit_temp(g, paste0("(", out, " / f.constant(", count, "))")))
  }
  out
}
