#ifndef RESCORLA_CORE_DUAL_HPP
#define RESCORLA_CORE_DUAL_HPP

#include "math.hpp"

RESCORLA_BEGIN

// A set of parameters, one bit each.
typedef unsigned long long directions;

RESCORLA_INLINE constexpr int count(directions m) { return builtin::count_bits(m); }
// Where direction `bit` is stored among the members of m.
RESCORLA_INLINE constexpr int slot(directions m, int bit) {
  return builtin::count_bits(m & ((1ULL << bit) - 1ULL));
}
RESCORLA_INLINE constexpr bool has(directions m, int bit) { return (m >> bit) & 1ULL; }

// A value with its exact derivatives (a forward-mode dual number; Griewank & Walther 2008, ch. 3)
// in the directions M, the only ones that can be other than zero: learning rates never reach the
// logit's slope in the inverse temperature, so most arithmetic touches few of them. With M = 0 it
// is a plain pack, and the same program text gives the likelihood without derivatives.
template <int W, directions M>
struct number {
  static constexpr int width = W;
  static constexpr directions depends = M;
  pack<W> v;
  pack<W> d[count(M)];

  template <int Bit>
  RESCORLA_INLINE const pack<W>& partial() const {
    return d[slot(M, Bit)];
  }
};

template <int W>
struct number<W, 0> {
  static constexpr int width = W;
  static constexpr directions depends = 0;
  // Neither is ever read: they let code that loops over no directions compile.
  static constexpr pack<W>* d = nullptr;
  template <int Bit>
  RESCORLA_INLINE pack<W> partial() const {
    return broadcast<W>(0.0);
  }
  pack<W> v;
};

// Calls f with each member of M as a compile-time constant.
template <directions M, class F>
RESCORLA_INLINE void each_direction(F&& f) {
  if constexpr (M != 0) {
    f(std::integral_constant<int, builtin::lowest_bit(M)>{});
    each_direction<(M & (M - 1))>(f);
  }
}

template <int W>
RESCORLA_INLINE number<W, 0> constant(double x) {
  number<W, 0> r;
  r.v = broadcast<W>(x);
  return r;
}
template <int W>
RESCORLA_INLINE number<W, 0> plain(const pack<W>& x) {
  number<W, 0> r;
  r.v = x;
  return r;
}

// The derivative in direction Bit, zero where x cannot have one.
template <int Bit, int W, directions M>
RESCORLA_INLINE pack<W> partial(const number<W, M>& x) {
  if constexpr (has(M, Bit))
    return x.template partial<Bit>();
  else
    return broadcast<W>(0.0);
}

// The same number with room for more directions.
template <directions N, int W, directions M>
RESCORLA_INLINE number<W, N> widen(const number<W, M>& x) {
  static_assert((M & ~N) == 0, "a derivative would be lost");
  number<W, N> r;
  r.v = x.v;
  each_direction<N>([&](auto b) RESCORLA_LAMBDA { r.d[slot(N, b)] = partial<b>(x); });
  return r;
}

// f(x) with slope f'(x).
template <int W, directions M>
RESCORLA_INLINE number<W, M> chain(const number<W, M>& x, const pack<W>& value,
                                   const pack<W>& slope) {
  number<W, M> r;
  r.v = value;
  each_direction<M>(
      [&](auto b) RESCORLA_LAMBDA { r.d[slot(M, b)] = slope * x.template partial<b>(); });
  return r;
}

template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> operator+(const number<W, A>& a, const number<W, B>& b) {
  constexpr directions M = A | B;
  number<W, M> r;
  r.v = a.v + b.v;
  each_direction<M>([&](auto k) RESCORLA_LAMBDA {
    if constexpr (has(A, k) && has(B, k))
      r.d[slot(M, k)] = a.template partial<k>() + b.template partial<k>();
    else if constexpr (has(A, k))
      r.d[slot(M, k)] = a.template partial<k>();
    else
      r.d[slot(M, k)] = b.template partial<k>();
  });
  return r;
}

