#ifndef RESCORLA_SRC_THREADS_H
#define RESCORLA_SRC_THREADS_H

#include <atomic>
#include <functional>

// Runs body(i) for i = 0 .. count - 1 on `threads` threads while R's thread waits, looks for
// Ctrl-C every 20 ms and calls tick (both on R's thread, so tick may call R). A body that throws
// stops the others and its exception is rethrown here. Returns false if the user interrupted;
// `stop` is then set, and bodies that had not begun were not run.
bool run_parallel(int count, int threads, std::atomic<bool>& stop,
                  const std::function<void(int)>& body, const std::function<void()>& tick = {});

#endif
