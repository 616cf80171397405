# Checks the hierarchical methods of the installed package, and its sampler, against reference
# numbers that were computed elsewhere, on data that are not part of the package.
#
#   Rscript tools/check-reference-hierarchy.R [DIR]
#
# DIR is the folder that holds data/; the default is ../shared beside the repository. Without the
# folder there is nothing to check and the script succeeds.

file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
script_folder <- if (is.na(file)) "tools" else dirname(normalizePath(file))
source(file.path(script_folder, "reference-table.R"))
shared <- reference_folder("data")
default_tolerance <- 1e-3

for (package in c("posterior", "jsonlite", "loo")) {
  if (!requireNamespace(package, quietly = TRUE)) {
    cat("The package ", package, " is not installed: nothing checked.\n", sep = "")
    quit(status = 0)
  }
}
library(rescorla)

# Draws of one quantity, iteration x chain, against a mean and a standard deviation with the
# standard errors these were found with; half a unit of the last digit is one.
check_draws <- function(name, draws, mean, sd, mean_error = 0, sd_error = mean_error) {
  force(draws)
  own <- posterior::mcse_mean(draws)
  check(paste0(name, ": mean"), mean, mean(draws), 4 * sqrt(own^2 + mean_error^2))
  own <- posterior::mcse_sd(draws)
  check(paste0(name, ": sd"), sd, stats::sd(draws), 4 * sqrt(own^2 + sd_error^2))
}

# ---- The sampler on posteriors of posteriordb ----------------------------------------------------

read_posteriordb <- function(folder, name) {
  jsonlite::fromJSON(file.path(shared, "data", "posteriordb", folder, paste0(name, ".json")))
}

# draws x chains x coordinates; every chain begins about `start`.
sample_density <- function(density, start, chains = 4, draws = 2500) {
  settings <- list(warmup = 1000L, draws = as.integer(draws), max_depth = 10L, adapt_delta = 0.9,
    trust = 5, rotate = TRUE)
  size <- length(start)
  set.seed(1)
  made <- lapply(seq_len(chains), function(chain) {
    begin <- start + stats::rnorm(size, 0, 0.1)
    rescorla:::cpp_nuts_function(density, begin, rep(1, size), numeric(), settings, 1, chain - 1L)
  })
  divergent <- mean(unlist(lapply(made, \(chain) chain$reports$divergent__)))
  draws <- vapply(made, \(chain) t(chain$draws), matrix(0, draws, size))
  structure(aperm(draws, c(1, 3, 2)), divergent = divergent)
}

# `natural` makes the reference's quantities of a position, by name.
check_posterior <- function(name, density, start, natural) {
  means <- read_posteriordb("mean_value", name)
  squares <- read_posteriordb("mean_squared_value", name)
  raw <- sample_density(density, start)
  size <- dim(raw)
  flat <- apply(matrix(raw, ncol = size[3]), 1, natural)
  holds(paste0(name, ": divergences are rare"), attr(raw, "divergent") < 0.005)
  for (k in seq_along(means$names)) {
    sd <- sqrt(squares$mean_squared_value[k] - means$mean_value[k]^2)
    # The reference has 10,000 draws, about independent.
    check_draws(paste0(name, ": ", means$names[k]), matrix(flat[means$names[k], ], size[1]),
      means$mean_value[k], sd, means$mcse_mean[k], max(means$mcse_mean[k], sd / sqrt(2e4)))
  }
}

# log density of a half-Cauchy prior of exp(y) with its Jacobian, and the derivative in y.
half_cauchy <- function(y, scale) {
  q <- exp(2 * y) / scale^2
  c(y - log1p(q), 1 - 2 * q / (1 + q))
}

# Regression with flat or normal priors (sd `width`) of coefficients, sigma ~ half-Cauchy(2.5). The
# coefficients are those of an orthogonal design, which the triangle of its decomposition undoes.
regression <- function(x, y, width = Inf) {
  parts <- qr(x)
  scale <- sqrt(nrow(x))
  q <- qr.Q(parts) * scale
  undo <- backsolve(qr.R(parts), diag(ncol(x))) * scale
  k <- seq_len(ncol(x))
  list(
    density = function(position) {
      log_sigma <- position[length(position)]
      beta <- drop(undo %*% position[k])
      residual <- y - drop(q %*% position[k])
      precision <- exp(-2 * log_sigma)
      squares <- sum(residual^2) * precision
      prior <- half_cauchy(log_sigma, 2.5)
      list(
        -squares / 2 - length(y) * log_sigma - sum(beta^2) / (2 * width^2) + prior[1],
        c(drop(crossprod(q, residual)) * precision - drop(crossprod(undo, beta)) / width^2,
          squares - length(y) + prior[2])
      )
    },
    start = c(drop(crossprod(q, y)) / nrow(x), log(stats::sd(qr.resid(parts, y)))),
    beta = function(position) drop(undo %*% position[k])
  )
}

