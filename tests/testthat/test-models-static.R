skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Discounting, risk, ambiguity, peers, happiness, the balloon and the Cambridge gambling task,
# signal detection: against their oracles, against one another where one contains another, and
# refitted to data simulated in plain R.

static_cases <- list(
  dd_hyperbolic = list("dd", c(k = 0.02, beta = 0.3), c(k = 0.3, beta = 1.5)),
  dd_exp = list("dd", c(r = 0.01, beta = 0.3), c(r = 0.2, beta = 1.5)),
  dd_cs = list("dd", c(r = 0.01, s = 0.6, beta = 0.3), c(r = 0.1, s = 1.7, beta = 1.5)),
  ra_prospect = list("ra", c(rho = 0.8, lambda = 1.6, tau = 0.7),
    c(rho = 1.3, lambda = 0.7, tau = 2)),
  ra_noLA = list("ra", c(rho = 0.8, tau = 0.7), c(rho = 1.3, tau = 2)),
  ra_noRA = list("ra", c(lambda = 1.6, tau = 0.7), c(lambda = 0.7, tau = 2)),
  rdt_happiness = list("rdt",
    c(w0 = 0.2, w1 = 0.01, w2 = 0.005, w3 = 0.006, gam = 0.5, sig = 0.9),
    c(w0 = -0.5, w1 = -0.02, w2 = 0.01, w3 = 0.002, gam = 0.85, sig = 1.7)),
  dbdm_prob_weight = list("dbdm", c(tau = 0.7, rho = 0.6, lambda = 1.5, beta = 0.3),
    c(tau = 0.95, rho = 0.9, lambda = 0.5, beta = 0.1)),
  cra_linear = list("cra", c(alpha = 0.7, beta = 0.4, gamma = 0.6),
    c(alpha = 1.2, beta = -0.6, gamma = 0.1)),
  cra_exp = list("cra", c(alpha = 0.7, beta = 0.4, gamma = 0.6),
    c(alpha = 1.2, beta = -0.6, gamma = 0.1)),
  peer_ocu = list("peer", c(rho = 0.7, tau = 0.4, ocu = 0.7), c(rho = 1.1, tau = 0.1, ocu = -2)),
  bart_par4 = list("bart", c(phi = 0.8, eta = 0.05, gam = 1.2, tau = 0.4),
    c(phi = 0.95, eta = 1.5, gam = 0.4, tau = 1.1)),
  bart_ewmv = list("bart", c(phi = 0.1, eta = 0.02, rho = 0.1, tau = 0.9, lambda = 0.6),
    c(phi = 0.3, eta = 0.4, rho = -0.2, tau = 0.5, lambda = 1.4)),
  cgt_cm = list("cgt", c(alpha = 1.4, c = 0.6, rho = 1.2, beta = 0.3, gamma = 1.5),
    c(alpha = 0.5, c = 0.3, rho = 0.2, beta = 2, gamma = 4)),
  task2AFC_sdt = list("task2AFC", c(d = 1.4, c = 0.3), c(d = -0.5, c = -2))
)

for (id in names(static_cases)) {
  test_that(paste(id, "is its oracle, on every trial and with its gradient"), {
    local_language_options()
    case <- static_cases[[id]]
    expect_catalogue_model(id, model_frame(case[[1]], seed = 1), parameters = case[[2]])
    expect_catalogue_model(id, model_frame(case[[1]], subjects = 3, trials = c(8, 40), seed = 2,
      coding = "label"), parameters = case[[3]])
  })
}

static_loglik <- function(id, task, parameters, frame = model_frame(task), gradient = FALSE) {
  data <- suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), model_roles(frame)))))
  suppressMessages(rl_loglik(catalogue_test_model(id), data, parameters, gradient = gradient))
}

test_that("a model with a parameter at its neutral value is the model without it", {
  local_language_options()
  expect_equal(static_loglik("ra_noLA", "ra", c(rho = 0.8, tau = 1.2)),
    static_loglik("ra_prospect", "ra", c(rho = 0.8, lambda = 1, tau = 1.2)), tolerance = 1e-12)
  expect_equal(static_loglik("ra_noRA", "ra", c(lambda = 1.7, tau = 0.5)),
    static_loglik("ra_prospect", "ra", c(rho = 1, lambda = 1.7, tau = 0.5)), tolerance = 1e-12)
  expect_equal(static_loglik("dd_cs", "dd", c(r = 0.03, s = 1, beta = 0.7)),
    static_loglik("dd_exp", "dd", c(r = 0.03, beta = 0.7)), tolerance = 1e-12)
  expect_equal(static_loglik("cra_linear", "cra", c(alpha = 0.8, beta = 0, gamma = 0.4)),
    static_loglik("cra_exp", "cra", c(alpha = 0.8, beta = 0, gamma = 0.4)), tolerance = 1e-12)
})

