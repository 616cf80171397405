# The Stan peer: peers/stan/<model>.stan by rstan, with hBayesDM's settings (adapt_delta .95,
# maximal tree depth 10) in 4 chains of 1000 + 1000, starts at random (uniform on (-2, 2) on the
# unconstrained scale).
#   Rscript bench/peers/stan.R MODEL DATA OUTPUT.rds [--cores=2] [--seed=1]
# DATA is a CSV file, or a tab-separated one of any other name, with hBayesDM's columns. Needs rstan
# and posterior.

stan_control <- list(adapt_delta = 0.95, max_treedepth = 10)

# Compiles, samples and summarises: a list of what stan_compile(), stan_sample() and stan_figures()
# say below.
stan_peer <- function(model, data, cores = 2L, seed = 1L, folder = file.path("peers", "stan"),
                      ...) {
  stan_sample(stan_compile(model, folder), data, cores, seed, ...)
}

# compile_s is wall time from the Stan text to a loaded library, nothing kept from an earlier call;
# compile_cpu_s is the time of this process and its compiler.
stan_compile <- function(model, folder = file.path("peers", "stan")) {
  needed <- c("rstan", "posterior")
  lacking <- needed[!vapply(needed, requireNamespace, NA, quietly = TRUE)]
  if (length(lacking)) stop("the Stan peer needs the R package ", paste(lacking, collapse = ", "))
  # rstan finds parts of itself and of Rcpp only when attached.
  suppressPackageStartupMessages(library("rstan", character.only = TRUE))
  rstan::rstan_options(auto_write = FALSE)
  link <- boost_folder()
  if (!is.null(link)) rstan::rstan_options(boost_lib = link)
  file <- file.path(folder, paste0(model, ".stan"))
  # A copy: stan_model() would take up a compiled .rds that stands beside its file.
  copy <- file.path(tempfile("stan"), basename(file))
  dir.create(dirname(copy))
  if (!file.copy(file, copy)) stop("there is no Stan program ", file)
  time <- system.time(program <- rstan::stan_model(copy, model_name = model))
  flags <- system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CXX14FLAGS"), stdout = TRUE)
  list(model = model, program = program, compile_s = time[["elapsed"]],
       compile_cpu_s = sum(time[-3]), flags = flags)
}

# Where the package BH is an empty shell (Debian), rstan does not find Boost. It is given a folder
# with a link to the system's headers: that of the headers themselves would bring the whole of
# /usr/include before the compiler's own order. NULL where BH does hold Boost.
boost_folder <- function(candidates = c("/usr/include", "/usr/local/include",
                                        "/opt/homebrew/include")) {
  if (dir.exists(file.path(system.file("include", package = "BH"), "boost"))) return(NULL)
  found <- file.path(candidates, "boost")
  found <- found[dir.exists(found)]
  if (!length(found)) return(NULL)
  folder <- tempfile("boost")
  dir.create(folder)
  if (!file.symlink(found[1], file.path(folder, "boost"))) return(NULL)
  folder
}

# A list: the times of stan_compile(); what was asked for; sample_wall_s, the wall time of
# sampling(); the figures of stan_figures().
stan_sample <- function(compiled, data, cores = 2L, seed = 1L, chains = 4L, warmup = 1000L,
                        draws = 1000L) {
  input <- stan_input(compiled$model, data)
  wall <- system.time(fit <- rstan::sampling(
    compiled$program, data = input, chains = chains, iter = warmup + draws, warmup = warmup,
    cores = cores, seed = seed, init = "random", control = stan_control, refresh = 0
  ))[["elapsed"]]
  c(
    compiled[c("compile_s", "compile_cpu_s", "flags")],
    list(model = compiled$model, subjects = input$N, trials = sum(input$Tsubj), cores = cores,
         seed = seed, rstan = as.character(utils::packageVersion("rstan")), sample_wall_s = wall),
    stan_figures(fit, warmup)
  )
}

