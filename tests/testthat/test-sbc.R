# Simulation-based calibration (Talts et al. 2018): group and subjects drawn from the prior, data
# from them, and the rank of the truth among draws from the posterior, which is uniform if the
# density, its gradient and the sampler are right. It takes minutes.

sbc_priors <- function() {
  list(alpha = prior_normal(-0.3, 0.8), beta = prior_normal(1, 0.5),
    sd = list(alpha = prior_half_normal(0.7), beta = prior_half_normal(0.4)), correlation = lkj(2))
}

# One draw from these priors, with data: 8 subjects, 40 trials.
sbc_draw <- function(seed, subjects = 8) {
  truth <- withr::with_seed(seed, {
    mean <- c(rnorm(1, -0.3, 0.8), rnorm(1, 1, 0.5))
    sd <- abs(rnorm(2, 0, c(0.7, 0.4)))
    # LKJ(2) of two: (r + 1) / 2 is Beta(2, 2).
    r <- 2 * rbeta(1, 2, 2) - 1
    z <- matrix(rnorm(2 * subjects), 2)
    z[2, ] <- r * z[1, ] + sqrt(1 - r^2) * z[2, ]
    list(group = c(mean, sd, r), z = mean + sd * z)
  })
  own <- data.frame(subject = seq_len(subjects), alpha = plogis(truth$z[1, ]),
    beta = exp(truth$z[2, ]))
  frame <- simulate(rl_model("rw"), seed = seed, parameters = own,
    task = task_bandit(c(0.25, 0.75), trials = 40))
  c(truth, list(data = rl_data(frame)))
}

# Ranks of the truth among 63 draws, every 16th of a chain.
sbc_ranks <- function(seed, centred) {
  drawn <- sbc_draw(seed)
  fit <- suppressMessages(suppressWarnings(rl_fit("rw", drawn$data, method = "nuts", chains = 1,
    warmup = 300, draws = 1008, prior = sbc_priors(), centred = centred, starts = 3, seed = seed)))
  kept <- seq(16, 1008, by = 16)
  names <- c("alpha:(Intercept)", "beta:(Intercept)", "sd_alpha", "sd_beta", "cor_alpha_beta")
  group <- fit$group$draws[kept, 1, names]
  subjects <- cbind(fit$group$subject_draws[kept, 1, 1, ], fit$group$subject_draws[kept, 1, 2, ])
  truth <- c(drawn$group, plogis(drawn$z[1, 1]), exp(drawn$z[2, 1]), plogis(drawn$z[1, 2]),
    exp(drawn$z[2, 2]))
  colSums(sweep(cbind(group, subjects), 2, truth, `<`))
}

test_that("ranks of the truth among draws are uniform", {
  skip_on_cran()
  skip_if(!nzchar(Sys.getenv("RESCORLA_LONG_TESTS")), "RESCORLA_LONG_TESTS is not set")
  for (centred in list("auto", FALSE)) {
    ranks <- vapply(1000 + 1:160, sbc_ranks, numeric(9), centred = centred)
    p <- apply(ranks, 1, function(rank) {
      # 64 ranks in 8 bins, 20 expected in each.
      suppressWarnings(chisq.test(tabulate(rank %/% 8 + 1, 8))$p.value)
    })
    expect_gt(min(p), 0.001)
    # Means and spreads of ranks tell bias and draws that are too near or too far apart.
    u <- (ranks + 0.5) / 64
    expect_lt(max(abs(rowMeans(u) - 0.5)) / sqrt(1 / 12 / 160), 3.5)
    expect_true(all(abs(apply(u, 1, var) * 12 - 1) < 3.5 * sqrt(0.8 / 160)))
  }
})
