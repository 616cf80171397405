rl_model(
  name = "Generalised Q-learning with one component",
  description = "Values and choice traces at one speed, and their products, add to the logits; what is not chosen decays towards 0.",
  task = "bandit",
  variant_of = "gql",
  variant = list(d = 1),
  variant_default = list(d = 2),
  variant_default = list(d = 2),
  reference = "Dezfouli, Griffiths, Ramos, Dayan & Balleine (2019), PLoS Computational Biology 15:e1006903.",
  equations = c(
    "P(a) = e^{x_a} / \\sum_b e^{x_b}, \\quad x = \\sum_k \\beta_k V_k + \\sum_k \\kappa_k H_k + \\sum_{k,l} C_{kl} V_k H_l",
    "V_{k,a} \\leftarrow V_{k,a} + \\phi_k (r - V_{k,a}), \\quad V_{k,o} \\leftarrow (1 - \\phi_k) V_{k,o} \\text{ for } o \\ne a",
    "H_k \\leftarrow H_k + \\psi_k (e_a - H_k)"
  ),
  identifiability = "The weight of the values trades off with their product with the trace. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .77 for phi1, .86 for kappa1, but .31 for beta1 and .38 for psi1 and c11 between simulated and estimated values.",
  parameters = list(
    phi1 = unit_interval("learning rate of values"),
    psi1 = unit_interval("learning rate of choice traces"),
    beta1 = real("weight of values"),
    kappa1 = real("weight of choice traces"),
    c11 = real("weight of values times choice traces"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(
    v1 = per_action(q0),
    h1 = per_action(0)
  ),
  trial = {
    choice ~ softmax(beta1 * v1 + kappa1 * h1 + c11 * v1 * h1)
    v1[choice] <- v1[choice] + phi1 * (outcome - v1[choice])
    v1[-choice] <- (1 - phi1) * v1[-choice]
    h1 <- h1 + psi1 * (one_hot(choice) - h1)
  }
)
