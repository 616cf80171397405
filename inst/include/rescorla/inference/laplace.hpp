#ifndef RESCORLA_INFERENCE_LAPLACE_HPP
#define RESCORLA_INFERENCE_LAPLACE_HPP

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "array.hpp"
#include "ascent.hpp"
#include "dense.hpp"
#include "../backend/executor.hpp"
#include "random_effects.hpp"
#include "unit_batch.hpp"

namespace rescorla {
namespace inference {

/// Posterior modes of the random effects of all subjects, with the Laplace approximation around
/// them: a[s] ~ N(mean[s], precision^-1), the likelihood that of the subject's units.
///
/// All subjects climb in step, one batched evaluation serving them all; those that are done cost
/// nothing. A start that is the mode of nearly the same problem takes two or three evaluations.
struct laplace_problem {
  random_effects layout;
  const double* mean = nullptr;       ///< [subject][R]
  const double* precision = nullptr;  ///< packed; null: a flat prior, the likelihood alone
  double log_determinant = 0.0;       ///< of the precision
  const double* offset = nullptr;     ///< [unit][P]; null: none
  std::vector<const double*> starts;  ///< each [subject][R]; the best end is kept
  std::vector<double> lower, upper;   ///< R: the box of the search
  double tolerance = 1e-5;            ///< on the scaled gradient
  int iterations = 100;
  const std::atomic<bool>* stop = nullptr;

  bool stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
};

enum class laplace_status : int {
  converged = 0,
  limit = 1,       ///< out of iterations, or no step gained any more
  failed = 2,      ///< no finite likelihood at any start
  indefinite = 3,  ///< the curvature at the mode is not positive definite: the expected one is used
  interrupted = 4
};

struct laplace_result {
  std::vector<double> mode;            ///< [subject][R]
  std::vector<double> log_likelihood;  ///< [subject], at the mode
  std::vector<double> curvature;       ///< [subject][packed]: minus the Hessian of the log posterior
  std::vector<double> covariance;      ///< [subject][packed]: its inverse
  std::vector<double> log_evidence;    ///< [subject]; NaN under a flat prior
  std::vector<int> status;             ///< [subject]
  long long evaluations = 0;           ///< passes over all data, in subjects
};

class laplace {
 public:
  laplace(const unit_batch& batch, const laplace_problem& what)
      : batch_(batch),
        what_(what),
        layout_(what.layout),
        subjects_(layout_.subjects),
        size_(layout_.size()),
        triangle_(packed_size(layout_.size())) {
    const std::size_t units = static_cast<std::size_t>(batch.units());
    const std::size_t p = static_cast<std::size_t>(batch.size());
    z_.resize(units * p);
    value_.resize(units);
    gradient_.resize(units * p);
    information_.resize(units * static_cast<std::size_t>(packed_size(batch.size())));
    wanted_.resize(units);
    point_.resize(static_cast<std::size_t>(subjects_) * size_);
    sum_value_.resize(subjects_);
    sum_gradient_.resize(static_cast<std::size_t>(subjects_) * size_);
    sum_information_.resize(static_cast<std::size_t>(subjects_) * triangle_);
    open_.resize(subjects_);
  }

  laplace_result run(const executor& parallel) {
    laplace_result out;
    const std::size_t n = static_cast<std::size_t>(subjects_);
    out.mode.assign(n * size_, std::numeric_limits<double>::quiet_NaN());
    out.log_likelihood.assign(n, -std::numeric_limits<double>::infinity());
    out.curvature.assign(n * triangle_, std::numeric_limits<double>::quiet_NaN());
    out.covariance.assign(n * triangle_, std::numeric_limits<double>::quiet_NaN());
    out.log_evidence.assign(n, std::numeric_limits<double>::quiet_NaN());
    out.status.assign(n, static_cast<int>(laplace_status::failed));
    best_.assign(n, -std::numeric_limits<double>::infinity());
    expected_.assign(n * triangle_, 0.0);
    for (const double* start : what_.starts) climb(parallel, start, out);
    if (!what_.stopped()) measure(parallel, out);
    if (what_.stopped())
      std::fill(out.status.begin(), out.status.end(),
                static_cast<int>(laplace_status::interrupted));
    return out;
  }

