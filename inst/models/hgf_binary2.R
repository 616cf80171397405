rl_model(
  name = "Hierarchical Gaussian filter, binary, two levels",
  description = "A belief about a binary input under a constant volatility; responses follow the prediction made before the trial's input.",
  task = "hgf_ibrb",
  reference = "Mathys, Daunizeau, Friston & Stephan (2011), Frontiers in Human Neuroscience 5:39; Mathys, Lomakina, Daunizeau et al. (2014), Frontiers in Human Neuroscience 8:825.",
  equations = c(
    "P(y = 1) = 1 / (1 + e^{-\\zeta \\mu_2})",
    "\\hat\\mu_1 = 1 / (1 + e^{-\\mu_2}), \\quad \\hat\\sigma_2 = \\sigma_2 + e^{\\omega_2}",
    "\\sigma_2 \\leftarrow 1 / (1 / \\hat\\sigma_2 + \\hat\\mu_1 (1 - \\hat\\mu_1)), \\quad \\mu_2 \\leftarrow \\mu_2 + \\sigma_2 (u - \\hat\\mu_1)"
  ),
  parameters = list(
    omega2 = bounded(-10, 0, "log volatility of the second level"),
    mu0 = real("initial mean of the second level"),
    sigma0 = positive("initial variance of the second level"),
    zeta = positive("inverse temperature: how much responses follow the prediction")
  ),
  identifiability = "The start leaves a trace in the first choices only. 200 simulated subjects, 320 trials each (chances of .8 and .2 in spells of 40 and of 10), maximum a posteriori: r = .33 for mu0, .21 for sigma0, .87 for omega2, .86 for zeta between simulated and estimated values.",
  columns = "u",
  state = list(mu2 = scalar(mu0), sa2 = scalar(sigma0)),
  trial = {
    choice ~ bernoulli_logit(zeta * mu2)
    if (observed(u)) {
      m1 <- plogis(mu2)
      prediction_error <- u - m1
      sa2 <- 1 / (1 / (sa2 + exp(omega2)) + m1 * (1 - m1))
      mu2 <- mu2 + sa2 * prediction_error
    }
  }
)
