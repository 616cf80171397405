#include "tasks.h"

#include "registry.h"
#include "threads.h"

#include "rescorla/random/draws.hpp"

using namespace Rcpp;

namespace {

const rescorla::task_table& task_from(SEXP pointer) {
  const void* address = TYPEOF(pointer) == EXTPTRSXP ? R_ExternalPtrAddr(pointer) : nullptr;
  if (address == nullptr)
    raise(rescorla::error_kind::model, "The compiled task is gone; it is loaded anew on the next use.");
  return *static_cast<const rescorla::task_table*>(address);
}

SEXP task_pointer(const rescorla::task_table* table) {
  if (table == nullptr || table->interface != rescorla::kernel_interface) return R_NilValue;
  return R_MakeExternalPtr(const_cast<rescorla::task_table*>(table), R_NilValue, R_NilValue);
}

// A level from 1 to `levels`, each as likely; missing where there are none.
double random_level(std::uint64_t seed, int trial, int response, std::uint32_t subject, int levels) {
  using namespace rescorla;
  if (levels < 1) return NA_REAL;
  const philox_block<1> bits =
      philox<1>(seed, broadcast_words<1>(static_cast<std::uint32_t>(trial)),
                broadcast_words<1>(static_cast<std::uint32_t>(response)),
                broadcast_words<1>(subject), broadcast_words<1>(0));
  const double u = uniform(bits).v[0];
  return std::min(levels, 1 + static_cast<int>(u * levels));
}

// Every array stands on a 64-byte boundary.
std::size_t padded(std::size_t doubles) { return (doubles + 7) / 8 * 8; }

}  // namespace

// A task compiled with the package; NULL where the name is none of them.
// [[Rcpp::export]]
SEXP cpp_ready_task(std::string name, int level) {
  return task_pointer(rescorla::ready_task(name.c_str(), level));
}

// A task its user compiled: `symbol` is the address of its entry point.
// [[Rcpp::export]]
SEXP cpp_library_task(SEXP symbol) {
  typedef const rescorla::task_table* (*entry)();
  const entry function = reinterpret_cast<entry>(R_ExternalPtrAddrFn(symbol));
  return function == nullptr ? R_NilValue : task_pointer(function());
}

// [[Rcpp::export]]
int cpp_task_lanes(SEXP task) { return task_from(task).lanes; }

task_program::task_program(const List& from)
    : table(task_from(from["kernels"])), data(packed_from(from["packed"])),
      bound(bound_from(from["bound"])), heard(as<std::vector<int>>(from["heard"])),
      cells(as<std::vector<int>>(from["cells"])), number(as<std::vector<int>>(from["number"])),
      code(as<std::vector<int>>(from["code"])), levels(as<std::vector<int>>(from["levels"])),
      listens(as<int>(from["listens"])) {
  for (double x : as<std::vector<double>>(from["needs"]))
    needs.push_back(static_cast<std::uint64_t>(x));
}

bool task_program::feeds_model(int product) const {
  const auto is = [&](const std::vector<int>& x) {
    return std::find(x.begin(), x.end(), product) != x.end();
  };
  return is(number) || is(code);
}

task_lanes::task_lanes(const task_program& program)
    : program_(program), heard_(as_size(program.listens)), made_(program.cells.size(), nullptr),
      heard_from_model_(program.heard.size(), nullptr), number_(program.number.size(), nullptr),
      code_(program.code.size(), nullptr), call_(), link_() {
  const rescorla::task_table& table = program.table;
  const std::size_t lanes = as_size(table.lanes);
  const std::size_t frame = padded((table.frame_size + 7) / 8);
  const std::size_t work = padded(as_size(table.workspace(program.bound.extents.data())) + lanes);
  std::size_t size = frame + work + heard_.size() * padded(lanes);
  for (int c : program.cells) size += padded(as_size(c) * lanes);
  double* next = memory_.get(size);
  link_.frame = next;
  call_.workspace = next + frame;
  next += frame + work;
  for (double*& x : heard_) {
    x = next;
    next += padded(lanes);
  }
  for (std::size_t p = 0; p < made_.size(); ++p) {
    if (program.feeds_model(static_cast<int>(p))) made_[p] = next;
    next += padded(as_size(program.cells[p]) * lanes);
  }
  const auto own = [&](int k, const std::vector<double*>& from) {
    return k < 0 ? nullptr : from[as_size(k)];
  };
  for (std::size_t r = 0; r < program.heard.size(); ++r)
    heard_from_model_[r] = own(program.heard[r], heard_);
  for (std::size_t k = 0; k < number_.size(); ++k) number_[k] = own(program.number[k], made_);
  for (std::size_t k = 0; k < code_.size(); ++k) code_[k] = own(program.code[k], made_);
  link_.run = table.run;
  link_.segments = table.segments;
  link_.needs = program.needs.data();
  link_.heard = heard_from_model_.data();
  link_.number = number_.data();
  link_.code = code_.data();
  link_.levels = program.levels.data();
}

