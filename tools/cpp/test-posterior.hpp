#ifndef RESCORLA_TOOLS_TEST_POSTERIOR_HPP
#define RESCORLA_TOOLS_TEST_POSTERIOR_HPP

// Maximum a posteriori fits and Laplace evidence against conjugate models.

#include <cmath>
#include <limits>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/optimise.hpp"
#include "test-fits.hpp"

namespace test_posterior {

using namespace rescorla::inference;

/// Two normal means with known variances under normal priors: everything is exact.
inline void normal() {
  const double y[2] = {1.3, -0.4}, precision[2] = {4.0, 9.0}, prior_mean[2] = {0.2, 0.5};
  const double prior_sd[2] = {2.0, 0.7};
  const mock::likelihood target(1, 2, 2, 1, [&](int, const double* x, mock::evaluation& out) {
    for (std::size_t j = 0; j < 2; ++j) {
      const double a = y[j] - x[j];
      out.value += -0.5 * precision[j] * a * a + 0.5 * std::log(precision[j] / (2.0 * M_PI));
      out.gradient[j] = precision[j] * a;
    }
    out.information = {precision[0], 0.0, precision[1]};
  });
  const double inf = std::numeric_limits<double>::infinity();
  problem what = test_fits::box({-50.0, -50.0}, {50.0, 50.0}, 2, {});
  const std::vector<double> points = {0.0, 0.0, 5.0, -5.0};
  what.lower = {-inf, -inf};
  what.upper = {inf, inf};
  what.start_values = points.data();
  what.posterior = true;
  what.links = {link::identity, link::identity};
  what.priors = {{prior_kind::normal, prior_mean[0], prior_sd[0]},
                 {prior_kind::normal_natural, prior_mean[1], prior_sd[1]}};
  const results out = test_fits::fit(target, what);
  double evidence = 0.0;
  for (std::size_t j = 0; j < 2; ++j) {
    const double p = 1.0 / (prior_sd[j] * prior_sd[j]), total = precision[j] + p;
    check::near(out.estimate[j], (precision[j] * y[j] + p * prior_mean[j]) / total, 1e-9, "mode");
    check::near(out.hessian_real[3 * j], total, 1e-7, "posterior precision");
    check::near(out.hessian[3 * j], precision[j], 1e-7, "likelihood precision");
    const double variance = 1.0 / precision[j] + prior_sd[j] * prior_sd[j];
    const double a = y[j] - prior_mean[j];
    evidence += -0.5 * std::log(2.0 * M_PI * variance) - 0.5 * a * a / variance;
  }
  check::that(test_fits::is(out, 0, outcome::converged), "normal converged");
  check::near(out.log_evidence[0], evidence, 1e-8, "Laplace is exact for a normal posterior");
}

/// k successes of n under a Beta prior, on the logit scale: mode (a + k) / (a + b + n).
inline void binomial() {
  const double n = 40.0, a = 1.5, b = 2.5;
  const double k[3] = {0.0, 13.0, 40.0};
  const mock::likelihood target(3, 1, 4, 1, [&](int unit, const double* x, mock::evaluation& out) {
    const double p = x[0], s = k[unit];
    out.value = (s > 0.0 ? s * std::log(p) : 0.0) + (n - s > 0.0 ? (n - s) * std::log1p(-p) : 0.0);
    out.gradient = {(s > 0.0 ? s / p : 0.0) - (n - s > 0.0 ? (n - s) / (1.0 - p) : 0.0)};
    out.information = {n / (p * (1.0 - p))};
  });
  problem what = test_fits::box({0.0}, {1.0}, 2, {});
  const std::vector<double> points = {0.5, 0.05, 0.5, 0.05, 0.5, 0.05};
  what.start_values = points.data();
  for (const link kind : {link::logit, link::probit}) {
    what.posterior = true;
    what.links = {kind};
    what.priors = {{prior_kind::beta, a, b}};
    const results out = test_fits::fit(target, what);
    for (std::size_t unit = 0; unit < 3; ++unit) {
      check::that(test_fits::is(out, static_cast<int>(unit), outcome::converged), "binomial");
      const double p = out.estimate[unit];
      if (kind == link::logit) {
        check::near(p, (a + k[unit]) / (a + b + n), 1e-9, "mode on the logit scale");
        check::near(out.hessian_real[unit], (a + b + n) * p * (1.0 - p), 1e-6, "curvature in z");
      }
      const double curvature = k[unit] / (p * p) + (n - k[unit]) / ((1.0 - p) * (1.0 - p));
      check::near(out.hessian[unit], curvature, 1e-5, "curvature of the likelihood in x");
      const double exact = std::lgamma(a + k[unit]) + std::lgamma(b + n - k[unit]) -
                           std::lgamma(a + b + n) + std::lgamma(a + b) - std::lgamma(a) -
                           std::lgamma(b);
      check::near(out.log_evidence[unit], exact, unit == 1 ? 0.005 : 0.03, "Laplace evidence");
      check::that(out.at_bound[unit] == 0, "no bound on the real line");
    }
  }
  // With a flat prior in z and no successes the mode is infinitely far: an edge of the search.
  what.links = {link::logit};
  what.priors = {{prior_kind::none, 0.0, 1.0}};
  const results out = test_fits::fit(target, what);
  check::that(out.at_bound[0] == static_cast<int>(edge::search_lower), "edge of the real line");
  check::near(out.estimate[1], 13.0 / 40.0, 1e-8, "a flat prior gives the likelihood's maximum");
}

/// A Poisson count under a Gamma prior, on the log scale, priors by unit.
inline void poisson() {
  const double counts[2] = {7.0, 3.0};
  const mock::likelihood target(2, 1, 2, 1, [&](int unit, const double* x, mock::evaluation& out) {
    out.value = counts[unit] * std::log(x[0]) - x[0];
    out.gradient = {counts[unit] / x[0] - 1.0};
    out.information = {1.0 / x[0]};
  });
  problem what = test_fits::box({0.0}, {100.0}, 1, {});
  const std::vector<double> points = {1.0, 50.0};
  what.upper = {std::numeric_limits<double>::infinity()};
  what.start_values = points.data();
  what.posterior = true;
  what.links = {link::log};
  what.priors = {{prior_kind::gamma, 2.0, 0.5}, {prior_kind::gamma, 1.2, 3.0}};
  const results out = test_fits::fit(target, what);
  check::near(out.estimate[0], 9.0 / 1.5, 1e-9, "mode on the log scale");
  check::near(out.estimate[1], 4.2 / 4.0, 1e-9, "priors by unit");
  check::near(out.hessian_real[1], 4.2, 1e-6, "curvature on the log scale");
}

/// The gradient of the reported mode vanishes for a model without a closed form.
inline void rescorla_wagner() {
  const int units = 10;
  const std::vector<mock::session> data = test_fits::sessions(units, 80);
  const mock::likelihood target(units, 3, 8, 1, [&](int unit, const double* x, auto& out) {
    mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 3, x, out);
  });
  const std::vector<double> points = test_fits::rw_starts(units, 3, 5);
  problem what = test_fits::rw_problem(3, 5, points);
  what.posterior = true;
  what.links = {link::logit, link::probit, link::log};
  what.priors = {
      {prior_kind::beta, 1.1, 1.1}, {prior_kind::normal, 0.0, 1.0}, {prior_kind::gamma, 1.2, 0.2}};
  const results out = test_fits::fit(target, what);
  for (int unit = 0; unit < units; ++unit) {
    const std::size_t u = static_cast<std::size_t>(unit);
    check::that(test_fits::is(out, unit, outcome::converged), "posterior converged");
    check::that(out.scaled_gradient[u] < 1e-6, "scaled gradient");
    check::that(std::isfinite(out.log_evidence[u]), "evidence");
    for (int j = 0; j < 3; ++j) {
      const double x = out.estimate[3 * u + static_cast<std::size_t>(j)];
      const transform map = what.map(unit, j);
      const double z = map.real(x);
      const transform_point t = map.at(z);
      const prior& p = what.priors[static_cast<std::size_t>(j)];
      const prior_value q = evaluate_prior(p, prior_constant(p), map, z, t);
      check::near(out.gradient[3 * u + static_cast<std::size_t>(j)] * t.dx + q.first, 0.0, 1e-5,
                  "stationary in z");
    }
  }
}

inline void run() {
  normal();
  binomial();
  poisson();
  rescorla_wagner();
}

}  // namespace test_posterior

#endif
