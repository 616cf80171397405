// How near single precision comes to double, in the device's form on the host, without R:
//   g++ -std=gnu++17 -O1 -Wall -Wextra -pedantic -I inst/include -I src/models
//   tools/cpp/measure-single-precision.cpp tools/cpp/measure-single-precision.with.cpp
// 50 simulated subjects of 200 trials each: the largest error of a log-likelihood, relative to it,
// and of a gradient, relative to its norm.

#define RESCORLA_DEVICE 1

#include <kalman.hpp>
#include <rdt_happiness.hpp>
#include <rw_asymmetric.hpp>
#include <rw_lapse.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "check.hpp"
#include "rescorla/backend/cpu.hpp"
#include "measure-single-precision.hpp"

namespace {

using namespace rescorla;

constexpr int units = 50, trials = 200, rows = units * trials;

struct range {
  double low, high;
};

// What is simulated: parameters within ranges, and an environment that pays on a response to one of
// `actions`; with none, the first numeric input is a rating and the others are given.
struct study {
  const char* name;
  std::vector<range> parameters;
  int actions;
  payoff_kind kind;
  std::vector<double> first, second;
  int inputs;
  int first_response;
};

class data_set {
 public:
  explicit data_set(const study& s)
      : study_(s), random_(20240607U), code_(rows, 1), number_(static_cast<std::size_t>(s.inputs)) {
    for (std::vector<double>& x : number_)
      for (int i = 0; i < rows; ++i) x.push_back(std::floor(20.0 * uniform()));
    // A choice between a gamble and a certain amount.
    if (s.actions == 0)
      for (double& x : number_[4]) x = uniform() < 0.5 ? 1.0 : 0.0;
    for (int u = 0; u < units; ++u) {
      first_.push_back(u * trials);
      length_.push_back(trials);
      for (int t = 0; t < trials; ++t) block_start_.push_back(t % 100 == 0 ? 1 : 0);
      for (const range& r : s.parameters)
        parameters_.push_back(r.low + (r.high - r.low) * uniform());
    }
  }

  bound_program program() const {
    std::vector<int> base;
    for (int k = 0; k < study_.inputs; ++k) base.push_back(k);
    base.push_back(-1);  // every action is on offer
    const int n = std::max(2, study_.actions);
    return {{n}, {}, base, std::min(128, static_cast<int>(300.0 / std::log10(64.0 * n)))};
  }
  packed_data packed() const {
    source_columns c;
    c.codes.push_back(code_.data());
    for (const std::vector<double>& x : number_) c.numbers.push_back(x.data());
    c.block_start = block_start_.data();
    c.first = first_.data();
    c.length = length_.data();
    c.units = units;
    return packed_data(c, 1, 1);
  }
  const double* parameters(int unit) const {
    return parameters_.data() + static_cast<std::size_t>(unit) * study_.parameters.size();
  }

  // Responses drawn by the model, with what they were paid.
  void simulate(const kernel_table& kernels) {
    const packed_data data = packed();
    const bound_program bound = program();
    std::vector<std::int32_t> drawn(rows);
    std::vector<double> number(rows), outcome(rows);
    std::int32_t* const drawn_to = drawn.data();
    double* const number_to = number.data();
    const std::vector<double* const*> unwanted(16, nullptr);
    const std::vector<std::ptrdiff_t> step(16, 1);
    aligned_buffer buffer;
    trace_call call = {};
    call.bound = bound.view();
    call.workspace = buffer.get(static_cast<std::size_t>(kernels.workspace(bound.extents.data())));
    call.draw = true;
    call.seed = 7;
    call.first_response = study_.first_response;
    call.items = unwanted.data();
    call.item_step = step.data();
    call.step = 1;
    if (study_.actions > 0) {
      call.drawn = &drawn_to;
      call.world = {study_.kind,
                    study_.first.data(),
                    study_.second.data(),
                    0,
                    1,
                    0,
                    study_.actions,
                    0,
                    -1,
                    nullptr,
                    outcome.data(),
                    nullptr};
    } else {
      call.drawn_number = &number_to;
    }
    for (int u = 0; u < units; ++u) {
      const std::uint32_t subject = static_cast<std::uint32_t>(u);
      const std::ptrdiff_t offset = u * trials;
      call.block = data.block(u);
      call.parameters = parameters(u);
      call.subject = &subject;
      call.offset = &offset;
      call.length = &trials;
      kernels.record(call);
    }
    if (study_.actions > 0) code_ = drawn;
    number_[0] = study_.actions > 0 ? outcome : number;
  }

