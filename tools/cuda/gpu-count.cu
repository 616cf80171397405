// The kernels of the GPU benchmark alone, for gpu-count.awk to count their operations.

#include <rw_asymmetric.hpp>

#include <rescorla/backend/device_kernels.hpp>

using rescorla::model_rw_asymmetric;

#define KERNEL(name, actions, wanted)                                                       \
  extern "C" __global__ void name(const __grid_constant__ rescorla::score_job job) {        \
    const std::ptrdiff_t thread =                                                           \
        static_cast<std::ptrdiff_t>(blockIdx.x) * blockDim.x + threadIdx.x;                 \
    if (thread < job.count)                                                                 \
      rescorla::score_thread<model_rw_asymmetric, rescorla::actions_shape<actions>, wanted, \
                             false>(job, thread);                                           \
  }

KERNEL(value_2, 2, 0)
KERNEL(gradient_2, 2, model_rw_asymmetric::estimated)
KERNEL(value_5, 5, 0)
KERNEL(gradient_5, 5, model_rw_asymmetric::estimated)
