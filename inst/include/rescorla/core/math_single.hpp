#ifndef RESCORLA_CORE_MATH_SINGLE_HPP
#define RESCORLA_CORE_MATH_SINGLE_HPP

#include "math.hpp"

#ifdef RESCORLA_SINGLE

RESCORLA_BEGIN

// In single precision the library's functions are as good as ours and faster on the device. As
// plain functions these go before the templates of the same names in core/math.hpp, which are for
// doubles.

#define RESCORLA_SINGLE_FUNCTION(name, call)       \
  RESCORLA_INLINE pack<1> name(const pack<1>& x) { \
    const float a = x.v[0];                        \
    pack<1> r;                                     \
    r.v = call;                                    \
    return r;                                      \
  }
RESCORLA_SINGLE_FUNCTION(exp, ::expf(a))
RESCORLA_SINGLE_FUNCTION(log, ::logf(a))
RESCORLA_SINGLE_FUNCTION(log1p, ::log1pf(a))
RESCORLA_SINGLE_FUNCTION(tanh, ::tanhf(a))
RESCORLA_SINGLE_FUNCTION(floor, ::floorf(a))
RESCORLA_SINGLE_FUNCTION(sqrt, ::sqrtf(a))
RESCORLA_SINGLE_FUNCTION(normal_cdf, 0.5f * ::erfcf(a * -0.70710678118654752440f))
#undef RESCORLA_SINGLE_FUNCTION

// Bounded as in double precision, so that no probability is zero; NaN stays NaN.
RESCORLA_INLINE pack<1> exp_nonpositive(const pack<1>& x) {
  return exp(max(broadcast<1>(precision<float>::lowest_exponent), x));
}
RESCORLA_INLINE pack<1> exp_within(const pack<1>& x) {
  return exp_nonpositive(min(broadcast<1>(-precision<float>::lowest_exponent), x));
}

RESCORLA_END

#endif

#endif
