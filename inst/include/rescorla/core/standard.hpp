#ifndef RESCORLA_CORE_STANDARD_HPP
#define RESCORLA_CORE_STANDARD_HPP

// Every standard header the per-trial code uses stands here, above the target pragma: a standard
// header compiled under wide instructions would put them into std:: symbols that the linker
// shares with code for machines that lack them.
#ifndef __CUDACC_RTC__
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#else
// The compiler that a driver brings along has no standard headers.
namespace std {
typedef decltype(sizeof(0)) size_t;
typedef decltype(static_cast<char*>(nullptr) - static_cast<char*>(nullptr)) ptrdiff_t;
typedef unsigned char uint8_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
}  // namespace std
#endif

// A translation unit chooses its instruction set by defining RESCORLA_LEVEL before its first
// include: 0 is the compiler's baseline, 1 AVX2 with FMA, 2 AVX-512. Each level has a namespace of
// its own, so that the same template instantiated twice is never merged by the linker. Code for a
// device is a level too: one lane, for a thread of the GPU. A unit of CUDA is such code, and so is
// one for the host that defines RESCORLA_DEVICE before its first include, in which kernels run
// where there is no device.
#ifndef RESCORLA_LEVEL
#define RESCORLA_LEVEL 0
#endif

#if defined(__CUDACC__) && !defined(RESCORLA_DEVICE)
#define RESCORLA_DEVICE 1
#endif

#if defined(RESCORLA_DEVICE)
#undef RESCORLA_LEVEL
#define RESCORLA_LEVEL 0
#define RESCORLA_LEVEL_NAME device
#define RESCORLA_LANES 1
#elif RESCORLA_LEVEL == 2
#define RESCORLA_LEVEL_NAME avx512
#define RESCORLA_LANES 8
#define RESCORLA_TARGET "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"
#elif RESCORLA_LEVEL == 1
#define RESCORLA_LEVEL_NAME avx2
#define RESCORLA_LANES 4
#define RESCORLA_TARGET "avx2,fma"
#else
#define RESCORLA_LEVEL_NAME baseline
#define RESCORLA_LANES 2
#endif

// The pragma is never popped in a unit: templates are instantiated at its end and must still see
// the target. Clang insists on a pop, which core/end.hpp gives.
#ifdef RESCORLA_TARGET
#if defined(__clang__)
#if RESCORLA_LEVEL == 2
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"))), apply_to = function)
#else
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#endif
#elif RESCORLA_LEVEL == 2
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")
#else
#pragma GCC target("avx2,fma")
#endif
#endif

#endif
