#ifndef RESCORLA_INFERENCE_GROUP_DENSITY_HPP
#define RESCORLA_INFERENCE_GROUP_DENSITY_HPP

#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "../backend/executor.hpp"
#include "fitted_effects.hpp"
#include "group_model.hpp"
#include "unit_batch.hpp"

namespace rescorla {
namespace inference {

/// The log posterior density of all unknowns on the real line, with its gradient. The position is
///
///   beta[K], gamma[G], log sd[R], atanh cpc[pairs], then for each subject and effect either a
///   itself (centred) or the standard normal eta it is made of (not centred),
///   a[r] = mean[r] + sd[r] (L eta)[r], L the Cholesky factor of C.
///
/// In mixed form rows are worked off in order: a centred row gives its eta, a row that is not uses
/// those before it. With fitted effects there are xi instead (see fitted_effects).
class group_density {
 public:
  group_density(const unit_batch& batch, const group_model& model, const std::atomic<bool>* stop)
      : batch_(batch),
        model_(model),
        stop_(stop),
        size_(model.layout.size()),
        fitted_(model.fitted() ? model.layout.subjects : 0, size_, model.curvature.data(),
                model.pull.data()) {
    const std::size_t units = static_cast<std::size_t>(batch.units());
    const std::size_t n = static_cast<std::size_t>(model.layout.subjects) * size_;
    z_.resize(units * batch.size());
    value_.resize(units);
    slope_.resize(units * batch.size());
    offset_.resize(model.shared > 0 ? units * batch.size() : 0);
    effect_.resize(n);
    eta_.resize(n);
    pull_.resize(n);
    sd_.resize(size_);
    factor_.resize(static_cast<std::size_t>(size_) * size_);
    factor_slope_.resize(static_cast<std::size_t>(size_) * size_);
    tail_.resize(size_);
    centre_.resize(size_);
    deviation_.resize(size_);
    precision_.resize(static_cast<std::size_t>(size_) * size_);
    precision_slope_.resize(static_cast<std::size_t>(size_) * size_);
    sd_slope_.resize(size_);
  }

  /// How the groups of lanes are shared out; without one they run in the calling thread.
  const executor* parallel = nullptr;

  bool stopped() const { return stop_ != nullptr && stop_->load(std::memory_order_relaxed); }

  double operator()(const double* q, double* gradient) {
    if (stopped()) return -std::numeric_limits<double>::infinity();
    if (!unpack(q)) return -std::numeric_limits<double>::infinity();
    evaluate();
    double total = model_.constant;
    for (double v : value_) total += v;
    std::fill_n(gradient, model_.size(), 0.0);
    beta_ = q;
    if (!std::isfinite(total)) return -std::numeric_limits<double>::infinity();
    total += pull_back(gradient);
    total += priors(q, gradient);
    return std::isfinite(total) ? total : -std::numeric_limits<double>::infinity();
  }

  /// Takes a position apart; what it means can be read afterwards. False where it means nothing.
  bool unpack(const double* q) {
    const double* spread = q + model_.first_spread();
    for (int r = 0; r < size_; ++r) sd_[r] = std::exp(spread[r]);
    set_factor(q + model_.first_pair());
    const double* own = q + model_.first_effect();
    log_jacobian_ = 0.0;
    if (model_.fitted() && !set_precision()) return false;
    for (int s = 0; s < model_.layout.subjects; ++s) {
      if (!model_.fitted())
        set_effects(s, q, own);
      else if (!set_fitted_effects(s, q, own))
        return false;
    }
    set_parameters(q + model_.first_shared());
    return true;
  }
  double sd(int r) const { return sd_[r]; }
  double correlation(int i, int j) const {
    double sum = 0.0;
    for (int k = 0; k <= std::min(i, j); ++k) sum += factor(i, k) * factor(j, k);
    return sum;
  }
  const std::vector<double>& effects() const { return effect_; }   ///< [subject][R]
  const std::vector<double>& parameters() const { return z_; }     ///< [unit][P], real line

 private:
  double factor(int i, int j) const { return factor_[static_cast<std::size_t>(i) * size_ + j]; }

