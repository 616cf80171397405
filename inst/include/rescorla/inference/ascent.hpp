#ifndef RESCORLA_INFERENCE_ASCENT_HPP
#define RESCORLA_INFERENCE_ASCENT_HPP

#include "array.hpp"
#include "dense.hpp"

RESCORLA_INFERENCE_BEGIN

enum class ascent_state { running, converged, stalled, exhausted, failed, wants_curvature };

struct ascent_settings {
  double tolerance = 1e-4;  ///< on the scaled gradient
  int iterations = 200;     ///< evaluations, the first one apart
};

/// Maximises a function in a box, one evaluation at a time: the caller evaluates `trial()` and
/// hands the result to `absorb()`, so that many ascents share a batched evaluation.
///
/// Levenberg-Marquardt with Fisher scoring (Osborne 1992; More 1978). At x, with gradient g, the
/// step solves the damped model over the parameters that are not held at a bound,
///
///   (B + lambda D + T) d = g,   predicted gain  m(d) = g'd - d'Bd / 2,
///
/// D the diagonal of the information I, T a vanishing ridge that keeps parameters without any
/// information in place. A parameter at a bound is held while its gradient points outwards; a step
/// that would leave the box is cut at the bound and solved again for the others (projected Newton,
/// Bertsekas 1982). The ratio of the actual to the predicted gain decides on acceptance and
/// damping.
///
/// No parameter moves further in one step than a share of its reach, which grows with steps that
/// turn out as predicted: far from a maximum the model sees little of the way, and steps on a logit
/// scale that trust it end at the edges of the range.
///
/// B is I + A. Fisher scoring alone converges linearly, at the rate at which the expected and the
/// observed curvature differ; A is a secant estimate of that difference (Dennis, Gay and Welsch
/// 1981, NL2SOL), used whenever it predicted the last gain better than I did. After
/// `set_curvature(H)`, B is the observed curvature H, and the ascent says `wants_curvature` when
/// steps with it no longer gain a digit. A B that is not positive definite gives way to I.
class ascent {
 public:
  /// A parameter is flat when its standard deviation given the others exceeds a hundred times its
  /// reach.
  static constexpr double flat_curvature = 1e-4;

  ascent_settings settings;

  RESCORLA_APART ascent(int size, memory& where)
      : n_(size),
        x_(where, row()),
        g_(where, row()),
        lower_(where, row()),
        upper_(where, row()),
        reach_(where, row()),
        near_low_(where, row()),
        near_high_(where, row()),
        trial_(where, row()),
        step_(where, row()),
        difference_(where, row()),
        work_(where, row()),
        other_(where, row()),
        info_(where, triangle()),
        secant_(where, triangle()),
        sum_(where, triangle()),
        curvature_(where, triangle()),
        matrix_(where, row() * row()),
        index_(where, row()),
        held_(where, row()) {}

  /// Starts from `x`, which is evaluated first. The box of this ascent may be narrower than that of
  /// the problem (`width`: its extent), down to a single value for a parameter that is fixed.
  RESCORLA_APART void begin(const double* x, const double* lower, const double* upper,
                            const double* width) {
    for (int j = 0; j < n_; ++j) {
      lower_[j] = lower[j];
      upper_[j] = upper[j];
      trial_[j] = within(x[j], lower[j], upper[j]);
      reach_[j] = least(width[j], 10.0 * greatest(1.0, ::fabs(trial_[j])));
    }
    secant_.fill(0.0);
    first_ = true;
    augmented_ = newton_ = false;
    iterations_ = 0;
    damping_ = initial_damping;
    radius_ = initial_radius;
    value_ = -infinite;
  }

  RESCORLA_BOTH const double* trial() const { return trial_.data(); }
  RESCORLA_BOTH const double* point() const { return x_.data(); }
  RESCORLA_BOTH double value() const { return value_; }
  RESCORLA_BOTH const double* gradient() const { return g_.data(); }
  RESCORLA_BOTH const double* information() const { return info_.data(); }
  RESCORLA_BOTH const double* step() const { return step_.data(); }
  RESCORLA_BOTH double predicted_gain() const { return predicted_; }
  RESCORLA_BOTH double damping() const { return damping_; }
  RESCORLA_BOTH double scaled_gradient() const { return slope_; }

