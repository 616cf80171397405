#ifndef RESCORLA_ENGINE_BLOCKS_HPP
#define RESCORLA_ENGINE_BLOCKS_HPP

#include "../core/pack.hpp"
#include "episodes.hpp"

RESCORLA_BEGIN

// How a frame reads its data: by packs of lanes from a packed_block, by thread from a device_block.

// As packed: negative where a response is not to be scored.
template <int W>
RESCORLA_INLINE index<W> block_codes(const packed_block& b, int column, int trial) {
  return load_codes<W>(b.codes + (static_cast<std::ptrdiff_t>(column) * b.stride + trial) * W);
}
template <int W>
RESCORLA_INLINE pack<W> block_numbers(const packed_block& b, int column, int trial) {
  return load<W>(b.numbers + (static_cast<std::ptrdiff_t>(column) * b.stride + trial) * W);
}
template <int W>
RESCORLA_INLINE mask<W> block_marks(const packed_block& b, int trial, std::uint8_t bit) {
  mask<W> r;
  const std::uint8_t* m = b.marks + static_cast<std::ptrdiff_t>(trial) * W;
  for (int l = 0; l < W; ++l) r.v[l] = (m[l] & bit) ? -1 : 0;
  return r;
}
RESCORLA_INLINE bool block_is_marked(const packed_block& b, int trial) {
  return b.any_mark[trial] != 0;
}

RESCORLA_INLINE std::ptrdiff_t place_in(const device_block& b, int trial) {
  return static_cast<std::ptrdiff_t>(trial) * b.units + b.unit;
}

template <int W>
RESCORLA_INLINE index<W> block_codes(const device_block& b, int column, int trial) {
  static_assert(W == 1, "a thread is one lane");
  const device_column c = b.codes[column];
  const std::ptrdiff_t at = place_in(b, trial);
  int code;
  if (c.kind == column_kind::int8)
    code = static_cast<const signed char*>(c.values)[at];
  else if (c.kind == column_kind::int16)
    code = static_cast<const short*>(c.values)[at];
  else
    code = static_cast<const int*>(c.values)[at];
  return broadcast_index<W>(code);
}
template <int W>
RESCORLA_INLINE pack<W> block_numbers(const device_block& b, int column, int trial) {
  static_assert(W == 1, "a thread is one lane");
  const device_column c = b.numbers[column];
  const std::ptrdiff_t at = place_in(b, trial);
  if (c.kind == column_kind::int8) {
    const int x = static_cast<const signed char*>(c.values)[at];
    return broadcast<W>(x == missing_int8 ? builtin::nan() : static_cast<double>(x));
  }
  if (c.kind == column_kind::int16) {
    const int x = static_cast<const short*>(c.values)[at];
    return broadcast<W>(x == missing_int16 ? builtin::nan() : static_cast<double>(x));
  }
  if (c.kind == column_kind::float32)
    return broadcast<W>(static_cast<double>(static_cast<const float*>(c.values)[at]));
  return load<W>(static_cast<const double*>(c.values) + at);
}
template <int W>
RESCORLA_INLINE mask<W> block_marks(const device_block& b, int trial, std::uint8_t bit) {
  mask<W> r;
  r.v[0] = (b.marks[place_in(b, trial)] & bit) ? -1 : 0;
  return r;
}
RESCORLA_INLINE bool block_is_marked(const device_block& b, int trial) {
  return b.marks != nullptr && b.marks[place_in(b, trial)] != 0;
}

RESCORLA_END

#endif
