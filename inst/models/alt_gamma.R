rl_model(
  name = "Aversive learning, a probability for each option",
  description = "Each option has a probability of being punished, from 0, learned when it was chosen; choices weigh the magnitudes by it, distorted by gamma.",
  task = "alt",
  reference = "Browning, Behrens, Jocham, O'Reilly & Bishop (2015), Nature Neuroscience 18:590-596; the probabilities by option as in hBayesDM (Ahn, Haines & Zhang, 2017, Computational Psychiatry 1:24-57).",
  equations = c(
    "g_a = \\min(\\max(\\gamma (p_a - 1/2) + 1/2, 0), 1) \\, M_a",
    "P(a) = e^{-\\beta g_a} / \\sum_b e^{-\\beta g_b}",
    "p_a \\leftarrow p_a + A (o - p_a) \\quad (a \\mbox{ the option chosen})"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    beta = bounded(0, 20, "inverse temperature"),
    gamma = bounded(0, 10, "distortion of the probability: risk preference")
  ),
  columns = "punishment",
  state = list(chance = per_action(0)),
  trial = {
    weight <- pmin(pmax(gamma * (chance - 0.5) + 0.5, 0), 1)
    choice ~ softmax(-beta * c(weight[1] * punishment[1], weight[2] * punishment[2]))
    prediction_error <- outcome - chance[choice]
    chance[choice] <- chance[choice] + A * prediction_error
  }
)
