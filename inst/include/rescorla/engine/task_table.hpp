#ifndef RESCORLA_ENGINE_TASK_TABLE_HPP
#define RESCORLA_ENGINE_TASK_TABLE_HPP

#include "episodes.hpp"

namespace rescorla {

// What a task's program is given to run for one pack of lanes. Where things are recorded is as in
// trace_call; items are the task's states, then its products (what its lines make on a trial).
struct task_call {
  packed_block block;              // the task's own columns
  binding bound;
  double* workspace;               // task_table::workspace() doubles, aligned to 64 bytes
  std::uint64_t seed;
  const std::uint32_t* subject;    // [lane] counter words
  std::uint32_t replicate;
  const double* const* heard;      // by response the task reads: [lane] level or number, NaN missing
  double* const* made;             // by product: [cell][lane] for the model to read, or null
  double* const* const* items;
  const std::ptrdiff_t* offset;
  const std::ptrdiff_t* item_step;
  const int* length;
  double missing;
};

// What a compiled task hands to the rest of the package.
struct task_table {
  int interface;                   // kernel_interface
  int lanes;
  int segments;
  std::ptrdiff_t (*workspace)(const int* extents);   // doubles
  std::size_t frame_size;          // bytes; a frame stands on a 64-byte boundary
  void (*open)(void* frame, const task_call* call);
  void (*run)(void* frame, int trial, int segment);  // segment 0 first on every trial
};

}  // namespace rescorla

#endif
