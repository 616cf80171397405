// Tests of fits in the form of a device against those in the ordinary form, without R:
//   g++ -std=gnu++17 -O2 -Wall -Wextra -pedantic -I inst/include -I src/models
//   tools/cpp/test-device-fit.cpp tools/cpp/test-device-fit.with.cpp
// Likelihoods and posteriors, whole fits and divided searches, and the memory that they take.

#include <rw_asymmetric.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/backend/cpu.hpp"
#include "rescorla/inference/fit_job.hpp"
#include "test-device-fit.hpp"

namespace {

using namespace rescorla;
namespace fits = rescorla::inference;

constexpr int actions = 2, size = 3, starts = 7, units = 16;

typedef model_rw_asymmetric model;

/// Its kernels for one lane, but for those that no fit calls and that take long to compile.
struct one_lane_kernels {
  template <directions D>
  static void score(const likelihood_call& call) {
    log_likelihood<model, 1, D>(call);
  }
  static std::ptrdiff_t workspace(const int* extents) {
    frame<1, model::every> f;
    f.bound.extents = extents;
    f.used = 0;
    model::layout(f);
    return f.used;
  }
};

const kernel_table table = {kernel_interface,
                            1,
                            model::parameters,
                            model::estimated,
                            model::every,
                            &one_lane_kernels::score<0>,
                            &one_lane_kernels::score<model::estimated>,
                            nullptr,
                            nullptr,
                            &one_lane_kernels::workspace};

/// Subjects of unequal length, one of them perfectly consistent, one without a trial.
struct subjects {
  std::vector<std::int32_t> codes;
  std::vector<double> numbers;
  std::vector<int> block_start, first, length;

  subjects() {
    for (int u = 0; u < units; ++u) {
      const double rate = 0.1 + 0.8 * std::fmod(u * 0.618, 1.0);
      const double beta = u == 5 ? 1e4 : 1.0 + 6.0 * std::fmod(u * 0.414, 1.0);
      const int trials = u == 9 ? 0 : u % 7 == 3 ? 8 : 60 + u;
      const mock::session s =
          mock::simulate(rate, 0.5 * rate, beta, trials, static_cast<unsigned>(u) + 1);
      first.push_back(static_cast<int>(codes.size()));
      length.push_back(trials);
      for (int t = 0; t < trials; ++t) {
        const std::size_t at = static_cast<std::size_t>(t);
        const bool missed = u == 2 && t % 9 == 4;
        codes.push_back(missed ? 0 : s.choice[at] + 1);
        numbers.push_back(s.outcome[at]);
        block_start.push_back(t == 0 || t == 40);
      }
    }
  }

  source_columns columns() const {
    source_columns c;
    c.codes.push_back(codes.data());
    c.numbers.push_back(numbers.data());
    c.block_start = block_start.data();
    c.first = first.data();
    c.length = length.data();
    c.units = units;
    return c;
  }
};

struct scenario {
  const char* name;
  bool posterior;
  bool by_unit;  // bounds, or priors, of each unit
  int candidates;
};

std::vector<double> points(int candidates) {
  std::mt19937_64 random(7);
  std::vector<double> x;
  for (int i = 0; i < units * starts * candidates; ++i)
    for (int j = 0; j < size; ++j) {
      const double u = static_cast<double>(random() >> 11) / 9007199254740992.0;
      x.push_back(j < size - 1 ? 1.0 / (1.0 + std::exp(5.0 - 8.0 * u))
                               : 0.3 * std::exp(u * std::log(250.0)));
    }
  return x;
}

fits::problem problem_of(const scenario& s, const std::vector<double>& start_values) {
  const double infinity = std::numeric_limits<double>::infinity();
  fits::problem what;
  what.free = {0, 1, 2};
  what.fixed = {0.0, 0.0, 1.0, 0.5};
  what.lower = what.search_lower = {0.0, 0.0, 0.0};
  what.upper = {1.0, 1.0, infinity};
  what.search_upper = {1.0, 1.0, 100.0};
  what.posterior = s.posterior;
  if (s.posterior) {
    what.search_lower = {1e-6, 1e-6, 1e-4};
    what.search_upper = {1.0 - 1e-6, 1.0 - 1e-6, 100.0};
    what.links = {fits::link::probit, fits::link::cubic, fits::link::log};
    for (int u = 0; u < (s.by_unit ? units : 1); ++u) {
      what.priors.push_back({fits::prior_kind::beta, 1.1, 1.1 + 0.1 * u});
      what.priors.push_back({fits::prior_kind::normal, 0.0, 1.0});
      what.priors.push_back({fits::prior_kind::gamma, 1.2, 0.2});
    }
  } else if (s.by_unit) {
    what.search_upper.clear();
    for (int u = 0; u < units; ++u)
      for (double upper : {1.0, 0.9, 30.0 + u}) what.search_upper.push_back(upper);
  }
  what.starts = starts;
  what.candidates = s.candidates;
  what.start_values = start_values.data();
  return what;
}

/// A problem with what a host and a device hold for it.
class bench {
 public:
  explicit bench(const scenario& s)
      : data_(from_.columns(), 1, 1),
        bound_{{actions}, {}, {0, -1}, 7},
        likelihood_(table, data_, bound_, false),
        points_(points(s.candidates)),
        what_(problem_of(s, points_)) {
    check::that(what_.prepare(likelihood_) == fits::problem_error::none, "prepare");
    for (int g = 0; g < data_.groups(); ++g) {
      blocks_.push_back(data_.block(g));
      unit_.push_back(data_.unit(g, 0));
    }
  }

