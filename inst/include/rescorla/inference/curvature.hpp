#ifndef RESCORLA_INFERENCE_CURVATURE_HPP
#define RESCORLA_INFERENCE_CURVATURE_HPP

#include "../backend/likelihood.hpp"
#include "array.hpp"
#include "ascent.hpp"
#include "dense.hpp"
#include "objective.hpp"

RESCORLA_INFERENCE_BEGIN

/// The observed curvature, minus the Hessian of the objective, by differences of its exact
/// gradient; one evaluation serves the same column of all lanes.
///
/// With steps h in units of a parameter's own standard deviation s, given the others:
///   quick     (g(x) - g(x + h)) / h, h = 1e-5 s: for a Newton step, error about 1e-5
///   accurate  (g(x - h) - g(x + h)) / 2h, h = 2e-4 s, or where the box leaves room on one side
///   only
///             (3 g(x) - 4 g(x + h) + g(x + 2h)) / 2h: truncation and rounding both near 1e-8
///
/// The quick one, and both for a posterior, are taken on the scale of the search. The accurate one
/// of a likelihood is taken in natural units, where bounds bend nothing, and changed to the scale
/// of the search by  h_ij dx_i dx_j - [i = j] l_i d2x_i.
template <class Target = likelihood>
class curvature {
 public:
  enum class accuracy { quick, accurate };

  RESCORLA_APART curvature(int lanes, int size, memory& where)
      : lanes_(lanes),
        size_(size),
        columns_(where, element(lanes) * size),
        packed_(where, triangle(lanes)),
        natural_(where, triangle(lanes)),
        base_(where, element(lanes)),
        gradient_(where, element(lanes)),
        low_(where, element(lanes)),
        high_(where, element(lanes)),
        deviation_(where, element(lanes)),
        first_(where, element(lanes)),
        probe_(where, element(1)),
        step_(where, static_cast<std::size_t>(lanes)),
        rule_(where, static_cast<std::size_t>(lanes), rule::done),
        complete_(where, static_cast<std::size_t>(lanes), 0) {}

  /// Measures at the current points of the ascents of the lanes marked in `wanted`. A quick
  /// measurement leaves out parameters held at a bound (their rows are zero but for the diagonal,
  /// which is the information's). Each lane's number of evaluations is added to `evaluations`.
  RESCORLA_APART void measure(objective<Target>& f, const objects<ascent>& climbs,
                              const array<char>& wanted, accuracy how,
                              array<long long>& evaluations) {
    in_natural_units_ = how == accuracy::accurate && !f.definition().posterior;
    for (int lane = 0; lane < lanes_; ++lane) {
      complete_[lane] = wanted[lane];
      if (wanted[lane]) settle(f, climbs[lane], lane);
    }
    for (int j = 0; j < size_; ++j) {
      for (int lane = 0; lane < lanes_; ++lane) {
        rule_[lane] = wanted[lane] ? first_rule(climbs[lane], lane, j, how) : rule::done;
      }
      // A point without a finite value sends its lane to the other side, with a shorter step.
      for (int attempt = 0; attempt < 3 && any_open(); ++attempt) {
        evaluate_point(f, j, 0, evaluations);
        evaluate_point(f, j, 1, evaluations);
        for (int lane = 0; lane < lanes_; ++lane) {
          if (rule_[lane] == rule::retry_up || rule_[lane] == rule::retry_down) {
            rule_[lane] = rule_[lane] == rule::retry_up ? rule::up : rule::down;
            step_[lane] *= 0.0625;
          }
        }
      }
      for (int lane = 0; lane < lanes_; ++lane) {
        if (rule_[lane] == rule::done) continue;
        complete_[lane] = 0;
        for (int i = 0; i < size_; ++i) {
          columns_[column(lane, j) + i] = not_a_number;
        }
      }
    }
    for (int lane = 0; lane < lanes_; ++lane) {
      if (!wanted[lane]) continue;
      f.look_at(lane, climbs[lane].point());
      double* h = &packed_[triangle(lane)];
      double* natural = &natural_[triangle(lane)];
      for (int j = 0; j < size_; ++j) {
        for (int i = 0; i <= j; ++i, ++h) {
          *h = 0.5 * (columns_[column(lane, j) + i] + columns_[column(lane, i) + j]);
          if (in_natural_units_) {
            *natural++ = *h;
            *h = f.search_curvature(lane, i, j, *h, gradient_[element(lane) + j]);
          }
        }
      }
      if (how == accuracy::quick) blank_held(climbs[lane], lane);
    }
  }

  /// Minus the Hessian on the scale of the search, packed; NaN in columns that could not be
  /// measured.
  RESCORLA_BOTH const double* packed_matrix(int lane) const { return &packed_[triangle(lane)]; }

  /// The same of the likelihood in natural units, when that was measured.
  RESCORLA_BOTH const double* natural_matrix(int lane) const { return &natural_[triangle(lane)]; }

  RESCORLA_BOTH bool complete(int lane) const { return complete_[lane] != 0; }

 private:
  enum class rule { done, forward, backward, central, up, down, retry_up, retry_down };

  RESCORLA_BOTH std::size_t element(int lane) const {
    return static_cast<std::size_t>(lane) * size_;
  }
  RESCORLA_BOTH std::size_t triangle(int lane) const {
    return static_cast<std::size_t>(lane) * packed_size(size_);
  }
  RESCORLA_BOTH std::size_t column(int lane, int j) const {
    return (static_cast<std::size_t>(lane) * size_ + j) * size_;
  }

