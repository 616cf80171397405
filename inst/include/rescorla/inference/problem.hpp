#ifndef RESCORLA_INFERENCE_PROBLEM_HPP
#define RESCORLA_INFERENCE_PROBLEM_HPP

#include <cstddef>
#include <vector>

#include "problem_view.hpp"

RESCORLA_INFERENCE_BEGIN

/// What a problem lacks; `problem::prepare` finds the first.
enum class problem_error {
  none = 0,
  sizes,        ///< an array has neither of its two allowed lengths
  free,         ///< `free` is empty, out of range or has duplicates
  bounds,       ///< lower > upper, or a search box that is infinite, empty or outside the bounds
  link,         ///< a link that the bounds do not allow
  prior,        ///< a prior whose hyperparameters or bounds make no density
  starts,       ///< no starting points
  divided_unit  ///< a unit sits in lanes of more than one group
};

/// What is to be estimated, for all units at once. P is the number of free parameters. Arrays said
/// to be "shared or by unit" have the length of one row, used for every unit, or one row per unit,
/// the unit slowest: element (unit, j) at unit * P + j.
///
/// Fill the fields, call `prepare` once from one thread, and share it read-only between threads.
struct problem {
  std::vector<int> free;      ///< P: the likelihood's directions k that are estimated
  std::vector<double> fixed;  ///< value of every parameter (free ones ignored), shared or by unit

  // P values each, natural units, shared or by unit.
  std::vector<double> lower, upper;                ///< the closed range, may be infinite
  std::vector<double> search_lower, search_upper;  ///< the box of the search, finite, within it

  /// false: maximise the log-likelihood in the closed search box.
  /// true: maximise log-likelihood + log prior on the real line z, by `links` and `priors`.
  bool posterior = false;
  std::vector<link> links;    ///< P, only for the posterior
  std::vector<prior> priors;  ///< P, shared or by unit, only for the posterior

  int starts = 0;                        ///< climbs per unit
  int candidates = 1;                    ///< points per climb, which begins at the best of them
  bool shared_starts = false;            ///< all units begin at the same points
  const double* start_values = nullptr;  ///< [unit][start][candidate][P], natural units; clipped

  // Set by prepare().
  int units = 0, parameters = 0;
  std::vector<int> free_parameter;      // P: the parameter that each free direction is
  std::vector<double> prior_constants;  // as `priors`

  int size() const { return static_cast<int>(free.size()); }

  /// The map from the scale of the search to the natural scale; see problem_view.
  transform map(int unit, int j) const { return view().map(unit, j); }

  /// What the search reads; it holds for as long as the vectors here stay as they are.
  problem_view view() const {
    return {units,
            parameters,
            size(),
            free.data(),
            free_parameter.data(),
            rows(fixed, parameters),
            rows(lower, size()),
            rows(upper, size()),
            rows(search_lower, size()),
            rows(search_upper, size()),
            posterior,
            links.data(),
            rows(priors, size()),
            rows(prior_constants, size()),
            starts,
            candidates,
            {start_values, starts * candidates * size(), shared_starts}};
  }

  /// Checks the problem against the likelihood and derives what the search needs.
  template <class Target>
  problem_error prepare(const Target& target) {
    units = target.units();
    parameters = target.parameters();
    const std::size_t p = free.size(), n = static_cast<std::size_t>(units);
    if (p == 0) return problem_error::free;
    free_parameter.clear();
    for (std::size_t j = 0; j < p; ++j) {
      if (free[j] < 0 || free[j] >= target.directions()) return problem_error::free;
      for (std::size_t i = 0; i < j; ++i) {
        if (free[i] == free[j]) return problem_error::free;
      }
      free_parameter.push_back(target.direction(free[j]));
    }
    if (!shared_or_by_unit(fixed, parameters) || !shared_or_by_unit(lower, p) ||
        !shared_or_by_unit(upper, p) || !shared_or_by_unit(search_lower, p) ||
        !shared_or_by_unit(search_upper, p)) {
      return problem_error::sizes;
    }
    if (posterior && (links.size() != p || (priors.size() != p && priors.size() != p * n))) {
      return problem_error::sizes;
    }
    const problem_view given = view();
    for (int unit = 0; unit < units; ++unit) {
      for (int j = 0; j < size(); ++j) {
        const double from = given.search_low(unit, j), to = given.search_high(unit, j);
        if (!(given.low(unit, j) <= from) || !(from < to) || !(to <= given.high(unit, j)) ||
            !is_finite(from) || !is_finite(to)) {
          return problem_error::bounds;
        }
        const transform t = given.map(unit, j);
        if (!t.valid()) return problem_error::link;
        if (posterior && !given.priors.row(unit)[j].valid(t)) return problem_error::prior;
      }
    }
    prior_constants.clear();
    for (std::size_t i = 0; i < priors.size(); ++i) {
      const int unit = static_cast<int>(i / p), j = static_cast<int>(i % p);
      prior_constants.push_back(prior_constant(priors[i]) -
                                log_mass(priors[i], given.low(unit, j), given.high(unit, j)));
    }
    if (starts < 1 || candidates < 1 || start_values == nullptr) return problem_error::starts;
    return one_group_per_unit(target) ? problem_error::none : problem_error::divided_unit;
  }

 private:
  template <class T>
  static unit_rows<T> rows(const std::vector<T>& values, int length) {
    return {values.data(), length, values.size() == static_cast<std::size_t>(length)};
  }

  bool shared_or_by_unit(const std::vector<double>& values, std::size_t length) const {
    return values.size() == length || values.size() == length * static_cast<std::size_t>(units);
  }

  /// Groups are fitted by different threads, so that a unit's results may have one writer only.
  template <class Target>
  bool one_group_per_unit(const Target& target) const {
    std::vector<int> home(static_cast<std::size_t>(units), -1);
    for (int group = 0; group < target.groups(); ++group) {
      for (int lane = 0; lane < target.lanes(); ++lane) {
        const int unit = target.unit(group, lane);
        if (unit < 0) continue;
        if (home[unit] >= 0 && home[unit] != group) return false;
        home[unit] = group;
      }
    }
    return true;
  }
};

RESCORLA_INFERENCE_END

#endif
