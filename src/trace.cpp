#include "bridge.h"
#include "threads.h"

using namespace Rcpp;

namespace {

// Where a run records. Rows: a vector for every cell, units one after the other. Array: one
// [unit, cell, trial] array an item, units fastest, so that a pack of units is stored at once.
class recorder {
 public:
  recorder(const IntegerVector& cells, bool array, R_xlen_t rows, int units, int trials)
      : items_(cells.size()) {
    for (R_xlen_t i = 0; i < cells.size(); ++i) {
      pointers_.emplace_back();
      step_.push_back(array ? static_cast<std::ptrdiff_t>(units) * cells[i] : 1);
      if (cells[i] > 0) array ? add_array(i, cells[i], units, trials) : add_rows(i, cells[i], rows);
    }
    for (const std::vector<double*>& p : pointers_)
      views_.push_back(p.empty() ? nullptr : p.data());
  }

  double* const* const* views() const { return views_.data(); }
  const std::ptrdiff_t* step() const { return step_.data(); }
  List result() const { return items_; }

 private:
  void add_rows(R_xlen_t item, int cells, R_xlen_t rows) {
    List each(cells);
    for (int c = 0; c < cells; ++c) {
      each[c] = unfilled_vector(REALSXP, rows);
      pointers_.back().push_back(REAL(static_cast<SEXP>(each[c])));
    }
    items_[item] = each;
  }
  void add_array(R_xlen_t item, int cells, int units, int trials) {
    items_[item] = unfilled_vector(REALSXP, static_cast<R_xlen_t>(units) * cells * trials);
    for (int c = 0; c < cells; ++c)
      pointers_.back().push_back(REAL(static_cast<SEXP>(items_[item])) +
                                 static_cast<std::ptrdiff_t>(c) * units);
  }

  List items_;
  std::vector<std::vector<double*>> pointers_;
  std::vector<std::ptrdiff_t> step_;
  std::vector<double* const*> views_;
};

std::size_t as_size(int x) { return static_cast<std::size_t>(x); }

// Per-thread scratch of one traced group.
struct lane_state {
  explicit lane_state(int lanes)
      : parameters(), subject(as_size(lanes)), offset(as_size(lanes)), length(as_size(lanes)),
        bad_trial(as_size(lanes), -1), bad_line(as_size(lanes), -1) {}
  std::vector<double> parameters;
  std::vector<std::uint32_t> subject;
  std::vector<std::ptrdiff_t> offset;
  std::vector<int> length, bad_trial, bad_line;
};

rescorla::trace_call make_call(const rescorla::bound_program& program, const recorder& out,
                               int first_response) {
  rescorla::trace_call call = rescorla::trace_call();
  call.bound = program.view();
  call.first_response = first_response;
  call.items = out.views();
  call.item_step = out.step();
  call.missing = NA_REAL;
  call.world.kind = rescorla::payoff_kind::none;
  call.world.outcome_input = -1;
  call.world.foregone_input = -1;
  return call;
}

}  // namespace

// Runs a program over data and records: latents of the data, and replayed draws where asked.
// [[Rcpp::export]]
List cpp_trace(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters,
               IntegerVector cells, int first_response, LogicalVector draw, double seed,
               int replicate, double rows, int threads) {
  const rescorla::kernel_table& table = kernels_from(kernels);
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const recorder out(cells, false, static_cast<R_xlen_t>(rows), 0, 0);
  const parameter_table values(parameters);
  const int units = data.units(), lanes = data.lanes();
  const std::ptrdiff_t size = table.workspace(program.extents.data());
  SEXP log_lik = PROTECT(unfilled_vector(REALSXP, static_cast<R_xlen_t>(rows)));
  List drawn(draw.size()), drawn_number(draw.size());
  std::vector<std::int32_t*> drawn_at;
  std::vector<double*> number_at;
  for (R_xlen_t r = 0; r < draw.size(); ++r) {
    drawn_at.push_back(nullptr);
    number_at.push_back(nullptr);
    if (!draw[r]) continue;
    drawn[r] = unfilled_vector(INTSXP, static_cast<R_xlen_t>(rows));
    drawn_number[r] = unfilled_vector(REALSXP, static_cast<R_xlen_t>(rows));
    drawn_at.back() = INTEGER(static_cast<SEXP>(drawn[r]));
    number_at.back() = REAL(static_cast<SEXP>(drawn_number[r]));
  }
  IntegerVector bad_trial(units, -1), bad_line(units, -1);
  int* bad_trials = bad_trial.begin();
  int* bad_lines = bad_line.begin();
  double* log_liks = REAL(log_lik);
  std::atomic<bool> stop(false);
  const bool complete = run_parallel(data.groups(), threads, stop, [&](int g) {
    static thread_local rescorla::aligned_buffer buffer;
    lane_state lane(lanes);
    lane.parameters.resize(as_size(values.columns * lanes));
    gather_parameters(values, data, g, lane.parameters.data());
    for (int l = 0; l < lanes; ++l) {
      const int u = data.unit(g, l);
      lane.subject[as_size(l)] = static_cast<std::uint32_t>(u < 0 ? 0 : u);
      lane.offset[as_size(l)] = u < 0 ? 0 : data.first(u);
      lane.length[as_size(l)] = u < 0 ? 0 : data.length(u);
    }
    rescorla::trace_call call = make_call(program, out, first_response);
    call.block = data.block(g);
    call.parameters = lane.parameters.data();
    call.workspace = buffer.get(static_cast<std::size_t>(size));
    call.seed = static_cast<std::uint64_t>(seed);
    call.replicate = static_cast<std::uint32_t>(replicate);
    call.subject = lane.subject.data();
    call.log_lik = log_liks;
    call.drawn = drawn_at.data();
    call.drawn_number = number_at.data();
    call.offset = lane.offset.data();
    call.length = lane.length.data();
    call.step = 1;
    call.bad_trial = lane.bad_trial.data();
    call.bad_line = lane.bad_line.data();
    table.record(call);
    for (int l = 0; l < lanes; ++l) {
      const int u = data.unit(g, l);
      if (u < 0) continue;
      bad_trials[u] = lane.bad_trial[as_size(l)];
      bad_lines[u] = lane.bad_line[as_size(l)];
    }
  });
  const List result = List::create(
      _["items"] = out.result(), _["log_lik"] = log_lik, _["drawn"] = drawn,
      _["drawn_number"] = drawn_number, _["bad_trial"] = bad_trial, _["bad_line"] = bad_line,
      _["complete"] = complete);
  UNPROTECT(1);
  return result;
}