  void set_factor(const double* y) {
    std::fill(factor_.begin(), factor_.end(), 0.0);
    std::vector<double>& left = tail_;
    std::fill(left.begin(), left.end(), 1.0);
    cpc_.resize(model_.pairs.size());
    before_.resize(model_.pairs.size());
    for (std::size_t k = 0; k < model_.pairs.size(); ++k) {
      const group_model::pair& p = model_.pairs[k];
      cpc_[k] = std::tanh(y[k]);
      before_[k] = left[p.row];
      factor_[static_cast<std::size_t>(p.row) * size_ + p.column] = cpc_[k] * left[p.row];
      // 1 - tanh^2 without cancellation
      left[p.row] /= std::cosh(y[k]);
    }
    for (int r = 0; r < size_; ++r) factor_[static_cast<std::size_t>(r) * size_ + r] = left[r];
  }

  double mean(int s, int r, const double* beta) const {
    const double* x = &model_.means[static_cast<std::size_t>(s) * model_.coefficients];
    double sum = 0.0;
    for (int k = 0; k < model_.coefficients; ++k)
      if (model_.coefficient_effect[k] == r) sum += x[k] * beta[k];
    return sum;
  }

  void set_effects(int s, const double* beta, const double* own) {
    const std::size_t row = static_cast<std::size_t>(s) * size_;
    for (int r = 0; r < size_; ++r) {
      double t = 0.0;
      for (int j = 0; j < r; ++j) t += factor(r, j) * eta_[row + j];
      const double m = mean(s, r, beta), l = factor(r, r);
      if (model_.centred[r] != 0) {
        effect_[row + r] = own[row + r];
        eta_[row + r] = ((own[row + r] - m) / sd_[r] - t) / l;
      } else {
        eta_[row + r] = own[row + r];
        effect_[row + r] = m + sd_[r] * (t + l * own[row + r]);
      }
    }
  }

  /// Lambda = D^-1 L^-T L^-1 D^-1.
  bool set_precision() {
    std::vector<double>& inverse = precision_slope_;
    std::fill(inverse.begin(), inverse.end(), 0.0);
    for (int j = 0; j < size_; ++j) {
      for (int i = j; i < size_; ++i) {
        double sum = i == j ? 1.0 : 0.0;
        for (int k = j; k < i; ++k)
          sum -= factor(i, k) * inverse[static_cast<std::size_t>(k) * size_ + j];
        inverse[static_cast<std::size_t>(i) * size_ + j] = sum / factor(i, i);
      }
    }
    for (int i = 0; i < size_; ++i) {
      if (!(factor(i, i) * sd_[i] > 0.0)) return false;
      for (int j = 0; j < size_; ++j) {
        double sum = 0.0;
        for (int k = std::max(i, j); k < size_; ++k)
          sum += inverse[static_cast<std::size_t>(k) * size_ + i] *
                 inverse[static_cast<std::size_t>(k) * size_ + j];
        precision_[static_cast<std::size_t>(i) * size_ + j] = sum / (sd_[i] * sd_[j]);
      }
    }
    return true;
  }

  bool set_fitted_effects(int s, const double* beta, const double* own) {
    const std::size_t row = static_cast<std::size_t>(s) * size_;
    for (int r = 0; r < size_; ++r) centre_[r] = mean(s, r, beta);
    return fitted_.place(s, precision_.data(), centre_.data(), own + row, &effect_[row],
                         log_jacobian_);
  }

  void set_parameters(const double* gamma) {
    const random_effects& layout = model_.layout;
    if (model_.shared > 0) {
      std::fill(offset_.begin(), offset_.end(), 0.0);
      for (int u = 0; u < layout.units(); ++u)
        for (int g = 0; g < model_.shared; ++g)
          offset_[static_cast<std::size_t>(u) * layout.parameters + model_.shared_parameter[g]] +=
              model_.shared_design[static_cast<std::size_t>(u) * model_.shared + g] * gamma[g];
    }
    for (int u = 0; u < layout.units(); ++u)
      layout.parameters_of(u, offset_.empty() ? nullptr : offset_.data(),
                           &effect_[static_cast<std::size_t>(layout.unit_subject[u]) * size_],
                           z_.data());
  }

  void evaluate() {
    const auto one = [&](int g) {
      static thread_local unit_batch::scratch own;
      batch_.evaluate(g, order::gradient, nullptr, z_.data(), value_.data(), slope_.data(), nullptr,
                      own);
    };
    if (parallel != nullptr)
      (*parallel)(batch_.groups(), one);
    else
      for (int g = 0; g < batch_.groups(); ++g) one(g);
  }

