rl_model(
  name = "Hyperbolic discounting",
  description = "An amount loses value with its delay as 1 / (1 + k delay): steeply at first, then ever more slowly.",
  task = "dd",
  reference = "Mazur (1987), An adjusting procedure for studying delayed reinforcement.",
  equations = c(
    "V = \\frac{A}{1 + k D}",
    "P(\\mathrm{later}) = \\sigma(\\beta (V_{\\mathrm{later}} - V_{\\mathrm{sooner}}))"
  ),
  columns = c("delay_later", "amount_later", "delay_sooner", "amount_sooner"),
  parameters = list(
    k = unit_interval("discounting rate"),
    beta = bounded(0, 5, "inverse temperature")
  ),
  trial = {
    value_later <- amount_later / (1 + k * delay_later)
    value_sooner <- amount_sooner / (1 + k * delay_sooner)
    choice ~ bernoulli_logit(beta * (value_later - value_sooner))
  }
)
