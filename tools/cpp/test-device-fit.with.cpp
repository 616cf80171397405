// The device of test-device-fit.cpp, with which it is linked.

#define RESCORLA_DEVICE 1
#include <rw_asymmetric.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "rescorla/inference/device_fit.hpp"
#include "test-device-fit.hpp"

namespace device {

namespace inference = rescorla::inference;

void launch(int threads, const void* bytes, std::size_t size, const one_lane::data& data) {
  inference::fit_job job;
  if (size != sizeof job) {
    std::printf("FAILED: the two forms lay out a job differently\n");
    std::exit(1);
  }
  std::memcpy(static_cast<void*>(&job), bytes, size);
  for (int thread = 0; thread < threads; ++thread) {
    const one_lane::target<rescorla::model_rw_asymmetric> target(data, thread);
    inference::fit_thread(target, job, thread);
  }
}

std::size_t fit_memory(int size, int starts, int parameters, int directions) {
  return inference::fit_memory({size, starts, parameters, directions});
}
std::size_t search_memory(int size, int starts, int parameters, int directions, int shares) {
  return inference::search_memory({size, starts, parameters, directions}, shares);
}

}  // namespace device

#include "rescorla/core/end.hpp"
