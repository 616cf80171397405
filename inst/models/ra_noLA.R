rl_model(
  name = "Prospect theory of risk without loss aversion",
  description = "A gamble of even odds against a certain amount: utility is a power of the amount, the same for losses as for gains.",
  task = "ra",
  reference = "Sokol-Hessner, Hsu, Curley, Delgado, Camerer & Phelps (2009), PNAS 106:5035-5040.",
  equations = c(
    "U_{\\mathrm{gamble}} = \\tfrac{1}{2} \\mathrm{gain}^\\rho - \\tfrac{1}{2} \\mathrm{loss}^\\rho",
    "U_{\\mathrm{certain}} = \\mathrm{cert}^\\rho",
    "P(\\mathrm{gamble}) = \\sigma(\\tau (U_{\\mathrm{gamble}} - U_{\\mathrm{certain}}))"
  ),
  columns = c("gain", "loss", "cert"),
  parameters = list(
    rho = bounded(0, 2, "risk aversion: the power of utility"),
    tau = bounded(0, 30, "inverse temperature")
  ),
  trial = {
    gamble <- 0.5 * gain^rho - 0.5 * loss^rho
    certain <- cert^rho
    choice ~ bernoulli_logit(tau * (gamble - certain))
  }
)