  /// The density of the effects, and from the gradient in z those in all unknowns.
  double pull_back(double* gradient) {
    const random_effects& layout = model_.layout;
    std::fill(pull_.begin(), pull_.end(), 0.0);
    double* gamma = gradient + model_.first_shared();
    for (int u = 0; u < layout.units(); ++u) {
      layout.add_gradient(u, slope_.data(),
                          &pull_[static_cast<std::size_t>(layout.unit_subject[u]) * size_]);
      for (int g = 0; g < model_.shared; ++g)
        gamma[g] += model_.shared_design[static_cast<std::size_t>(u) * model_.shared + g] *
                    slope_[static_cast<std::size_t>(u) * layout.parameters +
                           model_.shared_parameter[g]];
    }
    std::fill(factor_slope_.begin(), factor_slope_.end(), 0.0);
    std::fill(sd_slope_.begin(), sd_slope_.end(), 0.0);
    std::fill(precision_slope_.begin(), precision_slope_.end(), 0.0);
    double total = log_jacobian_;
    for (int s = 0; s < layout.subjects; ++s)
      total += model_.fitted() ? pull_back_fitted(s, gradient) : pull_back_subject(s, gradient);
    if (model_.fitted()) total += pull_back_precision();
    double* spread = gradient + model_.first_spread();
    for (int r = 0; r < size_; ++r) spread[r] += sd_slope_[r] * sd_[r];
    pull_back_factor(gradient + model_.first_pair());
    return total;
  }

  /// -(a - mu)' Lambda (a - mu) / 2 and what follows from it and the likelihood.
  double pull_back_fitted(int s, double* gradient) {
    const std::size_t row = static_cast<std::size_t>(s) * size_;
    double total = 0.0;
    double* g = &pull_[row];
    for (int r = 0; r < size_; ++r) {
      centre_[r] = mean(s, r, beta_);
      deviation_[r] = effect_[row + r] - centre_[r];
    }
    std::fill(tail_.begin(), tail_.end(), 0.0);
    for (int i = 0; i < size_; ++i) {
      double along = 0.0;
      for (int j = 0; j < size_; ++j) {
        const std::size_t at = static_cast<std::size_t>(i) * size_ + j;
        along += precision_[at] * deviation_[j];
        precision_slope_[at] -= 0.5 * deviation_[i] * deviation_[j];
      }
      total -= 0.5 * along * deviation_[i];
      g[i] -= along;
      tail_[i] += along;
    }
    fitted_.pull_back(s, precision_.data(), centre_.data(), g,
                      gradient + model_.first_effect() + row, tail_.data(),
                      precision_slope_.data());
    const double* x = &model_.means[static_cast<std::size_t>(s) * model_.coefficients];
    for (int k = 0; k < model_.coefficients; ++k)
      gradient[k] += tail_[model_.coefficient_effect[k]] * x[k];
    return total;
  }

  /// log |Lambda| / 2 of every subject; and from the slope in Lambda, G by its symmetric part, those
  /// in the standard deviations and in L: of Sigma = D L L' D it is S = -Lambda G Lambda.
  double pull_back_precision() {
    const int n = model_.layout.subjects;
    std::vector<double>& s = work_;
    s.assign(static_cast<std::size_t>(size_) * size_, 0.0);
    const auto at = [&](int i, int j) { return static_cast<std::size_t>(i) * size_ + j; };
    for (int i = 0; i < size_; ++i)
      for (int j = 0; j < size_; ++j)
        for (int k = 0; k < size_; ++k)
          for (int m = 0; m < size_; ++m)
            s[at(i, j)] -= precision_[at(i, k)] * 0.5 *
                           (precision_slope_[at(k, m)] + precision_slope_[at(m, k)]) *
                           precision_[at(m, j)];
    double total = 0.0;
    for (int i = 0; i < size_; ++i) {
      total -= n * std::log(sd_[i] * factor(i, i));
      sd_slope_[i] -= n / sd_[i];
      factor_slope_[at(i, i)] -= n / factor(i, i);
      for (int j = 0; j < size_; ++j) {
        double correlated = 0.0;
        for (int k = 0; k <= std::min(i, j); ++k) {
          correlated += factor(i, k) * factor(j, k);
          // d Sigma_ij = sd_i sd_j (dL_ik L_jk + L_ik dL_jk)
          factor_slope_[at(i, k)] += 2.0 * s[at(i, j)] * sd_[i] * sd_[j] * factor(j, k);
        }
        // L_jk is zero beyond j, but L_ik is not: those terms come with (j, i).
        sd_slope_[i] += 2.0 * s[at(i, j)] * sd_[j] * correlated;
      }
    }
    return total;
  }

