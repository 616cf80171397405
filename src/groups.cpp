#include "groups.h"
#include "threads.h"

#include "rescorla/inference/laplace.hpp"

using namespace Rcpp;
namespace inference = rescorla::inference;

namespace {

inference::transform map_from(int link, double lower, double upper) {
  return {static_cast<inference::link>(link), lower, upper};
}

// Priors of coefficients: each a density on z, or in the natural units of a parameter.
std::vector<inference::coefficient_prior> priors_from(const List& x) {
  const IntegerVector kind = x["kind"], link = x["link"];
  const NumericVector a = x["a"], b = x["b"], lower = x["lower"], upper = x["upper"];
  std::vector<inference::coefficient_prior> out;
  for (R_xlen_t i = 0; i < kind.size(); ++i)
    out.push_back({{static_cast<inference::prior_kind>(kind[i]), a[i], b[i]},
                   map_from(link[i], lower[i], upper[i]),
                   0.0});
  return out;
}

// Packs in a group: enough that lanes which are done leave no gaps.
int packs_for(const rescorla::packed_data& data, int threads) {
  return std::max(1, std::min(16, data.groups() / (4 * threads)));
}

// [row][column] to a matrix.
NumericMatrix by_row(const std::vector<double>& x, int rows, int columns) {
  NumericMatrix m(rows, columns);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      m(i, j) = x[static_cast<std::size_t>(i) * static_cast<std::size_t>(columns) +
                  static_cast<std::size_t>(j)];
  return m;
}

std::vector<double> rows_of(const NumericMatrix& m) {
  std::vector<double> x;
  x.reserve(static_cast<std::size_t>(m.size()));
  for (int i = 0; i < m.nrow(); ++i)
    for (int j = 0; j < m.ncol(); ++j) x.push_back(m(i, j));
  return x;
}

}  // namespace

inference::free_parameters group_engine::free_from(const List& x) {
  inference::free_parameters p;
  p.direction = as<std::vector<int>>(x["free"]);
  p.fixed = as<std::vector<double>>(x["fixed"]);
  const IntegerVector link = x["links"];
  const NumericVector lower = x["lower"], upper = x["upper"];
  for (R_xlen_t j = 0; j < link.size(); ++j)
    p.maps.push_back(map_from(link[j], lower[j], upper[j]));
  return p;
}

inference::random_effects effects_from(const List& x, int parameters) {
  inference::random_effects r;
  r.subjects = as<int>(x["subjects"]);
  r.parameters = parameters;
  r.parameter = as<std::vector<int>>(x["parameter"]);
  r.unit_subject = as<std::vector<int>>(x["unit_subject"]);
  r.weights = as<std::vector<double>>(x["weights"]);
  return r;
}

inference::group_model group_from(const List& x, int parameters) {
  inference::group_model m;
  m.layout = effects_from(x["layout"], parameters);
  m.coefficient_effect = as<std::vector<int>>(x["coefficient_effect"]);
  m.coefficients = static_cast<int>(m.coefficient_effect.size());
  m.means = as<std::vector<double>>(x["means"]);
  m.shared_parameter = as<std::vector<int>>(x["shared_parameter"]);
  m.shared = static_cast<int>(m.shared_parameter.size());
  m.shared_design = as<std::vector<double>>(x["shared_design"]);
  m.block = as<std::vector<int>>(x["block"]);
  m.centred = as<std::vector<int>>(x["centred"]);
  m.curvature = as<std::vector<double>>(x["curvature"]);
  m.pull = as<std::vector<double>>(x["pull"]);
  m.coefficient_priors = priors_from(x["coefficient_priors"]);
  m.shared_priors = priors_from(x["shared_priors"]);
  const List spread = x["spread_priors"];
  const IntegerVector kind = spread["kind"];
  const NumericVector a = spread["a"], b = spread["b"];
  for (R_xlen_t r = 0; r < kind.size(); ++r)
    m.spread_priors.push_back({static_cast<inference::spread_kind>(kind[r]), a[r], b[r]});
  m.lkj = as<double>(x["lkj"]);
  m.settle();
  return m;
}

