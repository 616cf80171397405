rl_model(
  name = "Exponential-weight mean-variance model of the balloon task",
  description = "The believed risk of a burst moves from a prior to the observed share; a pump is worth its mean and its variance, with losses weighted.",
  task = "bart",
  reference = "Park, Yang, Vassileva & Ahn (2021), Journal of Mathematical Psychology 102:102532.",
  equations = c(
    "p = \\phi + (1 - e^{-\\eta n_{\\mathrm{pump}}}) \\left( \\frac{n_{\\mathrm{pump}} - n_{\\mathrm{success}}}{n_{\\mathrm{pump}}} - \\phi \\right)",
    "u_l = (1 - p) - \\lambda p (l - 1) + \\rho\\, p (1 - p) (1 + \\lambda (l - 1))^2",
    "P(\\mathrm{pump}\\; l) = \\sigma(\\tau u_l)"
  ),
  identifiability = "The belief is learned within a few balloons: what comes before is hard to tell, and rho trades off with lambda. 100 simulated subjects, 90 balloons, maximum a posteriori: r = .10 for phi, .13 for eta, .43 for rho, .67 for lambda, .98 for tau between simulated and estimated values.",
  columns = "explosion",
  parameters = list(
    phi = unit_interval("belief before any pump that a pump bursts the balloon"),
    eta = unit_interval("learning rate of that belief"),
    rho = bounded(-0.5, 0.5, "risk preference: the weight of the variance"),
    tau = positive("inverse temperature"),
    lambda = positive("loss aversion")
  ),
  state = list(n_pump = scalar(0), n_success = scalar(0)),
  trial = {
    # Before any pump the belief is phi: the weight of what was seen is 0 then.
    seen <- (n_pump - n_success) / pmax(n_pump, 1)
    burst <- phi + (1 - exp(-eta * n_pump)) * (seen - phi)
    pumps ~ repeated_logit(tau * ((1 - burst) - lambda * burst * (step - 1) +
      rho * burst * (1 - burst) * (1 + lambda * (step - 1))^2), censored = explosion)
    if (observed(explosion)) {
      n_success <- n_success + pumps - explosion
      n_pump <- n_pump + pumps
    }
  }
)
