#ifndef RESCORLA_TOOLS_TEST_FITS_HPP
#define RESCORLA_TOOLS_TEST_FITS_HPP

// Maximum-likelihood fits of functions whose maxima are known in closed form or found on a grid.

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/optimise.hpp"

namespace test_fits {

using namespace rescorla::inference;

/// A box for all units, its edges the parameters' own bounds.
inline problem box(const std::vector<double>& lower, const std::vector<double>& upper, int starts,
                   const std::vector<double>& points) {
  problem what;
  what.lower = what.search_lower = what.fixed = lower;
  what.upper = what.search_upper = upper;
  for (std::size_t j = 0; j < lower.size(); ++j) what.free.push_back(static_cast<int>(j));
  what.starts = starts;
  what.start_values = points.data();
  return what;
}

/// Learning rates in [0, 1], inverse temperature at least 0 and searched up to 100.
inline problem rw_problem(int size, int starts, const std::vector<double>& points) {
  const std::size_t n = static_cast<std::size_t>(size);
  problem what = box(std::vector<double>(n, 0.0), std::vector<double>(n, 1.0), starts, points);
  what.search_upper[n - 1] = 100.0;
  what.upper[n - 1] = std::numeric_limits<double>::infinity();
  return what;
}

inline std::vector<double> rw_starts(int units, int size, int starts) {
  std::mt19937_64 random(7);
  std::vector<double> points;
  for (int i = 0; i < units * starts; ++i) {
    for (int j = 0; j < size; ++j) {
      const double u = static_cast<double>(random() >> 11) / 9007199254740992.0;
      points.push_back(j < size - 1 ? 1.0 / (1.0 + std::exp(5.0 - 8.0 * u))
                                    : 0.3 * std::exp(u * std::log(250.0)));
    }
  }
  return points;
}

inline std::vector<mock::session> sessions(int units, int trials) {
  std::vector<mock::session> data;
  for (int unit = 0; unit < units; ++unit) {
    const double alpha = 0.1 + 0.8 * std::fmod(unit * 0.618, 1.0);
    data.push_back(mock::simulate(alpha, alpha, 1.0 + 6.0 * std::fmod(unit * 0.414, 1.0), trials,
                                  static_cast<unsigned>(unit) + 1));
  }
  return data;
}

inline results fit(const mock::likelihood& target, problem what) {
  check::that(what.prepare(target) == problem_error::none, "prepare");
  results out;
  out.resize(target.units(), what.size(), what.posterior);
  optimiser<> mine(target, what);
  for (int group = 0; group < target.groups(); ++group) mine.run(group, options{}, out);
  return out;
}

inline bool is(const results& out, int unit, outcome status) {
  return out.status[static_cast<std::size_t>(unit)] == static_cast<int>(status);
}

/// f = -(x - m)' S (x - m) / 2, m outside the box for some units.
inline void quadratics() {
  const double s[3] = {2.0, 1.2, 1.5};  // packed
  const double centres[4][2] = {{0.3, 0.6}, {1.4, 0.5}, {-0.5, 0.5}, {2.0, -1.0}};
  const mock::likelihood target(4, 2, 4, 1, [&](int unit, const double* x, mock::evaluation& out) {
    const double a = x[0] - centres[unit][0], b = x[1] - centres[unit][1];
    out.value = -0.5 * (s[0] * a * a + 2.0 * s[1] * a * b + s[2] * b * b) - 3.0;
    out.gradient = {-s[0] * a - s[1] * b, -s[1] * a - s[2] * b};
    out.information.assign(s, s + 3);
  });
  const std::vector<double> starts = {0.5, 0.5, 0.1, 0.9, 0.5, 0.5, 0.1, 0.9,
                                      0.5, 0.5, 0.1, 0.9, 0.5, 0.5, 0.1, 0.9};
  const results out = fit(target, box({0.0, 0.0}, {1.0, 1.0}, 2, starts));
  for (int unit = 0; unit < 4; ++unit) {
    // The maximum in the box: the best of all ways of holding parameters at bounds.
    double best = -1e300, where[2] = {0.0, 0.0};
    for (int i = 0; i <= 1000; ++i) {
      for (int j = 0; j < 2; ++j) {
        for (double edge : {0.0, 1.0, -1.0}) {
          double p[2];
          p[1 - j] = i / 1000.0;
          const double shift = p[1 - j] - centres[unit][1 - j];
          p[j] = edge >= 0.0 ? edge : centres[unit][j] - s[1] * shift / s[2 * j];
          if (p[j] < 0.0 || p[j] > 1.0) continue;
          const double a = p[0] - centres[unit][0], b = p[1] - centres[unit][1];
          const double f = -0.5 * (s[0] * a * a + 2.0 * s[1] * a * b + s[2] * b * b) - 3.0;
          if (f > best) {
            best = f;
            where[0] = p[0];
            where[1] = p[1];
          }
        }
      }
    }
    const std::size_t u = static_cast<std::size_t>(unit);
    check::that(is(out, unit, outcome::converged), "quadratic converged");
    check::that(out.log_likelihood[u] >= best - 1e-12, "quadratic: the box's maximum");
    for (std::size_t j = 0; j < 2; ++j) {
      check::near(out.estimate[2 * u + j], where[j], 1e-3, "quadratic: its place");
      const int side = out.at_bound[2 * u + j];
      const double g = out.gradient[2 * u + j];
      check::that(side == 0 ? std::fabs(g) < 1e-7 : g * side >= 0.0, "Karush, Kuhn and Tucker");
      check::that(side == 0 || out.estimate[2 * u + j] == (side < 0 ? 0.0 : 1.0),
                  "exactly at the bound");
      check::near(out.hessian[4 * u + 2 * j + j], s[2 * j], 1e-6, "curvature");
      check::near(out.hessian[4 * u + 2 * j + 1 - j], s[1], 1e-6, "curvature");
    }
    check::that(out.starts_agree[u] == 2 && out.starts_failed[u] == 0, "both starts agree");
  }
  check::near(out.estimate[0], 0.3, 1e-9, "interior maximum");
  check::that(out.at_bound[2] == 1, "upper bound flagged");
}

/// Rosenbrock's valley, as least squares: the information is that of Gauss and Newton.
inline void valley() {
  const mock::likelihood target(1, 2, 2, 1, [](int, const double* x, mock::evaluation& out) {
    const double a = 1.0 - x[0], b = 10.0 * (x[1] - x[0] * x[0]);
    out.value = -0.5 * (a * a + b * b);
    out.gradient = {a + 20.0 * x[0] * b, -10.0 * b};
    out.information = {1.0 + 400.0 * x[0] * x[0], -200.0 * x[0], 100.0};
  });
  const results out = fit(target, box({-5.0, -5.0}, {5.0, 5.0}, 2, {-1.2, 1.0, 4.0, -4.0}));
  check::that(is(out, 0, outcome::converged), "valley converged");
  check::near(out.estimate[0], 1.0, 1e-8, "valley");
  check::near(out.estimate[1], 1.0, 1e-8, "valley");
  check::near(out.hessian[0], 401.0, 1e-5, "valley, curvature");
  check::near(out.hessian[1], -200.0, 1e-5, "valley, curvature");
}

/// Two parameters of Rescorla-Wagner against a grid, refined around its best point.
inline void rescorla_wagner() {
  const int units = 12;
  const std::vector<mock::session> data = sessions(units, 80);
  const auto value = [&](int unit, double alpha, double beta, mock::evaluation& out) {
    out.value = 0.0;
    out.gradient.assign(2, 0.0);
    out.information.assign(3, 0.0);
    const double x[2] = {alpha, beta};
    mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 2, x, out);
    return out.value;
  };
  mock::evaluation e;
  value(0, 0.3, 2.0, e);
  const std::vector<double> g = e.gradient;
  const double h = 1e-6;
  check::near(g[0], (value(0, 0.3 + h, 2.0, e) - value(0, 0.3 - h, 2.0, e)) / (2 * h), 1e-7, "rw");
  check::near(g[1], (value(0, 0.3, 2.0 + h, e) - value(0, 0.3, 2.0 - h, e)) / (2 * h), 1e-7, "rw");
  const mock::likelihood target(units, 2, 8, 1, [&](int unit, const double* x, auto& out) {
    mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 2, x, out);
  });
  const std::vector<double> starts = rw_starts(units, 2, 8);
  const results out = fit(target, rw_problem(2, 8, starts));
  for (int unit = 0; unit < units; ++unit) {
    const std::size_t u = static_cast<std::size_t>(unit);
    double best = -1e300, alpha = 0.0, beta = 0.0;
    for (int i = 0; i <= 100; ++i) {
      for (int j = 0; j <= 100; ++j) {
        const double a = i / 100.0, b = 0.1 * std::exp(j * std::log(1000.0) / 100.0);
        if (value(unit, a, b, e) > best) {
          best = e.value;
          alpha = a;
          beta = b;
        }
      }
    }
    for (double width = 0.03; width > 1e-7; width *= 0.5) {
      for (int i = -4; i <= 4; ++i) {
        for (int j = -4; j <= 4; ++j) {
          const double a = std::fmin(std::fmax(alpha + i * width / 4.0, 0.0), 1.0);
          const double b = std::fmin(beta * std::exp(j * width), 100.0);
          if (value(unit, a, b, e) > best) {
            best = e.value;
            alpha = a;
            beta = b;
          }
        }
      }
    }
    check::that(is(out, unit, outcome::converged), "rw converged");
    check::that(out.log_likelihood[u] >= best - 1e-9, "rw: as good as the grid");
    check::that(out.evaluations[u] > 0 && out.iterations[u] > 0, "counted");
    // The observed curvature against differences of the gradient, where nothing is at a bound.
    if (out.at_bound[2 * u] != 0 || out.at_bound[2 * u + 1] != 0) continue;
    const double a = out.estimate[2 * u], b = out.estimate[2 * u + 1], step = 1e-5;
    value(unit, a + step, b, e);
    const std::vector<double> up = e.gradient;
    value(unit, a - step, b, e);
    check::near(out.hessian[4 * u], -(up[0] - e.gradient[0]) / (2 * step), 1e-5, "rw, curvature");
    check::near(out.hessian[4 * u + 1], -(up[1] - e.gradient[1]) / (2 * step), 1e-5, "curvature");
  }
}

