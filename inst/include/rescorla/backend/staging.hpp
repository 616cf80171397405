#ifndef RESCORLA_BACKEND_STAGING_HPP
#define RESCORLA_BACKEND_STAGING_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "../engine/packing.hpp"

namespace rescorla {

// One pack of lanes whose units can be exchanged one by one. Copying a unit in costs a few percent
// of one evaluation, and nothing when it sits there already.
class staging {
 public:
  // Seats unit[i] in lane i; the lanes from `count` on hold the first unit.
  packed_block seat(const packed_data& data, const int* unit, int count) {
    open(data);
    bool changed = false;
    for (std::size_t l = 0; l < lanes_; ++l) {
      const int u = unit[static_cast<int>(l) < count ? l : 0];
      if (seated_[l] == u) continue;
      copy(data, u, l);
      seated_[l] = u;
      changed = true;
    }
    if (changed) settle(data);
    return {trials_,        static_cast<int>(rows_), codes_.data(), numbers_.data(),
            marks_.data(), any_mark_.data()};
  }

 private:
  void open(const packed_data& data) {
    if (serial_ == data.serial()) return;
    serial_ = data.serial();
    lanes_ = static_cast<std::size_t>(data.lanes());
    rows_ = static_cast<std::size_t>(data.longest());
    codes_.assign(static_cast<std::size_t>(data.code_columns()) * rows_ * lanes_, 0);
    numbers_.assign(static_cast<std::size_t>(data.number_columns()) * rows_ * lanes_,
                    std::numeric_limits<double>::quiet_NaN());
    marks_.assign(rows_ * lanes_, 0);
    any_mark_.assign(rows_, 0);
    seated_.assign(lanes_, -1);
    filled_.assign(lanes_, 0);
  }

  void copy(const packed_data& data, int unit, std::size_t lane) {
    const packed_data::place from = data.find(unit);
    const packed_block block = data.block(from.group);
    const std::size_t n = static_cast<std::size_t>(data.length(unit)), source = from.lane;
    for (int c = 0; c < data.code_columns(); ++c)
      column(block.codes, block, c, source, codes_.data(), lane, n, std::int32_t{0});
    for (int c = 0; c < data.number_columns(); ++c)
      column(block.numbers, block, c, source, numbers_.data(), lane, n,
             std::numeric_limits<double>::quiet_NaN());
    column(block.marks, block, 0, source, marks_.data(), lane, n, std::uint8_t{0});
    filled_[lane] = n;
  }

  // Trials after the unit's last, as far as an earlier unit reached, become missing.
  template <class T>
  void column(const T* from, const packed_block& block, int c, std::size_t source, T* to,
              std::size_t lane, std::size_t n, T missing) const {
    const T* x = from + static_cast<std::size_t>(c) * static_cast<std::size_t>(block.stride) * lanes_ +
                 source;
    T* y = to + static_cast<std::size_t>(c) * rows_ * lanes_ + lane;
    for (std::size_t t = 0; t < n; ++t) y[t * lanes_] = x[t * lanes_];
    for (std::size_t t = n; t < filled_[lane]; ++t) y[t * lanes_] = missing;
  }

  void settle(const packed_data& data) {
    trials_ = 0;
    for (int u : seated_) trials_ = std::max(trials_, data.length(u));
    for (std::size_t t = 0; t < static_cast<std::size_t>(trials_); ++t) {
      std::uint8_t any = 0;
      for (std::size_t l = 0; l < lanes_; ++l) any |= marks_[t * lanes_ + l];
      any_mark_[t] = any;
    }
  }

  std::uint64_t serial_ = 0;
  std::size_t lanes_ = 0, rows_ = 0;
  int trials_ = 0;
  std::vector<std::int32_t> codes_;
  std::vector<double> numbers_;
  std::vector<std::uint8_t> marks_, any_mark_;
  std::vector<int> seated_;            // [lane], -1 before the first
  std::vector<std::size_t> filled_;    // [lane], trials written
};

}  // namespace rescorla

#endif