// Simulates `units` subjects on a task. `packed` holds one pack of lanes with the trial structure
// that all share; the environment gives the outcomes.
// [[Rcpp::export]]
List cpp_simulate(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters,
                  IntegerVector cells, int first_response, LogicalVector numeric, List world,
                  double seed, int replicate, int units, bool array, int threads) {
  const rescorla::kernel_table& table = kernels_from(kernels);
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const parameter_table values(parameters);
  const int lanes = data.lanes(), trials = data.length(0);
  const R_xlen_t rows = static_cast<R_xlen_t>(units) * trials;
  const recorder out(cells, array, rows, units, trials);
  const NumericVector first = world["first"], second = world["second"], strides = world["strides"];
  const int actions = as<int>(world["actions"]);
  const bool keep_payoffs = as<bool>(world["keep_payoffs"]);
  const std::ptrdiff_t size =
      table.workspace(program.extents.data()) + static_cast<std::ptrdiff_t>(actions) * lanes;
  List drawn(numeric.size()), payoff(keep_payoffs ? actions : 0);
  std::vector<std::int32_t*> drawn_at;
  std::vector<double*> number_at, payoff_at;
  for (R_xlen_t r = 0; r < numeric.size(); ++r) {
    drawn[r] = unfilled_vector(numeric[r] ? REALSXP : INTSXP, rows);
    SEXP x = drawn[r];
    drawn_at.push_back(numeric[r] ? nullptr : INTEGER(x));
    number_at.push_back(numeric[r] ? REAL(x) : nullptr);
  }
  for (R_xlen_t a = 0; a < payoff.size(); ++a) {
    payoff[a] = unfilled_vector(REALSXP, rows);
    payoff_at.push_back(REAL(static_cast<SEXP>(payoff[a])));
  }
  const int kind = as<int>(world["kind"]);
  const int outcome_input = as<int>(world["outcome_input"]);
  const int foregone_input = as<int>(world["foregone_input"]);
  const double* first_at = first.begin();
  const double* second_at = second.begin();
  const double stride[] = {strides[0], strides[1], strides[2]};
  SEXP outcome = PROTECT(unfilled_vector(REALSXP, kind == 0 ? 0 : rows));
  double* outcome_at = kind == 0 ? nullptr : REAL(outcome);
  std::atomic<bool> stop(false);
  const int groups = (units + lanes - 1) / lanes;
  const bool complete = run_parallel(groups, threads, stop, [&](int g) {
    static thread_local rescorla::aligned_buffer buffer;
    lane_state lane(lanes);
    lane.parameters.resize(as_size(values.columns * lanes));
    for (int l = 0; l < lanes; ++l) {
      const int u = g * lanes + l, real = u < units ? u : g * lanes;
      for (int p = 0; p < values.columns; ++p)
        lane.parameters[as_size(p * lanes + l)] = values(real, p);
      lane.subject[as_size(l)] = static_cast<std::uint32_t>(real);
      lane.offset[as_size(l)] = array ? u : static_cast<std::ptrdiff_t>(u) * trials;
      lane.length[as_size(l)] = u < units ? trials : 0;
    }
    rescorla::trace_call call = make_call(program, out, first_response);
    call.block = data.block(0);
    call.parameters = lane.parameters.data();
    call.workspace = buffer.get(static_cast<std::size_t>(size));
    call.draw = true;
    call.seed = static_cast<std::uint64_t>(seed);
    call.replicate = static_cast<std::uint32_t>(replicate);
    call.subject = lane.subject.data();
    call.drawn = drawn_at.data();
    call.drawn_number = number_at.data();
    call.offset = lane.offset.data();
    call.length = lane.length.data();
    call.step = array ? units : 1;
    call.world.kind = static_cast<rescorla::payoff_kind>(kind);
    call.world.first = first_at;
    call.world.second = second_at;
    call.world.by_subject = static_cast<std::ptrdiff_t>(stride[0]);
    call.world.by_action = static_cast<std::ptrdiff_t>(stride[1]);
    call.world.by_trial = static_cast<std::ptrdiff_t>(stride[2]);
    call.world.actions = actions;
    call.world.outcome_input = outcome_input;
    call.world.foregone_input = foregone_input;
    call.world.outcome = outcome_at;
    call.world.payoff = keep_payoffs ? payoff_at.data() : nullptr;
    table.record(call);
  });
  const List result =
      List::create(_["items"] = out.result(), _["drawn"] = drawn, _["outcome"] = outcome,
                   _["payoff"] = payoff, _["complete"] = complete);
  UNPROTECT(1);
  return result;
}