kids <- read_posteriordb("data", "kidiq")
momiq <- regression(cbind(1, kids$mom_iq), kids$kid_score)
check_posterior("kidiq-kidscore_momiq", momiq$density, momiq$start, function(position) {
  c(stats::setNames(momiq$beta(position), c("beta[1]", "beta[2]")), sigma = exp(position[[3]]))
})

series <- read_posteriordb("data", "arK")
lags <- stats::embed(series$y, series$K + 1)
autoregression <- regression(cbind(1, lags[, -1]), lags[, 1], width = 10)
check_posterior("arK-arK", autoregression$density, autoregression$start, function(position) {
  c(stats::setNames(autoregression$beta(position), c("alpha", paste0("beta[", 1:5, "]"))),
    sigma = exp(position[[7]]))
})

# Two normal components: mu[1] < mu[2] = mu[1] + exp(.), theta = plogis(.).
mixture <- read_posteriordb("data", "low_dim_gauss_mix")
check_posterior("low_dim_gauss_mix-low_dim_gauss_mix", function(position) {
  mu <- c(position[1], position[1] + exp(position[2]))
  sigma <- exp(position[3:4])
  theta <- stats::plogis(position[5])
  z <- outer(mixture$y, mu, `-`) / rep(sigma, each = length(mixture$y))
  parts <- -z^2 / 2 + rep(log(c(theta, 1 - theta) / sigma), each = nrow(z))
  top <- pmax(parts[, 1], parts[, 2])
  total <- top + log(rowSums(exp(parts - top)))
  share <- exp(parts - total)
  in_mu <- colSums(share * z) / sigma - mu / 4
  list(
    sum(total) - sum(mu^2) / 8 - sum(sigma^2) / 8 + sum(position[2:4]) + 5 * log(theta) +
      5 * log1p(-theta),
    c(sum(in_mu), in_mu[2] * exp(position[2]) + 1,
      colSums(share * (z^2 - 1)) - sigma^2 / 4 + 1,
      sum(share[, 1]) - nrow(z) * theta + 5 - 10 * theta)
  )
}, c(-2.5, log(5), 0, 0, 0.5), function(position) {
  c("mu[1]" = position[1], "mu[2]" = position[1] + exp(position[2]), "sigma[1]" = exp(position[3]),
    "sigma[2]" = exp(position[4]), theta = stats::plogis(position[5]))
})

# Not centred: (mu, log tau, eta).
schools <- read_posteriordb("data", "eight_schools")
check_posterior("eight_schools-eight_schools_noncentered", function(position) {
  mu <- position[1]
  tau <- exp(position[2])
  eta <- position[-(1:2)]
  deviation <- schools$y - mu - tau * eta
  pull <- deviation / schools$sigma^2
  prior <- half_cauchy(position[2], 5)
  list(-sum(deviation * pull) / 2 - sum(eta^2) / 2 - mu^2 / 50 + prior[1],
    c(sum(pull) - mu / 25, sum(pull * eta) * tau + prior[2], pull * tau - eta))
}, c(4, 1, rep(0, 8)), function(position) {
  tau <- exp(position[2])
  c(stats::setNames(position[1] + tau * position[-(1:2)], paste0("theta[", 1:8, "]")),
    mu = position[1], tau = tau)
})

# ---- cbm: Laplace evidence and hierarchical inference over models --------------------------------

cbm <- quiet(rl_data(utils::read.csv(file.path(shared, "data", "cbm", "bandit2_synthetic.csv")),
  trial = "trial"))
