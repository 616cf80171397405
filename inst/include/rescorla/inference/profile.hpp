#ifndef RESCORLA_INFERENCE_PROFILE_HPP
#define RESCORLA_INFERENCE_PROFILE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "../backend/likelihood.hpp"
#include "array.hpp"
#include "ascent.hpp"
#include "dense.hpp"
#include "multistart.hpp"
#include "objective.hpp"
#include "problem.hpp"
#include "results.hpp"

namespace rescorla {
namespace inference {

/// What a confidence limit is.
enum class limit : int {
  found = 0,  ///< the profile crosses the target there
  edge = 1,   ///< the profile stays above the target up to the edge of the search: the edge
  failed = 2  ///< not found, or the unit was not fitted: NaN
};

/// Profile confidence limits of all units; element (unit, j) at unit * P + j, natural units.
struct profile_results {
  std::vector<double> lower, upper;         ///< units x P
  std::vector<int> lower_kind, upper_kind;  ///< units x P, values of `limit`
  std::vector<int> improved;                ///< units, 1: a higher value than the fit's was met

  void resize(int units, int size) {
    const std::size_t n = static_cast<std::size_t>(units) * size;
    lower.assign(n, std::numeric_limits<double>::quiet_NaN());
    upper = lower;
    lower_kind.assign(n, static_cast<int>(limit::failed));
    upper_kind = lower_kind;
    improved.assign(static_cast<std::size_t>(units), 0);
  }
};

/// Confidence limits by profile likelihood (Venzon and Moolgavkar 1988): the values t of parameter
/// j on either side of its estimate at which
///
///   p(t) = max over the other parameters of f, with parameter j fixed at t,
///
/// has fallen by `drop` (half the chi-squared quantile with one degree of freedom) below the
/// maximum. p is climbed by the optimiser's own ascent, warm-started along the last profile; the
/// root is that of sqrt(f - p(t)), nearly linear in t, by Newton steps with p'(t) = df/dt at the
/// optimum (the envelope theorem), kept in a bracket. Lanes take one limit after the other of their
/// unit.
///
/// The same for the log posterior when the problem is one.
class profiler {
 public:
  profiler(const likelihood& target, const problem& what, memory&& where = memory())
      : objective_(target, what.view(), where),
        lanes_(target.lanes()),
        size_(what.size()),
        climbs_(where, static_cast<std::size_t>(lanes_), size_),
        tasks_(static_cast<std::size_t>(lanes_)),
        next_(static_cast<std::size_t>(lanes_), 0),
        owner_(static_cast<std::size_t>(lanes_), -1),
        optimum_(static_cast<std::size_t>(lanes_) * size_),
        path_(static_cast<std::size_t>(lanes_) * size_),
        width_(static_cast<std::size_t>(lanes_) * size_),
        low_(static_cast<std::size_t>(size_)),
        high_(static_cast<std::size_t>(size_)),
        start_(static_cast<std::size_t>(size_)),
        slope_(static_cast<std::size_t>(size_)),
        bend_(static_cast<std::size_t>(size_)),
        matrix_(static_cast<std::size_t>(size_) * size_),
        index_(static_cast<std::size_t>(size_)) {}

  /// Limits of the parameters `which` (positions 0..P-1) for the units of a group; false when it
  /// was interrupted.
  bool run(int group, const results& fits, double drop, const std::vector<int>& which,
           const options& how, profile_results& out) {
    objective_.bind(group);
    which_ = &which;
    fits_ = &fits;
    drop_ = drop;
    int busy = 0;
    for (int lane = 0; lane < lanes_; ++lane) {
      climbs_[lane].settings = {1e-5, how.iterations};
      next_[lane] = 0;
      owner_[lane] = -1;
      for (int j = 0; j < size_; ++j) {
        width_[element(lane) + j] = objective_.upper(lane)[j] - objective_.lower(lane)[j];
      }
      for (int other = 0; objective_.unit(lane) >= 0 && owner_[lane] < 0; ++other) {
        if (objective_.unit(other) == objective_.unit(lane)) owner_[lane] = other;
      }
    }
    for (int lane = 0; lane < lanes_; ++lane) busy += refill(lane, out);
    while (busy > 0) {
      if (how.stopped()) return false;
      objective_.evaluate(order::information);
      for (int lane = 0; lane < lanes_; ++lane) {
        if (!tasks_[lane].active) continue;
        objective_.read(lane);
        const ascent_state state = climbs_[lane].absorb(
            objective_.value(lane), objective_.gradient(lane), objective_.information(lane));
        if (state == ascent_state::running || advance(lane, state, out)) {
          objective_.set_point(lane, climbs_[lane].trial());
        } else {
          busy -= !refill(lane, out);
        }
      }
    }
    for (int lane = 0; how.finished != nullptr && lane < lanes_; ++lane) {
      if (owner_[lane] == lane) how.finished->fetch_add(1, std::memory_order_relaxed);
    }
    return true;
  }

