// The units of src/cuda/ without R: what they say on a machine with no GPU and no driver, that they
// compile there, and, where there is a GPU, that memory, copies and launches do what they should.
// Linked with the objects of src/cuda/ and CUDA's static runtime; tools/check-cuda.sh runs it.

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "../../src/cuda/cuda.h"
#include "../cpp/check.hpp"

using check::that;
using rescorla::device_interface;
using rescorla::device_kernel;
using rescorla::device_status;

namespace {

struct add_job {
  const double* from;
  double* to;
  double by;
  int count;
};

const char* const source =
    "struct add_job { const double* from; double* to; double by; int count; };\n"
    "extern \"C\" __global__ void add(add_job job) {\n"
    "  const int i = blockIdx.x * blockDim.x + threadIdx.x;\n"
    "  if (i < job.count) job.to[i] = job.from[i] + job.by;\n"
    "}\n";

struct compiled {
  device_status status;
  std::string image, log;
};

compiled compile(const char* text, const std::string& architecture) {
  const std::string option = "--gpu-architecture=" + architecture;
  const char* const options[] = {option.c_str()};
  char* image = nullptr;
  char* log = nullptr;
  std::size_t bytes = 0;
  compiled result;
  result.status = cuda_compile(text, "add.cu", 1, options, &image, &bytes, &log);
  that((image != nullptr) == (result.status.code == 0), "an image, or a status that says why not");
  if (image != nullptr) result.image.assign(image, bytes);
  if (log != nullptr) result.log = log;
  cuda_free_text(image);
  cuda_free_text(log);
  return result;
}

// A sentence for a user.
bool is_sentence(const char* text) {
  const std::size_t length = std::strlen(text);
  return length > 10 && text[length - 1] == '.';
}

void describe(cuda_description* cuda) {
  cuda_describe(cuda);
  std::printf("driver %d, runtime %d, NVRTC %d, %d devices%s%s\n", cuda->driver, cuda->runtime,
              cuda->nvrtc, cuda->devices, cuda->why[0] == '\0' ? "" : ": ", cuda->why);
  that(cuda->runtime >= 11020, "the runtime has a version");
  if (cuda->devices == 0) {
    that(is_sentence(cuda->why), "it says why there is no device");
    that(cuda->name[0] == '\0' && cuda->memory_total == 0, "and describes none");
  } else if (cuda->why[0] == '\0') {
    that(cuda->name[0] != '\0' && cuda->major > 0, "the device has a name and a capability");
    that(cuda->memory_free > 0 && cuda->memory_free <= cuda->memory_total, "and memory");
    that(cuda->multiprocessors > 0, "and multiprocessors");
  } else {
    that(is_sentence(cuda->why), "it says why the device cannot be used");
  }
}

void compiler(const cuda_description& cuda) {
  that(cuda.nvrtc > 0, "NVRTC is found");
  const compiled text = compile(source, "compute_90");
  that(text.status.code == 0, text.status.message);
  that(text.image.find(".entry add(") != std::string::npos, "PTX holds the kernel");
  const compiled code = compile(source, "sm_90");
  that(code.status.code == 0, code.status.message);
  that(code.image.compare(0, 4, "\177ELF") == 0, "machine code is an ELF image");
  const compiled wrong = compile("__global__ void add(int x) { y = x; }", "compute_90");
  that(wrong.status.code != 0, "what is wrong does not compile");
  that(wrong.log.find("\"y\" is undefined") != std::string::npos, "the log says what is wrong");
  that(std::strstr(wrong.status.message, "\"y\" is undefined") != nullptr, "so does the message");
  const compiled standard = compile("#include <cmath>\n", "compute_90");
  that(standard.status.code != 0, "standard headers are not seen");

  cuda_nvrtc_place("/nowhere");
  const compiled none = compile(source, "compute_90");
  that(none.status.code != 0 && is_sentence(none.status.message), "a place without NVRTC is told");
  cuda_nvrtc_place(nullptr);
  that(compile(source, "compute_90").status.code == 0, "the usual places are looked at again");
}

// Without a device each function says why.
void absent() {
  const device_interface& device = cuda_device();
  void* memory = &memory;
  const device_status status = device.allocate(&memory, 8);
  that(status.code != 0 && is_sentence(status.message), "there is no memory without a device");
  that(memory == nullptr, "and no address");
  device.release(nullptr);
  double x = 0;
  that(device.upload(&x, &x, 8).code != 0, "no upload");
  that(device.download(&x, &x, 8).code != 0, "no download");
  std::size_t free = 1, total = 1;
  that(device.memory(&free, &total).code != 0 && free == 0 && total == 0, "nothing free");
  that(device.launch(device_kernel{&x, cuda_kernel_ahead}, 1, &x, 8).code != 0, "no launch");
  that(device.wait().code != 0, "nothing to wait for");
  void* module = &x;
  const device_status load = cuda_load("x", 1, &module);
  that(load.code != 0 && is_sentence(load.message) && module == nullptr, "nothing is loaded");
  device_kernel kernel{&x, 1};
  that(cuda_function(nullptr, "add", &kernel).code != 0 && kernel.function == nullptr, "or found");
  cuda_unload(nullptr);
}

void present(const cuda_description& cuda) {
  const device_interface& device = cuda_device();
  constexpr int count = 1000;
  std::vector<double> numbers(count);
  for (int i = 0; i < count; ++i) numbers[i] = i;
  const std::size_t bytes = count * sizeof(double);
  void* from = nullptr;
  void* to = nullptr;
  that(device.allocate(&from, bytes).code == 0 && device.allocate(&to, bytes).code == 0, "memory");
  that(device.upload(from, numbers.data(), bytes).code == 0, "upload");

  const std::string capability = std::to_string(cuda.major) + std::to_string(cuda.minor);
  for (const char* kind : {"sm_", "compute_"}) {
    const compiled code = compile(source, kind + capability);
    that(code.status.code == 0, code.status.message);
    void* module = nullptr;
    const device_status loaded = cuda_load(code.image.c_str(), code.image.size(), &module);
    that(loaded.code == 0, loaded.message);
    device_kernel kernel = {};
    that(cuda_function(module, "subtract", &kernel).code != 0, "a kernel that is not there");
    that(cuda_function(module, "add", &kernel).code == 0, "the kernel is found");
    const add_job job = {static_cast<double*>(from), static_cast<double*>(to), 0.5, count};
    const device_status launched = device.launch(kernel, count, &job, sizeof job);
    that(launched.code == 0, launched.message);
    that(device.wait().code == 0, "it comes to its end");
    std::vector<double> result(count);
    that(device.download(result.data(), to, bytes).code == 0, "download");
    bool right = true;
    for (int i = 0; i < count; ++i) right = right && result[i] == i + 0.5;
    that(right, "every thread did its work");
    cuda_unload(module);
  }

  that(device.launch(device_kernel(), 1, &count, 4).code != 0, "a kernel that is absent");
  void* much = nullptr;
  const device_status full = device.allocate(&much, std::size_t{1} << 50);
  that(full.code != 0 && is_sentence(full.message) && much == nullptr, "too much memory");
  device.release(from);
  device.release(to);
  that(device.wait().code == 0, "all goes on after an error");
}

}  // namespace

int main() {
  cuda_description cuda;
  describe(&cuda);
  compiler(cuda);
  that(std::strcmp(cuda_device().name, "cuda") == 0, "the device has its name");
  rescorla::device_program program;
  that(!cuda_program("no such model", 2, &program), "a model without kernels");
  if (cuda.devices == 0) absent();
  if (cuda.devices > 0 && cuda.why[0] == '\0') present(cuda);
  return check::report();
}
