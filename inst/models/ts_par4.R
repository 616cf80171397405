rl_model(
  name = "Two-step task, four parameters",
  description = "First choices mix model-based values, planned through the transitions, with model-free ones to which outcomes count in full; both stages share a rate and a temperature.",
  task = "ts",
  reference = "Daw, Gershman, Seymour, Dayan & Dolan (2011), Neuron 69:1204-1215; Wunderlich, Smittenaar & Dolan (2012), Neuron 75:418-424.",
  equations = c(
    "MB_1 = p \\max V_1 + (1 - p) \\max V_2, \\quad MB_2 = (1 - p) \\max V_1 + p \\max V_2",
    "h_a = w MB_a + (1 - w) MF_a",
    "P(a) \\propto e^{\\beta h_a + \\pi \\, rep_a}, \\quad rep_a = 1 \\mbox{ if } a \\mbox{ was the last first choice, else } 0",
    "P(c) \\propto e^{\\beta V_{s, c}} \\quad \\mbox{within the state } s \\mbox{ that was reached}",
    "MF_a \\leftarrow MF_a + \\alpha (V_{s, c} - MF_a)",
    "\\delta = r - V_{s, c}, \\quad V_{s, c} \\leftarrow V_{s, c} + \\alpha \\delta, \\quad MF_a \\leftarrow MF_a + \\alpha \\delta"
  ),
  parameters = list(
    a = unit_interval("learning rate"),
    beta = positive("inverse temperature"),
    pi = bounded(0, 5, "perseveration of the first choice"),
    w = unit_interval("weight of the model-based values"),
    trans_prob = fixed(0.7, "probability of the common transition")
  ),
  identifiability = "w needs many trials: it shows only in how the first choice answers to rewards after rare transitions.",
  columns = "state2",
  state = list(mf = array_of(0, choice1), v = array_of(0, c(2, 2)), last = scalar(0)),
  trial = {
    best <- c(max(v[1, ]), max(v[2, ]))
    mb <- trans_prob * best + (1 - trans_prob) * c(best[2], best[1])
    choice1 ~ softmax(beta * (w * mb + (1 - w) * mf) + pi * one_hot(last, choice1))
    choice2 ~ softmax(beta * v[state2, ])
    error1 <- v[state2, choice2] - mf[choice1]
    error2 <- outcome - v[state2, choice2]
    mf[choice1] <- mf[choice1] + a * error1
    v[state2, choice2] <- v[state2, choice2] + a * error2
    mf[choice1] <- mf[choice1] + a * error2
    last <- choice1
  }
)
