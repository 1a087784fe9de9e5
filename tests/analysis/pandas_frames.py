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


if __name__ == "__main__":
    unittest.main()
