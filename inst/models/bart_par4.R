rl_model(
  name = "Balloon task with four parameters",
  description = "Pumping goes on up to a number of pumps that suits the believed risk of a burst; the belief is learned between balloons.",
  task = "bart",
  reference = "van Ravenzwaaij, Dutilh & Wagenmakers (2011), Journal of Mathematical Psychology 55:94-105; after Wallsten, Pleskac & Lejuez (2005), Psychological Review 112:862-880.",
  equations = c(
    "p = 1 - \\frac{\\phi + \\eta\\, n_{\\mathrm{success}}}{1 + \\eta\\, n_{\\mathrm{pump}}}",
    "\\omega = -\\gamma / \\log(1 - p)",
    "P(\\mathrm{pump}\\; l) = \\sigma(\\tau (\\omega - l))"
  ),
  identifiability = "phi and eta act together in a belief that soon settles. 100 simulated subjects, 90 balloons, maximum a posteriori: r = .61 for phi, .53 for eta, .91 for gam, .96 for tau between simulated and estimated values.",
  columns = "explosion",
  parameters = list(
    phi = unit_interval("belief before any pump that a pump does not burst the balloon"),
    eta = positive("learning rate of that belief"),
    gam = positive("risk taking"),
    tau = positive("inverse temperature")
  ),
  state = list(n_pump = scalar(0), n_success = scalar(0)),
  trial = {
    burst <- 1 - (phi + eta * n_success) / (1 + eta * n_pump)
    omega <- -gam / log1p(-burst)
    pumps ~ repeated_logit(tau * (omega - step), censored = explosion)
    if (observed(explosion)) {
      n_success <- n_success + pumps - explosion
      n_pump <- n_pump + pumps
    }
  }
)
