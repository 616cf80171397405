rl_model(
  name = "Reward and punishment learning rates with lapses",
  description = "Gains and losses are learned apart, each at a rate of its own and as they are (sensitivities of 1); choices may lapse.",
  task = "bandit4arm",
  reference = "Aylward, Valton, Ahn, Bond, Dayan, Roiser & Robinson (2019), Nature Human Behaviour 3:1116-1123.",
  equations = c(
    "P(a) = (1 - \\xi) e^{Q^r_a + Q^p_a} / \\sum_b e^{Q^r_b + Q^p_b} + \\xi / n",
    "Q^r_a \\leftarrow Q^r_a + A_{rew} (gain - Q^r_a), \\quad Q^p_a \\leftarrow Q^p_a + A_{pun} (loss - Q^p_a)",
    "Q^r_b \\leftarrow (1 - A_{rew}) Q^r_b, \\quad Q^p_b \\leftarrow (1 - A_{pun}) Q^p_b \\quad (b \\ne a)"
  ),
  parameters = list(
    Arew = unit_interval("learning rate of gains"),
    Apun = unit_interval("learning rate of losses"),
    xi = unit_interval("lapse rate")
  ),
  columns = c("gain", "loss"),
  state = list(value_gain = per_action(0), value_loss = per_action(0)),
  trial = {
    choice ~ softmax(value_gain + value_loss, lapse = xi)
    value_gain[-choice] <- (1 - Arew) * value_gain[-choice]
    value_loss[-choice] <- (1 - Apun) * value_loss[-choice]
    error_gain <- gain - value_gain[choice]
    error_loss <- loss - value_loss[choice]
    value_gain[choice] <- value_gain[choice] + Arew * error_gain
    value_loss[choice] <- value_loss[choice] + Apun * error_loss
  }
)
