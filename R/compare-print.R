# What a comparison prints.

#' @rdname rl_compare
#' @export
print.rl_compare <- function(x, ..., digits = 1L) {
  lines <- switch(x$type,
    subject = print_subject_totals(x, digits),
    total = print_shared_totals(x, digits),
    em = print_marginal(x, digits),
    nuts = print_left_out(x, digits)
  )
  cat(
    clip(paste0("<rl_compare> ", plural(nrow(x$models), "model"), ", ",
      plural(x$n_subjects, "subject"), ", ", plural(x$nobs, "response"))),
    lines,
    if (length(x$left_out) > 0L) {
      clip(paste0("Left out, not fitted by all: ", name_some(x$left_out)))
    },
    if (x$type != "em" && any(x$methods == "map")) {
      "Log-likelihoods of MAP fits are those at the posterior mode."
    },
    paste0("Next: ", switch(x$type, nuts = "x$units (by ", "x$subjects (by "),
      if (x$type == "nuts") x$unit else "subject", "), ", if (!is.null(x$bms)) "x$bms, ",
      "as.data.frame(x), plot(x)"),
    sep = "\n"
  )
  invisible(x)
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
    print_selection(x, digits, evidence = TRUE)
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
    weight = formatC(m$weight, digits = 3L, format = "f")
  )
  c("Empirical Bayes, subjects integrated out (lower is better; d: above the best)",
    table_lines(shown, left = "model"), print_selection(x, digits))
}

# Random-effects selection, where there are log evidences.
print_selection <- function(x, digits, evidence = FALSE) {
  selection <- x$bms
  if (is.null(selection)) {
    return(NULL)
  }
  shown <- frequency_table(selection$models, 3L)
  shown$model <- short_names(x$models$model)
  if (evidence) shown$evidence <- print_number(x$models$log_evidence, digits)
  without <- setdiff(x$no_evidence, as.character(x$left_out))
  c(
    "",
    paste0("Model frequencies by subjects' log evidences",
      if (evidence) " (and the sum of these)"),
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
  shown <- data.frame(
    model = short_names(m$model), elpd = number(m$elpd_loo), se = number(m$se),
    p_loo = number(m$p_loo), delta = number(m$delta_elpd),
    "se(delta)" = number(m$delta_se), waic = number(m$waic), "k > 0.7" = m$k_high,
    check.names = FALSE
  )
  c(
    paste0("Leave-one-out by ", x$unit, " (higher elpd is better; delta: difference to the best)"),
    clip(table_lines(shown, left = "model")),
    "Full Bayes has no log evidence to give rl_bms(); method = \"em\" has."
  )
}

#' @rdname rl_compare
#' @export
as.data.frame.rl_compare <- function(x, row.names = NULL, optional = FALSE, ...) x$models
