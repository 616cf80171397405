// What the GPU can do at most, measured: double-precision fused multiply-adds a second, and bytes
// read and written a second.

#include <algorithm>

#include "../../src/cuda/status.h"
#include "gpu-limits.hpp"

namespace {

constexpr int chains = 8, steps = 4096, threads = 256;

// Eight chains a thread, so that none waits for the one before it.
__global__ void multiply_add(double factor, double* to) {
  double x[chains];
  for (int i = 0; i < chains; ++i) x[i] = threadIdx.x + i;
  for (int step = 0; step < steps; ++step) {
#pragma unroll
    for (int i = 0; i < chains; ++i) x[i] = x[i] * factor + 0.5;
  }
  double sum = 0.0;
  for (int i = 0; i < chains; ++i) sum += x[i];
  // Never so: the compiler does not know.
  if (sum == -1.0) *to = sum;
}

__global__ void copy(const double2* from, double2* to, std::size_t count) {
  const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count;
       i += stride)
    to[i] = from[i];
}

// The shortest of some runs; 0 where one failed.
template <class Launch>
double shortest(Launch launch) {
  cudaEvent_t begin = nullptr, end = nullptr;
  if (cudaEventCreate(&begin) != cudaSuccess || cudaEventCreate(&end) != cudaSuccess) return 0.0;
  double best = 0.0;
  for (int run = 0; run < 6; ++run) {
    cudaEventRecord(begin, cuda_queue());
    launch();
    cudaEventRecord(end, cuda_queue());
    float milliseconds = 0.0f;
    if (cudaEventSynchronize(end) != cudaSuccess ||
        cudaEventElapsedTime(&milliseconds, begin, end) != cudaSuccess)
      break;
    // The first one warms up.
    if (run > 0) best = run == 1 ? 1e-3 * milliseconds : std::min(best, 1e-3 * milliseconds);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return best;
}

}  // namespace

gpu::limits gpu::measured_limits() {
  limits found = {0.0, 0.0};
  if (cuda_ready().code != 0) return found;
  int processors = 0;
  cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 0);
  const unsigned blocks = static_cast<unsigned>(processors) * 16;
  double* memory = nullptr;
  if (cudaMalloc(&memory, sizeof(double)) == cudaSuccess) {
    const double time =
        shortest([&] { multiply_add<<<blocks, threads, 0, cuda_queue()>>>(0.999, memory); });
    if (time > 0.0)
      found.multiply_adds = static_cast<double>(blocks) * threads * chains * steps / time;
    cudaFree(memory);
  }
  // Far more than any cache holds.
  const std::size_t bytes = std::size_t{1} << 30;
  double2 *from = nullptr, *to = nullptr;
  if (cudaMalloc(&from, bytes) == cudaSuccess && cudaMalloc(&to, bytes) == cudaSuccess &&
      cudaMemsetAsync(from, 0, bytes, cuda_queue()) == cudaSuccess) {
    const double time = shortest(
        [&] { copy<<<blocks, threads, 0, cuda_queue()>>>(from, to, bytes / sizeof(double2)); });
    if (time > 0.0) found.bytes = 2.0 * static_cast<double>(bytes) / time;
  }
  cudaFree(from);
  cudaFree(to);
  cudaGetLastError();
  return found;
}
