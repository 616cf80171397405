#include "device.h"
#include "threads.h"

#include "rescorla/inference/device_fits.hpp"
#include "rescorla/inference/optimise.hpp"
#include "rescorla/inference/profile.hpp"

using namespace Rcpp;
namespace inference = rescorla::inference;

namespace {

// Packs of lanes that are fitted together: enough that lanes which are done leave no gaps, few
// enough that every thread has several groups. Results do not depend on it.
int packs_in_group(const rescorla::packed_data& data, int threads) {
  return std::max(1, std::min(16, data.groups() / (4 * threads)));
}

std::vector<double> doubles(const List& x, const char* name) {
  return as<std::vector<double>>(x[name]);
}

// The problem as R describes it; `starts` must outlive it.
inference::problem problem_from(const List& x, const NumericVector& starts) {
  inference::problem p;
  p.free = as<std::vector<int>>(x["free"]);
  p.fixed = doubles(x, "fixed");
  p.lower = doubles(x, "lower");
  p.upper = doubles(x, "upper");
  p.search_lower = doubles(x, "search_lower");
  p.search_upper = doubles(x, "search_upper");
  p.posterior = as<bool>(x["posterior"]);
  if (p.posterior) {
    const IntegerVector links = x["links"], kinds = x["prior_kinds"];
    const NumericVector a = x["prior_a"], b = x["prior_b"];
    for (R_xlen_t j = 0; j < links.size(); ++j) {
      p.links.push_back(static_cast<inference::link>(links[j]));
      p.priors.push_back({static_cast<inference::prior_kind>(kinds[j]), a[j], b[j]});
    }
  }
  p.starts = as<int>(x["starts"]);
  p.candidates = as<int>(x["candidates"]);
  p.start_values = starts.begin();
  p.shared_starts = starts.size() == static_cast<R_xlen_t>(p.starts) * p.candidates * p.size();
  return p;
}

void prepare(inference::problem& p, const rescorla::likelihood& target) {
  static const char* const what[] = {"", "array sizes", "free parameters", "bounds", "links",
                                     "priors", "starting points", "lanes"};
  const inference::problem_error problem = p.prepare(target);
  if (problem == inference::problem_error::none) return;
  raise(rescorla::error_kind::input, std::string("The optimiser cannot use the ") +
                                         what[static_cast<int>(problem)] + " of this fit.");
}

inference::options options_from(const List& x) {
  inference::options how;
  how.tolerance = as<double>(x["tolerance"]);
  how.iterations = as<int>(x["iterations"]);
  how.search_tolerance = as<double>(x["search_tolerance"]);
  return how;
}

// [unit][j] to a units x P matrix.
template <class Matrix, class T>
Matrix by_unit(const std::vector<T>& x, int units, int size) {
  Matrix m(units, size);
  for (int u = 0; u < units; ++u)
    for (int j = 0; j < size; ++j)
      m(u, j) = x[static_cast<std::size_t>(u) * static_cast<std::size_t>(size) +
                  static_cast<std::size_t>(j)];
  return m;
}

// Inverse of the curvature over the parameters in `open`, by Gauss-Jordan on the symmetric matrix;
// false where it is not positive definite.
bool invert(std::vector<double>& h, int n) {
  const std::size_t wide = static_cast<std::size_t>(n);
  for (std::size_t k = 0; k < wide; ++k) {
    const double pivot = h[k * wide + k];
    if (!(pivot > 0.0) || !std::isfinite(pivot)) return false;
    for (std::size_t j = 0; j < wide; ++j) h[k * wide + j] = j == k ? 1.0 / pivot : h[k * wide + j] / pivot;
    for (std::size_t i = 0; i < wide; ++i) {
      if (i == k) continue;
      const double factor = h[i * wide + k];
      for (std::size_t j = 0; j < wide; ++j)
        h[i * wide + j] = (j == k ? 0.0 : h[i * wide + j]) - factor * h[k * wide + j];
    }
  }
  return true;
}

// Covariance matrices by unit in natural units: NA for parameters at a bound or not identified by
// the data. A posterior's curvature is that on the unconstrained scale, moved by the delta method.
List covariances(const inference::results& fits, const inference::problem& p,
                 const CharacterVector& names) {
  List out(fits.units);
  const int k = fits.size;
  const std::vector<double>& curvature = p.posterior ? fits.hessian_real : fits.hessian;
  const List dims = List::create(names, names);
  for (int u = 0; u < fits.units; ++u) {
    NumericMatrix v(k, k);
    std::fill(v.begin(), v.end(), NA_REAL);
    v.attr("dimnames") = dims;
    std::vector<int> open;
    std::vector<double> slope(static_cast<std::size_t>(k), 1.0);
    const std::size_t row = static_cast<std::size_t>(u) * static_cast<std::size_t>(k);
    for (int j = 0; j < k; ++j) {
      const std::size_t at = row + static_cast<std::size_t>(j);
      if (fits.at_bound[at] == 0 && fits.flat[at] == 0) open.push_back(j);
      const inference::transform map = p.map(u, j);
      if (p.posterior) slope[static_cast<std::size_t>(j)] = map.at(map.real(fits.estimate[at])).dx;
    }
    const int n = static_cast<int>(open.size());
    std::vector<double> h;
    for (int i : open)
      for (int j : open)
        h.push_back(curvature[(row + static_cast<std::size_t>(i)) * static_cast<std::size_t>(k) +
                              static_cast<std::size_t>(j)]);
    if (n > 0 && invert(h, n))
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) {
          const int a = open[static_cast<std::size_t>(i)], b = open[static_cast<std::size_t>(j)];
          v(a, b) = h[static_cast<std::size_t>(i * n + j)] * slope[static_cast<std::size_t>(a)] *
                    slope[static_cast<std::size_t>(b)];
        }
    out[u] = v;
  }
  return out;
}

