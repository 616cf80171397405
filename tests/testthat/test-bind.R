# Where a program meets data: codes, dimensions, and what only the two together can tell.

# Without compiling the model.
bind <- function(model, data) {
  rescorla:::bind_source(model$program, rescorla:::data_source(data), 2L, 1L, rlang::current_env())
}

frame <- data.frame(subject = 1, choice = c("left", "right", "left", NA), outcome = c(1, 0, NA, 1),
  cue = c("tone", "light", "tone", "tone"), word = c("a", "b", "a", "b"), load = c(1, 2, 1, 3),
  when = as.Date("2024-01-01") + 0:3)
data <- suppressMessages(rl_data(frame, actions = c("left", "right")))

cue_model <- function(trial, ...) {
  trial <- substitute(trial)
  state <- list(...)
  rlang::inject(rl_model("bound", parameters = list(beta = positive()),
    columns = c("cue", "load", "when", "word"),
    state = list(v = per_action(0), w = array_of(0, cue)),
    trial = !!trial))
}

test_that("responses, columns and dimensions get their codes and lengths", {
  bound <- bind(cue_model({
    choice ~ softmax(beta * v)
    w[cue] <- w[cue] + load
  }), data)
  expect_identical(bound$levels, list(choice = c("left", "right"), cue = c("light", "tone")))
  expect_setequal(bound$extents, 2L)
  expect_identical(bound$scored, 3L)
  labelled <- bind(cue_model({
    choice ~ softmax(beta * v)
    if (cue == "tone") w[cue] <- w[cue] + 1
  }), data)
  expect_identical(unname(labelled$bound$labels), 2L)
})

test_that("forced choices and single alternatives are not scored", {
  own <- data.frame(subject = 1, choice = c(1, 2, 1, 2, 1), outcome = 1,
    forced = c(FALSE, TRUE, FALSE, FALSE, FALSE), one = c(TRUE, TRUE, TRUE, FALSE, TRUE),
    two = TRUE)
  plain <- suppressWarnings(rl_data(own))
  forced <- suppressWarnings(rl_data(own, forced = "forced"))
  single <- suppressWarnings(rl_data(own, forced = "forced", available = c("one", "two")))
  expect_identical(bind(rl_model("rw"), plain)$scored, 5L)
  expect_identical(bind(rl_model("rw"), forced)$scored, 4L)
  expect_identical(bind(rl_model("rw"), single)$scored, 3L)
})

test_that("what the data lack or hold otherwise is an error that names it", {
  full <- rl_model("rw_counterfactual")
  missing <- cue_model({
    choice ~ softmax(beta * v)
    w[cue] <- w[cue] + load
  })
  bare <- suppressMessages(rl_data(frame[c("subject", "choice", "outcome")],
    actions = c("left", "right")))
  text <- cue_model({
    choice ~ softmax(beta * v)
    v[choice] <- v[choice] + word
  })
  date <- cue_model({
    choice ~ softmax(beta * v)
    v[choice] <- v[choice] + when
  })
  label <- cue_model({
    choice ~ softmax(beta * v)
    if (cue == "tnoe") v[choice] <- v[choice] + 1
  })
  beyond <- cue_model({
    choice ~ softmax(beta * v)
    v[choice] <- v[choice] + w[3]
  })
  wide <- cue_model({
    choice ~ softmax(beta * v + w)
  })
  three <- suppressMessages(rl_data(transform(frame, cue = c("a", "b", "c", "a")),
    actions = c("left", "right")))
  huge <- suppressMessages(rl_data(transform(frame, load = c(1, Inf, 2, 3)),
    actions = c("left", "right")))
  expect_snapshot(error = TRUE, {
    bind(full, data)
    bind(missing, bare)
    bind(text, data)
    bind(date, data)
    bind(label, data)
    bind(beyond, data)
    bind(wide, three)
    bind(missing, huge)
  })
  expect_error(bind(full, data), class = "rescorla_error_data")
  expect_error(bind(missing, bare), class = "rescorla_error_data")
  expect_error(bind(label, data), class = "rescorla_error_data")
  expect_error(bind(beyond, data), class = "rescorla_error_data")
  expect_error(bind(wide, three), class = "rescorla_error_data")
})

test_that("wide columns need one for each action", {
  own <- cbind(frame, f1 = 0, f2 = 1, f3 = 2)
  own$outcome <- 0
  expect_error(suppressMessages(rl_data(own, foregone = c("f1", "f2", "f3"),
    actions = c("left", "right"))), class = "rescorla_error_data")
  fine <- suppressWarnings(suppressMessages(rl_data(own, foregone = c("f1", "f2"),
    actions = c("left", "right"))))
  expect_identical(bind(rl_model("rw_counterfactual"), fine)$scored, 3L)
  expect_error(rl_loglik("rw_counterfactual", data,
    c(alpha_chosen = 1, alpha_unchosen = 1, beta = 1)), class = "rescorla_error_data")
})

test_that("data packed once are found again, and packed anew for another program", {
  task <- as_task_data(reference_data(subjects = 3))
  rl_loglik("rw", task, c(alpha = 0.3, beta = 2))
  packs <- function() grep("^pack:", ls(task$cache), value = TRUE)
  once <- packs()
  expect_length(once, 1)
  rl_loglik("rw", task, c(alpha = 0.4, beta = 2))
  expect_identical(packs(), once)
  # Another program that reads the same columns in the same order may share them.
  rl_loglik("rw_asymmetric", task, c(alpha_pos = 0.4, alpha_neg = 0.1, beta = 2))
  expect_gte(length(packs()), 1)
  # What is read from a file has lost its packed copy and makes a new one.
  path <- withr::local_tempfile(fileext = ".rds")
  saveRDS(task, path)
  expect_equal(rl_loglik("rw", readRDS(path), c(alpha = 0.4, beta = 2)),
    rl_loglik("rw", task, c(alpha = 0.4, beta = 2)))
})
