# Stage 2 of 3, responses: what a line with `~` declares, and whether its arguments fit.

declare_responses <- function(statements, env) {
  for (s in statements) {
    if (s$type == "if") declare_responses(c(s$then, s$otherwise), env)
    if (s$type != "response") next
    env$line <- s$line
    env$text <- s$text
    refuse_own_step(s, env)
    if (s$name %in% names(env$responses)) {
      fail(env, c(paste0("Response `", s$name, "` has two lines with `~`."),
        i = "Give it one; `ifelse()` inside its arguments chooses between cases."), s$name)
    }
    if (s$name %in% env$parameters) {
      fail(env, c(paste0("`", s$name, "` is a parameter and cannot be a response."),
        i = "Rename one of them."), s$name)
    }
    if (s$name %in% setdiff(language_roles, "choice")) {
      fail(env, c(paste0("`", s$name, "` is a data column and cannot be a response of a model."),
        i = "Responses are `choice` or columns of their own."), s$name)
    }
    if (s$name %in% c(reserved_names, names(rule_table))) {
      fail(env, paste0("`", s$name, "` is a name of the language and cannot be a response."),
        s$name)
    }
    type <- response_table[[s$distribution]]$type
    env$responses[[s$name]] <- list(name = s$name, type = type, distribution = s$distribution,
      # Then the role `available` of the data does not restrict it.
      own_available = !is.null(s$arguments$available))
    if (type == "categorical") {
      env$codes <- c(env$codes, s$name)
      group_of(env, s$name)
    }
  }
  if (length(env$responses) > 8) fail(env, "A model can have at most eight responses.")
  invisible()
}

categorical_responses <- function(env) {
  names(Filter(function(r) r$type == "categorical", env$responses))
}

# The name of a decision's number, where the model means something else by it.
refuse_own_step <- function(s, env) {
  if (is.null(response_table[[s$distribution]]$steps)) return(invisible())
  what <- if ("step" %in% env$parameters) "a parameter" else
    if ("step" %in% env$state_names) "a state" else
    if ("step" %in% env$columns) "a data column" else
    if (s$name == "step") "a response" else
    if ("step" %in% env$all_targets) "a local"
  if (is.null(what)) return(invisible())
  fail(env, c(
    paste0("`step` is the number of the decision in `", s$distribution, "()`, and ", what,
      " of this model."),
    i = paste0("Give the ", sub("^a ", "", what), " another name.")
  ), "step")
}

check_response <- function(s, env) {
  row <- response_table[[s$distribution]]
  group <- if (row$type == "categorical") use_dim(env, dim_key(env, s$name)) else NULL
  a <- Map(function(expr, name) {
    env$stepping <- name %in% row$steps
    node <- check_expr(expr, env)
    env$stepping <- FALSE
    if (name %in% row$flag) as_flag(node, env) else as_number(node, env)
  }, s$arguments, names(s$arguments))
  for (name in names(a)) {
    check_argument_shape(a[[name]], name, deparse_line(s$arguments[[name]]), s, group, env)
    if (name %in% row$given && (length(a[[name]]$deps) || a[[name]]$tainted)) {
      fail(env, c(
        paste0("`", name, "` of `", s$distribution, "()` depends on parameters."),
        i = "It is a number or comes from data columns."
      ), deparse_line(s$arguments[[name]]))
    }
  }
  if (s$distribution %in% c("bernoulli", "bernoulli_logit")) {
    require_equal(env, group, use_dim(env, "#2"))
  }
  if (row$type == "number") number_input(env, s$name)
  env$seen <- union(env$seen, s$name)
  list(type = "response", line = s$line, text = s$text, name = s$name,
    distribution = s$distribution, arguments = a)
}

check_argument_shape <- function(node, name, text, s, group, env) {
  if (name %in% response_table[[s$distribution]]$cells) {
    if (length(node$shape) != 1) {
      fail(env, c(
        paste0("`", s$distribution, "()` needs one number per action of `", s$name, "`; ",
          describe_extent(text, node$shape), "."),
        i = "Give it a per-action state, such as `beta * value`."
      ), text)
    }
    require_equal(env, node$shape, group)
  } else if (length(node$shape)) {
    fail(env, c(
      paste0("`", name, "` of `", s$distribution, "()` must be a single number; ",
        describe_extent(text, node$shape), "."),
      i = "Pick a cell, such as `value[2]`."
    ), text)
  }
}

response_names <- function(statements) {
  unlist(lapply(statements, function(s) {
    switch(s$type, response = s$name, `if` = response_names(c(s$then, s$otherwise)), NULL)
  }))
}

# Whether a response has an argument in which `step` counts decisions.
repeats <- function(statements) {
  any(vapply(statements, function(s) {
    switch(s$type,
      response = !is.null(response_table[[s$distribution]]$steps),
      `if` = repeats(c(s$then, s$otherwise)),
      FALSE
    )
  }, NA))
}
