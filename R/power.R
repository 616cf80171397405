#' Power to detect a difference between two groups
#'
#' Simulates two groups whose parameters differ by a given size, fits them and tests the difference,
#' many times over: how many subjects does a study need?
#'
#' @inheritParams rl_recover
#' @param task A task such as [task_bandit()], or a function of the number of the simulation that
#'   gives one.
#' @param parameters How subjects of the first group are distributed, as for [rl_recover()]; not a
#'   data frame. A hierarchical model expects normal distributions on the unconstrained scale:
#'   `list(alpha = prior_normal(-0.8, 0.7))`.
#' @param difference A named list (or vector): by how much a parameter differs, second group less
#'   first, not 0. Parameters that are not named do not differ.
#' @param scale Of `difference`. `"natural"`: between the groups' medians, in the parameter's units.
#'   `"link"`: on the unconstrained scale.
#' @param subjects Number of subjects in *each* group; several make a power curve.
#' @param method How differences are tested, see Details.
#' @param nsim Number of simulations for each number of subjects.
#' @param level The significance level of the two-sided test.
#' @param null Also simulate a difference of zero, to see the rate of false alarms?
#' @param ... Further arguments of [rl_fit()], but `formula`.
#' @return An object of class `rl_power`, a list with
#'   * `power`: a data frame: `subjects` (per group), `parameter`, `difference`, `n` (simulations
#'     with a test), `detected`, `power` (their share), and `lower`, `upper`, its 95% interval
#'     (Wilson 1927); with `null = TRUE` rows with a difference of 0 too;
#'   * `simulations`: for each simulation and parameter `subjects`, `difference`, `simulation`,
#'     `parameter`, `estimate` (of the difference), `error`, `statistic`, `p`, `detected`. For
#'     `"em"` and `"nuts"` estimates are on the unconstrained scale, for `"mle"` and `"map"` in
#'     natural units;
#'   * `shift`: each difference on the unconstrained scale; `model`, `method`, `level`, `nsim`,
#'     `seed`, `sources`, `call`.
#'
#'   `as.data.frame()` gives `simulations`, `tidy()` and `summary()` give `power`.
#' @details
#' Let g be the parameter's link and m the median of the first group. Subjects of both groups are
#' drawn from the same distribution, and those of the second are moved on the unconstrained scale,
#' \deqn{z \to z + \delta,\qquad \delta = g(m + d) - g(m)}{z -> z + delta, delta = g(m + d) - g(m)}
#' for a difference d in natural units, or \eqn{\delta = d} with `scale = "link"`. So the groups
#' have the same spread there, values stay in range, and the groups' medians differ by d.
#'
#' Tests, each of one parameter in `difference`:
#' * `"em"`: the formula `parameter ~ group` for all parameters in `difference` together, and a Wald
#'   test of each coefficient, z = estimate / standard error.
#' * `"nuts"`: the same formula; a difference is detected when the central 1 - `level` posterior
#'   interval of the coefficient excludes zero (there is no `p`).
#' * `"mle"`, `"map"`: subjects one by one, and Welch's t test of their estimates in natural units.
#'   Subjects that could not be fitted are left out. Estimates at the far end of the search (see
#'   [rl_recover()]) are in, and a few of them hide any difference: `"map"` has none.
#'
#' Errors of few simulations are large: of 100, a power of 0.8 is known to within 0.71 and 0.87.
#' @inheritSection rl_recover Large and long studies
#' @references
#' Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
#' *Journal of the American Statistical Association*, 22, 209-212.
#' @seealso [plot.rl_power()]
#' @examples
#' power <- rl_power("rw", task_bandit(c(0.2, 0.8), trials = 60),
#'   parameters = list(alpha = prior_normal(-0.8, 0.6), beta = prior_normal(1.2, 0.3)),
#'   difference = list(alpha = 0.25), subjects = c(10, 20), nsim = 5, seed = 1)
#' power
#' @export
rl_power <- function(model, task, parameters = NULL, difference, scale = c("natural", "link"),
                     subjects = c(20, 40, 80), method = c("em", "mle", "map", "nuts"), nsim = 100,
                     level = 0.05, null = FALSE, seed = NULL, checkpoint = NULL, threads = NULL,
                     ...) {
  call <- rlang::current_env()
  model <- as_model(model, call)
  check_has_response(model, call)
  method <- check_choice(method, c("em", "mle", "map", "nuts"))
  scale <- check_choice(scale, c("natural", "link"))
  subjects <- check_group_sizes(subjects, call)
  nsim <- check_count(nsim)
  check_level(level)
  check_flag(null)
  if (!is.null(threads)) check_count(threads)
  arguments <- study_fit_arguments(list(...), method, call, taken = "formula")
  if (is.data.frame(parameters)) {
    rescorla_abort(c("`parameters` must say how subjects are distributed.",
      x = "It is a data frame.", i = "Give ranges, functions or priors by name."), "input",
      call = call)
  }
  sources <- parameter_sources(parameters, model, call)
  shift <- power_shift(if (missing(difference)) NULL else difference, scale, sources, model, call)
  tasks <- study_tasks(if (missing(task)) NULL else task, list(model), call)
  if (length(tasks$label) > 1) {
    rescorla_abort("`task` must be one task, or a function that gives one.", "input", call = call)
  }
  seed <- study_seed(seed, checkpoint, call)
  jobs <- power_jobs(sources, shift, model, tasks, subjects, nsim, null, seed, call)
  shared <- list(model = model, method = method, level = level, arguments = arguments,
    threads = threads, parameters = names(shift))
  found <- run_jobs(jobs, power_once, shared, "simulations", checkpoint,
    study_key("rl_power", model, method, arguments, level), call)
  new_power(found, model, method, level, difference, scale, shift, sources, nsim, seed,
    match.call())
}

