#include "device.h"
#include "simulations.h"
#include "threads.h"

#include <cstring>

using namespace Rcpp;

namespace {

// A result, as new_result() has it, with its place on the device for some of the subjects at a time,
// [trial][cell][subject].
template <class T>
struct recorded {
  T* target = nullptr;
  std::size_t cells = 0;
  T* there = nullptr;
};

struct shape {
  std::size_t subjects, trials;
  bool array;
};

// What was drawn by some of the subjects goes to its place among all.
template <class T>
void settle(const recorded<T>& to, const T* from, std::size_t first, std::size_t count,
            const shape& all) {
  const std::size_t rows = to.cells * all.trials;
  if (all.array) {
    for (std::size_t r = 0; r < rows; ++r)
      std::memcpy(to.target + r * all.subjects + first, from + r * count, count * sizeof(T));
    return;
  }
  // A column of one cell: transposed a square at a time, so that both sides stay in the cache.
  constexpr std::size_t side = 64;
  for (std::size_t s = 0; s < count; s += side)
    for (std::size_t t = 0; t < all.trials; t += side)
      for (std::size_t i = s; i < std::min(s + side, count); ++i)
        for (std::size_t j = t; j < std::min(t + side, all.trials); ++j)
          to.target[(first + i) * all.trials + j] = from[j * count + i];
}

}  // namespace

