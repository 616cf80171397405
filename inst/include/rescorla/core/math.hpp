#ifndef RESCORLA_CORE_MATH_HPP
#define RESCORLA_CORE_MATH_HPP

#include "pack.hpp"

RESCORLA_BEGIN

// exp and log by lane, for doubles; core/math_single.hpp has those of floats. Both reduce the
// argument exactly and finish with a short polynomial, so that a pack costs a handful of
// multiply-adds and no table; the tests hold exp to 1.1 and log to 1 unit in the last place against
// the C library.

// Of a NaN and a number, the second argument; so too of two zeros.
template <int W>
RESCORLA_INLINE pack<W> max(const pack<W>& a, const pack<W>& b) {
#if defined(__x86_64__) && RESCORLA_LEVEL == 0 && !defined(RESCORLA_DEVICE)
  if constexpr (W == 2) {
    pack<W> r;
    r.v = __builtin_ia32_maxpd(a.v, b.v);
    return r;
  }
#endif
  return select(a > b, a, b);
}
template <int W>
RESCORLA_INLINE pack<W> min(const pack<W>& a, const pack<W>& b) {
#if defined(__x86_64__) && RESCORLA_LEVEL == 0 && !defined(RESCORLA_DEVICE)
  if constexpr (W == 2) {
    pack<W> r;
    r.v = __builtin_ia32_minpd(a.v, b.v);
    return r;
  }
#endif
  return select(a < b, a, b);
}

namespace detail {

template <int W>
RESCORLA_INLINE typename mask<W>::vector bits_of(const pack<W>& x) {
  return (typename mask<W>::vector)x.v;
}

// 1.5 * 2^52: adding it leaves a whole number in the low bits of the significand.
constexpr double round_shift = 6755399441055744.0;

// Constants of exp. The polynomial P has exp(r) = 1 + r + r^2 P(r) for |r| <= log(2) / 2, minimax
// of degree 9 with a relative error of 1.3e-17.
#define RESCORLA_EXP_CONSTANTS(item)                                                        \
  item(0x1.71547652b82fep+0)  /* 1 / log(2) */                                              \
  item(6755399441055744.0)    /* round_shift */                                             \
  item(0x1.62e42fefa0000p-1)  /* log(2), high part */                                       \
  item(0x1.cf79abc9e3b3ap-40) /* and the rest */                                            \
  item(0x1.0000000000001p-1) item(0x1.5555555555556p-3) item(0x1.5555555553d63p-5)          \
  item(0x1.11111111109b3p-7) item(0x1.6c16c1788bd90p-10) item(0x1.a01a01a7c41d5p-13)        \
  item(0x1.a019b90d2ae7ap-16) item(0x1.71de0dae63bb3p-19) item(0x1.289185613a3d6p-22)       \
  item(0x1.af38a9b0ec855p-26) item(1.0) item(-708.0)
#define RESCORLA_ONCE(x) x,
#define RESCORLA_EIGHT(x) x, x, x, x, x, x, x, x,

template <int W>
struct exp_constants;

#ifndef RESCORLA_DEVICE
// Each repeated over the widest pack so that it can be a memory operand.
alignas(64) inline constexpr double exp_table[] = {RESCORLA_EXP_CONSTANTS(RESCORLA_EIGHT)};

template <int W>
struct exp_constants {
  typedef typename pack<W>::vector vector;
  const double* table;
  // Where the compiler can see the table it copies it to the stack before every inner loop, at
  // more cost than the exponentials of the loop; an address it cannot follow stays a memory operand.
  RESCORLA_INLINE exp_constants() : table(exp_table) { __asm__("" : "+r"(table)); }
  RESCORLA_INLINE vector operator[](int k) const {
    return *static_cast<const vector*>(__builtin_assume_aligned(table + 8 * k, 64));
  }
};
#endif

// Alone they are immediate operands, and device code cannot see the table.
template <>
struct exp_constants<1> {
  RESCORLA_INLINE single<double> operator[](int k) const {
    constexpr double constants[] = {RESCORLA_EXP_CONSTANTS(RESCORLA_ONCE)};
    return constants[k];
  }
};
#undef RESCORLA_EIGHT
#undef RESCORLA_ONCE
#undef RESCORLA_EXP_CONSTANTS

// exp(x) / 2^n, with n = round(x / log(2)) left in `shifted` as n + round_shift.
template <int W>
RESCORLA_INLINE typename pack<W>::vector exp_reduced(const typename pack<W>::vector& x,
                                                     const exp_constants<W>& c,
                                                     typename pack<W>::vector& shifted) {
  typedef typename pack<W>::vector vector;
  shifted = x * c[0] + c[1];
  const vector n = shifted - c[1];
  const vector r = (x - n * c[2]) - n * c[3];
  const vector r2 = r * r;
  const vector r4 = r2 * r2;
  const vector low = (c[7] * r + c[6]) * r2 + (c[5] * r + c[4]);
  const vector high = (c[11] * r + c[10]) * r2 + (c[9] * r + c[8]);
  const vector p = ((c[13] * r + c[12]) * r4 + high) * r4 + low;
  return (p * r2 + r) + c[14];
}

// 2^n for whole n in [-1022, 1023] held as n + round_shift.
template <int W>
RESCORLA_INLINE typename pack<W>::vector power_of_two(const typename pack<W>::vector& shifted) {
  return (typename pack<W>::vector)(((typename mask<W>::vector)shifted + 1023LL) << 52);
}

}  // namespace detail

