#include "simulations.h"
#include "tasks.h"
#include "threads.h"

#include <cstring>
#include <memory>

using namespace Rcpp;

namespace {

// One result of a simulation, as new_result() has it.
//
// A pack of lanes writes a few units at every trial of an array, on as many memory pages as there
// are trials and cells. It writes to a slab of a few packs first, which goes to the array in longer
// runs: that is several times faster than the writes themselves.
template <class T>
struct result {
  T* target = nullptr;
  T* slab = nullptr;
  int cells = 0;

  void empty(int first, int count, int slab_units, int units, int trials) const {
    const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(cells) * trials;
    for (std::ptrdiff_t r = 0; r < rows; ++r)
      std::memcpy(target + r * units + first, slab + r * slab_units,
                  sizeof(T) * as_size(count));
  }
};

// All results of a run, copied for every task so that each has slabs of its own.
struct results {
  std::vector<result<double>> items;
  std::vector<result<std::int32_t>> drawn;
  std::vector<result<double>> drawn_number;
  std::vector<result<double>> payoff;
  std::vector<result<double>> task_items;
  result<double> outcome;

  template <class F>
  void each(F f) {
    for (auto& x : items) f(x);
    for (auto& x : drawn) f(x);
    for (auto& x : drawn_number) f(x);
    for (auto& x : payoff) f(x);
    for (auto& x : task_items) f(x);
    f(outcome);
  }
};

// The slabs of one thread, kept from task to task: fresh memory costs more than what is done in it.
class slab_memory {
 public:
  void open(results& own, int units, int trials) {
    std::size_t doubles = 0, integers = 0;
    const std::size_t cell = as_size(units) * as_size(trials);
    own.each([&](auto& x) { (needs_double(x) ? doubles : integers) += as_size(x.cells) * cell; });
    double* next = doubles_.get(doubles);
    if (integers_.size() < integers) integers_.resize(integers);
    std::int32_t* next_integer = integers_.data();
    own.each([&](auto& x) {
      take(x, next, next_integer);
      if (needs_double(x)) next += as_size(x.cells) * cell;
      else next_integer += as_size(x.cells) * cell;
    });
  }

 private:
  static bool needs_double(const result<double>&) { return true; }
  static bool needs_double(const result<std::int32_t>&) { return false; }
  static void take(result<double>& x, double* from, std::int32_t*) { x.slab = from; }
  static void take(result<std::int32_t>& x, double*, std::int32_t* from) {
    x.slab = from;
  }

  rescorla::aligned_buffer doubles_;
  std::vector<std::int32_t> integers_;
};

template <class T>
SEXP allocate(result<T>& to, int cells, bool array, int units, int trials) {
  to.cells = cells;
  return new_result(to.target, cells, array, units, trials);
}

}  // namespace

// Where the items of a task (states, then products) are recorded: one result for each item, in R an
// array, or one for each cell, a column. `want` holds the cells of each item, 0 where it is not kept.
class task_record {
 public:
  task_record(results& all, const IntegerVector& want, bool array, int units, int trials)
      : array_(array) {
    all.task_items.reserve(as_size(sum(want)));
    for (R_xlen_t i = 0; i < want.size(); ++i) {
      first_.push_back(all.task_items.size());
      cells_.push_back(want[i]);
      if (want[i] == 0) {
        values_.push_back(R_NilValue);
        continue;
      }
      List each(array ? 1 : want[i]);
      for (R_xlen_t c = 0; c < each.size(); ++c) {
        all.task_items.emplace_back();
        each[c] = allocate(all.task_items.back(), array ? want[i] : 1, array, units, trials);
      }
      values_.push_back(array ? static_cast<SEXP>(each[0]) : static_cast<SEXP>(each));
    }
  }
  List values() const { return values_; }

  // The pointers of one thread, whose slabs `own` holds.
  struct place {
    std::vector<std::vector<double*>> cells;
    std::vector<double* const*> views;
    std::vector<std::ptrdiff_t> step;
  };
  place open(const results& own, int slab_units) const {
    place r;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      r.cells.emplace_back();
      for (int c = 0; c < cells_[i]; ++c)
        r.cells.back().push_back(array_ ? own.task_items[first_[i]].slab + c * slab_units
                                        : own.task_items[first_[i] + as_size(c)].target);
      r.step.push_back(array_ ? static_cast<std::ptrdiff_t>(cells_[i]) * slab_units : 1);
    }
    for (const auto& x : r.cells) r.views.push_back(x.empty() ? nullptr : x.data());
    return r;
  }

 private:
  bool array_;
  std::vector<std::size_t> first_;
  std::vector<int> cells_;
  List values_;
};

