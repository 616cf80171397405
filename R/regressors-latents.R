# Which latents become regressors, and their values on every row of the data: at point estimates,
# or over draws of subjects' parameters.

# --- which ---------------------------------------------------------------------------------------

# A plan for each regressor: list(name, item, cell, column, response, label). `cell` is what picks
# the cell of an array item on each trial.
regressor_plan <- function(what, model, data, call) {
  bound <- bind_model(model, data, active_level(), call = call)
  layout <- item_layout(model$program, bound$levels)
  known <- regressor_names(model$program, layout)
  what <- what %||% default_regressors(model$program, known)
  if (!is.character(what) || length(what) == 0L || anyNA(what) || anyDuplicated(what)) {
    abort_argument(what, "names of latents, each once,", TRUE, "what", call)
  }
  unknown <- setdiff(what, c(known$name, unlist(layout$columns), "log_lik"))
  if (length(unknown) > 0L) {
    every <- c(known$name, unlist(layout$columns), "log_lik")
    nearest <- nearest_name(unknown[1L], every)
    rescorla_abort(c(
      "{.arg what} names {.val {unknown[1L]}}, which model {.val {model$name}} does not have.",
      x = if (!is.null(nearest)) "Did you mean {.val {nearest}}?",
      i = "By name: {name_some(known$name, 30L, quote = TRUE)}.",
      i = "Or a column of {.fn rl_latents}: {name_some(unlist(layout$columns), 12L, quote = TRUE)}."
    ), "input", call = call, what = unknown)
  }
  lapply(what, \(name) {
    i <- match(name, known$name)
    if (is.na(i)) return(column_plan(name, layout))
    plan <- list(name = name, item = known$item[i], response = known$response[i])
    if (known$kind[i] == "probability") {
      plan$label <- paste0("Probability of the observed ", known$response[i], " before it was made")
      return(c(plan, list(dims = plan$item)))
    }
    shape <- known$shape[[i]]
    plan$label <- if (length(shape) > 0L) {
      paste0("Model variable ", name, " of what the trial had: ", paste(shape, collapse = ", "))
    } else {
      paste0("Model variable ", name)
    }
    c(plan, list(dims = trial_dims(name, shape, model$program, call)))
  })
}

# Items by their name, and the probability of each response that has one.
regressor_names <- function(program, layout) {
  shapes <- c(lapply(program$states, `[[`, "shape"), lapply(program$locals, `[[`, "shape"))
  items <- c(program$states, program$locals)
  own <- vapply(items, `[[`, "", "name")
  categorical <- categorical_names_of(program)
  categorical <- intersect(categorical, vapply(program$responses, `[[`, "", "name"))
  several <- length(categorical) > 1L
  probability <- if (several) paste0("probability_", categorical) else
    rep("probability", length(categorical))
  known <- data.frame(
    name = c(own, probability), item = c(own, categorical),
    kind = rep(c("item", "probability"), c(length(own), length(categorical))),
    response = c(rep(NA_character_, length(own)), categorical)
  )
  known$shape <- c(shapes, vector("list", length(categorical)))
  known$state <- seq_along(known$name) <= length(program$states)
  # A state or local of that name is the model's own.
  known[!duplicated(known$name), ]
}

# The value of what was chosen, prediction errors, and the probability of the choice.
default_regressors <- function(program, known) {
  responses <- vapply(program$responses, `[[`, "", "name")
  leads <- vapply(responses, \(name) program_group(program, name), "")
  over_actions <- vapply(known$shape, \(shape) any(shape %in% leads), NA) & known$state
  values <- if ("value" %in% known$name) "value" else known$name[over_actions]
  errors <- if ("prediction_error" %in% known$name) "prediction_error" else
    grep("^error|_error$", known$name, value = TRUE)
  found <- unique(c(values, errors, known$name[known$kind == "probability"]))
  if (length(found) > 0L) found else known$name
}