  /// The same over the parameters that are not marked.
  RESCORLA_BOTH double scaled_gradient_without(const int* marked) const {
    return slope_at(x_.data(), g_.data(), info_.data(), marked);
  }
  RESCORLA_BOTH int iterations() const { return iterations_; }

  /// Whether parameter j is at a bound with the gradient pointing outwards, at the current point.
  RESCORLA_BOTH bool held(int j) const { return held_[j] != 0; }

  RESCORLA_BOTH double lower(int j) const { return lower_[j]; }
  RESCORLA_BOTH double upper(int j) const { return upper_[j]; }

  /// The length over which parameter j matters: below its width when that is vast.
  RESCORLA_BOTH double reach(int j) const { return reach_[j]; }

  /// One standard deviation of parameter j given the others, limited to a part of its reach.
  RESCORLA_BOTH double deviation(int j) const {
    const double information = info_[packed(j, j)], limit = 0.25 * reach_[j];
    return information * limit * limit > 1.0 ? 1.0 / ::sqrt(information) : limit;
  }

  /// Continues with the observed curvature (minus the Hessian, packed) as the model.
  RESCORLA_BOTH ascent_state set_curvature(const double* h) {
    copy(h, packed_size(n_), curvature_.data());
    if (!newton_) damping_ = 0.0;
    newton_ = true;
    return propose();
  }

  /// Takes in value, gradient and information at the trial point.
  RESCORLA_APART ascent_state absorb(double value, const double* gradient,
                                     const double* information) {
    if (first_) {
      if (!is_finite(value)) return ascent_state::failed;
      first_ = false;
      move(value, gradient, information);
      return propose();
    }
    ++iterations_;
    const double before = slope_, actual = value - value_;
    const double noise = 2e-13 * greatest(1.0, ::fabs(value_));
    if (is_finite(value)) {
      bool accept = actual > 1e-3 * predicted_ && actual > noise;
      // Below the rounding error of the value only the gradient can tell.
      if (!accept && actual >= -noise && predicted_ <= 100.0 * noise) {
        accept = slope_at(trial_.data(), gradient, information) < 0.5 * before;
      }
      if (accept) {
        const double ratio = actual / predicted_;
        if (!newton_) learn(actual, gradient, information);
        move(value, gradient, information);
        if (limited_ && ratio > 0.5) radius_ = least(2.0 * radius_, 1.0);
        if (predicted_ > 100.0 * noise) {
          if (ratio > 0.75) damping_ = damping_ < 1e-6 ? 0.0 : 0.1 * damping_;
          if (ratio < 0.25) damping_ = greatest(4.0 * damping_, 0.1);
        }
        const ascent_state state = propose();
        if (state != ascent_state::running) return state;
        if (iterations_ >= settings.iterations) return ascent_state::exhausted;
        return newton_ && slope_ > 0.1 * before ? ascent_state::wants_curvature : state;
      }
    }
    if (iterations_ >= settings.iterations) return ascent_state::exhausted;
    if (predicted_ <= noise) return ascent_state::stalled;
    // The parabola through value, slope and new value says how much shorter the step should be; for
    // uncorrelated parameters this damping makes it so.
    double shrink = 0.1;
    if (is_finite(value)) {
      double rise = 0.0;
      for (int j = 0; j < n_; ++j) rise += g_[j] * step_[j];
      shrink = within(0.5 * rise / (rise - actual), 0.1, 0.5);
    }
    damping_ = (1.0 + damping_) / shrink - 1.0;
    return propose();
  }

 private:
  static constexpr double initial_damping = 0.1, largest_damping = 1e14;
  static constexpr double initial_radius = 0.12;

  RESCORLA_BOTH std::size_t row() const { return static_cast<std::size_t>(n_); }
  RESCORLA_BOTH std::size_t triangle() const { return static_cast<std::size_t>(packed_size(n_)); }

