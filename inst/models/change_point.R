rl_model(
  name = "Reduced Bayesian change-point model",
  description = "Outcomes scatter around a mean that now and then jumps: surprise tells a jump from noise and raises the learning rate, which otherwise falls with every outcome. The response is the prediction before the outcome.",
  task = "change_point",
  reference = "Nassar, Wilson, Heasly & Gold (2010), Journal of Neuroscience 30:12366-12378.",
  equations = c(
    "\\mathrm{prediction} \\sim \\mathcal{N}(B, \\mathrm{sd})",
    "\\tau = 1 / (n + 1), \\quad s^2 = \\sigma^2 + \\sigma^2 / n",
    "\\Omega = \\frac{H U^\\beta}{H U^\\beta + (1 - H) \\mathcal{N}(x; B, s)^\\beta}, \\quad U = 1 / \\mathrm{range}",
    "\\alpha = \\Omega + (1 - \\Omega) \\tau",
    "B \\leftarrow B + \\alpha (x - B)",
    "n \\leftarrow (n + 1) (1 - \\Omega) + \\Omega"
  ),
  identifiability = "A low hazard, a large sigma and a small beta all make for slow learning. 200 simulated subjects, 400 outcomes, maximum a posteriori: r = .62 for hazard, .73 for sigma, .48 for beta between simulated and estimated values; fix sigma or beta where the task allows.",
  parameters = list(
    hazard = unit_interval("probability of a change"),
    sigma = positive("standard deviation of the outcomes"),
    beta = positive("weight of surprise: 1 is Bayes' rule"),
    sd = positive("standard deviation of the predictions"),
    mu0 = fixed(150, "initial belief"),
    range = fixed(300, "range of the outcomes")
  ),
  state = list(belief = scalar(mu0), run_length = scalar(1)),
  trial = {
    prediction ~ normal(belief, sd)
    prediction_error <- outcome - belief
    uncertainty <- 1 / (run_length + 1)
    variance <- sigma^2 + sigma^2 / run_length
    # The likelihood of the outcome without a change, in units of that with one.
    likelihood <- range / sqrt(6.283185307179586 * variance) *
      exp(-prediction_error^2 / (2 * variance))
    change_point <- hazard / (hazard + (1 - hazard) * likelihood^beta)
    learning_rate <- change_point + (1 - change_point) * uncertainty
    belief <- belief + learning_rate * prediction_error
    run_length <- (run_length + 1) * (1 - change_point) + change_point
  }
)
