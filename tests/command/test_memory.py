"""How much memory a run needs, beside what check says."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from test_command import GOSSAMER, CommandTest

SANITIZED = any(name in Path(GOSSAMER).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
ALGORITHMS = {
    "ring": ("dgd", "dadam", "decentralized_amsgrad", "choco_sgd, consensus_step: 0.3", "gradient_tracking"),
    "star": (
        "sgd", "sgd_ef", "signsgd", "amsgrad", "sparse_ams", "cd_adam", "ef21", "onebit_adam, warmup: 2", "qadam",
        "local_sgd", "async_sgd", "prox_gd, lambda: 0", "cmd_adagrad, lambda: 0", "qcmd_adagrad, lambda: 0",
    ),
}  # fmt: skip
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
        process = subprocess.Popen([GOSSAMER, "run", "large.yaml", "--quiet"], cwd=self.folder)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        needed = usage.ru_maxrss * 1.024e-3
        with self.subTest(algorithm, record=record):
            self.assertLess(abs(needed / expected - 1), 0.25, f"needs {needed:.0f} MB; {said}")

    def test_within_a_quarter_for_every_algorithm(self):
        for graph, algorithms in ALGORITHMS.items():
            for algorithm in algorithms:
                self.assert_expected(graph, algorithm, "")

    def test_recorded_vectors_count(self):
        self.assert_expected("ring", "dgd", "vectors: [gradient, x], every: 2, ")
        self.assert_expected("star", "cd_adam", "vectors: [m], ")


if __name__ == "__main__":
    unittest.main()
