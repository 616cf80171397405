rl_model(
  name = "Outcome representation learning",
  description = "Each deck has an expected value, a frequency of winning and a perseverance; the frequencies of the decks not chosen learn the opposite.",
  task = "igt",
  reference = "Haines, Vassileva & Ahn (2018), Cognitive Science 42:2534-2561.",
  equations = c(
    "V_a = EV_a + \\beta_F EF_a + \\beta_P PS_a, \\quad P(a) = e^{V_a} / \\sum_b e^{V_b}",
    "x = (gain - |loss|) / payscale, \\quad s = \\mathrm{sign}(x)",
    "(A_c, A_u) = (A_{rew}, A_{pun}) \\mbox{ if } x \\ge 0, \\mbox{ else } (A_{pun}, A_{rew})",
    "EV_a \\leftarrow EV_a + A_c (x - EV_a), \\quad EF_a \\leftarrow EF_a + A_c (s - EF_a)",
    "EF_b \\leftarrow EF_b + A_u (-s / (n - 1) - EF_b) \\quad (b \\ne a)",
    "PS_a \\leftarrow 1, \\quad PS_b \\leftarrow PS_b / 3^K \\quad (\\mbox{all } b)"
  ),
  parameters = list(
    Arew = unit_interval("learning rate after a gain"),
    Apun = unit_interval("learning rate after a loss"),
    K = bounded(0, 5, "decay of the perseverance"),
    betaF = real("weight of the frequency of winning"),
    betaP = real("weight of the perseverance"),
    payscale = fixed(100, "what divides the money")
  ),
  columns = c("gain", "loss"),
  state = list(ev = per_action(0), ef = per_action(0), ps = per_action(0)),
  trial = {
    choice ~ softmax(ev + betaF * ef + betaP * ps)
    x <- (gain - abs(loss)) / payscale
    s <- sign(x)
    rate_chosen <- ifelse(x >= 0, Arew, Apun)
    rate_other <- ifelse(x >= 0, Apun, Arew)
    ef[-choice] <- ef[-choice] + rate_other * (-s / (n_actions - 1) - ef[-choice])
    ef[choice] <- ef[choice] + rate_chosen * (s - ef[choice])
    ev[choice] <- ev[choice] + rate_chosen * (x - ev[choice])
    ps[choice] <- 1
    ps <- ps / 3^K
  }
)
