#ifndef RESCORLA_INFERENCE_MULTISTART_HPP
#define RESCORLA_INFERENCE_MULTISTART_HPP

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "../backend/likelihood.hpp"
#include "ascent.hpp"
#include "dense.hpp"
#include "objective.hpp"

namespace rescorla {
namespace inference {

struct options {
  double tolerance = 1e-6;         ///< scaled gradient at which a fit counts as converged
  double search_tolerance = 3e-4;  ///< the same for a start, before the best one is polished
  double polish_tolerance = 1e-8;  ///< what the polish aims at
  int iterations = 200;            ///< per start, and for the polish
  const std::atomic<bool>* stop = nullptr;     ///< polled every iteration
  std::atomic<long long>* finished = nullptr;  ///< counts the units that are done

  bool stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
};

/// The search from many starting points in the lanes of one group. Every lane climbs from one start
/// of its unit and is refilled with the next; lanes that hold the same unit share its starts. The
/// unit's first lane, its owner, keeps the books.
///
/// A start ends early when it plainly heads for an optimum that another start of the unit has
/// found: its next step ends there, within a third of the distance, and the gain that it predicts
/// is the difference in value, within a third. It also ends when it is about to converge well below
/// the best value known.
class multistart {
 public:
  std::vector<ascent> climbs;          ///< [lane]
  std::vector<double> width;           ///< [lane][j], extent of the search box in u
  std::vector<int> owner;              ///< [lane], the first lane of the same unit; -1 for padding
  std::vector<int> best;               ///< [owner], the best start; -1 without a finite one
  std::vector<long long> evaluations;  ///< [lane]
  std::vector<int> iterations;         ///< [owner]

  multistart(const problem& what, int lanes)
      : climbs(static_cast<std::size_t>(lanes), ascent(what.size())),
        width(static_cast<std::size_t>(lanes) * what.size()),
        owner(static_cast<std::size_t>(lanes), -1),
        best(static_cast<std::size_t>(lanes), -1),
        evaluations(static_cast<std::size_t>(lanes), 0),
        iterations(static_cast<std::size_t>(lanes), 0),
        lanes_(lanes),
        size_(what.size()),
        starts_(what.starts),
        values_(static_cast<std::size_t>(lanes) * what.starts),
        found_(static_cast<std::size_t>(lanes) * what.starts),
        chosen_(static_cast<std::size_t>(lanes) * what.starts),
        points_(static_cast<std::size_t>(lanes) * what.starts * what.size()),
        information_(static_cast<std::size_t>(lanes) * what.starts * packed_size(what.size())),
        best_gradient_(static_cast<std::size_t>(lanes) * what.size()),
        difference_(static_cast<std::size_t>(what.size())),
        next_(static_cast<std::size_t>(lanes), 0),
        current_(static_cast<std::size_t>(lanes), -1) {}

  /// Runs all starts of the group that `f` is bound to; false when it was interrupted.
  bool run(objective& f, const options& how) {
    prepare(f);
    if (f.definition().candidates > 1 && !choose(f, how)) return false;
    int busy = 0;
    for (int lane = 0; lane < lanes_; ++lane) {
      climbs[lane].settings = {how.search_tolerance, how.iterations};
      busy += refill(f, lane);
    }
    while (busy > 0) {
      if (how.stopped()) return false;
      f.evaluate(order::information);
      for (int lane = 0; lane < lanes_; ++lane) {
        if (current_[lane] < 0) continue;
        f.read(lane);
        ++evaluations[lane];
        ascent& climb = climbs[lane];
        const ascent_state state =
            climb.absorb(f.value(lane), f.gradient(lane), f.information(lane));
        if (state == ascent_state::running && !joins(lane) && !hopeless(lane)) {
          f.set_point(lane, climb.trial());
          continue;
        }
        finish(lane, state);
        busy -= !refill(f, lane);
      }
    }
    return true;
  }

  double value(int lane, int start) const { return values_[slot(lane, start)]; }

  /// Puts the ascent of an owner back to its best start, without evaluating it again.
  ascent_state resume(objective& f, int lane) {
    const std::size_t at = slot(lane, best[lane]);
    ascent& climb = climbs[lane];
    climb.begin(&points_[at * size_], f.lower(lane), f.upper(lane), &width[element(lane)]);
    return climb.absorb(values_[at], &best_gradient_[element(lane)],
                        &information_[at * packed_size(size_)]);
  }

 private:
  std::size_t element(int lane) const { return static_cast<std::size_t>(lane) * size_; }
  std::size_t slot(int lane, int start) const {
    return static_cast<std::size_t>(lane) * starts_ + start;
  }

  void prepare(objective& f) {
    for (int lane = 0; lane < lanes_; ++lane) {
      best[lane] = owner[lane] = current_[lane] = -1;
      next_[lane] = iterations[lane] = 0;
      evaluations[lane] = 0;
      for (int j = 0; j < size_; ++j) {
        width[element(lane) + j] = f.upper(lane)[j] - f.lower(lane)[j];
      }
      for (int s = 0; s < starts_; ++s) {
        values_[slot(lane, s)] = -std::numeric_limits<double>::infinity();
        found_[slot(lane, s)] = 0;
        chosen_[slot(lane, s)] = 0;
      }
      for (int other = 0; f.unit(lane) >= 0 && owner[lane] < 0; ++other) {
        if (f.unit(other) == f.unit(lane)) owner[lane] = other;
      }
    }
  }

