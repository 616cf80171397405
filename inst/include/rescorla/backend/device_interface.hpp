#ifndef RESCORLA_BACKEND_DEVICE_INTERFACE_HPP
#define RESCORLA_BACKEND_DEVICE_INTERFACE_HPP

#include <cstddef>
#include <cstdint>

namespace rescorla {

// What a device offers: memory of its own, copies, and kernels, as plain functions that return a
// status. The unit that knows CUDA knows nothing else, and host memory with loops over threads can
// stand in for a device, so that all that is built upon this is tested on machines without one.

struct device_status {
  int code;            // 0: fine
  char message[256];   // what went wrong, for the user
};

// A kernel as a device knows it: a function of one argument, the job, that `threads` threads run.
struct device_kernel {
  const void* function;   // null: there is none
  int kind;               // the device's own business
};

struct device_interface {
  const char* name;   // "cuda", or "host" where the host stands in
  device_status (*allocate)(void** memory, std::size_t bytes);
  void (*release)(void* memory);
  device_status (*upload)(void* to, const void* from, std::size_t bytes);
  device_status (*download)(void* to, const void* from, std::size_t bytes);
  // Bytes that are free, and in all.
  device_status (*memory)(std::size_t* free, std::size_t* total);
  // Starts thread 0, ..., threads - 1 on a copy of the job; launches run in the order given.
  device_status (*launch)(device_kernel kernel, std::int64_t threads, const void* job,
                          std::size_t bytes);
  // Returns when all that was launched is done.
  device_status (*wait)();
};

// What kernels of a program do.
enum class device_task : int {
  value = 0,     // log-likelihood
  gradient,      // with its derivatives
  information,   // and the Fisher information
  trace,         // simulation
  fit,           // fits, or steps of them
  count
};

constexpr int device_tasks = static_cast<int>(device_task::count);

// The kernels of one program for one device; those that are absent have no function.
struct device_program {
  device_kernel kernel[device_tasks];
  int number;   // of the model, for a kernel that serves several
};

}  // namespace rescorla

#endif
