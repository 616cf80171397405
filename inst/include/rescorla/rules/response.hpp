#ifndef RESCORLA_RULES_RESPONSE_HPP
#define RESCORLA_RULES_RESPONSE_HPP

#include "../core/dual.hpp"
#include "../core/gamma.hpp"

RESCORLA_BEGIN

// What the trials of one pack of subjects have added up to: log-likelihood, its gradient (the
// score) and, where asked for, the Fisher information conditional on the history, that is the
// expectation of the score's outer product over the responses the model could have given.
//
// Softmax terms are kept as sum(linear) - log(prod(denominator)): after the maximum is taken off,
// a denominator lies between 1 and the number of actions, so many trials share one logarithm.
template <int W, directions D>
struct score {
  static constexpr int size = count(D);
  static constexpr int pairs = size * (size + 1) / 2;
  pack<W> linear;
  pack<W> product;
  pack<W> gradient[size > 0 ? size : 1];
  pack<W> information[pairs > 0 ? pairs : 1];
  bool with_information;

  RESCORLA_INLINE void clear(bool information_wanted) {
    linear = broadcast<W>(0.0);
    product = broadcast<W>(1.0);
    for (int k = 0; k < size; ++k) gradient[k] = broadcast<W>(0.0);
    for (int k = 0; k < pairs; ++k) information[k] = broadcast<W>(0.0);
    with_information = information_wanted;
  }
  RESCORLA_INLINE void flush() {
    linear = linear - log(product);
    product = broadcast<W>(1.0);
  }
};

RESCORLA_INLINE constexpr int pair_slot(int i, int j) {
  return i <= j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j;
}

// Adds weight * u u' over the directions of u; lanes outside `where` add exactly nothing.
template <directions M, int W, directions D, class U>
RESCORLA_INLINE void add_outer(score<W, D>& s, const mask<W>& where, const pack<W>& weight, U u) {
  each_direction<M>([&](auto i) RESCORLA_LAMBDA {
    const pack<W> wi = weight * u(i);
    each_direction<(M & ((2ULL << decltype(i)::value) - 1ULL))>([&](auto j) RESCORLA_LAMBDA {
      pack<W>& cell = s.information[pair_slot(slot(D, j), slot(D, i))];
      cell = cell + keep(where, wi * u(j));
    });
  });
}

// A response whose probability p (a number) was computed outright: adds log p.
template <int W, directions D, directions M>
RESCORLA_INLINE void add_log(score<W, D>& s, const mask<W>& scored, const number<W, M>& p) {
  s.linear = s.linear + keep(scored, log(p.v));
  if constexpr (M != 0) {
    const pack<W> inverse = broadcast<W>(1.0) / p.v;
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      pack<W>& g = s.gradient[slot(D, k)];
      g = g + keep(scored, inverse * p.template partial<k>());
    });
  }
}

// Two alternatives whose logits differ by `gap` = logit(other) - logit(chosen): one exponential.
template <int W, directions D, directions M>
RESCORLA_INLINE void add_logistic(score<W, D>& s, const mask<W>& scored,
                                  const number<W, M>& gap) {
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  const mask<W> behind = gap.v > zero;
  const pack<W> e = exp_nonpositive(-abs(gap.v));
  const pack<W> sum = one + e;
  s.linear = s.linear - keep(scored & behind, gap.v);
  s.product = s.product * (one + keep(scored, e));
  if constexpr (M != 0) {
    const pack<W> inverse = one / sum;
    const pack<W> other = select(behind, one, e) * inverse;
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      pack<W>& g = s.gradient[slot(D, k)];
      g = g - keep(scored, other * gap.template partial<k>());
    });
    if (s.with_information)
      add_outer<M>(s, scored, e * inverse * inverse,
                   [&](auto k) RESCORLA_LAMBDA { return gap.template partial<k>(); });
  }
}

