#ifndef RESCORLA_INFERENCE_MULTISTART_HPP
#define RESCORLA_INFERENCE_MULTISTART_HPP

#include "../backend/likelihood.hpp"
#include "array.hpp"
#include "ascent.hpp"
#include "dense.hpp"
#include "objective.hpp"
#include "options.hpp"
#include "search_book.hpp"

RESCORLA_INFERENCE_BEGIN

/// The search from many starting points in the lanes of one group. Every lane climbs from one start
/// of its unit and is refilled with the next; lanes that hold the same unit share its starts. The
/// unit's first lane, its owner, keeps the books.
///
/// It may be left to climb from a share of the starts only: see search_book.
///
/// A start ends early when it plainly heads for an optimum that another start of the unit has
/// found: its next step ends there, within a third of the distance, and the gain that it predicts
/// is the difference in value, within a third. It also ends when it is about to converge well below
/// the best value known.
template <class Target = likelihood>
class multistart {
 public:
  objects<ascent> climbs;        ///< [lane]
  array<double> width;           ///< [lane][j], extent of the search box in u
  array<int> owner;              ///< [lane], the first lane of the same unit; -1 for padding
  array<int> best;               ///< [owner], the best start; -1 without a finite one
  array<long long> evaluations;  ///< [lane]
  array<int> iterations;         ///< [owner]

  RESCORLA_APART multistart(const problem_view& what, int lanes, memory& where,
                            const start_share& share = start_share())
      : climbs(where, static_cast<std::size_t>(lanes), what.size()),
        width(where, rows(lanes, what.size())),
        owner(where, rows(lanes, 1), -1),
        best(where, rows(lanes, 1), -1),
        evaluations(where, rows(lanes, 1), 0),
        iterations(where, rows(lanes, 1), 0),
        share_(share),
        lanes_(lanes),
        size_(what.size()),
        starts_(share.count(what.starts)),
        values_(where, rows(lanes, starts_)),
        found_(where, rows(lanes, starts_)),
        chosen_(where, rows(lanes, starts_)),
        points_(where, rows(lanes, starts_ * size_)),
        information_(where, rows(lanes, starts_ * packed_size(size_))),
        best_gradient_(where, rows(lanes, size_)),
        difference_(where, rows(1, size_)),
        next_(where, rows(lanes, 1), 0),
        current_(where, rows(lanes, 1), -1) {}

  /// Empties the books for the group that `f` is bound to.
  RESCORLA_APART void begin(objective<Target>& f) {
    for (int lane = 0; lane < lanes_; ++lane) {
      best[lane] = owner[lane] = current_[lane] = -1;
      next_[lane] = iterations[lane] = 0;
      evaluations[lane] = 0;
      for (int j = 0; j < size_; ++j) {
        width[element(lane) + j] = f.upper(lane)[j] - f.lower(lane)[j];
      }
      for (int s = 0; s < starts_; ++s) {
        values_[slot(lane, s)] = -infinite;
        found_[slot(lane, s)] = 0;
        chosen_[slot(lane, s)] = 0;
      }
      for (int other = 0; f.unit(lane) >= 0 && owner[lane] < 0; ++other) {
        if (f.unit(other) == f.unit(lane)) owner[lane] = other;
      }
    }
  }

