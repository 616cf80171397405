# The hierarchical density against one written out by hand from its definition: priors with the
# Jacobians of their scales, LKJ over correlation matrices, a normal distribution of subjects, and
# the likelihood of helper-reference.R.

# Four subjects, two blocks of which one is cut short, some trials missed, rows in any order.
density_frame <- function() {
  once("density frame", {
    truth <- data.frame(subject = c("s4", "s2", "s1", "s3"), alpha = c(0.3, 0.5, 0.2, 0.6),
      beta = c(3, 2, 4, 2.5))
    frame <- as.data.frame(simulate(rl_model("rw"), seed = 31, parameters = truth,
      task = task_bandit(c(0.25, 0.75), trials = 30, blocks = 2)))
    frame <- frame[!(frame$subject == "s2" & frame$block == 2 & frame$trial > 12), ]
    frame$choice[c(5, 71)] <- NA
    frame$outcome[c(5, 20, 71)] <- NA
    frame$group <- ifelse(frame$subject %in% c("s1", "s3"), "A", "B")
    frame$load <- ifelse(frame$block == 1, 0.5, -1)
    frame <- withr::with_seed(1, frame[sample(nrow(frame)), ])
    structure(frame, n_actions = 2)
  })
}

density_target <- function(model, ...) {
  data <- rl_data(density_frame(), trial = "trial", block = "block")
  quiet_density(model, data, ..., seed = 1)
}

quiet_density <- function(...) suppressWarnings(rl_log_density(...), classes = "rescorla_warning")

to_natural_by_hand <- list(alpha = plogis, alpha_pos = plogis, alpha_neg = plogis, beta = exp,
  kappa = identity, tau = plogis)

names_of_target <- function(parameters, subjects, prefix) {
  pairs <- utils::combn(length(parameters), 2)
  pairs <- pairs[, order(pairs[2, ], pairs[1, ]), drop = FALSE]
  c(paste0(parameters, ":(Intercept)"), paste0("log_sd_", parameters),
    paste0("cpc_", parameters[pairs[2, ]], "_", parameters[pairs[1, ]]),
    paste0(prefix, rep(parameters, subjects), "[", rep(seq_len(subjects),
      each = length(parameters)), "]"))
}

# --- priors on the scale of the position ----------------------------------------------------------

# A prior in natural units of x = link(z): its density there, times dx/dz.
value_priors <- function() {
  list(
    alpha = list(
      list(prior_normal(-0.3, 0.8), \(z) dnorm(z, -0.3, 0.8, log = TRUE)),
      list(prior_beta(2, 3), \(z) dbeta(plogis(z), 2, 3, log = TRUE) + dlogis(z, log = TRUE)),
      list(prior_uniform(), \(z) dlogis(z, log = TRUE)),
      list(prior_natural_normal(0.4, 0.3), \(z) dnorm(plogis(z), 0.4, 0.3, log = TRUE) -
        log(pnorm(1, 0.4, 0.3) - pnorm(0, 0.4, 0.3)) + dlogis(z, log = TRUE))
    ),
    beta = list(
      list(prior_normal(1, 0.7), \(z) dnorm(z, 1, 0.7, log = TRUE)),
      list(prior_gamma(2, 0.5), \(z) dgamma(exp(z), 2, 0.5, log = TRUE) + z),
      list(prior_natural_normal(3, 2), \(z) dnorm(exp(z), 3, 2, log = TRUE) -
        pnorm(0, 3, 2, lower.tail = FALSE, log.p = TRUE) + z)
    )
  )
}

spread_priors <- function() {
  list(
    list(prior_half_normal(0.7), \(sd) log(2) + dnorm(sd, 0, 0.7, log = TRUE)),
    list(prior_half_cauchy(0.5), \(sd) log(2) + dcauchy(sd, 0, 0.5, log = TRUE)),
    list(prior_half_student(4, 0.6), \(sd) log(2) + dt(sd / 0.6, 4, log = TRUE) - log(0.6)),
    list(prior_exponential(2), \(sd) dexp(sd, 2, log = TRUE)),
    list(prior_gamma(2, 3), \(sd) dgamma(sd, 2, 3, log = TRUE))
  )
}