template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> operator-(const number<W, A>& a, const number<W, B>& b) {
  constexpr directions M = A | B;
  number<W, M> r;
  r.v = a.v - b.v;
  each_direction<M>([&](auto k) RESCORLA_LAMBDA {
    if constexpr (has(A, k) && has(B, k))
      r.d[slot(M, k)] = a.template partial<k>() - b.template partial<k>();
    else if constexpr (has(A, k))
      r.d[slot(M, k)] = a.template partial<k>();
    else
      r.d[slot(M, k)] = -b.template partial<k>();
  });
  return r;
}

template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> operator*(const number<W, A>& a, const number<W, B>& b) {
  constexpr directions M = A | B;
  number<W, M> r;
  r.v = a.v * b.v;
  each_direction<M>([&](auto k) RESCORLA_LAMBDA {
    if constexpr (has(A, k) && has(B, k))
      r.d[slot(M, k)] = a.v * b.template partial<k>() + b.v * a.template partial<k>();
    else if constexpr (has(A, k))
      r.d[slot(M, k)] = b.v * a.template partial<k>();
    else
      r.d[slot(M, k)] = a.v * b.template partial<k>();
  });
  return r;
}

template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> operator/(const number<W, A>& a, const number<W, B>& b) {
  constexpr directions M = A | B;
  number<W, M> r;
  r.v = a.v / b.v;
  if constexpr (M != 0) {
    const pack<W> inverse = broadcast<W>(1.0) / b.v;
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      if constexpr (has(A, k) && has(B, k))
        r.d[slot(M, k)] =
            (a.template partial<k>() - r.v * b.template partial<k>()) * inverse;
      else if constexpr (has(A, k))
        r.d[slot(M, k)] = a.template partial<k>() * inverse;
      else
        r.d[slot(M, k)] = -(r.v * b.template partial<k>()) * inverse;
    });
  }
  return r;
}

template <int W, directions M>
RESCORLA_INLINE number<W, M> operator-(const number<W, M>& a) {
  number<W, M> r;
  r.v = -a.v;
  each_direction<M>(
      [&](auto k) RESCORLA_LAMBDA { r.d[slot(M, k)] = -a.template partial<k>(); });
  return r;
}

#define RESCORLA_NUMBER_COMPARISON(op)                                                    \
  template <int W, directions A, directions B>                                            \
  RESCORLA_INLINE mask<W> operator op(const number<W, A>& a, const number<W, B>& b) {     \
    return a.v op b.v;                                                                    \
  }
RESCORLA_NUMBER_COMPARISON(<)
RESCORLA_NUMBER_COMPARISON(>)
RESCORLA_NUMBER_COMPARISON(<=)
RESCORLA_NUMBER_COMPARISON(>=)
RESCORLA_NUMBER_COMPARISON(==)
RESCORLA_NUMBER_COMPARISON(!=)
#undef RESCORLA_NUMBER_COMPARISON

// Chooses value and every derivative by lane.
template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> select(const mask<W>& m, const number<W, A>& a,
                                          const number<W, B>& b) {
  constexpr directions M = A | B;
  number<W, M> r;
  r.v = select(m, a.v, b.v);
  each_direction<M>([&](auto k) RESCORLA_LAMBDA {
    if constexpr (has(A, k) && has(B, k))
      r.d[slot(M, k)] = select(m, a.template partial<k>(), b.template partial<k>());
    else if constexpr (has(A, k))
      r.d[slot(M, k)] = keep(m, a.template partial<k>());
    else
      r.d[slot(M, k)] = keep(!m, b.template partial<k>());
  });
  return r;
}

// Ties take the first argument, its derivative included.
template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> max(const number<W, A>& a, const number<W, B>& b) {
  return select(a.v >= b.v, a, b);
}
template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> min(const number<W, A>& a, const number<W, B>& b) {
  return select(a.v <= b.v, a, b);
}

