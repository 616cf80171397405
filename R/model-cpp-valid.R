# Stage 3 of 3, missing values: the mask of lanes in which a node's value is there.

valid_or_all <- function(node, g, loop = NULL) {
  text <- valid_text(node, g, loop)
  if (nzchar(text)) text else "f.all()"
}

valid_text <- function(node, g, loop = NULL) {
  if (!node$missable) return("")
  each <- function(nodes) and_text(lapply(nodes, valid_text, g = g, loop = loop))
  switch(node$op,
    code = paste0("present(", emit_code(node, g), ")"),
    input = , response_value = paste0(emit_input(node, g), ".valid"),
    wide = paste0(emit_wide(node, g, loop), ".valid"),
    local = local_valid(node, g),
    lifted = node$there,
    subset = valid_subset(node, g),
    ifelse = valid_ifelse(node, g, loop),
    logic = valid_logic(node, g, loop),
    reduce = and_text(lapply(node$args, valid_whole, g = g)),
    softmax = , epsilon_greedy = , draw_level = and_text(lapply(node$args, valid_whole, g = g)),
    without = each(node$args),
    vector = valid_vector(node, g),
    each(node$args)
  )
}

# Cell by cell: each has the validity of its own element.
valid_vector <- function(node, g) {
  own <- vapply(node$args, valid_text, "", g = g)
  at <- which(nzchar(own))
  paste(paste0("(f.always(a != ", at - 1L, ") | (", own[at], "))"), collapse = " & ")
}

local_valid <- function(node, g) {
  name <- g$names$valid[[node$name]]
  if (length(node$shape)) paste0(name, "[a]") else name
}

# Every cell of a vector is there.
valid_whole <- function(node, g) {
  if (length(node$shape) == 0) return(valid_text(node, g))
  if (!node$missable) return("")
  skip <- NULL
  if (node$op == "without") {
    skip <- emit_level(node$args[[2]], g)
    outside <- index_valid(node$args[2], node$shape, g)
    node <- node$args[[1]]
  }
  loop <- new_loop()
  text <- valid_text(node, g, loop)
  if (!nzchar(text)) return(if (is.null(skip)) "" else outside)
  if (!is.null(skip)) text <- paste0("(", text, ") | (", skip, " == f.level(a + 1))")
  name <- fresh(g, "m_")
  emit_line(g, "auto ", name, " = f.all();")
  emit_line(g, "for (int a = 0; a < ", dims_product(g, node$shape), "; ++a) {")
  for (l in loop$lines) if (grepl(sub("const auto (\\S+) .*", "\\1", l), text, fixed = TRUE)) {
    emit_line(g, "  ", l)
  }
  emit_line(g, "  ", name, " = ", name, " & (", text, ");")
  emit_line(g, "}")
  if (is.null(skip)) name else and_text(name, outside)
}

valid_subset <- function(node, g) {
  base <- node$args[[1]]
  index <- node$places$index
  parts <- index_valid(index, base$shape, g)
  if (base$op == "local" && base$missable || base$op == "wide") {
    flags <- if (base$op == "wide") wide_array(base, g)$flags else g$names$valid[[base$name]]
    literal <- literal_place(index, base$shape, g)
    total <- dims_product(g, base$shape)
    parts <- c(parts, if (node$places$kind == "row") {
      literal <- literal_row(index, base$shape, g)
      if (!is.null(literal)) paste0(flags, "[", literal, "]") else
        paste0("f.flag_at(", flags, ", ", total, ", f.cell_of_row(",
          place_text(index, base$shape, g), ", ", dim_extent(g, node$shape), ", a))")
    } else if (!is.null(literal)) {
      paste0(flags, "[", literal, "]")
    } else {
      place <- place_text(index, base$shape, g)
      emit_temp(g, paste0("f.flag_at(", flags, ", ", total, ", ", place, ")"))
    })
  }
  and_text(parts)
}

# Lanes in which every index is there and points at a cell. Columns always do, discrete states and
# whatever is computed may be 0 or too large.
index_valid <- function(index, shape, g) {
  and_text(vapply(seq_along(index), function(k) {
    i <- index[[k]]
    if (i$op == "number") return("")
    inner <- valid_text(i, g)
    if (i$op == "code") return(inner)
    and_text(inner, emit_temp(g, paste0("f.within(", emit_level(i, g), ", ",
      dim_extent(g, shape[k]), ")")))
  }, ""))
}

# Missing only where the condition or the operand it selects is.
valid_ifelse <- function(node, g, loop) {
  f <- valid_text(node$args[[1]], g, loop)
  a <- valid_or_all(node$args[[2]], g, loop)
  b <- valid_or_all(node$args[[3]], g, loop)
  if (a == b) return(and_text(f, if (a == "f.all()") "" else a))
  and_text(f, paste0("select(", emit(node$args[[1]], g, loop), ", ", a, ", ", b, ")"))
}

# R's three-valued logic: FALSE & NA is FALSE, TRUE | NA is TRUE.
valid_logic <- function(node, g, loop) {
  if (node$fn == "!") return(valid_text(node$args[[1]], g, loop))
  a <- valid_or_all(node$args[[1]], g, loop)
  b <- valid_or_all(node$args[[2]], g, loop)
  x <- emit(node$args[[1]], g, loop)
  y <- emit(node$args[[2]], g, loop)
  not <- if (node$fn == "&") "!" else ""
  paste0("((", a, " & ", b, ") | (", a, " & ", not, x, ") | (", b, " & ", not, y, "))")
}
