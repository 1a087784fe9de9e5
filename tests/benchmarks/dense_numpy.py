#!/usr/bin/python3
"""Gradients of linear models on dense rows as one writes them in NumPy: CPU milliseconds, one thread.

    dense_numpy.py [FOLDER]    FOLDER/mnist/train-images-idx3-ubyte (or .gz); by default $GOSSAMER_DATA, else data

Prints a line of JSON. logistic_ms: 8,100 x 112 normal numbers, full batches of 20 nodes; floats_ms: the same, data and
arithmetic in float32; softmax2_ms: the same rows, softmax with two classes. full_ms: softmax on MNIST's pixels / 255,
full batches of 8 nodes; batch_ms: mini-batches of 64 rows of each of these nodes. Where MNIST is not there, a fifth of
60,000 x 784 random pixels are not black. It needs python3-numpy, and should have libopenblas0-pthread: the BLAS
that Debian installs by default is slower.
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
except ImportError as error:
    sys.exit(f"skipped: {error}; python3-numpy is needed")

RNG = np.random.default_rng(1)


def pixels(folder):
    """MNIST's training rows / 255 as doubles, or random ones of their shape."""
    path = Path(folder) / "mnist" / "train-images-idx3-ubyte"
    for file, opened in ((path, open), (Path(f"{path}.gz"), gzip.open)):
        if file.exists():
            with opened(file, "rb") as content:
                return np.frombuffer(content.read(), np.uint8, offset=16).reshape(-1, 784) / 255
    return RNG.integers(256, size=(60000, 784)) * (RNG.random((60000, 784)) < 0.2) / 255


def logistic(rows, y, x):
    return rows.T @ (-y / (1 + np.exp(y * (rows @ x)))) / len(rows)


def softmax(rows, labels, w):
    z = rows @ w
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    z[np.arange(len(rows)), labels] -= 1
    return rows.T @ z / len(rows)


def least_ms(work, seconds=2.0):
    """The least CPU milliseconds of the calls that take so long together."""
    least, end = np.inf, time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
    return 1e3 * least


def main():
    small = np.array_split(RNG.standard_normal((8100, 112)), 20)
    small_labels = [RNG.integers(2, size=len(rows)) for rows in small]
    signs = [2.0 * labels - 1 for labels in small_labels]
    x, w2 = np.linspace(-0.5, 0.5, 112), np.linspace(-0.5, 0.5, 224).reshape(112, 2)
    narrow, narrow_signs = ([part.astype(np.float32) for part in parts] for parts in (small, signs))
    x32 = x.astype(np.float32)
    found = {
        "logistic_ms": least_ms(lambda: [logistic(rows, y, x) for rows, y in zip(small, signs)]),
        "floats_ms": least_ms(lambda: [logistic(rows, y, x32) for rows, y in zip(narrow, narrow_signs)]),
        "softmax2_ms": least_ms(lambda: [softmax(rows, labels, w2) for rows, labels in zip(small, small_labels)]),
    }
    images = np.array_split(pixels(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("GOSSAMER_DATA", "data")), 8)
    labels = [RNG.integers(10, size=len(rows)) for rows in images]
    w = np.linspace(-0.5, 0.5, 7840).reshape(784, 10)
    found["full_ms"] = least_ms(lambda: [softmax(rows, l, w) for rows, l in zip(images, labels)])

    def mini_batches():
        for rows, l in zip(images, labels):
            batch = RNG.integers(len(rows), size=64)
            softmax(rows[batch], l[batch], w)

    found["batch_ms"] = least_ms(mini_batches)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
