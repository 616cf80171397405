#ifndef RESCORLA_TOOLS_TEST_HIERARCHY_HPP
#define RESCORLA_TOOLS_TEST_HIERARCHY_HPP

// Scales of hierarchical models, fitted effects, and posterior modes of subjects.

#include <atomic>
#include <cmath>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/fitted_effects.hpp"
#include "rescorla/inference/hyper_prior.hpp"
#include "rescorla/inference/laplace.hpp"

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

struct laplace_case {
  laplace_problem problem;
  std::vector<double> mean, precision, offset, start;
};

/// Three effects on two parameters, of which the last has a weight by unit; seven units of three
/// subjects.
inline void fill(laplace_case& c, const std::vector<double>& lambda, numbers& draw) {
  random_effects& layout = c.problem.layout;
  layout.subjects = 3;
  layout.parameters = 2;
  layout.parameter = {0, 1, 1};
  layout.unit_subject = {0, 0, 1, 1, 1, 2, 2};
  layout.weights.clear();
  for (int u = 0; u < 7; ++u)
    for (double w : {1.0, 1.0, u % 2 == 0 ? -0.5 : 1.5}) layout.weights.push_back(w);
  c.mean = draw.several(9);
  c.offset = draw.several(14);
  c.start = draw.several(9, 3.0);
  c.precision = pack(lambda, 3);
  c.problem.mean = c.mean.data();
  c.problem.precision = c.precision.data();
  c.problem.log_determinant = log_determinant(lambda, 3);
  c.problem.offset = c.offset.data();
  c.problem.starts = {c.start.data()};
  c.problem.lower.assign(3, -50.0);
  c.problem.upper.assign(3, 50.0);
  c.problem.tolerance = 1e-9;
}

inline void modes() {
  numbers draw(5);
  const std::vector<double> lambda = draw.positive(3, 0.7);
  laplace_case c;
  fill(c, lambda, draw);
  const random_effects& layout = c.problem.layout;
  const normal_units f = make_units(7, 2, 6);
  const free_parameters free = on_the_line(2);
  const mock::likelihood target(7, 2, 4, 1, f);
  const unit_batch batch(target, free);
  const laplace_result found = laplace(batch, c.problem).run(in_turn);
  for (int s = 0; s < 3; ++s) {
    // H = Lambda + sum W'PW, H mode = Lambda mean + sum W'P (y - offset).
    std::vector<double> h = lambda, right(3, 0.0);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) right[i] += lambda[i * 3 + j] * c.mean[s * 3 + j];
    for (int u = 0; u < 7; ++u) {
      if (layout.unit_subject[u] != s) continue;
      for (int i = 0; i < 3; ++i)
        for (int p = 0; p < 2; ++p) {
          const double v = layout.weight(u, i) * f.precision[u][layout.parameter[i] * 2 + p];
          right[i] += v * (f.y[u * 2 + p] - c.offset[u * 2 + p]);
          for (int j = 0; j < 3; ++j)
            if (layout.parameter[j] == p) h[i * 3 + j] += v * layout.weight(u, j);
        }
    }
    std::vector<double> covariance = inverse(h, 3);
    check::that(found.status[s] == static_cast<int>(laplace_status::converged), "converged");
    double log_prior = 0.0;
    for (int i = 0; i < 3; ++i) {
      double mode = 0.0;
      for (int j = 0; j < 3; ++j) mode += covariance[i * 3 + j] * right[j];
      check::near(found.mode[s * 3 + i], mode, 1e-7, "mode");
      for (int j = 0; j < 3; ++j) {
        check::near(found.curvature[s * 6 + packed(i, j)], h[i * 3 + j], 1e-6, "curvature");
        check::near(found.covariance[s * 6 + packed(i, j)], covariance[i * 3 + j], 1e-6,
                    "covariance");
        log_prior -= 0.5 * (found.mode[s * 3 + i] - c.mean[s * 3 + i]) * lambda[i * 3 + j] *
                     (found.mode[s * 3 + j] - c.mean[s * 3 + j]);
      }
    }
    const double evidence = found.log_likelihood[s] + log_prior +
                            0.5 * (log_determinant(lambda, 3) - log_determinant(h, 3));
    check::near(found.log_evidence[s], evidence, 1e-7, "evidence");
  }
  // The same, whoever shares the work and however it is laid out.
  const laplace_result threads = laplace(batch, c.problem).run(two_threads);
  const mock::likelihood narrow(7, 2, 1, 1, f);
  const laplace_result one = laplace(unit_batch(narrow, free), c.problem).run(in_turn);
  check::that(threads.mode == found.mode && threads.log_evidence == found.log_evidence,
              "two threads");
  check::that(one.mode == found.mode && one.curvature == found.curvature, "one lane");
}

