# Stage 2 of 3, expressions: every R expression to a typed node.

new_node <- function(op, ..., kind = "real", shape = character(), deps = integer(),
                     tainted = FALSE, missable = FALSE, group = NULL) {
  list(op = op, ..., kind = kind, shape = shape, deps = deps, tainted = tainted,
    missable = missable, group = group)
}

# A node made of others: everything but the kind follows from them.
combine_nodes <- function(op, args, ..., kind = "real", flat = FALSE, shape = NULL) {
  new_node(op, args = args, ...,
    kind = kind,
    shape = shape %||% character(),
    deps = if (flat || kind != "real") integer() else
      union_deps(unlist(lapply(args, function(n) n$deps))),
    tainted = any(vapply(args, function(n) n$tainted, NA)),
    missable = any(vapply(args, function(n) n$missable, NA))
  )
}

broadcast_shape <- function(args, env) {
  shapes <- Filter(length, lapply(args, function(n) n$shape))
  if (length(shapes) == 0) return(character())
  for (s in shapes[-1]) require_equal(env, shapes[[1]], s)
  shapes[[1]]
}

as_number <- function(node, env, what = NULL) {
  if (node$kind == "real") return(node)
  if (node$kind == "flag") return(combine_nodes("to_number", list(node), shape = node$shape))
  if (node$kind == "label") fail(env, "A label can only be compared with a categorical column.")
  # A task may calculate with the number of a level, as in `3 - choice`.
  if (env$task) return(combine_nodes("to_number", list(node)))
  fail(env, c(
    paste0("`", node$label, "` is categorical: its levels are not numbers to calculate with."),
    i = paste0("Compare it, as in `(", node$label, " == 2)`, or use `one_hot(", node$label, ")`.")
  ), node$label)
}

as_flag <- function(node, env) {
  if (node$kind == "flag") return(node)
  if (node$op == "number") return(new_node("flag", value = node$value != 0, kind = "flag"))
  if (node$kind == "real") {
    zero <- new_node("number", value = 0)
    return(combine_nodes("compare", list(node, zero), fn = "!=", kind = "flag",
      shape = node$shape))
  }
  fail(env, "A condition must be TRUE or FALSE, such as `outcome > 0`.")
}

check_expr <- function(expr, env, target = NULL) {
  if (is.numeric(expr) && length(expr) > 0 && is.null(dim(expr))) {
    if (!all(is.finite(expr))) fail(env, "Numbers in a model must be finite.")
    # A vector can only come from `.(x)`.
    if (length(expr) > 1 && env$task && isTRUE(env$initialising)) return(check_table(expr, env))
    if (length(expr) > 1) return(check_vector(as.list(as.numeric(expr)), env))
    return(new_node("number", value = as.numeric(expr)))
  }
  if (is.logical(expr) && length(expr) == 1 && !is.na(expr)) {
    return(new_node("flag", value = expr, kind = "flag"))
  }
  if (is.character(expr) && length(expr) == 1) {
    return(new_node("label", value = expr, kind = "label"))
  }
  if (is.symbol(expr)) return(check_symbol(as.character(expr), env))
  if (is.call(expr) && is.symbol(expr[[1]])) return(check_call(expr, env, target))
  if (is.call(expr) && is_call_to(expr[[1]], c("::", ":::"))) {
    fail(env, c(paste0("`", deparse_line(expr[[1]]), "()` cannot be called in a model."),
      i = "Only the functions of the model language can be used; `?model_language` lists them."))
  }
  fail(env, c(paste0("`", deparse_line(expr), "` is not part of the model language."),
    i = "Inject a value from R with `.(x)`; `?model_language` lists what there is."))
}

