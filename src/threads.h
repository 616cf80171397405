#ifndef RESCORLA_SRC_THREADS_H
#define RESCORLA_SRC_THREADS_H

#include <atomic>
#include <functional>

#include "rescorla/backend/executor.hpp"

// Runs `body` beside R's thread, which waits, looks for Ctrl-C every 20 ms and calls tick (both on
// R's thread, so tick may call R). The body is given the means to share out work among `threads`
// threads. Its exception, or that of work it shared out or of tick, is rethrown here when all has
// come to its end; `stop` is then set.
// Returns false if the user interrupted; `stop` is then set, and shared work not yet begun is left.
bool run_beside(int threads, std::atomic<bool>& stop,
                const std::function<void(const rescorla::executor&)>& body,
                const std::function<void()>& tick = {});

// Runs body(i) for i = 0 .. count - 1 on `threads` threads in the same way.
bool run_parallel(int count, int threads, std::atomic<bool>& stop,
                  const std::function<void(int)>& body, const std::function<void()>& tick = {});

// For work that is shared out from any thread but R's own, again and again: `threads` threads each
// time. What is shared out must not throw.
rescorla::executor on_threads(int threads);

#endif
