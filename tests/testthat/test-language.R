skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Models of the literature, written as a user would write them, against the interpreter.

test_that("two-step task, seven parameters: two responses and a table of values", {
  model <- rl_model("two-step",
    parameters = list(a1 = unit_interval(), a2 = unit_interval(), beta1 = positive(),
      beta2 = positive(), lambda = unit_interval(), w = unit_interval(), pi = real()),
    columns = "state2",
    state = list(mf = array_of(0, 2), v = array_of(0, c(2, 2)), last = array_of(0, 2)),
    trial = {
      best <- c(max(v[1, ]), max(v[2, ]))
      mb <- c(0.7 * best[1] + 0.3 * best[2], 0.3 * best[1] + 0.7 * best[2])
      choice1 ~ softmax(beta1 * (w * mb + (1 - w) * mf) + pi * last)
      choice2 ~ softmax(beta2 * v[state2, ])
      mf[choice1] <- mf[choice1] + a1 * (v[state2, choice2] - mf[choice1])
      v[state2, choice2] <- v[state2, choice2] + a2 * (outcome - v[state2, choice2])
      mf[choice1] <- mf[choice1] + lambda * a1 * (outcome - v[state2, choice2])
      last <- one_hot(choice1)
    })
  frame <- language_data() |> add_column("first", 1:2, 0.1, 2) |> add_column("state2", 1:2, 0.1, 3)
  roles <- language_roles_of(frame, choice = c(choice1 = "first", choice2 = "choice"),
    actions = list(choice1 = 1:2, choice2 = 1:2))
  expect_language(model, frame,
    list(a1 = .4, a2 = .3, beta1 = 2, beta2 = 3, lambda = .6, w = .5, pi = .3), roles,
    levels = list(choice1 = 1:2, choice2 = 1:2, state2 = 1:2), all_levels = TRUE)
})

test_that("RLWM: rows by stimulus, a mixture of policies, lapses", {
  model <- rl_model("RLWM",
    parameters = list(alpha = unit_interval(), gamma = unit_interval(), phi = unit_interval(),
      rho = unit_interval(), capacity = bounded(1, 6), epsilon = unit_interval(), beta = positive()),
    columns = "set_size",
    state = list(q_rl = array_of(1 / n_actions, c(stimulus, choice)),
      q_wm = array_of(1 / n_actions, c(stimulus, choice))),
    trial = {
      w <- rho * min(1, capacity / set_size)
      policy <- w * softmax(beta * q_wm[stimulus, ]) + (1 - w) * softmax(beta * q_rl[stimulus, ])
      choice ~ categorical(policy, lapse = epsilon)
      q_wm <- q_wm + phi * (1 / n_actions - q_wm)
      e_rl <- outcome - q_rl[stimulus, choice]
      e_wm <- outcome - q_wm[stimulus, choice]
      q_rl[stimulus, choice] <- q_rl[stimulus, choice] + alpha * ifelse(e_rl < 0, gamma, 1) * e_rl
      q_wm[stimulus, choice] <- q_wm[stimulus, choice] + ifelse(e_wm < 0, gamma, 1) * e_wm
    })
  frame <- language_data(n_actions = 3) |>
    add_column("image", c("cat", "dog", "bee", "ant"), 0.1, 4) |>
    add_column("set_size", c(2, 4, 6), 0, 5)
  roles <- language_roles_of(frame, stimulus = "image")
  expect_language(model, frame, list(alpha = .3, gamma = .4, phi = .2, rho = .9, capacity = 3.3,
    epsilon = .05, beta = 5), roles, levels = list(stimulus = c("ant", "bee", "cat", "dog")))
})

test_that("WCST: columns that share the coding of the choice", {
  model <- rl_model("WCST", parameters = list(r = unit_interval(), p = unit_interval(),
    d = positive()),
  columns = c("colour", "form", "number"), state = list(a = array_of(1 / 3, 3)),
  trial = {
    s <- a^d
    match <- s[1] * one_hot(colour, choice) + s[2] * one_hot(form, choice) +
      s[3] * one_hot(number, choice)
    choice ~ categorical(0.9998 * match / sum(match) + 0.0001)
    hit <- c(colour == choice, form == choice, number == choice)
    signal <- a * ifelse(outcome > 0, hit, 1 - hit) + 1e-4
    new <- a + ifelse(outcome > 0, r, p) * (signal / sum(signal) - a)
    a <- 0.9998 * new / sum(new) + 0.0001
  })
  frame <- language_data(n_actions = 4) |> add_column("colour", c(1, 2, 4), 0, 6) |>
    add_column("form", 1:4, 0, 7) |> add_column("number", 1:4, 0.05, 8)
  four <- as.character(1:4)
  expect_language(model, frame, list(r = .4, p = .3, d = 1.2),
    levels = list(choice = four, colour = four, form = four, number = four))
})

