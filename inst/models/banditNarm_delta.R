rl_model(
  name = "Delta rule on any number of arms",
  description = "The value of the chosen arm moves towards the net of gain and loss by a share of the prediction error; values start at 0.",
  task = "banditNarm",
  reference = "Erev, Ert, Roth et al. (2010), Journal of Behavioral Decision Making 23:15-47; Hertwig, Barron, Weber & Erev (2004), Psychological Science 15:534-539.",
  equations = c(
    "P(a) = e^{\\tau Q_a} / \\sum_b e^{\\tau Q_b}",
    "r = gain + loss \\quad (loss \\le 0)",
    "Q_a \\leftarrow Q_a + A (r - Q_a)"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    tau = bounded(0, 5, "inverse temperature")
  ),
  columns = c("gain", "loss"),
  state = list(value = per_action(0)),
  trial = {
    choice ~ softmax(tau * value)
    prediction_error <- gain + loss - value[choice]
    value[choice] <- value[choice] + A * prediction_error
  }
)
