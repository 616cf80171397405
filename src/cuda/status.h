#ifndef RESCORLA_SRC_CUDA_STATUS_H
#define RESCORLA_SRC_CUDA_STATUS_H

// For the units of CUDA among themselves.

#include <cuda_runtime.h>

#include "cuda.h"

// Nothing went wrong.
rescorla::device_status cuda_fine();

// A status with a message of its own; the format is printf's.
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
rescorla::device_status
cuda_fault(int code, const char* format, ...);

// What an error of the runtime means for a user and what there is to do; `doing` is what was tried.
rescorla::device_status cuda_meaning(cudaError_t error, const char* doing);

// Makes the first device the calling thread's own. Every function that needs one begins with it.
rescorla::device_status cuda_ready();

// The queue all work stands in; there is one once cuda_ready() was fine.
cudaStream_t cuda_queue();

// Starts a function of a loaded module (cuda_kernel_loaded).
rescorla::device_status cuda_launch_loaded(const void* function, unsigned blocks, unsigned threads,
                                           void** arguments);

// The version of NVRTC, 0 where it is not found.
int cuda_nvrtc_version();

#endif
