rl_model(
  name = "Rescorla-Wagner with counterfactual learning",
  description = "With full feedback the actions not chosen learn from what they would have paid, at a rate of their own.",
  task = "bandit",
  reference = "Boorman, Behrens & Rushworth (2011), PLoS Biology 9:e1001093; Palminteri, Khamassi, Joffily & Coricelli (2015).",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "Q_a \\leftarrow Q_a + \\alpha_{\\mathrm{chosen}} (r_a - Q_a)",
    "Q_b \\leftarrow Q_b + \\alpha_{\\mathrm{unchosen}} (r_b - Q_b), \\quad b \\ne a"
  ),
  parameters = list(
    alpha_chosen = unit_interval("learning rate of the chosen action"),
    alpha_unchosen = unit_interval("learning rate of the actions not chosen"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[-choice] <- value[-choice] + alpha_unchosen * (foregone - value[-choice])
    value[choice] <- rescorla_wagner(value[choice], outcome, alpha_chosen)
  }
)
