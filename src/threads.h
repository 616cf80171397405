#ifndef RESCORLA_SRC_THREADS_H
#define RESCORLA_SRC_THREADS_H

#include <atomic>
#include <functional>

#include "rescorla/inference/executor.hpp"

// Runs `body` beside R's thread, which waits, looks for Ctrl-C every 20 ms and calls tick (both on
// R's thread, so tick may call R). The body is given the means to share out work among `threads`
// threads. Its exception, or that of work it shared out or of tick, is rethrown here when all has
// come to its end; `stop` is then set.
// Returns false if the user interrupted; `stop` is then set, and shared work not yet begun is left.
bool run_beside(int threads, std::atomic<bool>& stop,
                const std::function<void(const rescorla::inference::executor&)>& body,
                const std::function<void()>& tick = {});

// Runs body(i) for i = 0 .. count - 1 on `threads` threads in the same way.
bool run_parallel(int count, int threads, std::atomic<bool>& stop,
                  const std::function<void(int)>& body, const std::function<void()>& tick = {});

#endif
