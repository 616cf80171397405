#if defined(__x86_64__)
#define RESCORLA_LEVEL 2
#include "math_sums.h"

math_kernels math_kernels_avx512() { return {&rescorla::sum_exp, &rescorla::sum_log}; }

#include "rescorla/core/end.hpp"
#endif