// exp for x <= 0, as softmax needs it after its maximum is taken off. Below -708 it stays at the
// smallest normal number's neighbourhood: no softmax sum, which is at least 1, can tell. NaN stays
// NaN, so that a logit that is not a number never passes for an improbable one.
template <int W>
RESCORLA_INLINE pack<W> exp_nonpositive(const pack<W>& x) {
  const detail::exp_constants<W> c;
  pack<W> lowest;
  lowest.v = c[15];
  const pack<W> clamped = max(lowest, x);
  typename pack<W>::vector shifted;
  pack<W> r;
  r.v = detail::exp_reduced<W>(clamped.v, c, shifted);
  r.v = r.v * detail::power_of_two<W>(shifted);
  return r;
}

// exp for -708 <= x <= 708, and its values there beyond; NaN stays NaN.
template <int W>
RESCORLA_INLINE pack<W> exp_within(const pack<W>& x) {
  const detail::exp_constants<W> c;
  pack<W> lowest;
  lowest.v = c[15];
  const pack<W> clamped = min(-lowest, max(lowest, x));
  typename pack<W>::vector shifted;
  pack<W> r;
  r.v = detail::exp_reduced<W>(clamped.v, c, shifted);
  r.v = r.v * detail::power_of_two<W>(shifted);
  return r;
}

// exp over the whole line; NaN stays NaN, overflow gives Inf, underflow 0.
template <int W>
RESCORLA_INLINE pack<W> exp(const pack<W>& x) {
  typedef typename pack<W>::vector vector;
  const pack<W> low = broadcast<W>(-746.0), high = broadcast<W>(710.0);
  pack<W> clamped = select(x < low, low, x);
  clamped = select(clamped > high, high, clamped);
  vector shifted;
  pack<W> r;
  r.v = detail::exp_reduced<W>(clamped.v, detail::exp_constants<W>(), shifted);
  // Two factors, since 2^n alone leaves the range of a double before exp(x) does.
  const vector n = shifted - detail::round_shift;
  const vector half_shifted = n * 0.5 + detail::round_shift;
  const vector rest = (n - (half_shifted - detail::round_shift)) + detail::round_shift;
  r.v = r.v * detail::power_of_two<W>(half_shifted) * detail::power_of_two<W>(rest);
  return r;
}