// The covariance of the logits' derivatives under the choice probabilities: the information of a
// softmax response. `weights[a].v * scale` are the probabilities, `mean` the mean derivatives.
template <int W, directions D, directions M>
RESCORLA_INLINE void add_covariance(score<W, D>& s, const mask<W>& scored,
                                    const number<W, M>* weights, int n, const pack<W>& scale,
                                    const pack<W>* mean) {
  constexpr int size = count(M);
  pack<W> sum[size * (size + 1) / 2];
  for (int k = 0; k < size * (size + 1) / 2; ++k) sum[k] = broadcast<W>(0.0);
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) {
    const number<W, M> x = weights[a];
    pack<W> u[size];
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      u[slot(M, k)] = x.template partial<k>() - mean[slot(M, k)];
    });
    each_direction<M>([&](auto i) RESCORLA_LAMBDA {
      const pack<W> weighted = x.v * u[slot(M, i)];
      each_direction<(M & ((2ULL << decltype(i)::value) - 1ULL))>([&](auto j) RESCORLA_LAMBDA {
        pack<W>& cell = sum[pair_slot(slot(M, j), slot(M, i))];
        cell = cell + weighted * u[slot(M, j)];
      });
    });
  }
  each_direction<M>([&](auto i) RESCORLA_LAMBDA {
    each_direction<(M & ((2ULL << decltype(i)::value) - 1ULL))>([&](auto j) RESCORLA_LAMBDA {
      pack<W>& cell = s.information[pair_slot(slot(D, j), slot(D, i))];
      cell = cell + keep(scored, scale * sum[pair_slot(slot(M, j), slot(M, i))]);
    });
  });
}

// The logit of an action that is not on offer: its exponential is below any rounding of the sum.
constexpr double excluded_logit = precision<scalar>::excluded;

// What a softmax response adds, its exponentials known: `own` is the chosen logit, `weights[a].v`
// the exponential of each above `reference`, `first` their sums of derivatives.
template <int W, directions D, directions M>
RESCORLA_INLINE void finish_softmax(score<W, D>& s, const mask<W>& scored,
                                    const number<W, M>& own, const number<W, M>* weights, int n,
                                    const pack<W>& reference, const pack<W>& sum,
                                    pack<W>* first) {
  const pack<W> one = broadcast<W>(1.0);
  s.linear = s.linear + keep(scored, own.v - reference);
  s.product = s.product * select(scored, sum, one);
  if constexpr (M != 0) {
    const pack<W> inverse = one / sum;
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      first[slot(M, k)] = first[slot(M, k)] * inverse;
      pack<W>& g = s.gradient[slot(D, k)];
      g = g + keep(scored, own.template partial<k>() - first[slot(M, k)]);
    });
    if (s.with_information) add_covariance(s, scored, weights, n, inverse, first);
  }
}

// Softmax over n logits, the chosen one (from 1) among them, the largest given as `top`. The array
// is scratch: its values become exponentials, so that the information needs no second set of them.
template <int W, directions D, directions M>
RESCORLA_INLINE void add_softmax(score<W, D>& s, const mask<W>& scored, const index<W>& chosen,
                                 number<W, M>* logits, int n, const pack<W>& top) {
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  number<W, M> own = logits[0];
  pack<W> sum = zero, action = one;
  pack<W> first[count(M) > 0 ? count(M) : 1];
  for (int k = 0; k < count(M); ++k) first[k] = zero;
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a, action = action + one) {
    const number<W, M> x = logits[a];
    const pack<W> e = exp_nonpositive(x.v - top);
    sum = sum + e;
    own = select(to_pack(chosen) == action, x, own);
    if constexpr (M != 0) {
      logits[a].v = e;
      each_direction<M>([&](auto k) RESCORLA_LAMBDA {
        first[slot(M, k)] = first[slot(M, k)] + e * x.template partial<k>();
      });
    }
  }
  finish_softmax(s, scored, own, logits, n, top, sum, first);
}

