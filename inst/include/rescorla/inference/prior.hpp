#ifndef RESCORLA_INFERENCE_PRIOR_HPP
#define RESCORLA_INFERENCE_PRIOR_HPP

#include "transform.hpp"

RESCORLA_INFERENCE_BEGIN

/// Kinds of prior. `normal` is stated on the unconstrained scale z; `beta`, `gamma`,
/// `normal_natural` and `uniform` on the natural scale x, and their density in z therefore carries
/// the Jacobian: log p(z) = log p(x(z)) + log|dx/dz|.
///
///   none            flat in z, improper: contributes nothing
///   normal          z ~ N(a, b^2)
///   beta            (x - lower) / (upper - lower) ~ Beta(a, b)
///   gamma           x - lower ~ Gamma(shape a, rate b)
///   normal_natural  x ~ N(a, b^2), truncated to the range
///   uniform         x ~ U(lower, upper); flat and improper on an unbounded range
enum class prior_kind {
  none = 0,
  normal = 1,
  beta = 2,
  gamma = 3,
  normal_natural = 4,
  uniform = 5
};

struct prior {
  prior_kind kind = prior_kind::none;
  double a = 0.0, b = 1.0;

  /// Whether the hyperparameters, with the range they are used on, make a density.
  RESCORLA_BOTH bool valid(const transform& map) const {
    switch (kind) {
      case prior_kind::none:
      case prior_kind::uniform:
        return true;
      case prior_kind::normal:
      case prior_kind::normal_natural:
        return is_finite(a) && b > 0.0 && is_finite(b);
      // Without a link the density itself is searched: it must not be infinite at a bound.
      case prior_kind::beta:
        return a > 0.0 && b > 0.0 && is_finite(map.lower) && is_finite(map.upper) &&
               (map.kind != link::identity || (a >= 1.0 && b >= 1.0));
      case prior_kind::gamma:
        return a > 0.0 && b > 0.0 && is_finite(map.lower) &&
               (map.kind != link::identity || a >= 1.0);
    }
    return false;
  }
};

/// Log density in z with its first and second derivative.
struct prior_value {
  double log_density, first, second;
};

/// The part of the log density that depends on the hyperparameters alone. Kept apart since
/// `lgamma` writes a global on some platforms: call this before threads are started.
RESCORLA_BOTH inline double prior_constant(const prior& p) {
  const double half_log_two_pi = 0.91893853320467274178;
  switch (p.kind) {
    case prior_kind::normal:
    case prior_kind::normal_natural:
      return -half_log_two_pi - ::log(p.b);
    case prior_kind::beta:
      return ::lgamma(p.a + p.b) - ::lgamma(p.a) - ::lgamma(p.b);
    case prior_kind::gamma:
      return p.a * ::log(p.b) - ::lgamma(p.a);
    default:
      return 0.0;
  }
}

/// Log of the mass that a normal density in x has on the range, to which it is truncated.
RESCORLA_BOTH inline double log_mass(const prior& p, double lower, double upper) {
  if (p.kind != prior_kind::normal_natural) return 0.0;
  const double from = (lower - p.a) / (1.4142135623730951 * p.b);
  const double to = (upper - p.a) / (1.4142135623730951 * p.b);
  // By the tail that keeps its digits.
  const double mass = from > 0.0 ? ::erfc(from) - ::erfc(to) : ::erfc(-to) - ::erfc(-from);
  return ::log(::fmax(0.5 * mass, 2.2250738585072014e-308));
}

/// The prior's log density at the point `t` = map.at(z); `constant` is prior_constant(p) less
/// log_mass(p) over the range.
///
/// For a density on the natural scale with logarithm h(x), primes for derivatives in x:
///   d/dz   = h' dx + J_1,          d2/dz2 = h'' dx^2 + h' d2x + J_2,      J = log|dx/dz|.
/// Beta and Gamma are sums of log(x - lower), log(upper - x) and x - lower, whose derivatives in z
/// come with the transform. (Under a logit link the Beta terms collapse to a q - b p and
/// -(a + b) p q; under a log link the Gamma terms to a - b e^z and -b e^z.)
RESCORLA_APART inline prior_value evaluate_prior(const prior& p, double constant,
                                                 const transform& map, double z,
                                                 const transform_point& t) {
  switch (p.kind) {
    case prior_kind::normal: {
      const double precision = 1.0 / (p.b * p.b), deviation = z - p.a;
      return {constant - 0.5 * deviation * deviation * precision, -deviation * precision,
              -precision};
    }
    case prior_kind::beta: {
      const double log_width = ::log(map.upper - map.lower);
      const double a = p.a - 1.0, b = p.b - 1.0;
      // A zero exponent must not meet the infinite logarithm at a bound.
      const double low = a != 0.0 ? a * (t.low - log_width) : 0.0;
      const double high = b != 0.0 ? b * (t.high - log_width) : 0.0;
      return {constant - log_width + low + high + t.jacobian,
              (a != 0.0 ? a * t.low_1 : 0.0) + (b != 0.0 ? b * t.high_1 : 0.0) + t.jacobian_1,
              (a != 0.0 ? a * t.low_2 : 0.0) + (b != 0.0 ? b * t.high_2 : 0.0) + t.jacobian_2};
    }
    case prior_kind::gamma: {
      const double a = p.a - 1.0, distance = t.x - map.lower;
      return {constant + (a != 0.0 ? a * t.low : 0.0) - p.b * distance + t.jacobian,
              (a != 0.0 ? a * t.low_1 : 0.0) - p.b * t.dx + t.jacobian_1,
              (a != 0.0 ? a * t.low_2 : 0.0) - p.b * t.d2x + t.jacobian_2};
    }
    case prior_kind::normal_natural: {
      const double precision = 1.0 / (p.b * p.b), deviation = t.x - p.a;
      return {constant - 0.5 * deviation * deviation * precision + t.jacobian,
              -deviation * precision * t.dx + t.jacobian_1,
              -precision * (t.dx * t.dx + deviation * t.d2x) + t.jacobian_2};
    }
    case prior_kind::uniform: {
      const double width = map.upper - map.lower;
      return {(is_finite(width) ? -::log(width) : 0.0) + t.jacobian, t.jacobian_1, t.jacobian_2};
    }
    default:
      return {0.0, 0.0, 0.0};
  }
}

RESCORLA_INFERENCE_END

#endif
