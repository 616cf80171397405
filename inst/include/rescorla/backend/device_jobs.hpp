#ifndef RESCORLA_BACKEND_DEVICE_JOBS_HPP
#define RESCORLA_BACKEND_DEVICE_JOBS_HPP

#include "../engine/episodes.hpp"

namespace rescorla {

// What kernels are given: plain structures of numbers and of pointers into the device's memory.

// Doubles of the workspace, derivatives for all parameters counted, up to which a thread has its own
// where sizes are known: the memory for what threads have of their own is set aside for as many as
// the machine can hold at a time. Larger ones lie where the job says.
constexpr std::ptrdiff_t largest_own_workspace = 2048;

// Log-likelihoods of pairs of a unit and a parameter vector, a thread each: pairs first, ...,
// first + count - 1 of so many. Arrays by pair have the pair fastest.
struct score_job {
  device_data data;
  binding bound;
  std::ptrdiff_t first, count, pairs;
  const int* unit;            // [pair], or null: pair p is of unit p % units
  const double* parameters;   // [parameter][pair]
  double* value;              // [pair]
  double* gradient;           // [direction][pair]
  double* fisher;             // [i <= j][pair]
  double* workspace;          // [thread][cell] where a thread has none of its own, or null
  std::ptrdiff_t cells;
};

// Simulation: subjects that share the trials' columns, a thread each. What is recorded is laid out
// as in trace_call, the subject fastest.
struct simulate_job {
  device_data data;
  binding bound;
  std::ptrdiff_t subjects;
  std::uint32_t first_subject;     // the counter word of subject 0
  const double* parameters;        // [parameter][subject]
  std::uint64_t seed;
  std::uint32_t replicate;
  environment world;
  int first_response;
  double* const* const* items;
  const std::ptrdiff_t* item_step;
  std::int32_t* const* drawn;
  double* const* drawn_number;
  double missing;
  double* workspace;               // [thread][cell], or null
  std::ptrdiff_t cells;
};

}  // namespace rescorla

#endif
