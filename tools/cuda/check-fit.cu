// Fits as device code: the kernel of a batched fit over a model, one thread a unit or a share of
// its starts. It need only compile; tools/check-cuda.sh sees to that.

#include <rw.hpp>

#include "../cpp/one-lane-target.hpp"
#include "rescorla/inference/device_fit.hpp"

using namespace rescorla;
namespace fits = rescorla::inference;

// Four blocks to a multiprocessor leave a thread 128 registers, which spills next to nothing.
constexpr int block = 128;

__device__ int this_thread() { return static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); }

template <class Model>
__global__ void __launch_bounds__(block, 4)
    fit_units(fits::fit_job job, one_lane::data data, int threads) {
  const int thread = this_thread();
  if (thread >= threads) return;
  const one_lane::target<Model> target(data, thread);
  fits::fit_thread(target, job, thread);
}

template __global__ void fit_units<model_rw>(fits::fit_job, one_lane::data, int);