# --- correlations ---------------------------------------------------------------------------------

# log of LKJ's constant (Lewandowski, Kurowicka and Joe 2009, equation 16), K x K.
lkj_constant <- function(size, eta) {
  k <- seq_len(size - 1)
  b <- eta + (size - k - 1) / 2
  sum((2 * (eta - 1) + size - k) * (size - k)) * log(2) + sum((size - k) * lbeta(b, b))
}

# Correlation matrix of partial correlations, by the recursion for partial correlations given all
# those before: rho_ij.1..m-1 = rho_ij.1..m sqrt((1 - rho_im^2) (1 - rho_jm^2)) + rho_im rho_jm.
correlation_by_hand <- function(y, size) {
  partial <- matrix(0, size, size)
  at <- which(lower.tri(partial), arr.ind = TRUE)
  at <- at[order(at[, 1], at[, 2]), , drop = FALSE]
  partial[at] <- tanh(y)
  full <- diag(size)
  for (r in seq_len(nrow(at))) {
    i <- at[r, 1]
    j <- at[r, 2]
    rho <- partial[i, j]
    for (m in rev(seq_len(j - 1))) {
      rho <- rho * sqrt((1 - partial[i, m]^2) * (1 - partial[j, m]^2)) +
        partial[i, m] * partial[j, m]
    }
    full[i, j] <- full[j, i] <- rho
  }
  full
}

# Density of y, the Jacobian of the correlations in y by differences.
log_lkj <- function(y, size, eta) {
  if (size < 2) return(0)
  free <- \(y) correlation_by_hand(y, size)[lower.tri(diag(size))]
  jacobian <- numDeriv::jacobian(free, y)
  (eta - 1) * log(det(correlation_by_hand(y, size))) - lkj_constant(size, eta) +
    log(abs(det(jacobian)))
}

log_normal <- function(x, mean, covariance) {
  deviation <- x - mean
  -length(x) / 2 * log(2 * pi) - log(det(covariance)) / 2 -
    sum(deviation * solve(covariance, deviation)) / 2
}

# --- the density by hand, centred -----------------------------------------------------------------

# Every parameter with a value of the group and a deviation for each subject, all correlated.
density_by_hand <- function(model, position, frame, value, spread, eta) {
  names <- reference_rules[[model]]$parameters
  names <- intersect(names, names(value))
  size <- length(names)
  subjects <- reference_split(frame)
  mean <- position[seq_len(size)]
  log_sd <- position[size + seq_len(size)]
  pairs <- size * (size - 1) / 2
  y <- position[2 * size + seq_len(pairs)]
  effects <- matrix(position[-seq_len(2 * size + pairs)], ncol = size, byrow = TRUE)
  sd <- exp(log_sd)
  covariance <- correlation_by_hand(y, size) * outer(sd, sd)
  total <- log_lkj(y, size, eta)
  for (p in seq_len(size)) {
    total <- total + value[[names[p]]](mean[p]) + spread[[names[p]]](sd[p]) + log_sd[p]
  }
  for (s in seq_along(subjects)) {
    natural <- lapply(seq_len(size), \(p) to_natural_by_hand[[names[p]]](effects[s, p]))
    total <- total + log_normal(effects[s, ], mean, covariance) +
      reference_loglik(model, stats::setNames(natural, names), subjects[[s]])
  }
  unname(total)
}

# Order of subjects in the data is that of the position.
expect_density <- function(target, by_hand, seeds = 1:3, spread = 0.6) {
  for (seed in seeds) {
    position <- withr::with_seed(seed, rnorm(target$size, 0, spread))
    expect_equal(target$log_density(position), by_hand(position), tolerance = 1e-6)
  }
}

