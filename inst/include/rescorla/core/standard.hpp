#ifndef RESCORLA_CORE_STANDARD_HPP
#define RESCORLA_CORE_STANDARD_HPP

// Every standard header the per-trial code uses stands here, above the target pragma: a standard
// header compiled under wide instructions would put them into std:: symbols that the linker
// shares with code for machines that lack them.
#ifdef __CUDACC_RTC__
#include "rtc.hpp"
#else
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#endif

// A translation unit chooses its instruction set by defining RESCORLA_LEVEL before its first
// include: 0 is the compiler's baseline, 1 AVX2 with FMA, 2 AVX-512. Each level has a namespace of
// its own, so that the same template instantiated twice is never merged by the linker.
//
// The device form is a level too: one lane, for a thread of the GPU. A unit of CUDA has it, and any
// other that defines RESCORLA_DEVICE before its first include, whatever its RESCORLA_LEVEL: so the
// host can run what the device does. With RESCORLA_SINGLE a trial is computed in single precision.
#if defined(__CUDACC__) && !defined(RESCORLA_DEVICE)
#define RESCORLA_DEVICE 1
#endif
#ifdef RESCORLA_DEVICE
#undef RESCORLA_LEVEL
#endif
#ifndef RESCORLA_LEVEL
#define RESCORLA_LEVEL 0
#endif

#if defined(RESCORLA_SINGLE) && !defined(RESCORLA_DEVICE)
#error "RESCORLA_SINGLE is for the device form only: define RESCORLA_DEVICE too"
#elif defined(RESCORLA_SINGLE)
#define RESCORLA_LEVEL_NAME device_single
#define RESCORLA_LANES 1
#elif defined(RESCORLA_DEVICE)
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