  fits::results ordinary() const {
    fits::results out = empty();
    fits::optimiser<> mine(likelihood_, what_);
    for (int g = 0; g < likelihood_.groups(); ++g) mine.run(g, fits::options(), out);
    return out;
  }

  /// Fits of groups `first` and later by the device. `shares`: of the starts, 0 for whole fits.
  fits::results by_device(int shares, int first = 0, std::size_t lacking = 0) {
    fits::results out = empty();
    const fits::fit_extent extent = {size, starts, likelihood_.parameters(),
                                     likelihood_.directions()};
    const int groups = likelihood_.groups() - first, searches = groups * shares;
    fits::fit_job job = {};
    job.what = what_.view();
    job.out = out.view();
    job.how = fits::options();
    job.first = first;
    job.shares = std::max(shares, 1);
    std::vector<double> books(static_cast<std::size_t>(searches) * job.book_length());
    job.books = books.data();
    if (shares > 0) {
      job.step = fits::fit_step::search;
      launch(searches, job, fits::search_memory(extent, shares));
      job.step = fits::fit_step::finish;
    }
    launch(groups, job, fits::fit_memory(extent) - lacking);
    return out;
  }

  int unit(int group) const { return data_.unit(group, 0); }

 private:
  fits::results empty() const {
    fits::results out;
    out.resize(units, size, what_.posterior);
    return out;
  }

  void launch(int threads, fits::fit_job job, std::size_t bytes) {
    const std::size_t count = static_cast<std::size_t>(threads);
    // Each array ends where its memory does: a sanitizer sees what goes beyond.
    std::vector<double> memory(count * bytes / sizeof(double));
    const std::size_t each = static_cast<std::size_t>(table.workspace(bound_.extents.data()));
    std::vector<double> workspace(count * each);
    job.memory = reinterpret_cast<unsigned char*>(memory.data());
    job.thread_memory = bytes;
    one_lane::data data;
    data.blocks = blocks_.data();
    data.unit = unit_.data();
    data.bound = bound_.view();
    data.workspace = workspace.data();
    data.workspace_size = static_cast<std::ptrdiff_t>(each);
    device::launch(threads, &job, sizeof job, data);
  }

  subjects from_;
  packed_data data_;
  bound_program bound_;
  cpu_likelihood likelihood_;
  std::vector<double> points_;
  fits::problem what_;
  std::vector<packed_block> blocks_;
  std::vector<int> unit_;
};

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && (a[i] == a[i] || b[i] == b[i])) return false;
  return true;
}

