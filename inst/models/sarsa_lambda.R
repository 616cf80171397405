rl_model(
  name = "SARSA(lambda) on the two-step task",
  description = "Each step teaches the one before: the first-stage value learns from the second-stage value and, through its eligibility trace, from the outcome.",
  task = "ts",
  reference = "Sutton & Barto (2018), Reinforcement learning: an introduction, section 12.7; Daw, Gershman, Seymour, Dayan & Dolan (2011), Neuron 69:1204-1215.",
  equations = c(
    "P(a) = e^{\\beta Q_1(a)} / \\sum_k e^{\\beta Q_1(k)}, \\quad P(b) = e^{\\beta Q_2(s, b)} / \\sum_k e^{\\beta Q_2(s, k)}",
    "\\delta_1 = \\gamma Q_2(s, b) - Q_1(a)",
    "\\delta_2 = r - Q_2(s, b)",
    "Q_1(a) \\leftarrow Q_1(a) + \\alpha (\\delta_1 + \\gamma \\lambda \\delta_2)",
    "Q_2(s, b) \\leftarrow Q_2(s, b) + \\alpha \\delta_2"
  ),
  columns = "state2",
  parameters = list(
    alpha = unit_interval("learning rate"),
    lambda = unit_interval("eligibility"),
    gamma = unit_interval("discount between the stages"),
    beta = positive("inverse temperature")
  ),
  state = list(first = array_of(0, choice1), second = array_of(0, c(state2, choice2))),
  trial = {
    choice1 ~ softmax(beta * first)
    choice2 ~ softmax(beta * second[state2, ])
    error1 <- gamma * second[state2, choice2] - first[choice1]
    first[choice1] <- first[choice1] + alpha * error1
    error2 <- outcome - second[state2, choice2]
    first[choice1] <- first[choice1] + alpha * gamma * lambda * error2
    second[state2, choice2] <- second[state2, choice2] + alpha * error2
  }
)