/// One parameter, -log of the sum of 1 + (distances to three centres)^2 ...: three maxima.
inline void several_maxima() {
  const mock::likelihood target(1, 1, 4, 2, [](int, const double* x, mock::evaluation& out) {
    const double t = x[0];
    out.value = std::sin(3.0 * t) - 0.1 * (t - 2.0) * (t - 2.0);
    out.gradient = {3.0 * std::cos(3.0 * t) - 0.2 * (t - 2.0)};
    out.information = {3.0};
  });
  const results out = fit(target, box({-6.0}, {6.0}, 6, {-5.5, -3.5, -1.0, 2.4, 2.9, 5.0}));
  double best = -1e300;
  for (int i = 0; i <= 1200000; ++i) {
    const double t = -6.0 + i * 1e-5;
    best = std::fmax(best, std::sin(3.0 * t) - 0.1 * (t - 2.0) * (t - 2.0));
  }
  check::that(is(out, 0, outcome::converged), "several maxima converged");
  check::near(out.log_likelihood[0], best, 1e-9, "the highest of several maxima");
  check::that(out.starts_agree[0] >= 2 && out.starts_agree[0] <= 5, "some starts agree");
}

/// A candidate per start that is better by far is the one that is climbed.
inline void candidates() {
  const mock::likelihood target(1, 1, 2, 1, [](int, const double* x, mock::evaluation& out) {
    const double a = std::fabs(x[0]) - 3.0;  // two maxima; the positive one is higher
    out.value = -0.5 * a * a + 0.1 * x[0];
    out.gradient = {(x[0] < 0.0 ? a : -a) + 0.1};
    out.information = {1.0};
  });
  problem what = box({-6.0}, {6.0}, 1, {-2.0, 1.5, -5.0});
  const std::vector<double> points = {-2.0, 2.5, -5.0};
  what.candidates = 3;
  what.start_values = points.data();
  check::near(fit(target, what).estimate[0], 3.1, 1e-9, "the best candidate");
}