 private:
  /// The search for one limit. Positions are on the scale of the search.
  struct task {
    bool active = false;
    int j = 0, side = 1, rounds = 0;
    double edge = 0.0, top = 0.0;        // the box's edge on this side; the maximum of f
    double at = 0.0;                     // where the profile is being evaluated
    double inside = 0.0, outside = 0.0;  // the bracket; outside is NaN until it is known
  };

  std::size_t element(int lane) const { return static_cast<std::size_t>(lane) * size_; }

  /// Gives a lane the next limit of its unit that needs a search; false when there is none.
  bool refill(int lane, profile_results& out) {
    tasks_[lane].active = false;
    const int home = owner_[lane];
    while (home >= 0 && next_[home] < 2 * static_cast<int>(which_->size())) {
      const int number = next_[home]++;
      if (begin(lane, (*which_)[number / 2], number % 2 == 0 ? -1 : 1, out)) {
        tasks_[lane].active = true;
        return true;
      }
    }
    return false;
  }

  bool begin(int lane, int j, int side, profile_results& out) {
    const int unit = objective_.unit(lane);
    const std::size_t row = static_cast<std::size_t>(unit) * size_;
    const bool posterior = objective_.definition().posterior;
    task& t = tasks_[lane];
    t = task{};
    t.j = j;
    t.side = side;
    t.top = posterior ? fits_->log_posterior[unit] : fits_->log_likelihood[unit];
    t.edge = side < 0 ? objective_.lower(lane)[j] : objective_.upper(lane)[j];
    t.outside = std::numeric_limits<double>::quiet_NaN();
    if (!std::isfinite(t.top)) return false;
    double* optimum = &optimum_[element(lane)];
    for (int i = 0; i < size_; ++i) {
      optimum[i] = objective_.search_scale(lane, i, fits_->estimate[row + i]);
    }
    t.inside = optimum[j];
    if (objective_.edge_side(lane, j, optimum[j]) == side) {
      record(lane, limit::edge, t.edge, out);
      return false;
    }
    const double distance = first_distance(lane, j);
    t.at = optimum[j] + side * distance;
    if (side * (t.at - t.edge) > 0.0) t.at = t.edge;
    climb(lane);
    return true;
  }

  /// The distance at which a parabola falls by `drop`; sets the direction of the profile in
  /// `path_`, the change of the parameters for a unit change in parameter j.
  double first_distance(int lane, int j) {
    const int unit = objective_.unit(lane);
    const std::size_t row = static_cast<std::size_t>(unit) * size_;
    const problem_view& what = objective_.definition();
    double* path = &path_[element(lane)];
    objective_.look_at(lane, &optimum_[element(lane)]);
    for (int i = 0; i < size_; ++i) {
      path[i] = 0.0;
      what.map(unit, i).derivatives(objective_.natural(lane)[i], slope_[i], bend_[i]);
    }
    path[j] = 1.0;
    int n = 0, place = -1;
    for (int i = 0; i < size_; ++i) {
      if (fits_->at_bound[row + i] != 0 || fits_->flat[row + i] != 0) continue;
      if (i == j) place = n;
      index_[n++] = i;
    }
    if (place >= 0) {
      for (int a = 0; a < n; ++a) {
        for (int b = 0; b < n; ++b) matrix_[a * n + b] = curvature(unit, index_[a], index_[b]);
        start_[a] = a == place ? 1.0 : 0.0;
      }
      if (cholesky(n, matrix_.data())) {
        cholesky_solve(n, matrix_.data(), start_.data());
        const double variance = start_[place];
        for (int a = 0; a < n; ++a) path[index_[a]] = start_[a] / variance;
        return std::sqrt(2.0 * drop_ * variance);
      }
    }
    const double edge_distance = std::fabs(tasks_[lane].edge - optimum_[element(lane) + j]);
    const double h = curvature(unit, j, j);
    const double g = what.posterior ? 0.0 : std::fabs(fits_->gradient[row + j] * slope_[j]);
    const double root = g * g + 2.0 * drop_ * h;
    const double distance = root > 0.0 ? 2.0 * drop_ / (g + std::sqrt(root)) : edge_distance;
    return std::isfinite(distance) ? distance : edge_distance;
  }

