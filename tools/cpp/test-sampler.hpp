#ifndef RESCORLA_TOOLS_TEST_SAMPLER_HPP
#define RESCORLA_TOOLS_TEST_SAMPLER_HPP

// The no-U-turn sampler on densities with known moments, and its trajectories point by point.

#include <atomic>
#include <cmath>
#include <deque>
#include <vector>

#include "check.hpp"
#include "rescorla/inference/chain.hpp"
#include "rescorla/inference/nuts.hpp"

namespace test_sampler {

using namespace rescorla::inference;

/// N(mean, P^-1) with P = tridiagonal: `inner` beside the diagonal; coordinates in units of
/// `scale`.
struct normal {
  std::vector<double> mean, scale;
  double inner = 0.0;
  long long count = 0;  ///< evaluations
  long long left = -1;  ///< evaluations until it is stopped; negative: never
  std::vector<double>* record = nullptr;

  bool stopped() const { return left == 0; }
  double operator()(const double* q, double* gradient) {
    if (left > 0) --left;
    ++count;
    const std::size_t n = mean.size();
    double value = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto x = [&](std::size_t k) { return (q[k] - mean[k]) / scale[k]; };
      double pull = x(i);
      if (i > 0) pull += inner * x(i - 1);
      if (i + 1 < n) pull += inner * x(i + 1);
      value -= 0.5 * x(i) * pull;
      gradient[i] = -pull / scale[i];
    }
    if (record != nullptr) record->insert(record->end(), q, q + n);
    return value;
  }
};

inline normal standard(std::size_t n) {
  normal target;
  target.mean.assign(n, 0.0);
  target.scale.assign(n, 1.0);
  return target;
}

/// How far a mean of correlated draws is from what it should be, in standard errors by 25 batches.
inline double deviation(const std::vector<double>& x, double expected) {
  const std::size_t batches = 25, each = x.size() / batches;
  double sum = 0.0, squares = 0.0;
  for (std::size_t b = 0; b < batches; ++b) {
    double mean = 0.0;
    for (std::size_t i = 0; i < each; ++i) mean += x[b * each + i] / static_cast<double>(each);
    sum += mean;
    squares += mean * mean;
  }
  const double n = static_cast<double>(batches), mean = sum / n;
  return (mean - expected) / std::sqrt((squares / n - mean * mean) / (n - 1.0));
}

struct run_result {
  std::vector<std::vector<double>> draws;  ///< by coordinate
  std::vector<nuts_report> reports;
  bool finished = false;
};

inline run_result sample(normal& target, const chain_settings& how, std::uint64_t seed,
                         std::uint32_t stream = 0) {
  run_result out;
  out.draws.resize(how.start.size());
  chain<normal> one(target, how, seed, stream);
  check::that(one.begin(), "begins");
  std::atomic<int> done{0};
  const auto keep = [&](int draw, const std::vector<double>& q, const nuts_report& report) {
    check::that(draw == static_cast<int>(out.reports.size()), "draws are counted");
    for (std::size_t i = 0; i < q.size(); ++i) out.draws[i].push_back(q[i]);
    out.reports.push_back(report);
  };
  one.advance(1000000, keep, done);
  out.finished = one.finished();
  check::that(done == one.iteration(), "iterations are counted");
  check::that(one.drawn() == static_cast<int>(out.reports.size()), "every draw is kept");
  return out;
}

inline chain_settings settings(std::size_t n, int warmup, int draws, bool rotate) {
  chain_settings how;
  how.warmup = warmup;
  how.draws = draws;
  how.start.assign(n, 0.5);
  how.variance.assign(n, 1.0);
  how.rotate = rotate;
  return how;
}

/// Means and variances of the first coordinates within the limits of Monte-Carlo error.
inline void expect_moments(const run_result& run, const std::vector<double>& mean,
                           const std::vector<double>& variance, const char* what) {
  double squares = 0.0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    std::vector<double> square;
    for (double x : run.draws[i]) square.push_back((x - mean[i]) * (x - mean[i]));
    const double a = deviation(run.draws[i], mean[i]), b = deviation(square, variance[i]);
    check::that(std::fabs(a) < 6.0 && std::fabs(b) < 6.0, what);
    squares += a * a;
  }
  // Of many coordinates the deviations are as large as they should be: t with 24 degrees of
  // freedom.
  const double average = squares / static_cast<double>(mean.size());
  if (mean.size() >= 100) check::that(average > 0.75 && average < 1.5, what);
}

inline void standard_normals() {
  for (bool rotate : {true, false}) {
    for (std::size_t n : {std::size_t{1}, std::size_t{10}, std::size_t{1000}}) {
      normal target = standard(n);
      const chain_settings how =
          settings(n, n == 1000 ? 150 : 500, n == 1000 ? 1000 : 4000, rotate);
      const run_result run = sample(target, how, 3);
      expect_moments(run, std::vector<double>(n, 0.0), std::vector<double>(n, 1.0),
                     "standard normal");
      double acceptance = 0.0;
      for (const nuts_report& r : run.reports) {
        check::that(!r.divergent && r.complete, "no divergence");
        acceptance += r.acceptance / static_cast<double>(run.reports.size());
      }
      check::that(acceptance > 0.7, "steps are accepted");
    }
  }
}

