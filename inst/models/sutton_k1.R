rl_model(
  name = "Sutton's K1",
  description = "The gain of an action climbs where its successive prediction errors agree and falls where they alternate.",
  task = "bandit",
  reference = "Sutton (1992), Gain adaptation beats least squares? Proceedings of the Seventh Yale Workshop on Adaptive and Learning Systems, 161-166.",
  equations = c(
    "\\delta = r - V_a",
    "b_a \\leftarrow b_a + \\mu \\delta h_a, \\quad b_a = 0 \\mbox{ at first}",
    "k = \\frac{e^{b_a}}{\\hat{r} + e^{b_a}}",
    "V_a \\leftarrow V_a + k \\delta",
    "h_a \\leftarrow (h_a + k \\delta) \\max(0, 1 - k), \\quad h_a = h_0 \\mbox{ at first}",
    "P(a) = e^{\\beta V_a} / \\sum_b e^{\\beta V_b}"
  ),
  identifiability = "The gain is set by rhat at once and by mu and h0 only where errors agree or alternate for long; few choices tell of that. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .45 for mu, .36 for h0, .59 for rhat, .82 for beta between simulated and estimated values.",
  parameters = list(
    mu = positive("step size of the gain"),
    h0 = real("initial trace of recent changes", prior = prior_normal(0, 1)),
    rhat = positive("variance of the outcomes"),
    beta = positive("inverse temperature"),
    q0 = fixed(0.5, "initial value")
  ),
  state = list(value = per_action(q0), b = per_action(0), h = per_action(h0)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    b[choice] <- b[choice] + mu * prediction_error * h[choice]
    # From 500 on the gain is 1 to the last digit.
    weight <- exp(pmin(b[choice], 500))
    gain <- weight / (rhat + weight)
    value[choice] <- value[choice] + gain * prediction_error
    h[choice] <- (h[choice] + gain * prediction_error) * pmax(1 - gain, 0)
  }
)
