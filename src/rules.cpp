#include <Rcpp.h>

#include "rescorla/rules/choice.hpp"
#include "rescorla/rules/learning.hpp"

using namespace Rcpp;
using rescorla::number;
using rescorla::plain;

namespace {

constexpr int lanes = RESCORLA_LANES;
typedef number<lanes, 0> real;

// An argument of a vectorised rule: as long as the result, or one number for all of it.
class argument {
 public:
  explicit argument(const NumericVector& x) : x_(x.begin()), repeats_(x.size() == 1) {}
  real at(R_xlen_t i, int n) const {
    rescorla::pack<lanes> r;
    for (int l = 0; l < lanes; ++l) r.v[l] = x_[repeats_ ? 0 : i + (l < n ? l : 0)];
    return plain(r);
  }

 private:
  const double* x_;
  bool repeats_;
};

void put(NumericVector& to, R_xlen_t i, int n, const real& x) {
  for (int l = 0; l < n; ++l) to[i + l] = x.v.v[l];
}

// Calls rule(i, n) for every pack of n <= lanes elements from i on.
template <class Rule>
void each_pack(R_xlen_t size, Rule rule) {
  for (R_xlen_t i = 0; i < size; i += lanes)
    rule(i, static_cast<int>(std::min<R_xlen_t>(lanes, size - i)));
}

}  // namespace

// [[Rcpp::export]]
List cpp_rescorla_wagner(NumericVector value, NumericVector outcome, NumericVector alpha) {
  const R_xlen_t size = value.size();
  NumericVector updated(size), error(size);
  const argument v(value), r(outcome), a(alpha);
  each_pack(size, [&](R_xlen_t i, int n) {
    put(updated, i, n, rescorla::rescorla_wagner::value(v.at(i, n), r.at(i, n), a.at(i, n)));
    put(error, i, n, rescorla::rescorla_wagner::prediction_error(v.at(i, n), r.at(i, n), a.at(i, n)));
  });
  return List::create(_["value"] = updated, _["prediction_error"] = error);
}

// [[Rcpp::export]]
List cpp_rescorla_wagner_asymmetric(NumericVector value, NumericVector outcome,
                                    NumericVector alpha_pos, NumericVector alpha_neg) {
  const R_xlen_t size = value.size();
  NumericVector updated(size), error(size);
  const argument v(value), r(outcome), p(alpha_pos), q(alpha_neg);
  each_pack(size, [&](R_xlen_t i, int n) {
    put(updated, i, n, rescorla::rescorla_wagner_asymmetric::value(v.at(i, n), r.at(i, n), p.at(i, n), q.at(i, n)));
    put(error, i, n, rescorla::rescorla_wagner_asymmetric::prediction_error(v.at(i, n), r.at(i, n), p.at(i, n), q.at(i, n)));
  });
  return List::create(_["value"] = updated, _["prediction_error"] = error);
}

// [[Rcpp::export]]
List cpp_pearce_hall_update(NumericVector value, NumericVector associability,
                            NumericVector outcome, NumericVector kappa, NumericVector eta) {
  const R_xlen_t size = value.size();
  NumericVector updated(size), next(size), error(size);
  const argument v(value), s(associability), r(outcome), k(kappa), e(eta);
  each_pack(size, [&](R_xlen_t i, int n) {
    put(updated, i, n, rescorla::pearce_hall_update::value(v.at(i, n), s.at(i, n), r.at(i, n), k.at(i, n), e.at(i, n)));
    put(next, i, n, rescorla::pearce_hall_update::associability(v.at(i, n), s.at(i, n), r.at(i, n), k.at(i, n), e.at(i, n)));
    put(error, i, n, rescorla::pearce_hall_update::prediction_error(v.at(i, n), s.at(i, n), r.at(i, n), k.at(i, n), e.at(i, n)));
  });
  return List::create(_["value"] = updated, _["associability"] = next,
                      _["prediction_error"] = error);
}

// [[Rcpp::export]]
List cpp_kalman_update(NumericVector value, NumericVector variance, NumericVector outcome,
                       NumericVector sigma_obs) {
  const R_xlen_t size = value.size();
  NumericVector updated(size), next(size), error(size), gain(size);
  const argument v(value), s(variance), r(outcome), o(sigma_obs);
  each_pack(size, [&](R_xlen_t i, int n) {
    put(updated, i, n, rescorla::kalman_update::value(v.at(i, n), s.at(i, n), r.at(i, n), o.at(i, n)));
    put(next, i, n, rescorla::kalman_update::variance(v.at(i, n), s.at(i, n), r.at(i, n), o.at(i, n)));
    put(error, i, n, rescorla::kalman_update::prediction_error(v.at(i, n), s.at(i, n), r.at(i, n), o.at(i, n)));
    put(gain, i, n, rescorla::kalman_update::gain(v.at(i, n), s.at(i, n), r.at(i, n), o.at(i, n)));
  });
  return List::create(_["value"] = updated, _["variance"] = next, _["prediction_error"] = error,
                      _["gain"] = gain);
}

// Rows of a matrix to probabilities: softmax of rate * x, or epsilon-greedy with epsilon = rate.
// [[Rcpp::export]]
NumericMatrix cpp_choice_rule(NumericMatrix x, NumericVector rate, bool greedy) {
  const int rows = x.nrow(), actions = x.ncol();
  NumericMatrix p(rows, actions);
  const argument rates(rate);
  std::vector<real> in(static_cast<std::size_t>(actions)), out(static_cast<std::size_t>(actions));
  each_pack(rows, [&](R_xlen_t i, int n) {
    const real each = rates.at(i, n);
    for (int a = 0; a < actions; ++a) {
      rescorla::pack<lanes> v;
      for (int l = 0; l < lanes; ++l) v.v[l] = x(static_cast<int>(i) + (l < n ? l : 0), a);
      in[static_cast<std::size_t>(a)] = greedy ? plain(v) : each * plain(v);
    }
    if (greedy)
      rescorla::epsilon_greedy(in.data(), actions, each, out.data());
    else
      rescorla::softmax(in.data(), actions,
                        [](int) { return rescorla::all_lanes<lanes>(); }, out.data());
    for (int a = 0; a < actions; ++a)
      for (int l = 0; l < n; ++l)
        p(static_cast<int>(i) + l, a) = out[static_cast<std::size_t>(a)].v.v[l];
  });
  return p;
}
