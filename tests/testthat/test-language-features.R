skip_on_cran()  # minutes of compiling and comparing; `make test` runs it

# Constructs one by one, several to a model, against the interpreter.

test_that("states that persist, partial resets and time-varying covariates", {
  model <- rl_model("sessions",
    parameters = list(a0 = real(), a1 = real(), beta = positive(), q0 = real(), habit = real()),
    columns = c("volatility", "new_session"),
    state = list(value = per_action(q0, reset = "subject"), trace = per_action(0),
      seen = scalar(0, reset = "subject")),
    trial = {
      if (new_session == 1) value <- q0
      choice ~ softmax(beta * value + habit * trace)
      alpha <- plogis(a0 + a1 * volatility)
      value[choice] <- rescorla_wagner(value[choice], outcome, alpha)
      trace <- 0.8 * trace + one_hot(choice)
      seen <- seen + observed(outcome)
    })
  frame <- language_data(n_actions = 3, shuffle = TRUE) |> add_number("volatility", 0.1, 30) |>
    add_column("new_session", c(0, 0, 0, 1), 0.1, 31)
  expect_language(model, frame, list(a0 = -1, a1 = .5, beta = 2, q0 = .2, habit = .4))
})

test_that("sticky choice: discrete states by copy, by number, by cue; index 0 before the first", {
  model <- rl_model("sticky",
    parameters = list(alpha = unit_interval(), beta = positive(), kappa = real(), tau = real(),
      pi = real()),
    columns = "cue",
    state = list(value = array_of(0, c(cue, choice)), last = scalar(0), by_cue = array_of(0, cue),
      count = scalar(0), second = scalar(0), shock = per_action(0)),
    trial = {
      stay <- one_hot(last, choice) + 0.5 * one_hot(by_cue[cue], choice)
      again <- (last == 2) - (by_cue[cue] == 1) - (second != 0)
      choice ~ softmax(beta * value[cue, ] + kappa * stay + tau * again * one_hot(last, choice) +
        pi * shock)
      repeated <- last == choice
      value[cue, choice] <- value[cue, choice] + alpha * (outcome - value[cue, choice])
      # Nothing yet on the first trial: these lines do nothing.
      shock[last] <- shock[last] + 0.1
      shock[-last] <- 0.9 * shock[-last]
      others <- sum(shock[-last])
      count <- ifelse(repeated, count + 1, 0)
      second <- last
      by_cue[cue] <- choice
      last <- choice
    })
  frame <- language_data(n_actions = 3) |> add_column("cue", c("x", "y"), 0.1, 32)
  expect_language(model, frame, list(alpha = .3, beta = 2, kappa = .5, tau = .3, pi = .4),
    levels = list(choice = 1:3, cue = c("x", "y")))
})

test_that("availability: from the data, from the program, with lapses, one action or none", {
  by_role <- rl_model("offered",
    parameters = list(alpha = unit_interval(), beta = positive(), epsilon = unit_interval()),
    state = list(value = per_action(0.5)),
    trial = {
      offers <- sum(available)
      choice ~ softmax(beta * value, lapse = epsilon)
      own <- available[choice]
      value[choice] <- value[choice] + alpha * (outcome - value[choice])
      value <- value - 0.1 * value * available
    })
  frame <- language_data(n_actions = 4, available = TRUE)
  few <- seq(3, nrow(frame), by = 9)
  for (a in 1:4) frame[few, paste0("available_", a)] <- frame$choice[few] %in% a
  expect_language(by_role, frame, list(alpha = .3, beta = 2, epsilon = .1))

  by_program <- rl_model("pairs", parameters = list(alpha = unit_interval(), beta = positive()),
    columns = "pair", state = list(value = per_action(0.5)),
    trial = {
      offer <- ifelse(pair == "ab", c(1, 1, 0), ifelse(pair == "bc", c(0, 1, 1), c(0, 1, 0)))
      choice ~ softmax(beta * value, available = offer)
      p <- softmax(beta * value, available = offer)
      value[choice] <- value[choice] + alpha * (outcome - value[choice])
    })
  frame <- add_column(language_data(n_actions = 3), "pair", c("ab", "bc", "b"), 0.1, 33)
  frame$choice[frame$pair %in% "b" & !is.na(frame$choice)] <- 2
  frame$choice[frame$pair %in% "ab" & frame$choice %in% 3] <- 1
  frame$choice[frame$pair %in% "bc" & frame$choice %in% 1] <- 3
  expect_language(by_program, frame, list(alpha = .3, beta = 2),
    levels = list(choice = 1:3, pair = c("ab", "b", "bc")))
  # What was not on offer cannot have been chosen.
  frame$choice[which(frame$pair %in% "ab" & frame$choice %in% 1)[1]] <- 3
  local_language_options()
  data <- suppressWarnings(do.call(rl_data, c(list(frame), language_roles_of(frame))))
  expect_warning(value <- rl_loglik(by_program, data, c(alpha = .3, beta = 2)),
    class = "rescorla_warning_convergence")
  expect_equal(sum(value == -Inf), 1)
})

