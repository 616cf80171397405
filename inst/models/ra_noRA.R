rl_model(
  name = "Prospect theory of risk without risk aversion",
  description = "A gamble of even odds against a certain amount: utility is the amount itself, and losses weigh lambda times as much as gains.",
  task = "ra",
  reference = "Sokol-Hessner, Hsu, Curley, Delgado, Camerer & Phelps (2009), PNAS 106:5035-5040.",
  equations = c(
    "U_{\\mathrm{gamble}} = \\tfrac{1}{2} \\mathrm{gain} - \\tfrac{1}{2} \\lambda\\, \\mathrm{loss}",
    "P(\\mathrm{gamble}) = \\sigma(\\tau (U_{\\mathrm{gamble}} - \\mathrm{cert}))"
  ),
  columns = c("gain", "loss", "cert"),
  parameters = list(
    lambda = bounded(0, 5, "loss aversion"),
    tau = bounded(0, 30, "inverse temperature")
  ),
  trial = {
    gamble <- 0.5 * gain - 0.5 * lambda * loss
    certain <- cert
    choice ~ bernoulli_logit(tau * (gamble - certain))
  }
)
