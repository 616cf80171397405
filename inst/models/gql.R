rl_model(
  name = "Generalised Q-learning with two components",
  description = "Values and choice traces at two speeds, and their products, add to the logits; what is not chosen decays towards 0.",
  task = "bandit",
  reference = "Dezfouli, Griffiths, Ramos, Dayan & Balleine (2019), PLoS Computational Biology 15:e1006903.",
  equations = c(
    "P(a) = e^{x_a} / \\sum_b e^{x_b}, \\quad x = \\sum_k \\beta_k V_k + \\sum_k \\kappa_k H_k + \\sum_{k,l} C_{kl} V_k H_l",
    "V_{k,a} \\leftarrow V_{k,a} + \\phi_k (r - V_{k,a}), \\quad V_{k,o} \\leftarrow (1 - \\phi_k) V_{k,o} \\text{ for } o \\ne a",
    "H_k \\leftarrow H_k + \\psi_k (e_a - H_k)"
  ),
  identifiability = "The two components can be exchanged with one another, and the weights of values, traces and products trade off: read the predictions rather than single parameters. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r between -.08 and .25 for every parameter between simulated and estimated values.",
  parameters = list(
    phi1 = unit_interval("learning rate of values 1"),
    phi2 = unit_interval("learning rate of values 2"),
    psi1 = unit_interval("learning rate of choice traces 1"),
    psi2 = unit_interval("learning rate of choice traces 2"),
    beta1 = real("weight of values 1"),
    beta2 = real("weight of values 2"),
    kappa1 = real("weight of choice traces 1"),
    kappa2 = real("weight of choice traces 2"),
    c11 = real("weight of values 1 times choice traces 1"),
    c12 = real("weight of values 1 times choice traces 2"),
    c21 = real("weight of values 2 times choice traces 1"),
    c22 = real("weight of values 2 times choice traces 2"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(
    v1 = per_action(q0), v2 = per_action(q0),
    h1 = per_action(0), h2 = per_action(0)
  ),
  trial = {
    choice ~ softmax(beta1 * v1 + beta2 * v2 + kappa1 * h1 + kappa2 * h2 +
      c11 * v1 * h1 + c12 * v1 * h2 + c21 * v2 * h1 + c22 * v2 * h2)
    v1[choice] <- v1[choice] + phi1 * (outcome - v1[choice])
    v1[-choice] <- (1 - phi1) * v1[-choice]
    v2[choice] <- v2[choice] + phi2 * (outcome - v2[choice])
    v2[-choice] <- (1 - phi2) * v2[-choice]
    h1 <- h1 + psi1 * (one_hot(choice) - h1)
    h2 <- h2 + psi2 * (one_hot(choice) - h2)
  }
)
