# Stage 3 of 3, statements.

emit_statement <- function(s, g) {
  copy <- if (length(s$loop)) paste0(" (", paste(s$loop, collapse = ", "), ")")
  emit_line(g, "// ", s$line, ": ", gsub("\\", "/", s$text, fixed = TRUE), copy)
  switch(s$type,
    response = emit_response(s, g),
    assign = if (s$to == "state") emit_state(s, g) else emit_local(s, g),
    `if` = emit_if(s, g)
  )
}

emit_if <- function(s, g) {
  if (s$condition$op == "flag") {
    for (inner in c(s$then, s$otherwise)) emit_statement(inner, g)
    return(invisible())
  }
  condition <- emit_scalar(s$condition, g)
  valid <- valid_text(s$condition, g)
  outer <- g$mask
  # Both masks come before both branches, which may assign what the condition reads.
  mask <- function(text) emit_temp(g, and_text(outer %||% "", valid, text), "m_")
  yes <- if (length(s$then)) mask(condition)
  no <- if (length(s$otherwise)) mask(paste0("!", condition))
  g$mask <- yes
  for (inner in s$then) emit_statement(inner, g)
  g$mask <- no
  for (inner in s$otherwise) emit_statement(inner, g)
  g$mask <- outer
}

# Lanes in which an assignment happens, "" for all.
assignment_mask <- function(s, g, shape, loop = NULL, with_value = TRUE) {
  index <- index_valid(s$places$index, shape, g)
  and_text(g$mask %||% "", index, if (with_value) valid_text(s$value, g, loop) else "")
}

emit_state <- function(s, g) {
  pointer <- state_pointer(g, s$target)
  state <- g$program$states[[match(s$target, names(g$names$state))]]
  value <- function(loop = NULL) {
    if (state$kind == "index" && s$value$kind == "index") {
      return(paste0("f.number_of(", emit_scalar(s$value, g), ")"))
    }
    emit(s$value, g, loop)
  }
  emit_store(s, g, pointer, state$shape, value, NULL)
  forget(g, g$names$state[[s$target]])
}

# Writes `value` where the statement says; `flags` is where validity is kept (vector locals), in
# which case cells are written, missing or not.
emit_store <- function(s, g, pointer, shape, value, flags) {
  keeps <- is.null(flags)
  kind <- s$places$kind
  if (kind == "cell") {
    mask <- assignment_mask(s, g, shape, with_value = keeps)
    text <- value()
    literal <- literal_place(s$places$index, shape, g)
    if (!is.null(literal)) {
      emit_line(g, "f.assign(", pointer, "[", literal, "], ",
        if (nzchar(mask)) paste0(mask, ", "), text, ");")
      if (!keeps) {
        flag <- paste0(flags, "[", literal, "]")
        emit_line(g, put_flag_text(flag, mask, valid_or_all(s$value, g)))
      }
    } else {
      place <- place_text(s$places$index, shape, g)
      emit_line(g, "f.put(", pointer, ", ", dims_product(g, shape), ", ", place, ", ",
        if (nzchar(mask)) mask else "f.all()", ", ", text, ");")
      if (!keeps) {
        emit_line(g, "f.put_flag(", flags, ", ", dims_product(g, shape), ", ", place, ", ",
          if (nzchar(mask)) mask else "f.all()", ", ", valid_or_all(s$value, g), ");")
      }
    }
    return(invisible())
  }
  if (kind == "whole" && length(shape) == 0) {
    mask <- assignment_mask(s, g, shape)
    emit_line(g, "f.assign(", pointer, "[0], ", if (nzchar(mask)) paste0(mask, ", "), value(), ");")
    return(invisible())
  }
  loop <- new_loop()
  mask <- assignment_mask(s, g, shape, loop, keeps)
  text <- value(loop)
  if (!keeps) {
    # Whether the value is there is settled before the cell it may read is overwritten.
    valid <- valid_or_all(s$value, g, loop)
    loop$lines <- c(loop$lines, paste0("const auto there = ", valid, ";"))
  }
  cell <- "[a]"
  n <- dims_product(g, s$places$shape)
  if (kind == "without") {
    mask <- and_text(mask, paste0("(", emit_level(s$places$index[[1]], g), " != f.level(a + 1))"))
  }
  literal <- if (kind == "row") literal_row(s$places$index, shape, g)
  if (!is.null(literal)) cell <- paste0("[", literal, "]")
  if (kind == "row" && is.null(literal)) {
    row <- place_text(s$places$index, shape, g)
    rows <- dims_product(g, shape[-length(shape)])
    store <- paste0("f.put_row(", pointer, ", ", rows, ", ", n, ", ", row, ", a, ",
      if (nzchar(mask)) mask else "f.all()", ", ", text, ");")
    if (!keeps) {
      store <- c(store, paste0("f.put_flag(", flags, ", ", rows, " * ", n, ", f.cell_of_row(",
        row, ", ", n, ", a), ", if (nzchar(mask)) mask else "f.all()", ", there);"))
    }
  } else {
    store <- paste0("f.assign(", pointer, cell, ", ", if (nzchar(mask)) paste0(mask, ", "), text, ");")
    if (!keeps) store <- c(store, put_flag_text(paste0(flags, cell), mask, "there"))
  }
  emit_line(g, "for (int a = 0; a < ", n, "; ++a) {")
  for (l in c(loop$lines, store)) emit_line(g, "  ", l)
  emit_line(g, "}")
}