// As cpp_simulate(), for a task whose outcomes come from an environment, on a device. `bound` holds
// the device's module; `budget`: bytes of its memory to use, 0 for what is free.
// [[Rcpp::export]]
List cpp_device_simulate(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters,
                         IntegerVector cells, int first_response, LogicalVector numeric, List world,
                         double seed, int replicate, int subjects, bool array, double budget) {
  const List on = bound["device"];
  const device_module& module = module_from(on["module"]);
  const rescorla::device_interface& device = *module.device;
  rescorla::device_store& store =
      *XPtr<rescorla::device_store>(static_cast<SEXP>(on["store"])).checked_get();
  const rescorla::bound_program program = bound_from(bound);
  const rescorla::device_model model =
      device_model_from(module, kernels_from(kernels), program, true);
  const parameter_table values(parameters);
  const shape all = {static_cast<std::size_t>(subjects),
                     static_cast<std::size_t>(packed_from(packed).length(0)), array};
  const int actions = as<int>(world["actions"]), kind = as<int>(world["kind"]);
  const bool keep_payoffs = as<bool>(world["keep_payoffs"]);

  std::vector<recorded<double>> doubles;
  std::vector<recorded<std::int32_t>> integers;
  List items(cells.size()), drawn(numeric.size()), payoff(keep_payoffs ? actions : 0);
  std::vector<int> item_at, drawn_at, payoff_at;
  int outcome_at = -1;
  const auto make = [&](auto& list, int size) -> SEXP {
    list.emplace_back();
    list.back().cells = static_cast<std::size_t>(size);
    return new_result(list.back().target, size, array, subjects, static_cast<int>(all.trials));
  };
  for (R_xlen_t i = 0; i < cells.size(); ++i) {
    item_at.push_back(cells[i] > 0 ? static_cast<int>(doubles.size()) : -1);
    if (cells[i] > 0) items[i] = make(doubles, cells[i]);
  }
  for (R_xlen_t r = 0; r < numeric.size(); ++r) {
    drawn_at.push_back(static_cast<int>(numeric[r] ? doubles.size() : integers.size()));
    drawn[r] = numeric[r] ? make(doubles, 1) : make(integers, 1);
  }
  for (R_xlen_t a = 0; a < payoff.size(); ++a) {
    payoff_at.push_back(static_cast<int>(doubles.size()));
    payoff[a] = make(doubles, 1);
  }
  RObject outcome = R_NilValue;
  if (kind != 0) {
    outcome_at = static_cast<int>(doubles.size());
    outcome = make(doubles, 1);
  }

  // The worker does not touch R: all it needs is read here.
  const rescorla::environment environment = environment_from(world);
  const std::size_t first_size = static_cast<std::size_t>(Rf_xlength(world["first"])),
                    second_size = static_cast<std::size_t>(Rf_xlength(world["second"]));
  const std::vector<bool> is_number(numeric.begin(), numeric.end());

  std::atomic<bool> stop(false);
  const auto body = [&](const rescorla::executor&) {
    std::size_t free = static_cast<std::size_t>(budget), total = 0;
    if (free == 0) {
      rescorla::check(device.memory(&free, &total));
      free -= free / 3;
    }
    // The tables of what pays stand there whole.
    const std::size_t whole = sizeof(double) * (first_size + second_size);
    free -= std::min(free, whole);
    std::size_t one = sizeof(double) * static_cast<std::size_t>(values.columns + model.cells + actions);
    for (const auto& x : doubles) one += sizeof(double) * x.cells * all.trials;
    for (const auto& x : integers) one += sizeof(std::int32_t) * x.cells * all.trials;
    const std::size_t most = std::max<std::size_t>(
        1, std::min({all.subjects, free / one,
                     static_cast<std::size_t>(rescorla::threads_at_once(model.cells))}));

    const rescorla::device_binding binding(device, program);
    rescorla::device_memory given(device), first(device), second(device), each(device),
        workspace(device), steps(device), tables(device), views(device);
    std::vector<rescorla::device_memory> memory;
    for (auto& x : doubles) {
      memory.emplace_back(device);
      x.there = memory.back().get<double>(most * x.cells * all.trials);
    }
    for (auto& x : integers) {
      memory.emplace_back(device);
      x.there = memory.back().get<std::int32_t>(most * x.cells * all.trials);
    }

    rescorla::simulate_job job = {};
    job.data = store.part(0);
    job.bound = binding.view();
    job.seed = static_cast<std::uint64_t>(seed);
    job.replicate = static_cast<std::uint32_t>(replicate);
    job.first_response = first_response;
    job.missing = NA_REAL;
    job.cells = model.cells;
    job.workspace = model.cells == 0
                        ? nullptr
                        : workspace.get<double>(most * static_cast<std::size_t>(model.cells));
    job.world = environment;
    job.world.first = first.put(environment.first, first_size);
    job.world.second = second.put(environment.second, second_size);
    job.world.each = each.get<double>(most * static_cast<std::size_t>(std::max(actions, 1)));

    std::vector<double> in;
    std::vector<unsigned char> out;
    for (std::size_t base = 0; base < all.subjects && !stop; base += most) {
      const std::size_t count = std::min(most, all.subjects - base);
      in.resize(count * static_cast<std::size_t>(values.columns));
      for (int p = 0; p < values.columns; ++p)
        for (std::size_t i = 0; i < count; ++i)
          in[static_cast<std::size_t>(p) * count + i] = values(static_cast<int>(base + i), p);
      job.parameters = given.put(in);
      job.subjects = static_cast<std::ptrdiff_t>(count);
      job.first_subject = static_cast<std::uint32_t>(base);

      // Pointers to the cells of each item, then to what is drawn and paid: one table.
      std::vector<double*> at;
      std::vector<std::size_t> start;
      std::vector<std::ptrdiff_t> step;
      for (int i : item_at) {
        start.push_back(at.size());
        step.push_back(i < 0 ? 0 : static_cast<std::ptrdiff_t>(doubles[static_cast<std::size_t>(i)].cells * count));
        for (std::size_t c = 0; i >= 0 && c < doubles[static_cast<std::size_t>(i)].cells; ++c)
          at.push_back(doubles[static_cast<std::size_t>(i)].there + c * count);
      }
      const std::size_t numbers = at.size();
      for (std::size_t r = 0; r < drawn_at.size(); ++r)
        at.push_back(is_number[r]
                         ? doubles[static_cast<std::size_t>(drawn_at[r])].there
                         : reinterpret_cast<double*>(
                               integers[static_cast<std::size_t>(drawn_at[r])].there));
      const std::size_t payoffs = at.size();
      for (int a : payoff_at) at.push_back(doubles[static_cast<std::size_t>(a)].there);
      double** there = tables.put(at);
      std::vector<double* const*> view;
      for (std::size_t i = 0; i < item_at.size(); ++i)
        view.push_back(item_at[i] < 0 ? nullptr : there + start[i]);
      job.items = views.put(view);
      job.item_step = steps.put(step);
      job.drawn_number = there + numbers;
      job.drawn = reinterpret_cast<std::int32_t* const*>(there + numbers);
      job.world.payoff = keep_payoffs ? there + payoffs : nullptr;
      job.world.outcome =
          outcome_at < 0 ? nullptr : doubles[static_cast<std::size_t>(outcome_at)].there;
      rescorla::check(device.launch(
          model.program.kernel[static_cast<int>(rescorla::device_task::trace)], job.subjects, &job,
          sizeof job));
      rescorla::check(device.wait());
      const auto fetch = [&](auto& list) {
        for (auto& x : list) {
          typedef typename std::remove_reference<decltype(*x.there)>::type T;
          const std::size_t size = x.cells * all.trials * count;
          // All subjects at once lie there as R wants them.
          if (all.array && count == all.subjects) {
            rescorla::download(device, x.target, x.there, size);
            continue;
          }
          out.resize(std::max<std::size_t>(size * sizeof(T), 1));
          rescorla::download(device, reinterpret_cast<T*>(out.data()), x.there, size);
          settle(x, reinterpret_cast<const T*>(out.data()), base, count, all);
        }
      };
      fetch(doubles);
      fetch(integers);
    }
  };
  const bool complete = with_device_errors([&] { return run_beside(1, stop, body); });
  return List::create(_["items"] = items, _["drawn"] = drawn, _["outcome"] = outcome,
                      _["payoff"] = payoff, _["complete"] = complete, _["task"] = List());
}
