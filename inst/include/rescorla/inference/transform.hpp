#ifndef RESCORLA_INFERENCE_TRANSFORM_HPP
#define RESCORLA_INFERENCE_TRANSFORM_HPP

#include "numeric.hpp"

RESCORLA_INFERENCE_BEGIN

/// The maps x(z) from the real line to a parameter's range [lower, upper]:
///
///   identity  x = z
///   log       x = lower + exp(z)                          (finite lower bound)
///   logit     x = lower + (upper - lower) / (1 + exp(-z)) (both bounds finite)
///   probit    x = lower + (upper - lower) Phi(z)          (both bounds finite)
///   cubic     logit of w(z) = 1.5976 z + 0.07056 z^3      (both bounds finite)
///
/// with Phi the standard normal distribution function, which the cubic link approximates to 1.4e-4
/// (Bowling et al. 2009): Stan programs use it as Phi_approx.
enum class link { identity = 0, log = 1, logit = 2, probit = 3, cubic = 4 };

/// One point of a transform with everything that a change of variables needs: the natural value,
/// dx/dz and d2x/dz2; log|dx/dz| and the logarithms of the distances to the two bounds, each with
/// its first and second derivative in z. Densities on the natural scale are sums of these
/// logarithms, which therefore are formed without the cancellation that x itself suffers near a
/// bound. A distance to an infinite bound is reported as 0 with zero derivatives.
struct transform_point {
  double x, dx, d2x;
  double jacobian, jacobian_1, jacobian_2;  // log|dx/dz|
  double low, low_1, low_2;                 // log(x - lower)
  double high, high_1, high_2;              // log(upper - x)
};

RESCORLA_BOTH inline double normal_cdf(double z) {
  return 0.5 * ::erfc(-z * 0.70710678118654752440);
}

RESCORLA_BOTH inline double normal_density(double z) {
  return 0.39894228040143267794 * ::exp(-0.5 * z * z);
}

