#include "host_device.h"

#include <cstdlib>
#include <cstring>

namespace {

rescorla::device_status fine() { return rescorla::device_status(); }

rescorla::device_status allocate(void** memory, std::size_t bytes) {
  *memory = std::malloc(bytes);
  rescorla::device_status status = fine();
  if (*memory == nullptr) {
    status.code = 1;
    std::strcpy(status.message, "There is not enough memory.");
  }
  return status;
}

void release(void* memory) { std::free(memory); }

rescorla::device_status copy(void* to, const void* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
  return fine();
}

rescorla::device_status memory(std::size_t* free, std::size_t* total) {
  *free = *total = std::size_t{1} << 32;
  return fine();
}

rescorla::device_status launch(rescorla::device_kernel kernel, std::int64_t threads, const void* job,
                               std::size_t) {
  typedef void (*body)(const void* job, std::int64_t thread);
  if (kernel.function == nullptr) {
    rescorla::device_status status = fine();
    status.code = 1;
    std::strcpy(status.message, "There is no such kernel for the host.");
    return status;
  }
  const body run = reinterpret_cast<body>(const_cast<void*>(kernel.function));
  for (std::int64_t i = 0; i < threads; ++i) run(job, i);
  return fine();
}

}  // namespace

const rescorla::device_interface& host_device() {
  static const rescorla::device_interface device = {"host", &allocate, &release, &copy,
                                                    &copy,  &memory,   &launch,  &fine};
  return device;
}
