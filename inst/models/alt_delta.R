rl_model(
  name = "Aversive learning, delta rule",
  description = "The probability that the first option is the one punished is learned by a delta rule; choices weigh the magnitudes by it, distorted by gamma.",
  task = "alt",
  reference = "Browning, Behrens, Jocham, O'Reilly & Bishop (2015), Nature Neuroscience 18:590-596.",
  equations = c(
    "f_1 = \\min(\\max(\\gamma (p - 1/2) + 1/2, 0), 1), \\quad f_2 = \\min(\\max(\\gamma (1/2 - p) + 1/2, 0), 1)",
    "P(a) = e^{-\\beta f_a M_a} / \\sum_b e^{-\\beta f_b M_b}",
    "p \\leftarrow p + A (o - p)"
  ),
  parameters = list(
    A = unit_interval("learning rate"),
    beta = bounded(0, 20, "inverse temperature"),
    gamma = bounded(0, 10, "distortion of the probability: risk preference")
  ),
  columns = "punishment",
  state = list(chance_first = scalar(0.5)),
  trial = {
    weight_first <- pmin(pmax(gamma * (chance_first - 0.5) + 0.5, 0), 1)
    weight_second <- pmin(pmax(gamma * (0.5 - chance_first) + 0.5, 0), 1)
    choice ~ softmax(-beta * c(weight_first * punishment[1], weight_second * punishment[2]))
    prediction_error <- outcome - chance_first
    chance_first <- chance_first + A * prediction_error
  }
)
