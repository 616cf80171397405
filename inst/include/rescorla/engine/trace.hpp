#ifndef RESCORLA_ENGINE_TRACE_HPP
#define RESCORLA_ENGINE_TRACE_HPP

#include "../random/variates.hpp"
#include "environment.hpp"
#include "recording.hpp"

RESCORLA_BEGIN

// The frame a program runs in when what happens is recorded: latents (responses taken from the
// data) and simulation (responses drawn, outcomes from the environment). No derivatives.
template <int W, class Block = packed_block>
struct trace_frame : recording_frame<W, Block> {
  typedef recording_frame<W, Block> base;
  typedef mask<W> flag;
  typedef index<W> code_type;
  static constexpr int max_responses = 8;

  const basic_trace_call<Block>* call;
  random_source<W> random;
  mask<W> alive;
  pack<W> row_log_lik;
  mask<W> row_scored;
  code_type drawn_code[max_responses];
  pack<W> drawn_value[max_responses];
  pack<W> outcome;
  std::uint64_t told;     // responses of this trial that the task has heard, a bit each
  int segment;            // of the task, to run next

  RESCORLA_INLINE void open(const basic_trace_call<Block>& c) {
    call = &c;
    this->open_recording(c);
    this->parameters = c.parameters;
    random.open(c);
    outcome = broadcast<W>(c.missing);
  }

  RESCORLA_INLINE void open_trial(int t) {
    this->trial = t;
    row_log_lik = broadcast<W>(0.0);
    row_scored = this->none();
    if (call->task == nullptr) return;
    told = 0;
    segment = 0;
    run_task();
  }
  // The segments of the task that have all they wait for.
  RESCORLA_INLINE void run_task() {
    const task_link& task = *call->task;
    for (; segment < task.segments && (task.needs[segment] & ~told) == 0; ++segment)
      task.run(task.frame, this->trial, segment);
  }
  // The task hears a response: a level, or a number.
  RESCORLA_INLINE void tell(int number, const pack<W>& x) {
    if (call->task == nullptr) return;
    if (double* to = call->task->heard[number]) store(to, x);
    told |= std::uint64_t{1} << number;
    run_task();
  }

  RESCORLA_INLINE observed_number<W> input(int k, int cell = 0) const {
    if (call->draw && call->world.kind != payoff_kind::none) {
      if (k == call->world.outcome_input) return base::observe(outcome);
      if (k == call->world.foregone_input) return base::observe(load<W>(call->world.each + cell * W));
    }
    if (call->draw && call->task != nullptr && call->task->number[k] != nullptr)
      return base::observe(load<W>(call->task->number[k] + cell * W));
    return this->packed_number(this->bound.number_base[k] + cell);
  }
  // What the task made a level of; what is none is missing.
  RESCORLA_INLINE code_type code(int column) const {
    if (!call->draw || call->task == nullptr || call->task->code[column] == nullptr)
      return base::code(column);
    const pack<W> x = load<W>(call->task->code[column]), one = broadcast<W>(1.0);
    const pack<W> top = broadcast<W>(static_cast<double>(call->task->levels[column]));
    return to_index(keep((x >= one) & (x <= top), x));
  }

  // A response's value for the lines below it: drawn, or as the data have it.
  RESCORLA_INLINE code_type response(int column) const {
    return call->draw ? drawn_code[column] : code(column);
  }
  RESCORLA_INLINE observed_number<W> response_value(int number, int k) const {
    return call->draw ? base::observe(drawn_value[number]) : input(k);
  }
  RESCORLA_INLINE flag scored(const code_type& raw, const flag& valid) const {
    return valid & (raw > 0);
  }

  RESCORLA_INLINE void add(int line, const flag& counts, const pack<W>& log_lik) {
    row_log_lik = row_log_lik + keep(counts, log_lik);
    row_scored = row_scored | counts;
    const flag bad = counts & alive & !((log_lik - log_lik) == broadcast<W>(0.0));
    if (!any(bad) || call->bad_trial == nullptr) return;
    for (int l = 0; l < W; ++l)
      if (bad.v[l] && call->bad_trial[l] < 0) {
        call->bad_trial[l] = this->trial;
        call->bad_line[l] = line;
      }
  }