  /// Minus the objective's Hessian at the optimum, on the scale of the search.
  double curvature(int unit, int i, int j) const {
    const std::size_t at = (static_cast<std::size_t>(unit) * size_ + i) * size_ + j;
    if (objective_.definition().posterior) return fits_->hessian_real[at];
    const double g = fits_->gradient[static_cast<std::size_t>(unit) * size_ + i];
    return fits_->hessian[at] * slope_[i] * slope_[j] - (i == j ? g * bend_[i] : 0.0);
  }

  /// Starts the ascent over the other parameters at t.at.
  void climb(int lane) {
    const task& t = tasks_[lane];
    const double* optimum = &optimum_[element(lane)];
    const double* path = &path_[element(lane)];
    std::copy(objective_.lower(lane), objective_.lower(lane) + size_, low_.begin());
    std::copy(objective_.upper(lane), objective_.upper(lane) + size_, high_.begin());
    low_[t.j] = high_[t.j] = t.at;
    for (int i = 0; i < size_; ++i) start_[i] = optimum[i] + (t.at - optimum[t.j]) * path[i];
    climbs_[lane].begin(start_.data(), low_.data(), high_.data(), &width_[element(lane)]);
    objective_.set_point(lane, climbs_[lane].trial());
  }

  /// Takes the profile's value at t.at; true when it has to be evaluated elsewhere.
  bool advance(int lane, ascent_state state, profile_results& out) {
    task& t = tasks_[lane];
    const ascent& top = climbs_[lane];
    const double* optimum = &optimum_[element(lane)];
    const bool valid = state != ascent_state::failed;
    const double deficit = valid ? t.top - top.value() : std::numeric_limits<double>::infinity();
    const double travelled = t.at - optimum[t.j];
    if (valid) {
      for (int i = 0; i < size_; ++i) {
        path_[element(lane) + i] = (top.point()[i] - optimum[i]) / travelled;
      }
      if (deficit < -1e-6) out.improved[objective_.unit(lane)] = 1;
    }
    if (std::fabs(deficit - drop_) <= 1e-8 * std::max(1.0, drop_)) {
      record(lane, limit::found, t.at, out);
      return false;
    }
    if (deficit < drop_) {
      if (t.at == t.edge) {
        record(lane, limit::edge, t.edge, out);
        return false;
      }
      t.inside = t.at;
    } else {
      t.outside = t.at;
    }
    const bool bracketed = !std::isnan(t.outside);
    const double gap = std::fabs(t.outside - t.inside);
    if (bracketed && gap <= 1e-11 * std::max(1.0, std::fabs(t.inside))) {
      record(lane, limit::found, t.inside, out);
      return false;
    }
    if (++t.rounds > 80) return false;
    double step = std::numeric_limits<double>::quiet_NaN();
    if (valid && deficit > 0.0) {
      const double root = std::sqrt(deficit);
      step = 2.0 * root * (std::sqrt(drop_) - root) / std::fabs(top.gradient()[t.j]);
    }
    if (bracketed) {
      const double next = t.at + t.side * step;
      const bool within = t.side * (next - t.inside) > 0.0 && t.side * (t.outside - next) > 0.0;
      // Newton steps that keep landing in the bracket without closing it give way to halving.
      t.at = within && t.rounds % 6 != 0 ? next : 0.5 * (t.inside + t.outside);
    } else {
      const double longest = 3.0 * std::fabs(travelled);
      t.at += t.side * (step < longest ? step : longest);
      if (t.side * (t.at - t.edge) > 0.0) t.at = t.edge;
    }
    climb(lane);
    return true;
  }

  void record(int lane, limit kind, double u, profile_results& out) const {
    const task& t = tasks_[lane];
    const problem_view& what = objective_.definition();
    const int unit = objective_.unit(lane);
    const std::size_t at = static_cast<std::size_t>(unit) * size_ + t.j;
    double x = what.map(unit, t.j).natural(u);
    if (kind == limit::edge) {
      x = t.side < 0 ? what.search_low(unit, t.j) : what.search_high(unit, t.j);
    }
    (t.side < 0 ? out.lower : out.upper)[at] = x;
    (t.side < 0 ? out.lower_kind : out.upper_kind)[at] = static_cast<int>(kind);
  }

  objective<> objective_;
  int lanes_, size_;
  objects<ascent> climbs_;
  std::vector<task> tasks_;
  std::vector<int> next_, owner_;
  std::vector<double> optimum_, path_, width_;             // [lane][j]
  std::vector<double> low_, high_, start_, slope_, bend_;  // [j]
  std::vector<double> matrix_;
  std::vector<int> index_;
  const std::vector<int>* which_ = nullptr;
  const results* fits_ = nullptr;
  double drop_ = 0.0;
};

}  // namespace inference
}  // namespace rescorla

#endif