 private:
  std::size_t row(int s) const { return static_cast<std::size_t>(s) * size_; }

  void climb(const executor& parallel, const double* start, laplace_result& out) {
    memory where;
    objects<ascent> climbs(where, static_cast<std::size_t>(subjects_), size_);
    std::vector<double> width(static_cast<std::size_t>(size_));
    for (int r = 0; r < size_; ++r) width[r] = what_.upper[r] - what_.lower[r];
    int busy = 0;
    for (int s = 0; s < subjects_; ++s) {
      climbs[s].settings = {what_.tolerance, what_.iterations};
      climbs[s].begin(start + row(s), what_.lower.data(), what_.upper.data(), width.data());
      open_[s] = 1;
      ++busy;
    }
    while (busy > 0 && !what_.stopped()) {
      for (int s = 0; s < subjects_; ++s)
        if (open_[s] != 0) std::copy_n(climbs[s].trial(), size_, &point_[row(s)]);
      evaluate(parallel, order::information, out);
      for (int s = 0; s < subjects_; ++s) {
        if (open_[s] == 0) continue;
        const ascent_state state = climbs[s].absorb(sum_value_[s], &sum_gradient_[row(s)],
                                                    &sum_information_[triangle(s)]);
        if (state == ascent_state::running) continue;
        open_[s] = 0;
        --busy;
        if (state != ascent_state::failed) keep(s, climbs[s], state, out);
      }
    }
  }

  void keep(int s, const ascent& climb, ascent_state state, laplace_result& out) {
    if (!(climb.value() > best_[s])) return;
    best_[s] = climb.value();
    std::copy_n(climb.point(), size_, &out.mode[row(s)]);
    std::copy_n(climb.information(), triangle_, &expected_[triangle(s)]);
    out.status[s] = static_cast<int>(state == ascent_state::converged ? laplace_status::converged
                                                                      : laplace_status::limit);
  }

  std::size_t triangle(int s) const { return static_cast<std::size_t>(s) * triangle_; }

  /// Log posterior, gradient and information in the effects, at `point_`, of the open subjects.
  void evaluate(const executor& parallel, order what, laplace_result& out) {
    for (int u = 0; u < layout_.units(); ++u) {
      const int s = layout_.unit_subject[u];
      wanted_[u] = open_[s] != 0;
      if (open_[s] != 0) layout_.parameters_of(u, what_.offset, &point_[row(s)], z_.data());
    }
    batch_.evaluate(parallel, what, wanted_.data(), z_.data(), value_.data(), gradient_.data(),
                    information_.data());
    for (int s = 0; s < subjects_; ++s)
      if (open_[s] != 0) begin(s, out);
    for (int u = 0; u < layout_.units(); ++u) {
      const int s = layout_.unit_subject[u];
      if (open_[s] == 0) continue;
      sum_value_[s] += value_[u];
      layout_.add_gradient(u, gradient_.data(), &sum_gradient_[row(s)]);
      if (what == order::information)
        layout_.add_information(u, information_.data(), &sum_information_[triangle(s)]);
    }
  }

  /// The prior's part, to which the likelihood's is added.
  void begin(int s, laplace_result& out) {
    ++out.evaluations;
    double* g = &sum_gradient_[row(s)];
    double* h = &sum_information_[triangle(s)];
    sum_value_[s] = 0.0;
    std::fill_n(g, size_, 0.0);
    std::fill_n(h, triangle_, 0.0);
    if (what_.precision == nullptr) return;
    sum_value_[s] = prior(s, &point_[row(s)], g);
    std::copy_n(what_.precision, triangle_, h);
  }

  /// -(a - mean)' precision (a - mean) / 2 and its gradient.
  double prior(int s, const double* a, double* gradient) const {
    std::vector<double> deviation(static_cast<std::size_t>(size_));
    for (int r = 0; r < size_; ++r) deviation[r] = what_.mean[row(s) + r] - a[r];
    packed_multiply(size_, what_.precision, deviation.data(), gradient);
    double sum = 0.0;
    for (int r = 0; r < size_; ++r) sum -= 0.5 * deviation[r] * gradient[r];
    return sum;
  }

