rl_model(
  name = "Hierarchical Gaussian filter, binary, three levels (classic)",
  description = "A belief about a binary input whose volatility is itself tracked; responses follow the prediction made before the trial's input.",
  task = "hgf_ibrb",
  reference = "Mathys, Daunizeau, Friston & Stephan (2011), Frontiers in Human Neuroscience 5:39; Mathys, Lomakina, Daunizeau et al. (2014), Frontiers in Human Neuroscience 8:825.",
  equations = c(
    "P(y = 1) = 1 / (1 + e^{-\\zeta \\mu_2})",
    "\\hat\\mu_1 = 1 / (1 + e^{-\\mu_2}), \\quad v = e^{\\kappa \\mu_3 + \\omega_2}, \\quad \\hat\\sigma_2 = \\sigma_2 + v, \\quad \\hat\\sigma_3 = \\sigma_3 + e^{\\omega_3}",
    "\\sigma_2' = 1 / (1 / \\hat\\sigma_2 + \\hat\\mu_1 (1 - \\hat\\mu_1)), \\quad \\mu_2' = \\mu_2 + \\sigma_2' (u - \\hat\\mu_1)",
    "w = v / \\hat\\sigma_2, \\quad \\delta = (\\sigma_2' + (\\mu_2' - \\mu_2)^2) / \\hat\\sigma_2 - 1",
    "\\sigma_3' = 1 / (1 / \\hat\\sigma_3 + \\kappa^2 w (w + (2 w - 1) \\delta) / 2), \\quad \\mu_3' = \\mu_3 + \\sigma_3' \\kappa w \\delta / 2"
  ),
  parameters = list(
    kappa = bounded(0, 2, "coupling of the levels: how much the third sets the volatility"),
    omega2 = bounded(-10, 0, "log volatility of the second level, its constant part"),
    omega3 = bounded(-15, 0, "log volatility of the third level"),
    zeta = bounded(0, 2, "inverse temperature: how much responses follow the prediction"),
    mu20 = fixed(0, "initial mean of the second level"),
    sa20 = fixed(0.1, "initial variance of the second level"),
    mu30 = fixed(1, "initial mean of the third level"),
    sa30 = fixed(1, "initial variance of the third level")
  ),
  identifiability = "The third level is next to invisible in binary choices, and kappa trades off with omega2. 200 simulated subjects, 320 trials each (chances of .8 and .2 in spells of 40 and of 10), maximum a posteriori: r = .08 for omega3, .23 for kappa, .83 for omega2, .88 for zeta between simulated and estimated values. Fix kappa and omega3 where omega2 and zeta are what is asked for.",
  columns = "u",
  state = list(
    mu2 = scalar(mu20), mu3 = scalar(mu30), sa2 = scalar(sa20), sa3 = scalar(sa30)
  ),
  trial = {
    choice ~ bernoulli_logit(zeta * mu2)
    if (observed(u)) {
      m1 <- plogis(mu2)
      v <- exp(kappa * mu3 + omega2)
      h2 <- sa2 + v
      h3 <- sa3 + exp(omega3)
      s2 <- 1 / (1 / h2 + m1 * (1 - m1))
      prediction_error <- u - m1
      m2 <- mu2 + s2 * prediction_error
      w <- v / h2
      delta <- (s2 + (m2 - mu2)^2) / h2 - 1
      precision3 <- 1 / h3 + 0.5 * kappa^2 * w * (w + (2 * w - 1) * delta)
      # A precision below 0 has no square root: the parameters are outside the filter's reach, and
      # the subject is flagged.
      s3 <- 1 / sqrt(precision3)^2
      mu3 <- mu3 + 0.5 * s3 * kappa * w * delta
      mu2 <- m2
      sa2 <- s2
      sa3 <- s3
    }
  }
)
