rl_model(
  name = "Constant-sensitivity discounting",
  description = "Exponential discounting of a distorted delay: below s = 1 delays near the present weigh more, and later ones ever less.",
  task = "dd",
  reference = "Ebert & Prelec (2007), Management Science 53:1423-1438.",
  equations = c(
    "V = A e^{-(r D)^s}",
    "P(\\mathrm{later}) = \\sigma(\\beta (V_{\\mathrm{later}} - V_{\\mathrm{sooner}}))"
  ),
  columns = c("delay_later", "amount_later", "delay_sooner", "amount_sooner"),
  parameters = list(
    r = unit_interval("discounting rate"),
    s = bounded(0, 10, "sensitivity to time"),
    beta = bounded(0, 5, "inverse temperature")
  ),
  trial = {
    value_later <- amount_later * exp(-(r * delay_later)^s)
    value_sooner <- amount_sooner * exp(-(r * delay_sooner)^s)
    choice ~ bernoulli_logit(beta * (value_later - value_sooner))
  }
)
