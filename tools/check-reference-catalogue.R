# Checks the catalogue of the installed package against reference numbers that were computed
# elsewhere, on data that are not part of the package.
#
#   Rscript tools/check-reference-catalogue.R [DIR]
#
# DIR is the folder that holds data/; the default is ../shared beside the repository. Without the
# folder there is nothing to check and the script succeeds.

file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
script_folder <- if (is.na(file)) "tools" else dirname(normalizePath(file))
source(file.path(script_folder, "reference-table.R"))
shared <- reference_folder("data/hbayesdm")
default_tolerance <- 1e-6

library(rescorla)

# ---- Data and models ----------------------------------------------------------------------------

made <- new.env()

# The example data of a task, found by their usual names.
task_data <- function(task, ...) {
  if (is.null(made[[task]])) {
    path <- file.path(shared, "data", "hbayesdm", paste0(task, "_exampleData.txt"))
    assign(task, quiet(rl_data(utils::read.delim(path), task = task, ...)), envir = made)
  }
  made[[task]]
}

# By the name of a model, with its options: c("ts_par7", compat = "hBayesDM").
model_of <- function(id) do.call(rl_model, as.list(id))

# Parameters in the order of the model, whatever they are called.
in_order <- function(model, values) {
  table <- rl_parameters(model)
  stats::setNames(values, table$name[is.na(table$fixed)])
}

loglik <- function(task, id, values) {
  model <- model_of(id)
  rl_loglik(model, task_data(task), in_order(model, values))
}

# Subjects in increasing order: the first is that with the lowest number.
lowest <- function(x) x[[order(as.numeric(names(x)))[1]]]

maximum <- function(task, id, starts) {
  as.numeric(logLik(rl_fit(model_of(id), task_data(task), method = "mle", starts = starts,
                           seed = 1)))
}

# ---- Log-likelihoods at given parameters ---------------------------------------------------------

check_loglik <- function(task, id, values, first, total) {
  delayedAssign("got", loglik(task, id, values))
  name <- paste0(id[1], if (length(id) > 1) paste0(" (", id[-1], ")"))
  check(paste0(name, ": first subject"), first, lowest(got))
  check(paste0(name, ": total"), total, sum(got))
}

check_loglik("bandit2arm", "bandit2arm_delta", c(0.3, 1.5), -71.940864, -1327.542249)
check_loglik("bandit4arm", "bandit4arm_4par", c(0.2, 0.3, 2, 3), -257.268396, -2668.707415)
check_loglik("bandit4arm", "bandit4arm_lapse_decay", c(0.2, 0.3, 2, 3, 0.1, 0.15),
             -258.136265, -2663.375091)
check_loglik("prl", "prl_rp", c(0.2, 0.4, 2), -51.579582, -1189.517907)
check_loglik("prl", "prl_fictitious", c(0.3, 0.1, 2), -49.469630, -1186.349708)
check_loglik("prl", "prl_ewa", c(0.8, 0.3, 2), -61.194130, -1726.724009)
check_loglik("gng", "gng_m1", c(0.05, 0.15, 6), -71.055739, -792.115617)
check_loglik("gng", "gng_m4", c(0.05, 0.15, 0.5, 0.3, 6, 4), -75.254015, -818.064009)
check_loglik("igt", "igt_pvl_delta", c(0.3, 0.5, 1, 1.5), -104.550768, -458.184303)
check_loglik("igt", "igt_orl", c(0.2, 0.1, 0.5, 1.5, 2), -89.807787, -395.775057)
check_loglik("pst", "pst_gainloss_Q", c(0.3, 0.1, 3), -130.370412, -504.909027)
check_loglik("ts", c("ts_par7", compat = "hBayesDM"), c(0.4, 3, 0.5, 2.5, 0.3, 0.5, 0.6),
             -215.242349, -2360.734460)
check_loglik("bandit4arm2", "bandit4arm2_kalman_filter", c(0.9, 50, 0.2, 70, 8, 3),
             -493.481100, -3600.785880)

# The same data under the names for any number of arms.
check("banditNarm_4par: total", -2668.707415,
      sum(loglik("banditNarm", "banditNarm_4par", c(0.2, 0.3, 2, 3))))

# ---- Maxima: lower bounds of the true ones -------------------------------------------------------

check_maximum <- function(task, id, bound, starts = 30) {
  name <- paste0(id[1], if (length(id) > 1) paste0(" (", id[-1], ")"))
  check(paste0(name, ": maximum in the box"), bound, maximum(task, id, starts), 1e-3, Inf)
}

