rl_model(
  name = "Go/no-go: action values, a go bias and a Pavlovian bias",
  description = "A cue that promises rewards invites pressing and one that threatens punishments holds it back, besides the values of the actions and a bias.",
  task = "gng",
  reference = "Guitart-Masip, Huys, Fuentemilla, Dayan, Duzel & Dolan (2012), NeuroImage 62:154-166.",
  equations = c(
    "W_{go} = Q_{go} + b + \\pi V, \\quad W_{nogo} = Q_{nogo}",
    "P(go) = (1 - \\xi) / (1 + e^{-(W_{go} - W_{nogo})}) + \\xi / 2",
    "V \\leftarrow V + \\epsilon (\\rho r - V)",
    "Q_a \\leftarrow Q_a + \\epsilon (\\rho r - Q_a) \\quad (a \\mbox{ the action made})"
  ),
  parameters = list(
    xi = unit_interval("lapse rate"),
    ep = unit_interval("learning rate"),
    b = real("bias towards pressing"),
    pi = real("Pavlovian bias: how much the value of the cue invites pressing"),
    rho = positive("sensitivity to outcomes")
  ),
  columns = "cue",
  state = list(q = array_of(0, c(cue, choice)), v = array_of(0, cue)),
  trial = {
    w_go <- q[cue, 2] + b + pi * v[cue]
    w_nogo <- q[cue, 1]
    choice ~ bernoulli_logit(w_go - w_nogo, lapse = xi)
    v[cue] <- v[cue] + ep * (rho * outcome - v[cue])
    prediction_error <- rho * outcome - q[cue, choice]
    q[cue, choice] <- q[cue, choice] + ep * prediction_error
  }
)
