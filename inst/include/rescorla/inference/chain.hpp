#ifndef RESCORLA_INFERENCE_CHAIN_HPP
#define RESCORLA_INFERENCE_CHAIN_HPP

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "noise.hpp"
#include "nuts.hpp"

namespace rescorla {
namespace inference {

struct chain_settings {
  int warmup = 1000, draws = 1000, max_depth = 10;
  double target_acceptance = 0.8;
  std::vector<double> start;     ///< position
  std::vector<double> variance;  ///< of each coordinate, as far as known: the first metric
  /// Mean of each, likewise; NaN where trajectories are not to rotate. Empty: leapfrogs until a
  /// window tells, then all rotate.
  std::vector<double> centre;
  bool rotate = true;            ///< false: leapfrogs throughout
  double trust = 5.0;            ///< draws' worth of it, against what a window shows
};

/// Nesterov's dual averaging of the logarithm of the step size (Hoffman and Gelman 2014, 3.2).
class step_adaptation {
 public:
  /// Steps stay below `limit`: averaged beyond it, they would settle there whatever is accepted.
  void restart(double step_size, double limit) {
    limit_ = std::log(limit);
    centre_ = std::min(std::log(10.0 * step_size), limit_);
    count_ = sum_ = average_ = 0.0;
  }
  double learn(double acceptance, double target) {
    count_ += 1.0;
    const double rate = 1.0 / (count_ + 10.0);
    sum_ = (1.0 - rate) * sum_ + rate * (target - std::min(acceptance, 1.0));
    const double step = std::min(centre_ - sum_ * std::sqrt(count_) / 0.05, limit_);
    const double weight = std::pow(count_, -0.75);
    average_ = weight * step + (1.0 - weight) * average_;
    return std::exp(step);
  }
  double settled() const { return std::exp(average_); }

 private:
  double limit_ = 0.0, centre_ = 0.0, count_ = 0.0, sum_ = 0.0, average_ = 0.0;
};

/// Running mean and variance of positions (Welford 1962).
class moments {
 public:
  explicit moments(std::size_t size) : mean_(size, 0.0), squares_(size, 0.0) {}
  void add(const std::vector<double>& x) {
    count_ += 1.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double deviation = x[i] - mean_[i];
      mean_[i] += deviation / count_;
      squares_[i] += deviation * (x[i] - mean_[i]);
    }
  }
  void clear() {
    count_ = 0.0;
    std::fill(mean_.begin(), mean_.end(), 0.0);
    std::fill(squares_.begin(), squares_.end(), 0.0);
  }
  double count() const { return count_; }
  double mean(std::size_t i) const { return mean_[i]; }
  double variance(std::size_t i) const { return squares_[i] / (count_ - 1.0); }

 private:
  double count_ = 0.0;
  std::vector<double> mean_, squares_;
};

/// One chain: warm-up in windows that double (as Stan's: 75 iterations for the step size alone,
/// windows from 25 on for the metric, 50 for the last step size; shares of a short warm-up), then
/// draws, each handed to `keep`. An iteration during which the target is stopped does not count.
template <class Target>
class chain {
 public:
  typedef std::function<void(int draw, const std::vector<double>& position, const nuts_report&)>
      sink;

  chain(Target& target, const chain_settings& how, std::uint64_t seed, std::uint32_t stream)
      : how_(how),
        random_(seed, stream),
        sampler_(target, static_cast<int>(how.start.size()), random_),
        seen_(how.start.size()) {}

  /// Before the first iteration; false when the density vanishes at the start.
  bool begin() {
    sampler_.max_depth = how_.max_depth;
    sampler_.variance = how_.variance;
    if (how_.rotate) sampler_.centre = how_.centre;
    if (!sampler_.place(how_.start.data())) return false;
    sampler_.step_size = 1.0;
    restart_step();
    plan();
    return true;
  }

  /// At most `count` iterations more. `done` counts those of the chain.
  void advance(int count, const sink& keep, std::atomic<int>& done) {
    for (int i = 0; i < count && !finished(); ++i) {
      const nuts_report report = sampler_.transition();
      if (!report.complete) return;
      if (iteration_ < how_.warmup) {
        sampler_.step_size = step_.learn(report.acceptance, how_.target_acceptance);
        learn(iteration_);
        if (iteration_ + 1 == how_.warmup) sampler_.step_size = step_.settled();
      } else {
        keep(drawn(), sampler_.position(), report);
      }
      ++iteration_;
      done.fetch_add(1, std::memory_order_relaxed);
    }
  }

  bool finished() const { return iteration_ >= how_.warmup + how_.draws; }
  int iteration() const { return iteration_; }
  int drawn() const { return std::max(0, iteration_ - how_.warmup); }

  const std::vector<double>& variance() const { return sampler_.variance; }

 private:
  void restart_step() {
    sampler_.find_step_size();
    step_.restart(sampler_.step_size,
                  sampler_.centre.empty() ? 1e7 : nuts<Target>::longest_rotation);
  }

  void plan() {
    first_ = 75;
    last_ = 50;
    width_ = 25;
    if (how_.warmup < first_ + last_ + width_) {
      first_ = static_cast<int>(0.15 * how_.warmup);
      last_ = static_cast<int>(0.1 * how_.warmup);
      width_ = how_.warmup - first_ - last_;
    }
    end_ = first_ + width_;
  }

  void learn(int i) {
    const int stop = how_.warmup - last_;
    if (i < first_ || i >= stop) return;
    seen_.add(sampler_.position());
    if (i + 1 != end_ && i + 1 != stop) return;
    const double n = seen_.count();
    // Geometric means, so that a guess that is far too large does not outweigh what was seen.
    for (std::size_t k = 0; n > 2.0 && k < sampler_.variance.size(); ++k) {
      const double seen = std::max(seen_.variance(k), 1e-12 * how_.variance[k]);
      sampler_.variance[k] =
          std::exp((n * std::log(seen) + how_.trust * std::log(how_.variance[k])) /
                   (n + how_.trust));
    }
    if (how_.rotate && n > 2.0) {
      sampler_.centre.resize(sampler_.variance.size());
      for (std::size_t k = 0; k < sampler_.centre.size(); ++k) {
        const double known = how_.centre.empty() ? seen_.mean(k) : how_.centre[k];
        sampler_.centre[k] = (n * seen_.mean(k) + how_.trust * known) / (n + how_.trust);
      }
    }
    seen_.clear();
    restart_step();
    width_ *= 2;
    // A window that would leave too little for the next takes all that is left.
    end_ = end_ + width_ + 2 * width_ > stop ? stop : end_ + width_;
  }

  const chain_settings& how_;
  noise random_;
  nuts<Target> sampler_;
  moments seen_;
  step_adaptation step_;
  int iteration_ = 0, first_ = 0, last_ = 0, width_ = 0, end_ = 0;
};

}  // namespace inference
}  // namespace rescorla

#endif