template <int W, directions M>
RESCORLA_INLINE number<W, M> exp(const number<W, M>& x) {
  const pack<W> e = exp(x.v);
  return chain(x, e, e);
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> log(const number<W, M>& x) {
  return chain(x, log(x.v), broadcast<W>(1.0) / x.v);
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> log1p(const number<W, M>& x) {
  return chain(x, log1p(x.v), broadcast<W>(1.0) / (broadcast<W>(1.0) + x.v));
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> sqrt(const number<W, M>& x) {
  const pack<W> r = sqrt(x.v);
  return chain(x, r, broadcast<W>(0.5) / r);
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> abs(const number<W, M>& x) {
  return chain(x, abs(x.v), sign(x.v));
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> tanh(const number<W, M>& x) {
  const pack<W> t = tanh(x.v);
  return chain(x, t, broadcast<W>(1.0) - t * t);
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> plogis(const number<W, M>& x) {
  const pack<W> p = plogis(x.v);
  return chain(x, p, p * plogis(-x.v));
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> qlogis(const number<W, M>& x) {
  const pack<W> one = broadcast<W>(1.0);
  return chain(x, log(x.v) - log1p(-x.v), one / (x.v * (one - x.v)));
}
template <int W, directions M>
RESCORLA_INLINE number<W, M> pnorm(const number<W, M>& x) {
  const pack<W> density = broadcast<W>(0.39894228040143267794) *
                          exp(broadcast<W>(-0.5) * x.v * x.v);
  return chain(x, normal_cdf(x.v), density);
}
// Flat almost everywhere: no derivatives.
template <int W, directions M>
RESCORLA_INLINE number<W, 0> sign(const number<W, M>& x) {
  return plain(sign(x.v));
}
template <int W, directions M>
RESCORLA_INLINE number<W, 0> floor(const number<W, M>& x) {
  return plain(floor(x.v));
}
// R's %%: the result has the sign of the divisor.
template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> modulo(const number<W, A>& a, const number<W, B>& b) {
  return a - floor(a / b) * b;
}

// x^N for a whole literal N by multiplication.
template <int N, int W, directions M>
RESCORLA_INLINE number<W, M> power(const number<W, M>& x) {
  static_assert(N >= 1, "");
  if constexpr (N == 1) {
    return x;
  } else {
    pack<W> below = x.v;
    for (int i = 2; i < N; ++i) below = below * x.v;
    return chain(x, below * x.v, broadcast<W>(N) * below);
  }
}

// a^b as exp(b log a). At a = 0 the derivative is taken as 0, the prospect-utility convention: the
// one-sided limit is infinite below b = 1 and no outcome of zero carries information on b.
template <int W, directions A, directions B>
RESCORLA_INLINE number<W, (A | B)> pow(const number<W, A>& a, const number<W, B>& b) {
  constexpr directions M = A | B;
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  const mask<W> at_zero = a.v == zero, flat = b.v == zero;
  pack<W> value;
  for (int l = 0; l < W; ++l) value.v[l] = detail::power(a.v.v[l], b.v.v[l]);
  number<W, M> r;
  r.v = value;
  if constexpr (M != 0) {
    const pack<W> safe = select(at_zero, one, a.v);
    const pack<W> by_base = keep(!(at_zero | flat), b.v * value / safe);
    const pack<W> by_exponent = keep(!at_zero, value * log(safe));
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      if constexpr (has(A, k) && has(B, k))
        r.d[slot(M, k)] =
            by_base * a.template partial<k>() + by_exponent * b.template partial<k>();
      else if constexpr (has(A, k))
        r.d[slot(M, k)] = by_base * a.template partial<k>();
      else
        r.d[slot(M, k)] = by_exponent * b.template partial<k>();
    });
  }
  return r;
}

RESCORLA_END

#endif
