#ifndef RESCORLA_ENGINE_RECORDING_HPP
#define RESCORLA_ENGINE_RECORDING_HPP

#include "frame.hpp"

RESCORLA_BEGIN

// A frame that writes down what happens, cell by cell; see trace_call for where it goes.
template <int W, class Block = packed_block>
struct recording_frame : frame<W, 0, Block> {
  typedef mask<W> flag;
  typedef index<W> code_type;
  static constexpr bool records = true;

  double* const* const* items;
  const std::ptrdiff_t* offset;
  const std::ptrdiff_t* item_step;
  const int* length;
  double missing;
  bool contiguous;   // all lanes run as long as the block, and their numbers stand side by side

  // `call`: a trace_call or a task_call.
  template <class Call>
  RESCORLA_INLINE void open_recording(const Call& c) {
    this->block = c.block;
    this->bound = c.bound;
    this->workspace = c.workspace;
    this->used = 0;
    this->trial = 0;
    items = c.items;
    offset = c.offset;
    item_step = c.item_step;
    length = c.length;
    missing = c.missing;
    contiguous = true;
    for (int l = 0; l < W; ++l)
      contiguous = contiguous && c.length[l] == c.block.trials && c.offset[l] == c.offset[0] + l;
  }

  RESCORLA_INLINE void write(double* to, const pack<W>& x, std::ptrdiff_t step) const {
    const std::ptrdiff_t shift = this->trial * step;
    if (contiguous) {
      store(to + offset[0] + shift, x);
      return;
    }
    for (int l = 0; l < W; ++l)
      if (this->trial < length[l]) to[offset[l] + shift] = x.v[l];
  }
  RESCORLA_INLINE void write_codes(std::int32_t* to, const code_type& x,
                                   std::ptrdiff_t step) const {
    const std::ptrdiff_t shift = this->trial * step;
    const pack<W> code =
        select(present(x), to_pack(x), broadcast<W>(static_cast<double>(missing_draw)));
    if (contiguous) {
      store_codes(to + offset[0] + shift, code);
      return;
    }
    for (int l = 0; l < W; ++l)
      if (this->trial < length[l])
        to[offset[l] + shift] = static_cast<std::int32_t>(code.v[l]);
  }
  RESCORLA_INLINE void record(int item, int cell, const pack<W>& x, const flag& valid) const {
    record_cells(item, cell, cell + 1, valid, [&](int) RESCORLA_LAMBDA { return x; });
  }
  // Cells from..to - 1 of an item: either all of its cells are wanted or none is.
  template <class Cell>
  RESCORLA_INLINE void record_cells(int item, int from, int to, const flag& valid,
                                    Cell cell) const {
    double* const* columns = items[item];
    if (columns == nullptr) return;
    const pack<W> absent = broadcast<W>(missing);
    if (!contiguous) {
      for (int c = from; c < to; ++c)
        write(columns[c], select(valid, cell(c), absent), item_step[item]);
      return;
    }
    const std::ptrdiff_t at = offset[0] + this->trial * item_step[item];
    for (int c = from; c < to; ++c) store(columns[c] + at, select(valid, cell(c), absent));
  }

  template <directions M>
  RESCORLA_INLINE void report_state(int item, int n, const number<W, M>* x) const {
    record_cells(item, 0, n, this->all(), [&](int c) RESCORLA_LAMBDA { return x[c].v; });
  }
  template <directions M>
  RESCORLA_INLINE void report(int item, int cell, const number<W, M>& x, const flag& valid) const {
    record(item, cell, x.v, valid);
  }
  RESCORLA_INLINE void report(int item, int cell, const flag& x, const flag& valid) const {
    record(item, cell, keep(x, broadcast<W>(1.0)), valid);
  }
  RESCORLA_INLINE void report(int item, int cell, const code_type& x, const flag& valid) const {
    record(item, cell, to_pack(x), valid & present(x));
  }

  RESCORLA_INLINE static observed_number<W> observe(const pack<W>& x) {
    const flag valid = x == x;
    return {plain(keep(valid, x)), valid};
  }
};

RESCORLA_END

#endif
