#ifndef RESCORLA_INFERENCE_NUMERIC_HPP
#define RESCORLA_INFERENCE_NUMERIC_HPP

#include "scope.hpp"

RESCORLA_INFERENCE_BEGIN

// The little of the standard library that fits need, for code that may run where there is none.
// Where one of two numbers is NaN the first is returned, as by std::min and std::max.

RESCORLA_BOTH inline double least(double a, double b) { return b < a ? b : a; }
RESCORLA_BOTH inline double greatest(double a, double b) { return a < b ? b : a; }

RESCORLA_BOTH inline double within(double x, double low, double high) {
  return least(greatest(x, low), high);
}

RESCORLA_BOTH inline bool is_finite(double x) { return x - x == 0.0; }
RESCORLA_BOTH inline bool is_nan(double x) { return x != x; }

#ifdef __CUDACC_RTC__
constexpr double infinite = __builtin_bit_cast(double, 0x7ff0000000000000ULL);
constexpr double not_a_number = __builtin_bit_cast(double, 0x7ff8000000000000ULL);
#else
constexpr double infinite = __builtin_inf();
constexpr double not_a_number = __builtin_nan("");
#endif

template <class T>
RESCORLA_BOTH inline void fill(T* to, std::size_t count, T value) {
  for (std::size_t i = 0; i < count; ++i) to[i] = value;
}

RESCORLA_APART inline void copy(const double* from, int count, double* to) {
  for (int i = 0; i < count; ++i) to[i] = from[i];
}

RESCORLA_INFERENCE_END

#endif
