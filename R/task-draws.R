# What the language of tasks has besides that of models: draws. `y ~ d(...)` is an assignment whose
# value is drawn; `rnorm()` and `runif()` stand in expressions too.
#
# A draw has as many cells as its arguments: `rnorm(0, s)` is one number, `rnorm(p, s)` one for each
# cell of `p`, and the initial value of a state one for each cell of the state.

draw_table <- list(
  bernoulli = function(p) NULL,
  categorical = function(p) NULL,
  normal = function(mean, sd) NULL,
  uniform = function(min, max) NULL
)

parse_draw <- function(expr, line, text, call) {
  if (length(expr) != 3 || !is.symbol(expr[[2]])) {
    model_abort(line, text, c("The left side of `~` must be the name of what is drawn.",
      i = "For example `outcome ~ bernoulli(p[choice])`."), call)
  }
  right <- expr[[3]]
  known <- paste0("`", names(draw_table), "()`", collapse = ", ")
  if (!is.call(right) || !is.symbol(right[[1]])) {
    model_abort(line, text, c("The right side of `~` must be a distribution.",
      i = paste0("One of ", known, ".")), call)
  }
  distribution <- as.character(right[[1]])
  definition <- draw_table[[distribution]]
  if (is.null(definition)) {
    model_abort(line, text, c(unknown_name(distribution, names(draw_table), "distribution"),
      i = paste0("A task draws from ", known, ".")), call, symbol = distribution)
  }
  names <- names(formals(definition))
  arguments <- tryCatch(as.list(match.call(definition, right))[-1], error = function(e) NULL)
  given <- rlang::names2(as.list(right)[-1])
  if (!all(names %in% names(arguments)) || !all(given %in% c("", names))) {
    model_abort(line, text, paste0("The arguments do not fit `", distribution, "(",
      paste(names, collapse = ", "), ")`."), call, symbol = distribution)
  }
  fn <- c(normal = "rnorm", uniform = "runif")[distribution] %|NA|% distribution
  list(type = "assign", line = line, text = text, target = as.character(expr[[2]]), index = NULL,
    value = as.call(c(as.name(fn), unname(arguments[names]))), drawn = TRUE)
}

# The next place in the program that draws: it has random numbers of its own.
next_site <- function(env) {
  # Initial values are checked once, lines until nothing changes: their places are counted apart.
  if (isTRUE(env$initialising)) {
    env$init_site <- (env$init_site %||% 8191L) + 1L
    return(env$init_site)
  }
  env$site <- env$site + 1L
  if (env$site > 8191L) fail(env, "A task can have at most 8,191 draws.")
  env$site
}

draw_node <- function(fn, shape, env) {
  if (isTRUE(env$initialising)) shape <- env$init_shape
  new_node("draw", fn = fn, site = next_site(env), shape = shape)
}

check_draw <- function(fn, args, env, target) {
  if (!env$task) {
    fail(env, c(paste0("`", fn, "()` is for tasks: a model draws nothing but its responses."),
      i = "What is random in the world belongs into `rl_task()`."), fn)
  }
  known <- if (fn == "rnorm") c("mean", "sd") else c("min", "max")
  args <- named_args(fn, args, known, 2, env)
  nodes <- lapply(args[known], function(a) as_number(check_expr(a, env, target), env))
  draw <- draw_node(if (fn == "rnorm") "normal" else "uniform", broadcast_shape(nodes, env), env)
  arithmetic <- function(fn, a, b) {
    combine_nodes("elementwise", list(a, b), fn = fn, shape = broadcast_shape(list(a, b), env))
  }
  scale <- if (fn == "rnorm") nodes[[2]] else arithmetic("-", nodes[[2]], nodes[[1]])
  arithmetic("+", nodes[[1]], arithmetic("*", scale, draw))
}

check_bernoulli <- function(args, env, target) {
  p <- as_number(check_expr(args[[1]], env, target), env)
  draw <- draw_node("uniform", p$shape, env)
  hit <- combine_nodes("compare", list(draw, p), fn = "<", kind = "flag",
    shape = broadcast_shape(list(draw, p), env))
  as_number(hit, env)
}

check_categorical <- function(args, env) {
  p <- as_number(check_expr(args[[1]], env), env)
  if (length(p$shape) != 1) {
    fail(env, c("`categorical()` needs a probability for each level.",
      i = "For example `categorical(c(0.5, 0.3, 0.2))`."), "categorical")
  }
  node <- combine_nodes("draw_level", list(p), site = next_site(env), kind = "index")
  node$label <- "categorical(...)"
  node
}

check_clip <- function(args, env, target) {
  args <- named_args("clip", args, c("x", "lower", "upper"), 3, env)
  nodes <- lapply(args, function(a) as_number(check_expr(a, env, target), env))
  shape <- broadcast_shape(nodes, env)
  above <- combine_nodes("elementwise", nodes[1:2], fn = "pmax", shape = shape)
  combine_nodes("elementwise", list(above, nodes[[3]]), fn = "pmin", shape = shape)
}

# Initial values given one by one, the last dimension first.
check_table <- function(values, env) {
  shape <- env$init_shape
  literal <- startsWith(shape, "#")
  if (!all(literal) || prod(as.integer(substring(shape, 2))) != length(values)) {
    fail(env, c(paste0(length(values), " initial values need a state of as many cells."),
      i = "Its dimensions are whole numbers then, as in `array_of(.(x), c(4, 40))`."))
  }
  new_node("table", values = as.numeric(values), shape = shape)
}

# What a draw is given that is known beforehand (a number, a setting, a column) must make sense.
check_draw_values <- function(statements, inputs, call) {
  known <- function(x) {
    if (is_call_to(x, "[")) x <- x[[2]]
    if (is.symbol(x)) x <- inputs[[as.character(x)]] else
      x <- if (length(all.vars(x)) == 0) tryCatch(eval(x, baseenv()), error = function(e) NULL)
    if (is.numeric(x)) x[is.finite(x)]
  }
  refuse <- function(s, what, x) {
    model_abort(s$line, s$text, c(paste0(what, "."), x = paste0("It is ", format(x[1]), ".")), call)
  }
  walk <- function(x, s) {
    if (!is.call(x)) return(invisible())
    if (is_call_to(x, "bernoulli")) {
      p <- known(x[[2]])
      bad <- p[p < 0 | p > 1]
      if (length(bad)) refuse(s, "The probability of `bernoulli()` must be between 0 and 1", bad)
    }
    if (is_call_to(x, "rnorm") && length(x) == 3) {
      sd <- known(x[[3]])
      bad <- sd[sd < 0]
      if (length(bad)) refuse(s, "A standard deviation cannot be negative", bad)
    }
    for (inner in as.list(x)) if (!missing(inner)) walk(inner, s)
  }
  visit <- function(s) {
    if (s$type == "if") for (inner in c(s$then, s$otherwise)) visit(inner)
    if (s$type == "assign") walk(s$value, s)
  }
  for (s in statements) visit(s)
}
