#ifndef RESCORLA_TOOLS_TEST_PROFILE_HPP
#define RESCORLA_TOOLS_TEST_PROFILE_HPP

// Profile confidence limits against closed forms and brute force.

#include <cmath>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/optimise.hpp"
#include "rescorla/inference/profile.hpp"
#include "test-fits.hpp"

namespace test_profile {

using namespace rescorla::inference;

constexpr double drop = 1.920729410347062;  // qchisq(0.95, 1) / 2

inline profile_results profile(const mock::likelihood& target, problem what, const results& fits) {
  check::that(what.prepare(target) == problem_error::none, "prepare");
  std::vector<int> which;
  for (int j = 0; j < what.size(); ++j) which.push_back(j);
  profile_results out;
  out.resize(target.units(), what.size());
  profiler mine(target, what);
  for (int group = 0; group < target.groups(); ++group) {
    check::that(mine.run(group, fits, drop, which, options{}, out), "profiled");
  }
  return out;
}

/// A correlated normal: the limits are those of the marginal variance, cut at the box.
inline void quadratic() {
  const double s[3] = {40.0, 25.0, 30.0}, determinant = 40.0 * 30.0 - 25.0 * 25.0;
  const double centre[2][2] = {{0.5, 0.4}, {0.2, 0.9}};
  const mock::likelihood target(2, 2, 8, 3, [&](int unit, const double* x, mock::evaluation& out) {
    const double a = x[0] - centre[unit][0], b = x[1] - centre[unit][1];
    out.value = -0.5 * (s[0] * a * a + 2.0 * s[1] * a * b + s[2] * b * b);
    out.gradient = {-s[0] * a - s[1] * b, -s[1] * a - s[2] * b};
    out.information.assign(s, s + 3);
  });
  const std::vector<double> starts(4, 0.5);
  // A box so wide that the first unit's other parameter never meets it.
  const problem what = test_fits::box({-2.0, -2.0}, {3.0, 3.0}, 1, starts);
  const results fits = test_fits::fit(target, what);
  const profile_results out = profile(target, what, fits);
  const double sd[2] = {std::sqrt(s[2] / determinant), std::sqrt(s[0] / determinant)};
  for (std::size_t u = 0; u < 2; ++u) {
    for (std::size_t j = 0; j < 2; ++j) {
      const double reach = std::sqrt(2.0 * drop) * sd[j];
      check::near(out.lower[2 * u + j], centre[u][j] - reach, 1e-7, "lower limit");
      check::near(out.upper[2 * u + j], centre[u][j] + reach, 1e-7, "upper limit");
      check::that(out.lower_kind[2 * u + j] == static_cast<int>(limit::found), "found");
    }
    check::that(out.improved[u] == 0, "nothing better");
  }
  const problem tight = test_fits::box({0.0, 0.0}, {1.0, 1.0}, 1, starts);
  const results cut = test_fits::fit(target, tight);
  const profile_results limits = profile(target, tight, cut);
  check::that(limits.lower[2] == 0.0 && limits.lower_kind[2] == static_cast<int>(limit::edge),
              "limited by the lower bound");
  check::that(limits.upper[3] == 1.0 && limits.upper_kind[3] == static_cast<int>(limit::edge),
              "limited by the upper bound");
}

/// Binomial: log-likelihood falls by `drop` at roots found by bisection; k = 0 lies on the bound.
inline void binomial() {
  const double n = 30.0, k[3] = {0.0, 4.0, 30.0};
  const auto value = [&](int unit, double p) {
    const double s = k[unit];
    return (s > 0.0 ? s * std::log(p) : 0.0) + (n - s > 0.0 ? (n - s) * std::log1p(-p) : 0.0);
  };
  const mock::likelihood target(3, 1, 4, 1, [&](int unit, const double* x, mock::evaluation& out) {
    const double p = x[0], s = k[unit];
    out.value = value(unit, p);
    out.gradient = {(s > 0.0 ? s / p : 0.0) - (n - s > 0.0 ? (n - s) / (1.0 - p) : 0.0)};
    out.information = {n / (std::fmax(p, 1e-12) * std::fmax(1.0 - p, 1e-12))};
  });
  const std::vector<double> starts = {0.5, 0.5, 0.5};
  const problem what = test_fits::box({0.0}, {1.0}, 1, starts);
  const results fits = test_fits::fit(target, what);
  check::that(fits.estimate[0] == 0.0 && fits.estimate[2] == 1.0, "estimates on the bounds");
  const profile_results out = profile(target, what, fits);
  for (int unit = 0; unit < 3; ++unit) {
    const std::size_t u = static_cast<std::size_t>(unit);
    const double top = k[unit] / n;
    for (const double end : {0.0, 1.0}) {
      if (top == end) continue;
      double inside = top, outside = end;
      for (int step = 0; step < 200; ++step) {
        const double middle = 0.5 * (inside + outside);
        (value(unit, middle) > value(unit, top) - drop ? inside : outside) = middle;
      }
      check::near((end == 0.0 ? out.lower : out.upper)[u], inside, 1e-7, "binomial limit");
    }
  }
  check::that(out.lower[0] == 0.0 && out.lower_kind[0] == static_cast<int>(limit::edge),
              "the estimate's own bound");
}

/// Rescorla-Wagner: at a limit the best of a fine grid over the other parameter is `drop` lower.
inline void rescorla_wagner() {
  const int units = 6;
  const std::vector<mock::session> data = test_fits::sessions(units, 150);
  const mock::likelihood target(units, 2, 4, 1, [&](int unit, const double* x, auto& out) {
    mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 2, x, out);
  });
  const std::vector<double> starts = test_fits::rw_starts(units, 2, 8);
  const problem what = test_fits::rw_problem(2, 8, starts);
  const results fits = test_fits::fit(target, what);
  const profile_results out = profile(target, what, fits);
  for (int unit = 0; unit < units; ++unit) {
    for (std::size_t j = 0; j < 2; ++j) {
      const std::size_t at = 2 * static_cast<std::size_t>(unit) + j;
      for (int side = 0; side < 2; ++side) {
        const double t = side == 0 ? out.lower[at] : out.upper[at];
        const int kind = side == 0 ? out.lower_kind[at] : out.upper_kind[at];
        check::that(kind != static_cast<int>(limit::failed), "limit found");
        double best = -1e300;
        for (int i = 0; i <= 4000; ++i) {
          double x[2];
          x[j] = t;
          x[1 - j] = j == 0 ? 0.05 * std::exp(i * std::log(2000.0) / 4000.0) : i / 4000.0;
          mock::evaluation e;
          e.gradient.assign(2, 0.0);
          e.information.assign(3, 0.0);
          mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 2, x, e);
          best = std::fmax(best, e.value);
        }
        const double deficit = fits.log_likelihood[at / 2] - best;
        check::that(kind == static_cast<int>(limit::edge) ? deficit < drop + 1e-3
                                                          : std::fabs(deficit - drop) < 1e-3,
                    "the profile at the limit");
      }
    }
  }
}

inline void run() {
  quadratic();
  binomial();
  rescorla_wagner();
}

}  // namespace test_profile

#endif
