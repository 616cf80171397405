#ifndef RESCORLA_INFERENCE_DEVICE_FIT_HPP
#define RESCORLA_INFERENCE_DEVICE_FIT_HPP

#include "fit_job.hpp"

// What threads of a device do when they fit: the bodies of its kernels. A thread works for one
// group of the target, which has one lane, that is for one unit.
//
// With units enough to keep a device busy, a thread fits a unit from beginning to end (`fit_unit`).
// With few, the starts of a unit are divided among threads (`search_unit`), and when all are done,
// another goes on from the best (`finish_unit`).
//
// The target is any class with the members of `likelihood` but for its virtual calls. A unit whose
// thread has too little memory is left as it was, that is not run.

RESCORLA_INFERENCE_BEGIN

/// With memory of the caller's choice, such as an array in the thread's own local memory, which a
/// GPU interleaves between threads.
template <class Target>
RESCORLA_BOTH inline void fit_unit(const Target& target, const fit_job& job, int group,
                                   memory where) {
  optimiser<Target> mine(target, job.what, where);
  if (where.enough()) mine.run(group, options{job.how}, job.out);
}

template <class Target>
RESCORLA_BOTH inline void search_unit(const Target& target, const fit_job& job, int group,
                                      int share, memory where) {
  const start_share part{share, job.shares};
  const search_book book(job.book(group, share), job.what.size());
  objective<Target> function(target, job.what, where);
  multistart<Target> search(job.what, target.lanes(), where, part);
  book.clear();
  if (!where.enough()) return;
  function.bind(group);
  search.run(function, options{job.how});
  search.write(0, book);
}

template <class Target>
RESCORLA_BOTH inline void finish_unit(const Target& target, const fit_job& job, int group,
                                      memory where) {
  optimiser<Target> mine(target, job.what, where);
  if (!where.enough()) return;
  for (int share = 0; share < job.shares; ++share) {
    if (!search_book(job.book(group, share), job.what.size()).written()) return;
  }
  mine.finish(group, job.book(group, 0), job.book_length(), job.shares, options{job.how}, job.out);
}

/// The step that the job says, as thread 0, 1, ... of it: one kernel for all three, which holds
/// what they share once and takes little longer to compile than that of a whole fit.
template <class Target>
RESCORLA_BOTH inline void fit_thread(const Target& target, const fit_job& job, int thread,
                                     memory where) {
  if (job.step == fit_step::whole) {
    fit_unit(target, job, job.first + thread, where);
  } else if (job.step == fit_step::search) {
    search_unit(target, job, job.first + thread / job.shares, thread % job.shares, where);
  } else {
    finish_unit(target, job, job.first + thread, where);
  }
}

/// With the memory of the job: one piece for every thread.
template <class Target>
RESCORLA_BOTH inline void fit_thread(const Target& target, const fit_job& job, int thread) {
  fit_thread(target, job, thread, job.piece(static_cast<std::size_t>(thread)));
}

RESCORLA_INFERENCE_END

#endif
