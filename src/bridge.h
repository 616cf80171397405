#ifndef RESCORLA_SRC_BRIDGE_H
#define RESCORLA_SRC_BRIDGE_H

#include <Rcpp.h>

#include "rescorla/backend/cpu.hpp"
#include "rescorla/core/error.hpp"

// What R hands to the core, and back.

// Raises an R condition of class rescorla_error_<kind>; for R's own thread.
[[noreturn]] void raise(rescorla::error_kind kind, const std::string& message);

const rescorla::kernel_table& kernels_from(SEXP pointer);
const rescorla::packed_data& packed_from(SEXP pointer);
rescorla::bound_program bound_from(const Rcpp::List& bound);

// A matrix of parameters, a row a subject or one row for all, read without touching R.
struct parameter_table {
  explicit parameter_table(const Rcpp::NumericMatrix& x)
      : at(x.begin()), rows(x.nrow()), columns(x.ncol()) {}
  double operator()(int subject, int parameter) const {
    return at[static_cast<std::ptrdiff_t>(parameter) * rows + (rows == 1 ? 0 : subject)];
  }
  const double* at;
  int rows, columns;
};

// The parameters of one group as the core wants them: [parameter][lane]. Padding lanes repeat lane
// 0, whose numbers are at least valid. `Lanes`: packed data, or a likelihood.
template <class Lanes>
void gather_parameters(const parameter_table& parameters, const Lanes& from, int group, double* to) {
  const int lanes = from.lanes();
  for (int l = 0; l < lanes; ++l) {
    int unit = from.unit(group, l);
    if (unit < 0) unit = from.unit(group, 0);
    for (int p = 0; p < parameters.columns; ++p)
      to[static_cast<std::ptrdiff_t>(p) * lanes + l] = parameters(unit, p);
  }
}

// A numeric vector whose memory is not filled: the caller writes all of it.
SEXP unfilled_vector(SEXPTYPE type, R_xlen_t length);

#endif
