# Empirical Bayes: the group distribution that makes the data most likely, subjects integrated out
# by the Laplace approximation (Huys et al. 2011), and each subject's posterior under it.

fit_em <- function(model, data, design, seed, starts, marginal, threads, call) {
  engine <- group_engine(model, data, design, threads, call)
  bar <- progress_bar(500, "Fitting {.val {model$name}} (EM)")
  state <- em_start(engine, model, data, seed, starts, call)
  state <- em_run(engine, state, bar$tick, call)
  bar$done()
  inference <- em_errors(engine, state)
  evidence <- if (marginal == "is") importance_evidence(engine, state, seed, call)
  new_em_fit(engine, data, state, inference, evidence, seed, marginal, call)
}

# --- where it begins --------------------------------------------------------------------------

# Subjects one by one, under the default priors, tell where the group is.
em_start <- function(engine, model, data, seed, starts, call) {
  design <- engine$design
  single <- resolve_prior(NULL, model, "map", call)
  found <- if (is.null(engine$pieces)) {
    subject_maxima(model, data, single, starts, seed, length(data$subjects), engine$threads,
      function(...) NULL, call)
  } else {
    piece_maxima(engine, single, starts, seed, call)
  }
  stop_if_interrupted(found$complete, call)
  z <- found$estimate
  for (p in seq_len(ncol(z))) z[, p] <- to_real(z[, p], engine$maps, p)
  limit <- c(identity = Inf, log = 4, logit = 4, probit = 2.5, cubic = 2.5)[engine$maps$link]
  for (p in seq_len(ncol(z))) z[, p] <- pmin(pmax(z[, p], -limit[p]), limit[p])
  usable <- is.finite(rowSums(z))
  if (!any(usable)) {
    rescorla_abort(c("No subject has a finite likelihood anywhere.",
      i = "`rl_loglik()` says where it is lost."), "data", call = call)
  }
  centre <- apply(z[usable, , drop = FALSE], 2, stats::median)
  spread <- apply(z[usable, , drop = FALSE], 2, stats::var)
  spread[is.na(spread)] <- 1
  intercept <- \(table) ifelse(table$term == "(Intercept)", centre[table$parameter], 0)
  effects <- design$effects
  own <- effects$term == "(Intercept)"
  mode <- matrix(0, nrow(z), nrow(effects))
  z[!usable, ] <- rep(centre, each = sum(!usable))
  mode[, own] <- z[, effects$parameter[own]]
  list(
    coefficients = intercept(design$coefficients),
    shared = intercept(design$shared),
    covariance = diag(pmin(pmax(spread[effects$parameter], 0.05), 4), nrow(effects)),
    modes = mode
  )
}

# --- iterations -------------------------------------------------------------------------------

em_run <- function(engine, state, tick, call, limit = 500L) {
  design <- engine$design
  blocks <- design$blocks
  current <- em_step(engine, state, call, both = TRUE)
  count <- 1L
  tick(count)
  converged <- FALSE
  while (!converged && count < limit) {
    # Two plain steps, and one that goes as far as they promise (Varadhan and Roland 2008).
    first <- em_step(engine, current$state, call)
    second <- em_step(engine, first$state, call, both = count <= 6L)
    count <- count + 2L
    # Over the plain step: leaps change it for other reasons.
    gain <- second$log_marginal - first$log_marginal
    leap <- em_leap(current$state, first$state, second$state, blocks)
    best <- second
    if (!is.null(leap)) {
      leap$modes <- second$state$modes
      tried <- tryCatch(em_step(engine, leap, call), rescorla_em_lost = function(e) NULL)
      count <- count + 1L
      if (!is.null(tried) && em_better(tried, second, gain > 0)) best <- tried
    }
    change <- em_distance(best$state_before, best$state)
    converged <- abs(gain) < 1e-4 && change < 1e-4
    current <- best
    tick(count)
  }
  # The last step's modes belong to the hyperparameters before it: evaluate at the end once more,
  # from the prior mean too.
  final <- em_step(engine, current$state, call, both = TRUE)
  c(final$state_before, list(step = final$found, iterations = count, converged = converged,
    log_marginal = final$log_marginal))
}

# Whether a leap is to be kept. As long as plain steps raise the marginal likelihood it is the judge.
# Near the end they may not: with posteriors approximated, the point where nothing changes any more
# lies beside the one where it is largest. What counts then is how much a step still changes.
em_better <- function(tried, plain, rises) {
  gain <- tried$log_marginal - plain$log_marginal
  if (rises) return(gain >= 0)
  moves <- \(step) em_distance(step$state_before, step$state)
  gain > -0.1 && moves(tried) < moves(plain)
}