expect_exact_gradient <- function(target, seeds = 11:12, spread = 0.6) {
  for (seed in seeds) {
    position <- withr::with_seed(seed, rnorm(target$size, 0, spread))
    slope <- numDeriv::grad(target$log_density, position, method.args = list(r = 2))
    expect_equal(target$gradient(position), slope, tolerance = 1e-6)
    both <- target$both(position)
    expect_identical(both$value, target$log_density(position))
    expect_identical(both$gradient, target$gradient(position))
  }
}

test_that("constants of densities by hand are right", {
  # log_lkj integrates to 1 over y for two, and for three by a grid.
  expect_equal(integrate(Vectorize(\(y) exp(log_lkj(y, 2, 1.7))), -10, 10)$value, 1,
    tolerance = 1e-5)
  at <- seq(-2.5, 2.5, by = 0.5)
  grid <- as.matrix(expand.grid(at, at, at))
  expect_equal(sum(exp(apply(grid, 1, log_lkj, size = 3, eta = 3))) * 0.5^3, 1, tolerance = 1e-3)
  expect_equal(lkj_constant(2, 1), log(2))
})

test_that("the density is the one by hand, with every prior, correlated", {
  skip_if_not_installed("numDeriv")
  values <- value_priors()
  spreads <- spread_priors()
  eta <- c(2, 1, 3.5, 0.8, 1)
  for (k in 1:5) {
    alpha <- values$alpha[[(k - 1) %% 4 + 1]]
    beta <- values$beta[[(k - 1) %% 3 + 1]]
    sd <- list(alpha = spreads[[k]], beta = spreads[[k %% 5 + 1]])
    prior <- list(alpha = alpha[[1]], beta = beta[[1]],
      sd = list(alpha = sd$alpha[[1]], beta = sd$beta[[1]]), correlation = lkj(eta[k]))
    by_hand <- \(position) density_by_hand("rw", position, density_frame(),
      list(alpha = alpha[[2]], beta = beta[[2]]), lapply(sd, `[[`, 2), eta[k])
    target <- density_target("rw", prior = prior, centred = TRUE)
    expect_density(target, by_hand, seeds = k)
    # Not centred: a = mean + D L z, whose derivative has the determinant |D L|.
    apart <- density_target("rw", prior = prior, centred = FALSE)
    expect_density(apart, seeds = k, function(position) {
      sd <- exp(position[3:4])
      factor <- t(chol(correlation_by_hand(position[5], 2))) * sd
      z <- matrix(position[-(1:5)], nrow = 2)
      effects <- position[1:2] + factor %*% z
      by_hand(c(position[1:5], effects)) + ncol(z) * sum(log(diag(factor)))
    })
  }
})

test_that("three parameters correlate as LKJ has it", {
  skip_if_not_installed("numDeriv")
  value <- list(alpha_pos = \(z) dnorm(z, 0, 1.5, log = TRUE),
    alpha_neg = \(z) dnorm(z, 0, 1.5, log = TRUE), beta = \(z) dnorm(z, 0.5, 1.25, log = TRUE))
  half <- \(sd) log(2) + dnorm(sd, log = TRUE)
  by_hand <- \(position) density_by_hand("rw_asymmetric", position, density_frame(), value,
    list(alpha_pos = half, alpha_neg = half, beta = half), 2)
  target <- density_target("rw_asymmetric", centred = TRUE)
  expect_density(target, by_hand, seeds = 1:2)
  # The defaults are what prior_summary() says they are.
  expect_identical(target$prior$prior, c("normal(0, 1.5)", "normal(0, 1.5)", "normal(0.5, 1.25)",
    rep("half_normal(1)", 3), "lkj(2)"))
  own <- names_of_target(c("alpha_pos", "alpha_neg", "beta"), 4, "effect_")
  expect_identical(target$names, own)
})

# Natural values at a position -> effects on the real line, subjects x parameters.
real_effects <- function(target, position) {
  natural <- target$parameters(position)[-1]
  inverse <- list(alpha = qlogis, alpha_pos = qlogis, alpha_neg = qlogis, beta = log)
  as.vector(t(mapply(\(x, name) inverse[[name]](x), natural, names(natural))))
}

