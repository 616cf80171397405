rl_model(
  name = "Exponential discounting",
  description = "An amount loses the same share of its value with every unit of delay.",
  task = "dd",
  reference = "Samuelson (1937), Review of Economic Studies 4:155-161.",
  equations = c(
    "V = A e^{-r D}",
    "P(\\mathrm{later}) = \\sigma(\\beta (V_{\\mathrm{later}} - V_{\\mathrm{sooner}}))"
  ),
  columns = c("delay_later", "amount_later", "delay_sooner", "amount_sooner"),
  parameters = list(
    r = unit_interval("discounting rate"),
    beta = bounded(0, 5, "inverse temperature")
  ),
  trial = {
    value_later <- amount_later * exp(-r * delay_later)
    value_sooner <- amount_sooner * exp(-r * delay_sooner)
    choice ~ bernoulli_logit(beta * (value_later - value_sooner))
  }
)