  template <class Probability>
  RESCORLA_INLINE code_type pick(int number, int n, const flag& valid, Probability p) const {
    const words<W> site = broadcast_words<W>(static_cast<std::uint32_t>(number));
    return keep(valid, pick_level<W>(uniform(random.at(this->trial, site)), n, p));
  }

  // Records a categorical response's probabilities, draws it where wanted, and lets the world pay.
  template <class Probability>
  RESCORLA_INLINE void settle(int number, int item, int column, int n, const flag& valid,
                              Probability p) {
    this->record_cells(item, 0, n, valid, p);
    std::int32_t* to = call->drawn == nullptr ? nullptr : call->drawn[number];
    if (!call->draw && to == nullptr) return;
    const code_type raw = this->raw_code(column);
    const code_type mine =
        select(raw < 0, this->unsigned_code(raw), pick(number, n, valid, p));
    if (to != nullptr)
      this->write_codes(to, mine, call->step);
    if (!call->draw) return;
    drawn_code[column] = mine;
    tell(number, select(present(mine), to_pack(mine), broadcast<W>(this->missing)));
    // The first choice: the columns of choices come first.
    if (column == 0 && call->world.kind != payoff_kind::none) pay(mine);
  }

  RESCORLA_INLINE void pay(const code_type& chosen) {
    const environment& world = call->world;
    const pack<W> unknown = broadcast<W>(this->missing);
    if (world.foregone_input >= 0 || world.payoff != nullptr) {
      outcome = unknown;
      for (int a = 0; a < world.actions; ++a) {
        const pack<W> x = payoff<W>(world, random, broadcast_index<W>(a + 1), this->trial);
        store(world.each + a * W, x);
        if (world.payoff != nullptr) this->write(world.payoff[a], x, call->step);
        outcome = select(chosen == a + 1, x, outcome);
      }
    } else {
      outcome = select(present(chosen), payoff<W>(world, random, chosen, this->trial), unknown);
    }
    if (world.outcome != nullptr) this->write(world.outcome, outcome, call->step);
  }

  template <class Logit, class Allowed>
  RESCORLA_INLINE void softmax(int line, int item, int column, int scratch, int n,
                               const flag& valid, Logit logit, bool restricted, Allowed offered) {
    auto* x = this->template cells<0>(scratch);
    for (int a = 0; a < n; ++a) x[a] = logit(a);
    const int number = item - call->first_response;
    const code_type raw = this->raw_code(column);
    const auto allowed = [&](int a) RESCORLA_LAMBDA {
      return restricted ? offered(a) : this->all();
    };
    if (!call->draw) {
      score<W, 0> own;
      own.clear(false);
      auto* copy = x + n;
      flag open = this->none();
      pack<W> top = broadcast<W>(excluded_logit);
      for (int a = 0; a < n; ++a) {
        copy[a] = select(allowed(a), x[a], this->constant(excluded_logit));
        open = open | (allowed(a) & (this->unsigned_code(raw) == a + 1));
        top = max(copy[a].v, top);
      }
      const flag counts = scored(raw, valid) & this->offered(2, n, restricted, allowed);
      add_softmax(own, counts, this->unsigned_code(raw), copy, n, top);
      own.flush();
      add(line, counts, select(open, own.linear, broadcast<W>(-builtin::infinity())));
    }
    rescorla::softmax(x, n, allowed, x);
    settle(number, item, column, n, valid & this->offered(1, n, restricted, allowed),
           [&](int a) RESCORLA_LAMBDA { return x[a].v; });
  }

  // Nothing is kept here: a recorded run is about more than its speed.
  template <class Logit, class Allowed>
  RESCORLA_INLINE void softmax_kept(int line, int item, int column, int scratch, int, int n,
                                    const flag& valid, Logit logit, bool restricted,
                                    Allowed offered) {
    softmax(line, item, column, scratch, n, valid, logit, restricted, offered);
  }

