rl_model(
  name = "Rescorla-Wagner with forgetting",
  description = "The values of the actions not chosen decay towards their initial value.",
  task = "bandit",
  reference = "Ito & Doya (2009), Journal of Neuroscience 29:9861-9874.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "Q_a \\leftarrow Q_a + \\alpha (r - Q_a)",
    "Q_b \\leftarrow Q_b + \\mathrm{forget}\\, (q_0 - Q_b), \\quad b \\ne a"
  ),
  parameters = list(
    alpha = unit_interval("learning rate"),
    beta = positive("inverse temperature"),
    forget = unit_interval("forgetting rate of the actions not chosen"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- rescorla_wagner(value[choice], outcome, alpha)
    value[-choice] <- value[-choice] + forget * (q0 - value[-choice])
  }
)
