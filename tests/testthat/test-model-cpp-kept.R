# Exponentials that are kept from trial to trial: where, and that nobody can tell.

kept <- function(model) {
  any(grepl("f.softmax_kept(", generate_cpp(model$program, "model_test"), fixed = TRUE))
}
generate_cpp <- function(...) rescorla:::generate_cpp(...)

test_that("exponentials are kept where a trial moves the chosen cell only", {
  for (id in c("rw", "rw_asymmetric", "pearce_hall")) expect_true(kept(rl_model(id)), info = id)
  others <- c("rw_forgetting", "rw_perseveration", "rw_lapse", "rw_counterfactual", "kalman")
  for (id in others) expect_false(kept(rl_model(id)), info = id)
})

test_that("a second line, a branch or another index is noticed", {
  model <- function(trial) {
    rl_model("test", parameters = list(alpha = unit_interval(), beta = positive()),
      columns = "cue", state = list(value = per_action(0), last = scalar(0)), trial = trial)
  }
  move <- quote(value[choice] <- value[choice] + alpha * (outcome - value[choice]))
  block <- function(...) as.call(c(list(quote(`{`)), list(...)))
  expect_true(kept(model(block(quote(choice ~ softmax(beta * value)), move))))
  expect_true(kept(model(block(quote(choice ~ softmax(beta * value)),
    call("if", quote(outcome > 0), move)))))
  expect_false(kept(model(block(quote(choice ~ softmax(beta * value)), move,
    quote(value <- value * alpha)))))
  expect_false(kept(model(block(quote(choice ~ softmax(beta * value)), move,
    quote(value[last] <- 0), quote(last <- choice)))))
  expect_false(kept(model(block(quote(choice ~ softmax(beta * value + last)), move))))
  expect_false(kept(model(block(quote(choice ~ softmax(beta * value * outcome)), move))))
})

test_that("values that leap or vanish between trials leave the likelihood exact", {
  frame <- reference_data(subjects = 7, trials = c(1, 90), blocks = 3, n_actions = 4,
    missing_choice = 0.1, missing_outcome = 0.1, seed = 5)
  data_of <- function(frame) {
    suppressWarnings(suppressMessages(do.call(rl_data, c(list(frame), reference_roles(frame)))))
  }
  for (scale in c(1e-6, 1, 40, 3000)) {
    scaled <- frame
    scaled$outcome <- frame$outcome * scale
    for (beta in c(0, 0.2, 9, 90)) {
      p <- list(alpha = 0.9, beta = beta)
      expect_equal(rl_loglik("rw", data_of(scaled), unlist(p)),
        reference_loglik("rw", p, scaled), tolerance = 1e-10, ignore_attr = TRUE,
        info = paste(scale, beta))
    }
  }
})
