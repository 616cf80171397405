#ifndef RESCORLA_TOOLS_TEST_DEVICE_FIT_HPP
#define RESCORLA_TOOLS_TEST_DEVICE_FIT_HPP

// What passes between the two units of the test: the host in the ordinary form, and the device,
// which is code of the device's form that a loop over threads runs.

#include <cstddef>

#include "one-lane-target.hpp"

namespace device {

/// Runs threads 0, ..., threads - 1 on a copy of the job; its bytes are those of a fit_job.
void launch(int threads, const void* job, std::size_t bytes, const one_lane::data& data);

/// Bytes that a thread takes, as the device counts them.
std::size_t fit_memory(int size, int starts, int parameters, int directions);
std::size_t search_memory(int size, int starts, int parameters, int directions, int shares);

}  // namespace device

#endif
