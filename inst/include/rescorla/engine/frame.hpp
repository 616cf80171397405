#ifndef RESCORLA_ENGINE_FRAME_HPP
#define RESCORLA_ENGINE_FRAME_HPP

#include "../core/dual.hpp"
#include "../rules/choice.hpp"
#include "../rules/learning.hpp"
#include "../rules/response.hpp"
#include "blocks.hpp"

RESCORLA_BEGIN

// A data value and whether it is there.
template <int W>
struct observed_number {
  number<W, 0> value;
  mask<W> valid;
};

// Up to this many cells, a lane-dependent cell is found by comparing and blending; above it each
// lane loads its own.
constexpr int blend_limit = 8;

// What a generated program sees of the engine, whatever it runs for: parameters, data, states.
// D are the directions in which derivatives are taken, Block is what holds the data.
template <int W, directions D, class Block = packed_block>
struct frame {
  static constexpr int width = W;
  static constexpr directions active = D;
  typedef mask<W> flag;
  typedef index<W> code_type;
  template <directions M>
  using real = number<W, (M & D)>;

  static constexpr int max_slots = 96;

  Block block;
  binding bound;
  const double* parameters;
  double* workspace;
  std::ptrdiff_t used;                 // doubles of the workspace handed out
  std::ptrdiff_t where[max_slots];     // by slot: offset into the workspace
  int trial;

  template <int I>
  RESCORLA_INLINE number<W, (1ULL << I) & D> parameter() const {
    number<W, (1ULL << I) & D> r;
    r.v = load<W>(parameters + I * W);
    if constexpr (has(D, I)) r.d[0] = broadcast<W>(1.0);
    return r;
  }

  RESCORLA_INLINE number<W, 0> constant(double x) const { return rescorla::constant<W>(x); }
  RESCORLA_INLINE flag all() const { return all_lanes<W>(); }
  RESCORLA_INLINE flag none() const { return no_lanes<W>(); }
  RESCORLA_INLINE flag always(bool x) const { return x ? all() : none(); }
  RESCORLA_INLINE int extent(int dimension) const { return bound.extents[dimension]; }
  RESCORLA_INLINE int label(int k) const { return bound.labels[k]; }

  // Workspace: `layout` of a program reserves each array once, before the first trial.
  template <directions M>
  RESCORLA_INLINE void reserve(int slot, int cells) {
    where[slot] = used;
    constexpr std::ptrdiff_t size = sizeof(real<M>), unit = sizeof(double);
    used += size % unit == 0 ? size / unit * cells : (size * cells + unit - 1) / unit;
  }
  template <directions M>
  RESCORLA_INLINE real<M>* cells(int slot) const {
    return reinterpret_cast<real<M>*>(workspace + where[slot]);
  }
  RESCORLA_INLINE flag* flags(int slot) const {
    return reinterpret_cast<flag*>(workspace + where[slot]);
  }

  // As packed: negative where a response is not to be scored.
  RESCORLA_INLINE code_type raw_code(int column) const {
    return block_codes<W>(block, column, trial);
  }
  RESCORLA_INLINE static code_type unsigned_code(const code_type& raw) {
    code_type r;
    r.v = abs(to_pack(raw)).v;
    return r;
  }
  RESCORLA_INLINE code_type code(int column) const { return unsigned_code(raw_code(column)); }
  RESCORLA_INLINE observed_number<W> packed_number(int column) const {
    const pack<W> x = block_numbers<W>(block, column, trial);
    const flag valid = x == x;
    return {plain(keep(valid, x)), valid};
  }

