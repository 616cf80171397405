rl_model(
  name = "Reward and punishment sensitivities with lapses",
  description = "Gains and losses are learned apart at one rate, each with a sensitivity of its own; choices may lapse.",
  task = "bandit4arm",
  reference = "Aylward, Valton, Ahn, Bond, Dayan, Roiser & Robinson (2019), Nature Human Behaviour 3:1116-1123.",
  equations = c(
    "P(a) = (1 - \\xi) e^{Q^r_a + Q^p_a} / \\sum_b e^{Q^r_b + Q^p_b} + \\xi / n",
    "Q^r_a \\leftarrow Q^r_a + A (R \\cdot gain - Q^r_a), \\quad Q^p_a \\leftarrow Q^p_a + A (P \\cdot loss - Q^p_a)",
    "Q^r_b \\leftarrow (1 - A) Q^r_b, \\quad Q^p_b \\leftarrow (1 - A) Q^p_b \\quad (b \\ne a)"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    R = bounded(0, 30, "sensitivity to gains"),
    P = bounded(0, 30, "sensitivity to losses"),
    xi = unit_interval("lapse rate")
  ),
  columns = c("gain", "loss"),
  state = list(value_gain = per_action(0), value_loss = per_action(0)),
  trial = {
    choice ~ softmax(value_gain + value_loss, lapse = xi)
    value_gain[-choice] <- (1 - A) * value_gain[-choice]
    value_loss[-choice] <- (1 - A) * value_loss[-choice]
    error_gain <- R * gain - value_gain[choice]
    error_loss <- P * loss - value_loss[choice]
    value_gain[choice] <- value_gain[choice] + A * error_gain
    value_loss[choice] <- value_loss[choice] + A * error_loss
  }
)