/// Tridiagonal precision: variances by the recursion for the inverse's diagonal.
inline std::vector<double> variances(const normal& target) {
  const std::size_t n = target.mean.size();
  std::vector<double> left(n), right(n), out(n);
  const double c = target.inner * target.inner;
  for (std::size_t i = 0; i < n; ++i) left[i] = 1.0 - (i > 0 ? c / left[i - 1] : 0.0);
  for (std::size_t i = n; i-- > 0;) right[i] = 1.0 - (i + 1 < n ? c / right[i + 1] : 0.0);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = target.scale[i] * target.scale[i] / (left[i] + right[i] - 1.0);
  return out;
}

inline void correlated_normals() {
  normal target = standard(6);
  target.inner = -0.48;
  target.mean = {3.0, -2.0, 0.0, 100.0, 0.01, 1.0};
  target.scale = {1.0, 0.3, 4.0, 10.0, 0.1, 1.0};
  const std::vector<double> truth = variances(target);
  for (int variant = 0; variant < 4; ++variant) {
    chain_settings how = settings(6, 800, 5000, variant % 2 == 0);
    how.start = target.mean;
    if (variant >= 2) {
      // Known beforehand, and wrong by a factor of 4 and a standard deviation.
      for (std::size_t i = 0; i < 6; ++i) {
        how.variance[i] = 4.0 * truth[i];
        how.centre.push_back(target.mean[i] + std::sqrt(truth[i]));
      }
    }
    expect_moments(sample(target, how, 11), target.mean, truth, "correlated normal");
  }
}

/// Every point of a trajectory and its two neighbours are bound by a recursion that reads the same
/// forwards and backwards:
///   leapfrog  q+ + q- = 2 q + h^2 v g(q)
///   rotation  (q+ - c) + (q- - c) = 2 cos(h) (q - c) + h sin(h) (v g(q) + q - c)
/// so that a leap there and a leap back lead to where one was.
inline void trajectories() {
  for (bool rotate : {true, false}) {
    const std::size_t n = 3;
    normal target = standard(n);
    target.inner = 0.3;
    target.mean = {1.0, 0.0, -1.0};
    std::vector<double> seen;
    noise random(5, 0);
    nuts<normal> sampler(target, static_cast<int>(n), random);
    sampler.step_size = 0.23;
    sampler.variance = {0.5, 1.0, 2.0};
    if (rotate) sampler.centre = {0.7, 0.2, -0.6};
    const double start[] = {0.1, 0.4, -0.3};
    check::that(sampler.place(start), "placed");
    target.record = &seen;
    const double h = sampler.step_size;
    const auto fits = [&](const double* after, const double* at, const double* before) {
      double gradient[3], gap = 0.0;
      std::vector<double>* keep = target.record;
      target.record = nullptr;
      target(at, gradient);
      target.record = keep;
      for (std::size_t i = 0; i < n; ++i) {
        const double v = sampler.variance[i], c = rotate ? sampler.centre[i] : 0.0;
        const double right = rotate ? 2.0 * std::cos(h) * (at[i] - c) +
                                          h * std::sin(h) * (v * gradient[i] + at[i] - c) + 2.0 * c
                                    : 2.0 * at[i] + h * h * v * gradient[i];
        gap = std::max(gap, std::fabs(after[i] + before[i] - right));
      }
      return gap < 1e-12;
    };
    int backwards = 0;
    for (int k = 0; k < 50; ++k) {
      seen.clear();
      std::deque<std::vector<double>> path = {sampler.position()};
      const nuts_report report = sampler.transition();
      check::that(seen.size() == n * static_cast<std::size_t>(report.leapfrogs),
                  "all leaps are counted");
      for (std::size_t i = 0; i + n <= seen.size(); i += n) {
        const std::vector<double> next(&seen[i], &seen[i] + n);
        const std::size_t m = path.size();
        if (m == 1 || fits(next.data(), path[m - 1].data(), path[m - 2].data())) {
          path.push_back(next);
        } else {
          ++backwards;
          check::that(fits(next.data(), path[0].data(), path[1].data()),
                      "a leap can be taken back");
          path.push_front(next);
        }
      }
      bool there = false;
      for (const auto& point : path) there = there || point == sampler.position();
      check::that(there, "the new position is one of the trajectory's");
    }
    check::that(backwards > 50, "trajectories go both ways");
  }
}

