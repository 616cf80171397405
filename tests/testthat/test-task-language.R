# One task with most of the language in it, compiled once; what its lines should make of the draws is
# computed again in plain R.
everything <- rl_task(
  state = list(
    total = per_action(start), table = array_of(.(c(1, 2, 3, 4, 5, 6)), c(2, 3)), good = scalar(1),
    wins = scalar(0), target = scalar(floor(runif(4, 9))), session = scalar(0, reset = "subject"),
    own = per_action(runif(0, 1)), last = scalar(0)
  ),
  trial = {
    early <- rnorm(0, 2)
    cue ~ categorical(c(1, 2, 1))
    each <- rnorm(total, scale)
    u ~ uniform(-1, 1)
    other <- 3 - choice
    pick <- table[choice, cue]
    outcome ~ bernoulli(ifelse(choice == good, p_good, 1 - p_good))
    total[choice] <- total[choice] + outcome
    total[-choice] <- total[-choice] - early
    wins <- wins + outcome
    session <- session + 1
    again <- last == choice
    last <- choice
    inside <- clip(early, -1, 1)
    if (wins >= target) {
      good <- good %% n_actions + 1
      wins <- 0
      target <- floor(runif(4, 9))
    }
    late <- trial + 10 * (block == 2)
  },
  trials = 25, blocks = 2, actions = c("left", "right"),
  settings = list(start = c(0.25, 0.5), p_good = 0.8, scale = 2), name = "everything"
)

test_that("a task's lines do what they say", {
  n <- 300
  w <- rescorla:::play_task(everything, n, 7, NULL)
  inner <- setdiff(seq_len(49), 25)
  at <- function(name, t, cell = 1) w[[name]][, cell, t]
  for (t in inner) {
    mine <- at("last", t + 1)
    expect_true(all(mine %in% 1:2))
    expect_equal(at("other", t), 3 - mine)
    expect_equal(at("pick", t), matrix(1:6, 2, byrow = TRUE)[cbind(mine, at("cue", t))])
    for (a in 1:2) {
      expect_equal(at("total", t + 1, a),
        at("total", t, a) + ifelse(mine == a, at("outcome", t), -at("early", t)))
    }
    expect_equal(at("again", t), as.numeric(at("last", t) == mine))
    full <- at("wins", t) + at("outcome", t) >= at("target", t)
    expect_equal(at("wins", t + 1), ifelse(full, 0, at("wins", t) + at("outcome", t)))
    expect_equal(at("good", t + 1), ifelse(full, 3 - at("good", t), at("good", t)))
    expect_equal(at("target", t + 1)[!full], at("target", t)[!full])
  }
  expect_equal(w$late[1, 1, ], c(1:25, 10 + 1:25))
  expect_equal(w$session[1, 1, ], 0:49)
  expect_equal(w$inside, pmin(pmax(w$early, -1), 1))
  # Blocks start anew, cell by cell; the subject's own state does not.
  expect_true(all(w$total[, 1, c(1, 26)] == 0.25) && all(w$total[, 2, c(1, 26)] == 0.5))
  expect_equal(w$table[1, , 30], 1:6)
  expect_false(any(w$own[, 1, 1] == w$own[, 2, 1] | w$own[, 1, 1] == w$own[, 1, 26]))
  expect_equal(w$own[, , 1:25], array(w$own[, , 1], c(n, 2, 25)))
})

