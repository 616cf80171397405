#ifndef RESCORLA_TOOLS_TEST_SCALES_HPP
#define RESCORLA_TOOLS_TEST_SCALES_HPP

// Transforms, priors and the small linear algebra of the inference layer.

#include <cmath>
#include <vector>

#include "check.hpp"
#include "rescorla/inference/dense.hpp"
#include "rescorla/inference/prior.hpp"
#include "rescorla/inference/transform.hpp"

namespace test_scales {

using namespace rescorla::inference;

inline void transforms() {
  check::near(normal_quantile(0.975, 0.025), 1.959963984540054, 1e-14, "qnorm(0.975)");
  check::near(normal_quantile(1e-10, 1.0), -6.361340902404056, 1e-13, "qnorm(1e-10)");
  const double inf = std::numeric_limits<double>::infinity();
  const transform maps[] = {{link::identity, -inf, inf}, {link::identity, -20.0, 30.0},
                            {link::log, 0.5, inf},       {link::log, -1.0, 200.0},
                            {link::logit, 0.0, 1.0},     {link::logit, -2.0, 3.0},
                            {link::probit, 0.0, 1.0},    {link::probit, -2.0, 5.0}};
  for (const transform& map : maps) {
    check::that(map.valid(), "valid transform");
    for (double z : {-3.1, -0.7, 0.0, 0.4, 2.9}) {
      const double h = 1e-5;
      const transform_point t = map.at(z), up = map.at(z + h), down = map.at(z - h);
      check::near(map.real(map.natural(z)), z, 1e-11, "real(natural(z))");
      check::near(t.x, map.natural(z), 1e-15, "x");
      check::near(t.dx, (up.x - down.x) / (2 * h), 1e-8, "dx");
      check::near(t.d2x, (up.dx - down.dx) / (2 * h), 1e-8, "d2x");
      check::near(t.jacobian, std::log(t.dx), 1e-12, "log|dx/dz|");
      check::near(t.jacobian_1, (up.jacobian - down.jacobian) / (2 * h), 1e-8, "jacobian_1");
      check::near(t.jacobian_2, (up.jacobian_1 - down.jacobian_1) / (2 * h), 1e-8, "jacobian_2");
      check::near(t.low_1, (up.low - down.low) / (2 * h), 1e-8, "low_1");
      check::near(t.low_2, (up.low_1 - down.low_1) / (2 * h), 1e-8, "low_2");
      check::near(t.high_1, (up.high - down.high) / (2 * h), 1e-8, "high_1");
      check::near(t.high_2, (up.high_1 - down.high_1) / (2 * h), 1e-8, "high_2");
      if (std::isfinite(map.lower)) check::near(t.low, std::log(t.x - map.lower), 1e-11, "low");
      if (std::isfinite(map.upper)) check::near(t.high, std::log(map.upper - t.x), 1e-11, "high");
      if (map.kind != link::probit) {
        double dx, d2x;
        map.derivatives(t.x, dx, d2x);
        check::near(dx, t.dx, 1e-13, "dx from x");
        check::near(d2x, t.d2x, 1e-13, "d2x from x");
      }
    }
  }
  const transform p = {link::logit, 0.0, 1.0};
  check::near(p.at(40.0).high, -40.0, 1e-14, "log(1 - x) keeps its digits near the bound");
  check::that(!transform{link::log, -inf, inf}.valid(), "log without a lower bound");
  check::that(!transform{link::logit, 0.0, inf}.valid(), "logit without an upper bound");
}

inline void priors() {
  const double inf = std::numeric_limits<double>::infinity();
  struct row {
    prior p;
    transform map;
  };
  const row rows[] = {{{prior_kind::normal, 0.4, 1.7}, {link::logit, 0.0, 1.0}},
                      {{prior_kind::beta, 1.1, 2.4}, {link::logit, 0.0, 1.0}},
                      {{prior_kind::beta, 0.6, 0.7}, {link::probit, -1.0, 3.0}},
                      {{prior_kind::beta, 2.0, 3.0}, {link::identity, 0.0, 2.0}},
                      {{prior_kind::gamma, 1.2, 0.2}, {link::log, 0.0, inf}},
                      {{prior_kind::gamma, 3.0, 2.0}, {link::log, 1.0, inf}},
                      {{prior_kind::normal_natural, 2.0, 3.0}, {link::identity, -inf, inf}},
                      {{prior_kind::uniform, 0.0, 0.0}, {link::logit, -1.0, 4.0}},
                      {{prior_kind::uniform, 0.0, 0.0}, {link::probit, 0.0, 1.0}}};
  for (const row& r : rows) {
    check::that(r.p.valid(r.map), "valid prior");
    const double constant = prior_constant(r.p);
    const auto at = [&](double z) { return evaluate_prior(r.p, constant, r.map, z, r.map.at(z)); };
    const bool bounded = r.map.kind == link::identity && std::isfinite(r.map.lower);
    for (double z : {0.2, 0.9, 1.4}) {
      const double h = 1e-5;
      check::near(at(z).first, (at(z + h).log_density - at(z - h).log_density) / (2 * h), 1e-7,
                  "prior, first derivative");
      check::near(at(z).second, (at(z + h).first - at(z - h).first) / (2 * h), 1e-7,
                  "prior, second derivative");
    }
    const double from = bounded ? r.map.lower : r.map.kind == link::probit ? -8.0 : -40.0;
    const double to = bounded ? r.map.upper : r.map.kind == link::probit ? 8.0 : 40.0;
    const int steps = 40000;
    double integral = 0.0;
    for (int i = 0; i < steps; ++i) {
      integral += std::exp(at(from + (i + 0.5) * (to - from) / steps).log_density);
    }
    check::near(integral * (to - from) / steps, 1.0, 2e-5, "prior integrates to 1 in z");
  }
  check::that(!prior{prior_kind::beta, 0.5, 1.0}.valid({link::identity, 0.0, 1.0}),
              "a density that is infinite at a searched bound");
  check::that(!prior{prior_kind::normal, 0.0, 0.0}.valid({link::identity, 0.0, 1.0}), "sd 0");
}

inline void algebra() {
  const int n = 4;
  double a[16], copy[16], v[16], b[4] = {1.0, -2.0, 0.5, 3.0}, x[4];
  std::vector<double> s(static_cast<std::size_t>(packed_size(n)));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      a[i * n + j] = copy[i * n + j] =
          (i == j ? 3.0 : 0.0) + std::cos(i * j + 1.0) + std::cos(i + j);
      if (i <= j) s[static_cast<std::size_t>(packed(i, j))] = a[i * n + j];
    }
    x[i] = b[i];
  }
  symmetric_eigen(n, copy, v);
  double log_determinant = 0.0;
  for (int i = 0; i < n; ++i) log_determinant += std::log(copy[i * n + i]);
  check::that(cholesky(n, a), "positive definite");
  check::near(cholesky_log_determinant(n, a), log_determinant, 1e-13, "log determinant");
  cholesky_solve(n, a, x);
  double y[4], quadratic = 0.0;
  packed_multiply(n, s.data(), x, y);
  for (int i = 0; i < n; ++i) {
    check::near(y[i], b[i], 1e-13, "A A^-1 b");
    quadratic += x[i] * b[i];
  }
  check::near(packed_quadratic(n, s.data(), x), quadratic, 1e-13, "quadratic form");
  double indefinite[4] = {1.0, 2.0, 2.0, 1.0};
  check::that(!cholesky(2, indefinite), "indefinite");
}

inline void run() {
  transforms();
  priors();
  algebra();
}

}  // namespace test_scales

#endif