// Fits as R has them.
List fits_to_r(const inference::results& out, const inference::problem& p,
               const CharacterVector& names, bool complete) {
  const int n = out.units, k = out.size;
  return List::create(
      _["estimate"] = by_unit<NumericMatrix>(out.estimate, n, k), _["loglik"] = out.log_likelihood,
      _["log_posterior"] = out.log_posterior, _["log_evidence"] = out.log_evidence,
      _["gradient"] = by_unit<NumericMatrix>(out.gradient, n, k),
      _["hessian"] = by_unit<NumericMatrix>(out.hessian, n, k * k),
      _["hessian_real"] =
          p.posterior ? wrap(by_unit<NumericMatrix>(out.hessian_real, n, k * k)) : R_NilValue,
      _["vcov"] = covariances(out, p, names), _["scaled_gradient"] = out.scaled_gradient,
      _["at_bound"] = by_unit<IntegerMatrix>(out.at_bound, n, k),
      _["flat"] = by_unit<IntegerMatrix>(out.flat, n, k), _["status"] = out.status,
      _["iterations"] = out.iterations, _["starts_agree"] = out.starts_agree,
      _["starts_failed"] = out.starts_failed,
      _["evaluations"] = std::vector<double>(out.evaluations.begin(), out.evaluations.end()),
      _["complete"] = complete);
}

// Fits as cpp_fit() returned them.
inference::results results_from(const List& x, int units, int size, bool posterior) {
  inference::results fits;
  fits.resize(units, size, posterior);
  const auto fill = [&](const char* name, int columns, auto& to) {
    const NumericMatrix from(as<NumericMatrix>(x[name]));
    for (int u = 0; u < units; ++u)
      for (int j = 0; j < columns; ++j)
        to[static_cast<std::size_t>(u) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(j)] = from(u, j);
  };
  fill("estimate", size, fits.estimate);
  fill("gradient", size, fits.gradient);
  fill("hessian", size * size, fits.hessian);
  fill("at_bound", size, fits.at_bound);
  fill("flat", size, fits.flat);
  fits.log_likelihood = doubles(x, "loglik");
  if (posterior) {
    fill("hessian_real", size * size, fits.hessian_real);
    fits.log_posterior = doubles(x, "log_posterior");
  }
  return fits;
}

}  // namespace

