#ifndef RESCORLA_SRC_HOST_DEVICE_H
#define RESCORLA_SRC_HOST_DEVICE_H

#include "rescorla/backend/device_interface.hpp"

// Host memory and loops over threads in place of a device: for tests, where there is none. Knows
// nothing of R, so that programs without R have it too.
const rescorla::device_interface& host_device();

#endif
