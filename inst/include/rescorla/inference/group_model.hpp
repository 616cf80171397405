#ifndef RESCORLA_INFERENCE_GROUP_MODEL_HPP
#define RESCORLA_INFERENCE_GROUP_MODEL_HPP

#include <cmath>
#include <vector>

#include "hyper_prior.hpp"
#include "random_effects.hpp"

namespace rescorla {
namespace inference {

/// A hierarchical model of the random effects a[s][r] of subjects:
///
///   a[s] ~ N(mean[s], D C D),  mean[s][r] = sum over coefficients k of effect r of x[s][k] beta[k],
///
/// D the diagonal of standard deviations, C a correlation matrix that is zero between blocks. What
/// all subjects share adds shared_design[u][g] gamma[g] to a parameter of unit u.
struct group_model {
  random_effects layout;
  int coefficients = 0, shared = 0;
  std::vector<double> means;            ///< subjects x K: the design x
  std::vector<int> coefficient_effect;  ///< K
  std::vector<double> shared_design;    ///< units x G
  std::vector<int> shared_parameter;    ///< G
  std::vector<int> block;               ///< R
  std::vector<int> centred;             ///< R; of no account when `curvature` is there
  std::vector<double> curvature;        ///< subjects x packed: see fitted_effects; or empty
  std::vector<double> pull;             ///< subjects x R: likewise
  std::vector<coefficient_prior> coefficient_priors, shared_priors;  ///< K, G
  std::vector<spread_prior> spread_priors;                           ///< R
  double lkj = 1.0;

  // Set by settle().
  struct pair {
    int row, column;
    double exponent;  ///< of 1 - cpc^2, the Jacobian of the arctangent included
  };
  std::vector<pair> pairs;  ///< correlated pairs, by row, then column
  double constant = 0.0;

  int size() const {
    return coefficients + shared + layout.size() + static_cast<int>(pairs.size()) +
           layout.subjects * layout.size();
  }
  bool fitted() const { return !curvature.empty(); }
  int first_shared() const { return coefficients; }
  int first_spread() const { return coefficients + shared; }
  int first_pair() const { return first_spread() + layout.size(); }
  int first_effect() const { return first_pair() + static_cast<int>(pairs.size()); }

  /// Canonical partial correlations of LKJ(eta) are independent (Lewandowski, Kurowicka and Joe
  /// 2009): in a block of size k, (cpc + 1) / 2 of the j-th column (from 1) is Beta(b, b) with
  /// b = eta + (k - 1 - j) / 2.
  void settle() {
    pairs.clear();
    constant = 0.0;
    for (int i = 0; i < layout.size(); ++i) {
      int place = 0;
      for (int j = 0; j < i; ++j) {
        if (block[j] != block[i]) continue;
        int size = 0;
        for (int m : block) size += m == block[i];
        ++place;
        const double b = lkj + 0.5 * (size - 1 - place);
        pairs.push_back({i, j, b});
        constant += std::lgamma(2.0 * b) - 2.0 * std::lgamma(b) - (2.0 * b - 1.0) * std::log(2.0);
      }
    }
    for (auto& p : coefficient_priors) p.settle();
    for (auto& p : shared_priors) p.settle();
    for (const auto& p : spread_priors) constant += p.constant();
    constant -= 0.91893853320467274178 * layout.subjects * layout.size();
  }
};

}  // namespace inference
}  // namespace rescorla

#endif
