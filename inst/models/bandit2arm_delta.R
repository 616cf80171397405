rl_model(
  name = "Delta rule on two arms",
  description = "The value of the chosen arm moves towards the outcome by a share of the prediction error; values start at 0.",
  task = "bandit2arm",
  reference = "Erev, Ert, Roth et al. (2010), Journal of Behavioral Decision Making 23:15-47; Hertwig, Barron, Weber & Erev (2004), Psychological Science 15:534-539.",
  equations = c(
    "P(a) = e^{\\tau Q_a} / \\sum_b e^{\\tau Q_b}",
    "Q_a \\leftarrow Q_a + A (r - Q_a)"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    tau = bounded(0, 5, "inverse temperature")
  ),
  state = list(value = per_action(0)),
  trial = {
    choice ~ softmax(tau * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- value[choice] + A * prediction_error
  }
)
