rl_model(
  name = "Experience-weighted attraction",
  description = "Each option carries a count of experiences, which decays; the more of them, the less a new outcome moves its value.",
  task = "prl",
  reference = "den Ouden, Daw, Fernandez, Elshout, Rijpkema, Hoogman, Franke & Cools (2013), Neuron 80:1090-1100; Camerer & Ho (1999), Econometrica 67:827-874.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "n_0 = n_a, \\quad n_a \\leftarrow \\rho n_0 + 1",
    "Q_a \\leftarrow (\\varphi n_0 Q_a + r) / n_a"
  ),
  parameters = list(
    phi = unit_interval("decay of the value: the share that stays"),
    rho = unit_interval("decay of the experience: the share that stays"),
    beta = bounded(0, 10, "inverse temperature")
  ),
  state = list(value = per_action(0), experience = per_action(0)),
  trial = {
    choice ~ softmax(beta * value)
    before <- experience[choice]
    experience[choice] <- rho * before + 1
    value[choice] <- (phi * before * value[choice] + outcome) / experience[choice]
  }
)
