#if defined(__x86_64__)
#define RESCORLA_LEVEL 1
#include "math_sums.h"

math_kernels math_kernels_avx2() { return {&rescorla::sum_exp, &rescorla::sum_log}; }

#include "rescorla/core/end.hpp"
#endif
