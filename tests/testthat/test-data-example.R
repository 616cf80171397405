free_of <- function(model) {
  table <- rl_parameters(model)
  table$name[is.na(table$fixed)]
}

# With what an oracle calls by another name.
example_subjects <- function(task, data) {
  lapply(oracle_subjects(data), function(d) {
    if (task == "banditNarm") d$n_actions <- 3
    if (task == "alt") d[c("blue", "orange")] <- d[c("bluePunish", "orangePunish")]
    if (task == "task2AFC") d$response <- d$choice
    d
  })
}

test_that("every task has an example that loads by its name alone", {
  tasks <- rl_data_example()
  expect_identical(tasks, names(rescorla:::task_conventions()))
  for (task in tasks) {
    raw <- rl_data_example(task)
    expect_true(is.data.frame(raw), info = task)
    expect_identical(unique(raw$subjID), 1:10, info = task)
    per_subject <- as.integer(table(raw$subjID))
    expect_true(all(per_subject >= 60 & per_subject <= 135), info = task)
    d <- quiet_task(raw, task = task)
    expect_identical(d$counts$subjects, 10L, info = task)
    expect_identical(d$counts$trials, nrow(raw), info = task)
    parameters <- attr(raw, "parameters")
    expect_identical(parameters$subject, d$subjects, info = task)
    expect_false(anyNA(parameters), info = task)
  }
})

test_that("generating parameters are those of the model, within their ranges", {
  for (task in rl_data_example()) {
    raw <- rl_data_example(task)
    parameters <- attr(raw, "parameters")
    model <- attr(raw, "model")
    expect_identical(names(parameters)[-1], free_of(model), info = task)
    table <- rl_parameters(model)
    for (name in names(parameters)[-1]) {
      own <- table[table$name == name, ]
      expect_true(all(parameters[[name]] >= own$lower & parameters[[name]] <= own$upper),
        info = paste(task, name))
    }
  }
})

# By the oracles, which were written apart from the simulators: choices are explained better than
# by chance, and better than by the parameters of other subjects.
test_that("the data follow from their parameters", {
  chances <- c(alt = 2, bandit2arm = 2, bandit4arm = 4, bandit4arm2 = 4, banditNarm = 3, cra = 2,
    dbdm = 2, dd = 2, gng = 2, hgf_ibrb = 2, igt = 4, peer = 2, prl = 2, prl_multipleB = 2, pst = 2,
    ra = 2, rlwm = 3, task2AFC = 2, ts = 2, ug = 2, wcs = 4)
  for (task in setdiff(rl_data_example(), "bandit")) {
    raw <- rl_data_example(task)
    oracle <- get(paste0("oracle_", attr(raw, "model")))
    parameters <- attr(raw, "parameters")[-1]
    subjects <- example_subjects(task, quiet_task(raw, task = task))
    by_subject <- function(p) {
      vapply(seq_along(subjects), function(i) {
        sum(oracle(as.list(p[i, ]), subjects[[i]]), na.rm = TRUE)
      }, 0)
    }
    own <- by_subject(parameters)
    expect_true(all(is.finite(own)), info = task)
    generating <- sum(own)
    if (task %in% names(chances)) {
      scored <- sum(vapply(subjects, function(d) {
        sum(!is.na(unlist(d[intersect(c("choice", "choice1", "choice2"), names(d))])))
      }, 0))
      expect_gt(generating, -scored * log(chances[[task]]) * 0.95)
    }
    expect_gt(generating, sum(by_subject(parameters[c(2:10, 1), , drop = FALSE])))
  }
})

test_that("data of a task are what its models read", {
  for (task in setdiff(rl_data_example(), "bandit")) {
    raw <- rl_data_example(task)
    data <- quiet_task(raw, task = task)
    parameters <- attr(raw, "parameters")
    oracle <- get(paste0("oracle_", attr(raw, "model")))
    subjects <- example_subjects(task, data)
    expected <- vapply(seq_along(subjects), function(i) {
      sum(oracle(as.list(parameters[i, -1]), subjects[[i]]), na.rm = TRUE)
    }, 0)
    found <- rl_loglik(attr(raw, "model"), data, parameters)
    expect_equal(unname(found), expected, tolerance = 1e-8, info = task)
  }
})

test_that("a single subject, and names that are not tasks", {
  raw <- rl_data_example("hgf_ibrb_single")
  expect_identical(unique(raw$subjID), 1L)
  expect_identical(nrow(attr(raw, "parameters")), 1L)
  expect_identical(raw$y, rl_data_example("hgf_ibrb")$y[seq_len(nrow(raw))])
  expect_error(rl_data_example("choiceRT"), class = "rescorla_error_input")
  expect_error(rl_data_example(3), class = "rescorla_error_input")
})

test_that("some trials were missed", {
  expect_gt(quiet_task(rl_data_example("prl"), task = "prl")$counts$missed_choices, 5)
  expect_true(all(quiet_task(rl_data_example("ts"), task = "ts")$counts$missed_choices > 5))
})

test_that("the files are small", {
  folder <- system.file("extdata", "examples", package = "rescorla")
  expect_lt(sum(file.size(list.files(folder, full.names = TRUE))), 1.5e6)
})
