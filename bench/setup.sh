#!/bin/sh
# Creates the virtual environment of the Python peers (NumPy, JAX on the CPU). The package never
# needs it. RESCORLA_BENCH_VENV names another folder; RESCORLA_BENCH_PYTHON another interpreter
# (3.10 or later).
set -eu

venv=${RESCORLA_BENCH_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/rescorla-bench}
python=${RESCORLA_BENCH_PYTHON:-python3}

if [ ! -x "$venv/bin/python" ]; then
  mkdir -p "$(dirname "$venv")"
  "$python" -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet "numpy>=1.26" "jax>=0.4.30"
"$venv/bin/python" -c 'import jax, numpy; print("numpy", numpy.__version__, "jax", jax.__version__)'
echo "virtual environment: $venv"