inline void exact_rotation() {
  // With the target itself for a reference nothing is left to reject.
  normal target = standard(20);
  noise random(1, 2);
  nuts<normal> sampler(target, 20, random);
  sampler.centre.assign(20, 0.0);
  sampler.step_size = 1.0;
  const std::vector<double> start(20, 0.4);
  sampler.place(start.data());
  for (int k = 0; k < 100; ++k) {
    const nuts_report report = sampler.transition();
    check::near(report.acceptance, 1.0, 1e-12, "a rotation conserves the energy");
    check::that(report.leapfrogs <= 7, "and turns after half a circle");
    check::that(report.log_density == sampler.log_density(), "density of where one is");
    check::that(report.energy > -report.log_density, "energy is more than potential");
  }
}

inline void reproducible() {
  for (bool rotate : {true, false}) {
    const chain_settings how = settings(5, 200, 100, rotate);
    normal target = standard(5);
    const run_result one = sample(target, how, 7), two = sample(target, how, 7);
    const run_result other = sample(target, how, 8), stream = sample(target, how, 7, 1);
    check::that(one.draws == two.draws, "the same seed");
    check::that(one.draws != other.draws, "another seed");
    check::that(one.draws != stream.draws, "another stream");
    check::that(one.draws != sample(target, how, 7 + (1ULL << 40)).draws, "seeds have 64 bits");

    // Stopped at any evaluation, what is kept is what would have been.
    int cut = 0;
    normal counted = standard(5);
    sample(counted, how, 7);
    for (int k = 0; k < 20; ++k) {
      const long long left = k < 10 ? 1 + 37 * k : counted.count * (k + 1) / 21 + k % 4;
      normal brief = standard(5);
      brief.left = left;
      run_result part;
      part.draws.resize(5);
      chain<normal> halted(brief, how, 7, 0);
      std::atomic<int> done{0};
      if (halted.begin())
        halted.advance(
            1000,
            [&](int, const std::vector<double>& q, const nuts_report& report) {
              check::that(report.complete, "whole draws only");
              for (std::size_t i = 0; i < 5; ++i) part.draws[i].push_back(q[i]);
            },
            done);
      check::that(done == halted.iteration(), "iterations that were cut do not count");
      check::that(halted.drawn() == static_cast<int>(part.draws[0].size()), "nor do their draws");
      cut += !halted.finished() && halted.drawn() > 0;
      for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t d = 0; d < part.draws[i].size(); ++d)
          check::that(part.draws[i][d] == one.draws[i][d], "draws before the stop are as ever");
    }
    check::that(cut > 0, "some were cut among the draws");

    // A turn at a time makes the same chain.
    chain<normal> slow(target, how, 7, 0);
    std::vector<double> first;
    std::atomic<int> done{0};
    slow.begin();
    while (!slow.finished())
      slow.advance(
          7, [&](int, const std::vector<double>& q, const nuts_report&) { first.push_back(q[0]); },
          done);
    check::that(first == one.draws[0], "a few iterations at a time");
  }
}

inline void adaptation() {
  moments seen(2);
  for (double x : {1.0, 2.0, 4.0, 9.0}) seen.add({x, -x});
  check::near(seen.mean(0), 4.0, 1e-14, "running mean");
  check::near(seen.variance(1), 38.0 / 3.0, 1e-14, "running variance");
  seen.clear();
  check::near(seen.count(), 0.0, 0.0, "cleared");
  // Where the chance of acceptance is exp(-step), dual averaging finds -log(0.8).
  step_adaptation step;
  step.restart(1.0, 1e7);
  double size = 1.0;
  for (int k = 0; k < 2000; ++k) size = step.learn(std::exp(-size), 0.8);
  check::near(step.settled(), -std::log(0.8), 0.02, "dual averaging");
  // All steps are accepted more often than asked: it settles at the limit, not beyond.
  step.restart(0.1, 0.5);
  for (int k = 0; k < 500; ++k) size = step.learn(1.0, 0.8);
  check::near(step.settled(), 0.5, 1e-12, "step at its limit");

  noise random(1, 1);
  double sum = 0.0, squares = 0.0, fourth = 0.0, lowest = 1.0, highest = 0.0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal(), u = random.uniform();
    sum += x / n;
    squares += x * x / n;
    fourth += x * x * x * x / n;
    lowest = std::min(lowest, u);
    highest = std::max(highest, u);
  }
  check::near(sum, 0.0, 5.0 / std::sqrt(n), "mean of the noise");
  check::near(squares, 1.0, 5.0 * std::sqrt(2.0 / n), "its variance");
  check::near(fourth, 3.0, 5.0 * std::sqrt(96.0 / n), "its fourth moment");
  check::that(lowest > 0.0 && highest < 1.0 && lowest < 1e-4 && highest > 0.9999, "uniform");

  for (int warmup : {0, 1, 3, 19, 75, 150, 151, 400}) {
    normal target = standard(2);
    const run_result run = sample(target, settings(2, warmup, 50, warmup % 2 == 0), 5);
    check::that(run.finished && run.reports.size() == 50, "short warm-ups");
  }
}

inline void run() {
  standard_normals();
  correlated_normals();
  trajectories();
  exact_rotation();
  reproducible();
  adaptation();
}

}  // namespace test_sampler

#endif
