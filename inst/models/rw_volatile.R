rl_model(
  name = "Rescorla-Wagner with a learning rate by volatility",
  description = "The learning rate is a logistic regression on the volatility of the trial, the sign of the prediction error and both together.",
  task = "bandit",
  reference = "Behrens, Woolrich, Walton & Rushworth (2007), Nature Neuroscience 10:1214-1221; Gagne, Zika, Dayan & Bishop (2020), eLife 9:e61387.",
  equations = c(
    "\\delta = r - V_a",
    "\\alpha = \\sigma(a_{\\mathrm{base}} + a_{\\mathrm{vol}} v + a_{\\mathrm{sign}} \\mathrm{sign}(\\delta) + a_{\\mathrm{interaction}} v\\, \\mathrm{sign}(\\delta))",
    "V_a \\leftarrow V_a + \\alpha \\delta",
    "P(a) = e^{\\beta V_a} / \\sum_b e^{\\beta V_b}"
  ),
  identifiability = "Effects on the learning rate need many trials. 200 simulated subjects, 100 trials of a stable and 100 of a volatile bandit, maximum a posteriori: r = .80 for a_base, .70 for a_vol, .72 for a_sign, .58 for a_interaction, .67 for beta between simulated and estimated values.",
  columns = "vol",
  parameters = list(
    a_base = real("learning rate, on the logit scale", prior = prior_normal(0, 1.5)),
    a_vol = real("effect of volatility", prior = prior_normal(0, 1.5)),
    a_sign = real("effect of the sign of the prediction error", prior = prior_normal(0, 1.5)),
    a_interaction = real("effect of volatility by sign", prior = prior_normal(0, 1.5)),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    direction <- sign(prediction_error)
    alpha <- plogis(a_base + a_vol * vol + a_sign * direction + a_interaction * vol * direction)
    value[choice] <- value[choice] + alpha * prediction_error
  }
)