test_that("draws have their distributions and are independent of each other", {
  w <- rescorla:::play_task(everything, 2000, 1, NULL)
  fits <- function(x, ...) expect_gt(suppressWarnings(stats::ks.test(as.vector(x), ...)$p.value), 1e-4)
  fits(w$early[, 1, c(1, 2, 40)], "pnorm", 0, 2)
  fits((w$each - w$total)[, , 3], "pnorm", 0, 2)
  fits(w$u[, 1, 5:7], "punif", -1, 1)
  fits(w$own[, , 1], "punif")
  expect_gt(stats::chisq.test(table(w$cue), p = c(1, 2, 1) / 4)$p.value, 1e-4)
  expect_gt(stats::chisq.test(table(w$target[, 1, 1]))$p.value, 1e-4)
  noise <- cbind(w$early[, 1, 1:2], (w$each - w$total)[, , 1], (w$each - w$total)[, , 2], w$u[, 1, 1:2],
    w$own[, , 1])
  expect_lt(max(abs(cor(noise)[upper.tri(diag(ncol(noise)))])), 4.5 / sqrt(2000))
  expect_equal(w, rescorla:::play_task(everything, 2000, 1, NULL))
  expect_false(identical(w$early, rescorla:::play_task(everything, 2000, 2, NULL)$early))
  # A participant's world does not depend on how many others there are.
  expect_equal(rescorla:::play_task(everything, 7, 1, NULL)$early, w$early[1:7, , , drop = FALSE])
})

test_that("models play a task the same on any number of threads and at any instruction set", {
  run <- function(...) simulate(rl_model("rw"), seed = 3, subjects = 37, task = everything,
    parameters = c(alpha = 0.3, beta = 2), ...)
  sim <- run(threads = 1)
  expect_identical(run(threads = 2), sim)
  expect_identical(names(sim), c("subject", "block", "trial", "choice", "cue", "u", "outcome"))
  expect_identical(levels(sim$choice), c("left", "right"))
  arrays <- run(output = "arrays")
  expect_equal(as.vector(t(arrays$outcome)), sim$outcome)
  expect_equal(dim(arrays$task$total), c(37, 2, 50))
  # The model is not part of the world: draws that follow no choice are those of any other model.
  played <- rescorla:::play_task(everything, 37, 3, NULL)
  expect_equal(arrays$task$early, matrix(played$early, 37))
  two <- run(nsim = 2)
  expect_identical(two$outcome[two$.sim == 1], sim$outcome)
  expect_false(identical(two$u[two$.sim == 2], sim$u))
  withr::with_options(list(rescorla.isa = "baseline"), {
    expect_equal(run(), sim, tolerance = 1e-12)
  })
  # What happened is scored as it was drawn.
  expect_equal(unname(rl_loglik("rw", rl_data(sim), c(alpha = 0.3, beta = 2))),
    unname(rowSums(log(apply(arrays$probability, c(1, 3), identity)[
      cbind(as.vector(arrays$choice), rep(1:37, 50), rep(1:50, each = 37))] |> matrix(37)))),
    tolerance = 1e-12)
})

test_that("mistakes in a task name the line", {
  expect_snapshot(error = TRUE, {
    rl_task(trial = { outcome ~ bernuolli(0.5) }, trials = 10)
    rl_task(trial = { outcome ~ normal(0) }, trials = 10)
    rl_task(trial = { outcome ~ bernoulli(prob[choice]) }, trials = 10)
    rl_task(trial = { outcome ~ bernoulli(p[choice]) }, trials = 10, settings = list(p = c(0.2, 0.8, 0.1)))
    rl_task(trial = { outcome <- reward }, trials = 10)
    rl_task(trial = { p <- outcome; outcome ~ bernoulli(0.5) }, trials = 10)
    rl_task(trial = { outcome ~ bernoulli(0.5) }, trials = 10, settings = list(p = 1))
    rl_task(trial = { choice <- 1 }, trials = 10)
    rl_task(state = list(x = array_of(.(1:5), c(2, 3))), trial = { x <- x }, trials = 10)
    rl_task(trials = 10)
    rl_task(trial = { outcome ~ bernoulli(0.5) }, trials = 10, actions = 1)
    rl_task(trial = { outcome ~ bernoulli(0.5) }, trials = 10, actions = c("a", "a"))
    rl_task(trial = { outcome ~ bernoulli(0.5) }, trials = 10, settings = list(0.5))
    rl_model("m", parameters = list(), trial = { x <- rnorm(0, 1) })
  })
  expect_error(rl_task(trial = { outcome ~ bernuolli(0.5) }, trials = 10), class = "rescorla_error_model")
})

test_that("tasks of one's own print their program", {
  expect_snapshot(everything)
})