// Fits all units. `tick(finished)` is called on R's thread while the fits run.
// [[Rcpp::export]]
List cpp_fit(SEXP kernels, SEXP packed, List bound, bool every, List problem, NumericVector starts,
             List options, CharacterVector names, int threads, Function tick) {
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const rescorla::cpu_likelihood likelihood(kernels_from(kernels), data, program, every,
                                            packs_in_group(data, threads));
  inference::problem p = problem_from(problem, starts);
  prepare(p, likelihood);
  std::atomic<bool> stop(false);
  std::atomic<long long> finished(0);
  inference::options how = options_from(options);
  how.stop = &stop;
  how.finished = &finished;
  inference::results out;
  out.resize(likelihood.units(), p.size(), p.posterior);
  const bool complete = run_parallel(
      likelihood.groups(), threads, stop,
      [&](int g) {
        inference::optimiser<> optimiser(likelihood, p);
        optimiser.run(g, how, out);
      },
      [&] { tick(static_cast<double>(finished.load())); });
  return fits_to_r(out, p, names, complete);
}

// The same on a device, which `bound` names; `count`: of the subjects of all the data that these may
// be a part of.
// [[Rcpp::export]]
List cpp_device_fit(SEXP kernels, SEXP packed, List bound, bool every, List problem,
                    NumericVector starts, List options, CharacterVector names, int count,
                    Function tick) {
  std::atomic<bool> stop(false);
  std::atomic<long long> finished(0);
  const any_likelihood target(kernels, packed, bound, every, 1, &stop);
  inference::problem p = problem_from(problem, starts);
  prepare(p, target.get());
  inference::options how = options_from(options);
  how.stop = &stop;
  how.finished = &finished;
  inference::results out;
  out.resize(target.get().units(), p.size(), p.posterior);
  bool complete = false;
  with_device_errors([&] {
    inference::device_fits fits(target.model(), target.store(), target.program(), p);
    const int shares = inference::device_fits::shares_of(count, p.starts);
    // Ctrl-C while the last launch ran comes too late for fits.run() to see it, and still counts.
    const bool waited = run_beside(
        1, stop, [&](const rescorla::executor&) { complete = fits.run(how, shares, out); },
        [&] { tick(static_cast<double>(finished.load())); });
    complete = complete && waited;
  });
  return fits_to_r(out, p, names, complete);
}

// Profile limits around the optima of `fits`; units whose value is not finite have none.
// [[Rcpp::export]]
List cpp_profile(SEXP kernels, SEXP packed, List bound, bool every, List problem,
                 NumericVector starts, List options, List fits, double drop, IntegerVector which,
                 int threads, Function tick) {
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const rescorla::cpu_likelihood likelihood(kernels_from(kernels), data, program, every,
                                            packs_in_group(data, threads));
  inference::problem p = problem_from(problem, starts);
  prepare(p, likelihood);
  const int n = likelihood.units(), k = p.size();
  const inference::results optima = results_from(fits, n, k, p.posterior);
  const std::vector<int> parameters(which.begin(), which.end());
  std::atomic<bool> stop(false);
  std::atomic<long long> finished(0);
  inference::options how = options_from(options);
  how.stop = &stop;
  how.finished = &finished;
  inference::profile_results out;
  out.resize(n, k);
  const bool complete = run_parallel(
      likelihood.groups(), threads, stop,
      [&](int g) {
        inference::profiler profiler(likelihood, p);
        profiler.run(g, optima, drop, parameters, how, out);
      },
      [&] { tick(static_cast<double>(finished.load())); });
  return List::create(_["lower"] = by_unit<NumericMatrix>(out.lower, n, k),
                      _["upper"] = by_unit<NumericMatrix>(out.upper, n, k),
                      _["lower_kind"] = by_unit<IntegerMatrix>(out.lower_kind, n, k),
                      _["upper_kind"] = by_unit<IntegerMatrix>(out.upper_kind, n, k),
                      _["improved"] = out.improved, _["complete"] = complete);
}
