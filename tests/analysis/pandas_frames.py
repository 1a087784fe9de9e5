"""Sweeps as data frames of pandas, which the analysis does not need."""

import importlib.util
import unittest

from traces_for_tests import WithFolder

import analysis


@unittest.skipUnless(importlib.util.find_spec("pandas"), "pandas is not here: apt-get install python3-pandas")
class Frames(WithFolder):
    def test_a_row_for_each_run(self):
        frame = analysis.load(self.swept()).to_pandas()
        self.assertEqual(frame.groupby("algorithm")["bits"].mean().to_dict(), {"Eager": 2e6, "Frugal": 2e5})

    def test_columns_of_numbers_are_numeric(self):
        frame = analysis.load(self.swept()).to_pandas()
        kinds = {name: frame[name].dtype.kind for name in ("seed", "topology.nodes", "algorithm.step_size", "network.bandwidth")}
        self.assertEqual(kinds, {"seed": "i", "topology.nodes": "i", "algorithm.step_size": "f", "network.bandwidth": "O"})


if __name__ == "__main__":
    unittest.main()