put_flag_text <- function(cell, mask, valid) {
  if (nzchar(mask)) valid <- paste0("select(", mask, ", ", valid, ", ", cell, ")")
  paste0(cell, " = ", valid, ";")
}

emit_local <- function(s, g) {
  local <- g$program$locals[[match(s$target, names(g$names$local))]]
  name <- g$names$local[[s$target]]
  valid <- g$names$valid[[s$target]]
  if (length(local$shape)) {
    emit_vector_local(s, g, local, name, valid)
  } else {
    emit_single_local(s, g, local, name, valid)
  }
  forget(g, name)
  forget(g, valid)
}

emit_single_local <- function(s, g, local, name, valid) {
  value <- emit_scalar(s$value, g)
  there <- if (local$missable) valid_or_all(s$value, g)
  if (is.null(g$mask) && sum(g$program$targets == s$target) == 1) {
    emit_line(g, "const auto ", name, " = ", value, ";")
    if (local$missable) emit_line(g, "const auto ", valid, " = ", there, ";")
    return(invisible())
  }
  if (!name %in% g$declared) {
    g$declared <- c(g$declared, name)
    switch(local$kind,
      real = emit_line(g, "auto ", name, " = widen<", deps_mask(local$deps),
        " & F::active>(f.constant(0.0));"),
      flag = emit_line(g, "auto ", name, " = f.none();"),
      index = emit_line(g, "auto ", name, " = f.level(0);")
    )
    if (local$missable) emit_line(g, "auto ", valid, " = f.none();")
  }
  mask <- g$mask %||% "f.all()"
  # The condition of an `ifelse()` may be the local itself.
  if (local$missable) there <- emit_temp(g, there)
  if (local$kind == "real") {
    emit_line(g, "f.assign(", name, ", ", if (!is.null(g$mask)) paste0(mask, ", "), value, ");")
  } else {
    if (!is.null(g$mask)) value <- paste0("select(", mask, ", ", value, ", ", name, ")")
    emit_line(g, name, " = ", value, ";")
  }
  if (local$missable) {
    emit_line(g, valid, " = ", if (is.null(g$mask)) there else
      paste0("select(", mask, ", ", there, ", ", valid, ")"), ";")
  }
}

emit_vector_local <- function(s, g, local, name, valid) {
  slot <- g$local_slot[[s$target]]
  if (!name %in% g$declared) {
    declare_once(g, name, paste0("f.template cells<", deps_mask(local$deps), ">(", slot, ")"))
    if (local$missable) declare_once(g, valid, paste0("f.flags(", g$local_flags[[s$target]], ")"))
    if (!is.null(g$mask)) {
      emit_line(g, "for (int a = 0; a < ", dims_product(g, local$shape), "; ++a) {")
      emit_line(g, "  f.assign(", name, "[a], f.constant(0.0));")
      if (local$missable) emit_line(g, "  ", valid, "[a] = f.none();")
      emit_line(g, "}")
    }
  }
  emit_store(s, g, name, local$shape, function(loop = NULL) emit(s$value, g, loop),
    if (local$missable) valid)
}

