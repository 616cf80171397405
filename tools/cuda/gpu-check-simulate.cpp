// Simulations on a device against those of the processor: the same choices, the same numbers.

#include "gpu.hpp"

#include "gpu-data.hpp"
#include "gpu-simulate.hpp"
#include "rescorla/backend/buffer.hpp"

namespace gpu {
namespace {

using namespace rescorla;

constexpr std::size_t subjects = 500;
constexpr int trials = 60;
constexpr std::uint64_t seed = 20240229;

// The trials that all subjects share: a second block, and choices that are forced.
data_set structure() {
  data_set d;
  d.units = 1;
  d.codes.resize(1);
  d.numbers.resize(1);
  d.first = {0};
  d.length = {trials};
  for (int t = 0; t < trials; ++t) {
    d.codes[0].push_back(t % 17 == 5 ? -2 : 1);
    d.numbers[0].push_back(0.0);
    d.block_start.push_back(t == 0 || t == 33);
  }
  return d;
}

world world_of(payoff_kind kind, int actions, bool by_subject, bool by_trial) {
  world w = {kind, actions, trials, {}, {}, 0, 0, 0};
  const std::size_t a = static_cast<std::size_t>(actions);
  const std::size_t s = by_subject ? subjects : 1,
                    t = by_trial ? static_cast<std::size_t>(trials) : 1;
  for (std::size_t i = 0; i < a * s * t; ++i) {
    w.first.push_back(uniform(i, 51));
    w.second.push_back(0.2 + uniform(i, 52));
  }
  w.by_subject = by_subject ? 1 : 0;
  w.by_action = static_cast<std::ptrdiff_t>(s);
  w.by_trial = by_trial ? static_cast<std::ptrdiff_t>(s * a) : 0;
  return w;
}

// As src/simulate.cpp does it: packs of lanes, all of which hold the one unit.
simulated simulate_here(const kernel_table& table, const bound_program& bound, const world& w,
                        const std::vector<double>& parameters) {
  const packed_data packed(structure().columns(), table.lanes, table.lanes);
  const std::size_t lanes = static_cast<std::size_t>(table.lanes);
  const std::size_t actions = static_cast<std::size_t>(w.actions), rows = trials;
  simulated r;
  r.choice.resize(rows * subjects);
  r.error.resize(rows * subjects);
  r.outcome.resize(rows * subjects);
  for (std::vector<double>* x : {&r.value, &r.probability, &r.payoff})
    x->resize(rows * actions * subjects);
  std::vector<double*> cells[3], payoff;
  for (std::size_t a = 0; a < actions; ++a) {
    cells[0].push_back(r.value.data() + a * subjects);
    cells[1].push_back(r.probability.data() + a * subjects);
    payoff.push_back(r.payoff.data() + a * rows * subjects);
  }
  cells[2].push_back(r.error.data());
  double* const* const items[] = {cells[0].data(), cells[1].data(), cells[2].data()};
  const std::ptrdiff_t wide = static_cast<std::ptrdiff_t>(actions * subjects);
  const std::ptrdiff_t step[] = {wide, wide, static_cast<std::ptrdiff_t>(subjects)};
  std::int32_t* const drawn[] = {r.choice.data()};
  const std::size_t size = static_cast<std::size_t>(table.workspace(bound.extents.data()));
  aligned_buffer buffer;
  trace_call call = {};
  call.block = packed.block(0);
  call.bound = bound.view();
  call.workspace = buffer.get(size + actions * lanes);
  call.draw = true;
  call.seed = seed;
  call.replicate = 3;
  call.first_response = 1;
  call.missing = std::numeric_limits<double>::quiet_NaN();
  call.items = items;
  call.item_step = step;
  call.drawn = drawn;
  call.step = static_cast<std::ptrdiff_t>(subjects);
  call.world = environment_of(w);
  call.world.first = w.first.data();
  call.world.second = w.second.data();
  call.world.each = call.workspace + size;
  call.world.outcome = r.outcome.data();
  call.world.payoff = payoff.data();
  std::vector<double> mine(lanes * static_cast<std::size_t>(table.parameters));
  std::vector<std::uint32_t> word(lanes);
  std::vector<std::ptrdiff_t> offset(lanes);
  std::vector<int> length(lanes), bad_trial(lanes, -1), bad_line(lanes, -1);
  call.parameters = mine.data();
  call.subject = word.data();
  call.offset = offset.data();
  call.length = length.data();
  call.bad_trial = bad_trial.data();
  call.bad_line = bad_line.data();
  for (std::size_t base = 0; base < subjects; base += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const std::size_t u = base + l, real = u < subjects ? u : base;
      for (std::size_t p = 0; p < mine.size() / lanes; ++p)
        mine[p * lanes + l] = parameters[p * subjects + real];
      word[l] = static_cast<std::uint32_t>(real);
      offset[l] = static_cast<std::ptrdiff_t>(u);
      length[l] = u < subjects ? trials : 0;
    }
    table.record(call);
  }
  return r;
}

void check(const std::string& name, int actions, const world& w, std::size_t together,
           bool general = false) {
  const kernel_table& table = *cpu_table("rw");
  const bound_program bound = {{actions}, {}, {0, -1}, flush_interval(actions)};
  device_program program = {};
  if (!the_machine().ahead("rw", general ? 0 : actions, &program)) {
    verdict(name, false, "there are no kernels");
    return;
  }
  std::vector<double> parameters(3 * subjects, 0.5);
  for (std::size_t i = 0; i < subjects; ++i) {
    parameters[i] = 0.05 + 0.9 * uniform(i, 61);
    parameters[subjects + i] = 0.5 + 6.0 * uniform(i, 62);
  }
  const simulated own = simulate_here(table, bound, w, parameters);
  const packed_data packed(structure().columns(), table.lanes, 1);
  device_store store(*the_machine().device, packed, std::size_t{1} << 30, in_parallel);
  const simulated there = simulate_there(model_of(program, table, bound, !general), store, bound, w,
                                         parameters, subjects, together, seed, true);
  std::size_t unequal = 0, choices = 0;
  for (std::size_t i = 0; i < own.choice.size(); ++i) {
    unequal += own.choice[i] != there.choice[i];
    choices += own.choice[i] >= 1 && own.choice[i] <= actions;
  }
  verdict("simulation, " + name + ": choices", unequal == 0 && choices == own.choice.size(),
          std::to_string(unequal) + " of " + std::to_string(own.choice.size()) + " differ");
  difference numbers;
  numbers.see(there.value, own.value);
  numbers.see(there.probability, own.probability);
  numbers.see(there.error, own.error);
  numbers.see(there.outcome, own.outcome);
  numbers.see(there.payoff, own.payoff);
  numbers.report("simulation, " + name + ": numbers", 1e-12);
}

}  // namespace

void check_simulation() {
  check("rw, 2 actions, Bernoulli", 2, world_of(payoff_kind::bernoulli, 2, false, false), subjects);
  check("rw, 5 actions, normal", 5, world_of(payoff_kind::normal, 5, false, false), subjects);
  check("rw, 5 actions, Bernoulli, a table a subject, in parts", 5,
        world_of(payoff_kind::bernoulli, 5, true, false), 128);
  check("rw, 2 actions, normal, tables by subject and trial, in parts", 2,
        world_of(payoff_kind::normal, 2, true, true), 99);
  check("rw, 9 actions, the general kernel, payoffs of a table", 9,
        world_of(payoff_kind::table, 9, true, true), subjects, true);
}

}  // namespace gpu
