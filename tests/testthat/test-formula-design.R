test_that("without formulas every subject has an intercept of its own", {
  data <- formula_data()
  d <- design_of(data = data)
  expect_identical(d$parameters, c("alpha", "beta", "kappa", "tau"))
  expect_identical(d$unit, "subject")
  expect_identical(d$unit_subject, 1:8)
  expect_identical(d$unit_first, data$first)
  expect_identical(d$unit_length, rep(12L, 8))
  expect_identical(d$unit_label, paste0("s", 1:8))
  expect_identical(d$effects, data.frame(
    name = d$parameters, parameter = 1:4, term = "(Intercept)"
  ))
  expect_identical(unname(d$weights), matrix(1, 8, 4))
  expect_identical(d$coefficients, data.frame(
    name = paste0(d$parameters, ":(Intercept)"), parameter = 1:4, effect = 1:4,
    term = "(Intercept)"
  ))
  expect_identical(unname(d$means), matrix(1, 8, 4))
  expect_identical(nrow(d$shared), 0L)
  expect_identical(dim(d$shared_design), c(8L, 0L))
  expect_identical(d$blocks, rep(1L, 4))
  expect_true(d$default)
  expect_identical(d$group_rows$beta$label, "")
  expect_identical(unname(d$group_rows$beta$means), matrix(c(0, 1, 0, 0), 1))
  expect_identical(unname(d$group_rows$beta$weights), matrix(c(0, 1, 0, 0), 1))
  expect_identical(dim(d$group_rows$beta$shared), c(1L, 0L))
  expect_identical(dim(d$terms$alpha$frame), c(8L, 0L))

  said <- design_of(list(alpha + beta ~ 1 + (1 | subject), kappa ~ (1 | id)), data = data)
  same <- setdiff(names(d), c("terms"))
  expect_identical(said[same], d[same])
})

test_that("covariates of subjects are coefficients of the random intercept's mean", {
  d <- design_of(list(alpha ~ group + scale(age), beta ~ sex * group))
  expect_identical(d$unit, "subject")
  expect_false(d$default)
  expect_identical(d$effects$name, d$parameters)
  rows <- unit_rows(d)
  x <- model.matrix(~ group + scale(age), rows)
  alpha <- d$coefficients$parameter == 1
  expect_identical(d$coefficients$term[alpha], colnames(x))
  expect_identical(d$coefficients$name[alpha], paste0("alpha:", colnames(x)))
  expect_identical(d$coefficients$effect[alpha], c(1L, 1L, 1L))
  expect_equal(d$means[, alpha], x, ignore_attr = TRUE)
  y <- model.matrix(~ sex * group, rows)
  expect_equal(d$means[, d$coefficients$parameter == 2], y, ignore_attr = TRUE)
  expect_identical(nrow(d$shared), 0L)
  expect_fixed_part(d, "alpha", x)
  expect_fixed_part(d, "beta", y)
})

test_that("a single formula does, for several parameters too", {
  d <- design_of(alpha + kappa ~ group)
  expect_identical(d$coefficients$name, c("alpha:(Intercept)", "alpha:groupB", "beta:(Intercept)",
    "kappa:(Intercept)", "kappa:groupB", "tau:(Intercept)"))
  expect_identical(d$coefficients$effect, c(1L, 1L, 2L, 3L, 3L, 4L))
})

