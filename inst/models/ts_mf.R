rl_model(
  name = "Two-step task, model-free only",
  description = "First choices follow values learned by eligibility traces alone; the transitions are not used.",
  task = "ts",
  reference = "Daw, Gershman, Seymour, Dayan & Dolan (2011), Neuron 69:1204-1215.",
  equations = c(
    "P(a) \\propto e^{\\beta_1 MF_a + \\pi \\, rep_a}, \\quad rep_a = 1 \\mbox{ if } a \\mbox{ was the last first choice, else } 0",
    "P(c) \\propto e^{\\beta_2 V_{s, c}} \\quad \\mbox{within the state } s \\mbox{ that was reached}",
    "MF_a \\leftarrow MF_a + a_1 (V_{s, c} - MF_a)",
    "\\delta = r - V_{s, c}, \\quad V_{s, c} \\leftarrow V_{s, c} + a_2 \\delta, \\quad MF_a \\leftarrow MF_a + \\lambda a_1 \\delta"
  ),
  parameters = list(
    a1 = unit_interval("learning rate of the first stage"),
    beta1 = positive("inverse temperature of the first stage"),
    a2 = unit_interval("learning rate of the second stage"),
    beta2 = positive("inverse temperature of the second stage"),
    pi = bounded(0, 5, "perseveration of the first choice"),
    lambda = unit_interval("eligibility of the first choice for the final outcome")
  ),
  columns = "state2",
  state = list(mf = array_of(0, choice1), v = array_of(0, c(2, 2)), last = scalar(0)),
  trial = {
    choice1 ~ softmax(beta1 * mf + pi * one_hot(last, choice1))
    choice2 ~ softmax(beta2 * v[state2, ])
    error1 <- v[state2, choice2] - mf[choice1]
    error2 <- outcome - v[state2, choice2]
    mf[choice1] <- mf[choice1] + a1 * error1
    v[state2, choice2] <- v[state2, choice2] + a2 * error2
    mf[choice1] <- mf[choice1] + lambda * a1 * error2
    last <- choice1
  }
)
