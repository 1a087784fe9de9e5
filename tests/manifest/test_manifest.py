import contextlib
import io
import json
import os
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import h5py

import manifest
import random_scenarios

GOSSAMER = os.environ["GOSSAMER"]
COUNT = 6


class RandomScenarios(unittest.TestCase):
    def test_a_seed_gives_the_same_scenarios(self):
        drawn = [random_scenarios.draw(3, number) for number in range(200)]
        self.assertEqual(drawn, [random_scenarios.draw(3, number) for number in range(200)])
        self.assertNotEqual(drawn, [random_scenarios.draw(4, number) for number in range(200)])
        self.assertEqual(len({next(iter(files)) for files in drawn}), 200)

    def test_every_card_is_drawn(self):
        server, decentralized = random_scenarios.cards(1)
        names = " ".join(next(iter(random_scenarios.draw(1, number))) for number in range(500))
        for card in server + decentralized:
            self.assertIn("_".join(filter(None, [card.algorithm, card.fits])) + ".yaml", names)

    def test_weights_of_edges_are_zero_only_where_the_name_says_so(self):
        checked = 0
        for number in range(500):
            files = random_scenarios.draw(2, number)
            if not any(name.endswith(".edges.txt") for name in files) or not any(name.endswith(".W.txt") for name in files):
                continue
            lines = {name.split(".")[-2]: [line.split() for line in text.splitlines()[1:]] for name, text in files.items()
                     if name.endswith(".txt")}
            edges = [(int(u), int(v)) for u, v, *_ in lines["edges"]]
            nodes = 1 + max(map(max, edges))
            if len(lines["W"]) == nodes and len(lines["W"][0]) == nodes:
                w = {(i, j): float(word) for i, row in enumerate(lines["W"]) for j, word in enumerate(row)}
            else:
                w = {(int(i), int(j)): float(word) for i, j, word in lines["W"]}
            has_zeros = any(w.get((u, v), 0) == 0 or w.get((v, u), 0) == 0 for u, v in edges)
            self.assertEqual(has_zeros, next(iter(files)).startswith("zero_weight"), files)
            checked += 1
        self.assertGreater(checked, 5)


class Manifests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def call(self, *arguments):
        """(exit code, standard output)"""
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            code = manifest.main([str(argument) for argument in arguments])
        return code, output.getvalue()

    def record(self, name):
        path = self.folder / name
        code, said = self.call("record", path, "--gossamer", GOSSAMER, "--random", COUNT, "--seed", 5, "--no-scenarios",
                               "--folder", self.folder / "random")
        self.assertEqual(code, 0)
        self.assertIn(f"{COUNT} runs", said)
        return path

    def changed(self, path, change):
        """A copy of a manifest in which `change` was made to its runs."""
        content = json.loads(path.read_text())
        change(content["runs"])
        copy = self.folder / "changed.json"
        copy.write_text(json.dumps(content))
        return copy

    def test_the_same_scenarios_give_the_same_manifest(self):
        once, again = self.record("once.json"), self.record("again.json")
        self.assertEqual(once.read_bytes(), again.read_bytes())
        code, said = self.call("compare", once, again)
        self.assertEqual(code, 0)
        self.assertIn(f"{COUNT} runs in both, 0 differ", said)

    def test_what_differs_is_named(self):
        before = self.record("before.json")
        run = sorted(json.loads(before.read_text())["runs"])[0]
        cases = [
            (lambda runs: runs[run]["columns"]["metrics/loss"].update(sha256="0"), f"changed  {run}  metrics/loss: last "),
            (lambda runs: runs[run]["columns"]["metrics/loss"].update(shape=[99]), f"changed  {run}  metrics/loss: shape "),
            (lambda runs: runs[run]["columns"].pop("metrics/loss"), f"removed  {run}  metrics/loss\n"),
            (lambda runs: runs[run]["columns"].update(more={}), f"added    {run}  more\n"),
            (lambda runs: runs[run].update(status="failed"), f"changed  {run}  status: "),
            (lambda runs: runs.pop(run), f"removed  {run}\n"),
        ]
        for change, expected in cases:
            code, said = self.call("compare", before, self.changed(before, change))
            self.assertEqual(code, 1)
            self.assertEqual(len(said.splitlines()), 2, said)
            self.assertTrue(said.startswith(expected), said)

    def test_one_bit_of_a_trace_is_seen(self):
        path = self.folder / "a.h5"
        with h5py.File(path, "w") as file:
            file["metrics/loss"] = [0.5, 0.25]
        before = manifest.record_of(path)
        with h5py.File(path, "r+") as file:
            file["metrics/loss"][0] = 0.5000000000000001
        self.assertNotEqual(manifest.record_of(path), before)

    def test_a_scenario_that_is_refused_is_recorded_so(self):
        random = self.folder / "random"
        random.mkdir()
        (random / "bad.yaml").write_text("topology: {kind: ring}\n")
        self.call("record", self.folder / "a.json", "--gossamer", GOSSAMER, "--no-scenarios", "--folder", random)
        run = json.loads((self.folder / "a.json").read_text())["runs"]["random/bad"]
        self.assertEqual(run["status"], "exit code 2")
        self.assertRegex(run["said"], r"\Abad.yaml:1:\d+: ")

    def test_all_runs_of_the_repositorys_scenarios_are_recorded(self):
        (self.folder / "scenarios").mkdir()
        run = "topology: {kind: ring, nodes: 3}\nalgorithm: {kind: dgd, step_size: 0.1}\nstop: {iterations: 100}\n"
        (self.folder / "scenarios" / "single.yaml").write_text(run + "problem: {kind: quadratic, dimension: 2}\n")
        (self.folder / "scenarios" / "claims.yaml").write_text("no scenario")
        (self.folder / "scenarios" / "many.yaml").write_text(
            run + "problem: {kind: logistic}\nsweep: {problem.dataset: [synthetic, nowhere], seed: [1, 2]}\n")
        path = self.folder / "a.json"
        with unittest.mock.patch.object(manifest, "ROOT", self.folder):
            self.call("record", path, "--gossamer", GOSSAMER, "--random", 0, "--most-iterations", 4)
        recorded = json.loads(path.read_text())
        self.assertEqual(list(recorded["runs"]), ["scenarios/many.yaml: dataset=synthetic,seed=1",
                                                  "scenarios/many.yaml: dataset=synthetic,seed=2", "scenarios/single.yaml"])
        self.assertEqual(list(recorded["skipped"]), ["scenarios/many.yaml: dataset=nowhere,seed=1",
                                                     "scenarios/many.yaml: dataset=nowhere,seed=2"])
        for run in recorded["runs"].values():
            self.assertEqual((run["status"], run["columns"]["metrics/iteration"]["last"]), ("complete", "4.0"))

    def test_caps(self):
        text = "stop: {iterations: 1000}\nalso: [{set: {stop.iterations: 1e3}}, {set: {stop.iterations: 7}}]\n"
        expected = text.replace("1000", "50").replace("1e3", "50")
        self.assertEqual(manifest.capped(text, 50), expected)
        self.assertEqual(manifest.capped("stop.iterations: [400, 9]", 50), "stop.iterations: [50, 9]")


if __name__ == "__main__":
    unittest.main()
