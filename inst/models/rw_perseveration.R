rl_model(
  name = "Rescorla-Wagner with perseveration",
  description = "A trace of past choices adds to the values' logits: choices repeat (kappa above 0) or alternate (below 0).",
  task = "bandit",
  reference = "Lau & Glimcher (2005); Schoenberg, Daw, Joel & O'Doherty (2007); Palminteri (2023), Behavioral Neuroscience 137:78-88.",
  equations = c(
    "P(a) = e^{\\beta Q_a + \\kappa C_a} / \\sum_b e^{\\beta Q_b + \\kappa C_b}",
    "Q_a \\leftarrow Q_a + \\alpha (r - Q_a)",
    "C_a \\leftarrow C_a + \\tau (1 - C_a), \\quad C_b \\leftarrow C_b - \\tau C_b, \\quad b \\ne a"
  ),
  parameters = list(
    alpha = unit_interval("learning rate"),
    beta = positive("inverse temperature"),
    kappa = real("perseveration"),
    tau = unit_interval("learning rate of the choice trace"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), trace = per_action(0)),
  trial = {
    choice ~ softmax(beta * value + kappa * trace)
    prediction_error <- outcome - value[choice]
    value[choice] <- rescorla_wagner(value[choice], outcome, alpha)
    trace <- trace + tau * (one_hot(choice) - trace)
  }
)