test_that("nothing at stake has a gradient: delays and amounts of 0, certain and impossible ends", {
  local_language_options()
  dd <- model_frame("dd")
  expect_true(any(dd$delay_sooner == 0, na.rm = TRUE))
  steep <- attr(static_loglik("dd_cs", "dd", c(r = 0.01, s = 0.4, beta = 0.5), dd, TRUE),
    "gradient")
  expect_true(all(is.finite(steep) & steep != 0))

  ra <- model_frame("ra")
  expect_true(any(ra$loss == 0 & ra$cert == 0, na.rm = TRUE))
  concave <- attr(static_loglik("ra_prospect", "ra", c(rho = 0.5, lambda = 2, tau = 1), ra, TRUE),
    "gradient")
  expect_true(all(is.finite(concave) & concave != 0))

  # Both options with an end that is certain or impossible, and payoffs of 0.
  dbdm <- model_frame("dbdm")
  dbdm$opt1hprob <- rep_len(c(1, 0, 0.4), nrow(dbdm))
  dbdm$opt2hprob <- rep_len(c(0.2, 1), nrow(dbdm))
  dbdm$opt2lval <- 0
  expect_catalogue_model("dbdm_prob_weight", dbdm,
    parameters = c(tau = 0.7, rho = 0.6, lambda = 1.5, beta = 0.3))
})

test_that("signal detection adds up to two binomials and is exact far into the tails", {
  local_language_options()
  frame <- data.frame(subject = 1, stimulus = rep(0:1, c(40, 50)),
    choice = rep(c(0, 1, 0, 1), c(31, 9, 12, 38)))
  data <- suppressWarnings(rl_data(frame, outcome = NULL, stimulus = "stimulus"))
  model <- catalogue_test_model("task2AFC_sdt")
  value <- function(d, c) unname(suppressMessages(rl_loglik(model, data, c(d = d, c = c))))
  constants <- lchoose(40, 9) + lchoose(50, 38)
  binomials <- function(d, c) {
    dbinom(38, 50, pnorm(d / 2 - c), log = TRUE) + dbinom(9, 40, pnorm(-d / 2 - c), log = TRUE)
  }
  expect_equal(value(1.4, 0.1) + constants, binomials(1.4, 0.1), tolerance = 1e-12)
  expect_equal(value(-0.3, 0.6) + constants, binomials(-0.3, 0.6), tolerance = 1e-12)
  expect_equal(value(0, 12), 47 * pnorm(-12, log.p = TRUE) + 43 * pnorm(12, log.p = TRUE),
    tolerance = 1e-12)
  # The maximum is at the z scores of the two rates.
  fit <- suppressWarnings(rl_fit(model, data, method = "mle", seed = 1))
  hit <- qnorm(38 / 50)
  false_alarm <- qnorm(9 / 40)
  expect_equal(unlist(coef(fit)[c("d", "c")]), c(d = hit - false_alarm,
    c = -(hit + false_alarm) / 2), tolerance = 1e-4)
})

# --- recovery -------------------------------------------------------------------------------------

pick <- function(values, n) values[sample.int(length(values), n, replace = TRUE)]
static_roles <- list(choice = "choice", outcome = NULL)

test_that("discounting is recovered", {
  local_language_options()
  truth <- data.frame(k = c(0.02, 0.1), beta = c(0.4, 1))
  frame <- simulated_frame(truth, 2000, function(n) {
    data.frame(delay_later = pick(c(2, 7, 20, 60, 180), n), amount_later = pick(c(12, 20, 40), n),
      delay_sooner = pick(c(0, 1), n), amount_sooner = pick(c(3, 6, 10), n))
  }, function(p, o) {
    later <- o$amount_later / (1 + p$k * o$delay_later)
    list(choice = draw_logit(p$beta * (later - o$amount_sooner / (1 + p$k * o$delay_sooner))))
  })
  expect_recovered("dd_hyperbolic", frame, static_roles, truth, c(k = 0.02, beta = 0.12))
})

test_that("risk is recovered", {
  local_language_options()
  truth <- data.frame(rho = c(0.7, 1.1), lambda = c(2, 1.3), tau = c(1.5, 0.8))
  frame <- simulated_frame(truth, 2500, function(n) {
    mixed <- pick(0:1, n)
    data.frame(gain = pick(c(2, 4, 6, 9, 12), n), loss = mixed * pick(c(1, 2, 4, 6), n),
      cert = (1 - mixed) * pick(c(1, 2, 3, 5), n))
  }, function(p, o) {
    gamble <- (o$gain^p$rho - p$lambda * o$loss^p$rho) / 2
    list(choice = draw_logit(p$tau * (gamble - o$cert^p$rho)))
  })
  expect_recovered("ra_prospect", frame, static_roles, truth,
    c(rho = 0.12, lambda = 0.25, tau = 0.35))
})

