#ifndef RESCORLA_INFERENCE_FIT_JOB_HPP
#define RESCORLA_INFERENCE_FIT_JOB_HPP

#include "array.hpp"
#include "optimise.hpp"
#include "options.hpp"
#include "problem_view.hpp"
#include "results_view.hpp"
#include "search_book.hpp"

RESCORLA_INFERENCE_BEGIN

/// What the threads of a job do: whole fits, or, one after the other, searches of a share of a
/// unit's starts and what follows them.
enum class fit_step : int { whole = 0, search = 1, finish = 2 };

/// Fits for a device, as plain numbers and pointers to its memory. The host fills a job in the
/// ordinary form and hands over its bytes; both forms lay it out alike.
struct fit_job {
  problem_view what;
  results_view out;  ///< filled as `results::resize` does: units not fitted keep what is there
  fit_settings how;

  fit_step step;
  int first;      ///< the group that the memory and the books begin with
  int shares;     ///< searches among which a unit's starts are divided; 1 without `search_unit`
  double* books;  ///< [group - first][share][book_length()]; null without `search_unit`

  unsigned char* memory;      ///< [thread][thread_memory], aligned for doubles
  std::size_t thread_memory;  ///< fit_memory() or search_memory() bytes

  /// Threads are counted from the first group's; where starts are divided, a group's follow one
  /// another.
  RESCORLA_BOTH inference::memory piece(std::size_t thread) const {
    return inference::memory(memory + thread * thread_memory, thread_memory);
  }

  RESCORLA_BOTH std::size_t book_length() const {
    return search_book::length(what.size(), start_share{0, shares}.count(what.starts));
  }
  RESCORLA_BOTH double* book(int group, int share) const {
    return books + (static_cast<std::size_t>(group - first) * shares + share) * book_length();
  }
};

/// What the memory of a fit depends on: free parameters and starts of the problem, parameters and
/// directions of the target.
struct fit_extent {
  int size, starts, parameters, directions;
};

/// A target of one lane that only has a size.
struct fit_shape {
  fit_extent extent;

  RESCORLA_BOTH int lanes() const { return 1; }
  RESCORLA_BOTH int parameters() const { return extent.parameters; }
  RESCORLA_BOTH int directions() const { return extent.directions; }
};

RESCORLA_BOTH inline problem_view shape_of(const fit_extent& extent) {
  problem_view what = {};
  what.free_count = extent.size;
  what.starts = extent.starts;
  return what;
}

/// Bytes that a thread takes of the memory for `fit_unit` and `finish_unit`. In the ordinary form
/// some more, since arrays themselves are larger there.
RESCORLA_BOTH inline std::size_t fit_memory(const fit_extent& extent) {
  memory count;
  const fit_shape shape{extent};
  const optimiser<fit_shape> made(shape, shape_of(extent), count);
  return count.used();
}

/// The same for `search_unit`.
RESCORLA_BOTH inline std::size_t search_memory(const fit_extent& extent, int shares) {
  memory count;
  const fit_shape shape{extent};
  const problem_view what = shape_of(extent);
  const objective<fit_shape> function(shape, what, count);
  const multistart<fit_shape> search(what, 1, count, {0, shares});
  return count.used();
}

RESCORLA_INFERENCE_END

#endif
