# Stage 2 of 3, calls: whether the arguments fit, and what to say of a function there is not.

unknown_function <- function(fn, env) {
  if (fn %in% names(response_table)) {
    fail(env, c(paste0("`", fn, "()` is a distribution: it stands to the right of `~`."),
      i = paste0("For example `choice ~ ", fn, "(...)`.")), fn)
  }
  if (fn %in% c("if", "{", "<-", "=", "~")) {
    fail(env, c(paste0("`", fn, "` cannot stand inside an expression."),
      i = if (fn == "if") "Use `ifelse(condition, yes, no)`, or an `if` around the whole line." else
        "Write it on a line of its own."), fn)
  }
  instead <- c(`[[` = "Use `[`.",
    `:` = "Write the numbers out with `c()`, or inject them, as in `.(1:3)`.")
  if (fn %in% c("for", "while", "repeat", "function", names(instead))) {
    fail(env, c(paste0("`", fn, "` is not part of the model language."),
      i = if (fn %in% names(instead)) instead[[fn]] else "`?model_language` lists what there is."),
    fn)
  }
  words <- grep("^[a-z]", language_functions(), value = TRUE)
  fail(env, c(unknown_name(fn, words, "function"),
    i = "Only the functions of the model language can be used; `?model_language` lists them."), fn)
}

# Arguments in the order of `names`, given by name or by place as in R.
named_args <- function(fn, args, names, required, env) {
  formals <- stats::setNames(rep(list(quote(expr = )), length(names)), names)
  definition <- rlang::new_function(formals, NULL)
  matched <- tryCatch(as.list(match.call(definition, as.call(c(list(as.name(fn)), args))))[-1],
    error = function(e) NULL)
  known <- all(rlang::names2(args) %in% c("", names))
  if (is.null(matched) || !known || !all(names[seq_len(required)] %in% names(matched))) {
    all <- paste(names, collapse = ", ")
    fail(env, paste0("The arguments do not fit `", fn, "(", all, ")`."), fn)
  }
  matched[intersect(names, names(matched))]
}

refuse_names <- function(fn, args, env) {
  given <- rlang::names2(args)
  if (any(nzchar(given))) {
    fail(env, c(paste0("`", fn, "()` takes no argument `", given[nzchar(given)][1], "`."),
      i = if ("na.rm" %in% given) {
        "What is made of something missing is missing; see `?model_language`."
      }), fn)
  }
}

need_args <- function(fn, args, n, env) {
  refuse_names(fn, args, env)
  if (length(args) != n) {
    fail(env, paste0("`", fn, if (grepl("^[a-z]", fn)) "()", "` takes ", n,
      if (n == 1) " argument" else " arguments", ", not ", length(args), "."), fn)
  }
}

one_symbol <- function(args, fn, env) {
  need_args(fn, args, 1, env)
  if (!is.symbol(args[[1]])) fail(env, paste0("`", fn, "()` takes the name of a column."))
  as.character(args[[1]])
}
