// The GPU check and benchmark; tools/gpu.sh builds and runs it.
//   gpu [--root DIR] [--compile ARCHITECTURE | --present | --describe | --check | --bench]
//       [--subjects N] [--data DIR] [--counts FILE]
// Prints rows of a table in Markdown; the status is 1 where a check failed, and with --present
// where there is no device.

#include "gpu.hpp"

#include <cstdlib>
#include <cstring>
#include <exception>

int main(int count, char** argument) {
  std::string what = "--check", architecture;
  gpu::bench_sizes sizes = {1000000, "", ""};
  for (int i = 1; i < count; ++i) {
    const std::string name = argument[i];
    const bool flag =
        name == "--present" || name == "--describe" || name == "--check" || name == "--bench";
    if (!flag && i + 1 == count) {
      std::fprintf(stderr, "%s lacks its value, or is no option\n", name.c_str());
      return 2;
    }
    if (flag) {
      what = name;
    } else if (name == "--root") {
      gpu::set_root(argument[++i]);
    } else if (name == "--compile") {
      what = name;
      architecture = argument[++i];
    } else if (name == "--subjects") {
      sizes.subjects = std::atoi(argument[++i]);
    } else if (name == "--data") {
      sizes.folder = argument[++i];
    } else if (name == "--counts") {
      sizes.counts = argument[++i];
    } else {
      std::fprintf(stderr, "%s is no option\n", name.c_str());
      return 2;
    }
  }
  try {
    if (what == "--compile") {
      gpu::compile_modules(architecture);
      return 0;
    }
    const std::string why = gpu::why_absent();
    if (what == "--present") {
      if (!why.empty()) std::printf("%s\n", why.c_str());
      return why.empty() ? 0 : 1;
    }
    if (!why.empty()) {
      std::fprintf(stderr, "%s\n", why.c_str());
      return 2;
    }
    if (what == "--describe") gpu::describe();
    if (what == "--bench") gpu::bench(sizes);
    if (what == "--check") {
      gpu::check_likelihoods();
      gpu::check_simulation();
      gpu::check_fits();
      gpu::row("checks",
               std::to_string(gpu::counts().passed) + " passed, " +
                   std::to_string(gpu::counts().failed) + " failed",
               "");
    }
  } catch (const std::exception& e) {
    std::printf("| the run | **FAILED** | %s |\n", e.what());
    return 1;
  }
  return gpu::counts().failed == 0 ? 0 : 1;
}
