# The catalogue: names, parameters in their order, ranges and defaults are part of the interface.

# The free parameters of each model, in the order that is part of the interface.
expected_parameters <- c(
  rw = "alpha beta", rw_asymmetric = "alpha_pos alpha_neg beta",
  rw_forgetting = "alpha beta forget", rw_perseveration = "alpha beta kappa tau",
  rw_lapse = "alpha beta epsilon", rw_counterfactual = "alpha_chosen alpha_unchosen beta",
  rw_confirmation = "alpha_conf alpha_disc beta", pearce_hall = "alpha eta beta",
  kalman = "beta mu0 sigma0 sigma_drift decay centre",
  bandit2arm_delta = "A tau", banditNarm_delta = "A tau",
  bandit4arm_4par = "Arew Apun R P", bandit4arm_lapse = "Arew Apun R P xi",
  bandit4arm_lapse_decay = "Arew Apun R P xi d", bandit4arm_2par_lapse = "Arew Apun xi",
  bandit4arm_singleA_lapse = "A R P xi",
  bandit4arm2_kalman_filter = "lambda theta beta mu0 s0 sD",
  banditNarm_kalman_filter = "lambda theta beta mu0 s0 sD",
  prl_rp = "Apun Arew beta", prl_ewa = "phi rho beta", prl_fictitious = "eta alpha beta",
  prl_fictitious_rp = "eta_pos eta_neg alpha beta", prl_fictitious_woa = "eta beta",
  prl_fictitious_rp_woa = "eta_pos eta_neg beta",
  gng_m1 = "xi ep rho", gng_m2 = "xi ep b rho", gng_m3 = "xi ep b pi rho",
  gng_m4 = "xi ep b pi rhoRew rhoPun",
  igt_pvl_delta = "A alpha cons lambda", igt_pvl_decay = "A alpha cons lambda",
  igt_vpp = "A alpha cons lambda epP epN K w", igt_orl = "Arew Apun K betaF betaP",
  pst_Q = "alpha beta", pst_gainloss_Q = "alpha_pos alpha_neg beta",
  ts_par7 = "a1 beta1 a2 beta2 pi w lambda", ts_par6 = "a1 beta1 a2 beta2 pi w",
  ts_par4 = "a beta pi w",
  alt_delta = "A beta gamma", alt_gamma = "A beta gamma",
  ug_delta = "alpha tau ep", ug_bayes = "alpha beta tau", wcs_sql = "r p d",
  hgf_ibrb = "kappa omega2 omega3 zeta", hgf_binary = "kappa omega2 omega3 mu0 sigma0 zeta",
  dd_hyperbolic = "k beta", dd_exp = "r beta", dd_cs = "r s beta",
  ra_prospect = "rho lambda tau", ra_noLA = "rho tau", ra_noRA = "lambda tau",
  rdt_happiness = "w0 w1 w2 w3 gam sig", dbdm_prob_weight = "tau rho lambda beta",
  cra_linear = "alpha beta gamma", cra_exp = "alpha beta gamma", peer_ocu = "rho tau ocu",
  bart_par4 = "phi eta gam tau", bart_ewmv = "phi eta rho tau lambda",
  cgt_cm = "alpha c rho beta gamma", task2AFC_sdt = "d c",
  rw_volatile = "a_base a_vol a_sign a_interaction beta", rw_uncertainty = "alpha0 eta beta",
  metalearning = "alpha0 c0 c_alpha m beta", sutton_k1 = "mu h0 rhat beta",
  leaky_beta = "tau_pos tau_neg decay beta", rw_sticky = "alpha beta kappa",
  spice_agent = paste("beta_reward alpha_reward alpha_penalty alpha_cf_reward alpha_cf_penalty",
    "forget beta_choice alpha_choice"),
  rlwm = "alpha beta phi rho gamma epsilon C", change_point = "hazard sigma beta sd",
  pearce_hall_hybrid = "alpha eta kappa beta"
)

catalogue_ids <- function() {
  sub("[.]R$", "", list.files(system.file("models", package = "rescorla")))
}

# What has no row of its own in rl_models(): ids by variants.
variant_ids <- function() {
  Filter(function(id) !is.null(rl_model(id)$variant_of), catalogue_ids())
}

