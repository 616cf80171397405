# What studies on simulated data (recovery, calibration, power) have in common: where subjects'
# parameters come from, the tasks they do, and the fits.

# --- parameters -----------------------------------------------------------------------------------

# Where the values of each free parameter come from, by name: a range, a prior, a function or a
# number. What is not said is by kind.
parameter_sources <- function(parameters, model, call) {
  free <- free_parameters(model)
  if (length(free) == 0) {
    rescorla_abort(c("Model {.val {model$name}} has no free parameter.",
      i = "There is nothing to estimate."), "model", call = call)
  }
  if (!is.null(parameters) && (!is.list(parameters) || inherits(parameters, "rl_prior"))) {
    if (!is.numeric(parameters) || is.null(names(parameters))) {
      rescorla_abort(c(
        "`parameters` must be a named list, a data frame, or `NULL`.",
        x = "It is {describe_value(parameters)}.",
        i = "For example `parameters = list({free[1]} = c(0.1, 0.9))`, a range."
      ), "input", call = call)
    }
    parameters <- as.list(parameters)
  }
  refuse_unknown(rlang::names2(parameters), free, "parameters", "a free parameter of the model",
    call)
  stats::setNames(lapply(free, function(name) {
    kind <- model$kinds[[name]]
    source <- parameters[[name]]
    if (is.null(source)) return(default_source(kind))
    check_source(source, kind, name, call)
  }), free)
}

# A prior that comes with the model; else where this kind of parameter is mostly found: the middle
# 80% of an interval, 0.5 to 10 evenly on the logarithm for scales, -2 to 2 for real parameters.
default_source <- function(kind) {
  if (!is.null(kind$prior)) return(kind$prior)
  if (is_scale(kind)) {
    width <- min(10, 0.9 * (kind$upper - kind$lower))
    ends <- kind$lower + c(width / 20, width)
    return(structure(list(ends = ends, origin = kind$lower), class = "log_range"))
  }
  if (kind$kind == "real") return(c(-2, 2))
  kind$lower + c(0.1, 0.9) * (kind$upper - kind$lower)
}

check_source <- function(source, kind, name, call) {
  arg <- paste0("parameters$", name)
  if (is.function(source)) return(source)
  if (inherits(source, "rl_prior")) {
    if (!source$kind %in% names(prior_codes)) {
      rescorla_abort(c("The prior {.code {source$text}} is not one of a parameter.",
        i = "It is for standard deviations or correlations; see `?rl_prior`."), "input",
        call = call)
    }
    check_prior_range(source, kind, name, call)
    return(source)
  }
  if (!is.numeric(source) || !length(source) %in% 1:2 || any(!is.finite(source)) ||
    is.unsorted(source)) {
    rescorla_abort(c(
      "{.code {arg}} must be a range, a number, a function of n, or a prior.",
      x = "It is {if (is.numeric(source)) name_some(format(source, trim = TRUE)) else
        describe_value(source)}.",
      i = "A range is two finite numbers, the lower first; values for each subject go into a data
           frame."
    ), "input", call = call)
  }
  check_in_range(source, kind, name, call)
  as.double(source)
}

check_in_range <- function(values, kind, name, call) {
  bad <- which(!is.finite(values) | values < kind$lower | values > kind$upper)
  if (length(bad)) {
    rescorla_abort(c(
      "`parameters` has a value of {.code {name}} outside its range.",
      x = "It is {format(values[bad[1]])}; the range is [{format_bound(kind$lower)},
           {format_bound(kind$upper)}]."
    ), "input", call = call)
  }
}

# n values in natural units, from R's generator (under with_seed()).
draw_source <- function(source, kind, n, name, call) {
  if (is.function(source)) {
    values <- ask_function(source, n, paste0("parameters$", name), call)
    if (!is.numeric(values) || length(values) != n) {
      rescorla_abort(c(
        "The function {.code parameters${name}} must give {n} number{?s}, one for each subject.",
        x = "It gives {describe_value(values)}."
      ), "input", call = call)
    }
    check_in_range(values, kind, name, call)
    return(as.double(values))
  }
  if (inherits(source, "rl_prior")) {
    maps <- parameter_maps(stats::setNames(list(kind), name))
    z <- vapply(seq_len(n), \(i) draw_prior(source, maps, 1L), 0)
    return(to_natural(z, maps, 1L))
  }
  source_quantile(source, stats::runif(n))
}

