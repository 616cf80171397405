#ifndef RESCORLA_TOOLS_GPU_LIMITS_HPP
#define RESCORLA_TOOLS_GPU_LIMITS_HPP

namespace gpu {

// Of the device, a second: double-precision multiply-adds; bytes read and written. 0: not known.
struct limits {
  double multiply_adds, bytes;
};
limits measured_limits();

}  // namespace gpu

#endif
