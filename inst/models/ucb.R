rl_model(
  name = "Upper confidence bound",
  description = "Two actions with a Kalman filter each: the less known one gains in proportion to how much less is known of it.",
  task = "bandit",
  reference = "Gershman (2018), Deconstructing the human algorithms for exploration, Cognition 173:34-42.",
  equations = c(
    "P(1) = \\Phi(w V + w_2 RU)",
    "V = m_1 - m_2, \\quad RU = s_1 - s_2",
    "k = s_a^2 / (s_a^2 + \\sigma_{\\mathrm{obs}}^2)",
    "m_a \\leftarrow m_a + k (r - m_a), \\quad s_a^2 \\leftarrow (1 - k) s_a^2",
    "s^2 \\leftarrow s^2 + \\sigma_{\\mathrm{drift}}^2 \\text{ for both actions}"
  ),
  parameters = list(
    w = real("weight of the difference of the means"),
    w2 = real("directed exploration: the weight of relative uncertainty"),
    mu0 = fixed(0, "initial mean"),
    sigma0 = fixed(10, "initial standard deviation"),
    sigma_drift = fixed(0, "standard deviation of the drift"),
    sigma_obs = fixed(3.1622776601683795, "standard deviation of the observation")
  ),
  state = list(value = per_action(mu0), variance = per_action(sigma0^2)),
  trial = {
    difference <- value[1] - value[2]
    relative <- sqrt(variance[1]) - sqrt(variance[2])
    evidence <- w * difference + w2 * relative
    # Both tails by themselves: 1 - pnorm() would lose the small one.
    choice ~ categorical(c(pnorm(evidence), pnorm(-evidence)))
    prediction_error <- outcome - value[choice]
    gain <- variance[choice] / (variance[choice] + sigma_obs^2)
    if (observed(outcome)) {
      value[choice] <- value[choice] + gain * prediction_error
      variance[choice] <- (1 - gain) * variance[choice]
    }
    variance <- variance + sigma_drift^2
  }
)