  /// The curvature at the modes by central differences of the exact gradient, in steps of 2e-4
  /// standard deviations, which leaves truncation and rounding both near 1e-8.
  void measure(const executor& parallel, laplace_result& out) {
    const std::size_t n = static_cast<std::size_t>(subjects_);
    std::vector<double> columns(n * size_ * size_), step(n);
    for (int s = 0; s < subjects_; ++s)
      open_[s] = out.status[s] != static_cast<int>(laplace_status::failed);
    for (int r = 0; r < size_; ++r) {
      for (int side = -1; side <= 1; side += 2) {
        for (int s = 0; s < subjects_; ++s) {
          if (open_[s] == 0) continue;
          const double info = expected_[triangle(s) + packed(r, r)];
          step[s] = 2e-4 * (info > 1e-2 ? 1.0 / std::sqrt(info) : 10.0);
          std::copy_n(&out.mode[row(s)], size_, &point_[row(s)]);
          point_[row(s) + r] += side * step[s];
        }
        evaluate(parallel, order::gradient, out);
        for (int s = 0; s < subjects_; ++s) {
          if (open_[s] == 0) continue;
          double* to = &columns[(row(s) + r) * size_];
          for (int i = 0; i < size_; ++i)
            to[i] = (side < 0 ? 0.0 : to[i]) - side * sum_gradient_[row(s) + i] / (2.0 * step[s]);
        }
      }
    }
    std::copy(out.mode.begin(), out.mode.end(), point_.begin());
    evaluate(parallel, order::value, out);
    for (int s = 0; s < subjects_; ++s)
      if (open_[s] != 0) conclude(s, &columns[row(s) * size_], out);
  }

  void conclude(int s, const double* columns, laplace_result& out) {
    double* h = &out.curvature[triangle(s)];
    std::vector<double> factor(static_cast<std::size_t>(size_) * size_);
    for (int j = 0; j < size_; ++j)
      for (int i = 0; i <= j; ++i)
        h[packed(i, j)] = 0.5 * (columns[j * size_ + i] + columns[i * size_ + j]);
    if (!factorise(h, factor)) {
      std::copy_n(&expected_[triangle(s)], triangle_, h);
      out.status[s] = static_cast<int>(laplace_status::indefinite);
      if (!factorise(h, factor)) return;
    }
    out.log_likelihood[s] = sum_value_[s];
    std::vector<double> column(static_cast<std::size_t>(size_));
    for (int j = 0; j < size_; ++j) {
      std::fill(column.begin(), column.end(), 0.0);
      column[j] = 1.0;
      cholesky_solve(size_, factor.data(), column.data());
      for (int i = 0; i <= j; ++i) out.covariance[triangle(s) + packed(i, j)] = column[i];
    }
    if (what_.precision == nullptr) return;
    out.log_likelihood[s] -= prior(s, &out.mode[row(s)], column.data());
    // p(y) = p(y, mode) (2 pi)^(R/2) |H|^(-1/2): the prior's (2 pi)^(-R/2) cancels.
    out.log_evidence[s] = sum_value_[s] + 0.5 * what_.log_determinant -
                          0.5 * cholesky_log_determinant(size_, factor.data());
  }

  bool factorise(const double* h, std::vector<double>& factor) const {
    for (int i = 0; i < size_; ++i)
      for (int j = 0; j < size_; ++j) factor[i * size_ + j] = h[packed(i, j)];
    return cholesky(size_, factor.data());
  }

  const unit_batch& batch_;
  const laplace_problem& what_;
  const random_effects& layout_;
  int subjects_, size_, triangle_;
  std::vector<double> z_, value_, gradient_, information_;               // by unit
  std::vector<unsigned char> wanted_;                                    // by unit
  std::vector<double> point_, sum_value_, sum_gradient_, sum_information_;  // by subject
  std::vector<double> best_, expected_;                                  // by subject
  std::vector<char> open_;                                               // by subject
};

}  // namespace inference
}  // namespace rescorla

#endif
