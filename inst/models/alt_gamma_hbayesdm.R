rl_model(
  name = "Aversive learning, a probability for each option (hBayesDM)",
  variant_of = "alt_gamma",
  variant = list(compat = "hBayesDM"),
  description = "Each option has a probability of being punished, from 0, and a weighted magnitude that is renewed after it was chosen only: choices see the magnitudes of earlier trials, the form of hBayesDM.",
  task = "alt",
  reference = "Browning, Behrens, Jocham, O'Reilly & Bishop (2015), Nature Neuroscience 18:590-596; the probabilities by option as in hBayesDM (Ahn, Haines & Zhang, 2017, Computational Psychiatry 1:24-57).",
  equations = c(
    "P(a) = e^{-\\beta g_a} / \\sum_b e^{-\\beta g_b}",
    "p_a \\leftarrow p_a + A (o - p_a) \\quad (a \\mbox{ the option chosen})",
    "g_a \\leftarrow \\min(\\max(\\gamma (p_a - 1/2) + 1/2, 0), 1) \\, M_a"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    beta = bounded(0, 20, "inverse temperature"),
    gamma = bounded(0, 10, "distortion of the probability: risk preference")
  ),
  columns = "punishment",
  state = list(chance = per_action(0), cost = per_action(0)),
  trial = {
    choice ~ softmax(-beta * cost)
    prediction_error <- outcome - chance[choice]
    chance[choice] <- chance[choice] + A * prediction_error
    weight <- pmin(pmax(gamma * (chance[choice] - 0.5) + 0.5, 0), 1)
    cost[choice] <- weight * punishment[choice]
  }
)
