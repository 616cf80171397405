#include "bridge.h"
#include "registry.h"

#include "rescorla/core/error.hpp"

using namespace Rcpp;

// The highest instruction set this machine and this build have: 0 baseline, 1 AVX2 with FMA,
// 2 AVX-512.
// [[Rcpp::export]]
int cpp_highest_level() {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  return avx2 && avx512 ? 2 : avx2 ? 1 : 0;
#else
  return 0;
#endif
}

// Kernels of a catalogue model; NULL where the name is not in the catalogue, or where derivatives
// for `every` parameter are wanted and were not compiled with it.
// [[Rcpp::export]]
SEXP cpp_catalogue_kernels(std::string name, int level, bool every) {
  const rescorla::kernel_table* table = rescorla::catalogue_kernels(name.c_str(), level);
  if (table == nullptr || (every && table->gradient_every == nullptr)) return R_NilValue;
  return R_MakeExternalPtr(const_cast<rescorla::kernel_table*>(table), R_NilValue, R_NilValue);
}

// Kernels of a model its user compiled: `symbol` is the address of its entry point.
// [[Rcpp::export]]
SEXP cpp_library_kernels(SEXP symbol) {
  typedef const rescorla::kernel_table* (*entry)();
  const entry function = reinterpret_cast<entry>(R_ExternalPtrAddrFn(symbol));
  if (function == nullptr) return R_NilValue;
  const rescorla::kernel_table* table = function();
  if (table->interface != rescorla::kernel_interface) return R_NilValue;
  return R_MakeExternalPtr(const_cast<rescorla::kernel_table*>(table), R_NilValue, R_NilValue);
}

// [[Rcpp::export]]
bool cpp_pointer_alive(SEXP pointer) {
  return TYPEOF(pointer) == EXTPTRSXP && R_ExternalPtrAddr(pointer) != nullptr;
}

// [[Rcpp::export]]
int cpp_kernel_lanes(SEXP kernels) { return kernels_from(kernels).lanes; }

// [[Rcpp::export]]
int cpp_kernel_interface() { return rescorla::kernel_interface; }
