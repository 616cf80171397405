#ifndef RESCORLA_RANDOM_DRAWS_HPP
#define RESCORLA_RANDOM_DRAWS_HPP

#include "../core/math.hpp"
#include "philox.hpp"

RESCORLA_BEGIN

// 52 random bits as a double in [0, 1).
template <int W>
RESCORLA_INLINE pack<W> uniform_from(const words<W>& high, const words<W>& low) {
  typedef typename pack<W>::vector vector;
  const typename words<W>::vector bits = (high.v << 20) ^ (low.v >> 12);
  pack<W> r;
  // The bits are the significand of a number in [1, 2).
  r.v = (vector)(bits | 0x3ff0000000000000ULL) - 1.0;
  return r;
}

template <int W>
RESCORLA_INLINE pack<W> uniform(const philox_block<W>& b) {
  return uniform_from(b.x[0], b.x[1]);
}

// cos(2 pi u) for u in [0, 1): folded to a quarter turn, then its Taylor series to degree 22.
template <int W>
RESCORLA_INLINE pack<W> cos_turns(const pack<W>& u) {
  const pack<W> half = broadcast<W>(0.5), quarter = broadcast<W>(0.25);
  const pack<W> folded = select(u > half, broadcast<W>(1.0) - u, u);
  const mask<W> far = folded > quarter;
  pack<W> t;
  t.v = select(far, half - folded, folded).v * 6.283185307179586477;
  const typename pack<W>::vector z = t.v * t.v;
  typename pack<W>::vector s = z * -8.896791392450574e-22 + 4.110317623312165e-19;
  s = s * z - 1.5619206968586225e-16;
  s = s * z + 4.779477332387385e-14;
  s = s * z - 1.1470745597729725e-11;
  s = s * z + 2.08767569878681e-9;
  s = s * z - 2.755731922398589e-7;
  s = s * z + 2.48015873015873e-5;
  s = s * z - 1.388888888888889e-3;
  s = s * z + 4.1666666666666664e-2;
  s = s * z - 0.5;
  t.v = s * z + 1.0;
  return select(far, -t, t);
}

// Standard normal by Box and Muller (1958), the cosine branch.
template <int W>
RESCORLA_INLINE pack<W> standard_normal(const philox_block<W>& b) {
  const pack<W> u = broadcast<W>(1.0) - uniform_from(b.x[0], b.x[1]);
  const pack<W> v = uniform_from(b.x[2], b.x[3]);
  return sqrt(broadcast<W>(-2.0) * log(u)) * cos_turns(v);
}

RESCORLA_END

#endif
