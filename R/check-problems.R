# What is wrong with estimates, told from the fit alone: a row for each problem.

fit_problems <- function(fit) {
  rows <- c(convergence_problems(fit), bound_problems(fit), flat_problems(fit), correlation_problems(fit),
    identification_problems(fit))
  if (length(rows) == 0L) rows <- list(problem_row("none", "", character(), 1L, "")[0L, ])
  structure(do.call(rbind, rows), class = c("rl_problems", "data.frame"))
}

problem_row <- function(problem, parameters, subjects, total, detail) {
  row <- data.frame(problem = problem, parameters = paste(parameters, collapse = ", "),
    n = length(subjects), share = length(subjects) / total, detail = detail)
  row$subjects <- list(subjects)
  row
}

convergence_problems <- function(fit) {
  own <- which(is_fitted(fit) & fit$status == "not converged")
  if (length(own) == 0L) return(list())
  list(problem_row("convergence", "", rownames(fit$estimates)[own], sum(is_fitted(fit)),
    "more `starts` may help"))
}

# --- bounds -------------------------------------------------------------------------------------

bound_problems <- function(fit) {
  total <- sum(is_fitted(fit))
  rows <- list()
  for (name in fit$parameters) {
    at <- fit$at_bound[, name] & is_fitted(fit)
    kind <- fit$model$kinds[[name]]
    x <- fit$estimates[, name]
    low <- if (is.finite(kind$lower)) x - kind$lower < 1e-3 * min(1, kind$upper - kind$lower) else x < 0
    for (side in c("lower", "upper")) {
      own <- which(at & low == (side == "lower"))
      if (length(own) == 0L) next
      edge <- kind[[side]]
      detail <- if (is.finite(edge)) paste0("at the ", side, " bound, ", format_signif(edge)) else
        paste0("at the edge of the search, ", format_signif(x[own[1L]]))
      rows <- c(rows, list(problem_row("bound", name, rownames(fit$estimates)[own], total, detail)))
    }
  }
  c(rows, spread_problems(fit))
}

# Group-level: a spread of nothing.
spread_problems <- function(fit) {
  lapply(names(fit$group$sd)[which(fit$group$sd < 0.01)], \(name) {
    problem_row("bound", paste0("sd_", name), character(), 1L, "subjects do not differ in it")
  })
}

# --- flat directions ----------------------------------------------------------------------------

flat_problems <- function(fit) if (fit$method == "mle") flat_by_data(fit) else flat_by_prior(fit)

# Directions whose standard error is above what one would say without data.
flat_by_data <- function(fit) {
  scale <- ignorance(fit)
  found <- lapply(which(is_fitted(fit)), \(s) {
    flagged <- fit$parameters[fit$flat[s, ]]
    if (length(flagged) > 0L) return(paste(flagged, collapse = ", "))
    v <- fit$vcov[[s]]
    known <- which(is.finite(diag(v)))
    if (length(known) == 0L) return(NA)
    axes <- eigen(v[known, known, drop = FALSE] / outer(scale[known], scale[known]),
      symmetric = TRUE)
    if (axes$values[1L] <= 1) return(NA)
    paste(fit$parameters[known][abs(axes$vectors[, 1L]) > 0.3], collapse = ", ")
  })
  by_group(fit, "flat", unlist(found), \(parameters) {
    if (grepl(",", parameters)) "the data hardly tell this combination" else
      "the data hardly tell it"
  })
}

# By parameter: the standard deviation of an even spread over an interval, the size of a positive
# parameter, the spread of a real one over subjects.
ignorance <- function(fit) {
  vapply(fit$parameters, \(name) {
    kind <- fit$model$kinds[[name]]
    x <- fit$estimates[is_fitted(fit) & !fit$at_bound[, name], name]
    if (is.finite(kind$upper - kind$lower)) return((kind$upper - kind$lower) / sqrt(12))
    if (is.finite(kind$lower)) {
      typical <- stats::median(x - kind$lower)
      return(if (isTRUE(typical > 0)) typical else 1)
    }
    max(1, stats::sd(x), na.rm = TRUE)
  }, 0)
}

# Parameters of which subjects' data leave the prior (or the group) as wide as it was.
flat_by_prior <- function(fit) {
  share <- prior_share(fit)
  if (is.null(share)) return(list())
  total <- sum(is_fitted(fit))
  rows <- lapply(fit$parameters, \(name) {
    own <- which(share[, name] > 0.95 & is_fitted(fit))
    if (length(own) > 0L) {
      problem_row("flat", name, rownames(fit$estimates)[own], total,
        paste("their data add next to nothing to the", if (fit$method == "map") "prior" else "group"))
    }
  })
  Filter(Negate(is.null), rows)
}

# Variance of each estimate on the unconstrained scale over that of its prior: subjects x parameters.
prior_share <- function(fit) {
  maps <- fit$group$maps %||% parameter_maps(fit$model$kinds[fit$parameters])
  share <- fit$estimates * NA
  prior <- prior_variance(fit, maps)
  if (is.null(prior)) return(NULL)
  for (p in seq_along(fit$parameters)) {
    variance <- if (!is.null(fit$group$real_sd)) fit$group$real_sd[, p]^2 else {
      z <- to_real(fit$estimates[, p], maps, p)
      (fit$std_error[, p] / natural_slope(z, maps, p))^2
    }
    share[, p] <- variance / prior[, p]
  }
  share
}

