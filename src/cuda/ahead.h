#ifndef RESCORLA_SRC_CUDA_AHEAD_H
#define RESCORLA_SRC_CUDA_AHEAD_H

// Kernels of a model compiled with the package: for two to eight actions as constants, and for any.

#include <rescorla/backend/device_interface.hpp>
#include <rescorla/backend/device_simulate.hpp>

namespace ahead {

using rescorla::actions_shape;
using rescorla::directions;

__device__ inline std::ptrdiff_t this_thread() {
  return static_cast<std::ptrdiff_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

template <class Model, int Actions, directions D, bool Information>
__global__ void score(const __grid_constant__ rescorla::score_job job) {
  const std::ptrdiff_t thread = this_thread();
  if (thread < job.count)
    rescorla::score_thread<Model, actions_shape<Actions>, D, Information>(job, thread);
}

template <class Model, int Actions>
__global__ void simulate(const __grid_constant__ rescorla::simulate_job job) {
  const std::ptrdiff_t thread = this_thread();
  if (thread < job.subjects)
    rescorla::simulate_thread<Model, actions_shape<Actions>>(job, thread);
}

template <class Model, int Actions>
rescorla::device_program kernels() {
  rescorla::device_program p = {};
  const auto set = [&](rescorla::device_task task, const void* kernel) {
    p.kernel[static_cast<int>(task)] = {kernel, 0};
  };
  const auto address = [](auto* kernel) { return reinterpret_cast<const void*>(kernel); };
  set(rescorla::device_task::value, address(&score<Model, Actions, 0, false>));
  set(rescorla::device_task::gradient, address(&score<Model, Actions, Model::estimated, false>));
  set(rescorla::device_task::information, address(&score<Model, Actions, Model::estimated, true>));
  set(rescorla::device_task::trace, address(&simulate<Model, Actions>));
  return p;
}

// For so many actions; 0 for any number.
template <class Model>
bool program(int actions, rescorla::device_program* to) {
  switch (actions) {
    case 0: *to = kernels<Model, 0>(); return true;
    case 2: *to = kernels<Model, 2>(); return true;
    case 3: *to = kernels<Model, 3>(); return true;
    case 4: *to = kernels<Model, 4>(); return true;
    case 5: *to = kernels<Model, 5>(); return true;
    case 6: *to = kernels<Model, 6>(); return true;
    case 7: *to = kernels<Model, 7>(); return true;
    case 8: *to = kernels<Model, 8>(); return true;
    default: return false;
  }
}

}  // namespace ahead

#endif