check_group_sizes <- function(subjects, call) {
  good <- is.numeric(subjects) && length(subjects) && all(is.finite(subjects)) &&
    all(subjects >= 2 & subjects == trunc(subjects)) && !anyDuplicated(subjects)
  if (!good) {
    rescorla_abort(c("`subjects` must be numbers of subjects in each group, different whole numbers
                      of 2 or more.",
      x = "It is {if (is.numeric(subjects)) name_some(subjects) else describe_value(subjects)}."),
      "input", call = call)
  }
  sort(as.integer(subjects))
}

# By how much the second group is moved on the real line, by parameter.
power_shift <- function(difference, scale, sources, model, call) {
  given <- unlist(difference)
  if (!is.numeric(given) || length(given) == 0 || is.null(names(given)) || any(!is.finite(given)) ||
    length(given) != length(difference)) {
    rescorla_abort(c("`difference` must give a number for each parameter that differs.",
      x = "It is {describe_value(difference)}.",
      i = "For example `difference = list({names(sources)[1]} = 0.1)`."), "input", call = call)
  }
  refuse_unknown(names(given), names(sources), "difference", "a free parameter of the model", call)
  twice <- names(given)[anyDuplicated(names(given))]
  if (length(twice)) {
    rescorla_abort("`difference` names {.code {twice}} twice.", "input", call = call)
  }
  if (any(given == 0)) {
    rescorla_abort(c("`difference` of {.code {names(given)[given == 0][1]}} is 0, which is none.",
      i = "Leave it out; `null = TRUE` gives the rate of false alarms."), "input", call = call)
  }
  if (scale == "link") return(given)
  vapply(stats::setNames(nm = names(given)), function(name) {
    kind <- model$kinds[[name]]
    maps <- parameter_maps(stats::setNames(list(kind), name))
    z <- source_moments(sources[[name]], kind, name, call)[["median"]]
    median <- to_natural(z, maps, 1L)
    if (!is.finite(z)) {
      rescorla_abort(c("The first group's {.code {name}} is at the end of its range,
        {format_bound(median)}, from where no difference leads away.",
        i = "On the unconstrained scale, where subjects differ, the end is infinitely far: give a
             value, or a distribution, inside."), "input", call = call)
    }
    moved <- median + given[[name]]
    if (moved <= kind$lower || moved >= kind$upper) {
      rescorla_abort(c(
        "A difference of {given[[name]]} takes {.code {name}} out of its range.",
        x = "The first group's median is {format(median, digits = 3)}, the second's would be
             {format(moved, digits = 3)}; the range is [{format_bound(kind$lower)},
             {format_bound(kind$upper)}]."
      ), "input", call = call)
    }
    to_real(moved, maps, 1L) - z
  }, 0)
}

power_jobs <- function(sources, shift, model, tasks, subjects, nsim, null, seed, call) {
  jobs <- list()
  maps <- parameter_maps(model$kinds[names(sources)])
  for (zero in if (null) c(FALSE, TRUE) else FALSE) for (n in subjects) for (i in seq_len(nsim)) {
    number <- length(jobs) + 1L
    values <- draw_sources(sources, model, 2L * n, job_seed(seed, number, stream = 1), call)
    second <- n + seq_len(n)
    for (name in if (!zero) names(shift)) {
      p <- match(name, names(sources))
      values[second, p] <- to_natural(to_real(values[second, p], maps, p) + shift[[name]], maps, p)
    }
    jobs[[number]] <- list(
      name = paste0("simulation ", i, " of ", n, " subjects"), subjects = n, null = zero,
      simulation = i, values = values, task = tasks$get(1L, i), seed = job_seed(seed, number)
    )
  }
  jobs
}

# --- one simulation -------------------------------------------------------------------------------

power_once <- function(job, shared) {
  data <- stats::simulate(shared$model, seed = job$seed,
    parameters = as.data.frame(job$values), task = job$task, threads = shared$threads)
  # 0 and 1: a coefficient of that name whatever contrasts are set.
  data$group <- as.numeric(data$subject > job$subjects)
  arguments <- shared$arguments
  if (shared$method %in% c("em", "nuts")) {
    arguments$formula <- lapply(shared$parameters, \(name) {
      stats::as.formula(paste(name, "~ group"), env = baseenv())
    })
  }
  fit <- study_fit(shared$model, data, shared$method, job$seed, shared$threads, arguments)
  tests <- do.call(rbind, lapply(shared$parameters, \(name) {
    test <- if (!is.null(arguments$formula)) {
      test_coefficient(fit, paste0(name, ":group"), shared$level)
    } else {
      test_estimates(fit$estimates[, name], seq_len(nrow(fit$estimates)) > job$subjects,
        shared$level)
    }
    data.frame(parameter = name, test)
  }))
  list(tests = cbind(subjects = job$subjects, null = job$null, simulation = job$simulation, tests))
}

test_coefficient <- function(fit, name, level) {
  estimate <- fit$group$coefficients[[name]]
  error <- sqrt(stats::vcov(fit)[name, name])
  if (!is.null(fit$group$draws)) {
    ends <- stats::quantile(fit$group$draws[, , name], c(level / 2, 1 - level / 2))
    return(data.frame(estimate = estimate, error = error, statistic = NA_real_, p = NA_real_,
      detected = ends[[1]] > 0 || ends[[2]] < 0))
  }
  p <- 2 * stats::pnorm(-abs(estimate / error))
  data.frame(estimate = estimate, error = error, statistic = estimate / error, p = p,
    detected = p < level)
}

# Welch's test; none where a group has no spread, or nobody.
test_estimates <- function(estimates, second, level) {
  found <- tryCatch(stats::t.test(estimates[second & !is.na(estimates)],
    estimates[!second & !is.na(estimates)]), error = \(e) NULL)
  if (is.null(found)) {
    return(data.frame(estimate = NA_real_, error = NA_real_, statistic = NA_real_, p = NA_real_,
      detected = NA))
  }
  data.frame(estimate = -diff(found$estimate)[[1]], error = found$stderr,
    statistic = found$statistic[[1]], p = found$p.value, detected = found$p.value < level)
}

# --- results --------------------------------------------------------------------------------------

new_power <- function(found, model, method, level, difference, scale, shift, sources, nsim, seed,
                      call) {
  rows <- stack_frames(found, "tests")
  size <- unlist(difference)
  rows$difference <- ifelse(rows$null, 0, size[rows$parameter])
  rows <- rows[c("subjects", "difference", "simulation", "parameter", "estimate", "error",
    "statistic", "p", "detected")]
  cells <- split(rows, rows[c("parameter", "difference", "subjects")], drop = TRUE)
  power <- do.call(rbind, lapply(unname(cells), function(cell) {
    n <- sum(!is.na(cell$detected))
    detected <- sum(cell$detected, na.rm = TRUE)
    data.frame(cell[1, c("subjects", "parameter", "difference")], n = n, detected = detected,
      power = detected / n, wilson_interval(detected, n))
  }))
  power <- power[order(match(power$parameter, names(size)), power$difference == 0,
    power$subjects), ]
  rownames(power) <- NULL
  structure(list(power = power, simulations = rows, difference = size, scale = scale, shift = shift,
    sources = vapply(sources, describe_source, ""), model = model, method = method, level = level,
    nsim = nsim, seed = seed, call = call), class = "rl_power")
}

#' @rdname rl_power
#' @param x,object A power study.
#' @param row.names,optional Not used; part of the generic.
#' @param digits Number of digits.
#' @export
print.rl_power <- function(x, ..., digits = 2L) {
  table <- x$power
  number <- \(v) formatC(v, digits = digits, format = "f")
  shown <- data.frame(parameter = table$parameter, "per group" = table$subjects,
    difference = format_signif(table$difference), power = number(table$power),
    "95% interval" = paste(number(table$lower), "to", number(table$upper)), check.names = FALSE)
  if (any(table$n < x$nsim)) shown$simulations <- table$n
  cat(
    clip(paste0("<rl_power> ", model_title(x$model))),
    strwrap(paste0(study_method(x$method), ", difference between two groups: ",
      difference_text(x), "; ", power_test(x), ", ", plural(x$nsim, "simulation"), " each"), 78L,
      indent = 2L, exdent = 4L),
    strwrap(paste0("first group: ", paste(names(x$sources), x$sources, collapse = "; ")), 78L,
      indent = 2L, exdent = 4L),
    "",
    clip(table_lines(shown, left = "parameter")),
    "",
    strwrap(power_verdict(x), 78L, exdent = 2L),
    "Next: plot(x), x$simulations",
    sep = "\n"
  )
  invisible(x)
}

difference_text <- function(x) {
  size <- paste(names(x$difference), format_signif(x$difference), collapse = ", ")
  if (x$scale == "link") return(paste(size, "on the unconstrained scale"))
  paste0(size, " (", paste(format_signif(x$shift), collapse = ", "), " on the unconstrained scale)")
}

power_test <- function(x) {
  paste0(switch(x$method, em = "Wald test at ", nuts = "posterior interval of ",
    "Welch's t test at "),
    if (x$method == "nuts") paste0(format(100 * (1 - x$level)), "%") else format(x$level))
}

power_verdict <- function(x) {
  lines <- vapply(names(x$difference), function(name) {
    own <- x$power[x$power$parameter == name & x$power$difference != 0, ]
    enough <- which(own$power >= 0.8)
    if (length(enough) == 0) {
      return(paste0(name, ": power stays below 0.8 up to ", max(own$subjects),
        " subjects per group."))
    }
    at <- own$subjects[enough[1]]
    paste0(name, ": a power of 0.8 is reached at ", at, " subjects per group",
      if (enough[1] > 1) paste0(", and not at ", own$subjects[enough[1] - 1]), ".")
  }, "")
  none <- x$power[x$power$difference == 0, ]
  c(lines, if (nrow(none)) paste0("False alarms without a difference: ",
    formatC(sum(none$detected) / sum(none$n), digits = 3, format = "f"), " of the tests, ",
    format(x$level), " expected."))
}

#' @rdname rl_power
#' @export
summary.rl_power <- function(object, ...) object$power

#' @rdname rl_power
#' @export
as.data.frame.rl_power <- function(x, row.names = NULL, optional = FALSE, ...) x$simulations

#' @rdname rl_power
#' @export
tidy.rl_power <- function(x, ...) x$power

#' Plot a power study
#'
#' Power against the number of subjects, with 95% intervals, and a line at 0.8. False alarms, where
#' they were simulated, are dashed, with a line at the significance level.
#'
#' @param x A study from [rl_power()].
#' @param ... Not used.
#' @return A ggplot object.
#' @examplesIf requireNamespace("ggplot2", quietly = TRUE)
#' power <- rl_power("rw", task_bandit(c(0.2, 0.8), trials = 60),
#'   parameters = list(alpha = prior_normal(-0.8, 0.6), beta = prior_normal(1.2, 0.3)),
#'   difference = list(alpha = 0.25), subjects = c(10, 20), nsim = 5, seed = 1)
#' plot(power)
#' @export
plot.rl_power <- function(x, ...) {
  check_dots_empty(...)
  rlang::check_installed("ggplot2", "to plot a power study.")
  shown <- x$power
  parameters <- names(x$difference)
  curves <- paste0(parameters, ": ", format_signif(x$difference))
  shown$curve <- factor(curves[match(shown$parameter, parameters)], curves)
  shown$what <- factor(ifelse(shown$difference == 0, "no difference", "power"),
    c("power", "no difference"))
  null <- any(shown$difference == 0)
  ggplot2::ggplot(shown, ggplot2::aes(x = .data$subjects, y = .data$power, colour = .data$curve,
      fill = .data$curve, linetype = .data$what, group = paste(.data$curve, .data$what))) +
    ggplot2::geom_hline(yintercept = c(0.8, if (null) x$level), linewidth = 0.35, colour = "grey40",
      linetype = "dotted") +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = .data$lower, ymax = .data$upper), alpha = 0.2,
      colour = NA, show.legend = FALSE) +
    ggplot2::geom_line(linewidth = 0.6) +
    ggplot2::geom_point(size = 1.6) +
    ggplot2::scale_colour_manual(values = action_colours(length(curves)),
      aesthetics = c("colour", "fill")) +
    ggplot2::scale_x_continuous(breaks = unique(shown$subjects)) +
    ggplot2::scale_y_continuous(limits = c(0, 1), breaks = seq(0, 1, 0.2), expand = c(0.01, 0.01)) +
    (if (!null) ggplot2::guides(linetype = "none")) +
    ggplot2::labs(x = "subjects in each group", y = "probability of detection",
      title = paste0("Power: ", x$model$id %||% x$model$name, ", ", toupper(x$method))) +
    plot_theme()
}