test_that("all parametrisations are one density", {
  skip_if_not_installed("numDeriv")
  for (model in c("rw", "rw_asymmetric")) {
    size <- if (model == "rw") 2 else 3
    hyper <- 2 * size + size * (size - 1) / 2
    centred <- density_target(model, centred = TRUE)
    for (how in list(FALSE, "beta", "auto")) {
      target <- density_target(model, centred = how)
      position <- withr::with_seed(5, rnorm(target$size, 0, 0.5))
      jacobian <- numDeriv::jacobian(\(own) real_effects(target, c(position[seq_len(hyper)], own)),
        position[-seq_len(hyper)])
      there <- c(position[seq_len(hyper)], real_effects(target, position))
      expect_equal(target$log_density(position),
        centred$log_density(there) + log(abs(det(jacobian))), tolerance = 1e-6)
    }
  }
})

test_that("gradients are exact: parametrisations, covariances, covariates, shared, slopes", {
  skip_if_not_installed("numDeriv")
  formulas <- list(
    NULL, alpha ~ group, list(beta ~ 1), list(alpha ~ 0 + group, beta ~ group),
    list(beta ~ load + (1 + load | subject)), list(alpha ~ load + (load || subject), beta ~ load)
  )
  for (formula in formulas) {
    for (centred in list("auto", TRUE, FALSE, "beta")) {
      target <- density_target("rw", formula = formula, centred = centred)
      expect_exact_gradient(target, seeds = 3)
    }
    expect_exact_gradient(density_target("rw", formula = formula, covariance = "diagonal"), 4)
  }
  blocks <- list(c("alpha_pos", "beta"))
  for (centred in list("auto", TRUE, FALSE, c("alpha_pos", "beta"))) {
    target <- density_target("rw_asymmetric", covariance = blocks, centred = centred)
    expect_exact_gradient(target, 5)
  }
  for (centred in list("auto", c("beta", "tau"))) {
    expect_exact_gradient(density_target("rw_perseveration", centred = centred), 5)
  }
  # The approximate probit link of hBayesDM's priors.
  expect_exact_gradient(density_target("rw", prior = hbayesdm_priors()), 6)
})

test_that("a density without random effects is that of what is shared", {
  skip_if_not_installed("numDeriv")
  target <- density_target("rw", formula = list(alpha ~ 1, beta ~ group + (0 | subject)))
  expect_identical(target$names, c("alpha:(Intercept)", "beta:(Intercept)", "beta:groupB"))
  expect_exact_gradient(target, seeds = 3)
  subjects <- reference_split(density_frame())
  group_b <- c(s4 = 1, s2 = 1, s1 = 0, s3 = 0)
  expect_density(target, function(position) {
    loglik <- vapply(names(subjects), \(s) reference_loglik("rw", list(alpha = plogis(position[1]),
      beta = exp(position[2] + position[3] * group_b[[s]])), subjects[[s]]), 0)
    sum(loglik) + sum(dnorm(position, c(0, 0.5, 0), c(1.5, 1.25, 1), log = TRUE))
  })
})

test_that("covariates and what is shared enter as they should", {
  frame <- density_frame()
  target <- density_target("rw", formula = list(alpha ~ group, beta ~ 1), centred = TRUE)
  expect_identical(target$names, c("alpha:(Intercept)", "alpha:groupB", "beta:(Intercept)",
    "log_sd_alpha", paste0("effect_alpha[", 1:4, "]")))
  subjects <- reference_split(frame)
  group_b <- vapply(subjects, \(one) frame$group[one$row[1]] == "B", NA)
  expect_density(target, function(position) {
    effects <- position[5:8]
    mean <- position[1] + position[2] * group_b
    loglik <- vapply(1:4, \(s) reference_loglik("rw",
      list(alpha = plogis(effects[s]), beta = exp(position[3])), subjects[[s]]), 0)
    sum(loglik) + sum(dnorm(effects, mean, exp(position[4]), log = TRUE)) +
      dnorm(position[1], 0, 1.5, log = TRUE) + dnorm(position[2], 0, 1, log = TRUE) +
      dnorm(position[3], 0.5, 1.25, log = TRUE) +
      log(2) + dnorm(exp(position[4]), log = TRUE) + position[4]
  })
})

