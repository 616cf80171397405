#include "bridge.h"

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

using rescorla::error_kind;

void raise(error_kind kind, const std::string& message) {
  static const char* const names[] = {"input", "data", "model", "backend"};
  const Rcpp::Function abort = Rcpp::Environment::namespace_env("rescorla")["core_abort"];
  abort(names[static_cast<int>(kind)], message);
  throw rescorla::error(kind, message);
}

const rescorla::kernel_table& kernels_from(SEXP pointer) {
  const void* address = TYPEOF(pointer) == EXTPTRSXP ? R_ExternalPtrAddr(pointer) : nullptr;
  if (address == nullptr)
    raise(error_kind::model, "The compiled model is gone; it is loaded anew on the next use.");
  return *static_cast<const rescorla::kernel_table*>(address);
}

const rescorla::packed_data& packed_from(SEXP pointer) {
  return *Rcpp::XPtr<rescorla::packed_data>(pointer);
}

rescorla::bound_program bound_from(const Rcpp::List& bound) {
  rescorla::bound_program r;
  r.extents = Rcpp::as<std::vector<int>>(bound["extents"]);
  r.labels = Rcpp::as<std::vector<int>>(bound["labels"]);
  r.number_base = Rcpp::as<std::vector<int>>(bound["number_base"]);
  r.flush = Rcpp::as<int>(bound["flush"]);
  return r;
}

SEXP unfilled_vector(SEXPTYPE type, R_xlen_t length) {
  SEXP x = Rf_allocVector(type, length);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  // Large results are bound by page faults: ask for few big pages instead of many small ones.
  const std::size_t bytes =
      static_cast<std::size_t>(length) * (type == REALSXP ? sizeof(double) : sizeof(int));
  if (bytes >= (std::size_t{1} << 22)) {
    const std::uintptr_t page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(DATAPTR(x));
    const std::uintptr_t start = (begin + page - 1) / page * page;
    madvise(reinterpret_cast<void*>(start), bytes - (start - begin), MADV_HUGEPAGE);
  }
#endif
  return x;
}