test_that("IGT ORL: sign, abs and a fixed constant", {
  model <- rl_model("ORL",
    parameters = list(Arew = unit_interval(), Apun = unit_interval(), K = bounded(0, 5),
      betaF = real(), betaP = real(), payscale = fixed(100)),
    columns = c("gain", "loss"),
    state = list(ef = per_action(0), ev = per_action(0), ps = per_action(1)),
    trial = {
      choice ~ softmax(ev + betaF * ef + betaP * ps)
      x <- (gain - abs(loss)) / payscale
      s <- sign(x)
      a_c <- ifelse(x >= 0, Arew, Apun)
      a_u <- ifelse(x >= 0, Apun, Arew)
      ef[-choice] <- ef[-choice] + a_u * (-s / (n_actions - 1) - ef[-choice])
      ef[choice] <- ef[choice] + a_c * (s - ef[choice])
      ev[choice] <- ev[choice] + a_c * (x - ev[choice])
      ps[choice] <- 1
      ps <- ps / 3^K
    })
  frame <- language_data(n_actions = 4) |> add_column("gain", c(50, 100, 0), 0.1, 9) |>
    add_column("loss", c(0, -250, -50, -100), 0, 10)
  expect_language(model, frame, list(Arew = .3, Apun = .1, K = .4, betaF = 1.5, betaP = .7))
})

test_that("go/no-go: a logit for the second level, tables by cue", {
  model <- rl_model("go/no-go",
    parameters = list(xi = unit_interval(), ep = unit_interval(), b = real(), pi = real(),
      rho = positive()),
    columns = "cue", state = list(q = array_of(0, c(cue, choice)), v = array_of(0, cue)),
    trial = {
      go <- q[cue, 2] - q[cue, 1] + b + pi * v[cue]
      choice ~ bernoulli_logit(go, lapse = xi)
      v[cue] <- v[cue] + ep * (rho * outcome - v[cue])
      q[cue, choice] <- q[cue, choice] + ep * (rho * outcome - q[cue, choice])
    })
  frame <- language_data() |> add_column("cue", c("b", "a", "d", "c"), 0.1, 13)
  frame$choice <- frame$choice - 1
  roles <- language_roles_of(frame, actions = 0:1)
  expect_language(model, frame, list(xi = .1, ep = .3, b = .2, pi = .5, rho = 2), roles,
    levels = list(choice = 0:1, cue = c("a", "b", "c", "d")))
})

test_that("Kalman filter and binary HGF: updates that happen only where the input was seen", {
  kalman <- rl_model("Kalman",
    parameters = list(beta = positive(), lambda = unit_interval(), theta = real(), sD = positive(),
      mu = real()),
    state = list(m = per_action(mu), s2 = per_action(4^2)),
    trial = {
      choice ~ softmax(beta * m)
      if (observed(outcome)) {
        k <- s2[choice] / (s2[choice] + 16)
        m[choice] <- m[choice] + k * (outcome - m[choice])
        s2[choice] <- s2[choice] * (1 - k)
      }
      m <- lambda * m + (1 - lambda) * theta
      s2 <- lambda^2 * s2 + sD^2
    })
  expect_language(kalman, language_data(n_actions = 4, outcome = "normal"),
    list(beta = .6, lambda = .8, theta = .5, sD = 1.5, mu = .2))

  hgf <- rl_model("binary HGF",
    parameters = list(zeta = positive(), kappa = positive(), omega2 = real(), omega3 = real(),
      mu20 = fixed(0), mu30 = fixed(1), sa20 = fixed(0.1), sa30 = fixed(1)),
    columns = "u", state = list(mu2 = scalar(mu20), mu3 = scalar(mu30), sa2 = scalar(sa20),
      sa3 = scalar(sa30)),
    trial = {
      choice ~ bernoulli_logit(zeta * mu2)
      if (observed(u)) {
        m1 <- plogis(mu2)
        v <- exp(kappa * mu3 + omega2)
        h2 <- sa2 + v
        h3 <- sa3 + exp(omega3)
        s2 <- 1 / (1 / h2 + m1 * (1 - m1))
        m2 <- mu2 + s2 * (u - m1)
        w <- v / h2
        delta <- (s2 + (m2 - mu2)^2) / h2 - 1
        s3 <- 1 / (1 / h3 + 0.5 * kappa^2 * w * (w + (2 * w - 1) * delta))
        mu3 <- mu3 + 0.5 * s3 * kappa * w * delta
        mu2 <- m2
        sa2 <- s2
        sa3 <- s3
      }
    })
  frame <- add_column(language_data(), "u", 0:1, 0.15, 14)
  expect_language(hgf, frame, list(zeta = 1.5, kappa = .8, omega2 = -2.5, omega3 = -4))
})