/// Quantile of the standard normal distribution for a lower tail p and an upper tail q = 1 - p:
/// Abramowitz and Stegun (1964) 26.2.23, then Halley steps on the smaller tail, which triple the
/// number of correct digits each.
RESCORLA_APART inline double normal_quantile(double p, double q) {
  const double tail = p < q ? p : q;
  if (!(tail > 0.0)) {
    return p < q ? -infinite : infinite;
  }
  const double t = ::sqrt(-2.0 * ::log(tail));
  double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                     (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  z = -z;
  for (int step = 0; step < 3; ++step) {
    const double density = normal_density(z);
    if (!(density > 0.0)) break;
    const double error = (normal_cdf(z) - tail) / density;
    z -= error / (1.0 + 0.5 * z * error);
  }
  return p < q ? z : -z;
}

RESCORLA_BOTH inline double cubic(double z) { return z * (1.5976 + 0.07056 * z * z); }

/// The z of w(z) = w, by Newton's method from where the linear or the cubic term rules.
RESCORLA_APART inline double cubic_inverse(double w) {
  if (!is_finite(w)) return w;
  double z = ::fabs(w) < 10.0 ? w / 1.5976 : ::cbrt(w / 0.07056);
  for (int step = 0; step < 50; ++step) {
    const double move = (cubic(z) - w) / (1.5976 + 0.21168 * z * z);
    z -= move;
    if (::fabs(move) <= 1e-15 * ::fabs(z)) break;
  }
  return z;
}

/// A link together with the bounds it maps to.
struct transform {
  link kind = link::identity;
  double lower = -infinite;
  double upper = infinite;

  /// Whether the bounds allow the link.
  RESCORLA_BOTH bool valid() const {
    if (!(lower <= upper)) return false;
    if (kind == link::log) return is_finite(lower);
    if (kind == link::logit || kind == link::probit || kind == link::cubic) {
      return is_finite(lower) && is_finite(upper) && lower < upper;
    }
    return true;
  }

  /// x(z).
  RESCORLA_APART double natural(double z) const {
    switch (kind) {
      case link::log:
        return lower + ::exp(z);
      case link::logit:
        // The smaller share is formed first: x keeps its digits near either bound.
        return z < 0.0 ? lower + (upper - lower) * logistic(z)
                       : upper - (upper - lower) * logistic(-z);
      case link::probit:
        return z < 0.0 ? lower + (upper - lower) * normal_cdf(z)
                       : upper - (upper - lower) * normal_cdf(-z);
      case link::cubic:
        return z < 0.0 ? lower + (upper - lower) * logistic(cubic(z))
                       : upper - (upper - lower) * logistic(cubic(-z));
      default:
        return z;
    }
  }

  /// z(x); infinite at a bound of a log, logit or probit link.
  RESCORLA_APART double real(double x) const {
    switch (kind) {
      case link::log:
        return ::log(x - lower);
      case link::logit:
        return ::log(x - lower) - ::log(upper - x);
      case link::probit:
        return normal_quantile((x - lower) / (upper - lower), (upper - x) / (upper - lower));
      case link::cubic:
        return cubic_inverse(::log(x - lower) - ::log(upper - x));
      default:
        return x;
    }
  }

  /// The stretch of the real line on which x(z) can still be told from its bounds: beyond it a
  /// search would move z without moving x. (plogis(-30) is 9e-14, pnorm(-7.5) is 3e-14.)
  RESCORLA_BOTH double lowest() const {
    if (kind == link::identity) return lower;
    return kind == link::probit ? -7.5 : kind == link::cubic ? -6.0 : -30.0;
  }
  RESCORLA_BOTH double highest() const {
    if (kind == link::identity) return upper;
    if (kind == link::log) return is_finite(upper) ? ::log(upper - lower) : 30.0;
    return kind == link::probit ? 7.5 : kind == link::cubic ? 6.0 : 30.0;
  }

  /// dx/dz and d2x/dz2 from x itself, without another exponential, for identity, log and logit.
  RESCORLA_BOTH void derivatives(double x, double& dx, double& d2x) const {
    dx = 1.0;
    d2x = 0.0;
    if (kind == link::log) {
      dx = d2x = x - lower;
    } else if (kind == link::logit) {
      const double share = 1.0 / (upper - lower);
      dx = (x - lower) * (upper - x) * share;
      d2x = dx * ((upper - x) - (x - lower)) * share;
    }
  }

  /// dx/dz at z, where x = x(z) is known.
  RESCORLA_BOTH double slope(double z, double x) const {
    switch (kind) {
      case link::log:
        return x - lower;
      case link::logit:
        return (x - lower) * (upper - x) / (upper - lower);
      case link::probit:
        return (upper - lower) * normal_density(z);
      case link::cubic:
        return (x - lower) * (upper - x) / (upper - lower) * (1.5976 + 0.21168 * z * z);
      default:
        return 1.0;
    }
  }

  /// The value and its derivatives at z.
  RESCORLA_APART transform_point at(double z) const {
    transform_point t{};
    if (kind == link::log) {
      const double e = ::exp(z);
      t = {lower + e, e, e, z, 1.0, 0.0, z, 1.0, 0.0, 0.0, 0.0, 0.0};
      set_high(t);
    } else if (kind == link::logit) {
      t = logit_at(z);
    } else if (kind == link::probit) {
      const double width = upper - lower, p = normal_cdf(z), q = normal_cdf(-z);
      const double density = normal_density(z), log_width = ::log(width);
      const double lower_ratio = density / p, upper_ratio = density / q;  // inverse Mills ratios
      t.x = natural(z);
      t.dx = width * density;
      t.d2x = -z * width * density;
      t.jacobian = log_width - 0.91893853320467274178 - 0.5 * z * z;
      t.jacobian_1 = -z;
      t.jacobian_2 = -1.0;
      t.low = log_width + ::log(p);
      t.low_1 = lower_ratio;
      t.low_2 = -lower_ratio * (z + lower_ratio);
      t.high = log_width + ::log(q);
      t.high_1 = -upper_ratio;
      t.high_2 = upper_ratio * (z - upper_ratio);
    } else if (kind == link::cubic) {
      const transform inner = {link::logit, lower, upper};
      const double w_1 = 1.5976 + 0.21168 * z * z, w_2 = 0.42336 * z, w_3 = 0.42336;
      const transform_point u = inner.logit_at(cubic(z));
      t = {u.x,
           u.dx * w_1,
           u.d2x * w_1 * w_1 + u.dx * w_2,
           u.jacobian + ::log(w_1),
           u.jacobian_1 * w_1 + w_2 / w_1,
           u.jacobian_2 * w_1 * w_1 + u.jacobian_1 * w_2 + (w_3 * w_1 - w_2 * w_2) / (w_1 * w_1),
           u.low,
           u.low_1 * w_1,
           u.low_2 * w_1 * w_1 + u.low_1 * w_2,
           u.high,
           u.high_1 * w_1,
           u.high_2 * w_1 * w_1 + u.high_1 * w_2};
    } else {
      t.x = z;
      t.dx = 1.0;
      if (is_finite(lower)) {
        t.low = ::log(z - lower);
        t.low_1 = 1.0 / (z - lower);
        t.low_2 = -t.low_1 * t.low_1;
      }
      set_high(t);
    }
    return t;
  }

 private:
  RESCORLA_BOTH static double logistic(double z) { return 1.0 / (1.0 + ::exp(-z)); }

  RESCORLA_APART transform_point logit_at(double z) const {
    transform_point t{};
    const double width = upper - lower, p = logistic(z), q = logistic(-z), pq = p * q;
    // log p = -log(1 + exp(-z)), log q = log p - z
    const double log_p = z > 0.0 ? -::log1p(::exp(-z)) : z - ::log1p(::exp(z));
    const double log_width = ::log(width);
    t.x = natural(z);
    t.dx = width * pq;
    t.d2x = width * pq * (q - p);
    t.jacobian = log_width + 2.0 * log_p - z;
    t.jacobian_1 = q - p;
    t.jacobian_2 = -2.0 * pq;
    t.low = log_width + log_p;
    t.low_1 = q;
    t.low_2 = -pq;
    t.high = log_width + log_p - z;
    t.high_1 = -p;
    t.high_2 = -pq;
    return t;
  }

  /// The terms in log(upper - x) for links that take no notice of the upper bound.
  RESCORLA_BOTH void set_high(transform_point& t) const {
    if (!is_finite(upper)) return;
    const double distance = upper - t.x;
    t.high = ::log(distance);
    t.high_1 = -t.dx / distance;
    t.high_2 = -t.d2x / distance - t.high_1 * t.high_1;
  }
};

RESCORLA_INFERENCE_END

#endif
