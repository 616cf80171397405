#include <Rcpp.h>

#include <string>

#ifdef RESCORLA_CUDA
#include "cuda/cuda.h"
#endif

namespace {

Rcpp::List description(bool built, int devices, int driver, int runtime, const std::string& name,
                       const std::string& capability, double memory_free, double memory_total,
                       int nvrtc, const std::string& why) {
  using Rcpp::_;
  return Rcpp::List::create(_["built"] = built, _["devices"] = devices, _["driver"] = driver,
                            _["runtime"] = runtime, _["name"] = name, _["capability"] = capability,
                            _["memory_free"] = memory_free, _["memory_total"] = memory_total,
                            _["nvrtc"] = nvrtc, _["why"] = why);
}

}  // namespace

// What there is of CUDA; versions as 13000 for 13.0 and 0 for none, memory in bytes. `why` says why
// no device can be used, and is empty where one can.
// [[Rcpp::export]]
Rcpp::List cpp_cuda_describe() {
#ifdef RESCORLA_CUDA
  cuda_description cuda;
  cuda_describe(&cuda);
  return description(
      true, cuda.devices, cuda.driver, cuda.runtime, cuda.name,
      cuda.major > 0 ? std::to_string(cuda.major) + "." + std::to_string(cuda.minor) : "",
      static_cast<double>(cuda.memory_free), static_cast<double>(cuda.memory_total), cuda.nvrtc,
      cuda.why);
#else
  return description(false, 0, 0, 0, "", "", 0, 0, 0,
                     "To build it: `R CMD INSTALL --configure-args=--with-cuda .` from the source "
                     "package.");
#endif
}