check_symbol <- function(name, env) {
  if (nchar(name) == 0) fail(env, "An argument is empty.")
  if (name == "step" && isTRUE(env$stepping)) return(new_node("step", name = name, label = name))
  i <- match(name, env$parameters)
  if (!is.na(i)) return(new_node("parameter", index = i, deps = i, tainted = TRUE))
  state <- env$states[[name]]
  if (!is.null(state)) {
    if (isTRUE(env$initialising)) {
      fail(env, c(paste0("An initial value cannot use a state such as `", name, "`."),
        i = "Use parameters, `n_actions` and columns that are constant."), name)
    }
    return(new_node("state", name = name, label = name, shape = state$shape, deps = state$deps,
      tainted = state$tainted, kind = state$kind, group = state$group))
  }
  if (name == "n_actions") return(new_node("extent", dim = action_dim(env, name)))
  if (name %in% names(env$locals) && !isTRUE(env$initialising)) {
    local <- env$locals[[name]]
    if (!name %in% env$assigned) {
      fail(env, c(paste0("`", name, "` is read before a line gives it a value."),
        i = "Locals exist within one trial; what must last from trial to trial is a state."), name)
    }
    return(new_node("local", name = name, label = name, shape = local$shape, deps = local$deps,
      tainted = local$tainted, missable = local$missable, kind = local$kind,
      group = local$group))
  }
  check_column(name, env)
}

check_column <- function(name, env) {
  if (isTRUE(env$initialising) && name %in% c("choice", number_roles, names(env$responses))) {
    fail(env, c(
      paste0("An initial value cannot use `", name, "`, which changes from trial to trial."),
      i = "Use parameters, `n_actions` and columns that are constant."), name)
  }
  response <- env$responses[[name]]
  if (!is.null(response) && !name %in% env$seen) {
    fail(env, c(paste0("Response `", name, "` is read above its own line with `~`."),
      i = paste0("A model that is simulated draws it there: move this line below `", name, " ~ `.")),
    name)
  }
  if (!name %in% known_columns(env)) {
    if (is_missing_local(name, env)) {
      fail(env, c(paste0("`", name, "` is read before a line gives it a value."),
        i = "Locals exist within one trial; what must last from trial to trial is a state."), name)
    }
    refuse_outside(name, env)
    known <- c(env$parameters, names(env$states), names(env$locals), known_columns(env),
      "n_actions")
    fail(env, c(unknown_name(name, known, "name"), i = if (env$task) {
      "A task reads its `settings`, its `columns` and the responses in `actions`."
    } else paste0("A data column is declared by `columns = \"", name,
        "\"`; a parameter stands in `parameters`.")), name)
  }
  if (!is.null(response)) {
    if (response$type == "categorical") {
      return(new_node("code", name = name, label = name, kind = "index", missable = TRUE,
        group = group_of(env, name)))
    }
    return(new_node("response_value", name = name, missable = TRUE))
  }
  if (name %in% c(if (!env$task) c("foregone", "available"), env$wide)) {
    number_input(env, name, wide = TRUE)
    return(new_node("wide", name = name, shape = action_dim(env, name), missable = TRUE))
  }
  if (name %in% env$categorical) {
    code_input(env, name)
    return(new_node("code", name = name, label = name, kind = "index", missable = TRUE,
      group = group_of(env, name)))
  }
  number_input(env, name)
  new_node("input", name = name, missable = TRUE)
}

# Names that are there within a loop, or within one response, only.
refuse_outside <- function(name, env) {
  if (name %in% env$loop_names) {
    fail(env, c(paste0("`", name, "` is the name of a loop and stands for a number within it only."),
      i = "Move this line into the loop, or write the number."), name)
  }
  if (name == "step") {
    fail(env, c("`step` is known within `repeated_logit()` only.",
      i = "It is the number of the decision there, as in `repeated_logit(tau * (omega - step))`."),
    name)
  }
}

# A name that some later line assigns: read too early rather than unknown.
is_missing_local <- function(name, env) name %in% env$all_targets

