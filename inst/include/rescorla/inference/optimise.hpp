#ifndef RESCORLA_INFERENCE_OPTIMISE_HPP
#define RESCORLA_INFERENCE_OPTIMISE_HPP

#include "../backend/likelihood.hpp"
#include "array.hpp"
#include "ascent.hpp"
#include "dense.hpp"
#include "multistart.hpp"
#include "objective.hpp"
#include "polish.hpp"
#include "problem_view.hpp"
#include "results_view.hpp"
#ifndef RESCORLA_DEVICE
#include "problem.hpp"
#include "results.hpp"
#endif

RESCORLA_INFERENCE_BEGIN

/// Maximum-likelihood or maximum-a-posteriori fits of all units in one group of lanes. One object
/// per thread, used for any number of groups; all memory is taken when it is made. What a unit's
/// fit yields depends on the unit, its starts and the number of lanes that hold it, not on threads,
/// other groups or the order in which groups are run.
template <class Target = likelihood>
class optimiser {
 public:
  /// `what` must have been prepared for `target`; both must outlive the optimiser.
  RESCORLA_BOTH optimiser(const Target& target, const problem_view& what, memory& where)
      : objective_(target, what, where),
        search_(what, target.lanes(), where),
        polish_(target.lanes(), what.size(), where),
        size_(what.size()),
        snapped_(where, static_cast<std::size_t>(target.lanes()), 0),
        matrix_(where, elements(size_)),
        vectors_(where, elements(size_)),
        index_(where, elements(1)) {}

  /// Fits the units of `group` into their rows of `out`. False when it was interrupted; the group's
  /// units are then marked so.
  RESCORLA_BOTH bool run(int group, const options& how, const results_view& out) {
    objective_.bind(group);
    return conclude(search_.run(objective_, how), how, out);
  }

  /// The same for a group of one lane whose starts have been climbed already, by `shares` searches
  /// whose books of `length` numbers follow one another.
  RESCORLA_BOTH bool finish(int group, double* books, std::size_t length, int shares,
                            const options& how, const results_view& out) {
    objective_.bind(group);
    search_.begin(objective_);
    for (int share = 0; share < shares; ++share) {
      search_.adopt(0, search_book(books + share * length, size_), {share, shares});
    }
    return conclude(true, how, out);
  }

#ifndef RESCORLA_DEVICE
  optimiser(const Target& target, const problem& what, memory&& where = memory())
      : optimiser(target, what.view(), where) {}

  /// `out` has been resized for the problem.
  bool run(int group, const options& how, results& out) { return run(group, how, out.view()); }
#endif

 private:
  RESCORLA_BOTH std::size_t elements(int rows) const {
    return static_cast<std::size_t>(rows) * size_;
  }

  /// From the search to the results.
  RESCORLA_APART bool conclude(bool searched, const options& how, const results_view& out) {
    const bool complete = searched && polish_.run(objective_, search_, how);
    if (complete) evaluate_optima();
    for (int lane = 0; lane < objective_.lanes(); ++lane) {
      if (search_.owner[lane] != lane) continue;
      if (!complete) {
        out.status[objective_.unit(lane)] = static_cast<int>(outcome::interrupted);
        continue;
      }
      report(lane, how, out);
    }
    if (!complete) return false;
    report_edges(out);
    for (int lane = 0; lane < objective_.lanes(); ++lane) {
      if (search_.owner[lane] == lane) how.count_unit();
    }
    return true;
  }

  RESCORLA_BOTH bool fitted(int lane) const {
    return search_.owner[lane] == lane && search_.best[lane] >= 0;
  }

  RESCORLA_BOTH void evaluate_optima() {
    for (int lane = 0; lane < objective_.lanes(); ++lane) {
      if (fitted(lane)) objective_.set_point(lane, search_.climbs[lane].point());
    }
    objective_.evaluate(order::gradient);
    for (int lane = 0; lane < objective_.lanes(); ++lane) {
      if (fitted(lane)) objective_.read(lane);
    }
  }

  /// Estimates at an edge of the search, which keeps a hair's breadth away from it, are reported at
  /// the edge itself, with the value there.
  RESCORLA_APART void report_edges(const results_view& out) {
    bool any = false;
    for (int lane = 0; lane < objective_.lanes(); ++lane) {
      snapped_[lane] = fitted(lane) && objective_.snap(lane);
      any = any || snapped_[lane];
    }
    if (!any) return;
    objective_.evaluate(order::value);
    for (int lane = 0; lane < objective_.lanes(); ++lane) {
      if (!snapped_[lane]) continue;
      const int unit = objective_.unit(lane);
      const double value = objective_.log_likelihood(lane), inside = out.log_likelihood[unit];
      if (!(value >= inside - 1e-7 * greatest(1.0, ::fabs(inside)))) continue;
      out.log_likelihood[unit] = value;
      for (int j = 0; j < size_; ++j) {
        out.estimate[static_cast<std::size_t>(unit) * size_ + j] = objective_.natural(lane)[j];
      }
    }
  }

