#ifndef RESCORLA_SRC_SIMULATIONS_H
#define RESCORLA_SRC_SIMULATIONS_H

#include "traces.h"

// What simulations on the processor and on a device share.

template <class T>
T* data_of(SEXP x);
template <>
inline double* data_of<double>(SEXP x) {
  return REAL(x);
}
template <>
inline std::int32_t* data_of<std::int32_t>(SEXP x) {
  return INTEGER(x);
}

// The R object of a result, not filled: for each unit and trial `cells` values, an array
// [unit, cell, trial] or, as a column of a data frame, a vector of units one after the other.
template <class T>
SEXP new_result(T*& target, int cells, bool array, int units, int trials) {
  Rcpp::Shield<SEXP> x(unfilled_vector(std::is_same<T, double>::value ? REALSXP : INTSXP,
                                       static_cast<R_xlen_t>(units) * cells * trials));
  target = data_of<T>(x);
  if (array) {
    const Rcpp::IntegerVector dims = cells == 1
                                         ? Rcpp::IntegerVector::create(units, trials)
                                         : Rcpp::IntegerVector::create(units, cells, trials);
    Rf_setAttrib(x, R_DimSymbol, dims);
  }
  return x;
}

// What pays, from R's list; the tables are R's own memory.
inline rescorla::environment environment_from(const Rcpp::List& world) {
  const Rcpp::NumericVector first = world["first"], second = world["second"],
                            strides = world["strides"];
  rescorla::environment r = rescorla::environment();
  r.kind = static_cast<rescorla::payoff_kind>(Rcpp::as<int>(world["kind"]));
  r.first = first.begin();
  r.second = second.begin();
  r.by_subject = static_cast<std::ptrdiff_t>(strides[0]);
  r.by_action = static_cast<std::ptrdiff_t>(strides[1]);
  r.by_trial = static_cast<std::ptrdiff_t>(strides[2]);
  r.actions = Rcpp::as<int>(world["actions"]);
  r.outcome_input = Rcpp::as<int>(world["outcome_input"]);
  r.foregone_input = Rcpp::as<int>(world["foregone_input"]);
  return r;
}

#endif
