// The GPU benchmark: times, and what share of the device's measured limits they are.

#include "gpu.hpp"

#include <algorithm>
#include <fstream>

#include "gpu-fits.hpp"
#include "gpu-limits.hpp"
#include "gpu-simulate.hpp"
#include "rescorla/inference/device_fits.hpp"

namespace gpu {
namespace {

using namespace rescorla;
namespace fits = rescorla::inference;

constexpr int repeats = 7;

template <class F>
double median_seconds(F run) {
  run();
  std::vector<double> times;
  for (int i = 0; i < repeats; ++i) {
    const double began = now();
    run();
    times.push_back(now() - began);
  }
  std::sort(times.begin(), times.end());
  return times[repeats / 2];
}

// As src/device.cpp leaves room for the rest.
std::size_t budget() {
  std::size_t free = 0, total = 0;
  check(the_machine().device->memory(&free, &total));
  return free - free / 3;
}

std::string count_of(int subjects) {
  return subjects == 1000000 ? "10^6" : std::to_string(subjects);
}

// Double-precision operations a trial, from the file that gpu-count.awk wrote; 0: not known.
double operations(const std::string& file, const std::string& kernel) {
  std::ifstream from(file);
  std::string name;
  double count = 0.0;
  while (from >> name >> count)
    if (name == kernel) return count;
  return 0.0;
}

template <class T>
void write(const std::string& path, const std::vector<T>& x) {
  std::ofstream to(path, std::ios::binary);
  to.write(reinterpret_cast<const char*>(x.data()),
           static_cast<std::streamsize>(x.size() * sizeof(T)));
}

// For bench/peers/jax_gpu.py: choices from 0 and outcomes, bytes, [trial][subject].
void write_data(const std::string& folder, const data_set& d, int trials,
                const std::vector<double>& parameters) {
  const std::size_t n = static_cast<std::size_t>(d.units), rows = static_cast<std::size_t>(trials);
  std::vector<signed char> choice(n * rows), outcome(n * rows);
  in_parallel(trials, [&](int t) {
    const std::size_t at = static_cast<std::size_t>(t);
    for (std::size_t u = 0; u < n; ++u) {
      choice[at * n + u] = static_cast<signed char>(d.codes[0][u * rows + at] - 1);
      outcome[at * n + u] = static_cast<signed char>(d.numbers[0][u * rows + at]);
    }
  });
  write(folder + "/choice.bin", choice);
  write(folder + "/outcome.bin", outcome);
  write(folder + "/parameters.bin",
        std::vector<double>(parameters.begin(), parameters.begin() + 3 * d.units));
}

// What a kernel's time is of either limit.
std::string shares(const limits& most, double seconds_taken, double subjects, double trials,
                   double operation_count, double bytes) {
  const double cells = subjects * trials;
  const double arithmetic =
      most.multiply_adds > 0.0 ? operation_count * cells / seconds_taken / most.multiply_adds : 0.0;
  const double memory = most.bytes > 0.0 ? bytes / seconds_taken / most.bytes : 0.0;
  std::string text;
  if (arithmetic > 0.0)
    text += number(arithmetic) + " of the arithmetic limit (" + number(operation_count, "%.0f") +
            " double-precision operations a trial)";
  if (memory > 0.0)
    text += (text.empty() ? "" : ", ") + number(memory) + " of the memory limit (" +
            number(bytes / cells) + " bytes a trial)";
  if (arithmetic > 0.0 && memory > 0.0)
    text += arithmetic > memory ? "; arithmetic is nearer" : "; memory is nearer";
  return text.empty() ? "no limit is known" : text;
}

void bench_likelihood(const bench_sizes& sizes, const limits& most, int actions) {
  constexpr int trials = 200, directions = 3;
  const kernel_table& table = *cpu_table("rw_asymmetric");
  const bound_program bound = {{actions}, {}, {0, -1}, flush_interval(actions)};
  device_program program = {};
  if (!the_machine().ahead("rw_asymmetric", actions, &program)) return;
  const device_model model = model_of(program, table, bound, true);
  const std::size_t n = static_cast<std::size_t>(sizes.subjects);
  std::vector<double> parameters(4 * n, 0.5);
  for (std::size_t i = 0; i < 3 * n; ++i)
    parameters[i] = agent_parameter(static_cast<int>(i % n), static_cast<int>(i / n));
  data_set data = agents(sizes.subjects, actions, trials);
  const std::string folder =
      sizes.folder.empty() ? "" : sizes.folder + "/" + std::to_string(actions);
  if (!folder.empty()) write_data(folder, data, trials, parameters);
  const packed_data packed(data.columns(), table.lanes, 1);
  data = data_set();
  const std::string name = "rw_asymmetric, " + count_of(sizes.subjects) + " x 200, " +
                           std::to_string(actions) + " actions: ";

  const double began = now();
  device_store store(*the_machine().device, packed, budget(), in_parallel);
  store.part(0);
  const double loaded = now() - began;
  if (store.parts() != 1) {
    row(name + "all", "not measured", "the device has too little memory for the data");
    return;
  }
  const device_likelihood target(model, store, bound);
  // Lanes are seats: all have the same length, so seat i is unit i.
  std::vector<double> value(n), gradient(directions * n), none;
  const auto call = [&](order what) {
    target.evaluate(0, what, nullptr, parameters.data(), value.data(), gradient.data(),
                    none.data());
  };
  const double first = now();
  call(order::value);
  row(name + "data made ready and copied", seconds(loaded), "once for a data set");
  row(name + "first call", seconds(loaded + now() - first), "with that");
  const double warm_value = median_seconds([&] { call(order::value); });
  const double warm_gradient = median_seconds([&] { call(order::gradient); });
  row(name + "log-likelihood, a call", seconds(warm_value), "parameters up, results down");
  row(name + "with gradient, a call", seconds(warm_gradient), "the same");

  const device_interface& device = store.device();
  const device_binding binding(device, bound);
  device_memory given(device), results(device);
  score_job job = {};
  job.data = store.part(0);
  job.bound = binding.view();
  job.count = job.pairs = sizes.subjects;
  job.parameters = given.put(parameters);
  job.value = results.get<double>((1 + directions) * n);
  job.gradient = job.value + n;
  double kernel[2];
  for (int k = 0; k < 2; ++k) {
    kernel[k] = median_seconds([&] {
      check(device.launch(program.kernel[k], job.pairs, &job, sizeof job));
      check(device.wait());
    });
    const std::string counted = (k == 0 ? "value_" : "gradient_") + std::to_string(actions);
    // Choice and outcome a byte each; a length, the parameters and the results by subject.
    const double bytes = static_cast<double>(n) *
                         (2.0 * trials + 4.0 + 8.0 * 4 + 8.0 + (k == 0 ? 0.0 : 8.0 * directions));
    row(name + (k == 0 ? "log-likelihood, kernel" : "with gradient, kernel"), seconds(kernel[k]),
        shares(most, kernel[k], sizes.subjects, trials, operations(sizes.counts, counted), bytes));
  }
  if (!folder.empty()) {
    std::ofstream to(folder + "/ours.txt");
    to << sizes.subjects << " " << trials << " " << actions << " " << kernel[1] << " "
       << warm_gradient << "\n";
    write(folder + "/value.bin", value);
  }

  // So many subjects and trials are where a number that is too small would show.
  const cpu_likelihood cpu(table, packed, bound, false);
  const std::size_t lanes = static_cast<std::size_t>(cpu.lanes());
  std::vector<double> own(4 * lanes), likelihoods(lanes), slopes(directions * lanes);
  difference values, gradients;
  for (int g = 0; g < cpu.groups(); ++g) {
    for (std::size_t l = 0; l < lanes; ++l)
      for (std::size_t p = 0; p < 4; ++p)
        own[p * lanes + l] = parameters[p * n + static_cast<std::size_t>(
                                                    std::max(0, cpu.unit(g, static_cast<int>(l))))];
    cpu.evaluate(g, order::gradient, nullptr, own.data(), likelihoods.data(), slopes.data(),
                 nullptr);
    for (std::size_t l = 0; l < lanes; ++l) {
      const int unit = cpu.unit(g, static_cast<int>(l));
      if (unit < 0) continue;
      const std::size_t u = static_cast<std::size_t>(unit);
      values.see(value[u], likelihoods[l]);
      for (std::size_t k = 0; k < directions; ++k)
        gradients.see(gradient[k * n + u], slopes[k * lanes + l]);
    }
  }
  values.report(name + "log-likelihood as on the processor", 1e-12);
  gradients.report(name + "gradient as on the processor", 1e-10);
}

void bench_simulation(const bench_sizes& sizes, const limits& most) {
  constexpr int trials = 100, actions = 5;
  const kernel_table& table = *cpu_table("rw_asymmetric");
  const bound_program bound = {{actions}, {}, {0, -1}, flush_interval(actions)};
  device_program program = {};
  if (!the_machine().ahead("rw_asymmetric", actions, &program)) return;
  const device_model model = model_of(program, table, bound, true);
  const packed_data packed(agents(1, actions, trials).columns(), table.lanes, 1);
  device_store store(*the_machine().device, packed, budget(), in_parallel);
  world w = {payoff_kind::bernoulli, actions, trials, {}, {0.0}, 0, 1, 0};
  for (int a = 0; a < actions; ++a) w.first.push_back(0.2 + 0.15 * a);
  const std::size_t n = static_cast<std::size_t>(sizes.subjects);
  std::vector<double> parameters(4 * n, 0.5);
  for (std::size_t i = 0; i < 3 * n; ++i)
    parameters[i] = agent_parameter(static_cast<int>(i % n), static_cast<int>(i / n));
  // Choices of 4 bytes, outcomes and errors of 8; a third of the memory is left.
  const std::size_t one = trials * 20 + 8 * (4 + actions);
  const std::size_t together = std::max<std::size_t>(
      1, std::min({n, budget() / one, static_cast<std::size_t>(threads_at_once(model.cells))}));
  const auto run = [&](std::uint64_t seed) {
    return simulate_there(model, store, bound, w, parameters, n, together, seed, false);
  };
  run(1);
  const double began = now();
  const simulated made = run(2);
  const double all = now() - began;
  const std::string name = "rw_asymmetric, " + count_of(sizes.subjects) + " x 100, 5 actions: ";
  row(name + "simulation, kernel", seconds(made.kernel_seconds),
      shares(most, made.kernel_seconds, sizes.subjects, trials, 0.0,
             20.0 * trials * static_cast<double>(n)) +
          "; choices, outcomes, prediction errors");
  row(name + "simulation", seconds(all), "with what is recorded copied to the host");
}

void bench_fits(const bench_sizes& sizes) {
  constexpr int trials = 100, starts = 5;
  const kernel_table& table = *cpu_table("rw_asymmetric");
  const bound_program bound = {{2}, {}, {0, -1}, flush_interval(2)};
  data_set data = agents(sizes.subjects, 2, trials);
  const packed_data packed(data.columns(), table.lanes, 1);
  data = data_set();
  const cpu_likelihood cpu(table, packed, bound, false);
  const std::vector<double> points = start_points(starts);
  fits::problem what = problem_of(false, starts, 1, points);
  if (what.prepare(cpu) != fits::problem_error::none) return;
  fits::results out;
  out.resize(sizes.subjects, 3, false);
  const device_model model = model_of(the_machine().module("fit"), table, bound, true);
  device_store store(*the_machine().device, packed, budget(), in_parallel);
  store.part(0);
  const double began = now();
  fits::device_fits(model, store, bound, what)
      .run(fits::options(), fits::device_fits::shares_of(sizes.subjects, starts), out);
  const double taken = now() - began;
  const std::string name = "rw_asymmetric, " + count_of(sizes.subjects) + " x 100, 2 actions: ";
  int converged = 0;
  for (int status : out.status) converged += status == static_cast<int>(fits::outcome::converged);
  row(name + "fits of 5 starts", seconds(taken),
      number(static_cast<double>(sizes.subjects) * starts / taken) + " starts a second; " +
          number(static_cast<double>(converged) / sizes.subjects, "%.4f") + " converged");

  // The processor's likelihood at the estimates is what the device says it is.
  const std::size_t lanes = static_cast<std::size_t>(cpu.lanes());
  std::vector<double> own(4 * lanes), likelihoods(lanes);
  difference values;
  for (int g = 0; g < cpu.groups(); ++g) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const std::size_t u = static_cast<std::size_t>(std::max(0, cpu.unit(g, static_cast<int>(l))));
      for (std::size_t p = 0; p < 3; ++p) own[p * lanes + l] = out.estimate[u * 3 + p];
      own[3 * lanes + l] = 0.5;
    }
    cpu.evaluate(g, order::value, nullptr, own.data(), likelihoods.data(), nullptr, nullptr);
    for (std::size_t l = 0; l < lanes; ++l)
      if (cpu.unit(g, static_cast<int>(l)) >= 0)
        values.see(out.log_likelihood[static_cast<std::size_t>(cpu.unit(g, static_cast<int>(l)))],
                   likelihoods[l]);
  }
  values.report(name + "log-likelihood at the estimates as on the processor", 1e-9);
}

}  // namespace

void bench(const bench_sizes& sizes) {
  const limits most = measured_limits();
  if (most.multiply_adds > 0.0)
    row("arithmetic limit", number(1e-12 * most.multiply_adds) + " x 10^12 a second",
        "double-precision multiply-adds, measured");
  if (most.bytes > 0.0)
    row("memory limit", number(1e-9 * most.bytes) + " GB a second", "read and written, measured");
  for (int actions : {2, 5}) bench_likelihood(sizes, most, actions);
  bench_simulation(sizes, most);
  bench_fits(sizes);
}

}  // namespace gpu