test_that("only ~ 1 alone, a formula without intercept and (0 | subject) take the effect away", {
  d <- design_of(list(alpha ~ 1, beta ~ group + (0 | subject), kappa ~ 0 + group, tau ~ (0 | id)))
  expect_identical(nrow(d$effects), 0L)
  expect_identical(dim(d$weights), c(8L, 0L))
  expect_identical(nrow(d$coefficients), 0L)
  expect_identical(dim(d$means), c(8L, 0L))
  expect_identical(d$blocks, integer())
  expect_identical(d$shared, data.frame(
    name = c("alpha:(Intercept)", "beta:(Intercept)", "beta:groupB", "kappa:groupA",
      "kappa:groupB", "tau:(Intercept)"),
    parameter = c(1L, 2L, 2L, 3L, 3L, 4L),
    term = c("(Intercept)", "(Intercept)", "groupB", "groupA", "groupB", "(Intercept)")
  ))
  b <- rep(c(1, 0), 4)
  expect_equal(unname(d$shared_design), cbind(1, 1, b, 1 - b, b, 1), ignore_attr = TRUE)
  expect_identical(d$group_rows$beta$label, c("A", "B"))
  expect_equal(unname(d$group_rows$beta$shared),
    rbind(c(0, 1, 0, 0, 0, 0), c(0, 1, 1, 0, 0, 0)))
  expect_identical(dim(d$group_rows$beta$means), c(2L, 0L))
  expect_identical(dim(d$group_rows$beta$weights), c(2L, 0L))

  kept <- design_of(list(alpha ~ group, beta ~ 1, kappa ~ 0 + (1 | subject),
    tau ~ 0 + group + (1 | subject)))
  expect_identical(kept$effects$name, c("alpha", "kappa", "tau"))
  expect_identical(kept$shared$name, "beta:(Intercept)")
  # No fixed effect: the mean of kappa is 0.
  expect_identical(kept$coefficients$name, c("alpha:(Intercept)", "alpha:groupB", "tau:groupA",
    "tau:groupB"))
  expect_identical(kept$coefficients$effect, c(1L, 1L, 3L, 3L))
  expect_false(kept$default)
})

test_that("a covariate that differs between blocks makes episodes the units", {
  data <- formula_data()
  expect_true(is.unsorted(data$order))
  d <- design_of(beta ~ condition, data = data)
  expect_identical(d$unit, "episode")
  expect_identical(d$unit_subject, rep(1:8, each = 3))
  expect_identical(d$unit_first, seq(1L, 93L, by = 4L))
  expect_identical(d$unit_length, rep(4L, 24))
  expect_identical(d$unit_label[1:4], c("s1:1", "s1:2", "s1:3", "s2:1"))
  rows <- unit_rows(d, data)
  expect_identical(rows$id, rep(paste0("s", 1:8), each = 3))
  expect_identical(rows$session, rep(1:3, 8))
  # The intercept is the random effect's mean; condition is no property of a subject.
  expect_identical(d$coefficients$name, paste0(d$parameters, ":(Intercept)"))
  expect_identical(d$shared$name, "beta:conditionhigh")
  expect_equal(d$shared_design[, 1], as.numeric(rows$condition == "high"))
  expect_fixed_part(d, "beta", model.matrix(~ condition, rows))
  expect_identical(unname(d$means), matrix(1, 8, 4))
})

test_that("a slope takes the fixed effects it can be the mean of", {
  d <- design_of(list(
    beta ~ group * condition + age + (1 + condition | subject), alpha ~ group
  ))
  rows <- unit_rows(d)
  x <- model.matrix(~ group * condition + age, rows)
  expect_identical(d$effects$name, c("alpha", "beta", "beta:conditionhigh", "kappa", "tau"))
  expect_identical(d$effects$term[3], "conditionhigh")
  expect_equal(d$weights[, "beta:conditionhigh"], as.numeric(rows$condition == "high"))
  beta <- d$coefficients[d$coefficients$parameter == 2, ]
  expect_identical(beta$term, colnames(x))
  expect_identical(d$effects$name[beta$effect],
    c("beta", "beta", "beta:conditionhigh", "beta", "beta:conditionhigh"))
  # The slope's mean depends on the group.
  subject_group <- rows$group[match(1:8, d$unit_subject)]
  expect_equal(d$means[, "beta:conditionhigh"], rep(1, 8))
  expect_equal(d$means[, "beta:groupB:conditionhigh"], as.numeric(subject_group == "B"))
  expect_identical(nrow(d$shared), 0L)
  expect_fixed_part(d, "beta", x)
  expect_fixed_part(d, "alpha", model.matrix(~ group, rows))
})

