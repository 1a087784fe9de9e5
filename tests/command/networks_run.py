"""Runs with the papers' networks, on a few small images."""

import shutil
import struct
import subprocess
import unittest
from pathlib import Path

import h5py
import numpy as np
import test_scenarios
from test_command import GOSSAMER, CommandTest

PROGRAM = Path(GOSSAMER).resolve().parent / "gossamer-networks"
SCENARIO = """\
topology: {kind: ring, nodes: 3}
problem: {kind: network, model: MODEL, dataset: squares, partition: iid, batch_size: 8}
algorithm: {kind: dgd, step_size: 0.1}
stop: {iterations: 12}
record: {every: 4, metrics: [loss, grad_norm, train_accuracy, test_accuracy, node_test_accuracy], parameters: final}
"""


def idx(magic, *sizes, content):
    return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + content.astype(np.uint8).tobytes()


@unittest.skipUnless(PROGRAM.exists(), "gossamer-networks is not built: ./dev setup --networks")
class Networks(CommandTest):
    """On images of 28 x 28 pixels with a bright square in one of four corners."""

    def setUp(self):
        super().setUp()
        draw = np.random.default_rng(1)
        for part, rows in (("train", 60), ("t10k", 20)):
            labels, images = np.arange(rows) % 4, draw.integers(0, 60, (rows, 28, 28))
            for image, label in zip(images, labels):
                image[14 * (label // 2):, 14 * (label % 2):][:14, :14] += 150
            self.write(f"data/squares/{part}-images-idx3-ubyte", idx(2051, rows, 28, 28, content=images))
            self.write(f"data/squares/{part}-labels-idx1-ubyte", idx(2049, rows, content=labels))

    def run_network(self, model, *arguments, trace="s.h5"):
        self.write("s.yaml", SCENARIO.replace("MODEL", model))
        done = self.gossamer("run", "s.yaml", "--quiet", "-o", trace, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.folder / trace

    def test_they_train_and_threads_change_nothing(self):
        for model in ("mlp", "cnn3", "lenet_bn"):
            one = self.run_network(model, "--threads", "1", trace="one.h5")
            two = self.run_network(model, "--threads", "2", trace="two.h5")
            self.assertEqual(one.read_bytes(), two.read_bytes(), model)
            with h5py.File(one) as trace:
                loss, accuracy = trace["metrics/loss"][:], trace["metrics/test_accuracy"][:]
            self.assertLess(loss[-1], 0.5 * loss[0], model)
            if model != "lenet_bn":  # whose running statistics lag behind at first
                self.assertGreater(accuracy[-1], 0.9, model)

    def test_layers(self):
        star = ("--set", "topology={kind: star, nodes: 3}", "--set", "problem.width=4", "--set", "record.metrics=[loss, contraction]")
        algorithm = "algorithm={kind: cd_adam, step_size: 0.01, compressor: scaled_sign, per_layer: %s}"
        d = (9 + 1) * 4 + (36 + 1) * 8 + (72 + 1) * 16 + (144 + 1) * 4
        contractions = []
        for per_layer, scales in (("true", 8), ("false", 1)):
            with h5py.File(self.run_network("cnn3", *star, "--set", algorithm % per_layer)) as trace:
                self.assertEqual(trace["layers"][:].tolist(), [36, 4, 288, 8, 1152, 16, 576, 4])
                self.assertEqual(trace["metrics/bits"][-1], 12 * 2 * 3 * (32 * scales + d))
                contractions.append(trace["metrics/contraction"][1:])
        self.assertTrue((contractions[0] < contractions[1]).all(), contractions)  # a scale for each layer fits better

    def test_statistics_of_batch_norm(self):
        by_state, by_batch = (self.run_network("lenet_bn", "--set", f"problem.batch_norm={how}", trace=f"{how}.h5")
                              for how in ("state", "batch"))
        with h5py.File(by_state) as one, h5py.File(by_batch) as other:
            self.assertEqual(one.attrs["fingerprint"], other.attrs["fingerprint"])  # it changes no training
            self.assertNotEqual(one["metrics/loss"][-1], other["metrics/loss"][-1])
            np.testing.assert_array_equal(one["parameters/final"], other["parameters/final"])

    def test_validation_and_measured_rows(self):
        settings = ("problem.validation=12", "problem.measured_rows=16", "record.metrics=[validation_accuracy, train_accuracy]")
        with h5py.File(self.run_network("mlp", *(word for change in settings for word in ("--set", change)))) as trace:
            for metric, rows in (("validation_accuracy", 12), ("train_accuracy", 16)):
                counts = trace[f"metrics/{metric}"][:] * rows
                np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
                self.assertGreater(counts[-1], 0.8 * rows)
            self.assertEqual(trace["metrics/epoch"][-1], 3 * 12 * 8 / 48)
            self.assertEqual(dict(trace["metrics"].attrs), {"train_rows": 16, "test_rows": 20, "validation_rows": 12})

    def test_a_sweep_and_a_run_from_a_trace(self):
        self.write("sweep.yaml", SCENARIO.replace("MODEL", "mlp") + "sweep: {algorithm.step_size: [0.1, 0.05]}\n")
        self.assertEqual(self.gossamer("sweep", "sweep.yaml", "--jobs", "2", "--quiet").returncode, 0)
        alone = self.run_network("mlp", trace="alone.h5")
        with h5py.File(alone) as one, h5py.File(self.folder / "sweep/step_size=0.1.h5") as other:
            np.testing.assert_array_equal(one["parameters/final"], other["parameters/final"])
        self.assertEqual(self.gossamer("run", "alone.h5", "--quiet").returncode, 0)
        self.assertEqual(alone.read_bytes(), (self.folder / "alone-again.h5").read_bytes())

    def test_batches_of_one_row(self):
        """Of 60 rows, up to 59 a call, none is left alone: of one row BatchNorm has no statistics."""
        batch = ("--set", "problem.batch_norm=batch")
        self.run_network("lenet_bn", *batch, "--set", "problem.evaluation_rows=59")
        self.run_network("lenet_bn", *batch, "--set", "problem.evaluation_rows=3", "problem.measured_rows=16")
        self.run_network("cnn3", "--set", "problem.batch_size=1", "problem.evaluation_rows=1")
        for model, more, said in (("lenet_bn", "problem.batch_size=1", "batch_size: BatchNorm of lenet_bn needs two rows or more at a time; it takes full, or 2 or more"),
                                  ("lenet_bn", "problem.evaluation_rows=2", "evaluation_rows: .*; it takes 3 or more"),
                                  ("lenet_bn", "problem.measured_rows=1", "measured_rows: .*; it takes 0 for all, or 2 or more"),
                                  ("lenet_bn", "problem.validation=1", "validation: .*; it takes 0 for none, or 2 or more"),
                                  ("cnn3", "seed=1", "batch_norm: cnn3 has no BatchNorm; leave it out")):
            self.write("s.yaml", SCENARIO.replace("MODEL", model))
            for command in ("check", "run"):
                with self.subTest(f"{command} {more}"):
                    self.assert_refused(self.gossamer(command, "s.yaml", *batch, "--set", more), rf"[^\n]*{said}")
        self.write("s.yaml", SCENARIO.replace("MODEL", "lenet_bn").replace("batch_size: 8", "batch_size: 19"))
        self.assert_refused(self.gossamer("run", "s.yaml", "--quiet"), r"s\.yaml:2:\d+: batch_size: node 0 has 20 rows, of which the last batch ")

    def test_data_sets_that_do_not_suit_are_refused_before_the_program_starts(self):
        self.write("s.yaml", SCENARIO.replace("MODEL", "cnn3").replace("squares", "mnist"))
        self.write("data/a9a/a9a", "1 1:1\n-1 2:1\n")
        for part in ("train", "t10k"):
            for file in ("images-idx3-ubyte", "labels-idx1-ubyte"):
                self.write(f"data/mnist/{part}-{file}", (self.folder / f"data/squares/{part}-{file}").read_bytes())
        for change, said in (("problem.model=resnet18", "model: resnet18 takes images of 32 x 32 pixels; those of mnist have 28 x 28"),
                             ("problem.dataset=a9a", "dataset: a9a has no images; it takes MNIST's format or CIFAR-10's"),
                             ("problem.crop=28", "crop: moves an image of 28 x 28 pixels out of sight; up to 27 are allowed")):
            for command in ("check", "run"):
                self.assert_refused(self.gossamer(command, "s.yaml", "--set", change), rf"[^\n]*{said}")
        for change in ("problem.model=lenet_bn", "problem.crop=27"):
            self.assertEqual(self.gossamer("check", "s.yaml", "--set", change).returncode, 0)

    def test_differences_of_correct_networks(self):
        settings = ("--set", "problem.precision=float64", "problem.differences=10", "stop.iterations=1")
        for model in ("mlp", "cnn3", "lenet_bn"):
            for seed in range(1, 7):
                self.run_network(model, *settings, f"seed={seed}")

    def test_wrong_input(self):
        for change, said in (("problem.model=cnn4", "unknown value 'cnn4'|cnn4"), ("problem.dataset=none", "data set 'none' not found"),
                             ("problem.model=resnet18", "resnet18 takes images of 32 x 32 pixels"),
                             ("problem.crop=28", "crop moves images out of sight"),
                             ("problem.validation=60", "60")):
            self.write("s.yaml", SCENARIO.replace("MODEL", "mlp"))
            done = self.gossamer("run", "s.yaml", "--quiet", "--set", change)
            self.assertIn(done.returncode, (1, 2), change)
            self.assertRegex(done.stderr, rf"\A[^\n]*(?:{said})[^\n]*\n\Z")

    def test_without_the_program(self):
        shutil.copy(GOSSAMER, self.folder / "gossamer")
        self.write("s.yaml", SCENARIO.replace("MODEL", "mlp"))
        done = subprocess.run([self.folder / "gossamer", "run", "s.yaml"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\As\.yaml:2:\d+: this kind needs the program \S+/gossamer-networks, which is not there; "
                                      r"\./dev setup --networks and \./dev build make it\n\Z")


@unittest.skipUnless(PROGRAM.exists(), "gossamer-networks is not built: ./dev setup --networks")
class NetworkScenarios(test_scenarios.Scenarios):
    """The repository's scenarios with networks can be run, as the others."""

    with_networks = True


if __name__ == "__main__":
    unittest.main()