// Natural logarithm: x = 2^k m with m in [sqrt(1/2), sqrt(2)), log m by the odd series in
// s = f / (2 + f), f = m - 1 (Ng, fdlibm e_log.c, for the polynomial's coefficients).
template <int W>
RESCORLA_INLINE pack<W> log(const pack<W>& x) {
  typedef typename mask<W>::vector bits;
  typedef typename pack<W>::vector vector;
  const mask<W> subnormal = x < broadcast<W>(0x1p-1022);
  const pack<W> scaled = select(subnormal, x * broadcast<W>(0x1p54), x);
  const long long centre = 0x3fe6a09e00000000LL;
  typedef typename lanes<unsigned long long, W>::vector ubits;
  // Unsigned: the bits of a NaN may overflow.
  const bits moved = (bits)((ubits)detail::bits_of(scaled) +
                            static_cast<unsigned long long>(0x3ff0000000000000LL - centre));
  const bits exponent = (bits)((ubits)moved >> 52);
  pack<W> k;
  k.v = (vector)(exponent | 0x4330000000000000LL) - (0x1p52 + 1023.0);
  k.v = k.v - keep(subnormal, broadcast<W>(54.0)).v;
  const vector m = (vector)((moved & 0x000fffffffffffffLL) + centre);
  const vector f = m - 1.0;
  const vector s = f / (f + 2.0);
  const vector z = s * s;
  const vector w = z * z;
  const vector even = w * (w * (w * 1.531383769920937332e-01 + 2.222219843214978396e-01) +
                           3.999999999940941908e-01);
  const vector odd = z * (w * (w * (w * 1.479819860511658591e-01 + 1.818357216161805012e-01) +
                               2.857142874366239149e-01) + 6.666666666666735130e-01);
  const vector half = 0.5 * f * f;
  pack<W> r;
  r.v = k.v * 6.93147180369123816490e-01 -
        ((half - (s * (half + (even + odd)) + k.v * 1.90821492927058770002e-10)) - f);
  const pack<W> infinity = broadcast<W>(builtin::infinity());
  r = select(x == broadcast<W>(0.0), -infinity, r);
  r = select(x < broadcast<W>(0.0), broadcast<W>(builtin::nan()), r);
  return select((x == infinity) | (x != x), x, r);
}

// log(1 + x) without loss near 0 (Goldberg 1991, theorem 4).
template <int W>
RESCORLA_INLINE pack<W> log1p(const pack<W>& x) {
  const pack<W> one = broadcast<W>(1.0);
  const pack<W> u = x + one;
  const pack<W> d = u - one;
  const pack<W> exact = log(u) * (x / d);
  const mask<W> tiny = d == broadcast<W>(0.0);
  const mask<W> infinite = u == broadcast<W>(builtin::infinity());
  return select(tiny | infinite, x, exact);
}

template <int W>
RESCORLA_INLINE pack<W> abs(const pack<W>& x) {
  typedef typename mask<W>::vector bits;
  pack<W> r;
  r.v = (typename pack<W>::vector)((bits)x.v & precision<scalar>::magnitude);
  return r;
}

// Functions that models use rarely go through the C library lane by lane.
#define RESCORLA_BY_LANE(name, call)                       \
  template <int W>                                         \
  RESCORLA_INLINE pack<W> name(const pack<W>& x) {         \
    pack<W> r;                                             \
    for (int l = 0; l < W; ++l) {                          \
      const double a = x.v[l];                             \
      r.v[l] = call;                                       \
    }                                                      \
    return r;                                              \
  }
RESCORLA_BY_LANE(tanh, ::tanh(a))
RESCORLA_BY_LANE(floor, ::floor(a))
RESCORLA_BY_LANE(sqrt, ::sqrt(a))
RESCORLA_BY_LANE(normal_cdf, 0.5 * ::erfc(a * -0.70710678118654752440))
#undef RESCORLA_BY_LANE

namespace detail {
RESCORLA_INLINE double power(double a, double b) { return ::pow(a, b); }
RESCORLA_INLINE float power(float a, float b) { return ::powf(a, b); }
}  // namespace detail

template <int W>
RESCORLA_INLINE pack<W> sign(const pack<W>& x) {
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  return select(x > zero, one, select(x < zero, -one, x));
}

// 1 / (1 + exp(-x)), exact to rounding in both tails.
template <int W>
RESCORLA_INLINE pack<W> plogis(const pack<W>& x) {
  const pack<W> one = broadcast<W>(1.0);
  const pack<W> e = exp(-abs(x));
  const pack<W> r = one / (one + e);
  return select(x < broadcast<W>(0.0), e * r, r);
}

RESCORLA_END

#include "math_single.hpp"

#endif
