#ifndef RESCORLA_SRC_MATH_KERNELS_H
#define RESCORLA_SRC_MATH_KERNELS_H

// Sums of exp and log over an array, for timing what the per-trial code is built from.
struct math_kernels {
  double (*sum_exp)(const double* x, int n);
  double (*sum_log)(const double* x, int n);
};

math_kernels math_kernels_baseline();
math_kernels math_kernels_avx2();
math_kernels math_kernels_avx512();

#endif
