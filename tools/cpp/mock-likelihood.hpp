#ifndef RESCORLA_TOOLS_MOCK_LIKELIHOOD_HPP
#define RESCORLA_TOOLS_MOCK_LIKELIHOOD_HPP

// Likelihoods for the tests of the inference layer: any function of one unit and one parameter
// vector, put behind the batched interface.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "rescorla/backend/likelihood.hpp"

namespace mock {

/// Fills value, gradient (size P) and packed information of a unit at x.
struct evaluation {
  double value = 0.0;
  std::vector<double> gradient, information;
};
using unit_function = std::function<void(int unit, const double* x, evaluation& out)>;

/// `replicates` lanes hold each unit; the rest of the last group is padding.
class likelihood : public rescorla::likelihood {
 public:
  likelihood(int units, int size, int lanes, int replicates, unit_function f)
      : units_(units), size_(size), lanes_(lanes), replicates_(replicates), f_(std::move(f)) {}

  int units() const override { return units_; }
  int groups() const override { return (units_ + per_group() - 1) / per_group(); }
  int lanes() const override { return lanes_; }
  int unit(int group, int lane) const override {
    if (lane / replicates_ >= per_group()) return -1;
    const int unit = group * per_group() + lane / replicates_;
    return unit < units_ ? unit : -1;
  }
  int parameters() const override { return size_; }
  int directions() const override { return size_; }
  int direction(int k) const override { return k; }

  void evaluate(int group, rescorla::order what, const unsigned char* wanted,
                const double* parameters, double* value, double* gradient,
                double* information) const override {
    evaluation at;
    std::vector<double> x(static_cast<std::size_t>(size_));
    const int triangle = size_ * (size_ + 1) / 2;
    for (int lane = 0; lane < lanes_; ++lane) {
      if (wanted != nullptr && wanted[lane] == 0) continue;
      at.value = 0.0;
      at.gradient.assign(static_cast<std::size_t>(size_), 0.0);
      at.information.assign(static_cast<std::size_t>(triangle), 0.0);
      for (int p = 0; p < size_; ++p) x[p] = parameters[p * lanes_ + lane];
      f_(std::max(unit(group, lane), 0), x.data(), at);
      const bool finite = std::isfinite(at.value);
      value[lane] = finite ? at.value : -std::numeric_limits<double>::infinity();
      if (what == rescorla::order::value) continue;
      for (int k = 0; k < size_; ++k) gradient[k * lanes_ + lane] = finite ? at.gradient[k] : 0.0;
      if (what != rescorla::order::information) continue;
      for (int k = 0; k < triangle; ++k) {
        information[k * lanes_ + lane] = finite ? at.information[k] : 0.0;
      }
    }
  }

 private:
  int per_group() const { return std::max(lanes_ / replicates_, 1); }

  int units_, size_, lanes_, replicates_;
  unit_function f_;
};

/// A number with the derivatives in up to four directions.
struct dual {
  double value = 0.0;
  std::array<double, 4> d{};
  dual(double v = 0.0) : value(v) {}
  static dual variable(double v, int k) {
    dual x(v);
    x.d[static_cast<std::size_t>(k)] = 1.0;
    return x;
  }
};

inline dual chain(const dual& a, double value, double slope) {
  dual r(value);
  for (std::size_t k = 0; k < 4; ++k) r.d[k] = slope * a.d[k];
  return r;
}
inline dual operator+(const dual& a, const dual& b) {
  dual r(a.value + b.value);
  for (std::size_t k = 0; k < 4; ++k) r.d[k] = a.d[k] + b.d[k];
  return r;
}
inline dual operator-(const dual& a, const dual& b) {
  dual r(a.value - b.value);
  for (std::size_t k = 0; k < 4; ++k) r.d[k] = a.d[k] - b.d[k];
  return r;
}
inline dual operator*(const dual& a, const dual& b) {
  dual r(a.value * b.value);
  for (std::size_t k = 0; k < 4; ++k) r.d[k] = a.d[k] * b.value + a.value * b.d[k];
  return r;
}

/// Two-armed bandit data of one subject.
struct session {
  std::vector<int> choice;
  std::vector<double> outcome;
};

/// log-likelihood of two-armed Rescorla-Wagner with softmax choice, V = 0.5 at the start. Two
/// parameters: alpha, beta. Three: alpha_pos, alpha_neg, beta. The information is the expectation
/// over choices given the past: p (1 - p) (d logit)(d logit)'.
inline void rescorla_wagner(const session& s, int size, const double* x, evaluation& out) {
  const dual beta = dual::variable(x[size - 1], size - 1);
  const dual rate[2] = {dual::variable(x[0], 0), dual::variable(x[size - 2], size - 2)};
  dual value[2] = {0.5, 0.5};
  for (std::size_t t = 0; t < s.choice.size(); ++t) {
    const int c = s.choice[t];
    const dual logit = beta * (value[c] - value[1 - c]);
    const double e = std::exp(-std::fabs(logit.value));
    const double p = logit.value >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
    const double q = logit.value >= 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
    out.value += std::min(logit.value, 0.0) - std::log1p(e);
    double* info = out.information.data();
    for (int j = 0; j < size; ++j) {
      out.gradient[static_cast<std::size_t>(j)] += q * logit.d[static_cast<std::size_t>(j)];
      for (int i = 0; i <= j; ++i) {
        *info++ +=
            p * q * logit.d[static_cast<std::size_t>(i)] * logit.d[static_cast<std::size_t>(j)];
      }
    }
    const dual error = dual(s.outcome[t]) - value[c];
    value[c] = value[c] + rate[error.value > 0.0 ? 0 : 1] * error;
  }
}

inline session simulate(double alpha_pos, double alpha_neg, double beta, int trials,
                        unsigned seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&random] {
    return static_cast<double>(random() >> 11) / 9007199254740992.0;
  };
  session s;
  double value[2] = {0.5, 0.5};
  for (int t = 0; t < trials; ++t) {
    const double p = 1.0 / (1.0 + std::exp(-beta * (value[1] - value[0])));
    const int c = uniform() < p;
    const double r = uniform() < (c == 1 ? 0.7 : 0.3);
    const double error = r - value[c];
    value[c] += (error > 0.0 ? alpha_pos : alpha_neg) * error;
    s.choice.push_back(c);
    s.outcome.push_back(r);
  }
  return s;
}

}  // namespace mock

#endif
