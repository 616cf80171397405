#ifndef RESCORLA_CORE_REAL_HPP
#define RESCORLA_CORE_REAL_HPP

#include "standard.hpp"

// Host and device markers. Everything on the per-trial path is inlined into one kernel: a call
// would pass packs through memory and hide the derivatives' constant zeros and ones. An entry point
// is called through its address. Loops over actions unroll on the device, where an array stays in
// registers only if every index is known to the compiler.
#ifdef __CUDACC__
#define RESCORLA_ENTRY __host__ __device__
#define RESCORLA_INLINE __host__ __device__ __forceinline__
#define RESCORLA_LAMBDA
#define RESCORLA_UNROLL _Pragma("unroll")
#else
#define RESCORLA_ENTRY
#define RESCORLA_INLINE inline __attribute__((always_inline))
#define RESCORLA_LAMBDA __attribute__((always_inline))
#define RESCORLA_UNROLL
#endif

// Code that runs on both, and that is left to the compiler to inline: fits are long, and what they
// spend their time in is the likelihood. What is called from many places of a kernel is kept apart,
// so that the kernel holds it once: left to itself, nvcc makes one function of the whole fit and
// takes minutes over it.
#ifdef __CUDACC__
#define RESCORLA_BOTH __host__ __device__
#define RESCORLA_APART __host__ __device__ __noinline__
#else
#define RESCORLA_BOTH
#define RESCORLA_APART
#endif

#define RESCORLA_BEGIN \
  namespace rescorla { \
  inline namespace RESCORLA_LEVEL_NAME {
#define RESCORLA_END \
  } \
  }

#endif
