#ifndef RESCORLA_BACKEND_DEVICE_SIMULATE_HPP
#define RESCORLA_BACKEND_DEVICE_SIMULATE_HPP

#include "../engine/trace.hpp"
#include "device_entry.hpp"

RESCORLA_BEGIN

// The body of the kernel that simulates: one subject over all its trials.
template <class Model, class Shape>
RESCORLA_INLINE void simulate_thread(const simulate_job& job, std::ptrdiff_t subject) {
  double parameters[Model::parameters > 0 ? Model::parameters : 1];
  for (int p = 0; p < Model::parameters; ++p)
    parameters[p] = job.parameters[p * job.subjects + subject];
  const std::uint32_t word = job.first_subject + static_cast<std::uint32_t>(subject);
  const std::ptrdiff_t offset = subject;
  const int length = job.data.length[0];
  typename Shape::constants known;
  thread_workspace<Model, Shape, 0> workspace;
  basic_trace_call<device_block> call;
  call.block = block_of_unit(job.data, 0);
  call.bound = Shape::bind(known, job.bound);
  call.parameters = parameters;
  call.workspace = workspace.at(job.workspace, job.cells, subject);
  call.draw = true;
  call.seed = job.seed;
  call.subject = &word;
  call.replicate = job.replicate;
  call.world = job.world;
  call.world.each = job.world.each + subject * job.world.actions;
  call.task = nullptr;
  call.first_response = job.first_response;
  call.items = job.items;
  call.log_lik = nullptr;
  call.drawn = job.drawn;
  call.drawn_number = job.drawn_number;
  call.offset = &offset;
  call.item_step = job.item_step;
  call.length = &length;
  call.step = job.subjects;
  call.missing = job.missing;
  call.bad_trial = nullptr;
  call.bad_line = nullptr;
  trace<Model, 1>(call);
}

RESCORLA_END

#define RESCORLA_SIMULATE_KERNEL(model, shape)                      \
  RESCORLA_KERNEL(rescorla_trace, simulate_job, job.subjects,       \
                  (rescorla::simulate_thread<model, shape>(job, thread)))

#endif
