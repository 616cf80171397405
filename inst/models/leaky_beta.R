rl_model(
  name = "Leaky beta",
  description = "Each action counts evidence for and against a reward; the counts leak towards 1 on every trial, and the value is the mean of the beta distribution they make.",
  task = "bandit",
  reference = "Wise, Michely, Dayan & Dolan (2019), PLoS Computational Biology 15:e1007341; Wise & Dolan (2020), Nature Communications 11:4179.",
  equations = c(
    "A \\leftarrow 1 + \\mathrm{decay} (A - 1), \\quad B \\leftarrow 1 + \\mathrm{decay} (B - 1) \\mbox{ for all actions}",
    "A_a \\leftarrow A_a + \\tau_{\\mathrm{pos}} r, \\quad B_a \\leftarrow B_a + \\tau_{\\mathrm{neg}} (1 - r)",
    "V = A / (A + B)",
    "P(a) = e^{\\beta V_a} / \\sum_b e^{\\beta V_b}"
  ),
  identifiability = "tau_pos and tau_neg change a value by their ratio to what is already there, so their scale trades off with decay and beta. 200 simulated subjects, 200 trials each of two arms (.8 and .2, reversing every 50), maximum a posteriori: r = .32 and .40 between simulated and estimated tau_pos and tau_neg, .89 and .78 for decay and beta.",
  parameters = list(
    tau_pos = positive("what a reward adds to the evidence for"),
    tau_neg = positive("what no reward adds to the evidence against"),
    decay = unit_interval("what is left of the evidence after a trial"),
    beta = positive("inverse temperature")
  ),
  state = list(evidence_for = per_action(1), evidence_against = per_action(1)),
  trial = {
    value <- evidence_for / (evidence_for + evidence_against)
    choice ~ softmax(beta * value)
    evidence_for <- 1 + decay * (evidence_for - 1)
    evidence_against <- 1 + decay * (evidence_against - 1)
    evidence_for[choice] <- evidence_for[choice] + tau_pos * outcome
    evidence_against[choice] <- evidence_against[choice] + tau_neg * (1 - outcome)
  }
)
