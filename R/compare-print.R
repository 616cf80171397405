# What a comparison prints.

#' @rdname rl_compare
#' @export
print.rl_compare <- function(x, ..., digits = 1L) {
  lines <- switch(x$type,
    subject = print_subject_totals(x, digits),
    total = print_shared_totals(x, digits),
    em = print_marginal(x, digits),
    nuts = print_left_out(x, digits),
    heldout = print_held_out(x, digits)
  )
  cat(
    clip(paste0("<rl_compare> ", plural(nrow(x$models), "model"), ", ",
      plural(x$n_subjects, "subject"), ", ", plural(x$nobs, "response"))),
    lines,
    if (length(x$left_out) > 0L) {
      clip(paste0("Left out, not fitted by all: ", name_some(x$left_out)))
    },
    if (x$type %in% c("subject", "total") && any(x$methods == "map")) {
      "Log-likelihoods of MAP fits are those at the posterior mode."
    },
    next_steps(x),
    sep = "\n"
  )
  invisible(x)
}

next_steps <- function(x) {
  steps <- c(
    if (!is.null(x$winners)) "summary(x) (by subject)" else "x$subjects",
    if (!is.null(x$bms)) "x$bms", if (!is.null(x$units)) paste0("x$units (by ", x$unit, ")"),
    "as.data.frame(x)", "plot(x)"
  )
  paste("Next:", paste(steps, collapse = ", "))
}

short_names <- function(name, most = 20L) {
  long <- nchar(name, "width") > most
  name[long] <- paste0(strtrim(name[long], most - 3L), "...")
  name
}

print_number <- function(x, digits) formatC(x, digits = digits, format = "f", big.mark = ",")

print_subject_totals <- function(x, digits) {
  m <- x$models
  number <- \(v) print_number(v, digits)
  weight <- \(v) formatC(v, digits = 3L, format = "f")
  name <- short_names(m$model)
  shown <- data.frame(
    model = name, k = m$parameters, logLik = number(m$loglik),
    AIC = number(m$aic), dAIC = number(m$delta_aic), BIC = number(m$bic), dBIC = number(m$delta_bic)
  )
  support <- data.frame(
    model = name, "AIC weight" = weight(m$weight_aic), "BIC weight" = weight(m$weight_bic),
    "best by AIC" = m$best_aic, "best by BIC" = m$best_bic, check.names = FALSE
  )
  c(
    "Sums over subjects (lower is better; d: difference to the best)",
    table_lines(shown, left = "model"),
    "",
    "Weights of these sums, and how many subjects each model describes best",
    table_lines(support, left = "model"),
    print_selection(x, digits)
  )
}

print_shared_totals <- function(x, digits) {
  m <- x$models
  number <- \(v) print_number(v, digits)
  shown <- data.frame(
    model = short_names(m$model), df = m$df, logLik = number(m$loglik), AIC = number(m$aic),
    dAIC = number(m$delta_aic), BIC = number(m$bic), dBIC = number(m$delta_bic)
  )
  c("All subjects together (lower is better; d: difference to the best)",
    table_lines(shown, left = "model"))
}

print_marginal <- function(x, digits) {
  m <- x$models
  number <- \(v) print_number(v, digits)
  shown <- data.frame(
    model = short_names(m$model), df = m$df, logLik = number(m$loglik), AIC = number(m$aic),
    iBIC = number(m$ibic), diBIC = number(m$delta_ibic),
    weight = formatC(m$weight, digits = 3L, format = "f"), best = best_of(x, "evidence"),
    check.names = FALSE
  )
  c(
    "Empirical Bayes, subjects integrated out (lower is better; d: above the best)",
    table_lines(shown, left = "model"),
    "best: how many subjects each model describes best, by their log evidence",
    print_selection(x, digits)
  )
}

# How many subjects each model describes best.
best_of <- function(x, criterion) x$counts$subjects[x$counts$criterion == criterion]

# Random-effects selection, where there are log evidences.
print_selection <- function(x, digits) {
  selection <- x$bms
  if (is.null(selection)) {
    return(NULL)
  }
  shown <- frequency_table(selection$models, 3L)
  shown$model <- short_names(x$models$model)
  sums <- x$type == "subject" && x$evidence == "laplace"
  if (sums) shown$evidence <- print_number(x$models$log_evidence, digits)
  without <- setdiff(x$no_evidence, as.character(x$left_out))
  c(
    "",
    paste0("Model frequencies by subjects' log evidences",
      if (x$evidence == "bic") ", -BIC/2", if (sums) " (and the sum of these)"),
    clip(table_lines(shown, left = "model")),
    if (!is.null(selection$families)) {
      clip(table_lines(frequency_table(selection$families, 3L), left = "family"))
    },
    paste0("Bayesian omnibus risk ", formatC(selection$bor, digits = 3L, format = "f")),
    if (length(without)) clip(paste0("Without a log evidence: ", name_some(without)))
  )
}

print_left_out <- function(x, digits) {
  m <- x$models
  number <- \(v) print_number(v, digits)
  name <- short_names(m$model)
  loo <- data.frame(
    model = name, elpd = number(m$elpd_loo), se = number(m$se), p_loo = number(m$p_loo),
    delta = number(m$delta_elpd), "se(delta)" = number(m$delta_se), "k > 0.7" = m$k_high,
    best = best_of(x, "loo"), check.names = FALSE
  )
  waic <- data.frame(
    model = name, elpd = number(-m$waic / 2), p_waic = number(m$p_waic),
    delta = number(m$delta_waic), "se(delta)" = number(m$delta_waic_se), WAIC = number(m$waic),
    best = best_of(x, "waic"), check.names = FALSE
  )
  c(
    paste0("Leave-one-out by ", x$unit, " (higher elpd is better; delta: difference to the best)"),
    clip(table_lines(loo, left = "model")),
    "WAIC",
    clip(table_lines(waic, left = "model")),
    "best: how many subjects each model describes best",
    "Full Bayes has no log evidence to give rl_bms(); method = \"em\" has."
  )
}

print_held_out <- function(x, digits) {
  m <- x$models
  number <- \(v) print_number(v, digits)
  shown <- data.frame(
    model = short_names(m$model), method = m$method, "log-lik." = number(m$heldout),
    se = number(m$se), delta = number(m$delta), "se(delta)" = number(m$delta_se),
    mean = formatC(m$per_response, digits = 3L, format = "f"), best = m$best,
    check.names = FALSE
  )
  c(
    paste0("Held-out likelihood, ", plural(x$folds, "fold"), " by ", x$unit,
      " (higher is better; delta: difference to the best)"),
    clip(table_lines(shown, left = c("model", "method"))),
    "mean: by response; best: how many subjects each model predicts best"
  )
}

#' @rdname rl_compare
#' @export
as.data.frame.rl_compare <- function(x, row.names = NULL, optional = FALSE, ...) x$models