void task_lanes::open(const rescorla::trace_call& trace, double* const* const* items,
                      const std::ptrdiff_t* item_step) {
  call_.block = program_.data.block(0);
  call_.bound = program_.bound.view();
  call_.seed = trace.seed;
  call_.subject = trace.subject;
  call_.replicate = trace.replicate;
  call_.heard = heard_.data();
  call_.made = made_.data();
  call_.items = items;
  call_.item_step = item_step;
  call_.offset = trace.offset;
  call_.length = trace.length;
  call_.missing = trace.missing;
  // Until a line makes it, a product is missing.
  for (std::size_t p = 0; p < made_.size(); ++p)
    if (made_[p] != nullptr)
      std::fill_n(made_[p], as_size(program_.cells[p] * program_.table.lanes), trace.missing);
  program_.table.open(link_.frame, &call_);
}

// A task by itself, for pictures and checks: its responses are drawn anew on every trial, each level
// as likely as any other; numbers it hears are missing. Items are kept as in cpp_simulate(), as
// arrays.
// [[Rcpp::export]]
List cpp_play_task(List task, IntegerVector want, IntegerVector response_levels, double seed,
                   int units) {
  const task_program program(task);
  const int lanes = program.table.lanes, trials = program.data.length(0);
  List items(want.size());
  std::vector<double*> target;
  for (R_xlen_t i = 0; i < want.size(); ++i) {
    NumericVector x(static_cast<R_xlen_t>(units) * want[i] * trials, NA_REAL);
    x.attr("dim") = IntegerVector::create(units, want[i], trials);
    target.push_back(x.begin());
    items[i] = x;
  }
  task_lanes played(program);
  const rescorla::task_link& link = *played.link();
  for (int base = 0; base < units; base += lanes) {
    lane_state lane(lanes);
    for (int l = 0; l < lanes; ++l) {
      lane.subject[as_size(l)] = static_cast<std::uint32_t>(std::min(base + l, units - 1));
      lane.offset[as_size(l)] = std::min(base + l, units - 1);
      lane.length[as_size(l)] = base + l < units ? trials : 0;
    }
    std::vector<std::vector<double*>> cells;
    std::vector<double* const*> views;
    std::vector<std::ptrdiff_t> step;
    for (R_xlen_t i = 0; i < want.size(); ++i) {
      cells.emplace_back();
      for (int c = 0; c < want[i]; ++c)
        cells.back().push_back(target[as_size(i)] + static_cast<std::ptrdiff_t>(c) * units);
      step.push_back(static_cast<std::ptrdiff_t>(want[i]) * units);
    }
    for (const auto& x : cells) views.push_back(x.empty() ? nullptr : x.data());
    rescorla::trace_call call = rescorla::trace_call();
    call.seed = static_cast<std::uint64_t>(seed);
    call.subject = lane.subject.data();
    call.offset = lane.offset.data();
    call.length = lane.length.data();
    call.missing = NA_REAL;
    played.open(call, views.data(), step.data());
    for (int t = 0; t < trials; ++t) {
      for (int r = 0; r < response_levels.size(); ++r)
        for (int l = 0; l < lanes; ++l)
          played.heard(r)[l] = random_level(call.seed, t, r, lane.subject[as_size(l)],
                                            response_levels[r]);
      for (int s = 0; s < link.segments; ++s) played.run(t, s);
    }
    Rcpp::checkUserInterrupt();
  }
  return items;
}
