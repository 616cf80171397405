#ifndef RESCORLA_CORE_PRECISION_HPP
#define RESCORLA_CORE_PRECISION_HPP

#include "real.hpp"

RESCORLA_BEGIN

// The real numbers that a trial is computed in, and whole numbers of as many bits. Parameters, data
// and results are doubles in either case.
#ifdef RESCORLA_SINGLE
typedef float scalar;
typedef int scalar_bits;
#else
typedef double scalar;
typedef long long scalar_bits;
#endif

// What depends on how far a kind of real number reaches.
template <class T>
struct precision;

template <>
struct precision<double> {
  static constexpr long long magnitude = 0x7fffffffffffffffLL;  // all bits but the sign
  static constexpr double excluded = -1e300;  // below any logit, and twice it is finite
  static constexpr int decades = 300;         // powers of ten a product may span
  static constexpr int doublings = 512;       // how often it may double; a power of two
};

template <>
struct precision<float> {
  static constexpr int magnitude = 0x7fffffff;
  static constexpr double excluded = -1e37;
  static constexpr int decades = 37;
  static constexpr int doublings = 64;
  static constexpr double lowest_exponent = -87.0;  // its exponential is still a normal number
};

RESCORLA_END

#endif