test_that("every model file is a model with all that its help page needs", {
  fields <- c("name", "description", "task", "reference", "equations", "identifiability",
    "parameters", "columns", "state", "trial", "variant_of", "variant", "variant_default")
  tasks <- names(rescorla:::task_conventions())
  for (id in catalogue_ids()) {
    file <- rescorla:::catalogue_files()[[id]]
    expect_true(all(names(file) %in% fields), label = id)
    model <- rl_model(id)
    expect_s3_class(model, "rl_model")
    expect_identical(model$id, id)
    texts <- list(model$name, model$description, model$task, model$reference)
    expect_true(all(lengths(texts) == 1 & nzchar(unlist(texts))), label = id)
    expect_true(model$task %in% tasks, label = id)
    expect_true(all(nzchar(rl_parameters(model)$label)), label = id)
    equations <- model$equations
    expect_true(is.character(equations) && length(equations) > 0, label = id)
    # One line each, without the marks that a page puts around them, and with balanced braces.
    expect_false(any(grepl("\n|[$]|\\deqn", equations)), label = id)
    count <- function(mark) lengths(regmatches(equations, gregexpr(mark, equations, fixed = TRUE)))
    expect_identical(count("{"), count("}"), label = id)
  }
})

test_that("free parameters have the names and the order that are documented", {
  for (id in names(expected_parameters)) {
    expect_identical(paste(rescorla:::free_parameters(rl_model(id)), collapse = " "),
      expected_parameters[[id]], label = id)
  }
})

test_that("the list of models is a data frame with a row for each but the variants", {
  models <- rl_models()
  expect_s3_class(models, "data.frame")
  expect_named(models, c("task", "model", "parameters", "columns", "source", "title"))
  expect_setequal(models$model, setdiff(catalogue_ids(), variant_ids()))
  expect_identical(head(models$model, 9), names(expected_parameters)[1:9])
  expect_false(anyNA(models))
  row <- models[models$model == "igt_orl", ]
  expect_identical(row$task, "igt")
  expect_identical(row$parameters, "Arew, Apun, K, betaF, betaP")
  expect_identical(row$columns, "choice, gain, loss")
  expect_match(row$source, "Haines")
  expect_setequal(strsplit(models$columns[models$model == "rw_confirmation"], ", ")[[1]],
    c("choice", "outcome", "foregone"))
  # Models of a task stand together.
  expect_false(anyDuplicated(rle(models$task)$values) > 0)
  expect_s3_class(models["model"], "data.frame")
})

test_that("the list is filtered by task, by its other names, and by columns", {
  igt <- rl_models(task = "igt")
  expect_setequal(igt$model, c("igt_orl", "igt_pvl_decay", "igt_pvl_delta", "igt_vpp"))
  expect_identical(rl_models("prl_multipleB"), rl_models("prl"))
  expect_identical(rl_models("dd_single")$model, rl_models("dd")$model)
  expect_identical(rl_models("banditNarm"), rl_models("bandit4arm"))
  expect_setequal(unique(rl_models("banditNarm")$task), c("bandit4arm", "banditNarm"))
  expect_identical(rl_models("bandit4arm2")$model, "bandit4arm2_kalman_filter")
  expect_setequal(unique(rl_models(c("igt", "ug"))$task), c("igt", "ug"))

  full <- rl_models(column = "foregone")
  expect_setequal(full$model, c("rw_counterfactual", "rw_confirmation"))
  both <- rl_models(column = c("gain", "cert"))
  expect_true(all(grepl("gain", both$columns) & grepl("cert", both$columns)))
  expect_true("ra_prospect" %in% both$model)
  expect_setequal(rl_models(task = "rdt", column = "happy")$model, "rdt_happiness")
  none <- rl_models(task = "bandit", column = c("foregone", "vol"))
  expect_identical(nrow(none), 0L)
  expect_named(none, names(full))
})

test_that("an unknown task or column is an error with the nearest", {
  expect_snapshot(error = TRUE, {
    rl_models(task = "iggt")
    rl_models(task = 3)
    rl_models(column = "foregon")
    rl_models(task = "igt", column = "cue")
    rl_models(column = NA)
  })
  expect_error(rl_models(task = "zzz"), class = "rescorla_error_input")
  expect_error(rl_models(column = "zzz"), class = "rescorla_error_input")
})

test_that("a list of models prints by task and fits a screen", {
  expect_snapshot({
    rl_models("igt")
    rl_models(column = "foregone")
    rl_models(task = "bandit", column = c("foregone", "vol"))
  })
  all <- capture.output(print(rl_models()))
  expect_lte(length(all), 40)
  expect_match(all[1], "models for [0-9]+ tasks")
  expect_true(any(grepl("^  igt +4  Iowa gambling task$", all)))
  expect_true(all(nchar(all) <= 80))
  # What is left of the columns decides how it prints.
  expect_output(print(rl_models()["model"]), "rw_asymmetric")
})

