#ifndef RESCORLA_INFERENCE_SEARCH_BOOK_HPP
#define RESCORLA_INFERENCE_SEARCH_BOOK_HPP

#include "dense.hpp"

RESCORLA_INFERENCE_BEGIN

/// The starts that one of several searches of a unit climbs from: every `step`-th, as neighbours in
/// the list of starts may be alike.
struct start_share {
  int first = 0, step = 1;

  /// How many there are of so many in all, and which is the s-th.
  RESCORLA_BOTH int count(int starts) const {
    return first < starts ? (starts - first + step - 1) / step : 0;
  }
  RESCORLA_BOTH int start(int s) const { return first + s * step; }
};

/// What the search of a share of a unit's starts leaves behind for the one that goes on from the
/// best of all shares. Whole numbers are kept as doubles too, so that a book is one array:
/// best start (within the share; -1 for none), iterations, evaluations; point, gradient and packed
/// information at the best; the value of every start.
class search_book {
 public:
  RESCORLA_BOTH search_book(double* numbers, int size) : numbers_(numbers), size_(size) {}

  /// The doubles of a book of so many starts.
  RESCORLA_BOTH static std::size_t length(int size, int starts) {
    return static_cast<std::size_t>(3 + 2 * size + packed_size(size) + starts);
  }

  /// A book that nobody wrote says so.
  RESCORLA_BOTH void clear() const { best() = -2.0; }
  RESCORLA_BOTH bool written() const { return best() >= -1.0; }

  RESCORLA_BOTH double& best() const { return numbers_[0]; }
  RESCORLA_BOTH double& iterations() const { return numbers_[1]; }
  RESCORLA_BOTH double& evaluations() const { return numbers_[2]; }
  RESCORLA_BOTH double* point() const { return numbers_ + 3; }
  RESCORLA_BOTH double* gradient() const { return point() + size_; }
  RESCORLA_BOTH double* information() const { return gradient() + size_; }
  RESCORLA_BOTH double* values() const { return information() + packed_size(size_); }

 private:
  double* numbers_;
  int size_;
};

RESCORLA_INFERENCE_END

#endif