test_that("several responses, each with its own availability and forced trials", {
  model <- rl_model("stages", parameters = list(alpha = unit_interval(), beta = positive(),
    bias = real(), sd = positive()),
  columns = "confidence",
  state = list(first = array_of(0, choice1), second = array_of(0, c(choice1, choice2)),
    report = scalar(0)),
  trial = {
    choice1 ~ softmax(beta * first)
    row <- second[choice1, ]
    choice2 ~ bernoulli_logit(beta * (row[2] - row[1]) + bias)
    confidence ~ normal(report, sd)
    first[choice1] <- first[choice1] + alpha * (outcome - first[choice1])
    second[choice1, ] <- second[choice1, ] + alpha * (one_hot(choice2) * outcome - second[choice1, ])
    report <- report + alpha * (confidence - report)
    size <- n_levels(choice1) + n_levels(choice2)
  })
  frame <- language_data(n_actions = 3) |> add_column("level2", c("left", "right"), 0.1, 34) |>
    add_number("confidence", 0.3, 35) |> add_column("made", c(FALSE, FALSE, TRUE), 0, 36)
  for (a in 1:3) frame <- add_column(frame, paste0("on", a), c(TRUE, TRUE, FALSE), 0, 36 + a)
  for (a in 1:3) frame[[paste0("on", a)]][frame$choice %in% a] <- TRUE
  roles <- language_roles_of(frame, choice = c(choice1 = "choice", choice2 = "level2"),
    actions = list(choice1 = 1:3, choice2 = c("left", "right")),
    available = list(choice1 = paste0("on", 1:3)), forced = list(choice2 = "made"))
  expect_language(model, frame, list(alpha = .3, beta = 1.5, bias = .2, sd = .8), roles,
    levels = list(choice1 = 1:3, choice2 = c("left", "right")))
})

test_that("functions, reductions without a cell, powers, remainders, logic, three dimensions", {
  model <- rl_model("functions",
    parameters = list(a = unit_interval(), b = positive(), r = real(), d = positive()),
    columns = c("x", "t", "cue"),
    state = list(value = per_action(0.3), total = scalar(0.1), last = scalar(0),
      wide = array_of(0.2 * a, c(2, cue, choice))),
    trial = {
      size <- abs(x)^a - 0.5 * pmin(x, r) + pmax(0, x)^2 + sqrt(x^2 + 1) + tanh(x * a)^3
      sides <- c(min(value), max(value, r), mean(value), sum(value * 2, 1), min(1, a, b))
      phase <- t %% 3 + floor(t / 4) %% 2 + (r + 5) %% b + (-7.5) %% 2 + 0^a
      f <- !(x > 0) | x < 1 & t >= 2
      g <- ifelse(f, exp(-size), log(size + 3)) + (x != 0) - TRUE
      best <- max(value[-last] - r, 0) + min(value[-last]) * mean(value[-last]) +
        sum(a * value[-last])
      choice ~ softmax(b * value + 0.3 * sides[2] * wide[2, cue, ] + plogis(r) * phase / 10 * value^d)
      gap <- pnorm(g) - qlogis(0.3 + 0.4 * a) - log1p(size^2)
      if (choice != 1 & !(t > 7)) total <- total * a
      value[-choice] <- value[-choice] - 0.2 * (value[-choice] - mean(value[-choice]))
      value[choice] <- value[choice] + a * (outcome - value[choice]) - 0.01 * sign(gap)
      wide[1, cue, choice] <- wide[1, cue, choice] + a * (outcome - total)
      wide[2, cue, ] <- wide[2, cue, ] + a * (wide[1, cue, ] - wide[2, cue, ])
      wide <- 0.99 * wide
      last <- choice
    })
  frame <- language_data(n_actions = 3) |> add_number("x", 0.1, 41) |>
    add_column("t", 0:9, 0.05, 42) |> add_column("cue", 1:2, 0.05, 43)
  frame$x[c(4, 9)] <- 0
  expect_language(model, frame, list(a = .35, b = 1.25, r = .2, d = .8),
    levels = list(choice = 1:3, cue = 1:2), all_levels = TRUE)
})

