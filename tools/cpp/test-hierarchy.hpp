#ifndef RESCORLA_TOOLS_TEST_HIERARCHY_HPP
#define RESCORLA_TOOLS_TEST_HIERARCHY_HPP

// Scales of hierarchical models and fitted effects; what the tests of their parts share.

#include <algorithm>
#include <atomic>
#include <functional>
#include <cmath>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/fitted_effects.hpp"
#include "rescorla/inference/hyper_prior.hpp"
#include "rescorla/inference/unit_batch.hpp"

namespace test_hierarchy {

using namespace rescorla::inference;

/// Numbers about 0, the same everywhere.
class numbers {
 public:
  explicit numbers(unsigned seed) : random_(seed) {}
  double operator()() { return static_cast<double>(random_() >> 11) / 4503599627370496.0 - 1.0; }
  std::vector<double> several(std::size_t n, double scale = 1.0) {
    std::vector<double> x(n);
    for (double& v : x) v = scale * (*this)();
    return x;
  }
  /// A full symmetric matrix, positive definite.
  std::vector<double> positive(int n, double floor) {
    const std::vector<double> a = several(static_cast<std::size_t>(n * n));
    std::vector<double> m(static_cast<std::size_t>(n * n));
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        double sum = i == j ? floor : 0.0;
        for (int k = 0; k < n; ++k) sum += a[i * n + k] * a[j * n + k];
        m[i * n + j] = sum;
      }
    return m;
  }

 private:
  std::mt19937_64 random_;
};

inline std::vector<double> pack(const std::vector<double>& full, int n) {
  std::vector<double> out;
  for (int j = 0; j < n; ++j)
    for (int i = 0; i <= j; ++i) out.push_back(full[i * n + j]);
  return out;
}

inline double log_determinant(std::vector<double> full, int n) {
  check::that(cholesky(n, full.data()), "positive definite");
  return cholesky_log_determinant(n, full.data());
}

inline std::vector<double> inverse(std::vector<double> full, int n) {
  check::that(cholesky(n, full.data()), "positive definite");
  std::vector<double> out(static_cast<std::size_t>(n * n));
  for (int j = 0; j < n; ++j) {
    std::vector<double> column(static_cast<std::size_t>(n), 0.0);
    column[j] = 1.0;
    cholesky_solve(n, full.data(), column.data());
    for (int i = 0; i < n; ++i) out[i * n + j] = column[i];
  }
  return out;
}

inline void cubic_link() {
  double gap = 0.0;
  for (double z = -8.0; z <= 8.0; z += 0.001)
    gap = std::max(gap, std::fabs(transform{link::cubic, 0.0, 1.0}.natural(z) - normal_cdf(z)));
  check::that(gap < 1.5e-4, "the cubic link is close to the probit");
  check::that(gap > 1.3e-4, "and no closer than the literature has it");
  for (double w : {0.0, 1e-12, -0.3, 2.0, -9.99, 10.01, 35.0, -1e4, 1e9})
    check::near(cubic(cubic_inverse(w)), w, 1e-12, "cubic of its inverse");
  const double inf = std::numeric_limits<double>::infinity();
  check::that(cubic_inverse(inf) == inf && cubic_inverse(-inf) == -inf, "inverse at the ends");
  for (const transform& map :
       {transform{link::cubic, 0.0, 1.0}, transform{link::cubic, -2.0, 5.0}}) {
    check::that(map.valid(), "valid");
    check::that(map.lowest() == -6.0 && map.highest() == 6.0, "range of the search");
    for (double z : {-3.9, -3.1, -0.7, 0.0, 0.4, 1.3, 2.9, 3.5}) {
      const double h = 1e-5;
      const transform_point t = map.at(z), up = map.at(z + h), down = map.at(z - h);
      check::near(map.real(map.natural(z)), z, 1e-8, "real(natural(z))");
      check::near(t.x, map.natural(z), 1e-15, "x");
      check::near(map.slope(z, t.x), t.dx, 1e-10, "slope");
      check::near(t.dx, (map.natural(z + h) - map.natural(z - h)) / (2 * h), 1e-8, "dx");
      check::near(t.d2x, (up.dx - down.dx) / (2 * h), 1e-7, "d2x");
      check::near(t.jacobian, std::log(t.dx), 1e-11, "log|dx/dz|");
      check::near(t.jacobian_1, (up.jacobian - down.jacobian) / (2 * h), 1e-8, "jacobian_1");
      check::near(t.jacobian_2, (up.jacobian_1 - down.jacobian_1) / (2 * h), 1e-8, "jacobian_2");
      check::near(t.low, std::log(t.x - map.lower), 1e-9, "low");
      check::near(t.high, std::log(map.upper - t.x), 1e-9, "high");
      check::near(t.low_1, (up.low - down.low) / (2 * h), 1e-8, "low_1");
      check::near(t.low_2, (up.low_1 - down.low_1) / (2 * h), 1e-8, "low_2");
      check::near(t.high_1, (up.high - down.high) / (2 * h), 1e-8, "high_1");
      check::near(t.high_2, (up.high_1 - down.high_1) / (2 * h), 1e-8, "high_2");
    }
  }
  const transform unit = {link::cubic, 0.0, 1.0};
  check::near(unit.at(6.0).high, -cubic(6.0), 1e-8, "log(1 - x) keeps its digits near the bound");
  check::that(!transform{link::cubic, 0.0, inf}.valid(), "without an upper bound");
}

