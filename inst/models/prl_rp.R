rl_model(
  name = "Reward and punishment learning rates",
  description = "The value of the chosen option learns at one rate from rewards and at another from punishments.",
  task = "prl",
  reference = "den Ouden, Daw, Fernandez, Elshout, Rijpkema, Hoogman, Franke & Cools (2013), Neuron 80:1090-1100.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "Q_a \\leftarrow Q_a + A (r - Q_a), \\quad A = A_{rew} \\mbox{ if } r > 0, \\mbox{ else } A_{pun}"
  ),
  parameters = list(
    Apun = unit_interval("learning rate after a punishment"),
    Arew = unit_interval("learning rate after a reward"),
    beta = bounded(0, 10, "inverse temperature")
  ),
  state = list(value = per_action(0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- value[choice] + ifelse(outcome > 0, Arew, Apun) * prediction_error
  }
)