  RESCORLA_APART void report(int lane, const options& how, const results_view& out) {
    const int unit = objective_.unit(lane);
    const std::size_t row = static_cast<std::size_t>(unit) * size_;
    const problem_view& what = objective_.definition();
    out.iterations[unit] = search_.iterations[lane];
    out.evaluations[unit] = 0;
    for (int l = 0; l < objective_.lanes(); ++l) {
      if (search_.owner[l] == lane) out.evaluations[unit] += search_.evaluations[l];
    }
    out.starts_failed[unit] = 0;
    for (int s = 0; s < what.starts; ++s) {
      out.starts_failed[unit] += !is_finite(search_.value(lane, s));
    }
    if (!fitted(lane)) {
      out.status[unit] = static_cast<int>(outcome::no_finite_start);
      return;
    }
    const ascent& climb = search_.climbs[lane];
    out.iterations[unit] += climb.iterations();
    out.starts_agree[unit] = 0;
    for (int s = 0; s < what.starts; ++s) {
      out.starts_agree[unit] += search_.value(lane, s) >= climb.value() - 1e-6;
    }
    out.log_likelihood[unit] = objective_.log_likelihood(lane);
    for (int j = 0; j < size_; ++j) {
      out.estimate[row + j] = objective_.natural(lane)[j];
      out.gradient[row + j] = objective_.natural_gradient(lane, j);
      out.at_bound[row + j] = static_cast<int>(bound(lane, j));
    }
    report_curvature(lane, out);
    out.scaled_gradient[unit] = climb.scaled_gradient_without(&out.flat[row]);
    if (what.posterior) report_evidence(lane, out);
    out.status[unit] = static_cast<int>(ending(lane, out.scaled_gradient[unit], how));
  }

  RESCORLA_BOTH outcome ending(int lane, double scaled_gradient, const options& how) const {
    if (!(scaled_gradient < how.tolerance)) {
      return polish_.state[lane] == ascent_state::stalled ? outcome::stalled
                                                          : outcome::iteration_limit;
    }
    return polish_.saddle[lane] ? outcome::saddle : outcome::converged;
  }

  RESCORLA_APART edge bound(int lane, int j) const {
    const problem_view& what = objective_.definition();
    const int unit = objective_.unit(lane);
    const int side = objective_.edge_side(lane, j, search_.climbs[lane].point()[j]);
    if (side == 0) return edge::none;
    // On the real line the bounds are infinitely far: an edge there is always one of the search.
    const bool reachable = !what.posterior || what.links[j] == link::identity;
    if (side < 0) {
      const bool own = reachable && what.search_low(unit, j) == what.low(unit, j);
      return own ? edge::lower : edge::search_lower;
    }
    const bool own = reachable && what.search_high(unit, j) == what.high(unit, j);
    return own ? edge::upper : edge::search_upper;
  }

  RESCORLA_APART void report_curvature(int lane, const results_view& out) {
    const int unit = objective_.unit(lane);
    const bool posterior = objective_.definition().posterior;
    const ascent& climb = search_.climbs[lane];
    const double* h = polish_.measured.packed_matrix(lane);
    const double* natural = polish_.measured.natural_matrix(lane);
    const std::size_t start = static_cast<std::size_t>(unit) * size_ * size_;
    for (int i = 0; i < size_; ++i) {
      for (int j = 0; j < size_; ++j) {
        const std::size_t at = start + static_cast<std::size_t>(i) * size_ + j;
        const int element = packed(i, j);
        out.hessian[at] =
            posterior ? objective_.natural_curvature(lane, i, j, h[element]) : natural[element];
        if (posterior) out.hessian_real[at] = h[element];
      }
    }
    int* flat = &out.flat[static_cast<std::size_t>(unit) * size_];
    fill(flat, elements(1), 0);
    if (!polish_.measured.complete(lane)) return;
    for (int j = 0; j < size_; ++j) flat[j] = !climb.held(j);
    const int n = polish_.spectrum(climb, lane, matrix_, vectors_, index_);
    for (int a = 0; a < n; ++a) flat[index_[a]] = 0;
    for (int a = 0; a < n; ++a) {
      if (!(matrix_[a * n + a] < polish<Target>::flat_direction)) continue;
      for (int b = 0; b < n; ++b) {
        if (::fabs(vectors_[b * n + a]) > 0.1) flat[index_[b]] = 1;
      }
    }
  }

  /// Laplace: log p(y) = log posterior + P/2 log 2 pi - log det(H) / 2, H in z.
  RESCORLA_APART void report_evidence(int lane, const results_view& out) {
    const int unit = objective_.unit(lane);
    out.log_posterior[unit] = objective_.value(lane);
    const double* h = polish_.measured.packed_matrix(lane);
    for (int i = 0; i < size_; ++i) {
      for (int j = 0; j < size_; ++j) matrix_[i * size_ + j] = h[packed(i, j)];
    }
    const bool definite = cholesky(size_, matrix_.data());
    out.log_evidence[unit] = definite ? objective_.value(lane) + 0.91893853320467274178 * size_ -
                                            0.5 * cholesky_log_determinant(size_, matrix_.data())
                                      : not_a_number;
  }

  objective<Target> objective_;
  multistart<Target> search_;
  polish<Target> polish_;
  int size_;
  array<char> snapped_;  // [lane]
  array<double> matrix_, vectors_;
  array<int> index_;
};

RESCORLA_INFERENCE_END

#endif