inline void spread_priors() {
  const spread_prior all[] = {
      {spread_kind::half_normal, 0.2, 0.0},  {spread_kind::half_normal, 3.0, 0.0},
      {spread_kind::half_cauchy, 1.0, 0.0},  {spread_kind::half_cauchy, 5.0, 0.0},
      {spread_kind::half_student, 1.5, 3.0}, {spread_kind::half_student, 0.4, 7.0},
      {spread_kind::exponential, 2.0, 0.0},  {spread_kind::gamma, 2.0, 3.0},
      {spread_kind::gamma, 0.7, 0.5}};
  for (const spread_prior& p : all) {
    double integral = 0.0;
    const double from = -30.0, to = 30.0;
    const int steps = 60000;
    for (int i = 0; i < steps; ++i)
      integral += std::exp(p.at(from + (i + 0.5) * (to - from) / steps).log_density + p.constant());
    check::near(integral * (to - from) / steps, 1.0, 1e-6, "spread prior integrates to 1");
    for (double y : {-4.0, -1.0, 0.0, 0.8, 2.0}) {
      const double h = 1e-5;
      check::near(p.at(y).first, (p.at(y + h).log_density - p.at(y - h).log_density) / (2 * h),
                  1e-7, "spread prior, derivative");
    }
  }
  // Student's t with one degree of freedom is Cauchy's.
  const spread_prior student = {spread_kind::half_student, 0.8, 1.0};
  const spread_prior cauchy = {spread_kind::half_cauchy, 0.8, 0.0};
  check::near(student.at(0.3).log_density + student.constant(),
              cauchy.at(0.3).log_density + cauchy.constant(), 1e-13, "half-Cauchy");
}

/// A smooth function of the effects, their log Jacobian added.
struct of_effects {
  std::vector<double> linear, square;
  double operator()(const std::vector<double>& a, double* gradient) const {
    double value = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      value += linear[i] * a[i] - 0.5 * square[i] * a[i] * a[i] + std::sin(a[i]);
      if (gradient != nullptr) gradient[i] = linear[i] - square[i] * a[i] + std::cos(a[i]);
    }
    return value;
  }
};

