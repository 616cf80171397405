#ifndef RESCORLA_CORE_RTC_HPP
#define RESCORLA_CORE_RTC_HPP

// What per-trial code takes from the standard library, for NVRTC, which compiles a program when it
// runs and finds no standard headers. Only the names the core uses stand here.
#ifdef __CUDACC_RTC__

namespace std {

typedef int int32_t;
typedef long long int64_t;
typedef unsigned char uint8_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
using ::ptrdiff_t;
using ::size_t;
typedef ::size_t uintptr_t;

template <class T, T Value>
struct integral_constant {
  typedef T value_type;
  static constexpr T value = Value;
  __host__ __device__ constexpr operator T() const { return Value; }
};

}  // namespace std

#endif

#endif
