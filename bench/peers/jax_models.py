"""JAX peers on the CPU, double precision, compiled and warm.

Simulation of the asymmetric Rescorla-Wagner model, all outputs kept, in two forms: `idiomatic` is
vmap over subjects of a scan over trials that draws with jax.random inside; `tuned` draws all
uniforms beforehand, keeps subjects as the last axis and selects by masks, which XLA compiles best.
Likelihood: jit(vmap(value_and_grad)) in three forms, of which the fastest should be compared.
"""

import json
import os

from shared import arguments, limit_cores, median_seconds, read_inputs

args = arguments()
cores = limit_cores(args.threads)

import jax  # noqa: E402  (after the cores are set)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)

from jax_likelihoods import forms  # noqa: E402  (after the platform is set)


def idiomatic_simulation(reward_probability, trials):
    actions = reward_probability.size

    def simulate(key, parameters):
        alpha_pos, alpha_neg, beta = parameters

        def trial(value, key):
            choice_key, outcome_key = jax.random.split(key)
            probability = jax.nn.softmax(beta * value)
            choice = jax.random.categorical(choice_key, beta * value)
            outcome = jax.random.bernoulli(outcome_key, reward_probability[choice]).astype(float)
            error = outcome - value[choice]
            rate = jnp.where(error > 0, alpha_pos, alpha_neg)
            return value.at[choice].add(rate * error), (value, probability, choice, error, outcome)

        start = jnp.full(actions, 0.5)
        return jax.lax.scan(trial, start, jax.random.split(key, trials))[1]

    def run(key, parameters):
        keys = jax.random.split(key, parameters.shape[1])
        return jax.vmap(simulate, in_axes=(0, 1))(keys, parameters)

    return jax.jit(run)


def tuned_simulation(reward_probability, trials):
    actions = reward_probability.size
    index = jnp.arange(actions)[:, None]

    def run(key, parameters):
        alpha_pos, alpha_neg, beta = parameters
        subjects = parameters.shape[1]

        def trial(value, uniform):
            scaled = jnp.exp(beta * value - (beta * value).max(axis=0))
            probability = scaled / scaled.sum(axis=0)
            choice = (uniform[0] > jnp.cumsum(probability, axis=0)[:-1]).sum(axis=0)
            chosen = index == choice
            pays = jnp.where(chosen, reward_probability[:, None], 0).sum(axis=0)
            outcome = (uniform[1] < pays).astype(float)
            error = outcome - jnp.where(chosen, value, 0).sum(axis=0)
            step = jnp.where(error > 0, alpha_pos, alpha_neg) * error
            return value + chosen * step, (value, probability, choice, error, outcome)

        uniforms = jax.random.uniform(key, (trials, 2, subjects))
        return jax.lax.scan(trial, jnp.full((actions, subjects), 0.5), uniforms)[1]

    return jax.jit(run)


def time_simulation(run, parameters, actions):
    key = jax.random.key(1)
    result = jax.block_until_ready(run(key, parameters))
    frequency = np.bincount(np.asarray(result[2]).ravel(), minlength=actions) / result[2].size
    return {
        "seconds": median_seconds(
            lambda: jax.block_until_ready(run(key, parameters)), args.repeats
        ),
        "frequency": frequency.tolist(),
        "reward": float(result[4].mean()),
    }


def time_gradient(likelihood, parameters, choice, outcome, actions):
    per_subject = jax.value_and_grad(lambda p, c, o: likelihood(p, c, o, actions))
    run = jax.jit(jax.vmap(per_subject, in_axes=(1, 1, 1)))
    value, gradient = jax.block_until_ready(run(parameters, choice, outcome))
    seconds = median_seconds(
        lambda: jax.block_until_ready(run(parameters, choice, outcome)), args.repeats
    )
    return seconds, np.asarray(value), np.asarray(gradient)


def main():
    inputs = read_inputs(args.inputs)
    actions, trials = inputs["actions"], inputs["trials"]
    parameters = jnp.asarray(inputs["parameters"])
    choice = jnp.asarray(inputs["choice"])
    outcome = jnp.asarray(inputs["outcome"])
    reward_probability = jnp.asarray(inputs["reward_probability"])

    simulation = {
        name: time_simulation(make(reward_probability, trials), parameters, actions)
        for name, make in (("idiomatic", idiomatic_simulation), ("tuned", tuned_simulation))
    }
    gradient_seconds = {}
    for name, likelihood in forms:
        gradient_seconds[name], value, gradient = time_gradient(
            likelihood, parameters, choice, outcome, actions
        )

    # For R to compare, by subject: the values, then the gradient one parameter after the other.
    np.concatenate([value, gradient.T.ravel()]).astype("<f8").tofile(
        os.path.join(args.inputs, "jax_gradient.bin")
    )
    print(json.dumps({
        "version": "JAX " + jax.__version__,
        "threads": cores,
        "simulate": simulation,
        "gradient_seconds": gradient_seconds,
        "log_likelihood": float(value.sum()),
    }))


if __name__ == "__main__":
    main()
