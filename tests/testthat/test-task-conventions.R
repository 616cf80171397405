tasks <- rescorla:::task_conventions()

test_that("every task of the field is there", {
  stems <- c("bandit2arm", "bandit4arm", "banditNarm", "bandit4arm2", "prl", "prl_multipleB", "gng",
    "igt", "pst", "ts", "alt", "ug", "wcs", "hgf_ibrb", "dd", "ra", "rdt", "dbdm", "cra", "peer",
    "bart", "cgt", "task2AFC")
  expect_identical(setdiff(stems, names(tasks)), character())
  expect_identical(rescorla:::task_convention("hgf_ibrb_single")$task, "hgf_ibrb")
  expect_identical(rescorla:::task_convention("task2afc")$task, "task2AFC")
  expect_identical(rescorla:::task_convention("prl_multipleb")$task, "prl_multipleB")
  expect_error(rescorla:::task_convention("igt_single"), class = "rescorla_error_input")
})

test_that("entries make sense", {
  for (task in names(tasks)) {
    entry <- tasks[[task]]
    columns <- entry$columns
    expect_true("subject" %in% names(columns), info = task)
    # No name leads to two columns, and a column is found by the name models read it under (but for
    # the trial number of the cards, which no model reads).
    names <- lapply(columns, function(column) rescorla:::simple_name(column$names))
    expect_identical(anyDuplicated(unlist(names)), 0L, info = task)
    read <- names(columns)[!vapply(columns, `[[`, NA, "helper")]
    for (key in read) expect_true(rescorla:::simple_name(key) %in% names[[key]], info = key)
    roles <- unlist(lapply(columns, `[[`, "role"))
    expect_true(all(roles %in% rescorla:::role_names), info = task)
    # What the preparation does is told, and nothing is told that is not done.
    expect_identical(is.null(entry$prepare), !nzchar(entry$note) && task != "task2AFC", info = task)
    expect_true(nzchar(entry$title), info = task)
  }
})

test_that("the models of each task are in the catalogue and read what the task provides", {
  catalogue <- rl_models()
  for (task in names(tasks)) {
    expect_true(tasks[[task]]$model %in% catalogue$model, info = task)
    own <- catalogue$columns[catalogue$task == task]
    data <- quiet_task(rl_data_example(task), task = task)
    provided <- c(names(Filter(Negate(is.null), data$roles)), names(data$roles$choice),
      names(data$extra), names(data$data))
    # Some models of bandits need more than choices and outcomes.
    if (task == "bandit") own <- own[catalogue$model[catalogue$task == task] == "rw"]
    for (columns in strsplit(own, ", ")) {
      expect_identical(setdiff(columns, provided), character(), info = task)
    }
  }
  expect_identical(setdiff(catalogue$task, names(tasks)), character())
})

test_that("constants are what the models have", {
  catalogue <- rl_models()
  for (task in names(tasks)) {
    for (setting in Filter(function(s) s$constant, tasks[[task]]$settings)) {
      own <- lapply(catalogue$model[catalogue$task == task], rl_parameters)
      values <- unlist(lapply(own, function(p) p$fixed[p$name == setting$name]))
      expect_gt(length(values), 0)
      expect_true(all(values == setting$value), info = paste(task, setting$name))
    }
  }
})

test_that("the help page's table has every task", {
  text <- rescorla:::task_table_rd()
  for (task in names(tasks)) {
    expect_true(any(grepl(paste0("* `\"", task, "\"`"), text, fixed = TRUE)), info = task)
  }
  expect_snapshot(writeLines(grep("\"(igt|pst|cgt)\"", text, value = TRUE)))
})
