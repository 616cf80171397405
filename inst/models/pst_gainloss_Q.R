rl_model(
  name = "Probabilistic selection with learning rates for gains and losses",
  description = "The stimulus chosen of a pair learns at one rate from prediction errors that are not negative and at another from negative ones.",
  task = "pst",
  reference = "Frank, Moustafa, Haughey, Curran & Hutchison (2007), PNAS 104:16311-16316.",
  equations = c(
    "P(first) = 1 / (1 + e^{-\\beta (Q_1 - Q_2)})",
    "Q_a \\leftarrow Q_a + \\alpha (r - Q_a), \\quad \\alpha = \\alpha_{pos} \\mbox{ if } r \\ge Q_a, \\mbox{ else } \\alpha_{neg}"
  ),
  parameters = list(
    alpha_pos = unit_interval("learning rate after a prediction error that is not negative"),
    alpha_neg = unit_interval("learning rate after a negative prediction error"),
    beta = bounded(0, 10, "inverse temperature")
  ),
  columns = c("option1", "option2"),
  state = list(value = array_of(0, levels(option1, option2))),
  trial = {
    choice ~ softmax(beta * c(value[option1], value[option2]))
    shown <- ifelse(choice == 1, option1, option2)
    prediction_error <- outcome - value[shown]
    alpha <- ifelse(prediction_error >= 0, alpha_pos, alpha_neg)
    value[shown] <- value[shown] + alpha * prediction_error
  }
)