# One E-step at the state's hyperparameters and the M-step after it. `both` starts searches from
# the prior mean as well as from where the subject was.
em_step <- function(engine, state, call, both = FALSE) {
  mean <- effect_means(engine$design, state$coefficients)
  if (nrow(engine$design$effects) == 0) return(em_shared_step(engine, state, call))
  starts <- c(list(state$modes), if (both) list(mean))
  found <- laplace_step(engine, mean, state$covariance, state$shared, starts, call = call)
  lost <- !is.finite(found$loglik)
  if (any(lost) && !both) {
    found <- laplace_step(engine, mean, state$covariance, state$shared, list(state$modes, mean),
      call = call)
    lost <- !is.finite(found$loglik)
  }
  if (all(lost)) rlang::abort("No finite likelihood.", class = "rescorla_em_lost", call = call)
  state$modes <- found$mode
  state$modes[lost, ] <- mean[lost, ]
  before <- state
  state <- em_maximise(engine, state, found, !lost, call)
  list(state = state, state_before = before, found = found,
    log_marginal = sum(found$log_evidence[!lost]))
}

# Without random effects the likelihood itself is climbed.
em_shared_step <- function(engine, state, call) {
  z <- unit_offset(engine, state$shared)
  found <- evaluate_units(engine, z, 2L, call)
  move <- shared_move(engine$design, found$gradient, found$information, NULL)
  before <- state
  state$shared <- within_edges(engine, state$shared + move)
  subjects <- engine$layout$subjects
  by_subject <- as.vector(rowsum(found$value, engine$design$unit_subject))
  list(state = state, state_before = before, log_marginal = sum(by_subject),
    found = list(mode = matrix(0, subjects, 0), loglik = by_subject, log_evidence = by_subject,
      curvature = matrix(0, subjects, 0), covariance = matrix(0, subjects, 0),
      status = rep(0L, subjects)))
}

# Means by generalised least squares, the covariance from residuals and posterior variances, and a
# step for what is shared.
em_maximise <- function(engine, state, found, usable, call) {
  design <- engine$design
  size <- nrow(design$effects)
  mode <- found$mode[usable, , drop = FALSE]
  x <- design$means[usable, , drop = FALSE]
  precision <- solve_symmetric(state$covariance)
  state$coefficients <- solve_means(x, design$coefficients$effect, precision, mode)
  residual <- mode - effect_means(design, state$coefficients)[usable, , drop = FALSE]
  variance <- unpack_row(colMeans(found$covariance[usable, , drop = FALSE]), size)
  covariance <- crossprod(residual) / nrow(mode) + variance
  covariance[outer(design$blocks, design$blocks, `!=`)] <- 0
  # A spread of nothing would never come back.
  diag(covariance) <- pmax(diag(covariance), 1e-8)
  if (length(state$shared)) {
    state$shared <- within_edges(engine, state$shared + shared_step(engine, state, found, usable,
      call))
  }
  state$covariance <- covariance
  state
}

# beta that minimises sum_s (m_s - X_s beta)' P (m_s - X_s beta).
solve_means <- function(x, effect, precision, mode) {
  weight <- precision[effect, effect, drop = FALSE]
  normal <- crossprod(x) * weight
  right <- colSums(x * (mode %*% precision)[, effect, drop = FALSE])
  solve(normal, right)
}

# The score of what is shared, by Fisher's identity the posterior mean of the likelihood's, taken
# over 2R points that have the posterior's mean and covariance; scaled by the information that is
# left when subjects' effects are integrated out.
shared_step <- function(engine, state, found, usable, call) {
  design <- engine$design
  size <- nrow(design$effects)
  points <- cubature_points(found, size, usable)
  gradient <- information <- 0
  for (point in points) {
    at <- evaluate_units(engine, unit_parameters(engine, point, state$shared), 2L, call)
    gradient <- gradient + at$gradient / length(points)
    information <- information + at$information / length(points)
  }
  shared_move(design, gradient, information, found$covariance)
}

# Where the likelihood is flat in what is shared, nothing but this ends the way.
within_edges <- function(engine, shared) {
  edge <- 0.4 * real_line_edge[engine$maps$link[engine$design$shared$parameter]]
  pmin(pmax(shared, -edge), edge)
}

shared_score <- function(design, gradient) {
  rowsum(design$shared_design * gradient[, design$shared$parameter, drop = FALSE],
    design$unit_subject, reorder = TRUE)
}

shared_move <- function(design, gradient, information, covariance) {
  score <- colSums(shared_score(design, gradient))
  full <- shared_information(design, information, NULL)
  left <- if (is.null(covariance)) full else shared_information(design, information, covariance)
  usable <- tryCatch({
    chol(left)
    all(diag(left) > 0.02 * diag(full))
  }, error = function(e) FALSE)
  ridge <- diag(1e-8 + 1e-6 * max(diag(full)), nrow(full))
  move <- drop(solve(if (usable) left else full + ridge, score))
  # Far from the maximum the information knows little of the way.
  move * min(1, 1 / max(abs(move), 1e-300))
}

