#ifndef RESCORLA_TOOLS_TEST_TASK_HPP
#define RESCORLA_TOOLS_TEST_TASK_HPP

// A task's program joined to a model: what each hears and reads of the other, trial by trial, with
// lanes of unequal length and a reset on the way.

#include <vector>

#include "check.hpp"
#include "rescorla/engine/kernels.hpp"
#include "rescorla/engine/task.hpp"

RESCORLA_BEGIN

// Makes `early` before and `answer` = level + 10 x count after the choice; counts trials since the
// block's start.
struct task_counting {
  static constexpr int segments = 2;
  template <class F>
  RESCORLA_INLINE static void layout(F& f) {
    f.template reserve<0ULL>(0, 1);
  }
  template <class F>
  RESCORLA_INLINE static void start(F& f, const typename F::flag&, const typename F::flag& by_block) {
    f.assign(f.template cells<0ULL>(0)[0], by_block, f.constant(0.0));
  }
  template <class F>
  RESCORLA_INLINE static void record(F& f) {
    f.report_state(0, 1, f.template cells<0ULL>(0));
  }
  template <class F>
  RESCORLA_INLINE static void trial(F& f, int segment) {
    const auto count = f.template cells<0ULL>(0);
    if (segment == 0) {
      f.make(0, 0, 1, f.draw_uniform(1, 0), f.all());
    } else {
      const auto level = f.heard_level(0);
      f.make(1, 0, 2, f.number_of(level) + f.constant(10.0) * count[0], present(level));
      f.assign(count[0], f.all(), count[0] + f.constant(1.0));
    }
  }
};

// Reports what it reads: item 1 before its choice (item 0), item 2 after it.
struct model_reading {
  static constexpr int parameters = 0;
  static constexpr directions estimated = 0;
  static constexpr directions every = 0;
  static constexpr bool keeps = false;
  template <class F>
  RESCORLA_INLINE static void layout(F& f) {
    f.template reserve<0ULL>(0, 4);
  }
  template <class F>
  RESCORLA_INLINE static void start(F&, const typename F::flag&, const typename F::flag&) {}
  template <class F>
  RESCORLA_INLINE static void record(F&) {}
  template <class F>
  RESCORLA_INLINE static void trial(F& f) {
    const auto early = f.input(0);
    f.softmax(1, 0, 0, 0, 2, f.all(), [&](int) RESCORLA_LAMBDA { return f.constant(0.0); }, false,
              [&](int) RESCORLA_LAMBDA { return f.all(); });
    const auto answer = f.input(1);
    f.report(1, 0, early.value, early.valid);
    f.report(2, 0, answer.value, answer.valid);
  }
};

RESCORLA_END

