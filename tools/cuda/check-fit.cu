// Fits as device code: the kernels of a batched fit over a model, one thread a unit or a share of
// its starts. It need only compile; tools/check-cuda.sh sees to that.

#include <rw.hpp>

#include "../cpp/one-lane-target.hpp"
#include "rescorla/inference/device_fit.hpp"

using namespace rescorla;
namespace fits = rescorla::inference;

__device__ int this_thread() { return static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); }

template <class Model>
__global__ void fit_units(fits::fit_job job, one_lane::data data, int threads) {
  const int thread = this_thread();
  if (thread >= threads) return;
  const one_lane::target<Model> target(data, thread);
  fits::fit_unit(target, job, job.first + thread);
}

template <class Model>
__global__ void search_units(fits::fit_job job, one_lane::data data, int threads) {
  const int thread = this_thread();
  if (thread >= threads) return;
  const one_lane::target<Model> target(data, thread);
  fits::search_unit(target, job, job.first + thread / job.shares, thread % job.shares);
}

template <class Model>
__global__ void finish_units(fits::fit_job job, one_lane::data data, int threads) {
  const int thread = this_thread();
  if (thread >= threads) return;
  const one_lane::target<Model> target(data, thread);
  fits::finish_unit(target, job, job.first + thread);
}

#ifndef CHECK_FIT_ONLY
#define CHECK_FIT_ONLY 7
#endif
#if CHECK_FIT_ONLY & 1
template __global__ void fit_units<model_rw>(fits::fit_job, one_lane::data, int);
#endif
#if CHECK_FIT_ONLY & 2
template __global__ void search_units<model_rw>(fits::fit_job, one_lane::data, int);
#endif
#if CHECK_FIT_ONLY & 4
template __global__ void finish_units<model_rw>(fits::fit_job, one_lane::data, int);
#endif
