rl_model(
  name = "Go/no-go: action values",
  description = "Each cue has a value for pressing and one for not pressing; nothing else speaks for either.",
  task = "gng",
  reference = "Guitart-Masip, Huys, Fuentemilla, Dayan, Duzel & Dolan (2012), NeuroImage 62:154-166.",
  equations = c(
    "W_{go} = Q_{go}, \\quad W_{nogo} = Q_{nogo}",
    "P(go) = (1 - \\xi) / (1 + e^{-(W_{go} - W_{nogo})}) + \\xi / 2",
    "Q_a \\leftarrow Q_a + \\epsilon (\\rho r - Q_a) \\quad (a \\mbox{ the action made})"
  ),
  parameters = list(
    xi = unit_interval("lapse rate"),
    ep = unit_interval("learning rate"),
    rho = positive("sensitivity to outcomes")
  ),
  columns = "cue",
  state = list(q = array_of(0, c(cue, choice))),
  trial = {
    w_go <- q[cue, 2]
    w_nogo <- q[cue, 1]
    choice ~ bernoulli_logit(w_go - w_nogo, lapse = xi)
    prediction_error <- rho * outcome - q[cue, choice]
    q[cue, choice] <- q[cue, choice] + ep * prediction_error
  }
)
