#ifndef RESCORLA_INFERENCE_OPTIONS_HPP
#define RESCORLA_INFERENCE_OPTIONS_HPP

#ifndef __CUDACC_RTC__
#include <atomic>
#endif

#include "scope.hpp"

RESCORLA_INFERENCE_BEGIN

/// How fits are made, as plain numbers.
struct fit_settings {
  double tolerance = 1e-6;         ///< scaled gradient at which a fit counts as converged
  double search_tolerance = 3e-4;  ///< the same for a start, before the best one is polished
  double polish_tolerance = 1e-8;  ///< what the polish aims at
  int iterations = 200;            ///< per start, and for the polish
};

/// The same with the caller's threads in view. A device is left alone until it is done.
struct options : fit_settings {
#ifdef RESCORLA_DEVICE
  RESCORLA_BOTH bool stopped() const { return false; }
  RESCORLA_BOTH void count_unit() const {}
#else
  const std::atomic<bool>* stop = nullptr;     ///< polled every iteration
  std::atomic<long long>* finished = nullptr;  ///< counts the units that are done

  bool stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
  void count_unit() const {
    if (finished != nullptr) finished->fetch_add(1, std::memory_order_relaxed);
  }
#endif
};

RESCORLA_INFERENCE_END

#endif
