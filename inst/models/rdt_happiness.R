rl_model(
  name = "Momentary happiness",
  description = "Happiness, where it was rated, follows fading sums of what was certain, expected and surprising on the trials before.",
  task = "rdt",
  reference = "Rutledge, Skandali, Dayan & Dolan (2014), PNAS 111:12252-12257.",
  equations = c(
    "\\mathrm{happy}_t \\sim \\mathcal{N}(w_0 + w_1 C_t + w_2 E_t + w_3 R_t, \\mathrm{sig})",
    "C_{t+1} = \\mathrm{gam} (C_t + \\mathrm{cert}_t) \\mbox{ where the certain amount was taken}",
    "E_{t+1} = \\mathrm{gam} (E_t + EV_t), \\; EV = \\tfrac{1}{2} (\\mathrm{gain} - \\mathrm{loss}) \\mbox{ where the gamble was}",
    "R_{t+1} = \\mathrm{gam} (R_t + \\mathrm{outcome}_t - EV_t) \\mbox{ where the gamble was}"
  ),
  identifiability = "The weights trade off with gam. 200 simulated subjects, 150 trials of which 50 rated, maximum a posteriori: r = .42, .35 and .51 for w1, w2 and w3 and .44 for gam between simulated and estimated values, .96 for w0.",
  columns = c("gain", "loss", "cert", "gamble"),
  parameters = list(
    w0 = real("baseline mood"),
    w1 = real("weight of certain rewards"),
    w2 = real("weight of the expected value of gambles"),
    w3 = real("weight of reward prediction errors"),
    gam = unit_interval("what is left of the past after a trial"),
    sig = positive("standard deviation of the ratings")
  ),
  state = list(certain = scalar(0), expected = scalar(0), surprise = scalar(0)),
  trial = {
    happy ~ normal(w0 + w1 * certain + w2 * expected + w3 * surprise, sig)
    expected_value <- 0.5 * (gain - loss)
    prediction_error <- outcome - expected_value
    if (gamble == 0) {
      certain <- certain + cert
    } else {
      expected <- expected + expected_value
      surprise <- surprise + prediction_error
    }
    certain <- gam * certain
    expected <- gam * expected
    surprise <- gam * surprise
  }
)
