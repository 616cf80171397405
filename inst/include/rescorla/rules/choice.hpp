#ifndef RESCORLA_RULES_CHOICE_HPP
#define RESCORLA_RULES_CHOICE_HPP

#include "../core/dual.hpp"

RESCORLA_BEGIN

// Softmax (Luce 1959; Sutton & Barto 2018, s. 2.8): p[a] = exp(x[a]) / sum exp(x), over the
// allowed actions; the maximum is taken off first, so that no logit is too large. p may be x.
template <int W, directions M, class Allowed>
RESCORLA_INLINE void softmax(const number<W, M>* x, int n, Allowed allowed, number<W, M>* p) {
  pack<W> top = broadcast<W>(-builtin::infinity());
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) top = select(allowed(a), max(x[a].v, top), top);
  pack<W> sum = broadcast<W>(0.0);
  pack<W> first[count(M) > 0 ? count(M) : 1];
  for (int k = 0; k < count(M); ++k) first[k] = broadcast<W>(0.0);
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) {
    const number<W, M> logit = x[a];
    const pack<W> e = keep(allowed(a), exp_nonpositive(logit.v - top));
    sum = sum + e;
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      first[slot(M, k)] = first[slot(M, k)] + e * logit.template partial<k>();
    });
    p[a] = logit;
    p[a].v = e;
  }
  const pack<W> inverse = broadcast<W>(1.0) / sum;
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) {
    const number<W, M> logit = p[a];
    p[a].v = logit.v * inverse;
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      p[a].d[slot(M, k)] =
          p[a].v * (logit.template partial<k>() - first[slot(M, k)] * inverse);
    });
  }
}

// epsilon-greedy (Sutton & Barto 2018, s. 2.2): the best action with probability 1 - epsilon,
// otherwise any; ties share.
template <int W, directions M, directions N>
RESCORLA_INLINE void epsilon_greedy(const number<W, M>* x, int n, const number<W, N>& epsilon,
                                    number<W, N>* p) {
  pack<W> top = x[0].v, ties = broadcast<W>(0.0);
  const pack<W> one = broadcast<W>(1.0);
  RESCORLA_UNROLL
  for (int a = 1; a < n; ++a) top = max(top, x[a].v);
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) ties = ties + keep(x[a].v == top, one);
  const number<W, 0> share = constant<W>(1.0 / n);
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) {
    const number<W, 0> best = plain(keep(x[a].v == top, one / ties));
    p[a] = (constant<W>(1.0) - epsilon) * best + epsilon * share;
  }
}

RESCORLA_END

#endif
