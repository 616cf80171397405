// The device interface by CUDA's runtime: memory, copies, launches.

#include <climits>

#include "status.h"

using rescorla::device_interface;
using rescorla::device_kernel;
using rescorla::device_status;

namespace {

constexpr unsigned block_threads = 128;
constexpr double gibibyte = 1024.0 * 1024.0 * 1024.0;

device_status allocate(void** memory, std::size_t bytes) {
  *memory = nullptr;
  const device_status ready = cuda_ready();
  if (ready.code != 0 || bytes == 0) return ready;
  const cudaError_t error = cudaMalloc(memory, bytes);
  if (error != cudaErrorMemoryAllocation) return cuda_meaning(error, "reserving memory");
  cudaGetLastError();
  *memory = nullptr;
  std::size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  return cuda_fault(error,
                    "The GPU has not enough memory: %.2f GiB wanted, %.2f of %.2f GiB free. Give "
                    "fewer subjects at a time, or end other programs that use the GPU.",
                    bytes / gibibyte, free / gibibyte, total / gibibyte);
}

void release(void* memory) {
  // R may collect its objects in a fork, where the memory is the parent's.
  if (memory == nullptr || cuda_ready().code != 0) return;
  cudaFree(memory);
  cudaGetLastError();
}

// The caller may change the memory it gave as soon as this returns. A copy from pageable memory is
// only sure to be staged first where the GPU cannot read that memory itself, as some can.
device_status upload(void* to, const void* from, std::size_t bytes) {
  const device_status ready = cuda_ready();
  if (ready.code != 0 || bytes == 0) return ready;
  cudaError_t error = cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, cuda_queue());
  if (error == cudaSuccess) error = cudaStreamSynchronize(cuda_queue());
  return cuda_meaning(error, "copying to the GPU");
}

device_status download(void* to, const void* from, std::size_t bytes) {
  const device_status ready = cuda_ready();
  if (ready.code != 0 || bytes == 0) return ready;
  cudaError_t error = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, cuda_queue());
  if (error == cudaSuccess) error = cudaStreamSynchronize(cuda_queue());
  return cuda_meaning(error, "copying from the GPU");
}

device_status memory(std::size_t* free, std::size_t* total) {
  *free = *total = 0;
  const device_status ready = cuda_ready();
  if (ready.code != 0) return ready;
  return cuda_meaning(cudaMemGetInfo(free, total), "asking for its memory");
}

device_status launch(device_kernel kernel, std::int64_t threads, const void* job, std::size_t) {
  if (kernel.function == nullptr) return cuda_fault(-1, "There is no such kernel for the GPU.");
  const device_status ready = cuda_ready();
  if (ready.code != 0 || threads <= 0) return ready;
  const std::int64_t blocks = (threads - 1) / block_threads + 1;
  if (blocks > INT_MAX)
    return cuda_fault(cudaErrorInvalidConfiguration,
                      "There are too many units for one computation of the GPU: give fewer "
                      "subjects at a time.");
  // The one argument is the job itself; the kernel knows its size.
  void* arguments[] = {const_cast<void*>(job)};
  if (kernel.kind == cuda_kernel_loaded)
    return cuda_launch_loaded(kernel.function, static_cast<unsigned>(blocks), block_threads,
                              arguments);
  return cuda_meaning(cudaLaunchKernel(kernel.function, dim3(static_cast<unsigned>(blocks)),
                                       dim3(block_threads), arguments, 0, cuda_queue()),
                      "starting a computation");
}

device_status wait() {
  const device_status ready = cuda_ready();
  if (ready.code != 0) return ready;
  return cuda_meaning(cudaStreamSynchronize(cuda_queue()), "computing");
}

const device_interface interface = {"cuda",   allocate, release, upload,
                                    download, memory,   launch,  wait};

}  // namespace

const device_interface& cuda_device() { return interface; }
