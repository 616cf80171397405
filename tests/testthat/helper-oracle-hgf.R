# Slow, obvious likelihoods of the binary hierarchical Gaussian filters, written from the equations
# in their comments; those of the enhanced form are TAPAS's own. The contract stands at the top of
# helper-oracle-bandit.R.
#
# d: u (0 or 1, the input), choice (1 or 2; 2 bets on u = 1).
# p: kappa, omega2, omega3, zeta; and, unless their defaults suit, the means and variances at the
#    start: mu20 = 0, sa20 = 0.1, mu30 = 1, sa30 = 1.
#
# The response is logistic(zeta logit m) with m = logistic(mu2): its logit is zeta mu2, where mu2 is
#   response = "input_first"  what the inputs before this trial have taught
#              "previous"     the same as it was on the last trial that had an input; up to the
#                             first such trial of a block there is none and nothing is scored
#              "posterior"    what this trial's input has just taught as well
#
# A missing input teaches nothing and moves nothing; drift = TRUE lets the variances grow, as they
# would between two inputs.

# Mathys et al. (2011), three levels. With hats for what is predicted before the input:
#   m1  = logistic(mu2)
#   s2^ = s2 + v,  v = exp(kappa mu3 + omega2);  s3^ = s3 + exp(omega3)
#   s2  = 1 / (1/s2^ + m1 (1 - m1)),  mu2 += s2 (u - m1)
#   w   = v / s2^,  delta = (s2 + (change of mu2)^2) / s2^ - 1
#   s3  = 1 / (1/s3^ + kappa^2 w (w + (2w - 1) delta) / 2),  mu3 += s3 kappa w delta / 2
# Nothing keeps s3 above 0: parameters for which it falls below are outside the model's reach, and
# the numbers that follow mean nothing.
oracle_hgf_ibrb <- function(p, d, response = "input_first", drift = FALSE) {
  oracle_hgf_levels(p, d, response, drift, oracle_hgf_classic)
}

# The enhanced form (TAPAS, tapas_ehgf_binary): level 3 moves its mean first, at the predicted
# variance; the curvature is then taken at the new mean, and only where it adds precision.
#   mu3 += s3^ kappa w delta / 2
#   v'  = exp(kappa mu3 + omega2) at the new mu3,  w' = v' / (s2 before + v')
#   delta' = (s2 + (change of mu2)^2) / (s2 before + v') - 1
#   s3  = 1 / (1/s3^ + max(0, kappa^2 w' (w' + (2w' - 1) delta') / 2))
oracle_ehgf_binary <- function(p, d, response = "input_first", drift = FALSE) {
  oracle_hgf_levels(p, d, response, drift, oracle_hgf_enhanced)
}

# Two levels: the volatility is constant, v = exp(omega2).
oracle_hgf_binary2 <- function(p, d, response = "input_first", drift = FALSE) {
  p$kappa <- 0
  p$omega3 <- 0
  oracle_hgf_levels(p, d, response, drift, oracle_hgf_fixed)
}

# New mean and variance of level 3; `before` is level 2 as it was, `after` as it is now.
oracle_hgf_classic <- function(p, mu3, s3_hat, before, after) {
  v <- exp(p$kappa * mu3 + p$omega2)
  s2_hat <- before$s2 + v
  w <- v / s2_hat
  delta <- (after$s2 + (after$mu2 - before$mu2)^2) / s2_hat - 1
  s3 <- 1 / (1 / s3_hat + p$kappa^2 * w * (w + (2 * w - 1) * delta) / 2)
  list(mu3 = mu3 + s3 * p$kappa * w * delta / 2, s3 = s3)
}

oracle_hgf_enhanced <- function(p, mu3, s3_hat, before, after) {
  surprise <- after$s2 + (after$mu2 - before$mu2)^2

  v <- exp(p$kappa * mu3 + p$omega2)
  w <- v / (before$s2 + v)
  delta <- surprise / (before$s2 + v) - 1
  mu3 <- mu3 + s3_hat * p$kappa * w * delta / 2

  v <- exp(p$kappa * mu3 + p$omega2)
  w <- v / (before$s2 + v)
  delta <- surprise / (before$s2 + v) - 1
  gained <- p$kappa^2 * w * (w + (2 * w - 1) * delta) / 2
  if (gained < 0) gained <- 0
  list(mu3 = mu3, s3 = 1 / (1 / s3_hat + gained))
}

oracle_hgf_fixed <- function(p, mu3, s3_hat, before, after) {
  list(mu3 = mu3, s3 = s3_hat)
}

oracle_hgf_levels <- function(p, d, response, drift, level3) {
  if (!response %in% c("input_first", "previous", "posterior")) stop("unknown response: ", response)
  log_lik <- rep(NA_real_, length(d$choice))
  for (t in seq_along(d$choice)) {
    if (oracle_restarts(d, t)) {
      mu2 <- oracle_default(p, "mu20", 0)
      s2 <- oracle_default(p, "sa20", 0.1)
      mu3 <- oracle_default(p, "mu30", 1)
      s3 <- oracle_default(p, "sa30", 1)
      previous <- NA_real_
    }
    u <- d$u[t]
    predicted <- mu2

    v <- exp(p$kappa * mu3 + p$omega2)
    s2_hat <- s2 + v
    s3_hat <- s3 + exp(p$omega3)
    if (oracle_seen(u)) {
      m1 <- stats::plogis(mu2)
      before <- list(mu2 = mu2, s2 = s2)
      s2 <- 1 / (1 / s2_hat + m1 * (1 - m1))
      mu2 <- mu2 + s2 * (u - m1)
      above <- level3(p, mu3, s3_hat, before, list(mu2 = mu2, s2 = s2))
      mu3 <- above$mu3
      s3 <- above$s3
    } else if (drift) {
      s2 <- s2_hat
      s3 <- s3_hat
    }

    belief <- predicted
    if (response == "previous") belief <- previous
    if (response == "posterior") belief <- mu2
    log_lik[t] <- oracle_log_logistic(p$zeta * belief, d$choice[t])
    if (oracle_seen(u)) previous <- predicted
  }
  log_lik
}