test_that("locals: in one branch, nested, vectors by cell and by row, scalars that become vectors", {
  model <- rl_model("locals",
    parameters = list(a = unit_interval(), b = positive(), r = real()),
    columns = c("x", "phase", "cue"),
    state = list(value = per_action(0), table = array_of(0.5, c(cue, choice))),
    trial = {
      if (phase == "learn") {
        rate <- a
        if (x > 0) {
          boost <- 1 + x
        } else if (x < -1) {
          boost <- c(r, 1, 2)
          rate <- a / 2
        } else boost <- 0.5
      } else {
        late <- x
      }
      bonus <- ifelse(observed(boost), boost, 0.1)
      held <- c(0, a, 0)
      held[2] <- r
      if (observed(x)) held <- held + value
      held[3] <- x
      held[cue] <- held[cue] + 1
      mixed <- ifelse(observed(held), held, -1)
      choice ~ softmax(b * value + bonus + mixed)
      copy <- table
      copy[cue, ] <- copy[cue, ] + outcome
      copy[1, choice] <- 0.3
      row <- copy[cue, ]
      pick <- copy[2, 3] + row[choice] + foregone[choice] - foregone[1]
      value[choice] <- value[choice] + rate * (outcome - value[choice])
      value[-choice] <- value[-choice] + rate * (foregone - value[-choice])
      table[cue, choice] <- table[cue, choice] + a * (pick - table[cue, choice])
      value <- c(value[1], value[2] + late, value[3])
    })
  frame <- language_data(n_actions = 3, foregone = TRUE) |> add_number("x", 0.15, 44) |>
    add_column("phase", c("learn", "test"), 0.1, 45) |> add_column("cue", 1:3, 0.1, 46)
  expect_language(model, frame, list(a = .35, b = .8, r = .2),
    levels = list(choice = 1:3, cue = 1:3, phase = c("learn", "test")))
})

test_that("rules and their members, epsilon-greedy, injected values, programs made elsewhere", {
  weights <- c(0.2, 0.5, 0.3)
  states <- quote(list(value = per_action(0.25), var = per_action(s0^2), assoc = per_action(1)))
  model <- rl_model("rules",
    parameters = list(up = unit_interval(), down = unit_interval(), eta = unit_interval(),
      s0 = positive(), eps = unit_interval(), share = unit_interval()),
    state = states,
    trial = {
      greedy <- epsilon_greedy(value, epsilon = eps)
      choice ~ categorical(share * greedy + (1 - share) * .(weights))
      gain <- kalman_update(value[choice], var[choice], outcome, sigma_obs = 2)$gain
      error <- rescorla_wagner_asymmetric(value, foregone, up, down)$prediction_error
      assoc <- pearce_hall_update(value, assoc, foregone, 0.5, eta)$associability
      var[choice] <- kalman_update(value[choice], var[choice], outcome, 2)$variance
      value[-choice] <- rescorla_wagner_asymmetric(value[-choice], foregone, up, down)
      value[choice] <- pearce_hall_update(value[choice], assoc[choice], outcome, kappa = up, eta = eta)
      value <- value + 0.001 * gain * error
    })
  frame <- language_data(n_actions = 3, foregone = TRUE, outcome = "normal")
  expect_language(model, frame, list(up = .35, down = .2, eta = .3, s0 = 1.5, eps = .2, share = .6))
})