inline void flat_directions() {
  // Unit 0: the second parameter does nothing. Unit 1: only the sum of the two matters.
  const mock::likelihood target(2, 2, 2, 1, [](int unit, const double* x, mock::evaluation& out) {
    const double a = unit == 0 ? x[0] - 0.4 : x[0] + x[1] - 0.7, w = 50.0;
    out.value = -0.5 * w * a * a;
    out.gradient = {-w * a, unit == 0 ? 0.0 : -w * a};
    out.information = {w, unit == 0 ? 0.0 : w, unit == 0 ? 0.0 : w};
  });
  const results out = fit(target, box({0.0, 0.0}, {1.0, 1.0}, 1, {0.2, 0.5, 0.1, 0.2}));
  check::that(is(out, 0, outcome::converged) && is(out, 1, outcome::converged), "flat converged");
  check::near(out.estimate[0], 0.4, 1e-8, "flat: the other is found");
  check::near(out.estimate[1], 0.5, 1e-12, "flat: stays where it started");
  check::that(out.flat[0] == 0 && out.flat[1] == 1, "flat parameter flagged");
  check::that(out.flat[2] == 1 && out.flat[3] == 1, "flat direction flagged");
  check::near(out.estimate[2] + out.estimate[3], 0.7, 1e-8, "the sum is found");
}

