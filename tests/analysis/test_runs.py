import unittest

from traces_for_tests import WithFolder, scenario

import analysis
from analysis import units
from analysis.command import InputError
from analysis.targets import Target


class Loading(WithFolder):
    def test_a_folder_is_all_its_traces(self):
        folder = self.swept()
        self.write("swept/.hidden.h5", "no trace")
        self.write("swept/index.csv", "no trace")
        runs = analysis.load(folder)
        self.assertEqual(len(runs), 18)
        self.assertEqual([t.path for t in analysis.load([runs[3].path, runs[1].path])], [runs[3].path, runs[1].path])

    def test_a_folder_has_its_sweeps_order(self):
        self.trace("traces/a.h5", scenario=scenario(kind="dgd"))
        self.trace("traces/b.h5", scenario=scenario(kind="dadam"))
        self.trace("traces/c.h5", scenario=scenario(kind="adam"))
        self.write("traces/index.csv", "trace,status\nc.h5,complete\ngone.h5,complete\nb.h5,complete\n")
        self.assertEqual(analysis.load(self.folder / "traces").values("algorithm"), ["adam", "dadam", "dgd"])
        for text in ("", "status\ncomplete\n", "trace,status\nc.h5\n", 'trace\n"'):
            self.write("traces/index.csv", text)
            self.assertEqual(len(analysis.load(self.folder / "traces")), 3)

    def test_a_row_has_the_sweeps_labels_over_the_parameters_and_the_final_metrics(self):
        row = analysis.load(self.swept()).rows()[0]
        self.assertEqual(
            {key: row[key] for key in ("status", "algorithm", "algorithm.kind", "network.bandwidth", "seed", "bits")},
            {"status": "complete", "algorithm": "Eager", "algorithm.kind": "dgd", "network.bandwidth": "100 kbit/s",
             "seed": 1, "bits": 2e6},
        )
        self.assertAlmostEqual(row["grad_norm"], 0.5**20)

    def test_numbers_in_rows_are_numbers(self):
        settings = "seed: {seed}\nname: '7'\ntopology: {{nodes: {nodes}}}\nnetwork: {{latency: {latency}}}\nstep: {step}\n"
        for i, (seed, nodes, latency, step) in enumerate(((2**64 - 1, 5, "10 ms", "1e-06"), (2, "full", "0", "1"))):
            text = settings.format(seed=seed, nodes=nodes, latency=latency, step=step)
            self.trace(f"{i}.h5", scenario=text + ("only: 3\n" if i else ""))
        rows = analysis.load(self.folder).rows()
        for key, values in {
            "seed": [2**64 - 1, 2],
            "step": [1e-6, 1],
            "only": [None, 3],  # where a run has it
            "topology.nodes": ["5", "full"],  # not a number in every run
            "network.latency": ["10 ms", "0"],  # with a unit
            "name": ["7", "7"],
        }.items():
            self.assertEqual([row.get(key) for row in rows], values)
            self.assertEqual([type(row.get(key)) for row in rows], list(map(type, values)))

    def test_what_is_not_there(self):
        (self.folder / "empty").mkdir()
        for path, said in (("empty", "has no traces; their names end in .h5"), ("none.h5", "no such file")):
            with self.assertRaisesRegex(InputError, said):
                analysis.load(self.folder / path)


class Choosing(WithFolder):
    def test_values_grow_and_unlimited_is_last(self):
        runs = analysis.load(self.swept())
        self.assertEqual(runs.values("network.bandwidth"), ["100 kbit/s", "1 Mbit/s", "unlimited"])
        self.assertEqual(runs.values("algorithm"), ["Eager", "Frugal"])
        with self.assertRaisesRegex(InputError, "no run has a parameter 'network.bandwith'; did you mean"):
            runs.values("network.bandwith")

    def test_runs_of_their_own_have_kinds_for_sections(self):
        self.trace("a.h5", scenario=scenario(kind="dgd"))
        self.trace("b.h5", scenario=scenario(kind="dadam"))
        runs = analysis.load(self.folder)
        self.assertEqual(runs.values("algorithm"), ["dgd", "dadam"])
        self.assertEqual(len(runs.where("algorithm", "dadam")), 1)

    def test_where_compares_quantities(self):
        runs = analysis.load(self.swept())
        self.assertEqual(len(runs.where("network.bandwidth", "1000 kbit/s", "100 kbit/s")), 12)
        self.assertEqual(len(runs.where("network.bandwidth", "1e6 bit/s").where("algorithm", "Eager")), 3)
        with self.assertRaisesRegex(InputError, "no run has algorithm DADAM; there are: Eager, Frugal"):
            runs.where("algorithm", "DADAM")

    def test_groups(self):
        groups = analysis.load(self.swept()).groups(["algorithm", "network.bandwidth"])
        self.assertEqual(list(groups)[:3], [("Eager", "100 kbit/s"), ("Eager", "1 Mbit/s"), ("Eager", "unlimited")])
        self.assertEqual([len(runs) for runs in groups.values()], [3] * 6)

    def test_what_was_varied(self):
        self.assertEqual(analysis.load(self.swept()).varied(), ["network.bandwidth", "algorithm"])


class Units(unittest.TestCase):
    def test_numbers(self):
        for text, number in (("10 ms", 0.01), ("1.5Mbit/s", 1.5e6), ("40 B", 320), ("1e-3", 1e-3), ("unlimited", float("inf"))):
            self.assertEqual(units.number(text), number, text)
        for text in ("ring", "10 parsecs", "", "1 2"):
            self.assertIsNone(units.number(text), text)
        for text, number in (("5", 5), ("1e-06", 1e-6), ("1.0", 1.0), ("9" * 5000, float("inf")), ("10 ms", None), ("inf", None)):
            self.assertEqual(units.bare_number(text), number, text)


class Targets(WithFolder):
    def test_what_is_spent_until_the_first_row_that_is_as_good(self):
        (trace,) = analysis.load(self.trace())
        self.assertEqual(Target.read("grad_norm=0.1").spent(trace, "time"), 4)
        self.assertEqual(Target.read("grad_norm=1e-9").spent(trace, "bits"), float("inf"))
        with self.assertRaisesRegex(InputError, "'loss' is not something that a run spends; there are: "):
            Target.read("grad_norm=0.1").spent(trace, "loss")

    def test_mistakes(self):
        for text in ("grad_norm", "grad_norm=small", "grad_norm=nan", "=1"):
            with self.assertRaisesRegex(InputError, "--target "):
                Target.read(text)


if __name__ == "__main__":
    unittest.main()