check_call <- function(expr, env, target) {
  fn <- as.character(expr[[1]])
  fn <- rule_aliases[fn] %|NA|% fn
  args <- as.list(expr)[-1]
  if (any(vapply(args, is_empty_argument, NA)) && fn != "[") {
    fail(env, paste0("An argument of `", fn, "()` is empty."), fn)
  }
  if (fn == "(") return(check_expr(args[[1]], env, target))
  if (fn == "[") return(check_subset(expr, env, target))
  if (fn == "$") return(check_member(expr, env, target))
  if (fn == "-" && length(args) == 1) {
    inner <- as_number(check_expr(args[[1]], env, target), env)
    refuse_names(fn, args, env)
    if (inner$op == "number") return(new_node("number", value = -inner$value))
    return(combine_nodes("negate", list(inner), shape = inner$shape))
  }
  if (fn == "+" && length(args) == 1) return(as_number(check_expr(args[[1]], env, target), env))
  if (fn %in% comparison_operators) return(check_comparison(fn, args, env, target))
  if (fn %in% c("&", "|", "&&", "||", "!")) return(check_logic(fn, args, env, target))
  if (!is.null(rule_table[[fn]])) return(check_rule(fn, expr, NULL, env, target))
  if (!is.null(reduction_table[[fn]])) return(check_reduction(fn, args, env))
  if (!is.null(elementwise_table[[fn]])) return(check_elementwise(fn, args, env, target))
  switch(fn,
    ifelse = check_ifelse(named_args(fn, args, c("test", "yes", "no"), 3, env), env, target),
    one_hot = check_one_hot(named_args(fn, args, c("i", "like"), 1, env), env),
    observed = check_observed(args, env),
    n_levels = new_node("extent", dim = use_dim(env, dim_key(env, code_input(env,
      one_symbol(args, "n_levels", env))))),
    c = check_vector(args, env, target),
    rnorm = check_draw(fn, args, env, target),
    runif = check_draw(fn, args, env, target),
    bernoulli = if (env$task && isTRUE(env$drawing)) check_bernoulli(args, env, target) else
      unknown_function(fn, env),
    categorical = if (env$task && isTRUE(env$drawing)) check_categorical(args, env) else
      unknown_function(fn, env),
    clip = check_clip(args, env, target),
    softmax = check_softmax(named_args(fn, args, c("x", "available"), 1, env), env, target),
    epsilon_greedy = check_epsilon_greedy(
      named_args(fn, args, c("x", "epsilon"), 2, env), env, target),
    unknown_function(fn, env)
  )
}

ops_of <- function(nodes) vapply(nodes, `[[`, "", "op")

`%|NA|%` <- function(x, y) if (is.na(x)) y else unname(x)

check_elementwise <- function(fn, args, env, target) {
  row <- elementwise_table[[fn]]
  need_args(fn, args, row$arity, env)
  nodes <- lapply(args, function(a) as_number(check_expr(a, env, target), env))
  if (all(ops_of(nodes) == "number")) {
    value <- do.call(fn, lapply(nodes, `[[`, "value"))
    if (is.finite(value)) return(new_node("number", value = value))
  }
  combine_nodes("elementwise", nodes, fn = fn, flat = isTRUE(row$flat),
    shape = broadcast_shape(nodes, env))
}

