// The host in the place of the GPU, so that the GPU check itself is tested where there is none.

#include "../../src/host_device.h"
#include "gpu.hpp"
#include "gpu-limits.hpp"

#include <stdexcept>

namespace gpu {

// gpu-host-kernels.cpp.
bool host_ahead(const char* model, int actions, rescorla::device_program* program);

}  // namespace gpu

// The modules, whose kernels are called alike: each is compiled with names of its own.
#define MODULE(name, kernel) extern "C" void name##_##kernel(const void* job, std::int64_t thread);
MODULE(rlwm, value)
MODULE(rlwm, gradient)
MODULE(rlwm, information)
MODULE(single, value)
MODULE(single, gradient)
MODULE(single, information)
MODULE(fit, fit)

namespace gpu {
namespace {

typedef void (*host_kernel)(const void* job, std::int64_t thread);

rescorla::device_program module_named(const std::string& name) {
  rescorla::device_program p = {};
  const auto set = [&p](rescorla::device_task task, host_kernel kernel) {
    p.kernel[static_cast<int>(task)].function = reinterpret_cast<const void*>(kernel);
  };
  if (name == "fit") {
    set(rescorla::device_task::fit, &fit_fit);
  } else if (name == "single") {
    set(rescorla::device_task::value, &single_value);
    set(rescorla::device_task::gradient, &single_gradient);
    set(rescorla::device_task::information, &single_information);
  } else if (name == "rlwm") {
    set(rescorla::device_task::value, &rlwm_value);
    set(rescorla::device_task::gradient, &rlwm_gradient);
    set(rescorla::device_task::information, &rlwm_information);
  } else {
    throw std::runtime_error("there is no module " + name);
  }
  return p;
}

}  // namespace

const machine& the_machine() {
  static const machine one = {&host_device(), &host_ahead, &module_named};
  return one;
}

// Nobody asks how fast the stand-in could be.
limits measured_limits() { return {0.0, 0.0}; }

std::string why_absent() { return ""; }
void compile_modules(const std::string&) {}
void set_root(const std::string&) {}
void describe() {
  row("device", "the host in its place", std::string("against ") + cpu_instructions());
}

}  // namespace gpu
