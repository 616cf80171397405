#ifndef RESCORLA_ENGINE_ENVIRONMENT_HPP
#define RESCORLA_ENGINE_ENVIRONMENT_HPP

#include "../core/dual.hpp"
#include "../random/draws.hpp"
#include "episodes.hpp"

RESCORLA_BEGIN

// Random numbers of a trace: one Philox counter per (trial, site, subject, replicate). Responses
// have sites 0, 1, ...; what action a pays has site 16 + a, so the payoff of an action is the same
// whichever action the model takes, and whatever the model. Draws of a task's program have sites of
// their own, one for each place in the program and cell.
constexpr unsigned payoff_site = 16;
constexpr unsigned task_site = 0x40000000U;
constexpr unsigned task_cells = 0x10000U;

template <int W>
struct random_source {
  philox_keys<W> key;
  words<W> subject;
  words<W> replicate;

  // `call`: a trace_call or a task_call.
  template <class Call>
  RESCORLA_INLINE void open(const Call& call) {
    key.open(call.seed);
    replicate = broadcast_words<W>(call.replicate);
    for (int l = 0; l < W; ++l) subject.v[l] = call.subject[l];
  }
  RESCORLA_INLINE philox_block<W> at(int trial, const words<W>& site) const {
    return philox<W>(key, broadcast_words<W>(static_cast<std::uint32_t>(trial)), site, subject,
                     replicate);
  }
};

// The last level whose share of [0, total) begins at or below u x total and is not empty.
template <int W, class Probability>
RESCORLA_INLINE index<W> pick_level(const pack<W>& u, int n, Probability p) {
  pack<W> total = broadcast<W>(0.0);
  for (int a = 0; a < n; ++a) total = total + p(a);
  const pack<W> at = u * total;
  pack<W> below = broadcast<W>(0.0);
  index<W> r = broadcast_index<W>(0);
  for (int a = 0; a < n; ++a) {
    const pack<W> share = p(a);
    r = select((share > broadcast<W>(0.0)) & (at >= below), broadcast_index<W>(a + 1), r);
    below = below + share;
  }
  return r;
}

// Codes as words: their bits stand at the lower end of the significand of 2^52 + code.
template <int W>
RESCORLA_INLINE words<W> code_words(const index<W>& code) {
  words<W> r;
  r.v = (typename words<W>::vector)(code.v + 0x1p52) & 0xffffffffULL;
  return r;
}

// Where all subjects face the same world, few actions are told apart without leaving the registers.
template <int W>
RESCORLA_INLINE pack<W> world_entry(const environment& world, const double* table,
                                    const words<W>& subject, const index<W>& action, int trial) {
  const double* own = table + trial * world.by_trial;
  pack<W> r;
  if (world.by_subject == 0 && world.actions <= 8) {
    r = broadcast<W>(own[0]);
    for (int a = 1; a < world.actions; ++a)
      r = select(action == a + 1, broadcast<W>(own[a * world.by_action]), r);
    return r;
  }
  for (int l = 0; l < W; ++l) {
    const std::ptrdiff_t place = action.v[l] > 0.0 ? static_cast<std::ptrdiff_t>(action.v[l]) - 1 : 0;
    r.v[l] = own[static_cast<std::ptrdiff_t>(subject.v[l]) * world.by_subject +
                 place * world.by_action];
  }
  return r;
}

// What the given action (from 1, by lane; 0 is none, and what it pays no number to be used) pays on
// a trial.
template <int W>
RESCORLA_INLINE pack<W> payoff(const environment& world, const random_source<W>& random,
                               const index<W>& action, int trial) {
  const pack<W> first = world_entry<W>(world, world.first, random.subject, action, trial);
  if (world.kind == payoff_kind::table) return first;
  words<W> site;
  site.v = code_words(action).v + (payoff_site - 1);
  const philox_block<W> bits = random.at(trial, site);
  if (world.kind == payoff_kind::bernoulli) {
    const mask<W> known = first == first;
    return select(known, keep(uniform(bits) < first, broadcast<W>(1.0)), first);
  }
  const pack<W> sd = world_entry<W>(world, world.second, random.subject, action, trial);
  return first + sd * standard_normal(bits);
}

RESCORLA_END

#endif
