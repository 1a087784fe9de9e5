#!/usr/bin/python3
"""CD-Adam on w8a as one writes it in NumPy: CPU milliseconds per iteration with dense and with CSR rows, one thread.

    cd_adam_numpy.py [FOLDER]    FOLDER/w8a/w8a.gz (or w8a); by default $GOSSAMER_DATA, else data

Nonconvex logistic regression, lambda = 0.1, 20 workers with contiguous parts, full batch, scaled sign. Prints a line of
JSON; final_grad_norm is that of f where the CSR run ends. It needs python3-numpy and python3-scipy, and should have
libopenblas0-pthread: dense products take longer with the BLAS that Debian installs by default.
"""

import os

for library in ("OPENBLAS", "OMP", "MKL", "BLIS"):  # before NumPy is loaded
    os.environ[f"{library}_NUM_THREADS"] = "1"

import gzip
import json
import sys
import time
from pathlib import Path

try:
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.special import expit
except ImportError as error:
    sys.exit(f"skipped: {error}; python3-numpy and python3-scipy are needed")

WORKERS = 20
ITERATIONS = 200
REPEATS = 3
LAMBDA, STEP, BETA1, BETA2, NU = 0.1, 0.001, 0.9, 0.99, 1e-8


def read_folded(folder):
    """The rows y_r a_r of w8a as CSR: the loss depends on these products alone."""
    path = Path(folder) / "w8a" / "w8a"
    file = path.open() if path.exists() else gzip.open(f"{path}.gz", "rt")
    values, columns, starts = [], [], [0]
    with file:
        for line in file:
            label, *entries = line.split()
            for entry in entries:
                column, value = entry.split(":")
                columns.append(int(column) - 1)
                values.append(float(label) * float(value))
            starts.append(len(columns))
    return csr_matrix((values, columns, starts))


def regularizer_gradient(x):
    return 2 * LAMBDA * x / (1 + x * x) ** 2


def compress(v):
    """Scaled sign of each row: (||v||_1 / d) sign(v)."""
    return np.copysign(np.abs(v).mean(axis=-1, keepdims=True), v)


def cd_adam(parts):
    """Runs CD-Adam; `parts` holds each worker's folded rows and their transpose. Returns the seconds and ||grad f||."""
    d = parts[0][0].shape[1]
    x, m, v, v_hat = np.zeros((4, d))
    g = np.empty((len(parts), d))
    g_hat_i = np.zeros_like(g)  # the workers'
    g_hat, g_tilde = np.zeros((2, d))  # the server's; what all reconstruct

    def gradients():
        for g_i, (rows, transpose) in zip(g, parts):
            g_i[:] = transpose @ expit(-(rows @ x))
            g_i /= -rows.shape[0]
        g[:] += regularizer_gradient(x)

    start = time.process_time()
    for _ in range(ITERATIONS):
        gradients()
        c_i = compress(g - g_hat_i)
        g_hat_i += c_i
        g_hat += c_i.mean(axis=0)
        g_tilde += compress(g_hat - g_tilde)
        m = BETA1 * m + (1 - BETA1) * g_tilde
        v = BETA2 * v + (1 - BETA2) * g_tilde**2
        v_hat = np.maximum(v_hat, v)
        x = x - STEP * m / np.sqrt(v_hat + NU)
    seconds = time.process_time() - start
    gradients()
    return seconds, np.linalg.norm(g.mean(axis=0))


def best(parts):
    runs = [cd_adam(parts) for _ in range(REPEATS)]
    return 1e3 * min(seconds for seconds, _ in runs) / ITERATIONS, runs[0][1]


def main():
    default = os.environ.get("GOSSAMER_DATA", "data")
    try:
        rows = read_folded(sys.argv[1] if len(sys.argv) > 1 else default)
    except OSError as error:
        sys.exit(f"skipped: {error}")
    ends = np.cumsum([0] + [len(part) for part in np.array_split(np.arange(rows.shape[0]), WORKERS)])
    sparse = [rows[first:last] for first, last in zip(ends, ends[1:])]
    dense_ms, _ = best([(part, part.T) for part in (part.toarray() for part in sparse)])
    sparse_ms, norm = best([(part, part.T.tocsr()) for part in sparse])
    print(json.dumps({"numpy_dense_ms": dense_ms, "scipy_csr_ms": sparse_ms, "final_grad_norm": norm}))


if __name__ == "__main__":
    main()
