// Four-armed bandit with separate values of gains and losses; hierarchical, non-centred, diagonal
// group covariance. choice ~ softmax(Qr + Qp); Qr[choice] += Arew (R gain - Qr[choice]),
// Qp[choice] += Apun (P loss - Qp[choice]), loss <= 0; the options not chosen move towards 0 at the
// same rates, so that every option is multiplied by 1 - rate. Qr = Qp = 0 at first;
// Arew, Apun = Phi~(mu + sigma z) in (0, 1), R, P = 30 Phi~(mu + sigma z) in (0, 30).
// Subject i has Tsubj[i] <= T trials; what stands behind them is not read.
data {
  int<lower=1> N;
  int<lower=1> T;
  int<lower=1, upper=T> Tsubj[N];
  int<lower=1, upper=4> choice[N, T];
  real<lower=0> gain[N, T];
  real<upper=0> loss[N, T];
}
parameters {
  vector[4] mu_pr;
  vector<lower=0>[4] sigma;
  matrix[N, 4] z;
}
transformed parameters {
  vector[N] Arew = Phi_approx(mu_pr[1] + sigma[1] * col(z, 1));
  vector[N] Apun = Phi_approx(mu_pr[2] + sigma[2] * col(z, 2));
  vector[N] R = 30 * Phi_approx(mu_pr[3] + sigma[3] * col(z, 3));
  vector[N] P = 30 * Phi_approx(mu_pr[4] + sigma[4] * col(z, 4));
}
model {
  mu_pr ~ normal(0, 1);
  sigma ~ normal(0, 0.2);
  to_vector(z) ~ normal(0, 1);
  for (i in 1:N) {
    vector[4] Qr = rep_vector(0, 4);
    vector[4] Qp = rep_vector(0, 4);
    real keep_r = 1 - Arew[i];
    real keep_p = 1 - Apun[i];
    real step_r = Arew[i] * R[i];
    real step_p = Apun[i] * P[i];
    for (t in 1:Tsubj[i]) {
      int c = choice[i, t];
      c ~ categorical_logit(Qr + Qp);
      Qr *= keep_r;
      Qp *= keep_p;
      Qr[c] += step_r * gain[i, t];
      Qp[c] += step_p * loss[i, t];
    }
  }
}
generated quantities {
  real mu_Arew = Phi_approx(mu_pr[1]);
  real mu_Apun = Phi_approx(mu_pr[2]);
  real mu_R = 30 * Phi_approx(mu_pr[3]);
  real mu_P = 30 * Phi_approx(mu_pr[4]);
}
