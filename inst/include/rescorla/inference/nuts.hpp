#ifndef RESCORLA_INFERENCE_NUTS_HPP
#define RESCORLA_INFERENCE_NUTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "noise.hpp"

namespace rescorla {
namespace inference {

/// What one transition says about itself.
struct nuts_report {
  double log_density = 0.0, energy = 0.0, acceptance = 0.0, step_size = 0.0;
  int depth = 0, leapfrogs = 0;
  bool divergent = false, complete = true;
};

/// The no-U-turn sampler (Hoffman and Gelman 2014) with multinomial sampling of trajectories and
/// the generalised stopping rule (Betancourt 2017, appendix A), the rule being checked across the
/// seams of joined subtrees too. The metric is diagonal.
///
/// With a `centre`, the normal density of that mean and of the metric's variances is integrated
/// exactly, as a rotation, and only what the target adds to it by kicks (Shahbaba, Lan, Johnson and
/// Neal 2014): on a target that is nearly so, steps may be several times as long. Without, steps
/// are leapfrogs.
///
/// `Target` is callable as double(const double* position, double* gradient), -Inf where the density
/// vanishes, and has bool stopped(): a transition that is stopped is not completed.
template <class Target>
class nuts {
 public:
  double step_size = 1.0;
  int max_depth = 10;
  std::vector<double> variance;  ///< the inverse metric: of each coordinate
  std::vector<double> centre;    ///< mean of each coordinate, NaN: not to be rotated; or empty

  /// A rotation by more would let trajectories run round the target in two steps.
  static constexpr double longest_rotation = 1.0;

  nuts(Target& target, int size, noise& random)
      : variance(static_cast<std::size_t>(size), 1.0),
        target_(target),
        random_(random),
        size_(static_cast<std::size_t>(size)),
        here_(size_),
        start_(size_),
        left_(size_),
        right_(size_),
        proposal_(size_) {}

  const std::vector<double>& position() const { return start_.position; }
  double log_density() const { return start_.value; }

  /// Moves to a point; false when the density vanishes there.
  bool place(const double* at) {
    std::copy_n(at, size_, start_.position.begin());
    start_.value = target_(start_.position.data(), start_.gradient.data());
    return std::isfinite(start_.value);
  }

  nuts_report transition() {
    nuts_report report;
    report.step_size = step_size;
    draw_momentum(start_);
    initial_ = energy(start_);
    left_ = start_;
    right_ = start_;
    span whole(size_);
    whole.begin_at(start_.momentum);
    tally_ = {};
    double log_weight = 0.0;
    while (report.depth < max_depth) {
      const bool forward = random_.uniform() > 0.5;
      here_ = forward ? right_ : left_;
      double subtree_weight = -std::numeric_limits<double>::infinity();
      span& grown = level(report.depth).joined;
      if (!grow(report.depth, forward ? 1.0 : -1.0, grown, proposal_, subtree_weight)) break;
      (forward ? right_ : left_) = here_;
      ++report.depth;
      // Biased towards the new half, which is what makes the sampler go far.
      if (std::log(random_.uniform()) < subtree_weight - log_weight) accept(proposal_);
      log_weight = add_logs(log_weight, subtree_weight);
      const bool going = forward ? turns_not(whole, grown) : turns_not(grown, whole);
      if (forward)
        whole.append(grown);
      else
        whole.prepend(grown);
      if (!going) break;
    }
    report.divergent = tally_.divergent;
    report.complete = !target_.stopped();
    report.leapfrogs = tally_.leapfrogs;
    report.acceptance = tally_.leapfrogs > 0 ? tally_.acceptance / tally_.leapfrogs : 0.0;
    report.log_density = start_.value;
    report.energy = accepted_energy_;
    return report;
  }

  /// A step size at which one step is accepted with probability 0.8: doubled or halved from the
  /// present one (Hoffman and Gelman 2014, algorithm 4).
  void find_step_size() {
    if (!(step_size > 0.0) || step_size > 1e7) step_size = 1.0;
    int direction = 0;
    for (int k = 0; k < 60 && !target_.stopped(); ++k) {
      here_ = start_;
      draw_momentum(here_);
      const double before = energy(here_);
      leap(here_, step_size);
      const double after = energy(here_);
      const double change = std::isfinite(after) ? before - after
                                                 : -std::numeric_limits<double>::infinity();
      const int wanted = change > std::log(0.8) ? 1 : -1;
      if (direction == 0) direction = wanted;
      if (wanted != direction) return;
      step_size *= direction > 0 ? 2.0 : 0.5;
      if (!centre.empty() && step_size > longest_rotation) {
        step_size = longest_rotation;
        return;
      }
    }
  }

 private:
  struct state {
    explicit state(std::size_t n) : position(n), momentum(n), gradient(n) {}
    std::vector<double> position, momentum, gradient;
    double value = 0.0;
  };

  /// A stretch of a trajectory: the momenta at its ends, and the sum of all.
  struct span {
    explicit span(std::size_t n) : first(n), last(n), sum(n) {}
    std::vector<double> first, last, sum;

    void begin_at(const std::vector<double>& momentum) { first = last = sum = momentum; }
    void append(const span& next) {
      last = next.last;
      add(next);
    }
    void prepend(const span& previous) {
      first = previous.first;
      add(previous);
    }
    void add(const span& other) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other.sum[i];
    }
  };

  /// What a candidate point is remembered by.
  struct candidate {
    explicit candidate(std::size_t n) : position(n), gradient(n) {}
    std::vector<double> position, gradient;
    double value = 0.0, energy = 0.0;
  };

  /// Memory of one depth of the recursion.
  struct storage {
    explicit storage(std::size_t n) : joined(n), half(n), other(n) {}
    span joined, half;
    candidate other;
  };

