#ifndef RESCORLA_ENGINE_LOG_LIKELIHOOD_HPP
#define RESCORLA_ENGINE_LOG_LIKELIHOOD_HPP

#include "frame.hpp"

RESCORLA_BEGIN

// The frame a program runs in when its responses are scored. Where the first dimension's number of
// levels is known to the compiler (Levels > 0), loops over it unroll and small states stay in
// registers; a GPU has no other place that is fast.
// Keep: the exponentials of a softmax are kept from trial to trial (softmax_kept).
template <int W, directions D, int Levels = 0, bool Keep = false, class Block = packed_block>
struct likelihood_frame : frame<W, D, Block> {
  typedef frame<W, D, Block> base;
  typedef typename base::flag flag;
  typedef typename base::code_type code_type;
  static constexpr bool records = false;

  score<W, D> total;
  pack<W> reference;   // of softmax_kept: what its exponentials are above,
  code_type last;      // the action whose logit may have moved since,
  flag fresh;          // and the lanes that start afresh

  RESCORLA_INLINE int extent(int dimension) const {
    return Levels > 0 && dimension == 0 ? Levels : base::extent(dimension);
  }

  RESCORLA_INLINE observed_number<W> input(int k, int cell = 0) const {
    return this->packed_number(this->bound.number_base[k] + cell);
  }
  RESCORLA_INLINE code_type response(int column) const { return this->code(column); }
  RESCORLA_INLINE observed_number<W> response_value(int, int k) const { return input(k); }

  RESCORLA_INLINE static flag scored(const code_type& raw, const flag& valid) {
    return valid & (raw > 0);
  }

  template <class Logit, class Allowed>
  RESCORLA_INLINE void softmax(int, int, int column, int scratch, int n, const flag& valid,
                               Logit logit, bool restricted, Allowed allowed) {
    typedef decltype(logit(0)) R;
    const code_type raw = this->raw_code(column);
    const flag counts = scored(raw, valid);
    if (n == 2) {
      const R ahead = logit(0) - logit(1);
      const flag both = restricted ? allowed(0) & allowed(1) : this->all();
      add_logistic(total, counts & both, select(raw == 2, ahead, -ahead));
      return;
    }
    auto* x = this->template cells<R::depends>(scratch);
    pack<W> top = broadcast<W>(excluded_logit);
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) {
      x[a] = logit(a);
      top = max(x[a].v, top);
    }
    flag among = counts;
    if (restricted) {
      flag open = this->none();
      top = broadcast<W>(excluded_logit);
      RESCORLA_UNROLL
      for (int a = 0; a < n; ++a) {
        const flag mine = allowed(a);
        open = open | (mine & (raw == a + 1));
        x[a] = select(mine, x[a], this->constant(excluded_logit));
        top = max(x[a].v, top);
      }
      among = counts & this->offered(2, n, true, allowed);
      // Chosen though not on offer.
      total.linear = total.linear - keep(among & !open, broadcast<W>(builtin::infinity()));
      among = among & open;
    }
    add_softmax(total, among, raw, x, n, top);
  }

  // Where a trial's logits differ from those of the trial before at most in the action chosen
  // there, the other exponentials are kept from trial to trial. A lane starts afresh at a reset,
  // and where its sum has moved so far that a product of many could overflow: each lane for itself,
  // so that no lane's last bits depend on its neighbours.
  template <class Logit, class Allowed>
  RESCORLA_INLINE void softmax_kept(int line, int item, int column, int scratch, int kept, int n,
                                    const flag& valid, Logit logit, bool restricted,
                                    Allowed allowed) {
    typedef decltype(logit(0)) R;
    if constexpr (!Keep) {
      softmax(line, item, column, scratch, n, valid, logit, restricted, allowed);
    } else {
      const code_type raw = this->raw_code(column);
      auto* x = this->template cells<R::depends>(scratch);
      auto* e = this->template cells<0>(kept);
      RESCORLA_UNROLL
      for (int a = 0; a < n; ++a) x[a] = logit(a);
      const pack<W> moved = exp_within(value_at(x, n, last) - reference);
      pack<W> sum = broadcast<W>(0.0);
      code_type own = this->level(1);
      RESCORLA_UNROLL
      for (int a = 0; a < n; ++a, own = this->next(own)) {
        e[a].v = select(last == own, moved, e[a].v);
        sum = sum + e[a].v;
      }
      const flag afresh = fresh | !((sum > broadcast<W>(1.0 / 64.0)) &
                                    (sum < broadcast<W>(64.0 * static_cast<double>(n))));
      if (any(afresh)) {
        pack<W> top = broadcast<W>(excluded_logit);
        RESCORLA_UNROLL
        for (int a = 0; a < n; ++a) top = max(x[a].v, top);
        sum = broadcast<W>(0.0);
        RESCORLA_UNROLL
        for (int a = 0; a < n; ++a) {
          e[a].v = select(afresh, exp_nonpositive(x[a].v - top), e[a].v);
          sum = sum + e[a].v;
        }
        reference = select(afresh, top, reference);
        fresh = this->none();
      }
      last = this->unsigned_code(raw);
      add_softmax_kept(total, scored(raw, valid), raw, x, e, n, reference, sum);
    }
  }

  template <directions M>
  RESCORLA_INLINE static pack<W> value_at(const number<W, M>* x, int n, const code_type& i) {
    pack<W> r = x[0].v;
    code_type own = broadcast_index<W>(2);
    RESCORLA_UNROLL
    for (int a = 1; a < n; ++a, own = base::next(own)) r = select(i == own, x[a].v, r);
    return r;
  }
  RESCORLA_INLINE void begin() {
    reference = broadcast<W>(0.0);
    last = this->level(0);
    fresh = this->all();
  }

  template <directions M>
  RESCORLA_INLINE void categorical(int line, int item, int column, int n, const flag& valid,
                                   const number<W, M>* p) {
    categorical(line, item, column, n, valid, valid, p);
  }
  template <directions M>
  RESCORLA_INLINE void categorical(int, int, int column, int n, const flag&, const flag& counted,
                                   const number<W, M>* p) {
    const code_type raw = this->raw_code(column);
    add_categorical(total, scored(raw, counted), raw, p, n);
  }

  template <directions A, directions B>
  RESCORLA_INLINE void normal(int, int, int input_column, const flag& valid,
                              const number<W, A>& mean, const number<W, B>& sd) {
    const observed_number<W> y = input(input_column);
    add_normal(total, valid & y.valid, y.value.v, mean, sd);
  }

  template <directions A, directions B>
  RESCORLA_INLINE void beta_mean(int, int, int input_column, const flag& valid,
                                 const number<W, A>& mean, const number<W, B>& precision) {
    const observed_number<W> y = input(input_column);
    add_beta(total, valid & y.valid, y.value.v, mean, precision);
  }

  template <directions A, directions B>
  RESCORLA_INLINE void binomial(int, int, int input_column, const flag& valid,
                                const number<W, A>& size, const number<W, B>& p) {
    const observed_number<W> y = input(input_column);
    add_binomial(total, valid & y.valid, y.value.v, size.v, p);
  }

  template <class Logit, class There, directions A>
  RESCORLA_INLINE void repeated_logit(int, int, int input_column, const flag&,
                                      const flag& counted, Logit logit, There there,
                                      const flag& censored, bool limited,
                                      const number<W, A>& most) {
    const observed_number<W> y = input(input_column);
    const pack<W> made = base::decisions(y.value.v, censored, limited, most.v);
    add_series(total, base::each_there(counted & y.valid, made, there), y.value.v, made, logit);
  }

  template <class T>
  RESCORLA_INLINE void report(int, int, const T&, const flag&) const {}
};

