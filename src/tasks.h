#ifndef RESCORLA_SRC_TASKS_H
#define RESCORLA_SRC_TASKS_H

#include "traces.h"

#include "rescorla/engine/task_table.hpp"

// A task's program as R hands it over, bound to its columns and to the model that plays it.
struct task_program {
  explicit task_program(const Rcpp::List& from);

  const rescorla::task_table& table;
  const rescorla::packed_data& data;   // one pack of lanes with the columns that all subjects share
  rescorla::bound_program bound;
  std::vector<std::uint64_t> needs;    // by segment: responses of the model, a bit each
  std::vector<int> heard;              // by response of the model: which of the task's, -1 for none
  std::vector<int> cells;              // by product
  std::vector<int> number;             // by numeric input of the model: product, -1 for none
  std::vector<int> code;               // by coded column of the model: product, -1 for none
  std::vector<int> levels;             // by coded column of the model
  int listens;                         // responses the task reads

  bool feeds_model(int product) const;
};

// What one pack of lanes needs to run a task: memory of its own, and the pointers between task and
// model.
class task_lanes {
 public:
  explicit task_lanes(const task_program& program);
  task_lanes(const task_lanes&) = delete;
  task_lanes& operator=(const task_lanes&) = delete;

  // From the trace's seed, subjects and places of the record; `items` are the task's own.
  void open(const rescorla::trace_call& trace, double* const* const* items,
            const std::ptrdiff_t* item_step);
  const rescorla::task_link* link() const { return &link_; }
  double* heard(int response) const { return heard_[as_size(response)]; }
  void run(int trial, int segment) const { program_.table.run(link_.frame, trial, segment); }

 private:
  const task_program& program_;
  rescorla::aligned_buffer memory_;
  std::vector<double*> heard_, made_, heard_from_model_;
  std::vector<const double*> number_, code_;
  rescorla::task_call call_;
  rescorla::task_link link_;
};

#endif
