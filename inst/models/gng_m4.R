rl_model(
  name = "Go/no-go: Pavlovian bias and sensitivities to rewards and to punishments",
  description = "As the model with a go bias and a Pavlovian bias, with a sensitivity to rewards and another to punishments.",
  task = "gng",
  reference = "Cavanagh, Eisenberg, Guitart-Masip, Huys & Frank (2013), Journal of Neuroscience 33:8541-8548.",
  equations = c(
    "W_{go} = Q_{go} + b + \\pi V, \\quad W_{nogo} = Q_{nogo}",
    "P(go) = (1 - \\xi) / (1 + e^{-(W_{go} - W_{nogo})}) + \\xi / 2",
    "\\rho = \\rho_{rew} \\mbox{ if } r \\ge 0, \\mbox{ else } \\rho_{pun}",
    "V \\leftarrow V + \\epsilon (\\rho r - V)",
    "Q_a \\leftarrow Q_a + \\epsilon (\\rho r - Q_a) \\quad (a \\mbox{ the action made})"
  ),
  parameters = list(
    xi = unit_interval("lapse rate"),
    ep = unit_interval("learning rate"),
    b = real("bias towards pressing"),
    pi = real("Pavlovian bias: how much the value of the cue invites pressing"),
    rhoRew = positive("sensitivity to rewards"),
    rhoPun = positive("sensitivity to punishments")
  ),
  columns = "cue",
  state = list(q = array_of(0, c(cue, choice)), v = array_of(0, cue)),
  trial = {
    w_go <- q[cue, 2] + b + pi * v[cue]
    w_nogo <- q[cue, 1]
    choice ~ bernoulli_logit(w_go - w_nogo, lapse = xi)
    rho <- ifelse(outcome >= 0, rhoRew, rhoPun)
    v[cue] <- v[cue] + ep * (rho * outcome - v[cue])
    prediction_error <- rho * outcome - q[cue, choice]
    q[cue, choice] <- q[cue, choice] + ep * prediction_error
  }
)
