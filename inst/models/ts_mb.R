rl_model(
  name = "Two-step task, model-based only",
  description = "First choices follow the values planned through the transitions alone.",
  task = "ts",
  reference = "Daw, Gershman, Seymour, Dayan & Dolan (2011), Neuron 69:1204-1215.",
  equations = c(
    "MB_1 = p \\max V_1 + (1 - p) \\max V_2, \\quad MB_2 = (1 - p) \\max V_1 + p \\max V_2",
    "P(a) \\propto e^{\\beta_1 MB_a + \\pi \\, rep_a}, \\quad rep_a = 1 \\mbox{ if } a \\mbox{ was the last first choice, else } 0",
    "P(c) \\propto e^{\\beta_2 V_{s, c}} \\quad \\mbox{within the state } s \\mbox{ that was reached}",
    "V_{s, c} \\leftarrow V_{s, c} + a_2 (r - V_{s, c})"
  ),
  parameters = list(
    beta1 = positive("inverse temperature of the first stage"),
    a2 = unit_interval("learning rate of the second stage"),
    beta2 = positive("inverse temperature of the second stage"),
    pi = bounded(0, 5, "perseveration of the first choice"),
    trans_prob = fixed(0.7, "probability of the common transition")
  ),
  columns = "state2",
  state = list(v = array_of(0, c(2, 2)), last = scalar(0)),
  trial = {
    best <- c(max(v[1, ]), max(v[2, ]))
    mb <- trans_prob * best + (1 - trans_prob) * c(best[2], best[1])
    choice1 ~ softmax(beta1 * mb + pi * one_hot(last, choice1))
    choice2 ~ softmax(beta2 * v[state2, ])
    error2 <- outcome - v[state2, choice2]
    v[state2, choice2] <- v[state2, choice2] + a2 * error2
    last <- choice1
  }
)
