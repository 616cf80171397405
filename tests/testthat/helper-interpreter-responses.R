# What the interpreter (helper-interpreter.R) makes of responses that are numbers: for each its
# arguments, its mean and its log density as R has them. An argument that is an expression of `step`
# is a function of it.

number_responses <- list(
  normal = list(
    arguments = function(mean, sd) NULL,
    mean = function(a) a$mean,
    density = function(y, a) stats::dnorm(y, a$mean, a$sd, log = TRUE)
  ),
  beta_mean = list(
    arguments = function(mu, phi) NULL,
    mean = function(a) a$mu,
    density = function(y, a) stats::dbeta(y, a$mu * a$phi, (1 - a$mu) * a$phi, log = TRUE)
  ),
  binomial = list(
    arguments = function(size, p) NULL,
    mean = function(a) a$size * a$p,
    density = function(y, a) stats::dbinom(y, a$size, a$p, log = TRUE)
  ),
  repeated_logit = list(
    arguments = function(x, censored = NULL, most = NULL) NULL,
    steps = "x",
    mean = function(a) mean_decisions(a$x, a$most %||% 128),
    density = function(y, a) {
      cut_off <- a$censored || !is.null(a$most) && y >= a$most
      went_on <- vapply(seq_len(y), a$x, 0)
      sum(stats::plogis(went_on, log.p = TRUE)) +
        if (cut_off) 0 else stats::plogis(-a$x(y + 1), log.p = TRUE)
    }
  )
)

# Each further decision to go on counts with the chance that it is reached and made.
mean_decisions <- function(x, most) {
  reach <- 1
  total <- 0
  for (k in seq_len(most)) {
    if (absent(reach)) return(NA_real_)
    if (reach <= 1e-17) break
    reach <- reach * stats::plogis(x(k))
    total <- total + reach
  }
  total
}

respond_number <- function(name, call, s) {
  row <- number_responses[[as.character(call[[1]])]]
  given <- as.list(match.call(row$arguments, call))[-1]
  a <- Map(function(expr, argument) {
    if (argument %in% row$steps) return(function(k) value_at_step(expr, k, s))
    as.vector(value_of(expr, s))
  }, given, names(given))
  if (!is.null(a$censored)) a$censored <- a$censored != 0
  s$seen <- c(s$seen, name)
  y <- column_value(name, s)
  # Whether a count was cut off matters where it is scored, not for its mean.
  single <- a[setdiff(names(a), c(row$steps, "censored"))]
  there <- !any(absent(unlist(single)))
  mean <- if (there) row$mean(a) else NA
  record_latent(s, paste0("mean_", name), mean)
  if (!there || absent(y) || any(absent(a$censored))) return(invisible())
  if ("x" %in% row$steps && is.null(a$censored)) a$censored <- FALSE
  value <- row$density(y, a)
  if (!absent(value)) add_log_lik(s, value)
}

value_at_step <- function(expr, k, s) {
  s$bound$step <- k
  value <- as.numeric(value_of(expr, s))
  s$bound$step <- NULL
  value
}