  RESCORLA_BOTH double ridge(int j) const { return 1e-8 / (reach_[j] * reach_[j]); }

  RESCORLA_BOTH static bool outward(double x, double lower, double upper, double g) {
    return (x <= lower && g <= 0.0) || (x >= upper && g >= 0.0) || lower == upper;
  }

  /// The scaled gradient max |g_j| / sqrt(I_jj) over the parameters not held; one with
  /// next to no information enters by the relative gradient |g_j| max(|x_j|, 1) / max(|f|, 1)
  /// alone, which bounds the others too.
  RESCORLA_APART double slope_at(const double* x, const double* g, const double* information,
                                 const int* without = nullptr) const {
    const double size = greatest(1.0, ::fabs(value_));
    double largest = 0.0;
    for (int j = 0; j < n_; ++j) {
      if (outward(x[j], lower_[j], upper_[j], g[j])) continue;
      if (without != nullptr && without[j] != 0) continue;
      const double curvature = information[packed(j, j)], steepness = ::fabs(g[j]);
      double slope = steepness * greatest(1.0, ::fabs(x[j])) / size;
      if (curvature > flat_curvature / (reach_[j] * reach_[j]))
        slope = greatest(slope, steepness / ::sqrt(curvature));
      largest = greatest(largest, slope);
    }
    return largest;
  }

  RESCORLA_BOTH void move(double value, const double* gradient, const double* information) {
    value_ = value;
    copy(trial_.data(), n_, x_.data());
    copy(gradient, n_, g_.data());
    copy(information, packed_size(n_), info_.data());
    slope_ = slope_at(x_.data(), g_.data(), info_.data());
  }

  /// Updates the secant part with the step s just taken, y = g(x) - g(x + s):
  ///   A <- A + (r y' + y r') / y's - (r's) y y' / (y's)^2,   r = y - (I + A) s,
  /// after sizing A so that it does not remember a curvature that has gone (NL2SOL).
  RESCORLA_APART void learn(double actual, const double* gradient, const double* information) {
    const double* s = step_.data();
    double rise = 0.0, ys = 0.0;
    for (int j = 0; j < n_; ++j) {
      difference_[j] = g_[j] - gradient[j];
      rise += g_[j] * s[j];
      ys += difference_[j] * s[j];
    }
    const double fisher = rise - 0.5 * packed_quadratic(n_, info_.data(), s);
    const double old = packed_quadratic(n_, secant_.data(), s);
    augmented_ = ::fabs(actual - fisher + 0.5 * old) <= ::fabs(actual - fisher);
    packed_multiply(n_, information, s, work_.data());
    double scale = 0.0, extra = 0.0;
    for (int j = 0; j < n_; ++j) {
      scale += work_[j] * s[j];
      other_[j] = difference_[j] - work_[j];
      extra += other_[j] * s[j];
    }
    if (!(ys > 0.05 * scale) || !(scale > 0.0)) return;
    if (::fabs(extra) < ::fabs(old)) {
      const double sizing = ::fabs(extra / old);
      for (std::size_t k = 0; k < secant_.size(); ++k) secant_[k] *= sizing;
    }
    packed_multiply(n_, secant_.data(), s, work_.data());
    double rs = 0.0;
    for (int j = 0; j < n_; ++j) {
      other_[j] -= work_[j];
      rs += other_[j] * s[j];
    }
    const double inverse = 1.0 / ys, second = rs * inverse * inverse;
    double* a = secant_.data();
    for (int j = 0; j < n_; ++j) {
      for (int i = 0; i <= j; ++i) {
        *a++ += (other_[i] * difference_[j] + difference_[i] * other_[j]) * inverse -
                second * difference_[i] * difference_[j];
      }
    }
  }