// The same with the exponentials given: e[a] = exp(logits[a] - reference), `sum` their sum, which
// must not be far from the number of actions: the product of many trials' sums has to be finite.
template <int W, directions D, directions M>
RESCORLA_INLINE void add_softmax_kept(score<W, D>& s, const mask<W>& scored,
                                      const index<W>& chosen, number<W, M>* logits,
                                      const number<W, 0>* e, int n, const pack<W>& reference,
                                      const pack<W>& sum) {
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  number<W, M> own = logits[0];
  pack<W> action = one;
  pack<W> first[count(M) > 0 ? count(M) : 1];
  for (int k = 0; k < count(M); ++k) first[k] = zero;
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a, action = action + one) {
    const number<W, M> x = logits[a];
    own = select(to_pack(chosen) == action, x, own);
    if constexpr (M != 0) {
      const pack<W> weight = e[a].v;
      logits[a].v = weight;
      each_direction<M>([&](auto k) RESCORLA_LAMBDA {
        first[slot(M, k)] = first[slot(M, k)] + weight * x.template partial<k>();
      });
    }
  }
  finish_softmax(s, scored, own, logits, n, reference, sum, first);
}

// A categorical response with probabilities p[a] used as given; the information is
// sum_a dp_a dp_a' / p_a.
template <int W, directions D, directions M>
RESCORLA_INLINE void add_categorical(score<W, D>& s, const mask<W>& scored,
                                     const index<W>& chosen, const number<W, M>* p, int n) {
  number<W, M> own = widen<M>(constant<W>(1.0));
  RESCORLA_UNROLL
  for (int a = 0; a < n; ++a) own = select(chosen == a + 1, p[a], own);
  add_log(s, scored, own);
  if constexpr (M != 0) {
    if (s.with_information)
      RESCORLA_UNROLL
      for (int a = 0; a < n; ++a) {
        const number<W, M> x = p[a];
        const mask<W> possible = x.v > broadcast<W>(0.0);
        add_outer<M>(s, scored & possible, broadcast<W>(1.0) / x.v,
                     [&](auto k) RESCORLA_LAMBDA { return x.template partial<k>(); });
      }
  }
}

// y ~ Normal(mean, sd); the information is dm dm' / sd^2 + 2 ds ds' / sd^2.
template <int W, directions D, directions A, directions B>
RESCORLA_INLINE void add_normal(score<W, D>& s, const mask<W>& scored, const pack<W>& y,
                                const number<W, A>& mean, const number<W, B>& sd) {
  const number<W, (A | B)> z = (plain(y) - mean) / sd;
  const number<W, (A | B)> term =
      -(constant<W>(0.5) * z * z) - log(sd) - constant<W>(0.91893853320467274178);
  // A standard deviation that is not positive makes the density undefined: not a number.
  s.linear = s.linear + keep(scored, term.v);
  if constexpr ((A | B) != 0) {
    each_direction<(A | B)>([&](auto k) RESCORLA_LAMBDA {
      pack<W>& g = s.gradient[slot(D, k)];
      g = g + keep(scored, term.template partial<k>());
    });
    if (s.with_information) {
      const pack<W> precision = broadcast<W>(1.0) / (sd.v * sd.v);
      add_outer<A>(s, scored, precision,
                   [&](auto k) RESCORLA_LAMBDA { return mean.template partial<k>(); });
      add_outer<B>(s, scored, precision + precision,
                   [&](auto k) RESCORLA_LAMBDA { return sd.template partial<k>(); });
    }
  }
}

// y ~ Beta with the given mean and precision, that is with shapes a = mean precision and
// b = (1 - mean) precision (Ferrari & Cribari-Neto 2004). With psi' the trigamma function the
// information is psi'(a) da da' + psi'(b) db db' - psi'(precision) dprecision dprecision'.
template <int W, directions D, directions A, directions B>
RESCORLA_INLINE void add_beta(score<W, D>& s, const mask<W>& scored, const pack<W>& y,
                              const number<W, A>& mean, const number<W, B>& precision) {
  constexpr directions M = A | B;
  const pack<W> one = broadcast<W>(1.0);
  const number<W, M> shape[] = {mean * precision, (constant<W>(1.0) - mean) * precision};
  const pack<W> logs[] = {log(y), log1p(-y)};
  // Outside (0, 1), and without shapes above 0, the sum is not finite.
  pack<W> value = lgamma(precision.v);
  for (int i = 0; i < 2; ++i)
    value = value + (shape[i].v - one) * logs[i] - lgamma(shape[i].v);
  s.linear = s.linear + keep(scored, value);
  if constexpr (M != 0) {
    for (int i = 0; i < 2; ++i) {
      const number<W, M> x = shape[i];
      const pack<W> slope = logs[i] - digamma(x.v);
      each_direction<M>([&](auto k) RESCORLA_LAMBDA {
        pack<W>& g = s.gradient[slot(D, k)];
        g = g + keep(scored, slope * x.template partial<k>());
      });
      if (s.with_information)
        add_outer<M>(s, scored, trigamma(x.v),
                     [&](auto k) RESCORLA_LAMBDA { return x.template partial<k>(); });
    }
  }
  if constexpr (B != 0) {
    const pack<W> slope = digamma(precision.v);
    each_direction<B>([&](auto k) RESCORLA_LAMBDA {
      pack<W>& g = s.gradient[slot(D, k)];
      g = g + keep(scored, slope * precision.template partial<k>());
    });
    if (s.with_information)
      add_outer<B>(s, scored, -trigamma(precision.v),
                   [&](auto k) RESCORLA_LAMBDA { return precision.template partial<k>(); });
  }
}

