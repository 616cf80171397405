rl_model(
  name = "Probabilistic selection",
  description = "The stimulus chosen of a pair learns by a delta rule; what is learned of a stimulus holds in every pair.",
  task = "pst",
  reference = "Frank, Moustafa, Haughey, Curran & Hutchison (2007), PNAS 104:16311-16316.",
  equations = c(
    "P(first) = 1 / (1 + e^{-\\beta (Q_1 - Q_2)})",
    "Q_a \\leftarrow Q_a + \\alpha (r - Q_a)"
  ),
  parameters = list(
    alpha = unit_interval("learning rate"),
    beta = bounded(0, 10, "inverse temperature")
  ),
  columns = c("option1", "option2"),
  state = list(value = array_of(0, levels(option1, option2))),
  trial = {
    choice ~ softmax(beta * c(value[option1], value[option2]))
    shown <- ifelse(choice == 1, option1, option2)
    prediction_error <- outcome - value[shown]
    value[shown] <- value[shown] + alpha * prediction_error
  }
)
