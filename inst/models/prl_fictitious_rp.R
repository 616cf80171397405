rl_model(
  name = "Fictitious updating with two learning rates",
  description = "The option not chosen learns from the opposite of the outcome; both learn at a rate that depends on the sign of the chosen option's prediction error.",
  task = "prl",
  reference = "Gl\u00e4scher, Hampton & O'Doherty (2009), Cerebral Cortex 19:483-495; den Ouden, Daw, Fernandez, Elshout, Rijpkema, Hoogman, Franke & Cools (2013), Neuron 80:1090-1100.",
  equations = c(
    "P(1) = 1 / (1 + e^{-\\beta (Q_1 - Q_2 - \\alpha)})",
    "Q_a \\leftarrow Q_a + \\eta (r - Q_a), \\quad Q_o \\leftarrow Q_o + \\eta (-r - Q_o)",
    "\\eta = \\eta_{pos} \\mbox{ if } r - Q_a \\ge 0, \\mbox{ else } \\eta_{neg}"
  ),
  parameters = list(
    eta_pos = unit_interval("learning rate after a prediction error that is not negative"),
    eta_neg = unit_interval("learning rate after a negative prediction error"),
    alpha = real("indecision point: how much better the first option must be"),
    beta = bounded(0, 10, "inverse temperature")
  ),
  state = list(value = per_action(0)),
  trial = {
    choice ~ bernoulli_logit(beta * (value[2] - value[1] + alpha))
    prediction_error <- outcome - value[choice]
    eta <- ifelse(prediction_error >= 0, eta_pos, eta_neg)
    value[-choice] <- value[-choice] + eta * (-outcome - value[-choice])
    value[choice] <- value[choice] + eta * prediction_error
  }
)