inline void effects() {
  for (int n = 1; n <= 3; ++n) {
    const std::size_t size = static_cast<std::size_t>(n);
    numbers draw(static_cast<unsigned>(n));
    const int subjects = 2, s = 1;
    const std::vector<double> q = draw.positive(n, 0.1);
    // The first subject's data tell nothing.
    std::vector<double> curvature(static_cast<std::size_t>(packed_size(n)), 0.0);
    for (double v : pack(q, n)) curvature.push_back(v);
    std::vector<double> pull(size, 0.0);
    const std::vector<double> h = draw.several(size, 2.0);
    pull.insert(pull.end(), h.begin(), h.end());
    fitted_effects fitted(subjects, n, curvature.data(), pull.data());
    std::vector<double> lambda = draw.positive(n, 0.5), mu = draw.several(size);
    std::vector<double> xi = draw.several(size);
    const of_effects f = {draw.several(size), draw.several(size)};
    const auto value = [&](int subject) {
      std::vector<double> a(size);
      double jacobian = 0.0;
      check::that(fitted.place(subject, lambda.data(), mu.data(), xi.data(), a.data(), jacobian),
                  "placed");
      return f(a, nullptr) + jacobian;
    };
    for (int subject = 0; subject < subjects; ++subject) {
      std::vector<double> a(size), g(size), in_xi(size), in_mu(size, 0.5),
          in_lambda(size * size, 0.25);
      double jacobian = 0.0;
      fitted.place(subject, lambda.data(), mu.data(), xi.data(), a.data(), jacobian);
      f(a, g.data());
      fitted.pull_back(subject, lambda.data(), mu.data(), g.data(), in_xi.data(), in_mu.data(),
                       in_lambda.data());
      const double step = 1e-6;
      const auto slope = [&](double& x, double* also) {
        const double x0 = x;
        x = x0 + step;
        if (also != nullptr) *also = x;
        const double up = value(subject);
        x = x0 - step;
        if (also != nullptr) *also = x;
        const double down = value(subject);
        x = x0;
        if (also != nullptr) *also = x;
        return (up - down) / (2 * step);
      };
      for (int i = 0; i < n; ++i) {
        check::near(in_xi[i], slope(xi[i], nullptr), 1e-7, "slope in xi");
        check::near(in_mu[i] - 0.5, slope(mu[i], nullptr), 1e-7, "slope in mu is added");
        for (int j = 0; j <= i; ++j) {
          const double both = in_lambda[i * n + j] + (i == j ? 0.25 : in_lambda[j * n + i]) - 0.5;
          check::near(both, slope(lambda[i * n + j], i == j ? nullptr : &lambda[j * n + i]), 1e-7,
                      "slope in Lambda is added");
        }
      }
    }
    // Nothing told: (a - mu)' Lambda (a - mu) = xi' xi, the form that is not centred.
    std::vector<double> a(size);
    double jacobian = 0.0, left = 0.0, right = 0.0;
    fitted.place(0, lambda.data(), mu.data(), xi.data(), a.data(), jacobian);
    for (int i = 0; i < n; ++i) {
      right += xi[i] * xi[i];
      for (int j = 0; j < n; ++j) left += (a[i] - mu[i]) * lambda[i * n + j] * (a[j] - mu[j]);
    }
    check::near(left, right, 1e-12, "standard normal where data tell nothing");
    check::near(jacobian, -0.5 * log_determinant(lambda, n), 1e-12, "and its Jacobian");
    // All told: the group is of no account.
    std::vector<double> sharp = curvature, strong = pull, b(size);
    for (double& v : sharp) v *= 1e10;
    for (double& v : strong) v *= 1e10;
    fitted_effects sure(subjects, n, sharp.data(), strong.data());
    sure.place(s, lambda.data(), mu.data(), xi.data(), a.data(), jacobian);
    const std::vector<double> best = inverse(q, n);
    for (int i = 0; i < n; ++i) {
      double at = 0.0;
      for (int j = 0; j < n; ++j) at += best[i * n + j] * h[j];
      check::near(a[i], at, 1e-4, "where data tell all");
      mu[i] += 3.0;
    }
    sure.place(s, lambda.data(), mu.data(), xi.data(), b.data(), jacobian);
    for (int i = 0; i < n; ++i) check::near(b[i], a[i], 1e-7, "whatever the group");
    lambda.assign(size * size, -1e3);
    check::that(!fitted.place(s, lambda.data(), mu.data(), xi.data(), a.data(), jacobian),
                "a precision that is none");
  }
}

/// -(x - y_u)' W_u (x - y_u) / 2, whose information is W_u.
struct normal_units {
  int size;
  std::vector<double> y;                       // [unit][P]
  std::vector<std::vector<double>> precision;  // [unit] full
  void operator()(int u, const double* x, mock::evaluation& out) const {
    const double* centre = &y[static_cast<std::size_t>(u * size)];
    for (int j = 0; j < size; ++j)
      for (int i = 0; i < size; ++i) {
        const double w = precision[u][i * size + j];
        out.value -= 0.5 * (x[i] - centre[i]) * w * (x[j] - centre[j]);
        out.gradient[i] -= w * (x[j] - centre[j]);
        if (i <= j) out.information[packed(i, j)] = w;
      }
  }
};

inline normal_units make_units(int units, int size, unsigned seed) {
  numbers draw(seed);
  normal_units f{size, draw.several(static_cast<std::size_t>(units * size)), {}};
  for (int u = 0; u < units; ++u) f.precision.push_back(draw.positive(size, 0.5));
  return f;
}

inline free_parameters on_the_line(int size) {
  free_parameters p;
  for (int k = 0; k < size; ++k) p.direction.push_back(k);
  p.fixed.assign(static_cast<std::size_t>(size), 0.0);
  p.maps.assign(static_cast<std::size_t>(size), transform{});
  return p;
}

inline void in_turn(int count, const std::function<void(int)>& body) {
  for (int i = 0; i < count; ++i) body(i);
}

inline void two_threads(int count, const std::function<void(int)>& body) {
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) body(i);
  };
  std::thread other(work);
  work();
  other.join();
}

inline void run() {
  cubic_link();
  spread_priors();
  effects();
}

}  // namespace test_hierarchy

#endif
