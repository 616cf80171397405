// The GPU's side of the check and benchmark, without R: the units of src/cuda/, and NVRTC for what
// they have no kernels for.

#include "../../src/cuda/cuda.h"
#include "gpu.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace gpu {
namespace {

const char* const modules[] = {"rlwm", "single", "fit"};

std::string& root() {
  static std::string folder = ".";
  return folder;
}

cuda_description description() {
  cuda_description d;
  cuda_describe(&d);
  return d;
}

// With the options that R/device.R gives, and where the catalogue's headers are: R writes the model
// into the text.
std::string image_of(const std::string& name, const std::string& architecture) {
  const std::string path = root() + "/tools/cuda/gpu-module-" + name + ".cpp";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error(path + " cannot be read");
  const std::string options[] = {"--std=c++17", "-default-device",
                                 "--gpu-architecture=" + architecture,
                                 "-I" + root() + "/inst/include", "-I" + root() + "/src/models"};
  std::vector<const char*> given;
  for (const std::string& x : options) given.push_back(x.c_str());
  char* image = nullptr;
  char* log = nullptr;
  std::size_t bytes = 0;
  const rescorla::device_status status =
      cuda_compile(text.str().c_str(), path.c_str(), static_cast<int>(given.size()), given.data(),
                   &image, &bytes, &log);
  const std::string code = image == nullptr ? "" : std::string(image, bytes);
  const std::string said = log == nullptr ? "" : std::string(log).substr(0, 2000);
  cuda_free_text(image);
  cuda_free_text(log);
  if (status.code != 0) throw std::runtime_error(std::string(status.message) + "\n" + said);
  return code;
}

std::string own_architecture() {
  const cuda_description d = description();
  return "sm_" + std::to_string(d.major) + std::to_string(d.minor);
}

// Loaded once, and until the process ends.
rescorla::device_program module_named(const std::string& name) {
  static std::map<std::string, rescorla::device_program> loaded;
  const auto known = loaded.find(name);
  if (known != loaded.end()) return known->second;
  const std::string image = image_of(name, own_architecture());
  void* module = nullptr;
  rescorla::check(cuda_load(image.data(), image.size(), &module));
  rescorla::device_program program = {};
  const auto find = [&](rescorla::device_task task, const char* kernel) {
    rescorla::check(cuda_function(module, kernel, &program.kernel[static_cast<int>(task)]));
  };
  if (name == "fit") {
    find(rescorla::device_task::fit, "rescorla_fit");
  } else {
    find(rescorla::device_task::value, "rescorla_value");
    find(rescorla::device_task::gradient, "rescorla_gradient");
    find(rescorla::device_task::information, "rescorla_information");
  }
  loaded[name] = program;
  return program;
}

std::string version(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

}  // namespace

const machine& the_machine() {
  static const machine one = {&cuda_device(), &cuda_program, &module_named};
  return one;
}

std::string why_absent() { return description().why; }

void set_root(const std::string& folder) { root() = folder; }

void compile_modules(const std::string& architecture) {
  for (const char* name : modules)
    std::printf("%s: %zu bytes for %s by NVRTC\n", name, image_of(name, architecture).size(),
                architecture.c_str());
}

void describe() {
  const cuda_description d = description();
  row("GPU", d.name,
      "compute capability " + std::to_string(d.major) + "." + std::to_string(d.minor) + ", " +
          std::to_string(d.multiprocessors) + " multiprocessors, " +
          number(static_cast<double>(d.memory_total) / 1073741824.0) + " GiB");
  row("CUDA", version(d.runtime),
      "driver made for " + version(d.driver) + ", NVRTC " + version(d.nvrtc));
  row("processor", cpu_instructions(), "one thread, where the two are compared");
}

}  // namespace gpu
