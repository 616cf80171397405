# What hierarchical methods share: a model with its data and design as the compiled core takes it,
# the maps between the scales, and posterior modes of all subjects under a group distribution.

group_engine <- function(model, data, design, threads, call) {
  if (inherits(data, "rl_data_chunks")) return(chunked_engine(model, data, design, threads))
  view <- unit_data(data, design)
  bound <- bind_model(model, view, active_level(), call = call)
  bound <- on_device(bound, model, "score", active_backend(), call = call)
  problem <- fit_problem(model, NULL, 1L)
  kinds <- model$kinds[design$parameters]
  maps <- parameter_maps(kinds)
  weights <- design$weights
  list(
    model = model, data = view, design = design, maps = maps, threads = threads,
    kernels = bound$kernels, packed = bound$packed, bound = bound$bound, scored = bound$scored,
    every = needs_every(model),
    free = list(free = as.integer(problem$free), fixed = problem$fixed,
      links = unname(link_codes[maps$link]), lower = maps$lower, upper = maps$upper),
    layout = list(
      subjects = length(data$subjects),
      parameter = design$effects$parameter - 1L,
      unit_subject = design$unit_subject - 1L,
      weights = if (all(weights == 1)) numeric() else as.vector(t(weights))
    )
  )
}

# Links as hierarchical methods use them: a positive parameter with an upper end needs a map that
# knows it.
parameter_maps <- function(kinds) {
  link <- vapply(kinds, `[[`, "", "link", USE.NAMES = FALSE)
  lower <- vapply(kinds, `[[`, 0, "lower", USE.NAMES = FALSE)
  upper <- vapply(kinds, `[[`, 0, "upper", USE.NAMES = FALSE)
  link[link == "log" & is.finite(upper)] <- "logit"
  data.frame(name = rlang::names2(kinds), link = link, lower = lower, upper = upper)
}

# Natural values of z, by the map in row `p`; and back.
to_natural <- function(z, maps, p) {
  switch(maps$link[p],
    identity = z,
    log = maps$lower[p] + exp(z),
    logit = maps$lower[p] + (maps$upper[p] - maps$lower[p]) * stats::plogis(z),
    probit = maps$lower[p] + (maps$upper[p] - maps$lower[p]) * stats::pnorm(z),
    cubic = maps$lower[p] + (maps$upper[p] - maps$lower[p]) * stats::plogis(cubic_link(z))
  )
}

to_real <- function(x, maps, p) {
  share <- (x - maps$lower[p]) / (maps$upper[p] - maps$lower[p])
  switch(maps$link[p],
    identity = x,
    log = log(x - maps$lower[p]),
    logit = stats::qlogis(share),
    probit = stats::qnorm(share),
    cubic = inverse_cubic_link(stats::qlogis(share))
  )
}

# dx/dz.
natural_slope <- function(z, maps, p) {
  width <- maps$upper[p] - maps$lower[p]
  switch(maps$link[p],
    identity = rep(1, length(z)),
    log = exp(z),
    logit = width * stats::dlogis(z),
    probit = width * stats::dnorm(z),
    cubic = width * stats::dlogis(cubic_link(z)) * (1.5976 + 0.21168 * z^2)
  )
}

# Stan's Phi_approx, which hbayesdm_priors() brings.
cubic_link <- function(z) 1.5976 * z + 0.07056 * z^3

inverse_cubic_link <- function(w) {
  # Cardano; the cubic rises everywhere.
  p <- 1.5976 / 0.07056
  q <- -w / 0.07056
  root <- sqrt(q^2 / 4 + p^3 / 27)
  # The cube root that does not cancel, and the other from their product -p / 3.
  u <- (abs(q) / 2 + root)^(1 / 3)
  -sign(q) * (u - p / (3 * u))
}

# A matrix with a column a parameter.
natural_matrix <- function(z, maps) {
  for (p in seq_len(ncol(z))) z[, p] <- to_natural(z[, p], maps, p)
  z
}

# Episodes as subjects of their own, so that each can have its parameters.
unit_data <- function(data, design) if (design$unit == "subject") data else episode_data(data)

episode_data <- function(data) {
  first <- which(data$block_start)
  subject <- data$row_subject[first]
  length <- diff(c(first, length(data$order) + 1L))
  data$row_subject <- rep(seq_along(first), length)
  data$first <- first
  data$length <- length
  data$subjects <- paste0(data$subjects[subject], ":", data$blocks)
  data$counts$subjects <- length(first)
  data$cache <- new.env(parent = emptyenv())
  data
}