  RESCORLA_INLINE void categorical(int line, int item, int column, int n, const flag& valid,
                                   const number<W, 0>* p) {
    categorical(line, item, column, n, valid, valid, p);
  }
  // Where the program restricts the actions itself: a single one is shown and drawn, not scored.
  RESCORLA_INLINE void categorical(int line, int item, int column, int n, const flag& shown,
                                   const flag& counted, const number<W, 0>* p) {
    const code_type raw = this->raw_code(column);
    if (!call->draw) {
      score<W, 0> own;
      own.clear(false);
      add_categorical(own, scored(raw, counted), raw, p, n);
      add(line, scored(raw, counted), own.linear);
    }
    settle(item - call->first_response, item, column, n, shown,
           [&](int a) RESCORLA_LAMBDA { return p[a].v; });
  }

  template <directions A, directions B>
  RESCORLA_INLINE void normal(int line, int item, int input_column, const flag& valid,
                              const number<W, A>& mean, const number<W, B>& sd) {
    const int number_of_response = item - call->first_response;
    if (!call->draw) {
      const observed_number<W> y = this->packed_number(this->bound.number_base[input_column]);
      score<W, 0> own;
      own.clear(false);
      add_normal(own, valid & y.valid, y.value.v, mean, sd);
      add(line, valid & y.valid, own.linear);
    }
    this->record(item, 0, mean.v, valid);
    double* to = call->drawn_number == nullptr ? nullptr : call->drawn_number[number_of_response];
    if (!call->draw && to == nullptr) return;
    const pack<W> z =
        standard_normal(random.at(
            this->trial, broadcast_words<W>(static_cast<std::uint32_t>(number_of_response))));
    const pack<W> y =
        select(valid, mean.v + sd.v * z, broadcast<W>(this->missing));
    drawn_value[number_of_response] = y;
    tell(number_of_response, y);
    if (to != nullptr) this->write(to, y, call->step);
  }

  // The k-th block of random bits of a response that takes several; payoffs have other sites.
  RESCORLA_INLINE philox_block<W> bits(int number, int k) const {
    const std::uint32_t site =
        0x80000000U | static_cast<std::uint32_t>(k) << 3 | static_cast<std::uint32_t>(number);
    return random.at(this->trial, broadcast_words<W>(site));
  }

  // A response that is a number: scored, its mean recorded, and drawn where wanted. `add_to` gives
  // the lanes that it scored.
  template <class Mean, class Add, class Draw>
  RESCORLA_INLINE void settle_number(int line, int item, int input_column, const flag& shown,
                                     const flag& counted, Mean mean, Add add_to, Draw draw) {
    const int number = item - call->first_response;
    if (!call->draw) {
      const observed_number<W> y = this->packed_number(this->bound.number_base[input_column]);
      score<W, 0> own;
      own.clear(false);
      const flag counts = add_to(own, counted & y.valid, y.value.v);
      add(line, counts, own.linear);
    }
    this->record_cells(item, 0, 1, shown, [&](int) RESCORLA_LAMBDA { return mean(); });
    double* to = call->drawn_number == nullptr ? nullptr : call->drawn_number[number];
    if (!call->draw && to == nullptr) return;
    const pack<W> y = select(shown, draw(number), broadcast<W>(this->missing));
    drawn_value[number] = y;
    tell(number, y);
    if (to != nullptr) this->write(to, y, call->step);
  }

  template <directions A, directions B>
  RESCORLA_INLINE void beta_mean(int line, int item, int input_column, const flag& valid,
                                 const number<W, A>& mean, const number<W, B>& precision) {
    settle_number(
        line, item, input_column, valid, valid, [&]() RESCORLA_LAMBDA { return mean.v; },
        [&](score<W, 0>& own, const flag& where, const pack<W>& y) RESCORLA_LAMBDA {
          add_beta(own, where, y, mean, precision);
          return where;
        },
        [&](int number) RESCORLA_LAMBDA {
          const pack<W> a = mean.v * precision.v;
          return beta_variate<W>(a, (broadcast<W>(1.0) - mean.v) * precision.v,
                                 [&](int k) RESCORLA_LAMBDA { return bits(number, k); });
        });
  }

