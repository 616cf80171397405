// Errors of CUDA in a user's words, and the one device with its queue.

#include "status.h"

#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <mutex>

using rescorla::device_status;

device_status cuda_fine() {
  device_status status;
  status.code = 0;
  status.message[0] = '\0';
  return status;
}

device_status cuda_fault(int code, const char* format, ...) {
  device_status status;
  status.code = code == 0 ? -1 : code;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(status.message, sizeof status.message, format, arguments);
  va_end(arguments);
  return status;
}

device_status cuda_meaning(cudaError_t error, const char* doing) {
  if (error == cudaSuccess) return cuda_fine();
  // Errors that are not for ever would otherwise be told again by the next call.
  cudaGetLastError();
  int driver = 0;
  switch (error) {
    case cudaErrorMemoryAllocation:
      return cuda_fault(error,
                        "The GPU has not enough memory left (%s): give fewer subjects at a time, "
                        "or end other programs that use the GPU.",
                        doing);
    case cudaErrorInsufficientDriver:
      cudaDriverGetVersion(&driver);
      if (driver == 0) {
        return cuda_fault(error, "There is no NVIDIA driver on this machine.");
      }
      return cuda_fault(error,
                        "The NVIDIA driver is made for CUDA %d.%d, and the package is built with "
                        "CUDA %d.%d: update the driver, or build the package with an older CUDA.",
                        driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000,
                        CUDART_VERSION % 1000 / 10);
    case cudaErrorNoDevice:
      return cuda_fault(error,
                        "The NVIDIA driver finds no GPU: there is none, or "
                        "CUDA_VISIBLE_DEVICES hides it.");
    case cudaErrorInvalidDevice:
      return cuda_fault(error, "There is no such GPU: look at CUDA_VISIBLE_DEVICES.");
    case cudaErrorDevicesUnavailable:
      return cuda_fault(error, "The GPU is taken by another program that does not share it.");
    case cudaErrorSystemDriverMismatch:
    case cudaErrorSystemNotReady:
    case cudaErrorCompatNotSupportedOnDevice:
    case cudaErrorInitializationError:
      return cuda_fault(error,
                        "The NVIDIA driver does not start (%s): try `nvidia-smi`, and see to the "
                        "driver's installation.",
                        cudaGetErrorString(error));
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorInvalidDeviceFunction:
    case cudaErrorInvalidKernelImage:
    case cudaErrorUnsupportedPtxVersion:
      return cuda_fault(error,
                        "The package was built for other GPUs than this one: install it "
                        "again on this machine, or with RESCORLA_CUDA_ARCH set to this "
                        "GPU's compute capability.");
    case cudaErrorLaunchTimeout:
      return cuda_fault(error,
                        "The GPU also drives a display, and the system ended a computation "
                        "that kept it too long: restart R and give fewer subjects at a time.");
    case cudaErrorLaunchOutOfResources:
      return cuda_fault(error, "The GPU has too few registers for this model: use the CPU.");
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorMisalignedAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorHardwareStackError:
    case cudaErrorInvalidPc:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
      return cuda_fault(error,
                        "The GPU stopped while %s (%s): restart R before it is used again, and "
                        "report this.",
                        doing, cudaGetErrorString(error));
    default:
      return cuda_fault(error, "CUDA failed while %s: %s (%s).", doing, cudaGetErrorString(error),
                        cudaGetErrorName(error));
  }
}

namespace {

struct the_device {
  std::mutex mutex;
  pid_t process = 0;  // that began to use it; 0: none
  cudaStream_t queue = nullptr;
};

the_device& device() {
  static the_device one;
  return one;
}

}  // namespace

device_status cuda_ready() {
  the_device& one = device();
  const std::lock_guard<std::mutex> lock(one.mutex);
  if (one.process != 0 && one.process != getpid()) {
    return cuda_fault(cudaErrorInitializationError,
                      "This R process is a fork of one that uses the GPU, which CUDA does not "
                      "allow: use workers of their own, as future::plan(multisession) gives.");
  }
  static thread_local bool bound = false;
  cudaError_t error = cudaSetDevice(0);
  // Up to CUDA 11 this, and not the line above, makes the device current for the driver's
  // functions.
  if (error == cudaSuccess && !bound) error = cudaFree(nullptr);
  if (error == cudaSuccess && one.queue == nullptr)
    error = cudaStreamCreateWithFlags(&one.queue, cudaStreamNonBlocking);
  if (error != cudaSuccess) return cuda_meaning(error, "starting the GPU");
  bound = true;
  one.process = getpid();
  return cuda_fine();
}

cudaStream_t cuda_queue() { return device().queue; }
