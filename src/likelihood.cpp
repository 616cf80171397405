#include "device.h"
#include "threads.h"

using namespace Rcpp;

// [[Rcpp::export]]
SEXP cpp_pack(List columns, int lanes, int replicates) {
  rescorla::source_columns from;
  const List codes = columns["codes"];
  const List numbers = columns["numbers"];
  const R_xlen_t rows = Rf_xlength(static_cast<SEXP>(columns["block_start"]));
  for (const List& group : {codes, numbers})
    for (R_xlen_t i = 0; i < group.size(); ++i)
      if (Rf_xlength(static_cast<SEXP>(group[i])) != rows)
        raise(rescorla::error_kind::data, "A column has the wrong length.");
  for (R_xlen_t i = 0; i < codes.size(); ++i)
    from.codes.push_back(INTEGER(static_cast<SEXP>(codes[i])));
  for (R_xlen_t i = 0; i < numbers.size(); ++i)
    from.numbers.push_back(REAL(static_cast<SEXP>(numbers[i])));
  const SEXP first = columns["first"];
  from.block_start = LOGICAL(static_cast<SEXP>(columns["block_start"]));
  from.first = INTEGER(first);
  from.length = INTEGER(static_cast<SEXP>(columns["length"]));
  from.units = Rf_length(first);
  return XPtr<rescorla::packed_data>(new rescorla::packed_data(from, lanes, replicates), true);
}

// Log-likelihood of every unit (order 0), with its gradient (1) and Fisher information (2).
// [[Rcpp::export]]
List cpp_evaluate(SEXP kernels, SEXP packed, List bound, NumericMatrix parameters, int order,
                  bool every, int threads) {
  std::atomic<bool> stop(false);
  const any_likelihood target(kernels, packed, bound, every, 1, &stop);
  const rescorla::likelihood& likelihood = target.get();
  const parameter_table table(parameters);
  const int lanes = likelihood.lanes(), units = likelihood.units(), k = likelihood.directions();
  const int pairs = k * (k + 1) / 2;
  NumericVector value(units);
  NumericMatrix gradient(order > 0 ? units : 0, k), information(order > 1 ? units : 0, pairs);
  double* values = value.begin();
  double* gradients = gradient.begin();
  double* informations = information.begin();
  const bool complete = with_device_errors([&] {
    return run_parallel(likelihood.groups(), threads, stop, [&](int g) {
      const std::size_t wide = static_cast<std::size_t>(lanes);
      std::vector<double> in(static_cast<std::size_t>(table.columns) * wide);
      std::vector<double> v(wide), d(static_cast<std::size_t>(order > 0 ? k : 0) * wide);
      std::vector<double> s(static_cast<std::size_t>(order > 1 ? pairs : 0) * wide);
      const auto lane_of = [wide](int row, int lane) {
        return static_cast<std::size_t>(row) * wide + static_cast<std::size_t>(lane);
      };
      gather_parameters(table, likelihood, g, in.data());
      likelihood.evaluate(g, static_cast<rescorla::order>(order), nullptr, in.data(), v.data(),
                          d.data(), s.data());
      for (int l = 0; l < lanes; ++l) {
        const int u = likelihood.unit(g, l);
        if (u < 0) continue;
        values[u] = v[static_cast<std::size_t>(l)];
        for (int j = 0; order > 0 && j < k; ++j)
          gradients[static_cast<R_xlen_t>(j) * units + u] = d[lane_of(j, l)];
        for (int j = 0; order > 1 && j < pairs; ++j)
          informations[static_cast<R_xlen_t>(j) * units + u] = s[lane_of(j, l)];
      }
    });
  });
  IntegerVector direction(k);
  for (int j = 0; j < k; ++j) direction[j] = likelihood.direction(j) + 1;
  return List::create(_["value"] = value, _["gradient"] = gradient,
                      _["information"] = information, _["direction"] = direction,
                      _["complete"] = complete);
}