# A list:
#   cpu_s           time of all chains, warm-up and sampling, as Stan counts it (clock(): CPU time)
#   warmup_cpu_s, sampling_cpu_s   its two parts
#   n_gradients     leapfrog steps of all chains, warm-up included; n_gradients_sampling without it
#   divergences, treedepth_hits    after warm-up
#   group           mean, sd, q5, q95, mcse_mean, ess_bulk, ess_tail, rhat of mu_pr, sigma and mu_*
#   all             the same of every parameter, raw and natural; lp__ left out
#   min_bulk_ess    the smallest over `all`; min_bulk_ess_group over `group`
stan_figures <- function(fit, warmup) {
  sampler <- rstan::get_sampler_params(fit, inc_warmup = TRUE)
  steps <- do.call(rbind, sampler)[, "n_leapfrog__"]
  after <- do.call(rbind, lapply(sampler, function(x) x[-seq_len(warmup), ]))
  cpu <- rstan::get_elapsed_time(fit)
  all <- stan_summary(fit)
  group <- all[grepl("^(mu_|sigma)", all$variable), ]
  list(
    chains = length(sampler), warmup = warmup, draws = nrow(sampler[[1]]) - warmup,
    cpu_s = sum(cpu), warmup_cpu_s = sum(cpu[, "warmup"]), sampling_cpu_s = sum(cpu[, "sample"]),
    n_gradients = sum(steps), n_gradients_sampling = sum(after[, "n_leapfrog__"]),
    divergences = sum(after[, "divergent__"]),
    treedepth_hits = sum(after[, "treedepth__"] >= stan_control$max_treedepth),
    min_bulk_ess = min(all$ess_bulk), min_bulk_ess_group = min(group$ess_bulk),
    max_rhat = max(all$rhat), group = group, all = all
  )
}

stan_summary <- function(fit) {
  draws <- posterior::as_draws_array(as.array(fit))
  draws <- posterior::subset_draws(draws, setdiff(posterior::variables(draws), "lp__"))
  table <- posterior::summarise_draws(
    draws, "mean", "sd", function(x) posterior::quantile2(x, c(0.05, 0.95)), "mcse_mean",
    "ess_bulk", "ess_tail", "rhat"
  )
  # Plain numbers: the columns have a class of their own that rounds when printed.
  data.frame(variable = table$variable, lapply(table[-1], as.numeric))
}

# Stan's data from a data frame, by hBayesDM's rules: names of columns without regard to case and
# underscores, the outcome of prl_* by its sign, losses negative. Subjects stand in the order of
# their first row; short ones are padded.
stan_input <- function(model, data) {
  names(data) <- gsub("_", "", tolower(names(data)))
  columns <- c("choice", if (grepl("^bandit4arm", model)) c("gain", "loss") else "outcome")
  lacking <- setdiff(c("subjid", columns), names(data))
  if (length(lacking)) stop("the data have no column ", paste(lacking, collapse = ", "))
  if (anyNA(data[c("subjid", columns)])) stop("the data have missing values")
  if (grepl("^prl", model)) data$outcome <- sign(data$outcome)
  if ("loss" %in% columns) data$loss <- -abs(data$loss)
  rows <- split(seq_len(nrow(data)), factor(data$subjid, unique(data$subjid)))
  trials <- lengths(rows, use.names = FALSE)
  padded <- function(column, fill) {
    t(vapply(rows, function(i) {
      c(data[[column]][i], rep(fill, max(trials) - length(i)))
    }, numeric(max(trials)), USE.NAMES = FALSE))
  }
  filled <- lapply(columns, function(column) padded(column, as.numeric(column == "choice")))
  c(list(N = length(rows), T = max(trials), Tsubj = as.array(trials)),
    stats::setNames(filled, columns))
}

stan_script <- function(arguments, folder) {
  option <- function(name, default) {
    given <- grep(paste0("^--", name, "="), arguments, value = TRUE)
    as.integer(if (length(given)) sub("^[^=]*=", "", given[1]) else default)
  }
  plain <- arguments[!grepl("^--", arguments)]
  if (length(plain) != 3) {
    stop("usage: Rscript stan.R MODEL DATA OUTPUT.rds [--cores=2] [--seed=1]", call. = FALSE)
  }
  separator <- if (grepl("[.]csv$", plain[2])) "," else "\t"
  data <- utils::read.table(plain[2], header = TRUE, sep = separator)
  result <- stan_peer(plain[1], data, option("cores", 2), option("seed", 1), folder)
  saveRDS(result, plain[3])
  print(result$group, digits = 4, row.names = FALSE)
  figures <- result[c("compile_s", "sample_wall_s", "cpu_s", "n_gradients", "divergences",
                      "treedepth_hits", "min_bulk_ess", "min_bulk_ess_group", "max_rhat")]
  cat(sprintf("%-18s %s\n", names(figures), vapply(figures, format, "", digits = 5)), sep = "")
}

if (sys.nframe() == 0L) {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  stan_script(commandArgs(trailingOnly = TRUE), file.path(dirname(script), "stan"))
}