  struct totals {
    double acceptance = 0.0;
    int leapfrogs = 0;
    bool divergent = false;
  };

  storage& level(int depth) {
    while (levels_.size() <= static_cast<std::size_t>(depth)) levels_.emplace_back(size_);
    return levels_[static_cast<std::size_t>(depth)];
  }

  void draw_momentum(state& at) {
    for (std::size_t i = 0; i < size_; ++i)
      at.momentum[i] = random_.normal() / std::sqrt(variance[i]);
    accepted_energy_ = energy(at);
  }

  double energy(const state& at) const {
    double kinetic = 0.0;
    for (std::size_t i = 0; i < size_; ++i)
      kinetic += at.momentum[i] * at.momentum[i] * variance[i];
    return 0.5 * kinetic - at.value;
  }

  void leap(state& at, double step) {
    kick(at, 0.5 * step);
    if (centre.empty()) {
      for (std::size_t i = 0; i < size_; ++i) at.position[i] += step * variance[i] * at.momentum[i];
    } else {
      const double c = std::cos(step), s = std::sin(step);
      for (std::size_t i = 0; i < size_; ++i) {
        const double x = at.position[i] - centre[i], p = at.momentum[i];
        if (std::isnan(x)) {
          at.position[i] += step * variance[i] * p;
          continue;
        }
        at.position[i] = centre[i] + c * x + s * variance[i] * p;
        at.momentum[i] = c * p - s * x / variance[i];
      }
    }
    at.value = target_(at.position.data(), at.gradient.data());
    kick(at, 0.5 * step);
  }

  void kick(state& at, double step) {
    for (std::size_t i = 0; i < size_; ++i) at.momentum[i] += step * at.gradient[i];
    if (centre.empty()) return;
    for (std::size_t i = 0; i < size_; ++i)
      if (!std::isnan(centre[i]))
        at.momentum[i] += step * (at.position[i] - centre[i]) / variance[i];
  }

  /// Extends the trajectory from `here_` by 2^depth steps. False when it turns, diverges or is
  /// stopped; `log_weight` is that of all its points, `chosen` one of them drawn by weight. The
  /// span is in the order of time, whichever way it grows.
  bool grow(int depth, double direction, span& made, candidate& chosen, double& log_weight) {
    if (depth == 0) return step(direction, made, chosen, log_weight);
    span& near = level(depth - 1).half;
    double near_weight = -std::numeric_limits<double>::infinity();
    if (!grow(depth - 1, direction, near, chosen, near_weight)) return false;
    span& far = level(depth - 1).joined;
    candidate& other = level(depth - 1).other;
    double far_weight = -std::numeric_limits<double>::infinity();
    if (!grow(depth - 1, direction, far, other, far_weight)) return false;
    log_weight = add_logs(near_weight, far_weight);
    if (std::log(random_.uniform()) < far_weight - log_weight) std::swap(chosen, other);
    const span& earlier = direction > 0.0 ? near : far;
    const span& later = direction > 0.0 ? far : near;
    const bool going = turns_not(earlier, later);
    made.first = earlier.first;
    made.last = later.last;
    for (std::size_t i = 0; i < size_; ++i) made.sum[i] = earlier.sum[i] + later.sum[i];
    return going;
  }

  bool step(double direction, span& made, candidate& chosen, double& log_weight) {
    leap(here_, direction * step_size);
    if (target_.stopped()) return false;
    ++tally_.leapfrogs;
    double now = energy(here_);
    if (!std::isfinite(now)) now = std::numeric_limits<double>::infinity();
    const double gain = initial_ - now;
    tally_.acceptance += gain > 0.0 ? 1.0 : std::exp(gain);
    if (-gain > largest_error) tally_.divergent = true;
    if (tally_.divergent) return false;
    log_weight = gain;
    made.begin_at(here_.momentum);
    chosen.position = here_.position;
    chosen.gradient = here_.gradient;
    chosen.value = here_.value;
    chosen.energy = now;
    return true;
  }

  void accept(candidate& from) {
    start_.position.swap(from.position);
    start_.gradient.swap(from.gradient);
    start_.value = from.value;
    accepted_energy_ = from.energy;
  }

  /// Whether the joined trajectory still moves apart, as a whole and across the seam.
  bool turns_not(const span& a, const span& b) const {
    double whole_first = 0.0, whole_last = 0.0, left_first = 0.0, left_last = 0.0;
    double right_first = 0.0, right_last = 0.0;
    for (std::size_t i = 0; i < size_; ++i) {
      const double sum = (a.sum[i] + b.sum[i]) * variance[i];
      const double left = (a.sum[i] + b.first[i]) * variance[i];
      const double right = (b.sum[i] + a.last[i]) * variance[i];
      whole_first += a.first[i] * sum;
      whole_last += b.last[i] * sum;
      left_first += a.first[i] * left;
      left_last += b.first[i] * left;
      right_first += a.last[i] * right;
      right_last += b.last[i] * right;
    }
    return whole_first > 0.0 && whole_last > 0.0 && left_first > 0.0 && left_last > 0.0 &&
           right_first > 0.0 && right_last > 0.0;
  }

  static double add_logs(double a, double b) {
    const double high = std::max(a, b);
    if (!std::isfinite(high)) return high;
    return high + std::log1p(std::exp(std::min(a, b) - high));
  }

  static constexpr double largest_error = 1000.0;

  Target& target_;
  noise& random_;
  std::size_t size_;
  state here_, start_, left_, right_;
  candidate proposal_;
  std::vector<storage> levels_;
  totals tally_;
  double initial_ = 0.0, accepted_energy_ = 0.0;
};

}  // namespace inference
}  // namespace rescorla

#endif