  /// Runs all starts of the group; false when it was interrupted.
  RESCORLA_APART bool run(objective<Target>& f, const options& how) {
    begin(f);
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

  RESCORLA_BOTH double value(int lane, int start) const { return values_[slot(lane, start)]; }

  /// Writes down what the search of an owner found.
  RESCORLA_APART void write(int lane, const search_book& book) const {
    book.best() = best[lane];
    book.iterations() = iterations[lane];
    book.evaluations() = static_cast<double>(evaluations[lane]);
    for (int s = 0; s < starts_; ++s) book.values()[s] = values_[slot(lane, s)];
    if (best[lane] < 0) return;
    const std::size_t at = slot(lane, best[lane]);
    copy(&points_[at * size_], size_, book.point());
    copy(&best_gradient_[element(lane)], size_, book.gradient());
    copy(&information_[at * packed_size(size_)], packed_size(size_), book.information());
  }

  /// Takes in what another search found from a share of the starts of an owner, in place of a
  /// search of its own: after `begin`. Of equal values the first start is the best.
  RESCORLA_APART void adopt(int lane, const search_book& book, const start_share& share) {
    iterations[lane] += static_cast<int>(book.iterations());
    evaluations[lane] += static_cast<long long>(book.evaluations());
    const int count = share.count(starts_);
    for (int s = 0; s < count; ++s) values_[slot(lane, share.start(s))] = book.values()[s];
    const int found = static_cast<int>(book.best());
    if (found < 0) return;
    const int start = share.start(found);
    const std::size_t at = slot(lane, start);
    if (best[lane] >= 0) {
      const double known = values_[slot(lane, best[lane])];
      if (!(values_[at] > known) && !(values_[at] == known && start < best[lane])) return;
    }
    best[lane] = start;
    copy(book.point(), size_, &points_[at * size_]);
    copy(book.gradient(), size_, &best_gradient_[element(lane)]);
    copy(book.information(), packed_size(size_), &information_[at * packed_size(size_)]);
  }

  /// Puts the ascent of an owner back to its best start, without evaluating it again.
  RESCORLA_BOTH ascent_state resume(objective<Target>& f, int lane) {
    const std::size_t at = slot(lane, best[lane]);
    ascent& climb = climbs[lane];
    climb.begin(&points_[at * size_], f.lower(lane), f.upper(lane), &width[element(lane)]);
    return climb.absorb(values_[at], &best_gradient_[element(lane)],
                        &information_[at * packed_size(size_)]);
  }

 private:
  RESCORLA_BOTH std::size_t element(int lane) const {
    return static_cast<std::size_t>(lane) * size_;
  }
  RESCORLA_BOTH static std::size_t rows(int lanes, int count) {
    return static_cast<std::size_t>(lanes) * count;
  }
  RESCORLA_BOTH std::size_t slot(int lane, int start) const {
    return static_cast<std::size_t>(lane) * starts_ + start;
  }

  /// Gives a lane the next start of its unit; false when there is none.
  RESCORLA_APART bool refill(objective<Target>& f, int lane) {
    current_[lane] = -1;
    const int home = owner[lane];
    if (home < 0 || next_[home] >= starts_) return false;
    const int s = current_[lane] = next_[home]++;
    place(f, lane, s, chosen_[slot(home, s)]);
    climbs[lane].begin(f.point(lane), f.lower(lane), f.upper(lane), &width[element(lane)]);
    f.set_point(lane, climbs[lane].trial());
    return true;
  }

  RESCORLA_APART void place(objective<Target>& f, int lane, int start, int candidate) {
    const double* natural = f.definition().start(f.unit(lane), share_.start(start), candidate);
    for (int j = 0; j < size_; ++j) difference_[j] = f.search_scale(lane, j, natural[j]);
    f.set_point(lane, difference_.data());
  }

  /// Picks the best candidate of every start by value alone, which costs a third of what a step of
  /// a climb does. Lanes of the same unit share the starts.
  RESCORLA_APART bool choose(objective<Target>& f, const options& how) {
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
    next_.fill(0);
    values_.fill(-infinite);
    return true;
  }

  RESCORLA_APART void finish(int lane, ascent_state state) {
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

  RESCORLA_APART bool joins(int lane) {
    const ascent& climb = climbs[lane];
    if (climb.damping() > 0.2) return false;
    const int home = owner[lane];
    const double gain = climb.predicted_gain();
    for (int s = 0; s < starts_; ++s) {
      const std::size_t at = slot(home, s);
      if (found_[at] != 1) continue;
      const double gap = values_[at] - climb.value();
      if (gap > 0.5 || gap < -1e-7 || ::fabs(gain - gap) > 0.3 * ::fabs(gap) + 1e-8) continue;
      for (int j = 0; j < size_; ++j) {
        difference_[j] = climb.trial()[j] - points_[at * size_ + j];
      }
      const double* information = &information_[at * packed_size(size_)];
      const double miss = packed_quadratic(size_, information, difference_.data());
      if (miss > 0.16 * ::fabs(gap) + 1e-8) continue;
      const std::size_t own = slot(home, current_[lane]);
      values_[own] = values_[at];
      found_[own] = 2;
      return true;
    }
    return false;
  }

  RESCORLA_BOTH bool hopeless(int lane) const {
    const ascent& climb = climbs[lane];
    const int home = owner[lane];
    return best[home] >= 0 && climb.scaled_gradient() < 0.05 &&
           climb.value() + 30.0 * climb.predicted_gain() + 1e-3 < values_[slot(home, best[home])];
  }

  start_share share_;
  int lanes_, size_, starts_;
  array<double> values_;         // [owner][start]
  array<char> found_;            // [owner][start]: 1 an optimum, 2 joined one
  array<int> chosen_;            // [owner][start]: the candidate it begins at
  array<double> points_;         // [owner][start][j]
  array<double> information_;    // [owner][start][packed]
  array<double> best_gradient_;  // [owner][j]
  array<double> difference_;
  array<int> next_;     // [owner]: the next start to hand out
  array<int> current_;  // [lane]: the start being climbed; -1 when idle
};

RESCORLA_INFERENCE_END

#endif
