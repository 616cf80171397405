#ifndef RESCORLA_CORE_PACK_HPP
#define RESCORLA_CORE_PACK_HPP

#include "single.hpp"

RESCORLA_BEGIN

// W real numbers that move together; lane l of every pack belongs to the same subject.
template <int W>
struct pack {
  typedef typename lanes<scalar, W>::vector vector;
  vector v;
};

// All bits set in the lanes where a condition holds.
template <int W>
struct mask {
  typedef typename lanes<scalar_bits, W>::vector vector;
  vector v;
};

// Whole numbers by lane: action codes, cell indices. Zero stands for "missing". They are held as
// real numbers, whose comparisons every instruction set has (SSE2 cannot compare 64-bit integers):
// in single precision up to 2^24.
template <int W>
struct index {
  typedef typename lanes<scalar, W>::vector vector;
  vector v;
};

template <int W>
RESCORLA_INLINE pack<W> broadcast(double x) {
  // x - 0 folds away where 0 + x would not (the sign of zero).
  const typename pack<W>::vector zero = {};
  pack<W> r;
  r.v = static_cast<scalar>(x) - zero;
  return r;
}

template <int W>
RESCORLA_INLINE index<W> broadcast_index(int x) {
  // Not by way of a double, which single precision would pay for.
  const typename index<W>::vector zero = {};
  index<W> r;
  r.v = static_cast<scalar>(x) - zero;
  return r;
}

template <int W>
RESCORLA_INLINE pack<W> load(const double* p) {
  pack<W> r;
  builtin::copy(&r.v, p, sizeof r.v);
  return r;
}

template <int W>
RESCORLA_INLINE void store(double* p, const pack<W>& x) {
  builtin::copy(p, &x.v, sizeof x.v);
}

// The GPU copies memory whose alignment it does not know byte by byte.
template <>
RESCORLA_INLINE pack<1> load<1>(const double* p) {
  pack<1> r;
  r.v = static_cast<scalar>(*p);
  return r;
}
RESCORLA_INLINE void store(double* p, const pack<1>& x) { *p = x.v[0]; }

template <int W>
RESCORLA_INLINE index<W> load_codes(const std::int32_t* p);
#ifndef RESCORLA_DEVICE
template <int W>
RESCORLA_INLINE index<W> load_codes(const std::int32_t* p) {
  typedef int narrow __attribute__((vector_size(W * 4)));
  narrow n;
  builtin::copy(&n, p, sizeof n);
  index<W> r;
  r.v = __builtin_convertvector(n, typename index<W>::vector);
  return r;
}
#endif
template <>
RESCORLA_INLINE index<1> load_codes<1>(const std::int32_t* p) {
  index<1> r;
  r.v = static_cast<scalar>(*p);
  return r;
}

// Whole numbers within the range of 32 bits.
#ifndef RESCORLA_DEVICE
template <int W>
RESCORLA_INLINE void store_codes(std::int32_t* p, const pack<W>& x) {
  typedef int narrow __attribute__((vector_size(W * 4)));
  const narrow n = __builtin_convertvector(x.v, narrow);
  builtin::copy(p, &n, sizeof n);
}
#endif
RESCORLA_INLINE void store_codes(std::int32_t* p, const pack<1>& x) {
  *p = static_cast<std::int32_t>(x.v[0]);
}

template <int W>
RESCORLA_INLINE mask<W> all_lanes() {
  const typename mask<W>::vector zero = {};
  mask<W> r;
  r.v = ~zero;
  return r;
}

template <int W>
RESCORLA_INLINE mask<W> no_lanes() {
  const typename mask<W>::vector zero = {};
  mask<W> r;
  r.v = zero;
  return r;
}

#define RESCORLA_PACK_ARITHMETIC(op)                                            \
  template <int W>                                                              \
  RESCORLA_INLINE pack<W> operator op(const pack<W>& a, const pack<W>& b) {     \
    pack<W> r;                                                                  \
    r.v = a.v op b.v;                                                           \
    return r;                                                                   \
  }
RESCORLA_PACK_ARITHMETIC(+)
RESCORLA_PACK_ARITHMETIC(-)
RESCORLA_PACK_ARITHMETIC(*)
RESCORLA_PACK_ARITHMETIC(/)
#undef RESCORLA_PACK_ARITHMETIC

template <int W>
RESCORLA_INLINE pack<W> operator-(const pack<W>& a) {
  pack<W> r;
  r.v = -a.v;
  return r;
}

// GCC 12 folds comparisons and masks into a conditional that SSE2 has no instruction for, and stops
// with an internal error; the intrinsic comparisons are opaque to that.
#if defined(__x86_64__) && RESCORLA_LEVEL == 0 && !defined(RESCORLA_DEVICE)
#define RESCORLA_SSE2_COMPARE(call) \
  if constexpr (W == 2) {           \
    mask<W> sse2;                   \
    sse2.v = (typename mask<W>::vector)call; \
    return sse2;                    \
  }
#else
#define RESCORLA_SSE2_COMPARE(call)
#endif

