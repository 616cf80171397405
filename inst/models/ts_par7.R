rl_model(
  name = "Two-step task, seven parameters",
  description = "First choices mix model-based values, planned through the transitions, with model-free ones learned by eligibility traces; both stages have rates and temperatures of their own.",
  task = "ts",
  reference = "Daw, Gershman, Seymour, Dayan & Dolan (2011), Neuron 69:1204-1215.",
  equations = c(
    "MB_1 = p \\max V_1 + (1 - p) \\max V_2, \\quad MB_2 = (1 - p) \\max V_1 + p \\max V_2",
    "h_a = w MB_a + (1 - w) MF_a",
    "P(a) \\propto e^{\\beta_1 h_a + \\pi \\, rep_a}, \\quad rep_a = 1 \\mbox{ if } a \\mbox{ was the last first choice, else } 0",
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
    w = unit_interval("weight of the model-based values"),
    lambda = unit_interval("eligibility of the first choice for the final outcome"),
    trans_prob = fixed(0.7, "probability of the common transition")
  ),
  identifiability = "w shows only in how the first choice answers to outcomes after rare transitions, and lambda is lost with it as w comes near 1. 100 simulated subjects, 150 trials each, maximum a posteriori: r = .50 for a1, .65 for beta1, .92 for a2, .90 for beta2, .75 for pi, .65 for w, .61 for lambda between simulated and estimated values.",
  columns = "state2",
  state = list(mf = array_of(0, choice1), v = array_of(0, c(2, 2)), last = scalar(0)),
  trial = {
    best <- c(max(v[1, ]), max(v[2, ]))
    mb <- trans_prob * best + (1 - trans_prob) * c(best[2], best[1])
    choice1 ~ softmax(beta1 * (w * mb + (1 - w) * mf) + pi * one_hot(last, choice1))
    choice2 ~ softmax(beta2 * v[state2, ])
    error1 <- v[state2, choice2] - mf[choice1]
    error2 <- outcome - v[state2, choice2]
    mf[choice1] <- mf[choice1] + a1 * error1
    v[state2, choice2] <- v[state2, choice2] + a2 * error2
    mf[choice1] <- mf[choice1] + lambda * a1 * error2
    last <- choice1
  }
)
