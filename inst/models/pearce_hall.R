rl_model(
  name = "Pearce-Hall",
  description = "The learning rate is the associability of the action, which follows the size of its recent prediction errors.",
  task = "bandit",
  reference = "Pearce & Hall (1980), Psychological Review 87:532-552; Li, Schiller, Schoenbaum, Phelps & Daw (2011), Nature Neuroscience 14:1250-1252.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "\\delta = r - Q_a",
    "Q_a \\leftarrow Q_a + \\kappa\\, \\alpha_a \\delta",
    "\\alpha_a \\leftarrow (1 - \\eta) \\alpha_a + \\eta |\\delta|"
  ),
  parameters = list(
    alpha = unit_interval("initial associability"),
    eta = unit_interval("learning rate of the associability"),
    kappa = fixed(1, "scale of the learning rate, in [0, 1]"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), associability = per_action(alpha)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    learning_rate <- kappa * associability[choice]
    value[choice] <- value[choice] + learning_rate * prediction_error
    associability[choice] <- (1 - eta) * associability[choice] + eta * abs(prediction_error)
  }
)
