// What there is: devices, versions, memory, or why there is nothing.

#include <cstdio>
#include <cstring>

#include "status.h"

using rescorla::device_status;

namespace {

// A kernel of this build; whether the device can run it tells whether it can run the others.
__global__ void sample_kernel(double* x) { *x = 1.0; }

void because(cuda_description* d, const device_status& status) {
  std::snprintf(d->why, sizeof d->why, "%s", status.message);
}

}  // namespace

void cuda_describe(cuda_description* d) {
  *d = cuda_description();
  d->runtime = CUDART_VERSION;
  d->nvrtc = cuda_nvrtc_version();
  if (cudaDriverGetVersion(&d->driver) != cudaSuccess) d->driver = 0;
  cudaError_t error = cudaGetDeviceCount(&d->devices);
  if (error == cudaSuccess && d->devices == 0) error = cudaErrorNoDevice;
  if (error != cudaSuccess) {
    d->devices = 0;
    because(d, cuda_meaning(error, "looking for GPUs"));
    return;
  }
  cudaDeviceProp properties;
  error = cudaGetDeviceProperties(&properties, 0);
  if (error != cudaSuccess) {
    because(d, cuda_meaning(error, "asking for its properties"));
    return;
  }
  std::snprintf(d->name, sizeof d->name, "%s", properties.name);
  d->major = properties.major;
  d->minor = properties.minor;
  d->memory_total = properties.totalGlobalMem;
  d->multiprocessors = properties.multiProcessorCount;
  device_status status = cuda_ready();
  if (status.code == 0) status = cuda_device().memory(&d->memory_free, &d->memory_total);
  if (status.code == 0) {
    cudaFuncAttributes attributes;
    status = cuda_meaning(cudaFuncGetAttributes(&attributes, sample_kernel), "looking at a kernel");
  }
  if (status.code != 0) because(d, status);
}