check_comparison <- function(fn, args, env, target) {
  need_args(fn, args, 2, env)
  nodes <- lapply(args, check_expr, env = env, target = target)
  kinds <- vapply(nodes, `[[`, "", "kind")
  if ("index" %in% kinds) {
    if (!fn %in% c("==", "!=")) {
      fail(env, "Levels have no order: they can be compared with `==` and `!=` only.", fn)
    }
    code <- nodes[[which(kinds == "index")[1]]]
    other <- nodes[[if (kinds[1] == "index") 2 else 1]]
    if (other$kind == "label") {
      other <- new_node("level", value = other$value, group = code$group, kind = "index",
        line = env$line, text = env$text)
    } else if (other$kind == "index") {
      if (!is.null(code$group) && !is.null(other$group)) {
        join_groups(env, c(code$group, other$group))
      }
    } else if (other$op != "number") {
      # Compared as numbers: what is no whole number is no level.
      code <- combine_nodes("to_number", list(code))
      nodes <- list(code, as_number(other, env))
      return(combine_nodes("compare", nodes, fn = fn, kind = "flag",
        shape = broadcast_shape(nodes, env)))
    }
    return(combine_nodes("compare_codes", list(code, other), fn = fn, kind = "flag"))
  }
  nodes <- lapply(nodes, as_number, env = env)
  if (all(ops_of(nodes) == "number")) {
    return(new_node("flag", value = do.call(fn, lapply(nodes, `[[`, "value")), kind = "flag"))
  }
  combine_nodes("compare", nodes, fn = fn, kind = "flag", shape = broadcast_shape(nodes, env))
}

check_logic <- function(fn, args, env, target) {
  need_args(fn, args, if (fn == "!") 1 else 2, env)
  nodes <- lapply(args, function(a) as_flag(check_expr(a, env, target), env))
  if (all(ops_of(nodes) == "flag")) {
    value <- do.call(substr(fn, 1, 1), lapply(nodes, `[[`, "value"))
    return(new_node("flag", value = value, kind = "flag"))
  }
  combine_nodes("logic", nodes, fn = substr(fn, 1, 1), kind = "flag",
    shape = broadcast_shape(nodes, env))
}

check_ifelse <- function(args, env, target) {
  f <- as_flag(check_expr(args[[1]], env, target), env)
  a <- check_expr(args[[2]], env, target)
  b <- check_expr(args[[3]], env, target)
  if (a$kind == "index" && b$kind == "index") {
    if (!is.null(a$group) && !is.null(b$group)) join_groups(env, c(a$group, b$group))
    if (length(f$shape)) {
      fail(env, c("`ifelse()` with a vector condition chooses numbers, not levels.",
        i = "Give it a single condition."))
    }
    node <- combine_nodes("ifelse", list(f, a, b), kind = "index")
    node$group <- a$group %||% b$group
    node$label <- "ifelse(...)"
    return(node)
  }
  if (a$kind == "flag" && b$kind == "flag") {
    return(combine_nodes("ifelse", list(f, a, b), kind = "flag",
      shape = broadcast_shape(list(f, a, b), env)))
  }
  a <- as_number(a, env)
  b <- as_number(b, env)
  combine_nodes("ifelse", list(f, a, b), shape = broadcast_shape(list(f, a, b), env))
}

check_one_hot <- function(args, env) {
  i <- check_expr(args[[1]], env)
  if (i$kind %in% c("flag", "label") || i$tainted || length(i$shape)) {
    fail(env, c(paste0("`one_hot(", deparse_line(args[[1]]), ")` needs a single level."),
      i = "That is a response, a categorical column or a discrete state."), "one_hot")
  }
  group <- i$group
  if (length(args) == 2) {
    if (!is.symbol(args[[2]])) {
      fail(env, c("The second argument of `one_hot()` must be the name of a column or response.",
        i = "For example `one_hot(colour, choice)`."))
    }
    like <- as.character(args[[2]])
    code_input(env, like)
    if (!is.null(group)) join_groups(env, c(like, group))
    group <- like
  }
  if (is.null(group)) {
    fail(env, c(paste0("`one_hot(", deparse_line(args[[1]]), ")`: over which levels is not known."),
      i = "Add the column whose levels they are, as in `one_hot(last, choice)`."), "one_hot")
  }
  # Index 0 of a state means "nothing yet" and gives zeros; only a missing column is missing.
  combine_nodes("one_hot", list(i), shape = use_dim(env, dim_key(env, group)))
}

