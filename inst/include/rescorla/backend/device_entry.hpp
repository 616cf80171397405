#ifndef RESCORLA_BACKEND_DEVICE_ENTRY_HPP
#define RESCORLA_BACKEND_DEVICE_ENTRY_HPP

#include "device_kernels.hpp"

// Kernels under names of their own, for a module that is loaded at run time. On the host a kernel is
// a function of the job and the thread.
#ifdef __CUDACC__
#define RESCORLA_KERNEL_BOUNDED(name, bounds, job_type, threads, body)                   \
  extern "C" __global__ void bounds name(const __grid_constant__ rescorla::job_type job) { \
    const std::ptrdiff_t thread =                                                        \
        static_cast<std::ptrdiff_t>(blockIdx.x) * blockDim.x + threadIdx.x;              \
    if (thread < (threads)) body;                                                        \
  }
#else
#define RESCORLA_KERNEL_BOUNDED(name, bounds, job_type, threads, body)                   \
  extern "C" void name(const void* given, std::int64_t thread) {                         \
    const rescorla::job_type& job = *static_cast<const rescorla::job_type*>(given);      \
    if (thread < (threads)) body;                                                        \
  }
#endif
#define RESCORLA_KERNEL(name, job_type, threads, body) \
  RESCORLA_KERNEL_BOUNDED(name, , job_type, threads, body)

// The kernels that score `model` with derivatives in the directions `wanted`.
#define RESCORLA_SCORE_KERNELS(model, shape, wanted)                                      \
  RESCORLA_KERNEL(rescorla_value, score_job, job.count,                                   \
                  (rescorla::score_thread<model, shape, 0, false>(job, thread)))          \
  RESCORLA_KERNEL(rescorla_gradient, score_job, job.count,                                \
                  (rescorla::score_thread<model, shape, wanted, false>(job, thread)))     \
  RESCORLA_KERNEL(rescorla_information, score_job, job.count,                             \
                  (rescorla::score_thread<model, shape, wanted, true>(job, thread)))

#endif
