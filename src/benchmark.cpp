#include "bridge.h"
#include "math_kernels.h"
#include "threads.h"

#include <chrono>
#include <ctime>

using namespace Rcpp;

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Time of the calling thread alone, which other processes do not inflate.
double thread_seconds() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
#else
  return seconds();
#endif
}

}  // namespace

// Seconds of each of `repeats` evaluations of all groups: CPU time of one thread, or wall time of
// several. No results are copied.
// [[Rcpp::export]]
NumericVector cpp_time_kernel(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters,
                              int order, int threads, int repeats) {
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const rescorla::cpu_likelihood likelihood(kernels_from(kernels), data, program, false);
  const parameter_table table(parameters);
  const int lanes = data.lanes(), k = likelihood.directions();
  const std::size_t wide = static_cast<std::size_t>(lanes);
  std::vector<double> in(static_cast<std::size_t>(table.columns) * wide);
  gather_parameters(table, data, 0, in.data());
  const auto evaluate = [&](int from, int to) {
    std::vector<double> v(wide), d(static_cast<std::size_t>(k) * wide);
    std::vector<double> s(static_cast<std::size_t>(k * (k + 1) / 2) * wide);
    for (int g = from; g < to; ++g)
      likelihood.evaluate(g, static_cast<rescorla::order>(order), nullptr, in.data(), v.data(), d.data(),
                          s.data());
  };
  NumericVector times(repeats);
  for (int r = 0; r < repeats; ++r) {
    const double begin = threads == 1 ? thread_seconds() : seconds();
    if (threads == 1) {
      evaluate(0, data.groups());
    } else {
      std::atomic<bool> stop(false);
      const int pieces = threads * 8;
      run_parallel(pieces, threads, stop, [&](int i) {
        const double share = static_cast<double>(data.groups()) / pieces;
        evaluate(static_cast<int>(share * i), static_cast<int>(share * (i + 1)));
      });
    }
    times[r] = (threads == 1 ? thread_seconds() : seconds()) - begin;
  }
  return times;
}

// Nanoseconds per exp and per log at an instruction set, the fastest of `repeats`.
// [[Rcpp::export]]
NumericVector cpp_time_math(int level, int repeats) {
  math_kernels math = math_kernels_baseline();
#if defined(__x86_64__)
  if (level == 1) math = math_kernels_avx2();
  if (level == 2) math = math_kernels_avx512();
#endif
  std::vector<double> x(1024), y(1024);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = -20.0 * static_cast<double>(i) / 1024.0;
    y[i] = 1.0 - x[i];
  }
  const int inner = 200;
  double best_exp = R_PosInf, best_log = R_PosInf, sink = 0.0;
  for (int r = 0; r < repeats; ++r) {
    double begin = thread_seconds();
    for (int i = 0; i < inner; ++i) sink += math.sum_exp(x.data(), 1024);
    best_exp = std::min(best_exp, thread_seconds() - begin);
    begin = thread_seconds();
    for (int i = 0; i < inner; ++i) sink += math.sum_log(y.data(), 1024);
    best_log = std::min(best_log, thread_seconds() - begin);
  }
  const double scale = 1e9 / (inner * 1024.0);
  NumericVector out = NumericVector::create(_["exp"] = best_exp * scale,
                                            _["log"] = best_log * scale);
  out.attr("sink") = sink;
  return out;
}
