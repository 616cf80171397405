"""Likelihoods of the asymmetric Rescorla-Wagner model for one subject, in three forms. Set JAX's
platform and precision before this is imported."""

import jax
import jax.numpy as jnp


def likelihood_gather(parameters, choice, outcome, actions):
    alpha_pos, alpha_neg, beta = parameters

    def trial(value, seen):
        choice, outcome = seen
        error = outcome - value[choice]
        rate = jnp.where(error > 0, alpha_pos, alpha_neg)
        term = jax.nn.log_softmax(beta * value)[choice]
        return value.at[choice].add(rate * error), term

    return jax.lax.scan(trial, jnp.full(actions, 0.5), (choice, outcome))[1].sum()


def likelihood_mask(parameters, choice, outcome, actions):
    alpha_pos, alpha_neg, beta = parameters
    index = jnp.arange(actions)

    def trial(value, seen):
        choice, outcome = seen
        chosen = index == choice
        error = outcome - jnp.where(chosen, value, 0).sum()
        rate = jnp.where(error > 0, alpha_pos, alpha_neg)
        term = jnp.where(chosen, jax.nn.log_softmax(beta * value), 0).sum()
        return value + jnp.where(chosen, rate * error, 0), term

    return jax.lax.scan(trial, jnp.full(actions, 0.5), (choice, outcome))[1].sum()


def likelihood_carry(parameters, choice, outcome, actions):
    """As likelihood_mask, the running total carried through the scan."""
    alpha_pos, alpha_neg, beta = parameters
    index = jnp.arange(actions)

    def trial(carry, seen):
        value, total = carry
        choice, outcome = seen
        chosen = index == choice
        error = outcome - jnp.where(chosen, value, 0).sum()
        rate = jnp.where(error > 0, alpha_pos, alpha_neg)
        term = jnp.where(chosen, jax.nn.log_softmax(beta * value), 0).sum()
        return (value + jnp.where(chosen, rate * error, 0), total + term), None

    start = (jnp.full(actions, 0.5), 0.0)
    return jax.lax.scan(trial, start, (choice, outcome))[0][1]


forms = (("gather", likelihood_gather), ("mask", likelihood_mask), ("carry", likelihood_carry))