  double pull_back_subject(int s, double* gradient) {
    const std::size_t row = static_cast<std::size_t>(s) * size_;
    double* own = gradient + model_.first_effect() + row;
    double* eta_slope = tail_.data();
    double total = 0.0;
    for (int r = 0; r < size_; ++r) {
      eta_slope[r] = -eta_[row + r];
      total -= 0.5 * eta_[row + r] * eta_[row + r];
    }
    const double* x = &model_.means[static_cast<std::size_t>(s) * model_.coefficients];
    for (int r = size_ - 1; r >= 0; --r) {
      const double l = factor(r, r), eta = eta_[row + r], pull = pull_[row + r];
      // L eta of this row, that is (a - mean) / sd
      double standard = l * eta;
      for (int j = 0; j < r; ++j) standard += factor(r, j) * eta_[row + j];
      double mean_slope, t_slope;
      double& l_slope = factor_slope_[static_cast<std::size_t>(r) * size_ + r];
      if (model_.centred[r] != 0) {
        const double e = eta_slope[r] / l;
        own[r] = pull + e / sd_[r];
        mean_slope = -e / sd_[r];
        sd_slope_[r] -= (e * standard + 1.0) / sd_[r];
        l_slope -= (eta_slope[r] * eta + 1.0) / l;
        t_slope = -e;
        total -= std::log(sd_[r] * l);
      } else {
        own[r] = eta_slope[r] + pull * sd_[r] * l;
        mean_slope = pull;
        sd_slope_[r] += pull * standard;
        l_slope += pull * sd_[r] * eta;
        t_slope = pull * sd_[r];
      }
      for (int j = 0; j < r; ++j) {
        factor_slope_[static_cast<std::size_t>(r) * size_ + j] += t_slope * eta_[row + j];
        eta_slope[j] += t_slope * factor(r, j);
      }
      for (int k = 0; k < model_.coefficients; ++k)
        if (model_.coefficient_effect[k] == r) gradient[k] += mean_slope * x[k];
    }
    return total;
  }

  /// With L[i][j] = cpc[i][j] prod_{k < j} sqrt(1 - cpc[i][k]^2), a partial correlation scales its
  /// own element and all those after it in its row; d cpc / dy = 1 - cpc^2.
  void pull_back_factor(double* gradient) const {
    for (std::size_t k = 0; k < model_.pairs.size(); ++k) {
      const group_model::pair& p = model_.pairs[k];
      double later = 0.0;
      for (int m = p.column + 1; m <= p.row; ++m)
        later += factor_slope_[static_cast<std::size_t>(p.row) * size_ + m] * factor(p.row, m);
      const double own = factor_slope_[static_cast<std::size_t>(p.row) * size_ + p.column];
      gradient[k] += own * before_[k] * (1.0 - cpc_[k] * cpc_[k]) - cpc_[k] * later;
    }
  }

  double priors(const double* q, double* gradient) const {
    double total = 0.0;
    for (int k = 0; k < model_.coefficients; ++k) {
      const prior_value v = model_.coefficient_priors[k].at(q[k]);
      total += v.log_density;
      gradient[k] += v.first;
    }
    for (int g = 0; g < model_.shared; ++g) {
      const int at = model_.first_shared() + g;
      const prior_value v = model_.shared_priors[g].at(q[at]);
      total += v.log_density;
      gradient[at] += v.first;
    }
    for (int r = 0; r < size_; ++r) {
      const int at = model_.first_spread() + r;
      const prior_value v = model_.spread_priors[r].at(q[at]);
      total += v.log_density;
      gradient[at] += v.first;
    }
    for (std::size_t k = 0; k < model_.pairs.size(); ++k) {
      const double c = cpc_[k], b = model_.pairs[k].exponent;
      total -= 2.0 * b * std::log(std::cosh(q[model_.first_pair() + k]));
      gradient[model_.first_pair() + k] -= 2.0 * b * c;
    }
    return total;
  }

  const unit_batch& batch_;
  const group_model& model_;
  const std::atomic<bool>* stop_;
  int size_;
  std::vector<double> z_, value_, slope_, offset_;  // by unit
  std::vector<double> effect_, eta_, pull_;         // by subject
  std::vector<double> sd_, factor_, factor_slope_, tail_, sd_slope_;
  std::vector<double> cpc_, before_;  // by pair
  fitted_effects fitted_;
  std::vector<double> centre_, deviation_, precision_, precision_slope_, work_;
  double log_jacobian_ = 0.0;
  const double* beta_ = nullptr;
};

}  // namespace inference
}  // namespace rescorla

#endif
