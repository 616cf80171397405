# The program of a task: checked like a model's, then cut into segments, each of which can run as soon
# as the responses it reads are drawn.

# The responses a task reads are heard from whatever model plays it: a choice, or a number.
declare_listened <- function(listens, env) {
  for (name in names(listens)) {
    env$line <- NULL
    env$text <- "`actions`"
    if (name %in% c(env$columns, env$state_names, env$all_targets, reserved_names)) {
      fail(env, c(paste0("`", name, "` names both a response and something else of this task."),
        i = "Rename one of them."), name)
    }
    type <- listens[[name]]
    env$responses[[name]] <- list(name = name, type = type)
    if (type == "categorical") {
      env$codes <- c(env$codes, name)
      group_of(env, name)
    }
  }
}

finish_task <- function(parsed, env) {
  heard <- env$responses
  for (r in heard) if (r$type == "categorical") use_dim(env, dim_key(env, r$name))
  program <- finish_program(parsed, env, task = TRUE)
  c(program, list(
    listens = heard,
    segments = cut_segments(program$statements, parsed$statements, names(heard))
  ))
}

# A list of segments: `needs`, the responses that it is the first to read, and its checked statements.
cut_segments <- function(statements, parsed, heard) {
  segments <- list(list(needs = character(), statements = list(), reads = character()))
  known <- character()
  for (i in seq_along(statements)) {
    reads <- program_reads(list(statements = parsed[i], states = list()))
    new <- setdiff(intersect(heard, reads), known)
    if (length(new)) {
      segments <- c(segments, list(list(needs = new, statements = list(), reads = character())))
      known <- c(known, new)
    }
    k <- length(segments)
    segments[[k]]$statements <- c(segments[[k]]$statements, statements[i])
    segments[[k]]$reads <- union(segments[[k]]$reads, reads)
    segments[[k]]$targets <- union(segments[[k]]$targets, all_targets(parsed[i]))
  }
  segments
}

# The line that first assigns a name, or that first reads one of several.
line_of <- function(statements, found) {
  for (s in statements) {
    if (s$type == "if") {
      inside <- line_of(c(s$then, s$otherwise), found)
      if (!is.null(inside)) return(inside)
    } else if (found(s)) {
      return(s)
    }
  }
  NULL
}

# --- to C++ -----------------------------------------------------------------------------------------

generate_task_cpp <- function(program, id = "task") {
  g <- new_generator(program)
  segments <- generate_segments(program, g)
  start <- generate_start(program, g)
  body <- unlist(lapply(seq_along(segments), function(k) {
    c(paste0(if (k > 1) "} else ", "if (segment == ", k - 1L, ") {"), paste0("  ", segments[[k]]))
  }))
  cpp_struct(program, id, "task", c(
    paste0("  static constexpr int segments = ", length(segments), ";"),
    "",
    cpp_function("layout", "F& f", c("(void)f;", generate_layout(g))),
    "",
    cpp_function("start", paste0("F& f, const typename F::flag& by_subject, ",
      "const typename F::flag& by_block"), start),
    "",
    cpp_function("record", "F& f", generate_record(program, g)),
    "",
    cpp_function("trial", "F& f, int segment", c(body, "}"))
  ))
}

generate_segments <- function(program, g) {
  Map(function(s, k) generate_segment(program, g, s, k), program$segments, seq_along(program$segments))
}

# Locals that outlast their segment are kept in the workspace between them.
generate_segment <- function(program, g, segment, k) {
  begin_block(g)
  earlier <- unlist(lapply(program$segments[seq_len(k - 1L)], `[[`, "targets"))
  later <- unlist(lapply(program$segments[-seq_len(k)], function(s) c(s$reads, s$targets)))
  for (l in program$locals) {
    if (l$name %in% earlier && l$name %in% c(segment$reads, segment$targets)) recall_local(l, g)
  }
  for (s in segment$statements) emit_statement(s, g)
  first <- length(program$states)
  for (i in seq_along(program$locals)) {
    l <- program$locals[[i]]
    if (!l$name %in% segment$targets) next
    if (l$name %in% later) keep_local(l, g)
    make_product(l, i - 1L, first + i - 1L, g)
  }
  if (length(g$lines) == 0) "(void)f;" else g$lines
}

kept_slots <- function(l, g) {
  if (is.null(g$kept_local[[l$name]])) {
    g$kept_local[[l$name]] <- c(new_slot(g, integer(), "1"), new_slot(g, integer(), "1"))
  }
  g$kept_local[[l$name]]
}

keep_local <- function(l, g) {
  if (length(l$shape)) return(invisible())
  slot <- kept_slots(l, g)
  name <- g$names$local[[l$name]]
  value <- if (l$kind == "real") name else paste0("f.number_of(", name, ")")
  emit_line(g, "f.assign(f.template cells<0ULL>(", slot[1], ")[0], ", value, ");")
  if (l$missable) emit_line(g, "f.flags(", slot[2], ")[0] = ", g$names$valid[[l$name]], ";")
}

recall_local <- function(l, g) {
  name <- g$names$local[[l$name]]
  valid <- g$names$valid[[l$name]]
  if (length(l$shape)) {
    declare_once(g, name, paste0("f.template cells<0ULL>(", g$local_slot[[l$name]], ")"))
    if (l$missable) declare_once(g, valid, paste0("f.flags(", g$local_flags[[l$name]], ")"))
    return(invisible())
  }
  slot <- kept_slots(l, g)
  g$declared <- c(g$declared, name)
  cell <- paste0("f.template cells<0ULL>(", slot[1], ")[0]")
  text <- switch(l$kind, real = cell, index = paste0("f.level_of(", cell, ")"),
    flag = paste0("(", cell, " != f.constant(0.0))"))
  emit_line(g, "auto ", name, " = ", text, ";")
  if (l$missable) emit_line(g, "auto ", valid, " = f.flags(", slot[2], ")[0];")
}

make_product <- function(l, product, item, g) {
  name <- g$names$local[[l$name]]
  valid <- if (l$missable) g$names$valid[[l$name]]
  if (length(l$shape) == 0) {
    emit_line(g, "f.make(", product, ", 0, ", item, ", ", name, ", ", valid %||% "f.all()", ");")
    return(invisible())
  }
  emit_line(g, "for (int a = 0; a < ", dims_product(g, l$shape), "; ++a) f.make(", product, ", a, ",
    item, ", ", name, "[a], ", if (is.null(valid)) "f.all()" else paste0(valid, "[a]"), ");")
}