cbm_models <- list(rl = rl_model("rw", q0 = 0), dual = rl_model("rw_asymmetric", q0 = 0))
wide_prior <- function(model) {
  free <- rl_parameters(model)$name[is.na(rl_parameters(model)$fixed)]
  stats::setNames(rep(list(prior_normal(0, 2.5)), length(free)), free)
}
cbm_map <- function(model) {
  quiet(rl_fit(model, cbm, method = "map", prior = wide_prior(model), seed = 1))
}
delayedAssign("cbm_rl", cbm_map(cbm_models$rl))
check("cbm: Laplace evidence, rl", -1611.275, sum(cbm_rl$log_evidence))
check("cbm: Laplace evidence, rl, subjects 1-3", c(-60.184, -67.170, -67.803),
  cbm_rl$log_evidence[c("1", "2", "3")], 6e-4)
check("cbm: mode of subject 1", c(-0.9099, -0.1596),
  c(stats::qlogis(cbm_rl$estimates["1", "alpha"]), log(cbm_rl$estimates["1", "beta"])), 6e-5)
check("cbm: Laplace evidence, dual", -1614.002, sum(cbm_map(cbm_models$dual)$log_evidence))

delayedAssign("hbi", quiet(rl_hbi(cbm_models, cbm, seed = 1)))
# cbm misses the optima of some subjects under the second model: hence the room.
check("hbi: model frequencies", c(0.2913, 0.7087), hbi$models$frequency, 2e-3)
check("hbi: exceedance", c(0.0041, 0.9959), hbi$models$exceedance, 5e-4)
check("hbi: group means, rl", c(-1.8854, -0.0098), hbi$group$mean_raw[1:2], 1e-2)
check("hbi: group means, dual", c(1.0678, -0.2944, 1.1510), hbi$group$mean_raw[3:5], 1.5e-2)

# ---- hBayesDM: posteriors under its priors -------------------------------------------------------

hbayesdm_fit <- function(task, model, draws) {
  path <- file.path(shared, "data", "hbayesdm", paste0(task, "_exampleData.txt"))
  data <- quiet(rl_data(utils::read.delim(path), task = task))
  quiet(rl_fit(model, data, method = "nuts", prior = hbayesdm_priors(), centred = "auto",
    draws = draws, adapt_delta = 0.95, seed = 1))
}
# The importance of whole subjects' own parameters is heavy-tailed, and so is the criterion's error.
looic <- function(fit) {
  values <- rescorla:::log_lik.rl_fit_nuts(fit, unit = "subject", integrate = FALSE, draws = 4000)
  quiet(loo::loo(values))$estimates["looic", "Estimate"]
}

delayedAssign("delta", hbayesdm_fit("bandit2arm", "bandit2arm_delta", 3000))
bandit <- data.frame(
  name = c("A", "tau", "sd_A", "sd_tau"), mean = c(0.36082, 0.80617, 0.14248, 0.14047),
  sd = c(0.05436, 0.08598, NA, NA)
)
for (k in 1:4) {
  if (is.na(bandit$sd[k])) {
    check(paste0("bandit2arm_delta: ", bandit$name[k], ", mean"), bandit$mean[k],
      mean(delta$group$draws[, , bandit$name[k]]),
      4 * sqrt(posterior::mcse_mean(delta$group$draws[, , bandit$name[k]])^2 + 0.001^2))
  } else {
    check_draws(paste0("bandit2arm_delta: ", bandit$name[k]), delta$group$draws[, , bandit$name[k]],
      bandit$mean[k], bandit$sd[k], 0.001)
  }
}
check("bandit2arm_delta: looic by subject", 2559.0, looic(delta), 2)
holds("bandit2arm_delta: no divergences", delta$diagnostics$divergent == 0)
holds("bandit2arm_delta: R-hat below 1.01", delta$diagnostics$rhat < 1.01)

# The reference has 4,000 draws and gives three digits.
delayedAssign("go", hbayesdm_fit("gng", "gng_m1", 1000))
gng <- data.frame(name = c("xi", "ep", "rho", "sd_xi", "sd_ep", "sd_rho"),
  mean = c(0.038, 0.146, 6.03, 0.155, 0.103, 0.100), digit = c(3, 3, 2, 3, 3, 3))
for (k in seq_len(nrow(gng))) {
  draws <- go$group$draws[, , gng$name[k]]
  error <- posterior::mcse_mean(draws)
  check(paste0("gng_m1: ", gng$name[k], ", mean"), gng$mean[k], mean(draws),
    4 * sqrt(2) * error + 0.5 * 10^-gng$digit[k])
}
check("gng_m1: looic by subject", 1588.9, looic(go), 1.5)
holds("gng_m1: no divergences", go$diagnostics$divergent == 0)

report()