#define RESCORLA_PACK_COMPARISON(op, call)                                      \
  template <int W>                                                              \
  RESCORLA_INLINE mask<W> operator op(const pack<W>& a, const pack<W>& b) {     \
    RESCORLA_SSE2_COMPARE(call)                                                 \
    mask<W> r;                                                                  \
    r.v = (typename mask<W>::vector)(a.v op b.v);                               \
    return r;                                                                   \
  }                                                                             \
  template <int W>                                                              \
  RESCORLA_INLINE mask<W> operator op(const index<W>& a, const index<W>& b) {   \
    RESCORLA_SSE2_COMPARE(call)                                                 \
    mask<W> r;                                                                  \
    r.v = (typename mask<W>::vector)(a.v op b.v);                               \
    return r;                                                                   \
  }                                                                             \
  template <int W>                                                              \
  RESCORLA_INLINE mask<W> operator op(const index<W>& a, int b) {               \
    return a op broadcast_index<W>(b);                                          \
  }
RESCORLA_PACK_COMPARISON(<, __builtin_ia32_cmpltpd(a.v, b.v))
RESCORLA_PACK_COMPARISON(>, __builtin_ia32_cmpltpd(b.v, a.v))
RESCORLA_PACK_COMPARISON(<=, __builtin_ia32_cmplepd(a.v, b.v))
RESCORLA_PACK_COMPARISON(>=, __builtin_ia32_cmplepd(b.v, a.v))
RESCORLA_PACK_COMPARISON(==, __builtin_ia32_cmpeqpd(a.v, b.v))
RESCORLA_PACK_COMPARISON(!=, __builtin_ia32_cmpneqpd(a.v, b.v))
#undef RESCORLA_PACK_COMPARISON
#undef RESCORLA_SSE2_COMPARE

template <int W>
RESCORLA_INLINE mask<W> operator&(const mask<W>& a, const mask<W>& b) {
  mask<W> r;
  r.v = a.v & b.v;
  return r;
}
template <int W>
RESCORLA_INLINE mask<W> operator|(const mask<W>& a, const mask<W>& b) {
  mask<W> r;
  r.v = a.v | b.v;
  return r;
}
template <int W>
RESCORLA_INLINE mask<W> operator!(const mask<W>& a) {
  mask<W> r;
  r.v = ~a.v;
  return r;
}

// a where the mask holds, else b. A mask is all ones or all zeros in a lane, which the compiler
// cannot know: left to itself it compares the mask with zero first.
template <int W>
RESCORLA_INLINE pack<W> select(const mask<W>& m, const pack<W>& a, const pack<W>& b) {
  typedef typename pack<W>::vector vector;
  typedef typename mask<W>::vector bits;
  pack<W> r;
#if RESCORLA_LEVEL == 1
  if constexpr (W == 4) {
    r.v = __builtin_ia32_blendvpd256(b.v, a.v, (vector)m.v);
    return r;
  }
#elif RESCORLA_LEVEL == 2
  r.v = m.v ? a.v : b.v;
  return r;
#endif
  r.v = (vector)(((bits)a.v & m.v) | ((bits)b.v & ~m.v));
  return r;
}
RESCORLA_INLINE pack<1> select(const mask<1>& m, const pack<1>& a, const pack<1>& b) {
  return m.v[0] != 0 ? a : b;
}
template <int W>
RESCORLA_INLINE mask<W> select(const mask<W>& m, const mask<W>& a, const mask<W>& b) {
  return (m & a) | ((!m) & b);
}
template <int W>
RESCORLA_INLINE index<W> select(const mask<W>& m, const index<W>& a, const index<W>& b) {
  pack<W> x, y;
  x.v = a.v;
  y.v = b.v;
  index<W> r;
  r.v = select(m, x, y).v;
  return r;
}

// x where the mask holds, else exactly 0, whatever x is (0 x Inf would be NaN).
template <int W>
RESCORLA_INLINE pack<W> keep(const mask<W>& m, const pack<W>& x) {
  typedef typename mask<W>::vector bits;
  pack<W> r;
  r.v = (typename pack<W>::vector)((bits)x.v & m.v);
  return r;
}

RESCORLA_INLINE pack<1> keep(const mask<1>& m, const pack<1>& x) {
  return select(m, x, broadcast<1>(0.0));
}

template <int W>
RESCORLA_INLINE bool any(const mask<W>& m) {
  long long r = 0;
  for (int l = 0; l < W; ++l) r |= m.v[l];
  return r != 0;
}

template <int W>
RESCORLA_INLINE mask<W> present(const index<W>& i) {
  return i != 0;
}

template <int W>
RESCORLA_INLINE pack<W> to_pack(const index<W>& i) {
  pack<W> r;
  r.v = i.v;
  return r;
}
template <int W>
RESCORLA_INLINE index<W> keep(const mask<W>& m, const index<W>& i) {
  index<W> r;
  r.v = keep(m, to_pack(i)).v;
  return r;
}
// Nearest whole number. Anything outside the range of a cell index becomes 0, "missing".
template <int W>
RESCORLA_INLINE index<W> to_index(const pack<W>& x) {
  const mask<W> inside = (x > broadcast<W>(0.5)) & (x < broadcast<W>(2147483647.0));
  const pack<W> safe = keep(inside, x);
  index<W> r;
  for (int l = 0; l < W; ++l) r.v[l] = static_cast<scalar>(static_cast<int>(safe.v[l] + scalar{0.5}));
  return r;
}

RESCORLA_END

#endif
