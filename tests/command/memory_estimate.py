"""How much memory a run needs, beside what check says, and what is said where there is none."""

import re
import resource
import subprocess
import sys
import unittest

from test_command import GOSSAMER, SANITIZED, SMALL, CommandTest

ALGORITHMS = {
    "ring": (
        "dgd", "dadam", "decentralized_amsgrad", "choco_sgd, consensus_step: 0.3", "gradient_tracking", "ad_psgd",
        "gradient_push",
    ),
    "star": (
        "sgd", "sgd_ef", "signsgd", "amsgrad", "sparse_ams", "cd_adam", "ef21", "onebit_adam, warmup: 2", "qadam",
        "local_sgd", "async_sgd", "prox_gd, lambda: 0", "cmd_adagrad, lambda: 0", "qcmd_adagrad, lambda: 0",
    ),
}  # fmt: skip
# A small process, as the peak of a new one begins with that of who starts it.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
SCENARIO = """\
topology: {{kind: {graph}, nodes: 8}}
problem: {{kind: quadratic, dimension: 300000}}
algorithm: {{kind: {algorithm}, step_size: 0.1}}
stop: {{iterations: 6}}
record: {{{record}metrics: [loss]}}
"""


@unittest.skipIf(SANITIZED, "sanitizers need memory of their own")
class Memory(CommandTest):
    def assert_expected(self, graph, algorithm, record):
        self.write("large.yaml", SCENARIO.format(graph=graph, algorithm=algorithm, record=record))
        said = self.assert_done(self.gossamer("check", "large.yaml"))
        expected = float(re.search(r"needs about (\d+) MB", said)[1])
        command = [sys.executable, "-c", MEASURE, GOSSAMER, "run", "large.yaml", "--quiet"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        needed = int(done.stdout) * 1.024e-3
        with self.subTest(algorithm, record=record):
            self.assertLess(abs(needed / expected - 1), 0.25, f"needs {needed:.0f} MB; {said}")

    def test_within_a_quarter_for_every_algorithm(self):
        for graph, algorithms in ALGORITHMS.items():
            for algorithm in algorithms:
                self.assert_expected(graph, algorithm, "")

    def test_recorded_vectors_count(self):
        self.assert_expected("ring", "dgd", "vectors: [gradient, x], every: 2, ")
        self.assert_expected("star", "cd_adam", "vectors: [m], ")

    def test_files_that_were_checked_before_do_not_count(self):
        self.write("large.yaml", SCENARIO.format(graph="ring", algorithm="dgd", record=""))
        data = "{kind: logistic, dataset: synthetic, synthetic: {samples: 100000, features: 100}}"
        self.write("data.yaml", re.sub("problem: .*", f"problem: {data}", SMALL))
        alone = self.assert_done(self.gossamer("check", "small.yaml"))
        after = self.assert_done(self.gossamer("check", "large.yaml", "data.yaml", "small.yaml")).splitlines()[-1]
        needed = [int(re.search(r"needs about (\d+) MB", said)[1]) for said in (alone, after)]
        self.assertLess(abs(needed[1] - needed[0]), 5)

    def test_memory_that_ends_is_said_to(self):
        limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2)}
        large = ["--set", "problem={kind: quadratic, dimension: 3000000}", "--set", "topology.nodes=100", "--quiet"]
        self.write("sweep.yaml", SMALL + "sweep: {seed: [1]}\n")
        for command in (["run", "small.yaml"], ["sweep", "sweep.yaml"]):
            said = self.gossamer(*command, *large, **limit).stderr
            self.assertRegex(said, "out of memory for the (run|problem); fewer nodes or features")


if __name__ == "__main__":
    unittest.main()
