rl_model(
  name = "Hybrid of Pearce-Hall and Rescorla-Wagner",
  description = "The learning rate is the associability of the action, which follows the size of its recent prediction errors, times a constant rate.",
  task = "bandit",
  reference = "Li, Schiller, Schoenbaum, Phelps & Daw (2011), Nature Neuroscience 14:1250-1252.",
  equations = c(
    "\\delta = r - V_a",
    "V_a \\leftarrow V_a + \\kappa \\alpha_a \\delta",
    "\\alpha_a \\leftarrow \\eta |\\delta| + (1 - \\eta) \\alpha_a, \\quad \\alpha_a = \\alpha \\mbox{ at first}",
    "P(a) = e^{\\beta V_a} / \\sum_b e^{\\beta V_b}"
  ),
  identifiability = "Where associability hardly moves, only the product of alpha and kappa acts. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .58 for alpha, .59 for eta, .82 for kappa and beta between simulated and estimated values.",
  parameters = list(
    alpha = unit_interval("initial associability"),
    eta = unit_interval("learning rate of the associability"),
    kappa = unit_interval("scale of the learning rate"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), associability = per_action(alpha)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    value[choice] <- value[choice] + kappa * associability[choice] * prediction_error
    associability[choice] <- eta * abs(prediction_error) + (1 - eta) * associability[choice]
  }
)
