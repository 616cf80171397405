rl_model(
  name = "Signal detection",
  description = "Evidence with unit noise around d/2 for a signal and -d/2 for noise; yes where it lies above the criterion c.",
  task = "task2AFC",
  reference = "Green & Swets (1966), Signal detection theory and psychophysics; Stanislaw & Todorov (1999), Behavior Research Methods 31:137-149.",
  equations = c(
    "P(\\mathrm{yes} \\mid \\mathrm{signal}) = \\Phi(d / 2 - c)",
    "P(\\mathrm{yes} \\mid \\mathrm{noise}) = \\Phi(-d / 2 - c)"
  ),
  parameters = list(
    d = real("sensitivity"),
    c = real("criterion")
  ),
  trial = {
    evidence <- ifelse(stimulus == 2, d / 2, -d / 2) - c
    # Both tails by themselves: 1 - pnorm() would lose the small one.
    choice ~ categorical(c(pnorm(-evidence), pnorm(evidence)))
  }
)
