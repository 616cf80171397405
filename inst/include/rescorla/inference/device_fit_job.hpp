#ifndef RESCORLA_INFERENCE_DEVICE_FIT_JOB_HPP
#define RESCORLA_INFERENCE_DEVICE_FIT_JOB_HPP

#include "../engine/episodes.hpp"
#include "fit_job.hpp"

RESCORLA_INFERENCE_BEGIN

/// Fits with what their likelihoods need.
struct device_fit_job {
  device_data data;
  binding bound;
  std::ptrdiff_t threads;
  int model;              ///< device_program::number
  double* workspace;      ///< [thread][cells] where a thread has none of its own, or null
  std::ptrdiff_t cells;
  fit_job fit;
};

/// Bytes of a fit's memory that a thread has of its own, which a GPU interleaves between threads.
/// Larger ones are taken from the job's.
constexpr std::size_t own_fit_memory = 8192;

RESCORLA_INFERENCE_END

#endif
