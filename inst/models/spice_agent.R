rl_model(
  name = "SPICE agent",
  description = "Learning rates by reward and penalty, for the chosen action and, from the opposite outcome, for the others, which also forget; a trace of choices adds to the logits.",
  task = "bandit",
  reference = "Weinhardt, Eckstein & Musslick (2025), Automated discovery of sparse and interpretable cognitive equations, PsyArXiv v86q5.",
  equations = c(
    "P(a) = e^{x_a} / \\sum_b e^{x_b}, \\quad x = \\beta_{\\mathrm{reward}} V + \\beta_{\\mathrm{choice}} C",
    "V_a \\leftarrow V_a + \\alpha (r - V_a)",
    "V_o \\leftarrow V_o + \\alpha_{\\mathrm{cf}} (1 - r - V_o) + \\mathrm{forget} (q_0 - V_o), \\quad o \\ne a",
    "\\alpha, \\alpha_{\\mathrm{cf}} \\mbox{ those of reward where } r > 0.5 \\mbox{, else those of penalty}",
    "C \\leftarrow C + \\alpha_{\\mathrm{choice}} (e_a - C)"
  ),
  identifiability = "Raising both counterfactual rates and lowering forget by as much changes next to nothing: the three trade off. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .17, .22 and .21 for alpha_cf_reward, alpha_cf_penalty and forget between simulated and estimated values, .37 to .64 for the rest.",
  parameters = list(
    beta_reward = positive("inverse temperature"),
    alpha_reward = unit_interval("learning rate after a reward"),
    alpha_penalty = unit_interval("learning rate after a penalty"),
    alpha_cf_reward = unit_interval("learning rate of the others after a reward"),
    alpha_cf_penalty = unit_interval("learning rate of the others after a penalty"),
    forget = unit_interval("forgetting rate of the actions not chosen"),
    beta_choice = real("perseveration: the weight of the choice trace"),
    alpha_choice = unit_interval("learning rate of the choice trace"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), trace = per_action(0)),
  trial = {
    choice ~ softmax(beta_reward * value + beta_choice * trace)
    prediction_error <- outcome - value[choice]
    alpha <- ifelse(outcome > 0.5, alpha_reward, alpha_penalty)
    alpha_cf <- ifelse(outcome > 0.5, alpha_cf_reward, alpha_cf_penalty)
    value[choice] <- value[choice] + alpha * prediction_error
    value[-choice] <- value[-choice] + alpha_cf * (1 - outcome - value[-choice]) +
      forget * (q0 - value[-choice])
    trace <- trace + alpha_choice * (one_hot(choice) - trace)
  }
)
