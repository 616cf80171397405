#ifndef RESCORLA_TOOLS_TEST_LAPLACE_HPP
#define RESCORLA_TOOLS_TEST_LAPLACE_HPP

// Posterior modes of subjects and the Laplace approximation, where both are exact.

#include <atomic>
#include <cmath>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/laplace.hpp"
#include "test-hierarchy.hpp"

namespace test_laplace {

using namespace rescorla::inference;
using namespace test_hierarchy;

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
  p.tolerance = 1e-9;
  const laplace_result flat = laplace(batch, p).run(in_turn);
  check::near(flat.mode[3], f.y[3], 1e-7, "a flat prior leaves the likelihood's maximum");
  check::near(flat.log_likelihood[1], 0.0, 1e-9, "and its value");
  check::that(std::isnan(flat.log_evidence[0]), "without evidence");

  // A subject without a finite likelihood fails alone; a stop ends all.
  p.precision = prior.data();
  p.tolerance = laplace_problem{}.tolerance;
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
  modes();
  evidence();
}

}  // namespace test_laplace

#endif