test_that("slopes of numbers, polynomials and of each level of a factor", {
  d <- design_of(list(
    alpha ~ scale(dose) * group + (scale(dose) | subject),
    beta ~ 0 + condition + (0 + condition | subject),
    kappa ~ poly(dose, 2) * scale(age) + (poly(dose, 2) | subject),
    tau ~ dose + condition + (0 + condition | subject)
  ))
  rows <- unit_rows(d)
  expect_equal(d$weights[, "alpha:scale(dose)"], drop(scale(rows$dose)), ignore_attr = TRUE)
  expect_fixed_part(d, "alpha", model.matrix(~ scale(dose) * group, rows))
  expect_fixed_part(d, "beta", model.matrix(~ 0 + condition, rows))
  expect_fixed_part(d, "kappa", model.matrix(~ poly(dose, 2) * scale(age), rows))
  expect_fixed_part(d, "tau", model.matrix(~ dose + condition, rows))
  expect_identical(d$effects$name[d$effects$parameter == 2],
    c("beta:conditionlow", "beta:conditionhigh"))
  expect_identical(d$effects$term[d$coefficients$effect[d$coefficients$parameter == 2]],
    c("conditionlow", "conditionhigh"))
  # tau has no random intercept: its own mean is shared, and so is what no slope explains.
  expect_identical(d$shared$name, c("tau:(Intercept)", "tau:dose"))
  own <- function(p) d$effects$name[d$coefficients$effect[d$coefficients$parameter == p]]
  expect_identical(own(1), c("alpha", "alpha:scale(dose)", "alpha", "alpha:scale(dose)"))
  expect_identical(own(3), c("kappa", "kappa:poly(dose, 2)1", "kappa:poly(dose, 2)2", "kappa",
    "kappa:poly(dose, 2)1", "kappa:poly(dose, 2)2"))
})

test_that("a slope with zeros, where some subjects have nothing else", {
  frame <- formula_frame()
  frame$dose[frame$id == "s2"] <- 0
  data <- formula_data(frame)
  d <- design_of(alpha ~ dose:group + (0 + dose | subject), data = data)
  expect_identical(d$shared$name, "alpha:(Intercept)")
  expect_identical(d$coefficients$term[1:2], c("dose:groupA", "dose:groupB"))
  # s2 would be in group A; a dose of 0 says nothing about it.
  expect_equal(d$means[, 1], c(0, 0, 0, 1, 0, 1, 0, 1))
  expect_equal(d$means[, 2], c(1, 0, 1, 0, 1, 0, 1, 0))
  expect_fixed_part(d, "alpha", model.matrix(~ dose:group, unit_rows(d, data)))
})

test_that("contrasts and functions are those of model.matrix", {
  frame <- formula_frame()
  contrasts(frame$sex) <- "contr.sum"
  frame$group <- factor(frame$group, levels = c("B", "never", "A"))
  data <- formula_data(frame)
  twice <- function(x) 2 * x
  d <- design_of(list(alpha ~ sex + log(age) + treated, beta ~ C(group, contr.sum) + twice(age),
    kappa ~ I(age^2) + factor(age > 40), tau ~ ordered(session)), data = data)
  rows <- unit_rows(d, data)
  expect_fixed_part(d, "alpha", model.matrix(~ sex + log(age) + treated, rows))
  rows$group <- droplevels(rows$group)
  expect_fixed_part(d, "beta", model.matrix(~ C(group, contr.sum) + twice(age), rows))
  expect_fixed_part(d, "kappa", model.matrix(~ I(age^2) + factor(age > 40), rows))
  expect_fixed_part(d, "tau", model.matrix(~ ordered(session), rows))
  expect_identical(d$group_rows$alpha$label, c("m, FALSE", "m, TRUE", "f, FALSE", "f, TRUE"))
  expect_identical(d$group_rows$beta$label, c("B", "A"))
  expect_equal(unname(d$group_rows$beta$means[, 6:7]), cbind(c(1, -1), 2 * mean(rows$age)))
  expect_identical(d$group_rows$tau$label, c("1", "2", "3"))
  expect_identical(d$group_rows$kappa$label, c("FALSE", "TRUE"))
  # `|` inside a function is no random-effect term.
  expect_identical(design_of(alpha ~ I(treated | age > 40))$coefficients$term[2],
    "I(treated | age > 40)TRUE")

  withr::local_options(contrasts = c("contr.sum", "contr.poly"))
  d <- design_of(alpha ~ group)
  withr::local_options(contrasts = c("contr.treatment", "contr.poly"))
  expect_equal(unname(design_rows(d, "alpha", data.frame(group = c("B", "A")), NULL)$means[, 1:2]),
    cbind(1, c(-1, 1)))
})