test_that("parameters have their ranges and fixed values", {
  for (name in names(expected_parameters)[1:9]) {
    table <- rl_parameters(name)
    expect_named(table, c("name", "label", "lower", "upper", "fixed", "prior"))
    if (name != "kalman") expect_identical(table$fixed[table$name == "q0"], 0.5)
    fixed <- c("q0", "sigma_obs", if (name == "pearce_hall") "kappa")
    expect_identical(is.na(table$fixed), !table$name %in% fixed)
    free <- table[is.na(table$fixed), ]
    rates <- grepl("^(alpha|eta|tau|forget|epsilon|decay)", free$name)
    expect_true(all(free$lower[rates] == 0 & free$upper[rates] == 1))
    expect_true(all(free$lower[free$name == "beta"] == 0))
    expect_true(all(is.infinite(free$upper[free$name == "beta"])))
  }
  hall <- rl_parameters("pearce_hall")
  expect_identical(hall$fixed[hall$name == "kappa"], 1)
  kalman <- rl_parameters("kalman")
  expect_identical(kalman$fixed[kalman$name == "sigma_obs"], 4)
  expect_identical(kalman$lower[kalman$name %in% c("mu0", "centre")], c(-Inf, -Inf))
})

test_that("a named argument replaces a parameter's definition", {
  model <- rl_model("rw", q0 = 0)
  expect_identical(rl_parameters(model)$fixed, c(NA, NA, 0))
  expect_identical(rl_parameters(model)$label, rl_parameters("rw")$label)
  freed <- rl_parameters(rl_model("rw", q0 = real(), beta = bounded(0, 50)))
  expect_identical(freed$fixed, rep(NA_real_, 3))
  expect_identical(freed$upper[2], 50)
  expect_identical(freed$label, rl_parameters("rw")$label)
  scale <- rl_parameters(rl_model("pearce_hall", kappa = unit_interval()))
  expect_identical(unlist(scale[scale$name == "kappa", c("lower", "upper")]),
    c(lower = 0, upper = 1))
  # The catalogue's own entry stays.
  expect_identical(rl_parameters("rw")$fixed, c(NA, NA, 0.5))
})

test_that("kappa of pearce_hall changes the likelihood as its formula says", {
  frame <- reference_data(n_actions = 3)
  data <- as_task_data(frame)
  own <- list(alpha = 0.5, eta = 0.3, kappa = 0.6, beta = 2)
  free <- rl_model("pearce_hall", kappa = unit_interval())
  fixed <- rl_model("pearce_hall", kappa = 0.6)
  expected <- reference_loglik("pearce_hall", own, frame)
  expect_equal(unname(rl_loglik(free, data, unlist(own))), unname(expected), tolerance = 1e-10)
  expect_equal(unname(rl_loglik(fixed, data, unlist(own)[-3])), unname(expected), tolerance = 1e-10)
})

test_that("a model or a parameter that is not there is an error with the nearest", {
  expect_snapshot(error = TRUE, {
    rl_model("rw_assymetric")
    rl_model("zzz")
    rl_model("rw", alhpa = 0.2)
    rl_model("rw", 0.2)
    rl_model("rw", alpha = "fast")
    rl_parameters("rww")
  })
  expect_error(rl_model("zzz"), class = "rescorla_error_model")
  expect_error(rl_model("rw", alhpa = 0.2), class = "rescorla_error_input")
})

# --- variants and other names -------------------------------------------------------------------

test_that("an option gives the variant, its default the model itself", {
  expect_identical(rl_model("ts_par7", compat = "hBayesDM")$id, "ts_par7_hbayesdm")
  expect_identical(rl_model("ts_par7", compat = "none"), rl_model("ts_par7"))
  expect_identical(rl_model("ts_par7", compat = "published"), rl_model("ts_par7"))
  expect_identical(rl_model("rw_sticky", stickiness_scale = "value")$id, "rw_sticky_value")
  expect_identical(rl_model("rw_sticky", stickiness_scale = "logit"), rl_model("rw_sticky"))
  expect_identical(rl_model("gql", d = 3)$id, "gql_3")
  expect_identical(rl_model("gql", d = 1L)$id, "gql_1")
  expect_identical(rl_model("gql", d = 2), rl_model("gql"))
  # From a variant by its own name, too.
  expect_identical(rl_model("gql_3", d = 2)$id, "gql")
  expect_identical(rl_model("gql_3", d = 3), rl_model("gql_3"))
})

