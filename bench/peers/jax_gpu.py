"""JAX on the GPU against the CUDA backend, on the data that tools/gpu.sh wrote: log-likelihood and
gradient of all subjects, jit(vmap(value_and_grad)) of a scan over trials in double precision, compiled
and warm, the data on the GPU. The fastest of three forms counts. Where the memory for all subjects at
once is lacking they take turns in parts.

Prints one row of the table.
"""

import argparse
import os
import sys

from shared import median_seconds

try:
    import jax
    import numpy as np
except ImportError as error:
    sys.exit(f"{error}: pip install 'jax[cuda12]', and set RESCORLA_BENCH_PYTHON to that Python")

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True, help="folder that the driver of tools/gpu.sh wrote")
parser.add_argument("--repeats", type=int, default=5)
parser.add_argument("--cpu", action="store_true", help="without a GPU, to try this out")
args = parser.parse_args()

jax.config.update("jax_platforms", "cpu" if args.cpu else "cuda")
jax.config.update("jax_enable_x64", True)
try:
    jax.devices()
except Exception as error:  # of many kinds, by what is missing
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    sys.exit(f"JAX {jax.__version__} finds no GPU ({reason}): pip install 'jax[cuda12]'")

from jax_likelihoods import forms  # noqa: E402  (after the platform is set)


def read(name, dtype):
    return np.fromfile(os.path.join(args.data, name + ".bin"), dtype=dtype)


def read_ours():
    with open(os.path.join(args.data, "ours.txt")) as file:
        numbers = file.read().split()
    subjects, trials, actions = (int(x) for x in numbers[:3])
    kernel, call = (float(x) for x in numbers[3:])
    return subjects, trials, actions, kernel, call


def time_form(likelihood, actions, parameters, choice, outcome, parts):
    """Seconds and log-likelihoods; the subjects in so many parts."""
    one = jax.value_and_grad(lambda p, c, o: likelihood(p, c, o, actions))
    run = jax.jit(jax.vmap(one, in_axes=(1, 1, 1)))
    bounds = np.linspace(0, parameters.shape[1], parts + 1).astype(int)
    pieces = [
        tuple(jax.device_put(x[:, a:b]) for x in (parameters, choice, outcome))
        for a, b in zip(bounds[:-1], bounds[1:])
    ]
    jax.block_until_ready(pieces)

    def all_parts():
        # One after the other, so that only one needs its memory.
        return [jax.block_until_ready(run(*piece)) for piece in pieces]

    value = np.concatenate([np.asarray(result[0]) for result in all_parts()])
    return median_seconds(all_parts, args.repeats), value


def fastest(actions, parameters, choice, outcome):
    best = None
    for name, likelihood in forms:
        for parts in (1, 4, 16):
            try:
                seconds, value = time_form(likelihood, actions, parameters, choice, outcome, parts)
            except RuntimeError as error:
                if "RESOURCE_EXHAUSTED" not in str(error):
                    raise
                continue
            if best is None or seconds < best[0]:
                best = (seconds, name, parts, value)
            break
    return best


def main():
    subjects, trials, actions, kernel, call = read_ours()
    parameters = read("parameters", "<f8").reshape(3, subjects)
    choice = read("choice", "i1").reshape(trials, subjects).astype(np.int32)
    outcome = read("outcome", "i1").reshape(trials, subjects).astype(np.float64)
    best = fastest(actions, parameters, choice, outcome)
    if best is None:
        sys.exit("the GPU's memory is too small for JAX")
    seconds, name, parts, value = best
    ours = read("value", "<f8")
    apart = np.max(np.abs(value - ours) / np.maximum(np.abs(ours), 1.0))
    count = "10^6" if subjects == 1000000 else str(subjects)
    in_parts = "" if parts == 1 else f", in {parts} parts"
    print(
        f"| rw_asymmetric, {count} x {trials}, {actions} actions: JAX {jax.__version__}, "
        f"value_and_grad | {1e3 * seconds:.3g} ms | {seconds / kernel:.3g} times our kernel, "
        f"{seconds / call:.3g} times our call; form {name}{in_parts}; largest difference of a "
        f"log-likelihood {apart:.2g} |"
    )


if __name__ == "__main__":
    main()
