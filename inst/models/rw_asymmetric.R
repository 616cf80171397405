rl_model(
  name = "Rescorla-Wagner with asymmetric learning rates",
  description = "One learning rate after positive and one after negative prediction errors; an error of zero moves nothing.",
  task = "bandit",
  reference = "Daw, Kakade & Dayan (2002); Niv, Edlund, Dayan & O'Doherty (2012), Journal of Neuroscience 32:551-562.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "\\delta = r - Q_a",
    "Q_a \\leftarrow Q_a + \\alpha_+ \\delta \\mbox{ if } \\delta > 0, \\quad Q_a \\leftarrow Q_a + \\alpha_- \\delta \\mbox{ if } \\delta < 0"
  ),
  parameters = list(
    alpha_pos = unit_interval("learning rate after a positive prediction error"),
    alpha_neg = unit_interval("learning rate after a negative prediction error"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- rescorla_wagner_asymmetric(value[choice], outcome, alpha_pos, alpha_neg)
  }
)