  /// The centre of the differences: point, gradient, room and deviations on the scale in use.
  RESCORLA_APART void settle(objective<Target>& f, const ascent& climb, int lane) {
    f.look_at(lane, climb.point());
    for (int j = 0; j < size_; ++j) {
      const std::size_t at = element(lane) + j;
      base_[at] = climb.point()[j];
      gradient_[at] = climb.gradient()[j];
      low_[at] = f.lower(lane)[j];
      high_[at] = f.upper(lane)[j];
      deviation_[at] = climb.deviation(j);
      if (!in_natural_units_) continue;
      double dx, d2x;
      f.derivatives(lane, j, dx, d2x);
      base_[at] = f.natural(lane)[j];
      gradient_[at] /= dx;
      low_[at] = f.natural_lower(lane)[j];
      high_[at] = f.natural_upper(lane)[j];
      const double reach = ::fmin(high_[at] - low_[at], 10.0 * ::fmax(1.0, ::fabs(base_[at])));
      const double information = climb.information()[packed(j, j)] / (dx * dx),
                   limit = 0.25 * reach;
      deviation_[at] = information * limit * limit > 1.0 ? 1.0 / ::sqrt(information) : limit;
    }
  }

  RESCORLA_BOTH rule first_rule(const ascent& climb, int lane, int j, accuracy how) {
    const bool quick = how == accuracy::quick;
    if (quick && climb.held(j)) {
      for (int i = 0; i < size_; ++i) columns_[column(lane, j) + i] = 0.0;
      return rule::done;
    }
    const std::size_t at = element(lane) + j;
    const double x = base_[at], below = x - low_[at], above = high_[at] - x;
    double h = (quick ? 1e-5 : 2e-4) * deviation_[at];
    const double finest = 1e-10 * ::fabs(x);
    if (h < finest) h = finest;
    const double room = below > above ? below : above;
    if (2.0 * h > room) h = 0.5 * room;
    step_[lane] = h;
    if (!(h > 0.0)) return rule::up;  // a box of one point: every attempt fails, the column is NaN
    if (quick) return above >= below ? rule::forward : rule::backward;
    if (below >= h && above >= h) return rule::central;
    return above >= below ? rule::up : rule::down;
  }

  RESCORLA_BOTH bool any_open() const {
    for (int lane = 0; lane < lanes_; ++lane) {
      if (rule_[lane] != rule::done) return true;
    }
    return false;
  }

  /// The multiple of the step at which a rule wants its first or second gradient; 0 for none.
  RESCORLA_BOTH static double multiple(rule r, int which) {
    switch (r) {
      case rule::forward:
        return which == 0 ? 1.0 : 0.0;
      case rule::backward:
        return which == 0 ? -1.0 : 0.0;
      case rule::central:
        return which == 0 ? -1.0 : 1.0;
      case rule::up:
        return which == 0 ? 1.0 : 2.0;
      case rule::down:
        return which == 0 ? -1.0 : -2.0;
      default:
        return 0.0;
    }
  }

  RESCORLA_APART void evaluate_point(objective<Target>& f, int j, int which,
                                     array<long long>& evaluations) {
    bool any = false;
    for (int lane = 0; lane < lanes_; ++lane) {
      const double times = multiple(rule_[lane], which);
      if (times == 0.0) continue;
      any = true;
      ++evaluations[lane];
      for (int i = 0; i < size_; ++i) probe_[i] = base_[element(lane) + i];
      probe_[j] += times * step_[lane];
      if (in_natural_units_) {
        f.set_natural(lane, probe_.data());
      } else {
        f.set_point(lane, probe_.data());
      }
    }
    if (!any) return;
    f.evaluate(order::gradient);
    for (int lane = 0; lane < lanes_; ++lane) {
      if (multiple(rule_[lane], which) != 0.0) take(f, lane, j, which);
    }
  }

  RESCORLA_APART void take(objective<Target>& f, int lane, int j, int which) {
    f.read(lane);
    const rule r = rule_[lane];
    if (!is_finite(f.value(lane))) {
      rule_[lane] = multiple(r, which) > 0.0 ? rule::retry_down : rule::retry_up;
      return;
    }
    const double* centre = &gradient_[element(lane)];
    double* kept = &first_[element(lane)];
    double* out = &columns_[column(lane, j)];
    // Steps as they were taken, after rounding in x + h.
    const double x = base_[element(lane) + j];
    const double here = in_natural_units_ ? f.natural(lane)[j] : f.point(lane)[j];
    for (int i = 0; i < size_; ++i) {
      const double g = in_natural_units_ ? f.natural_gradient(lane, i) : f.gradient(lane)[i];
      if (r == rule::forward || r == rule::backward) {
        out[i] = (centre[i] - g) / (here - x);
      } else if (which == 0) {
        kept[i] = g;
      } else if (r == rule::central) {
        out[i] = (kept[i] - g) / (here - (x - step_[lane]));
      } else {
        out[i] = (3.0 * centre[i] - 4.0 * kept[i] + g) / (here - x);
      }
    }
    if (r == rule::forward || r == rule::backward || which == 1) rule_[lane] = rule::done;
  }

  RESCORLA_BOTH void blank_held(const ascent& climb, int lane) {
    double* h = &packed_[triangle(lane)];
    for (int j = 0; j < size_; ++j) {
      for (int i = 0; i <= j; ++i, ++h) {
        if (climb.held(i) || climb.held(j)) *h = i == j ? climb.information()[packed(j, j)] : 0.0;
      }
    }
  }

  int lanes_, size_;
  bool in_natural_units_ = false;
  array<double> columns_;                                   // [lane][column][row]
  array<double> packed_, natural_;                          // [lane][packed]
  array<double> base_, gradient_, low_, high_, deviation_;  // [lane][j]
  array<double> first_, probe_, step_;
  array<rule> rule_;
  array<char> complete_;
};

RESCORLA_INFERENCE_END

#endif