test_that("every variant is reached by its options and leads back by their defaults", {
  files <- rescorla:::catalogue_files()
  for (id in variant_ids()) {
    file <- files[[id]]
    expect_true(file$variant_of %in% rl_models()$model, label = id)
    expect_identical(do.call(rl_model, c(list(file$variant_of), file[["variant"]]))$id, id)
    default <- file[["variant_default"]]
    if (is.null(default)) default <- list(compat = "none")
    expect_named(default, names(file[["variant"]]), label = id)
    expect_identical(do.call(rl_model, c(list(id), default))$id, file$variant_of)
    # The program is another one: else it need not be there.
    own <- rl_model(id)$program
    expect_false(identical(own[c("parameters", "statements")],
      rl_model(file$variant_of)$program[c("parameters", "statements")]), label = id)
  }
})

test_that("options and redefined parameters go together", {
  model <- rl_model("rw_sticky", q0 = 0, stickiness_scale = "value", beta = bounded(0, 20))
  expect_identical(model$id, "rw_sticky_value")
  table <- rl_parameters(model)
  expect_identical(table$fixed[table$name == "q0"], 0)
  expect_identical(table$upper[table$name == "beta"], 20)
  # Parameters of the variant only, and a parameter that shares its name with an option elsewhere.
  expect_identical(rl_parameters(rl_model("gql", d = 3, phi3 = 0.2))$fixed[3], 0.2)
  decay <- rl_parameters(rl_model("bandit4arm_lapse_decay", d = 0.1))
  expect_identical(decay$fixed[decay$name == "d"], 0.1)
})

test_that("options that are not there are errors that say which there are", {
  expect_snapshot(error = TRUE, {
    rl_model("rw", compat = "hBayesDM")
    rl_model("ts_par7", compat = "hbayes")
    rl_model("ts_par7", stickiness_scale = "value")
    rl_model("gql", d = 4)
    rl_model("gql", d = "three")
    rl_model("rw_sticky", stickiness = "value")
    rl_model("rw_sticky", kapa = 0)
  })
  expect_error(rl_model("rw", compat = "hBayesDM"), class = "rescorla_error_input")
  expect_error(rl_model("gql", d = real()), class = "rescorla_error_input")
  expect_error(rl_model("gql", d = NA), class = "rescorla_error_input")
})

test_that("models answer to the names of other packages", {
  expect_identical(rl_model("banditNarm_4par"), rl_model("bandit4arm_4par"))
  expect_identical(rl_model("bandit4arm_delta"), rl_model("banditNarm_delta"))
  expect_identical(rl_model("prl_rp_multipleB"), rl_model("prl_rp"))
  expect_identical(rl_model("dd_hyperbolic_single"), rl_model("dd_hyperbolic"))
  expect_identical(rl_model("hgf_ibrb_single")$id, "hgf_ibrb")
  expect_identical(rl_parameters("banditNarm_lapse"), rl_parameters("bandit4arm_lapse"))
  # Names that stand for themselves.
  expect_identical(rl_model("banditNarm_delta")$id, "banditNarm_delta")
  expect_identical(rl_model("bandit4arm2_kalman_filter")$id, "bandit4arm2_kalman_filter")
  expect_error(rl_model("bandit4arm_nothing"), class = "rescorla_error_model")
})

test_that("a model of the catalogue points at its help page, a variant at that of its model", {
  last <- function(model) grep("^Equations", capture.output(print(model)), value = TRUE)
  expect_identical(last(rl_model("igt_orl")), "Equations ?igt_orl")
  expect_identical(last(rl_model("ts_par7", compat = "hBayesDM")), "Equations ?ts_par7")
  own <- rl_model("mine", parameters = list(b = real()), trial = {
    choice ~ bernoulli_logit(b)
  })
  expect_identical(last(own), character())
})

test_that("every model, task and other name has a help page", {
  aliases <- system.file("help", "aliases.rds", package = "rescorla")
  skip_if(!nzchar(aliases), "installed without its help pages")
  topics <- readRDS(aliases)
  tasks <- unique(rl_models()$task)
  expect_setequal(setdiff(c("models", catalogue_ids(), paste0("models_", tasks)), names(topics)),
    character())
  expect_identical(topics[["igt_orl"]], "models_igt")
  expect_identical(topics[["banditNarm_4par"]], "models_bandit4arm")
})
