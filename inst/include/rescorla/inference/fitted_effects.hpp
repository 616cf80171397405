#ifndef RESCORLA_INFERENCE_FITTED_EFFECTS_HPP
#define RESCORLA_INFERENCE_FITTED_EFFECTS_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "dense.hpp"

namespace rescorla {
namespace inference {

/// Random effects of subjects written by numbers xi that are about standard normal a posteriori,
/// whatever the group: between centred and not, as far as each subject's data tell.
///
/// Near its maximum a subject's log-likelihood is about h'a - a'Q a / 2, with Q and h known. Given
/// the group's mean mu and precision Lambda, the posterior of a then is normal with
///
///   precision  P = Q + Lambda = C C',   mean  m = P^-1 (h + Lambda mu),   a = m + C^-T xi,
///
/// and the likelihood's true shape is what xi deviates from standard normal by. Where data tell
/// nothing this is the non-centred form, where they tell all the centred one (Papaspiliopoulos,
/// Roberts and Skold 2007; Gorinova, Moore and Hoffman 2020).
class fitted_effects {
 public:
  fitted_effects(int subjects, int size, const double* curvature, const double* pull)
      : size_(size),
        square_(static_cast<std::size_t>(size) * size),
        curvature_(curvature),
        pull_(pull),
        factor_(square_ * subjects),
        centre_(static_cast<std::size_t>(size) * subjects),
        move_(static_cast<std::size_t>(size) * subjects),
        slope_(square_),
        work_(square_),
        y_(size),
        w_(size),
        column_(size) {}

  /// a from xi; adds log |da / dxi| to `log_jacobian`. `lambda` is full. False when the precision
  /// is not positive definite.
  bool place(int s, const double* lambda, const double* mu, const double* xi, double* a,
             double& log_jacobian) {
    double* c = &factor_[square_ * s];
    const double* q = curvature_ + static_cast<std::size_t>(packed_size(size_)) * s;
    for (int i = 0; i < size_; ++i)
      for (int j = 0; j < size_; ++j) c[i * size_ + j] = q[packed(i, j)] + lambda[i * size_ + j];
    if (!cholesky(size_, c)) return false;
    double* m = &centre_[static_cast<std::size_t>(size_) * s];
    double* v = &move_[static_cast<std::size_t>(size_) * s];
    for (int i = 0; i < size_; ++i) {
      m[i] = pull_[static_cast<std::size_t>(size_) * s + i];
      for (int j = 0; j < size_; ++j) m[i] += lambda[i * size_ + j] * mu[j];
      v[i] = xi[i];
    }
    cholesky_solve(size_, c, m);
    solve_transposed(c, v);
    for (int i = 0; i < size_; ++i) a[i] = m[i] + v[i];
    log_jacobian -= 0.5 * cholesky_log_determinant(size_, c);
    return true;
  }

  /// From g, the derivative of the rest of the density in a: those in xi (set), in mu (added) and in
  /// Lambda (added, as a full matrix whose symmetric part counts), the Jacobian included.
  void pull_back(int s, const double* lambda, const double* mu, const double* g, double* xi,
                 double* mu_slope, double* lambda_slope) {
    const double* c = &factor_[square_ * s];
    const double* m = &centre_[static_cast<std::size_t>(size_) * s];
    const double* v = &move_[static_cast<std::size_t>(size_) * s];
    std::copy(g, g + size_, y_.begin());
    solve_lower(c, y_.data());
    std::copy(y_.begin(), y_.end(), xi);
    // w = P^-1 g
    std::copy(y_.begin(), y_.end(), w_.begin());
    solve_transposed(c, w_.data());
    // In the factor: v = C^-T xi gives -v y', the Jacobian -1 / diagonal.
    for (int i = 0; i < size_; ++i)
      for (int j = 0; j <= i; ++j)
        slope_[i * size_ + j] = -v[i] * y_[j] - (i == j ? c[i * size_ + i] : 0.0);
    factor_to_matrix(c);
    for (int i = 0; i < size_; ++i)
      for (int j = 0; j < size_; ++j) {
        lambda_slope[i * size_ + j] += work_[i * size_ + j] - w_[i] * m[j] + w_[i] * mu[j];
        mu_slope[i] += lambda[i * size_ + j] * w_[j];
      }
  }

 private:
  // The factors hold the reciprocals of their diagonals (see dense.hpp).
  void solve_lower(const double* c, double* x) const {
    for (int i = 0; i < size_; ++i) {
      double sum = x[i];
      for (int k = 0; k < i; ++k) sum -= c[i * size_ + k] * x[k];
      x[i] = sum * c[i * size_ + i];
    }
  }
  void solve_transposed(const double* c, double* x) const {
    for (int i = size_ - 1; i >= 0; --i) {
      double sum = x[i];
      for (int k = i + 1; k < size_; ++k) sum -= c[k * size_ + i] * x[k];
      x[i] = sum * c[i * size_ + i];
    }
  }

  /// `work_` = C^-T phi(C' S) C^-1 for the slope S in the factor, phi the lower triangle with half
  /// the diagonal: the slope in P (Murray 2016). Its symmetric part counts.
  void factor_to_matrix(const double* c) {
    const auto element = [&](int i, int j) {
      return i == j ? 1.0 / c[i * size_ + i] : c[i * size_ + j];
    };
    for (int i = 0; i < size_; ++i)
      for (int j = 0; j < size_; ++j) {
        double sum = 0.0;
        for (int k = i; k < size_ && j <= i; ++k) sum += element(k, i) * slope_[k * size_ + j];
        work_[i * size_ + j] = i == j ? 0.5 * sum : sum;
      }
    // Columns: C^-T phi; then rows: (...) C^-1, which is (C^-T (...)')'.
    for (int j = 0; j < size_; ++j) {
      for (int i = 0; i < size_; ++i) column_[i] = work_[i * size_ + j];
      solve_transposed(c, column_.data());
      for (int i = 0; i < size_; ++i) work_[i * size_ + j] = column_[i];
    }
    for (int i = 0; i < size_; ++i) {
      for (int j = 0; j < size_; ++j) column_[j] = work_[i * size_ + j];
      solve_transposed(c, column_.data());
      for (int j = 0; j < size_; ++j) work_[i * size_ + j] = column_[j];
    }
  }

  int size_;
  std::size_t square_;
  const double* curvature_;               // [subject][packed], Q
  const double* pull_;                    // [subject][R], h
  std::vector<double> factor_, centre_, move_;  // by subject: C, m, C^-T xi
  std::vector<double> slope_, work_, y_, w_, column_;
};

}  // namespace inference
}  // namespace rescorla

#endif
