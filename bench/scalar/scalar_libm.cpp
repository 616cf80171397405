// The fair scalar baseline: the log-likelihood of the asymmetric Rescorla-Wagner model in plain
// C++, one subject after the other, std::exp and std::log of the C library, -O2. The number of
// actions is a template argument, so that the compiler may unroll. With Real = long double it is
// also the reference for precision. Choices count from 1; `choice` and `outcome` are trial x
// subject matrices.

#include <algorithm>
#include <cmath>
#include <ctime>
#include <vector>

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

namespace {

template <typename Real, int Actions>
Real log_likelihood(const int* choice, const double* outcome, int trials, Real alpha_pos,
                    Real alpha_neg, Real beta) {
  Real value[Actions];
  std::fill(value, value + Actions, Real(0.5));
  Real total = 0;
  for (int t = 0; t < trials; ++t) {
    const int chosen = choice[t] - 1;
    Real top = value[0];
    for (int a = 1; a < Actions; ++a) top = std::max(top, value[a]);
    Real sum = 0;
    for (int a = 0; a < Actions; ++a) sum += std::exp(beta * (value[a] - top));
    total += beta * (value[chosen] - top) - std::log(sum);
    const Real error = Real(outcome[t]) - value[chosen];
    value[chosen] += (error > 0 ? alpha_pos : alpha_neg) * error;
  }
  return total;
}

template <typename Real>
Real log_likelihood(const int* choice, const double* outcome, int trials, int actions,
                    Real alpha_pos, Real alpha_neg, Real beta) {
  switch (actions) {
    case 2:
      return log_likelihood<Real, 2>(choice, outcome, trials, alpha_pos, alpha_neg, beta);
    case 3:
      return log_likelihood<Real, 3>(choice, outcome, trials, alpha_pos, alpha_neg, beta);
    case 4:
      return log_likelihood<Real, 4>(choice, outcome, trials, alpha_pos, alpha_neg, beta);
    case 5:
      return log_likelihood<Real, 5>(choice, outcome, trials, alpha_pos, alpha_neg, beta);
    default:
      return std::nan("");
  }
}

// CPU seconds of this thread, as the package's own kernel benchmark counts them.
double cpu_seconds() {
#ifdef CLOCK_THREAD_CPUTIME_ID
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
#else
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
#endif
}

template <typename Real>
void evaluate_subjects(SEXP choice, SEXP outcome, SEXP parameters, int actions, double* total) {
  const int trials = Rf_nrows(choice);
  const int subjects = Rf_ncols(choice);
  const double* p = REAL(parameters);
  for (int s = 0; s < subjects; ++s) {
    const R_xlen_t from = static_cast<R_xlen_t>(s) * trials;
    total[s] = static_cast<double>(
        log_likelihood<Real>(INTEGER(choice) + from, REAL(outcome) + from, trials, actions,
                             Real(p[s]), Real(p[s + subjects]), Real(p[s + 2 * subjects])));
  }
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

extern "C" {

// By subject; `parameters` is subject x (alpha_pos, alpha_neg, beta).
SEXP scalar_loglik(SEXP choice, SEXP outcome, SEXP parameters, SEXP actions, SEXP extended) {
  SEXP total = PROTECT(Rf_allocVector(REALSXP, Rf_ncols(choice)));
  const auto evaluate =
      Rf_asLogical(extended) ? &evaluate_subjects<long double> : &evaluate_subjects<double>;
  evaluate(choice, outcome, parameters, Rf_asInteger(actions), REAL(total));
  UNPROTECT(1);
  return total;
}

// Nanoseconds per (subject, trial), median of the repeats.
SEXP scalar_nanoseconds(SEXP choice, SEXP outcome, SEXP parameters, SEXP actions, SEXP repeats) {
  std::vector<double> total(Rf_ncols(choice));
  std::vector<double> seconds(Rf_asInteger(repeats));
  for (double& elapsed : seconds) {
    const double start = cpu_seconds();
    evaluate_subjects<double>(choice, outcome, parameters, Rf_asInteger(actions), total.data());
    elapsed = cpu_seconds() - start;
  }
  std::sort(seconds.begin(), seconds.end());
  return Rf_ScalarReal(1e9 * seconds[seconds.size() / 2] / Rf_xlength(choice));
}

// Minus the log-likelihood of one subject for optim(): the learning rates through a logistic, the
// inverse temperature through a logistic scaled to (0, 100), the range in which the package
// searches.
SEXP scalar_objective(SEXP par, SEXP choice, SEXP outcome, SEXP actions) {
  const double* p = REAL(par);
  return Rf_ScalarReal(-log_likelihood<double>(INTEGER(choice), REAL(outcome), Rf_length(choice),
                                               Rf_asInteger(actions), logistic(p[0]),
                                               logistic(p[1]), 100 * logistic(p[2])));
}

}  // extern "C"