// How many of the trials whose denominators fit in one product of doubles fit in one of scalars.
RESCORLA_INLINE constexpr int trials_in_product(int flush) {
  constexpr int all = precision<double>::decades, mine = precision<scalar>::decades;
  if (mine == all) return flush;
  const int n = flush * mine / all;
  return n > 1 ? n : 1;
}

// Runs a program over one pack of lanes. A lane whose log-likelihood is not finite gets -Inf and
// zero derivatives; where that happened is found by a recorded run.
template <class Model, int W, directions D, int Levels = 0, bool Keep = false, class Block>
RESCORLA_INLINE void log_likelihood(const basic_likelihood_call<Block>& call) {
  likelihood_frame<W, D, Levels, Keep, Block> f;
  f.block = call.block;
  f.bound = call.bound;
  f.parameters = call.parameters;
  f.workspace = call.workspace;
  f.used = 0;
  f.trial = 0;
  f.total.clear(call.information);
  if constexpr (Keep) f.begin();
  Model::layout(f);
  Model::start(f, f.all(), f.all());
  int until_flush = trials_in_product(call.bound.flush);
  for (int t = 0; t < call.block.trials; ++t) {
    f.trial = t;
    if (t > 0 && f.is_marked()) {
      const mask<W> by_block = f.marked(block_start);
      Model::start(f, f.marked(subject_start), by_block);
      if constexpr (Keep) f.fresh = f.fresh | by_block;
    }
    Model::trial(f);
    if (--until_flush == 0) {
      f.total.flush();
      until_flush = trials_in_product(call.bound.flush);
    }
  }
  f.total.flush();
  const pack<W> value = f.total.linear;
  const pack<W> zero = broadcast<W>(0.0);
  mask<W> finite = (value - value) == zero;
  for (int k = 0; k < score<W, D>::size; ++k)
    finite = finite & ((f.total.gradient[k] - f.total.gradient[k]) == zero);
  store(call.value, select(finite, value, broadcast<W>(-builtin::infinity())));
  for (int k = 0; k < score<W, D>::size; ++k)
    store(call.gradient + k * W, keep(finite, f.total.gradient[k]));
  if (call.information)
    for (int k = 0; k < score<W, D>::pairs; ++k)
      store(call.fisher + k * W, keep(finite, f.total.information[k]));
}

RESCORLA_END

#endif
