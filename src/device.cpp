#include "device.h"

#include "threads.h"

#ifdef RESCORLA_CUDA
#include "cuda/cuda.h"
#endif

using namespace Rcpp;
using rescorla::device_tasks;
using rescorla::error_kind;

const rescorla::device_interface& device_named(const std::string& name) {
#ifdef RESCORLA_CUDA
  if (name == "cuda") return cuda_device();
#endif
  if (name != "host") raise(error_kind::backend, "This build of rescorla has no CUDA.");
  return host_device();
}

const device_module& module_from(SEXP pointer) {
  const void* address = TYPEOF(pointer) == EXTPTRSXP ? R_ExternalPtrAddr(pointer) : nullptr;
  if (address == nullptr)
    raise(error_kind::backend, "The kernels are gone; they are loaded anew on the next use.");
  return *static_cast<const device_module*>(address);
}

rescorla::device_model device_model_from(const device_module& module,
                                         const rescorla::kernel_table& table,
                                         const rescorla::bound_program& bound, bool every) {
  const std::ptrdiff_t cells = table.workspace(bound.extents.data()) / table.lanes;
  return {module.program, table.parameters, every ? table.every : table.estimated,
          module.sized && cells <= rescorla::largest_own_workspace ? 0 : cells};
}

any_likelihood::any_likelihood(SEXP kernels, SEXP packed, const List& bound, bool every, int packs,
                               const std::atomic<bool>* stop)
    : program_(bound_from(bound)) {
  const rescorla::kernel_table& table = kernels_from(kernels);
  if (!bound.containsElementNamed("device")) {
    target_.reset(new rescorla::cpu_likelihood(table, packed_from(packed), program_, every, packs));
    return;
  }
  const List device = bound["device"];
  store_ = XPtr<rescorla::device_store>(static_cast<SEXP>(device["store"])).checked_get();
  model_ = device_model_from(module_from(device["module"]), table, program_, every);
  with_device_errors([&] {
    target_.reset(new rescorla::device_likelihood(model_, *store_, program_, 1, stop));
  });
}

// Packed data on a device. Where they take more than `budget` bytes (0: what is free, less some room
// for the rest) they go there in parts.
// [[Rcpp::export]]
SEXP cpp_device_store(std::string device, SEXP packed, double budget, int threads) {
  return with_device_errors([&]() -> SEXP {
    const rescorla::device_interface& on = device_named(device);
    std::size_t bytes = static_cast<std::size_t>(budget), total = 0;
    if (bytes == 0) {
      rescorla::check(on.memory(&bytes, &total));
      bytes -= bytes / 3;
    }
    std::unique_ptr<rescorla::device_store> store;
    std::atomic<bool> stop(false);
    const bool complete = run_beside(1, stop, [&](const rescorla::executor&) {
      store.reset(new rescorla::device_store(on, packed_from(packed), bytes, on_threads(threads)));
      if (store->parts() == 1) store->part(0);
    });
    if (!complete) throw internal::InterruptedException();
    return XPtr<rescorla::device_store>(store.release(), true, R_NilValue, packed);
  });
}

// [[Rcpp::export]]
int cpp_device_parts(SEXP store) {
  return XPtr<rescorla::device_store>(store).checked_get()->parts();
}

// The kernels of a library that the host's compiler made; `symbols` by task, NULL where absent.
// [[Rcpp::export]]
SEXP cpp_host_module(List symbols, bool sized) {
  rescorla::device_program program = {};
  for (R_xlen_t i = 0; i < symbols.size() && i < device_tasks; ++i)
    if (!Rf_isNull(symbols[i]))
      program.kernel[i].function =
          reinterpret_cast<const void*>(R_ExternalPtrAddrFn(static_cast<SEXP>(symbols[i])));
  return XPtr<device_module>(new device_module(host_device(), program, sized), true);
}

// The kernels of a model compiled with the package for so many actions (0: for any), or NULL.
// [[Rcpp::export]]
SEXP cpp_cuda_ahead(std::string model, int actions) {
#ifdef RESCORLA_CUDA
  rescorla::device_program program = {};
  if (cuda_program(model.c_str(), actions, &program))
    return XPtr<device_module>(new device_module(cuda_device(), program, actions > 0), true);
#else
  (void)model;
  (void)actions;
#endif
  return R_NilValue;
}

// A compiled image's kernels; `names` by task, empty where absent.
// [[Rcpp::export]]
SEXP cpp_cuda_module(RawVector image, CharacterVector names, bool sized) {
#ifdef RESCORLA_CUDA
  return with_device_errors([&]() -> SEXP {
    XPtr<device_module> made(
        new device_module(cuda_device(), rescorla::device_program{}, sized), true);
    rescorla::check(cuda_load(reinterpret_cast<const char*>(image.begin()), static_cast<std::size_t>(image.size()), &made->module));
    made->unload = &cuda_unload;
    for (R_xlen_t i = 0; i < names.size() && i < device_tasks; ++i) {
      const std::string name = as<std::string>(names[i]);
      if (!name.empty())
        rescorla::check(cuda_function(made->module, name.c_str(), &made->program.kernel[i]));
    }
    return made;
  });
#else
  (void)image;
  (void)names;
  (void)sized;
  raise(error_kind::backend, "This build of rescorla has no CUDA.");
#endif
}

// Device code of a source by NVRTC: the image, with its log as an attribute where it did not compile.
// [[Rcpp::export]]
List cpp_cuda_compile(std::string source, std::string name, CharacterVector options) {
#ifdef RESCORLA_CUDA
  std::vector<std::string> own;
  for (R_xlen_t i = 0; i < options.size(); ++i) own.push_back(as<std::string>(options[i]));
  std::vector<const char*> given;
  for (const std::string& x : own) given.push_back(x.c_str());
  char* image = nullptr;
  char* log = nullptr;
  std::size_t bytes = 0;
  const rescorla::device_status status =
      cuda_compile(source.c_str(), name.c_str(), static_cast<int>(given.size()), given.data(),
                   &image, &bytes, &log);
  RawVector code(status.code == 0 ? static_cast<R_xlen_t>(bytes) : 0);
  if (status.code == 0) std::copy(image, image + bytes, code.begin());
  const std::string text = log == nullptr ? "" : log;
  cuda_free_text(image);
  cuda_free_text(log);
  return List::create(_["image"] = code, _["log"] = text, _["code"] = status.code,
                      _["message"] = std::string(status.message));
#else
  (void)source;
  (void)name;
  (void)options;
  raise(error_kind::backend, "This build of rescorla has no CUDA.");
#endif
}
