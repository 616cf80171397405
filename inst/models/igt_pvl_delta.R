rl_model(
  name = "Prospect valence learning, delta rule",
  description = "The deck chosen learns from the prospect utility of its net outcome by a delta rule.",
  task = "igt",
  reference = "Ahn, Busemeyer, Wagenmakers & Stout (2008), Cognitive Science 32:1376-1402.",
  equations = c(
    "x = (gain - |loss|) / payscale",
    "u = x^\\alpha \\mbox{ if } x \\ge 0, \\mbox{ else } -\\lambda (-x)^\\alpha",
    "P(a) = e^{\\theta Q_a} / \\sum_b e^{\\theta Q_b}, \\quad \\theta = 3^{cons} - 1",
    "Q_a \\leftarrow Q_a + A (u - Q_a)"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    alpha = bounded(0, 2, "curvature of the utility"),
    cons = bounded(0, 5, "consistency of choice"),
    lambda = bounded(0, 10, "loss aversion"),
    payscale = fixed(100, "what divides the money")
  ),
  columns = c("gain", "loss"),
  state = list(value = per_action(0)),
  trial = {
    choice ~ softmax((3^cons - 1) * value)
    x <- (gain - abs(loss)) / payscale
    utility <- ifelse(x >= 0, 1, -lambda) * abs(x)^alpha
    prediction_error <- utility - value[choice]
    value[choice] <- value[choice] + A * prediction_error
  }
)