  RESCORLA_INLINE code_type level(int k) const { return broadcast_index<W>(k); }
  template <directions M>
  RESCORLA_INLINE code_type level_of(const number<W, M>& x) const {
    return to_index(x.v);
  }
  RESCORLA_INLINE static code_type next(const code_type& i) {
    code_type r;
    r.v = i.v + scalar{1};
    return r;
  }
  RESCORLA_INLINE number<W, 0> number_of(const code_type& i) const { return plain(to_pack(i)); }
  RESCORLA_INLINE number<W, 0> number_of(const flag& f) const {
    return plain(keep(f, broadcast<W>(1.0)));
  }
  RESCORLA_INLINE flag within(const code_type& i, int n) const {
    return (i >= 1) & (i <= n);
  }
  // Place of [i, j] (each from 1) in a table with n columns, from 1; 0 where either is missing.
  RESCORLA_INLINE code_type place(const code_type& i, const code_type& j, int n) const {
    code_type flat;
    flat.v = i.v * static_cast<scalar>(n) + j.v - static_cast<scalar>(n);
    return keep(present(i) & present(j), flat);
  }

  template <directions M>
  RESCORLA_INLINE number<W, M> at(const number<W, M>* x, int n, const code_type& i) const {
    if (n <= blend_limit) {
      number<W, M> r = x[0];
      code_type own = level(2);
      RESCORLA_UNROLL
      for (int a = 1; a < n; ++a, own = next(own)) r = select(i == own, x[a], r);
      return r;
    }
    number<W, M> r;
    for (int l = 0; l < W; ++l) {
      const int k = i.v[l] >= 1 && i.v[l] <= n ? static_cast<int>(i.v[l]) - 1 : 0;
      r.v.v[l] = x[k].v.v[l];
      each_direction<M>(
          [&](auto b) RESCORLA_LAMBDA { r.d[slot(M, b)].v[l] = x[k].d[slot(M, b)].v[l]; });
    }
    return r;
  }
  template <directions M, directions N>
  RESCORLA_INLINE void put(number<W, M>* x, int n, const code_type& i, const flag& m,
                           const number<W, N>& y) const {
    const number<W, M> z = widen<M>(y);
    if (n <= blend_limit) {
      const code_type where = keep(m, i);
      code_type own = level(1);
      RESCORLA_UNROLL
      for (int a = 0; a < n; ++a, own = next(own)) x[a] = select(where == own, z, x[a]);
      return;
    }
    for (int l = 0; l < W; ++l) {
      if (m.v[l] == 0 || i.v[l] < 1 || i.v[l] > n) continue;
      const int k = static_cast<int>(i.v[l]) - 1;
      x[k].v.v[l] = z.v.v[l];
      each_direction<M>(
          [&](auto b) RESCORLA_LAMBDA { x[k].d[slot(M, b)].v[l] = z.d[slot(M, b)].v[l]; });
    }
  }
  // Cell a of row i (from 1) of a table with n columns.
  template <directions M>
  RESCORLA_INLINE number<W, M> at_row(const number<W, M>* x, int rows, int n, const code_type& i,
                                      int a) const {
    if (rows <= blend_limit) {
      number<W, M> r = x[a];
      RESCORLA_UNROLL
      for (int k = 1; k < rows; ++k) r = select(i == k + 1, x[k * n + a], r);
      return r;
    }
    return at(x, rows * n, cell_of_row(i, n, a));
  }
  template <directions M, directions N>
  RESCORLA_INLINE void put_row(number<W, M>* x, int rows, int n, const code_type& i, int a,
                               const flag& m, const number<W, N>& y) const {
    if (rows <= blend_limit) {
      const number<W, M> z = widen<M>(y);
      RESCORLA_UNROLL
      for (int k = 0; k < rows; ++k) x[k * n + a] = select((i == k + 1) & m, z, x[k * n + a]);
      return;
    }
    put(x, rows * n, cell_of_row(i, n, a), m, y);
  }
  RESCORLA_INLINE static code_type cell_of_row(const code_type& i, int n, int a) {
    code_type r;
    r.v = i.v * static_cast<scalar>(n) + static_cast<scalar>(a + 1 - n);
    return keep(present(i), r);
  }
  RESCORLA_INLINE flag flag_at(const flag* x, int n, const code_type& i) const {
    flag r = none();
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) r = select(i == a + 1, x[a], r);
    return r;
  }
  RESCORLA_INLINE void put_flag(flag* x, int n, const code_type& i, const flag& m,
                                const flag& y) const {
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) x[a] = select((i == a + 1) & m, y, x[a]);
  }

  // Lanes in which at least so many actions are on offer.
  template <class Allowed>
  RESCORLA_INLINE flag offered(int least, int n, bool restricted, Allowed allowed) const {
    if (!restricted) return all();
    pack<W> sum = broadcast<W>(0.0);
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) sum = sum + keep(allowed(a), broadcast<W>(1.0));
    return sum >= broadcast<W>(static_cast<double>(least));
  }

  // Probabilities in place of logits, over the actions on offer.
  template <directions M, class Allowed>
  RESCORLA_INLINE void normalise_logits(number<W, M>* x, int n, bool restricted,
                                        Allowed allowed) const {
    softmax(x, n, [&](int a) RESCORLA_LAMBDA { return restricted ? allowed(a) : all(); }, x);
  }
  // Probabilities given by the program keep their proportions among the actions on offer.
  template <directions M, class Allowed>
  RESCORLA_INLINE void restrict(number<W, M>* p, int n, bool restricted, Allowed allowed) const {
    if (!restricted) return;
    const number<W, 0> zero = constant(0.0);
    number<W, M> sum = widen<M>(zero);
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) {
      p[a] = select(allowed(a), p[a], zero);
      sum = sum + p[a];
    }
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) p[a] = p[a] / sum;
  }
  // (1 - lapse) p + lapse / (number of actions on offer).
  template <directions M, directions N, class Allowed>
  RESCORLA_INLINE void lapse(number<W, M>* p, int n, const number<W, N>& rate, bool restricted,
                             Allowed allowed) const {
    pack<W> offered = broadcast<W>(static_cast<double>(n));
    if (restricted) {
      offered = broadcast<W>(0.0);
      RESCORLA_UNROLL
      for (int a = 0; a < n; ++a) offered = offered + keep(allowed(a), broadcast<W>(1.0));
    }
    const number<W, N> share = rate / plain(offered);
    RESCORLA_UNROLL
    for (int a = 0; a < n; ++a) {
      const flag open = restricted ? allowed(a) : all();
      p[a] = widen<M>((constant(1.0) - rate) * p[a] + select(open, share, constant(0.0)));
    }
  }
  // How many decisions a count of them tells of: the last, to stop, unless the series was cut off or
  // came to its limit where the program states one.
  RESCORLA_INLINE static pack<W> decisions(const pack<W>& count, const flag& censored, bool limited,
                                           const pack<W>& most) {
    const flag stopped = !(censored | (limited ? count >= most : no_lanes<W>()));
    return count + keep(stopped, broadcast<W>(1.0));
  }
  // Lanes in which there is a logit for each of their decisions.
  template <class There>
  RESCORLA_INLINE static flag each_there(flag among, const pack<W>& decisions, There there) {
    const int n = highest(among & (decisions <= broadcast<W>(longest_series)), decisions);
    pack<W> k = broadcast<W>(0.0);
    for (int i = 0; i < n; ++i, k = k + broadcast<W>(1.0))
      among = among & (there(i) | (k >= decisions));
    return among;
  }
  // One cell, at a place known beforehand.
  template <directions M, directions N>
  RESCORLA_INLINE void assign(number<W, M>& x, const flag& m, const number<W, N>& y) const {
    x = select(m, widen<M>(y), x);
  }
  template <directions M, directions N>
  RESCORLA_INLINE void assign(number<W, M>& x, const number<W, N>& y) const {
    x = widen<M>(y);
  }

  RESCORLA_INLINE flag marked(std::uint8_t bit) const {
    return block_marks<W>(block, trial, bit);
  }
  // Whether some lane has a mark on this trial.
  RESCORLA_INLINE bool is_marked() const { return block_is_marked(block, trial); }
};

RESCORLA_END

#endif
