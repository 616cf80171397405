#ifndef RESCORLA_CORE_BUILTIN_HPP
#define RESCORLA_CORE_BUILTIN_HPP

#include "real.hpp"

RESCORLA_BEGIN

// What the host's compilers build in, and NVRTC does not or names otherwise.
namespace builtin {

#ifdef __CUDACC_RTC__

// One by one: the sets counted are known to the compiler.
RESCORLA_INLINE constexpr int count_bits(unsigned long long bits) {
  int r = 0;
  for (; bits != 0; bits &= bits - 1) ++r;
  return r;
}
RESCORLA_INLINE constexpr int lowest_bit(unsigned long long bits) {
  return count_bits(~bits & (bits - 1));
}
RESCORLA_INLINE double infinity() { return __longlong_as_double(0x7ff0000000000000LL); }
RESCORLA_INLINE double nan() { return __longlong_as_double(0x7ff8000000000000LL); }
RESCORLA_INLINE void copy(void* to, const void* from, std::size_t bytes) {
  memcpy(to, from, bytes);
}

#else

RESCORLA_INLINE constexpr int count_bits(unsigned long long bits) {
  return __builtin_popcountll(bits);
}
RESCORLA_INLINE constexpr int lowest_bit(unsigned long long bits) { return __builtin_ctzll(bits); }
RESCORLA_INLINE constexpr double infinity() { return __builtin_inf(); }
RESCORLA_INLINE constexpr double nan() { return __builtin_nan(""); }
RESCORLA_INLINE void copy(void* to, const void* from, std::size_t bytes) {
  __builtin_memcpy(to, from, bytes);
}

#endif

}  // namespace builtin

RESCORLA_END

#endif
