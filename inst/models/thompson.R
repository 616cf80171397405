rl_model(
  name = "Thompson sampling",
  description = "Two actions with a Kalman filter each: the choice is the more random the less is known in total.",
  task = "bandit",
  reference = "Gershman (2018), Deconstructing the human algorithms for exploration, Cognition 173:34-42.",
  equations = c(
    "P(1) = \\Phi(w_3 V / TU)",
    "V = m_1 - m_2, \\quad TU = \\sqrt{s_1^2 + s_2^2}",
    "k = s_a^2 / (s_a^2 + \\sigma_{\\mathrm{obs}}^2)",
    "m_a \\leftarrow m_a + k (r - m_a), \\quad s_a^2 \\leftarrow (1 - k) s_a^2",
    "s^2 \\leftarrow s^2 + \\sigma_{\\mathrm{drift}}^2 \\text{ for both actions}"
  ),
  parameters = list(
    w3 = real("random exploration: the weight of the difference over total uncertainty"),
    mu0 = fixed(0, "initial mean"),
    sigma0 = fixed(10, "initial standard deviation"),
    sigma_drift = fixed(0, "standard deviation of the drift"),
    sigma_obs = fixed(3.1622776601683795, "standard deviation of the observation")
  ),
  state = list(value = per_action(mu0), variance = per_action(sigma0^2)),
  trial = {
    difference <- value[1] - value[2]
    total <- sqrt(variance[1] + variance[2])
    evidence <- w3 * difference / total
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
