#ifndef RESCORLA_RULES_LEARNING_HPP
#define RESCORLA_RULES_LEARNING_HPP

#include "../core/dual.hpp"

RESCORLA_BEGIN

// The field's learning rules as pure functions: they return what a trial makes of the old values
// and never assign. T is a number of any kind; the same text serves models and the functions
// exported to R.

// Rescorla & Wagner (1972): the value moves towards the outcome by a share alpha of the error.
template <class V, class E>
struct value_and_error {
  V value;
  E prediction_error;
};

template <class V, class R, class A>
RESCORLA_INLINE auto rescorla_wagner(const V& value, const R& outcome, const A& alpha) {
  const auto error = outcome - value;
  const auto updated = value + alpha * error;
  return value_and_error<decltype(updated), decltype(error)>{updated, error};
}

// A learning rate for each sign of the prediction error (Daw, Kakade & Dayan 2002; Niv et al.
// 2012). An error of exactly zero moves nothing.
template <class V, class R, class P, class N>
RESCORLA_INLINE auto rescorla_wagner_asymmetric(const V& value, const R& outcome,
                                                const P& alpha_pos, const N& alpha_neg) {
  const auto error = outcome - value;
  const auto alpha = select(error.v > broadcast<V::width>(0.0), alpha_pos, alpha_neg);
  const auto updated = value + alpha * error;
  return value_and_error<decltype(updated), decltype(error)>{updated, error};
}

// Pearce & Hall (1980) in the form of Li et al. (2011): associability follows the size of recent
// errors and scales the learning rate.
template <class V, class A, class E>
struct pearce_hall_result {
  V value;
  A associability;
  E prediction_error;
};

template <class V, class A, class R, class K, class H>
RESCORLA_INLINE auto pearce_hall_update(const V& value, const A& associability, const R& outcome,
                                        const K& kappa, const H& eta) {
  const auto error = outcome - value;
  const auto updated = value + kappa * associability * error;
  const auto one = constant<V::width>(1.0);
  const auto next = (one - eta) * associability + eta * abs(error);
  return pearce_hall_result<decltype(updated), decltype(next), decltype(error)>{updated, next,
                                                                                error};
}

// Kalman filter for one observation of the chosen arm (Daw et al. 2006): gain, posterior mean and
// posterior variance.
template <class V, class S, class E, class G>
struct kalman_result {
  V value;
  S variance;
  E prediction_error;
  G gain;
};

template <class V, class S, class R, class O>
RESCORLA_INLINE auto kalman_update(const V& value, const S& variance, const R& outcome,
                                   const O& sigma_obs) {
  const auto error = outcome - value;
  const auto gain = variance / (variance + sigma_obs * sigma_obs);
  const auto updated = value + gain * error;
  const auto next = variance * (constant<V::width>(1.0) - gain);
  return kalman_result<decltype(updated), decltype(next), decltype(error), decltype(gain)>{
      updated, next, error, gain};
}

RESCORLA_END

#endif