namespace test_task {

using namespace rescorla;

constexpr int width = RESCORLA_LANES;
constexpr int trials = 7, reset = 4;

// Columns of one run, [column][lane][trial].
struct run {
  std::vector<std::vector<double>> column;
  std::vector<std::int32_t> choice;
};

inline run play(std::uint64_t seed) {
  run r;
  const std::size_t rows = static_cast<std::size_t>(width) * trials;
  r.column.assign(6, std::vector<double>(rows, -1.0));
  r.choice.assign(rows, -1);
  const std::vector<std::int32_t> codes(rows, 0);
  const std::vector<double> numbers(2 * rows, __builtin_nan(""));
  std::vector<std::uint8_t> marks(rows, 0), any_mark(trials, 0);
  for (int l = 0; l < width; ++l) {
    marks[static_cast<std::size_t>(l)] = subject_start | block_start;
    marks[static_cast<std::size_t>(reset * width + l)] = block_start;
  }
  any_mark[0] = any_mark[reset] = 1;
  std::vector<std::uint32_t> subject(width);
  std::vector<std::ptrdiff_t> offset(width);
  std::vector<int> length(width);
  for (int l = 0; l < width; ++l) {
    subject[static_cast<std::size_t>(l)] = static_cast<std::uint32_t>(l);
    offset[static_cast<std::size_t>(l)] = l * trials;
    length[static_cast<std::size_t>(l)] = l == 1 ? trials - 2 : trials;
  }
  const int extents[] = {2}, bases[] = {0, 1}, levels[] = {2};
  alignas(64) double work[2][64 * width];
  alignas(64) double heard[width], made[2][width];
  alignas(64) unsigned char frame[sizeof(task_frame<width>)];
  std::vector<double*> cells;
  for (auto& c : r.column) cells.push_back(c.data());
  double* const* items[] = {&cells[0], &cells[1], &cells[2]};       // the model's
  double* const* task_items[] = {&cells[3], &cells[4], &cells[5]};  // the task's
  const std::ptrdiff_t step[] = {1, 1, 1};
  double* const made_at[] = {made[0], made[1]};
  const double* const heard_at[] = {heard};
  double* const told_at[] = {heard};
  const double* const number_at[] = {made[0], made[1]};
  const double* const code_at[] = {nullptr};
  const std::uint64_t needs[] = {0, 1};
  std::int32_t* const drawn[] = {r.choice.data()};
  // The probabilities of both actions go to one column: nobody reads it.
  double* const both[] = {cells[0], cells[0]};
  items[0] = both;

  task_call world = {};
  world.block = {trials, trials, codes.data(), numbers.data(), marks.data(), any_mark.data()};
  world.bound = {extents, nullptr, bases, 1};
  world.workspace = work[0];
  world.seed = seed;
  world.subject = subject.data();
  world.heard = heard_at;
  world.made = made_at;
  world.items = task_items;
  world.offset = offset.data();
  world.item_step = step;
  world.length = length.data();
  world.missing = __builtin_nan("");
  const task_table& table = *task_kernels<task_counting>::table();
  check::that(table.lanes == width && table.frame_size == sizeof frame, "task, table");
  table.open(frame, &world);
  const task_link link = {table.run,  frame,   table.segments, needs, told_at,
                          number_at, code_at, levels};
  trace_call call = {};
  call.block = world.block;
  call.bound = world.bound;
  call.workspace = work[1];
  call.draw = true;
  call.seed = seed;
  call.subject = subject.data();
  call.world.outcome_input = call.world.foregone_input = -1;
  call.task = &link;
  call.items = items;
  call.item_step = step;
  call.drawn = drawn;
  call.offset = offset.data();
  call.length = length.data();
  call.step = 1;
  call.missing = world.missing;
  kernels<model_reading>::table()->record(call);
  return r;
}

inline void joined() {
  const run r = play(11);
  bool same = true, counted = true, kept_off = true, varies = false;
  for (int l = 0; l < width; ++l)
    for (int t = 0; t < trials; ++t) {
      const std::size_t at = static_cast<std::size_t>(l * trials + t);
      if (l == 1 && t >= trials - 2) {
        kept_off = kept_off && r.column[1][at] == -1.0 && r.column[5][at] == -1.0;
        continue;
      }
      const double count = t < reset ? t : t - reset;
      const double answer = r.choice[at] + 10.0 * count;
      same = same && r.column[1][at] == r.column[4][at] && r.column[2][at] == r.column[5][at];
      counted = counted && r.column[3][at] == count && r.column[5][at] == answer;
      varies = varies || r.column[4][at] != r.column[4][0];
      check::that(r.column[4][at] >= 0.0 && r.column[4][at] < 1.0, "task, uniform draw");
      check::that(r.choice[at] == 1 || r.choice[at] == 2, "task, choice");
    }
  check::that(same, "task, the model reads what the task makes");
  check::that(counted, "task, states, reset and what it heard");
  check::that(kept_off, "task, a shorter lane stays as it was");
  check::that(varies, "task, draws differ");
  check::that(play(11).column == r.column, "task, the same seed");
  check::that(play(12).column != r.column, "task, another seed");
}

inline void run_all() { joined(); }

}  // namespace test_task

#endif
