# Stage 3 of 3, a shortcut: a trial changes only the values of the action that was chosen, so that
# the exponentials of the other actions' logits can be kept from trial to trial.

# Whether a softmax reads, cell by cell, nothing but parameters and states, and every line that
# assigns one of these states does so in the cell of this response.
keeps_exponentials <- function(s, g) {
  if (!is.null(s$arguments$available) || !is.null(g$mask)) return(FALSE)
  if (!s$line %in% vapply(g$program$statements, `[[`, 0L, "line")) return(FALSE)
  reads <- cell_reads(s$arguments$x)
  if (is.null(reads) || length(reads) == 0) return(FALSE)
  all(vapply(assignments(g$program$statements), function(a) {
    a$to != "state" || !a$target %in% reads || assigns_cell_of(a, s$name)
  }, NA))
}

# The states an expression reads in the cell it is computed for; NULL where it reads something else.
cell_reads <- function(node) {
  if (node$op %in% c("number", "parameter")) return(character())
  if (node$op == "state") return(if (length(node$shape) == 1) node$name)
  if (!node$op %in% c("elementwise", "negate")) return(NULL)
  parts <- lapply(node$args, cell_reads)
  if (any(vapply(parts, is.null, NA))) return(NULL)
  unique(unlist(c(list(character()), parts)))
}

assignments <- function(statements) {
  do.call(c, lapply(statements, function(s) {
    switch(s$type, assign = list(s), `if` = assignments(c(s$then, s$otherwise)), list())
  }))
}

assigns_cell_of <- function(s, response) {
  index <- s$places$index
  s$places$kind == "cell" && length(index) == 1 && index[[1]]$op == "code" &&
    index[[1]]$name == response
}

# Whether the program keeps exponentials, and with which data: three actions or fewer cost less
# afresh, and where not all actions are on offer the sum is another on every trial.
generate_kept <- function(g) {
  if (is.null(g$kept)) return("  static constexpr bool keeps = false;")
  key <- g$kept$dim
  actions <- if (startsWith(key, "#")) substring(key, 2) else
    paste0("bound.extents[", match(key, g$dims) - 1L, "]")
  c("  static constexpr bool keeps = true;",
    "  RESCORLA_INLINE static bool keeps_exponentials(const binding& bound) {",
    paste0("    return ", actions, " > 3 && !(",
      sub("f.bound", "bound", g$kept$restricted, fixed = TRUE), ");"),
    "  }")
}
