// Tests of the inference layer, without R:
//   g++ -std=gnu++17 -O2 -Wall -Wextra -pedantic -I inst/include tools/cpp/test-optimise.cpp
//   -pthread
// Fits of functions whose maxima are known, or found by brute force, and their profiles.

#include <atomic>
#include <limits>
#include <thread>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/optimise.hpp"
#include "test-fits.hpp"
#include "test-posterior.hpp"
#include "test-profile.hpp"
#include "test-scales.hpp"

namespace {

using namespace rescorla::inference;

/// Identical results whatever the threads, the neighbours and the lanes.
void layouts() {
  const int units = 37;
  const std::vector<mock::session> data = test_fits::sessions(units, 60);
  const auto rw = [&data](int unit, const double* x, mock::evaluation& out) {
    mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 2, x, out);
  };
  const std::vector<double> starts = test_fits::rw_starts(units, 2, 6);
  const auto fit = [&](int lanes, int replicates, int threads) {
    const mock::likelihood target(units, 2, lanes, replicates, rw);
    problem what = test_fits::rw_problem(2, 6, starts);
    check::that(what.prepare(target) == problem_error::none, "prepare");
    results out;
    out.resize(units, 2, false);
    std::atomic<int> next{0};
    const auto work = [&] {
      optimiser<> mine(target, what);
      for (int group = next++; group < target.groups(); group = next++) {
        mine.run(group, options{}, out);
      }
    };
    std::vector<std::thread> pool;
    for (int t = 1; t < threads; ++t) pool.emplace_back(work);
    work();
    for (std::thread& t : pool) t.join();
    return out;
  };
  const results one = fit(8, 1, 1), two = fit(8, 1, 2), narrow = fit(1, 1, 1), wide = fit(5, 1, 1);
  check::that(one.estimate == two.estimate && one.hessian == two.hessian, "two threads");
  check::that(one.estimate == narrow.estimate && one.hessian == narrow.hessian, "one lane");
  check::that(one.estimate == wide.estimate && one.log_likelihood == wide.log_likelihood,
              "five lanes");
  for (int replicates : {2, 3, 8}) {
    const results shared = fit(8, replicates, 1);
    for (int unit = 0; unit < units; ++unit) {
      check::near(shared.log_likelihood[static_cast<std::size_t>(unit)],
                  one.log_likelihood[static_cast<std::size_t>(unit)], 1e-9, "replicate lanes");
    }
  }
}

void interruption() {
  const int units = 9;
  const std::vector<mock::session> data = test_fits::sessions(units, 40);
  const std::vector<double> starts = test_fits::rw_starts(units, 2, 3);
  std::atomic<bool> stop{false};
  std::atomic<long long> finished{0};
  std::atomic<int> calls{0};
  const mock::likelihood target(
      units, 2, 4, 1, [&](int unit, const double* x, mock::evaluation& out) {
        if (++calls > 150) stop = true;
        mock::rescorla_wagner(data[static_cast<std::size_t>(unit)], 2, x, out);
      });
  problem what = test_fits::rw_problem(2, 3, starts);
  what.prepare(target);
  options how;
  how.stop = &stop;
  how.finished = &finished;
  results out;
  out.resize(units, 2, false);
  optimiser<> mine(target, what);
  bool complete = true;
  for (int group = 0; group < target.groups(); ++group) complete = mine.run(group, how, out);
  check::that(!complete, "interrupted");
  check::that(out.status[8] == static_cast<int>(outcome::interrupted), "marked as interrupted");
  check::that(finished < units, "not all counted");
  stop = false;
  calls = -1000000;
  finished = 0;
  for (int group = 0; group < target.groups(); ++group) mine.run(group, how, out);
  check::that(finished == units, "all counted");
}

void errors() {
  const mock::likelihood target(2, 2, 4, 1, [](int, const double*, mock::evaluation&) {});
  const std::vector<double> starts(4, 0.5);
  const problem good = test_fits::rw_problem(2, 1, starts);
  problem bad = good;
  check::that(bad.prepare(target) == problem_error::none, "sound");
  bad = good;
  bad.free = {0, 0};
  check::that(bad.prepare(target) == problem_error::free, "duplicate direction");
  bad = good;
  bad.fixed = {1.0};
  check::that(bad.prepare(target) == problem_error::sizes, "wrong length");
  bad = good;
  bad.search_upper[1] = std::numeric_limits<double>::infinity();
  check::that(bad.prepare(target) == problem_error::bounds, "infinite search");
  bad = good;
  bad.search_upper[0] = 1.5;
  check::that(bad.prepare(target) == problem_error::bounds, "search beyond the bound");
  bad = good;
  bad.posterior = true;
  bad.links = {link::logit, link::logit};
  bad.priors.resize(2);
  check::that(bad.prepare(target) == problem_error::link, "logit without an upper bound");
  bad.links[1] = link::log;
  bad.priors[0] = {prior_kind::beta, -1.0, 1.0};
  check::that(bad.prepare(target) == problem_error::prior, "negative shape");
  bad = good;
  bad.starts = 0;
  check::that(bad.prepare(target) == problem_error::starts, "no starts");
}

}  // namespace

int main() {
  test_scales::run();
  test_fits::run();
  test_posterior::run();
  test_profile::run();
  layouts();
  interruption();
  errors();
  return check::report();
}

#include "rescorla/core/end.hpp"