test_that("BART, a row for each pump: labels, three-valued logic, nested changes of scalars", {
  model <- rl_model("BART",
    parameters = list(phi = bounded(0.01, 0.4), eta = bounded(0, 0.02), gam = positive(),
      tau = positive()),
    columns = "burst",
    state = list(n_pump = scalar(0), n_success = scalar(0), step = scalar(1)),
    trial = {
      p_burst <- 1 - (1 - phi + eta * n_success) / (1 + eta * n_pump)
      omega <- -gam / log1p(-p_burst)
      choice ~ bernoulli_logit(tau * (omega - step))
      if (burst == 1 | choice == "stop") {
        n_success <- n_success + step - 1
        n_pump <- n_pump + step - (choice == "stop")
        step <- 1
      } else {
        step <- step + 1
      }
    })
  frame <- add_column(language_data(), "burst", c(0, 0, 0, 1), 0.15, 15)
  frame$choice <- c("stop", "pump")[frame$choice]
  roles <- language_roles_of(frame, actions = c("stop", "pump"))
  expect_language(model, frame, list(phi = .15, eta = .01, gam = .5, tau = .8), roles,
    levels = list(choice = c("stop", "pump")))
})

test_that("CGT: parameters called like functions, two responses, a bet with five levels", {
  model <- rl_model("CGT",
    parameters = list(alpha = positive(), c = unit_interval(), rho = positive(), beta = real(),
      gamma = positive()),
    columns = c("gamble_type", "points", "p_red"),
    trial = {
      s <- c * p_red^alpha / (c * p_red^alpha + (1 - c) * (1 - p_red)^alpha)
      colour ~ bernoulli(s)
      p <- ifelse(colour == "red", s, 1 - s)
      stake <- points * c(0.05, 0.25, 0.5, 0.75, 0.95)
      delay <- ifelse(gamble_type == 1, c(0, 1, 2, 3, 4), c(4, 3, 2, 1, 0))
      bet ~ softmax(gamma * (log1p(points + stake) * p +
        log1p(rho * (points - stake)) * (1 - p) - beta * delay))
    })
  frame <- language_data(n_actions = 5) |> add_column("colour", c("blue", "red"), 0.1, 16) |>
    add_column("gamble_type", 1:2, 0.05, 17) |> add_column("points", c(50, 80, 120), 0, 18) |>
    add_column("p_red", c(0, .1, .4, .6, .9, 1), 0, 19)
  roles <- language_roles_of(frame, choice = c(colour = "colour", bet = "choice"),
    actions = list(colour = c("blue", "red"), bet = 1:5))
  # With p_red at 0 or 1 the colour is certain: only rows where it fits have a finite likelihood.
  certain <- frame$p_red %in% c(0, 1)
  frame$colour[certain] <- ifelse(frame$p_red[certain] == 1, "red", "blue")
  expect_language(model, frame, list(alpha = .8, c = .6, rho = 1.2, beta = .3, gamma = 1.5), roles,
    levels = list(colour = c("blue", "red"), bet = 1:5))
})

