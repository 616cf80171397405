test_that("a left side that is no free parameter is an error", {
  matches <- function(err, bits) expect_match(gsub("\\s+", " ", conditionMessage(err)), bits)
  err <- design_error(alhpa ~ group)
  matches(err, "alhpa.*not a free parameter.*Did you mean `alpha`.*alpha.*beta.*kappa.*tau")
  expect_identical(err$parameter, "alhpa")
  model <- rl_model("rw", beta = fixed(2))
  matches(design_error(beta ~ group, model = model), "The model fixes it")
  for (formula in list(log(alpha) ~ group, cbind(alpha, beta) ~ group, alpha * beta ~ group,
    "alpha" ~ group)) {
    matches(design_error(formula), "left side of a formula must be a parameter")
  }
  for (formula in list(list(alpha ~ group, alpha ~ age), list(alpha + beta ~ 1, beta ~ age),
    alpha + alpha ~ group)) {
    matches(design_error(formula), "more than one formula")
  }
  matches(design_error(~ group), "does not say which parameter")
  matches(design_error(list(tau = ~ group)), "as in `tau ~ group`")
  matches(design_error("alpha ~ group"), "must be a formula or a list of formulas")
  matches(design_error(list(alpha ~ group, 2)), "Entry 2 is 2")
})

test_that("a right side that makes no covariates is an error", {
  matches <- function(err, bits) expect_match(gsub("\\s+", " ", conditionMessage(err)), bits)
  matches(design_error(alpha ~ offset(age)), "offset")
  matches(design_error(alpha ~ .), "does not say which columns")
  matches(design_error(alpha ~ beta ~ group), "more than one `~`")
  matches(design_error(alpha ~ 2), "not a valid formula")
  matches(design_error(alpha ~ 0), "nothing to estimate")
  matches(design_error(alpha ~ 0 + (0 | subject)), "nothing to estimate")
  err <- design_error(alpha ~ groop)
  matches(err, "\"groop\", which is not a column.*Did you mean \"group\"")
  expect_identical(err$column, "groop")
  matches(design_error(alpha ~ beta), "It is a parameter")
  # A variable is no column, and neither is a function.
  years <- 1:8
  matches(design_error(alpha ~ years), "\"years\", which is not a column")
  matches(design_error(alpha ~ rank), "\"rank\", which is not a column")
  matches(design_error(alpha ~ age + poly(age, degree = years)), "\"years\"")
  matches(design_error(beta ~ (years | subject)), "\"years\"")
  matches(design_error(alpha ~ choice), "what the model explains")
  matches(design_error(alpha ~ log(rank)), "cannot be evaluated")
  matches(design_error(alpha ~ poly(age, 9)), "cannot be evaluated.*degree")
  matches(design_error(alpha ~ mean(age)), "one value for each subject")
})

test_that("random-effect terms must be sums, by subject and said once", {
  matches <- function(err, bits) expect_match(gsub("\\s+", " ", conditionMessage(err)), bits)
  for (formula in list(alpha ~ group * (1 | subject), alpha ~ 1 | subject, alpha ~ group -
    (1 | subject), alpha ~ ((1 | subject)), alpha ~ (1 | subject | id))) {
    design_error(formula)
  }
  matches(design_error(alpha ~ 1 | subject), "Add it to the others, in parentheses")
  matches(design_error(alpha ~ (1 | session)), "between subjects only, not by `session`.*`id`")
  matches(design_error(alpha ~ (1 | subject / session)), "not by `subject/session`")
  matches(design_error(alpha ~ (1 | subject) + (1 | id)), "same random effect twice")
  matches(design_error(alpha ~ (1 | subject) + (condition | subject)), "same random effect twice")
  matches(design_error(alpha ~ (0 | subject) + (1 | subject)), "no random effect")
  matches(design_error(alpha ~ (1 | subject) + (0 + condition | subject)),
    "random effects repeat each other")
  err <- design_error(alpha ~ group + (group | subject))
  matches(err, "\"groupB\" on `alpha` is not identified.*constant within every subject")
  matches(design_error(alpha ~ condition + (1 + condition + age | subject)),
    "\"age\" on `alpha` is not identified")
  # Without blocks nothing differs within a subject.
  data <- formula_data(block = NULL)
  matches(design_error(alpha ~ age + (age | subject), data = data), "name their column")
})

