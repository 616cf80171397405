#ifndef RESCORLA_ENGINE_PACKING_HPP
#define RESCORLA_ENGINE_PACKING_HPP

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "episodes.hpp"

namespace rescorla {

// Columns as the caller has them: rows sorted by unit, then trial. Codes count from 1, 0 is
// missing, negative is not scored; missing numbers are NaN.
struct source_columns {
  std::vector<const std::int32_t*> codes;
  std::vector<const double*> numbers;
  const int* block_start;   // by row: the first trial of a block
  const int* first;         // by unit: first row, from 0
  const int* length;        // by unit: trials
  int units;
};

// The data of all units, copied once into packs of lanes: [block][column][trial][lane]. Units are
// sorted by length, so that a pack wastes few trials on its shorter lanes.
class packed_data {
 public:
  packed_data(const source_columns& from, int lanes, int replicates)
      : serial_(next_serial()), lanes_(lanes), units_(from.units),
        code_columns_(static_cast<int>(from.codes.size())),
        number_columns_(static_cast<int>(from.numbers.size())),
        first_(from.first, from.first + from.units),
        length_(from.length, from.length + from.units) {
    place_units(replicates);
    for (std::size_t g = 0; g < groups_.size(); ++g) fill(from, static_cast<int>(g));
  }

  int lanes() const { return lanes_; }
  int units() const { return units_; }
  int groups() const { return static_cast<int>(groups_.size()); }
  int unit(int group, int lane) const { return lane_unit_[index(group, lane)]; }
  int length(int unit) const { return length_[static_cast<std::size_t>(unit)]; }
  int first(int unit) const { return first_[static_cast<std::size_t>(unit)]; }
  int longest() const { return groups_.empty() ? 0 : groups_.front().trials; }
  int code_columns() const { return code_columns_; }
  int number_columns() const { return number_columns_; }
  // Different for any two packed data of a process, which an address is not.
  std::uint64_t serial() const { return serial_; }

  // A lane that holds the unit.
  struct place {
    int group;
    std::size_t lane;
  };
  place find(int unit) const {
    const int at = seat_[static_cast<std::size_t>(unit)];
    return {at / lanes_, static_cast<std::size_t>(at % lanes_)};
  }

  packed_block block(int group) const {
    const storage& s = groups_[static_cast<std::size_t>(group)];
    return {s.trials,         s.trials,       s.codes.data(),
            s.numbers.data(), s.marks.data(), s.any_mark.data()};
  }

 private:
  struct storage {
    int trials;
    std::vector<std::int32_t> codes;
    std::vector<double> numbers;
    std::vector<std::uint8_t> marks;
    std::vector<std::uint8_t> any_mark;
  };

  std::size_t index(int group, int lane) const {
    return static_cast<std::size_t>(group) * static_cast<std::size_t>(lanes_) +
           static_cast<std::size_t>(lane);
  }

  static std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> count{0};
    return ++count;
  }

  void place_units(int replicates) {
    std::vector<int> order(static_cast<std::size_t>(units_));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return length(a) > length(b); });
    seat_.resize(static_cast<std::size_t>(units_));
    for (int unit : order) {
      seat_[static_cast<std::size_t>(unit)] = static_cast<int>(lane_unit_.size());
      for (int r = 0; r < replicates; ++r) lane_unit_.push_back(unit);
    }
    while (lane_unit_.size() % static_cast<std::size_t>(lanes_) != 0) lane_unit_.push_back(-1);
    groups_.resize(lane_unit_.size() / static_cast<std::size_t>(lanes_));
  }

  void fill(const source_columns& from, int group) {
    storage& s = groups_[static_cast<std::size_t>(group)];
    s.trials = 0;
    for (int l = 0; l < lanes_; ++l)
      if (unit(group, l) >= 0) s.trials = std::max(s.trials, length(unit(group, l)));
    const std::size_t trials = static_cast<std::size_t>(s.trials);
    const std::size_t lanes = static_cast<std::size_t>(lanes_);
    const std::size_t cells = trials * lanes;
    s.codes.assign(from.codes.size() * cells, 0);
    s.numbers.assign(from.numbers.size() * cells, std::numeric_limits<double>::quiet_NaN());
    s.marks.assign(cells, 0);
    s.any_mark.assign(trials, 0);
    for (std::size_t l = 0; l < lanes; ++l) {
      const int u = unit(group, static_cast<int>(l));
      if (u < 0) continue;
      const std::size_t start = static_cast<std::size_t>(first(u));
      const std::size_t n = static_cast<std::size_t>(length(u));
      for (std::size_t c = 0; c < from.codes.size(); ++c) {
        const std::int32_t* source = from.codes[c] + start;
        std::int32_t* target = s.codes.data() + c * cells + l;
        for (std::size_t t = 0; t < n; ++t) target[t * lanes] = source[t];
      }
      for (std::size_t c = 0; c < from.numbers.size(); ++c) {
        const double* source = from.numbers[c] + start;
        double* target = s.numbers.data() + c * cells + l;
        for (std::size_t t = 0; t < n; ++t) target[t * lanes] = source[t];
      }
      for (std::size_t t = 0; t < n; ++t) {
        if (from.block_start[start + t] == 0 && t > 0) continue;
        const std::uint8_t mark = t == 0 ? subject_start | block_start : block_start;
        s.marks[t * lanes + l] = mark;
        s.any_mark[t] = 1;
      }
    }
  }

  std::uint64_t serial_;
  int lanes_;
  int units_;
  int code_columns_;
  int number_columns_;
  std::vector<int> first_;
  std::vector<int> length_;
  std::vector<int> lane_unit_;
  std::vector<int> seat_;              // by unit: a lane over all groups
  std::vector<storage> groups_;
};

}  // namespace rescorla

#endif
