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

// Whole products of 32-bit words. GCC would multiply 64 by 64 bits, not knowing that the upper
// halves are empty, where one instruction does.
template <int W>
RESCORLA_INLINE typename words<W>::vector multiply_words(const typename words<W>::vector& x,
                                                         std::uint32_t factor) {
  const typename words<W>::vector y = broadcast_words<W>(factor).v;
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(RESCORLA_DEVICE)
  typedef typename words<W>::vector vector;
  typedef int halves2 __attribute__((vector_size(16)));
  if constexpr (W == 2) return (vector)__builtin_ia32_pmuludq128((halves2)x, (halves2)y);
#if RESCORLA_LEVEL >= 1
  typedef int halves4 __attribute__((vector_size(32)));
  if constexpr (W == 4) return (vector)__builtin_ia32_pmuludq256((halves4)x, (halves4)y);
#endif
#if RESCORLA_LEVEL == 2
  typedef int halves8 __attribute__((vector_size(64)));
  typedef long long whole8 __attribute__((vector_size(64)));
  const whole8 none = {};
  if constexpr (W == 8)
    return (vector)__builtin_ia32_pmuludq512_mask((halves8)x, (halves8)y, none, 0xff);
#endif
#endif
  return (x & 0xffffffffULL) * y;
}

// The keys of the ten rounds, which depend on the seed alone.
template <int W>
struct philox_keys {
  words<W> low[10], high[10];

  RESCORLA_INLINE void open(std::uint64_t seed) {
    std::uint32_t k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      low[round] = broadcast_words<W>(k0);
      high[round] = broadcast_words<W>(k1);
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
  }
};

// Within the rounds the upper halves of the containers may hold anything: products read the lower
// halves only, and the end clears them.
template <int W>
RESCORLA_INLINE philox_block<W> philox(const philox_keys<W>& key, const words<W>& c0,
                                       const words<W>& c1, const words<W>& c2,
                                       const words<W>& c3) {
  typedef typename words<W>::vector vector;
  const unsigned long long low = 0xffffffffULL;
  vector x0 = c0.v, x1 = c1.v, x2 = c2.v, x3 = c3.v;
#ifdef __CUDACC__
#pragma unroll
#else
#pragma GCC unroll 10
#endif
  for (int round = 0; round < 10; ++round) {
    const vector p0 = multiply_words<W>(x0, 0xD2511F53U);
    const vector p1 = multiply_words<W>(x2, 0xCD9E8D57U);
    x0 = (p1 >> 32) ^ x1 ^ key.low[round].v;
    x1 = p1;
    x2 = (p0 >> 32) ^ x3 ^ key.high[round].v;
    x3 = p0;
  }
  philox_block<W> r;
  r.x[0].v = x0 & low;
  r.x[1].v = x1 & low;
  r.x[2].v = x2 & low;
  r.x[3].v = x3 & low;
  return r;
}

template <int W>
RESCORLA_INLINE philox_block<W> philox(std::uint64_t seed, const words<W>& c0, const words<W>& c1,
                                       const words<W>& c2, const words<W>& c3) {
  philox_keys<W> key;
  key.open(seed);
  return philox(key, c0, c1, c2, c3);
}

RESCORLA_END

#endif