has_episodes <- function(fit) identical(fit$group$design$unit, "episode")

# A state that lives on from block to block forbids that.
check_units <- function(model, design, call) {
  if (design$unit == "subject") return(invisible())
  states <- Filter(function(s) s$reset == "subject", model$program$states)
  if (length(states)) {
    rescorla_abort(c(
      "A covariate varies from block to block, and so would parameters of {.val {model$name}}.",
      x = "Its state {.code {states[[1]]$name}} lives on from one block to the next
           ({.code reset = \"subject\"}).",
      i = "Use a covariate that is constant within subjects, or a model whose states all reset by
           block."
    ), "input", call = call)
  }
}

# --- the random effects of subjects -----------------------------------------------------------

# Parameters of units on the real line, from effects by subject and what is shared.
unit_parameters <- function(engine, effects, shared = numeric()) {
  design <- engine$design
  z <- unit_offset(engine, shared)
  for (r in seq_len(nrow(design$effects))) {
    p <- design$effects$parameter[r]
    z[, p] <- z[, p] + design$weights[, r] * effects[design$unit_subject, r]
  }
  z
}

unit_offset <- function(engine, shared) {
  design <- engine$design
  z <- matrix(0, length(design$unit_subject), length(design$parameters),
    dimnames = list(NULL, design$parameters))
  for (g in seq_along(shared)) {
    p <- design$shared$parameter[g]
    z[, p] <- z[, p] + design$shared_design[, g] * shared[g]
  }
  z
}

# Means of the random effects by subject.
effect_means <- function(design, coefficients) {
  mean <- matrix(0, nrow(design$means), nrow(design$effects))
  for (k in seq_along(coefficients)) {
    r <- design$coefficients$effect[k]
    mean[, r] <- mean[, r] + design$means[, k] * coefficients[k]
  }
  mean
}

# Modes and Laplace approximations of all subjects, given the group: list(mode S x R, loglik,
# log_evidence, curvature and covariance S x packed, status). `covariance = NULL`: a flat prior.
laplace_step <- function(engine, mean, covariance, shared = numeric(), starts, tolerance = 1e-5,
                         call = rlang::caller_env()) {
  if (!is.null(engine$pieces)) {
    return(over_pieces(engine, \(piece, index) {
      laplace_step(piece, mean[index, , drop = FALSE], covariance, shared,
        lapply(starts, \(x) x[index, , drop = FALSE]), tolerance, call)
    }, call))
  }
  precision <- if (is.null(covariance)) matrix(0, 0, 0) else solve_symmetric(covariance)
  offset <- if (length(shared)) unit_offset(engine, shared) else matrix(0, 0, 0)
  maps <- engine$maps[engine$design$effects$parameter, ]
  edge <- real_line_edge[maps$link]
  found <- cpp_laplace(engine$kernels, engine$packed, engine$bound, engine$every, engine$free,
    engine$layout, mean, precision,
    if (is.null(covariance)) 0 else as.numeric(determinant(precision)$modulus),
    offset, starts, unname(-edge), unname(edge), tolerance, engine$threads)
  stop_if_interrupted(found$complete, call)
  found
}

solve_symmetric <- function(x) chol2inv(chol(x))

# Log-likelihoods of units at z (U x P), with derivatives in z: list(value, gradient, information).
evaluate_units <- function(engine, z, order = 0L, call = rlang::caller_env()) {
  if (!is.null(engine$pieces)) {
    return(over_pieces(engine, \(piece, index) {
      evaluate_units(piece, z[index, , drop = FALSE], order, call)
    }, call))
  }
  found <- cpp_units(engine$kernels, engine$packed, engine$bound, engine$every, engine$free, z,
    order, engine$threads)
  stop_if_interrupted(found$complete, call)
  found
}

# Where natural values can no longer be told from their bounds.
real_line_edge <- c(identity = 1000, log = 30, logit = 30, probit = 7.5, cubic = 6)

# --- packed symmetric matrices, one a row -----------------------------------------------------

# Columns of element (i, j), i <= j, at j (j - 1) / 2 + i.
packed_index <- function(i, j) {
  low <- pmin(i, j)
  high <- pmax(i, j)
  high * (high - 1L) / 2L + low
}

unpack_row <- function(row, size) {
  m <- matrix(0, size, size)
  m[upper.tri(m, diag = TRUE)] <- row
  m[lower.tri(m)] <- t(m)[lower.tri(m)]
  m
}

packed_diagonal <- function(x, size) {
  i <- seq_len(size)
  x[, packed_index(i, i), drop = FALSE]
}