column_plan <- function(name, layout) {
  label <- paste0("Column ", name, " of the model's latents")
  if (name == "log_lik") {
    return(list(name = name, item = NA_character_, label = "Log-likelihood of the trial"))
  }
  i <- which(vapply(layout$columns, \(columns) name %in% columns, NA))[1L]
  list(name = name, item = layout$name[i], fixed = match(name, layout$columns[[i]]), label = label)
}

# The columns that say, trial by trial, which cell of an array is meant.
trial_dims <- function(name, shape, program, call) {
  responses <- vapply(program$responses, `[[`, "", "name")
  vapply(shape, \(key) {
    group <- Filter(\(g) key %in% g, program$groups)
    group <- if (length(group) > 0L) group[[1L]] else key
    chosen <- intersect(group, responses)
    if (length(chosen) == 0L) chosen <- intersect(group, program$codes)
    if (startsWith(key, "#") || length(chosen) != 1L) {
      rescorla_abort(c(
        "{.arg what} names {.val {name}}, an array, and which of its cells a trial is about cannot be
         told.",
        i = "Name cells: columns of {.fn rl_latents} that begin with {.val {paste0(name, '_')}}."
      ), "input", call = call, what = name)
    }
    chosen
  }, "")
}

# --- values --------------------------------------------------------------------------------------

# A function of a values matrix (a row a unit of the data): rows x regressors, in trial order.
regressor_reader <- function(plan, model, data, call) {
  bound <- bind_model(model, data, active_level(), call = call)
  layout <- item_layout(model$program, bound$levels)
  items <- unique(vapply(plan, `[[`, "", "item"))
  items <- items[!is.na(items)]
  source <- data_source(data)
  n <- length(data$order)
  cells <- lapply(plan, \(one) {
    if (is.na(one$item)) return(NULL)
    if (!is.null(one$fixed)) return(rep(one$fixed, n))
    cell <- rep(1, n)
    for (name in one$dims) {
      code <- bind_code(name, model$program, source, bound$levels, call)
      code[code < 1L] <- NA
      cell <- (cell - 1) * length(bound$levels[[program_group(model$program, name)]]) + code
    }
    cell
  })
  threads <- resolve_threads(NULL)
  function(values) {
    traced <- trace_model(model, data, values, items = items, threads = threads, call = call)
    out <- vapply(seq_along(plan), \(k) {
      if (is.null(cells[[k]])) return(traced$log_lik)
      columns <- traced$items[[match(plan[[k]]$item, layout$name)]]
      if (length(columns) == 1L) {
        return(ifelse(is.na(cells[[k]]), NA_real_, columns[[1L]]))
      }
      matrix(unlist(columns), n)[cbind(seq_len(n), cells[[k]])]
    }, numeric(n))
    matrix(out, n, dimnames = list(NULL, vapply(plan, `[[`, "", "name")))
  }
}

# list(mean, sd, quantiles): rows x regressors in trial order; without draws the value alone.
regressor_values <- function(fit, data, plan, draws, probs, seed, call) {
  read <- regressor_reader(plan, fit$model, data, call)
  given <- fit_values(fit, data$subjects)
  blank <- given$unfitted[data$row_subject]
  sets <- parameter_draws(fit, draws, seed, call)
  if (is.null(sets)) {
    value <- read(given$values)
    value[blank, ] <- NA_real_
    return(list(mean = value))
  }
  rows <- match(as.character(data$subjects), dimnames(sets)[[2L]])
  count <- dim(sets)[1L]
  free <- fit$parameters
  all <- vapply(seq_len(count), \(d) {
    values <- given$values
    values[, free] <- sets[d, rows, ]
    unknown <- is.na(rowSums(values))
    values[unknown, ] <- given$values[unknown, ]
    read(values)
  }, matrix(0, length(blank), length(plan)))
  all <- array(all, c(length(blank), length(plan), count))
  all[blank, , ] <- NA_real_
  centre <- rowMeans(all, dims = 2L)
  spread <- sqrt(rowSums((all - as.vector(centre))^2, dims = 2L) / max(1, count - 1))
  ranked <- vapply(seq_along(plan), \(k) row_quantiles(matrix(all[, k, ], ncol = count), probs),
    matrix(0, length(blank), length(probs)))
  ranked <- array(ranked, c(length(blank), length(probs), length(plan)))
  names <- vapply(plan, `[[`, "", "name")
  name <- \(x) matrix(x, ncol = length(plan), dimnames = list(NULL, names))
  list(mean = name(centre), sd = name(spread),
    quantiles = lapply(seq_along(probs), \(i) name(ranked[, i, ])), draws = count)
}

