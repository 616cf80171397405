"""NumPy peers: asymmetric Rescorla-Wagner agents on a Bernoulli bandit, all outputs kept.

`loop` goes through subjects and trials one by one, as the field's scripts do. Each agent is
independent and costs the same, so it runs on the first 1,000 subjects and is scaled linearly.
`vectorised` holds all subjects in one array and loops over trials only.
"""

import json

import numpy as np

from shared import arguments, median_seconds, read_inputs

LOOP_SUBJECTS = 1000


def simulate_loop(parameters, reward_probability, trials, seed):
    rng = np.random.default_rng(seed)
    subjects, actions = parameters.shape[1], reward_probability.size
    value = np.empty((subjects, trials, actions))
    probability = np.empty((subjects, trials, actions))
    choice = np.empty((subjects, trials), dtype=np.int32)
    prediction_error = np.empty((subjects, trials))
    outcome = np.empty((subjects, trials))
    for s in range(subjects):
        alpha_pos, alpha_neg, beta = parameters[:, s]
        q = np.full(actions, 0.5)
        for t in range(trials):
            logit = beta * q
            p = np.exp(logit - logit.max())
            p /= p.sum()
            value[s, t] = q
            probability[s, t] = p
            c = min(np.searchsorted(np.cumsum(p), rng.random(), side="right"), actions - 1)
            reward = float(rng.random() < reward_probability[c])
            error = reward - q[c]
            q[c] += (alpha_pos if error > 0 else alpha_neg) * error
            choice[s, t] = c
            prediction_error[s, t] = error
            outcome[s, t] = reward
    return value, probability, choice, prediction_error, outcome


def simulate_vectorised(parameters, reward_probability, trials, seed):
    rng = np.random.default_rng(seed)
    alpha_pos, alpha_neg, beta = parameters
    subjects, actions = parameters.shape[1], reward_probability.size
    value = np.empty((trials, actions, subjects))
    probability = np.empty((trials, actions, subjects))
    choice = np.empty((trials, subjects), dtype=np.int32)
    prediction_error = np.empty((trials, subjects))
    outcome = np.empty((trials, subjects))
    everyone = np.arange(subjects)
    q = np.full((actions, subjects), 0.5)
    for t in range(trials):
        value[t] = q
        p = beta * q
        p -= p.max(axis=0)
        np.exp(p, out=p)
        p /= p.sum(axis=0)
        probability[t] = p
        c = (rng.random(subjects) > np.cumsum(p[:-1], axis=0)).sum(axis=0)
        reward = (rng.random(subjects) < reward_probability[c]).astype(float)
        error = reward - q[c, everyone]
        q[c, everyone] += np.where(error > 0, alpha_pos, alpha_neg) * error
        choice[t] = c
        prediction_error[t] = error
        outcome[t] = reward
    return value, probability, choice, prediction_error, outcome


def log_likelihood(parameters, choice, outcome, actions):
    alpha_pos, alpha_neg, beta = parameters
    trials, subjects = choice.shape
    everyone = np.arange(subjects)
    q = np.full((actions, subjects), 0.5)
    total = np.zeros(subjects)
    for t in range(trials):
        logit = beta * q
        top = logit.max(axis=0)
        c = choice[t]
        total += logit[c, everyone] - top - np.log(np.exp(logit - top).sum(axis=0))
        error = outcome[t] - q[c, everyone]
        q[c, everyone] += np.where(error > 0, alpha_pos, alpha_neg) * error
    return total


def summary(seconds, result, actions):
    choice, outcome = result[2], result[4]
    frequency = np.bincount(choice.ravel(), minlength=actions) / choice.size
    return {
        "seconds": seconds,
        "frequency": frequency.tolist(),
        "reward": float(outcome.mean()),
    }


def main():
    args = arguments()
    inputs = read_inputs(args.inputs)
    parameters, reward_probability = inputs["parameters"], inputs["reward_probability"]
    trials, actions = inputs["trials"], inputs["actions"]

    subset = parameters[:, :LOOP_SUBJECTS]
    scale = inputs["subjects"] / subset.shape[1]
    kept = {}

    def run_loop():
        kept["loop"] = simulate_loop(subset, reward_probability, trials, 1)

    def run_vectorised():
        kept["vectorised"] = simulate_vectorised(parameters, reward_probability, trials, 1)

    loop_seconds = median_seconds(run_loop, 3)
    vectorised_seconds = median_seconds(run_vectorised, args.repeats)

    print(json.dumps({
        "version": "NumPy " + np.__version__,
        "loop": dict(
            summary(scale * loop_seconds, kept["loop"], actions),
            subjects_run=subset.shape[1],
        ),
        "vectorised": summary(vectorised_seconds, kept["vectorised"], actions),
        "log_likelihood": float(
            log_likelihood(parameters, inputs["choice"], inputs["outcome"], actions).sum()
        ),
    }))


if __name__ == "__main__":
    main()
