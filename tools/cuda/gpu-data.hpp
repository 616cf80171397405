#ifndef RESCORLA_TOOLS_GPU_DATA_HPP
#define RESCORLA_TOOLS_GPU_DATA_HPP

// Data for the GPU check and benchmark, made from counters, so that they are the same everywhere.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "rescorla/backend/device_store.hpp"
#include "rescorla/engine/packing.hpp"

namespace gpu {

// Uniform in (0, 1), from a few numbers (splitmix64 over them).
inline double uniform(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0) {
  std::uint64_t x = (a * 0x9e3779b97f4a7c15ULL) ^ ((b + 1) * 0xbf58476d1ce4e5b9ULL) ^
                    ((c + 1) * 0x94d049bb133111ebULL);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return (static_cast<double>(x >> 11) + 0.5) * 0x1p-53;
}

// Runs body(0), ..., body(count - 1) on all cores.
inline void in_parallel(int count, const std::function<void(int)>& body) {
  std::atomic<int> next(0);
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) body(i);
  };
  std::vector<std::thread> others;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  for (int i = 1; i < std::min(cores, count); ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

struct data_set {
  int units = 0;
  std::vector<std::vector<std::int32_t>> codes;  // by column, rows by unit, then trial
  std::vector<std::vector<double>> numbers;
  std::vector<int> block_start, first, length;

  rescorla::source_columns columns() const {
    rescorla::source_columns c = {};
    for (const auto& x : codes) c.codes.push_back(x.data());
    for (const auto& x : numbers) c.numbers.push_back(x.data());
    c.block_start = block_start.data();
    c.first = first.data();
    c.length = length.data();
    c.units = units;
    return c;
  }
};

// How a data set departs from the plainest one.
struct traits {
  bool unequal = false;  // lengths, one of them 0
  bool blocks = false;
  bool missing = false;    // choices and outcomes
  bool forced = false;     // choices that are learned from and not scored
  bool available = false;  // some actions are not on offer, columns of numbers after the outcome
  char outcome = 'b';      // what holds it on a device: bytes, shorts, floats or doubles
};

inline double outcome_of(char kind, double u) {
  switch (kind) {
    case 's':
      return std::floor(400.0 * u) - 100.0;
    case 'f':
      return std::floor(16.0 * u) / 8.0;
    case 'd':
      return u;
    default:
      return u < 0.5 ? 1.0 : 0.0;
  }
}

inline data_set any_data(int units, int actions, int trials, const traits& has, unsigned seed) {
  data_set d;
  d.units = units;
  d.codes.resize(1);
  d.numbers.resize(has.available ? 1 + static_cast<std::size_t>(actions) : 1);
  for (int u = 0; u < units; ++u) {
    const std::uint64_t key = static_cast<std::uint64_t>(u) + 1000000ULL * seed;
    const int length = !has.unequal ? trials
                       : u == 3     ? 0
                                    : 1 + static_cast<int>(trials * uniform(key, 0, 9));
    d.first.push_back(static_cast<int>(d.block_start.size()));
    d.length.push_back(length);
    for (int t = 0; t < length; ++t) {
      const std::uint64_t at = static_cast<std::uint64_t>(t);
      int choice = 1 + static_cast<int>(actions * uniform(key, at, 1));
      std::vector<bool> offered(static_cast<std::size_t>(actions), true);
      if (has.available)
        for (int a = 0; a < actions; ++a)
          offered[static_cast<std::size_t>(a)] =
              a + 1 == choice || uniform(key, at, 20 + static_cast<std::uint64_t>(a)) < 0.7;
      // What is packed for a single alternative: learned from, not scored.
      const bool forced = (has.forced && uniform(key, at, 2) < 0.1) ||
                          std::count(offered.begin(), offered.end(), true) < 2;
      if (has.missing && uniform(key, at, 3) < 0.08) choice = 0;
      d.codes[0].push_back(forced ? -choice : choice);
      const bool unseen = has.missing && uniform(key, at, 4) < 0.05;
      d.numbers[0].push_back(unseen ? std::numeric_limits<double>::quiet_NaN()
                                    : outcome_of(has.outcome, uniform(key, at, 5)));
      for (int a = 0; has.available && a < actions; ++a)
        d.numbers[1 + static_cast<std::size_t>(a)].push_back(
            offered[static_cast<std::size_t>(a)] ? 1.0 : 0.0);
      d.block_start.push_back(t == 0 || (has.blocks && t % 40 == 0));
    }
  }
  return d;
}

// Parameters that made the data of agents(): learning rates for gains and losses, inverse
// temperature.
inline double agent_parameter(int unit, int which) {
  const double u = uniform(static_cast<std::uint64_t>(unit), 77, static_cast<std::uint64_t>(which));
  return which < 2 ? 0.1 + 0.7 * u : 1.0 + 5.0 * u;
}

// Asymmetric Rescorla-Wagner agents on a Bernoulli bandit, all with so many trials.
inline data_set agents(int units, int actions, int trials) {
  data_set d;
  d.units = units;
  const std::size_t rows = static_cast<std::size_t>(units) * static_cast<std::size_t>(trials);
  d.codes.assign(1, std::vector<std::int32_t>(rows));
  d.numbers.assign(1, std::vector<double>(rows));
  d.block_start.assign(rows, 0);
  for (int u = 0; u < units; ++u) {
    d.first.push_back(u * trials);
    d.length.push_back(trials);
  }
  constexpr int together = 1000;
  in_parallel((units + together - 1) / together, [&](int chunk) {
    std::vector<double> value(static_cast<std::size_t>(actions)), share(value);
    for (int u = chunk * together; u < std::min(units, (chunk + 1) * together); ++u) {
      std::fill(value.begin(), value.end(), 0.5);
      const double beta = agent_parameter(u, 2);
      std::size_t row = static_cast<std::size_t>(u) * static_cast<std::size_t>(trials);
      d.block_start[row] = 1;
      for (int t = 0; t < trials; ++t, ++row) {
        const std::uint64_t key = static_cast<std::uint64_t>(u), at = static_cast<std::uint64_t>(t);
        double sum = 0.0;
        for (std::size_t a = 0; a < value.size(); ++a) sum += share[a] = std::exp(beta * value[a]);
        double left = sum * uniform(key, at, 1);
        std::size_t choice = 0;
        while (choice + 1 < value.size() && left >= share[choice]) left -= share[choice++];
        const double pays = 0.2 + 0.6 * static_cast<double>(choice) / (actions - 1);
        const double outcome = uniform(key, at, 2) < pays ? 1.0 : 0.0;
        const double error = outcome - value[choice];
        value[choice] += agent_parameter(u, error > 0.0 ? 0 : 1) * error;
        d.codes[0][row] = static_cast<std::int32_t>(choice) + 1;
        d.numbers[0][row] = outcome;
      }
    }
  });
  return d;
}

// As bind.R computes it: trials whose denominators fit in one product.
inline int flush_interval(int actions) {
  return static_cast<int>(std::fmax(
      1.0, std::fmin(128.0, std::floor(300.0 / std::log10(64.0 * std::max(actions, 2))))));
}

}  // namespace gpu

#endif