// Simulates `units` subjects on a task. `packed` holds one pack of lanes with the trial structure
// that all share; outcomes come from the environment, or from the program of a task.
// [[Rcpp::export]]
List cpp_simulate(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters,
                  IntegerVector cells, int first_response, LogicalVector numeric, List world,
                  Nullable<List> task, double seed, int replicate, int units, bool array, int threads) {
  const rescorla::kernel_table& table = kernels_from(kernels);
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const parameter_table values(parameters);
  const int lanes = data.lanes(), trials = data.length(0);
  const int actions = as<int>(world["actions"]), kind = as<int>(world["kind"]);
  const bool keep_payoffs = as<bool>(world["keep_payoffs"]);

  results all;
  List items(cells.size()), drawn(numeric.size()), payoff(keep_payoffs ? actions : 0);
  all.items.resize(as_size(cells.size()));
  for (R_xlen_t i = 0; i < cells.size(); ++i)
    if (cells[i] > 0) items[i] = allocate(all.items[as_size(i)], cells[i], array, units, trials);
  all.drawn.resize(as_size(numeric.size()));
  all.drawn_number.resize(as_size(numeric.size()));
  for (R_xlen_t r = 0; r < numeric.size(); ++r)
    drawn[r] = numeric[r] ? allocate(all.drawn_number[as_size(r)], 1, array, units, trials)
                          : allocate(all.drawn[as_size(r)], 1, array, units, trials);
  all.payoff.resize(as_size(payoff.size()));
  for (R_xlen_t a = 0; a < payoff.size(); ++a)
    payoff[a] = allocate(all.payoff[as_size(a)], 1, array, units, trials);
  std::unique_ptr<task_program> program_of_task;
  std::unique_ptr<task_record> record_of_task;
  if (task.isNotNull()) {
    const List given(task);
    program_of_task.reset(new task_program(given));
    record_of_task.reset(new task_record(all, given["want"], array, units, trials));
  }
  RObject outcome = R_NilValue;
  if (kind != 0) outcome = allocate(all.outcome, 1, array, units, trials);

  const rescorla::environment environment = environment_from(world);
  const std::ptrdiff_t size = table.workspace(program.extents.data());
  const std::ptrdiff_t payoffs = static_cast<std::ptrdiff_t>(actions) * lanes;

  const int slab_packs = array ? std::max(1, 32 / lanes) : 1, slab_units = slab_packs * lanes;
  const int tasks = (units + slab_units - 1) / slab_units;
  std::atomic<bool> stop(false);
  const bool complete = run_parallel(tasks, threads, stop, [&](int chunk) {
    static thread_local rescorla::aligned_buffer buffer;
    static thread_local slab_memory slabs;
    results own = all;
    if (array) slabs.open(own, slab_units, trials);
    // Cell by cell, where this task writes, and how far apart its trials are.
    std::vector<std::vector<double*>> cells_at;
    std::vector<double* const*> views;
    std::vector<std::ptrdiff_t> step;
    for (auto& x : own.items) {
      cells_at.emplace_back();
      for (int c = 0; c < x.cells; ++c)
        cells_at.back().push_back(array ? x.slab + c * slab_units : x.target);
      step.push_back(array ? static_cast<std::ptrdiff_t>(x.cells) * slab_units : 1);
    }
    for (const auto& x : cells_at) views.push_back(x.empty() ? nullptr : x.data());
    std::vector<std::int32_t*> drawn_at;
    std::vector<double*> number_at, payoff_at;
    const auto start = [&](auto& x) { return array ? x.slab : x.target; };
    for (auto& x : own.drawn) drawn_at.push_back(start(x));
    for (auto& x : own.drawn_number) number_at.push_back(start(x));
    for (auto& x : own.payoff) payoff_at.push_back(start(x));

    rescorla::trace_call call = empty_trace(program, first_response);
    call.items = views.data();
    call.item_step = step.data();
    call.block = data.block(0);
    call.workspace = buffer.get(as_size(size + payoffs));
    call.draw = true;
    call.seed = static_cast<std::uint64_t>(seed);
    call.replicate = static_cast<std::uint32_t>(replicate);
    call.drawn = drawn_at.data();
    call.drawn_number = number_at.data();
    call.step = array ? slab_units : 1;
    call.world = environment;
    call.world.each = call.workspace + size;
    call.world.outcome = start(own.outcome);
    call.world.payoff = keep_payoffs ? payoff_at.data() : nullptr;
    std::unique_ptr<task_lanes> played;
    task_record::place task_place;
    if (program_of_task) {
      played.reset(new task_lanes(*program_of_task));
      task_place = record_of_task->open(own, slab_units);
      call.task = played->link();
    }
    for (int pack = 0; pack < slab_packs; ++pack) {
      lane_state lane(lanes);
      lane.parameters.resize(as_size(values.columns * lanes));
      const int base = chunk * slab_units + pack * lanes;
      if (base >= units) break;
      for (int l = 0; l < lanes; ++l) {
        const int u = base + l, real = u < units ? u : base;
        for (int p = 0; p < values.columns; ++p)
          lane.parameters[as_size(p * lanes + l)] = values(real, p);
        lane.subject[as_size(l)] = static_cast<std::uint32_t>(real);
        lane.offset[as_size(l)] =
            array ? pack * lanes + l : static_cast<std::ptrdiff_t>(u) * trials;
        lane.length[as_size(l)] = u < units ? trials : 0;
      }
      call.parameters = lane.parameters.data();
      call.subject = lane.subject.data();
      call.offset = lane.offset.data();
      call.length = lane.length.data();
      if (played) played->open(call, task_place.views.data(), task_place.step.data());
      table.record(call);
    }
    if (!array) return;
    const int from = chunk * slab_units, count = std::min(slab_units, units - from);
    own.each([&](auto& x) {
      if (x.cells > 0) x.empty(from, count, slab_units, units, trials);
    });
  });
  return List::create(_["items"] = items, _["drawn"] = drawn, _["outcome"] = outcome,
                      _["payoff"] = payoff, _["complete"] = complete,
                      _["task"] = record_of_task ? record_of_task->values() : List());
}
