#include "threads.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include <R_ext/Utils.h>
#include <Rinternals.h>

namespace {

void check_interrupt(void*) { R_CheckUserInterrupt(); }

// R_CheckUserInterrupt jumps out of C++ frames; inside R_ToplevelExec it only reports.
bool interrupted() { return R_ToplevelExec(check_interrupt, nullptr) == FALSE; }

}  // namespace

bool run_beside(int threads, std::atomic<bool>& stop,
                const std::function<void(const rescorla::executor&)>& body,
                const std::function<void()>& tick) {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  std::exception_ptr error;
  const auto guarded = [&](const auto& work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!error) error = std::current_exception();
      stop = true;
    }
  };
  // Isolated: a thread that waits for the end of its own work must not begin somebody else's.
  const rescorla::executor share = [&](int count, const std::function<void(int)>& one) {
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(tbb::blocked_range<int>(0, count, 1), [&](const tbb::blocked_range<int>& r) {
        for (int i = r.begin(); i != r.end() && !stop.load(std::memory_order_relaxed); ++i)
          guarded([&] { one(i); });
      });
    });
  };
  std::thread worker([&] {
    tbb::task_arena arena(threads);
    arena.execute([&] { guarded([&] { body(share); }); });
    const std::lock_guard<std::mutex> lock(mutex);
    done = true;
    finished.notify_one();
  });
  bool complete = true;
  {
    std::unique_lock<std::mutex> lock(mutex);
    while (!finished.wait_for(lock, std::chrono::milliseconds(20), [&] { return done; })) {
      lock.unlock();
      if (complete && interrupted()) {
        complete = false;
        stop = true;
      }
      // An error in it, or Ctrl-C, waits for the worker's end: a thread that runs must not be left.
      if (complete && tick && !stop) guarded(tick);
      lock.lock();
    }
  }
  worker.join();
  if (error) std::rethrow_exception(error);
  return complete;
}

bool run_parallel(int count, int threads, std::atomic<bool>& stop,
                  const std::function<void(int)>& body, const std::function<void()>& tick) {
  return run_beside(
      threads, stop,
      [&](const rescorla::executor& share) { share(count, body); }, tick);
}

rescorla::executor on_threads(int threads) {
  return [threads](int count, const std::function<void(int)>& body) {
    tbb::task_arena arena(threads);
    arena.execute([&] {
      tbb::parallel_for(tbb::blocked_range<int>(0, count, 1), [&](const tbb::blocked_range<int>& r) {
        for (int i = r.begin(); i != r.end(); ++i) body(i);
      });
    });
  };
}
