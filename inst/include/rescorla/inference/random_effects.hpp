#ifndef RESCORLA_INFERENCE_RANDOM_EFFECTS_HPP
#define RESCORLA_INFERENCE_RANDOM_EFFECTS_HPP

#include <cstddef>
#include <vector>

#include "dense.hpp"

namespace rescorla {
namespace inference {

/// How the parameters of units follow from the random effects of subjects. With R effects, each of
/// one free parameter, the parameter p of a unit u of subject s is, on the real line,
///
///   z[u][p] = offset[u][p] + sum over the effects r of p of weight[u][r] a[s][r].
///
/// Offsets hold what all subjects share. Arrays by unit or subject have it slowest.
struct random_effects {
  int subjects = 0, parameters = 0;
  std::vector<int> parameter;     ///< R: the free parameter of each effect
  std::vector<int> unit_subject;  ///< units
  std::vector<double> weights;    ///< units x R; empty: all 1

  int size() const { return static_cast<int>(parameter.size()); }
  int units() const { return static_cast<int>(unit_subject.size()); }
  double weight(int unit, int r) const {
    return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(unit) * size() + r];
  }

  /// z of one unit from its subject's effects.
  void parameters_of(int unit, const double* offset, const double* a, double* z) const {
    const std::size_t row = static_cast<std::size_t>(unit) * parameters;
    for (int p = 0; p < parameters; ++p) z[row + p] = offset == nullptr ? 0.0 : offset[row + p];
    for (int r = 0; r < size(); ++r) z[row + parameter[r]] += weight(unit, r) * a[r];
  }

  /// Adds a unit's gradient in z to that of its subject in a.
  void add_gradient(int unit, const double* in_z, double* in_a) const {
    const std::size_t row = static_cast<std::size_t>(unit) * parameters;
    for (int r = 0; r < size(); ++r) in_a[r] += weight(unit, r) * in_z[row + parameter[r]];
  }

  /// Adds a unit's information in z (packed) to that of its subject in a.
  void add_information(int unit, const double* in_z, double* in_a) const {
    const double* own = in_z + static_cast<std::size_t>(unit) * packed_size(parameters);
    for (int j = 0; j < size(); ++j)
      for (int i = 0; i <= j; ++i)
        *in_a++ += weight(unit, i) * weight(unit, j) * own[packed(parameter[i], parameter[j])];
  }
};

}  // namespace inference
}  // namespace rescorla

#endif
