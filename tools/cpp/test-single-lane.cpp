// Tests of the core at a width of one lane, as a thread of the GPU runs it, without R:
//   g++ -std=gnu++17 -O1 -Wall -Wextra -pedantic -DRESCORLA_LEVEL=1 -I inst/include -I src/models
//   tools/cpp/test-single-lane.cpp
// The same subjects packed one by one and in the lanes of the instruction set: likelihoods,
// derivatives, information, latents and simulated responses agree.

#include <rw.hpp>
// Under a sanitizer each of these takes minutes to compile.
#if !defined(__SANITIZE_ADDRESS__)
#include <kalman.hpp>
#include <rw_confirmation.hpp>
#include <rw_lapse.hpp>
#endif

#include <cstdio>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "rescorla/backend/cpu.hpp"

namespace {

using namespace rescorla;

const double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double tolerance = 1e-12;

struct shape {
  int actions;
  bool foregone;     // the program reads what the other actions paid
  bool restricted;   // not every action is on offer on every trial
};

// Subjects of unequal length with missing responses and outcomes, forced choices and blocks.
class session {
 public:
  explicit session(const shape& s) : shape_(s), random_(static_cast<unsigned>(s.actions)) {
    const int columns = 1 + (s.foregone ? s.actions : 0) + (s.restricted ? s.actions : 0);
    numbers_.resize(static_cast<std::size_t>(columns));
    for (int u = 0; u < 13; ++u) {
      first_.push_back(static_cast<int>(codes_.size()));
      length_.push_back(u % 4 == 0 ? 40 : 1 + static_cast<int>(uniform() * 40));
      for (int t = 0; t < length_.back(); ++t) add_trial(t == 0);
    }
  }

  source_columns columns() const {
    source_columns c;
    c.codes.push_back(codes_.data());
    for (const std::vector<double>& x : numbers_) c.numbers.push_back(x.data());
    c.block_start = block_start_.data();
    c.first = first_.data();
    c.length = length_.data();
    c.units = static_cast<int>(first_.size());
    return c;
  }
  bound_program program() const {
    const int offered = 1 + (shape_.foregone ? shape_.actions : 0);
    const int available = shape_.restricted ? offered : -1;
    std::vector<int> base = {0, available};
    if (shape_.foregone) base = {0, 1, available};
    return {{shape_.actions}, {}, base, 7};
  }
  const shape& form() const { return shape_; }
  std::size_t rows() const { return codes_.size(); }

 private:
  double uniform() { return static_cast<double>(random_()) / 4294967296.0; }

  void add_trial(bool first) {
    const int chosen = 1 + static_cast<int>(uniform() * shape_.actions);
    const double kind = uniform();
    codes_.push_back(kind < 0.1 ? 0 : kind < 0.2 ? -chosen : chosen);
    block_start_.push_back(first || uniform() < 0.05 ? 1 : 0);
    std::size_t k = 0;
    numbers_[k++].push_back(uniform() < 0.1 ? nan : 6.0 * uniform() - 3.0);
    if (shape_.foregone)
      for (int a = 0; a < shape_.actions; ++a)
        numbers_[k++].push_back(uniform() < 0.1 ? nan : 6.0 * uniform() - 3.0);
    if (shape_.restricted)
      for (int a = 1; a <= shape_.actions; ++a)
        numbers_[k++].push_back(a == chosen || uniform() < 0.7 ? 1.0 : 0.0);
  }

