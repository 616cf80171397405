rl_model(
  name = "SPICE agent with learning rates by valence alone",
  description = "Learning rates by reward and penalty, for the chosen action and, from the opposite outcome, for the others.",
  task = "bandit",
  reference = "Weinhardt, Eckstein & Musslick (2025), Automated discovery of sparse and interpretable cognitive equations, PsyArXiv v86q5.",
  equations = c(
    "P(a) = e^{x_a} / \\sum_b e^{x_b}, \\quad x = \\beta_{\\mathrm{reward}} V",
    "V_a \\leftarrow V_a + \\alpha (r - V_a)",
    "V_o \\leftarrow V_o + \\alpha_{\\mathrm{cf}} (1 - r - V_o), \\quad o \\ne a",
    "\\alpha, \\alpha_{\\mathrm{cf}} \\mbox{ those of reward where } r > 0.5 \\mbox{, else those of penalty}"
  ),
  identifiability = "What is learned of the other action is hard to tell from what is learned of the chosen one. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .37 and .40 for alpha_cf_reward and alpha_cf_penalty between simulated and estimated values, .60 to .74 for the rest.",
  parameters = list(
    beta_reward = positive("inverse temperature"),
    alpha_reward = unit_interval("learning rate after a reward"),
    alpha_penalty = unit_interval("learning rate after a penalty"),
    alpha_cf_reward = unit_interval("learning rate of the others after a reward"),
    alpha_cf_penalty = unit_interval("learning rate of the others after a penalty"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta_reward * value)
    prediction_error <- outcome - value[choice]
    alpha <- ifelse(outcome > 0.5, alpha_reward, alpha_penalty)
    alpha_cf <- ifelse(outcome > 0.5, alpha_cf_reward, alpha_cf_penalty)
    value[choice] <- value[choice] + alpha * prediction_error
    value[-choice] <- value[-choice] + alpha_cf * (1 - outcome - value[-choice])
  }
)
