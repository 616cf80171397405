rl_model(
  name = "Fictitious updating without an indecision point",
  description = "The option not chosen learns from the opposite of the outcome.",
  task = "prl",
  reference = "Gl\u00e4scher, Hampton & O'Doherty (2009), Cerebral Cortex 19:483-495.",
  equations = c(
    "P(1) = 1 / (1 + e^{-\\beta (Q_1 - Q_2)})",
    "Q_a \\leftarrow Q_a + \\eta (r - Q_a), \\quad Q_o \\leftarrow Q_o + \\eta (-r - Q_o)"
  ),
  parameters = list(
    eta = unit_interval("learning rate"),
    beta = bounded(0, 10, "inverse temperature")
  ),
  state = list(value = per_action(0)),
  trial = {
    choice ~ bernoulli_logit(beta * (value[2] - value[1]))
    prediction_error <- outcome - value[choice]
    value[-choice] <- value[-choice] + eta * (-outcome - value[-choice])
    value[choice] <- value[choice] + eta * prediction_error
  }
)