  shape shape_;
  std::mt19937 random_;
  std::vector<std::int32_t> codes_;
  std::vector<std::vector<double>> numbers_;
  std::vector<int> block_start_, first_, length_;
};

// Any value of a parameter between 0 and 1 is one that every model here allows.
double parameter(int unit, int p) { return 0.15 + 0.05 * ((3 * unit + 5 * p) % 14); }

std::vector<double> parameters_of(const packed_data& data, int group, int parameters) {
  std::vector<double> out;
  for (int p = 0; p < parameters; ++p)
    for (int l = 0; l < data.lanes(); ++l) {
      const int u = data.unit(group, l);
      out.push_back(parameter(u < 0 ? 0 : u, p));
    }
  return out;
}

// Everything the likelihood gives, by unit.
std::vector<double> scores(const kernel_table& kernels, const session& s, order what, bool every) {
  const packed_data data(s.columns(), kernels.lanes, 1);
  const bound_program program = s.program();
  const cpu_likelihood likelihood(kernels, data, program, every);
  const std::size_t lanes = static_cast<std::size_t>(kernels.lanes);
  const std::size_t k = static_cast<std::size_t>(likelihood.directions());
  const std::size_t pairs = k * (k + 1) / 2, each = 1 + k + pairs;
  std::vector<double> all(static_cast<std::size_t>(data.units()) * each, 0.0);
  for (int g = 0; g < data.groups(); ++g) {
    std::vector<double> value(lanes), gradient(k * lanes), information(pairs * lanes);
    likelihood.evaluate(g, what, nullptr, parameters_of(data, g, kernels.parameters).data(), value.data(),
                        gradient.data(), information.data());
    for (int l = 0; l < data.lanes(); ++l) {
      if (data.unit(g, l) < 0) continue;
      const std::size_t at = static_cast<std::size_t>(l);
      double* out = all.data() + static_cast<std::size_t>(data.unit(g, l)) * each;
      *out++ = value[at];
      for (std::size_t i = 0; i < k; ++i) *out++ = gradient[i * lanes + at];
      for (std::size_t i = 0; i < pairs; ++i) *out++ = information[i * lanes + at];
    }
  }
  return all;
}

constexpr std::size_t most_items = 5;

// What a recorded run leaves behind: items by cell, log-likelihoods, responses, outcomes.
struct record {
  std::vector<std::vector<double>> numbers;
  std::vector<std::int32_t> drawn;
};

record traces(const kernel_table& kernels, const session& s, int first_response, bool draw) {
  const packed_data data(s.columns(), kernels.lanes, 1);
  const bound_program program = s.program();
  const std::size_t actions = static_cast<std::size_t>(s.form().actions);
  record r;
  r.numbers.assign(most_items * actions + 2, std::vector<double>(s.rows(), 0.0));
  r.drawn.assign(s.rows(), 0);
  std::vector<double*> cell;
  for (std::vector<double>& x : r.numbers) cell.push_back(x.data());
  std::vector<double* const*> items;
  for (std::size_t i = 0; i < most_items; ++i) items.push_back(cell.data() + i * actions);
  const std::vector<std::ptrdiff_t> step(most_items, 1);
  std::vector<double> pays;
  for (std::size_t a = 0; a < actions; ++a) pays.push_back(0.2 + 0.06 * static_cast<double>(a));
  aligned_buffer buffer;
  std::int32_t* const drawn = r.drawn.data();
  trace_call call = {};
  call.bound = program.view();
  call.workspace =
      buffer.get(static_cast<std::size_t>(kernels.workspace(program.extents.data())));
  call.draw = draw;
  call.seed = 20240607;
  call.replicate = 3;
  if (draw) {
    call.world = {payoff_kind::normal, pays.data(), pays.data(), 0, 1, 0, s.form().actions,
                  0, s.form().foregone ? 1 : -1, r.numbers.back().data(), nullptr};
    call.drawn = &drawn;
  }
  call.first_response = first_response;
  call.items = items.data();
  call.item_step = step.data();
  call.log_lik = r.numbers[most_items * actions].data();
  call.step = 1;
  call.missing = -99.0;
  for (int g = 0; g < data.groups(); ++g) {
    std::vector<std::uint32_t> subject;
    std::vector<std::ptrdiff_t> offset;
    std::vector<int> length;
    for (int l = 0; l < data.lanes(); ++l) {
      const int u = data.unit(g, l);
      subject.push_back(static_cast<std::uint32_t>(u < 0 ? 0 : u));
      offset.push_back(u < 0 ? 0 : data.first(u));
      length.push_back(u < 0 ? 0 : data.length(u));
    }
    const std::vector<double> parameters = parameters_of(data, g, kernels.parameters);
    call.block = data.block(g);
    call.parameters = parameters.data();
    call.subject = subject.data();
    call.offset = offset.data();
    call.length = length.data();
    kernels.record(call);
  }
  return r;
}

void same(const std::vector<double>& actual, const std::vector<double>& expected,
          const char* what) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] != expected[i])
      check::that(actual[i] != actual[i], what);
    else
      check::near(actual[i], expected[i], tolerance, what);
  }
}

constexpr int levels = 3;

template <class Model, directions D>
[[maybe_unused]] void with_levels(const likelihood_call& call) {
  log_likelihood<Model, 1, D, levels>(call);
}

template <class Model>
void compare(const char* name, bool foregone, int first_response) {
  const kernel_table& one = *kernels<Model, 1>::table();
  const kernel_table& many = *kernels<Model>::table();
  check::that(one.lanes == 1 && many.lanes == RESCORLA_LANES, "the lanes of a table");
  // The number of actions known to the compiler.
  kernel_table known = one;
#if !defined(__SANITIZE_ADDRESS__)
  known.value = &with_levels<Model, 0>;
  known.gradient = &with_levels<Model, Model::estimated>;
#endif
  // Above eight actions a state's cell is loaded rather than blended.
  for (int actions : {2, 3, 8, 10})
    for (bool restricted : {false, true}) {
      char label[96];
      std::snprintf(label, sizeof label, "%s, %d actions%s", name, actions,
                    restricted ? ", not all on offer" : "");
      const session s({actions, foregone, restricted});
      same(scores(one, s, order::value, false), scores(many, s, order::value, false), label);
      if (actions == levels)
        for (order what : {order::value, order::information})
          same(scores(known, s, what, false), scores(many, s, what, false), label);
      for (bool every : {false, true})
        for (order what : {order::gradient, order::information})
          same(scores(one, s, what, every), scores(many, s, what, every), label);
      for (bool draw : {false, true}) {
        const record a = traces(one, s, first_response, draw);
        const record b = traces(many, s, first_response, draw);
        for (std::size_t i = 0; i < b.numbers.size(); ++i) same(a.numbers[i], b.numbers[i], label);
        check::that(a.drawn == b.drawn, label);
      }
    }
}

}  // namespace

int main() {
  compare<model_rw>("rw", false, 1);
#if !defined(__SANITIZE_ADDRESS__)
  compare<model_kalman>("kalman", false, 2);
  compare<model_rw_confirmation>("rw_confirmation", true, 1);
  compare<model_rw_lapse>("rw_lapse", false, 1);
#endif
  return check::report();
}

#include "rescorla/core/end.hpp"