test_that("hBayesDM's priors are on its approximate probit scale", {
  frame <- density_frame()
  model <- rl_model("rw", beta = bounded(0, 5))
  target <- density_target(model, prior = hbayesdm_priors())
  approximate <- \(z) plogis(1.5976 * z + 0.07056 * z^3)
  subjects <- reference_split(frame)
  expect_density(target, function(position) {
    sd <- exp(position[3:4])
    z <- position[1:2] + sd * matrix(position[-(1:4)], nrow = 2)
    loglik <- vapply(1:4, \(s) reference_loglik("rw",
      list(alpha = approximate(z[1, s]), beta = 5 * approximate(z[2, s])), subjects[[s]]), 0)
    sum(loglik) + sum(dnorm(position[-(3:4)], log = TRUE)) +
      sum(log(2) + dnorm(sd, 0, 0.2, log = TRUE) + position[3:4])
  })
  expect_match(target$names[5], "^z_")
})

test_that("episodes have parameters of their own where covariates change", {
  frame <- density_frame()
  target <- density_target("rw", formula = list(beta ~ load + (1 + load | subject), alpha ~ 1),
    centred = TRUE)
  expect_identical(target$names[1:6], c("beta:(Intercept)", "beta:load", "alpha:(Intercept)",
    "log_sd_beta", "log_sd_beta:load", "cpc_beta:load_beta"))
  expect_density(target, spread = 0.4, function(position) {
    effects <- matrix(position[-(1:6)], nrow = 2)
    sd <- exp(position[4:5])
    covariance <- correlation_by_hand(position[6], 2) * outer(sd, sd)
    total <- log_lkj(position[6], 2, 2) + dnorm(position[1], 0.5, 1.25, log = TRUE) +
      dnorm(position[2], log = TRUE) + dnorm(position[3], 0, 1.5, log = TRUE) +
      sum(log(2) + dnorm(sd, log = TRUE) + position[4:5])
    for (s in 1:4) {
      own <- frame[frame$subject == unique(frame$subject)[s], ]
      total <- total + log_normal(effects[, s], position[1:2], covariance)
      for (load in unique(own$load)) {
        part <- own[own$load == load, ]
        attr(part, "n_actions") <- 2
        total <- total + reference_loglik("rw",
          list(alpha = plogis(position[3]), beta = exp(effects[1, s] + load * effects[2, s])), part)
      }
    }
    unname(total)
  })
})

test_that("positions that mean nothing have no density, and start means something", {
  target <- density_target("rw", centred = "auto")
  expect_true(is.finite(target$log_density(target$start)))
  expect_identical(names(target$start), target$names)
  expect_true(all(target$variance > 0))
  for (at in c(800, -800)) {
    far <- replace(target$start, 3, at)
    expect_identical(target$log_density(far), -Inf)
  }
  expect_error(target$log_density(1:3), "numbers", class = "rescorla_error_input")
  expect_error(target$gradient(replace(target$start, 1, NA)), class = "rescorla_error_input")
  natural <- target$parameters(target$start)
  expect_identical(names(natural), c("subject", "alpha", "beta"))
  expect_identical(nrow(natural), 4L)
})

test_that("densities are the same for any number of threads", {
  frame <- density_frame()
  data <- rl_data(frame, trial = "trial", block = "block")
  one <- rl_log_density("rw", data, seed = 1, threads = 1)
  two <- rl_log_density("rw", data, seed = 1, threads = 2)
  expect_identical(one$start, two$start)
  expect_identical(one$both(one$start), two$both(two$start))
})