test_that("momentary happiness: a response that is a number", {
  model <- rl_model("happiness",
    parameters = list(w0 = real(), w1 = real(), w2 = real(), w3 = real(), gam = unit_interval(),
      sig = positive()),
    columns = c("gamble", "cert", "gain", "loss"),
    state = list(cr = scalar(0), ev = scalar(0), rpe = scalar(0)),
    trial = {
      happy ~ normal(w0 + w1 * cr + w2 * ev + w3 * rpe, sig)
      expected <- 0.5 * (gain - loss)
      cr <- gam * (cr + ifelse(gamble == 0, cert, 0))
      ev <- gam * (ev + ifelse(gamble == 1, expected, 0))
      rpe <- gam * (rpe + ifelse(gamble == 1, outcome - expected, 0))
    })
  frame <- language_data() |> add_column("gamble", 0:1, 0.05, 20) |> add_number("cert", 0, 21) |>
    add_number("gain", 0.1, 22) |> add_number("loss", 0, 23) |> add_number("happy", 0.6, 24)
  expect_language(model, frame, list(w0 = .2, w1 = .4, w2 = .5, w3 = .6, gam = .5, sig = .9))
})

test_that("PST as pairs: two columns with one set of levels, a local as an index", {
  model <- rl_model("PST", parameters = list(alpha_pos = unit_interval(),
    alpha_neg = unit_interval(), beta = positive()),
  columns = c("option1", "option2"),
  state = list(q = array_of(0, levels(option1, option2))),
  trial = {
    choice ~ softmax(beta * c(q[option1], q[option2]))
    shown <- ifelse(choice == 1, option1, option2)
    pe <- outcome - q[shown]
    q[shown] <- q[shown] + ifelse(pe >= 0, alpha_pos, alpha_neg) * pe
  })
  frame <- language_data() |> add_column("option1", c(1, 3, 5), 0.05, 25) |>
    add_column("option2", c(2, 4, 6), 0, 26)
  six <- as.character(1:6)
  expect_language(model, frame, list(alpha_pos = .3, alpha_neg = .2, beta = 2),
    levels = list(choice = 1:2, option1 = six, option2 = six, shown = six))

  wide <- rl_model("PST, six actions", parameters = list(alpha = unit_interval(),
    beta = positive()),
  state = list(q = per_action(0)),
  trial = {
    choice ~ softmax(beta * q)
    q[choice] <- q[choice] + alpha * (outcome - q[choice])
  })
  frame <- language_data(n_actions = 6, available = TRUE)
  expect_language(wide, frame, list(alpha = .3, beta = 2))
})

test_that("SPICE agent: chosen, unchosen and choice trace", {
  model <- rl_model("SPICE",
    parameters = list(beta_reward = positive(), beta_choice = real(), alpha_reward = unit_interval(),
      alpha_penalty = unit_interval(), alpha_cf = unit_interval(), alpha_choice = unit_interval(),
      forget = unit_interval()),
    state = list(V = per_action(0.5), C = per_action(0)),
    trial = {
      choice ~ softmax(beta_reward * V + beta_choice * C)
      alpha <- ifelse(outcome > 0.5, alpha_reward, alpha_penalty)
      V[choice] <- V[choice] + alpha * (outcome - V[choice])
      V[-choice] <- V[-choice] + alpha_cf * ((1 - outcome) - V[-choice]) + forget * (0.5 - V[-choice])
      C <- C + alpha_choice * (one_hot(choice) - C)
    })
  expect_language(model, language_data(n_actions = 3), list(beta_reward = 3, beta_choice = .8,
    alpha_reward = .4, alpha_penalty = .2, alpha_cf = .1, alpha_choice = .5, forget = .05))
})

test_that("GQL of order two: twelve parameters", {
  kinds <- c(rep(list(unit_interval()), 4), rep(list(real()), 8))
  names(kinds) <- c("phi1", "phi2", "psi1", "psi2", "beta1", "beta2", "kappa1", "kappa2", "c11",
    "c12", "c21", "c22")
  model <- rl_model("GQL", parameters = kinds,
    state = list(v1 = per_action(0), v2 = per_action(0), h1 = per_action(0), h2 = per_action(0)),
    trial = {
      choice ~ softmax(beta1 * v1 + beta2 * v2 + kappa1 * h1 + kappa2 * h2 + c11 * v1 * h1 +
        c12 * v1 * h2 + c21 * v2 * h1 + c22 * v2 * h2)
      v1 <- v1 + phi1 * (one_hot(choice) * outcome - v1)
      v2 <- v2 + phi2 * (one_hot(choice) * outcome - v2)
      h1 <- h1 + psi1 * (one_hot(choice) - h1)
      h2 <- h2 + psi2 * (one_hot(choice) - h2)
    })
  x <- stats::setNames(c(.3, .7, .2, .9, 1.5, -.4, .3, .2, .4, -.3, .2, .1), names(kinds))
  expect_language(model, language_data(), as.list(x))
})
