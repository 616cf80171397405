#ifndef RESCORLA_ENGINE_ENVIRONMENT_HPP
#define RESCORLA_ENGINE_ENVIRONMENT_HPP

#include "../core/dual.hpp"
#include "../random/draws.hpp"
#include "episodes.hpp"

RESCORLA_BEGIN

// Random numbers of a trace: one Philox counter per (trial, site, subject, replicate). Responses
// have sites 0, 1, ...; what action a pays has site 16 + a, so the payoff of an action is the same
// whichever action the model takes, and whatever the model.
constexpr unsigned payoff_site = 16;

template <int W>
struct random_source {
  std::uint64_t seed;
  words<W> subject;
  std::uint32_t replicate;

  RESCORLA_INLINE void open(const trace_call& call) {
    seed = call.seed;
    replicate = call.replicate;
    for (int l = 0; l < W; ++l) subject.v[l] = call.subject[l];
  }
  RESCORLA_INLINE philox_block<W> at(int trial, const words<W>& site) const {
    return philox<W>(seed, broadcast_words<W>(static_cast<std::uint32_t>(trial)), site, subject,
                     broadcast_words<W>(replicate));
  }
};

template <int W>
RESCORLA_INLINE pack<W> world_entry(const environment& world, const double* table,
                                    const words<W>& subject, const words<W>& action, int trial) {
  pack<W> r;
  for (int l = 0; l < W; ++l)
    r.v[l] = table[static_cast<std::ptrdiff_t>(subject.v[l]) * world.by_subject +
                   static_cast<std::ptrdiff_t>(action.v[l]) * world.by_action +
                   trial * world.by_trial];
  return r;
}

// What the given action (from 0, by lane) pays on a trial.
template <int W>
RESCORLA_INLINE pack<W> payoff(const environment& world, const random_source<W>& random,
                               const words<W>& action, int trial) {
  const pack<W> first = world_entry<W>(world, world.first, random.subject, action, trial);
  if (world.kind == payoff_kind::table) return first;
  words<W> site;
  site.v = action.v + payoff_site;
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