template <int W>
RESCORLA_INLINE mask<W> is_count(const pack<W>& x) {
  return (x >= broadcast<W>(0.0)) & (floor(x) == x);
}

// So many successes of `size` trials with probability p. The information is
// size dp dp' / (p (1 - p)).
template <int W, directions D, directions M>
RESCORLA_INLINE void add_binomial(score<W, D>& s, const mask<W>& scored,
                                  const pack<W>& successes, const pack<W>& size,
                                  const number<W, M>& p) {
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
  const pack<W> failures = size - successes, q = one - p.v;
  const mask<W> some = successes > zero, others = failures > zero;
  const mask<W> proper =
      is_count(successes) & is_count(failures) & (p.v >= zero) & (p.v <= one);
  const pack<W> value = log_choose(size, successes) + keep(some, successes * log(p.v)) +
                        keep(others, failures * log1p(-p.v));
  s.linear = s.linear + keep(scored, select(proper, value, broadcast<W>(builtin::nan())));
  if constexpr (M != 0) {
    const pack<W> slope = keep(some, successes / p.v) - keep(others, failures / q);
    each_direction<M>([&](auto k) RESCORLA_LAMBDA {
      pack<W>& g = s.gradient[slot(D, k)];
      g = g + keep(scored, slope * p.template partial<k>());
    });
    if (s.with_information)
      add_outer<M>(s, scored & (p.v > zero) & (q > zero), size / (p.v * q),
                   [&](auto k) RESCORLA_LAMBDA { return p.template partial<k>(); });
  }
}

// More decisions in a row than this are taken for a mistake in the data.
constexpr double longest_series = 1e6;

// The highest of x in the lanes of m, at least 0.
template <int W>
RESCORLA_INLINE int highest(const mask<W>& m, const pack<W>& x) {
  scalar r = 0;
  for (int l = 0; l < W; ++l)
    if (m.v[l] != 0 && x.v[l] > r) r = x.v[l];
  return static_cast<int>(r);
}

// Decisions to go on, the k-th (from 0) with logit(k), until one to stop: `count` went on, and
// `decisions` were made, count + 1 or, where the series was cut off, count. The information is that
// of the decisions that were made.
template <int W, directions D, class Logit>
RESCORLA_INLINE void add_series(score<W, D>& s, const mask<W>& scored, const pack<W>& count,
                                const pack<W>& decisions, Logit logit) {
  typedef decltype(logit(0)) R;
  const mask<W> proper = is_count(count) & (count <= broadcast<W>(longest_series));
  s.linear = s.linear + keep(scored & !proper, broadcast<W>(builtin::nan()));
  const mask<W> mine = scored & proper;
  // Each decision doubles the product of denominators at most: it has a product of its own.
  const pack<W> product = s.product;
  s.product = broadcast<W>(1.0);
  const int n = highest(mine, decisions);
  pack<W> k = broadcast<W>(0.0);
  for (int i = 0; i < n; ++i, k = k + broadcast<W>(1.0)) {
    const R x = logit(i);
    add_logistic(s, mine & (k < decisions), select(k < count, -x, x));
    if (i % precision<scalar>::doublings == precision<scalar>::doublings - 1) s.flush();
  }
  s.flush();
  s.product = product;
}

RESCORLA_END

#endif
