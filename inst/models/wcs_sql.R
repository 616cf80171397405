rl_model(
  name = "Wisconsin card sorting, sequential learning",
  description = "Attention to colour, form and number moves towards the dimensions that agree with the feedback; choices follow the attention that each card's matches receive.",
  task = "wcs",
  reference = "Bishara, Kruschke, Stout, Bechara, McCabe & Busemeyer (2010), Journal of Mathematical Psychology 54:5-13.",
  equations = c(
    "P_c \\propto 0.9998 \\sum_j m_{j c} a_j^d + 0.0001 \\quad (d = 1 \\mbox{ on the first trial})",
    "s_j \\propto a_j m_{j c} \\mbox{ after a reward}, \\quad s_j \\propto a_j (1 - m_{j c}) \\mbox{ after a punishment}",
    "a \\leftarrow (1 - r) a + r s \\mbox{ after a reward}, \\quad a \\leftarrow (1 - p) a + p s \\mbox{ after a punishment}",
    "a \\leftarrow 0.9998 \\, a / \\sum_j a_j + 0.0001"
  ),
  parameters = list(
    r = unit_interval("rate at which attention shifts after a reward"),
    p = unit_interval("rate at which attention shifts after a punishment"),
    d = bounded(0, 5, "consistency: how much choices go by the best attended")
  ),
  columns = c("colour", "form", "number"),
  state = list(attention = array_of(1 / 3, 3), power = scalar(1)),
  trial = {
    a <- attention^power
    match <- a[1] * one_hot(colour, choice) + a[2] * one_hot(form, choice) +
      a[3] * one_hot(number, choice)
    strength <- 0.9998 * match + 0.0001
    choice ~ categorical(strength / sum(strength))
    hit <- c(colour == choice, form == choice, number == choice)
    signal <- attention * ifelse(outcome > 0, hit, 1 - hit)
    moved <- attention + ifelse(outcome > 0, r, p) * (signal / sum(signal) - attention)
    attention <- 0.9998 * moved / sum(moved) + 0.0001
    power <- d
  }
)