test_that("happiness is recovered", {
  local_language_options()
  truth <- data.frame(w0 = c(0.5, -0.2), w1 = c(0.6, 0.2), w2 = c(0.4, 0.7), w3 = c(0.8, 0.3),
    gam = c(0.7, 0.4), sig = c(0.3, 0.5))
  frame <- simulated_frame(truth, 1500, function(n) {
    data.frame(gain = pick(c(1, 3, 6), n), loss = pick(c(0, 2, 5), n),
      cert = pick(c(-2, 0, 2), n), gamble = pick(0:1, n), win = pick(0:1, n))
  }, function(p, o) {
    outcome <- ifelse(o$gamble == 1, ifelse(o$win == 1, o$gain, -o$loss), o$cert)
    ev <- (o$gain - o$loss) / 2
    # What happened on the trials before, the one k trials back with the weight gam^k.
    past <- function(x) c(0, p$gam * stats::filter(x, p$gam, method = "recursive")[-length(x)])
    mean <- p$w0 + p$w1 * past((1 - o$gamble) * o$cert) + p$w2 * past(o$gamble * ev) +
      p$w3 * past(o$gamble * (outcome - ev))
    happy <- stats::rnorm(length(mean), mean, p$sig)
    happy[seq_along(happy) %% 2 == 0] <- NA
    list(outcome = outcome, happy = happy)
  })
  expect_recovered("rdt_happiness", frame, list(choice = NULL, outcome = "outcome"), truth,
    c(w0 = 0.1, w1 = 0.1, w2 = 0.15, w3 = 0.1, gam = 0.1, sig = 0.05))
})

test_that("probability weighting is recovered", {
  local_language_options()
  truth <- data.frame(tau = c(0.6, 0.9), rho = c(0.9, 0.7), lambda = c(1.8, 1.2),
    beta = c(0.3, 0.6))
  weigh <- function(q, v, p) {
    w <- exp(-(-log(q))^p$tau)
    w * ifelse(v >= 0, abs(v)^p$rho, -p$lambda * abs(v)^p$rho)
  }
  frame <- simulated_frame(truth, 4000, function(n) {
    data.frame(opt1hprob = pick(1:9 / 10, n), opt2hprob = pick(1:9 / 10, n),
      opt1hval = pick(0:12, n), opt1lval = pick(-8:4, n), opt2hval = pick(0:12, n),
      opt2lval = pick(-8:4, n))
  }, function(p, o) {
    first <- weigh(o$opt1hprob, o$opt1hval, p) + weigh(1 - o$opt1hprob, o$opt1lval, p)
    second <- weigh(o$opt2hprob, o$opt2hval, p) + weigh(1 - o$opt2hprob, o$opt2lval, p)
    list(choice = draw_logit(p$beta * (second - first)))
  })
  expect_recovered("dbdm_prob_weight", frame, static_roles, truth,
    c(tau = 0.12, rho = 0.15, lambda = 0.3, beta = 0.2))
})

test_that("ambiguity and peers are recovered", {
  local_language_options()
  truth <- data.frame(alpha = c(0.6, 0.9), beta = c(0.6, -0.3), gamma = c(1, 0.4))
  frame <- simulated_frame(truth, 3000, function(n) {
    data.frame(prob = pick(c(0.13, 0.25, 0.38, 0.5), n), ambig = pick(c(0, 0.24, 0.5, 0.74), n),
      reward_var = pick(c(5, 10, 20, 40), n), reward_fix = pick(c(5, 8), n))
  }, function(p, o) {
    variable <- (o$prob - p$beta * o$ambig / 2) * o$reward_var^p$alpha
    list(choice = draw_logit(p$gamma * (variable - 0.5 * o$reward_fix^p$alpha)))
  })
  expect_recovered("cra_linear", frame, static_roles, truth,
    c(alpha = 0.1, beta = 0.12, gamma = 0.2))

  truth <- data.frame(rho = c(0.6, 0.9), tau = c(1.5, 0.6), ocu = c(0.8, -0.5))
  frame <- simulated_frame(truth, 3000, function(n) {
    data.frame(condition = pick(0:3, n), p_gamble = pick(2:8 / 10, n),
      safe_Hpayoff = pick(c(20, 26), n), safe_Lpayoff = 16, risky_Hpayoff = pick(c(38, 51), n),
      risky_Lpayoff = pick(c(0, 1), n))
  }, function(p, o) {
    lottery <- function(high, low) o$p_gamble * high^p$rho + (1 - o$p_gamble) * low^p$rho
    gap <- lottery(o$risky_Hpayoff, o$risky_Lpayoff) - lottery(o$safe_Hpayoff, o$safe_Lpayoff)
    list(choice = draw_logit(p$tau * (gap + p$ocu * ((o$condition == 3) - (o$condition == 1)))))
  })
  expect_recovered("peer_ocu", frame, static_roles, truth, c(rho = 0.08, tau = 0.3, ocu = 0.25))
})

