rl_model(
  name = "Rescorla-Wagner with stickiness",
  description = "The action chosen last gains kappa on the logit scale: choices repeat (above 0) or alternate (below 0).",
  task = "bandit",
  reference = "Lau & Glimcher (2005), Journal of the Experimental Analysis of Behavior 84:555-579; Wilson & Collins (2019), eLife 8:e49547.",
  equations = c(
    "P(a) = e^{\\beta V_a + \\kappa s_a} / \\sum_b e^{\\beta V_b + \\kappa s_b}, \\quad s_a = 1 \\mbox{ for the action chosen last, else } 0",
    "V_a \\leftarrow V_a + \\alpha (r - V_a)"
  ),
  parameters = list(
    alpha = unit_interval("learning rate"),
    beta = positive("inverse temperature"),
    kappa = real("stickiness, in logits"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), last = scalar(0)),
  trial = {
    choice ~ softmax(beta * value + kappa * one_hot(last, choice))
    prediction_error <- outcome - value[choice]
    value[choice] <- value[choice] + alpha * prediction_error
    last <- choice
  }
)