check_observed <- function(args, env) {
  need_args("observed", args, 1, env)
  node <- check_expr(args[[1]], env)
  if (!node$op %in% c("code", "input", "wide", "response_value", "local")) {
    fail(env, c("`observed()` takes a column, a response or a local.",
      i = "States and parameters are always there."), "observed")
  }
  result <- combine_nodes("observed", list(node), kind = "flag", shape = node$shape)
  result$missable <- FALSE
  result
}

check_vector <- function(args, env, target = NULL) {
  refuse_names("c", args, env)
  if (length(args) == 0) fail(env, "`c()` needs something to join.")
  nodes <- lapply(args, function(a) as_number(check_expr(a, env, target), env))
  if (any(lengths(lapply(nodes, `[[`, "shape")) > 0)) {
    fail(env, c("`c()` joins single numbers only.", i = "Pick cells, as in `c(x[1], x[2])`."))
  }
  combine_nodes("vector", nodes, shape = use_dim(env, paste0("#", length(nodes))))
}

check_softmax <- function(args, env, target) {
  x <- as_number(check_expr(args$x, env, target), env)
  if (length(x$shape) != 1) {
    fail(env, "`softmax()` needs a vector, such as `beta * value`.", "softmax")
  }
  nodes <- list(x)
  if (!is.null(args$available)) {
    a <- as_number(check_expr(args$available, env, target), env)
    if (length(a$shape) != 1) {
      fail(env, c("`available` of `softmax()` needs one value per action.",
        i = "For example `softmax(beta * value, available = available)`."), "softmax")
    }
    require_equal(env, x$shape, a$shape)
    nodes <- list(x, a)
  }
  combine_nodes("softmax", nodes, shape = x$shape)
}

check_epsilon_greedy <- function(args, env, target) {
  nodes <- lapply(args, function(a) as_number(check_expr(a, env, target), env))
  if (length(nodes[[1]]$shape) != 1 || length(nodes[[2]]$shape)) {
    fail(env, "`epsilon_greedy(x, epsilon)` takes a vector and a single number.")
  }
  node <- combine_nodes("epsilon_greedy", nodes, shape = nodes[[1]]$shape)
  node$deps <- nodes[[2]]$deps
  node
}

check_rule <- function(fn, expr, member, env, target) {
  rule <- rule_table[[fn]]
  definition <- rlang::new_function(
    stats::setNames(rep(list(quote(expr = )), length(rule$arguments)), rule$arguments), NULL)
  matched <- tryCatch(as.list(match.call(definition, expr))[-1], error = function(e) NULL)
  known <- all(rlang::names2(as.list(expr)[-1]) %in% c("", rule$arguments))
  if (is.null(matched) || !known || !setequal(names(matched), rule$arguments)) {
    all <- paste(rule$arguments, collapse = ", ")
    fail(env, paste0("The arguments do not fit `", fn, "(", all, ")`."), fn)
  }
  nodes <- lapply(matched[rule$arguments], function(a) as_number(check_expr(a, env, target), env))
  member <- member %||% rule$members[1]
  if (!member %in% rule$members) {
    fail(env, c(unknown_name(member, rule$members, paste0("result of `", fn, "()`:")),
      i = paste0("It has ", paste0("`", rule$members, "`", collapse = ", "), ".")), member)
  }
  combine_nodes("rule", unname(nodes), fn = fn, member = member,
    shape = broadcast_shape(nodes, env))
}

check_member <- function(expr, env, target) {
  call <- expr[[2]]
  fn <- if (is.call(call)) as.character(call[[1]])
  fn <- if (!is.null(fn)) rule_aliases[fn] %|NA|% fn
  if (is.null(fn) || is.null(rule_table[[fn]])) {
    fail(env, c("`$` can only follow a learning rule.",
      i = "For example `kalman_update(value[choice], variance[choice], outcome, sigma_obs)$gain`."))
  }
  check_rule(fn, call, as.character(expr[[3]]), env, target)
}
