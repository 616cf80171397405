#include "bridge.h"
#include "threads.h"
#include "traces.h"

using namespace Rcpp;

namespace {

// Where a run over data records: a vector for every cell of every item, units one after the other.
class recorder {
 public:
  recorder(const IntegerVector& cells, R_xlen_t rows) : items_(cells.size()) {
    for (R_xlen_t i = 0; i < cells.size(); ++i) {
      pointers_.emplace_back();
      step_.push_back(1);
      if (cells[i] == 0) continue;
      List each(cells[i]);
      for (int c = 0; c < cells[i]; ++c) {
        each[c] = unfilled_vector(REALSXP, rows);
        pointers_.back().push_back(REAL(static_cast<SEXP>(each[c])));
      }
      items_[i] = each;
    }
    for (const std::vector<double*>& p : pointers_)
      views_.push_back(p.empty() ? nullptr : p.data());
  }

  double* const* const* views() const { return views_.data(); }
  const std::ptrdiff_t* step() const { return step_.data(); }
  List result() const { return items_; }

 private:
  List items_;
  std::vector<std::vector<double*>> pointers_;
  std::vector<std::ptrdiff_t> step_;
  std::vector<double* const*> views_;
};

}  // namespace

// Runs a program over data and records: latents of the data, and replayed draws where asked.
// [[Rcpp::export]]
List cpp_trace(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters,
               IntegerVector cells, int first_response, LogicalVector draw, double seed,
               int replicate, double rows, int threads) {
  const rescorla::kernel_table& table = kernels_from(kernels);
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const recorder out(cells, static_cast<R_xlen_t>(rows));
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
    rescorla::trace_call call = empty_trace(program, first_response);
    call.items = out.views();
    call.item_step = out.step();
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