# Balloons of 30 pumps at most; `logit(l, n_pump, n_success)` that of the l-th pump.
draw_balloons <- function(burst, logit) {
  n <- length(burst)
  pumps <- explosion <- numeric(n)
  n_pump <- n_success <- 0
  for (t in seq_len(n)) {
    l <- 1
    while (l <= 30 && stats::runif(1) < stats::plogis(logit(l, n_pump, n_success))) {
      pumps[t] <- l
      explosion[t] <- as.numeric(l >= burst[t])
      if (explosion[t] == 1) break
      l <- l + 1
    }
    n_pump <- n_pump + pumps[t]
    n_success <- n_success + pumps[t] - explosion[t]
  }
  list(pumps = pumps, explosion = explosion)
}

test_that("the balloon task is recovered", {
  local_language_options()
  roles <- list(choice = NULL, outcome = NULL)
  offers <- function(n) data.frame(burst = pick(2:30, n))
  truth <- data.frame(phi = c(0.9, 0.8), eta = c(0.005, 0.02), gam = c(0.8, 1.2), tau = c(0.6, 1))
  frame <- simulated_frame(truth, 600, offers, function(p, o) {
    draw_balloons(o$burst, function(l, n_pump, n_success) {
      stays <- (p$phi + p$eta * n_success) / (1 + p$eta * n_pump)
      p$tau * (-p$gam / log(stays) - l)
    })
  })
  expect_recovered("bart_par4", frame, roles, truth,
    c(phi = 0.05, eta = 0.02, gam = 0.2, tau = 0.12))

  truth <- data.frame(phi = c(0.05, 0.1), eta = c(0.002, 0.004), rho = c(0.02, -0.02),
    tau = c(4, 5), lambda = c(0.8, 0.7))
  frame <- simulated_frame(truth, 1500, offers, function(p, o) {
    draw_balloons(o$burst, function(l, n_pump, n_success) {
      weight <- exp(-p$eta * n_pump)
      q <- weight * p$phi + (if (n_pump > 0) (1 - weight) * (1 - n_success / n_pump) else 0)
      lost <- p$lambda * (l - 1)
      p$tau * (1 - q - q * lost + p$rho * q * (1 - q) * (1 + lost)^2)
    })
  })
  expect_recovered("bart_ewmv", frame, roles, truth,
    c(phi = 0.06, eta = 0.02, rho = 0.08, tau = 0.5, lambda = 0.3))
})

test_that("the Cambridge gambling task is recovered", {
  local_language_options()
  share <- c(0.05, 0.25, 0.5, 0.75, 0.95)
  truth <- data.frame(alpha = c(1.2, 2.5), c = c(0.6, 0.45), rho = c(0.8, 2), beta = c(0.5, 0.15),
    gamma = c(3, 8))
  frame <- simulated_frame(truth, 3000, function(n) {
    data.frame(gamble_type = pick(0:1, n), points = pick(c(50, 100, 200), n),
      p_red = pick(c(1:4, 6:9) / 10, n))
  }, function(p, o) {
    odds <- p$c / (1 - p$c) * (o$p_red / (1 - o$p_red))^p$alpha
    colour <- as.numeric(stats::runif(nrow(o)) < odds / (1 + odds))
    win <- ifelse(colour == 1, o$p_red, 1 - o$p_red)
    delay <- outer(o$gamble_type, 0:4 / 4, function(g, x) ifelse(g == 1, x, 1 - x))
    utility <- win * log(1 + o$points %o% (1 + share) / 100) +
      (1 - win) * log(1 + p$rho * (o$points %o% (1 - share)) / 100) - p$beta * delay
    list(colour = colour, bet = draw_rows(exp(p$gamma * utility)))
  })
  expect_recovered("cgt_cm", frame,
    list(choice = c(colour = "colour", bet = "bet"), outcome = NULL), truth,
    c(alpha = 0.25, c = 0.04, rho = 0.4, beta = 0.06, gamma = 0.8))
})