test_that("covariates must hold still within an episode", {
  frame <- formula_frame()
  frame$drift <- frame$age
  frame$drift[c(50, 77)] <- 0
  err <- design_error(alpha ~ drift, "data", data = formula_data(frame))
  expect_identical(err$column, "drift")
  # Row 50 is trial 2 of s5 in block 2.
  expect_identical(err$row, 50L)
  expect_identical(err$subject, "s5")
  expect_match(gsub("\\s+", " ", conditionMessage(err)),
    "\"drift\" changes in row 50, within block 2 of subject \"s5\"")
  # What may differ between blocks may not where there are none.
  err <- design_error(beta ~ condition, "data", data = formula_data(block = NULL))
  expect_identical(err$column, "condition")
  # The first in the data frame: s2 in session 2.
  expect_identical(err$row, 37L)
  expect_match(gsub("\\s+", " ", conditionMessage(err)), "within subject \"s2\".*rl_data\\(")
  # A column nobody uses may do as it likes.
  expect_identical(design_of(alpha ~ age, data = formula_data(frame))$unit, "subject")
})

test_that("missing and infinite covariates are errors that list their rows", {
  frame <- formula_frame()
  frame$age[c(3, 9, 40:50)] <- NA
  err <- design_error(alpha ~ group + log(age), "data", data = formula_data(frame))
  expect_identical(err$column, "age")
  expect_identical(err$rows, c(3L, 9L, 40:50))
  expect_match(gsub("\\s+", " ", conditionMessage(err)),
    "\"age\" is `NA` in 13 rows: 3, 9, 40, 41, 42 and 8 more.*leave those subjects")
  frame <- formula_frame()
  frame$dose[17] <- Inf
  err <- design_error(beta ~ (dose | subject), "data", data = formula_data(frame))
  expect_identical(err[c("column", "row", "rows")], list(column = "dose", row = 17L, rows = 17L))
  expect_match(conditionMessage(err), "infinite in row 17")
  frame <- formula_frame()
  frame$sex[frame$id == "s3"] <- NA
  expect_identical(design_error(beta ~ sex, "data", data = formula_data(frame))$rows,
    which(frame$id == "s3"))
  # Functions can make such values of others: here of the subject of 20.
  err <- design_error(alpha ~ log(age - 20), "data")
  expect_identical(err$column, "log(age - 20)")
  expect_identical(err$rows, 1L)
})

test_that("designs that the data cannot tell apart are errors", {
  matches <- function(err, bits) expect_match(gsub("\\s+", " ", conditionMessage(err)), bits)
  err <- design_error(beta ~ age + group + I(2 * age))
  matches(err, "`beta` is rank-deficient.*\"I\\(2 \\* age\\)\" follows.*Leave it out")
  expect_identical(err$columns, "I(2 * age)")
  expect_identical(err$parameter, "beta")
  frame <- formula_frame()
  frame <- frame[!(frame$sex == "f" & frame$treated), ]
  err <- design_error(alpha ~ sex * treated, data = formula_data(frame))
  expect_identical(err$columns, "sexf:treatedTRUE")
  # Parameter by parameter: two of them may have the same covariates.
  expect_no_error(design_of(list(alpha ~ age, beta ~ age)))
  frame$group <- "A"
  matches(design_error(alpha ~ group, data = formula_data(frame)), "\"A\" throughout")
  frame$age <- 30
  expect_identical(design_error(alpha ~ age, data = formula_data(frame))$columns, "age")
  matches(design_error(alpha ~ id), "8 coefficients that differ between subjects")
  expect_identical(design_of(alpha ~ id + (0 | subject))$shared$term[8], "ids8")
})

test_that("a covariance that is none is an error", {
  matches <- function(covariance, bits, formula = NULL) {
    err <- design_error(formula, covariance = covariance)
    expect_match(gsub("\\s+", " ", conditionMessage(err)), bits)
  }
  matches("diagnoal", "covariance.*Did you mean \"diagonal\"")
  matches(c("alpha", "beta"), "must be \"full\", \"diagonal\", or a list")
  matches(list(1), "must be \"full\", \"diagonal\", or a list")
  matches(NULL, "covariance")
  matches(list(c("alpha", "bata")), "`bata`.*Did you mean `beta`")
  matches(list(c("alpha", "beta"), "alpha"), "`alpha` more than once")
  matches(list(c("alpha", "beta")), "All subjects share it", beta ~ 1)
})

test_that("what the data frame is does not matter", {
  frame <- formula_frame()
  names(frame)[names(frame) == "age"] <- "age in years"
  frame <- structure(frame, class = c("tbl_df", "tbl", "data.frame"))
  d <- design_of(alpha ~ scale(`age in years`), data = formula_data(frame))
  expect_equal(drop(d$means[, 2]), drop(scale(unit_rows(d)$age)), ignore_attr = TRUE)
  cells <- data.frame(`age in years` = 30, check.names = FALSE)
  expect_equal(design_rows(d, "alpha", cells, NULL)$means[1, 2],
    (30 - mean(unit_rows(d)$age)) / sd(unit_rows(d)$age), ignore_attr = TRUE)
  one <- formula_data(formula_frame()[formula_frame()$id == "s1", ])
  expect_true(design_of(data = one)$default)
})