  template <directions A, directions B>
  RESCORLA_INLINE void binomial(int line, int item, int input_column, const flag& valid,
                                const number<W, A>& size, const number<W, B>& p) {
    settle_number(
        line, item, input_column, valid, valid,
        [&]() RESCORLA_LAMBDA { return size.v * p.v; },
        [&](score<W, 0>& own, const flag& where, const pack<W>& y) RESCORLA_LAMBDA {
          add_binomial(own, where, y, size.v, p);
          return where;
        },
        [&](int number) RESCORLA_LAMBDA {
          const flag proper = is_count(size.v) & (p.v >= broadcast<W>(0.0)) &
                              (p.v <= broadcast<W>(1.0));
          return select(proper, binomial_variate(size.v, p.v, uniform(bits(number, 0))),
                        broadcast<W>(this->missing));
        });
  }

  template <class Logit, class There, directions A>
  RESCORLA_INLINE void repeated_logit(int line, int item, int input_column, const flag& shown,
                                      const flag& counted, Logit logit, There there,
                                      const flag& censored, bool limited,
                                      const number<W, A>& most) {
    const pack<W> zero = broadcast<W>(0.0), one = broadcast<W>(1.0);
    const pack<W> limit = min(most.v, broadcast<W>(longest_series));
    const pack<W> missing = broadcast<W>(this->missing);
    settle_number(
        line, item, input_column, shown, counted,
        // The chance to get so far, summed over all decisions there can be.
        [&]() RESCORLA_LAMBDA {
          pack<W> sum = zero, reach = keep(shown, one), k = zero;
          flag known = shown;
          for (int i = 0; any((k < limit) & (reach > broadcast<W>(1e-17))); ++i, k = k + one) {
            known = known & (there(i) | !(k < limit) | !(reach > zero));
            reach = keep(k < limit, reach * plogis(logit(i).v));
            sum = sum + reach;
          }
          return select(known, sum, missing);
        },
        [&](score<W, 0>& own, const flag& where, const pack<W>& count) RESCORLA_LAMBDA {
          const pack<W> made = base::decisions(count, censored, limited, most.v);
          const flag mine = base::each_there(where, made, there);
          add_series(own, mine, count, made, logit);
          return mine;
        },
        [&](int number) RESCORLA_LAMBDA {
          pack<W> count = zero, k = zero;
          flag going = shown, known = shown;
          for (int i = 0; any(going & (k < limit)); ++i, k = k + one) {
            const flag made = going & (k < limit);
            known = known & (there(i) | !made);
            going = made & (uniform(bits(number, i)) < plogis(logit(i).v));
            count = count + keep(going, one);
          }
          return select(known, count, missing);
        });
  }
};

template <class Model, int W, class Block>
RESCORLA_INLINE void trace(const basic_trace_call<Block>& call) {
  static_assert(sizeof(pack<W>) == W * sizeof(double), "a recorded run is in double precision");
  trace_frame<W, Block> f;
  f.open(call);
  Model::layout(f);
  for (int l = 0; l < W; ++l) f.alive.v[l] = call.length[l] > 0 ? -1LL : 0LL;
  Model::start(f, f.all(), f.all());
  for (int t = 0; t < call.block.trials; ++t) {
    f.open_trial(t);
    if (!f.contiguous)
      for (int l = 0; l < W; ++l) f.alive.v[l] = t < call.length[l] ? -1LL : 0LL;
    if (t > 0 && f.is_marked())
      Model::start(f, f.marked(subject_start), f.marked(block_start));
    Model::record(f);
    Model::trial(f);
    if (call.log_lik != nullptr)
      f.write(call.log_lik,
              select(f.row_scored, f.row_log_lik, broadcast<W>(call.missing)), call.step);
  }
}

RESCORLA_END

#endif