/// Every number alike, bit for bit.
void identical(const fits::results& a, const fits::results& b, const std::string& what) {
  check::that(same(a.estimate, b.estimate), (what + ": estimates").c_str());
  check::that(same(a.log_likelihood, b.log_likelihood), (what + ": likelihoods").c_str());
  check::that(same(a.log_posterior, b.log_posterior) && same(a.log_evidence, b.log_evidence),
              (what + ": posteriors").c_str());
  check::that(same(a.gradient, b.gradient) && same(a.hessian, b.hessian) &&
                  same(a.hessian_real, b.hessian_real) &&
                  same(a.scaled_gradient, b.scaled_gradient),
              (what + ": derivatives").c_str());
  check::that(a.at_bound == b.at_bound && a.flat == b.flat && a.status == b.status,
              (what + ": what is said of them").c_str());
  check::that(a.iterations == b.iterations && a.evaluations == b.evaluations &&
                  a.starts_agree == b.starts_agree && a.starts_failed == b.starts_failed,
              (what + ": counts").c_str());
}

/// The same maximum, reached on a way of its own.
void alike(const fits::results& a, const fits::results& b, const std::string& what) {
  for (std::size_t u = 0; u < units; ++u) {
    check::near(a.log_likelihood[u], b.log_likelihood[u], 1e-7, (what + ": likelihood").c_str());
    check::that(a.status[u] == b.status[u], (what + ": status").c_str());
    check::that(a.evaluations[u] > 0 && a.starts_failed[u] == b.starts_failed[u],
                (what + ": counts").c_str());
    // Where the data leave a parameter open, one place is as good as another.
    bool settled = true;
    for (std::size_t j = size * u; j < size * (u + 1); ++j)
      settled = settled && a.flat[j] == 0 && b.flat[j] == 0;
    for (std::size_t j = size * u; settled && j < size * (u + 1); ++j) {
      check::that(a.at_bound[j] == b.at_bound[j], (what + ": bounds").c_str());
      check::near(a.estimate[j], b.estimate[j], 1e-5, (what + ": estimate").c_str());
    }
  }
}

void compare(const scenario& s) {
  const std::string name = s.name;
  bench here(s);
  const fits::results ordinary = here.ordinary(), device = here.by_device(0);
  // Where the two are compiled to the same instructions, they give the same numbers.
#if defined(__x86_64__) && RESCORLA_LEVEL == 0
  identical(device, ordinary, name);
#endif
  alike(device, ordinary, name);
  identical(here.by_device(1), device, name + ", one share");
  for (int shares : {2, 3, starts, starts + 2})
    alike(here.by_device(shares), ordinary, name + ", " + std::to_string(shares) + " shares");
}

/// A job may begin with any group; the others' results are left as they are.
void some_groups() {
  bench here({"", false, false, 1});
  const int first = 4;
  for (int shares : {0, 3}) {
    const fits::results all = here.by_device(shares), some = here.by_device(shares, first);
    for (int g = 0; g < units; ++g) {
      const std::size_t u = static_cast<std::size_t>(here.unit(g));
      check::that(g < first ? some.status[u] == static_cast<int>(fits::outcome::not_run)
                            : some.log_likelihood[u] == all.log_likelihood[u],
                  "groups from the first on");
    }
  }
}

void memory() {
  for (int size_of : {1, 3, 8})
    for (int start_count : {1, 7, 20}) {
      const fits::fit_extent extent = {size_of, start_count, size_of + 2, size_of + 1};
      const std::size_t whole = device::fit_memory(size_of, start_count, size_of + 2, size_of + 1);
      const std::size_t host = fits::fit_memory(extent);
      check::that(whole <= host && host < whole + 256, "the host knows a fit's memory");
      for (int shares : {1, 4}) {
        const std::size_t part =
            device::search_memory(size_of, start_count, size_of + 2, size_of + 1, shares);
        const std::size_t known = fits::search_memory(extent, shares);
        check::that(part <= known && known < part + 256 && part < whole,
                    "the host knows a search's memory");
      }
    }
  bench here({"", false, false, 1});
  for (int shares : {0, 2}) {
    const fits::results out = here.by_device(shares, 0, 512);
    for (int status : out.status)
      check::that(status == static_cast<int>(fits::outcome::not_run), "too little memory");
  }
}

}  // namespace

int main() {
  compare({"likelihood", false, false, 1});
  compare({"likelihood by unit", false, true, 3});
  compare({"posterior", true, false, 3});
  compare({"posterior by unit", true, true, 1});
  some_groups();
  memory();
  return check::report();
}

#include "rescorla/core/end.hpp"
