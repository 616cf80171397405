#ifndef RESCORLA_ENGINE_TASK_HPP
#define RESCORLA_ENGINE_TASK_HPP

#include "environment.hpp"
#include "kernel_table.hpp"
#include "recording.hpp"
#include "task_table.hpp"

RESCORLA_BEGIN

// The frame a task's program runs in. It lasts from segment to segment and trial to trial.
template <int W>
struct task_frame : recording_frame<W> {
  typedef recording_frame<W> base;
  typedef mask<W> flag;
  typedef index<W> code_type;

  const task_call* call;
  random_source<W> random;

  RESCORLA_INLINE void open(const task_call& c) {
    call = &c;
    this->open_recording(c);
    this->parameters = nullptr;
    random.open(c);
  }

  RESCORLA_INLINE observed_number<W> input(int k, int cell = 0) const {
    return this->packed_number(this->bound.number_base[k] + cell);
  }
  // Responses of the model.
  RESCORLA_INLINE observed_number<W> heard(int k) const {
    return base::observe(load<W>(call->heard[k]));
  }
  RESCORLA_INLINE code_type heard_level(int k) const { return to_index(heard(k).value.v); }

  // Random numbers: one for each place in the program, cell and trial, drawn whether or not it is
  // used, so that no lane depends on what others do.
  RESCORLA_INLINE philox_block<W> bits(int site, int cell) const {
    return random.at(this->trial,
                     broadcast_words<W>(task_site + static_cast<std::uint32_t>(site) * task_cells +
                                        static_cast<std::uint32_t>(cell)));
  }
  RESCORLA_INLINE number<W, 0> draw_uniform(int site, int cell) const {
    return plain(uniform(bits(site, cell)));
  }
  RESCORLA_INLINE number<W, 0> draw_normal(int site, int cell) const {
    return plain(standard_normal(bits(site, cell)));
  }
  // A level, with the probabilities given for each; they need not add to 1.
  template <class Probability>
  RESCORLA_INLINE code_type draw_level(int site, int n, const flag& valid, Probability p) const {
    return keep(valid, pick_level<W>(uniform(bits(site, 0)), n,
                                     [&](int a) RESCORLA_LAMBDA { return p(a).v; }));
  }

  // A cell of a product: for the model to read, and for the record.
  RESCORLA_INLINE void make(int product, int cell, int item, const pack<W>& x,
                            const flag& valid) const {
    if (double* to = call->made[product])
      store(to + cell * W, select(valid, x, broadcast<W>(this->missing)));
    this->record(item, cell, x, valid);
  }
  RESCORLA_INLINE void make(int product, int cell, int item, const number<W, 0>& x,
                            const flag& valid) const {
    make(product, cell, item, x.v, valid);
  }
  RESCORLA_INLINE void make(int product, int cell, int item, const flag& x,
                            const flag& valid) const {
    make(product, cell, item, keep(x, broadcast<W>(1.0)), valid);
  }
  RESCORLA_INLINE void make(int product, int cell, int item, const code_type& x,
                            const flag& valid) const {
    make(product, cell, item, to_pack(x), valid & present(x));
  }
};

// The entry points of one task at one instruction set.
template <class Task, int W = RESCORLA_LANES>
struct task_kernels {
  RESCORLA_ENTRY static std::ptrdiff_t workspace(const int* extents) {
    frame<W, 0> f;
    f.bound.extents = extents;
    f.used = 0;
    Task::layout(f);
    return f.used;
  }
  RESCORLA_ENTRY static void open(void* memory, const task_call* call) {
    task_frame<W>& f = *new (memory) task_frame<W>;
    f.open(*call);
    Task::layout(f);
  }
  RESCORLA_ENTRY static void run(void* memory, int trial, int segment) {
    task_frame<W>& f = *static_cast<task_frame<W>*>(memory);
    f.trial = trial;
    if (segment == 0) {
      if (trial == 0) Task::start(f, f.all(), f.all());
      else if (f.is_marked())
        Task::start(f, f.marked(subject_start), f.marked(block_start));
      Task::record(f);
    }
    Task::trial(f, segment);
  }
  static const task_table* table() {
    static const task_table t = {kernel_interface,       W,     Task::segments, &workspace,
                                 sizeof(task_frame<W>), &open, &run};
    return &t;
  }
};

RESCORLA_END

#endif
