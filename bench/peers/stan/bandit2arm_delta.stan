// Two-armed bandit, delta rule and softmax; hierarchical, non-centred, diagonal group covariance.
// choice ~ softmax(tau Q), Q[choice] += A (outcome - Q[choice]), Q = 0 at first;
// A = Phi~(mu + sigma z) in (0, 1), tau = 5 Phi~(mu + sigma z) in (0, 5).
// Subject i has Tsubj[i] <= T trials; what stands behind them is not read.
data {
  int<lower=1> N;
  int<lower=1> T;
  int<lower=1, upper=T> Tsubj[N];
  int<lower=1, upper=2> choice[N, T];
  real outcome[N, T];
}
parameters {
  vector[2] mu_pr;
  vector<lower=0>[2] sigma;
  matrix[N, 2] z;
}
transformed parameters {
  vector[N] A = Phi_approx(mu_pr[1] + sigma[1] * col(z, 1));
  vector[N] tau = 5 * Phi_approx(mu_pr[2] + sigma[2] * col(z, 2));
}
model {
  mu_pr ~ normal(0, 1);
  sigma ~ normal(0, 0.2);
  to_vector(z) ~ normal(0, 1);
  for (i in 1:N) {
    vector[2] Q = rep_vector(0, 2);
    for (t in 1:Tsubj[i]) {
      int c = choice[i, t];
      c ~ categorical_logit(tau[i] * Q);
      Q[c] += A[i] * (outcome[i, t] - Q[c]);
    }
  }
}
generated quantities {
  real mu_A = Phi_approx(mu_pr[1]);
  real mu_tau = 5 * Phi_approx(mu_pr[2]);
}
