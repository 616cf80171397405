#ifndef RESCORLA_INFERENCE_RESULTS_HPP
#define RESCORLA_INFERENCE_RESULTS_HPP

#include <cstddef>
#include <limits>
#include <vector>

#include "results_view.hpp"

RESCORLA_INFERENCE_BEGIN

/// Fits of all units. P free parameters; rows by unit: element (unit, j) at unit * P + j, matrices
/// at (unit * P + i) * P + j. Groups write only to the rows of their own units.
struct results {
  int units = 0, size = 0;
  std::vector<double> estimate;        ///< units x P, natural units
  std::vector<double> log_likelihood;  ///< units
  std::vector<double> log_posterior;   ///< units, in z; NaN when the likelihood was maximised
  std::vector<double> log_evidence;    ///< units, Laplace; NaN likewise, or without curvature
  std::vector<double> gradient;        ///< units x P, of the log-likelihood, natural units
  std::vector<double> hessian;         ///< units x P x P, minus the log-likelihood's, natural units
  std::vector<double> hessian_real;  ///< units x P x P, minus the log posterior's in z; else empty
  std::vector<double> scaled_gradient;  ///< units, over the parameters neither held nor flat
  std::vector<int> at_bound;            ///< units x P, values of `edge`
  std::vector<int> flat;                ///< units x P, 1: the data do not identify the parameter
  std::vector<int> status;              ///< units, values of `outcome`
  std::vector<int> iterations;          ///< units, steps over all starts and the polish
  std::vector<long long> evaluations;   ///< units, evaluations over all lanes of the unit
  std::vector<int> starts_agree;        ///< units, starts that came within 1e-6 of the best value
  std::vector<int> starts_failed;       ///< units, starts without a finite value

  void resize(int unit_count, int parameter_count, bool posterior) {
    units = unit_count;
    size = parameter_count;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::size_t n = static_cast<std::size_t>(units), p = static_cast<std::size_t>(size);
    estimate.assign(n * p, nan);
    log_likelihood.assign(n, nan);
    log_posterior.assign(n, nan);
    log_evidence.assign(n, nan);
    gradient.assign(n * p, nan);
    hessian.assign(n * p * p, nan);
    hessian_real.assign(posterior ? n * p * p : 0, nan);
    scaled_gradient.assign(n, nan);
    at_bound.assign(n * p, static_cast<int>(edge::none));
    flat.assign(n * p, 0);
    status.assign(n, static_cast<int>(outcome::not_run));
    iterations.assign(n, 0);
    evaluations.assign(n, 0);
    starts_agree.assign(n, 0);
    starts_failed.assign(n, 0);
  }

  results_view view() {
    return {estimate.data(),    log_likelihood.data(), log_posterior.data(), log_evidence.data(),
            gradient.data(),    hessian.data(),        hessian_real.data(),  scaled_gradient.data(),
            at_bound.data(),    flat.data(),           status.data(),        iterations.data(),
            evaluations.data(), starts_agree.data(),   starts_failed.data()};
  }
};

RESCORLA_INFERENCE_END

#endif
