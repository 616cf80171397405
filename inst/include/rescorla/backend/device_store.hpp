#ifndef RESCORLA_BACKEND_DEVICE_STORE_HPP
#define RESCORLA_BACKEND_DEVICE_STORE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "../engine/packing.hpp"
#include "device_memory.hpp"
#include "executor.hpp"

namespace rescorla {

// The data of all units on a device. They are uploaded once and stay there; where they are more than
// `budget` bytes they are divided into parts, which take turns.
//
// Units are sorted by length, so that neighbouring threads end together; a seat is a unit's place in
// that order.
class device_store {
 public:
  // `data` must outlive the store.
  device_store(const device_interface& device, const packed_data& data, std::size_t budget,
               const executor& parallel)
      : device_(device), data_(data), parallel_(parallel), lengths_(device), tables_(device),
        marks_(device) {
    order_.resize(static_cast<std::size_t>(data.units()));
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return data.length(a) > data.length(b); });
    look();
    divide(budget);
    for (std::size_t c = 0; c < kinds_.size(); ++c) columns_.emplace_back(device);
  }

  const device_interface& device() const { return device_; }
  int units() const { return data_.units(); }
  int parts() const { return static_cast<int>(first_.size()) - 1; }
  int first_seat(int part) const { return first_[static_cast<std::size_t>(part)]; }
  int seats(int part) const { return first_seat(part + 1) - first_seat(part); }
  int unit(int seat) const { return order_[static_cast<std::size_t>(seat)]; }

  // The part, uploaded where it is not there.
  const device_data& part(int k) {
    if (loaded_ != k) upload(k);
    return loaded_data_;
  }

 private:
  static std::size_t bytes_of(column_kind kind) {
    switch (kind) {
      case column_kind::int8:
        return 1;
      case column_kind::int16:
        return 2;
      case column_kind::float64:
        return 8;
      default:
        return 4;
    }
  }
  std::size_t code_columns() const { return static_cast<std::size_t>(data_.code_columns()); }

  // The narrowest kind that holds a column's values exactly.
  struct range {
    double lowest = 0.0, highest = 0.0;
    bool whole = true, single = true;
    void see(double x) {
      if (std::isnan(x)) return;
      lowest = std::min(lowest, x);
      highest = std::max(highest, x);
      whole = whole && x == std::floor(x) && !(x == 0.0 && std::signbit(x));
      single = single && static_cast<double>(static_cast<float>(x)) == x;
    }
    void see(const range& x) {
      lowest = std::min(lowest, x.lowest);
      highest = std::max(highest, x.highest);
      whole = whole && x.whole;
      single = single && x.single;
    }
    column_kind number() const {
      if (whole && lowest > missing_int8 && highest <= 127.0) return column_kind::int8;
      if (whole && lowest > missing_int16 && highest <= 32767.0) return column_kind::int16;
      return single ? column_kind::float32 : column_kind::float64;
    }
    column_kind code() const {
      if (lowest >= -128.0 && highest <= 127.0) return column_kind::int8;
      return lowest >= -32768.0 && highest <= 32767.0 ? column_kind::int16 : column_kind::int32;
    }
  };

  template <class F>
  void each_unit(int from, int to, F body) const {
    constexpr int together = 64;
    const int blocks = (to - from + together - 1) / together;
    parallel_(blocks, [&](int b) {
      const int begin = from + b * together;
      body(b, begin, std::min(begin + together, to));
    });
  }

  void look() {
    const std::size_t columns = code_columns() + static_cast<std::size_t>(data_.number_columns());
    const std::size_t blocks = (order_.size() + 63) / 64;
    std::vector<range> seen(blocks * columns);
    std::vector<unsigned char> marked(blocks, 0);
    each_unit(0, units(), [&](int b, int begin, int end) {
      range* mine = &seen[static_cast<std::size_t>(b) * columns];
      for (int s = begin; s < end; ++s) {
        const source x = source_of(s);
        for (std::size_t c = 0; c < columns; ++c)
          for (int t = 0; t < x.length; ++t)
            mine[c].see(c < code_columns() ? x.code(c, t) : x.number(c - code_columns(), t));
        for (int t = 1; t < x.length; ++t) marked[static_cast<std::size_t>(b)] |= x.mark(t);
      }
    });
    kinds_.resize(columns);
    for (std::size_t c = 0; c < columns; ++c) {
      range all;
      for (std::size_t b = 0; b < blocks; ++b) all.see(seen[b * columns + c]);
      kinds_[c] = c < code_columns() ? all.code() : all.number();
    }
    marked_ = std::any_of(marked.begin(), marked.end(), [](unsigned char m) { return m != 0; });
  }

  // Where a seat's data lie in the packs of lanes.
  struct source {
    packed_block block;
    std::size_t lane, lanes;
    int length;
    std::size_t at(std::size_t column, int t) const {
      return (column * static_cast<std::size_t>(block.stride) + static_cast<std::size_t>(t)) *
                 lanes + lane;
    }
    double code(std::size_t column, int t) const { return block.codes[at(column, t)]; }
    double number(std::size_t column, int t) const { return block.numbers[at(column, t)]; }
    std::uint8_t mark(int t) const { return block.marks[at(0, t)]; }
  };
  source source_of(int seat) const {
    const int u = unit(seat);
    const packed_data::place place = data_.find(u);
    return {data_.block(place.group), place.lane, static_cast<std::size_t>(data_.lanes()),
            data_.length(u)};
  }

  void divide(std::size_t budget) {
    std::size_t row = marked_ ? 1 : 0;
    for (column_kind kind : kinds_) row += bytes_of(kind);
    first_.assign(1, 0);
    // Units are sorted: the first of a part is its longest.
    for (int seat = 0; seat < units();) {
      const std::size_t one = row * static_cast<std::size_t>(std::max(data_.length(unit(seat)), 1));
      const std::size_t fit = std::max<std::size_t>(budget / std::max<std::size_t>(one, 1), 1);
      seat += static_cast<int>(std::min(fit, static_cast<std::size_t>(units() - seat)));
      first_.push_back(seat);
    }
    if (units() == 0) first_.push_back(0);
  }

  template <class T>
  T missing() const {
    return std::numeric_limits<T>::is_integer ? std::numeric_limits<T>::min()
                                              : std::numeric_limits<T>::quiet_NaN();
  }

  // One column of a part, [trial][seat].
  template <class T, class Get>
  void fill(int part, std::size_t rows, std::vector<unsigned char>& to, T absent,
            Get get) const {
    const std::size_t wide = static_cast<std::size_t>(seats(part));
    to.resize(std::max<std::size_t>(rows * wide * sizeof(T), 1));
    T* out = reinterpret_cast<T*>(to.data());
    each_unit(first_seat(part), first_seat(part + 1), [&](int, int begin, int end) {
      source from[64];
      for (int s = begin; s < end; ++s) from[s - begin] = source_of(s);
      T* place = out + (begin - first_seat(part));
      for (std::size_t t = 0; t < rows; ++t, place += wide)
        for (int i = 0; i < end - begin; ++i)
          place[i] = static_cast<int>(t) < from[i].length ? get(from[i], static_cast<int>(t)) : absent;
    });
  }
  template <class T>
  void fill_numbers(int part, std::size_t rows, std::size_t column, std::vector<unsigned char>& to) const {
    fill<T>(part, rows, to, missing<T>(), [&](const source& x, int t) {
      const double y = x.number(column, t);
      return std::isnan(y) ? missing<T>() : static_cast<T>(y);
    });
  }
  template <class T>
  void fill_codes(int part, std::size_t rows, std::size_t column, std::vector<unsigned char>& to) const {
    fill<T>(part, rows, to, T{0}, [&](const source& x, int t) { return static_cast<T>(x.code(column, t)); });
  }

  void upload(int k) {
    loaded_ = -1;
    const std::size_t rows =
        seats(k) == 0 ? 0 : static_cast<std::size_t>(data_.length(unit(first_seat(k))));
    std::vector<unsigned char> host;
    std::vector<device_column> table;
    for (std::size_t c = 0; c < kinds_.size(); ++c) {
      const bool code = c < code_columns();
      const std::size_t column = code ? c : c - code_columns();
      const column_kind kind = kinds_[c];
      if (kind == column_kind::int8)
        code ? fill_codes<signed char>(k, rows, column, host)
             : fill_numbers<signed char>(k, rows, column, host);
      else if (kind == column_kind::int16)
        code ? fill_codes<short>(k, rows, column, host)
             : fill_numbers<short>(k, rows, column, host);
      else if (kind == column_kind::int32)
        fill_codes<int>(k, rows, column, host);
      else if (kind == column_kind::float32)
        fill_numbers<float>(k, rows, column, host);
      else
        fill_numbers<double>(k, rows, column, host);
      table.push_back({columns_[c].put(host), kind});
    }
    loaded_data_.marks = nullptr;
    if (marked_) {
      fill<std::uint8_t>(k, rows, host, 0, [](const source& x, int t) { return x.mark(t); });
      loaded_data_.marks = marks_.put(host);
    }
    std::vector<int> lengths;
    for (int s = first_seat(k); s < first_seat(k + 1); ++s) lengths.push_back(data_.length(unit(s)));
    loaded_data_.length = lengths_.put(lengths);
    loaded_data_.units = seats(k);
    loaded_data_.codes = tables_.put(table);
    loaded_data_.numbers = loaded_data_.codes + code_columns();
    loaded_ = k;
  }

  const device_interface& device_;
  const packed_data& data_;
  executor parallel_;
  std::vector<int> order_;           // [seat] unit
  std::vector<column_kind> kinds_;   // codes, then numbers
  bool marked_ = false;
  std::vector<int> first_;           // [part + 1] first seat
  int loaded_ = -1;
  device_data loaded_data_ = {};
  std::vector<device_memory> columns_;
  device_memory lengths_, tables_, marks_;
};

}  // namespace rescorla

#endif
