rl_model(
  name = "Reinforcement learning and working memory",
  description = "Two tables of stimuli by actions mix: one learns slowly, the other at once, but decays and holds only so many stimuli.",
  task = "rlwm",
  reference = "Collins & Frank (2012), European Journal of Neuroscience 35:1024-1035; Collins (2018), Journal of Cognitive Neuroscience 30:1422-1432.",
  equations = c(
    "w = \\rho \\min(1, C / \\mathrm{set\\ size})",
    "P(a) = (1 - \\epsilon) \\left( w\\, \\mathrm{softmax}(\\beta Q^{WM}_s)_a + (1 - w)\\, \\mathrm{softmax}(\\beta Q^{RL}_s)_a \\right) + \\epsilon / n",
    "Q^{WM} \\leftarrow Q^{WM} + \\phi (1 / n - Q^{WM}) \\mbox{ for all stimuli and actions}",
    "Q^{WM}_{s,a} \\leftarrow Q^{WM}_{s,a} + g (r - Q^{WM}_{s,a}), \\quad Q^{RL}_{s,a} \\leftarrow Q^{RL}_{s,a} + \\alpha g (r - Q^{RL}_{s,a})",
    "g = \\gamma \\mbox{ for an error below 0, else } 1"
  ),
  identifiability = "Capacity C and reliance rho act in their product, and both systems learn a rewarded action almost at once. 200 simulated subjects, 10 blocks of 2 to 6 stimuli (480 trials), beta fixed at 50, maximum a posteriori: r = .17 for C, .25 for rho, .17 for phi, .47 for alpha, .67 for gamma, .86 for epsilon between simulated and estimated values. Fix beta.",
  columns = "set_size",
  parameters = list(
    alpha = unit_interval("learning rate of reinforcement learning"),
    beta = positive("inverse temperature"),
    phi = unit_interval("decay of working memory"),
    rho = unit_interval("reliance on working memory"),
    gamma = unit_interval("weight of prediction errors below 0"),
    epsilon = unit_interval("lapse rate", prior = prior_beta(1.2, 8)),
    C = positive("capacity of working memory, in stimuli")
  ),
  state = list(
    q_rl = array_of(1 / n_actions, c(stimulus, choice)),
    q_wm = array_of(1 / n_actions, c(stimulus, choice))
  ),
  trial = {
    w <- rho * pmin(1, C / set_size)
    policy <- w * softmax(beta * q_wm[stimulus, ]) + (1 - w) * softmax(beta * q_rl[stimulus, ])
    choice ~ categorical(policy, lapse = epsilon)
    q_wm <- q_wm + phi * (1 / n_actions - q_wm)
    error_rl <- outcome - q_rl[stimulus, choice]
    error_wm <- outcome - q_wm[stimulus, choice]
    q_rl[stimulus, choice] <- q_rl[stimulus, choice] +
      alpha * ifelse(error_rl < 0, gamma, 1) * error_rl
    q_wm[stimulus, choice] <- q_wm[stimulus, choice] + ifelse(error_wm < 0, gamma, 1) * error_wm
  }
)