emit_response <- function(s, g) {
  responses <- g$program$responses
  number <- match(s$name, vapply(responses, `[[`, "", "name")) - 1L
  response <- responses[[number + 1L]]
  item <- length(g$program$states) + number
  a <- s$arguments
  vector <- switch(s$distribution, softmax = "x", categorical = "p", "")
  if (!is.null(response_table[[s$distribution]]$steps)) return(emit_series(s, item, g))
  # The role `available` is never missing.
  plain <- identical(a$available$op, "wide") && a$available$name == "available"
  valid <- and_text(g$mask %||% "",
    lapply(a[names(a) != "available" | !plain], valid_whole, g = g))
  if (!nzchar(valid)) valid <- "f.all()"
  if (response$type == "number") return(emit_number_response(s, item, valid, g))
  n <- dim_extent(g, response$dim)
  column <- match(s$name, g$program$codes) - 1L
  offer <- emit_offer(a$available, response, g)
  head <- paste0(s$line, ", ", item, ", ", column)
  cell <- switch(s$distribution,
    softmax = , categorical = emit_lambda(a[[vector]], g),
    bernoulli_logit = emit_two(g, "f.constant(0.0)", emit_scalar(a$x, g)),
    bernoulli = {
      p <- emit_scalar(a$p, g)
      emit_two(g, paste0("(f.constant(1.0) - ", p, ")"), p)
    }
  )
  deps <- union_deps(unlist(lapply(a[names(a) != "available"], function(n) n$deps)))
  logits <- s$distribution %in% c("softmax", "bernoulli_logit")
  if (logits && is.null(a$lapse)) {
    slot <- new_slot(g, deps, paste0("2 * ", n))
    kept <- if (keeps_exponentials(s, g)) {
      g$kept <- list(dim = response$dim, restricted = offer$restricted)
      paste0(", ", new_slot(g, integer(), n))
    }
    emit_line(g, if (is.null(kept)) "f.softmax(" else "f.softmax_kept(", head, ", ", slot, kept, ", ",
      n, ", ", valid, ", ", cell, ", ", offer$restricted, ", ", offer$allowed, ");")
    return(invisible())
  }
  slot <- new_slot(g, deps, n)
  x <- fresh(g, "x_")
  emit_line(g, "const auto ", x, " = f.template cells<", deps_mask(deps), ">(", slot, ");")
  emit_line(g, "for (int a = 0; a < ", n, "; ++a) f.assign(", x, "[a], ", cell, "(a));")
  with_offer <- function(least) {
    emit_temp(g, and_text(if (valid != "f.all()") valid, paste0("f.offered(", least, ", ", n, ", ",
      offer$restricted, ", ", offer$allowed, ")")), "m_")
  }
  shown <- with_offer(1)
  counted <- if (!is.null(a$available)) with_offer(2)
  if (logits) {
    emit_line(g, "f.normalise_logits(", x, ", ", n, ", ", offer$restricted, ", ", offer$allowed,
      ");")
  } else {
    emit_line(g, "f.restrict(", x, ", ", n, ", ", offer$restricted, ", ", offer$allowed, ");")
  }
  if (!is.null(a$lapse)) {
    emit_line(g, "f.lapse(", x, ", ", n, ", ", emit_scalar(a$lapse, g), ", ", offer$restricted, ", ",
      offer$allowed, ");")
  }
  emit_line(g, "f.categorical(", head, ", ", n, ", ", paste(c(shown, counted, x), collapse = ", "),
    ");")
}

emit_two <- function(g, first, second) {
  # Their own lines come before the lambda's.
  force(first)
  force(second)
  name <- fresh(g, "e_")
  emit_line(g, "const auto ", name, " = [&](int a) RESCORLA_LAMBDA {")
  emit_line(g, "  return select(f.always(a == 1), ", second, ", ", first, ");")
  emit_line(g, "};")
  name
}

# Which actions are on offer: the program's own `available =`, else the data's role, if it has one.
emit_offer <- function(own, response, g) {
  if (!is.null(own)) {
    e <- emit_lambda(own, g)
    return(list(restricted = "true",
      allowed = paste0("[&](int a) RESCORLA_LAMBDA { return ", e, "(a) > f.constant(0.0); }")))
  }
  i <- match(response$available, names(g$names$number)) - 1L
  list(
    restricted = paste0("f.bound.number_base[", i, "] >= 0"),
    allowed = paste0("[&](int a) RESCORLA_LAMBDA { return f.input(", i,
      ", a).value > f.constant(0.0); }")
  )
}