  /// Gives a lane the next start of its unit; false when there is none.
  bool refill(objective& f, int lane) {
    current_[lane] = -1;
    const int home = owner[lane];
    if (home < 0 || next_[home] >= starts_) return false;
    const int s = current_[lane] = next_[home]++;
    place(f, lane, s, chosen_[slot(home, s)]);
    climbs[lane].begin(f.point(lane), f.lower(lane), f.upper(lane), &width[element(lane)]);
    f.set_point(lane, climbs[lane].trial());
    return true;
  }

  void place(objective& f, int lane, int start, int candidate) {
    const double* natural = f.definition().start(f.unit(lane), start, candidate);
    for (int j = 0; j < size_; ++j) difference_[j] = f.search_scale(lane, j, natural[j]);
    f.set_point(lane, difference_.data());
  }

  /// Picks the best candidate of every start by value alone, which costs a third of what a step of
  /// a climb does. Lanes of the same unit share the starts.
  bool choose(objective& f, const options& how) {
    const int candidates = f.definition().candidates;
    for (bool any = true; any;) {
      if (how.stopped()) return false;
      any = false;
      for (int lane = 0; lane < lanes_; ++lane) {
        const int home = owner[lane];
        current_[lane] = home >= 0 && next_[home] < starts_ ? next_[home]++ : -1;
        any = any || current_[lane] >= 0;
      }
      for (int c = 0; any && c < candidates; ++c) {
        for (int lane = 0; lane < lanes_; ++lane) {
          if (current_[lane] >= 0) place(f, lane, current_[lane], c);
        }
        f.evaluate(order::value);
        for (int lane = 0; lane < lanes_; ++lane) {
          if (current_[lane] < 0) continue;
          f.read(lane);
          ++evaluations[lane];
          const std::size_t at = slot(owner[lane], current_[lane]);
          if (c > 0 && !(f.value(lane) > values_[at])) continue;
          values_[at] = f.value(lane);
          chosen_[at] = c;
        }
      }
    }
    std::fill(next_.begin(), next_.end(), 0);
    std::fill(values_.begin(), values_.end(), -std::numeric_limits<double>::infinity());
    return true;
  }

  void finish(int lane, ascent_state state) {
    const ascent& climb = climbs[lane];
    const int home = owner[lane], s = current_[lane];
    iterations[home] += climb.iterations();
    if (state == ascent_state::failed) return;
    const std::size_t at = slot(home, s);
    // A start that joined an optimum has taken that one's value already.
    if (found_[at] != 0) return;
    values_[at] = climb.value();
    found_[at] = state == ascent_state::converged;
    for (int j = 0; j < size_; ++j) points_[at * size_ + j] = climb.point()[j];
    const int triangle = packed_size(size_);
    for (int k = 0; k < triangle; ++k) information_[at * triangle + k] = climb.information()[k];
    if (best[home] >= 0 && !(climb.value() > values_[slot(home, best[home])])) return;
    best[home] = s;
    for (int j = 0; j < size_; ++j) best_gradient_[element(home) + j] = climb.gradient()[j];
  }

  bool joins(int lane) {
    const ascent& climb = climbs[lane];
    if (climb.damping() > 0.2) return false;
    const int home = owner[lane];
    const double gain = climb.predicted_gain();
    for (int s = 0; s < starts_; ++s) {
      const std::size_t at = slot(home, s);
      if (found_[at] != 1) continue;
      const double gap = values_[at] - climb.value();
      if (gap > 0.5 || gap < -1e-7 || std::fabs(gain - gap) > 0.3 * std::fabs(gap) + 1e-8) continue;
      for (int j = 0; j < size_; ++j) {
        difference_[j] = climb.trial()[j] - points_[at * size_ + j];
      }
      const double* information = &information_[at * packed_size(size_)];
      const double miss = packed_quadratic(size_, information, difference_.data());
      if (miss > 0.16 * std::fabs(gap) + 1e-8) continue;
      const std::size_t own = slot(home, current_[lane]);
      values_[own] = values_[at];
      found_[own] = 2;
      return true;
    }
    return false;
  }

  bool hopeless(int lane) const {
    const ascent& climb = climbs[lane];
    const int home = owner[lane];
    return best[home] >= 0 && climb.scaled_gradient() < 0.05 &&
           climb.value() + 30.0 * climb.predicted_gain() + 1e-3 < values_[slot(home, best[home])];
  }

  int lanes_, size_, starts_;
  std::vector<double> values_;         // [owner][start]
  std::vector<char> found_;            // [owner][start]: 1 an optimum, 2 joined one
  std::vector<int> chosen_;            // [owner][start]: the candidate it begins at
  std::vector<double> points_;         // [owner][start][j]
  std::vector<double> information_;    // [owner][start][packed]
  std::vector<double> best_gradient_;  // [owner][j]
  std::vector<double> difference_;
  std::vector<int> next_;     // [owner]: the next start to hand out
  std::vector<int> current_;  // [lane]: the start being climbed; -1 when idle
};

}  // namespace inference
}  // namespace rescorla

#endif