test_that("contrasts of a factor hold for the levels that occur", {
  frame <- formula_frame()
  frame$session <- factor(frame$session, levels = 0:3)
  contrasts(frame$session) <- "contr.sum"
  data <- formula_data(frame)
  expect_no_warning(d <- design_of(alpha ~ session, data = data))
  rows <- unit_rows(d, data)
  x <- model.matrix(~ session, transform(rows, session = droplevels(session)),
    contrasts.arg = list(session = "contr.sum"))
  expect_fixed_part(d, "alpha", x)

  contrasts(frame$session) <- contr.sum(4)
  expect_warning(d <- design_of(alpha ~ session, data = formula_data(frame)), "session")
  expect_identical(d$shared$term, c("session2", "session3"))
})

test_that("effects are in blocks of their covariance", {
  blocks <- \(covariance, formula = NULL) design_of(formula, covariance)$blocks
  expect_identical(blocks("full"), rep(1L, 4))
  expect_identical(blocks(c("full", "diagonal")), rep(1L, 4))
  expect_identical(blocks("diagonal"), 1:4)
  expect_identical(blocks(list(c("alpha", "kappa"))), c(1L, 2L, 1L, 3L))
  expect_identical(blocks(list("tau", c("kappa", "beta"))), c(1L, 2L, 2L, 3L))
  expect_identical(blocks(list()), 1:4)

  slope <- list(beta ~ condition + (condition | subject), tau ~ 1)
  expect_identical(blocks("full", slope), rep(1L, 4))
  expect_identical(blocks("diagonal", slope), 1:4)
  expect_identical(blocks(list(c("alpha", "kappa")), slope), c(1L, 2L, 2L, 1L))
  expect_identical(blocks(list(c("alpha", "beta")), slope), c(1L, 1L, 1L, 2L))
  free <- list(beta ~ condition + (condition || subject))
  expect_identical(blocks("full", free), c(1L, 2L, 3L, 1L, 1L))
  expect_identical(blocks(list(c("alpha", "beta"), c("kappa", "tau")), free),
    c(1L, 2L, 3L, 4L, 4L))
  apart <- list(beta ~ dose + (1 | subject) + (0 + dose || subject))
  expect_identical(blocks("full", apart), c(1L, 1L, 2L, 1L, 1L))
  expect_identical(design_of(apart)$effects$name, c("alpha", "beta", "beta:dose", "kappa", "tau"))
})

