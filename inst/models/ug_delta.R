rl_model(
  name = "Ultimatum game, norm by a delta rule",
  description = "A norm of what is fair follows the offers; offers below it are worth less, by envy.",
  task = "ug",
  reference = "Gu, Wang, Hula, Wang, Xu, Lohrenz, Knight, Gao, Dayan & Montague (2015), Journal of Neuroscience 35:467-473.",
  equations = c(
    "u = x - \\alpha \\max(f - x, 0)",
    "P(accept) = 1 / (1 + e^{-\\tau u})",
    "f \\leftarrow f + \\epsilon (x - f)"
  ),
  parameters = list(
    alpha = bounded(0, 20, "envy: the cost of an offer below the norm"),
    tau = bounded(0, 10, "inverse temperature"),
    ep = unit_interval("learning rate of the norm"),
    norm0 = fixed(10, "initial norm")
  ),
  columns = "offer",
  state = list(norm = scalar(norm0)),
  trial = {
    utility <- offer - alpha * pmax(norm - offer, 0)
    choice ~ bernoulli_logit(tau * utility)
    norm <- norm + ep * (offer - norm)
  }
)
