#ifndef RESCORLA_ENGINE_EPISODES_HPP
#define RESCORLA_ENGINE_EPISODES_HPP

#include "../core/standard.hpp"

namespace rescorla {

// Plain structures shared by every instruction set: what a kernel is given. A "lane" is one unit
// (a subject with one parameter vector); a pack of W lanes runs through its trials together, in
// arrays laid out [column][trial][lane].

// Codes hold a level from 1; 0 is missing. On a response a negative code -k says that level k is
// learned from but adds nothing to the likelihood (a forced choice, or a single alternative).

// What is recorded where no response could be drawn (R's missing integer).
constexpr std::int32_t missing_draw = -2147483647 - 1;

// Reset marks of a trial.
constexpr std::uint8_t subject_start = 1;
constexpr std::uint8_t block_start = 2;

struct packed_block {
  int trials;                     // of the longest lane
  int stride;                     // trials from one column to the next
  const std::int32_t* codes;      // [column][trial][lane]
  const double* numbers;          // [column][trial][lane], NaN is missing
  const std::uint8_t* marks;      // [trial][lane]
  const std::uint8_t* any_mark;   // [trial]: some lane has a mark
};

// The data of all units as a device holds them, a thread a unit: columns are [trial][unit], so that
// neighbouring threads read neighbouring places, each in the narrowest type that holds its values
// exactly.
enum class column_kind : int { int8 = 0, int16 = 1, int32 = 2, float32 = 3, float64 = 4 };

struct device_column {
  const void* values;
  column_kind kind;
};

// In a numeric column of whole numbers the lowest of the type is missing.
constexpr int missing_int8 = -128;
constexpr int missing_int16 = -32768;

struct device_data {
  std::ptrdiff_t units;
  const int* length;              // [unit] trials
  const device_column* codes;
  const device_column* numbers;
  const std::uint8_t* marks;      // [trial][unit], or null: no mark after a unit's first trial
};

// What one thread sees of them.
struct device_block {
  int trials;
  std::ptrdiff_t units;
  std::ptrdiff_t unit;
  const device_column* codes;
  const device_column* numbers;
  const std::uint8_t* marks;
};

// Constants of a (model, data) pair.
struct binding {
  const int* extents;         // by dimension of the program: its number of levels
  const int* labels;          // by level label the program names: its code
  const int* number_base;     // by numeric input: its first packed column
  int flush;                  // trials whose softmax denominators share one logarithm
};

// Calls are the same whatever holds the data.
template <class Block>
struct basic_likelihood_call {
  Block block;
  binding bound;
  const double* parameters;   // [parameter][lane]
  double* workspace;          // workspace_size() doubles, aligned to 64 bytes
  bool information;
  double* value;              // [lane]
  double* gradient;           // [direction][lane]
  double* fisher;             // [pair][lane]
};
typedef basic_likelihood_call<packed_block> likelihood_call;

// Where the outcomes of a simulation come from: what each action would pay on each trial, or the
// distribution to draw it from. first/second are (probability) or (mean, sd) or (payoff).
enum class payoff_kind : int { none = 0, table = 1, bernoulli = 2, normal = 3 };

struct environment {
  payoff_kind kind;
  const double* first;
  const double* second;
  std::ptrdiff_t by_subject;   // strides of both arrays; 0 repeats
  std::ptrdiff_t by_action;
  std::ptrdiff_t by_trial;
  int actions;
  int outcome_input;           // numeric input of the program that is the outcome, -1 if none
  int foregone_input;          // and the wide one that holds what the other actions paid
  double* each;                // scratch: what each action pays on a trial, [action][lane]
  double* outcome;             // recorded outcomes, or null; laid out like the responses
  double* const* payoff;       // recorded payoffs by action, or null
};

// A task of its own program that a simulation is joined to: it runs in segments, each as soon as the
// responses it reads are drawn.
struct task_link {
  void (*run)(void* frame, int trial, int segment);
  void* frame;
  int segments;
  const std::uint64_t* needs;        // by segment: the model's responses it waits for, a bit each
  double* const* heard;              // by response of the model: [lane] where the task reads it, or null
  const double* const* number;       // by numeric input of the model: [cell][lane] as made, or null
  const double* const* code;         // by coded column of the model: [lane] as made, or null
  const int* levels;                 // by coded column of the model
};

// A run that records, and that draws responses where asked.
template <class Block>
struct basic_trace_call {
  Block block;
  binding bound;
  const double* parameters;
  double* workspace;
  bool draw;                       // responses drawn by the model; else taken from the data
  std::uint64_t seed;
  const std::uint32_t* subject;    // [lane] counter words
  std::uint32_t replicate;
  environment world;
  const task_link* task;           // or null
  // Recording: cell c of item i goes to items[i][c][offset[lane] + trial * item_step[i]], single
  // columns to column[offset[lane] + trial * step].
  int first_response;              // item of the first response
  double* const* const* items;     // by item: states, then responses, then locals; null unwanted
  double* log_lik;                 // NaN where nothing was scored; null unwanted
  std::int32_t* const* drawn;      // by response, null unwanted
  double* const* drawn_number;     // by response, for numeric responses
  const std::ptrdiff_t* offset;    // [lane]
  const std::ptrdiff_t* item_step;
  const int* length;               // [lane] trials of each lane; 0 for padding
  std::ptrdiff_t step;
  double missing;                  // what a missing value is recorded as
  // First trial at which a lane's log-likelihood was not finite, and the program line; -1 if none.
  int* bad_trial;
  int* bad_line;
};
typedef basic_trace_call<packed_block> trace_call;

}  // namespace rescorla

#endif
