// Probabilistic reversal learning, reward-punishment rule; hierarchical, non-centred, diagonal
// group covariance. choice ~ softmax(beta Q), Q[choice] += rate (outcome - Q[choice]) with the rate
// Arew after outcome > 0 and Apun otherwise, Q = 0 at first;
// Apun, Arew = Phi~(mu + sigma z) in (0, 1), beta = 10 Phi~(mu + sigma z) in (0, 10).
// Subject i has Tsubj[i] <= T trials; what stands behind them is not read.
data {
  int<lower=1> N;
  int<lower=1> T;
  int<lower=1, upper=T> Tsubj[N];
  int<lower=1, upper=2> choice[N, T];
  real outcome[N, T];
}
parameters {
  vector[3] mu_pr;
  vector<lower=0>[3] sigma;
  matrix[N, 3] z;
}
transformed parameters {
  vector[N] Apun = Phi_approx(mu_pr[1] + sigma[1] * col(z, 1));
  vector[N] Arew = Phi_approx(mu_pr[2] + sigma[2] * col(z, 2));
  vector[N] beta = 10 * Phi_approx(mu_pr[3] + sigma[3] * col(z, 3));
}
model {
  mu_pr ~ normal(0, 1);
  sigma ~ normal(0, 0.2);
  to_vector(z) ~ normal(0, 1);
  for (i in 1:N) {
    vector[2] Q = rep_vector(0, 2);
    for (t in 1:Tsubj[i]) {
      int c = choice[i, t];
      c ~ categorical_logit(beta[i] * Q);
      if (outcome[i, t] > 0)
        Q[c] += Arew[i] * (outcome[i, t] - Q[c]);
      else
        Q[c] += Apun[i] * (outcome[i, t] - Q[c]);
    }
  }
}
generated quantities {
  real mu_Apun = Phi_approx(mu_pr[1]);
  real mu_Arew = Phi_approx(mu_pr[2]);
  real mu_beta = 10 * Phi_approx(mu_pr[3]);
}
