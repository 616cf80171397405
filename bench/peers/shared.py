"""What the Python peers share: the inputs that R wrote, the cores they may use, and the clock."""

import argparse
import os
import statistics
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", required=True, help="folder written by bench/lib/inputs.R")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=7)
    return parser.parse_args()


def limit_cores(threads):
    """Restrict this process to its first `threads` cores; call before importing JAX, whose thread
    pool takes its size from the cores it may use. Returns the cores in force."""
    os.environ["NPROC"] = str(threads)
    if threads == 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = (flags + " --xla_cpu_multi_thread_eigen=false").strip()
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    return len(os.sched_getaffinity(0))


def read_inputs(folder):
    """Everything lies as R's matrices do, first index fastest: a subject x trial matrix arrives as
    trial x subject. Choices count from 0."""
    import numpy as np

    def read(name, dtype):
        return np.fromfile(os.path.join(folder, name + ".bin"), dtype=dtype)

    subjects, trials, actions = (int(n) for n in read("shape", "<i4"))
    return {
        "subjects": subjects,
        "trials": trials,
        "actions": actions,
        "choice": read("choice", "<i4").reshape(trials, subjects),
        "outcome": read("outcome", "<f8").reshape(trials, subjects),
        "parameters": read("parameters", "<f8").reshape(3, subjects),
        "reward_probability": read("reward_probability", "<f8"),
    }


def median_seconds(run, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