test_that("cells of the reference grid are those that occur, numbers at their mean", {
  d <- design_of(list(
    beta ~ group * condition + scale(age) + (condition | subject), alpha ~ age,
    kappa ~ factor(session) + session:age, tau ~ 1 + (condition | subject)
  ))
  rows <- unit_rows(d)
  grid <- d$group_rows$beta
  expect_identical(grid$label, c("A, low", "A, high", "B, low", "B, high"))
  expect_identical(grid$covariates$group, c("A", "A", "B", "B"))
  expect_equal(grid$covariates$age, rep(mean(rows$age), 4))
  beta <- d$coefficients$parameter == 2
  expect_equal(unname(grid$means[, beta]), cbind(1, c(0, 0, 1, 1), c(0, 1, 0, 1), 0, c(0, 0, 0, 1)))
  expect_true(all(grid$means[, !beta] == 0))
  expect_identical(colnames(grid$means), d$coefficients$name)
  expect_equal(unname(grid$weights), cbind(0, 1, c(0, 1, 0, 1), 0, 0, 0))
  expect_identical(colnames(grid$weights), d$effects$name)

  expect_identical(d$group_rows$alpha$label, "")
  expect_equal(unname(d$group_rows$alpha$means[, 1:2]), c(1, mean(rows$age)))
  # A number that is made into a factor is no number here.
  expect_identical(d$group_rows$kappa$label, c("1", "2", "3"))
  kappa <- d$shared$parameter == 3
  expect_identical(d$shared$term[kappa],
    c("factor(session)2", "factor(session)3", "session:age"))
  expect_equal(unname(d$group_rows$kappa$shared[, kappa]),
    cbind(c(0, 1, 0), c(0, 0, 1), 1:3 * mean(rows$age)))
  expect_identical(d$group_rows$tau$label, c("low", "high"))
  expect_equal(unname(d$group_rows$tau$weights[, 5:6]), cbind(1, 0:1))

  frame <- formula_frame()
  frame <- frame[!(frame$sex == "f" & frame$treated), ]
  d <- design_of(alpha ~ sex + treated, data = formula_data(frame))
  expect_identical(d$group_rows$alpha$label, c("m, FALSE", "m, TRUE", "f, FALSE"))
})

test_that("rows for new covariates remember centres, bases and levels", {
  d <- design_of(list(alpha ~ poly(age, 2) + scale(dose) + sex + (scale(dose) | subject)))
  rows <- unit_rows(d)
  # Rows of the data come back as they were.
  some <- c(5, 2, 17)
  new <- design_rows(d, "alpha", rows[some, ], NULL)
  x <- model.matrix(~ poly(age, 2) + scale(dose) + sex, rows)[some, ]
  alpha <- d$coefficients$parameter == 1
  expect_equal(new$means[, alpha], x, ignore_attr = TRUE)
  expect_true(all(new$means[, !alpha] == 0))
  expect_equal(new$weights, d$weights[some, ] * rep(c(1, 1, 0, 0, 0), each = 3))
  # By number; text does for a factor, and a single row with one level too.
  one <- design_rows(d, 1L, data.frame(age = 50, dose = 1, sex = "f"), NULL)
  expect_equal(unname(one$means[1, alpha]),
    c(1, predict(poly(rows$age, 2), 50), (1 - mean(rows$dose)) / sd(rows$dose), 1))

  # What depends on all values is right or an error.
  cuts <- design_of(list(alpha ~ cut(age, 3), beta ~ C(sex, contr.sum),
    kappa ~ I(age - mean(age)), tau ~ factor(session)))
  young <- design_rows(cuts, "alpha", data.frame(age = 22), NULL)$means
  expect_identical(unname(young[1, 1:3]), unname(cuts$means[1, 1:3]))
  expect_identical(cuts$group_rows$alpha$label, levels(cut(unit_rows(cuts)$age, 3)))
  sums <- design_rows(cuts, "beta", data.frame(sex = "f"), NULL)
  expect_equal(unname(sums$means[, cuts$coefficients$parameter == 2]), c(1, -1))
  expect_error(design_rows(cuts, "kappa", data.frame(age = 22), NULL), "remembered",
    class = "rescorla_error_input")
  expect_error(design_rows(cuts, "tau", data.frame(session = 4), NULL), "no finite number",
    class = "rescorla_error_input")
  expect_error(design_of(alpha ~ I(age / sd(age))), "remembered", class = "rescorla_error_input")

  new <- data.frame(age = 50, dose = 1, sex = "f")
  rejected <- function(newdata, bits) {
    err <- expect_error(design_rows(d, "alpha", newdata, NULL), class = "rescorla_error_input")
    expect_match(gsub("\\s+", " ", conditionMessage(err)), bits)
  }
  rejected(list(age = 1), "newdata.*data frame")
  rejected(data.frame(age = 50, does = 1, sex = "f"), "dose.*Did you mean \"does\"")
  rejected(transform(new, sex = "x"), "\"x\" does not occur")
  rejected(transform(new, sex = 1), "It is 1, and a factor in the data")
  rejected(transform(new, age = NA_real_), "NA")
})
