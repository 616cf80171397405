rl_model(
  name = "Value plus perseverance",
  description = "Values learned from prospect utilities by a delta rule are mixed with a perseverance that every choice feeds and time wears away.",
  task = "igt",
  reference = "Worthy, Pang & Byrne (2013), Frontiers in Psychology 4:640.",
  equations = c(
    "x = (gain - |loss|) / payscale",
    "u = x^\\alpha \\mbox{ if } x \\ge 0, \\mbox{ else } -\\lambda (-x)^\\alpha",
    "V_a = w Q_a + (1 - w) P_a",
    "P(a) = e^{\\theta V_a} / \\sum_b e^{\\theta V_b}, \\quad \\theta = 3^{cons} - 1",
    "P_b \\leftarrow K P_b \\quad (\\mbox{all } b), \\quad P_a \\leftarrow P_a + (\\epsilon_P \\mbox{ if } x \\ge 0, \\mbox{ else } \\epsilon_N)",
    "Q_a \\leftarrow Q_a + A (u - Q_a)"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    alpha = bounded(0, 2, "curvature of the utility"),
    cons = bounded(0, 5, "consistency of choice"),
    lambda = bounded(0, 10, "loss aversion"),
    epP = real("perseverance added after a gain"),
    epN = real("perseverance added after a loss"),
    K = unit_interval("decay of the perseverance: the share that stays"),
    w = unit_interval("weight of the values against the perseverance"),
    payscale = fixed(100, "what divides the money")
  ),
  identifiability = "Eight parameters from a hundred choices: w trades off with the scale of epP and epN, and alpha with lambda. 100 simulated subjects, 100 choices each, maximum a posteriori: r = .59 for A, .35 for alpha, .59 for cons, .28 for lambda, .72 for epP, .46 for epN, .27 for K, .29 for w between simulated and estimated values.",
  columns = c("gain", "loss"),
  state = list(value = per_action(0), perseverance = per_action(0)),
  trial = {
    choice ~ softmax((3^cons - 1) * (w * value + (1 - w) * perseverance))
    x <- (gain - abs(loss)) / payscale
    utility <- ifelse(x >= 0, 1, -lambda) * abs(x)^alpha
    perseverance <- K * perseverance
    perseverance[choice] <- perseverance[choice] + ifelse(x >= 0, epP, epN)
    prediction_error <- utility - value[choice]
    value[choice] <- value[choice] + A * prediction_error
  }
)