check_maximum("bandit2arm", "bandit2arm_delta", -1251.899)
check_maximum("prl", "prl_fictitious", -1085.790)
check_maximum("gng", "gng_m2", -750.781)
check_maximum("igt", "igt_orl", -370.072)
check_maximum("ts", c("ts_par7", compat = "hBayesDM"), -1951.288)
check_maximum("ts", "ts_par7", -1938.820)

# ---- Rules of a single state ---------------------------------------------------------------------

# A state (or local) of an arm that is chosen on every trial: after each trial, that is before the
# next; a last trial without a choice shows what the one before it left.
sequence_of <- function(id, values, outcome, column, ...) {
  frame <- data.frame(subject = "one", choice = c(rep(0, length(outcome)), NA),
                      outcome = c(outcome, NA), ...)
  model <- model_of(id)
  latents <- rl_latents(model, rl_data(frame, actions = c(0, 1)), in_order(model, values))
  latents[[column]][-1]
}

outcomes <- c(1, 1, 0, 1, 0, 0, 1, 1, 1, 0)

check("rw: values", c(0.65, 0.755, 0.5285, 0.66995, 0.468965, 0.3282755, 0.52979285, 0.670854995,
                      0.7695984965, 0.5387189476),
      sequence_of("rw", c(0.3, 1), outcomes, "value_0"), 1e-10)
check("rw_asymmetric: values", c(0.8, 0.92, 0.828, 0.9312, 0.83808, 0.754272, 0.9017088,
                                 0.96068352, 0.984273408, 0.8858460672),
      sequence_of("rw_asymmetric", c(0.6, 0.1, 1), outcomes, "value_0"), 1e-10)

uncertain <- c(0.3, 0.5, 1)
check("rw_uncertainty: values", c(0.65, 0.74625, 0.5979328125, 0.7498416488, 0.6694667442),
      sequence_of("rw_uncertainty", uncertain, outcomes, "value_0")[c(1:4, 10)], 1e-10)
check("rw_uncertainty: rates", c(0.275, 0.19875, 0.3778195313, 0.2697387773, 0.4277936313),
      sequence_of("rw_uncertainty", uncertain, outcomes, "rate_0")[c(1:4, 10)], 1e-10)

confident <- c(0.2, 0.5, 0.3, 2, 1)
check("metalearning: values", c(0.5465116279, 0.8401065956, 0.7649708052, 0.9128579908),
      sequence_of("metalearning", confident, outcomes, "value_0")[c(1:3, 10)], 1e-10)
check("metalearning: confidence", 0.7417272623,
      sequence_of("metalearning", confident, outcomes, "confidence_0")[10], 1e-10)

sutton <- c(0.01, 0.005, 1, 1)
check("sutton_k1: values", c(0.7500031250, 0.8750230464, 0.4492902065),
      sequence_of("sutton_k1", sutton, outcomes, "value_0")[c(1, 2, 10)], 1e-10)
check("sutton_k1: traces", c(0.1274999687, 0.1262382444),
      sequence_of("sutton_k1", sutton, outcomes, "h_0")[1:2], 1e-10)
# The gain is exp(b) / (rhat + exp(b)), with rhat 1.
check("sutton_k1: gains", c(0.5000062500, 0.5000859365),
      stats::plogis(sequence_of("sutton_k1", sutton, outcomes, "b_0")[1:2]), 1e-10)

check("leaky_beta: counts of three arms", c(1.795245, 1.8145, 1, 1.06561, 1, 1.081), {
  frame <- data.frame(subject = "one", choice = c(0, 0, 1, 2, 1, 0, NA),
                      outcome = c(1, 0, 1, 0, 1, 1, NA))
  model <- rl_model("leaky_beta")
  last <- rl_latents(model, rl_data(frame), in_order(model, c(0.5, 0.1, 0.9, 1)))[7, ]
  unlist(last[c(paste0("evidence_for_", 0:2), paste0("evidence_against_", 0:2))])
}, 1e-10)

check("rw_volatile: V .5, r 1, a_sign 1", 0.8655292893,
      sequence_of("rw_volatile", c(0, 0, 1, 0, 1), 1, "value_0", vol = 0), 1e-10)
check("rw_volatile: V .8, r 0, vol 1", 0.3020325350,
      sequence_of(list("rw_volatile", q0 = 0.8), c(0, 1, 1, -0.5, 1), 0, "value_0", vol = 1), 1e-10)

report()
