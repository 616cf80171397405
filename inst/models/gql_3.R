rl_model(
  name = "Generalised Q-learning with three components",
  description = "Values and choice traces at three speeds, and their products, add to the logits; what is not chosen decays towards 0.",
  task = "bandit",
  variant_of = "gql",
  variant = list(d = 3),
  variant_default = list(d = 2),
  variant_default = list(d = 2),
  reference = "Dezfouli, Griffiths, Ramos, Dayan & Balleine (2019), PLoS Computational Biology 15:e1006903.",
  equations = c(
    "P(a) = e^{x_a} / \\sum_b e^{x_b}, \\quad x = \\sum_k \\beta_k V_k + \\sum_k \\kappa_k H_k + \\sum_{k,l} C_{kl} V_k H_l",
    "V_{k,a} \\leftarrow V_{k,a} + \\phi_k (r - V_{k,a}), \\quad V_{k,o} \\leftarrow (1 - \\phi_k) V_{k,o} \\text{ for } o \\ne a",
    "H_k \\leftarrow H_k + \\psi_k (e_a - H_k)"
  ),
  identifiability = "The three components can be exchanged with one another, and the weights of values, traces and products trade off: read the predictions rather than single parameters. Even with two components r is .25 at best.",
  parameters = list(
    phi1 = unit_interval("learning rate of values 1"),
    phi2 = unit_interval("learning rate of values 2"),
    phi3 = unit_interval("learning rate of values 3"),
    psi1 = unit_interval("learning rate of choice traces 1"),
    psi2 = unit_interval("learning rate of choice traces 2"),
    psi3 = unit_interval("learning rate of choice traces 3"),
    beta1 = real("weight of values 1"),
    beta2 = real("weight of values 2"),
    beta3 = real("weight of values 3"),
    kappa1 = real("weight of choice traces 1"),
    kappa2 = real("weight of choice traces 2"),
    kappa3 = real("weight of choice traces 3"),
    c11 = real("weight of values 1 times choice traces 1"),
    c12 = real("weight of values 1 times choice traces 2"),
    c13 = real("weight of values 1 times choice traces 3"),
    c21 = real("weight of values 2 times choice traces 1"),
    c22 = real("weight of values 2 times choice traces 2"),
    c23 = real("weight of values 2 times choice traces 3"),
    c31 = real("weight of values 3 times choice traces 1"),
    c32 = real("weight of values 3 times choice traces 2"),
    c33 = real("weight of values 3 times choice traces 3"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(
    v1 = per_action(q0), v2 = per_action(q0), v3 = per_action(q0),
    h1 = per_action(0), h2 = per_action(0), h3 = per_action(0)
  ),
  trial = {
    choice ~ softmax(beta1 * v1 + beta2 * v2 + beta3 * v3 +
      kappa1 * h1 + kappa2 * h2 + kappa3 * h3 +
      c11 * v1 * h1 + c12 * v1 * h2 + c13 * v1 * h3 +
      c21 * v2 * h1 + c22 * v2 * h2 + c23 * v2 * h3 +
      c31 * v3 * h1 + c32 * v3 * h2 + c33 * v3 * h3)
    v1[choice] <- v1[choice] + phi1 * (outcome - v1[choice])
    v1[-choice] <- (1 - phi1) * v1[-choice]
    v2[choice] <- v2[choice] + phi2 * (outcome - v2[choice])
    v2[-choice] <- (1 - phi2) * v2[-choice]
    v3[choice] <- v3[choice] + phi3 * (outcome - v3[choice])
    v3[-choice] <- (1 - phi3) * v3[-choice]
    h1 <- h1 + psi1 * (one_hot(choice) - h1)
    h2 <- h2 + psi2 * (one_hot(choice) - h2)
    h3 <- h3 + psi3 * (one_hot(choice) - h3)
  }
)
