rl_model(
  name = "Prospect valence learning, decay rule",
  description = "The values of all decks decay on every trial; the deck chosen then receives the prospect utility of its net outcome.",
  task = "igt",
  reference = "Ahn, Vasilev, Lee, Busemeyer, Kruschke, Bechara & Vassileva (2014), Frontiers in Psychology 5:849.",
  equations = c(
    "x = (gain - |loss|) / payscale",
    "u = x^\\alpha \\mbox{ if } x \\ge 0, \\mbox{ else } -\\lambda (-x)^\\alpha",
    "P(a) = e^{\\theta Q_a} / \\sum_b e^{\\theta Q_b}, \\quad \\theta = 3^{cons} - 1",
    "Q_b \\leftarrow A Q_b \\quad (\\mbox{all } b), \\quad Q_a \\leftarrow Q_a + u"
  ),
  parameters = list(
    A = unit_interval("decay of the values: the share that stays"),
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
    value <- A * value
    value[choice] <- value[choice] + utility
  }
)
