"""Every scenario of the repository, and every kind of run that claims need, can be run.

They are checked on data sets of the right size whose rows have one feature each, so that no data are needed.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from test_command import GOSSAMER, SOURCE, CommandTest

sys.path.append(str(SOURCE))

from analysis import papers
from analysis.gossamer import Request


def trains_a_network(scenario: Path) -> bool:
    """Such scenarios need the program that computes them; networks_run.py has their tests."""
    return "kind: network" in scenario.read_text()


def write_stand_ins(folder: Path) -> None:
    """Data sets with as many rows, features and classes as those that the command knows. Of the test parts 1000 rows will do."""
    known = subprocess.run([GOSSAMER, "datasets"], capture_output=True, text=True, check=True).stdout
    sizes = re.findall(r"(?m)^  (\S+) +(\d+) \+ +(\d+) rows, +(\d+) features, +(\d+) classes", known)
    for name, *numbers in sizes:
        train, test, features, classes = map(int, numbers)
        (folder / name).mkdir()
        for file, rows in ((name, train), (f"{name}.t", min(test, 1000))):
            # The last feature comes first, as a file's largest index is its dimension.
            lines = "".join(f"{row % classes} {features - row % features}:1\n" for row in range(rows))
            if lines:
                (folder / name / file).write_text(lines)


class Scenarios(unittest.TestCase):
    with_networks = False

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.stand_ins = folder.name
        write_stand_ins(Path(folder.name))

    def assert_all_can_run(self, checks: dict[str, list]):
        """`checks`: the arguments of gossamer check, by the name of what is checked."""
        self.assertTrue(checks)

        def check(arguments):
            return subprocess.run([GOSSAMER, "check", *arguments], capture_output=True, text=True, timeout=600,
                                  env={**os.environ, "GOSSAMER_DATA": self.stand_ins})

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, done in zip(checks, pool.map(check, checks.values())):
                with self.subTest(name):
                    said = [line for line in done.stderr.splitlines() if ": note: " not in line]
                    self.assertEqual((done.returncode, said), (0, []))

    def test_every_scenario(self):
        checks = {}
        for path in sorted(SOURCE.glob("scenarios/**/*.yaml")):
            if path.name == "claims.yaml" or trains_a_network(path) != self.with_networks:
                continue
            # Of a sweep's lists the first values, where no rule needs the others: all would take minutes.
            sweep = path.read_text().partition("\nsweep:")[2]
            lists = re.findall(r"(?m)^  ([\w.]+): \[([^,\]{]+),", sweep)
            if re.search(r"(?m)^  (exclude|also):", sweep):
                lists = [(key, first) for key, first in lists if key == "seed" and "synthetic" in path.read_text()]
            fewer = [option for key, first in lists for option in ("--set", f"sweep.{key}=[{first}]")]
            checks[str(path.relative_to(SOURCE))] = [path, *fewer]
        self.assert_all_can_run(checks)

    def test_every_kind_of_run_that_claims_need(self):
        """One of those that set the same keys in the same scenario; the slow tests make all of them, and the sweeps."""
        chosen = {}
        for path in SOURCE.glob("scenarios/*/claims.yaml"):
            for experiment in papers.read_paper(path).needed:
                request = next(iter(experiment.requests(Path()).values()))[0]
                if isinstance(request, Request) and trains_a_network(request.scenario) == self.with_networks:
                    chosen[request.scenario, frozenset(key for key, _ in request.assignments)] = request
        self.assert_all_can_run({
            request.name: [request.scenario, *(f"--set={key}={value}" for key, value in request.assignments)]
            for request in chosen.values()
        })


class Document(CommandTest):
    """The sections of scenarios that scenarios/README.md shows, in a scenario that they suit."""

    FILES = {
        "crashes.csv": "node,start,end\n3,2s,2500ms\n",
        "turns.txt": "0 1\n1 2\n2 3\n3 0\nnext\n0 2\n1 3\n",
        "rtt.csv": ",a,b\na,0,20\nb,20,0\n",
        "wan/abilene.gml": (SOURCE / "scenarios/wan/abilene.gml").read_text(),
    }
    SECTIONS = {
        "topology": "{kind: ring, nodes: 4}",
        "network": "{latency: 1 ms}",
        "problem": "{kind: quadratic, dimension: 3}",
        "algorithm": "{kind: dgd, step_size: 0.1, wait_for: 1, wait_at_most: 100 ms}",
        "stop": "{iterations: 10}",
    }
    WITH_SERVER = {"topology": "{kind: star, nodes: 4}", "algorithm": "{kind: sgd_ef, step_size: 0.1}"}

    def test_every_example(self):
        for name, text in self.FILES.items():
            self.write(name, text)
        text = (SOURCE / "scenarios/README.md").read_text()
        examples = re.findall(r"(?m)^    (\w+):((?: .*)?\n(?:     .*\n)*)", text)
        self.assertLess({"topology", "network", "compute", "coding", "faults", "algorithm", "sweep"}, {key for key, _ in examples})
        for key, value in examples:
            if key == "graph":
                key, value = "network", f" {{bandwidth: 1 Gbit/s, graph: {value.strip()}}}\n"
            with self.subTest(key, value=value):
                has_server = "server" in value or key in ("sweep", "coding")
                sections = {**self.SECTIONS, **(self.WITH_SERVER if has_server else {})}
                sections.pop(key, None)
                self.write("example.yaml", "".join(f"{k}: {v}\n" for k, v in sections.items()) + key + ":" + value)
                self.assertIn("example.yaml: ok: ", self.assert_done(self.gossamer("check", "example.yaml")))


if __name__ == "__main__":
    unittest.main()
