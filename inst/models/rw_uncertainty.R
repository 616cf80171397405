rl_model(
  name = "Rescorla-Wagner with a dynamic learning rate",
  description = "The learning rate of an action follows the squares of its prediction errors.",
  task = "bandit",
  reference = "After Pearce & Hall (1980), Psychological Review 87:532-552; the form with squared errors as in the software DMpy.",
  equations = c(
    "\\delta = r - V_a",
    "V_a \\leftarrow V_a + \\alpha_a \\delta",
    "\\alpha_a \\leftarrow \\alpha_a + \\eta (\\delta^2 - \\alpha_a), \\quad \\alpha_a = \\alpha_0 \\mbox{ at first}",
    "P(a) = e^{\\beta V_a} / \\sum_b e^{\\beta V_b}"
  ),
  identifiability = "The initial learning rate alpha0 leaves a trace in the first choices of each action only. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .59 for alpha0, .86 for eta, .82 for beta between simulated and estimated values.",
  parameters = list(
    alpha0 = unit_interval("initial learning rate"),
    eta = unit_interval("learning rate of the learning rate"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), rate = per_action(alpha0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- value[choice] + rate[choice] * prediction_error
    rate[choice] <- rate[choice] + eta * (prediction_error^2 - rate[choice])
  }
)
