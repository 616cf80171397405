rl_model(
  name = "Risk and ambiguity, exponential",
  description = "A lottery of partly hidden odds against a fixed one of even odds: ambiguity raises the power of the probability.",
  task = "cra",
  reference = "Levy, Snell, Nelson, Rustichini & Glimcher (2010), Journal of Neurophysiology 103:1036-1047; Hsu, Bhatt, Adolphs, Tranel & Camerer (2005), Science 310:1680-1683.",
  equations = c(
    "SV(p, A, v) = p^{1 + \\beta A} v^\\alpha",
    "P(\\mathrm{variable}) = \\sigma(\\gamma (SV(p, A, v) - SV(\\tfrac{1}{2}, 0, v_{\\mathrm{fixed}})))"
  ),
  columns = c("prob", "ambig", "reward_var", "reward_fix"),
  parameters = list(
    alpha = bounded(0, 2, "risk attitude: the power of utility"),
    beta = real("ambiguity attitude: above 0 is aversion"),
    gamma = positive("inverse temperature")
  ),
  trial = {
    value_variable <- prob^(1 + beta * ambig) * reward_var^alpha
    value_fixed <- 0.5 * reward_fix^alpha
    choice ~ bernoulli_logit(gamma * (value_variable - value_fixed))
  }
)
