#include "bridge.h"
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
  const rescorla::packed_data& data = packed_from(packed);
  const rescorla::bound_program program = bound_from(bound);
  const rescorla::cpu_likelihood likelihood(kernels_from(kernels), data, program, every);
  const parameter_table table(parameters);
  const int lanes = data.lanes(), units = data.units(), k = likelihood.directions();
  const int pairs = k * (k + 1) / 2;
  NumericVector value(units);
  NumericMatrix gradient(order > 0 ? units : 0, k), information(order > 1 ? units : 0, pairs);
  double* values = value.begin();
  double* gradients = gradient.begin();
  double* informations = information.begin();
  std::atomic<bool> stop(false);
  const bool complete = run_parallel(data.groups(), threads, stop, [&](int g) {
    const std::size_t wide = static_cast<std::size_t>(lanes);
    std::vector<double> in(static_cast<std::size_t>(table.columns) * wide);
    std::vector<double> v(wide), d(static_cast<std::size_t>(k) * wide);
    std::vector<double> s(static_cast<std::size_t>(pairs) * wide);
    gather_parameters(table, data, g, in.data());
    likelihood.evaluate(g, static_cast<rescorla::order>(order), nullptr, in.data(), v.data(), d.data(),
                        s.data());
    for (int l = 0; l < lanes; ++l) {
      const int u = data.unit(g, l);
      if (u < 0) continue;
      values[u] = v[static_cast<std::size_t>(l)];
      for (int j = 0; order > 0 && j < k; ++j)
        gradients[j * units + u] = d[static_cast<std::size_t>(j * lanes + l)];
      for (int j = 0; order > 1 && j < pairs; ++j)
        informations[j * units + u] = s[static_cast<std::size_t>(j * lanes + l)];
    }
  });
  IntegerVector direction(k);
  for (int j = 0; j < k; ++j) direction[j] = likelihood.direction(j) + 1;
  return List::create(_["value"] = value, _["gradient"] = gradient,
                      _["information"] = information, _["direction"] = direction,
                      _["complete"] = complete);
}
