#ifndef RESCORLA_TOOLS_GPU_HPP
#define RESCORLA_TOOLS_GPU_HPP

// What the units of the GPU check and benchmark (tools/gpu.sh) share: the processor's kernels, the
// device's, and rows of the table that they print.

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "rescorla/backend/device_interface.hpp"
#include "rescorla/backend/device_likelihood.hpp"
#include "rescorla/engine/kernel_table.hpp"

namespace gpu {

// The device's side; gpu-cuda.cpp has CUDA behind it, gpu-host.cpp the host in its place.
struct machine {
  const rescorla::device_interface* device;
  // Kernels compiled ahead, for so many actions (0: for any).
  bool (*ahead)(const char* model, int actions, rescorla::device_program* program);
  // Kernels of tools/cuda/gpu-module-NAME.cpp, as a running program compiles them; throws.
  rescorla::device_program (*module)(const std::string& name);
};
const machine& the_machine();

// A sentence that says why there is no device; empty where there is one.
std::string why_absent();
// Compiles the modules and runs nothing, for machines without a device. Throws.
void compile_modules(const std::string& architecture);
// Folder of the repository, whose headers and modules are compiled.
void set_root(const std::string& folder);
// Rows that describe the device.
void describe();

// The processor's kernels of a model, in the instruction set gpu-cpu.cpp was compiled for.
const rescorla::kernel_table* cpu_table(const char* model);
const char* cpu_instructions();

// What is fixed about a program besides its kernels; `sized`: compiled for the data's sizes.
inline rescorla::device_model model_of(const rescorla::device_program& program,
                                       const rescorla::kernel_table& table,
                                       const rescorla::bound_program& bound, bool sized) {
  const std::ptrdiff_t cells = table.workspace(bound.extents.data()) / table.lanes;
  return {program, table.parameters, table.estimated,
          sized && cells <= rescorla::largest_own_workspace ? 0 : cells};
}

// ---- the table ---------------------------------------------------------------------------------

struct tally {
  int passed = 0, failed = 0;
};
inline tally& counts() {
  static tally all;
  return all;
}

inline void row(const std::string& what, const std::string& result, const std::string& how) {
  std::printf("| %s | %s | %s |\n", what.c_str(), result.c_str(), how.c_str());
  std::fflush(stdout);
}

inline std::string number(double x, const char* format = "%.3g") {
  char text[64];
  std::snprintf(text, sizeof text, format, x);
  return text;
}

inline std::string seconds(double x) {
  if (x >= 1.0) return number(x) + " s";
  return x >= 1e-3 ? number(1e3 * x) + " ms" : number(1e6 * x) + " us";
}

inline void verdict(const std::string& what, bool ok, const std::string& how) {
  ++(ok ? counts().passed : counts().failed);
  row(what, ok ? "ok" : "**FAILED**", how);
}

// Differences relative to what is expected, absolute where that is below 1. What is not finite has
// to be the same.
class difference {
 public:
  void see(double actual, double expected) {
    ++seen_;
    if (!std::isfinite(actual) || !std::isfinite(expected)) {
      const bool same = actual == expected || (std::isnan(actual) && std::isnan(expected));
      if (!same) largest_ = HUGE_VAL;
      return;
    }
    const double size = std::fabs(expected) > 1.0 ? std::fabs(expected) : 1.0;
    const double mine = std::fabs(actual - expected) / size;
    if (mine > largest_) largest_ = mine;
  }
  void see(const std::vector<double>& actual, const std::vector<double>& expected) {
    if (actual.size() != expected.size()) largest_ = HUGE_VAL;
    for (std::size_t i = 0; i < actual.size() && i < expected.size(); ++i)
      see(actual[i], expected[i]);
  }
  double largest() const { return largest_; }
  void report(const std::string& what, double allowed) const {
    verdict(what, seen_ > 0 && largest_ <= allowed,
            "largest difference " + number(largest_) + " of " + std::to_string(seen_) +
                " numbers, allowed " + number(allowed));
  }

 private:
  double largest_ = 0.0;
  std::size_t seen_ = 0;
};

// ---- what main() calls -------------------------------------------------------------------------

void check_likelihoods();
void check_simulation();
void check_fits();

struct bench_sizes {
  int subjects;        // 10^6 unless it is only to be tried out
  std::string folder;  // where the data are written for another program to read; empty: nowhere
  std::string counts;  // operations of the kernels, a file of gpu-count.awk's
};
void bench(const bench_sizes& sizes);

}  // namespace gpu

#endif
