problems_of <- function(fit) rescorla:::fit_problems(fit)

row_of <- function(problems, problem, parameters) {
  problems[problems$problem == problem & problems$parameters == parameters, ]
}

test_that("bounds are told by side", {
  fit <- fit_of("rw")
  fit$at_bound[c("s6", "s2"), "alpha"] <- TRUE
  fit$estimates[c("s6", "s2"), "alpha"] <- c(0, 1)
  fit$at_bound["s4", "beta"] <- TRUE
  fit$estimates["s4", "beta"] <- 100
  found <- problems_of(fit)
  own <- row_of(found, "bound", "alpha")
  expect_identical(own$subjects, list("s6", "s2"))
  expect_identical(own$detail, c("at the lower bound, 0", "at the upper bound, 1"))
  expect_equal(own$share, c(1, 1) / 6)
  expect_match(row_of(found, "bound", "beta")$detail, "edge of the search, 100")
})

test_that("flat directions are found in the covariance, alone and combined", {
  fit <- fit_of("rw")
  fit$flat["s5", "alpha"] <- TRUE
  scale <- c(1 / sqrt(12), median(fit$estimates[, "beta"]))
  fit$vcov[] <- lapply(fit$vcov, \(v) v / 100)
  expect_identical(problems_of(fit)$subjects[[1]], "s5")
  # alpha just above what an even spread over (0, 1) has; then a pair that only together is above.
  fit$vcov[["s4"]][] <- diag(c(1.01 / 12, 0.01))
  r <- 0.8
  fit$vcov[["s3"]][] <- 0.7 * outer(scale, scale) * matrix(c(1, r, r, 1), 2)
  fit$vcov[["s2"]][] <- 0.5 * outer(scale, scale) * matrix(c(1, r, r, 1), 2)
  found <- problems_of(fit)
  expect_identical(row_of(found, "flat", "alpha")$subjects[[1]], c("s5", "s4"))
  expect_identical(row_of(found, "flat", "alpha, beta")$subjects[[1]], "s3")
})

test_that("correlated errors are those of the covariance", {
  fit <- fit_of("rw")
  r <- c(0.95, -0.91, 0.5, 0.89, -0.2, 0.99)
  fit$vcov[] <- lapply(seq_along(r), \(i) {
    matrix(c(1e-4, r[i] * 1e-3, r[i] * 1e-3, 1e-2), 2, dimnames = list(fit$parameters, fit$parameters))
  })
  own <- row_of(problems_of(fit), "correlated", "alpha, beta")
  expect_identical(own$subjects[[1]], names(fit$status)[c(1, 2, 6)])
  expect_identical(own$detail, "errors correlate by -0.91 to 0.99")
})

test_that("learning rates of those who guess are not identified", {
  frame <- check_frame()
  guess <- frame$subject %in% c("p7", "p2")
  frame$choice[guess] <- withr::with_seed(3, sample(1:2, sum(guess), TRUE))
  frame$outcome <- ifelse(frame$choice == 1, frame$foregone_1, frame$foregone_2)
  fit <- suppressWarnings(rl_fit("rw", check_data(frame), starts = 5, seed = 1))
  own <- row_of(problems_of(fit), "unidentified", "alpha")
  at_zero <- transform(coef(fit), beta = 0)
  cost <- fit$loglik - rl_loglik("rw", fit$data, at_zero)
  expect_identical(own$subjects[[1]], names(cost)[cost < qchisq(0.95, 1) / 2])
  expect_true(all(c("p7", "p2") %in% own$subjects[[1]]))
  expect_lt(own$n, 5)
})

test_that("parameters are told by label, or by name where there is none", {
  roles <- \(model) rescorla:::learning_parameters(model)
  expect_identical(roles(rl_model("rw_asymmetric")),
    list(rates = c("alpha_pos", "alpha_neg"), temperatures = "beta"))
  expect_identical(roles(rl_model("bandit4arm_4par")),
    list(rates = c("Arew", "Apun"), temperatures = c("R", "P")))
  expect_identical(roles(rl_model("dd_hyperbolic"))$rates, character())
  expect_identical(roles(rl_model("ts_par6"))$temperatures, c("beta1", "beta2"))
  expect_identical(roles(rl_model("rw", beta = fixed(2)))$temperatures, character())
})

test_that("what data add to the prior, or to the group, decides where there is one", {
  fit <- check_fit()
  share <- rescorla:::prior_share(fit)
  # A logit's standard error over the prior's 1.5, by the delta method.
  alpha <- fit$estimates[, "alpha"]
  expect_equal(share[, "alpha"], (fit$std_error[, "alpha"] / (alpha * (1 - alpha)) / 1.5)^2)
  beta <- fit$estimates[, "beta"]
  expect_equal(share[, "beta"], (fit$std_error[, "beta"] / beta / 1.25)^2)
  fit$std_error["p5", "alpha"] <- 1.49 * alpha["p5"] * (1 - alpha["p5"])
  expect_identical(row_of(problems_of(fit), "flat", "alpha")$subjects[[1]], "p5")

  em <- em_fit()
  share <- rescorla:::prior_share(em)
  spread <- em$group$sd
  packed <- rescorla:::packed_diagonal(em$group$effect_covariance, 2)
  expect_equal(unname(share), unname(t(t(packed) / spread^2)))
  em$group$sd["beta"] <- 0.001
  expect_match(row_of(problems_of(em), "bound", "sd_beta")$detail, "do not differ")
})