test_that("initial values from columns, labels and the number of actions; ~ under if", {
  model <- rl_model("groups",
    parameters = list(a = unit_interval(), young = real(), old = real(), b = positive()),
    columns = c("group", "prior", "rated"),
    state = list(value = array_of(ifelse(group == "young", young, old) + prior, n_actions),
      level = scalar(1 / n_actions)),
    trial = {
      p <- plogis(b * (value[2] - value[1]))
      choice ~ bernoulli(p, lapse = 0.05)
      if (rated) mood ~ normal(level, 0.7 + 0.1 * (choice == 2))
      value[choice] <- value[choice] + a * (outcome - value[choice])
      level <- level + a * (mood - level)
    })
  frame <- language_data() |> add_column("rated", c(TRUE, FALSE), 0.1, 51) |>
    add_number("mood", 0.2, 52)
  frame$group <- ifelse(frame$subject == "s2", "old", "young")
  frame$prior <- 0.1 * match(frame$block, c("b1", "b2"))
  expect_language(model, frame, list(a = .3, young = .2, old = -.3, b = 1.5),
    levels = list(choice = 1:2, group = c("old", "young")))
  local_language_options()
  bind <- function(frame) {
    data <- suppressWarnings(do.call(rl_data, c(list(frame), language_roles_of(frame))))
    rl_loglik(model, data, c(a = .3, young = .2, old = -.3, b = 1.5))
  }
  frame$prior[3] <- 2
  expect_error(bind(frame), "changes within a block", class = "rescorla_error_data")
  frame$prior[1] <- NA
  expect_error(bind(frame), "missing on the first trial", class = "rescorla_error_data")
})

test_that("wide tables: more cells than are blended, rows and single cells", {
  model <- rl_model("images", parameters = list(a = unit_interval(), b = positive(), f = unit_interval()),
    columns = "image", state = list(q = array_of(0, c(image, choice)), last = array_of(0, image)),
    trial = {
      choice ~ softmax(b * q[image, ] + 0.4 * one_hot(last[image], choice))
      q[image, choice] <- q[image, choice] + a * (outcome - q[image, choice])
      q[image, ] <- (1 - f) * q[image, ]
      last[image] <- choice
      recent <- q[2, ]
      spread <- sum(q[image, ]^2) + q[11, 1]
    })
  frame <- add_column(language_data(n_actions = 3), "image", 1:12, 0.1, 53)
  expect_language(model, frame, list(a = .5, b = 2, f = .1),
    levels = list(choice = 1:3, image = 1:12), all_levels = TRUE)
})

test_that("computed indices, factors, logical columns, blocks, columns by cell", {
  model <- rl_model("indices", parameters = list(a = unit_interval(), b = positive()),
    columns = c("grade", "flag"),
    state = list(value = per_action(0), q = array_of(0, c(grade, 2)), n = scalar(1),
      by_block = array_of(0, block, reset = "subject"), hits = scalar(0)),
    trial = {
      n <- n %% 4 + 1
      choice ~ softmax(b * value + 0.2 * q[grade, 1 + flag] + by_block[block])
      # Beyond the three actions there is nothing to read or to write.
      ahead <- value[n]
      value[n] <- value[n] + 0.1
      q[grade, n] <- q[grade, n] + 0.5
      best <- max(foregone[-choice]) - min(foregone[-choice], 0)
      value[-choice] <- value[-choice] + a * (best - value[-choice])
      value[choice] <- value[choice] + a * (outcome - value[choice])
      by_block[block] <- 0.9 * by_block[block] + flag
      if (hits - 2) hits <- hits + 1
      same <- grade == "low" & !(grade != 1)
    })
  frame <- language_data(n_actions = 3, foregone = TRUE) |>
    add_column("grade", c("low", "high"), 0.1, 54) |> add_column("flag", c(TRUE, FALSE), 0.1, 55)
  frame$grade <- factor(frame$grade, levels = c("low", "middle", "high"))
  expect_language(model, frame, list(a = .3, b = 1.2),
    levels = list(choice = 1:3, grade = levels(frame$grade), block = c("b1", "b2")))
})
