"""What a run is recognised by, and what its trace holds: enough to tell a stale trace, and to make the run again."""

import csv
import os
import shutil
import unittest
from pathlib import Path

import h5py
import numpy as np
from test_command import SMALL, CommandTest

ON_FILE = """\
topology: {kind: file, path: links.txt}
mixing: {kind: file, path: W.txt}
network: {latency: 1 ms, bandwidth: 1 Mbit/s}
problem: {kind: quadratic, dimension: 2}
algorithm: {kind: dgd, step_size: 0.1}
stop: {iterations: 10}
"""
RING = "0 1 latency=3ms\n1 2 bandwidth=5Mbit/s\n2 3\n3 0\n"
W = "".join(" ".join("0.5" if i == j else "0" if (i - j) % 4 == 2 else "0.25" for j in range(4)) + "\n" for i in range(4))
OTHER_W = W.replace("0.5", "0.4").replace("0.25", "0.3")


class OnFiles(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("links.txt", RING)
        self.write("W.txt", W)
        self.write("file.yaml", ON_FILE)
        self.write("sweep.yaml", ON_FILE + "sweep: {seed: [1, 2]}\n")

    def add_data(self, first="1 1:2\n"):
        self.write("data/own/own", first + "-1 1:1 2:3\n1 2:1\n-1 1:1\n")
        return ["--set", "problem={kind: logistic, dataset: own}"]

    def counts(self, *arguments):
        """How many runs a sweep has made, and how many were there."""
        words = self.assert_done(self.gossamer("sweep", "sweep.yaml", *arguments)).split()
        return int(words[1]), int(words[words.index("there") - 1])


class Stale(OnFiles):
    def test_a_file_that_changes_makes_the_runs_anew(self):
        self.assertEqual(self.counts(), (2, 0))
        self.assertEqual(self.counts(), (0, 2))
        self.write("links.txt", RING.replace("3ms", "4ms"))
        self.assertEqual(self.counts(), (2, 0))
        self.write("W.txt", OTHER_W)
        self.assertEqual(self.counts(), (2, 0))
        self.assertEqual(self.counts(), (0, 2))

    def test_data_that_change_make_the_runs_anew(self):
        data = self.add_data()
        self.assertEqual(self.counts(*data), (2, 0))
        self.assertEqual(self.counts(*data), (0, 2))
        self.add_data(first="1 1:3\n")
        self.assertEqual(self.counts(*data), (2, 0))

    def test_the_folder_makes_no_difference(self):
        self.assertEqual(self.counts(), (2, 0))
        shutil.copytree(self.folder, self.folder / "elsewhere")
        done = self.gossamer("sweep", "elsewhere/sweep.yaml", "-o", "sweep")
        self.assertIn("0 done (0 diverged), 0 failed, 2 there before", self.assert_done(done))

    def test_numerics_of_another_version(self):
        self.assertEqual(self.counts(), (2, 0))
        self.change("sweep/seed=1.h5", lambda trace: trace.attrs.modify("identity", "0" * 64))  # As of other numerics.
        self.assertEqual(self.counts(), (1, 1))

    def test_fresh(self):
        self.assertEqual(self.counts(), (2, 0))
        self.assertEqual(self.counts("--fresh"), (2, 0))

    def test_traces_that_do_not_say(self):
        self.assertEqual(self.counts(), (2, 0))
        with h5py.File(self.folder / "sweep" / "seed=1.h5", "r+") as trace:  # As format version 1.
            del trace.attrs["identity"], trace["inputs"]
            trace.attrs["format_version"] = 1
        self.assert_refused(self.gossamer("run", "sweep/seed=1.h5"),
                            "sweep/seed=1.h5: it has format version 1, which does not hold all that a run needs")
        self.assertEqual(self.counts(), (1, 1))

    def test_the_command_says_it(self):
        self.assert_done(self.gossamer("run", "file.yaml", "--quiet"))
        with h5py.File(self.folder / "file.h5") as trace:
            self.assertEqual(self.assert_done(self.gossamer("identity", "file.yaml")), trace.attrs["identity"] + "\n")
        other = self.assert_done(self.gossamer("identity", "file.yaml", "--set", "seed=2"))
        self.assertNotEqual(other, trace_identity(self.folder / "file.h5"))


def trace_identity(path: Path) -> str:
    with h5py.File(path) as trace:
        return trace.attrs["identity"] + "\n"


class WholeByItself(OnFiles):
    def test_what_was_simulated(self):
        self.assert_done(self.gossamer("run", "file.yaml", "--quiet"))
        with h5py.File(self.folder / "file.h5") as trace:
            self.assertIn("path: links.txt\n", trace.attrs["scenario"])
            self.assertEqual(bytes(trace["inputs/topology.path"][:]), RING.encode())
            self.assertEqual(bytes(trace["inputs/mixing.path"][:]), W.encode())
            ends = list(zip(trace["links/from"][:], trace["links/to"][:]))
            latency, bandwidth = (dict(zip(ends, trace[f"links/{name}"][:])) for name in ("latency", "bandwidth"))
            self.assertEqual((latency[0, 1], latency[1, 0], latency[1, 2]), (0.003, 0.003, 0.001))
            self.assertEqual((bandwidth[1, 2], bandwidth[0, 1]), (5e6, 1e6))
            self.assertEqual((trace["links/latency"].attrs["unit"], trace["links/bandwidth"].attrs["unit"]), ("s", "bit/s"))

    def test_run_again_from_the_trace_alone(self):
        (self.folder / "away").mkdir()
        for name, changes in [("a", []), ("b", self.add_data())]:
            self.assert_done(self.gossamer("run", "file.yaml", "--quiet", "-o", f"away/{name}.h5", *changes))
        self.assert_done(self.gossamer("sweep", "sweep.yaml", "--quiet", "-o", "away"))
        for name in ("links.txt", "W.txt", "file.yaml"):
            (self.folder / name).unlink()
        for name in ("a", "b", "seed=2"):
            self.assert_done(self.gossamer("run", f"away/{name}.h5", "--quiet"))
            self.assertEqual((self.folder / f"{name}-again.h5").read_bytes(), (self.folder / f"away/{name}.h5").read_bytes())

    def test_a_trace_with_changes(self):
        self.assert_done(self.gossamer("run", "file.yaml", "--quiet", "-o", "a.h5"))
        self.write("b.yaml", ON_FILE.replace("iterations: 10", "iterations: 5") + "name: file\n")
        self.assert_done(self.gossamer("run", "b.yaml", "--quiet"))
        self.assert_done(self.gossamer("run", "a.h5", "--set", "stop.iterations=5", "--quiet"))
        self.assertEqual((self.folder / "a-again.h5").read_bytes(), (self.folder / "b.h5").read_bytes())

    def test_a_file_that_is_set_is_another(self):
        self.assert_done(self.gossamer("run", "file.yaml", "--quiet", "-o", "a.h5"))
        self.write("W.txt", OTHER_W)
        self.assert_done(self.gossamer("run", "a.h5", "--set", "mixing.path=W.txt", "--quiet"))
        with h5py.File(self.folder / "a-again.h5") as trace:
            self.assertEqual(bytes(trace["inputs/mixing.path"][:]), OTHER_W.encode())
            self.assertEqual(bytes(trace["inputs/topology.path"][:]), RING.encode())

    def test_other_data_of_the_same_name(self):
        self.assert_done(self.gossamer("run", "file.yaml", "--quiet", "-o", "a.h5", *self.add_data()))
        self.add_data(first="1 1:3\n")
        self.assert_refused(self.gossamer("run", "a.h5"), "a.h5: was made with other files of data set own: ")

    def test_what_is_no_trace(self):
        with h5py.File(self.folder / "mine.h5", "w") as file:
            file["numbers"] = [1, 2]
        self.assert_refused(self.gossamer("run", "mine.h5"), "mine.h5: is not a trace: it has another format")
        before = (self.folder / "mine.h5").read_bytes()
        self.assert_refused(self.gossamer("run", "file.yaml", "-o", "mine.h5"),
                            "mine.h5: cannot be written: it is there already, and not a trace; choose another place")
        self.assertEqual((self.folder / "mine.h5").read_bytes(), before)

    def test_sizes_that_files_give(self):
        self.assertEqual(self.counts(*self.add_data()), (2, 0))
        header, first, _ = (self.folder / "sweep/index.csv").read_text().splitlines()
        row = dict(zip(header.split(","), first.split(",")))
        self.assertEqual((row["topology.nodes"], row["problem.dimension"]), ("4", "2"))

    def test_sizes_that_targets_give(self):
        self.write("t.yaml", SMALL + "sweep: {problem.targets: {A: [[0], [1], [5]], B: [[0, 3, 1], [1, 0, 1], [5, 0, 1]]}}\n")
        self.assert_done(self.gossamer("sweep", "t.yaml", "--quiet"))
        with open(self.folder / "t/index.csv", newline="") as file:
            self.assertEqual([row["problem.dimension"] for row in csv.DictReader(file)], ["1", "3"])


class Models(CommandTest):
    """The nodes' own models, and the server's."""

    PATH = {"problem": "{kind: softmax, dataset: synthetic, partition: {labels_per_node: 1}, batch_size: 8,"
                       " synthetic: {samples: 120, features: 3, classes: 4, test_samples: 50}}",
            "topology": "{kind: path, nodes: 4}", "record.every": "5"}

    def run_with(self, changes, name="small.h5"):
        options = [option for key, value in changes.items() for option in ("--set", f"{key}={value}")]
        self.assert_done(self.run_small("-o", name, *options))
        return h5py.File(self.folder / name)

    def test_metrics_of_the_nodes_own_models(self):
        metrics = "[test_accuracy, node_test_accuracy, worst_test_accuracy, node_train_accuracy, node_loss]"
        with self.run_with({**self.PATH, "record.metrics": metrics}) as trace:
            each = trace["nodes/test_accuracy"][:]
            self.assertEqual(each.shape, (3, 4))
            np.testing.assert_allclose(trace["metrics/node_test_accuracy"][:], each.mean(axis=1), rtol=1e-15)
            np.testing.assert_array_equal(trace["metrics/worst_test_accuracy"][:], each.min(axis=1))
            np.testing.assert_allclose(trace["metrics/node_loss"][:], trace["nodes/loss"][:].mean(axis=1), rtol=1e-15)
            self.assertLess(each[-1].min(), trace["metrics/test_accuracy"][-1])
            self.assertEqual(trace["metrics/node_loss"].attrs["better"], "lower")
            self.assertEqual(trace["metrics/worst_test_accuracy"].attrs["better"], "higher")

    def test_they_are_those_of_the_mean_where_all_agree(self):
        alike = {**self.PATH, "topology": "{kind: path, nodes: 1}", "problem.partition": "iid",
                 "record.metrics": "[test_accuracy, node_test_accuracy, worst_test_accuracy]"}
        with self.run_with(alike) as trace:
            for name in ("node_test_accuracy", "worst_test_accuracy"):
                np.testing.assert_array_equal(trace[f"metrics/{name}"][:], trace["metrics/test_accuracy"][:])

    def test_they_have_to_be_named(self):
        with self.run_with(self.PATH) as trace:
            self.assertNotIn("node_test_accuracy", trace["metrics"])
            self.assertNotIn("test_accuracy", trace["nodes"])

    def test_a_target_names_them_too(self):
        with self.run_with({**self.PATH, "stop": "{iterations: 50, target: {worst_test_accuracy: 0.01}}"}) as trace:
            self.assertGreaterEqual(trace["metrics/worst_test_accuracy"][-1], 0.01)

    def test_the_servers_model_is_the_one_that_is_measured(self):
        changes = {"topology": "{kind: star, nodes: 3}", "algorithm": "{kind: sgd, step_size: 0.5}", "mixing": None}
        del changes["mixing"]
        with self.run_with(changes) as trace:
            x = trace["parameters/server"][:]
            targets = np.array([[0, 3], [1, 0], [5, 0]])
            loss = np.mean([np.sum((x - a) ** 2) / 2 for a in targets])
            self.assertAlmostEqual(trace["metrics/loss"][-1], loss, places=12)
            self.assertEqual(trace["parameters/final"].shape, (3, 2))
            self.assertNotAlmostEqual(trace["parameters/final"][0, 0], x[0], places=3)  # A step older.

    def test_without_a_server_there_is_none(self):
        with self.run_with({}) as trace:
            self.assertEqual(list(trace["parameters"]), ["final"])


if __name__ == "__main__":
    unittest.main()
