#ifndef RESCORLA_RANDOM_PHILOX_HPP
#define RESCORLA_RANDOM_PHILOX_HPP

#include "../core/pack.hpp"

RESCORLA_BEGIN

// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011): a counter-based generator. A number is a pure
// function of (seed; trial, site, subject, replicate), so simulations do not depend on threads,
// lanes or the order of evaluation. Each lane holds its 32-bit words in 64-bit containers.
template <int W>
struct words {
  typedef typename lanes<unsigned long long, W>::vector vector;
  vector v;
};

template <int W>
RESCORLA_INLINE words<W> broadcast_words(std::uint32_t x) {
  const typename words<W>::vector zero = {};
  words<W> r;
  r.v = zero + x;
  return r;
}

template <int W>
struct philox_block {
  words<W> x[4];
};

template <int W>
RESCORLA_INLINE philox_block<W> philox(std::uint64_t seed, const words<W>& c0, const words<W>& c1,
                                       const words<W>& c2, const words<W>& c3) {
  typedef typename words<W>::vector vector;
  const unsigned long long low = 0xffffffffULL;
  vector x0 = c0.v, x1 = c1.v, x2 = c2.v, x3 = c3.v;
  unsigned long long k0 = seed & low, k1 = seed >> 32;
  for (int round = 0; round < 10; ++round) {
    const vector p0 = (x0 & low) * 0xD2511F53ULL;
    const vector p1 = (x2 & low) * 0xCD9E8D57ULL;
    x0 = (p1 >> 32) ^ x1 ^ k0;
    x1 = p1 & low;
    x2 = (p0 >> 32) ^ x3 ^ k1;
    x3 = p0 & low;
    k0 = (k0 + 0x9E3779B9ULL) & low;
    k1 = (k1 + 0xBB67AE85ULL) & low;
  }
  philox_block<W> r;
  r.x[0].v = x0;
  r.x[1].v = x1;
  r.x[2].v = x2;
  r.x[3].v = x3;
  return r;
}

RESCORLA_END

#endif
