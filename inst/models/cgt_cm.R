rl_model(
  name = "Cumulative model of the Cambridge gambling task",
  description = "A colour is chosen by its distorted share of the boxes, then a stake by the utility of what is owned after a win or a loss and the cost of waiting for it. Points count in hundreds; the five offers take a quarter of a unit of delay each.",
  task = "cgt",
  reference = "Romeu, Haines, Ahn, Busemeyer & Vassileva (2020), Drug and Alcohol Dependence 206:107711.",
  equations = c(
    "P(\\mathrm{red}) = \\frac{c\\, p^\\alpha}{c\\, p^\\alpha + (1 - c) (1 - p)^\\alpha}",
    "U_b = \\log(1 + \\mathrm{win}_b) P + \\log(1 + \\rho\\, \\mathrm{lose}_b) (1 - P) - \\beta\\, \\mathrm{delay}_b",
    "P(\\mathrm{bet} = b) = e^{\\gamma U_b} / \\sum_k e^{\\gamma U_k}"
  ),
  identifiability = "200 simulated subjects, 72 trials, maximum a posteriori: r = .48 for rho between simulated and estimated values, .70 to .90 for the rest.",
  columns = c("gamble_type", "points", "p_red"),
  parameters = list(
    alpha = bounded(0, 5, "distortion of probability"),
    c = unit_interval("preference for red"),
    rho = positive("weight of what is owned after a loss"),
    beta = positive("impulsivity: the cost of waiting"),
    gamma = positive("inverse temperature of the bets")
  ),
  trial = {
    # The log odds of red.
    colour ~ bernoulli_logit(qlogis(c) + alpha * qlogis(p_red))
    p_win <- ifelse(colour == 2, p_red, 1 - p_red)
    share <- c(0.05, 0.25, 0.5, 0.75, 0.95)
    win <- points / 100 * (1 + share)
    lose <- points / 100 * (1 - share)
    # Stakes are offered one after the other: rising where gamble_type is 1, else falling.
    delay <- ifelse(gamble_type == 1, c(0, 0.25, 0.5, 0.75, 1), c(1, 0.75, 0.5, 0.25, 0))
    utility <- log1p(win) * p_win + log1p(rho * lose) * (1 - p_win) - beta * delay
    bet ~ softmax(gamma * utility)
  }
)
