"""Makes small traces by hand, in the layout that scenarios/README.md describes, and a folder to put them in."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOSSAMER = os.environ.get("GOSSAMER")  # the command, where tests may run it
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

SCENARIO = """name: {name}
seed: {seed}
network: {{model: store_and_forward, bandwidth: {bandwidth}}}
algorithm:
  kind: {kind}
  step_size: 1e-3
"""


def scenario(name="A run", seed=1, kind="dgd", bandwidth="10 Mbit/s"):
    return SCENARIO.format(name=name, seed=seed, kind=kind, bandwidth=bandwidth)


def metrics(rows=21, bits_per_round=1000.0, **others):
    """Two iterations per row; the gradient norm halves each row; accuracy is evaluated at every other row."""
    t = 2 * np.arange(rows)
    accuracy = 1 - 0.9 * np.exp(-t / 10)
    accuracy[1::2] = np.nan
    columns = {
        "iteration": t,
        "epoch": t / 4,
        "time": t * 0.5,
        "bits": t * 5 * bits_per_round,
        "bits_per_node": t * bits_per_round,
        "loss": 0.7 - 0.01 * t,
        "grad_norm": 0.5 ** np.arange(rows),
        "test_accuracy": accuracy,
    }
    return {**columns, **others}


# What a trace says about its metrics: (unit, which way is better); "" is not written.
MEANINGS = {
    "time": ("s", "lower"),
    **dict.fromkeys(("bits", "bits_up", "bits_down", "bits_per_node", "bits_paper"), ("bit", "lower")),
    **dict.fromkeys(("loss", "test_loss", "grad_norm", "suboptimality", "consensus"), ("", "lower")),
    **dict.fromkeys(("compression_error", "gradients"), ("", "lower")),
    **dict.fromkeys(("train_accuracy", "test_accuracy", "sparsity"), ("", "higher")),
    "compute_time": ("s", "lower"),  # of /nodes
}


def say_meaning(column, unit, better):
    """Writes the attributes of a dataset of /metrics or /nodes."""
    for key, value in (("unit", unit), ("better", better)):
        if value:
            column.attrs[key] = value


# The mean of DGD's iterates is (1 - (1 - step)^t) times (2, 1), the mean of the targets.
QUADRATIC = """\
name: DGD
topology: {kind: ring, nodes: 3}
mixing: uniform_neighbors
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
problem: {kind: quadratic, targets: [[0, 3], [1, 0], [5, 0]]}
algorithm: {kind: dgd, step_size: 0.1, wire: float64}
stop: {iterations: 20}
"""


SWEPT = """name: swept
seed: {seed}
topology: {{kind: {topology}, nodes: 4}}
network: {{model: store_and_forward, bandwidth: {bandwidth}}}
algorithm: {{kind: {kind}, step_size: 1e-3}}
"""
SPEEDS = {"100 kbit/s": 1e5, "1 Mbit/s": 1e6, "unlimited": float("inf")}


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_main(self, main, *arguments):
        """(exit code, standard output, standard error)"""
        output, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(said):
            code = main([str(argument) for argument in arguments])
        return code, output.getvalue(), said.getvalue()

    def write(self, file, text):
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def trace(self, file="a.h5", columns=None, meanings=MEANINGS, **attributes):
        """Writes a trace; an attribute given as None is left out. Older versions wrote no meanings."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        known = {
            "format": "gossamer-trace",
            "format_version": 1,
            "scenario": scenario(),
            "seed": 1,
            "status": "complete",
        }
        with h5py.File(path, "w") as h5:
            for key, value in {**known, **attributes}.items():
                if value is not None:
                    h5.attrs[key] = value
            for name, column in (metrics() if columns is None else columns).items():
                h5[f"metrics/{name}"] = column
                say_meaning(h5[f"metrics/{name}"], *meanings.get(name, ("", "")))
        return path

    def swept(self, folder="swept", seeds=(1, 2, 3), topology="ring"):
        """What a sweep over three bandwidths, two algorithms and some seeds leaves.

        Eager halves its gradient norm in each of 20 iterations, with 1e5 bits and 0.1 s apiece; Frugal takes the square root
        of two of it, with 1e4 bits. Seed s scales both by s.
        """
        for bandwidth, speed in SPEEDS.items():
            for name, kind, factor, bits in (("Eager", "dgd", 0.5, 1e5), ("Frugal", "dadam", 0.5**0.5, 1e4)):
                for seed in seeds:
                    t = np.arange(21)
                    columns = {
                        "iteration": t,
                        "time": t * (0.1 + bits / speed),
                        "bits": t * bits,
                        "grad_norm": seed * factor**t,
                        "test_accuracy": 1 - 0.1 * seed * factor**t,
                    }
                    slug = bandwidth.replace(" ", "_").replace("/", "_")
                    self.trace(
                        f"{folder}/bandwidth={slug},algorithm={name},seed={seed}.h5",
                        columns,
                        seed=seed,
                        scenario=SWEPT.format(seed=seed, bandwidth=bandwidth, kind=kind, topology=topology),
                        sweep=f"{{network.bandwidth: {bandwidth}, algorithm: {name}, seed: {seed}}}",
                    )
        return self.folder / folder
