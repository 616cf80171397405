rl_model(
  name = "Probability weighting in decisions from description",
  description = "Two options of two outcomes each, with distorted probabilities and a utility that is steeper for losses.",
  task = "dbdm",
  reference = "Hertwig, Barron, Weber & Erev (2004), Psychological Science 15:534-539; Jessup, Bishara & Busemeyer (2008), Psychological Science 19:1015-1022; Erev et al. (2010), Journal of Behavioral Decision Making 23:15-47; weights of Prelec (1998), Econometrica 66:497-527.",
  equations = c(
    "w(q) = \\exp(-(-\\log q)^\\tau)",
    "u(v) = v^\\rho \\mbox{ for } v \\ge 0, \\quad -\\lambda (-v)^\\rho \\mbox{ for } v < 0",
    "U_o = w(q_o) u(v_{o,\\mathrm{high}}) + w(1 - q_o) u(v_{o,\\mathrm{low}})",
    "P(o) = e^{\\beta U_o} / \\sum_k e^{\\beta U_k}"
  ),
  columns = c("opt1hprob", "opt2hprob", "opt1hval", "opt1lval", "opt2hval", "opt2lval"),
  parameters = list(
    tau = unit_interval("probability weighting: 1 leaves probabilities as they are"),
    rho = bounded(0, 2, "power of utility"),
    lambda = bounded(0, 5, "loss aversion"),
    beta = unit_interval("inverse temperature")
  ),
  trial = {
    probability <- c(opt1hprob, 1 - opt1hprob, opt2hprob, 1 - opt2hprob)
    payoff <- c(opt1hval, opt1lval, opt2hval, opt2lval)
    # What cannot happen has no weight, whatever tau.
    weight <- ifelse(probability > 0, exp(-(-log(probability))^tau), 0)
    utility <- ifelse(payoff >= 0, 1, -lambda) * abs(payoff)^rho
    worth <- weight * utility
    choice ~ softmax(beta * c(worth[1] + worth[2], worth[3] + worth[4]))
  }
)
