#ifndef RESCORLA_BACKEND_EXECUTOR_HPP
#define RESCORLA_BACKEND_EXECUTOR_HPP

#include <functional>

namespace rescorla {

/// Runs body(0), ..., body(count - 1), in any order and possibly at the same time, and returns when
/// all are done. Whoever starts a computation brings it along: the core knows no threads.
typedef std::function<void(int count, const std::function<void(int)>& body)> executor;

}  // namespace rescorla

#endif
