#ifndef RESCORLA_SRC_MATH_SUMS_H
#define RESCORLA_SRC_MATH_SUMS_H

#include "math_kernels.h"
#include "rescorla/core/math.hpp"

RESCORLA_BEGIN

inline double total(const pack<RESCORLA_LANES>& x) {
  double r = 0.0;
  for (int l = 0; l < RESCORLA_LANES; ++l) r += x.v[l];
  return r;
}

inline double sum_exp(const double* x, int n) {
  pack<RESCORLA_LANES> sum = broadcast<RESCORLA_LANES>(0.0);
  for (int i = 0; i < n; i += RESCORLA_LANES)
    sum = sum + exp_nonpositive(load<RESCORLA_LANES>(x + i));
  return total(sum);
}

inline double sum_log(const double* x, int n) {
  pack<RESCORLA_LANES> sum = broadcast<RESCORLA_LANES>(0.0);
  for (int i = 0; i < n; i += RESCORLA_LANES) sum = sum + log(load<RESCORLA_LANES>(x + i));
  return total(sum);
}

RESCORLA_END

#endif
