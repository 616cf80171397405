rl_model(
  name = "Other-conferred utility",
  description = "A safe and a risky lottery: what both peers chose (condition 1 the safe one, 3 the risky one) gains in utility.",
  task = "peer",
  reference = "Chung, Christopoulos, King-Casas, Ball & Chiu (2015), Nature Neuroscience 18:912-916.",
  equations = c(
    "U = p\\, \\mathrm{high}^\\rho + (1 - p)\\, \\mathrm{low}^\\rho",
    "U_{\\mathrm{safe}} \\leftarrow U_{\\mathrm{safe}} + \\mathrm{ocu} \\mbox{ in condition 1}, \\quad U_{\\mathrm{risky}} \\leftarrow U_{\\mathrm{risky}} + \\mathrm{ocu} \\mbox{ in condition 3}",
    "P(\\mathrm{risky}) = \\sigma(\\tau (U_{\\mathrm{risky}} - U_{\\mathrm{safe}}))"
  ),
  columns = c("condition", "p_gamble", "safe_Hpayoff", "safe_Lpayoff", "risky_Hpayoff",
    "risky_Lpayoff"),
  parameters = list(
    rho = bounded(0, 2, "risk preference: the power of utility"),
    tau = positive("inverse temperature"),
    ocu = real("other-conferred utility")
  ),
  trial = {
    safe <- p_gamble * safe_Hpayoff^rho + (1 - p_gamble) * safe_Lpayoff^rho
    risky <- p_gamble * risky_Hpayoff^rho + (1 - p_gamble) * risky_Lpayoff^rho
    peers <- ifelse(condition == 1, -ocu, ifelse(condition == 3, ocu, 0))
    choice ~ bernoulli_logit(tau * (risky - safe + peers))
  }
)
