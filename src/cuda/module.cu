// Modules: what cuda_compile() made, loaded through the driver. Its library is opened when first
// needed and never linked with, so that the package loads where there is no driver.

#include <dlfcn.h>

#include "status.h"

using rescorla::device_kernel;
using rescorla::device_status;

namespace {

struct driver_library {
  bool complete;
  int (*load)(void** module, const void* image);
  int (*function)(void** function, void* module, const char* name);
  int (*unload)(void* module);
  int (*launch)(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                unsigned block_y, unsigned block_z, unsigned shared, void* stream, void** arguments,
                void** extra);
  int (*meaning)(int error, const char** text);
};

template <class Function>
bool find(void* handle, const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(handle, name));
  return *function != nullptr;
}

driver_library open_driver() {
  driver_library driver = {};
  void* handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  driver.complete = handle != nullptr && find(handle, "cuModuleLoadData", &driver.load) &&
                    find(handle, "cuModuleGetFunction", &driver.function) &&
                    find(handle, "cuModuleUnload", &driver.unload) &&
                    find(handle, "cuLaunchKernel", &driver.launch) &&
                    find(handle, "cuGetErrorString", &driver.meaning);
  return driver;
}

const driver_library& driver() {
  static const driver_library one = open_driver();
  return one;
}

// The device made ready, and the driver's functions found.
device_status driver_ready() {
  const device_status status = cuda_ready();
  if (status.code != 0) return status;
  if (!driver().complete)
    return cuda_fault(-1,
                      "The library of the NVIDIA driver, libcuda.so.1, cannot be used: see to "
                      "the driver's installation.");
  return status;
}

device_status meaning(int error, const char* doing) {
  switch (error) {
    case 0:
      return cuda_fine();
    case 2:  // CUDA_ERROR_OUT_OF_MEMORY
      return cuda_meaning(cudaErrorMemoryAllocation, doing);
    case 209:  // CUDA_ERROR_NO_BINARY_FOR_GPU
      return cuda_fault(error, "The code was compiled for another GPU than this one.");
    case 218:  // CUDA_ERROR_INVALID_PTX
    case 222:  // CUDA_ERROR_UNSUPPORTED_PTX_VERSION
      return cuda_fault(error,
                        "The NVIDIA driver is older than the compiler NVRTC and cannot read "
                        "what it made: update the driver, or use NVRTC of an older CUDA.");
    case 700:  // CUDA_ERROR_ILLEGAL_ADDRESS
    case 719:  // CUDA_ERROR_LAUNCH_FAILED
      return cuda_meaning(static_cast<cudaError_t>(error), doing);
    default: {
      const char* text = nullptr;
      driver().meaning(error, &text);
      return cuda_fault(error, "The NVIDIA driver failed while %s: %s (%d).", doing,
                        text == nullptr ? "an error it does not know" : text, error);
    }
  }
}

}  // namespace

device_status cuda_load(const char* image, std::size_t bytes, void** module) {
  *module = nullptr;
  const device_status ready = driver_ready();
  if (ready.code != 0) return ready;
  if (image == nullptr || bytes == 0) return cuda_fault(-1, "There is no code to load.");
  return meaning(driver().load(module, image), "loading code");
}

device_status cuda_function(void* module, const char* name, device_kernel* kernel) {
  *kernel = device_kernel();
  const device_status ready = driver_ready();
  if (ready.code != 0) return ready;
  void* function = nullptr;
  const int error = driver().function(&function, module, name);
  if (error == 500)  // CUDA_ERROR_NOT_FOUND
    return cuda_fault(error, "There is no kernel '%.100s' in the code.", name);
  if (error != 0) return meaning(error, "looking for a kernel");
  kernel->function = function;
  kernel->kind = cuda_kernel_loaded;
  return ready;
}

void cuda_unload(void* module) {
  if (module != nullptr && driver_ready().code == 0) driver().unload(module);
}

device_status cuda_launch_loaded(const void* function, unsigned blocks, unsigned threads,
                                 void** arguments) {
  const device_status ready = driver_ready();
  if (ready.code != 0) return ready;
  return meaning(driver().launch(const_cast<void*>(function), blocks, 1, 1, threads, 1, 1, 0,
                                 cuda_queue(), arguments, nullptr),
                 "starting a computation");
}
