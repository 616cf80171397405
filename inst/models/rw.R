rl_model(
  name = "Rescorla-Wagner",
  description = "The value of the chosen action moves towards the outcome by a share of the prediction error.",
  task = "bandit",
  reference = "Rescorla & Wagner (1972); softmax choice as in Daw (2011), Trial-by-trial data analysis using computational models.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "Q_a \\leftarrow Q_a + \\alpha (r - Q_a)"
  ),
  parameters = list(
    alpha = unit_interval("learning rate"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- rescorla_wagner(value[choice], outcome, alpha)
  }
)
