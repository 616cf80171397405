rl_model(
  name = "Kalman filter on a restless bandit with gains and losses",
  description = "The values are the means of a Kalman filter over net payoffs (gain and loss together) that drift and decay towards a centre.",
  task = "banditNarm",
  reference = "Daw, O'Doherty, Dayan, Seymour & Dolan (2006), Nature 441:876-879.",
  equations = c(
    "r = gain + loss \\quad (loss \\le 0)",
    "P(a) = e^{\\beta m_a} / \\sum_b e^{\\beta m_b}",
    "k = v_a / (v_a + \\sigma_{obs}^2)",
    "m_a \\leftarrow m_a + k (r - m_a), \\quad v_a \\leftarrow (1 - k) v_a",
    "m_b \\leftarrow \\lambda m_b + (1 - \\lambda) \\theta, \\quad v_b \\leftarrow \\lambda^2 v_b + s_D^2 \\quad (\\mbox{all } b)"
  ),
  parameters = list(
    lambda = unit_interval("decay of the means towards the centre: the share that stays"),
    theta = bounded(0, 100, "centre of the decay"),
    beta = unit_interval("inverse temperature"),
    mu0 = bounded(0, 100, "initial mean"),
    s0 = bounded(0, 15, "initial standard deviation"),
    sD = bounded(0, 15, "standard deviation of the drift"),
    sigma_obs = fixed(4, "standard deviation of the observation")
  ),
  identifiability = "How noisy payoffs are believed to be cannot be told from how much they drift and how sure one is at the start, so sigma_obs is fixed. 200 simulated subjects, 300 trials each of a restless four-armed bandit, maximum a posteriori: r = .17 for s0, .67 for lambda, .94 for theta, .76 for beta, .69 for mu0, .75 for sD between simulated and estimated values.",
  columns = c("gain", "loss"),
  state = list(value = per_action(mu0), variance = per_action(s0^2)),
  trial = {
    choice ~ softmax(beta * value)
    net <- gain + loss
    prediction_error <- net - value[choice]
    if (observed(net)) {
      learning_rate <- variance[choice] / (variance[choice] + sigma_obs^2)
      value[choice] <- value[choice] + learning_rate * prediction_error
      variance[choice] <- (1 - learning_rate) * variance[choice]
    }
    value <- lambda * value + (1 - lambda) * theta
    variance <- lambda^2 * variance + sD^2
  }
)
