rl_model(
  name = "Meta-learning of confidence",
  description = "Confidence grows with small prediction errors; it speeds up learning from outcomes that confirm the prediction and slows down learning from the rest.",
  task = "bandit",
  reference = "Vinckier, Gaillard, Palminteri et al. (2016), Molecular Psychiatry 21:946-955.",
  equations = c(
    "\\delta = r - V_a",
    "c_a \\leftarrow c_a + c_\\alpha \\left( \\frac{2 - |\\delta|}{2} - c_a \\right), \\quad c_a = c_0 \\mbox{ at first}",
    "\\alpha = \\frac{\\alpha_0 + m c_a}{1 + m c_a} \\mbox{ where } r \\mbox{ equals } V_a \\mbox{ rounded, else } \\frac{\\alpha_0}{1 + m c_a}",
    "V_a \\leftarrow V_a + \\alpha \\delta",
    "P(a) = e^{\\beta V_a} / \\sum_b e^{\\beta V_b}"
  ),
  identifiability = "Confidence acts only in the product with m, and soon forgets where it began. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .06 for c0, -.03 for c_alpha, .45 for m between simulated and estimated values: read the learning rates rather than c0 and c_alpha.",
  parameters = list(
    alpha0 = unit_interval("learning rate without confidence"),
    c0 = unit_interval("initial confidence"),
    c_alpha = unit_interval("learning rate of the confidence"),
    m = positive("weight of the confidence"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), confidence = per_action(c0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    confidence[choice] <- confidence[choice] +
      c_alpha * ((2 - abs(prediction_error)) / 2 - confidence[choice])
    # Half rounds to even.
    upper <- value[choice] + 0.5
    prediction <- ifelse(upper == floor(upper), 2 * floor(upper / 2), floor(upper))
    boost <- m * confidence[choice]
    alpha <- ifelse(prediction == outcome, alpha0 + boost, alpha0) / (1 + boost)
    value[choice] <- value[choice] + alpha * prediction_error
  }
)
