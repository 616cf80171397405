rl_model(
  name = "Ultimatum game, norm of a Bayesian observer",
  description = "The norm is the mean a Bayesian observer has of the offers, this trial's included; offers below it cost envy, offers above it guilt.",
  task = "ug",
  reference = "Xiang, Lohrenz & Montague (2013), Journal of Neuroscience 33:1099-1108.",
  equations = c(
    "\\mu \\leftarrow (k \\mu + x) / (k + 1), \\quad k \\leftarrow k + 1",
    "u = x - \\alpha \\max(\\mu - x, 0) - \\beta \\max(x - \\mu, 0)",
    "P(accept) = 1 / (1 + e^{-\\tau u})"
  ),
  parameters = list(
    alpha = bounded(0, 20, "envy: the cost of an offer below the norm"),
    beta = bounded(0, 10, "guilt: the cost of an offer above the norm"),
    tau = bounded(0, 10, "inverse temperature"),
    mu0 = fixed(10, "initial norm"),
    k0 = fixed(4, "how many offers the initial norm is worth")
  ),
  identifiability = "Guilt (beta) shows only where offers are refused for being too high. 200 simulated subjects, 60 offers each, maximum a posteriori: r = .26 for beta, .88 for alpha, .63 for tau between simulated and estimated values.",
  columns = "offer",
  state = list(mu = scalar(mu0), k = scalar(k0)),
  trial = {
    if (observed(offer)) {
      mu <- (k * mu + offer) / (k + 1)
      k <- k + 1
    }
    utility <- offer - alpha * pmax(mu - offer, 0) - beta * pmax(offer - mu, 0)
    choice ~ bernoulli_logit(tau * utility)
  }
)