# Quantiles of each row (those of stats::quantile()), all rows sorted at once: rows x probs.
row_quantiles <- function(x, probs) {
  n <- ncol(x)
  unknown <- is.na(rowSums(x))
  x <- matrix(x[order(row(x), x)], ncol = n, byrow = TRUE)
  out <- vapply(probs, \(p) {
    place <- 1 + (n - 1) * p
    low <- floor(place)
    x[, low] + (place - low) * (x[, min(low + 1, n)] - x[, low])
  }, numeric(nrow(x)))
  out <- matrix(out, nrow(x))
  out[unknown, ] <- NA_real_
  out
}

# Draws of all units' free parameters in natural units: draws x units x parameters, or NULL for
# point estimates.
parameter_draws <- function(fit, draws, seed, call) {
  if (identical(as.numeric(draws), 0)) return(NULL)
  if (inherits(fit, "rl_fit_nuts")) {
    if (is.null(draws) && is.null(fit$group$subject_draws)) {
      rescorla_inform(c("The fit kept no draws of subjects: regressors are those at posterior
                         means.",
        i = "Fit with {.code keep = \"all\"} for their uncertainty."))
      return(NULL)
    }
    kept <- subject_draws_of(fit, call)
    chosen <- choose_draws(dim(kept), draws, 200L, call)
    size <- dim(kept)[3:4]
    sets <- vapply(seq_along(chosen$chain), \(d) {
      matrix(kept[chosen$draw[d], chosen$chain[d], , ], size[1L], size[2L])
    }, matrix(0, size[1L], size[2L]))
    sets <- array(sets, c(size, length(chosen$chain)))
    return(structure(aperm(sets, c(3, 1, 2)), dimnames = c(list(NULL), dimnames(kept)[3:4])))
  }
  if (is.null(draws)) return(NULL)
  if (!inherits(fit, "rl_fit_em")) {
    rescorla_abort(c(
      "{.arg draws} needs a fit with a posterior of subjects' parameters.",
      x = "This one is by {.code method = \"{fit$method}\"}.",
      i = "{.code method = \"nuts\"} has draws; {.code method = \"em\"} normal approximations to draw
           from."
    ), "input", call = call)
  }
  laplace_draws(fit, check_count(draws, call = call), resolve_seed(seed, call))
}

# From each subject's posterior given the group, as EM approximates it: N(mode, covariance) on the
# unconstrained scale, the group's parameters at their estimates.
laplace_draws <- function(fit, count, seed) {
  group <- fit$group
  design <- group$design
  size <- nrow(design$effects)
  mode <- group$effects
  factor <- cholesky_rows(group$effect_covariance, size)
  standard <- with_seed(seed, array(stats::rnorm(count * length(mode)), c(dim(mode), count)))
  engine <- list(design = design)
  sets <- vapply(seq_len(count), \(d) {
    effects <- mode
    for (i in seq_len(size)) for (j in seq_len(i)) {
      effects[, i] <- effects[, i] + factor[, packed_index(j, i)] * standard[, j, d]
    }
    natural_matrix(unit_parameters(engine, effects, group$shared), group$maps)
  }, fit$estimates)
  sets <- array(sets, c(dim(fit$estimates), count))
  structure(aperm(sets, c(3, 1, 2)), dimnames = c(list(NULL), dimnames(fit$estimates)))
}