# What a function of the user's gives; its error is told as one of the argument it came as.
ask_function <- function(f, x, arg, call) {
  tryCatch(f(x), error = function(e) {
    rescorla_abort(c("The function {.code {arg}} failed when it was asked for {x}.",
      x = "{conditionMessage(e)}"), "input", arg = arg, call = call)
  })
}

source_quantile <- function(source, u) {
  if (inherits(source, "log_range")) {
    span <- log(source$ends - source$origin)
    return(source$origin + exp(span[1] + diff(span) * u))
  }
  source[1] + (source[length(source)] - source[1]) * u
}

# A matrix n x free parameters.
draw_sources <- function(sources, model, n, seed, call) {
  values <- with_seed(seed, vapply(names(sources), function(name) {
    draw_source(sources[[name]], model$kinds[[name]], n, name, call)
  }, numeric(n)))
  matrix(values, n, dimnames = list(NULL, names(sources)))
}

# Mean, standard deviation and median of a source on the real line: what a hierarchical model is to
# find. Exact for normal priors; for ranges over 20,001 quantiles; otherwise from 20,000 draws.
source_moments <- function(source, kind, name, call) {
  if (inherits(source, "rl_prior") && source$kind == "normal") {
    return(c(mean = source$a, sd = source$b, median = source$a))
  }
  single <- is.numeric(source) && source[1] == source[length(source)]
  maps <- parameter_maps(stats::setNames(list(kind), name))
  values <- if (is.function(source) || inherits(source, "rl_prior")) {
    with_seed(1, draw_source(source, kind, 20000L, name, call))
  } else {
    source_quantile(source, stats::ppoints(20001L))
  }
  z <- to_real(values, maps, 1L)
  # At the end of a range, infinitely far, too.
  c(mean = mean(z), sd = if (single) 0 else stats::sd(z), median = stats::median(z))
}

describe_source <- function(source) {
  short <- \(x) format(x, digits = 3, trim = TRUE)
  if (is.function(source)) return("a function")
  if (inherits(source, "rl_prior")) return(source$text)
  if (inherits(source, "log_range")) {
    return(paste0(short(source$ends[1]), " to ", short(source$ends[2]), " (log-uniform)"))
  }
  if (length(source) == 1) short(source) else paste(short(source[1]), "to", short(source[2]))
}

# A data frame of true values as a matrix in the model's order.
given_values <- function(parameters, model, call) {
  free <- free_parameters(model)
  named <- setdiff(names(parameters), "subject")
  refuse_unknown(named, free, "parameters", "a free parameter of the model", call)
  missing <- setdiff(free, named)
  if (length(missing) || nrow(parameters) == 0) {
    rescorla_abort(c(
      "`parameters` must have a row for each subject and a column for each parameter.",
      x = if (length(missing)) "It has no {.code {missing}}." else "It has no rows."), "input",
      call = call)
  }
  for (name in free) check_in_range(parameters[[name]], model$kinds[[name]], name, call)
  values <- as.matrix(parameters[free])
  dimnames(values) <- list(NULL, free)
  values
}

# --- tasks ----------------------------------------------------------------------------------------