# Sum over subjects of C'IC - C'IW V W'IC.
shared_information <- function(design, information, covariance) {
  shared <- design$shared$parameter
  effect <- design$effects$parameter
  cell <- \(i, j) information[, packed_index(i, j)]
  count <- length(shared)
  total <- matrix(0, count, count)
  for (g in seq_len(count)) for (h in seq_len(g)) {
    total[g, h] <- total[h, g] <- sum(design$shared_design[, g] * design$shared_design[, h] *
      cell(shared[g], shared[h]))
  }
  if (is.null(covariance)) return(total)
  cross <- lapply(seq_len(count), \(g) {
    vapply(seq_along(effect), \(r) {
      rowsum(design$shared_design[, g] * design$weights[, r] * cell(shared[g], effect[r]),
        design$unit_subject)[, 1]
    }, numeric(max(design$unit_subject)))
  })
  cross <- lapply(cross, matrix, ncol = length(effect))
  for (g in seq_len(count)) for (h in seq_len(count)) {
    for (r in seq_along(effect)) for (q in seq_along(effect)) {
      total[g, h] <- total[g, h] -
        sum(cross[[g]][, r] * covariance[, packed_index(r, q)] * cross[[h]][, q], na.rm = TRUE)
    }
  }
  total
}

# 2R points around each subject's mode: list of S x R matrices. Cubature of degree 3.
cubature_points <- function(found, size, usable) {
  factor <- cholesky_rows(found$covariance, size)
  mode <- found$mode
  mode[!usable, ] <- 0
  factor[!usable, ] <- 0
  unlist(lapply(seq_len(size), \(r) {
    column <- matrix(0, nrow(mode), size)
    for (i in r:size) column[, i] <- factor[, packed_index(r, i)]
    list(mode + sqrt(size) * column, mode - sqrt(size) * column)
  }), recursive = FALSE)
}

# Lower Cholesky factors of packed rows, element (i, j) of L, i >= j, in the place of (j, i).
cholesky_rows <- function(packed, size) {
  factor <- packed
  for (j in seq_len(size)) {
    for (i in j:size) {
      sum <- packed[, packed_index(j, i)]
      for (k in seq_len(j - 1L)) {
        sum <- sum - factor[, packed_index(k, i)] * factor[, packed_index(k, j)]
      }
      factor[, packed_index(j, i)] <- if (i == j) sqrt(pmax(sum, 0)) else
        ifelse(factor[, packed_index(j, j)] > 0, sum / factor[, packed_index(j, j)], 0)
    }
  }
  factor
}

# --- acceleration -----------------------------------------------------------------------------

# Hyperparameters as a vector without bounds: the covariance by its Cholesky factor.
em_pack <- function(state, blocks) {
  if (length(blocks) == 0) return(c(state$coefficients, state$shared))
  l <- t(chol(state$covariance))
  own <- outer(blocks, blocks, `==`) & lower.tri(l)
  c(state$coefficients, state$shared, log(diag(l)), l[own])
}

em_unpack <- function(x, state, blocks) {
  k <- length(state$coefficients)
  g <- length(state$shared)
  state$coefficients <- x[seq_len(k)]
  state$shared <- x[k + seq_len(g)]
  size <- length(blocks)
  if (size == 0) return(state)
  l <- diag(exp(x[k + g + seq_len(size)]), size)
  own <- outer(blocks, blocks, `==`) & lower.tri(l)
  l[own] <- x[-seq_len(k + g + size)]
  state$covariance <- tcrossprod(l)
  state
}

em_leap <- function(a, b, c, blocks) {
  x <- em_pack(a, blocks)
  r <- em_pack(b, blocks) - x
  v <- em_pack(c, blocks) - em_pack(b, blocks) - r
  size <- sqrt(sum(v^2))
  if (!is.finite(size) || size < 1e-10) return(NULL)
  step <- -sqrt(sum(r^2)) / size
  if (step > -1) return(NULL)
  step <- max(step, -64)
  leap <- x - 2 * step * r + step^2 * v
  if (any(!is.finite(leap)) || max(abs(leap - em_pack(c, blocks))) > 5) return(NULL)
  em_unpack(leap, c, blocks)
}

# The largest change of means, and of the covariance in units of spreads. Not of its Cholesky factor:
# where the best covariance is singular, that runs to infinity while nothing else moves. A spread
# below 0.1 on the unconstrained scale is as good as none.
em_distance <- function(a, b) {
  scale <- pmax(sqrt(diag(a$covariance)), 0.1)
  max(0, abs(a$coefficients - b$coefficients), abs(a$shared - b$shared),
    abs(a$covariance - b$covariance) / outer(scale, scale))
}
