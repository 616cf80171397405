#ifndef RESCORLA_INFERENCE_HYPER_PRIOR_HPP
#define RESCORLA_INFERENCE_HYPER_PRIOR_HPP

#include <cmath>

#include "prior.hpp"

namespace rescorla {
namespace inference {

/// Priors of standard deviations, on the positive half line:
///
///   half_normal      density of |x|, x ~ N(0, a^2)
///   half_cauchy      density of |x|, x ~ Cauchy(0, a)
///   half_student     density of |x|, x / a ~ t with b degrees of freedom
///   exponential      rate a
///   gamma            shape a, rate b
enum class spread_kind { half_normal = 0, half_cauchy = 1, half_student = 2, exponential = 3, gamma = 4 };

struct spread_prior {
  spread_kind kind = spread_kind::half_normal;
  double a = 1.0, b = 1.0;

  double constant() const {
    const double pi = 3.14159265358979323846;
    switch (kind) {
      case spread_kind::half_normal:
        return 0.5 * std::log(2.0 / pi) - std::log(a);
      case spread_kind::half_cauchy:
        return std::log(2.0 / (pi * a));
      case spread_kind::half_student:
        return std::log(2.0) + std::lgamma(0.5 * (b + 1.0)) - std::lgamma(0.5 * b) -
               0.5 * std::log(b * pi) - std::log(a);
      case spread_kind::exponential:
        return std::log(a);
      default:
        return a * std::log(b) - std::lgamma(a);
    }
  }

  /// Log density of y = log sd (its Jacobian included), less the constant, and its derivative.
  prior_value at(double y) const {
    const double sd = std::exp(y);
    switch (kind) {
      case spread_kind::half_normal: {
        const double q = sd * sd / (a * a);
        return {y - 0.5 * q, 1.0 - q, 0.0};
      }
      case spread_kind::half_cauchy: {
        const double q = sd * sd / (a * a);
        return {y - std::log1p(q), 1.0 - 2.0 * q / (1.0 + q), 0.0};
      }
      case spread_kind::half_student: {
        const double q = sd * sd / (a * a * b);
        return {y - 0.5 * (b + 1.0) * std::log1p(q), 1.0 - (b + 1.0) * q / (1.0 + q), 0.0};
      }
      case spread_kind::exponential:
        return {y - a * sd, 1.0 - a * sd, 0.0};
      default:
        return {a * y - b * sd, a - b * sd, 0.0};
    }
  }
};

/// A prior of a coefficient, on the scale of the map's z or in the map's natural units.
struct coefficient_prior {
  prior density;
  transform map;
  double constant = 0.0;  ///< set before threads start

  void settle() { constant = prior_constant(density) - log_mass(density, map.lower, map.upper); }
  prior_value at(double z) const { return evaluate_prior(density, constant, map, z, map.at(z)); }
};

}  // namespace inference
}  // namespace rescorla

#endif
