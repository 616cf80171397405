#ifndef RESCORLA_RANDOM_VARIATES_HPP
#define RESCORLA_RANDOM_VARIATES_HPP

#include "../core/gamma.hpp"
#include "draws.hpp"

RESCORLA_BEGIN

// Random numbers that take more than one block of random bits. `bits(k)` is the k-th block, k from
// 0, a pure function of its place: so is what is made of them, lane by lane.

// Attempts at a gamma variate. Each succeeds with a probability of 0.95 at least; that all fail is
// never seen.
constexpr int gamma_attempts = 32;

// The logarithm of a Gamma(shape, 1) variate: Marsaglia & Tsang (2000), attempts in the order of
// their blocks from `first`. A shape below 1 is raised by 1 and the variate multiplied by
// u^(1 / shape), u made of the words of block 0 from `word`; logarithms, since a small shape gives
// less than any double.
template <int W, class Bits>
RESCORLA_INLINE pack<W> log_gamma_variate(const pack<W>& shape, int word, int first, Bits bits) {
  const pack<W> one = broadcast<W>(1.0), third = broadcast<W>(1.0 / 3.0);
  const mask<W> small = shape < one;
  const pack<W> d = select(small, shape + one, shape) - third;
  const pack<W> scale = third / sqrt(d);
  pack<W> log_v = broadcast<W>(0.0);
  mask<W> open = d > broadcast<W>(0.0);
  for (int k = 0; k < gamma_attempts && any(open); ++k) {
    const pack<W> x = standard_normal(bits(first + 2 * k));
    const pack<W> u = one - uniform(bits(first + 2 * k + 1));
    const pack<W> root = one + scale * x;
    const pack<W> v = root * root * root;
    const pack<W> log_of = log(v);
    const mask<W> taken =
        open & (v > broadcast<W>(0.0)) &
        (log(u) < broadcast<W>(0.5) * x * x + d - d * v + d * log_of);
    log_v = select(taken, log_of, log_v);
    open = open & !taken;
  }
  const philox_block<W> extra = bits(0);
  const pack<W> u = one - uniform_from(extra.x[word], extra.x[word + 1]);
  return log(d) + log_v + keep(small, log(u) / shape);
}

// Beta(a, b) as one gamma variate's share of two. Rounded it could be 0 or 1, where its density may
// be infinite: it keeps to the numbers between.
template <int W, class Bits>
RESCORLA_INLINE pack<W> beta_variate(const pack<W>& a, const pack<W>& b, Bits bits) {
  const pack<W> odds = log_gamma_variate(a, 0, 1, bits) -
                       log_gamma_variate(b, 2, 1 + 2 * gamma_attempts, bits);
  const pack<W> lowest = broadcast<W>(0x1p-1022), highest = broadcast<W>(1.0 - 0x1p-53);
  const pack<W> y = plogis(odds);
  return select(y < lowest, lowest, select(y > highest, highest, y));
}

// Binomial(size, p) by inversion of one uniform, its range laid out from the most likely number to
// both sides: the steps are a few standard deviations, however large the size.
template <int W>
RESCORLA_INLINE pack<W> binomial_variate(const pack<W>& size, const pack<W>& p,
                                         const pack<W>& u) {
  const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0), q = one - p;
  const pack<W> mode = min(floor((size + one) * p), size), rest = size - mode;
  pack<W> above = exp(log_choose(size, mode) + keep(mode > zero, mode * log(p)) +
                      keep(rest > zero, rest * log(q)));
  pack<W> below = above, up = mode, down = mode, r = mode;
  pack<W> left = u - above;
  mask<W> open = left >= zero;
  while (any(open)) {
    above = above * ((size - up) * p) / ((up + one) * q);
    up = up + one;
    left = left - above;
    const mask<W> at_up = open & (left < zero);
    below = below * (down * q) / ((size - down + one) * p);
    down = down - one;
    left = left - keep(!at_up, below);
    const mask<W> at_down = open & !at_up & (left < zero);
    r = select(at_up, up, select(at_down, down, r));
    // What rounding leaves over goes to the most likely number.
    open = open & !at_up & !at_down & (above + below > broadcast<W>(1e-18));
  }
  return r;
}

RESCORLA_END

#endif
