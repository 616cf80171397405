// Fits on a device against those of the processor's optimiser.

#include "gpu.hpp"

#include "gpu-fits.hpp"
#include "rescorla/inference/device_fits.hpp"
#include "rescorla/inference/optimise.hpp"

namespace gpu {
namespace {

using namespace rescorla;
namespace fits = rescorla::inference;

constexpr int few_starts = 5, candidates = 2;

struct prepared {
  explicit prepared(int starts = few_starts) : points(start_points(starts * candidates)) {}
  data_set data;
  bound_program bound{{2}, {}, {0, -1}, flush_interval(2)};
  const kernel_table& table = *cpu_table("rw_asymmetric");
  std::vector<double> points;
};

fits::results empty(int units, bool posterior) {
  fits::results out;
  out.resize(units, 3, posterior);
  return out;
}

// The units of a data set, most of them agents, others of whatever fits badly.
data_set some_data(int units) {
  data_set d = agents(units, 2, 80);
  for (int u = 0; u < units; ++u) {
    const std::size_t row = static_cast<std::size_t>(d.first[static_cast<std::size_t>(u)]);
    if (u % 7 == 3) d.length[static_cast<std::size_t>(u)] = 8 + u % 20;
    if (u == 9) d.length[static_cast<std::size_t>(u)] = 0;
    // One who always does the same, and one who misses trials.
    for (std::size_t t = 0; u == 5 && t < 80; ++t) d.codes[0][row + t] = 1;
    for (std::size_t t = 4; u == 2 && t < 80; t += 9) d.codes[0][row + t] = 0;
  }
  return d;
}

void check(const std::string& name, int units, bool posterior, int shares, std::size_t budget,
           int starts = few_starts) {
  prepared here(starts);
  here.data = some_data(units);
  const packed_data packed(here.data.columns(), here.table.lanes, 1);
  const cpu_likelihood cpu(here.table, packed, here.bound, false);
  fits::problem what = problem_of(posterior, starts, candidates, here.points);
  fits::results own = empty(units, posterior), there = own;
  if (what.prepare(cpu) != fits::problem_error::none) {
    verdict(name, false, "the problem is not well posed");
    return;
  }
  fits::optimiser<> optimiser(cpu, what);
  for (int g = 0; g < cpu.groups(); ++g) optimiser.run(g, fits::options(), own);

  device_store store(*the_machine().device, packed, budget, in_parallel);
  const device_model model = model_of(the_machine().module("fit"), here.table, here.bound, true);
  fits::device_fits device(model, store, here.bound, what);
  const bool complete = device.run(fits::options(), shares, there);

  double most = 0.0, likeliest = 0.0;
  int statuses = 0, converged = 0;
  for (std::size_t u = 0; u < static_cast<std::size_t>(units); ++u) {
    const double a = there.log_likelihood[u], b = own.log_likelihood[u];
    const double apart = std::isnan(a) && std::isnan(b) ? 0.0 : std::fabs(a - b);
    if (!(apart <= most)) most = apart;
    if (posterior) {
      const double p = std::fabs(there.log_posterior[u] - own.log_posterior[u]);
      if (!(p <= likeliest)) likeliest = p;
    }
    statuses += there.status[u] != own.status[u];
    converged += own.status[u] == static_cast<int>(fits::outcome::converged);
  }
  verdict("fits, " + name + ": log-likelihood", complete && most <= 1e-6,
          "largest difference " + number(most) + ", allowed 1e-06");
  if (posterior)
    verdict("fits, " + name + ": log posterior", likeliest <= 1e-6,
            "largest difference " + number(likeliest) + ", allowed 1e-06");
  verdict("fits, " + name + ": what is said of them", statuses == 0 && converged > units / 2,
          std::to_string(statuses) + " of " + std::to_string(units) + " statuses differ, " +
              std::to_string(converged) + " converged");
}

// An interrupted fit leaves units unfitted and says so.
void check_interrupted() {
  prepared here;
  here.data = some_data(20);
  const packed_data packed(here.data.columns(), here.table.lanes, 1);
  const cpu_likelihood cpu(here.table, packed, here.bound, false);
  fits::problem what = problem_of(false, few_starts, candidates, here.points);
  what.prepare(cpu);
  device_store store(*the_machine().device, packed, std::size_t{1} << 30, in_parallel);
  const device_model model = model_of(the_machine().module("fit"), here.table, here.bound, true);
  std::atomic<bool> stop(true);
  fits::options how;
  how.stop = &stop;
  fits::results out = empty(20, false);
  const bool complete = fits::device_fits(model, store, here.bound, what).run(how, 1, out);
  bool marked = !complete;
  for (int status : out.status)
    marked = marked && status == static_cast<int>(fits::outcome::interrupted);
  verdict("fits, stopped", marked, "units not fitted are marked so");
}

// The most bytes that were asked for at a time.
std::size_t& most_asked() {
  static std::size_t bytes = 0;
  return bytes;
}
device_status allocate_and_see(void** memory, std::size_t bytes) {
  most_asked() = std::max(most_asked(), bytes);
  return the_machine().device->allocate(memory, bytes);
}

// Many units with many starts get their memory in turns. Stopped, so that none is fitted.
void check_room() {
  constexpr int units = 150000, starts = 400;
  prepared here(starts);
  here.data = agents(units, 2, 1);
  const packed_data packed(here.data.columns(), here.table.lanes, 1);
  const cpu_likelihood cpu(here.table, packed, here.bound, false);
  fits::problem what = problem_of(false, starts, candidates, here.points);
  what.prepare(cpu);
  device_interface watched = *the_machine().device;
  watched.allocate = &allocate_and_see;
  device_store store(watched, packed, std::size_t{1} << 30, in_parallel);
  const device_model model = model_of(the_machine().module("fit"), here.table, here.bound, true);
  std::atomic<bool> stop(true);
  fits::options how;
  how.stop = &stop;
  for (int shares : {1, starts}) {
    fits::results out = empty(units, false);
    fits::device_fits(model, store, here.bound, what).run(how, shares, out);
  }
  verdict("fits, memory for many units and starts", most_asked() <= std::size_t{1} << 30,
          "at most " + number(static_cast<double>(most_asked()) / 1048576.0) + " MiB at a time");
}

}  // namespace

void check_fits() {
  const std::size_t ample = std::size_t{1} << 30;
  const int few = fits::device_fits::shares_of(60, few_starts);
  check("300 units, whole", 300, false, 1, ample);
  check("60 units, starts among " + std::to_string(few) + " threads", 60, false, few, ample);
  check("60 units, starts among 2 threads, data in parts", 60, false, 2, 2000);
  // More than a thread has memory of its own for.
  check("40 units, 100 starts, whole", 40, false, 1, ample, 100);
  check("10 units, 400 starts among 7 threads", 10, false, 7, ample, 400);
  check("maximum a posteriori, 300 units, whole", 300, true, 1, ample);
  check("maximum a posteriori, 60 units, starts among 3 threads", 60, true, 3, ample);
  check_interrupted();
  check_room();
}

}  // namespace gpu
