"""Traces of format version 1, here one that commit dbbca99 made of this scenario, can be read, and are not taken for new."""

import csv
import shutil
import unittest
from pathlib import Path

import h5py
import numpy as np
from test_command import CommandTest

OLD = Path(__file__).with_name("version_1.h5")
LINKS = "0 1 latency=3ms\n1 2 bandwidth=5Mbit/s\n2 0\n"
SCENARIO = """\
name: version 1
seed: 3
topology: {kind: file, path: links.txt}
mixing: {kind: uniform_neighbors}
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
compute: {gradient: 2 ms}
problem: {kind: logistic, dataset: synthetic, partition: iid, batch_size: 8}
algorithm: {kind: decentralized_amsgrad, step_size: 0.1}
stop: {iterations: 5}
record: {parameters: final}
"""
CLAIMS = """\
paper: A paper
runs:
  short: {scenario: s.yaml}
claims:
  - id: loss
    says: The loss ends at 1.15384.
    measured_by: abs(final(short, loss) - 1.15384) < 1e-5
"""


class Version1(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("links.txt", LINKS)
        self.write("s.yaml", SCENARIO)
        shutil.copy(OLD, self.folder / "old.h5")

    def test_its_numbers_are_those_of_the_run(self):
        said = self.assert_done(self.tool("table.py", "old.h5", "--rows", "topology.nodes", "--values", "loss,test_accuracy,bits"))
        self.assertEqual(said.splitlines()[2], "| 3 | 1.154 | 0.805 | 38.4 |")

    def test_the_same_scenario_still_gives_them(self):
        self.assert_done(self.gossamer("run", "s.yaml", "--quiet"))
        with h5py.File(OLD) as old, h5py.File(self.folder / "s.h5") as new:
            for name, column in old["metrics"].items():
                np.testing.assert_allclose(new[f"metrics/{name}"], column, rtol=1e-12, err_msg=name)
            np.testing.assert_allclose(new["parameters/final"], old["parameters/final"], rtol=1e-12)

    def test_figures(self):
        for tool, *options in (["plot.py", "--x", "epoch,bits,time", "--y", "test_accuracy"],
                               ["plot.py", "--x", "iteration", "--bound", "averaging", "--linear", "averaging"],
                               ["topology.py"], ["time_split.py", "--bars", "name"]):
            self.assert_done(self.tool(tool, "old.h5", *options, "-o", "figure.svg"))
            (self.folder / "figure.svg").unlink()

    def test_the_command(self):
        self.assert_refused(self.gossamer("run", "old.h5"), "old.h5: it has format version 1, which does not hold all that a run "
                                                            "needs; its attribute `scenario` is one to run")
        self.write("sweep.yaml", SCENARIO + "sweep: {seed: [3]}\n")
        for place in ("seed=3.h5", "old.h5"):
            (self.folder / "sweep").mkdir(exist_ok=True)
            shutil.copy(OLD, self.folder / "sweep" / place)
        said = self.assert_done(self.gossamer("sweep", "sweep.yaml"))
        self.assertIn("1 done (0 diverged), 0 failed, 0 there before; 2 traces", said)
        with open(self.folder / "sweep/index.csv", newline="") as file:
            new, old = csv.DictReader(file)
        self.assertEqual((old["trace"], old["topology.nodes"], old["loss"]), ("old.h5", "3", new["loss"]))

    def test_claims_make_the_run_again(self):
        self.write("claims.yaml", CLAIMS)
        for _ in range(2):
            self.assertIn("short", self.assert_done(self.tool("claims.py", "claims.yaml", "-o", "out")))
            trace, = (self.folder / "out").rglob("*.h5")
            with h5py.File(trace) as file:
                self.assertEqual(file.attrs["format_version"], 2)
            shutil.copy(OLD, trace)


if __name__ == "__main__":
    unittest.main()
