#ifndef RESCORLA_TOOLS_CHECK_HPP
#define RESCORLA_TOOLS_CHECK_HPP

#include <cmath>
#include <cstdio>

// Counting checks for the stand-alone tests of the core.
namespace check {

inline int& passed() {
  static int count = 0;
  return count;
}
inline int& failed() {
  static int count = 0;
  return count;
}

inline void that(bool ok, const char* what) {
  ++(ok ? passed() : failed());
  if (!ok) std::printf("FAILED: %s\n", what);
}

/// Absolute below 1, relative above.
inline void near(double actual, double expected, double tolerance, const char* what) {
  const double scale = std::fabs(expected) > 1.0 ? std::fabs(expected) : 1.0;
  const bool ok = std::fabs(actual - expected) <= tolerance * scale;
  ++(ok ? passed() : failed());
  if (!ok) std::printf("FAILED: %s: %.15g, expected %.15g\n", what, actual, expected);
}

/// Prints the totals; the exit status.
inline int report() {
  std::printf("%d passed, %d failed\n", passed(), failed());
  return failed() == 0 ? 0 : 1;
}

}  // namespace check

#endif
