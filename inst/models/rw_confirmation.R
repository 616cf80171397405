rl_model(
  name = "Rescorla-Wagner with confirmation bias",
  description = "With full feedback, news that confirms the choice (better than expected for the chosen, worse for the others) and news that does not are learned at different rates.",
  task = "bandit",
  reference = "Palminteri, Lefebvre, Kilford & Blakemore (2017), PLoS Computational Biology 13:e1005684.",
  equations = c(
    "P(a) = e^{\\beta Q_a} / \\sum_b e^{\\beta Q_b}",
    "\\delta_a = r_a - Q_a, \\quad \\delta_b = r_b - Q_b, \\quad b \\ne a",
    "Q_a \\leftarrow Q_a + \\alpha_{\\mathrm{conf}} \\delta_a \\mbox{ if } \\delta_a > 0, \\mbox{ else } Q_a + \\alpha_{\\mathrm{disc}} \\delta_a",
    "Q_b \\leftarrow Q_b + \\alpha_{\\mathrm{disc}} \\delta_b \\mbox{ if } \\delta_b > 0, \\mbox{ else } Q_b + \\alpha_{\\mathrm{conf}} \\delta_b"
  ),
  parameters = list(
    alpha_conf = unit_interval("learning rate for confirming prediction errors"),
    alpha_disc = unit_interval("learning rate for disconfirming prediction errors"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[-choice] <- rescorla_wagner_asymmetric(value[-choice], foregone, alpha_disc, alpha_conf)
    value[choice] <- rescorla_wagner_asymmetric(value[choice], outcome, alpha_conf, alpha_disc)
  }
)