# Subjects x parameters; NA where a parameter is shared, or subjects hardly differ in it.
prior_variance <- function(fit, maps) {
  variance <- fit$estimates * NA
  if (fit$method == "map") {
    variance[] <- rep(vapply(seq_along(fit$parameters), \(p) {
      prior_spread(fit$prior[[p]], maps, p)^2
    }, 0), each = nrow(variance))
    return(variance)
  }
  covariance <- fit$group$covariance
  if (is.null(covariance) || nrow(covariance) == 0L) return(NULL)
  design <- fit$group$design
  for (p in unique(design$effects$parameter)) {
    own <- which(design$effects$parameter == p)
    w <- design$weights[, own, drop = FALSE]
    variance[, p] <- rowSums((w %*% covariance[own, own]) * w)
  }
  variance[variance < 0.01] <- NA
  variance
}

# Standard deviation on the unconstrained scale: of a prior in natural units by its quantiles.
prior_spread <- function(prior, maps, p) {
  if (prior$kind == "normal") return(prior$b)
  stats::sd(to_real(prior_quantiles(prior, maps, p, stats::ppoints(201)), maps, p))
}

# Quantiles of a prior in natural units.
prior_quantiles <- function(prior, maps, p, u) {
  low <- maps$lower[p]
  high <- maps$upper[p]
  switch(prior$kind,
    normal = to_natural(stats::qnorm(u, prior$a, prior$b), maps, p),
    beta = low + (high - low) * stats::qbeta(u, prior$a, prior$b),
    gamma = low + stats::qgamma(u, prior$a, prior$b),
    uniform = low + (high - low) * u,
    natural_normal = {
      ends <- stats::pnorm(c(low, high), prior$a, prior$b)
      stats::qnorm(ends[1L] + u * (ends[2L] - ends[1L]), prior$a, prior$b)
    }
  )
}

# Rows for the subjects (fitted ones, in order) that share a text; NA is no problem.
by_group <- function(fit, problem, text, detail) {
  ids <- rownames(fit$estimates)[is_fitted(fit)]
  lapply(unique(stats::na.omit(text)), \(one) {
    own <- ids[which(text == one)]
    problem_row(problem, one, own, length(ids), detail(one))
  })
}

# --- correlated errors --------------------------------------------------------------------------

correlation_problems <- function(fit, limit = 0.9) {
  size <- length(fit$parameters)
  if (size < 2L) return(list())
  ids <- which(is_fitted(fit))
  pairs <- utils::combn(size, 2L)
  r <- vapply(fit$vcov[ids], \(v) {
    error <- sqrt(diag(v))
    v[t(pairs)] / (error[pairs[1L, ]] * error[pairs[2L, ]])
  }, numeric(ncol(pairs)))
  r <- matrix(r, ncol(pairs))
  rows <- lapply(seq_len(ncol(pairs)), \(k) {
    own <- which(abs(r[k, ]) > limit)
    if (length(own) == 0L) return(NULL)
    problem_row("correlated", fit$parameters[pairs[, k]], rownames(fit$estimates)[ids[own]],
      length(ids), paste("errors correlate by", range_text(r[k, own])))
  })
  Filter(Negate(is.null), rows)
}

range_text <- function(x, digits = 2L) {
  ends <- unique(formatC(range(x), digits = digits, format = "f"))
  paste(ends, collapse = " to ")
}

# --- learning rates of those who do not choose by value --------------------------------------------

identification_problems <- function(fit) {
  roles <- learning_parameters(fit$model)
  if (length(roles$rates) == 0L || length(roles$temperatures) == 0L) return(list())
  usable <- is_fitted(fit)
  values <- fit_values(fit, fit$data$subjects)$values
  values[, roles$temperatures] <- 0
  bound <- bind_model(fit$model, fit$data, active_level())
  without <- cpp_evaluate(bound$kernels, bound$packed, bound$bound, values, 0L, FALSE,
    resolve_threads(NULL))$value
  cost <- unname(fit$loglik) - without
  own <- which(usable & cost < stats::qchisq(0.95, length(roles$temperatures)) / 2)
  if (length(own) == 0L) return(list())
  size <- fit$estimates[own, roles$temperatures, drop = FALSE]
  detail <- paste0("guessing describes them as well: ", paste(roles$temperatures,
    apply(size, 2L, range_text), collapse = ", "))
  list(problem_row("unidentified", roles$rates, rownames(fit$estimates)[own], sum(usable), detail))
}

# Free parameters that are learning rates, and those that are inverse temperatures, of range from 0:
# by their labels, or for models without labels by their names.
learning_parameters <- function(model) {
  table <- model$parameters[is.na(model$parameters$fixed), ]
  label <- tolower(ifelse(is.na(table$label) | !nzchar(table$label), table$name, table$label))
  rate <- table$lower >= 0 & table$upper <= 1 & grepl("learning rate|^(alpha|eta|lr)", label)
  temperature <- table$lower == 0 & table$upper > 1 & !rate &
    grepl(paste0("inverse temperature|^sensitivity to|consistency of choice|",
      "^(beta|tau|theta|temperature)"), label)
  list(rates = table$name[rate], temperatures = table$name[temperature])
}