 private:
  double uniform() { return static_cast<double>(random_()) / 4294967296.0; }

  const study& study_;
  std::mt19937 random_;
  std::vector<std::int32_t> code_;
  std::vector<std::vector<double>> number_;
  std::vector<int> block_start_, first_, length_;
  std::vector<double> parameters_;
};

struct scores {
  std::vector<double> value, gradient;
};

scores score(const kernel_table& kernels, const data_set& from, int unit) {
  const packed_data data = from.packed();
  const bound_program bound = from.program();
  const cpu_likelihood likelihood(kernels, data, bound, false);
  scores r = {std::vector<double>(2),
              std::vector<double>(static_cast<std::size_t>(likelihood.directions()))};
  likelihood.evaluate(unit, order::value, nullptr, from.parameters(unit), &r.value[0], nullptr,
                      nullptr);
  likelihood.evaluate(unit, order::gradient, nullptr, from.parameters(unit), &r.value[1],
                      r.gradient.data(), nullptr);
  return r;
}

double norm(const std::vector<double>& x) {
  double sum = 0.0;
  for (double value : x) sum += value * value;
  return std::sqrt(sum);
}

void compare(const study& s, const kernel_table& twice, compared model, double value_bound,
             double gradient_bound) {
  data_set data(s);
  data.simulate(twice);
  const kernel_table once = single_precision(model);
  double value_error = 0.0, gradient_error = 0.0;
  for (int u = 0; u < units; ++u) {
    const scores a = score(once, data, u), b = score(twice, data, u);
    check::that(std::isfinite(b.value[0]) && b.value[0] == b.value[1], s.name);
    for (std::size_t i = 0; i < 2; ++i)
      value_error = std::max(value_error, std::fabs(a.value[i] / b.value[i] - 1.0));
    std::vector<double> difference;
    for (std::size_t k = 0; k < b.gradient.size(); ++k)
      difference.push_back(a.gradient[k] - b.gradient[k]);
    gradient_error = std::max(gradient_error, norm(difference) / norm(b.gradient));
  }
  std::printf("%s: largest relative error of the value %.1e, of the gradient %.1e\n", s.name,
              value_error, gradient_error);
  check::that(value_error > 0.0 && value_error < value_bound, s.name);
  check::that(gradient_error > 0.0 && gradient_error < gradient_bound, s.name);
}

}  // namespace

int main() {
  const std::vector<double> rewarded = {0.2, 0.4, 0.6, 0.8}, means = {40.0, 45.0, 55.0, 60.0},
                            sds = {4.0, 4.0, 4.0, 4.0};
  compare({"rw_asymmetric",
           {{0.05, 0.9}, {0.05, 0.9}, {1.0, 8.0}, {0.5, 0.5}},
           4,
           payoff_kind::bernoulli,
           rewarded,
           {},
           1,
           1},
          *kernels<model_rw_asymmetric>::table(), compared::rw_asymmetric, 1e-5, 1e-4);
  compare(
      {"kalman",
       {{0.05, 0.4}, {45.0, 55.0}, {2.0, 6.0}, {1.0, 3.0}, {0.9, 0.99}, {45.0, 55.0}, {4.0, 4.0}},
       4,
       payoff_kind::normal,
       means,
       sds,
       1,
       2},
      *kernels<model_kalman>::table(), compared::kalman, 1e-5, 1e-3);
  compare({"rw_lapse",
           {{0.05, 0.9}, {1.0, 8.0}, {0.02, 0.3}, {0.5, 0.5}},
           3,
           payoff_kind::bernoulli,
           rewarded,
           {},
           1,
           1},
          *kernels<model_rw_lapse>::table(), compared::rw_lapse, 1e-5, 1e-4);
  compare({"rdt_happiness",
           {{4.0, 6.0}, {0.05, 0.3}, {0.05, 0.3}, {0.05, 0.3}, {0.3, 0.8}, {0.8, 1.5}},
           0,
           payoff_kind::none,
           {},
           {},
           6,
           3},
          *kernels<model_rdt_happiness>::table(), compared::rdt_happiness, 1e-5, 1e-4);
  return check::report();
}
