rl_model(
  name = "Rescorla-Wagner with lapses",
  description = "With probability epsilon the choice is made at random among the actions.",
  task = "bandit",
  reference = "Rescorla & Wagner (1972); lapses as in Wichmann & Hill (2001), Perception & Psychophysics 63:1293-1313.",
  equations = c(
    "P(a) = (1 - \\epsilon)\\, e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b} + \\epsilon / n",
    "Q_a \\leftarrow Q_a + \\alpha (r - Q_a)"
  ),
  parameters = list(
    alpha = unit_interval("learning rate"),
    beta = positive("inverse temperature"),
    epsilon = unit_interval("lapse rate", prior = prior_beta(1.2, 8)),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value, lapse = epsilon)
    prediction_error <- outcome - value[choice]
    value[choice] <- rescorla_wagner(value[choice], outcome, alpha)
  }
)
