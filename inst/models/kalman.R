rl_model(
  name = "Kalman filter",
  description = "The values are the means of a Kalman filter for a restless bandit, whose payoffs drift: uncertain actions learn faster, and all values decay towards a centre.",
  task = "bandit",
  reference = "Daw, O'Doherty, Dayan, Seymour & Dolan (2006), Nature 441:876-879.",
  equations = c(
    "P(a) = e^{\\beta m_a} / \\sum_b e^{\\beta m_b}",
    "k = v_a / (v_a + \\sigma_{\\mathrm{obs}}^2)",
    "m_a \\leftarrow m_a + k (r - m_a), \\quad v_a \\leftarrow (1 - k) v_a",
    "m \\leftarrow \\mathrm{decay}\\, m + (1 - \\mathrm{decay})\\, \\mathrm{centre}, \\quad v \\leftarrow \\mathrm{decay}^2 v + \\sigma_{\\mathrm{drift}}^2"
  ),
  parameters = list(
    beta = positive("inverse temperature", prior = prior_gamma(1.2, 2)),
    mu0 = real("initial mean", prior = prior_normal(50, 30)),
    sigma0 = positive("initial standard deviation", prior = prior_normal(2, 1)),
    sigma_drift = positive("standard deviation of the drift", prior = prior_normal(1, 1)),
    decay = unit_interval("decay of the means towards the centre: the share that stays"),
    centre = real("centre of the decay", prior = prior_normal(50, 30)),
    sigma_obs = fixed(4, "standard deviation of the observation")
  ),
  state = list(value = per_action(mu0), variance = per_action(sigma0^2)),
  trial = {
    choice ~ softmax(beta * value)
    prediction_error <- outcome - value[choice]
    gain <- kalman_update(value[choice], variance[choice], outcome, sigma_obs)$gain
    if (observed(outcome)) {
      value[choice] <- value[choice] + gain * prediction_error
      variance[choice] <- variance[choice] * (1 - gain)
    }
    value <- decay * value + (1 - decay) * centre
    variance <- decay^2 * variance + sigma_drift^2
  }
)