  /// Finds the next trial point, raising the damping until the model is sound.
  RESCORLA_APART ascent_state propose() {
    int loose = 0;
    for (int j = 0; j < n_; ++j) {
      held_[j] = outward(x_[j], lower_[j], upper_[j], g_[j]);
      loose += !held_[j];
    }
    predicted_ = 0.0;
    step_.fill(0.0);
    if (loose == 0 || slope_ == 0.0) return ascent_state::converged;
    for (int j = 0; j < n_; ++j) {
      near_low_[j] = greatest(lower_[j], x_[j] - radius_ * reach_[j]);
      near_high_[j] = least(upper_[j], x_[j] + radius_ * reach_[j]);
    }
    bool fisher = !newton_ && !augmented_;
    while (damping_ < largest_damping) {
      const double* model = fisher ? info_.data() : curvature_.data();
      if (!fisher && !newton_) {
        for (std::size_t k = 0; k < sum_.size(); ++k) sum_[k] = info_[k] + secant_[k];
        model = sum_.data();
      }
      if (solve(model)) {
        predicted_ = -0.5 * packed_quadratic(n_, model, step_.data());
        for (int j = 0; j < n_; ++j) predicted_ += g_[j] * step_[j];
        if (predicted_ > 0.0) break;
      }
      if (fisher) damping_ = greatest(10.0 * damping_, 1e-6);
      fisher = true;
    }
    bool moves = false;
    limited_ = false;
    for (int j = 0; j < n_; ++j) {
      trial_[j] = within(x_[j] + step_[j], near_low_[j], near_high_[j]);
      limited_ = limited_ || (trial_[j] == near_low_[j] && near_low_[j] > lower_[j]) ||
                 (trial_[j] == near_high_[j] && near_high_[j] < upper_[j]);
      step_[j] = trial_[j] - x_[j];
      moves = moves || step_[j] != 0.0;
    }
    const double enough = settings.tolerance * settings.tolerance;
    if (slope_ < settings.tolerance && predicted_ * (1.0 + damping_) < enough) {
      return ascent_state::converged;
    }
    return moves && predicted_ > 0.0 ? ascent_state::running : ascent_state::stalled;
  }

  /// Solves the damped model in the box; false when it is not positive definite.
  RESCORLA_APART bool solve(const double* model) {
    int free = 0;
    bool cut = false;
    for (int j = 0; j < n_; ++j) {
      step_[j] = 0.0;
      if (!held_[j]) index_[free++] = j;
    }
    while (free > 0) {
      for (int a = 0; a < free; ++a) {
        const int i = index_[a];
        for (int b = 0; b <= a; ++b) matrix_[a * free + b] = model[i * (i + 1) / 2 + index_[b]];
        matrix_[a * free + a] += damping_ * greatest(info_[packed(i, i)], ridge(i)) + ridge(i);
      }
      // Parameters cut at a bound have a step already: their pull on the others is known.
      if (cut) packed_multiply(n_, model, step_.data(), other_.data());
      for (int a = 0; a < free; ++a) {
        work_[a] = cut ? g_[index_[a]] - other_[index_[a]] : g_[index_[a]];
      }
      if (!cholesky(free, matrix_.data())) return false;
      cholesky_solve(free, matrix_.data(), work_.data());
      int kept = 0;
      for (int a = 0; a < free; ++a) {
        const int i = index_[a];
        if (x_[i] + work_[a] < near_low_[i]) {
          step_[i] = near_low_[i] - x_[i];
        } else if (x_[i] + work_[a] > near_high_[i]) {
          step_[i] = near_high_[i] - x_[i];
        } else {
          index_[kept] = i;
          work_[kept++] = work_[a];
        }
      }
      if (kept == free) {
        for (int a = 0; a < free; ++a) step_[index_[a]] = work_[a];
        break;
      }
      free = kept;
      cut = true;
    }
    return true;
  }

  int n_;
  array<double> x_, g_, lower_, upper_, reach_, near_low_, near_high_;
  array<double> trial_, step_, difference_, work_, other_;
  array<double> info_, secant_, sum_, curvature_;  // packed
  array<double> matrix_;
  array<int> index_;
  array<char> held_;
  double value_ = 0.0, predicted_ = 0.0, damping_ = initial_damping, slope_ = 0.0;
  double radius_ = initial_radius;
  int iterations_ = 0;
  bool first_ = true, augmented_ = false, newton_ = false, limited_ = false;
};

RESCORLA_INFERENCE_END

#endif
