#!/usr/bin/python3
"""QCMD AdaGrad on rows of text as one writes it in NumPy and SciPy: CPU milliseconds per iteration, one thread.

    qcmd_numpy.py ROWS FEATURES WORDS STEP LAMBDA ITERATIONS

l1 logistic regression, 2 workers, batches of 20, threshold quantization both ways; rows with WORDS entries whose columns follow a
power law. `dense` keeps every vector dense, as the listing reads; `indexed` keeps gradients and selections as indices and values, as
one does who knows that they are sparse. Nothing is encoded. Prints a line of JSON. It needs python3-numpy and python3-scipy.
"""

import os

for library in ("OPENBLAS", "OMP", "MKL", "BLIS"):  # before NumPy is loaded
    os.environ[f"{library}_NUM_THREADS"] = "1"

import json
import sys
import time

try:
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.special import expit
except ImportError as error:
    sys.exit(f"skipped: {error}; python3-numpy and python3-scipy are needed")

WORKERS, BATCH, REPEATS = 2, 20, 3
DELTA = 1e-8


def text(rows, features, words, rng):
    """Folded rows, y_r a_r, of unit length."""
    columns = np.minimum(features ** rng.random((rows, words)), features) - 1  # the word of rank k about as often as 1 / k
    values = np.abs(rng.normal(size=columns.shape))
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    values *= rng.choice((-1.0, 1.0), size=(rows, 1))
    starts = np.arange(rows + 1) * words
    matrix = csr_matrix((values.ravel(), columns.astype(np.int32).ravel(), starts), shape=(rows, features))
    matrix.sum_duplicates()
    return matrix


def quantize(v):
    """Threshold: -s, 0 or s."""
    if len(v) == 0:
        return v
    size = np.abs(v)
    large = size > 0.75 * size.mean()
    return np.where(large, np.copysign(size[large].mean(), v), 0)


def shrink(z, by):
    return np.copysign(np.maximum(np.abs(z) - by, 0), z)


def dense(parts, batches, step, weight):
    d = parts[0].shape[1]
    x, squares = np.zeros((2, d))
    for batch in batches:
        mean, union = np.zeros(d), np.zeros(d, bool)
        for rows, chosen in zip(parts, batch):
            b = rows[chosen]
            g = b.T @ (-expit(-(b @ x)) / BATCH)
            rate = step / (DELTA + np.sqrt(squares + g * g))
            selected = (x != 0) | (np.abs(x - rate * g) > weight * rate)
            mean[selected] += quantize(g[selected]) / WORKERS
            union |= selected
        q = np.zeros(d)
        q[union] = quantize(mean[union])
        squares += q * q
        rate = step / (DELTA + np.sqrt(squares))
        x = shrink(x - rate * q, weight * rate)
    return x


def indexed(parts, batches, step, weight):
    d = parts[0].shape[1]
    x, squares, mean = np.zeros((3, d))
    support = np.empty(0, np.int64)
    for batch in batches:
        unions = []
        for rows, chosen in zip(parts, batch):
            b = rows[chosen]
            r = -expit(-(b @ x)) / BATCH
            js, inverse = np.unique(b.indices, return_inverse=True)
            g = np.bincount(inverse, b.data * np.repeat(r, np.diff(b.indptr)), len(js))
            rate = step / (DELTA + np.sqrt(squares[js] + g * g))
            selected = np.union1d(support, js[np.abs(x[js] - rate * g) > weight * rate])
            values = np.zeros(len(selected))
            places = np.searchsorted(selected, js)
            found = (places < len(selected)) & (selected[np.minimum(places, len(selected) - 1)] == js)
            values[places[found]] = g[found]
            mean[selected] += quantize(values) / WORKERS
            unions.append(selected)
        union = np.union1d(*unions)
        q = quantize(mean[union])
        mean[union] = 0
        squares[union] += q * q
        rate = step / (DELTA + np.sqrt(squares[union]))
        x[union] = shrink(x[union] - rate * q, weight * rate)
        support = union[x[union] != 0]
    return x


def main():
    rows, features, words = map(int, sys.argv[1:4])
    step, weight, iterations = float(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])
    rng = np.random.default_rng(1)
    parts = [text(rows // WORKERS, features, words, rng) for _ in range(WORKERS)]
    batches = [[rng.choice(rows // WORKERS, BATCH, replace=False) for _ in parts] for _ in range(iterations)]
    results, ends = {}, []
    for method in (dense, indexed):
        times = []
        for _ in range(REPEATS):
            start = time.process_time()
            ends.append(method(parts, batches, step, weight))
            times.append(time.process_time() - start)
        results[f"{method.__name__}_ms"] = 1e3 * min(times) / iterations
    results["difference"] = float(np.abs(ends[0] - ends[-1]).max())
    print(json.dumps(results))


if __name__ == "__main__":
    main()
