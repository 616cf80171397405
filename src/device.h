#ifndef RESCORLA_SRC_DEVICE_H
#define RESCORLA_SRC_DEVICE_H

#include "bridge.h"
#include "host_device.h"

#include <atomic>
#include <memory>

#include "rescorla/backend/device_likelihood.hpp"

// The kernels of a program on a device, as R holds them.
struct device_module {
  const rescorla::device_interface* device;
  rescorla::device_program program;
  bool sized;                        // compiled for the sizes of its data: see has_own_workspace()
  void (*unload)(void*) = nullptr;
  void* module = nullptr;

  device_module(const rescorla::device_interface& on, const rescorla::device_program& kernels,
                bool knows_sizes)
      : device(&on), program(kernels), sized(knows_sizes) {}
  ~device_module() {
    if (unload != nullptr) unload(module);
  }
  device_module(const device_module&) = delete;
  device_module& operator=(const device_module&) = delete;
};

const rescorla::device_interface& device_named(const std::string& name);
const device_module& module_from(SEXP pointer);

// A program's kernels with what the host's table tells of it; `every`: whether they take
// derivatives for all parameters.
rescorla::device_model device_model_from(const device_module& module,
                                         const rescorla::kernel_table& table,
                                         const rescorla::bound_program& bound, bool every);

// Likelihoods where R has them computed: on a device where `bound` has an element `device`, else on
// the CPU, `packs` packs of lanes in a group.
class any_likelihood {
 public:
  any_likelihood(SEXP kernels, SEXP packed, const Rcpp::List& bound, bool every, int packs,
                 const std::atomic<bool>* stop = nullptr);
  const rescorla::likelihood& get() const { return *target_; }
  // Of a device.
  const rescorla::device_model& model() const { return model_; }
  rescorla::device_store& store() const { return *store_; }
  const rescorla::bound_program& program() const { return program_; }

 private:
  rescorla::bound_program program_;
  rescorla::device_store* store_ = nullptr;
  rescorla::device_model model_;
  std::unique_ptr<rescorla::likelihood> target_;
};

// Errors of a device as R conditions; for R's own thread.
template <class F>
auto with_device_errors(F body) {
  try {
    return body();
  } catch (const rescorla::error& e) {
    raise(e.kind(), e.what());
  }
}

#endif
