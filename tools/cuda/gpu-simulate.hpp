#ifndef RESCORLA_TOOLS_GPU_SIMULATE_HPP
#define RESCORLA_TOOLS_GPU_SIMULATE_HPP

// A simulation on a device, as src/device_simulate.cpp drives it, for models whose items are the
// values of the actions, the probabilities of the choice and the prediction error.

#include <algorithm>
#include <chrono>
#include <limits>

#include "gpu.hpp"

namespace gpu {

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// What pays: the two tables of an environment, with strides as there.
struct world {
  rescorla::payoff_kind kind;
  int actions, trials;
  std::vector<double> first, second;
  std::ptrdiff_t by_subject, by_action, by_trial;
};

// Each [trial][cell][subject].
struct simulated {
  std::vector<std::int32_t> choice;
  std::vector<double> value, probability, error, outcome, payoff;
  double kernel_seconds = 0.0;
};

inline rescorla::environment environment_of(const world& w) {
  rescorla::environment e = {};
  e.kind = w.kind;
  e.by_subject = w.by_subject;
  e.by_action = w.by_action;
  e.by_trial = w.by_trial;
  e.actions = w.actions;
  e.outcome_input = 0;
  e.foregone_input = -1;
  return e;
}

// `parameters`: [parameter][subject]. `together`: subjects of one launch. Without `full`, choices,
// outcomes and prediction errors alone are recorded.
inline simulated simulate_there(const rescorla::device_model& model, rescorla::device_store& store,
                                const rescorla::bound_program& bound, const world& w,
                                const std::vector<double>& parameters, std::size_t subjects,
                                std::size_t together, std::uint64_t seed, bool full) {
  using namespace rescorla;
  const device_interface& device = store.device();
  const std::size_t trials = static_cast<std::size_t>(w.trials);
  const std::size_t actions = static_cast<std::size_t>(w.actions);
  const std::size_t p = static_cast<std::size_t>(model.parameters);
  // Cells of the items, then of outcomes and payoffs; 0 where not kept.
  const std::size_t cells[] = {full ? actions : 0, full ? actions : 0, 1, 1, full ? actions : 0};
  simulated r;
  std::vector<double>* const results[] = {&r.value, &r.probability, &r.error, &r.outcome,
                                          &r.payoff};
  for (int i = 0; i < 5; ++i) results[i]->resize(cells[i] * trials * subjects);
  r.choice.resize(trials * subjects);

  const device_binding binding(device, bound);
  device_memory given(device), first(device), second(device), each(device), workspace(device),
      choices(device), table(device), views(device), steps(device), drawn(device);
  std::vector<device_memory> memory;
  for (int i = 0; i < 5; ++i) memory.emplace_back(device);
  simulate_job job = {};
  job.data = store.part(0);
  job.bound = binding.view();
  job.seed = seed;
  job.replicate = 3;
  job.first_response = 1;
  job.missing = std::numeric_limits<double>::quiet_NaN();
  job.cells = model.cells;
  job.workspace = model.cells == 0
                      ? nullptr
                      : workspace.get<double>(together * static_cast<std::size_t>(model.cells));
  job.world = environment_of(w);
  job.world.first = first.put(w.first);
  job.world.second = second.put(w.second);
  job.world.each = each.get<double>(together * actions);

  for (std::size_t base = 0; base < subjects; base += together) {
    const std::size_t count = std::min(together, subjects - base);
    std::vector<double> in(p * count);
    for (std::size_t q = 0; q < p; ++q)
      for (std::size_t i = 0; i < count; ++i)
        in[q * count + i] = parameters[q * subjects + base + i];
    job.parameters = given.put(in);
    job.subjects = static_cast<std::ptrdiff_t>(count);
    job.first_subject = static_cast<std::uint32_t>(base);

    double* at[5];
    std::vector<double*> pointers;  // to the cells of items, then of payoffs
    std::vector<std::ptrdiff_t> step;
    std::vector<std::size_t> start;
    for (int i = 0; i < 5; ++i) {
      at[i] = memory[static_cast<std::size_t>(i)].get<double>(cells[i] * trials * count);
      start.push_back(pointers.size());
      step.push_back(static_cast<std::ptrdiff_t>(cells[i] * count));
      // Payoffs stand apart, a column each: [action][trial][subject].
      const std::size_t apart = i == 4 ? trials * count : count;
      for (std::size_t c = 0; i != 3 && c < cells[i]; ++c) pointers.push_back(at[i] + c * apart);
    }
    std::int32_t* chosen = choices.get<std::int32_t>(trials * count);
    double** there = table.put(pointers);
    std::vector<double* const*> view;
    for (int i = 0; i < 3; ++i)
      view.push_back(cells[i] == 0 ? nullptr : there + start[static_cast<std::size_t>(i)]);
    job.items = views.put(view);
    job.item_step = steps.put(step);
    job.drawn = drawn.put(std::vector<std::int32_t*>{chosen});
    job.world.outcome = at[3];
    job.world.payoff = full ? there + start[4] : nullptr;
    const double began = now();
    check(device.launch(model.program.kernel[static_cast<int>(device_task::trace)], job.subjects,
                        &job, sizeof job));
    check(device.wait());
    r.kernel_seconds += now() - began;

    std::vector<double> out;
    for (int i = 0; i < 5; ++i) {
      const std::size_t rows = cells[i] * trials;
      out.resize(rows * count);
      download(device, out.data(), at[i], out.size());
      for (std::size_t row = 0; row < rows; ++row)
        std::copy_n(out.data() + row * count, count, results[i]->data() + row * subjects + base);
    }
    std::vector<std::int32_t> codes(trials * count);
    download(device, codes.data(), chosen, codes.size());
    for (std::size_t row = 0; row < trials; ++row)
      std::copy_n(codes.data() + row * count, count, r.choice.data() + row * subjects + base);
  }
  return r;
}

}  // namespace gpu

#endif
