#ifndef RESCORLA_INFERENCE_PROBLEM_VIEW_HPP
#define RESCORLA_INFERENCE_PROBLEM_VIEW_HPP

#include "prior.hpp"
#include "transform.hpp"

RESCORLA_INFERENCE_BEGIN

/// Rows of equal length: one for every unit, or one that all share.
template <class T>
struct unit_rows {
  const T* values;
  int length;
  bool shared;

  RESCORLA_BOTH const T* row(int unit) const {
    return values + (shared ? 0 : static_cast<std::size_t>(unit) * length);
  }
};

/// What the search reads of a problem that has been prepared: `problem` explains the fields. Plain
/// numbers and pointers, so that a device is given the same with pointers to its own memory.
struct problem_view {
  int units, parameters, free_count;
  const int* free;                                             ///< P
  const int* free_parameter;                                   ///< P
  unit_rows<double> fixed;                                     ///< one value for every parameter
  unit_rows<double> lower, upper, search_lower, search_upper;  ///< P each

  bool posterior;
  const link* links;                  ///< P
  unit_rows<prior> priors;            ///< P
  unit_rows<double> prior_constants;  ///< P

  int starts, candidates;
  unit_rows<double> start_values;  ///< [start][candidate][P]

  RESCORLA_BOTH int size() const { return free_count; }

  RESCORLA_BOTH double fixed_value(int unit, int parameter) const {
    return fixed.row(unit)[parameter];
  }
  RESCORLA_BOTH double search_low(int unit, int j) const { return search_lower.row(unit)[j]; }
  RESCORLA_BOTH double search_high(int unit, int j) const { return search_upper.row(unit)[j]; }
  RESCORLA_BOTH double low(int unit, int j) const { return lower.row(unit)[j]; }
  RESCORLA_BOTH double high(int unit, int j) const { return upper.row(unit)[j]; }

  RESCORLA_BOTH const double* start(int unit, int s, int candidate) const {
    const std::size_t climb = static_cast<std::size_t>(s) * candidates + candidate;
    return start_values.row(unit) + climb * free_count;
  }

  /// The map from the scale of the search to the natural scale. The posterior is searched on the
  /// real line. The likelihood's maximum may lie on a bound; it is searched on the logit scale
  /// (log, without an upper bound) of a range a little wider than the closed one, on which the
  /// bounds are ordinary finite edges. Near them steps are relative there, which straightens the
  /// ridges of learning rate against inverse temperature: a fit takes a third less evaluations than
  /// in x.
  RESCORLA_BOTH transform map(int unit, int j) const {
    transform t{link::identity, low(unit, j), high(unit, j)};
    if (posterior) {
      t.kind = links[j];
    } else if (is_finite(t.lower)) {
      const double width = search_high(unit, j) - search_low(unit, j);
      t.kind = is_finite(t.upper) ? link::logit : link::log;
      t.lower -= (t.kind == link::logit ? 0.001 : 0.002) * width;
      t.upper += 0.001 * width;
    }
    return t;
  }
};

RESCORLA_INFERENCE_END

#endif