inline void evidence() {
  // One unit a subject: the integral is (2 pi)^(P/2) |W|^(-1/2) N(y; mean, W^-1 + Lambda^-1).
  const int n = 2;
  const normal_units f = make_units(4, n, 8);
  numbers draw(9);
  const std::vector<double> lambda = draw.positive(n, 0.4), mean = draw.several(8), start(8, 0.0);
  const std::vector<double> prior = pack(lambda, n);
  const free_parameters free = on_the_line(n);
  const mock::likelihood target(4, n, 3, 1, f);
  laplace_problem p;
  p.layout.subjects = 4;
  p.layout.parameters = n;
  p.layout.parameter = {0, 1};
  p.layout.unit_subject = {0, 1, 2, 3};
  p.mean = mean.data();
  p.precision = prior.data();
  p.log_determinant = log_determinant(lambda, n);
  p.starts = {start.data(), mean.data()};
  p.lower.assign(2, -20.0);
  p.upper.assign(2, 20.0);
  const unit_batch batch(target, free);
  const laplace_result found = laplace(batch, p).run(in_turn);
  for (int s = 0; s < 4; ++s) {
    std::vector<double> total = inverse(f.precision[s], n), apart = inverse(lambda, n);
    for (int i = 0; i < 4; ++i) total[i] += apart[i];
    const std::vector<double> left = inverse(total, n);
    double expected = -0.5 * log_determinant(f.precision[s], n) - 0.5 * log_determinant(total, n);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        expected -= 0.5 * (f.y[s * n + i] - mean[s * n + i]) * left[i * n + j] *
                    (f.y[s * n + j] - mean[s * n + j]);
    check::near(found.log_evidence[s], expected, 1e-7, "evidence in closed form");
  }
  p.precision = nullptr;
  const laplace_result flat = laplace(batch, p).run(in_turn);
  check::near(flat.mode[3], f.y[3], 1e-7, "a flat prior leaves the likelihood's maximum");
  check::near(flat.log_likelihood[1], 0.0, 1e-9, "and its value");
  check::that(std::isnan(flat.log_evidence[0]), "without evidence");

  // A subject without a finite likelihood fails alone; a stop ends all.
  p.precision = prior.data();
  const mock::likelihood broken(4, n, 3, 1, [&](int u, const double* x, mock::evaluation& out) {
    f(u, x, out);
    if (u == 2) out.value = std::nan("");
  });
  const unit_batch broken_batch(broken, free);
  const laplace_result partly = laplace(broken_batch, p).run(in_turn);
  check::that(partly.status[2] == static_cast<int>(laplace_status::failed), "failed");
  check::that(!std::isfinite(partly.log_likelihood[2]), "no likelihood");
  check::near(partly.log_evidence[3], found.log_evidence[3], 1e-12, "the others are as they were");
  std::atomic<bool> stop{true};
  p.stop = &stop;
  const laplace_result stopped = laplace(batch, p).run(in_turn);
  check::that(stopped.status[0] == static_cast<int>(laplace_status::interrupted), "interrupted");
}

inline void run() {
  cubic_link();
  spread_priors();
  effects();
  modes();
  evidence();
}

}  // namespace test_hierarchy

#endif
