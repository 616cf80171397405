#ifndef RESCORLA_TOOLS_GPU_FITS_HPP
#define RESCORLA_TOOLS_GPU_FITS_HPP

// Fits of the asymmetric Rescorla-Wagner model for the GPU check and benchmark.

#include <limits>

#include "gpu-data.hpp"
#include "rescorla/inference/problem.hpp"

namespace gpu {

// Starting points of all units, [start][3]: the same for every unit.
inline std::vector<double> start_points(int count) {
  std::vector<double> x;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t at = static_cast<std::uint64_t>(i);
    x.push_back(0.05 + 0.9 * uniform(at, 71));
    x.push_back(0.05 + 0.9 * uniform(at, 72));
    x.push_back(0.3 * std::exp(4.0 * uniform(at, 73)));
  }
  return x;
}

inline rescorla::inference::problem problem_of(bool posterior, int starts, int candidates,
                                               const std::vector<double>& points) {
  namespace fits = rescorla::inference;
  fits::problem what;
  what.free = {0, 1, 2};
  what.fixed = {0.0, 0.0, 1.0, 0.5};
  what.lower = what.search_lower = {0.0, 0.0, 0.0};
  what.upper = {1.0, 1.0, std::numeric_limits<double>::infinity()};
  what.search_upper = {1.0, 1.0, 100.0};
  what.posterior = posterior;
  if (posterior) {
    what.search_lower = {1e-6, 1e-6, 1e-4};
    what.search_upper = {1.0 - 1e-6, 1.0 - 1e-6, 100.0};
    what.links = {fits::link::logit, fits::link::probit, fits::link::log};
    what.priors = {{fits::prior_kind::beta, 1.1, 1.1},
                   {fits::prior_kind::normal, 0.0, 1.0},
                   {fits::prior_kind::gamma, 1.2, 0.2}};
  }
  what.starts = starts;
  what.candidates = candidates;
  what.shared_starts = true;
  what.start_values = points.data();
  return what;
}

}  // namespace gpu

#endif