test_that("problems print with the subjects concerned", {
  fit <- fit_of("rw")
  fit$at_bound[1:4, "alpha"] <- TRUE
  fit$estimates[1:4, "alpha"] <- 1
  fit$vcov[] <- lapply(fit$vcov, \(v) {
    v[] <- diag(1e-3, 2)
    v
  })
  expect_snapshot(problems_of(fit))
  fit$at_bound[] <- FALSE
  expect_equal(nrow(problems_of(fit)), 0)
  expect_s3_class(problems_of(fit), "rl_problems")
  expect_snapshot(problems_of(fit))
})

test_that("recovery refits what was simulated with the estimates, by the same method", {
  fit <- check_fit()
  fit$std_error["p5", "alpha"] <- 1
  check <- rl_check(fit, "switch", nsim = 2, seed = 3, recovery = TRUE)
  made <- simulate(fit, seed = 3, type = "generative")
  again <- update(fit, data = rl_data(made))
  found <- check$recovery
  expect_equal(found$true, c(coef(fit)$alpha, coef(fit)$beta))
  expect_equal(found$refit, c(coef(again)$alpha, coef(again)$beta))
  expect_identical(found$subject[found$problem & found$parameter == "alpha"], "p5")
  expect_false(attr(found, "borrowed"))
  expect_gt(cor(found$true, found$refit, method = "spearman"), 0.5)
})

test_that("outcomes of choices not made are borrowed from near trials of the same action", {
  frame <- fit_frame()
  # What an arm pays tells where and when: block, then the arm, then the trial.
  frame$outcome <- ifelse(is.na(frame$choice), NA, 1000 * frame$block + 200 * frame$choice +
    frame$trial)
  data <- suppressWarnings(rl_data(frame, block = "block"))
  table <- rescorla:::borrow_payoffs(data, "choice", 4)
  own <- frame[data$order, ]
  expect_identical(is.na(table[, 1]), is.na(own$choice))
  there <- which(!is.na(own$choice))
  expect_equal(table[cbind(there, own$choice[there])], own$outcome[there])
  for (a in 1:2) {
    from <- table[there, a] - 1000 * own$block[there] - 200 * a
    expect_true(all(from >= 1 & from <= 50))
    expect_lt(stats::median(abs(from - own$trial[there])), 12)
  }
  expect_identical(table, rescorla:::borrow_payoffs(data, "choice", 4))
  bare <- fit_of("rw")
  attr(bare$data$data, "rescorla_task") <- NULL
  check <- rl_check(bare, "switch", nsim = 2, seed = 1, recovery = TRUE)
  expect_true(attr(check$recovery, "borrowed"))
})

test_that("hierarchical fits are refitted with their design and priors", {
  fit <- quiet_fit("rw", check_data(), method = "em", formula = beta ~ 1, seed = 1)
  plan <- list(nsim = 1L, seed = 1)
  found <- rescorla:::check_recovery(fit, plan, problems_of(fit), NULL)
  expect_equal(nrow(found), 16)
  expect_lt(diff(range(found$refit[found$parameter == "beta"])), 1e-8)
  made <- simulate(fit, seed = 1, type = "generative")
  again <- quiet_fit("rw", rl_data(made), method = "em", formula = beta ~ 1, seed = 1)
  expect_equal(found$refit[found$parameter == "alpha"], coef(again)$alpha)

  prior <- list(alpha = prior_beta(2, 3), effect = prior_normal(0, 0.3),
    sd = list(beta = prior_exponential(2)), correlation = lkj(5))
  nuts <- suppressWarnings(quiet_nuts("rw", check_data(), prior = prior, formula = alpha ~ group,
    chains = 1, warmup = 50, draws = 20))
  again <- suppressMessages(suppressWarnings(rescorla:::refit_data(nuts, check_data(), NULL)))
  expect_identical(prior_summary(again), prior_summary(nuts))
  expect_equal(again$group$draws, nuts$group$draws)
})

test_that("searches that did not converge are problems", {
  fit <- check_fit()
  expect_false("convergence" %in% rl_check(fit, "switch", nsim = 2, seed = 1)$problems$problem)
  fit$status[2] <- "not converged"
  problems <- fit_problems(fit)
  row <- problems[problems$problem == "convergence", ]
  expect_equal(row$subjects[[1]], rownames(fit$estimates)[2])
  expect_match(problem_lines(row), "! not converged in 1 subject", fixed = TRUE)
})