// Posterior modes of all subjects' random effects with the curvature around them; a `precision`
// with no rows is a flat prior.
// [[Rcpp::export]]
List cpp_laplace(SEXP kernels, SEXP packed, List bound, bool every, List free, List layout,
                 NumericMatrix mean, NumericMatrix precision, double log_determinant,
                 NumericMatrix offset, List starts, NumericVector lower, NumericVector upper,
                 double tolerance, int threads) {
  const rescorla::packed_data& data = packed_from(packed);
  const group_engine engine(kernels, packed, bound, every, free, packs_for(data, threads));
  inference::laplace_problem p;
  p.layout = effects_from(layout, engine.parameters.size());
  const int n = p.layout.subjects, r = p.layout.size();
  const std::vector<double> means = rows_of(mean), offsets = rows_of(offset);
  std::vector<double> packed_precision;
  for (int j = 0; j < precision.nrow(); ++j)
    for (int i = 0; i <= j; ++i) packed_precision.push_back(precision(i, j));
  p.mean = means.data();
  p.precision = packed_precision.empty() ? nullptr : packed_precision.data();
  p.log_determinant = log_determinant;
  p.offset = offsets.empty() ? nullptr : offsets.data();
  std::vector<std::vector<double>> points;
  for (R_xlen_t k = 0; k < starts.size(); ++k)
    points.push_back(rows_of(as<NumericMatrix>(starts[k])));
  for (const auto& point : points) p.starts.push_back(point.data());
  p.lower.assign(lower.begin(), lower.end());
  p.upper.assign(upper.begin(), upper.end());
  p.tolerance = tolerance;
  std::atomic<bool> stop(false);
  p.stop = &stop;
  inference::laplace_result out;
  const bool complete = with_device_errors([&] {
    return run_beside(threads, stop, [&](const rescorla::executor& parallel) {
      out = inference::laplace(engine.batch, p).run(parallel);
    });
  });
  return List::create(_["mode"] = by_row(out.mode, n, r), _["loglik"] = out.log_likelihood,
                      _["curvature"] = by_row(out.curvature, n, r * (r + 1) / 2),
                      _["covariance"] = by_row(out.covariance, n, r * (r + 1) / 2),
                      _["log_evidence"] = out.log_evidence, _["status"] = out.status,
                      _["evaluations"] = static_cast<double>(out.evaluations),
                      _["complete"] = complete);
}

// Log-likelihood of every unit at `z` (a row a unit, on the real line), with its gradient in z
// (order 1) and expected information (2).
// [[Rcpp::export]]
List cpp_units(SEXP kernels, SEXP packed, List bound, bool every, List free, NumericMatrix z,
               int order, int threads) {
  const group_engine engine(kernels, packed, bound, every, free, 1);
  const int n = engine.batch.units(), p = engine.batch.size(), pairs = p * (p + 1) / 2;
  const std::vector<double> at = rows_of(z);
  std::vector<double> value(static_cast<std::size_t>(n));
  std::vector<double> gradient(static_cast<std::size_t>(n * (order > 0 ? p : 0)));
  std::vector<double> information(static_cast<std::size_t>(n * (order > 1 ? pairs : 0)));
  std::atomic<bool> stop(false);
  const bool complete = with_device_errors([&] {
    return run_beside(threads, stop, [&](const rescorla::executor& parallel) {
      engine.batch.evaluate(parallel, static_cast<rescorla::order>(order), nullptr, at.data(),
                            value.data(), gradient.data(), information.data());
    });
  });
  return List::create(_["value"] = value, _["gradient"] = by_row(gradient, order > 0 ? n : 0, p),
                      _["information"] = by_row(information, order > 1 ? n : 0, pairs),
                      _["complete"] = complete);
}

// The hierarchical log posterior density at `position` with its gradient.
// [[Rcpp::export]]
List cpp_group_density(SEXP kernels, SEXP packed, List bound, bool every, List free, List group,
                       NumericVector position, int threads) {
  const group_engine engine(kernels, packed, bound, every, free, 1);
  const inference::group_model model = group_from(group, engine.parameters.size());
  NumericVector gradient(model.size());
  double value = 0.0;
  std::atomic<bool> stop(false);
  const double* at = position.begin();
  double* slope = gradient.begin();
  const bool complete = with_device_errors([&] {
    return run_beside(threads, stop, [&](const rescorla::executor& parallel) {
      inference::group_density density(engine.batch, model, &stop);
      density.parallel = &parallel;
      value = density(at, slope);
    });
  });
  return List::create(_["value"] = value, _["gradient"] = gradient, _["complete"] = complete);
}