# By replicate and design: list(label, get(design, replicate)). A list of tasks is a design of that
# many; a function gives the task of a replicate.
study_tasks <- function(task, models, call) {
  expected <- "a task, such as `task_bandit(c(0.2, 0.8), trials = 100)`, a list of tasks, or a
               function that gives one"
  if (is.function(task)) {
    return(list(label = NA_character_, get = function(design, replicate) {
      check_class(ask_function(task, replicate, "task", call), "rl_task", "a task", arg = paste0("task(", replicate, ")"),
        call = call)
    }))
  }
  if (inherits(task, "rl_task")) {
    for (model in models) check_plays(model, task, call)
    return(list(label = NA_character_, get = \(design, replicate) task))
  }
  if (!is.list(task) || is.object(task) || length(task) == 0) {
    check_class(task, "rl_task", expected, arg = "task", call = call)
  }
  label <- rlang::names2(task)
  label[!nzchar(label)] <- paste("task", which(!nzchar(label)))
  if (anyDuplicated(label)) {
    rescorla_abort("Two tasks of the list are both called {.val {label[anyDuplicated(label)]}}.",
      "input", call = call)
  }
  for (i in seq_along(task)) {
    check_class(task[[i]], "rl_task", "a task", arg = paste0("task[[", i, "]]"), call = call)
    for (model in models) check_plays(model, task[[i]], call)
  }
  list(label = label, get = \(design, replicate) task[[design]])
}

# The task of some of the subjects, where outcomes are laid down for each.
task_of_rows <- function(task, rows, call) {
  size <- dim(task$first)
  if (length(size) != 3 || size[1] == 1) return(task)
  if (max(rows) > size[1]) {
    rescorla_abort(c("The task's outcomes are for {size[1]} subject{?s}.",
      x = "The study has more."), "input", call = call)
  }
  task$first <- task$first[rows, , , drop = FALSE]
  task
}

# --- fits -----------------------------------------------------------------------------------------

# Arguments in `...` that go on to rl_fit(), checked before anything runs.
study_fit_arguments <- function(dots, method, call, taken = character()) {
  names <- rlang::names2(dots)
  if (any(!nzchar(names))) {
    rescorla_abort("Arguments for `rl_fit()` must be named.", "input", call = call)
  }
  own <- setdiff(names(formals(rl_fit)), c("model", "data", "method", "seed", "threads", "checkpoint",
    "...", taken))
  refuse_unknown(names, own, "...", "an argument of `rl_fit()` that can be given here", call)
  check_arguments_of_method(method, names, call)
  dots
}

# Warnings of single fits are counted by the study, not shown.
study_fit <- function(model, data, method, seed, threads, arguments) {
  fit <- withCallingHandlers(
    do.call(rl_fit, c(list(model, data, method = method, seed = seed, threads = threads),
      arguments), quote = TRUE),
    rescorla_warning = \(w) rlang::cnd_muffle(w),
    # posterior's, of very few draws.
    warning = \(w) if (grepl("ESS has been capped", conditionMessage(w))) rlang::cnd_muffle(w),
    rescorla_message = \(m) rlang::cnd_muffle(m)
  )
  whole_fit(fit)
}

# A study that is to be taken up again must draw the same numbers then.
study_seed <- function(seed, checkpoint, call) {
  if (is.null(seed) && !is.null(checkpoint)) {
    rescorla_abort(c("`checkpoint` needs a `seed`.",
      x = "Without one a study that is taken up again would draw other numbers.",
      i = "For example `seed = 1`."), "input", call = call)
  }
  resolve_seed(seed, call)
}

# What a study depends on besides its jobs: settings of the same name mean the same. Last bits depend
# on the backend, whether the argument or the option asks for it.
study_key <- function(what, model, method, arguments, ...) {
  arguments$backend <- arguments$backend %||% getOption("rescorla.backend", "cpu")
  list(what, model[c("id", "name", "kinds", "state", "trial", "columns")], method,
    arguments[sort(names(arguments))], ...)
}

# Wilson's (1927) interval of a proportion, k of n: a matrix with two columns.
wilson_interval <- function(k, n, level = 0.95) {
  z <- stats::qnorm((1 + level) / 2)
  centre <- (k + z^2 / 2) / (n + z^2)
  half <- z / (n + z^2) * sqrt(k * (n - k) / n + z^2 / 4)
  cbind(lower = pmax(centre - half, 0), upper = pmin(centre + half, 1))
}

study_method <- function(method) {
  switch(method, em = "empirical Bayes (EM)", nuts = "full Bayes (NUTS)", method_label(method))
}
