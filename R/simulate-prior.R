# Prior predictive data: a group from the priors of a hierarchical model, subjects from the group,
# and their responses on a task.

simulate_prior <- function(model, nsim, seed, prior, task, subjects, threads, backend, call) {
  check_class(task, "rl_task", "a task, such as `task_bandit(c(0.2, 0.8), trials = 100)`",
    arg = "task", call = call)
  if (isTRUE(prior)) prior <- NULL
  ids <- simulated_subjects(NULL, subjects %||% 1L, task, call)
  asked <- asks_backend(backend)
  if (is_program_task(task)) {
    check_program_backend(backend, call)
    backend <- "cpu"
  } else {
    backend <- choose_backend(backend, as.double(length(ids)) * task$trials * task$blocks, call)
  }
  model <- prior_set_model(prior, model)
  design <- intercepts_design(model)
  if (inherits(prior, "rl_prior_set")) design$blocks <- seq_along(design$blocks)
  priors <- resolve_group_prior(prior, model, design, call)
  maps <- parameter_maps(model$kinds[design$parameters])
  drawn <- with_seed(seed, lapply(seq_len(nsim), \(i) draw_group_prior(priors, design, maps)))
  frames <- lapply(seq_len(nsim), function(i) {
    group <- drawn[[i]]
    z <- with_seed(seed + i, {
      noise <- matrix(stats::rnorm(length(ids) * length(group$sd)), length(ids))
      noise %*% t(group$sd * group$factor) + rep(group$centre, each = length(ids))
    })
    colnames(z) <- design$parameters
    natural <- natural_matrix(z, maps)
    natural <- data.frame(subject = ids, natural, check.names = FALSE)
    made <- stats::simulate(model, seed = seed + i, parameters = natural, task = task,
      threads = threads, backend = backend)
    list(data = made, parameters = natural)
  })
  made <- frames[[1]]$data
  roles <- attr(made, "rescorla_roles")
  if (nsim > 1) {
    made <- do.call(rbind, lapply(frames, `[[`, "data"))
    made <- cbind(.sim = rep(seq_len(nsim), each = nrow(frames[[1]]$data)), made)
    made$.subject <- (made$.sim - 1L) * length(ids) + match(made$subject, ids)
    roles$subject <- ".subject"
    rownames(made) <- NULL
  }
  group <- do.call(rbind, lapply(seq_len(nsim), \(i) data.frame(.sim = i,
    parameter = design$parameters, median = drawn[[i]]$natural, sd = drawn[[i]]$sd)))
  parameters <- do.call(rbind, lapply(seq_len(nsim), \(i) data.frame(.sim = i,
    frames[[i]]$parameters, check.names = FALSE)))
  correlation <- lapply(drawn, \(group) structure(tcrossprod(group$factor),
    dimnames = list(design$parameters, design$parameters)))
  structure(made, rescorla_roles = roles, seed = seed, group = group, correlation = correlation,
    parameters = parameters, backend = if (asked) backend, rescorla_task = task)
}

# ~ 1 + (1 | subject) for every parameter, without data.
intercepts_design <- function(model) {
  parameters <- free_parameters(model)
  p <- seq_along(parameters)
  table <- data.frame(name = paste0(parameters, ":(Intercept)"), parameter = p, effect = p,
    term = "(Intercept)")
  list(parameters = parameters, coefficients = table, shared = table[0, ],
    effects = data.frame(name = parameters, parameter = p, term = "(Intercept)"),
    blocks = rep(1L, length(p)))
}

draw_group_prior <- function(priors, design, maps) {
  size <- length(design$parameters)
  centre <- vapply(seq_len(size), \(p) draw_prior(priors$coefficients[[p]], maps, p), 0)
  sd <- vapply(priors$spread, draw_spread, 0)
  pairs <- correlated_pairs(design$blocks)
  cpc <- vapply(seq_len(nrow(pairs)), function(k) {
    # Canonical partial correlations under LKJ are independent (group_density.hpp).
    block <- design$blocks[pairs[k, 1]]
    members <- which(design$blocks == block)
    b <- priors$correlation$a + (length(members) - 1 - match(pairs[k, 2], members)) / 2
    2 * stats::rbeta(1, b, b) - 1
  }, 0)
  list(centre = centre, sd = sd, factor = t(chol(correlation_from(cpc, pairs, size))),
    natural = vapply(seq_len(size), \(p) to_natural(centre[p], maps, p), 0))
}

# On the real line.
draw_prior <- function(prior, maps, p) {
  low <- maps$lower[p]
  high <- maps$upper[p]
  x <- switch(prior$kind,
    normal = return(stats::rnorm(1, prior$a, prior$b)),
    beta = low + (high - low) * stats::rbeta(1, prior$a, prior$b),
    gamma = low + stats::rgamma(1, prior$a, prior$b),
    uniform = stats::runif(1, low, high),
    natural_normal = {
      ends <- stats::pnorm(c(low, high), prior$a, prior$b)
      stats::qnorm(stats::runif(1, ends[1], ends[2]), prior$a, prior$b)
    }
  )
  to_real(x, maps, p)
}

draw_spread <- function(prior) {
  switch(prior$kind,
    half_normal = abs(stats::rnorm(1, 0, prior$a)),
    half_cauchy = abs(stats::rcauchy(1, 0, prior$a)),
    half_student = abs(prior$a * stats::rt(1, prior$b)),
    exponential = stats::rexp(1, prior$a),
    gamma = stats::rgamma(1, prior$a, prior$b)
  )
}

check_prior_request <- function(prior, no_parameters, output, call) {
  if (!no_parameters) {
    rescorla_abort(c("`parameters` and `prior` exclude each other.",
      i = "With `prior` they are drawn."), "input", call = call)
  }
  if (output == "arrays") {
    rescorla_abort(c("Prior predictive simulations have no {.code output = \"arrays\"}.",
      i = "The parameters drawn are in `attr(x, \"parameters\")`."), "input", call = call)
  }
  if (!isTRUE(prior) && !inherits(prior, "rl_prior_set") && !is.list(prior)) {
    rescorla_abort(c("`prior` must be `TRUE` or a list of priors.",
      x = "It is {describe_value(prior)}."), "input", call = call)
  }
}