inline void invalid_regions() {
  // Unit 0: -Inf above 1. Unit 1: -Inf everywhere. Unit 2: -Inf at its first start only.
  const mock::likelihood target(3, 1, 4, 1, [](int unit, const double* x, mock::evaluation& out) {
    const double t = x[0];
    out.value = std::log(t) - 0.5 * t;  // maximum at 2
    out.gradient = {1.0 / t - 0.5};
    out.information = {1.0 / (t * t)};
    const bool outside = unit == 0 ? t > 1.0 : unit == 1 ? true : t > 4.0;
    if (outside) out.value = -std::numeric_limits<double>::infinity();
  });
  const results out = fit(target, box({0.01}, {10.0}, 2, {0.1, 0.5, 0.1, 0.5, 8.0, 0.5}));
  check::near(out.estimate[0], 1.0, 1e-6, "climbs up to the invalid region");
  check::that(!is(out, 0, outcome::converged), "which is no maximum");
  check::that(is(out, 1, outcome::no_finite_start), "no finite start");
  check::that(std::isnan(out.log_likelihood[1]) && out.starts_failed[1] == 2, "no values");
  check::that(is(out, 2, outcome::converged), "a neighbour's failure has no effect");
  check::near(out.estimate[2], 2.0, 1e-8, "a failed start has no effect");
  check::that(out.starts_failed[2] == 1 && out.starts_agree[2] == 1, "one start failed");
}

/// Starts on the axis x = 0 climb to the saddle at (0, 0); the maxima are at (+-1, 0).
inline void saddle() {
  const mock::likelihood target(1, 2, 1, 1, [](int, const double* x, mock::evaluation& out) {
    const double a = x[0] * x[0] - 1.0;
    out.value = -a * a - x[1] * x[1];
    out.gradient = {-4.0 * a * x[0], -2.0 * x[1]};
    out.information = {8.0, 0.0, 2.0};
  });
  const results out = fit(target, box({-3.0, -3.0}, {3.0, 3.0}, 1, {0.0, 2.0}));
  check::that(is(out, 0, outcome::converged), "saddle left");
  check::near(std::fabs(out.estimate[0]), 1.0, 1e-7, "saddle left for a maximum");
}

/// Perfectly separated choices: the likelihood rises for ever, ever less.
inline void asymptote() {
  const mock::likelihood target(1, 1, 2, 1, [](int, const double* x, mock::evaluation& out) {
    const double e = std::exp(-x[0]);
    out.value = -20.0 * std::log1p(e);
    out.gradient = {20.0 * e / (1.0 + e)};
    out.information = {20.0 * e / ((1.0 + e) * (1.0 + e))};
  });
  problem what = box({0.0}, {100.0}, 2, {});
  const std::vector<double> points = {1.0, 5.0};
  what.upper[0] = std::numeric_limits<double>::infinity();
  what.start_values = points.data();
  const results out = fit(target, what);
  check::that(is(out, 0, outcome::converged), "asymptote converged");
  check::that(out.estimate[0] == 100.0, "at the edge of the search");
  check::that(out.at_bound[0] == static_cast<int>(edge::search_upper), "flagged as search edge");
}

/// Fixed values and bounds by unit; only the second of three directions is free.
inline void by_unit() {
  const mock::likelihood target(2, 3, 2, 1, [](int, const double* x, mock::evaluation& out) {
    const double a = x[1] - x[0] - 0.1 * x[2];
    out.value = -a * a;
    out.gradient = {2.0 * a, -2.0 * a, 0.2 * a};
    out.information = {2.0, -2.0, 2.0, 0.2, -0.2, 0.02};
  });
  problem what = box({0.0, 0.0}, {10.0, 3.0}, 1, {});
  const std::vector<double> points = {1.0, 1.0};
  what.free = {1};
  what.fixed = {2.0, -7.0, 5.0, 4.0, -7.0, 5.0};
  what.start_values = points.data();
  const results out = fit(target, what);
  check::near(out.estimate[0], 2.5, 1e-9, "fixed values by unit");
  check::that(out.estimate[1] == 3.0 && out.at_bound[1] == 1, "bounds by unit");
}

inline void run() {
  quadratics();
  valley();
  rescorla_wagner();
  several_maxima();
  candidates();
  flat_directions();
  invalid_regions();
  saddle();
  asymptote();
  by_unit();
}

}  // namespace test_fits

#endif
