#ifndef RESCORLA_CORE_GAMMA_HPP
#define RESCORLA_CORE_GAMMA_HPP

#include "math.hpp"

RESCORLA_BEGIN

// The logarithm of the gamma function and its first two derivatives, by lane, for x > 0; elsewhere
// they are not a number. The error is below 1e-13 of the value, next to the zeros too, which the
// tests hold against long double and R.

namespace detail {

// Stirling's and its kindred series are short from here on.
constexpr double stirling_from = 10.0;

// Sum of c[k] x^k.
template <int W, int N>
RESCORLA_INLINE pack<W> polynomial(const double (&c)[N], const pack<W>& x) {
  pack<W> r = broadcast<W>(c[N - 1]);
  for (int k = N - 2; k >= 0; --k) r.v = r.v * x.v + c[k];
  return r;
}

// x raised by whole steps to where the series are short, f told of every step with the lanes that
// take it and what they leave.
template <int W, class F>
RESCORLA_INLINE pack<W> raise(pack<W> x, F f) {
  const pack<W> one = broadcast<W>(1.0), enough = broadcast<W>(stirling_from);
  for (int k = 0; k < static_cast<int>(stirling_from); ++k) {
    const mask<W> low = x < enough;
    if (!any(low)) break;
    f(low, x);
    x = select(low, x + one, x);
  }
  return x;
}

template <int W>
RESCORLA_INLINE pack<W> where_positive(const pack<W>& x, const pack<W>& value) {
  return select(x > broadcast<W>(0.0), value, broadcast<W>(builtin::nan()));
}

}  // namespace detail

// Below 5/2 by the series around 2, lgamma(2 + t) = t (1 - gamma + sum_k (-t)^k (zeta(k) - 1) / k)
// (Abramowitz & Stegun 6.1.33), which keeps the zeros at 1 and 2; above by Stirling's (6.1.40).
template <int W>
RESCORLA_INLINE pack<W> lgamma(const pack<W>& x) {
  static constexpr double around_two[] = {
      0.422784335098467139,     0.322467033424113218,     -0.0673523010531980951,
      0.0205808084277845479,    -0.00738555102867398527,  0.00289051033074152329,
      -0.00119275391170326098,  5.09669524743042422e-4,   -2.2315475845357938e-4,
      9.94575127818085337e-5,   -4.49262367381331417e-5,  2.05072127756706916e-5,
      -9.4394882752683959e-6,   4.3748667899074878e-6,    -2.03921575380136624e-6,
      9.55141213040741983e-7,   -4.49246919876456604e-7,  2.12071848055546659e-7,
      -1.00432248239680996e-7,  4.76981016936398057e-8,   -2.27110946089431649e-8,
      1.08386592148969541e-8,   -5.18347504197004666e-9,  2.48367454380247832e-9};
  static constexpr double stirling[] = {1.0 / 12.0,    -1.0 / 360.0,        1.0 / 1260.0,
                                        -1.0 / 1680.0, 1.0 / 1188.0,        -691.0 / 360360.0,
                                        1.0 / 156.0,   -3617.0 / 122400.0};
  const pack<W> half = broadcast<W>(0.5), one = broadcast<W>(1.0);
  const mask<W> least = x < half, less = x < broadcast<W>(1.5), low = x < broadcast<W>(2.5);
  pack<W> steps = one;
  const pack<W> z = detail::raise(x, [&](const mask<W>& m, const pack<W>& from) RESCORLA_LAMBDA {
    steps = select(m, steps * from, steps);
  });
  // lgamma(x) = lgamma(1 + x) - log x, once below 3/2 and twice below 1/2.
  const pack<W> main = log(select(low, x, z));
  const pack<W> rest = log(select(low, select(least, x + one, one), steps));
  const pack<W> t = x - select(least, broadcast<W>(0.0), select(less, one, one + one));
  const pack<W> near =
      t * detail::polynomial(around_two, t) - keep(less, main) - rest;
  const pack<W> inverse = one / z;
  const pack<W> far = (z - half) * main - z + broadcast<W>(0.91893853320467274178) +
                      inverse * detail::polynomial(stirling, inverse * inverse) - rest;
  return detail::where_positive(x, select(low, near, far));
}

// By its asymptotic series (Abramowitz & Stegun 6.3.18), next to its zero by the Taylor series.
template <int W>
RESCORLA_INLINE pack<W> digamma(const pack<W>& x) {
  static constexpr double around_zero[] = {
      0.96767224544762117,   -0.442763168983592106, 0.258499760955651011,  -0.163942705442406528,
      0.107824050691262366,  -0.0721995612564547109, 0.0488042881641431072, -0.0331611264748473593,
      0.0225976482322181047, -0.0154247659049489591, 0.0105387916166121754};
  static constexpr double series[] = {1.0 / 12.0,   -1.0 / 120.0,     1.0 / 252.0, -1.0 / 240.0,
                                      1.0 / 132.0,  -691.0 / 32760.0, 1.0 / 12.0,
                                      -3617.0 / 8160.0};
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  // The sum of 1 / (x + k) as one fraction.
  pack<W> above = zero, below = one;
  const pack<W> z = detail::raise(x, [&](const mask<W>& m, const pack<W>& from) RESCORLA_LAMBDA {
    above = select(m, above * from + below, above);
    below = select(m, below * from, below);
  });
  const pack<W> inverse = one / z;
  const pack<W> square = inverse * inverse;
  const pack<W> value = log(z) - broadcast<W>(0.5) * inverse -
                        square * detail::polynomial(series, square) - above / below;
  const pack<W> t =
      (x - broadcast<W>(0x1.762d86356be3fp+0)) - broadcast<W>(9.5499954299656977e-17);
  const mask<W> next = abs(t) < broadcast<W>(0.0625);
  return detail::where_positive(x,
                                select(next, t * detail::polynomial(around_zero, t), value));
}

// Abramowitz & Stegun 6.4.12.
template <int W>
RESCORLA_INLINE pack<W> trigamma(const pack<W>& x) {
  static constexpr double series[] = {1.0 / 6.0,  -1.0 / 30.0,      1.0 / 42.0, -1.0 / 30.0,
                                      5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0,  -3617.0 / 510.0};
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  pack<W> above = zero, below = one;
  const pack<W> z = detail::raise(x, [&](const mask<W>& m, const pack<W>& from) RESCORLA_LAMBDA {
    const pack<W> square = from * from;
    above = select(m, above * square + below, above);
    below = select(m, below * square, below);
  });
  const pack<W> inverse = one / z;
  const pack<W> square = inverse * inverse;
  const pack<W> value = inverse + broadcast<W>(0.5) * square +
                        inverse * square * detail::polynomial(series, square) + above / below;
  return detail::where_positive(x, value);
}

// The logarithm of the number of ways to choose k of n.
template <int W>
RESCORLA_INLINE pack<W> log_choose(const pack<W>& n, const pack<W>& k) {
  const pack<W> among[] = {n, k, n - k};
  pack<W> r = broadcast<W>(0.0);
  for (int i = 0; i < 3; ++i) {
    const pack<W> factorial = lgamma(among[i] + broadcast<W>(1.0));
    r = i == 0 ? factorial : r - factorial;
  }
  return r;
}

RESCORLA_END

#endif
