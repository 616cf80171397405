#ifndef RESCORLA_INFERENCE_RESULTS_VIEW_HPP
#define RESCORLA_INFERENCE_RESULTS_VIEW_HPP

#include "scope.hpp"

RESCORLA_INFERENCE_BEGIN

/// How the fit of a unit ended.
enum class outcome : int {
  converged = 0,        ///< a maximum in the box: scaled gradient below the tolerance
  iteration_limit = 1,  ///< the best start used up its iterations
  stalled = 2,          ///< no further gain, though the gradient is not small: not smooth there
  no_finite_start = 3,  ///< no starting point had a finite value
  saddle = 4,           ///< stationary, but some direction still rises and could not be followed
  interrupted = 5,      ///< stopped by the caller before the end
  not_run = 6
};

/// Where an estimate sits in its box. A search edge is an edge of the search box that is no bound
/// of the parameter itself.
enum class edge : int { none = 0, lower = -1, upper = 1, search_lower = -2, search_upper = 2 };

/// Where fits are written: the arrays of `results`, or those of a device, which have the same
/// lengths. Plain pointers, so that it is copied to a device as it is.
struct results_view {
  double* estimate;
  double* log_likelihood;
  double* log_posterior;
  double* log_evidence;
  double* gradient;
  double* hessian;
  double* hessian_real;
  double* scaled_gradient;
  int* at_bound;
  int* flat;
  int* status;
  int* iterations;
  long long* evaluations;
  int* starts_agree;
  int* starts_failed;
};

RESCORLA_INFERENCE_END

#endif
